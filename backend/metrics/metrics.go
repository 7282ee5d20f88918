package metrics

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"dossier/backend/server"
)

// Metrics holds the metrics of one process. It is a server.MetricsRecorder. Every label has few values: a name that a
// client can invent becomes "other".
type Metrics struct{ set *metrics.Set }

// New returns metrics at zero.
func New() *Metrics {
	metrics.ExposeMetadata(true) // the type of each metric; a setting of the whole process
	m := &Metrics{metrics.NewSet()}
	m.set.NewGauge("dossier_requests_in_flight", nil)
	return m
}

// help returns the help texts of the service's metrics by name.
func help() map[string]string {
	return map[string]string{
		"dossier_call_duration_seconds": "Duration of calls of the application's functions and of operations of data " +
			"sources.",
		"dossier_database_unavailable_total": "Responses with status 503 because the database did not respond.",
		"dossier_request_duration_seconds":   "Duration of requests without streams.",
		"dossier_requests_in_flight":         "Requests in progress, open streams included.",
		"dossier_requests_total":             "Requests finished.",
		"dossier_sign_ins_total":             "Sign-ins by result: ok, refused, throttled or failed.",
		"dossier_streams_open":               "Open change streams.",
		"dossier_throttled_total":            "Responses with status 429.",
		"dossier_token_refreshes_total":      "Requests for a new access token.",
	}
}

// Handler returns a handler that serves the metrics of the service, the Go runtime and the process in Prometheus' text
// format at every path.
func (m *Metrics) Handler() http.Handler {
	texts := help()
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		var lines, out bytes.Buffer
		m.set.WritePrometheus(&lines)
		metrics.WriteProcessMetrics(&lines)
		metrics.WriteFDMetrics(&lines)
		writeRuntime(&lines)
		writeProcess(&lines)
		for line := range strings.Lines(lines.String()) {
			name, is := strings.CutPrefix(line, "# HELP ") // the library leaves the text empty
			name = strings.TrimSpace(name)
			switch {
			case !is:
				out.WriteString(line)
			case texts[name] != "":
				out.WriteString("# HELP " + name + " " + texts[name] + "\n")
			}
		}
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_, _ = w.Write(out.Bytes()) // a client that no longer reads needs no response
	})
}

// count adds one to a counter. Labels are names and values in turn, the names in alphabetical order.
func (m *Metrics) count(name string, labels ...string) {
	m.set.GetOrCreateCounter(name + formatLabels(labels)).Inc()
}

// observe counts a duration in a histogram whose buckets reach up to a function's timeout.
func (m *Metrics) observe(d time.Duration, name string, labels ...string) {
	bounds := []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 90} // seconds
	m.set.GetOrCreatePrometheusHistogramExt(name+formatLabels(labels), bounds).Update(d.Seconds())
}

// addToGauge changes a gauge by n.
func (m *Metrics) addToGauge(n int, name string, labels ...string) {
	m.set.GetOrCreateGauge(name+formatLabels(labels), nil).Add(float64(n))
}

var escapeLabel = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// formatLabels returns labels in the text format; "" without labels.
func formatLabels(labels []string) string {
	if len(labels) == 0 {
		return ""
	}
	var out strings.Builder
	for i := 0; i < len(labels); i += 2 {
		out.WriteString("," + labels[i] + `="` + escapeLabel.Replace(strings.ToValidUTF8(labels[i+1], "\ufffd")) + `"`)
	}
	return "{" + out.String()[1:] + "}"
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
func (m *Metrics) RequestStarted() { m.addToGauge(1, "dossier_requests_in_flight") }

// AddStreams changes the number of open streams by n, which may be negative.
func (m *Metrics) AddStreams(app string, n int) { m.addToGauge(n, "dossier_streams_open", "app", app) }

// RequestFinished counts a finished request.
func (m *Metrics) RequestFinished(o server.Outcome) {
	m.addToGauge(-1, "dossier_requests_in_flight")
	route := labelOrOther(o.Route)
	m.count("dossier_requests_total", "app", o.App, "method", o.Method, "route", route, "status", strconv.Itoa(o.Status))
	if !o.Stream {
		m.observe(o.Duration, "dossier_request_duration_seconds", "app", o.App, "method", o.Method, "route", route)
	}
	if o.Status == http.StatusTooManyRequests {
		m.count("dossier_throttled_total", "app", o.App, "route", route)
	}
	if o.DatabaseDown {
		m.count("dossier_database_unavailable_total", "app", o.App)
	}
	switch o.Kind {
	case server.SignIn:
		m.count("dossier_sign_ins_total", "app", o.App, "provider", labelOrOther(o.Name), "result", result(o.Status))
	case server.Refresh:
		m.count("dossier_token_refreshes_total", "app", o.App, "result", result(o.Status))
	case server.Function, server.Operation:
		m.observe(o.Duration, "dossier_call_duration_seconds", "app", o.App, "kind", string(o.Kind), "name",
			labelOrOther(o.Name), "result", result(o.Status))
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
