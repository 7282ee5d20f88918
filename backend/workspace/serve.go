package workspace

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"time"

	"dossier/backend/server"
	"dossier/model"
)

// Serve serves the client API on a listener until ctx ends, and then lets requests finish for a moment. A workspace that several processes share is served through
// whichever of them holds it.
func (w *Workspace) Serve(ctx context.Context, l net.Listener) error {
	front := w.front()
	ended, cancel := context.WithCancel(context.WithoutCancel(ctx))
	front.BaseContext = func(net.Listener) context.Context { return ended }
	front.RegisterOnShutdown(cancel)
	stop := context.AfterFunc(ctx, func() {
		drain, done := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
		defer done()
		if front.Shutdown(drain) != nil {
			front.Close()
		}
	})
	defer stop()
	defer cancel()
	if err := front.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return &model.Fault{Kind: model.Failed, Op: "serve on " + l.Addr().String(), What: err.Error(), Err: err}
	}
	return nil
}

// server is the service's own where it always runs in this process, so that it sees its clients' addresses; else a relay.
func (w *Workspace) front() *http.Server {
	if h := w.share.holder(); h != nil && w.share.socket == "" {
		return h.service.Server()
	}
	relay := &httputil.ReverseProxy{
		Transport:     w.transport,
		FlushInterval: -1, // server-sent events go out as they come
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: "workspace"})
			r.Out.Host = r.In.Host // the service tells SDKs the address they asked at
		},
		ErrorHandler: func(rw http.ResponseWriter, _ *http.Request, err error) {
			w.options.Log.Warn("the workspace does not answer", "error", err)
			rw.Header().Set("Content-Type", "application/json")
			rw.Header().Set("Retry-After", "1")
			rw.WriteHeader(http.StatusServiceUnavailable)
			_, _ = rw.Write([]byte(`{"error":"the workspace does not answer","error_code":"InternalServerError"}`))
		},
	}
	return server.HTTP(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept") == "text/event-stream" { // a watch has no end that a deadline could know
			_ = http.NewResponseController(rw).SetWriteDeadline(time.Time{})
		}
		relay.ServeHTTP(rw, r)
	}), w.options.Log)
}
