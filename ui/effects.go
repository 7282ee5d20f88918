package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/currentuser"
	"dossier/ui/overlay"
	"dossier/ui/state"
)

// apply carries out the effects of a transition of the current user.
func (m *Model) apply(e currentuser.Effects) tea.Cmd {
	if e.Account != currentuser.Unchanged {
		m.postponed = nil
	}
	if e.Account == currentuser.Switched || e.Account == currentuser.NoneSignedIn {
		m.overlays.closeAll()
	}
	var cmds []tea.Cmd
	if e.State != nil {
		m.state = e.State
		cmds = append(cmds, m.broadcast(state.Changed{State: m.state}), m.fitOverlays())
	}
	for _, n := range e.Notices {
		m.show(n)
	}
	if e.Account == currentuser.NoneSignedIn {
		cmds = append(cmds, m.signIn(nil))
	}
	if e.SessionEnded && m.postponed == nil {
		account := m.state.Account
		cmds = append(cmds, m.openWhenIdle(func() tea.Cmd { return m.signIn(&account) }))
	}
	if e.ConfirmDelete != nil {
		cmds = append(cmds, m.open(m.deleteDialog(*e.ConfirmDelete)))
	}
	return tea.Batch(append(cmds, e.Cmd)...)
}

// toggleMask hides or shows personal data. Toasts that are shown may contain some: they are removed.
func (m *Model) toggleMask() tea.Cmd {
	m.toasts.Clear()
	masked := !m.state.Masked
	cmd := m.apply(m.user.SetMasked(masked))
	text := "personal data is shown"
	if masked {
		text = "personal data is masked"
	}
	m.toast(state.Public(text), overlay.Plain)
	return cmd
}

// reveal shows one field although personal data is masked, or masks it again. The activity keeps the name, not the
// value.
func (m *Model) reveal(field model.Path) tea.Cmd {
	if m.state.Revealed.Equal(field) {
		return m.apply(m.user.Reveal(nil))
	}
	m.show(currentuser.Notice{Text: state.Public("revealed " + field.String()), Entry: currentuser.Warn})
	return m.apply(m.user.Reveal(field))
}

// maskRevealed masks a revealed field when the selection has left it.
func (m *Model) maskRevealed() tea.Cmd {
	if m.state.Revealed == nil || m.state.Revealed.Equal(m.document.Selected()) {
		return nil
	}
	return m.apply(m.user.Reveal(nil))
}

// The delay of a dialog that opens unasked: no key pressed for idleTime, checked at most maxDelays times more.
const (
	idleTime  = 400 * time.Millisecond
	maxDelays = 3
)

// postponed is a dialog that the user did not open. It opens when no key was pressed for a while, so that it does not
// receive keys meant for another place.
type postponed struct {
	open       func() tea.Cmd
	keyPresses int // Model.keyPresses when the wait began
	delays     int
}

// idle reports that the wait of a postponed dialog is over.
type idle struct{ dialog *postponed }

// openWhenIdle opens a dialog when no key was pressed for a while.
func (m *Model) openWhenIdle(open func() tea.Cmd) tea.Cmd {
	m.postponed = &postponed{open: open, keyPresses: m.keyPresses}
	return m.waitIdle(m.postponed)
}

func (m *Model) waitIdle(p *postponed) tea.Cmd {
	return m.cfg.After(idleTime, func(time.Time) tea.Msg { return idle{p} })
}

func (m *Model) openPostponed(i idle) tea.Cmd {
	p := i.dialog
	if m.postponed != p {
		return nil
	}
	if m.keyPresses != p.keyPresses && p.delays < maxDelays {
		p.keyPresses = m.keyPresses
		p.delays++
		return m.waitIdle(p)
	}
	m.postponed = nil
	return p.open()
}
