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

// maxDepth is the maximum nesting depth of documents here; MongoDB allows 100 levels.
const maxDepth = 200

// emptyDocument is the BSON of a document without fields.
const emptyDocument = "\x05\x00\x00\x00\x00"

var errMalformed = errors.New("malformed BSON")

// element is a key and its value, sharing the document's memory.
type element struct {
	key   []byte
	value bson.RawValue
	end   int // offset of the next element
}

// elementAt reads the element at an offset of a document, which must have passed wellFramed.
func elementAt(doc []byte, at int) (element, error) {
	t := bson.Type(doc[at])
	keyEnd := bytes.IndexByte(doc[at+1:len(doc)-1], 0)
	if keyEnd < 0 {
		return element{}, fmt.Errorf("%w: unterminated key at byte %d", errMalformed, at)
	}
	key := doc[at+1 : at+1+keyEnd]
	start := at + keyEnd + 2
	n, ok := valueSize(t, doc[start:len(doc)-1])
	if !ok {
		return element{}, fmt.Errorf("%w: invalid value of %q at byte %d", errMalformed, key, start)
	}
	return element{key: key, value: bson.RawValue{Type: t, Value: doc[start : start+n : start+n]}, end: start + n}, nil
}

// wellFramed checks a document's length and terminator, not its elements.
func wellFramed(doc []byte) error {
	n, ok := valueSize(bson.TypeEmbeddedDocument, doc)
	if !ok || n != len(doc) {
		return fmt.Errorf("%w: wrong document length", errMalformed)
	}
	return nil
}

// elements iterates over a document or array in order. It stops after yielding the first error.
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

// valueSize returns the size in bytes of the value of type t at the start of b; false when there is no valid one.
func valueSize(t bson.Type, b []byte) (int, bool) {
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
		n = codeWithScopeSize(b)
	}
	return n, n >= 0 && n <= len(b)
}

// lengthPrefix returns the int32 length at the start of b; -1 when b is too short.
func lengthPrefix(b []byte) int {
	if len(b) < 4 {
		return -1
	}
	return int(int32(binary.LittleEndian.Uint32(b)))
}

func stringSize(b []byte) int {
	n := lengthPrefix(b)
	if n < 1 || n > len(b)-4 || b[4+n-1] != 0 {
		return -1
	}
	return 4 + n
}

func documentSize(b []byte) int {
	n := lengthPrefix(b)
	if n < 5 || n > len(b) || b[n-1] != 0 {
		return -1
	}
	return n
}

func binarySize(b []byte) int {
	n := lengthPrefix(b)
	if n < 0 || n > len(b)-5 {
		return -1
	}
	if b[4] == 2 && lengthPrefix(b[5:5+n]) != n-4 { // subtype 2 repeats the length before the data
		return -1
	}
	return 5 + n
}

func codeWithScopeSize(b []byte) int {
	n := lengthPrefix(b)
	if n < 14 || n > len(b) {
		return -1
	}
	code := stringSize(b[4:n])
	if code < 0 || documentSize(b[4+code:n]) != n-4-code {
		return -1
	}
	return n
}

// wellFormed reports whether the bytes are exactly one value of the type. Of a document it checks only the frame.
func wellFormed(v bson.RawValue) bool {
	n, ok := valueSize(v.Type, v.Value)
	return ok && n == len(v.Value)
}

// isContainer reports whether the value is an object or an array.
func isContainer(v bson.RawValue) bool {
	return v.Type == bson.TypeEmbeddedDocument || v.Type == bson.TypeArray
}

// isAbsent reports whether there is no value at all; null is a value.
func isAbsent(v bson.RawValue) bool { return v.IsZero() }

// arrayIndex returns the array index that a key denotes: decimal, without sign or leading zeros.
func arrayIndex(key string) (int, bool) {
	n, err := strconv.Atoi(key)
	if err != nil || n < 0 || strconv.Itoa(n) != key {
		return 0, false
	}
	return n, true
}

// builder builds a document or array.
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
