package model

// Folded reports whether no object or array is expanded.
func (t *Tree) Folded() bool { return len(t.root.expanded) == 0 }
