package backend

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"sort"
	"sync"
	"time"

	"dossier/backend/app"
	"dossier/backend/auth"
	"dossier/backend/customdata"
	"dossier/backend/datasource"
	"dossier/backend/directory"
	"dossier/backend/functions"
	"dossier/backend/mail"
	"dossier/backend/rules"
	"dossier/backend/server"
	"dossier/backend/store"
	"dossier/backend/triggers"
	"dossier/model"
)

// Config configures a Service. App, ServiceDeployment, Now, Random, Log and a source for each data source of App are
// required.
type Config struct {
	App               *app.App
	ServiceDeployment *store.Deployment            // holds users, sessions and keys, in the database dossier_APPID
	Sources           map[string]*store.Deployment // the data sources by service name
	Now               func() time.Time
	Random            io.Reader // any number of goroutines may cause reads; the service locks it
	Log               *slog.Logger
	// of access tokens, 1 min to 5 h; 0: the application's, else 30 min
	TokenLife   time.Duration
	ShortTokens bool // TokenLife may be 10 s, for a demo
	// how often an idle change stream writes a comment; 0: 15 s
	KeepAlive time.Duration
	// the address that SDKs use; empty: the one of their location request
	PublicURL string
	Mail      func(ctx context.Context, m auth.Mail) error // sends emails to users; nil: logs them
	// on sign-ins, registrations and emails; zero: the defaults
	Limits           auth.Limits
	HTTPHosts        []string      // hosts that functions may send requests to; empty: none
	LocalOriginsOnly bool          // CORS: loopback origins only, because credentials are public
	HashCost         auth.HashCost // of passwords; zero: the cost for production
	// hints of the custom data come from a sample of all users' documents where there is no schema: only for a workspace
	// or a deployment whose data the user has access to anyway
	SampleHints bool
	OperatorKey string // enables the provider "operator", which signs in as any user id; empty: disabled
}

// Service is a running service. The caller listens and passes requests to its handler.
type Service struct {
	config    Config
	auth      *auth.Service
	directory *directory.Directory
	server    *server.Server

	triggers *triggers.Triggers
}

// ServiceDatabase returns the name of the database that holds an application's users, sessions and keys.
func ServiceDatabase(appID string) string { return "dossier_" + appID }

// Start starts a service. It creates the indexes and the signing key that all processes of the application share.
func Start(ctx context.Context, c Config) (*Service, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	c.Random = &lockedReader{r: c.Random}
	database := ServiceDatabase(c.App.ID)
	users := directory.New(c.ServiceDeployment, database, c.Now)
	if err := users.EnsureIndexes(ctx); err != nil {
		return nil, fmt.Errorf("create the indexes of the users of %s: %w", c.App.ID, err)
	}
	sources := datasource.New(c.App, c.Sources, c.Now)
	custom := customdata.New(c.App.CustomData, c.Sources[c.App.CustomData.Service])
	calls := &dispatcher{app: c.App, sources: sources, functions: functions.New(c.App, sources, functions.Options{
		Now: c.Now, Log: c.Log, Hosts: c.HTTPHosts, DomainID: auth.DomainID(c.App.ID), CallerByUserID: findCaller(users,
			custom),
	})}
	triggerRunner := triggers.New(triggers.Options{
		Triggers: c.App.Triggers, RunFunction: calls.runTrigger, UserValue: userObject, Sources: c.Sources,
		Accounts: c.ServiceDeployment, Database: database, Now: c.Now, Log: c.Log,
	})
	authService, err := auth.New(ctx, c.ServiceDeployment, database, users, auth.Options{
		AppID: c.App.ID, Providers: c.App.Providers, TokenLife: tokenLife(c), ShortTokens: c.ShortTokens,
		RefreshLife: c.App.RefreshLife,
		OperatorKey: auth.NewSecret(c.OperatorKey),
		CustomData:  custom.Find, BeforeCreate: calls.userCreationHook(), CallFunction: calls.runForAuth,
		OnEvent: triggerRunner.HandleAuthEvent, SendMail: mailSender(c), Limits: c.Limits, FetchKeySet: fetchKeySet,
		Now: c.Now, Random: c.Random, Cores: runtime.GOMAXPROCS(0), HashCost: c.HashCost,
	})
	if err != nil {
		return nil, fmt.Errorf("start the authentication of %s: %w", c.App.ID, err)
	}
	s := &Service{config: c, auth: authService, directory: users, triggers: triggerRunner}
	s.server = server.New(server.Config{
		AppID: c.App.ID, Info: appInfo(c.App), Hints: hints(c, custom), Auth: authService, Dispatcher: calls, Ping: s.Ping,
		Origins:  server.Origins{Allowed: c.App.Origins, LocalOnly: c.LocalOriginsOnly},
		Location: c.App.Hosting, PublicURL: c.PublicURL, KeepAlive: c.KeepAlive, Now: c.Now, Random: c.Random, Log: c.Log,
	})
	triggerRunner.Start(ctx)
	return s, nil
}

// Auth manages users, sessions and keys without the client API.
func (s *Service) Auth() *auth.Service { return s.auth }

