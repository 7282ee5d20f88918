package functions

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/dop251/goja"
	"go.mongodb.org/mongo-driver/v2/bson"
)

func argument(args []goja.Value, i int) goja.Value {
	if i < len(args) {
		return args[i]
	}
	return goja.Undefined()
}

// isPresent reports whether an argument is neither undefined nor null.
func isPresent(v goja.Value) bool { return !goja.IsUndefined(v) && !goja.IsNull(v) }

// bsonValue returns the BSON value that an argument wraps; nil: none.
func (r *run) bsonValue(v goja.Value) any {
	if o, ok := v.(*goja.Object); ok {
		if w, ok := r.hiddenValue(o).(*wrapped); ok {
			return w.value
		}
	}
	return nil
}

func newObjectID(r *run, args []goja.Value) (any, error) {
	v := argument(args, 0)
	if oid, ok := r.bsonValue(v).(bson.ObjectID); ok {
		return oid, nil
	}
	if !isPresent(v) {
		return bson.NewObjectIDFromTimestamp(r.functions.options.Now()), nil
	}
	oid, err := bson.ObjectIDFromHex(v.String())
	if err != nil {
		return nil, fmt.Errorf("expected 24 hexadecimal digits, found %q", v.String())
	}
	return oid, nil
}

func newLong(r *run, args []goja.Value) (any, error) {
	v := argument(args, 0)
	switch x := r.bsonValue(v).(type) {
	case int64:
		return x, nil
	case int32:
		return int64(x), nil
	}
	if high := argument(args, 1); isPresent(high) && goja.IsNumber(v) && goja.IsNumber(high) { // low and high half
		return high.ToInteger()<<32 | v.ToInteger()&math.MaxUint32, nil
	}
	n, err := strconv.ParseInt(strings.TrimSpace(v.String()), 10, 64)
	if err != nil {
		return nil, fmt.Errorf("expected a 64-bit integer, found %q", v.String())
	}
	return n, nil
}

func newInt32(r *run, args []goja.Value) (any, error) {
	f := argument(args, 0).ToFloat()
	if f != math.Trunc(f) || f < math.MinInt32 || f > math.MaxInt32 {
		return nil, fmt.Errorf("expected a 32-bit integer, found %s", argument(args, 0))
	}
	return int32(f), nil
}

func newDouble(_ *run, args []goja.Value) (any, error) {
	return argument(args, 0).ToFloat(), nil
}

func newDecimal(r *run, args []goja.Value) (any, error) {
	v := argument(args, 0)
	if d, ok := r.bsonValue(v).(bson.Decimal128); ok {
		return d, nil
	}
	d, err := bson.ParseDecimal128(v.String())
	if err != nil {
		return nil, fmt.Errorf("expected a decimal number, found %q", v.String())
	}
	return d, nil
}

func newBinary(r *run, args []goja.Value) (any, error) {
	subtype := argument(args, 1)
	b := bson.Binary{}
	if isPresent(subtype) {
		n := subtype.ToInteger()
		if n < 0 || n > math.MaxUint8 {
			return nil, fmt.Errorf("the subtype %d is not a byte", n)
		}
		b.Subtype = byte(n)
	}
	v := argument(args, 0)
	if x, ok := exportAs[goja.ArrayBuffer](v); ok {
		b.Data = append([]byte{}, x.Bytes()...)
		return b, nil
	}
	if x, ok := exportAs[[]byte](v); ok {
		b.Data = append([]byte{}, x...)
		return b, nil
	}
	if x, ok := exportAs[string](v); ok {
		data, err := base64.StdEncoding.DecodeString(x)
		b.Data = data
		return b, err
	}
	if old, ok := r.bsonValue(v).(bson.Binary); ok {
		return old, nil
	}
	return nil, errors.New("expected bytes or a base64 string")
}

func newBinaryFromHex(_ *run, args []goja.Value) (any, error) {
	data, err := hex.DecodeString(argument(args, 0).String())
	if err != nil {
		return nil, errors.New("expected hexadecimal digits")
	}
	return bson.Binary{Data: data}, nil
}

func newUUID(r *run, args []goja.Value) (any, error) {
	v := argument(args, 0)
	if b, ok := r.bsonValue(v).(bson.Binary); ok && typeName(b) == "UUID" {
		return b, nil
	}
	if !isPresent(v) {
		return randomUUID(), nil
	}
	data, err := hex.DecodeString(strings.ReplaceAll(v.String(), "-", ""))
	if err != nil || len(data) != 16 {
		return nil, fmt.Errorf("expected 32 hexadecimal digits, found %q", v.String())
	}
	return bson.Binary{Subtype: bson.TypeBinaryUUID, Data: data}, nil
}

// randomUUID returns a random UUID (version 4).
func randomUUID() bson.Binary {
	data := make([]byte, 16)
	rand.Read(data)
	data[6], data[8] = data[6]&0x0f|0x40, data[8]&0x3f|0x80
	return bson.Binary{Subtype: bson.TypeBinaryUUID, Data: data}
}

func newTimestamp(r *run, args []goja.Value) (any, error) {
	v := argument(args, 0)
	if t, ok := r.bsonValue(v).(bson.Timestamp); ok {
		return t, nil
	}
	if o, ok := v.(*goja.Object); ok && o.Get("t") != nil && o.Get("i") != nil {
		return bson.Timestamp{T: uint32(o.Get("t").ToInteger()), I: uint32(o.Get("i").ToInteger())}, nil
	}
	return nil, errors.New("expected {t, i}")
}

func newRegExp(_ *run, args []goja.Value) (any, error) {
	options := argument(args, 1)
	if !isPresent(options) {
		return bson.Regex{Pattern: argument(args, 0).String()}, nil
	}
	return bson.Regex{Pattern: argument(args, 0).String(), Options: options.String()}, nil
}
