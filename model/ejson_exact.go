package model

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Two wrappers of dossier write what extended JSON cannot represent, so that ParseJSON reads back an identical value:
//   - {"$fields":[["key",value],…]} is an object with duplicate keys, or one shaped like a wrapper, or one with a key
//     that is not UTF-8 and is written as a binary;
//   - {"$bson":"…"} is any other value: its BSON type and its bytes, in base64.
const (
	fieldsKey = "$fields"
	bsonKey   = "$bson"
)

// exactWrapper writes a value with one of dossier's wrappers if extended JSON cannot represent it; false otherwise.
func (w *writer) exactWrapper(v bson.RawValue, depth int) bool {
	switch v.Type {
	case bson.TypeEmbeddedDocument:
		if !needsFieldList(v) {
			return false
		}
		w.fieldList(v, depth)
		return true
	case bson.TypeArray:
		return !hasIndexKeys(v) && w.bytesWrapper(v)
	}
	return !encodable(v) && w.bytesWrapper(v)
}

// bytesWrapper writes {"$bson":"…"} and returns true. A value with malformed parts is left to the other wrappers.
func (w *writer) bytesWrapper(v bson.RawValue) bool {
	if !wellFormedDeep(v, 0) {
		return false
	}
	w.wrap(bsonKey, base64.StdEncoding.EncodeToString(append([]byte{byte(v.Type)}, v.Value...)))
	return true
}

// fieldList writes {"$fields":[…]}.
func (w *writer) fieldList(v bson.RawValue, depth int) {
	w.put(`{"`, fieldsKey, `":`)
	if w.indent {
		w.put(" ")
	}
	w.put("[")
	first := true
	for e, err := range elements(v.Value) {
		if err != nil {
			break // needsFieldList has read them all
		}
		if !first {
			w.put(",")
		}
		w.newline(depth+1, !first)
		first = false
		w.put("[")
		if utf8.Valid(e.key) {
			w.quote(string(e.key))
		} else {
			w.value(ValueOf(bson.Binary{Data: e.key}), depth+1)
		}
		w.put(", ")
		w.value(e.value, depth+1)
		w.put("]")
	}
	w.newline(depth, false)
	w.put("]}")
}

// needsFieldList reports whether an object is written as a list of its fields. One that cannot be read to its end is
// not.
func needsFieldList(v bson.RawValue) bool {
	var few [16][]byte // keys that are compared one by one, without an allocation
	n, needed := 0, false
	for e, err := range elements(v.Value) {
		switch {
		case err != nil:
			return false
		case n == len(few), n == 0 && len(e.key) > 0 && e.key[0] == '$':
			return needsFieldListByName(v)
		}
		needed = needed || !utf8.Valid(e.key) || slices.ContainsFunc(few[:n], func(k []byte) bool {
			return bytes.Equal(k, e.key)
		})
		few[n] = e.key
		n++
	}
	return needed
}

// needsFieldListByName is needsFieldList for an object with many keys, or one that may be shaped like a wrapper, whose
// first key starts with $.
func needsFieldListByName(v bson.RawValue) bool {
	keys, needed := keySet{}, false
	for e, err := range elements(v.Value) {
		if err != nil {
			return false
		}
		needed = !keys.add(string(e.key)) || needed || !utf8.Valid(e.key)
	}
	return needed || isOwnWrapper(keys.first)
}

// hasIndexKeys reports whether the keys of an array are its indexes.
func hasIndexKeys(v bson.RawValue) bool {
	index := 0
	var digits [20]byte
	for e, err := range elements(v.Value) {
		if err != nil || !bytes.Equal(e.key, strconv.AppendInt(digits[:0], int64(index), 10)) {
			return false
		}
		index++
	}
	return true
}

// wellFormedDeep is wellFormed for a value with everything in it.
func wellFormedDeep(v bson.RawValue, depth int) bool {
	if !wellFormed(v) || !v.Type.IsValid() || depth > maxDepth {
		return false
	}
	if !isContainer(v) {
		return true
	}
	for e, err := range elements(v.Value) {
		if err != nil || !wellFormedDeep(e.value, depth+1) {
			return false
		}
	}
	return true
}

// isOwnWrapper is isWrapper with the wrappers of dossier.
func isOwnWrapper(keys []string) bool {
	if isWrapper(keys) {
		return true
	}
	if len(keys) == 0 {
		return false
	}
	_, ok := ownWrapperOf(keys[0])
	return ok
}

// ownWrapperOf returns the wrapper of dossier for the first key of an object.
func ownWrapperOf(key string) (wrapper, bool) {
	switch key {
	case fieldsKey:
		return wrapper{`pairs such as [["key",value]]`, readFieldList}, true
	case bsonKey:
		return wrapper{"the type and the bytes of a BSON value in base64", readBytes}, true
	}
	return wrapper{}, false
}

// readFieldList reads the content of {"$fields":[…]}.
func readFieldList(list bson.RawValue) (bson.RawValue, bool) {
	if list.Type != bson.TypeArray {
		return bson.RawValue{}, false
	}
	b := newBuilder()
	for pair, err := range elements(list.Value) {
		if err != nil || pair.value.Type != bson.TypeArray || countFields(pair.value.Value) != 2 {
			return bson.RawValue{}, false
		}
		first, _ := childValue(pair.value, "0")
		second, _ := childValue(pair.value, "1")
		key, ok := first.StringValueOK()
		if subtype, data, isBinary := first.BinaryOK(); isBinary && subtype == 0 {
			key, ok = string(data), true
		}
		if !ok || strings.ContainsRune(key, 0) {
			return bson.RawValue{}, false
		}
		b.add(key, second)
	}
	return b.value(bson.TypeEmbeddedDocument), true
}

// readBytes reads the content of {"$bson":"…"}.
func readBytes(content bson.RawValue) (bson.RawValue, bool) {
	text, ok := content.StringValueOK()
	data, err := base64.StdEncoding.Strict().DecodeString(text)
	if !ok || err != nil || len(data) == 0 {
		return bson.RawValue{}, false
	}
	v := bson.RawValue{Type: bson.Type(data[0]), Value: data[1:]}
	return v, wellFormedDeep(v, 0)
}

// countNumbers returns how many numbers a value holds, itself included.
func countNumbers(v bson.RawValue) int {
	if !isContainer(v) {
		if isNumber(v) {
			return 1
		}
		return 0
	}
	n := 0
	for e, err := range elements(v.Value) {
		if err != nil {
			break
		}
		n += countNumbers(e.value)
	}
	return n
}
