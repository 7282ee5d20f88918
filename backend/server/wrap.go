package server

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"

	"dossier/backend/api"
)

// requestKey is where a request's record is in its context.
type requestKey struct{}

// record is what the log line of a request says about it.
type record struct {
	id    string
	code  string // the error_code it was answered with
	cause error  // why, for the log
}

// failed notes an error answer. The cause of one that is the client's fault stays out: it quotes what was sent, which
// may be a password.
func (r *record) failed(e *api.Error) {
	r.code = e.Code
	if e.Status >= http.StatusInternalServerError {
		r.cause = e.Err
	}
}

func recordOf(ctx context.Context) *record {
	if r, ok := ctx.Value(requestKey{}).(*record); ok {
		return r
	}
	return &record{}
}

// ServeHTTP answers one request: with an id, with the headers that browsers want, and whatever happens.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := s.c.Now()
	rec := &record{id: s.requestID()}
	out := &watched{ResponseWriter: w}
	r = r.WithContext(context.WithValue(r.Context(), requestKey{}, rec))
	out.Header().Set("X-Request-Id", rec.id)
	out.Header().Set("X-Content-Type-Options", "nosniff")
	out.Header().Set("Cache-Control", "no-store")
	defer func() {
		s.log(r, rec, out.status, s.c.Now().Sub(began).String())
	}()
	defer s.recover(out, r, rec)
	if allowOrigin(out, r) {
		return
	}
	s.mux.ServeHTTP(out, r)
}

// recover answers a panic with 500 and keeps the service alive.
func (s *Server) recover(w *watched, r *http.Request, rec *record) {
	cause := recover()
	if cause == nil {
		return
	}
	if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(cause)
	}
	s.c.Log.LogAttrs(r.Context(), slog.LevelError, "panic", slog.String("request", rec.id), slog.Any("cause", cause), slog.String("stack", string(debug.Stack())))
	if w.status == 0 {
		s.fail(w, r, errors.New("panic"))
		return
	}
	panic(http.ErrAbortHandler)
}

// log writes one line a request. It never holds the address with its query (a token may be in it), a header or a body.
func (s *Server) log(r *http.Request, rec *record, status int, took string) {
	level := slog.LevelInfo
	if status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	attrs := []slog.Attr{
		slog.String("request", rec.id), slog.String("method", r.Method), slog.String("route", r.Pattern),
		slog.Int("status", status), slog.String("took", took),
	}
	if rec.code != "" {
		attrs = append(attrs, slog.String("error_code", rec.code))
	}
	if rec.cause != nil {
		attrs = append(attrs, slog.String("cause", rec.cause.Error()))
	}
	s.c.Log.LogAttrs(r.Context(), level, "request", attrs...)
}

func (s *Server) requestID() string {
	var b [8]byte
	if _, err := io.ReadFull(s.c.Random, b[:]); err != nil {
		return "none"
	}
	return hex.EncodeToString(b[:])
}

// allowOrigin lets scripts of any page use the API: it knows no cookies, only tokens that a page must hold. It reports whether the request was a pre-flight, now answered.
func allowOrigin(w http.ResponseWriter, r *http.Request) bool {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "X-Request-Id, Retry-After, x-baas-location")
	if r.Method != http.MethodOptions || !strings.HasPrefix(r.URL.Path, api.Base) {
		return false
	}
	h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE")
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Accept")
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
	return true
}

// watched remembers the status.
type watched struct {
	http.ResponseWriter
	status int
}

// WriteHeader notes the status.
func (w *watched) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write notes the implied status.
func (w *watched) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }
