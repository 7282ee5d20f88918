package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

// goBenchmarks runs the Go benchmarks that compare the service with the driver calls in it, and the embedded database
// with bbolt, and prints those that report a ratio.
func (m *meter) goBenchmarks() error {
	for _, b := range [][3]string{{"The service", "dossier/backend", "Service/(refresh|profile|updateOne|function)"},
		{"The embedded database", "dossier/backend/embedded", "."}} {
		cmd := exec.CommandContext(m.ctx, "go", "test", "-run", "^$", "-bench", b[2], "-benchtime", "500x", b[1])
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return fmt.Errorf("run the benchmarks of %s: %w\n%s", b[1], err, out)
		}
		if g := ratios(string(out)); len(g.rows) > 0 {
			g.write(m.out, b[0], nil)
		}
	}
	return nil
}

var (
	benchmark = regexp.MustCompile(`(?m)^Benchmark(\S+?)(?:-\d+)?\s+\d+\s(.*\bratio\b.*)$`)
	figure    = regexp.MustCompile(`(\S+) (\S+)`)
)

// ratios returns the figures of the benchmarks that report one whose unit contains the word ratio.
func ratios(output string) *grid {
	var g grid
	for _, line := range benchmark.FindAllStringSubmatch(output, -1) {
		for _, f := range figure.FindAllStringSubmatch(line[2], -1) {
			if v, err := strconv.ParseFloat(f[1], 64); err == nil && !strings.HasSuffix(f[2], "/req") {
				g.add(line[1], f[2], v)
			}
		}
	}
	return &g
}
