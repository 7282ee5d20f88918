package metrics

import (
	"io"
	"runtime"
	runtimemetrics "runtime/metrics"

	"github.com/VictoriaMetrics/metrics"
)

// writeRuntime writes settings of the Go runtime with the names that Prometheus' own client gives them.
func writeRuntime(w io.Writer) {
	samples := []runtimemetrics.Sample{{Name: "/gc/gogc:percent"}, {Name: "/gc/gomemlimit:bytes"}}
	runtimemetrics.Read(samples)
	metrics.WriteGaugeUint64(w, "go_gc_gogc_percent", samples[0].Value.Uint64())
	metrics.WriteGaugeUint64(w, "go_gc_gomemlimit_bytes", samples[1].Value.Uint64())
	metrics.WriteGaugeUint64(w, "go_sched_gomaxprocs_threads", uint64(runtime.GOMAXPROCS(0)))
}
