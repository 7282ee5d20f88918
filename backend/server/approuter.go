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

// Application is one application of an AppRouter.
type Application struct {
	AppID      string
	Origins    Origins
	Handler    http.Handler                    // without middleware; the AppRouter has its own
	Ping       func(ctx context.Context) error // checks that the database responds
	EndStreams func()
}

// AppRouter serves several applications at one address. It finds the application by the path, or by the token when the
// path does not name one.
type AppRouter struct {
	applications []Application
	byID         map[string]*Application
	byDomain     map[string]*Application // by the domain id in tokens
	handler      http.Handler
	log          *slog.Logger
	shuttingDown atomic.Bool
}

// NewAppRouter returns a router for at least one application. Their ids must differ.
func NewAppRouter(m Middleware, applications ...Application) (*AppRouter, error) {
	a := &AppRouter{
		applications: applications, byID: map[string]*Application{}, byDomain: map[string]*Application{}, log: m.Log,
	}
	for i := range applications {
		one := &applications[i]
		if a.byID[one.AppID] != nil {
			return nil, fmt.Errorf("two applications have the id %q", one.AppID)
		}
		a.byID[one.AppID], a.byDomain[auth.DomainID(one.AppID)] = one, one
	}
	if len(applications) == 0 {
		return nil, errors.New("there is no application to serve")
	}
	a.handler = m.wrap(http.HandlerFunc(a.route))
	return a, nil
}

// ServeHTTP runs the middleware and then the application's handler.
func (a *AppRouter) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.handler.ServeHTTP(w, r) }

// route passes a request to its application's handler, or handles an endpoint of the whole service.
func (a *AppRouter) route(w http.ResponseWriter, r *http.Request) {
	endpoints := map[string]handlerFunc{healthPath: serveHealth, readyPath: a.serveReady, logsPath: serveLogs}
	if h := endpoints[r.URL.Path]; h != nil && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		infoOf(r.Context()).Route = r.URL.Path
		if err := h(w, r); err != nil {
			writeError(w, r, err)
		}
		return
	}
	rest, inApp := strings.CutPrefix(r.URL.Path, api.BasePath+"/app/")
	if !inApp {
		a.appOfToken(r).Handler.ServeHTTP(w, r)
		return
	}
	id, _, _ := strings.Cut(rest, "/")
	if s := a.byID[id]; s != nil {
		s.Handler.ServeHTTP(w, r)
		return
	}
	infoOf(r.Context()).Route = api.BasePath + "/app/{app}"
	w.Header().Set("Access-Control-Allow-Origin", "*")
	writeError(w, r, appNotFound(id))
}

// appNotFound returns the error for an unknown application, with the text that App Services uses.
func appNotFound(id string) error {
	e := api.Errorf(http.StatusNotFound, "", "cannot find app using Client App ID '%s'", id)
	e.Err = fmt.Errorf("application %.100q is not served", id)
	return e
}

// appOfToken returns the application that the token claims; that application verifies the token. Without a claim it
// returns the first one, which refuses the token as any would. A CORS preflight has no token: an application that
// allows its origin responds.
func (a *AppRouter) appOfToken(r *http.Request) *Application {
	if s := a.byDomain[claimedDomainID(r)]; s != nil {
		return s
	}
	if origin := r.Header.Get("Origin"); r.Method == http.MethodOptions && origin != "" {
		for i := range a.applications {
			if a.applications[i].Origins.Allow(origin) {
				return &a.applications[i]
			}
		}
	}
	return &a.applications[0]
}

// claimedDomainID returns the domain id in the request's token, unverified; "" without one.
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

// serveReady reports whether the databases of all applications respond. It fails as soon as the shutdown begins.
func (a *AppRouter) serveReady(w http.ResponseWriter, r *http.Request) error {
	if a.shuttingDown.Load() {
		return unavailable("the service is shutting down", databaseRetryAfter, nil)
	}
	var pings []func(context.Context) error
	for _, app := range a.applications {
		pings = append(pings, app.Ping)
	}
	return checkReady(w, r, pings...)
}

// ServeOptions configure AppRouter.Serve.
type ServeOptions struct {
	Certificate   *Certificate  // nil: without TLS
	ShutdownDelay time.Duration // between the failing readiness probe and the end of the listener, for load balancers
	GracePeriod   time.Duration // for running requests to finish
}

// Serve serves a listener until ctx ends, then shuts down: it reports that it is not ready, after ShutdownDelay refuses
// new connections and ends streams, and after GracePeriod aborts the requests that still run. A shutdown returns nil.
func (a *AppRouter) Serve(ctx context.Context, l net.Listener, o ServeOptions) error {
	s := NewHTTPServer(a, a.log)
	s.RegisterOnShutdown(a.endStreams)
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
	a.shuttingDown.Store(true)
	a.log.Info("shutting down: new requests are refused after the notice period, running ones may finish; a second "+
		"signal ends "+
		"the process", "notice", o.ShutdownDelay.String(), "grace", o.GracePeriod.String())
	time.Sleep(o.ShutdownDelay)
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), o.GracePeriod)
	defer cancel()
	if err := s.Shutdown(drain); err != nil {
		a.log.Warn("aborting the requests that still run after the grace period", "error", err)
		return s.Close()
	}
	return nil
}

func (a *AppRouter) endStreams() {
	for _, app := range a.applications {
		app.EndStreams()
	}
}
