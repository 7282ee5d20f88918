package model

import "strconv"

// PathSet is a set of paths, by their levels. A nil PathSet is empty.
type PathSet struct {
	fields map[string]*PathSet
	keys   []string // of fields, in the order in which they were added
	member bool     // the path to here is in the set
	ghost  *Ghost   // nil: none has this path
}

// NewPathSet returns the set of some paths; nil if there are none.
func NewPathSet(paths []Path) *PathSet {
	if len(paths) == 0 {
		return nil
	}
	t := &PathSet{}
	for _, p := range paths {
		t.add(p).member = true
	}
	return t
}

// add returns the part of the set for a path, which it creates if it is missing.
func (t *PathSet) add(p Path) *PathSet {
	for _, key := range p {
		inner := t.fields[key]
		if inner == nil {
			if t.fields == nil {
				t.fields = map[string]*PathSet{}
			}
			inner = &PathSet{}
			t.fields[key] = inner
			t.keys = append(t.keys, key)
		}
		t = inner
	}
	return t
}

// child returns the part of the set that is inside a field; nil when there is none.
func (t *PathSet) child(key string) *PathSet {
	if t == nil {
		return nil
	}
	return t.fields[key]
}

// has reports whether the field with a name is in the set, or a path inside it.
func (t *PathSet) has(f *branchField) bool { return t.at(f) != nil }

// at returns the part of the set that is inside a field; nil when there is none.
func (t *PathSet) at(f *branchField) *PathSet {
	if t == nil {
		return nil
	}
	if f.index >= 0 {
		var digits [20]byte
		return t.fields[string(strconv.AppendInt(digits[:0], int64(f.index), 10))]
	}
	return t.fields[string(f.name)]
}
