//go:build unix

package terminal

import (
	"os"
	"os/signal"
	"syscall"
)

// watchSize calls a function in a goroutine of its own when the terminal's size changes. The returned function ends
// that.
func watchSize(changed func()) (end func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGWINCH)
	go func() {
		for range signals {
			changed()
		}
	}()
	return func() {
		signal.Stop(signals)
		close(signals)
	}
}

// canStop: a shell continues a process that stops.
const canStop = true

// stop stops the process group until it is continued. SIGTSTP no longer does in a process that handled it once.
func stop() {
	continued := make(chan os.Signal, 1)
	signal.Notify(continued, syscall.SIGCONT)
	defer signal.Stop(continued)
	_ = syscall.Kill(0, syscall.SIGSTOP)
	<-continued
}
