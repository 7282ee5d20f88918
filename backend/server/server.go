package server

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/auth"
	"dossier/model"
)

// Stream is a change stream; Next fails with io.EOF when it has ended for good.
type Stream interface {
	Next(ctx context.Context) (bson.Raw, error)
	Close()
}

// Dispatcher is what functions/call reaches, always on behalf of somebody.
type Dispatcher interface {
	// CallFunction calls a function of the application.
	CallFunction(ctx context.Context, who *auth.Session, name string, args []bson.RawValue) (bson.RawValue, error)
	// CallService runs one operation of a data source.
	CallService(ctx context.Context, who *auth.Session, service, name string, arg bson.Raw) (bson.RawValue, error)
	// Watch opens a change stream of a data source.
	Watch(ctx context.Context, who *auth.Session, service string, arg bson.Raw) (Stream, error)
}

// Config says what a server serves.
type Config struct {
	AppID      string
	Info       model.AppInfo // what profiles say about the application
	Auth       *auth.Service
	Dispatcher Dispatcher
	Ping       func(ctx context.Context) error // whether the database answers
	Location   app.Hosting                     // where SDKs are told that it runs
	PublicURL  string                          // what SDKs are told to use; empty: the address they asked at
	Origins    Origins                         // whose pages may ask
	KeepAlive  time.Duration                   // how often an idle stream gives a sign of life and checks its session; 0: 15 s
	Now        func() time.Time
	Random     io.Reader
	Log        *slog.Logger
}

// The deadlines of a request's work. A call may run a function, which has its own.
const (
	authTimeout  = 15 * time.Second
	callTimeout  = 95 * time.Second
	readyTimeout = 2 * time.Second
)

const defaultKeepAlive = 15 * time.Second

// Server answers requests.
type Server struct {
	config  Config
	mux     *http.ServeMux
	handler http.Handler
	ended   chan struct{} // closed by End
	endOnce sync.Once

	streams *streamLimit
	bodies  *bodyLimit
}

// EndStreams ends every stream, so that a server can shut down; further requests are answered as before.
func (s *Server) EndStreams() { s.endOnce.Do(func() { close(s.ended) }) }

// New makes the handler of the client API.
func New(c Config) *Server {
	if c.KeepAlive == 0 {
		c.KeepAlive = defaultKeepAlive
	}
	c.Location.DeploymentModel, c.Location.Location = cmp.Or(c.Location.DeploymentModel, "GLOBAL"), cmp.Or(c.Location.Location, "US-VA")
	s := &Server{config: c, mux: http.NewServeMux(), ended: make(chan struct{}), streams: newStreamLimit(), bodies: newBodyLimit()}
	s.handler = Middleware{Now: c.Now, Random: c.Random, Log: c.Log, PublicURL: c.PublicURL}.wrap(s.WithoutMiddleware())
	app := api.BasePath + "/app/{app}"
	s.handleInApp("GET "+app+"/location", authTimeout, s.location)
	s.handleInApp("POST "+app+"/auth/providers/{provider}/login", authTimeout, s.login)
	s.handleEmailPassword(app + "/auth/providers/" + api.EmailPassword)
	s.handleInApp("GET "+app+"/auth/providers/{provider}/login", authTimeout, s.rejectOAuthRedirect)
	s.handleInApp("PUT "+app+"/push/providers/{service}/registration", authTimeout, s.rejectPushRegistration)
	s.handleInApp("DELETE "+app+"/push/providers/{service}/registration", authTimeout, s.rejectPushRegistration)
	s.handleInApp(app+"/realm-sync", authTimeout, s.rejectDeviceSync)
	s.handleInApp("POST "+app+"/functions/call", callTimeout, s.call)
	s.mux.Handle("GET "+app+"/functions/call", s.requireApp(s.watch))
	s.handleTimed("POST "+api.SessionPath, s.refresh)
	s.handleTimed("DELETE "+api.SessionPath, s.signOut)
	s.handleTimed("GET "+api.ProfilePath, s.profile)
	s.handleTimed("DELETE "+api.DeletePath, s.deleteUser)
	s.handleAPIKeys()
	s.mux.Handle(app+"/", s.requireApp(s.notFound))
	s.mux.Handle("GET "+healthPath, toHTTP(serveHealth))
	s.mux.Handle("GET "+readyPath, toHTTP(s.serveReady))
	s.mux.Handle("GET "+logsPath, toHTTP(serveLogs))
	s.mux.Handle("/", toHTTP(s.notFound))
	return s
}

// ServeHTTP answers one request that came straight to this server.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// WithoutMiddleware answers requests that came through a door already, such as a Front's.
func (s *Server) WithoutMiddleware() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := infoOf(r.Context())
		rec.App = s.config.AppID
		if !s.config.Origins.handleCORS(w, r) {
			s.mux.ServeHTTP(w, r)
			return
		}
		_, pattern := s.mux.Handler(r)
		rec.Route = patternPath(pattern)
	})
}

// patternPath is a pattern without its method.
func patternPath(pattern string) string {
	if _, path, found := strings.Cut(pattern, " "); found {
		return path
	}
	return pattern
}

// handler answers a request, or returns the error to answer with.
type handler func(w http.ResponseWriter, r *http.Request) error

// handleInApp serves an endpoint below an application.
func (s *Server) handleInApp(pattern string, d time.Duration, h handler) {
	s.mux.Handle(pattern, s.requireApp(withTimeout(d, h)))
}

// handleTimed serves an endpoint without an application in its path.
func (s *Server) handleTimed(pattern string, h handler) {
	s.mux.Handle(pattern, toHTTP(withTimeout(authTimeout, h)))
}

// requireApp answers only for the application that is served.
func (s *Server) requireApp(h handler) http.Handler {
	return toHTTP(func(w http.ResponseWriter, r *http.Request) error {
		if id := r.PathValue("app"); id != s.config.AppID {
			return appNotFound(id)
		}
		return h(w, r)
	})
}

// toHTTP notes which pattern matched, and writes the error that a handler returns.
func toHTTP(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		infoOf(r.Context()).Route = patternPath(r.Pattern)
		if err := h(w, r); err != nil {
			writeError(w, r, err)
		}
	})
}

func withTimeout(d time.Duration, h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx, cancel := context.WithTimeout(r.Context(), d)
		defer cancel()
		return h(w, r.WithContext(ctx))
	}
}

// The limits of a connection. Streams lift the write limit for themselves.
const (
	headerTimeout  = 10 * time.Second
	readTimeout    = 2 * time.Minute
	writeTimeout   = 4 * time.Minute
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = model.MaxTokenBytes + 64<<10
)

// HTTPServer makes the http.Server around it, with every limit set; shutting that down ends the streams.
func (s *Server) HTTPServer() *http.Server {
	out := NewHTTPServer(s, s.config.Log)
	out.RegisterOnShutdown(s.EndStreams)
	return out
}

// NewHTTPServer makes an http.Server with every limit set around what answers the client API or relays to it.
func NewHTTPServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeaderBytes, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}
