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
