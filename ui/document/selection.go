package document

import (
	"slices"
	"strconv"

	"github.com/charmbracelet/x/ansi"

	"dossier/model"
	"dossier/ui/keys"
)

// selection is the fields that were selected together, in the order of selection. The zero value is empty.
type selection struct {
	paths []model.Path
	keys  map[string]bool // by pathKey
}

// toggle adds a field to the selection, or takes it out.
func (s *selection) toggle(p model.Path) {
	key := pathKey(p)
	if s.keys[key] {
		delete(s.keys, key)
		s.paths = slices.DeleteFunc(s.paths, p.Equal)
		return
	}
	if s.keys == nil {
		s.keys = map[string]bool{}
	}
	s.keys[key] = true
	s.paths = append(s.paths, p)
}

func (s *selection) has(p model.Path) bool { return len(s.keys) > 0 && s.keys[pathKey(p)] }

// Chosen returns the fields that an action is about: those selected together, otherwise the one under the cursor.
func (p *Pane) Chosen() []model.Path {
	if len(p.chosen.paths) > 0 {
		return slices.Clone(p.chosen.paths)
	}
	if path := p.Selected(); path != nil {
		return []model.Path{path}
	}
	return nil
}

// Changeable is Chosen without the fields that the draft removes.
func (p *Pane) Changeable() []model.Path { return slices.DeleteFunc(p.Chosen(), p.removedByDraft) }

// removedByDraft reports whether the draft removes a field.
func (p *Pane) removedByDraft(at model.Path) bool {
	c, ok := p.draft.change(at)
	return ok && c.Kind == model.Removed
}

// SelectedTogether returns the number of fields that were selected together.
func (p *Pane) SelectedTogether() int { return len(p.chosen.paths) }

// selectedCount says how many fields are selected.
func selectedCount(n int) string {
	if n == 1 {
		return "1 field is selected"
	}
	return strconv.Itoa(n) + " fields are selected"
}

// ClearChosen ends the selection of several fields.
func (p *Pane) ClearChosen() { p.chosen = selection{} }

// selectRow adds the row under the cursor to the selection, or takes it out, and moves on.
func (p *Pane) selectRow() {
	if path := p.Selected(); path != nil {
		p.chosen.toggle(path)
		p.scroll.Move(keys.Down)
		p.scrolled()
	}
}

// cut returns the first cells of a line with escape sequences.
func cut(line string, width int) string { return ansi.TruncateWc(line, width, "") }
