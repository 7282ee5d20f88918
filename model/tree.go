package model

import (
	"fmt"
	"slices"
	"sort"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Row is one visible line of a Tree.
type Row struct {
	Path       Path
	Depth      int
	Key        string // raw; pass it through Visible
	Value      bson.RawValue
	Expandable bool // an object or array that can be opened (also when empty)
	Expanded   bool
	IsElement  bool // an element of an array: Key is its index
}

// Tree is a document as a list of flat rows over raw BSON, expanded on demand: a folded subtree costs nothing, whatever its size.
type Tree struct {
	doc  bson.Raw
	root *branch
	err  error
}

// branch is an object or array whose fields are shown: where each begins, and which of them are open themselves.
type branch struct {
	parent *branch
	place  int // among the parent's fields
	depth  int
	bytes  []byte
	array  bool
	starts []uint32 // of the fields in bytes
	open   []opened // by place
	rows   int      // that its fields take now
}

// opened is a field of a branch that is open, and how many rows the open ones before it add.
type opened struct {
	*branch
	before int
}

// header is the row of the field inside its parent's rows.
func (o opened) header() int { return o.place + o.before }

// NewTree shows the top level of a document; nil is an empty tree. Malformed BSON gives the rows up to the fault and Err.
func NewTree(doc bson.Raw) *Tree {
	t := &Tree{doc: doc}
	t.root = t.scan(nil, 0, bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: doc})
	return t
}

// scan finds where the fields of an object or array begin.
func (t *Tree) scan(parent *branch, place int, v bson.RawValue) *branch {
	b := &branch{parent: parent, place: place, bytes: v.Value, array: v.Type == bson.TypeArray}
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
			b.starts = append(b.starts, uint32(at))
			at = e.end
		}
	}
	b.rows = len(b.starts)
	if err != nil && t.err == nil {
		if t.err = err; parent != nil {
			t.err = fmt.Errorf("inside %s: %w", parent.path(place), err)
		}
	}
	return b
}

// Err says where the BSON is malformed; nil when it is not, as far as it was opened.
func (t *Tree) Err() error { return t.err }

// Len is the number of rows now visible.
func (t *Tree) Len() int { return t.root.rows }

// Document is the document shown.
func (t *Tree) Document() bson.Raw { return t.doc }

// Row returns row i, 0 ≤ i < Len. It costs the same wherever i is.
func (t *Tree) Row(i int) Row {
	b, place := t.locate(i)
	e := b.element(place)
	_, open := b.find(place)
	return Row{
		Path:       b.path(place),
		Depth:      b.depth,
		Key:        b.key(place, e),
		Value:      e.value,
		Expandable: nested(e.value),
		Expanded:   open,
		IsElement:  b.array,
	}
}

// locate finds the field that row i shows.
func (t *Tree) locate(i int) (*branch, int) {
	if i < 0 || i >= t.root.rows {
		panic(fmt.Sprintf("model: row %d of a tree of %d rows", i, t.root.rows))
	}
	b := t.root
	for {
		n := sort.Search(len(b.open), func(n int) bool { return b.open[n].header() >= i })
		if n == 0 {
			return b, i
		}
		o := b.open[n-1]
		if i > o.header()+o.rows {
			return b, i - o.before - o.rows
		}
		b, i = o.branch, i-o.header()-1
	}
}

// find tells where a field stands, or would stand, among the open ones.
func (b *branch) find(place int) (int, bool) {
	return slices.BinarySearchFunc(b.open, place, func(o opened, place int) int { return o.place - place })
}

// rowOf is the row that shows a field of the branch.
func (b *branch) rowOf(place int) int {
	row := place
	if n, _ := b.find(place); n > 0 {
		row += b.open[n-1].before + b.open[n-1].rows
	}
	if b.parent == nil {
		return row
	}
	return b.parent.rowOf(b.place) + 1 + row
}

// element reads a field that scan has seen.
func (b *branch) element(place int) element {
	e, err := elementAt(b.bytes, int(b.starts[place]))
	if err != nil {
		panic(fmt.Sprintf("model: the document of a tree was changed: %v", err))
	}
	return e
}

// key is a field's key; an element's is its place, whatever the bytes say.
func (b *branch) key(place int, e element) string {
	if b.array {
		return fmt.Sprint(place)
	}
	return string(e.key)
}

func (b *branch) path(place int) Path {
	path := make(Path, b.depth+1)
	for ; b != nil; b, place = b.parent, b.place {
		path[b.depth] = b.key(place, b.element(place))
	}
	return path
}

