package e2e_test

import (
	"bufio"
	"bytes"
	"debug/buildinfo"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// Budgets for the initialisation of packages, which every command executes before main.
const (
	maxInitTime           = 8 * time.Millisecond
	maxInitAllocations    = 7_000
	maxInitBytes          = 800_000
	maxOwnInitAllocations = 150 // in packages of this module
)

// initTraces limits how often the program is run to find the time of its initialisation.
const initTraces = 40

// initCost is what the initialisation of a package costs.
type initCost struct {
	time               time.Duration
	allocations, bytes int
}

func (c initCost) withinBudget() bool {
	return c.time <= maxInitTime && c.allocations <= maxInitAllocations && c.bytes <= maxInitBytes
}

// TestInitialisation keeps the initialisation small. The cost is the sum of the smallest cost of each package, which
// takes less than a time slice: runs are added until it is within the budget, so that the load of the machine does not
// exceed it.
func TestInitialisation(t *testing.T) {
	t.Parallel()
	if coverDir() != "" {
		t.Skip("a build that measures coverage has another initialisation")
	}
	costs := map[string]initCost{}
	var sum, own initCost
	for range initTraces {
		traceInitialisation(t, costs)
		sum, own = sumInitialisation(costs)
		if sum.withinBudget() {
			break
		}
	}
	if !sum.withinBudget() {
		t.Errorf("initialisation takes %v, %d allocations, %d bytes; at most %v, %d and %d:\n%s", sum.time,
			sum.allocations, sum.bytes, maxInitTime, maxInitAllocations, maxInitBytes, largestInitialisations(costs))
	}
	if own.allocations > maxOwnInitAllocations {
		t.Errorf("packages of this module allocate %d objects before main, at most %d (sync.OnceValue defers it)",
			own.allocations, maxOwnInitAllocations)
	}
	t.Logf("%v, %d allocations, %d bytes in %d packages", sum.time, sum.allocations, sum.bytes, len(costs))
}

// A command that shows the current user allocates less than the heap at which the first collection starts (4 MB): a
// collection would cost a tenth of its time. A loaded machine may allocate more, so that one run of several counts.
func TestWhoamiCollectsNoGarbage(t *testing.T) {
	t.Parallel()
	if coverDir() != "" {
		t.Skip("a build that measures coverage allocates more")
	}
	h := newUsedHome(t)
	h.ok("whoami")
	var trace bytes.Buffer
	for range 5 {
		trace.Reset()
		cmd := h.command("whoami")
		cmd.Env = append(cmd.Env, "GODEBUG=gctrace=1")
		cmd.Stderr = &trace
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v: %s", err, &trace)
		}
		if !strings.Contains(trace.String(), "gc 1") {
			return
		}
	}
	t.Errorf("whoami collects garbage: %s", &trace)
}

// Modules whose initialisation every command would execute for what few of them need.
func TestLinkedModules(t *testing.T) {
	t.Parallel()
	info, err := buildinfo.ReadFile(built(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, module := range info.Deps {
		if strings.HasPrefix(module.Path, "github.com/prometheus/") || module.Path == "google.golang.org/protobuf" {
			t.Errorf("%s is linked, whose initialisation every command would execute", module.Path)
		}
	}
}

// traceInitialisation runs the program once and lowers the costs of packages to those of this run.
func traceInitialisation(t *testing.T, costs map[string]initCost) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), built(t), "version")
	cmd.Env = []string{"HOME=" + t.TempDir(), "GODEBUG=inittrace=1"}
	var trace bytes.Buffer
	cmd.Stderr = &trace
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, &trace)
	}
	found := false
	for lines := bufio.NewScanner(&trace); lines.Scan(); {
		var (
			name         string
			start, clock float64
			cost         initCost
		)
		if n, _ := fmt.Sscanf(lines.Text(), "init %s @%f ms, %f ms clock, %d bytes, %d allocs", &name, &start, &clock,
			&cost.bytes, &cost.allocations); n < 5 {
			continue
		}
		found, cost.time = true, time.Duration(clock*float64(time.Millisecond))
		if before, known := costs[name]; known {
			cost = initCost{min(cost.time, before.time), min(cost.allocations, before.allocations),
				min(cost.bytes, before.bytes)}
		}
		costs[name] = cost
	}
	if !found {
		t.Fatalf("no trace of the initialisation: %s", &trace)
	}
}

// sumInitialisation returns the cost of all packages and of those of this module.
func sumInitialisation(costs map[string]initCost) (sum, own initCost) {
	for name, c := range costs {
		sum = initCost{sum.time + c.time, sum.allocations + c.allocations, sum.bytes + c.bytes}
		if strings.HasPrefix(name, "dossier/") {
			own = initCost{own.time + c.time, own.allocations + c.allocations, own.bytes + c.bytes}
		}
	}
	return sum, own
}

// largestInitialisations lists the packages whose initialisation costs most, by time and by allocations.
func largestInitialisations(costs map[string]initCost) string {
	names := make([]string, 0, len(costs))
	for name := range costs {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		x, y := costs[a], costs[b]
		return int(y.time-x.time) + (y.allocations-x.allocations)*int(time.Microsecond)
	})
	var out strings.Builder
	for _, name := range names[:min(10, len(names))] {
		fmt.Fprintf(&out, "%s %v, %d allocations, %d bytes\n", name, costs[name].time, costs[name].allocations,
			costs[name].bytes)
	}
	return out.String()
}
