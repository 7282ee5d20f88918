package workspace

import (
	"context"
	"net"
	"net/http"

	"dossier/backend/server"
	"dossier/model"
)

// Serve serves the client API of several workspaces, each with its own application, until ctx ends. A workspace that
// another process serves is proxied to that process.
func Serve(ctx context.Context, l net.Listener, d server.Middleware, o server.ServeOptions, all ...*Workspace) error {
	applications := make([]server.Application, len(all))
	for i, w := range all {
		applications[i] = w.application()
	}
	router, err := server.NewAppRouter(d, applications...)
	if err != nil {
		return model.InvalidInputf("--app", "%v", err)
	}
	if err := router.Serve(ctx, l, o); err != nil {
		return &model.Fault{Kind: model.Failed, Op: "serve", Message: err.Error(), Err: err}
	}
	return nil
}

// application describes the workspace as one of the applications that Serve serves.
func (w *Workspace) application() server.Application {
	proxy := server.NewProxy(w.AppID(), w.transport)
	return server.Application{
		AppID:   w.AppID(),
		Origins: server.Origins{Allowed: w.app.Origins, LocalOnly: w.options.publicCredentials},
		Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if h := w.handover.instance(); h != nil {
				h.service.WithoutMiddleware().ServeHTTP(rw, r)
				return
			}
			proxy.ServeHTTP(rw, r)
		}),
		Ping: w.ping,
		EndStreams: func() {
			proxy.EndStreams()
			if h := w.handover.instance(); h != nil {
				h.service.EndStreams()
			}
		},
	}
}

// ping reports whether the database responds, or the process that serves the workspace.
func (w *Workspace) ping(ctx context.Context) error {
	if h := w.handover.instance(); h != nil {
		return h.service.Ping(ctx)
	}
	c, err := w.handover.dial(ctx)
	if err != nil {
		return err
	}
	return c.Close()
}
