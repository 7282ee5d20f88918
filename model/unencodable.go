package model

import (
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Unencodable is a field that extended JSON cannot represent.
type Unencodable struct {
	Path   Path
	Reason string // what the field holds, such as "a duplicate key"
}

// String says which field it is and why.
func (u Unencodable) String() string {
	return fmt.Sprintf("%s holds %s, which the extended JSON of this service cannot represent", u.Path, u.Reason)
}

// UnencodableFields returns the fields that extended JSON cannot represent: user data shaped like an extended JSON
// wrapper such as {"$oid": …}, duplicate keys, text that is not UTF-8, arrays whose keys are not their indexes, and
// values that are malformed or nested too deeply. With a service that transfers only extended JSON they are read-only.
// A listed object or array stands for all of its contents. Its ancestors cannot be represented either, but are not
// listed.
func UnencodableFields(doc bson.Raw) []Unencodable {
	if len(doc) == 0 {
		return nil
	}
	var w unencodableFinder
	w.walk(objectValue(doc))
	return w.found
}

// unencodableFinder walks a document and collects the fields that extended JSON cannot represent.
type unencodableFinder struct {
	path  Path
	found []Unencodable
}

func (w *unencodableFinder) add(reason string) {
	w.found = append(w.found, Unencodable{slices.Clone(w.path), reason})
}

// walk adds the fields at or below a value that cannot be represented.
func (w *unencodableFinder) walk(v bson.RawValue) {
	switch {
	case !wellFormed(v):
		w.add("malformed BSON")
	case len(w.path) > maxDepth:
		w.add(fmt.Sprintf("more than %d nested levels", maxDepth))
	case isContainer(v):
		w.walkContainer(v)
	case !encodable(v):
		reason := "a value of type " + string(KindOf(v))
		if v.Type == bson.TypeString {
			reason = "text that is not UTF-8"
		}
		w.add(reason)
	}
}

func (w *unencodableFinder) walkContainer(v bson.RawValue) {
	keys, index, first := keySet{}, 0, len(w.found)
	whole := func(reason string) {
		w.found = w.found[:first]
		w.add(reason)
	}
	for e, err := range elements(v.Value) {
		switch {
		case err != nil:
			whole("malformed BSON")
			return
		case v.Type == bson.TypeArray && string(e.key) != strconv.Itoa(index):
			whole("an array whose keys are not its indexes")
			return
		}
		index++
		w.path = append(w.path, string(e.key))
		switch {
		case v.Type == bson.TypeArray:
			w.walk(e.value)
		case !keys.add(w.path[len(w.path)-1]):
			w.add("a duplicate key")
		case !utf8.Valid(e.key):
			w.add("a key that is not UTF-8")
		default:
			w.walk(e.value)
		}
		w.path = w.path[:len(w.path)-1]
	}
	if isWrapper(keys.first) {
		whole("an object that looks like the notation " + keys.first[0])
	}
}

// encodable reports whether a scalar is unchanged after writing and reading it as extended JSON.
func encodable(v bson.RawValue) bool {
	switch v.Type {
	case bson.TypeString:
		text, ok := textBytes(v)
		return ok && utf8.Valid(text)
	case bson.TypeNull, bson.TypeBoolean, bson.TypeInt32, bson.TypeInt64, bson.TypeDouble, bson.TypeDateTime,
		bson.TypeObjectID, bson.TypeBinary:
		return true
	}
	w := writer{}
	w.value(v, 0)
	back, err := (&reader{text: string(w.out), plain: true}).read()
	return err == nil && Identical(v, back)
}
