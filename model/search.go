package model

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Search returns the paths whose key or scalar value contains the text, ignoring letter case, in document order. It
// searches collapsed rows too. limit is the maximum number of paths; 0: no limit.
func (t *Tree) Search(text string, limit int) []Path {
	return t.search(searcher{needle: bytes.ToLower([]byte(text)), limit: limit})
}

// SearchNames is Search in the keys only, without the values.
func (t *Tree) SearchNames(text string, limit int) []Path {
	return t.search(searcher{needle: bytes.ToLower([]byte(text)), limit: limit, namesOnly: true})
}

func (t *Tree) search(s searcher) []Path {
	if len(s.needle) == 0 {
		return nil
	}
	s.walk(t.doc, false)
	return s.found
}

// searcher walks a document and collects the matching paths.
type searcher struct {
	needle    []byte
	limit     int
	namesOnly bool     // values are not searched
	path      [][]byte // keys of the current field and its ancestors
	found     []Path
}

func (s *searcher) full() bool { return s.limit > 0 && len(s.found) >= s.limit }

func (s *searcher) walk(doc []byte, array bool) {
	if len(s.path) > maxDepth {
		return
	}
	index := 0
	var digits [20]byte
	for e, err := range elements(doc) {
		if err != nil || s.full() {
			return
		}
		key := e.key
		if array {
			key = strconv.AppendInt(digits[:0], int64(index), 10)
			index++
		}
		s.path = append(s.path, key)
		if !array && containsFold(key, s.needle) ||
			!s.namesOnly && !isContainer(e.value) && containsFold(scalarBytes(e.value), s.needle) {
			path := make(Path, len(s.path))
			for i, k := range s.path {
				path[i] = string(k)
			}
			s.found = append(s.found, path)
		}
		if isContainer(e.value) {
			s.walk(e.value.Value, e.value.Type == bson.TypeArray)
		}
		s.path = s.path[:len(s.path)-1]
	}
}

// scalarBytes returns Text(v), without a copy for strings, the most frequent type.
func scalarBytes(v bson.RawValue) []byte {
	if v.Type == bson.TypeString && len(v.Value) > 4 {
		return v.Value[4 : len(v.Value)-1]
	}
	return []byte(Text(v))
}

// containsFold reports whether text contains needle, ignoring letter case; needle is in lower case.
func containsFold(text, needle []byte) bool {
	for i := range text {
		if text[i] >= utf8.RuneSelf {
			return bytes.Contains(bytes.ToLower(text), needle)
		}
	}
	for i := 0; i+len(needle) <= len(text); i++ {
		n := 0
		for n < len(needle) && lower(text[i+n]) == needle[n] {
			n++
		}
		if n == len(needle) {
			return true
		}
	}
	return false
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
