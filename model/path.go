package model

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Path names a field inside a document, one element a level; an array element is its decimal index.
type Path []string

// emptyKey is how a person writes the key that has no characters.
const emptyKey = `""`

// ParsePath reads a path as a person types it: levels parted by dots; `\` makes the next character plain (`\.` `\:` `\=` `\\`);
// a level of two quotes is the empty key. The error names the column.
func ParsePath(text string) (Path, error) {
	var path Path
	var level strings.Builder
	column, quoted := 0, false // quoted: something in this level was made plain
	end := func() error {
		key := level.String()
		if key == "" {
			return pathError(column, `a level of the path is empty; the key without characters is written ""`)
		}
		if key == emptyKey && !quoted {
			key = ""
		}
		path = append(path, key)
		level.Reset()
		quoted = false
		return nil
	}
	plain := false
	for i, r := range text {
		column++
		if _, size := utf8.DecodeRuneInString(text[i:]); r == utf8.RuneError && size == 1 {
			return nil, pathError(column, "the path is not valid UTF-8")
		}
		switch {
		case r == 0:
			return nil, pathError(column, "a key cannot hold the character NUL")
		case plain:
			level.WriteRune(r)
			plain, quoted = false, true
		case r == '\\':
			plain = true
		case r == '.':
			if err := end(); err != nil {
				return nil, err
			}
		default:
			level.WriteRune(r)
		}
	}
	column++
	if plain {
		return nil, pathError(column-1, `\ stands at the end; a plain backslash is written \\`)
	}
	if err := end(); err != nil {
		return nil, err
	}
	return path, nil
}

// pathError returns a fault at a column of a path's text.
func pathError(column int, message string) error {
	f := InvalidInputf(fmt.Sprintf("column %d", column), "%s", message)
	f.Column = column
	return f
}

// String writes the path so that ParsePath reads it back.
func (p Path) String() string {
	escape := strings.NewReplacer(`\`, `\\`, `.`, `\.`, `:`, `\:`, `=`, `\=`)
	levels := make([]string, len(p))
	for i, key := range p {
		switch key {
		case "":
			levels[i] = emptyKey
		case emptyKey:
			levels[i] = `\` + emptyKey
		default:
			levels[i] = escape.Replace(key)
		}
	}
	return strings.Join(levels, ".")
}

// DotNotation is the path as an update names it ("address.zip"). It fails, naming the key, when a key contains a dot, starts with a dollar, is empty,
// or holds NUL: no update can name such a field (the nearest nameable ancestor must be set whole).
func (p Path) DotNotation() (string, error) {
	if len(p) == 0 {
		return "", fmt.Errorf("name a field: the path is empty")
	}
	for _, key := range p {
		if why := unnameable(key); why != "" {
			return "", fmt.Errorf("no update can name the key %q: it %s", key, why)
		}
	}
	return strings.Join(p, "."), nil
}

// unnameable says why an update cannot name a key; empty when it can.
func unnameable(key string) string {
	switch {
	case key == "":
		return "is empty"
	case strings.HasPrefix(key, "$"):
		return "starts with a dollar sign"
	case strings.Contains(key, "."):
		return "contains a dot"
	case strings.ContainsRune(key, 0):
		return "contains the character NUL"
	}
	return ""
}

// Child is the path one level further down; it never shares memory with p.
func (p Path) Child(key string) Path {
	child := make(Path, len(p)+1)
	copy(child, p)
	child[len(p)] = key
	return child
}

// Parent is the path one level up; nil for a top-level field.
func (p Path) Parent() Path {
	if len(p) <= 1 {
		return nil
	}
	return slices.Clone(p[:len(p)-1])
}

// Equal reports whether both name the same field.
func (p Path) Equal(q Path) bool { return slices.Equal(p, q) }

// Within reports whether p is q or lies below it.
func (p Path) Within(q Path) bool { return len(p) >= len(q) && slices.Equal(p[:len(q)], q) }

// Lookup finds the value in a document; it never panics on malformed BSON. Of duplicate keys the first counts, as for MongoDB.
func (p Path) Lookup(doc bson.Raw) (bson.RawValue, bool) {
	if len(p) == 0 || len(doc) == 0 {
		return bson.RawValue{}, false
	}
	v := bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: doc}
	for _, key := range p {
		var ok bool
		if v, ok = child(v, key); !ok {
			return bson.RawValue{}, false
		}
	}
	return v, true
}

// child finds a field of an object by its key, an element of an array by its place.
func child(v bson.RawValue, key string) (bson.RawValue, bool) {
	if !nested(v) {
		return bson.RawValue{}, false
	}
	want, isIndex := index(key)
	if v.Type == bson.TypeArray && !isIndex {
		return bson.RawValue{}, false
	}
	i := 0
	for e, err := range elements(v.Value) {
		if err != nil {
			break
		}
		if v.Type == bson.TypeArray && i == want || v.Type != bson.TypeArray && string(e.key) == key {
			return e.value, true
		}
		i++
	}
	return bson.RawValue{}, false
}
