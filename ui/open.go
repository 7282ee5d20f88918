package ui

import (
	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/currentuser"
)

// opOpen is the opening of the service, as faults name it.
const opOpen = "open the service"

// opened reports the end of the opening of the service.
type opened struct{ err error }

// openService returns the command that opens the service; nil: it is open.
func (m *Model) openService() tea.Cmd {
	open, ctx := m.cfg.Open, m.cfg.Ctx
	if open == nil {
		return nil
	}
	return func() tea.Msg { return opened{open(ctx)} }
}

// opened takes the end of the opening. A service that does not answer is tried again. Every other error ends the
// screen, see Err; over an open dialog, which may hold input, it is shown and the user ends the screen.
func (m *Model) opened(o opened) tea.Cmd {
	fault := model.AsFault(opOpen, o.err)
	if fault == nil || fault.Kind == model.Unreachable {
		return m.apply(m.user.Opened(o.err))
	}
	m.openFailure = o.err
	if m.overlays.empty() {
		return m.quit()
	}
	m.show(currentuser.FaultNotice(fault))
	return nil
}

// Err returns why the service could not be opened; nil if it was, or does not answer.
func (m *Model) Err() error { return m.openFailure }
