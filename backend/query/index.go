package query

import (
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// IndexKey is what an index holds of a document: a value for each of its paths.
type IndexKey []any

// IndexKeys gives the keys of a document in an index on paths. An array on the way gives a key for each of its
// elements (multikey is then true); an absent field gives null. present is false where none of the paths leads to
// anything, which a sparse index passes over. Two arrays side by side are refused with code 171.
func IndexKeys(doc bson.D, paths []string) (keys []IndexKey, multikey, present bool, err error) {
	x := &indexing{}
	cells := make([]cell, len(paths))
	for i, path := range paths {
		cells[i] = cell{value: doc, path: strings.Split(path, ".")}
	}
	if err := x.expand(cells); err != nil {
		return nil, false, false, err
	}
	return x.keys, x.multikey, x.present, nil
}

// cell is one path on its way into a document: what is reached, what is left, and how far it came.
type cell struct {
	value any
	path  []string
	depth int
	done  bool
}

type indexing struct {
	keys     []IndexKey
	multikey bool
	present  bool
}

// expand follows all paths until they end or stand before an array, then takes that array apart.
func (x *indexing) expand(cells []cell) error {
	array, at := bson.A(nil), -1
	for i := range cells {
		c := &cells[i]
		c.advance()
		a, is := c.value.(bson.A)
		if c.done || !is {
			continue
		}
		if at >= 0 && (!samePrefix(cells[at], *c)) {
			return Errorf(CannotIndexParallelArrays, "cannot index parallel arrays")
		}
		if at < 0 {
			array, at = a, i
		}
	}
	if at < 0 {
		x.emit(cells)
		return nil
	}
	x.multikey = true
	if len(array) == 0 {
		array = bson.A{bson.Undefined{}}
	}
	for _, e := range array {
		next := make([]cell, len(cells))
		for i, c := range cells {
			next[i] = c
			if _, is := c.value.(bson.A); is && !c.done {
				next[i] = c.element(e)
			}
		}
		if err := x.expand(next); err != nil {
			return err
		}
	}
	return nil
}

// samePrefix tells whether two cells stand before the same array.
func samePrefix(a, b cell) bool {
	x, _ := a.value.(bson.A)
	y, _ := b.value.(bson.A)
	return a.depth == b.depth && len(x) == len(y) && (len(x) == 0 || &x[0] == &y[0])
}

// advance follows the path through documents, and through arrays where the path counts.
func (c *cell) advance() {
	for !c.done {
		if len(c.path) == 0 {
			if _, is := c.value.(bson.A); is {
				return
			}
			c.done = true
			return
		}
		switch v := c.value.(type) {
		case bson.D:
			c.value = get(v, c.path[0])
		case bson.A:
			n, is := arrayIndex(c.path[0])
			if !is || n >= len(v) {
				return
			}
			c.value = v[n]
		default:
			c.value = missing{}
			c.done = true
			return
		}
		c.path, c.depth = c.path[1:], c.depth+1
	}
}

// element is the cell for one element of the array it stands before: at the end of the path the element counts as it
// is, in the middle only documents lead on.
func (c cell) element(e any) cell {
	c.depth++
	if len(c.path) == 0 {
		c.value, c.done = e, true
		return c
	}
	if d, is := e.(bson.D); is {
		c.value = d
		return c
	}
	c.value, c.done = missing{}, true
	return c
}

func (x *indexing) emit(cells []cell) {
	key := make(IndexKey, len(cells))
	for i, c := range cells {
		if !isMissing(c.value) {
			x.present = true
			key[i] = c.value
		}
	}
	x.keys = append(x.keys, key)
}