// findCaller returns a function that finds the user that a function runs as, with the current custom data.
func findCaller(users *directory.Directory, custom *customdata.Reader) func(ctx context.Context,
	userID string) (*rules.Caller, error) {
	return func(ctx context.Context, userID string) (*rules.Caller, error) {
		u, err := users.User(ctx, userID)
		if err != nil || u == nil {
			return nil, err
		}
		data, err := custom.Document(ctx, userID)
		if err != nil {
			return nil, err
		}
		return &rules.Caller{User: u.User, CustomData: data}, nil
	}
}

func (c Config) check() error {
	switch {
	case c.App == nil:
		return errors.New("start the service: App is required")
	case c.ServiceDeployment == nil:
		return errors.New("start the service: ServiceDeployment is required")
	case c.Now == nil || c.Random == nil || c.Log == nil:
		return errors.New("start the service: Now, Random and Log are required")
	}
	for name := range c.App.DataSources {
		if c.Sources[name] == nil {
			return fmt.Errorf("start the service: no deployment for data source %q", name)
		}
	}
	return nil
}

// mailSender returns the function that sends emails to users, or the one that logs them.
func mailSender(c Config) func(ctx context.Context, m auth.Mail) error {
	if c.Mail != nil {
		return c.Mail
	}
	return mail.Log(c.Log)
}

func tokenLife(c Config) time.Duration {
	if c.TokenLife != 0 {
		return c.TokenLife
	}
	return c.App.TokenLife
}

// appInfo returns what profile responses contain about the application.
func appInfo(a *app.App) model.AppInfo {
	out := model.AppInfo{CustomData: a.CustomData}
	for name, f := range a.Functions {
		if !f.Private {
			out.Functions = append(out.Functions, name)
		}
	}
	sort.Strings(out.Functions)
	return out
}

// hints returns the function that finds the hints of the custom data: those of the collection's schema if its rules
// hide no field of a document, else those of a sample if the configuration allows it, else none.
func hints(c Config, custom *customdata.Reader) func(context.Context) (model.Hints, error) {
	data := c.App.CustomData
	if source := c.App.DataSources[data.Service]; source != nil {
		name := app.Namespace{Database: data.Database, Collection: data.Collection}
		namespace, rules := source.Namespaces[name], source.Rules(name)
		if namespace != nil && len(namespace.Schema) > 0 && rules != nil && rules.ReadsWholeDocuments() {
			known := model.SchemaHints(namespace.Schema)
			return func(context.Context) (model.Hints, error) { return known, nil }
		}
	}
	if !c.SampleHints {
		return func(context.Context) (model.Hints, error) { return nil, nil }
	}
	s := &sampledHints{reader: custom, now: c.Now}
	return s.get
}

// hintsLife is how long the hints of a sample are used.
const hintsLife = time.Minute

// sampledHints are the hints of a sample of the documents, which is read at most once a minute.
type sampledHints struct {
	reader *customdata.Reader
	now    func() time.Time

	mu    sync.Mutex
	until time.Time // zero: there are none yet
	hints model.Hints
}

// get returns the hints. Callers wait for one another's sample.
func (s *sampledHints) get(ctx context.Context) (model.Hints, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.now(); !now.Before(s.until) {
		docs, err := s.reader.Sample(ctx)
		if err != nil {
			return nil, err
		}
		s.hints, s.until = model.SampleHints(docs), now.Add(hintsLife)
	}
	return s.hints, nil
}

// Handler returns the handler of the client API.
func (s *Service) Handler() http.Handler { return s.server }

// WithoutMiddleware returns the handler behind the middleware, for a server.AppRouter, which has its own.
func (s *Service) WithoutMiddleware() http.Handler { return s.server.WithoutMiddleware() }

// EndStreams ends the open change streams, and further ones at once.
func (s *Service) EndStreams() { s.server.EndStreams() }

// HTTPServer returns an http.Server with all limits set, for the caller to start and shut down.
func (s *Service) HTTPServer() *http.Server { return s.server.HTTPServer() }

// Close ends the open change streams and gives pending triggers a few seconds to run. It does not close the
// deployments.
func (s *Service) Close(ctx context.Context) error {
	s.server.EndStreams()
	s.triggers.Close(ctx)
	s.auth.Close()
	return nil
}

// Register creates a user with an email address and a password and returns the user id. It works while the provider
// local-userpass is disabled, and is for demo users and tests.
func (s *Service) Register(ctx context.Context, email, password string) (string, error) {
	return s.auth.CreateUser(ctx, email, auth.NewSecret(password))
}

// Directory returns the directory of the application's users.
func (s *Service) Directory() *directory.Directory { return s.directory }

// Ping checks that every deployment responds.
func (s *Service) Ping(ctx context.Context) error {
	if err := s.config.ServiceDeployment.Ping(ctx); err != nil {
		return err
	}
	for _, d := range s.config.Sources {
		if d == s.config.ServiceDeployment {
			continue
		}
		if err := d.Ping(ctx); err != nil {
			return err
		}
	}
	return nil
}

// lockedReader makes a reader safe for concurrent use.
type lockedReader struct {
	mu sync.Mutex
	r  io.Reader
}

// Read reads under the lock.
func (l *lockedReader) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.r.Read(p)
}