// grow makes room for the rows of a field that opens, or takes them away.
func (b *branch) grow(from, rows int) {
	for {
		for n := from; n < len(b.open); n++ {
			b.open[n].before += rows
		}
		b.rows += rows
		if b.parent == nil {
			return
		}
		n, _ := b.parent.find(b.place)
		b, from = b.parent, n+1
	}
}

// Toggle opens or folds row i; a scalar stays as it is.
func (t *Tree) Toggle(i int) {
	b, place := t.locate(i)
	if n, open := b.find(place); open {
		rows := b.open[n].rows
		b.open = slices.Delete(b.open, n, n+1)
		b.grow(n, -rows)
		return
	}
	t.openField(b, place)
}

// openField opens a field that is folded, and returns its branch; nil for a scalar.
func (t *Tree) openField(b *branch, place int) *branch {
	v := b.element(place).value
	if !nested(v) {
		return nil
	}
	inner := t.scan(b, place, v)
	n, _ := b.find(place)
	o := opened{branch: inner}
	if n > 0 {
		o.before = b.open[n-1].before + b.open[n-1].rows
	}
	b.open = slices.Insert(b.open, n, o)
	b.grow(n+1, inner.rows)
	return inner
}

// CollapseAll closes everything.
func (t *Tree) CollapseAll() {
	t.root.open = nil
	t.root.rows = len(t.root.starts)
}

// ExpandAll opens every level, upper levels first, but stops opening at about limit rows (0: no limit) and reports whether it opened all.
func (t *Tree) ExpandAll(limit int) bool {
	t.CollapseAll()
	rows, all := t.root.rows, true
	for level := []*branch{t.root}; len(level) > 0; {
		var next []*branch
		for _, b := range level {
			for place := range b.starts {
				v := b.element(place).value
				if !nested(v) {
					continue
				}
				if limit > 0 && rows >= limit || b.depth >= maxDepth {
					all = false
					break
				}
				inner := t.scan(b, place, v)
				b.open = append(b.open, opened{branch: inner})
				rows += inner.rows
				next = append(next, inner)
			}
		}
		level = next
	}
	t.root.count()
	return all
}

// count adds up the rows of a branch from what is open inside.
func (b *branch) count() {
	b.rows = len(b.starts)
	before := 0
	for n := range b.open {
		b.open[n].count()
		b.open[n].before = before
		before += b.open[n].rows
	}
	b.rows += before
}

// Parent returns the row that contains row i, -1 for the top level.
func (t *Tree) Parent(i int) int {
	b, _ := t.locate(i)
	if b.parent == nil {
		return -1
	}
	return b.parent.rowOf(b.place)
}

// ExpandTo opens what contains the path and returns its row, -1 when there is no such field.
func (t *Tree) ExpandTo(p Path) int {
	if _, ok := p.Lookup(t.doc); !ok {
		return -1
	}
	b := t.root
	for i, key := range p {
		place := b.placeOf(key)
		if place < 0 {
			return -1
		}
		if i == len(p)-1 {
			return b.rowOf(place)
		}
		if n, open := b.find(place); open {
			b = b.open[n].branch
		} else if b = t.openField(b, place); b == nil {
			return -1
		}
	}
	return -1
}

// placeOf finds the first field with a key, -1 when there is none.
func (b *branch) placeOf(key string) int {
	if b.array {
		if place, ok := index(key); ok && place < len(b.starts) {
			return place
		}
		return -1
	}
	for place := range b.starts {
		if string(b.element(place).key) == key {
			return place
		}
	}
	return -1
}

// SetDocument shows another document and keeps open what was open, by path.
func (t *Tree) SetDocument(doc bson.Raw) {
	before := t.root
	*t = *NewTree(doc)
	t.reopen(before, t.root)
	t.root.count()
}

// reopen opens in one branch the fields that are open in the other. Most stand where they stood; the others are looked up by key.
func (t *Tree) reopen(from, to *branch) {
	var places map[string]int
	for _, o := range from.open {
		key := from.key(o.place, from.element(o.place))
		place := o.place
		if place >= len(to.starts) || to.key(place, to.element(place)) != key {
			if places == nil {
				places = to.places()
			}
			var ok bool
			if place, ok = places[key]; !ok {
				continue
			}
		}
		v := to.element(place).value
		n, open := to.find(place)
		if !nested(v) || open {
			continue
		}
		inner := t.scan(to, place, v)
		to.open = slices.Insert(to.open, n, opened{branch: inner})
		t.reopen(o.branch, inner)
	}
}

// places is where each key of the branch first stands.
func (b *branch) places() map[string]int {
	places := make(map[string]int, len(b.starts))
	for place := range b.starts {
		key := b.key(place, b.element(place))
		if _, known := places[key]; !known {
			places[key] = place
		}
	}
	return places
}
