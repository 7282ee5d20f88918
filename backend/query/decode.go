package query

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// maxDepth is the maximum nesting depth of a document (MongoDB: BSONDepth).
const maxDepth = 200

// maxStoredDepth is lower than maxDepth because replies wrap stored documents (MongoDB: 180).
const maxStoredDepth = maxDepth - 20

// CheckDepth returns an error if a document is nested too deeply to be stored.
func CheckDepth(doc bson.D) error {
	if deeper(doc, maxStoredDepth) {
		return Errorf(Overflow, "cannot store a document that nests deeper than %d levels", maxStoredDepth)
	}
	return nil
}

func deeper(v any, levels int) bool {
	switch x := v.(type) {
	case bson.D:
		for _, e := range x {
			if levels == 0 || deeper(e.Value, levels-1) {
				return true
			}
		}
	case bson.A:
		for _, e := range x {
			if levels == 0 || deeper(e, levels-1) {
				return true
			}
		}
	}
	return false
}

// Decode reads BSON bytes into a tree: documents as bson.D in stored order with duplicate keys kept, arrays as bson.A,
// everything else as the driver's type. Invalid BSON returns an Error with code 22.
func Decode(raw bson.Raw) (bson.D, error) {
	d, n, err := decoder{}.document(raw, 0)
	if err == nil && n != len(raw) {
		return nil, Errorf(InvalidBSON, "%d bytes after the end of the document", len(raw)-n)
	}
	return d, err
}

// DecodeFields decodes only the named top-level fields and skips the bytes of the others. A nil set decodes all.
func DecodeFields(raw bson.Raw, names map[string]bool) (bson.D, error) {
	d, _, err := decoder{names: names}.document(raw, 0)
	return d, err
}

// DecodeOpaque is Decode for a change: it keeps what the change need not decode as bson.RawValue, which Encode writes
// byte for byte. That is every top-level field that is not named, and every array whose keys are not its positions. A
// nil set names all fields.
func DecodeOpaque(raw bson.Raw, names map[string]bool) (bson.D, error) {
	d, _, err := decoder{names: names, keep: true}.document(raw, 0)
	return d, err
}

// Field decodes one top-level field; ok is false if the document has no such field.
func Field(raw bson.Raw, name string) (v any, ok bool, err error) {
	d, err := DecodeFields(raw, map[string]bool{name: true})
	if err != nil || len(d) == 0 {
		return nil, false, err
	}
	return d[0].Value, true, nil
}

// frame returns the element bytes of the document or array at the start of b, and its total length.
func frame(b []byte, depth int) ([]byte, int, error) {
	if depth > maxDepth {
		return nil, 0, Errorf(Overflow, "BSONObj exceeds maximum nested object depth: %d", maxDepth)
	}
	if len(b) < 5 {
		return nil, 0, Errorf(InvalidBSON, "document is cut short")
	}
	n := int(int32(binary.LittleEndian.Uint32(b)))
	if n < 5 || n > len(b) || b[n-1] != 0 {
		return nil, 0, Errorf(InvalidBSON, "document length %d does not fit %d bytes", n, len(b))
	}
	return b[4 : n-1], n, nil
}

// decoder decodes the top-level fields that it names (nil: all) and skips the others, or keeps them as bson.RawValue.
type decoder struct {
	names map[string]bool
	keep  bool // also keeps arrays whose keys are not their positions
}

// inside returns the decoder of nested values.
func (c decoder) inside() decoder { return decoder{keep: c.keep} }

func (c decoder) document(b []byte, depth int) (bson.D, int, error) {
	body, n, err := frame(b, depth)
	if err != nil {
		return nil, 0, err
	}
	d := make(bson.D, 0, 8)
	for len(body) > 0 {
		t, key, rest, err := elementHead(body)
		if err != nil {
			return nil, 0, err
		}
		if c.names != nil && !c.names[string(key)] {
			size, err := valueSize(t, rest)
			if err != nil {
				return nil, 0, err
			}
			if c.keep {
				d = append(d, bson.E{Key: string(key), Value: bson.RawValue{Type: t, Value: rest[:size]}})
			}
			body = rest[size:]
			continue
		}
		v, size, err := c.inside().value(t, rest, depth)
		if err != nil {
			return nil, 0, err
		}
		d = append(d, bson.E{Key: string(key), Value: v})
		body = rest[size:]
	}
	return d, n, nil
}

