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
		keys.EditDocument, keys.ReviewDraft, keys.EmptyOrDelete, keys.Undo, keys.LinkIdentity:
		if !m.state.HasUser {
			return "not signed in: s opens the accounts"
		}
	}
	switch a {
	case keys.CompareTokens, keys.EditField, keys.AddField, keys.RemoveField, keys.EditDocument, keys.ReviewDraft,
		keys.EmptyOrDelete:
		if !m.state.App().CustomData.Complete() {
			return "the collection of the custom data is unknown: set --database, --collection and --user-id-field, " +
				"or an application directory with --app"
		}
	}
	if a == keys.RevealValue && !m.state.Masked {
		return "nothing is masked: m masks personal data"
	}
	switch a {
	case keys.EditField, keys.RemoveField, keys.ViewValue, keys.RevealValue, keys.CopyPath:
		if m.document.Selected() == nil {
			return "no field is selected"
		}
	case keys.ReviewDraft:
		if m.state.Draft == nil {
			return "no unsaved change is kept"
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
