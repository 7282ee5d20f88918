package document

import (
	"strconv"

	"dossier/model"
	"dossier/ui/state"
)

// marks holds which fields are outdated, indexed for lookup by row.
type marks struct {
	byPath map[string]model.Change // by pathKey
	inside map[string]int          // the number of outdated fields inside a path
}

// newMarks indexes a list of changes by the paths of the rows that show them.
func newMarks(changes []model.Change, path func(model.Change) model.Path) marks {
	m := marks{byPath: map[string]model.Change{}, inside: map[string]int{}}
	for _, c := range changes {
		at := path(c)
		m.byPath[pathKey(at)] = c
		for up := at.Parent(); len(up) > 0; up = up.Parent() {
			m.inside[pathKey(up)]++
		}
	}
	return m
}

// pathKey returns a unique map key for a path: every level prefixed with its length.
func pathKey(p model.Path) string {
	var b []byte
	for _, level := range p {
		b = strconv.AppendInt(b, int64(len(level)), 10)
		b = append(b, ':')
		b = append(b, level...)
	}
	return string(b)
}

// at returns the change of a row.
func (m marks) at(p model.Path) (model.Change, bool) {
	if len(m.byPath) == 0 {
		return model.Change{}, false
	}
	c, ok := m.byPath[pathKey(p)]
	return c, ok
}

// changeAt returns the change of a row, or of the nearest ancestor that has one.
func (m marks) changeAt(p model.Path) (model.Change, bool) {
	for at := p; len(at) > 0 && len(m.byPath) > 0; at = at.Parent() {
		if c, ok := m.byPath[pathKey(at)]; ok {
			return c, true
		}
	}
	return model.Change{}, false
}

// marked reports whether a row has a mark: it is outdated, or it is closed and contains an outdated field.
func (m marks) marked(row model.Row) bool {
	if len(m.byPath) == 0 {
		return false
	}
	if _, ok := m.byPath[pathKey(row.Path)]; ok {
		return true
	}
	return row.Expandable && !row.Expanded && m.inside[pathKey(row.Path)] > 0
}

// draftMarks holds what the kept draft changes, by the rows of the document with its values.
type draftMarks struct {
	draft *state.Draft // nil: there is none
	marks
	typed   map[string]bool // fields with text that was not accepted, by pathKey
	resized map[string]int  // how many items arrays get, negative: lose, by pathKey
}

func newDraftMarks(d *state.Draft) draftMarks {
	if d == nil {
		return draftMarks{}
	}
	m := draftMarks{draft: d, marks: newMarks(d.Changes, model.Change.PathInNew), typed: map[string]bool{},
		resized: map[string]int{}}
	for _, c := range d.Changes {
		switch {
		case c.Item == nil:
		case c.Kind == model.Added:
			m.resized[pathKey(c.Path.Parent())]++
		case c.Kind == model.Removed:
			m.resized[pathKey(c.Path.Parent())]--
		}
	}
	for _, p := range d.Inputs {
		m.typed[pathKey(p)] = true
		for up := p.Parent(); len(up) > 0; up = up.Parent() {
			m.inside[pathKey(up)]++
		}
	}
	return m
}

// change returns what the draft changes in a row: the field, or one that contains it. An item that was moved is the
// same inside.
func (m draftMarks) change(p model.Path) (model.Change, bool) {
	c, ok := m.changeAt(p)
	if ok && c.Kind == model.Moved && len(c.Path) < len(p) {
		return model.Change{}, false
	}
	return c, ok
}

// marked reports whether a row has a mark: the draft changes it or the number of its items, or it is closed and
// contains a field that it changes.
func (m draftMarks) marked(row model.Row) bool {
	if m.draft == nil {
		return false
	}
	key := pathKey(row.Path)
	if _, ok := m.change(row.Path); ok || m.typed[key] || m.resized[key] != 0 {
		return true
	}
	return row.Expandable && !row.Expanded && m.inside[key] > 0
}

// paths returns the rows that the draft changes.
func (m draftMarks) paths() []model.Path {
	if m.draft == nil {
		return nil
	}
	var list []model.Path
	for _, c := range m.draft.Changes {
		list = append(list, c.PathInNew())
	}
	return append(list, m.draft.Inputs...)
}

// outdatedAt returns the outdated field of a row. In an array that the draft sets the items are those of the draft,
// which have no counterpart in the token.
func (p *Pane) outdatedAt(at model.Path) (model.Change, bool) {
	if len(p.marks.byPath) == 0 || p.draft.insideArray(at) {
		return model.Change{}, false
	}
	return p.marks.at(at)
}

// outdatedRow reports whether a row has the mark of an outdated field.
func (p *Pane) outdatedRow(row model.Row) bool {
	return p.marks.marked(row) && !p.draft.insideArray(row.Path)
}

// insideArray reports whether a field is inside an array that the draft sets.
func (m draftMarks) insideArray(p model.Path) bool {
	e, ok := m.draft.EditOf(p)
	if !ok || len(p) == len(e.Path) || e.New.IsZero() {
		return false
	}
	for n := len(e.Path); n < len(p); n++ {
		if v, ok := model.LookupIn(e.New, p[len(e.Path):n]); !ok || model.KindOf(v) == model.Array {
			return true
		}
	}
	return false
}
