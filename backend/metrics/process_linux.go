package metrics

import (
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/VictoriaMetrics/metrics"
	"golang.org/x/sys/unix"
)

// writeProcess writes what the library leaves out of the metrics of a process: its limit of virtual memory, and the
// traffic of its network namespace.
func writeProcess(w io.Writer) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_AS, &limit); err == nil {
		metrics.WriteGaugeUint64(w, "process_virtual_memory_max_bytes", limit.Cur)
	}
	text, err := os.ReadFile("/proc/self/net/netstat")
	if err != nil {
		return
	}
	var names []string // a line of names precedes each line of values
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		for i := 0; i < min(len(names), len(fields)) && fields[0] == "IpExt:"; i++ {
			n, err := strconv.ParseUint(fields[i], 10, 64)
			switch {
			case err != nil:
			case names[i] == "InOctets":
				metrics.WriteCounterUint64(w, "process_network_receive_bytes_total", n)
			case names[i] == "OutOctets":
				metrics.WriteCounterUint64(w, "process_network_transmit_bytes_total", n)
			}
		}
		names = fields
	}
}
