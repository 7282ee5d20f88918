package model

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Kind is the type of a value: the alias of MongoDB's $type operator, except "binary" for binData and "uuid" for binary
// of subtype 4.
type Kind string

// The kinds of BSON values.
const (
	Double        Kind = "double"
	String        Kind = "string"
	Object        Kind = "object"
	Array         Kind = "array"
	Binary        Kind = "binary"
	UUID          Kind = "uuid"
	Undefined     Kind = "undefined"
	ObjectID      Kind = "objectId"
	Bool          Kind = "bool"
	Date          Kind = "date"
	Null          Kind = "null"
	Regex         Kind = "regex"
	DBPointer     Kind = "dbPointer"
	JavaScript    Kind = "javascript"
	Symbol        Kind = "symbol"
	CodeWithScope Kind = "javascriptWithScope"
	Int           Kind = "int"
	Timestamp     Kind = "timestamp"
	Long          Kind = "long"
	Decimal       Kind = "decimal"
	MinKey        Kind = "minKey"
	MaxKey        Kind = "maxKey"
)

// uuidSubtype is the subtype of a UUID in the byte order of RFC 9562.
const uuidSubtype = 4

// KindOf returns the kind of a value; "" for the zero value.
func KindOf(v bson.RawValue) Kind {
	switch v.Type {
	case bson.TypeDouble:
		return Double
	case bson.TypeString:
		return String
	case bson.TypeEmbeddedDocument:
		return Object
	case bson.TypeArray:
		return Array
	case bson.TypeBinary:
		if len(v.Value) == 21 && v.Value[4] == uuidSubtype {
			return UUID
		}
		return Binary
	case bson.TypeUndefined:
		return Undefined
	case bson.TypeObjectID:
		return ObjectID
	case bson.TypeBoolean:
		return Bool
	case bson.TypeDateTime:
		return Date
	case bson.TypeNull:
		return Null
	case bson.TypeRegex:
		return Regex
	case bson.TypeDBPointer:
		return DBPointer
	case bson.TypeJavaScript:
		return JavaScript
	case bson.TypeSymbol:
		return Symbol
	case bson.TypeCodeWithScope:
		return CodeWithScope
	case bson.TypeInt32:
		return Int
	case bson.TypeTimestamp:
		return Timestamp
	case bson.TypeInt64:
		return Long
	case bson.TypeDecimal128:
		return Decimal
	case bson.TypeMinKey:
		return MinKey
	case bson.TypeMaxKey:
		return MaxKey
	}
	return ""
}

// Kinds returns all kinds, the most common first.
func Kinds() []Kind {
	return []Kind{
		String, Int, Long, Double, Decimal, Bool, Date, ObjectID, UUID, Null, Object, Array,
		Binary, Regex, Timestamp, JavaScript, CodeWithScope, Symbol, DBPointer, Undefined, MinKey, MaxKey,
	}
}

// shortNames are the kinds in at most five letters.
var shortNames = map[Kind]string{
	Double: "dbl", String: "str", Object: "obj", Array: "arr", Binary: "bin", Undefined: "undef", ObjectID: "oid",
	Regex: "regex", DBPointer: "ptr", JavaScript: "js", Symbol: "sym", CodeWithScope: "scope", Timestamp: "ts",
	Decimal: "dec", MinKey: "min", MaxKey: "max",
}

// Short returns the kind in at most five letters, such as "oid" for "objectId".
func (k Kind) Short() string {
	if short, ok := shortNames[k]; ok {
		return short
	}
	return string(k)
}

// ParseKind returns the kind with a name. The error lists all names.
func ParseKind(name string) (Kind, error) {
	if kinds := Kinds(); !slices.Contains(kinds, Kind(name)) {
		names := make([]string, len(kinds))
		for i, k := range kinds {
			names[i] = string(k)
		}
		return "", InvalidInputf("", "unknown type %q (available: %s)", name, strings.Join(names, ", "))
	}
	return Kind(name), nil
}

// previewBytes limits the text of a preview: more than a line of the screen shows.
const previewBytes = 4096

