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
	for _, b := range [][3]string{{"The service", "dossier/backend", "Service"},
		{"The embedded database", "dossier/backend/embedded", "."}} {
		cmd := exec.CommandContext(m.ctx, "go", "test", "-run", "^$", "-bench", b[2], "-benchtime", "500x", b[1])
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return fmt.Errorf("run the benchmarks of %s: %w\n%s", b[1], err, out)
		}
		fmt.Fprintf(m.out, "### %s\n\n%s\n", b[0], ratios(string(out)))
	}
	return nil
}

var (
	benchmark = regexp.MustCompile(`(?m)^Benchmark(\S+?)(?:-\d+)?\s+\d+\s(.*)$`)
	figure    = regexp.MustCompile(`(\S+) (\S+)`)
)

// ratios makes a list in Markdown of the benchmarks that report a ratio: a figure whose unit contains that word.
func ratios(output string) string {
	var list strings.Builder
	for _, line := range benchmark.FindAllStringSubmatch(output, -1) {
		if !strings.Contains(line[2], "ratio") {
			continue
		}
		var figures []string
		for _, f := range figure.FindAllStringSubmatch(line[2], -1) {
			if v, err := strconv.ParseFloat(f[1], 64); err == nil && v != 0 {
				figures = append(figures, number(v)+" "+f[2])
			}
		}
		fmt.Fprintf(&list, "- %s: %s\n", line[1], strings.Join(figures, ", "))
	}
	return list.String()
}
