package model

import (
	"slices"
	"strconv"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// UnencodableFields returns the fields that extended JSON cannot represent: user data shaped like an extended JSON
// wrapper such as {"$oid": …}, duplicate keys, text that is not UTF-8, arrays whose keys are not their indexes, and
// values that are malformed or nested too deeply. The screen shows these fields read-only. A listed object or array
// stands for all of its contents. Its ancestors cannot be represented either, but are not listed.
func UnencodableFields(doc bson.Raw) []Path {
	if len(doc) == 0 {
		return nil
	}
	var w unencodableFinder
	w.walk(objectValue(doc))
	return w.found
}

// unencodableFinder walks a document and collects the paths that extended JSON cannot represent.
type unencodableFinder struct {
	path  Path
	found []Path
}

func (w *unencodableFinder) add() { w.found = append(w.found, slices.Clone(w.path)) }

// walk adds the fields at or below a value that cannot be represented.
func (w *unencodableFinder) walk(v bson.RawValue) {
	switch {
	case !wellFormed(v) || len(w.path) > maxDepth || !isContainer(v) && !encodable(v):
		w.add()
		return
	case !isContainer(v):
		return
	}
	keys, index, first := keySet{}, 0, len(w.found)
	for e, err := range elements(v.Value) {
		if err != nil || v.Type == bson.TypeArray && string(e.key) != strconv.Itoa(index) {
			w.found = w.found[:first]
			w.add()
			return
		}
		index++
		w.path = append(w.path, string(e.key))
		if v.Type != bson.TypeArray && (!keys.add(w.path[len(w.path)-1]) || !utf8.Valid(e.key)) {
			w.add()
		} else {
			w.walk(e.value)
		}
		w.path = w.path[:len(w.path)-1]
	}
	if isWrapper(keys.first) {
		w.found = w.found[:first]
		w.add()
	}
}

// encodable reports whether a scalar is unchanged after writing and reading it as extended JSON.
func encodable(v bson.RawValue) bool {
	switch v.Type {
	case bson.TypeString:
		return utf8.ValidString(v.StringValue())
	case bson.TypeNull, bson.TypeBoolean, bson.TypeInt32, bson.TypeInt64, bson.TypeDouble, bson.TypeDateTime,
		bson.TypeObjectID:
		return true
	}
	back, err := ParseJSON(JSON(v))
	return err == nil && Identical(v, back)
}
