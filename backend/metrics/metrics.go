package metrics

import (
	"bytes"
	"net/http"
	"strconv"
	"time"

	"dossier/backend/server"
)

// durationBuckets returns the upper bounds of the histograms in seconds, up to a function's timeout.
func durationBuckets() []float64 {
	return []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 90}
}

// Metrics holds the metrics of one process. It is a server.MetricsRecorder. Every label has few values: a name that a
// client can invent becomes "other".
type Metrics struct {
	calls, unavailable, durations, inFlight, requests, signIns, streams, throttled, refreshes *family
}

// New returns metrics at zero.
func New() *Metrics {
	m := &Metrics{
		calls: newFamily(histogram, "dossier_call_duration_seconds",
			"Duration of calls of the application's functions and of operations of data sources.", "app", "kind", "name",
			"result"),
		unavailable: newFamily(counter, "dossier_database_unavailable_total",
			"Responses with status 503 because the database did not respond.", "app"),
		durations: newFamily(histogram, "dossier_request_duration_seconds", "Duration of requests without streams.", "app",
			"method", "route"),
		inFlight: newFamily(gauge, "dossier_requests_in_flight", "Requests in progress, open streams included."),
		requests: newFamily(counter, "dossier_requests_total", "Requests finished.", "app", "method", "route", "status"),
		signIns: newFamily(counter, "dossier_sign_ins_total", "Sign-ins by result: ok, refused, throttled or failed.", "app",
			"provider", "result"),
		streams:   newFamily(gauge, "dossier_streams_open", "Open change streams.", "app"),
		throttled: newFamily(counter, "dossier_throttled_total", "Responses with status 429.", "app", "route"),
		refreshes: newFamily(counter, "dossier_token_refreshes_total", "Requests for a new access token.", "app", "result"),
	}
	m.inFlight.add(0)
	return m
}

// families returns the service's metrics in the order of their names.
func (m *Metrics) families() []*family {
	return []*family{
		m.calls, m.unavailable, m.durations, m.inFlight, m.requests, m.signIns, m.streams, m.throttled, m.refreshes,
	}
}

// Handler returns a handler that serves the metrics of the service, the Go runtime and the process in Prometheus' text
// format at every path.
func (m *Metrics) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		var out bytes.Buffer
		for _, f := range m.families() {
			f.write(&out)
		}
		writeRuntime(&out)
		writeProcess(&out)
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_, _ = w.Write(out.Bytes()) // a client that no longer reads needs no response
	})
}

// HTTPServer returns an http.Server that serves the metrics at /metrics without authentication, for the operator's
// network.
func (m *Metrics) HTTPServer() *http.Server {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.Handler())
	return &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, WriteTimeout: time.Minute,
		IdleTimeout: 2 * time.Minute}
}

// RequestStarted counts a request in progress.
func (m *Metrics) RequestStarted() { m.inFlight.add(1) }

// AddStreams changes the number of open streams by n, which may be negative.
func (m *Metrics) AddStreams(app string, n int) { m.streams.add(float64(n), app) }

// RequestFinished counts a finished request.
func (m *Metrics) RequestFinished(o server.Outcome) {
	m.inFlight.add(-1)
	route := labelOrOther(o.Route)
	m.requests.add(1, o.App, o.Method, route, strconv.Itoa(o.Status))
	if !o.Stream {
		m.durations.observe(o.Duration.Seconds(), o.App, o.Method, route)
	}
	if o.Status == http.StatusTooManyRequests {
		m.throttled.add(1, o.App, route)
	}
	if o.DatabaseDown {
		m.unavailable.add(1, o.App)
	}
	switch o.Kind {
	case server.SignIn:
		m.signIns.add(1, o.App, labelOrOther(o.Name), result(o.Status))
	case server.Refresh:
		m.refreshes.add(1, o.App, result(o.Status))
	case server.Function, server.Operation:
		m.calls.observe(o.Duration.Seconds(), o.App, string(o.Kind), labelOrOther(o.Name), result(o.Status))
	}
}

// labelOrOther returns a label value, and "other" for an empty text.
func labelOrOther(text string) string {
	if text == "" {
		return "other"
	}
	return text
}

// result returns the label value for a status.
func result(status int) string {
	switch {
	case status == http.StatusTooManyRequests:
		return "throttled"
	case status >= http.StatusInternalServerError || status == 0:
		return "failed"
	case status >= http.StatusBadRequest:
		return "refused"
	}
	return "ok"
}
