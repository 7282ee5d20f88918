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
	"strings"
	"time"

	"dossier/backend/api"
)

// Middleware handles what all requests have in common: request id, client address, host check, rate limit, panic
// recovery, access log and metrics.
type Middleware struct {
	Now       func() time.Time
	Random    io.Reader // safe for concurrent use
	Log       *slog.Logger
	PublicURL string         // the address that clients use; empty: the one in the request's Host header
	Proxies   []netip.Prefix // trusted proxies: their X-Forwarded-… and Forwarded headers count
	// LocalOnly refuses requests whose Host is neither this machine nor PublicURL's. It prevents DNS rebinding: a page
	// on the internet that points its own host name at this machine is refused.
	LocalOnly         bool
	RequestsPerSecond float64         // limit for each client address, with bursts of twice as many; 0: no limit
	Metrics           MetricsRecorder // nil: no metrics
}

// wrap returns a handler that runs the middleware before next.
func (m Middleware) wrap(next http.Handler) http.Handler {
	m.PublicURL = strings.TrimRight(m.PublicURL, "/")
	if m.Metrics == nil {
		m.Metrics = noMetrics{}
	}
	return &middlewareHandler{Middleware: m, rates: newRateLimiter(m.RequestsPerSecond), next: next}
}

type middlewareHandler struct {
	Middleware
	rates *rateLimiter
	next  http.Handler
}

// ServeHTTP handles one request. It sets the common headers, and logs and counts the request whatever its outcome is.
func (h *middlewareHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := h.Now()
	h.Metrics.RequestStarted()
	info := &requestInfo{
		Outcome: Outcome{Method: knownMethod(r.Method)}, id: h.requestID(r), baseURL: h.baseURL(r),
		clientAddr: clientAddr(r, h.Proxies), metrics: h.Metrics,
	}
	out := &statusWriter{ResponseWriter: w}
	r = r.WithContext(context.WithValue(r.Context(), requestInfoKey{}, info))
	out.Header().Set("X-Request-Id", info.id)
	out.Header().Set("X-Content-Type-Options", "nosniff")
	out.Header().Set("Cache-Control", "no-store")
	defer func() {
		info.Status, info.Duration = out.status, h.Now().Sub(start)
		h.writeAccessLog(r, info)
		h.Metrics.RequestFinished(info.Outcome)
	}()
	defer h.recoverPanic(out, r, info)
	if err := h.check(out, r, info); err != nil {
		writeError(out, r, err)
		return
	}
	h.next.ServeHTTP(out, r)
}

// check returns an error for a host that is not allowed and for an address above its rate limit.
func (h *middlewareHandler) check(w http.ResponseWriter, r *http.Request, info *requestInfo) error {
	if h.LocalOnly && !hostAllowed(r.Host, h.PublicURL) {
		const format = "host %s is not allowed: this service accepts requests for its own machine only " +
			"(behind a proxy, start it with --public-url)"
		e := api.Errorf(http.StatusForbidden, "", format, fmt.Sprintf("%q", r.Host))
		e.Err = fmt.Errorf(format, fmt.Sprintf("%.100q", r.Host))
		return e
	}
	wait := h.rates.reserve(info.clientAddr, h.Now())
	if wait == 0 {
		return nil
	}
	w.Header().Set("Access-Control-Allow-Origin", "*") // so that scripts of any page can read the error
	return &api.Error{
		Status: http.StatusTooManyRequests, RetryAfter: wait,
		Message: "too many requests from one address: try again later",
	}
}

// recoverPanic turns a panic of a handler into a response with status 500, or ends the connection when the response has
// begun. http.ErrAbortHandler passes.
func (h *middlewareHandler) recoverPanic(w *statusWriter, r *http.Request, info *requestInfo) {
	cause := recover()
	if cause == nil {
		return
	}
	if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(cause)
	}
	h.Log.LogAttrs(r.Context(), slog.LevelError, "panic", slog.String("request", info.id),
		slog.Any("cause", cause), slog.String("stack", string(debug.Stack())))
	if w.status == 0 {
		writeError(w, r, errors.New("panic"))
		return
	}
	panic(http.ErrAbortHandler)
}

// requestID returns the X-Request-Id that a client or proxy sent, if it is valid, else a new id.
func (h *middlewareHandler) requestID(r *http.Request) string {
	if id := r.Header.Get("X-Request-Id"); isRequestID(id) {
		return id
	}
	var b [8]byte
	if _, err := io.ReadFull(h.Random, b[:]); err != nil {
		return "none"
	}
	return hex.EncodeToString(b[:])
}

// isRequestID reports whether a text has 1 to 64 characters, all of them letters, digits, '.', '_' and '-'.
func isRequestID(id string) bool {
	invalid := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
	}
	return id != "" && len(id) <= 64 && !strings.ContainsFunc(id, invalid)
}

// baseURL returns the service's address as the client sees it, without a slash at the end.
func (h *middlewareHandler) baseURL(r *http.Request) string {
	if h.PublicURL != "" {
		return h.PublicURL
	}
	if r.TLS != nil || fromTrustedProxy(r, h.Proxies) && r.Header.Get("X-Forwarded-Proto") == "https" {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// statusWriter is an http.ResponseWriter that remembers the status.
type statusWriter struct {
	http.ResponseWriter
	status int // 0: no header is written yet
}

// WriteHeader remembers and writes the status.
func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write writes b. Without WriteHeader before, the status is 200.
func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap returns the inner writer, for http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
