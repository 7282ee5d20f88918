package query

import (
	"strconv"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// get returns the first field with that name, or missing.
func get(d bson.D, key string) any { return decoded(stored(d, key)) }

// GetStored is Get for comparing bytes: a value that DecodeOpaque kept stays a bson.RawValue.
func GetStored(d bson.D, key string) (v any, ok bool) {
	v = stored(d, key)
	return v, !isMissing(v)
}

func stored(d bson.D, key string) any {
	for i := range d {
		if d[i].Key == key {
			return d[i].Value
		}
	}
	return missing{}
}

// decoded decodes a value that DecodeOpaque kept as it is stored.
func decoded(v any) any {
	raw, is := v.(bson.RawValue)
	if !is {
		return v
	}
	if out, _, err := (decoder{}).value(raw.Type, raw.Value, 0); err == nil {
		return out
	}
	return v
}

// Get returns the first field with that name; ok is false if there is none.
func Get(d bson.D, key string) (v any, ok bool) {
	v = get(d, key)
	if isMissing(v) {
		return nil, false
	}
	return v, true
}

// FieldFinder finds fields of one document by name. The time of a field does not grow with their number, so that every
// field of a document with very many can be found. The zero value finds nothing. Goroutines can share one.
type FieldFinder struct {
	document  bson.D
	positions map[string]int // of the first field with each name; nil for a document with few fields
}

// searchedFields is the maximum number of fields that are searched one by one, which is faster than an index of few.
const searchedFields = 32

// NewFieldFinder returns a finder for the present fields of d.
func NewFieldFinder(d bson.D) FieldFinder {
	f := FieldFinder{document: d}
	if len(d) <= searchedFields {
		return f
	}
	f.positions = make(map[string]int, len(d))
	for i := len(d) - 1; i >= 0; i-- {
		f.positions[d[i].Key] = i
	}
	return f
}

// Get is Get for the document.
func (f FieldFinder) Get(key string) (v any, ok bool) {
	v = decoded(f.stored(key))
	if isMissing(v) {
		return nil, false
	}
	return v, true
}

// GetStored is GetStored for the document.
func (f FieldFinder) GetStored(key string) (v any, ok bool) {
	v = f.stored(key)
	return v, !isMissing(v)
}

func (f FieldFinder) stored(key string) any {
	if f.positions == nil {
		return stored(f.document, key)
	}
	if i, exists := f.positions[key]; exists {
		return f.document[i].Value
	}
	return missing{}
}

// arrayIndex parses a path component as an array index: digits without a leading zero.
func arrayIndex(component string) (int, bool) {
	if component == "" || len(component) > 7 || component[0] == '0' && len(component) > 1 {
		return 0, false
	}
	for i := range len(component) {
		if component[i] < '0' || component[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.Atoi(component)
	return n, err == nil
}

// walk calls show for every value that a query path reaches in v: through documents by name, through arrays by index
// and into each element that is a document. at is the index in the outermost array, -1 if there is none. An array at
// the end of the path yields its elements, then itself; with whole, or after a numeric component, only itself. An
// absent field yields missing. walk stops and returns true when show returns true.
func walk(v any, path []string, at int, whole bool, show func(v any, at int) bool) bool {
	if len(path) == 0 {
		if a, is := v.(bson.A); is && !whole {
			for i, e := range a {
				if show(e, outermost(at, i)) {
					return true
				}
			}
		}
		return show(v, at)
	}
	switch x := v.(type) {
	case bson.D:
		next := get(x, path[0])
		if isMissing(next) {
			return show(missing{}, at)
		}
		return walk(next, path[1:], at, whole, show)
	case bson.A:
		if n, is := arrayIndex(path[0]); is && n < len(x) && walk(x[n], path[1:], at, whole || len(path) == 1, show) {
			return true
		}
		for i, e := range x {
			if d, is := e.(bson.D); is && walk(d, path, outermost(at, i), whole, show) {
				return true
			}
		}
		return false
	}
	return show(missing{}, at)
}

func outermost(at, i int) int {
	if at < 0 {
		return i
	}
	return at
}

// Distinct returns the values that distinct collects at a path: array elements one by one, no absent fields.
func Distinct(doc bson.D, path string) []any {
	var out []any
	walk(doc, strings.Split(path, "."), -1, true, func(v any, _ int) bool {
		if a, is := v.(bson.A); is {
			out = append(out, a...)
		} else if !isMissing(v) {
			out = append(out, v)
		}
		return false
	})
	return out
}

// clone returns a deep copy of a tree; scalars are shared.
func clone(v any) any {
	switch x := v.(type) {
	case bson.D:
		return cloneDocument(x)
	case bson.A:
		out := make(bson.A, len(x))
		for i := range x {
			out[i] = clone(x[i])
		}
		return out
	}
	return v
}

func cloneDocument(d bson.D) bson.D {
	out := make(bson.D, len(d), len(d)+2)
	for i := range d {
		out[i] = bson.E{Key: d[i].Key, Value: clone(d[i].Value)}
	}
	return out
}
