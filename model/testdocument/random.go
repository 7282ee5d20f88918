package testdocument

import (
	"fmt"
	"math"
	"math/rand/v2"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// EveryType returns fields with a value of every BSON type, the deprecated ones included, and with awkward values of
// them.
func EveryType() bson.D {
	decimal := func(text string) bson.Decimal128 {
		d, err := bson.ParseDecimal128(text)
		if err != nil {
			panic(fmt.Sprintf("testdocument: %v", err)) // all values are known
		}
		return d
	}
	id := bson.ObjectID{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
	return bson.D{
		{Key: "double", Value: 1.5}, {Key: "whole double", Value: 2.0}, {Key: "-0", Value: math.Copysign(0, -1)},
		{Key: "NaN", Value: math.NaN()}, {Key: "infinity", Value: math.Inf(-1)},
		{Key: "string", Value: "größe 漢字 👍 \u202e\x1b[31m\u0000 end"}, {Key: "empty", Value: ""},
		{Key: "object", Value: bson.D{{Key: "b", Value: int32(1)}, {Key: "a", Value: int64(1)}}},
		{Key: "empty object", Value: bson.D{}}, {Key: "array", Value: bson.A{int32(1), 1.0, int64(1), "1", nil}},
		{Key: "empty array", Value: bson.A{}},
		{Key: "binary", Value: bson.Binary{Subtype: 0x80, Data: []byte{0, 255, 7}}},
		{Key: "old binary", Value: bson.Binary{Subtype: 2, Data: []byte("ab")}},
		{Key: "uuid", Value: bson.Binary{Subtype: 4, Data: make([]byte, 16)}},
		{Key: "undefined", Value: bson.Undefined{}}, {Key: "objectId", Value: id}, {Key: "bool", Value: true},
		{Key: "date", Value: bson.DateTime(1_795_341_600_123)}, {Key: "far date", Value: bson.DateTime(math.MaxInt64)},
		{Key: "null", Value: nil}, {Key: "regex", Value: bson.Regex{Pattern: "^a/b$", Options: "im"}},
		{Key: "dbPointer", Value: bson.DBPointer{DB: "a.b", Pointer: id}},
		{Key: "javascript", Value: bson.JavaScript("return 1")}, {Key: "symbol", Value: bson.Symbol("s")},
		{Key: "scope", Value: bson.CodeWithScope{Code: "x", Scope: bson.D{{Key: "x", Value: int32(1)}}}},
		{Key: "int", Value: int32(math.MinInt32)}, {Key: "timestamp", Value: bson.Timestamp{T: 1, I: 2}},
		{Key: "long", Value: int64(math.MaxInt64)}, {Key: "decimal", Value: decimal("1.50")},
		{Key: "big decimal", Value: decimal("9.999999999999999999999999999999999E+6144")},
		{Key: "minKey", Value: bson.MinKey{}}, {Key: "maxKey", Value: bson.MaxKey{}},
	}
}

// Random returns fields with random values of all types, nested at most depth levels deep.
func Random(r *rand.Rand, depth int) bson.D {
	scalars := EveryType()
	fields := bson.D{}
	for i := range 1 + r.IntN(8) {
		keys := []string{"a", "b.c", "$d", "", "größe", "0", "_", "with space"}
		fields = append(fields, bson.E{Key: fmt.Sprintf("%s%d", keys[r.IntN(len(keys))], i), Value: random(r, depth,
			scalars)})
	}
	return fields
}

func random(r *rand.Rand, depth int, scalars bson.D) any {
	switch n := r.IntN(4); {
	case depth > 0 && n == 0:
		return Random(r, depth-1)
	case depth > 0 && n == 1:
		items := bson.A{}
		for range r.IntN(5) {
			items = append(items, random(r, depth-1, scalars))
		}
		return items
	}
	return scalars[r.IntN(len(scalars))].Value
}
