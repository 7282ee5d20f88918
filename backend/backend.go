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

// Config says what to serve and from where.
type Config struct {
	App               *app.App
	ServiceDeployment *store.Deployment            // where users, sessions and keys live, in the database dossier_APPID
	Sources           map[string]*store.Deployment // the data sources by service name
	Now               func() time.Time
	Random            io.Reader
	Log               *slog.Logger
	TokenLife         time.Duration                                // of access tokens, 1 min to 5 h; 0: the application's, else 30 min
	KeepAlive         time.Duration                                // how often an idle change stream gives a sign of life; 0: 15 s
	PublicURL         string                                       // what SDKs are told to use; empty: the address they asked at
	Mail              func(ctx context.Context, m auth.Mail) error // sends messages to people; nil: the log is the outbox
	Limits            auth.Limits                                  // of what anybody may ask for; zero: the defaults
	HTTPHosts         []string                                     // where functions may send requests to ("api.example.com", "127.0.0.1:8080"); empty: nowhere
	LocalOriginsOnly  bool                                         // browsers may use it from pages of this machine only: everybody knows its credentials
	HashCost          auth.HashCost                                // of passwords; zero: the cost for production
	OperatorKey       string                                       // not empty: the provider "operator" signs in whoever knows it, as the user id they pick
}

// Service is a running service; it listens nowhere by itself.
type Service struct {
	config    Config
	auth      *auth.Service
	directory *directory.Directory
	server    *server.Server

	triggers *triggers.Triggers
}

// ServiceDatabase is the database in which an application's users, sessions and keys live.
func ServiceDatabase(appID string) string { return "dossier_" + appID }

// Start opens the service: it makes the indexes and, once for all processes, the key that signs tokens.
func Start(ctx context.Context, c Config) (*Service, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	c.Random = &lockedReader{r: c.Random}
	database := ServiceDatabase(c.App.ID)
	people := directory.New(c.ServiceDeployment, database, c.Now)
	if err := people.EnsureIndexes(ctx); err != nil {
		return nil, fmt.Errorf("prepare the directory of %s: %w", c.App.ID, err)
	}
	sources := datasource.New(c.App, c.Sources, c.Now)
	custom := customdata.New(c.App.CustomData, c.Sources[c.App.CustomData.Service])
	calls := &dispatcher{app: c.App, sources: sources, functions: functions.New(c.App, sources, functions.Options{
		Now: c.Now, Log: c.Log, Hosts: c.HTTPHosts, DomainID: auth.DomainID(c.App.ID), CallerByUserID: findCaller(people, custom),
	})}
	happening := triggers.New(triggers.Options{
		Triggers: c.App.Triggers, RunFunction: calls.runTrigger, UserValue: userObject, Sources: c.Sources, Accounts: c.ServiceDeployment, Database: database, Now: c.Now, Log: c.Log,
	})
	guard, err := auth.New(ctx, c.ServiceDeployment, database, people, auth.Options{
		AppID: c.App.ID, Providers: c.App.Providers, TokenLife: tokenLife(c), RefreshLife: c.App.RefreshLife, OperatorKey: auth.NewSecret(c.OperatorKey),
		CustomData: custom.Document, BeforeCreate: calls.userCreationHook(), CallFunction: calls.runForAuth, OnEvent: happening.HandleAuthEvent, SendMail: mailSender(c), Limits: c.Limits, FetchKeySet: fetchKeySet, Now: c.Now, Random: c.Random, Cores: runtime.GOMAXPROCS(0), HashCost: c.HashCost,
	})
	if err != nil {
		return nil, fmt.Errorf("prepare the accounts of %s: %w", c.App.ID, err)
	}
	s := &Service{config: c, auth: guard, directory: people, triggers: happening}
	s.server = server.New(server.Config{
		AppID: c.App.ID, Info: appInfo(c.App), Auth: guard, Dispatcher: calls, Ping: s.Ping, Origins: server.Origins{Allowed: c.App.Origins, LocalOnly: c.LocalOriginsOnly},
		Location: c.App.Hosting, PublicURL: c.PublicURL, KeepAlive: c.KeepAlive, Now: c.Now, Random: c.Random, Log: c.Log,
	})
	happening.Start(ctx)
	return s, nil
}

// Auth manages accounts, sessions and keys directly, without the client API.
func (s *Service) Auth() *auth.Service { return s.auth }

// findCaller finds somebody for a function that runs as them, with their custom data as it is now.
func findCaller(people *directory.Directory, custom *customdata.Reader) func(ctx context.Context, userID string) (*rules.Caller, error) {
	return func(ctx context.Context, userID string) (*rules.Caller, error) {
		u, err := people.User(ctx, userID)
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
		return errors.New("start the service: there is no application")
	case c.ServiceDeployment == nil:
		return errors.New("start the service: there is no deployment for the accounts")
	case c.Now == nil || c.Random == nil || c.Log == nil:
		return errors.New("start the service: it needs a clock, a source of random bytes and a log")
	}
	for name := range c.App.DataSources {
		if c.Sources[name] == nil {
			return fmt.Errorf("start the service: there is no deployment for the data source %q", name)
		}
	}
	return nil
}

// mailSender is where messages to people go: out, or into the log.
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

// appInfo is what profiles say about the application.
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

// Handler answers the client API.
func (s *Service) Handler() http.Handler { return s.server }

// WithoutMiddleware answers what came through a door already, such as a server.Front's.
func (s *Service) WithoutMiddleware() http.Handler { return s.server.WithoutMiddleware() }

// EndStreams ends the streams that are open, and further ones at once.
func (s *Service) EndStreams() { s.server.EndStreams() }

// HTTPServer makes an http.Server around the handler with every limit set; the caller listens and shuts it down.
func (s *Service) HTTPServer() *http.Server { return s.server.HTTPServer() }

// Close ends the streams that are open and lets the triggers that wait run, for some seconds. Deployments were opened by the
// caller, who closes them.
func (s *Service) Close(ctx context.Context) error {
	s.server.EndStreams()
	s.triggers.Close(ctx)
	return nil
}

// Register makes an account with an e-mail address and a password and returns its user id. It is for filling a workspace: no provider need be on.
func (s *Service) Register(ctx context.Context, email, password string) (string, error) {
	return s.auth.CreateUser(ctx, email, auth.NewSecret(password))
}

// Directory is the directory of the application's users.
func (s *Service) Directory() *directory.Directory { return s.directory }

// Ping asks every deployment for a sign of life.
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

// lockedReader lets several goroutines read.
type lockedReader struct {
	mu sync.Mutex
	r  io.Reader
}

// Read reads.
func (l *lockedReader) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.r.Read(p)
}
