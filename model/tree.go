package model

import (
	"fmt"
	"slices"
	"sort"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Origin says which document a row of a Tree comes from.
type Origin uint8

// The origins of a row.
const (
	InDocument     Origin = iota // the tree's own document
	InDatabase                   // only the database has the field
	InDraft                      // only the draft has the field: it adds it
	RemovedByDraft               // the field is in the document, but not in the value that a draft puts around it
)

// Row is one visible row of a Tree: a field or an array element.
type Row struct {
	Path       Path
	Depth      int
	Key        string // raw text: pass it through Show before drawing
	Value      bson.RawValue
	Expandable bool // an object or array, also an empty one
	Expanded   bool
	IsElement  bool   // an element of an array: Key is its index
	Origin     Origin // of a ghost: the document that has it
}

// Tree shows a document as a flat list of rows over its raw BSON, with the fields that only another document has (see
// SetGhosts). Objects and arrays are read when they are expanded, or, after ExpandAll and ExpandLevels, when a row
// inside is used: until then only their rows are counted. A Tree is not safe for concurrent use, Row included.
type Tree struct {
	doc     bson.Raw
	given   []Ghost
	ghosts  *PathSet // given by their paths; nil: none
	order   Order
	changed *PathSet // the fields that ChangedFirst shows first
	only    *PathSet // the fields of the filter; nil: no filter
	openTo  int      // the depth from which objects and arrays are collapsed, in branches that are not read yet
	root    *branch
	rows    int
	recent  []*branch // that were read when a row inside was used
	err     error
}

// maxRecent is the number of branches that are kept although they can be read again.
const maxRecent = 4096

// branch is an expanded object or array. A slot is the index of a field, or, after all fields, of a ghost. A position
// is the place where a slot is shown.
type branch struct {
	parent   *branch
	position int // among the parent's
	depth    int
	origin   Origin
	fields   fieldList
	ghosts   []ghostField
	shown    sequence
	expanded []expandedField // by position
	levels   pathLevels
	changed  bool // a row inside was expanded or collapsed since it was read
}

// pathLevels are the parts of a tree's sets of paths that are inside one branch; each may be nil.
type pathLevels struct{ ghosts, changed, only *PathSet }

func (l pathLevels) child(key string) pathLevels {
	return pathLevels{l.ghosts.child(key), l.changed.child(key), l.only.child(key)}
}

// expandedField is an expanded field of a branch, with the number of rows inside it and of those that the expanded
// fields before it add.
type expandedField struct {
	position, rows, rowsBefore uint32
	branch                     *branch // nil: not read yet, expanded to Tree.openTo
}

// headerRow returns the row of the field itself, counted within its parent's rows.
func (o *expandedField) headerRow() int { return int(o.position + o.rowsBefore) }

// endRow returns the row after the last one inside the field.
func (o *expandedField) endRow() int { return o.headerRow() + 1 + int(o.rows) }

// NewTree returns a tree with the top level of a document; nil is an empty tree. Of malformed BSON it shows the rows up
// to the error, which Err returns.
func NewTree(doc bson.Raw) *Tree {
	t := &Tree{doc: doc}
	t.readRoot()
	return t
}

// readRoot reads the top level, with all rows collapsed.
func (t *Tree) readRoot() {
	t.recent = nil
	v := bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: t.doc}
	t.root = t.read(nil, 0, v, InDocument, pathLevels{t.ghosts, t.changed, t.only})
	t.rows = t.root.shown.len()
}

// read returns the branch of an object or array, with its fields collapsed.
func (t *Tree) read(parent *branch, position int, v bson.RawValue, origin Origin, levels pathLevels) *branch {
	b := &branch{parent: parent, position: position, origin: origin, levels: levels}
	if parent != nil {
		b.depth = parent.depth + 1
	}
	var err error
	if b.fields, err = readFields(v); err != nil && t.err == nil {
		if t.err = err; parent != nil {
			t.err = fmt.Errorf("inside %s: %w", parent.path(position), err)
		}
	}
	t.arrange(b)
	return b
}

// Err returns the first BSON error met while expanding; nil when there was none.
func (t *Tree) Err() error { return t.err }

// Len returns the number of visible rows.
func (t *Tree) Len() int { return t.rows }

// Document returns the document shown.
func (t *Tree) Document() bson.Raw { return t.doc }

// Row returns row i, 0 ≤ i < Len; it panics for any other i. Its cost does not depend on i.
func (t *Tree) Row(i int) Row {
	b, position := t.locate(i)
	f, path := b.field(position), b.path(position)
	_, expanded := b.findExpanded(position)
	return Row{
		Path:       path,
		Depth:      b.depth,
		Key:        path[b.depth],
		Value:      f.value,
		Expandable: isContainer(f.value),
		Expanded:   expanded,
		IsElement:  b.fields.array,
		Origin:     f.origin,
	}
}

// locate returns the branch and the position in it that row i shows.
func (t *Tree) locate(i int) (*branch, int) {
	if i < 0 || i >= t.rows {
		panic(fmt.Sprintf("model: row %d of a tree of %d rows", i, t.rows))
	}
	t.forget()
	b := t.root
	for {
		n := sort.Search(len(b.expanded), func(n int) bool { return b.expanded[n].headerRow() >= i })
		if n == 0 {
			return b, i
		}
		o := &b.expanded[n-1]
		if i >= o.endRow() {
			return b, i - int(o.rowsBefore+o.rows)
		}
		i -= o.headerRow() + 1
		b = t.inner(b, n-1)
	}
}

