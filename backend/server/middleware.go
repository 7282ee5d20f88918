package server

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"dossier/backend/api"
)

// Middleware is what every request passes before its application sees it: it gets an id, the client's address is found out, whoever has no business here is turned away,
// and whatever happens there is one answer, one line in the log and one count.
type Middleware struct {
	Now       func() time.Time
	Random    io.Reader // safe for use by several goroutines
	Log       *slog.Logger
	PublicURL string         // the address that clients use; empty: the one they asked at
	Proxies   []netip.Prefix // the proxies whose word about a client's address counts
	// LocalOnly says that only this machine is served: a request for another host than this machine or PublicURL's is refused. So a page on the internet that points
	// its own name here gets nothing.
	LocalOnly         bool
	RequestsPerSecond float64         // requests a second from one address, for twice as long when it was quiet; 0: any number
	Metrics           MetricsRecorder // nil: nothing is counted
}

// wrap makes the handler that lets requests through to next.
func (d Middleware) wrap(next http.Handler) http.Handler {
	d.PublicURL = strings.TrimRight(d.PublicURL, "/")
	if d.Metrics == nil {
		d.Metrics = noMetrics{}
	}
	return &middlewareHandler{Middleware: d, rates: newRateLimiter(d.RequestsPerSecond), next: next}
}

type middlewareHandler struct {
	Middleware
	rates *rateLimiter
	next  http.Handler
}

// ServeHTTP answers one request: with an id, with the headers that browsers want, and whatever happens.
func (d *middlewareHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := d.Now()
	d.Metrics.RequestStarted()
	rec := &requestInfo{Outcome: Outcome{Method: knownMethod(r.Method)}, id: d.requestID(r), base: d.base(r), client: clientAddr(r, d.Proxies), metrics: d.Metrics}
	out := &statusWriter{ResponseWriter: w}
	r = r.WithContext(context.WithValue(r.Context(), requestInfoKey{}, rec))
	out.Header().Set("X-Request-Id", rec.id)
	out.Header().Set("X-Content-Type-Options", "nosniff")
	out.Header().Set("Cache-Control", "no-store")
	defer func() {
		rec.Status, rec.Duration = out.status, d.Now().Sub(began)
		d.writeAccessLog(r, rec)
		d.Metrics.RequestFinished(rec.Outcome)
	}()
	defer d.recoverPanic(out, r, rec)
	if err := d.check(out, r, rec); err != nil {
		writeError(out, r, err)
		return
	}
	d.next.ServeHTTP(out, r)
}

// check turns away who asks for another host, or too often.
func (d *middlewareHandler) check(w http.ResponseWriter, r *http.Request, rec *requestInfo) error {
	if d.LocalOnly && !isLocalHost(r.Host, d.PublicURL) {
		e := api.Errorf(http.StatusForbidden, "", "this service is for its own machine and was asked as %q: a proxy before it wants --public-url", r.Host)
		e.Err = fmt.Errorf("this service is for its own machine and was asked as %.100q: a proxy before it wants --public-url", r.Host)
		return e
	}
	wait := d.rates.reserve(rec.client, d.Now())
	if wait == 0 {
		return nil
	}
	w.Header().Set("Access-Control-Allow-Origin", "*") // a script may know why
	return &api.Error{Status: http.StatusTooManyRequests, Message: "too many requests from one address: try again later", RetryAfter: wait}
}

// recoverPanic answers a panic with 500 and keeps the service alive.
func (d *middlewareHandler) recoverPanic(w *statusWriter, r *http.Request, rec *requestInfo) {
	cause := recover()
	if cause == nil {
		return
	}
	if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(cause)
	}
	d.Log.LogAttrs(r.Context(), slog.LevelError, "panic", slog.String("request", rec.id), slog.Any("cause", cause), slog.String("stack", string(debug.Stack())))
	if w.status == 0 {
		writeError(w, r, errors.New("panic"))
		return
	}
	panic(http.ErrAbortHandler)
}

// writeAccessLog writes one line a request. It never holds the address with its query (a token may be in it), a header or a body.
func (d *middlewareHandler) writeAccessLog(r *http.Request, rec *requestInfo) {
	level := slog.LevelInfo
	switch {
	case rec.Status >= http.StatusInternalServerError:
		level = slog.LevelError
	case slices.Contains(probes, rec.Route):
		level = slog.LevelDebug // every few seconds, and nothing new
	}
	attrs := []slog.Attr{
		slog.String("request", rec.id), slog.String("method", rec.Method), slog.String("route", rec.Route),
		slog.Int("status", rec.Status), slog.Float64("ms", float64(rec.Duration.Microseconds())/1000),
	}
	for _, a := range []slog.Attr{
		slog.String("app", rec.App), slog.String("user", rec.user), slog.String("remote", formatAddr(rec.client)), slog.String(rec.nameLabel(), rec.Name),
		slog.String("collection", rec.collection), slog.String("origin", rec.origin), slog.String("error_code", rec.Code),
	} {
		if a.Value.String() != "" {
			attrs = append(attrs, a)
		}
	}
	if rec.cause != nil {
		attrs = append(attrs, slog.String("cause", rec.cause.Error()))
	}
	d.Log.LogAttrs(r.Context(), level, "request", attrs...)
}

// requestID is the id that the client or a proxy gave the request, if it is one, else a new one.
func (d *middlewareHandler) requestID(r *http.Request) string {
	if id := r.Header.Get("X-Request-Id"); isRequestID(id) {
		return id
	}
	var b [8]byte
	if _, err := io.ReadFull(d.Random, b[:]); err != nil {
		return "none"
	}
	return hex.EncodeToString(b[:])
}

// isRequestID reports whether a text is short and of letters, digits, points, underscores and hyphens only.
func isRequestID(id string) bool {
	odd := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
	}
	return id != "" && len(id) <= 64 && !strings.ContainsFunc(id, odd)
}

// base is the address that clients use.
func (d *middlewareHandler) base(r *http.Request) string {
	if d.PublicURL != "" {
		return d.PublicURL
	}
	if r.TLS != nil || fromTrustedProxy(r, d.Proxies) && r.Header.Get("X-Forwarded-Proto") == "https" {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// knownMethod names a method that HTTP knows.
func knownMethod(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodConnect, http.MethodTrace:
		return m
	}
	return "other"
}

// logLink is where an error answer says to read more: operators find the request in the log by the id at its end.
func logLink(rec *requestInfo) string {
	if rec.id == "" {
		return ""
	}
	return rec.base + "/logs?co_id=" + rec.id
}

// serveLogs says where to look for what an error's link names: the service shows its log to nobody.
func serveLogs(_ http.ResponseWriter, r *http.Request) error {
	id := r.URL.Query().Get("co_id")
	if !isRequestID(id) {
		id = "ID"
	}
	return api.Errorf(http.StatusNotFound, "", "the log is not shown here: whoever runs the service finds the request in its log by %s", fmt.Sprintf("request=%s", id))
}

// statusWriter remembers the status.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader notes the status.
func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write notes the implied status.
func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
