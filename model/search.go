package model

import (
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Query is what a Search looks for.
type Query struct {
	// Text is part of a name or value, or with Regexp a regular expression in the syntax of RE2. The case of letters
	// counts only if the text has an upper-case letter.
	Text   string
	Regexp bool
	Names  bool // search the names of fields
	Values bool // search scalar values, as Text writes them
}

// Search looks for the fields of a document that match a query, in the order of the document, step by step. It reads
// values where they are, and makes text only of those that are not stored as text. Its methods may be called from
// different goroutines, one after the other.
type Search struct {
	matcher matcher
	query   Query
	doc     bson.Raw
	stop    func() bool
	frames  []searchFrame
	read    int // bytes of the document
	steps   int
	found   []Path
}

// searchFrame is an object or array that is being searched.
type searchFrame struct {
	doc    []byte
	array  bool
	at     int             // the offset of the next field
	next   int             // its index
	others *PathSet        // fields of other documents inside it
	known  map[string]bool // the keys of its fields, if others has some
	left   []string        // after the fields: the keys of others that are not searched yet
	atEnd  bool            // the fields are searched
	key    []byte          // of the field that is being searched; nil in an array
	index  int
}

// NewSearch starts a search in a document, and in values that other documents have for its fields or for further ones,
// such as the ghosts of a tree. It fails if the text is not a regular expression and the query says that it is one.
// Next returns early when stop, which may be nil, returns true: it is called from Next's goroutine.
func NewSearch(doc bson.Raw, others []Ghost, q Query, stop func() bool) (*Search, error) {
	m, err := newMatcher(q, stop)
	if err != nil {
		return nil, err
	}
	s := &Search{matcher: m, query: q, doc: doc, stop: stop}
	if q.Text != "" {
		s.push(bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: doc}, ghostTree(others))
	}
	return s, nil
}

// Progress returns how much of the document is searched, 0 to 1.
func (s *Search) Progress() float64 {
	if len(s.frames) == 0 {
		return 1
	}
	return min(1, float64(s.read)/float64(max(1, len(s.doc))))
}

// Next searches on. It returns the next matches, at most limit, after about the given number of bytes of the document,
// and whether there is more to search. A long value is searched as a whole.
func (s *Search) Next(bytes, limit int) (found []Path, more bool) {
	const stepsBetweenStops = 1000
	s.found = nil
	for end := s.read + bytes; len(s.frames) > 0 && s.read < end && len(s.found) < limit; s.steps++ {
		if s.steps%stepsBetweenStops == 0 && s.stop != nil && s.stop() {
			break
		}
		s.step()
	}
	return s.found, len(s.frames) > 0
}

func (s *Search) push(v bson.RawValue, others *PathSet) {
	if len(s.frames) > maxDepth {
		return
	}
	f := searchFrame{doc: v.Value, array: v.Type == bson.TypeArray, at: 4, others: others}
	if others != nil {
		f.known = map[string]bool{}
	}
	if wellFramed(v.Value) != nil {
		f.atEnd = true
		f.left = f.unknownKeys()
	}
	s.frames = append(s.frames, f)
}

// unknownKeys returns the keys of others that are no fields of the frame.
func (f *searchFrame) unknownKeys() []string {
	var keys []string
	if f.others != nil {
		for _, key := range f.others.keys {
			if !f.known[key] {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// path returns the path of the field that was searched last.
func (s *Search) path() Path {
	path := make(Path, 0, len(s.frames))
	for i := range s.frames {
		if f := &s.frames[i]; f.key != nil {
			path = append(path, string(f.key))
		} else {
			path = append(path, strconv.Itoa(f.index))
		}
	}
	return path
}

// step searches the next field. At the end of an object or array it continues behind it.
func (s *Search) step() {
	f := &s.frames[len(s.frames)-1]
	if f.atEnd {
		s.stepOthers(f)
		return
	}
	if f.at >= len(f.doc)-1 {
		f.atEnd, f.left = true, f.unknownKeys()
		return
	}
	e, err := elementAt(f.doc, f.at)
	if err != nil {
		f.at = len(f.doc)
		return
	}
	f.key, f.index = e.key, f.next
	if f.array {
		f.key = nil
	}
	f.next++
	if isContainer(e.value) {
		s.read += e.end - f.at - len(e.value.Value)
	} else {
		s.read += e.end - f.at
	}
	f.at = e.end
	others := s.othersOf(f)
	matches, inside := s.matches(f.key, e.value), e.value
	if others != nil && others.ghost != nil {
		matches = matches || s.matches(nil, others.ghost.Value)
		if others.ghost.Replaces {
			inside = others.ghost.Value
		}
	}
	s.visited(inside, others, matches)
}

// othersOf returns the part of others for the field that is being searched.
func (s *Search) othersOf(f *searchFrame) *PathSet {
	if f.others == nil {
		return nil
	}
	key := string(f.key)
	if f.array {
		key = strconv.Itoa(f.index)
	}
	f.known[key] = true
	return f.others.child(key)
}

// stepOthers searches the next field that only another document has.
func (s *Search) stepOthers(f *searchFrame) {
	if len(f.left) == 0 {
		s.frames = s.frames[:len(s.frames)-1]
		return
	}
	key := f.left[0]
	f.key, f.left = []byte(key), f.left[1:]
	others := f.others.child(key)
	name := f.key
	if f.array {
		name = nil
	}
	s.visited(others.ghost.Value, others, s.matches(name, others.ghost.Value))
}

// visited records a match, and continues inside an object or array.
func (s *Search) visited(v bson.RawValue, others *PathSet, matches bool) {
	if matches {
		s.found = append(s.found, s.path())
	}
	if isContainer(v) {
		s.push(v, others)
	}
}

// matches reports whether a name, nil for none, or a scalar value matches.
func (s *Search) matches(name []byte, v bson.RawValue) bool {
	return s.query.Names && name != nil && s.matcher.matchesText(name) ||
		s.query.Values && !isContainer(v) && s.matcher.matchesValue(v)
}
