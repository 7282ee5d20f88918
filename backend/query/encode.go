package query

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Encode writes a tree as BSON bytes; Decode reverses it. It fails on a Go type without a BSON counterpart and on a key
// that contains a zero byte.
func Encode(d bson.D) (bson.Raw, error) {
	b, err := appendDocument(make([]byte, 0, 256+rawSize(d)), d)
	return b, err
}

// rawSize returns the size of the values of a tree that are already encoded.
func rawSize(d bson.D) (n int) {
	for _, e := range d {
		switch v := e.Value.(type) {
		case bson.D:
			n += rawSize(v)
		case bson.Raw:
			n += len(v)
		case bson.RawValue:
			n += len(v.Value)
		}
	}
	return n
}

func appendDocument(dst []byte, d bson.D) ([]byte, error) {
	start := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	for _, e := range d {
		var err error
		if dst, err = appendElement(dst, e.Key, e.Value); err != nil {
			return nil, err
		}
	}
	return CloseDocument(dst, start), nil
}

func appendArray(dst []byte, a bson.A) ([]byte, error) {
	start := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	for i, v := range a {
		var err error
		if dst, err = appendElement(dst, strconv.Itoa(i), v); err != nil {
			return nil, err
		}
	}
	return CloseDocument(dst, start), nil
}

// CloseDocument ends the document or array whose length field is at start.
func CloseDocument(dst []byte, start int) []byte {
	dst = append(dst, 0)
	binary.LittleEndian.PutUint32(dst[start:], uint32(len(dst)-start))
	return dst
}

func appendElement(dst []byte, key string, v any) ([]byte, error) {
	at := len(dst)
	dst = append(dst, 0)
	if dst = appendCString(dst, key); dst == nil {
		return nil, Errorf(BadValue, "field name %q holds a zero byte", key)
	}
	dst, t, err := appendValue(dst, v)
	if err != nil {
		return nil, err
	}
	dst[at] = byte(t)
	return dst, nil
}

// appendCString returns nil if s contains a zero byte.
func appendCString(dst []byte, s string) []byte {
	for i := range len(s) {
		if s[i] == 0 {
			return nil
		}
	}
	return append(append(dst, s...), 0)
}

func appendString(dst []byte, s string) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(s)+1))
	return append(append(dst, s...), 0)
}

func appendValue(dst []byte, v any) ([]byte, bson.Type, error) {
	switch x := v.(type) {
	case float64:
		return binary.LittleEndian.AppendUint64(dst, math.Float64bits(x)), bson.TypeDouble, nil
	case string:
		return appendString(dst, x), bson.TypeString, nil
	case bson.D:
		dst, err := appendDocument(dst, x)
		return dst, bson.TypeEmbeddedDocument, err
	case bson.Raw:
		return append(dst, x...), bson.TypeEmbeddedDocument, nil
	case bson.RawValue:
		return append(dst, x.Value...), x.Type, nil
	case bson.A:
		dst, err := appendArray(dst, x)
		return dst, bson.TypeArray, err
	case bson.ObjectID:
		return append(dst, x[:]...), bson.TypeObjectID, nil
	case bool:
		if x {
			return append(dst, 1), bson.TypeBoolean, nil
		}
		return append(dst, 0), bson.TypeBoolean, nil
	case nil:
		return dst, bson.TypeNull, nil
	case int32:
		return binary.LittleEndian.AppendUint32(dst, uint32(x)), bson.TypeInt32, nil
	case int:
		if int(int32(x)) == x {
			return binary.LittleEndian.AppendUint32(dst, uint32(x)), bson.TypeInt32, nil
		}
		return binary.LittleEndian.AppendUint64(dst, uint64(x)), bson.TypeInt64, nil
	case int64:
		return binary.LittleEndian.AppendUint64(dst, uint64(x)), bson.TypeInt64, nil
	case bson.DateTime:
		return binary.LittleEndian.AppendUint64(dst, uint64(x)), bson.TypeDateTime, nil
	}
	return appendRare(dst, v)
}

// appendRare is appendValue for rarely used types.
func appendRare(dst []byte, v any) ([]byte, bson.Type, error) {
	switch x := v.(type) {
	case bson.Binary:
		dst = binary.LittleEndian.AppendUint32(dst, uint32(len(x.Data)))
		return append(append(dst, x.Subtype), x.Data...), bson.TypeBinary, nil
	case bson.Undefined:
		return dst, bson.TypeUndefined, nil
	case bson.Regex:
		if dst = appendCString(dst, x.Pattern); dst != nil {
			dst = appendCString(dst, x.Options)
		}
		if dst == nil {
			return nil, 0, Errorf(BadValue, "regular expression holds a zero byte")
		}
		return dst, bson.TypeRegex, nil
	case bson.DBPointer:
		return append(appendString(dst, x.DB), x.Pointer[:]...), bson.TypeDBPointer, nil
	case bson.JavaScript:
		return appendString(dst, string(x)), bson.TypeJavaScript, nil
	case bson.Symbol:
		return appendString(dst, string(x)), bson.TypeSymbol, nil
	case bson.CodeWithScope:
		return appendScope(dst, x)
	case bson.Timestamp:
		dst = binary.LittleEndian.AppendUint32(dst, x.I)
		return binary.LittleEndian.AppendUint32(dst, x.T), bson.TypeTimestamp, nil
	case bson.Decimal128:
		high, low := x.GetBytes()
		dst = binary.LittleEndian.AppendUint64(dst, low)
		return binary.LittleEndian.AppendUint64(dst, high), bson.TypeDecimal128, nil
	case bson.MinKey:
		return dst, bson.TypeMinKey, nil
	case bson.MaxKey:
		return dst, bson.TypeMaxKey, nil
	}
	return nil, 0, fmt.Errorf("encode a value: BSON has no type for %T", v)
}

func appendScope(dst []byte, x bson.CodeWithScope) ([]byte, bson.Type, error) {
	scope, ok := x.Scope.(bson.D)
	if !ok {
		return nil, 0, fmt.Errorf("encode code with scope: the scope is %T, not a document", x.Scope)
	}
	start := len(dst)
	dst = appendString(append(dst, 0, 0, 0, 0), string(x.Code))
	dst, err := appendDocument(dst, scope)
	if err != nil {
		return nil, 0, err
	}
	binary.LittleEndian.PutUint32(dst[start:], uint32(len(dst)-start))
	return dst, bson.TypeCodeWithScope, nil
}
