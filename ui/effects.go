package ui

import (
	tea "charm.land/bubbletea/v2"

	"dossier/ui/currentuser"
	"dossier/ui/overlay"
	"dossier/ui/state"
)

// apply carries out the effects of a transition of the current user.
func (m *Model) apply(e currentuser.Effects) tea.Cmd {
	if e.Account != currentuser.Unchanged {
		m.idle.cancel()
	}
	if e.Account == currentuser.Switched || e.Account == currentuser.NoneSignedIn {
		m.overlays.closeAll()
		m.toasts.Clear() // they are about another account
	}
	var cmds []tea.Cmd
	if e.State != nil {
		if m.state.Draft != nil && e.State.Draft == nil {
			m.toasts.End(overlay.KeptDraft)
		}
		if e.State.Draft != nil && !e.State.Draft.Equal(m.state.Draft) { // the next change is under way
			m.toasts.End(overlay.ChangedFields)
		}
		m.state = e.State
		if e.Account == currentuser.Switched || e.Account == currentuser.NoneSignedIn {
			cmds = append(cmds, m.startDraft())
		}
		cmds = append(cmds, m.broadcast(state.Changed{State: m.state}), m.arrange(), m.fitOverlays())
	}
	if stored, known := m.user.StoredDraft(); known && m.draft != nil {
		cmds = append(cmds, m.draft.Adopt(stored), m.fitOverlays())
	}
	for _, n := range e.Notices {
		m.show(n)
	}
	if e.Account == currentuser.NoneSignedIn {
		cmds = append(cmds, m.signIn(nil))
	}
	if e.SessionEnded {
		account := m.state.Account
		cmds = append(cmds, m.idle.open(func() tea.Cmd { return m.signIn(&account) }))
	}
	if e.ConfirmDelete != nil {
		cmds = append(cmds, m.open(deleteDialog(m.styles, m.state, *e.ConfirmDelete)))
	}
	return tea.Batch(append(cmds, e.Cmd)...)
}
