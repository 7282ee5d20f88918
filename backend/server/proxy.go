package server

import (
	"context"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"

	"dossier/backend/api"
)

// Proxy answers what came through a door by asking another process that serves the application, and tells it whose the request is.
type Proxy struct {
	app     string
	proxy   *httputil.ReverseProxy
	ended   chan struct{} // closed by End
	endOnce sync.Once
}

// NewProxy relays an application's requests over a transport that reaches the other process, whatever the address.
func NewProxy(appID string, transport http.RoundTripper) *Proxy {
	return &Proxy{app: appID, ended: make(chan struct{}), proxy: &httputil.ReverseProxy{
		Transport:     transport,
		FlushInterval: -1, // server-sent events go out as they come
		Rewrite:       rewrite,
		ModifyResponse: func(r *http.Response) error {
			for _, name := range []string{"X-Request-Id", "X-Content-Type-Options", "Cache-Control"} {
				r.Header.Del(name) // the door has set them
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			writeError(w, r, &api.Error{Status: http.StatusServiceUnavailable, Message: "the workspace does not answer: try again", RetryAfter: time.Second, Err: err})
		},
	}}
}

// rewrite tells the other process what this one's door found out.
func rewrite(r *httputil.ProxyRequest) {
	rec := infoOf(r.In.Context())
	scheme, host, _ := strings.Cut(rec.base, "://")
	host, _, _ = strings.Cut(host, "/")
	r.SetURL(&url.URL{Scheme: "http", Host: "workspace"})
	r.Out.Host = host // the service tells SDKs the address they asked at
	r.Out.Header.Set("X-Forwarded-Proto", scheme)
	r.Out.Header.Set("X-Request-Id", rec.id)
	if rec.client.IsValid() {
		r.Out.Header.Set("X-Forwarded-For", rec.client.String())
	}
}

// ServeHTTP relays one request.
func (l *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rec := infoOf(r.Context())
	rec.App, rec.Route = l.app, "relay"
	if r.Header.Get("Accept") == "text/event-stream" { // a watch has no end that a deadline could know
		rec.Stream = true
		_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		go func() {
			select {
			case <-l.ended:
				cancel()
			case <-ctx.Done():
			}
		}()
		r = r.WithContext(ctx)
	}
	l.proxy.ServeHTTP(w, r)
}

// EndStreams ends the streams.
func (l *Proxy) EndStreams() { l.endOnce.Do(func() { close(l.ended) }) }
