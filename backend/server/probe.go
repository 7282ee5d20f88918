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

// serveHealth says that the process answers.
func serveHealth(w http.ResponseWriter, _ *http.Request) error {
	return writeBody(w, http.StatusOK, map[string]string{"status": "ok"})
}

// serveReady says whether the database answers.
func (s *Server) serveReady(w http.ResponseWriter, r *http.Request) error {
	return checkReady(w, r, s.config.Ping)
}

// checkReady answers whether everything that is asked answers in time; what does not is for the log only.
func checkReady(w http.ResponseWriter, r *http.Request, ask ...func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	for _, f := range ask {
		if err := f(ctx); err != nil {
			return &api.Error{Status: http.StatusServiceUnavailable, Message: "the database does not answer", RetryAfter: databaseRetryAfter, Err: err}
		}
	}
	return writeBody(w, http.StatusOK, map[string]string{"status": "ready"})
}
