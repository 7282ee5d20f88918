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

// Site is one application behind a Front.
type Site struct {
	AppID   string
	Origins Origins
	Handler http.Handler                    // answers what came through the Front's door
	Ready   func(ctx context.Context) error // whether its database answers
	End     func()                          // ends its streams
}

// Front serves several applications at one address. Most paths name the application; for the others the token does.
type Front struct {
	sites    []Site
	byID     map[string]*Site
	byDomain map[string]*Site // by the id inside tokens
	handler  http.Handler
	log      *slog.Logger
	leaving  atomic.Bool // it is about to end
}

// NewFront puts applications behind a door; their ids have to differ.
func NewFront(d Door, sites ...Site) (*Front, error) {
	f := &Front{sites: sites, byID: map[string]*Site{}, byDomain: map[string]*Site{}, log: d.Log}
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
	f.handler = d.open(http.HandlerFunc(f.pass))
	return f, nil
}

// ServeHTTP answers one request.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) { f.handler.ServeHTTP(w, r) }

// pass hands a request to its application, or answers for the service as a whole.
func (f *Front) pass(w http.ResponseWriter, r *http.Request) {
	own := map[string]handler{healthPath: healthy, readyPath: f.ready, logsPath: logs}
	if h := own[r.URL.Path]; h != nil && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		recordOf(r.Context()).Route = r.URL.Path
		if err := h(w, r); err != nil {
			fail(w, r, err)
		}
		return
	}
	rest, inApp := strings.CutPrefix(r.URL.Path, api.Base+"/app/")
	if !inApp {
		f.byToken(r).Handler.ServeHTTP(w, r)
		return
	}
	id, _, _ := strings.Cut(rest, "/")
	if s := f.byID[id]; s != nil {
		s.Handler.ServeHTTP(w, r)
		return
	}
	recordOf(r.Context()).Route = api.Base + "/app/{app}"
	w.Header().Set("Access-Control-Allow-Origin", "*")
	fail(w, r, unknownApp(id))
}

// unknownApp is the answer for an application that is not served; SDKs' users know its words.
func unknownApp(id string) error {
	e := api.Errorf(http.StatusNotFound, "", "cannot find app using Client App ID '%s'", id)
	e.Err = fmt.Errorf("there is no application %.100q here", id)
	return e
}

// byToken finds the application that a token claims to be of; it is checked there. Without a claim it is any: each refuses such a token.
// A browser's question whether it may ask has no token, so that whoever lets its page ask answers it.
func (f *Front) byToken(r *http.Request) *Site {
	if s := f.byDomain[claimedDomain(r)]; s != nil {
		return s
	}
	if origin := r.Header.Get("Origin"); r.Method == http.MethodOptions && origin != "" {
		for i := range f.sites {
			if f.sites[i].Origins.Allow(origin) {
				return &f.sites[i]
			}
		}
	}
	return &f.sites[0]
}

// claimedDomain is what a token says about its application, believed by nobody yet; empty: it says nothing.
func claimedDomain(r *http.Request) string {
	token, err := bearer(r)
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

// ready says whether every application's database answers, and no more from the moment on that the service is about to end.
func (f *Front) ready(w http.ResponseWriter, r *http.Request) error {
	if f.leaving.Load() {
		return &api.Error{Status: http.StatusServiceUnavailable, Message: "the service is about to end", RetryAfter: retryDatabase}
	}
	var ask []func(context.Context) error
	for _, s := range f.sites {
		ask = append(ask, s.Ready)
	}
	return prepared(w, r, ask...)
}

// Listening says how a Front serves a listener.
type Listening struct {
	Certificate *Certificate  // nil: without TLS
	Notice      time.Duration // how long it goes on after it was told to end, so that balancers see that it is not ready any more
	Grace       time.Duration // how long running requests may take to finish then
}

// Serve serves a listener until ctx ends. Then it is not ready any more, and after the notice takes no new connections, ends streams at once and lets
// requests finish; what has not finished after the grace is cut off. That is no error.
func (f *Front) Serve(ctx context.Context, l net.Listener, o Listening) error {
	s := HTTP(f, f.log)
	s.RegisterOnShutdown(f.endStreams)
	failed := make(chan error, 1)
	go func() {
		if o.Certificate == nil {
			failed <- s.Serve(l)
			return
		}
		s.TLSConfig = o.Certificate.config()
		failed <- s.ServeTLS(l, "", "")
	}()
	select {
	case err := <-failed:
		return fmt.Errorf("serve on %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	f.leaving.Store(true)
	f.log.Info("ending: requests that run may finish, new ones are refused after the notice; a second signal ends at once", "notice", o.Notice.String(), "grace", o.Grace.String())
	time.Sleep(o.Notice)
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), o.Grace)
	defer cancel()
	if err := s.Shutdown(drain); err != nil {
		f.log.Warn("requests that did not finish are cut off", "error", err)
		return s.Close()
	}
	return nil
}

func (f *Front) endStreams() {
	for _, s := range f.sites {
		s.End()
	}
}
