package model

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Search lists the paths, in document order, whose key or scalar text contains the text, letter case ignored; folded parts are searched too. At most limit (0: all).
func (t *Tree) Search(text string, limit int) []Path {
	if text == "" {
		return nil
	}
	s := search{needle: bytes.ToLower([]byte(text)), limit: limit}
	s.in(t.doc, false)
	return s.found
}

// search walks a document and remembers where it is.
type search struct {
	needle []byte
	limit  int
	at     [][]byte // the keys down to here
	found  []Path
}

func (s *search) full() bool { return s.limit > 0 && len(s.found) >= s.limit }

func (s *search) in(doc []byte, array bool) {
	if len(s.at) > maxDepth {
		return
	}
	place := 0
	var digits [20]byte
	for e, err := range elements(doc) {
		if err != nil || s.full() {
			return
		}
		key := e.key
		if array {
			key = strconv.AppendInt(digits[:0], int64(place), 10)
			place++
		}
		s.at = append(s.at, key)
		if !array && containsFold(key, s.needle) || !nested(e.value) && containsFold(scalarBytes(e.value), s.needle) {
			path := make(Path, len(s.at))
			for i, k := range s.at {
				path[i] = string(k)
			}
			s.found = append(s.found, path)
		}
		if nested(e.value) {
			s.in(e.value.Value, e.value.Type == bson.TypeArray)
		}
		s.at = s.at[:len(s.at)-1]
	}
}

// scalarBytes is Text without a copy for strings, which are most of what is searched.
func scalarBytes(v bson.RawValue) []byte {
	if v.Type == bson.TypeString && len(v.Value) > 4 {
		return v.Value[4 : len(v.Value)-1]
	}
	return []byte(Text(v))
}

// containsFold reports whether the text contains the lower-case needle, letter case ignored.
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
