package query

import (
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// IndexKey is the index entry of a document: one value per indexed path.
type IndexKey []any

// IndexKeys returns the keys of a document in an index on paths. An array in a path yields one key per element
// (multikey is then true); an absent field yields null. present is false if no path exists, which a sparse index skips.
// Two parallel arrays return an error with code 171.
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

// cell is the traversal state of one path: current value, remaining path, depth.
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

// expand follows all paths to their end or to an array, then expands that array.
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

// samePrefix reports whether two cells have reached the same array.
func samePrefix(a, b cell) bool {
	x, _ := a.value.(bson.A)
	y, _ := b.value.(bson.A)
	return a.depth == b.depth && len(x) == len(y) && (len(x) == 0 || &x[0] == &y[0])
}

// advance follows the path through documents, and through arrays by numeric components.
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

// element returns the cell for one element of the current array. At the end of the path any element counts; inside the
// path only documents continue.
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
