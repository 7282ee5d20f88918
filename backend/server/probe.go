package server

import (
	"context"
	"net/http"

	"dossier/backend/api"
)

// The paths for operators.
const (
	healthPath = "/healthz"
	readyPath  = "/readyz"
	logsPath   = "/logs"
)

// probePaths are requested every few seconds by load balancers and orchestrators.
var probePaths = []string{healthPath, readyPath}

// serveHealth responds while the process runs.
func serveHealth(w http.ResponseWriter, _ *http.Request) error {
	return writeBody(w, http.StatusOK, map[string]string{"status": "ok"})
}

// serveReady reports whether the database responds.
func (s *Server) serveReady(w http.ResponseWriter, r *http.Request) error {
	return checkReady(w, r, s.config.Ping)
}

// checkReady responds with 200 when all pings succeed before readyTimeout, else with 503. A ping's error is only
// logged.
func checkReady(w http.ResponseWriter, r *http.Request, pings ...func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	for _, ping := range pings {
		if err := ping(ctx); err != nil {
			return &api.Error{
				Status: http.StatusServiceUnavailable, Message: "the database does not respond", RetryAfter: databaseRetryAfter,
				Err: err,
			}
		}
	}
	return writeBody(w, http.StatusOK, map[string]string{"status": "ready"})
}