// inner returns the branch of an expanded field, which it reads now if it was only counted.
func (t *Tree) inner(b *branch, n int) *branch {
	o := &b.expanded[n]
	if o.branch == nil {
		o.branch = t.readField(b, int(o.position))
		t.expandFields(o.branch, int(o.rows))
		t.recent = append(t.recent, o.branch)
	}
	return o.branch
}

// forget drops branches that were read when a row inside was used, if there are many and they can be read again.
func (t *Tree) forget() {
	if len(t.recent) <= maxRecent {
		return
	}
	for _, b := range t.recent {
		if n, expanded := b.parent.findExpanded(b.position); expanded && !b.changed && b.parent.expanded[n].branch == b {
			b.parent.expanded[n].branch = nil
		}
	}
	t.recent = nil
}

// readField returns the branch of a field, with its fields collapsed.
func (t *Tree) readField(b *branch, position int) *branch {
	f := b.field(position)
	return t.read(b, position, f.value, f.origin, b.levels.child(f.key()))
}

// findExpanded returns the index of a position in expanded, or where to insert it and false.
func (b *branch) findExpanded(position int) (int, bool) {
	return slices.BinarySearchFunc(b.expanded, position, func(o expandedField, position int) int {
		return int(o.position) - position
	})
}

// rowOf returns the row of a position of the branch.
func (b *branch) rowOf(position int) int {
	row := position
	if n, _ := b.findExpanded(position); n > 0 {
		row += int(b.expanded[n-1].rowsBefore + b.expanded[n-1].rows)
	}
	if b.parent == nil {
		return row
	}
	return b.parent.rowOf(b.position) + 1 + row
}

// branchField is a field or a ghost of a branch.
type branchField struct {
	name   []byte
	index  int // of an element of an array; -1: name is the key
	value  bson.RawValue
	origin Origin
}

// key returns the field's key. An array element's key is its index, whatever key the BSON holds.
func (f *branchField) key() string {
	if f.index >= 0 {
		return strconv.Itoa(f.index)
	}
	return string(f.name)
}

// field returns the field shown at a position.
func (b *branch) field(position int) branchField { return b.slot(b.shown.slot(position)) }

// slot returns the field in a slot.
func (b *branch) slot(slot int) branchField {
	if slot >= b.fields.count {
		g := b.ghosts[slot-b.fields.count]
		return branchField{name: []byte(g.key), index: -1, value: g.ghost.Value, origin: g.ghost.Origin}
	}
	e := b.fields.at(slot)
	f := branchField{name: e.key, index: -1, value: e.value, origin: b.origin}
	if b.fields.array {
		f.index = slot
	}
	if at := b.levels.ghosts.at(&f); at != nil && at.ghost != nil && at.ghost.Replaces {
		f.value = at.ghost.Value
	}
	return f
}

// slots returns the number of fields and ghosts, also those that a filter hides.
func (b *branch) slots() int { return b.fields.count + len(b.ghosts) }

func (b *branch) path(position int) Path {
	path := make(Path, b.depth+1)
	for ; b != nil; b, position = b.parent, b.position {
		f := b.field(position)
		path[b.depth] = f.key()
	}
	return path
}

// addRows adds rows (negative: removes them) to the tree, to the ancestors of a branch, and moves its expanded fields
// from index from on.
func (t *Tree) addRows(b *branch, from, rows int) {
	t.rows += rows
	for {
		b.changed = true
		for n := from; n < len(b.expanded); n++ {
			b.expanded[n].rowsBefore += uint32(rows)
		}
		if b.parent == nil {
			return
		}
		n, _ := b.parent.findExpanded(b.position)
		b, from = b.parent, n+1
		b.expanded[n].rows += uint32(rows)
	}
}

// Toggle expands or collapses row i; it does nothing for a scalar.
func (t *Tree) Toggle(i int) {
	b, position := t.locate(i)
	if n, expanded := b.findExpanded(position); expanded {
		rows := int(b.expanded[n].rows)
		b.expanded = slices.Delete(b.expanded, n, n+1)
		t.addRows(b, n, -rows)
		return
	}
	t.expandField(b, position)
}

// expandField expands a collapsed field and returns its branch; nil for a scalar.
func (t *Tree) expandField(b *branch, position int) *branch {
	if f := b.field(position); !isContainer(f.value) {
		return nil
	}
	inner := t.readField(b, position)
	n, _ := b.findExpanded(position)
	o := expandedField{position: uint32(position), rows: uint32(inner.shown.len()), branch: inner}
	if n > 0 {
		o.rowsBefore = b.expanded[n-1].rowsBefore + b.expanded[n-1].rows
	}
	b.expanded = slices.Insert(b.expanded, n, o)
	t.addRows(b, n+1, int(o.rows))
	return inner
}

// Parent returns the row that contains row i, -1 for the top level.
func (t *Tree) Parent(i int) int {
	b, _ := t.locate(i)
	if b.parent == nil {
		return -1
	}
	return b.parent.rowOf(b.position)
}

// Sibling returns the row of the next field of the same object or array as row i, or with by -1 of the one before it;
// -1 when there is none.
func (t *Tree) Sibling(i, by int) int {
	b, position := t.locate(i)
	if position += by; position < 0 || position >= b.shown.len() {
		return -1
	}
	return b.rowOf(position)
}

// SetDocument replaces the document and the ghosts, see SetGhosts. Paths that were expanded stay expanded.
func (t *Tree) SetDocument(doc bson.Raw, ghosts []Ghost) {
	t.rebuild(func() {
		t.doc, t.err = doc, nil
		t.setGhosts(ghosts)
	})
}

// rebuild reads the tree again after a change. Paths that were expanded stay expanded.
func (t *Tree) rebuild(change func()) {
	folding := t.Folding()
	change()
	t.Restore(folding)
}
