package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// activity is what a process did so far: how often its threads woke up and their processor time, and the memory that it
// has now and had at most, in kB.
type activity struct {
	wakeUps      int
	cpu          time.Duration
	memory, peak int
}

// activityOf adds up the threads of a process; zero if it has ended. It reads /proc, so it requires Linux.
func activityOf(pid int) activity {
	process := fmt.Sprintf("/proc/%d", pid)
	sum := activity{memory: field(process, "VmRSS"), peak: field(process, "VmHWM")}
	threads, _ := filepath.Glob(process + "/task/*") // the pattern is valid
	for _, thread := range threads {
		sum.wakeUps += field(thread, "voluntary_ctxt_switches")
		text, _ := os.ReadFile(thread + "/schedstat")
		nanoseconds, _, _ := strings.Cut(string(text), " ")
		n, _ := strconv.ParseInt(nanoseconds, 10, 64)
		sum.cpu += time.Duration(n)
	}
	return sum
}

// field returns a number of the status of a process or thread; 0 if it has ended.
func field(dir, name string) int {
	text, _ := os.ReadFile(dir + "/status")
	_, value, _ := strings.Cut(string(text), "\n"+name+":")
	var n int
	_, _ = fmt.Sscan(value, &n)
	return n
}
