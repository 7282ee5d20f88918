package model

import "go.mongodb.org/mongo-driver/v2/bson"

// ExpandTo expands the ancestors of a path and returns the path's row; -1 when there is no such field, or the filter
// hides it.
func (t *Tree) ExpandTo(p Path) int {
	if _, ok := t.Lookup(p); !ok {
		return -1
	}
	b := t.root
	for i, key := range p {
		position := b.positionOf(key)
		if position < 0 {
			return -1
		}
		if i == len(p)-1 {
			return b.rowOf(position)
		}
		if n, expanded := b.findExpanded(position); expanded {
			b = t.inner(b, n)
		} else if b = t.expandField(b, position); b == nil {
			return -1
		}
	}
	return -1
}

// RowOf returns the row of a path, or of its innermost ancestor that is visible, without expanding any; -1 when there
// is neither.
func (t *Tree) RowOf(p Path) int {
	b, row := t.root, -1
	for _, key := range p {
		position := b.positionOf(key)
		if position < 0 {
			return row
		}
		row = b.rowOf(position)
		n, expanded := b.findExpanded(position)
		if !expanded {
			return row
		}
		b = t.inner(b, n)
	}
	return row
}

// Lookup returns the value at a path, as it is shown; false when there is neither.
func (t *Tree) Lookup(p Path) (bson.RawValue, bool) {
	v := bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: t.doc}
	ghosts := t.ghosts
	for _, key := range p {
		inner, ok := childValue(v, key)
		ghosts = ghosts.child(key)
		if g := ghosts; g != nil && g.ghost != nil && (!ok || g.ghost.Replaces) {
			inner, ok = g.ghost.Value, true
		}
		if !ok {
			return bson.RawValue{}, false
		}
		v = inner
	}
	return v, len(p) > 0
}

// positionOf returns the position of the first field with a key; -1 when there is none, or the filter hides it.
func (b *branch) positionOf(key string) int {
	if slot := b.slotOf(key); slot >= 0 {
		return b.shown.position(slot)
	}
	return -1
}

// slotOf returns the slot of the first field with a key; -1 when there is none.
func (b *branch) slotOf(key string) int {
	if index, ok := arrayIndex(key); b.fields.array && ok && index < b.fields.count {
		return index
	}
	for i, g := range b.ghosts {
		if g.key == key {
			return b.fields.count + i
		}
	}
	if b.fields.array {
		return -1
	}
	for index := range b.fields.count {
		if string(b.fields.at(index).key) == key {
			return index
		}
	}
	return -1
}
