//go:build !unix

package program

import (
	"context"

	tea "charm.land/bubbletea/v2"
)

// suspender does nothing where processes cannot be suspended by a signal.
type suspender struct{}

func newSuspender() *suspender { return &suspender{} }

func (*suspender) filter(_ tea.Model, msg tea.Msg) tea.Msg { return msg }

func (*suspender) run(context.Context, func(tea.Msg)) {}

// stopProcess returns nil: no shell continues a process.
func stopProcess() func() { return nil }
