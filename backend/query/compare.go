package query

import (
	"bytes"
	"cmp"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// missing represents an absent field.
type missing struct{}

func isMissing(v any) bool { _, is := v.(missing); return is }

// isNullish reports whether v is null, undefined or absent.
func isNullish(v any) bool {
	switch v.(type) {
	case nil, missing, bson.Undefined:
		return true
	}
	return false
}

// Type classes in MongoDB's comparison order. Zero is reserved for the end of a document in an index key.
const (
	classMinKey    = 1
	classUndefined = 2
	classNull      = 5
	classNumber    = 10
	classString    = 15
	classObject    = 20
	classArray     = 25
	classBinary    = 30
	classObjectID  = 35
	classBool      = 40
	classDate      = 45
	classTimestamp = 47
	classRegex     = 50
	classPointer   = 55
	classCode      = 60
	classScope     = 65
	classMaxKey    = 127
)

func class(v any) byte {
	switch v.(type) {
	case bson.MinKey:
		return classMinKey
	case missing, bson.Undefined:
		return classUndefined
	case nil:
		return classNull
	case int32, int64, float64, bson.Decimal128:
		return classNumber
	case string, bson.Symbol:
		return classString
	case bson.D:
		return classObject
	case bson.A:
		return classArray
	case bson.Binary:
		return classBinary
	case bson.ObjectID:
		return classObjectID
	case bool:
		return classBool
	case bson.DateTime:
		return classDate
	case bson.Timestamp:
		return classTimestamp
	case bson.Regex:
		return classRegex
	case bson.DBPointer:
		return classPointer
	case bson.JavaScript:
		return classCode
	case bson.CodeWithScope:
		return classScope
	}
	return classMaxKey
}

// Compare orders two values as MongoDB does: first by type class, then numbers by value whatever their type
// (NaN lowest) and documents field by field in stored order. It returns 0 for values that MongoDB treats as equal.
func Compare(a, b any) int {
	ca, cb := class(a), class(b)
	if ca != cb {
		return cmp.Compare(ca, cb)
	}
	switch ca {
	case classNumber:
		return compareNumbers(a, b)
	case classString:
		return strings.Compare(text(a), text(b))
	case classObject:
		return compareDocuments(a.(bson.D), b.(bson.D))
	case classArray:
		return compareArrays(a.(bson.A), b.(bson.A))
	case classBool:
		return compareBools(a.(bool), b.(bool))
	case classObjectID:
		x, y := a.(bson.ObjectID), b.(bson.ObjectID)
		return bytes.Compare(x[:], y[:])
	case classDate:
		return cmp.Compare(a.(bson.DateTime), b.(bson.DateTime))
	}
	return compareRare(ca, a, b)
}

func compareRare(class byte, a, b any) int {
	switch class {
	case classBinary:
		x, y := a.(bson.Binary), b.(bson.Binary)
		return cmp.Or(cmp.Compare(len(x.Data), len(y.Data)), cmp.Compare(x.Subtype, y.Subtype), bytes.Compare(x.Data, y.Data))
	case classTimestamp:
		x, y := a.(bson.Timestamp), b.(bson.Timestamp)
		return cmp.Or(cmp.Compare(x.T, y.T), cmp.Compare(x.I, y.I))
	case classRegex:
		x, y := a.(bson.Regex), b.(bson.Regex)
		return cmp.Or(strings.Compare(x.Pattern, y.Pattern), strings.Compare(x.Options, y.Options))
	case classPointer:
		x, y := a.(bson.DBPointer), b.(bson.DBPointer)
		return cmp.Or(cmp.Compare(len(x.DB), len(y.DB)), strings.Compare(x.DB, y.DB), bytes.Compare(x.Pointer[:],
			y.Pointer[:]))
	case classCode:
		return strings.Compare(string(a.(bson.JavaScript)), string(b.(bson.JavaScript)))
	case classScope:
		x, y := a.(bson.CodeWithScope), b.(bson.CodeWithScope)
		return cmp.Or(strings.Compare(string(x.Code), string(y.Code)), compareDocuments(scopeOf(x), scopeOf(y)))
	}
	return 0
}

// Equal reports whether MongoDB treats two values as equal; 1 and 1.0 are equal.
func Equal(a, b any) bool { return Compare(a, b) == 0 }

func text(v any) string {
	if s, is := v.(bson.Symbol); is {
		return string(s)
	}
	s, _ := v.(string)
	return s
}

func scopeOf(c bson.CodeWithScope) bson.D { d, _ := c.Scope.(bson.D); return d }

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

func compareDocuments(a, b bson.D) int {
	for i := range min(len(a), len(b)) {
		c := cmp.Or(cmp.Compare(class(a[i].Value), class(b[i].Value)), strings.Compare(a[i].Key, b[i].Key),
			Compare(a[i].Value, b[i].Value))
		if c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

func compareArrays(a, b bson.A) int {
	for i := range min(len(a), len(b)) {
		if c := Compare(a[i], b[i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}