// Preview returns a value on one line for a list: scalars as Text (the first 4 KiB, then …), strings raw,
// objects and arrays as "{3 fields}" and "[2 items]".
func Preview(v bson.RawValue) string {
	switch {
	case !wellFormed(v):
		return Text(v)
	case isContainer(v):
		return CountText(KindOf(v), Count(v))
	case v.Type == bson.TypeBinary && len(v.Value) > previewBytes:
		subtype, data, _ := v.BinaryOK()
		return binaryText(subtype, data[:previewBytes/4*3]) + "…"
	}
	if text, ok := textBytes(v); ok && len(text) > previewBytes {
		return string(firstBytes(text, previewBytes)) + "…"
	}
	text := Text(v)
	if len(text) <= previewBytes {
		return text
	}
	return firstBytes(text, previewBytes) + "…"
}

// Count returns the number of fields of an object or items of an array; 0 for all other values.
func Count(v bson.RawValue) int {
	if !isContainer(v) {
		return 0
	}
	return countFields(v.Value)
}

// CountText returns the preview of an object or array with n fields or items.
func CountText(k Kind, n int) string {
	if k == Array {
		return "[" + countNoun(n, "item") + "]"
	}
	return "{" + countNoun(n, "field") + "}"
}

// textBytes returns the text of a string, a symbol or JavaScript as a part of the value, without a copy; false for all
// other values.
func textBytes(v bson.RawValue) ([]byte, bool) {
	switch v.Type {
	case bson.TypeString, bson.TypeSymbol, bson.TypeJavaScript:
		return v.Value[4 : len(v.Value)-1], true
	}
	return nil, false
}

// firstBytes returns the first n bytes of a longer text, up to three fewer if they end inside a character.
func firstBytes[T string | []byte](text T, n int) T {
	for end := n; end > max(0, n-utf8.UTFMax); end-- {
		if utf8.RuneStart(text[end]) {
			return text[:end]
		}
	}
	return text[:n] // no character starts there: the text is not UTF-8
}

func countFields(doc []byte) int {
	n := 0
	for _, err := range elements(doc) {
		if err != nil {
			break
		}
		n++
	}
	return n
}

func countNoun(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Identical reports whether two values have the same type and bytes, including the order of keys: 1 and 1.0 differ, and
// so do the decimals 1.0 and 1.00. All NaN of one type are identical, and so are two absent values.
func Identical(a, b bson.RawValue) bool {
	if a.Type != b.Type {
		return false
	}
	if bytes.Equal(a.Value, b.Value) {
		return true
	}
	if !wellFormed(a) || !wellFormed(b) {
		return false
	}
	switch a.Type {
	case bson.TypeDouble:
		return math.IsNaN(a.Double()) && math.IsNaN(b.Double())
	case bson.TypeDecimal128:
		return a.Decimal128().IsNaN() && b.Decimal128().IsNaN()
	case bson.TypeEmbeddedDocument, bson.TypeArray:
		return identicalFields(a.Value, b.Value, 0)
	}
	return false
}

// identicalFields compares two documents whose bytes differ; they are identical if only NaN values differ.
func identicalFields(a, b []byte, depth int) bool {
	if len(a) != len(b) || depth > maxDepth || wellFramed(a) != nil || wellFramed(b) != nil {
		return false
	}
	for at := 4; at < len(a)-1; {
		if at >= len(b)-1 {
			return false
		}
		x, err := elementAt(a, at)
		if err != nil {
			return false
		}
		y, err := elementAt(b, at)
		if err != nil || x.end != y.end || x.value.Type != y.value.Type || !bytes.Equal(x.key, y.key) {
			return false
		}
		switch {
		case bytes.Equal(x.value.Value, y.value.Value):
		case isContainer(x.value):
			if !identicalFields(x.value.Value, y.value.Value, depth+1) {
				return false
			}
		case !Identical(x.value, y.value):
			return false
		}
		at = x.end
	}
	return true
}

// ValueOf converts a Go value to BSON. It panics on a value that BSON cannot represent: use it for values known at
// compile time.
func ValueOf(v any) bson.RawValue {
	if v == nil {
		return bson.RawValue{Type: bson.TypeNull}
	}
	t, data, err := bson.MarshalValue(v)
	if err != nil {
		panic(fmt.Sprintf("model: %T cannot be represented in BSON: %v", v, err))
	}
	return bson.RawValue{Type: t, Value: data}
}
