package model

// Next returns the path of a set that comes next after row i in the order of the rows, also inside collapsed rows, or
// with by -1 the one before row i; false when there is none. With i -1 and Len it starts before the first and after
// the last row. Nothing is expanded.
func (t *Tree) Next(set *PathSet, i, by int) (Path, bool) {
	if i < 0 || i >= t.rows {
		if by > 0 && i < 0 || by < 0 && i >= t.rows {
			return t.firstIn(t.root, set, by)
		}
		return nil, false
	}
	b, position := t.locate(i)
	sets := set.along(b.path(position))
	if by > 0 {
		if p, ok := t.firstInside(b, position, sets[len(sets)-1], by); ok {
			return p, true
		}
	}
	for depth := len(sets) - 2; ; depth-- {
		if p, ok := t.nextIn(b, position, sets[depth], by); ok {
			return p, true
		}
		if b.parent == nil {
			return nil, false
		}
		position, b = b.position, b.parent
		if by < 0 && sets[depth].contains() {
			return b.path(position), true
		}
	}
}

// along returns the parts of the set for a path and its ancestors, the whole set first.
func (t *PathSet) along(p Path) []*PathSet {
	sets := []*PathSet{t}
	for _, key := range p {
		t = t.child(key)
		sets = append(sets, t)
	}
	return sets
}

// contains reports whether the path to this part is in the set.
func (t *PathSet) contains() bool { return t != nil && t.member }

// nextIn returns the next path of a set after a position of a branch, or before it.
func (t *Tree) nextIn(b *branch, position int, set *PathSet, by int) (Path, bool) {
	if set == nil || len(set.fields) == 0 {
		return nil, false
	}
	for position += by; position >= 0 && position < b.shown.len(); position += by {
		f := b.field(position)
		if !set.has(&f) {
			continue
		}
		inner := set.child(f.key())
		if by > 0 && inner.member {
			return b.path(position), true
		}
		if p, ok := t.firstInside(b, position, inner, by); ok {
			return p, true
		}
		if inner.member {
			return b.path(position), true
		}
	}
	return nil, false
}

// firstInside returns the first path of a set inside a field of a branch, or the last one.
func (t *Tree) firstInside(b *branch, position int, set *PathSet, by int) (Path, bool) {
	if set == nil || len(set.fields) == 0 || !isContainer(b.field(position).value) {
		return nil, false
	}
	if n, expanded := b.findExpanded(position); expanded {
		return t.firstIn(t.inner(b, n), set, by)
	}
	return t.firstIn(t.readField(b, position), set, by)
}

func (t *Tree) firstIn(b *branch, set *PathSet, by int) (Path, bool) {
	start := -1
	if by < 0 {
		start = b.shown.len()
	}
	return t.nextIn(b, start, set, by)
}
