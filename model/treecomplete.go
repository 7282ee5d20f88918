package model

import (
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Completion is a field that a typed path can be completed to.
type Completion struct {
	Path  Path
	Value bson.RawValue
}

// Complete returns the fields that the text of a path can be completed to: those of the object or array that its part
// up to the last dot names, if their key starts with the rest, ignoring the case of ASCII letters, in the order of the
// document; further ones if their key contains the rest. It returns at most limit, and whether there are more.
func (t *Tree) Complete(text string, limit int) (list []Completion, more bool) {
	at, rest := splitPath(text)
	var parent Path
	levels := pathLevels{ghosts: t.ghosts}
	v := bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: t.doc}
	if at != "" {
		var err error
		if parent, err = ParsePath(at); err != nil {
			return nil, false
		}
		var ok bool
		if v, ok = t.Lookup(parent); !ok || !isContainer(v) {
			return nil, false
		}
		for _, key := range parent {
			levels = levels.child(key)
		}
	}
	b := (&Tree{doc: t.doc}).read(nil, 0, v, InDocument, levels)
	folded := []byte(rest)
	for i, c := range folded {
		folded[i] = lowerASCII(c)
	}
	return b.complete(parent, folded, limit)
}

// complete returns the fields of a branch whose key starts with a text with small ASCII letters, then those that
// contain it.
func (b *branch) complete(parent Path, text []byte, limit int) (list []Completion, more bool) {
	if b.fields.array {
		return b.completeIndex(parent, string(text), limit)
	}
	var containing []Completion
	for position := range b.shown.len() {
		f := b.field(position)
		switch at := indexFold(f.name, text); {
		case at == 0:
			if len(list) == limit {
				return list, true
			}
			list = append(list, Completion{parent.Child(f.key()), f.value})
		case at > 0 && len(containing) <= limit:
			containing = append(containing, Completion{parent.Child(f.key()), f.value})
		}
	}
	list = append(list, containing...)
	return list[:min(len(list), limit)], len(list) > limit
}

// completeIndex returns the elements of an array whose index starts with some digits.
func (b *branch) completeIndex(parent Path, digits string, limit int) (list []Completion, more bool) {
	first, ok := arrayIndex(digits)
	if !ok && digits != "" {
		return nil, false
	}
	count := b.slots()
	for factor := 1; first*factor < count; factor *= 10 {
		end := (first + 1) * factor
		if digits == "" {
			end = count
		}
		for position := first * factor; position < min(end, count); position++ {
			if len(list) == limit {
				return list, true
			}
			f := b.slot(position)
			list = append(list, Completion{parent.Child(f.key()), f.value})
		}
		if first == 0 {
			break
		}
	}
	return list, false
}

// indexFold returns where a text with small ASCII letters begins in a name, ignoring the case of ASCII letters; -1:
// nowhere.
func indexFold(name, text []byte) int {
	for at := 0; at+len(text) <= len(name); at++ {
		n := 0
		for n < len(text) && lowerASCII(name[at+n]) == text[n] {
			n++
		}
		if n == len(text) {
			return at
		}
	}
	return -1
}

// splitPath divides the text of a path at its last dot, and removes the escapes of the part behind it.
func splitPath(text string) (parent, rest string) {
	var key strings.Builder
	start, escaped := 0, false
	for i := range len(text) {
		switch c := text[i]; {
		case escaped:
			key.WriteByte(c)
			escaped = false
		case c == '\\':
			escaped = true
		case c == '.':
			start = i + 1
			key.Reset()
		default:
			key.WriteByte(c)
		}
	}
	return text[:max(0, start-1)], key.String()
}

// Nearest returns the longest part of a path that exists; nil when there is none.
func (t *Tree) Nearest(p Path) Path {
	for n := len(p); n > 0; n-- {
		if _, ok := t.Lookup(p[:n]); ok {
			return p[:n]
		}
	}
	return nil
}
