package ui

import (
	"dossier/ui/keys"
	"dossier/ui/overlay"
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

// commands returns the commands of the palette: each action of the panes and the global ones once.
func (m *Model) commands() []overlay.Command {
	var list []overlay.Command
	available := m.preconditions()
	seen := map[keys.Action]bool{keys.OpenPalette: true}
	for _, e := range m.cfg.Keys.StartingWith(m.panes[m.focus].Scope(), keys.Everywhere) {
		if seen[e.Action] || !isCommand(e) {
			continue
		}
		seen[e.Action] = true
		list = append(list, overlay.Command{Entry: e, Unavailable: available.unavailable(e.Action)})
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
	case keys.Everywhere, keys.Document, keys.Session, keys.Activity, keys.Account:
		return true
	}
	return false
}
