package model

import (
	"bytes"
	"strconv"
	"unicode"
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
	lowered   []byte   // a part of a text in lower case, reused
	digits    []byte   // a whole number, reused
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
		if !array && s.matches(key) || !s.namesOnly && !isContainer(e.value) && s.matches(s.scalarText(e.value)) {
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

// scalarText returns Text(v), without an allocation for the most frequent types.
func (s *searcher) scalarText(v bson.RawValue) []byte {
	if !wellFormed(v) {
		return []byte(Text(v))
	}
	if text, ok := textBytes(v); ok {
		return text
	}
	if n, ok := v.AsInt64OK(); ok && v.Type != bson.TypeDouble {
		s.digits = strconv.AppendInt(s.digits[:0], n, 10)
		return s.digits
	}
	return []byte(Text(v))
}

// pieceBytes is the length of the pieces in which long text is searched, so that no copy of it is needed.
const pieceBytes = 32 << 10

// matches reports whether text contains the needle, ignoring letter case.
func (s *searcher) matches(text []byte) bool {
	// A character of the needle takes at most four bytes in the text. A match at the end of a piece is found in the next.
	overlap := utf8.UTFMax * len(s.needle)
	for len(text) > pieceBytes+overlap {
		if s.pieceMatches(firstBytes(text, pieceBytes+overlap)) {
			return true
		}
		text = text[len(firstBytes(text, pieceBytes)):]
	}
	return s.pieceMatches(text)
}

func (s *searcher) pieceMatches(text []byte) bool {
	s.lowered = appendLower(s.lowered[:0], text)
	return bytes.Contains(s.lowered, s.needle)
}

// appendLower appends text in lower case, as bytes.ToLower returns it.
func appendLower(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			dst = append(dst, c)
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		dst = utf8.AppendRune(dst, unicode.ToLower(r))
		i += size
	}
	return dst
}
