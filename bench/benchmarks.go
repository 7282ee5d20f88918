package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
)

// goBenchmarks runs the Go benchmarks that compare the service with the driver calls in it, and the embedded database
// with bbolt, and prints the lines with a ratio.
func (m *meter) goBenchmarks() error {
	for _, b := range [][3]string{{"The service", "dossier/backend", "Service"},
		{"The embedded database", "dossier/backend/embedded", "."}} {
		cmd := exec.CommandContext(m.ctx, "go", "test", "-run", "^$", "-bench", b[2], "-benchtime", "500x", b[1])
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return fmt.Errorf("run the benchmarks of %s: %w\n%s", b[1], err, out)
		}
		lines := regexp.MustCompile(`(?m)^Benchmark.*ratio.*$`).FindAllString(string(out), -1)
		fmt.Fprintf(m.out, "### %s\n\n```\n%s\n```\n\n", b[0], strings.Join(lines, "\n"))
	}
	return nil
}
