//go:build linux || darwin

package metrics

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// readUnix reads what Linux and macOS have in common; files is the directory of the open file descriptors.
func (p *process) readUnix(files string) {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err == nil {
		p.cpuSeconds = time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
	}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err == nil {
		p.maxFiles = float64(limit.Cur)
	}
	if err := unix.Getrlimit(unix.RLIMIT_AS, &limit); err == nil {
		p.maxVirtualBytes = float64(limit.Cur)
	}
	dir, err := os.Open(files)
	if err != nil {
		return
	}
	defer func() { _ = dir.Close() }()
	if names, err := dir.Readdirnames(0); err == nil { // ReadDir would read the state of each
		p.openFiles = float64(len(names) - 1) // without the directory
	}
}
