package server

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"dossier/backend/api"
)

// Origins says whose pages may use the API in a browser. Requests that no page sent, such as an app's on a phone, are none of its business.
type Origins struct {
	Only  []string // pages of these origins ("https://example.com"); empty: of any
	Local bool     // pages of this machine, because the credentials are known to everybody
}

// open reports whether pages of any origin may ask.
func (o Origins) open() bool { return len(o.Only) == 0 && !o.Local }

// Allow reports whether a page of an origin may ask.
func (o Origins) Allow(origin string) bool {
	if o.open() {
		return true
	}
	is := normal(origin)
	if slices.ContainsFunc(o.Only, func(only string) bool { return normal(only) == is }) {
		return true
	}
	u, err := url.Parse(is)
	return o.Local && err == nil && (u.Scheme == "http" || u.Scheme == "https") && loopback(u.Hostname())
}

// normal writes an origin the one way that browsers do.
func normal(origin string) string {
	u, err := url.Parse(strings.TrimRight(strings.TrimSpace(origin), "/"))
	if err != nil || u.Host == "" {
		return origin
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if u.Scheme == "http" && u.Port() == "80" || u.Scheme == "https" && u.Port() == "443" {
		u.Host = strings.TrimSuffix(u.Host, ":"+u.Port())
	}
	return u.String()
}

// admit sets what browsers want to see before a script may read the answer, answers a pre-flight and refuses pages that may not ask.
// It reports whether the request is answered. Where any page may ask there are no cookies, only tokens that a page must hold.
func (o Origins) admit(w http.ResponseWriter, r *http.Request) bool {
	h := w.Header()
	origin := r.Header.Get("Origin")
	switch {
	case o.open():
		h.Set("Access-Control-Allow-Origin", "*")
	case origin == "":
		h.Add("Vary", "Origin")
	case !o.Allow(origin):
		h.Add("Vary", "Origin")
		recordOf(r.Context()).origin = fmt.Sprintf("%.200s", origin)
		e := api.Errorf(http.StatusForbidden, "", "pages of %s may not use this application: its allowed_request_origins do not name it", origin)
		e.Err = errors.New("pages of this origin may not use the application: its allowed_request_origins do not name it")
		fail(w, r, e)
		return true
	default:
		h.Add("Vary", "Origin")
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	h.Set("Access-Control-Expose-Headers", "X-Request-Id, Retry-After, x-baas-location")
	if r.Method != http.MethodOptions || !strings.HasPrefix(r.URL.Path, api.Base) {
		return false
	}
	h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE")
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Accept")
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
	return true
}
