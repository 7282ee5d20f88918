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

// wrapped is a BSON value inside a JavaScript object.
type wrapped struct{ value any }

// bsonTypes are the constructors a runtime has.
type bsonTypes struct {
	date  *goja.Object
	proto map[string]*goja.Object // by the name of the constructor
}

// maker makes a BSON value of a constructor's arguments.
type maker func(r *run, args []goja.Value) (any, error)

func makers() map[string]maker {
	return map[string]maker{
		"ObjectId": makeObjectID, "Long": makeLong, "Int32": makeInt32, "Double": makeDouble, "Decimal128": makeDecimal,
		"Binary": makeBinary, "UUID": makeUUID, "Timestamp": makeTimestamp, "BSONRegExp": makeRegExp,
		"MinKey": func(*run, []goja.Value) (any, error) { return bson.MinKey{}, nil },
		"MaxKey": func(*run, []goja.Value) (any, error) { return bson.MaxKey{}, nil },
		"Other":  func(*run, []goja.Value) (any, error) { return nil, errors.New("it cannot be made") },
	}
}

// defineTypes gives functions the global BSON.
func (r *run) defineTypes() error {
	r.types = bsonTypes{date: r.vm.Get("Date").ToObject(r.vm), proto: map[string]*goja.Object{}}
	global := r.vm.NewObject()
	var all []error
	for name, make := range makers() {
		ctor := r.vm.ToValue(func(call goja.ConstructorCall) *goja.Object {
			v, err := make(r, call.Arguments)
			if err != nil {
				panic(r.vm.NewTypeError("BSON." + name + ": " + err.Error()))
			}
			return r.wrap(v)
		}).ToObject(r.vm)
		proto := ctor.Get("prototype").ToObject(r.vm)
		r.types.proto[name] = proto
		all = append(all, ctor.DefineDataProperty("name", r.vm.ToValue(name), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE), r.defineMethods(name, proto))
		if name != "Other" {
			all = append(all, global.Set(name, ctor))
		}
		if name == "ObjectId" {
			all = append(all, global.Set("ObjectID", ctor))
		}
	}
	for _, s := range []struct {
		on, name string
		make     maker
	}{{"Long", "fromNumber", makeLong}, {"Long", "fromString", makeLong}, {"Decimal128", "fromString", makeDecimal}} {
		all = append(all, global.Get(s.on).ToObject(r.vm).Set(s.name, func(call goja.FunctionCall) goja.Value {
			v, err := s.make(r, call.Arguments)
			if err != nil {
				panic(r.vm.NewTypeError("BSON." + s.on + "." + s.name + ": " + err.Error()))
			}
			return r.wrap(v)
		}))
	}
	return errors.Join(append(all, r.vm.Set("BSON", global))...)
}

// wrap makes an object of a BSON value that JavaScript has no type for.
func (r *run) wrap(v any) *goja.Object {
	o := r.vm.CreateObject(r.types.proto[typeName(v)])
	r.hide(o, &wrapped{v})
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

// defineMethods gives a type what functions use of it: text, JSON, comparison, and of numbers their value.
func (r *run) defineMethods(name string, proto *goja.Object) error {
	text := func(call goja.FunctionCall) goja.Value { return r.vm.ToValue(show(r.unwrap(call.This))) }
	all := []error{
		proto.Set("_bsontype", name),
		proto.Set("toString", text),
		proto.Set("toJSON", func(call goja.FunctionCall) goja.Value { return r.toJSON(r.unwrap(call.This)) }),
		proto.Set("equals", func(call goja.FunctionCall) goja.Value {
			return r.vm.ToValue(r.sameAs(r.unwrap(call.This), call.Argument(0)))
		}),
	}
	switch name {
	case "ObjectId", "UUID":
		all = append(all, proto.Set("toHexString", text), proto.Set("str", goja.Undefined()))
		if name == "ObjectId" {
			all = append(all, proto.Set("getTimestamp", func(call goja.FunctionCall) goja.Value {
				oid, _ := r.unwrap(call.This).(bson.ObjectID)
				return r.date(oid.Timestamp().UnixMilli())
			}))
		}
	case "Long", "Int32", "Double":
		value := func(call goja.FunctionCall) goja.Value { return r.vm.ToValue(asNumber(r.unwrap(call.This))) }
		all = append(all, proto.Set("valueOf", value), proto.Set("toNumber", value), proto.Set("toInt", value))
	}
	return errors.Join(all...)
}

func (r *run) unwrap(v goja.Value) any {
	if o, ok := v.(*goja.Object); ok {
		if w, ok := r.reveal(o).(*wrapped); ok {
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
	return r.vm.ToValue(show(v))
}

// sameAs compares by value; of an id its text will do.
func (r *run) sameAs(v any, other goja.Value) bool {
	if o, ok := other.(*goja.Object); ok {
		if w, ok := r.reveal(o).(*wrapped); ok {
			return typeName(v) == typeName(w.value) && show(v) == show(w.value)
		}
		return false
	}
	return other.String() == show(v)
}

// show gives a value as text.
func show(v any) string {
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
