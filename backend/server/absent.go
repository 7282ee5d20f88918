package server

import (
	"net/http"
	"strings"

	"dossier/backend/api"
)

// unsupportedStep answers the steps of local-userpass that need what dossier does not have.
func (s *Server) unsupportedStep(_ http.ResponseWriter, r *http.Request) error {
	step := r.URL.Path[strings.Index(r.URL.Path, api.EmailPassword)+len(api.EmailPassword)+1:]
	needs := map[string]string{
		"confirm":      "confirmation tokens are never issued: registrations are confirmed automatically",
		"confirm/send": "no mail is sent: registrations are confirmed automatically",
		"confirm/call": "no confirmation function is run: registrations are confirmed automatically",
		"reset":        "password reset tokens are never issued",
		"reset/send":   "password reset needs mail, which dossier does not send",
		"reset/call":   "password reset needs a reset function, which dossier does not run",
	}
	return api.Errorf(http.StatusBadRequest, api.CodeBadRequest, "local-userpass %s is not supported: %s", step, needs[step])
}

// nothing answers every other address, by name.
func (s *Server) nothing(_ http.ResponseWriter, r *http.Request) error {
	return api.Errorf(http.StatusNotFound, "", "this service has no endpoint %s %s", r.Method, r.URL.Path)
}
