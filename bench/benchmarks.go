package main

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"regexp"
	"strconv"
)

// goBenchmarks runs the Go benchmarks that compare the service with the driver calls in it, and the embedded database
// with bbolt.
func (m *meter) goBenchmarks() error {
	for _, b := range []struct {
		title, pkg, pattern, time string
		columns                   []string
	}{
		{"The service with 1, 8 and 64 clients, ms", "dossier/backend", "Service/(refresh|profile|updateOne|function)",
			"300x", []string{"service", "driver"}},
		{"The embedded database, ms", "dossier/backend/embedded", "^Benchmark(FindByID|PageByIndex|UpdateByID|Scan)$", "0.3s",
			[]string{"driver", "bbolt"}},
	} {
		cmd := exec.CommandContext(m.ctx, "go", "test", "-run", "^$", "-bench", b.pattern, "-benchtime", b.time,
			"-count", "3", b.pkg)
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return fmt.Errorf("run the benchmarks of %s: %w\n%s", b.pkg, err, out)
		}
		g := grid{columns: b.columns}
		g.addBenchmarks(string(out))
		g.print(m.out, b.title)
	}
	return nil
}

var (
	benchmark = regexp.MustCompile(`(?m)^Benchmark(\S+?)(?:-\d+)?\s+\d+\s(.*)$`)
	figure    = regexp.MustCompile(`(\S+) (\S+)`)
)

// addBenchmarks adds figures of Go benchmarks, in milliseconds: the quantiles that those of the service report, and the
// time of an operation for those whose last part of the name is a column.
func (g *grid) addBenchmarks(output string) {
	for _, line := range benchmark.FindAllStringSubmatch(output, -1) {
		row, column := path.Split(line[1])
		for _, f := range figure.FindAllStringSubmatch(line[2], -1) {
			v, err := strconv.ParseFloat(f[1], 64)
			switch {
			case err != nil || v == 0:
			case f[2] == "ns/op":
				g.add(path.Clean(row), column, v/1e6)
			case f[2] == "p50-ms":
				g.add(line[1], "service", v)
			case f[2] == "driver-p50-ms" && path.Base(line[1]) == "1": // more clients wait for processors, not for a call
				g.add(line[1], "driver", v)
			case f[2] == "p99-ms":
				g.add(line[1]+", 99 %", "service", v)
			}
		}
	}
}
