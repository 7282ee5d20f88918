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

// Relay answers what came through a door by asking another process that serves the application, and tells it whose the request is.
type Relay struct {
	app   string
	proxy *httputil.ReverseProxy
	ended chan struct{} // closed by End
	end   sync.Once
}

// NewRelay relays an application's requests over a transport that reaches the other process, whatever the address.
func NewRelay(appID string, transport http.RoundTripper) *Relay {
	return &Relay{app: appID, ended: make(chan struct{}), proxy: &httputil.ReverseProxy{
		Transport:     transport,
		FlushInterval: -1, // server-sent events go out as they come
		Rewrite:       introduce,
		ModifyResponse: func(r *http.Response) error {
			for _, name := range []string{"X-Request-Id", "X-Content-Type-Options", "Cache-Control"} {
				r.Header.Del(name) // the door has set them
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			fail(w, r, &api.Error{Status: http.StatusServiceUnavailable, Message: "the workspace does not answer: try again", RetryAfter: time.Second, Err: err})
		},
	}}
}

// introduce tells the other process what this one's door found out.
func introduce(r *httputil.ProxyRequest) {
	rec := recordOf(r.In.Context())
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
func (l *Relay) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rec := recordOf(r.Context())
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

// End ends the streams.
func (l *Relay) End() { l.end.Do(func() { close(l.ended) }) }
