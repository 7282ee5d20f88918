package document

import (
	"strconv"

	"dossier/model"
)

// marks says which rows are outdated, ready to be asked per row drawn.
type marks struct {
	at    map[string]model.Change // by key of the path
	below map[string]int          // how many outdated fields lie below a path
	extra int                     // fields that only the database has, with no row of their own
}

// markAll prepares the marks of a list of changes.
func markAll(changes []model.Change) marks {
	m := marks{at: map[string]model.Change{}, below: map[string]int{}}
	for _, c := range changes {
		m.at[key(c.Path)] = c
		for up := c.Path.Parent(); len(up) > 0; up = up.Parent() {
			m.below[key(up)]++
		}
		if c.Kind == model.Added {
			m.extra++
		}
	}
	return m
}

// key makes a path comparable: every level with its length, so that no two paths share a key.
func key(p model.Path) string {
	var b []byte
	for _, level := range p {
		b = strconv.AppendInt(b, int64(len(level)), 10)
		b = append(b, ':')
		b = append(b, level...)
	}
	return string(b)
}

// of finds how a row is outdated: itself, or what it lies in as a whole.
func (m marks) of(p model.Path) (model.Change, bool) {
	for at := p; len(at) > 0; at = at.Parent() {
		if c, ok := m.at[key(at)]; ok {
			return c, true
		}
	}
	return model.Change{}, false
}

// marked reports whether a row carries a mark: it is outdated, or, folded, something in it is.
func (m marks) marked(row model.Row) bool {
	if len(m.at) == 0 {
		return false
	}
	if _, ok := m.at[key(row.Path)]; ok {
		return true
	}
	return row.Nested && !row.Open && m.below[key(row.Path)] > 0
}
