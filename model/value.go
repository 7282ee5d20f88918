package model

import "go.mongodb.org/mongo-driver/v2/bson"

// Kind is the type of a value in the words people use for it: MongoDB's aliases, and "uuid" for binary of subtype 4.
type Kind string

// Every kind a BSON value can have.
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

// KindOf returns the kind of a value.
func KindOf(v bson.RawValue) Kind { panic("unwritten") }

// ParseKind reads a kind's name; the error lists the names.
func ParseKind(name string) (Kind, error) { panic("unwritten") }

// Kinds lists the kinds a person can choose for a field, the usual ones first.
func Kinds() []Kind { panic("unwritten") }

// Text is a value as it stands in a text field: Parse(KindOf(v), Text(v)) is v again, bit for bit, for every kind but dates beyond year 9999 (milliseconds then).
// Dates are RFC 3339 in UTC with milliseconds; binary is `subtype:base64` (`00:` may be left out); objects and arrays are extended JSON.
// The text is raw: a screen passes it through Visible.
func Text(v bson.RawValue) string { panic("unwritten") }

// Parse reads typed text as a value of exactly that kind, or says what does not fit (a BadInput fault with a hint such as "a whole number from -2147483648 to 2147483647").
func Parse(kind Kind, text string) (bson.RawValue, error) { panic("unwritten") }

// Preview is a value on one line for a list: scalars as Text, strings raw, objects and arrays as "{3 fields}" and "[2 items]".
func Preview(v bson.RawValue) string { panic("unwritten") }

// Same reports whether two values are the same, type and bits (so NaN is the same as NaN, 1 is not 1.0).
func Same(a, b bson.RawValue) bool { panic("unwritten") }

// ValueOf makes a value of a Go value that BSON can carry; it panics on one it cannot: for values known in code only.
func ValueOf(v any) bson.RawValue { panic("unwritten") }
