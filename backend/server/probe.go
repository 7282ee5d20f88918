package server

import (
	"context"
	"net/http"

	"dossier/backend/api"
)

// The paths for whoever runs the service.
const (
	healthPath = "/healthz"
	readyPath  = "/readyz"
	logsPath   = "/logs"
)

// probes are asked every few seconds by machines.
var probes = []string{healthPath, readyPath}

// healthy says that the process answers.
func healthy(w http.ResponseWriter, _ *http.Request) error {
	return writeBody(w, http.StatusOK, map[string]string{"status": "ok"})
}

// ready says whether the database answers.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) error {
	return prepared(w, r, s.c.Ready)
}

// prepared answers whether everything that is asked answers in time; what does not is for the log only.
func prepared(w http.ResponseWriter, r *http.Request, ask ...func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(r.Context(), readyTime)
	defer cancel()
	for _, f := range ask {
		if err := f(ctx); err != nil {
			return &api.Error{Status: http.StatusServiceUnavailable, Message: "the database does not answer", RetryAfter: retryDatabase, Err: err}
		}
	}
	return writeBody(w, http.StatusOK, map[string]string{"status": "ready"})
}
