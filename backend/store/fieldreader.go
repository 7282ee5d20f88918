package store

import (
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
)

// FieldReader reads the fields of a document in their order, without reflection, for the documents that every request
// needs. After Next the methods named after types return the field's value; a value of another type is an error, and
// null is the zero value. One goroutine uses it.
type FieldReader struct {
	rest  []byte
	key   []byte
	value bsoncore.Value
	err   error
}

// ReadFields returns a reader before the first field of a document.
func ReadFields(doc bson.Raw) *FieldReader {
	length, rest, ok := bsoncore.ReadLength(doc)
	if !ok || int(length) != len(doc) || len(rest) == 0 {
		return &FieldReader{err: errors.New("the document is malformed")}
	}
	return &FieldReader{rest: rest[:len(rest)-1]}
}

// Next moves to the next field. It is false after the last one and after an error.
func (r *FieldReader) Next() bool {
	if r.err != nil || len(r.rest) == 0 {
		return false
	}
	e, rest, ok := bsoncore.ReadElement(r.rest)
	if !ok {
		r.err = errors.New("the document is malformed")
		return false
	}
	r.rest, r.key, r.value = rest, e.KeyBytes(), e.Value()
	return true
}

// Err returns the first error.
func (r *FieldReader) Err() error { return r.err }

// Key returns the field's name, valid until the document changes.
func (r *FieldReader) Key() []byte { return r.key }

// String returns the value of a string.
func (r *FieldReader) String() string {
	v, ok := r.value.StringValueOK()
	r.expect(ok, "string")
	return v
}

// Bool returns the value of a boolean, or whether a number is not 0.
func (r *FieldReader) Bool() bool {
	if r.value.IsNumber() {
		return r.Int64() != 0
	}
	v, ok := r.value.BooleanOK()
	r.expect(ok, "boolean")
	return v
}

// Int64 returns the value of a number, without its fraction.
func (r *FieldReader) Int64() int64 {
	v, ok := r.value.AsInt64OK()
	r.expect(ok, "number")
	return v
}

// Time returns the value of a date, in UTC.
func (r *FieldReader) Time() time.Time {
	if r.value.Type == bsoncore.TypeNull {
		return time.Time{}
	}
	v, ok := r.value.DateTimeOK()
	r.expect(ok, "date")
	return time.UnixMilli(v).UTC()
}

// Document returns the value of a document, which shares its memory.
func (r *FieldReader) Document() bson.Raw {
	v, ok := r.value.DocumentOK()
	r.expect(ok, "document")
	return bson.Raw(v)
}

// Documents calls f for each document of an array, in order.
func (r *FieldReader) Documents(f func(bson.Raw) error) {
	v, ok := r.value.ArrayOK()
	if r.expect(ok, "array"); !ok {
		return
	}
	for items := ReadFields(bson.Raw(v)); r.err == nil; {
		if !items.Next() {
			r.err = items.Err()
			return
		}
		doc := items.Document()
		if r.err = items.Err(); r.err == nil {
			r.err = f(doc)
		}
	}
}

// expect records an error unless the value has the type or is null.
func (r *FieldReader) expect(ok bool, kind string) {
	if !ok && r.value.Type != bsoncore.TypeNull && r.err == nil {
		r.err = fmt.Errorf("field %.100q: expected a %s, got %s", r.key, kind, r.value.Type)
	}
}
