package model

import (
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Uncarriable lists the fields that extended JSON cannot carry: objects shaped like its own notation ({"$oid": …} as user data), duplicate keys,
// text that is not UTF-8, arrays whose keys are not their places, and malformed or too deeply nested values. A screen shows them read-only and says so.
// An object or array in the list stands for everything inside it; its ancestors cannot be carried either, but are not listed.
func Uncarriable(doc bson.Raw) []Path {
	if len(doc) == 0 {
		return nil
	}
	var found []Path
	uncarriable(bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: doc}, nil, &found)
	return found
}

// uncarriable appends what cannot be carried at or below a value.
func uncarriable(v bson.RawValue, at Path, found *[]Path) {
	if !whole(v) || len(at) > maxDepth {
		*found = append(*found, at)
		return
	}
	if !nested(v) {
		if !carried(v) {
			*found = append(*found, at)
		}
		return
	}
	keys, n := keySet{}, 0
	first := len(*found)
	for e, err := range elements(v.Value) {
		key := string(e.key)
		place, isIndex := index(key)
		if err != nil || v.Type == bson.TypeArray && (!isIndex || place != n) {
			*found = append((*found)[:first], at)
			return
		}
		switch {
		case !keys.add(key) || !utf8.ValidString(key):
			*found = append(*found, at.Child(key))
		default:
			uncarriable(e.value, at.Child(key), found)
		}
		n++
	}
	if v.Type == bson.TypeEmbeddedDocument && isWrapper(keys.few) {
		*found = append((*found)[:first], at)
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
	return err == nil && Same(v, back)
}
