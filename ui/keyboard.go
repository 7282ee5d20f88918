package ui

import (
	tea "charm.land/bubbletea/v2"

	"dossier/ui/keys"
	"dossier/ui/layout"
	"dossier/ui/overlay"
	"dossier/ui/pane"
)

// scopes returns the scopes whose key bindings apply now, innermost first.
func (m *Model) scopes() []keys.Scope {
	if o, ok := m.overlays.top(); ok {
		return []keys.Scope{o.Scope(), keys.Dialog}
	}
	p := m.panes[m.focus]
	if p.CapturesKeys() {
		return []keys.Scope{p.Scope()}
	}
	return []keys.Scope{p.Scope(), keys.Everywhere}
}

// press routes a key: ctrl+c, then the top overlay, a text field of the focused pane, the key bindings.
func (m *Model) press(k tea.KeyPressMsg) tea.Cmd {
	m.keyPresses++
	if k.String() == "ctrl+c" {
		return m.interrupt()
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
	if why := m.unavailable(a); why != "" {
		m.toast(why, overlay.Plain)
		return nil
	}
	switch a {
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
		return m.toggleMask()
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

// commands returns the commands of the palette: each action of the panes and the global ones once.
func (m *Model) commands() []overlay.Command {
	var list []overlay.Command
	seen := map[keys.Action]bool{keys.OpenPalette: true}
	for _, e := range m.cfg.Keys.StartingWith(m.panes[m.focus].Scope(), keys.Everywhere) {
		if seen[e.Action] || !isCommand(e) {
			continue
		}
		seen[e.Action] = true
		list = append(list, overlay.Command{Entry: e, Unavailable: m.unavailable(e.Action)})
	}
	return list
}

// isCommand reports whether the palette lists an entry: it does not list cursor movement.
func isCommand(e keys.Entry) bool {
	switch e.Action {
	case keys.Up, keys.Down, keys.PageUp, keys.PageDown, keys.Top, keys.Bottom, keys.Cancel, keys.Accept:
		return false
	}
	switch e.Scope {
	case keys.Everywhere, keys.Document, keys.Session, keys.Activity, keys.Account, keys.Identities:
		return true
	}
	return false
}

// unavailable returns why an action is not available now; empty: it is.
func (m *Model) unavailable(a keys.Action) string {
	switch a {
	case keys.Refresh, keys.CompareTokens, keys.CallFunction, keys.EditField, keys.AddField, keys.RemoveField,
		keys.EditDocument, keys.EmptyOrDelete, keys.Undo, keys.LinkIdentity:
		if !m.state.HasUser {
			return "not signed in: s opens the accounts"
		}
	}
	switch a {
	case keys.CompareTokens, keys.EditField, keys.AddField, keys.RemoveField, keys.EditDocument, keys.EmptyOrDelete:
		if !m.state.App().CustomData.Complete() {
			return "the collection of the custom data is unknown: set --database, --collection and --user-id-field, " +
				"or an application directory with --app"
		}
	}
	switch a {
	case keys.EditField, keys.RemoveField, keys.ViewValue, keys.CopyPath:
		if m.document.Selected() == nil {
			return "no field is selected"
		}
	case keys.Undo:
		if saved, _ := m.user.Undo(); saved == nil {
			return "nothing to undo"
		}
	case keys.FindNext, keys.FindPrevious:
		if !m.document.HasMatches() {
			return "no search yet: / finds a field"
		}
	}
	return ""
}
