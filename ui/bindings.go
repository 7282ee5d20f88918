package ui

import "dossier/ui/keys"

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
