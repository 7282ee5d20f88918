package main

import (
	"strings"
	"testing"
)

func TestGrid(t *testing.T) {
	var g grid
	for _, v := range []float64{1.234, 2.346, 123.4} {
		g.add("key, ms", "dossier", v)
		g.add("key, ms", "less", 2*v)
		g.add("idle", "less", 0)
	}
	var out strings.Builder
	g.print(&out, "Screen")
	want := "### Screen\n\n|  | dossier | less | ÷ less |\n| --- | --- | --- | --- |\n" +
		"| key, ms | 2.35 (1.23–123) | 4.69 (2.47–247) | 0.50 |\n| idle | – | 0 | – |\n\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestInitialisation(t *testing.T) {
	got := initialisation("init runtime @0.038 ms, 0.25 ms clock, 0 bytes, 0 allocs\n" +
		"init net/http @3.7 ms, 3.5 ms clock, 8424 bytes, 308 allocs\ndossier v1.2.3\n")
	if got != 3.75 {
		t.Errorf("got %v ms", got)
	}
}

func TestBenchmarks(t *testing.T) {
	g := grid{columns: []string{"driver", "bbolt"}}
	g.addBenchmarks("goos: linux\nBenchmarkScan/bbolt-2   \t 500\t  12000000 ns/op\nBenchmarkScan/driver-2   \t 500\t  " +
		"30000000 ns/op\n" +
		"BenchmarkService/profile/1-2 \t 500\t  50 KiB/req\t 0.04 driver-p50-ms\t 0.1 p50-ms\t 0.5 p99-ms\nPASS\n")
	var out strings.Builder
	g.print(&out, "Both")
	want := "### Both\n\n|  | driver | bbolt | service | ÷ bbolt | ÷ service |\n| --- | --- | --- | --- | --- | --- |\n" +
		"| Scan | 30 | 12 | – | 2.50 | – |\n| Service/profile/1 | 0.04 | – | 0.1 | – | 0.40 |\n" +
		"| Service/profile/1, 99 % | – | – | 0.5 | – | – |\n\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestFlags(t *testing.T) {
	for _, args := range [][]string{{"-users", "many"}, {"-runs", "0"}, {"dossier"}} {
		if _, err := parse(args); err == nil {
			t.Errorf("%v is accepted", args)
		}
	}
	if o, err := parse([]string{"-tables", "documents, screen"}); err != nil || len(o.tables) != 2 {
		t.Errorf("-tables: %+v, %v", o, err)
	}
	if o, err := parse([]string{"-quick"}); err != nil || o.runs != 3 || o.benchmarks || len(o.users) != 2 {
		t.Errorf("-quick: %+v, %v", o, err)
	}
}
