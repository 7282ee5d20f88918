package server

import (
	"log/slog"
	"net/http"
	"slices"

	"dossier/backend/api"
)

// writeAccessLog writes one line for a request. It never contains the query of the URL, which may hold a token, a
// header or a body.
func (h *middlewareHandler) writeAccessLog(r *http.Request, info *requestInfo) {
	level := slog.LevelInfo
	switch {
	case info.Status >= http.StatusInternalServerError:
		level = slog.LevelError
	case slices.Contains(probePaths, info.Route):
		level = slog.LevelDebug // probes come every few seconds
	}
	attrs := []slog.Attr{
		slog.String("request", info.id), slog.String("method", info.Method), slog.String("route", info.Route),
		slog.Int("status", info.Status), slog.Float64("ms", float64(info.Duration.Microseconds())/1000),
	}
	for _, a := range []slog.Attr{
		slog.String("app", info.App), slog.String("user", info.userID), slog.String("remote", formatAddr(info.clientAddr)),
		slog.String(info.nameLabel(), info.Name), slog.String("collection", info.collection),
		slog.String("origin", info.origin), slog.String("error_code", info.Code),
	} {
		if a.Value.String() != "" {
			attrs = append(attrs, a)
		}
	}
	if info.cause != nil {
		attrs = append(attrs, slog.String("cause", info.cause.Error()))
	}
	h.Log.LogAttrs(r.Context(), level, "request", attrs...)
}

// nameLabel returns the key of Name in the access log.
func (r *requestInfo) nameLabel() string {
	if r.Kind == Function || r.Kind == Operation {
		return string(r.Kind)
	}
	return "provider"
}

// logLink returns the `link` of an error response: its last part is the request id, by which an operator finds the
// request in the log.
func logLink(info *requestInfo) string {
	if info.id == "" {
		return ""
	}
	return info.baseURL + "/logs?co_id=" + info.id
}

// serveLogs responds to the link of an error response. The service does not serve its log.
func serveLogs(_ http.ResponseWriter, r *http.Request) error {
	id := r.URL.Query().Get("co_id")
	if !isRequestID(id) {
		id = "ID"
	}
	return api.Errorf(http.StatusNotFound, "",
		"the service does not serve its log: its operator finds this request there by request=%s", id)
}
