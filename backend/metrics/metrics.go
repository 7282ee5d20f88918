package metrics

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"dossier/backend/server"
)

// durationBuckets are the upper bounds of the histograms in seconds, up to a function's timeout.
var durationBuckets = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 90}

// Metrics holds the metrics of one process. It is a server.MetricsRecorder. Every label has few values: a name that a
// client can invent becomes "other".
type Metrics struct {
	registry    *prometheus.Registry
	inFlight    prometheus.Gauge
	streams     *prometheus.GaugeVec
	requests    *prometheus.CounterVec
	durations   *prometheus.HistogramVec
	signIns     *prometheus.CounterVec
	refreshes   *prometheus.CounterVec
	calls       *prometheus.HistogramVec
	throttled   *prometheus.CounterVec
	unavailable *prometheus.CounterVec
}

// New returns metrics at zero, and registers those of the Go runtime and the process.
func New() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Name: "dossier_requests_in_flight",
			Help: "Requests in progress, open streams included."}),
		streams: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "dossier_streams_open", Help: "Open change streams."},
			[]string{"app"}),
		requests: counter("dossier_requests_total", "Requests finished.", "app", "route", "method", "status"),
		durations: histogram("dossier_request_duration_seconds", "Duration of requests without streams.", "app", "route",
			"method"),
		signIns: counter("dossier_sign_ins_total", "Sign-ins by result: ok, refused, throttled or failed.", "app",
			"provider", "result"),
		refreshes: counter("dossier_token_refreshes_total", "Requests for a new access token.", "app", "result"),
		calls: histogram("dossier_call_duration_seconds",
			"Duration of calls of the application's functions and of operations of data sources.", "app", "kind", "name",
			"result"),
		throttled: counter("dossier_throttled_total", "Responses with status 429.", "app", "route"),
		unavailable: counter("dossier_database_unavailable_total",
			"Responses with status 503 because the database did not respond.", "app"),
	}
	m.registry.MustRegister(m.inFlight, m.streams, m.requests, m.durations, m.signIns, m.refreshes, m.calls, m.throttled,
		m.unavailable,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
}

func histogram(name, help string, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: durationBuckets}, labels)
}

// Handler returns a handler that serves the metrics at every path.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
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
func (m *Metrics) RequestStarted() { m.inFlight.Inc() }

// AddStreams changes the number of open streams by n, which may be negative.
func (m *Metrics) AddStreams(app string, n int) { m.streams.WithLabelValues(app).Add(float64(n)) }

// RequestFinished counts a finished request.
func (m *Metrics) RequestFinished(o server.Outcome) {
	m.inFlight.Dec()
	route := labelOrOther(o.Route)
	m.requests.WithLabelValues(o.App, route, o.Method, strconv.Itoa(o.Status)).Inc()
	if !o.Stream {
		m.durations.WithLabelValues(o.App, route, o.Method).Observe(o.Duration.Seconds())
	}
	if o.Status == http.StatusTooManyRequests {
		m.throttled.WithLabelValues(o.App, route).Inc()
	}
	if o.DatabaseDown {
		m.unavailable.WithLabelValues(o.App).Inc()
	}
	switch o.Kind {
	case server.SignIn:
		m.signIns.WithLabelValues(o.App, labelOrOther(o.Name), result(o.Status)).Inc()
	case server.Refresh:
		m.refreshes.WithLabelValues(o.App, result(o.Status)).Inc()
	case server.Function, server.Operation:
		m.calls.WithLabelValues(o.App, string(o.Kind), labelOrOther(o.Name), result(o.Status)).Observe(o.Duration.Seconds())
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
