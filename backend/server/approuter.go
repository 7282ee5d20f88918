package server

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"dossier/backend/api"
	"dossier/backend/auth"
	"dossier/model"
)

// Application is one application behind a Front.
type Application struct {
	AppID      string
	Origins    Origins
	Handler    http.Handler                    // answers what came through the Front's door
	Ping       func(ctx context.Context) error // whether its database answers
	EndStreams func()                          // ends its streams
}

// AppRouter serves several applications at one address. Most paths name the application; for the others the token does.
type AppRouter struct {
	apps         []Application
	byID         map[string]*Application
	byDomain     map[string]*Application // by the id inside tokens
	handler      http.Handler
	log          *slog.Logger
	shuttingDown atomic.Bool // it is about to end
}

// NewAppRouter puts applications behind a door; their ids have to differ.
func NewAppRouter(d Middleware, sites ...Application) (*AppRouter, error) {
	f := &AppRouter{apps: sites, byID: map[string]*Application{}, byDomain: map[string]*Application{}, log: d.Log}
	for i := range sites {
		s := &sites[i]
		if f.byID[s.AppID] != nil {
			return nil, fmt.Errorf("two applications have the id %q", s.AppID)
		}
		f.byID[s.AppID], f.byDomain[auth.DomainID(s.AppID)] = s, s
	}
	if len(sites) == 0 {
		return nil, errors.New("there is no application to serve")
	}
	f.handler = d.wrap(http.HandlerFunc(f.route))
	return f, nil
}

// ServeHTTP answers one request.
func (f *AppRouter) ServeHTTP(w http.ResponseWriter, r *http.Request) { f.handler.ServeHTTP(w, r) }

// route hands a request to its application, or answers for the service as a whole.
func (f *AppRouter) route(w http.ResponseWriter, r *http.Request) {
	own := map[string]handler{healthPath: serveHealth, readyPath: f.serveReady, logsPath: serveLogs}
	if h := own[r.URL.Path]; h != nil && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		infoOf(r.Context()).Route = r.URL.Path
		if err := h(w, r); err != nil {
			writeError(w, r, err)
		}
		return
	}
	rest, inApp := strings.CutPrefix(r.URL.Path, api.BasePath+"/app/")
	if !inApp {
		f.appOfToken(r).Handler.ServeHTTP(w, r)
		return
	}
	id, _, _ := strings.Cut(rest, "/")
	if s := f.byID[id]; s != nil {
		s.Handler.ServeHTTP(w, r)
		return
	}
	infoOf(r.Context()).Route = api.BasePath + "/app/{app}"
	w.Header().Set("Access-Control-Allow-Origin", "*")
	writeError(w, r, appNotFound(id))
}

// appNotFound is the answer for an application that is not served; SDKs' users know its words.
func appNotFound(id string) error {
	e := api.Errorf(http.StatusNotFound, "", "cannot find app using Client App ID '%s'", id)
	e.Err = fmt.Errorf("there is no application %.100q here", id)
	return e
}

// appOfToken finds the application that a token claims to be of; it is checked there. Without a claim it is any: each refuses such a token.
// A browser's question whether it may ask has no token, so that whoever lets its page ask answers it.
func (f *AppRouter) appOfToken(r *http.Request) *Application {
	if s := f.byDomain[claimedDomainID(r)]; s != nil {
		return s
	}
	if origin := r.Header.Get("Origin"); r.Method == http.MethodOptions && origin != "" {
		for i := range f.apps {
			if f.apps[i].Origins.Allow(origin) {
				return &f.apps[i]
			}
		}
	}
	return &f.apps[0]
}

// claimedDomainID is what a token says about its application, believed by nobody yet; empty: it says nothing.
func claimedDomainID(r *http.Request) string {
	token, err := bearerToken(r)
	if err != nil || len(token.Reveal()) > model.MaxTokenBytes {
		return ""
	}
	parts := strings.Split(token.Reveal(), ".")
	if len(parts) != 3 {
		return ""
	}
	var claims struct {
		Domain string `json:"baas_domain_id"`
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(payload, &claims) != nil {
		return ""
	}
	return claims.Domain
}

// serveReady says whether every application's database answers, and no more from the moment on that the service is about to end.
func (f *AppRouter) serveReady(w http.ResponseWriter, r *http.Request) error {
	if f.shuttingDown.Load() {
		return &api.Error{Status: http.StatusServiceUnavailable, Message: "the service is about to end", RetryAfter: databaseRetryAfter}
	}
	var ask []func(context.Context) error
	for _, s := range f.apps {
		ask = append(ask, s.Ping)
	}
	return checkReady(w, r, ask...)
}

// ServeOptions says how a Front serves a listener.
type ServeOptions struct {
	Certificate   *Certificate  // nil: without TLS
	ShutdownDelay time.Duration // how long it goes on after it was told to end, so that balancers see that it is not ready any more
	GracePeriod   time.Duration // how long running requests may take to finish then
}

// Serve serves a listener until ctx ends. Then it is not ready any more, and after the notice takes no new connections, ends streams at once and lets
// requests finish; what has not finished after the grace is cut off. That is no error.
func (f *AppRouter) Serve(ctx context.Context, l net.Listener, o ServeOptions) error {
	s := NewHTTPServer(f, f.log)
	s.RegisterOnShutdown(f.endStreams)
	failed := make(chan error, 1)
	go func() {
		if o.Certificate == nil {
			failed <- s.Serve(l)
			return
		}
		s.TLSConfig = o.Certificate.tlsConfig()
		failed <- s.ServeTLS(l, "", "")
	}()
	select {
	case err := <-failed:
		return fmt.Errorf("serve on %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	f.shuttingDown.Store(true)
	f.log.Info("ending: requests that run may finish, new ones are refused after the notice; a second signal ends at once", "notice", o.ShutdownDelay.String(), "grace", o.GracePeriod.String())
	time.Sleep(o.ShutdownDelay)
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), o.GracePeriod)
	defer cancel()
	if err := s.Shutdown(drain); err != nil {
		f.log.Warn("requests that did not finish are cut off", "error", err)
		return s.Close()
	}
	return nil
}

func (f *AppRouter) endStreams() {
	for _, s := range f.apps {
		s.EndStreams()
	}
}
