package document

import (
	"slices"
	"strconv"

	"dossier/model"
	"dossier/ui/state"
)

// marks holds which fields are outdated, indexed for lookup by row.
type marks struct {
	byPath map[string]model.Change // by pathKey
	inside map[string]int          // the number of outdated fields inside a path
}

// newMarks indexes a list of changes.
func newMarks(changes []model.Change) marks {
	m := marks{byPath: map[string]model.Change{}, inside: map[string]int{}}
	for _, c := range changes {
		m.byPath[pathKey(c.Path)] = c
		for up := c.Path.Parent(); len(up) > 0; up = up.Parent() {
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

// draftMarks holds which fields the kept draft edits.
type draftMarks struct {
	draft  *state.Draft // nil: there is none
	fields []model.Path
	inside map[string]bool // fields that contain an edited field, by pathKey
}

func newDraftMarks(d *state.Draft) draftMarks {
	m := draftMarks{inside: map[string]bool{}}
	if d == nil {
		return m
	}
	m.draft, m.fields = d, d.Fields
	for _, p := range d.Fields {
		for up := p.Parent(); len(up) > 0; up = up.Parent() {
			m.inside[pathKey(up)] = true
		}
	}
	return m
}

// maxComparedBytes is the size up to which the values inside a field that is set as a whole are compared.
const maxComparedBytes = 256 << 10

// edits reports whether the draft edits a field or one that contains it. Inside a field that is set as a whole, such as
// an array in which an item moved, only what differs counts.
func (m draftMarks) edits(p model.Path) bool {
	if !slices.ContainsFunc(m.fields, p.Within) {
		return false
	}
	e, ok := m.draft.EditOf(p)
	if !ok || len(p) == len(e.Path) || len(e.Old.Value)+len(e.New.Value) > maxComparedBytes {
		return true
	}
	return !model.Identical(e.OldValue(p), e.NewValue(p))
}

// marked reports whether a row has a mark: the draft edits it, or it is closed and contains an edited field.
func (m draftMarks) marked(row model.Row) bool {
	return m.edits(row.Path) || row.Expandable && !row.Expanded && len(m.inside) > 0 && m.inside[pathKey(row.Path)]
}
