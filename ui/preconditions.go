package ui

import (
	"dossier/ui/keys"
	"dossier/ui/pane"
	"dossier/ui/state"
)

// preconditions is what decides which actions are available.
type preconditions struct {
	state      *state.State
	selected   bool // a field of the document is
	hasMatches bool // of a search
	canUndo    bool // there is a saved change
	story      bool // the demo's

	canUndoEdit, canRedoEdit bool // there is a step of the draft
}

func (m *Model) preconditions() preconditions {
	return preconditions{state: m.state, selected: m.document.Selected() != nil, hasMatches: m.document.HasMatches(),
		canUndo: len(m.user.Saves()) > 0, canUndoEdit: m.draft != nil && m.draft.CanUndo(),
		canRedoEdit: m.draft != nil && m.draft.CanRedo(), story: m.story != nil}
}

// unavailable returns why an entry of the key table has no effect now, with the keys that help; empty: it has.
func (m *Model) unavailable(e keys.Entry) string {
	reason := m.preconditions().unavailable(e.Action)
	for _, p := range m.panes {
		if r, ok := p.(pane.WithReasons); ok && reason == "" && p.Scope() == e.Scope {
			reason = r.Unavailable(e.Action)
		}
	}
	return m.cfg.Keys.Expand(reason)
}

// unavailable returns why an action is not available now; empty: it is. Keys are written as keys.Map.Expand reads them.
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
	}
	if a == keys.Story && !p.story {
		return "dossier --demo tells a story"
	}
	if a == keys.RevealValue && !p.state.Masked {
		return "nothing is masked: {everywhere.mask} masks personal data"
	}
	if a == keys.CopyAs && p.state.Masked {
		return maskedCopy
	}
	switch a {
	case keys.CopyAs, keys.EditField, keys.RemoveField, keys.RenameField, keys.ChangeType, keys.DuplicateField,
		keys.MoveUp, keys.MoveDown, keys.Discard, keys.SelectRow, keys.ViewValue, keys.RevealValue, keys.CopyPath:
		if !p.selected {
			return "no field is selected"
		}
	case keys.ReviewDraft:
		if p.state.Draft == nil {
			return "no unsaved change is kept"
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
	case keys.FindNext, keys.FindPrevious:
		if !p.hasMatches {
			return "no search yet: {document.find} finds a field"
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
