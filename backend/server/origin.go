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
	Allowed   []string // pages of these origins ("https://example.com"); empty: of any
	LocalOnly bool     // pages of this machine, because the credentials are known to everybody
}

// any reports whether pages of any origin may ask.
func (o Origins) any() bool { return len(o.Allowed) == 0 && !o.LocalOnly }

// Allow reports whether a page of an origin may ask.
func (o Origins) Allow(origin string) bool {
	if o.any() {
		return true
	}
	is := normalizeOrigin(origin)
	if slices.ContainsFunc(o.Allowed, func(only string) bool { return normalizeOrigin(only) == is }) {
		return true
	}
	u, err := url.Parse(is)
	return o.LocalOnly && err == nil && (u.Scheme == "http" || u.Scheme == "https") && isLoopback(u.Hostname())
}

// normalizeOrigin writes an origin the one way that browsers do.
func normalizeOrigin(origin string) string {
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

// handleCORS sets what browsers want to see before a script may read the answer, answers a pre-flight and refuses pages that may not ask.
// It reports whether the request is answered. Where any page may ask there are no cookies, only tokens that a page must hold.
func (o Origins) handleCORS(w http.ResponseWriter, r *http.Request) bool {
	h := w.Header()
	origin := r.Header.Get("Origin")
	switch {
	case o.any():
		h.Set("Access-Control-Allow-Origin", "*")
	case origin == "":
		h.Add("Vary", "Origin")
	case !o.Allow(origin):
		h.Add("Vary", "Origin")
		infoOf(r.Context()).origin = fmt.Sprintf("%.200s", origin)
		e := api.Errorf(http.StatusForbidden, "", "pages of %s may not use this application: its allowed_request_origins do not name it", origin)
		e.Err = errors.New("pages of this origin may not use the application: its allowed_request_origins do not name it")
		writeError(w, r, e)
		return true
	default:
		h.Add("Vary", "Origin")
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	h.Set("Access-Control-Expose-Headers", "X-Request-Id, Retry-After, x-baas-location")
	if r.Method != http.MethodOptions || !strings.HasPrefix(r.URL.Path, api.BasePath) {
		return false
	}
	h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE")
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Accept")
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
	return true
}
