package model

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Path identifies a field of a document: one key per level, an array element by its index in decimal.
type Path []string

// emptyKey is the notation of the empty key in the text of a path.
const emptyKey = `""`

// ParsePath reads a path as a user types it: keys separated by dots. A backslash escapes the next character (`\.` `\:`
// `\=` `\\`), two quotes are the empty key. The fault carries the column.
func ParsePath(text string) (Path, error) {
	var path Path
	var level strings.Builder
	column, hasEscape := 0, false // hasEscape: the current key contains an escaped character
	end := func() error {
		key := level.String()
		if key == "" {
			return pathError(column, `empty key in the path; write the empty key as ""`)
		}
		if key == emptyKey && !hasEscape {
			key = ""
		}
		path = append(path, key)
		level.Reset()
		hasEscape = false
		return nil
	}
	escaped := false
	for i, r := range text {
		column++
		if _, size := utf8.DecodeRuneInString(text[i:]); r == utf8.RuneError && size == 1 {
			return nil, pathError(column, "the path is not valid UTF-8")
		}
		switch {
		case r == 0:
			return nil, pathError(column, "a key cannot contain the character NUL")
		case escaped:
			level.WriteRune(r)
			escaped, hasEscape = false, true
		case r == '\\':
			escaped = true
		case r == '.':
			if err := end(); err != nil {
				return nil, err
			}
		default:
			level.WriteRune(r)
		}
	}
	column++
	if escaped {
		return nil, pathError(column-1, `unexpected \ at the end of the path; write a backslash as \\`)
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

// String returns the path in the notation that ParsePath reads.
func (p Path) String() string {
	levels := make([]string, len(p))
	for i, key := range p {
		switch key {
		case "":
			levels[i] = emptyKey
		case emptyKey:
			levels[i] = `\` + emptyKey
		default:
			levels[i] = escapeLevel(key)
		}
	}
	return strings.Join(levels, ".")
}

// escapeLevel puts a backslash before each `\`, `.`, `:` and `=` of a key.
func escapeLevel(key string) string {
	const special = `\.:=`
	if !strings.ContainsAny(key, special) {
		return key
	}
	var out strings.Builder
	for i := range len(key) {
		if strings.IndexByte(special, key[i]) >= 0 {
			out.WriteByte('\\')
		}
		out.WriteByte(key[i])
	}
	return out.String()
}

// DotNotation returns the path in MongoDB's dot notation, such as "address.zip". It fails when a key contains a dot or
// NUL, starts with a dollar sign or is empty: no update can address such a field, so the nearest other ancestor must be
// set as a whole.
func (p Path) DotNotation() (string, error) {
	if len(p) == 0 {
		return "", errors.New("the path is empty")
	}
	for _, key := range p {
		if reason := unnameableReason(key); reason != "" {
			return "", fmt.Errorf("an update cannot address the key %q: it %s", key, reason)
		}
	}
	return strings.Join(p, "."), nil
}

// unnameableReason returns why an update cannot address a key; empty when it can.
func unnameableReason(key string) string {
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

// Child returns the path of a field below p. It does not share memory with p.
func (p Path) Child(key string) Path {
	child := make(Path, len(p)+1)
	copy(child, p)
	child[len(p)] = key
	return child
}

// Parent returns the path one level up; nil for a top-level field.
func (p Path) Parent() Path {
	if len(p) <= 1 {
		return nil
	}
	return slices.Clone(p[:len(p)-1])
}

// Equal reports whether both paths are the same.
func (p Path) Equal(q Path) bool { return slices.Equal(p, q) }

// Within reports whether p is q or a field below it.
func (p Path) Within(q Path) bool { return len(p) >= len(q) && slices.Equal(p[:len(q)], q) }

// Lookup returns the value at the path; false when there is none. It never panics on malformed BSON. Of duplicate keys
// the first counts, as in MongoDB.
func (p Path) Lookup(doc bson.Raw) (bson.RawValue, bool) {
	if len(p) == 0 || len(doc) == 0 {
		return bson.RawValue{}, false
	}
	return LookupIn(objectValue(doc), p)
}

// LookupIn returns the value at a path inside an object or array; the empty path is the value itself. See Path.Lookup.
func LookupIn(v bson.RawValue, p Path) (bson.RawValue, bool) {
	for _, key := range p {
		var ok bool
		if v, ok = childValue(v, key); !ok {
			return bson.RawValue{}, false
		}
	}
	return v, !isAbsent(v)
}

// childValue returns a field of an object by its key, or an element of an array by its index.
func childValue(v bson.RawValue, key string) (bson.RawValue, bool) {
	if !isContainer(v) {
		return bson.RawValue{}, false
	}
	want, isIndex := arrayIndex(key)
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
