package metrics

import (
	"bytes"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// kind is the type of a metric in the text format.
type kind string

const (
	counter   kind = "counter"
	gauge     kind = "gauge"
	histogram kind = "histogram"
)

// family is a metric with one series for each combination of label values. It is safe for concurrent use.
type family struct {
	name, help string
	kind       kind
	labels     []string  // in alphabetical order
	bounds     []float64 // upper bounds of a histogram's buckets, ascending; others have none

	mu     sync.Mutex
	series map[string]*series // by its labels in the text format
}

// series is the values of one combination of label values.
type series struct {
	value   float64  // of a histogram: the sum of the observed values
	buckets []uint64 // observed values for each bound, and those above all bounds
}

func newFamily(kind kind, name, help string, labels ...string) *family {
	f := &family{name: name, help: help, kind: kind, labels: labels, series: map[string]*series{}}
	if kind == histogram {
		f.bounds = durationBuckets()
	}
	return f
}

// add adds n to the series with these label values.
func (f *family) add(n float64, values ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.find(values).value += n
}

// observe counts a value in a histogram.
func (f *family) observe(v float64, values ...string) {
	bucket, _ := slices.BinarySearch(f.bounds, v)
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.find(values)
	s.value += v
	s.buckets[bucket]++
}

// find returns a series and creates it at zero if need be. The caller holds the lock.
func (f *family) find(values []string) *series {
	key := formatLabels(f.labels, values)
	s := f.series[key]
	if s == nil {
		s = &series{buckets: make([]uint64, len(f.bounds)+1)}
		f.series[key] = s
	}
	return s
}

// write appends the family in the text format, its series in the order of their labels. Without series it writes
// nothing.
func (f *family) write(out *bytes.Buffer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.series) == 0 {
		return
	}
	writeHeader(out, f.name, f.help, f.kind)
	for _, labels := range slices.Sorted(maps.Keys(f.series)) {
		s := f.series[labels]
		if f.kind == histogram {
			f.writeHistogram(out, labels, s)
		} else {
			writeValue(out, f.name, labels, s.value)
		}
	}
}

// writeHistogram writes the buckets, each with the values up to its bound, the sum and the number of values.
func (f *family) writeHistogram(out *bytes.Buffer, labels string, s *series) {
	count := uint64(0)
	for i, n := range s.buckets {
		bound := "+Inf"
		if i < len(f.bounds) {
			bound = formatNumber(f.bounds[i])
		}
		count += n
		writeValue(out, f.name+"_bucket", labels+`,le="`+bound+`"`, float64(count))
	}
	writeValue(out, f.name+"_sum", labels, s.value)
	writeValue(out, f.name+"_count", labels, float64(count))
}

func writeHeader(out *bytes.Buffer, name, help string, kind kind) {
	out.WriteString("# HELP " + name + " " + help + "\n# TYPE " + name + " " + string(kind) + "\n")
}

func writeValue(out *bytes.Buffer, name, labels string, value float64) {
	out.WriteString(name)
	if labels != "" {
		out.WriteString("{" + labels + "}")
	}
	out.WriteString(" " + formatNumber(value) + "\n")
}

var escapeLabel = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// formatLabels returns labels in the text format, without braces.
func formatLabels(names, values []string) string {
	var out strings.Builder
	for i, name := range names {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString(name + `="` + escapeLabel.Replace(strings.ToValidUTF8(values[i], "\ufffd")) + `"`)
	}
	return out.String()
}

func formatNumber(n float64) string { return strconv.FormatFloat(n, 'g', -1, 64) }
