package server

import (
	"net/http"
	"strings"

	"dossier/backend/api"
)

// rejectOAuthRedirect responds to the page at which a browser would start the OAuth 2.0 redirect flow. It is not
// supported: the application gets the ID token from the identity provider itself.
func (s *Server) rejectOAuthRedirect(w http.ResponseWriter, r *http.Request) error {
	provider := r.PathValue("provider")
	if !strings.HasPrefix(provider, api.OAuthPrefix) {
		return s.notFound(w, r)
	}
	return api.Errorf(http.StatusBadRequest, api.CodeBadRequest,
		"%s: sign-in by browser redirect is not supported: get an ID token from the identity provider in the application, "+
			"and log in with it (idToken)", provider)
}

// rejectPushRegistration responds to the registration of a device for push notifications.
func (s *Server) rejectPushRegistration(_ http.ResponseWriter, r *http.Request) error {
	if _, err := s.authenticate(r); err != nil {
		return err
	}
	return api.Errorf(http.StatusNotFound, api.CodeServiceNotFound, "service not found: '%s'", r.PathValue("service"))
}

// rejectDeviceSync responds to a Device Sync connection.
func (s *Server) rejectDeviceSync(http.ResponseWriter, *http.Request) error {
	return api.Errorf(http.StatusNotFound, api.CodeServiceNotFound,
		"Device Sync is not supported by this service: use functions, or the collections of a data source")
}

// notFound responds to every other path.
func (s *Server) notFound(_ http.ResponseWriter, r *http.Request) error {
	return api.Errorf(http.StatusNotFound, "", "this service has no endpoint %s %s", r.Method, r.URL.Path)
}
