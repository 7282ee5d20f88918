package workspace

import (
	"context"
	"net"
	"net/http"

	"dossier/backend/server"
	"dossier/model"
)

// Serve serves the client API of several workspaces, each with an application of its own, until ctx ends. A workspace that several processes share is served through
// whichever of them holds it.
func Serve(ctx context.Context, l net.Listener, d server.Middleware, o server.ServeOptions, all ...*Workspace) error {
	sites := make([]server.Application, len(all))
	for i, w := range all {
		sites[i] = w.site()
	}
	f, err := server.NewAppRouter(d, sites...)
	if err != nil {
		return model.InvalidInputf("--app", "%v", err)
	}
	if err := f.Serve(ctx, l, o); err != nil {
		return &model.Fault{Kind: model.Failed, Op: "serve", Message: err.Error(), Err: err}
	}
	return nil
}

// site is the workspace as one of the applications at an address.
func (w *Workspace) site() server.Application {
	relay := server.NewProxy(w.AppID(), w.transport)
	return server.Application{
		AppID:   w.AppID(),
		Origins: server.Origins{Allowed: w.app.Origins, LocalOnly: w.options.known},
		Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if h := w.share.holder(); h != nil {
				h.service.WithoutMiddleware().ServeHTTP(rw, r)
				return
			}
			relay.ServeHTTP(rw, r)
		}),
		Ping: w.answers,
		EndStreams: func() {
			relay.EndStreams()
			if h := w.share.holder(); h != nil {
				h.service.EndStreams()
			}
		},
	}
}

// answers reports whether the database answers, or the process that holds it.
func (w *Workspace) answers(ctx context.Context) error {
	if h := w.share.holder(); h != nil {
		return h.service.Ping(ctx)
	}
	c, err := w.share.dial(ctx)
	if err != nil {
		return err
	}
	return c.Close()
}
