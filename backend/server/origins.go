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

// Origins are the web origins whose pages may use the API in a browser (CORS). Requests without an Origin header, such
// as those of a mobile app, are not affected. The zero value allows every origin.
type Origins struct {
	Allowed   []string // "https://example.com"; empty: every origin, unless LocalOnly is set
	LocalOnly bool     // allows only loopback origins and Allowed, because the credentials are public
}

// any reports whether every origin is allowed.
func (o Origins) any() bool { return len(o.Allowed) == 0 && !o.LocalOnly }

// Allow reports whether an origin is allowed.
func (o Origins) Allow(origin string) bool {
	if o.any() {
		return true
	}
	normalized := normalizeOrigin(origin)
	if slices.ContainsFunc(o.Allowed, func(allowed string) bool { return normalizeOrigin(allowed) == normalized }) {
		return true
	}
	u, err := url.Parse(normalized)
	return o.LocalOnly && err == nil && (u.Scheme == "http" || u.Scheme == "https") && isLoopback(u.Hostname())
}

// normalizeOrigin writes an origin as browsers do: in lower case and without the default port.
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

// handleCORS sets the CORS headers, responds to preflight requests and refuses origins that are not allowed. It reports
// whether it wrote the response. Allowing every origin is safe because the API has no cookies: a page must hold a
// token.
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
		e := api.Errorf(http.StatusForbidden, "", "origin %s is not in the application's allowed_request_origins", origin)
		e.Err = errors.New("the origin is not in the application's allowed_request_origins")
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
