package ui

import (
	"dossier/ui/keys"
	"dossier/ui/pane"
	"dossier/ui/state"
)

// preconditions is what decides, besides the panes, which actions are available.
type preconditions struct {
	state   *state.State
	canUndo bool // there is a saved change
	story   bool // the demo's
	// the number of fields of the document that are selected together
	together int

	canUndoEdit, canRedoEdit bool // there is a step of the draft
}

func (m *Model) preconditions() preconditions {
	return preconditions{state: m.state, canUndo: len(m.user.Saves()) > 0,
		canUndoEdit: m.draft != nil && m.draft.CanUndo(), canRedoEdit: m.draft != nil && m.draft.CanRedo(),
		story: m.story != nil, together: m.document.SelectedTogether()}
}

// unavailable returns why an entry of the key table has no effect now, with the keys that help; empty: it has.
func (m *Model) unavailable(e keys.Entry) string {
	return m.cfg.Keys.Expand(m.reason(m.preconditions(), e.Scope, e.Action))
}

// reason returns why an action of a scope has no effect now: for want of what the root knows, otherwise as the pane
// says. Keys are written as keys.Map.Expand reads them.
func (m *Model) reason(pre preconditions, s keys.Scope, a keys.Action) string {
	if reason := pre.unavailable(a); reason != "" {
		return reason
	}
	for _, p := range m.panes {
		if r, ok := p.(pane.WithReasons); ok && p.Scope() == s {
			return r.Unavailable(a)
		}
	}
	return ""
}

// unavailable returns why an action is not available now without the user, the collection, the story or something to
// undo; empty: it is. Keys are written as keys.Map.Expand reads them.
func (p preconditions) unavailable(a keys.Action) string {
	if !p.state.HasUser && !worksSignedOut(a) {
		return "not signed in: {everywhere.accounts} opens the accounts"
	}
	switch a {
	case keys.CompareTokens, keys.EditField, keys.AddField, keys.RemoveField, keys.RenameField, keys.ChangeType,
		keys.DuplicateField, keys.MoveUp, keys.MoveDown, keys.Discard, keys.PasteJSON, keys.EditDocument, keys.EditText,
		keys.ReviewDraft, keys.EmptyOrDelete:
		if !p.state.App().CustomData.Complete() {
			return "the collection of the custom data is unknown: set --database, --collection and --user-id-field, " +
				"or an application directory with --app"
		}
	case keys.Story:
		if !p.story {
			return "dossier --demo tells a story"
		}
	case keys.UndoEdit:
		if !p.canUndoEdit {
			return "nothing to undo in the draft: {everywhere.undo} undoes the last save"
		}
	case keys.RedoEdit:
		if !p.canRedoEdit {
			return "nothing to redo in the draft"
		}
	case keys.Undo:
		if !p.canUndo {
			return "nothing to undo"
		}
	}
	return ""
}

// worksSignedOut reports whether an action of the panes needs no current user.
func worksSignedOut(a keys.Action) bool {
	switch a {
	case keys.Quit, keys.Suspend, keys.ShowHelp, keys.OpenPalette, keys.NextPane, keys.PreviousPane, keys.OpenThemes,
		keys.Mask, keys.ToggleMouse, keys.OpenAccounts, keys.Cancel, keys.Up, keys.Down, keys.PageUp, keys.PageDown,
		keys.Top, keys.Bottom:
		return true
	}
	return false
}
