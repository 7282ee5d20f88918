//go:build unix

package program

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	tea "charm.land/bubbletea/v2"
)

// suspender makes SIGTSTP suspend the screen as ctrl+z does: with the terminal restored, and repainted after SIGCONT.
// Bubble Tea suspends the process with the same signal, so it has its default effect in the meantime.
type suspender struct{ stops chan os.Signal }

func newSuspender() *suspender {
	s := &suspender{stops: make(chan os.Signal, 1)}
	signal.Notify(s.stops, syscall.SIGTSTP)
	return s
}

// filter is a message filter of the Bubble Tea program.
func (s *suspender) filter(_ tea.Model, msg tea.Msg) tea.Msg {
	switch msg.(type) {
	case tea.SuspendMsg:
		signal.Reset(syscall.SIGTSTP)
	case tea.ResumeMsg:
		signal.Notify(s.stops, syscall.SIGTSTP)
	}
	return msg
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
