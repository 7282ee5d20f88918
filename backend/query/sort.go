package query

import (
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Sort is a sort order of documents.
type Sort struct{ keys []SortKey }

// SortKey is one path of a sort order.
type SortKey struct {
	Path       string
	Descending bool
	parts      []string
}

// ParseSort parses { a: 1, b: -1 }.
func ParseSort(spec bson.D) (*Sort, error) {
	s := &Sort{}
	for _, e := range spec {
		if e.Key == "" || strings.HasPrefix(e.Key, ".") || strings.HasSuffix(e.Key, ".") {
			return nil, Errorf(40353, "FieldPath must not end with a '.' or be empty: '%s'", e.Key)
		}
		if strings.HasPrefix(e.Key, "$") {
			return nil, Errorf(16410, "FieldPath field names may not start with '$'. Consider using $getField or $setField.")
		}
		if !isNumber(e.Value) {
			return nil, Errorf(15974, "Illegal key in $sort specification: %s: %s", e.Key, Format(e.Value))
		}
		n, whole := WholeNumber(e.Value)
		if !whole || n != 1 && n != -1 {
			return nil, Errorf(15975, "$sort key ordering must be 1 (for ascending) or -1 (for descending)")
		}
		s.keys = append(s.keys, SortKey{Path: e.Key, Descending: n < 0, parts: strings.Split(e.Key, ".")})
	}
	return s, nil
}

// Keys returns the paths in order, for choosing an index.
func (s *Sort) Keys() []SortKey { return s.keys }

// Key returns bytes that sort as the documents do. An array sorts by its least element, descending by its greatest; an
// absent field sorts as null.
func (s *Sort) Key(doc bson.D) []byte {
	var key []byte
	for _, k := range s.keys {
		key = AppendKey(key, k.value(doc), k.Descending)
	}
	return key
}

func (k SortKey) value(v any) any {
	var best any = missing{}
	found := false
	walk(v, k.parts, -1, true, func(v any, _ int) bool {
		candidates := bson.A{v}
		if a, is := v.(bson.A); is {
			candidates = a
			if len(a) == 0 {
				candidates = bson.A{bson.Undefined{}}
			}
		}
		for _, c := range candidates {
			if isMissing(c) {
				c = nil
			}
			if order := Compare(c, best); !found || order < 0 && !k.Descending || order > 0 && k.Descending {
				best, found = c, true
			}
		}
		return false
	})
	if !found {
		return nil
	}
	return best
}

// compareValues orders array elements for $sort in $push; an element that is not a document has no fields.
func (s *Sort) compareValues(a, b any) int {
	x, _ := a.(bson.D)
	y, _ := b.(bson.D)
	return slices.Compare(s.Key(x), s.Key(y))
}