func (c decoder) array(b []byte, depth int) (any, int, error) {
	body, n, err := frame(b, depth)
	if err != nil {
		return nil, 0, err
	}
	a := make(bson.A, 0, 4)
	positions := true
	for len(body) > 0 {
		t, key, rest, err := elementHead(body)
		if err != nil {
			return nil, 0, err
		}
		v, size, err := c.value(t, rest, depth)
		if err != nil {
			return nil, 0, err
		}
		positions = positions && (!c.keep || isPosition(key, len(a)))
		a = append(a, v)
		body = rest[size:]
	}
	if !positions {
		return bson.RawValue{Type: bson.TypeArray, Value: b[:n]}, n, nil
	}
	return a, n, nil
}

// isPosition reports whether a key is an array position in decimal.
func isPosition(key []byte, n int) bool {
	var digits [20]byte
	return string(key) == string(strconv.AppendInt(digits[:0], int64(n), 10))
}

func elementHead(b []byte) (t bson.Type, key, rest []byte, err error) {
	end := bytes.IndexByte(b[1:], 0)
	if end < 0 {
		return 0, nil, nil, Errorf(InvalidBSON, "field name is cut short")
	}
	return bson.Type(b[0]), b[1 : 1+end], b[2+end:], nil
}

// valueSize returns the number of bytes that a value of type t occupies at the start of b.
func valueSize(t bson.Type, b []byte) (int, error) {
	size := -1
	switch t {
	case bson.TypeUndefined, bson.TypeNull, bson.TypeMinKey, bson.TypeMaxKey:
		size = 0
	case bson.TypeBoolean:
		size = 1
	case bson.TypeInt32:
		size = 4
	case bson.TypeDouble, bson.TypeDateTime, bson.TypeTimestamp, bson.TypeInt64:
		size = 8
	case bson.TypeObjectID:
		size = 12
	case bson.TypeDecimal128:
		size = 16
	case bson.TypeRegex:
		if i := bytes.IndexByte(b, 0); i >= 0 {
			if j := bytes.IndexByte(b[i+1:], 0); j >= 0 {
				size = i + j + 2
			}
		}
	default:
		size = prefixedSize(t, b)
	}
	if size < 0 || size > len(b) {
		return 0, Errorf(InvalidBSON, "value of type %#x is cut short or unknown", byte(t))
	}
	return size, nil
}

// prefixedSize is valueSize for types that start with their length; negative if the length is invalid.
func prefixedSize(t bson.Type, b []byte) int {
	if len(b) < 4 {
		return -1
	}
	n := int(int32(binary.LittleEndian.Uint32(b)))
	if n < 0 {
		return -1
	}
	switch t {
	case bson.TypeString, bson.TypeJavaScript, bson.TypeSymbol:
		if n < 1 || n+4 > len(b) || b[n+3] != 0 {
			return -1
		}
		return n + 4
	case bson.TypeEmbeddedDocument, bson.TypeArray:
		return n
	case bson.TypeBinary:
		return n + 5
	case bson.TypeDBPointer:
		if n < 1 || n+16 > len(b) || b[n+3] != 0 {
			return -1
		}
		return n + 16
	case bson.TypeCodeWithScope:
		if n < 14 {
			return -1
		}
		return n
	}
	return -1
}

