package ui

import (
	"dossier/ui/keys"
	"dossier/ui/state"
)

// preconditions is what decides which actions are available.
type preconditions struct {
	state      *state.State
	selected   bool // a field of the document is
	hasMatches bool // of a search
	canUndo    bool // there is a saved change
}

func (m *Model) preconditions() preconditions {
	saved, _ := m.user.Undo()
	return preconditions{state: m.state, selected: m.document.Selected() != nil, hasMatches: m.document.HasMatches(),
		canUndo: saved != nil}
}

// unavailable returns why an action is not available now; empty: it is.
func (p preconditions) unavailable(a keys.Action) string {
	switch a {
	case keys.Refresh, keys.CompareTokens, keys.CallFunction, keys.EditField, keys.AddField, keys.RemoveField,
		keys.EditDocument, keys.EditText, keys.ReviewDraft, keys.EmptyOrDelete, keys.Undo, keys.LinkIdentity:
		if !p.state.HasUser {
			return "not signed in: s opens the accounts"
		}
	}
	switch a {
	case keys.CompareTokens, keys.EditField, keys.AddField, keys.RemoveField, keys.EditDocument, keys.EditText,
		keys.ReviewDraft, keys.EmptyOrDelete:
		if !p.state.App().CustomData.Complete() {
			return "the collection of the custom data is unknown: set --database, --collection and --user-id-field, " +
				"or an application directory with --app"
		}
	}
	if a == keys.RevealValue && !p.state.Masked {
		return "nothing is masked: m masks personal data"
	}
	if a == keys.CopyAs && p.state.Masked {
		return maskedCopy
	}
	switch a {
	case keys.CopyAs, keys.EditField, keys.RemoveField, keys.ViewValue, keys.RevealValue, keys.CopyPath:
		if !p.selected {
			return "no field is selected"
		}
	case keys.ReviewDraft:
		if p.state.Draft == nil {
			return "no unsaved change is kept"
		}
	case keys.Undo:
		if !p.canUndo {
			return "nothing to undo"
		}
	case keys.FindNext, keys.FindPrevious:
		if !p.hasMatches {
			return "no search yet: / finds a field"
		}
	}
	return ""
}
