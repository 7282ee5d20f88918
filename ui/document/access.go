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

// Unavailable returns why an action has no effect on the document now; empty: it has.
func (p *Pane) Unavailable(a keys.Action) string {
	row, selected := p.selected()
	if n, ok := keys.Level(a); ok && (!selected || n == 1) {
		a = keys.FoldAll
	}
	switch a {
	case keys.Find, keys.Jump, keys.FoldAll, keys.UnfoldAll, keys.CopyValue, keys.CopyPath, keys.ViewValue,
		keys.RevealValue,
		keys.EditField, keys.RemoveField, keys.Toggle, keys.Fold, keys.Unfold:
		if !selected {
			return "the document has no fields"
		}
	case keys.FindNext, keys.FindPrevious:
		switch {
		case !p.search.active():
			return "no search yet: {document.find} finds a field"
		case len(p.search.matches) == 0 && !p.search.requests.Busy():
			return "the search found nothing"
		}
	case keys.Cancel:
		if !p.search.active() && p.arrangement.filter == allFields && len(p.chosen.paths) == 0 {
			return "nothing to clear"
		}
	case keys.NextOutdated, keys.PreviousOutdated:
		if len(p.outdated) == 0 {
			return "no field is outdated"
		}
	case keys.Filter:
		if p.arrangement.filter == allFields && len(p.outdated) == 0 && len(p.search.matches) == 0 {
			return "no field is outdated, and there is no search: {document.find} finds fields"
		}
	}
	switch a {
	case keys.CopyValue:
		if p.state.Masked {
			return "masked: press {everywhere.mask} to show values before copying"
		}
	case keys.FoldAll:
		if p.tree.Folded() {
			return "nothing is open"
		}
	case keys.MoveUp, keys.MoveDown:
		if selected && !row.IsElement {
			return "only items of an array can be moved"
		}
	case keys.RenameField:
		if row.IsElement {
			return "an item of an array has no name"
		}
	case keys.Discard:
		if selected && len(p.chosen.paths) == 0 && !p.draft.marked(row) {
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
