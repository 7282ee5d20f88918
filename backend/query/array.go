package query

import (
	"slices"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Array builds the bytes of an array of documents, which are copied once. Create it with NewArray.
type Array struct {
	bytes []byte
	count int64
}

// NewArray returns an empty array.
func NewArray() *Array { return &Array{bytes: make([]byte, 4)} }

// Grow makes place for n documents of a size.
func (a *Array) Grow(n, size int) { a.bytes = slices.Grow(a.bytes, n*(size+len("\x030000\x00"))) }

// Add appends a document. It copies the bytes.
func (a *Array) Add(doc bson.Raw) {
	var digits [20]byte
	key := strconv.AppendInt(digits[:0], a.count, 10)
	a.count++
	if more := len(doc) + len(key) + len("\x03\x00\x00"); cap(a.bytes)-len(a.bytes) < more {
		grown := make([]byte, len(a.bytes), len(a.bytes)+max(more, len(a.bytes)))
		copy(grown, a.bytes)
		a.bytes = grown
	}
	a.bytes = append(append(append(a.bytes, byte(bson.TypeEmbeddedDocument)), key...), 0)
	a.bytes = append(a.bytes, doc...)
}

// Value returns the array. Nothing may be added after it.
func (a *Array) Value() bson.RawValue {
	a.bytes = CloseDocument(a.bytes, 0)
	return bson.RawValue{Type: bson.TypeArray, Value: a.bytes}
}
