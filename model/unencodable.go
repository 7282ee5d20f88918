package model

import (
	"slices"
	"strconv"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// UnencodableFields lists the fields that extended JSON cannot carry: objects shaped like its own notation ({"$oid": …} as user data), duplicate keys,
// text that is not UTF-8, arrays whose keys are not their places, and malformed or too deeply nested values. A screen shows them read-only and says so.
// An object or array in the list stands for everything inside it; its ancestors cannot be carried either, but are not listed.
func UnencodableFields(doc bson.Raw) []Path {
	if len(doc) == 0 {
		return nil
	}
	var w oddities
	w.in(objectOf(doc))
	return w.found
}

// oddities walks a document and remembers where it is.
type oddities struct {
	at    Path
	found []Path
}

func (w *oddities) here() { w.found = append(w.found, slices.Clone(w.at)) }

// in finds what cannot be carried at or below a value.
func (w *oddities) in(v bson.RawValue) {
	switch {
	case !whole(v) || len(w.at) > maxDepth || !nested(v) && !carried(v):
		w.here()
		return
	case !nested(v):
		return
	}
	keys, place, first := keySet{}, 0, len(w.found)
	for e, err := range elements(v.Value) {
		if err != nil || v.Type == bson.TypeArray && string(e.key) != strconv.Itoa(place) {
			w.found = w.found[:first]
			w.here()
			return
		}
		place++
		w.at = append(w.at, string(e.key))
		if v.Type != bson.TypeArray && (!keys.add(w.at[len(w.at)-1]) || !utf8.Valid(e.key)) {
			w.here()
		} else {
			w.in(e.value)
		}
		w.at = w.at[:len(w.at)-1]
	}
	if isWrapper(keys.few) {
		w.found = w.found[:first]
		w.here()
	}
}

// carried reports whether a scalar survives being written and read.
func carried(v bson.RawValue) bool {
	switch v.Type {
	case bson.TypeString:
		return utf8.ValidString(v.StringValue())
	case bson.TypeNull, bson.TypeBoolean, bson.TypeInt32, bson.TypeInt64, bson.TypeDouble, bson.TypeDateTime, bson.TypeObjectID:
		return true
	}
	back, err := ParseJSON(JSON(v))
	return err == nil && Identical(v, back)
}
