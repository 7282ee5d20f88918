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

// Stream is a change stream. Next fails with io.EOF when the stream has ended and cannot be resumed.
type Stream interface {
	Next(ctx context.Context) (bson.Raw, error)
	Close()
}

// Dispatcher runs the calls of functions/call with the permissions of the session's user.
type Dispatcher interface {
	// CallFunction calls a function of the application.
	CallFunction(ctx context.Context, session *auth.Session, name string, args []bson.RawValue) (bson.RawValue, error)
	// CallService runs one operation of a data source.
	CallService(ctx context.Context, session *auth.Session, service, name string, arg bson.Raw) (bson.RawValue, error)
	// Watch opens a change stream of a data source.
	Watch(ctx context.Context, session *auth.Session, service string, arg bson.Raw) (Stream, error)
}

// Config configures a Server.
type Config struct {
	AppID      string
	Info       model.AppInfo                              // for profile responses
	Hints      func(context.Context) (model.Hints, error) // of the custom data; nil: none
	Auth       *auth.Service
	Dispatcher Dispatcher
	Ping       func(ctx context.Context) error // checks that the database responds
	Location   app.Hosting                     // for location responses
	PublicURL  string                          // for location responses; empty: the address of the request
	Origins    Origins                         // the allowed CORS origins
	KeepAlive  time.Duration                   // how often a stream checks its session and writes a comment; 0: 15 s
	Now        func() time.Time
	Random     io.Reader
	Log        *slog.Logger
}

// The timeouts of handlers. A call may run a function, which has its own, shorter one.
const (
	authTimeout  = 15 * time.Second
	callTimeout  = 95 * time.Second
	readyTimeout = 2 * time.Second
)

const defaultKeepAlive = 15 * time.Second

// Server is the HTTP handler of the client API for one application.
type Server struct {
	config       Config
	mux          *http.ServeMux
	handler      http.Handler
	streamsEnded chan struct{} // closed by EndStreams
	endOnce      sync.Once

	streams *streamLimit
	bodies  *bodyLimit
}

// EndStreams ends all streams, so that the server can shut down. Other requests are handled as before.
func (s *Server) EndStreams() { s.endOnce.Do(func() { close(s.streamsEnded) }) }

// New returns a Server.
func New(c Config) *Server {
	if c.KeepAlive == 0 {
		c.KeepAlive = defaultKeepAlive
	}
	c.Location.DeploymentModel = cmp.Or(c.Location.DeploymentModel, "GLOBAL")
	c.Location.Location = cmp.Or(c.Location.Location, "US-VA")
	s := &Server{
		config: c, mux: http.NewServeMux(), streamsEnded: make(chan struct{}),
		streams: newStreamLimit(), bodies: newBodyLimit(),
	}
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
	s.handleWithoutApp("POST "+api.SessionPath, s.refresh)
	s.handleWithoutApp("DELETE "+api.SessionPath, s.signOut)
	s.handleWithoutApp("GET "+api.ProfilePath, s.profile)
	s.handleWithoutApp("GET "+api.HintsPath, s.hints)
	s.handleWithoutApp("DELETE "+api.DeletePath, s.deleteUser)
	s.handleAPIKeys()
	s.mux.Handle(app+"/", s.requireApp(s.notFound))
	s.mux.Handle("GET "+healthPath, toHTTP(serveHealth))
	s.mux.Handle("GET "+readyPath, toHTTP(s.serveReady))
	s.mux.Handle("GET "+logsPath, toHTTP(serveLogs))
	s.mux.Handle("/", toHTTP(s.notFound))
	return s
}

// ServeHTTP runs the middleware and handles the request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// WithoutMiddleware returns the handler behind the middleware, for an AppRouter, which has its own.
func (s *Server) WithoutMiddleware() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		info := infoOf(r.Context())
		info.App = s.config.AppID
		if !s.config.Origins.handleCORS(w, r) {
			s.mux.ServeHTTP(w, r)
			return
		}
		_, pattern := s.mux.Handler(r)
		info.Route = patternPath(pattern)
	})
}

// patternPath returns a route pattern without its method.
func patternPath(pattern string) string {
	if _, path, found := strings.Cut(pattern, " "); found {
		return path
	}
	return pattern
}

// handlerFunc handles a request. The error that it returns becomes the response.
type handlerFunc func(w http.ResponseWriter, r *http.Request) error

// handleInApp registers an endpoint whose path contains an application id.
func (s *Server) handleInApp(pattern string, d time.Duration, h handlerFunc) {
	s.mux.Handle(pattern, s.requireApp(withTimeout(d, h)))
}

// handleWithoutApp registers an endpoint whose path does not contain an application id.
func (s *Server) handleWithoutApp(pattern string, h handlerFunc) {
	s.mux.Handle(pattern, toHTTP(withTimeout(authTimeout, h)))
}

// requireApp refuses requests for another application.
func (s *Server) requireApp(h handlerFunc) http.Handler {
	return toHTTP(func(w http.ResponseWriter, r *http.Request) error {
		if id := r.PathValue("app"); id != s.config.AppID {
			return appNotFound(id)
		}
		return h(w, r)
	})
}

// toHTTP records the matched route, and writes the error that a handler returns.
func toHTTP(h handlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		infoOf(r.Context()).Route = patternPath(r.Pattern)
		if err := h(w, r); err != nil {
			writeError(w, r, err)
		}
	})
}

func withTimeout(d time.Duration, h handlerFunc) handlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx, cancel := context.WithTimeout(r.Context(), d)
		defer cancel()
		return h(w, r.WithContext(ctx))
	}
}

// The limits of a connection. Streams remove the write timeout.
const (
	headerTimeout  = 10 * time.Second
	readTimeout    = 2 * time.Minute
	writeTimeout   = 4 * time.Minute
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = model.MaxTokenBytes + 64<<10
)

// HTTPServer returns an http.Server with all limits set, for the caller to start. Its Shutdown ends the streams.
func (s *Server) HTTPServer() *http.Server {
	out := NewHTTPServer(s, s.config.Log)
	out.RegisterOnShutdown(s.EndStreams)
	return out
}

// NewHTTPServer returns an http.Server with all limits set.
func NewHTTPServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}
