package workspace

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend"
	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/auth"
	"dossier/model"
)

// The public credentials of the embedded workspace's demo user.
const (
	DemoEmail    = "demo@example.com"
	DemoPassword = "demo-password"
)

// BaseURL is the base URL for a client that uses Transport; it does not exist on any network.
const BaseURL = "http://workspace"

// demoTokenLife is the lifetime of access tokens in a demo workspace: short, so that expiry can be watched.
const demoTokenLife = 30 * time.Second

// Options configure a workspace.
type Options struct {
	Dir       string   // created with mode 0700; not used with Demo
	Demo      bool     // a temporary workspace with a few hundred generated users; Close removes it
	App       *app.App // nil: the demo application, with sample users
	Now       func() time.Time
	Random    io.Reader
	Log       *slog.Logger
	TokenLife time.Duration                                // 0: the application's; 30 seconds with Demo
	PublicURL string                                       // base URL reported to SDKs; empty: that of the request
	HTTPHosts []string                                     // hosts that functions may send requests to; empty: none
	Mail      func(ctx context.Context, m auth.Mail) error // sends mail to users; nil: mail is written to the log
	HashCost  auth.HashCost                                // of passwords; zero: the cost for production

	// hints of fields come from a sample of all users' documents: only where these are the caller's own anyway
	SampleHints bool

	publicCredentials bool // the credentials are public, so only local web pages may use the service
}

// Workspace is the service in this process, or in another process of the same machine that has the file's lock.
type Workspace struct {
	app             *app.App
	name            string
	temporary       string // directory to remove on Close; empty: none
	operatorKeyFile string // path; empty: no operator
	options         Options
	handover        *handover
	transport       *http.Transport
	seeded          bool // the demo has its users
	onDeployment    bool // the custom data is in a deployment, not in an embedded database
}

// Open returns the embedded workspace after Connect.
func Open(ctx context.Context, o Options) (*Workspace, error) {
	w, err := New(o)
	if err != nil {
		return nil, err
	}
	return connected(ctx, w)
}

// New returns the embedded workspace. It creates the directory and opens no database: Connect does, or the first
// request.
func New(o Options) (*Workspace, error) {
	useDemoApp := o.App == nil
	if useDemoApp {
		a, err := app.Read(app.Demo(), app.Options{})
		if err != nil {
			return nil, model.AsFault("open the workspace", err)
		}
		o.App, o.publicCredentials = a, true
	}
	if o.Demo && !useDemoApp {
		return nil, model.InvalidInputf("--demo",
			"uses its own application with sample users: omit the application directory")
	}
	if o.Demo {
		return newDemo(o)
	}
	dir, err := privateDir(o.Dir)
	if err != nil {
		return nil, err
	}
	o.Dir = dir
	w := &Workspace{app: o.App, name: "workspace:" + dir, options: o}
	file := filepath.Join(dir, "workspace.db")
	seed := o.ensureUserIDIndex // a user's application starts empty
	if useDemoApp {
		seed = o.seed
	}
	w.initTransport(filepath.Join(dir, "dossier.sock"), func(ctx context.Context) (*instance, error) {
		if err := o.createFile(ctx, file, seed); err != nil {
			return nil, err
		}
		return o.openInstance(ctx, file)
	})
	return w, nil
}

// initTransport creates the workspace's transport. It keeps no idle connections: each connection finds the serving
// process again, and one to a killed process would fail a call.
func (w *Workspace) initTransport(socket string, open func(context.Context) (*instance, error)) {
	w.handover = &handover{socket: socket, open: open}
	w.transport = &http.Transport{DialContext: w.dialContext, DisableKeepAlives: true, DisableCompression: true}
}

// Connect makes sure that this or another process serves the workspace; the embedded one is created when it does not
// exist. It fails with a fault that wraps an *embedded.LockedError when another process has the file's lock and does
// not serve it, and an *embedded.DamagedError when the file is damaged; a damaged file is never overwritten. Close ends
// it.
func (w *Workspace) Connect(ctx context.Context) error {
	op := "open the workspace"
	if w.onDeployment {
		op = "open the deployment"
	}
	c, err := w.handover.dial(ctx)
	if err != nil {
		return asFault(op, err)
	}
	if w.options.Demo && !w.seeded {
		if err := w.options.seedDemo(ctx, w.handover.instance()); err != nil {
			return errors.Join(asFault("open the demo", err), c.Close())
		}
		w.seeded = true
	}
	return c.Close()
}

// connected connects a new workspace. On an error it closes it.
func connected(ctx context.Context, w *Workspace) (*Workspace, error) {
	if err := w.Connect(ctx); err != nil {
		_ = w.Close(context.WithoutCancel(ctx))
		return nil, err
	}
	return w, nil
}

// privateDir creates a directory with mode 0700 and returns its absolute path. An existing directory keeps its
// permissions: it may be the user's home directory; the files in it are created private.
func privateDir(dir string) (string, error) {
	const op = "open the workspace"
	if dir == "" {
		return "", &model.Fault{Kind: model.InvalidInput, Op: op, Message: "no data directory is given"}
	}
	abs, err := filepath.Abs(dir)
	if err == nil {
		err = os.MkdirAll(abs, 0o700)
	}
	if err != nil {
		return "", &model.Fault{Kind: model.Failed, Op: op, Message: "cannot use the directory " + dir + ": " + err.Error(),
			Advice: "check its permissions", Err: err}
	}
	return abs, nil
}

// Transport reaches the service in any process; use it with BaseURL. It must not be used after Close.
func (w *Workspace) Transport() http.RoundTripper { return w.transport }

// BaseURL is the base URL to use with Transport.
func (w *Workspace) BaseURL() string { return BaseURL }

// Name names the workspace in account ids and on the screen, without credentials.
func (w *Workspace) Name() string { return w.name }

// AppID is the application's client id.
func (w *Workspace) AppID() string { return w.app.ID }

// App is the application that is served.
func (w *Workspace) App() *app.App { return w.app }

// CustomData is the location of the custom data.
func (w *Workspace) CustomData() model.CustomDataConfig { return w.app.CustomData }

// DemoCredential signs the demo user in.
func (w *Workspace) DemoCredential() model.Credential {
	return model.Credential{Provider: api.EmailPassword, Fields: bson.D{{Key: "username", Value: DemoEmail},
		{Key: "password", Value: DemoPassword}}}
}

// HoldsLock reports whether this process has the file's lock and serves the others.
func (w *Workspace) HoldsLock() bool { return w.handover.instance() != nil }

// StateDir is a directory for state that must not outlive a demo workspace; empty for a persistent one.
func (w *Workspace) StateDir() string { return w.temporary }

// Close ends the service in this process, if it runs here; another process that uses the workspace takes over.
func (w *Workspace) Close(ctx context.Context) error {
	err := w.handover.Close(ctx)
	if w.temporary != "" {
		if removeErr := os.RemoveAll(w.temporary); err == nil {
			err = removeErr
		}
	}
	if err != nil {
		return asFault("close the workspace", err)
	}
	return nil
}

// config is the configuration of a service whose own data and custom data are on one deployment.
func (o Options) config() backend.Config {
	return backend.Config{App: o.App, Now: o.Now, Random: o.Random, Log: o.Log, TokenLife: o.TokenLife,
		PublicURL: o.PublicURL, Mail: o.Mail, HTTPHosts: o.HTTPHosts, HashCost: o.HashCost,
		LocalOriginsOnly: o.publicCredentials, SampleHints: o.SampleHints, ShortTokens: o.Demo}
}
