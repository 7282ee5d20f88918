package ui

import (
	tea "charm.land/bubbletea/v2"

	"dossier/ui/keys"
	"dossier/ui/layout"
	"dossier/ui/overlay"
	"dossier/ui/pane"
	"dossier/ui/state"
)

// press routes a key: ctrl+c, then the top overlay, a text field of the focused pane, the key bindings.
func (m *Model) press(k tea.KeyPressMsg) tea.Cmd {
	m.idle.keyPressed()
	switch k.String() { // also in text fields
	case "ctrl+c":
		return m.interrupt()
	case "ctrl+z":
		return tea.Suspend
	}
	if m.layout.TooSmall {
		if a, _ := m.cfg.Keys.Resolve(k, keys.Everywhere); a == keys.Quit && m.overlays.empty() {
			return m.leave()
		}
		return nil
	}
	if o, ok := m.overlays.top(); ok {
		return m.pressOverlay(o, k)
	}
	p := m.focused()
	if p.CapturesKeys() {
		return p.Update(k)
	}
	if a, ok := m.cfg.Keys.Resolve(k, p.Scope()); ok {
		return m.act(a)
	}
	if a, ok := m.cfg.Keys.Resolve(k, keys.Everywhere); ok {
		return m.act(a)
	}
	return nil
}

// pressOverlay hands a key to an overlay.
func (m *Model) pressOverlay(o pane.Overlay, k tea.KeyPressMsg) tea.Cmd {
	if o.CapturesKeys() {
		return tea.Batch(o.Update(k), m.fitOverlays())
	}
	if a, ok := m.cfg.Keys.Resolve(k, o.Scope(), keys.Dialog); ok {
		return tea.Batch(o.Handle(a), m.fitOverlays())
	}
	if a, _ := m.cfg.Keys.Resolve(k, keys.Everywhere); a == keys.ShowHelp {
		return m.help()
	}
	return nil
}

// interrupt handles ctrl+c: it quits. In the question whether to quit, it quits without an answer.
func (m *Model) interrupt() tea.Cmd {
	if top, ok := m.overlays.top(); ok && m.quitDialog != nil && top.Overlay == m.quitDialog {
		return m.quit()
	}
	return m.leave()
}

// paste hands pasted text to where a key would go.
func (m *Model) paste(p tea.PasteMsg) tea.Cmd {
	if o, ok := m.overlays.top(); ok {
		return tea.Batch(o.Update(p), m.fitOverlays())
	}
	return m.focused().Update(p)
}

// act carries out an action, or shows why it is unavailable.
func (m *Model) act(a keys.Action) tea.Cmd {
	if why := m.preconditions().unavailable(a); why != "" {
		m.toast(state.Public(why), overlay.Plain)
		return nil
	}
	switch a {
	case keys.Suspend:
		return tea.Suspend
	case keys.Quit:
		return m.leave()
	case keys.ShowHelp:
		return m.help()
	case keys.OpenPalette:
		return m.open(overlay.NewPalette(m.cfg.Keys, m.styles, m.commands()))
	case keys.NextPane:
		return m.focusOn((m.focus + 1) % layout.RegionCount)
	case keys.PreviousPane:
		return m.focusOn((m.focus + layout.RegionCount - 1) % layout.RegionCount)
	case keys.Refresh:
		return m.apply(m.user.Refresh())
	case keys.Mask:
		m.toasts.Clear() // they may contain personal data
		return m.apply(m.user.ToggleMask())
	case keys.OpenAccounts, keys.OpenThemes, keys.CompareTokens, keys.CallFunction, keys.Undo, keys.EmptyOrDelete,
		keys.LinkIdentity:
		return m.openFor(a)
	default:
		return m.focused().Handle(a)
	}
}

// runCommand carries out a command of the palette. An action of another pane moves the focus there.
func (m *Model) runCommand(e keys.Entry) tea.Cmd {
	for r, p := range m.panes {
		if p.Scope() == e.Scope && layout.Region(r) != m.focus {
			return tea.Batch(m.focusOn(layout.Region(r)), m.act(e.Action))
		}
	}
	return m.act(e.Action)
}

// help opens the list of key bindings, those of the current scope first.
func (m *Model) help() tea.Cmd {
	if o, ok := m.overlays.top(); ok {
		return m.open(overlay.NewHelp(m.cfg.Keys, m.styles, o.Scope(), keys.Dialog))
	}
	return m.open(overlay.NewHelp(m.cfg.Keys, m.styles, m.panes[m.focus].Scope(), keys.Everywhere))
}
