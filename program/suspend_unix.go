//go:build unix

package program

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/sys/unix"

	"dossier/ui/nav"
	"dossier/ui/state"
)

// suspender makes SIGTSTP suspend the screen as ctrl+z does: with the terminal restored, and repainted after SIGCONT.
type suspender struct{ stops chan os.Signal }

func newSuspender() *suspender {
	s := &suspender{stops: make(chan os.Signal, 1)}
	signal.Notify(s.stops, syscall.SIGTSTP)
	return s
}

// filter is a message filter of the program.
func (s *suspender) filter(_ tea.Model, msg tea.Msg) tea.Msg {
	if _, suspends := msg.(tea.SuspendMsg); suspends && !canSuspend() {
		return nav.Notify{Text: state.Public("cannot suspend: dossier was not started from a shell with job control")}
	}
	return msg
}

// canSuspend reports whether a shell can continue this process: whether its parent is in the same session.
func canSuspend() bool {
	own, err := unix.Getsid(0)
	if err != nil {
		return false
	}
	parent, err := unix.Getsid(unix.Getppid())
	return err == nil && parent == own
}

// run passes the signal to the program until ctx ends.
func (s *suspender) run(ctx context.Context, send func(tea.Msg)) {
	for {
		select {
		case <-s.stops:
			send(tea.SuspendMsg{})
		case <-ctx.Done():
			signal.Stop(s.stops)
			return
		}
	}
}

// stopProcess returns the function that stops the process group, as ctrl+z does in a shell, until it is continued.
// SIGTSTP no longer stops a process that handled it once.
func stopProcess() func() {
	return func() {
		continued := make(chan os.Signal, 1)
		signal.Notify(continued, syscall.SIGCONT)
		defer signal.Stop(continued)
		_ = unix.Kill(0, unix.SIGSTOP)
		<-continued
	}
}
