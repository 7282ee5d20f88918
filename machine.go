package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"dossier/backend/accounts"
	"dossier/backend/app"
	"dossier/backend/client"
	"dossier/backend/mail"
	"dossier/backend/workspace"
	"dossier/model"
	"dossier/ui/cli"
)

// machine is where dossier runs: its clock, its environment and its directories.
type machine struct {
	now                 func() time.Time
	getenv              func(string) string
	data, state, config string
	log                 *slog.Logger                                   // where the service here tells what it does
	load                func(modules fs.FS, file, module string) error // tries a module that a function requires
	tell                func(dir string, findings []app.Finding)       // what is to be said about an application directory when it is opened
}

// closing is how long ending the service here may take.
const closing = 3 * time.Second

// open reaches the service that the options name, starting it here unless it is elsewhere, and opens the accounts kept for it.
func (m *machine) open(ctx context.Context, o cli.Options) (*cli.World, error) {
	if o.Server != "" {
		return m.openServer(o)
	}
	w, err := m.openWorkspace(ctx, o, cli.ServeOptions{})
	if err != nil {
		return nil, err
	}
	world, err := m.introduce(ctx, w, o)
	if err != nil {
		m.end(ctx, w)
		return nil, err
	}
	return world, nil
}

// openServer is a client of a service elsewhere.
func (m *machine) openServer(o cli.Options) (*cli.World, error) {
	u, err := url.Parse(o.Server)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, model.Inputf("--server", "%q is no address such as https://example.com", o.Server)
	}
	p, drafts, err := m.people(o, client.Options{BaseURL: o.Server, AppID: o.AppID, Transport: http.DefaultTransport}, m.state)
	if err != nil {
		return nil, err
	}
	return &cli.World{Accounts: people{p}, Registrations: p, Drafts: drafts, Service: u.Host, Close: func() error { return nil }}, nil
}

// openWorkspace starts the service here: on a deployment, or on the embedded database.
func (m *machine) openWorkspace(ctx context.Context, o cli.Options, s cli.ServeOptions) (*workspace.Workspace, error) {
	base := workspace.Options{Dir: m.data, Demo: o.Demo, Now: m.now, Random: rand.Reader, Log: m.log, PublicURL: s.PublicURL, TokenLife: s.TokenLife, HTTPHosts: s.HTTPHosts}
	if o.Data != "" {
		base.Dir = o.Data
	}
	if s.SMTP != "" {
		post, err := mail.New(mail.Options{URL: s.SMTP, Now: m.now})
		if err != nil {
			return nil, model.Inputf("--smtp", "%v", err)
		}
		base.Mail = post.Send
	}
	if o.App != "" {
		a, err := m.readApp(o.App, s.HTTPHosts)
		if err != nil {
			return nil, err
		}
		base.App = a
		base.Dir = filepath.Join(base.Dir, "applications", a.ID)
	}
	if o.URI == "" {
		return workspace.Open(ctx, base)
	}
	return workspace.OpenDeployment(ctx, workspace.DeploymentOptions{Options: base, URI: o.URI, CustomData: customData(o)})
}

// customData is what the flags say about where the custom data is.
func customData(o cli.Options) model.CustomDataConfig {
	return model.CustomDataConfig{
		Enabled: o.Collection != "", Service: o.Service, Database: o.Database, Collection: o.Collection, UserIDField: o.UserIDField,
	}
}

// readApp reads an application directory, whose functions may send requests to some hosts, and tells what in it does not do what was meant.
func (m *machine) readApp(dir string, hosts []string) (*app.App, error) {
	files, err := directory(dir)
	if err != nil {
		return nil, err
	}
	options := m.examination()
	options.AllowedHosts = hosts
	a, findings := app.Examine(files, options)
	var wrong, others []app.Finding
	for _, f := range findings {
		switch f.Level {
		case app.Invalid:
			wrong = append(wrong, f)
		case app.Unsupported, app.Suspicious:
			others = append(others, f)
		}
	}
	if a == nil {
		fault := model.Inputf("--app "+dir, "%s", wrong[0])
		if len(wrong) > 1 {
			fault.What += fmt.Sprintf(", and %d more are wrong", len(wrong)-1)
		}
		fault.Do = "dossier doctor --app " + dir + " says all there is to say"
		return nil, fault
	}
	m.tell(dir, others)
	return a, nil
}

