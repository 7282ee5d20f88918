package program

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"time"

	"dossier/backend/accounts"
	"dossier/backend/api"
	"dossier/backend/client"
	"dossier/backend/mail"
	"dossier/backend/workspace"
	"dossier/model"
	"dossier/ui/cli"
)

// closeTimeout limits how long closing the service in this process takes.
const closeTimeout = 3 * time.Second

// open connects to the service that the options name, which it starts in this process unless it is elsewhere, and opens
// the accounts kept for it.
func (r *runner) open(ctx context.Context, o cli.Options) (*cli.Connection, error) {
	if o.Server != "" {
		return r.openServer(o)
	}
	w, err := r.newWorkspace(o, cli.ServeOptions{}, r.log, r.countFindings)
	if err != nil {
		return nil, err
	}
	return r.openAccounts(ctx, w, o)
}

// openLater returns the same connection. If an account is kept that can be shown before its service is open, it also
// returns the function that opens the service; else nil: the service is open. Connection.Close ends that function.
func (r *runner) openLater(ctx context.Context, o cli.Options) (*cli.Connection, func(context.Context) error, error) {
	if o.Server != "" {
		c, err := r.openServer(o)
		return c, nil, err
	}
	w, err := r.newWorkspace(o, cli.ServeOptions{}, r.log, r.countFindings)
	if err != nil {
		return nil, nil, err
	}
	p, store, err := r.workspaceAccounts(w, o)
	if err != nil {
		r.close(ctx, w)
		return nil, nil, err
	}
	if kept, err := useKept(ctx, p, o); kept && err == nil {
		return r.connection(ctx, w, o, p, store), w.Connect, nil
	}
	c, err := r.openAccounts(ctx, w, o)
	return c, nil, err
}

// openServer returns a client of a service elsewhere.
func (r *runner) openServer(o cli.Options) (*cli.Connection, error) {
	u, ok := parseHTTPURL(o.Server)
	if !ok {
		return nil, model.InvalidInputf("--server", "%q is not a URL (example: https://example.com)", o.Server)
	}
	c := client.Options{BaseURL: api.ServiceURL(o.Server), AppID: o.AppID, Transport: http.DefaultTransport}
	p, store, err := r.connect(o, c, r.StateDir)
	if err != nil {
		return nil, err
	}
	return &cli.Connection{
		Accounts: userAccounts{p}, Registrations: p, Drafts: store.Drafts(), Arguments: store.Arguments(),
		Service: u.Host, Close: func() error { return nil },
	}, nil
}

// openWorkspace starts the service in this process, on a deployment or on the embedded database.
func (r *runner) openWorkspace(
	ctx context.Context, o cli.Options, s cli.ServeOptions, log *slog.Logger, report reportFunc,
) (*workspace.Workspace, error) {
	w, err := r.newWorkspace(o, s, log, report)
	if err != nil {
		return nil, err
	}
	if err := w.Connect(ctx); err != nil {
		r.close(ctx, w)
		return nil, err
	}
	return w, nil
}

// newWorkspace returns the service in this process without opening its database.
func (r *runner) newWorkspace(
	o cli.Options, s cli.ServeOptions, log *slog.Logger, report reportFunc,
) (*workspace.Workspace, error) {
	base := workspace.Options{
		Dir: r.DataDir, Demo: o.Demo, Now: r.Now, Random: rand.Reader, Log: log,
		PublicURL: s.PublicURL, TokenLife: s.TokenLife, HTTPHosts: s.HTTPHosts, HashCost: r.HashCost,
		SampleHints: s.Listen == "" && o.App == "", // without an application all documents are the user's own
	}
	if o.Data != "" {
		base.Dir = o.Data
	}
	if s.SMTP != "" {
		sender, err := mail.New(mail.Options{URL: s.SMTP, Now: r.Now})
		if err != nil {
			return nil, model.InvalidInputf("--smtp", "%v", err)
		}
		base.Mail = sender.Send
	}
	if o.App != "" {
		a, err := r.readApp(o.App, s.HTTPHosts, report)
		if err != nil {
			return nil, err
		}
		base.App = a
		base.Dir = filepath.Join(base.Dir, "applications", a.ID)
	}
	if o.URI == "" {
		return workspace.New(base)
	}
	return workspace.NewDeployment(workspace.DeploymentOptions{Options: base, URI: o.URI, CustomData: customData(o)})
}

// customData returns where the flags say the custom data is stored.
func customData(o cli.Options) model.CustomDataConfig {
	return model.CustomDataConfig{
		Enabled: o.Collection != "", Service: o.Service, Database: o.Database, Collection: o.Collection,
		UserIDField: o.UserIDField,
	}
}

// openAccounts opens the service in this process and the accounts kept for it, and signs the first user in.
func (r *runner) openAccounts(ctx context.Context, w *workspace.Workspace, o cli.Options) (*cli.Connection, error) {
	p, store, err := r.workspaceAccounts(w, o)
	if err == nil {
		err = w.Connect(ctx)
	}
	if err == nil {
		err = signInFirstUser(ctx, w, p, o)
	}
	if err != nil {
		r.close(ctx, w)
		return nil, err
	}
	return r.connection(ctx, w, o, p, store), nil
}

// workspaceAccounts opens the accounts kept for the service in this process.
func (r *runner) workspaceAccounts(
	w *workspace.Workspace, o cli.Options,
) (*accounts.Manager, *accounts.Store, error) {
	stateDir := r.StateDir
	if dir := w.StateDir(); dir != "" {
		stateDir = dir
	}
	return r.connect(o, client.Options{
		BaseURL: w.BaseURL(), IgnoreLocation: true, AppID: w.AppID(), Server: w.Name(), Transport: w.Transport(),
	}, stateDir)
}

// connection returns the connection to the service in this process.
func (r *runner) connection(
	ctx context.Context, w *workspace.Workspace, o cli.Options, p *accounts.Manager, store *accounts.Store,
) *cli.Connection {
	c := &cli.Connection{
		Accounts: userAccounts{p}, Registrations: p, Drafts: store.Drafts(), Arguments: store.Arguments(),
		Service: serviceName(w, o),
		Close:   func() error { r.close(ctx, w); return nil },
	}
	if o.Demo {
		c.App = w
	}
	return c
}

// serviceName returns the service's name for the header.
func serviceName(w *workspace.Workspace, o cli.Options) string {
	switch {
	case o.Demo:
		return "demo"
	case o.URI != "":
		return w.Name()
	default:
		return "embedded workspace"
	}
}

// withServerKeys opens the service in this process, calls the function with its server keys and closes the service.
func (r *runner) withServerKeys(
	ctx context.Context, o cli.Options, use func(context.Context, cli.ServerKeys) error,
) error {
	w, err := r.openWorkspace(ctx, o, cli.ServeOptions{}, r.log, r.countFindings)
	if err != nil {
		return err
	}
	defer r.close(ctx, w)
	keys, err := w.ServerKeys()
	if err != nil {
		return err
	}
	return use(ctx, keys)
}

// close closes the service in this process, also when ctx has ended.
func (r *runner) close(ctx context.Context, w *workspace.Workspace) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	if err := w.Close(ctx); err != nil {
		fmt.Fprintln(r.Stderr, "dossier: closing: "+model.Show(err.Error()).String())
	}
}
