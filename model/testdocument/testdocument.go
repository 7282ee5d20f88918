// Package testdocument generates large custom data documents for tests and benchmarks.
//
// May import: nothing of ours.
package testdocument

import (
	"fmt"
	"math"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// MaxBytes is the size of the largest document that a deployment stores beside a user id: 16 MiB less 1 KiB.
const MaxBytes = 16<<20 - 1<<10

// ManyFields returns the fields of a document of almost the given size in bytes: objects of about 200 bytes with six
// fields, one of them an array and one an object. A document of MaxBytes has about 89,000 of them. The same size
// generates the same fields.
func ManyFields(size int) bson.D {
	const frame = 5 + 512 // the length, the end, and `_id` and user id of the owner
	var fields bson.D
	for used := frame; ; {
		f := record(len(fields))
		bytes, err := bson.Marshal(bson.D{f})
		if err != nil {
			panic(fmt.Sprintf("testdocument: %v", err)) // all values are known
		}
		if used += len(bytes) - 5; used > size {
			return fields
		}
		fields = append(fields, f)
	}
}

func record(n int) bson.E {
	return bson.E{Key: fmt.Sprintf("record%06d", n), Value: bson.D{
		{Key: "name", Value: fmt.Sprintf("user %d of the directory", n)},
		{Key: "active", Value: n%3 == 0},
		{Key: "count", Value: int32(n)},
		{Key: "score", Value: math.Sqrt(float64(n))},
		{Key: "tags", Value: bson.A{"first", "second", int64(n)}},
		{Key: "address", Value: bson.D{{Key: "city", Value: "Utrecht"}, {Key: "zip", Value: fmt.Sprintf("%06d", n)}}},
	}}
}

// LongText returns text of exactly the given number of bytes: words, some of them not ASCII, and a line feed after
// each 1000 or so bytes if lines is true.
func LongText(size int, lines bool) string {
	var b strings.Builder
	b.Grow(size + 64)
	for n := 0; b.Len() < size; n++ {
		fmt.Fprintf(&b, "word%d ", n)
		switch {
		case n%97 == 0:
			b.WriteString("größe 漢字 ")
		case lines && n%100 == 0:
			b.WriteByte('\n')
		}
	}
	return strings.ToValidUTF8(b.String()[:size], ".")
}
