package server

import (
	"context"
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

// unsupportedKeys answers the API key endpoints.
func (s *Server) unsupportedKeys(http.ResponseWriter, *http.Request) error {
	return api.Errorf(http.StatusNotImplemented, "", "user API keys are not supported by this service")
}

// nothing answers every other address, by name.
func (s *Server) nothing(_ http.ResponseWriter, r *http.Request) error {
	return api.Errorf(http.StatusNotFound, "", "this service has no endpoint %s %s", r.Method, r.URL.Path)
}

// healthy says that the process answers.
func (s *Server) healthy(w http.ResponseWriter, _ *http.Request) error {
	return writeBody(w, http.StatusOK, map[string]string{"status": "ok"})
}

// ready says whether the database answers.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), readyTime)
	defer cancel()
	if err := s.c.Ready(ctx); err != nil {
		return &api.Error{Status: http.StatusServiceUnavailable, Message: "the database does not answer", RetryAfter: retryDatabase, Err: err}
	}
	return writeBody(w, http.StatusOK, map[string]string{"status": "ready"})
}
