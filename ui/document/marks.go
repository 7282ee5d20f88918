package document

import (
	"strconv"

	"dossier/model"
)

// marks says which rows are outdated, ready to be asked per row drawn.
type marks struct {
	byPath       map[string]model.Change // by key of the path
	inside       map[string]int          // how many outdated fields lie below a path
	databaseOnly int                     // fields that only the database has, with no row of their own
}

// newMarks prepares the marks of a list of changes.
func newMarks(changes []model.Change) marks {
	m := marks{byPath: map[string]model.Change{}, inside: map[string]int{}}
	for _, c := range changes {
		m.byPath[pathKey(c.Path)] = c
		for up := c.Path.Parent(); len(up) > 0; up = up.Parent() {
			m.inside[pathKey(up)]++
		}
		if c.Kind == model.Added {
			m.databaseOnly++
		}
	}
	return m
}

// pathKey makes a path comparable: every level with its length, so that no two paths share a key.
func pathKey(p model.Path) string {
	var b []byte
	for _, level := range p {
		b = strconv.AppendInt(b, int64(len(level)), 10)
		b = append(b, ':')
		b = append(b, level...)
	}
	return string(b)
}

// changeAt finds how a row is outdated: itself, or what it lies in as a whole.
func (m marks) changeAt(p model.Path) (model.Change, bool) {
	for at := p; len(at) > 0; at = at.Parent() {
		if c, ok := m.byPath[pathKey(at)]; ok {
			return c, true
		}
	}
	return model.Change{}, false
}

// marked reports whether a row carries a mark: it is outdated, or, folded, something in it is.
func (m marks) marked(row model.Row) bool {
	if len(m.byPath) == 0 {
		return false
	}
	if _, ok := m.byPath[pathKey(row.Path)]; ok {
		return true
	}
	return row.Expandable && !row.Expanded && m.inside[pathKey(row.Path)] > 0
}
