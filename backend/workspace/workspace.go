package workspace

import (
	"context"
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

// The demo user of the embedded workspace; everybody may know these.
const (
	DemoEmail    = "demo@example.com"
	DemoPassword = "demo-password"
)

// BaseURL is the address to give to a client together with Transport; no network knows it.
const BaseURL = "http://workspace"

// demoTokenLife is how long tokens live in a throw-away workspace: short, so that everything the product can show happens while one watches.
const demoTokenLife = 2 * time.Minute

// Options says which workspace to open.
type Options struct {
	Dir       string   // where the workspace is kept, made with mode 0700; not used with Demo
	Demo      bool     // a throw-away workspace with a few hundred made-up people; Close removes it
	App       *app.App // nil: the embedded workspace's application, with a handful of made-up people
	Now       func() time.Time
	Random    io.Reader
	Log       *slog.Logger
	TokenLife time.Duration                                // 0: the application's; 2 minutes with Demo
	PublicURL string                                       // what SDKs are told to use; empty: the address they asked at
	HTTPHosts []string                                     // where functions may send requests to; empty: nowhere
	Mail      func(ctx context.Context, m auth.Mail) error // sends messages to people; nil: the log is the outbox
	HashCost  auth.HashCost                                // of passwords; zero: the cost for production

	known bool // everybody knows the credentials
}

// Workspace is the service in this process, or in another process of the same machine that holds the same file.
type Workspace struct {
	app       *app.App
	name      string
	temporary string // directory to remove on Close; empty: none
	operator  string // path of the file with the operator's key; empty: no operator
	options   Options
	share     *share
	transport *http.Transport
	demoUser  string // user id of the demo user, with Demo
	elsewhere bool   // the data is in somebody's deployment, not in a workspace
}

// Open opens the embedded workspace and makes it on first use. It fails with a fault that holds an *embedded.LockedError when another process has the file and does
// not serve it, and an *embedded.DamagedError when the file is damaged; a damaged file is never overwritten.
func Open(ctx context.Context, o Options) (*Workspace, error) {
	own := o.App == nil
	if own {
		a, err := app.Read(app.Demo(), app.Options{})
		if err != nil {
			return nil, model.AsFault("open the workspace", err)
		}
		o.App, o.known = a, true
	}
	if o.Demo && !own {
		return nil, model.InvalidInputf("--demo", "shows made-up people in an application of its own; leave the application directory out")
	}
	if o.Demo {
		return openDemo(ctx, o)
	}
	dir, err := ownDir(o.Dir)
	if err != nil {
		return nil, err
	}
	o.Dir = dir
	w := &Workspace{app: o.App, name: "workspace:" + dir, options: o}
	file := filepath.Join(dir, "workspace.db")
	people := o.prepare // somebody's own application starts empty
	if own {
		people = o.seed
	}
	w.connect(filepath.Join(dir, "dossier.sock"), func(ctx context.Context) (*held, error) {
		if err := o.create(ctx, file, people); err != nil {
			return nil, err
		}
		return o.hold(ctx, file)
	})
	return w.ready(ctx)
}

// connect makes the workspace's transport. It keeps no connection: who serves is decided at each, and one to a process that was killed would fail a call.
func (w *Workspace) connect(socket string, open func(context.Context) (*held, error)) {
	w.share = &share{socket: socket, open: open}
	w.transport = &http.Transport{DialContext: w.dialContext, DisableKeepAlives: true, DisableCompression: true}
}

// ready makes sure that somebody serves the workspace.
func (w *Workspace) ready(ctx context.Context) (*Workspace, error) {
	op := "open the workspace"
	if w.elsewhere {
		op = "open the deployment"
	}
	c, err := w.share.dial(ctx)
	if err != nil {
		return nil, faultOf(op, err)
	}
	return w, c.Close()
}

// ownDir makes a directory that nobody else can look into and returns its absolute path. One that is there already keeps its permissions: it may be
// somebody's home; the files made in it are the owner's only.
func ownDir(dir string) (string, error) {
	const op = "open the workspace"
	if dir == "" {
		return "", &model.Fault{Kind: model.InvalidInput, Op: op, Message: "no data directory is named"}
	}
	abs, err := filepath.Abs(dir)
	if err == nil {
		err = os.MkdirAll(abs, 0o700)
	}
	if err != nil {
		return "", &model.Fault{Kind: model.Failed, Op: op, Message: "the directory " + dir + " cannot be used: " + err.Error(), Advice: "check its permissions", Err: err}
	}
	return abs, nil
}

// Transport reaches the service wherever it runs; use it with BaseURL. It must not be used after Close.
func (w *Workspace) Transport() http.RoundTripper { return w.transport }

// BaseURL is the address to use with Transport.
func (w *Workspace) BaseURL() string { return BaseURL }

// Name is the workspace in account ids and for people: what it is of, without credentials.
func (w *Workspace) Name() string { return w.name }

// AppID is the application's client id.
func (w *Workspace) AppID() string { return w.app.ID }

// App is the application that is served; its notices say what in its directory is not supported.
func (w *Workspace) App() *app.App { return w.app }

// CustomData says where the custom data is kept.
func (w *Workspace) CustomData() model.CustomDataConfig { return w.app.CustomData }

// DemoCredential signs the demo user in.
func (w *Workspace) DemoCredential() model.Credential {
	return model.Credential{Provider: api.EmailPassword, Fields: bson.D{{Key: "username", Value: DemoEmail}, {Key: "password", Value: DemoPassword}}}
}

// HoldsLock reports whether this process holds the file and serves it to the others.
func (w *Workspace) HoldsLock() bool { return w.share.holder() != nil }

// StateDir is a directory that goes away with a throw-away workspace, for what must not outlive it; empty for a lasting one.
func (w *Workspace) StateDir() string { return w.temporary }

// Close ends the service in this process, if it runs here; another process that uses the workspace takes over.
func (w *Workspace) Close(ctx context.Context) error {
	err := w.share.Close(ctx)
	if w.temporary != "" {
		if gone := os.RemoveAll(w.temporary); err == nil {
			err = gone
		}
	}
	if err != nil {
		return faultOf("close the workspace", err)
	}
	return nil
}

// config is what the service is started with, on a deployment that holds both accounts and data.
func (o Options) config() backend.Config {
	return backend.Config{App: o.App, Now: o.Now, Random: o.Random, Log: o.Log, TokenLife: o.TokenLife, PublicURL: o.PublicURL, Mail: o.Mail, HTTPHosts: o.HTTPHosts, HashCost: o.HashCost, LocalOriginsOnly: o.known}
}
