package model

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// maxDepth is how deep documents may nest here; MongoDB itself allows 100 levels.
const maxDepth = 200

// A document without a field: its length and its end.
const emptyDocument = "\x05\x00\x00\x00\x00"

var errMalformed = errors.New("malformed BSON")

// element is one key with its value inside a document's bytes.
type element struct {
	key   []byte
	value bson.RawValue
	end   int // offset of the next element
}

// elementAt reads the element at an offset of a document's bytes; doc must have passed wellFramed.
func elementAt(doc []byte, at int) (element, error) {
	t := bson.Type(doc[at])
	keyEnd := bytes.IndexByte(doc[at+1:len(doc)-1], 0)
	if keyEnd < 0 {
		return element{}, fmt.Errorf("%w: the key at byte %d has no end", errMalformed, at)
	}
	key := doc[at+1 : at+1+keyEnd]
	start := at + keyEnd + 2
	n, ok := sizeOf(t, doc[start:len(doc)-1])
	if !ok {
		return element{}, fmt.Errorf("%w: the value of %q at byte %d", errMalformed, key, start)
	}
	return element{key: key, value: bson.RawValue{Type: t, Value: doc[start : start+n : start+n]}, end: start + n}, nil
}

// wellFramed checks a document's length and end, not what is inside.
func wellFramed(doc []byte) error {
	n, ok := sizeOf(bson.TypeEmbeddedDocument, doc)
	if !ok || n != len(doc) {
		return fmt.Errorf("%w: the length of a document is wrong", errMalformed)
	}
	return nil
}

// elements goes through a document or array in order and ends at the first fault, which it yields.
func elements(doc []byte) iter.Seq2[element, error] {
	return func(yield func(element, error) bool) {
		if len(doc) == 0 {
			return
		}
		if err := wellFramed(doc); err != nil {
			yield(element{}, err)
			return
		}
		for at := 4; at < len(doc)-1; {
			e, err := elementAt(doc, at)
			if !yield(e, err) || err != nil {
				return
			}
			at = e.end
		}
	}
}

// sizeOf is the number of bytes a value of the type takes at the start of b; false when b does not hold one.
func sizeOf(t bson.Type, b []byte) (int, bool) {
	n := -1
	switch t {
	case bson.TypeNull, bson.TypeUndefined, bson.TypeMinKey, bson.TypeMaxKey:
		n = 0
	case bson.TypeBoolean:
		if len(b) > 0 && b[0] <= 1 {
			n = 1
		}
	case bson.TypeInt32:
		n = 4
	case bson.TypeDouble, bson.TypeDateTime, bson.TypeInt64, bson.TypeTimestamp:
		n = 8
	case bson.TypeObjectID:
		n = 12
	case bson.TypeDecimal128:
		n = 16
	case bson.TypeString, bson.TypeJavaScript, bson.TypeSymbol:
		n = stringSize(b)
	case bson.TypeEmbeddedDocument, bson.TypeArray:
		n = documentSize(b)
	case bson.TypeBinary:
		n = binarySize(b)
	case bson.TypeRegex:
		if i := bytes.IndexByte(b, 0); i >= 0 {
			if j := bytes.IndexByte(b[i+1:], 0); j >= 0 {
				n = i + j + 2
			}
		}
	case bson.TypeDBPointer:
		if n = stringSize(b); n >= 0 {
			n += 12
		}
	case bson.TypeCodeWithScope:
		n = codeSize(b)
	}
	return n, n >= 0 && n <= len(b)
}

// prefix is the int32 that many values begin with; -1 when there is none or it is negative.
func prefix(b []byte) int {
	if len(b) < 4 {
		return -1
	}
	return int(int32(binary.LittleEndian.Uint32(b)))
}

func stringSize(b []byte) int {
	n := prefix(b)
	if n < 1 || n > len(b)-4 || b[4+n-1] != 0 {
		return -1
	}
	return 4 + n
}

func documentSize(b []byte) int {
	n := prefix(b)
	if n < 5 || n > len(b) || b[n-1] != 0 {
		return -1
	}
	return n
}

func binarySize(b []byte) int {
	n := prefix(b)
	if n < 0 || n > len(b)-5 {
		return -1
	}
	if b[4] == 2 && prefix(b[5:5+n]) != n-4 { // the old subtype repeats its length inside
		return -1
	}
	return 5 + n
}

func codeSize(b []byte) int {
	n := prefix(b)
	if n < 14 || n > len(b) {
		return -1
	}
	code := stringSize(b[4:n])
	if code < 0 || documentSize(b[4+code:n]) != n-4-code {
		return -1
	}
	return n
}

// whole reports whether the value's bytes are exactly one value of its type.
func whole(v bson.RawValue) bool {
	n, ok := sizeOf(v.Type, v.Value)
	return ok && n == len(v.Value)
}

// nested reports whether the value has fields or elements.
func nested(v bson.RawValue) bool {
	return v.Type == bson.TypeEmbeddedDocument || v.Type == bson.TypeArray
}

// absent reports whether there is no value at all, which is not the same as null.
func absent(v bson.RawValue) bool { return v.IsZero() }

// index reads an array index as a key has it: decimal, without sign or leading zero.
func index(key string) (int, bool) {
	n, err := strconv.Atoi(key)
	if err != nil || n < 0 || strconv.Itoa(n) != key {
		return 0, false
	}
	return n, true
}

// builder puts a document or array together.
type builder struct {
	bytes []byte
}

func newBuilder() *builder { return &builder{bytes: make([]byte, 4, 64)} }

func (b *builder) add(key string, v bson.RawValue) {
	b.bytes = append(b.bytes, byte(v.Type))
	b.bytes = append(b.bytes, key...)
	b.bytes = append(b.bytes, 0)
	b.bytes = append(b.bytes, v.Value...)
}

func (b *builder) done() []byte {
	b.bytes = append(b.bytes, 0)
	binary.LittleEndian.PutUint32(b.bytes, uint32(len(b.bytes)))
	return b.bytes
}

func (b *builder) value(t bson.Type) bson.RawValue { return bson.RawValue{Type: t, Value: b.done()} }
