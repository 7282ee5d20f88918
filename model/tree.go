package model

import (
	"fmt"
	"slices"
	"sort"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Row is one visible row of a Tree: a field or an array element.
type Row struct {
	Path       Path
	Depth      int
	Key        string // raw text: pass it through Show before drawing
	Value      bson.RawValue
	Expandable bool // an object or array, also an empty one
	Expanded   bool
	IsElement  bool // an element of an array: Key is its index
}

// Tree shows a document as a flat list of rows over its raw BSON. Objects and arrays are read when they are expanded: a
// collapsed subtree costs nothing, whatever its size. A Tree is not safe for concurrent use.
type Tree struct {
	doc  bson.Raw
	root *branch
	err  error
}

// branch is an expanded object or array: the offsets of its fields and which of them are expanded too.
type branch struct {
	parent   *branch
	index    int // among the parent's fields
	depth    int
	bytes    []byte
	array    bool
	offsets  []uint32        // of the fields in bytes
	expanded []expandedField // by index
	rows     int             // that its fields take now
}

// expandedField is an expanded field of a branch, with the number of rows that the expanded fields before it add.
type expandedField struct {
	*branch
	rowsBefore int
}

// headerRow returns the row of the field itself, counted within its parent's rows.
func (o expandedField) headerRow() int { return o.index + o.rowsBefore }

// NewTree returns a tree with the top level of a document; nil is an empty tree. Of malformed BSON it shows the rows up
// to the error, which Err returns.
func NewTree(doc bson.Raw) *Tree {
	t := &Tree{doc: doc}
	t.root = t.scan(nil, 0, bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: doc})
	return t
}

// scan returns the branch of an object or array, with the offset of each field.
func (t *Tree) scan(parent *branch, index int, v bson.RawValue) *branch {
	b := &branch{parent: parent, index: index, bytes: v.Value, array: v.Type == bson.TypeArray}
	if parent != nil {
		b.depth = parent.depth + 1
	}
	if len(v.Value) == 0 {
		return b
	}
	err := wellFramed(b.bytes)
	for at := 4; err == nil && at < len(b.bytes)-1; {
		var e element
		if e, err = elementAt(b.bytes, at); err == nil {
			b.offsets = append(b.offsets, uint32(at))
			at = e.end
		}
	}
	b.rows = len(b.offsets)
	if err != nil && t.err == nil {
		if t.err = err; parent != nil {
			t.err = fmt.Errorf("inside %s: %w", parent.path(index), err)
		}
	}
	return b
}

// Err returns the first BSON error met while expanding; nil when there was none.
func (t *Tree) Err() error { return t.err }

// Len returns the number of visible rows.
func (t *Tree) Len() int { return t.root.rows }

// Document returns the document shown.
func (t *Tree) Document() bson.Raw { return t.doc }

// Row returns row i, 0 ≤ i < Len; it panics for any other i. Its cost does not depend on i.
func (t *Tree) Row(i int) Row {
	b, index := t.locate(i)
	e := b.element(index)
	_, expanded := b.findExpanded(index)
	return Row{
		Path:       b.path(index),
		Depth:      b.depth,
		Key:        b.key(index, e),
		Value:      e.value,
		Expandable: isContainer(e.value),
		Expanded:   expanded,
		IsElement:  b.array,
	}
}

// locate returns the branch and the index of the field that row i shows.
func (t *Tree) locate(i int) (*branch, int) {
	if i < 0 || i >= t.root.rows {
		panic(fmt.Sprintf("model: row %d of a tree of %d rows", i, t.root.rows))
	}
	b := t.root
	for {
		n := sort.Search(len(b.expanded), func(n int) bool { return b.expanded[n].headerRow() >= i })
		if n == 0 {
			return b, i
		}
		o := b.expanded[n-1]
		if i > o.headerRow()+o.rows {
			return b, i - o.rowsBefore - o.rows
		}
		b, i = o.branch, i-o.headerRow()-1
	}
}

// findExpanded returns the position of a field in expanded, or where to insert it and false.
func (b *branch) findExpanded(index int) (int, bool) {
	return slices.BinarySearchFunc(b.expanded, index, func(o expandedField, index int) int { return o.index - index })
}

// rowOf returns the row of a field of the branch.
func (b *branch) rowOf(index int) int {
	row := index
	if n, _ := b.findExpanded(index); n > 0 {
		row += b.expanded[n-1].rowsBefore + b.expanded[n-1].rows
	}
	if b.parent == nil {
		return row
	}
	return b.parent.rowOf(b.index) + 1 + row
}

// element returns a field that scan has read before.
func (b *branch) element(index int) element {
	e, err := elementAt(b.bytes, int(b.offsets[index]))
	if err != nil {
		panic(fmt.Sprintf("model: the document of a tree was changed: %v", err))
	}
	return e
}

// key returns a field's key. An array element's key is its index, whatever key the BSON holds.
func (b *branch) key(index int, e element) string {
	if b.array {
		return fmt.Sprint(index)
	}
	return string(e.key)
}

func (b *branch) path(index int) Path {
	path := make(Path, b.depth+1)
	for ; b != nil; b, index = b.parent, b.index {
		path[b.depth] = b.key(index, b.element(index))
	}
	return path
}

