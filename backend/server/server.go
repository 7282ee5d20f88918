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

// Calls is what functions/call reaches, always on behalf of somebody.
type Calls interface {
	// Function calls a function of the application.
	Function(ctx context.Context, who *auth.Session, name string, args []bson.RawValue) (bson.RawValue, error)
	// Service runs one operation of a data source.
	Service(ctx context.Context, who *auth.Session, service, name string, arg bson.Raw) (bson.RawValue, error)
	// Watch opens a change stream of a data source.
	Watch(ctx context.Context, who *auth.Session, service string, arg bson.Raw) (Stream, error)
}

// Config says what a server serves.
type Config struct {
	AppID     string
	Info      model.AppInfo // what profiles say about the application
	Auth      *auth.Service
	Calls     Calls
	Ready     func(ctx context.Context) error // whether the database answers
	Place     app.Hosting                     // where SDKs are told that it runs
	PublicURL string                          // what SDKs are told to use; empty: the address they asked at
	Origins   Origins                         // whose pages may ask
	KeepAlive time.Duration                   // how often an idle stream gives a sign of life and checks its session; 0: 15 s
	Now       func() time.Time
	Random    io.Reader
	Log       *slog.Logger
}

// The deadlines of a request's work. A call may run a function, which has its own.
const (
	authTime  = 15 * time.Second
	callTime  = 95 * time.Second
	readyTime = 2 * time.Second
)

const defaultKeepAlive = 15 * time.Second

// Server answers requests.
type Server struct {
	c     Config
	mux   *http.ServeMux
	door  http.Handler
	ended chan struct{} // closed by End
	end   sync.Once

	streams *streamLimit
	bodies  *bodyLimit
}

// End ends every stream, so that a server can shut down; further requests are answered as before.
func (s *Server) End() { s.end.Do(func() { close(s.ended) }) }

// New makes the handler of the client API.
func New(c Config) *Server {
	if c.KeepAlive == 0 {
		c.KeepAlive = defaultKeepAlive
	}
	c.Place.DeploymentModel, c.Place.Location = cmp.Or(c.Place.DeploymentModel, "GLOBAL"), cmp.Or(c.Place.Location, "US-VA")
	s := &Server{c: c, mux: http.NewServeMux(), ended: make(chan struct{}), streams: newStreamLimit(), bodies: newBodyLimit()}
	s.door = Door{Now: c.Now, Random: c.Random, Log: c.Log, PublicURL: c.PublicURL}.open(s.Inside())
	app := api.Base + "/app/{app}"
	s.inApp("GET "+app+"/location", authTime, s.location)
	s.inApp("POST "+app+"/auth/providers/{provider}/login", authTime, s.login)
	s.userpass(app + "/auth/providers/" + api.EmailPassword)
	s.inApp("GET "+app+"/auth/providers/{provider}/login", authTime, s.noRedirect)
	s.inApp("PUT "+app+"/push/providers/{service}/registration", authTime, s.noPush)
	s.inApp("DELETE "+app+"/push/providers/{service}/registration", authTime, s.noPush)
	s.inApp(app+"/realm-sync", authTime, s.noSync)
	s.inApp("POST "+app+"/functions/call", callTime, s.call)
	s.mux.Handle("GET "+app+"/functions/call", s.app(s.watch))
	s.timed("POST "+api.SessionPath, s.refresh)
	s.timed("DELETE "+api.SessionPath, s.signOut)
	s.timed("GET "+api.ProfilePath, s.profile)
	s.timed("DELETE "+api.DeletePath, s.deleteUser)
	s.keyRoutes()
	s.mux.Handle(app+"/", s.app(s.nothing))
	s.mux.Handle("GET "+healthPath, answer(healthy))
	s.mux.Handle("GET "+readyPath, answer(s.ready))
	s.mux.Handle("GET "+logsPath, answer(logs))
	s.mux.Handle("/", answer(s.nothing))
	return s
}

// ServeHTTP answers one request that came straight to this server.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.door.ServeHTTP(w, r) }

// Inside answers requests that came through a door already, such as a Front's.
func (s *Server) Inside() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := recordOf(r.Context())
		rec.App = s.c.AppID
		if !s.c.Origins.admit(w, r) {
			s.mux.ServeHTTP(w, r)
			return
		}
		_, pattern := s.mux.Handler(r)
		rec.Route = pathOf(pattern)
	})
}

// pathOf is a pattern without its method.
func pathOf(pattern string) string {
	if _, path, found := strings.Cut(pattern, " "); found {
		return path
	}
	return pattern
}

// handler answers a request, or returns the error to answer with.
type handler func(w http.ResponseWriter, r *http.Request) error

// inApp serves an endpoint below an application.
func (s *Server) inApp(pattern string, d time.Duration, h handler) {
	s.mux.Handle(pattern, s.app(deadline(d, h)))
}

// timed serves an endpoint without an application in its path.
func (s *Server) timed(pattern string, h handler) {
	s.mux.Handle(pattern, answer(deadline(authTime, h)))
}

// app answers only for the application that is served.
func (s *Server) app(h handler) http.Handler {
	return answer(func(w http.ResponseWriter, r *http.Request) error {
		if id := r.PathValue("app"); id != s.c.AppID {
			return unknownApp(id)
		}
		return h(w, r)
	})
}

// answer notes which pattern matched, and writes the error that a handler returns.
func answer(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recordOf(r.Context()).Route = pathOf(r.Pattern)
		if err := h(w, r); err != nil {
			fail(w, r, err)
		}
	})
}

func deadline(d time.Duration, h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx, cancel := context.WithTimeout(r.Context(), d)
		defer cancel()
		return h(w, r.WithContext(ctx))
	}
}

// The limits of a connection. Streams lift the write limit for themselves.
const (
	headerTime = 10 * time.Second
	readTime   = 2 * time.Minute
	writeTime  = 4 * time.Minute
	idleTime   = 2 * time.Minute
	maxHeader  = model.MaxTokenBytes + 64<<10
)

// HTTP makes the http.Server around it, with every limit set; shutting that down ends the streams.
func (s *Server) HTTP() *http.Server {
	out := HTTP(s, s.c.Log)
	out.RegisterOnShutdown(s.End)
	return out
}

// HTTP makes an http.Server with every limit set around what answers the client API or relays to it.
func HTTP(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: headerTime, ReadTimeout: readTime, WriteTimeout: writeTime, IdleTimeout: idleTime,
		MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}
