package functions

import (
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

// wrapped is the BSON value inside a JavaScript object.
type wrapped struct{ value any }

// bsonTypes are the types that a runtime has created so far.
type bsonTypes struct {
	date  *goja.Object // see dateConstructor
	cache map[string]bsonType
}

// bsonType is a constructor of the global BSON and the prototype of its values.
type bsonType struct{ constructor, proto *goja.Object }

// constructor creates a BSON value from the arguments of a JavaScript constructor.
type constructor func(r *run, args []goja.Value) (any, error)

// constructorFor returns the constructor by its name in JavaScript.
func constructorFor(name string) constructor {
	switch name {
	case "ObjectId":
		return newObjectID
	case "Long":
		return newLong
	case "Int32":
		return newInt32
	case "Double":
		return newDouble
	case "Decimal128":
		return newDecimal
	case "Binary":
		return newBinary
	case "UUID":
		return newUUID
	case "Timestamp":
		return newTimestamp
	case "BSONRegExp":
		return newRegExp
	case "MinKey":
		return func(*run, []goja.Value) (any, error) { return bson.MinKey{}, nil }
	case "MaxKey":
		return func(*run, []goja.Value) (any, error) { return bson.MaxKey{}, nil }
	}
	return func(*run, []goja.Value) (any, error) { return nil, errors.New("the type has no constructor") }
}

// bson is the global BSON.
func (r *run) bson() goja.Value {
	names := []string{"ObjectId", "ObjectID", "Long", "Int32", "Double", "Decimal128", "Binary", "UUID", "Timestamp",
		"BSONRegExp", "MinKey", "MaxKey"}
	return r.newLazyObject(nil, names, func(name string) goja.Value {
		if name == "ObjectID" {
			name = "ObjectId"
		}
		return r.bsonType(name).constructor
	})
}

// bsonType returns a type, and creates it on first use.
func (r *run) bsonType(name string) bsonType {
	if t, ok := r.types.cache[name]; ok {
		return t
	}
	make := constructorFor(name)
	t := bsonType{constructor: r.vm.ToValue(func(call goja.ConstructorCall) *goja.Object {
		v, err := make(r, call.Arguments)
		if err != nil {
			panic(r.vm.NewTypeError("BSON." + name + ": " + err.Error()))
		}
		return r.wrap(v)
	}).ToObject(r.vm)}
	t.proto = t.constructor.Get("prototype").ToObject(r.vm)
	r.types.cache[name] = t
	_ = t.constructor.DefineDataProperty("name", r.vm.ToValue(name), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	r.defineStatics(name, t.constructor)
	r.defineMethods(name, t.proto)
	return t
}

// defineStatics defines the static factory methods of a constructor.
func (r *run) defineStatics(name string, typ *goja.Object) {
	static := func(method string, make constructor) {
		_ = typ.Set(method, func(call goja.FunctionCall) goja.Value {
			v, err := make(r, call.Arguments)
			if err != nil {
				panic(r.vm.NewTypeError("BSON." + name + "." + method + ": " + err.Error()))
			}
			return r.wrap(v)
		})
	}
	switch name {
	case "Long":
		static("fromNumber", newLong)
		static("fromString", newLong)
		static("fromInt", newLong)
	case "Decimal128":
		static("fromString", newDecimal)
	case "ObjectId":
		static("createFromHexString", newObjectID)
		_ = typ.Set("isValid", func(call goja.FunctionCall) goja.Value {
			v := call.Argument(0)
			_, err := newObjectID(r, []goja.Value{v})
			return r.vm.ToValue(isPresent(v) && err == nil)
		})
	case "Binary":
		static("fromBase64", newBinary)
		static("fromHex", newBinaryFromHex)
	}
}

// wrap returns an object for a BSON value that JavaScript has no type for.
func (r *run) wrap(v any) *goja.Object {
	o := r.vm.CreateObject(r.bsonType(typeName(v)).proto)
	r.setHidden(o, &wrapped{v})
	return o
}

func typeName(v any) string {
	switch x := v.(type) {
	case bson.ObjectID:
		return "ObjectId"
	case int64:
		return "Long"
	case int32:
		return "Int32"
	case float64:
		return "Double"
	case bson.Decimal128:
		return "Decimal128"
	case bson.Binary:
		if x.Subtype == bson.TypeBinaryUUID && len(x.Data) == 16 {
			return "UUID"
		}
		return "Binary"
	case bson.Timestamp:
		return "Timestamp"
	case bson.Regex:
		return "BSONRegExp"
	case bson.MinKey:
		return "MinKey"
	case bson.MaxKey:
		return "MaxKey"
	}
	return "Other"
}

// defineMethods defines the methods that functions use: string and JSON forms, comparison, numeric values and encodings
// of bytes.
func (r *run) defineMethods(name string, proto *goja.Object) {
	method := func(name string, f func(v any) goja.Value) {
		_ = proto.Set(name, func(call goja.FunctionCall) goja.Value { return f(r.unwrap(call.This)) })
	}
	text := func(v any) goja.Value { return r.vm.ToValue(textOf(v)) }
	_ = proto.Set("_bsontype", name)
	method("toString", text)
	method("toJSON", r.toJSON)
	_ = proto.Set("equals", func(call goja.FunctionCall) goja.Value {
		return r.vm.ToValue(r.equals(r.unwrap(call.This), call.Argument(0)))
	})
	switch name {
	case "ObjectId":
		method("toHexString", text)
		method("getTimestamp", func(v any) goja.Value {
			oid, _ := v.(bson.ObjectID)
			return r.date(oid.Timestamp().UnixMilli())
		})
	case "UUID":
		method("toHexString", text)
	case "Binary":
		method("text", func(v any) goja.Value { return r.vm.ToValue(strings.ToValidUTF8(string(bytesOf(v)), "\uFFFD")) })
		method("toBase64", text)
		method("toHexString", func(v any) goja.Value { return r.vm.ToValue(hex.EncodeToString(bytesOf(v))) })
		method("length", func(v any) goja.Value { return r.vm.ToValue(len(bytesOf(v))) })
	case "Long", "Int32", "Double":
		for _, name := range []string{"valueOf", "toNumber", "toInt"} {
			method(name, func(v any) goja.Value { return r.vm.ToValue(asNumber(v)) })
		}
	}
}

// bytesOf returns the bytes of a binary value.
func bytesOf(v any) []byte {
	b, _ := v.(bson.Binary)
	return b.Data
}

func (r *run) unwrap(v goja.Value) any {
	if o, ok := v.(*goja.Object); ok {
		if w, ok := r.hiddenValue(o).(*wrapped); ok {
			return w.value
		}
	}
	panic(r.vm.NewTypeError("not a BSON value"))
}

func asNumber(v any) any {
	switch x := v.(type) {
	case int64:
		return float64(x)
	case int32, float64:
		return x
	}
	return math.NaN()
}

func (r *run) toJSON(v any) goja.Value {
	switch v.(type) {
	case int32, float64:
		return r.vm.ToValue(v)
	}
	return r.vm.ToValue(textOf(v))
}

// equals compares by type and value; a string equals an id with that text.
func (r *run) equals(v any, other goja.Value) bool {
	if o, ok := other.(*goja.Object); ok {
		if w, ok := r.hiddenValue(o).(*wrapped); ok {
			return typeName(v) == typeName(w.value) && textOf(v) == textOf(w.value)
		}
		return false
	}
	return other.String() == textOf(v)
}

// textOf formats a value as text.
func textOf(v any) string {
	switch x := v.(type) {
	case bson.ObjectID:
		return x.Hex()
	case int64:
		return strconv.FormatInt(x, 10)
	case bson.Decimal128:
		return x.String()
	case bson.Binary:
		if typeName(x) == "UUID" {
			h := hex.EncodeToString(x.Data)
			return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
		}
		return base64.StdEncoding.EncodeToString(x.Data)
	case bson.Timestamp:
		return fmt.Sprintf("%d.%d", x.T, x.I)
	case bson.Regex:
		return "/" + x.Pattern + "/" + x.Options
	case bson.MinKey:
		return "MinKey"
	case bson.MaxKey:
		return "MaxKey"
	}
	return fmt.Sprint(v)
}