// countFindings says that there is something to look at, in a line beside what a command prints.
func countFindings(dir string, findings []app.Finding) {
	if n := len(findings); n == 1 {
		fmt.Fprintf(os.Stderr, "dossier: 1 finding: dossier doctor --app %s\n", model.Show(dir))
	} else if n > 1 {
		fmt.Fprintf(os.Stderr, "dossier: %d findings: dossier doctor --app %s\n", n, model.Show(dir))
	}
}

// logFindings says it all in the log of a service.
func (m *machine) logFindings(dir string, findings []app.Finding) {
	for _, f := range findings {
		m.log.Warn("application directory", "dir", dir, "finding", string(f.Level), "file", f.File, "key", f.Key, "text", model.Show(f.Text).String())
	}
}

// secret finds a secret that an application directory names in the environment.
func (m *machine) secret(name string) (string, bool) {
	value := m.getenv(app.SecretVariable(name))
	return value, value != ""
}

// introduce joins the service here with the accounts kept for it and signs the first person in.
func (m *machine) introduce(ctx context.Context, w *workspace.Workspace, o cli.Options) (*cli.World, error) {
	state := m.state
	if dir := w.StateDir(); dir != "" {
		state = dir
	}
	p, drafts, err := m.people(o, client.Options{BaseURL: w.BaseURL(), Fixed: true, AppID: w.AppID(), Server: w.Name(), Transport: w.Transport()}, state)
	if err != nil {
		return nil, err
	}
	if err := firstPerson(ctx, w, p, o); err != nil {
		return nil, err
	}
	stop := m.simulate(ctx, w, o)
	return &cli.World{
		Accounts: people{p}, Registrations: p, Drafts: drafts, Service: title(w, o),
		Close: func() error { stop(); m.end(ctx, w); return nil },
	}, nil
}

// simulate runs the demo's mobile app beside everything else; what it returns ends it and waits.
func (m *machine) simulate(ctx context.Context, w *workspace.Workspace, o cli.Options) func() {
	if !o.Demo {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := w.SimulateApp(ctx); err != nil {
			m.log.Error("the simulated app stopped", "error", err)
		}
	}()
	return func() { cancel(); <-done }
}

// people opens the accounts kept in a state directory for one service.
func (m *machine) people(o cli.Options, c client.Options, state string) (*accounts.People, accounts.Drafts, error) {
	server := c.Server
	if server == "" {
		server = c.BaseURL
	}
	book, err := accounts.Open(accounts.Options{Dir: state, Server: server, AppID: c.AppID, Now: m.now, Log: m.log, Keyring: accounts.OSKeyring{}})
	if err != nil {
		return nil, accounts.Drafts{}, err
	}
	c.Now, c.Keep, c.Version, c.CustomData, c.Timeout = m.now, book, version(), customData(o), o.Timeout
	return accounts.NewPeople(book, client.New(c)), book.Drafts(), nil
}

// firstPerson signs in whom the options name, or on first use of the embedded workspace the demo user: the first screen is the main job, not a form.
func firstPerson(ctx context.Context, w *workspace.Workspace, p *accounts.People, o cli.Options) error {
	known := p.List()
	switch {
	case o.As != "":
		for _, a := range known {
			if a.UserID == o.As && a.SignedIn {
				_, err := p.Use(ctx, a.ID)
				return err
			}
		}
		credential, err := w.OperatorCredential(o.As)
		if err != nil {
			return err
		}
		_, err = p.SignIn(ctx, credential)
		return err
	case o.URI != "" && o.App == "" && len(known) == 0:
		return model.Inputf("--uri", "needs --as ID: whose custom data to look at")
	case o.URI == "" && o.App == "" && len(known) == 0:
		_, err := p.SignIn(ctx, w.DemoCredential())
		return err
	}
	return nil
}

// title is how the service is called in the header.
func title(w *workspace.Workspace, o cli.Options) string {
	switch {
	case o.Demo:
		return "demo"
	case o.URI != "":
		return w.Name()
	default:
		return "embedded workspace"
	}
}

// end closes the service here, also when the context that opened it has ended.
func (m *machine) end(ctx context.Context, w *workspace.Workspace) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
	defer cancel()
	if err := w.Close(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "dossier: closing: "+model.Show(err.Error()).String())
	}
}
