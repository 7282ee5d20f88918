# Image of the service: one static binary, an unprivileged user, no shell. Build: docker build -t dossier .
# The sources in the image's build have no git history; for `dossier version` to print it, add
#
#   --build-arg VERSION=0.1.0 --build-arg COMMIT="$(git rev-parse HEAD)" --build-arg DATE="$(git show -s --format=%cI HEAD)"
#
#   docker run -v ./app:/app:ro -v dossier:/data -p 9080:9080 -e DOSSIER_URI=mongodb://… -e DOSSIER_PUBLIC_URL=https://… dossier
#
# Every flag of `dossier serve` has a DOSSIER_… variable. Health checks: /healthz and /readyz on port 9080.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION
ARG COMMIT
ARG DATE
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false \
        -ldflags="-s -w -X main.version=$VERSION -X main.commit=$COMMIT -X main.date=$DATE" -o /out/dossier . \
    && mkdir -p /out/data /out/tmp && chmod 1777 /out/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build /out/tmp /tmp
COPY --from=build /out/dossier /dossier
USER 65532:65532
# Without DOSSIER_URI this volume holds the embedded database, which one container at a time can use.
VOLUME /data
ENV HOME=/data DOSSIER_DATA=/data DOSSIER_LISTEN=0.0.0.0:9080 DOSSIER_LOG_FORMAT=json
EXPOSE 9080
ENTRYPOINT ["/dossier"]
CMD ["serve", "--app", "/app"]
