package model

import "go.mongodb.org/mongo-driver/v2/bson"

// Row is one visible line of a Tree.
type Row struct {
	Path    Path
	Depth   int
	Key     string // raw; pass it through Visible
	Value   bson.RawValue
	Nested  bool // an object or array that can be opened (also when empty)
	Open    bool
	Element bool // an element of an array: Key is its index
}

// Tree is a document as a list of flat rows over raw BSON, expanded on demand: a folded subtree costs nothing, whatever its size.
type Tree struct{}

// NewTree shows the top level of a document; nil is an empty tree. Malformed BSON gives the rows up to the fault and Err.
func NewTree(doc bson.Raw) *Tree { panic("unwritten") }

// Err says where the BSON is malformed; nil when it is not.
func (t *Tree) Err() error { panic("unwritten") }

// Len is the number of rows now visible.
func (t *Tree) Len() int { panic("unwritten") }

// Row returns row i, 0 ≤ i < Len. It costs the same wherever i is.
func (t *Tree) Row(i int) Row { panic("unwritten") }

// Document is the document shown.
func (t *Tree) Document() bson.Raw { panic("unwritten") }

// Toggle opens or folds row i; a scalar stays as it is.
func (t *Tree) Toggle(i int) { panic("unwritten") }

// Unfold opens every level, but stops opening at about limit rows (0: no limit) and reports whether it opened all.
func (t *Tree) Unfold(limit int) bool { panic("unwritten") }

// Fold closes everything.
func (t *Tree) Fold() { panic("unwritten") }

// Parent returns the row that contains row i, -1 for the top level.
func (t *Tree) Parent(i int) int { panic("unwritten") }

// Reveal opens what contains the path and returns its row, -1 when there is no such field.
func (t *Tree) Reveal(p Path) int { panic("unwritten") }

// Replace shows another document and keeps open what was open, by path.
func (t *Tree) Replace(doc bson.Raw) { panic("unwritten") }

// Search lists the paths, in document order, whose key or scalar text contains the text, letter case ignored; folded parts are searched too. At most limit (0: all).
func (t *Tree) Search(text string, limit int) []Path { panic("unwritten") }
