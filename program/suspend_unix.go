//go:build unix

package program

import (
	"context"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/sys/unix"

	"dossier/ui/nav"
	"dossier/ui/state"
)

// suspender makes SIGTSTP suspend the screen as ctrl+z does: with the terminal restored, and repainted after SIGCONT.
//
// Bubble Tea restores the terminal and then sends SIGTSTP to the process group. The Go runtime does not bring back the
// default effect of a signal that was once handled, so that second signal is answered with SIGSTOP.
type suspender struct {
	stops    chan os.Signal
	restored atomic.Bool // Bubble Tea restores the terminal, and sends the signal that stops the process
}

func newSuspender() *suspender {
	s := &suspender{stops: make(chan os.Signal, 1)}
	signal.Notify(s.stops, syscall.SIGTSTP)
	return s
}

// filter is a message filter of the Bubble Tea program.
func (s *suspender) filter(_ tea.Model, msg tea.Msg) tea.Msg {
	switch msg.(type) {
	case tea.SuspendMsg:
		if !canSuspend() {
			return nav.Notify{Text: state.Public("cannot suspend: dossier was not started from a shell with job control")}
		}
		s.restored.Store(true)
	case tea.ResumeMsg:
		s.restored.Store(false)
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
			if s.restored.Load() {
				_ = unix.Kill(0, unix.SIGSTOP)
				continue
			}
			send(tea.SuspendMsg{})
		case <-ctx.Done():
			signal.Stop(s.stops)
			return
		}
	}
}