// addRows adds rows (negative: removes them) to the branch and its ancestors, and moves the expanded fields from
// position from on.
func (b *branch) addRows(from, rows int) {
	for {
		for n := from; n < len(b.expanded); n++ {
			b.expanded[n].rowsBefore += rows
		}
		b.rows += rows
		if b.parent == nil {
			return
		}
		n, _ := b.parent.findExpanded(b.index)
		b, from = b.parent, n+1
	}
}

// Toggle expands or collapses row i; it does nothing for a scalar.
func (t *Tree) Toggle(i int) {
	b, index := t.locate(i)
	if n, expanded := b.findExpanded(index); expanded {
		rows := b.expanded[n].rows
		b.expanded = slices.Delete(b.expanded, n, n+1)
		b.addRows(n, -rows)
		return
	}
	t.expandField(b, index)
}

// expandField expands a collapsed field and returns its branch; nil for a scalar.
func (t *Tree) expandField(b *branch, index int) *branch {
	v := b.element(index).value
	if !isContainer(v) {
		return nil
	}
	inner := t.scan(b, index, v)
	n, _ := b.findExpanded(index)
	o := expandedField{branch: inner}
	if n > 0 {
		o.rowsBefore = b.expanded[n-1].rowsBefore + b.expanded[n-1].rows
	}
	b.expanded = slices.Insert(b.expanded, n, o)
	b.addRows(n+1, inner.rows)
	return inner
}

// CollapseAll collapses all rows.
func (t *Tree) CollapseAll() {
	t.root.expanded = nil
	t.root.rows = len(t.root.offsets)
}

// ExpandAll expands all levels, upper levels first, and stops at about limit rows (0: no limit). It reports whether all
// are expanded.
func (t *Tree) ExpandAll(limit int) bool {
	t.CollapseAll()
	rows, all := t.root.rows, true
	for level := []*branch{t.root}; len(level) > 0; {
		var next []*branch
		for _, b := range level {
			for index := range b.offsets {
				v := b.element(index).value
				if !isContainer(v) {
					continue
				}
				if limit > 0 && rows >= limit || b.depth >= maxDepth {
					all = false
					break
				}
				inner := t.scan(b, index, v)
				b.expanded = append(b.expanded, expandedField{branch: inner})
				rows += inner.rows
				next = append(next, inner)
			}
		}
		level = next
	}
	t.root.recountRows()
	return all
}

// recountRows recomputes the rows of a branch and of the branches below it.
func (b *branch) recountRows() {
	b.rows = len(b.offsets)
	before := 0
	for n := range b.expanded {
		b.expanded[n].recountRows()
		b.expanded[n].rowsBefore = before
		before += b.expanded[n].rows
	}
	b.rows += before
}

// Parent returns the row that contains row i, -1 for the top level.
func (t *Tree) Parent(i int) int {
	b, _ := t.locate(i)
	if b.parent == nil {
		return -1
	}
	return b.parent.rowOf(b.index)
}

// ExpandTo expands the ancestors of a path and returns the path's row; -1 when there is no such field.
func (t *Tree) ExpandTo(p Path) int {
	if _, ok := p.Lookup(t.doc); !ok {
		return -1
	}
	b := t.root
	for i, key := range p {
		index := b.indexOfKey(key)
		if index < 0 {
			return -1
		}
		if i == len(p)-1 {
			return b.rowOf(index)
		}
		if n, expanded := b.findExpanded(index); expanded {
			b = b.expanded[n].branch
		} else if b = t.expandField(b, index); b == nil {
			return -1
		}
	}
	return -1
}

// indexOfKey returns the index of the first field with a key; -1 when there is none.
func (b *branch) indexOfKey(key string) int {
	if b.array {
		if index, ok := arrayIndex(key); ok && index < len(b.offsets) {
			return index
		}
		return -1
	}
	for index := range b.offsets {
		if string(b.element(index).key) == key {
			return index
		}
	}
	return -1
}

// SetDocument replaces the document. Paths that were expanded stay expanded.
func (t *Tree) SetDocument(doc bson.Raw) {
	before := t.root
	*t = *NewTree(doc)
	t.restoreExpanded(before, t.root)
	t.root.recountRows()
}

// restoreExpanded expands the fields of to that are expanded in from. It tries the same index first, then searches by
// key.
func (t *Tree) restoreExpanded(from, to *branch) {
	var byKey map[string]int
	for _, o := range from.expanded {
		key := from.key(o.index, from.element(o.index))
		index := o.index
		if index >= len(to.offsets) || to.key(index, to.element(index)) != key {
			if byKey == nil {
				byKey = to.indexByKey()
			}
			var ok bool
			if index, ok = byKey[key]; !ok {
				continue
			}
		}
		v := to.element(index).value
		n, expanded := to.findExpanded(index)
		if !isContainer(v) || expanded {
			continue
		}
		inner := t.scan(to, index, v)
		to.expanded = slices.Insert(to.expanded, n, expandedField{branch: inner})
		t.restoreExpanded(o.branch, inner)
	}
}

// indexByKey returns the index of the first field with each key.
func (b *branch) indexByKey() map[string]int {
	indexes := make(map[string]int, len(b.offsets))
	for index := range b.offsets {
		key := b.key(index, b.element(index))
		if _, known := indexes[key]; !known {
			indexes[key] = index
		}
	}
	return indexes
}
