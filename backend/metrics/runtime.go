package metrics

import (
	"bytes"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// sample is a metric without labels that is read when it is written.
type sample struct {
	name, help string
	kind       kind
	value      float64
}

func writeSamples(out *bytes.Buffer, samples []sample) {
	for _, s := range samples {
		writeHeader(out, s.name, s.help, s.kind)
		writeValue(out, s.name, "", s.value)
	}
}

// writeRuntime writes the metrics of the Go runtime, with the names that Prometheus' own client gives them.
func writeRuntime(out *bytes.Buffer) {
	writePauses(out)
	settings := []metrics.Sample{{Name: "/gc/gogc:percent"}, {Name: "/gc/gomemlimit:bytes"}}
	metrics.Read(settings)
	writeSamples(out, []sample{
		{"go_gc_gogc_percent", "Growth of the heap between garbage collections (GOGC).", gauge, number(settings[0])},
		{"go_gc_gomemlimit_bytes", "Memory limit of the Go runtime (GOMEMLIMIT).", gauge, number(settings[1])},
		{"go_goroutines", "Goroutines that exist.", gauge, float64(runtime.NumGoroutine())},
	})
	writeHeader(out, "go_info", "Version of Go.", gauge)
	writeValue(out, "go_info", formatLabels([]string{"version"}, []string{runtime.Version()}), 1)
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	writeSamples(out, memorySamples(&m))
	threads, _ := runtime.ThreadCreateProfile(nil)
	writeSamples(out, []sample{
		{"go_sched_gomaxprocs_threads", "Threads that run Go code at the same time.", gauge, float64(runtime.GOMAXPROCS(0))},
		{"go_threads", "Threads created.", gauge, float64(threads)},
	})
}

// writePauses writes a summary of the pauses for garbage collection.
func writePauses(out *bytes.Buffer) {
	const name = "go_gc_duration_seconds"
	stats := debug.GCStats{PauseQuantiles: make([]time.Duration, 5)} // minimum, quartiles, maximum
	debug.ReadGCStats(&stats)
	writeHeader(out, name, "Pauses for garbage collection.", "summary")
	for i, quantile := range []string{"0", "0.25", "0.5", "0.75", "1"} {
		writeValue(out, name, `quantile="`+quantile+`"`, stats.PauseQuantiles[i].Seconds())
	}
	writeValue(out, name+"_sum", "", stats.PauseTotal.Seconds())
	writeValue(out, name+"_count", "", float64(stats.NumGC))
}

// memorySamples returns the metrics of the memory of the Go runtime.
func memorySamples(m *runtime.MemStats) []sample {
	bytes := func(name, help string, n uint64) sample {
		return sample{"go_memstats_" + name + "_bytes", "Bytes of " + help + ".", gauge, float64(n)}
	}
	total := func(name, help string, n uint64) sample {
		return sample{"go_memstats_" + name + "_total", help + ", freed ones included.", counter, float64(n)}
	}
	return []sample{
		bytes("alloc", "allocated heap objects", m.Alloc),
		total("alloc_bytes", "Bytes of heap objects", m.TotalAlloc),
		bytes("buck_hash_sys", "the hash table of profiles", m.BuckHashSys),
		{"go_memstats_frees_total", "Heap objects freed.", counter, float64(m.Frees)},
		bytes("gc_sys", "the metadata of garbage collection", m.GCSys),
		bytes("heap_alloc", "allocated heap objects", m.HeapAlloc),
		bytes("heap_idle", "the heap that are not in use", m.HeapIdle),
		bytes("heap_inuse", "the heap that are in use", m.HeapInuse),
		{"go_memstats_heap_objects", "Allocated heap objects.", gauge, float64(m.HeapObjects)},
		bytes("heap_released", "the heap returned to the operating system", m.HeapReleased),
		bytes("heap_sys", "the heap obtained from the operating system", m.HeapSys),
		{"go_memstats_last_gc_time_seconds", "Time of the last garbage collection in seconds since 1970.", gauge,
			float64(m.LastGC) / float64(time.Second)},
		total("mallocs", "Heap objects allocated", m.Mallocs),
		bytes("mcache_inuse", "the allocator's caches in use", m.MCacheInuse),
		bytes("mcache_sys", "the allocator's caches obtained from the operating system", m.MCacheSys),
		bytes("mspan_inuse", "the allocator's spans in use", m.MSpanInuse),
		bytes("mspan_sys", "the allocator's spans obtained from the operating system", m.MSpanSys),
		bytes("next_gc", "the heap at which the next garbage collection starts", m.NextGC),
		bytes("other_sys", "other allocations of the runtime", m.OtherSys),
		bytes("stack_inuse", "stacks in use", m.StackInuse),
		bytes("stack_sys", "stacks obtained from the operating system", m.StackSys),
		bytes("sys", "memory obtained from the operating system", m.Sys),
	}
}

// number returns the value of a metric of the runtime that is a whole number.
func number(s metrics.Sample) float64 { return float64(s.Value.Uint64()) }
