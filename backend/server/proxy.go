package server

import (
	"context"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Proxy forwards the requests of an application to another process that serves it: the one that holds the workspace's
// lock. It is the handler of an Application, behind the middleware.
type Proxy struct {
	appID        string
	proxy        *httputil.ReverseProxy
	streamsEnded chan struct{} // closed by EndStreams
	endOnce      sync.Once
}

// NewProxy returns a proxy. The transport connects to the other process, whatever the address of a request is.
func NewProxy(appID string, transport http.RoundTripper) *Proxy {
	return &Proxy{appID: appID, streamsEnded: make(chan struct{}), proxy: &httputil.ReverseProxy{
		Transport:     transport,
		FlushInterval: -1, // flush each write, for server-sent events
		Rewrite:       rewrite,
		ModifyResponse: func(r *http.Response) error {
			for _, name := range []string{"X-Request-Id", "X-Content-Type-Options", "Cache-Control"} {
				r.Header.Del(name) // the middleware has set them
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			writeError(w, r, unavailable("the workspace does not respond: try again", time.Second, err))
		},
	}}
}

// rewrite passes on what this process's middleware found out about a request.
func rewrite(r *httputil.ProxyRequest) {
	info := infoOf(r.In.Context())
	scheme, host, _ := strings.Cut(info.baseURL, "://")
	host, _, _ = strings.Cut(host, "/")
	r.SetURL(&url.URL{Scheme: "http", Host: "workspace"})
	r.Out.Host = host // the service returns this address to SDKs (location)
	r.Out.Header.Set("X-Forwarded-Proto", scheme)
	r.Out.Header.Set("X-Request-Id", info.id)
	if info.clientAddr.IsValid() {
		r.Out.Header.Set("X-Forwarded-For", info.clientAddr.String())
	}
}

// ServeHTTP forwards one request.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	info := infoOf(r.Context())
	info.App, info.Route = p.appID, "proxy"
	if r.Header.Get("Accept") == "text/event-stream" { // a change stream may stay open longer than the write timeout
		info.Stream = true
		_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		go func() {
			select {
			case <-p.streamsEnded:
				cancel()
			case <-ctx.Done():
			}
		}()
		r = r.WithContext(ctx)
	}
	p.proxy.ServeHTTP(w, r)
}

// EndStreams ends the open streams, and further ones at once.
func (p *Proxy) EndStreams() { p.endOnce.Do(func() { close(p.streamsEnded) }) }
