package server

import (
	"net/http"
	"strings"

	"dossier/backend/api"
)

// rejectOAuthRedirect answers the page at which a browser would start to sign in with somebody else's service: dossier takes the id token that such a service
// gives the application itself.
func (s *Server) rejectOAuthRedirect(w http.ResponseWriter, r *http.Request) error {
	provider := r.PathValue("provider")
	if !strings.HasPrefix(provider, api.OAuthPrefix) {
		return s.notFound(w, r)
	}
	return api.Errorf(http.StatusBadRequest, api.CodeBadRequest,
		"%s: sign-in by redirecting the browser is not supported: get an id token from the sign-in service in the application, and log in with that (idToken)", provider)
}

// rejectPushRegistration answers who registers a device for push messages.
func (s *Server) rejectPushRegistration(_ http.ResponseWriter, r *http.Request) error {
	if _, err := s.authenticate(r); err != nil {
		return err
	}
	return api.Errorf(http.StatusNotFound, api.CodeServiceNotFound, "service not found: '%s'", r.PathValue("service"))
}

// rejectDeviceSync answers who wants to synchronize a device's database.
func (s *Server) rejectDeviceSync(http.ResponseWriter, *http.Request) error {
	return api.Errorf(http.StatusNotFound, api.CodeServiceNotFound, "Device Sync is not supported by this service: use functions, or the collections of a data source")
}

// notFound answers every other address, by name.
func (s *Server) notFound(_ http.ResponseWriter, r *http.Request) error {
	return api.Errorf(http.StatusNotFound, "", "this service has no endpoint %s %s", r.Method, r.URL.Path)
}
