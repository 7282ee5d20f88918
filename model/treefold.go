package model

import (
	"cmp"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// CollapseAll collapses all rows.
func (t *Tree) CollapseAll() {
	t.root.expanded, t.rows = nil, t.root.shown.len()
}

// ExpandAll expands all objects and arrays, down to a depth of 200 levels, which no stored document exceeds.
func (t *Tree) ExpandAll() { t.ExpandLevels(maxDepth + 1) }

// ExpandLevels expands the objects and arrays of the upper levels, so that the rows of the first n levels are visible,
// and collapses the others.
func (t *Tree) ExpandLevels(n int) {
	t.CollapseAll()
	t.openTo = n - 1
	t.rows = t.expandFields(t.root, -1)
}

// expandFields expands the fields of a collapsed branch to the depth openTo, and returns the rows of the branch. What
// is inside them is not read yet, only its rows are counted. Their total is given if it is known (-1: it is not): then
// the largest field is not counted either, so that reading nested branches one after the other counts few fields twice.
func (t *Tree) expandFields(b *branch, total int) int {
	if b.depth >= t.openTo || b.fields.nested == 0 && b.levels.ghosts == nil {
		return b.shown.len()
	}
	b.expanded = slices.Grow(b.expanded, min(b.fields.nested, b.shown.len()))
	largest, largestBytes, rows := -1, 0, b.shown.len()
	for position := range b.shown.len() {
		f := b.field(position)
		if !isContainer(f.value) {
			continue
		}
		o := t.countedField(b, position, &f, total >= 0 && len(f.value.Value) > largestBytes)
		if o.branch == nil && total >= 0 && len(f.value.Value) > largestBytes {
			if largest >= 0 {
				rows += t.countField(b, &b.expanded[largest])
			}
			largest, largestBytes = len(b.expanded), len(f.value.Value)
		}
		rows += int(o.rows)
		b.expanded = append(b.expanded, o)
	}
	if largest >= 0 {
		b.expanded[largest].rows = uint32(total - rows)
		rows = total
	}
	b.sumRows()
	return rows
}

// countedField returns the expanded field at a position. Its rows are 0 if uncounted is set and they can be counted
// without reading its branch.
func (t *Tree) countedField(b *branch, position int, f *branchField, uncounted bool) expandedField {
	o := expandedField{position: uint32(position)}
	if b.levels != (pathLevels{}) {
		if levels := b.levels.child(f.key()); levels.ghosts != nil || levels.only != nil {
			o.branch = t.read(b, position, f.value, f.origin, levels)
			o.rows = uint32(t.expandFields(o.branch, -1))
			return o
		}
	}
	if !uncounted {
		o.rows = uint32(countRows(f.value, b.depth+1, t.openTo))
	}
	return o
}

// countField counts the rows of a field that was not counted, and returns them.
func (t *Tree) countField(b *branch, o *expandedField) int {
	n := countRows(b.field(int(o.position)).value, b.depth+1, t.openTo)
	o.rows = uint32(n)
	return n
}

// countRows returns the number of rows inside an object or array at a depth, if the objects and arrays in it are
// expanded to a depth.
func countRows(v bson.RawValue, depth, openTo int) int {
	if wellFramed(v.Value) != nil {
		return 0
	}
	n := 0
	for at := 4; at < len(v.Value)-1; n++ {
		e, err := elementAt(v.Value, at)
		if err != nil {
			break
		}
		if depth < openTo && isContainer(e.value) {
			n += countRows(e.value, depth+1, openTo)
		}
		at = e.end
	}
	return n
}

// sumRows recomputes the rows before each expanded field, and returns the rows of the branch.
func (b *branch) sumRows() int {
	before := 0
	for n := range b.expanded {
		b.expanded[n].rowsBefore = uint32(before)
		before += int(b.expanded[n].rows)
	}
	return b.shown.len() + before
}

// Folding records which rows of a tree are expanded. The zero value: none.
type Folding struct {
	fields []expandedKey
	openTo int
}

// expandedKey is an expanded field, found again by its slot if that has the same key, otherwise by its key.
type expandedKey struct {
	key    string
	slot   int
	unread bool // all inside is expanded to openTo
	fields []expandedKey
}

// Folding returns which rows are expanded now.
func (t *Tree) Folding() Folding { return Folding{expandedKeys(t.root), t.openTo} }

func expandedKeys(b *branch) []expandedKey {
	keys := make([]expandedKey, len(b.expanded))
	for i, o := range b.expanded {
		slot := b.shown.slot(int(o.position))
		f := b.slot(slot)
		keys[i] = expandedKey{key: f.key(), slot: slot, unread: o.branch == nil}
		if o.branch != nil {
			keys[i].fields = expandedKeys(o.branch)
		}
	}
	return keys
}

// Restore expands the rows that were expanded when a Folding was made, and collapses all others. Paths that the
// document no longer has, or that are no longer objects or arrays, are skipped.
func (t *Tree) Restore(f Folding) {
	t.openTo = f.openTo
	t.readRoot()
	t.rows = t.restoreFields(t.root, f.fields)
}

// restoreFields expands fields of a collapsed branch, and returns the rows of the branch.
func (t *Tree) restoreFields(b *branch, keys []expandedKey) int {
	if b.depth >= maxDepth {
		return b.shown.len()
	}
	var slots map[string]int
	for _, k := range keys {
		slot := k.slot
		if slot >= b.slots() || !b.hasKey(slot, k.key) {
			if slots == nil {
				slots = b.slotsByKey()
			}
			var ok bool
			if slot, ok = slots[k.key]; !ok {
				continue
			}
		}
		position := b.shown.position(slot)
		if position < 0 {
			continue
		}
		f := b.field(position)
		if !isContainer(f.value) {
			continue
		}
		o := expandedField{position: uint32(position)}
		if k.unread {
			o = t.countedField(b, position, &f, false)
		} else {
			o.branch = t.readField(b, position)
			o.rows = uint32(t.restoreFields(o.branch, k.fields))
		}
		b.expanded = append(b.expanded, o)
	}
	byPosition := func(x, y expandedField) int { return cmp.Compare(x.position, y.position) }
	slices.SortFunc(b.expanded, byPosition)
	b.expanded = slices.CompactFunc(b.expanded, func(x, y expandedField) bool { return x.position == y.position })
	return b.sumRows()
}

func (b *branch) hasKey(slot int, key string) bool {
	f := b.slot(slot)
	if f.index >= 0 {
		return f.key() == key
	}
	return string(f.name) == key
}

// slotsByKey returns the slot of the first field with each key.
func (b *branch) slotsByKey() map[string]int {
	slots := make(map[string]int, b.slots())
	for slot := range b.slots() {
		f := b.slot(slot)
		key := f.key()
		if _, known := slots[key]; !known {
			slots[key] = slot
		}
	}
	return slots
}
