package workspace

import (
	"context"
	"errors"
	"net"

	"dossier/backend"
	"dossier/backend/embedded"
	"dossier/backend/store"
	"dossier/model"
)

func (w *Workspace) dialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	c, err := w.handover.dial(ctx)
	if err != nil {
		return nil, asFault("reach the workspace", err)
	}
	return c, nil
}

// openInstance locks and opens an embedded database file and starts the service on it. An empty path is a temporary
// file.
func (o Options) openInstance(ctx context.Context, path string) (*instance, error) {
	db, d, err := o.openEmbedded(ctx, path)
	if err != nil {
		return nil, err
	}
	end := func(ctx context.Context) error { return errors.Join(d.Close(ctx), db.Close()) }
	c := o.config()
	c.ServiceDeployment, c.Sources = d, sources(c, d)
	h, err := start(ctx, c, d, end)
	if err != nil {
		return nil, errors.Join(err, end(context.WithoutCancel(ctx)))
	}
	return h, nil
}

// openEmbedded locks and opens an embedded database file and connects to it.
func (o Options) openEmbedded(ctx context.Context, path string) (*embedded.Database, *store.Deployment, error) {
	db, err := embedded.Open(path, embedded.Options{Now: o.Now})
	if err != nil {
		return nil, nil, err
	}
	d, err := store.Connect(ctx, store.Options{URI: embedded.URI, Dialer: db, AppName: "dossier"})
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return db, d, nil
}

// start starts the service; end closes the databases under it.
func start(ctx context.Context, c backend.Config, data *store.Deployment, end func(context.Context) error) (*instance,
	error) {
	service, err := backend.Start(ctx, c)
	if err != nil {
		return nil, err
	}
	return &instance{
		service: service, server: service.HTTPServer(), data: data,
		close: func(ctx context.Context) error { return errors.Join(service.Close(ctx), end(ctx)) },
	}, nil
}

// sources maps every data source of an application to one deployment.
func sources(c backend.Config, d *store.Deployment) map[string]*store.Deployment {
	all := map[string]*store.Deployment{}
	for name := range c.App.DataSources {
		all[name] = d
	}
	if name := c.App.CustomData.Service; name != "" {
		all[name] = d
	}
	return all
}

// asFault converts an error of opening or reaching a workspace to a fault.
func asFault(op string, err error) *model.Fault {
	var fault *model.Fault
	var damaged *embedded.DamagedError
	var db *store.Error
	switch {
	case errors.As(err, &fault):
		return fault
	case errors.Is(err, net.ErrClosed):
		return &model.Fault{Kind: model.Unreachable, Op: op, Message: "the workspace is closed", Err: err}
	case errors.As(err, &damaged):
		return &model.Fault{Kind: model.Failed, Op: op, Message: damaged.Error(), Err: err}
	case errors.As(err, &db):
		f := &model.Fault{Kind: model.Failed, Op: op, Message: db.Message, Err: err}
		switch db.Kind {
		case store.Unreachable, store.TLS:
			f.Kind, f.Advice = model.Unreachable, "check the connection string and the network"
		case store.BadCredentials:
			f.Kind, f.Advice = model.Unreachable, "check the connection string" // not a failed sign-in of the user
		case store.NotPermitted:
			f.Kind = model.PermissionDenied
		case store.BadQuery:
			f.Kind = model.InvalidInput
		}
		return f
	}
	return model.AsFault(op, err)
}
