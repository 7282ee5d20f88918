package document

import (
	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/keys"
)

// Document returns the document that the pane shows; nil: none.
func (p *Pane) Document() bson.Raw { return p.document }

// GoTo moves the cursor to a field and opens the objects that contain it. A path that the document lacks has no effect.
func (p *Pane) GoTo(path model.Path) tea.Cmd { return p.goTo(path) }

// MaskedCopy says why no value is copied while personal data is masked.
const MaskedCopy = "masked: press {everywhere.mask} to show values before copying"

// Unavailable returns why an action has no effect on the document now; empty: it has.
func (p *Pane) Unavailable(a keys.Action) string {
	if n, ok := keys.Level(a); ok && n == 1 {
		a = keys.FoldAll
	}
	if reason := p.unavailableWithoutFields(a); reason != "" {
		return reason
	}
	if reason := p.unavailableSelection(a); reason != "" {
		return reason
	}
	switch a {
	case keys.RevealValue:
		if !p.state.Masked {
			return "nothing is masked: {everywhere.mask} masks personal data"
		}
	case keys.CopyValue, keys.CopyAs:
		if p.state.Masked {
			return MaskedCopy
		}
	case keys.ReviewDraft:
		if p.state.Draft == nil {
			return "no unsaved change is kept"
		}
	case keys.FoldAll:
		if p.tree.Folded() {
			return "nothing is open"
		}
	case keys.FindNext, keys.FindPrevious, keys.NextOutdated, keys.PreviousOutdated, keys.Filter, keys.Cancel:
		return p.unavailableSearch(a)
	case keys.MoveUp, keys.MoveDown, keys.RenameField, keys.Discard, keys.Toggle, keys.Unfold, keys.Fold:
		return p.unavailableInRow(a)
	}
	return ""
}

// unavailableWithoutFields returns why an action has no effect where no field is shown.
func (p *Pane) unavailableWithoutFields(a keys.Action) string {
	if p.tree.Len() > 0 {
		return ""
	}
	if _, ok := keys.Level(a); ok {
		a = keys.FoldAll
	}
	switch a {
	case keys.Find, keys.Jump, keys.FoldAll, keys.UnfoldAll, keys.CopyValue, keys.CopyPath, keys.CopyAs, keys.ViewValue,
		keys.RevealValue, keys.EditField, keys.RemoveField, keys.RenameField, keys.ChangeType, keys.DuplicateField,
		keys.MoveUp, keys.MoveDown, keys.Discard, keys.SelectRow, keys.Toggle, keys.Fold, keys.Unfold:
		return "the document has no fields"
	}
	return ""
}

// unavailableSearch returns why an action that goes through matches or outdated fields, or clears them, has no effect.
func (p *Pane) unavailableSearch(a keys.Action) string {
	switch a {
	case keys.FindNext, keys.FindPrevious:
		switch {
		case !p.search.active():
			return "no search yet: {document.find} finds a field"
		case len(p.search.matches) == 0 && !p.search.requests.Busy():
			return "the search found nothing"
		}
	case keys.NextOutdated, keys.PreviousOutdated:
		if len(p.outdated) == 0 {
			return "no field is outdated"
		}
	case keys.Filter:
		switch {
		case p.arrangement.filter != allFields || len(p.search.matches) > 0:
		case p.search.active() && !p.search.requests.Busy():
			return "no match for " + p.search.query.Text
		case len(p.outdated) == 0:
			return "no field is outdated, and there is no search: {document.find} finds fields"
		}
	case keys.Cancel:
		if !p.search.active() && p.arrangement.filter == allFields && len(p.chosen.paths) == 0 {
			return "nothing to clear"
		}
	}
	return ""
}

// unavailableInRow returns why an action has no effect on the selected row.
func (p *Pane) unavailableInRow(a keys.Action) string {
	row, _ := p.selected()
	switch a {
	case keys.MoveUp, keys.MoveDown:
		if !row.IsElement {
			return "only items of an array can be moved"
		}
	case keys.RenameField:
		if row.IsElement {
			return "an item of an array has no name"
		}
	case keys.Discard:
		if len(p.chosen.paths) == 0 && !p.draft.marked(row) {
			return "this field has no unsaved change"
		}
	case keys.Toggle, keys.Unfold:
		if !row.Expandable {
			return "only objects and arrays can be opened"
		}
	case keys.Fold:
		if row.Depth == 0 && !row.Expanded {
			return "nothing to fold here"
		}
	}
	return ""
}

// unavailableSelection returns why an action has no effect on what is selected, which may be several fields.
func (p *Pane) unavailableSelection(a keys.Action) string {
	row, _ := p.selected()
	n, change := len(p.chosen.paths), false
	switch a {
	case keys.EditField, keys.EditText, keys.RenameField, keys.MoveUp, keys.MoveDown, keys.CopyPath, keys.ViewValue:
		if n > 0 {
			return selectedCount(n) + ", this needs one field: {document.cancel} clears the selection"
		}
	case keys.CopyValue:
		if n > 0 {
			return selectedCount(n) + ": {document.copy-as} copies them, {document.cancel} clears the selection"
		}
	}
	switch a {
	case keys.RenameField, keys.ChangeType, keys.DuplicateField, keys.RemoveField:
		change = true
	case keys.EditField, keys.EditText, keys.MoveUp, keys.MoveDown: // a removed field of its own gets a value again
		change = row.Origin != model.InDocument
	}
	switch {
	case !change:
		return ""
	case n > 0 && len(p.Changeable()) == 0 || n == 0 && p.removedByDraft(row.Path):
		return "the draft removes this: {document.discard} puts it back"
	case n == 0 && row.Origin == model.InDatabase && row.IsElement:
		return "this item is only in the database: {everywhere.refresh} takes it over"
	}
	return ""
}
