package model

// pathTree is a set of paths by their levels. A nil pathTree is empty.
type pathTree struct {
	fields map[string]*pathTree
	keys   []string // of fields, in the order in which they were added
	member bool     // the path to here is in the set
	ghost  *Ghost   // nil: none has this path
}

// newPathTree returns the set of some paths.
func newPathTree(paths []Path) *pathTree {
	t := &pathTree{}
	for _, p := range paths {
		t.add(p).member = true
	}
	return t
}

// add returns the part of the set for a path, which it creates if it is missing.
func (t *pathTree) add(p Path) *pathTree {
	for _, key := range p {
		inner := t.fields[key]
		if inner == nil {
			if t.fields == nil {
				t.fields = map[string]*pathTree{}
			}
			inner = &pathTree{}
			t.fields[key] = inner
			t.keys = append(t.keys, key)
		}
		t = inner
	}
	return t
}

// child returns the part of the set that is inside a field; nil when there is none.
func (t *pathTree) child(key string) *pathTree {
	if t == nil {
		return nil
	}
	return t.fields[key]
}

// has reports whether the field with a name is in the set, or a path inside it.
func (t *pathTree) has(f *branchField) bool {
	if t == nil {
		return false
	}
	if f.index >= 0 {
		return t.fields[f.key()] != nil
	}
	return t.fields[string(f.name)] != nil
}