func (c decoder) value(t bson.Type, b []byte, depth int) (any, int, error) {
	switch t {
	case bson.TypeEmbeddedDocument:
		return anyOf(c.document(b, depth+1))
	case bson.TypeArray:
		return c.array(b, depth+1)
	}
	size, err := valueSize(t, b)
	if err != nil {
		return nil, 0, err
	}
	if t == bson.TypeCodeWithScope {
		return decodeScope(b[:size], depth)
	}
	return scalar(t, b[:size]), size, nil
}

func anyOf[T any](v T, n int, err error) (any, int, error) { return v, n, err }

func decodeScope(b []byte, depth int) (any, int, error) {
	n := prefixedSize(bson.TypeString, b[4:])
	if n < 0 || n+4 > len(b) {
		return nil, 0, Errorf(InvalidBSON, "code with scope is cut short")
	}
	scope, m, err := decoder{}.document(b[4+n:], depth+1)
	if err != nil {
		return nil, 0, err
	}
	if 4+n+m != len(b) {
		return nil, 0, Errorf(InvalidBSON, "code with scope has the wrong length")
	}
	return bson.CodeWithScope{Code: bson.JavaScript(b[8 : 3+n]), Scope: scope}, len(b), nil
}

// scalar decodes a value whose size has been checked.
func scalar(t bson.Type, b []byte) any {
	switch t {
	case bson.TypeDouble:
		return math.Float64frombits(binary.LittleEndian.Uint64(b))
	case bson.TypeString:
		return string(b[4 : len(b)-1])
	case bson.TypeBinary:
		return bson.Binary{Subtype: b[4], Data: bytes.Clone(b[5:])}
	case bson.TypeUndefined:
		return bson.Undefined{}
	case bson.TypeObjectID:
		return bson.ObjectID(b)
	case bson.TypeBoolean:
		return b[0] != 0
	case bson.TypeDateTime:
		return bson.DateTime(binary.LittleEndian.Uint64(b))
	case bson.TypeRegex:
		i := bytes.IndexByte(b, 0)
		return bson.Regex{Pattern: string(b[:i]), Options: string(b[i+1 : len(b)-1])}
	case bson.TypeDBPointer:
		return bson.DBPointer{DB: string(b[4 : len(b)-13]), Pointer: bson.ObjectID(b[len(b)-12:])}
	case bson.TypeJavaScript:
		return bson.JavaScript(b[4 : len(b)-1])
	case bson.TypeSymbol:
		return bson.Symbol(b[4 : len(b)-1])
	case bson.TypeInt32:
		return int32(binary.LittleEndian.Uint32(b))
	case bson.TypeTimestamp:
		return bson.Timestamp{I: binary.LittleEndian.Uint32(b), T: binary.LittleEndian.Uint32(b[4:])}
	case bson.TypeInt64:
		return int64(binary.LittleEndian.Uint64(b))
	case bson.TypeDecimal128:
		return bson.NewDecimal128(binary.LittleEndian.Uint64(b[8:]), binary.LittleEndian.Uint64(b))
	case bson.TypeMinKey:
		return bson.MinKey{}
	case bson.TypeMaxKey:
		return bson.MaxKey{}
	}
	return nil
}

// EachField calls show for the top-level fields of a document, whose nested values are not checked. The key and the
// value are bytes of the document. It stops when show returns false.
func EachField(raw bson.Raw, show func(key []byte, v bson.RawValue) (more bool)) error {
	body, n, err := frame(raw, 0)
	if err == nil && n != len(raw) {
		return Errorf(InvalidBSON, "%d bytes after the end of the document", len(raw)-n)
	}
	for err == nil && len(body) > 0 {
		t, key, rest, headErr := elementHead(body)
		if headErr != nil {
			return headErr
		}
		size := 0
		if size, err = valueSize(t, rest); err != nil {
			return err
		}
		if !show(key, bson.RawValue{Type: t, Value: rest[:size]}) {
			return nil
		}
		body = rest[size:]
	}
	return err
}

// DecodeScalar decodes the value of a field that EachField showed and that is no document, array or code with scope.
func DecodeScalar(v bson.RawValue) any { return scalar(v.Type, v.Value) }
