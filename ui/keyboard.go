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
	m.tips.pressed++
	if k.String() == "ctrl+c" { // also in text fields
		return m.interrupt()
	}
	if a, _ := m.cfg.Keys.Resolve(k, keys.Everywhere); k.Text == "" && a == keys.Suspend {
		return tea.Suspend
	}
	if m.layout.TooSmall {
		if a, _ := m.cfg.Keys.Resolve(k, keys.Everywhere); a == keys.Quit && m.overlays.empty() {
			return m.leave()
		}
		return nil
	}
	if o, ok := m.overlays.top(); ok {
		return m.pressOverlay(o.Overlay, k)
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
	m.noteForStory("")
	return nil
}

// pressOverlay hands a key to an overlay.
func (m *Model) pressOverlay(o pane.Overlay, k tea.KeyPressMsg) tea.Cmd {
	if o.CapturesKeys() {
		return tea.Batch(o.Update(k), m.fitOverlays())
	}
	a, ok := m.cfg.Keys.Resolve(k, o.Scope())
	if list, named := o.(pane.WithNames); named && !ok {
		if cmd, selected := m.letters.Select(list, k, m.now); selected {
			return tea.Batch(cmd, m.fitOverlays())
		}
	}
	if !ok {
		a, ok = m.cfg.Keys.Resolve(k, keys.Dialog)
	}
	if ok {
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
	return m.pasteJSON(p.Content)
}

// act carries out an action, or shows why it is unavailable.
func (m *Model) act(a keys.Action) tea.Cmd {
	m.endTip(a)
	m.noteForStory(a)
	if why := m.unavailable(keys.Entry{Scope: m.panes[m.focus].Scope(), Action: a}); why != "" {
		if a != keys.Cancel { // Esc is pressed to be sure that nothing is open
			m.toast(state.Public(why))
		}
		return nil
	}
	if cmd, ok := m.changeDraft(a); ok {
		return cmd
	}
	switch a {
	case keys.Story: // noteForStory did it
		return nil
	case keys.Suspend:
		return tea.Suspend
	case keys.Quit:
		return m.leave()
	case keys.ShowHelp:
		return m.help()
	case keys.OpenPalette:
		return m.openPalette()
	case keys.NextPane:
		return m.focusOn((m.focus + 1) % layout.RegionCount)
	case keys.PreviousPane:
		return m.focusOn((m.focus + layout.RegionCount - 1) % layout.RegionCount)
	case keys.Refresh:
		return m.apply(m.user.Refresh())
	case keys.Mask:
		m.toasts.Clear() // they may contain personal data
		return m.apply(m.user.ToggleMask())
	case keys.ToggleMouse:
		m.toggleMouse()
		return nil
	case keys.OpenAccounts, keys.OpenThemes, keys.CompareTokens, keys.CallFunction, keys.OpenAPIKeys, keys.Undo,
		keys.EmptyOrDelete,
		keys.LinkIdentity:
		return m.openFor(a)
	default:
		return m.focused().Handle(a)
	}
}

// help opens the list of key bindings, those that work now first.
func (m *Model) help() tea.Cmd {
	c := overlay.HelpConfig{Keys: m.cfg.Keys, Styles: m.styles}
	if o, ok := m.overlays.top(); ok {
		c.Here = []keys.Scope{o.Scope(), keys.Dialog}
	} else {
		c.Here, c.Unavailable = []keys.Scope{m.panes[m.focus].Scope(), keys.Everywhere}, m.unavailable
	}
	return m.open(overlay.NewHelp(c))
}

// toggleMouse switches the mouse on or off until the end of this run.
func (m *Model) toggleMouse() {
	m.cfg.NoMouse = !m.cfg.NoMouse
	text := "mouse on: hold shift (option on macOS) to select text"
	if m.cfg.NoMouse {
		text = "mouse off: the terminal selects text; {everywhere.mouse} switches the mouse on"
	}
	m.toast(state.Public(m.cfg.Keys.Expand(text)))
}
