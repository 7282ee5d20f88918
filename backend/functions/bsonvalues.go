package functions

import (
	"fmt"
	"math"
	"math/big"
	"reflect"
	"time"

	"github.com/dop251/goja"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// maxNesting is the deepest nesting of a value, as in MongoDB.
const maxNesting = 100

var lazyObjectType = reflect.TypeFor[*lazyObject]()

// original is the document or array from which an object was created. A number keeps the BSON type it had there while
// the function does not change it.
type original struct{ value any }

func (r *run) setHidden(o *goja.Object, what any) {
	_ = o.DefineDataPropertySymbol(r.hiddenKey, r.vm.ToValue(what), goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE)
}

func (r *run) hiddenValue(o *goja.Object) any {
	v := o.GetSymbol(r.hiddenKey)
	// the function found the symbol and set it
	if v == nil || v.ExportType() == nil || v.ExportType().Kind() != reflect.Pointer {
		return nil
	}
	return v.Export()
}

// exportAs returns the Go value of a JavaScript value if it is a T. Export alone would copy every other value, and an
// array with a length but no items can need more memory than there is.
func exportAs[T any](v goja.Value) (out T, ok bool) {
	if v.ExportType() == reflect.TypeFor[T]() {
		out, ok = v.Export().(T)
	}
	return out, ok
}

func (r *run) decodeAll(args []bson.RawValue) ([]goja.Value, error) {
	out := make([]goja.Value, len(args))
	for i, a := range args {
		v, err := r.decodeRaw(a)
		if err != nil {
			return nil, r.executionError("argument %d cannot be read: %s", i, err)
		}
		out[i] = v
	}
	return out, nil
}

// decodeRaw converts a BSON value to a JavaScript value.
func (r *run) decodeRaw(v bson.RawValue) (goja.Value, error) {
	if v.IsZero() {
		return goja.Undefined(), nil
	}
	b, err := bson.Marshal(bson.D{{Key: "v", Value: v}})
	if err != nil {
		return nil, err
	}
	var d bson.D
	if err := bson.Unmarshal(b, &d); err != nil {
		return nil, err
	}
	return r.decode(d[0].Value), nil
}

// decode converts a decoded BSON value to a JavaScript value: 32-bit integers and doubles to numbers, dates to Date;
// 64-bit integers and all other types to objects of BSON.
func (r *run) decode(v any) goja.Value {
	switch x := v.(type) {
	case nil:
		return goja.Null()
	case bson.Undefined:
		return goja.Undefined()
	case bool, string, int32, float64:
		return r.vm.ToValue(x)
	case bson.DateTime:
		return r.date(int64(x))
	case bson.D:
		o := r.vm.NewObject()
		for _, e := range x {
			_ = o.DefineDataProperty(e.Key, r.decode(e.Value), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE)
		}
		r.setHidden(o, &original{x})
		return o
	case bson.A:
		items := make([]any, len(x))
		for i, item := range x {
			items[i] = r.decode(item)
		}
		a := r.vm.NewArray(items...)
		r.setHidden(a, &original{x})
		return a
	}
	return r.wrap(v)
}

// date returns a Date, or a BSON value if the date is out of Date's range.
func (r *run) date(ms int64) goja.Value {
	const furthest = 8.64e15
	if math.Abs(float64(ms)) > furthest {
		return r.wrap(bson.DateTime(ms))
	}
	d, err := r.vm.New(r.dateConstructor(), r.vm.ToValue(ms))
	if err != nil {
		return r.wrap(bson.DateTime(ms))
	}
	return d
}

// encodeMode is the purpose of encoding a value.
type encodeMode int

const (
	forResult   encodeMode = iota // undefined stays undefined
	forDatabase                   // undefined becomes null: a missing key in a filter would match everything
)

// encode converts a JavaScript value to a decoded BSON value. It may run the function's own code (getters).
func (r *run) encode(v goja.Value, p encodeMode) (any, error) {
	return r.encodeAt(v, p, nil, 0)
}

func (r *run) encodeAt(v goja.Value, p encodeMode, previous any, depth int) (any, error) {
	if depth > maxNesting {
		return nil, fmt.Errorf("it is nested deeper than %d, or contains itself", maxNesting)
	}
	switch {
	case v == nil || goja.IsUndefined(v):
		if p == forDatabase {
			return nil, nil
		}
		return bson.Undefined{}, nil
	case goja.IsNull(v):
		return nil, nil
	}
	if o, ok := v.(*goja.Object); ok {
		return r.encodeObject(o, p, depth)
	}
	if _, ok := v.(*goja.Symbol); ok {
		return nil, fmt.Errorf("a symbol has no BSON type")
	}
	switch x := v.Export().(type) {
	case bool, string:
		return x, nil
	case int64:
		return number(float64(x), x, previous), nil
	case float64:
		return number(x, int64(x), previous), nil
	case *big.Int:
		if x.IsInt64() {
			return x.Int64(), nil
		}
		return nil, fmt.Errorf("the number %s does not fit 64 bits", x)
	}
	return nil, fmt.Errorf("%s has no BSON type", v)
}

// number returns a number with its BSON type: the original type if the value is unchanged, else the smallest that holds
// it.
func number(f float64, n int64, previous any) any {
	if d, ok := previous.(float64); ok && d == f {
		return d
	}
	whole := f == math.Trunc(f) && math.Abs(f) <= 1<<53 && !(f == 0 && math.Signbit(f))
	switch {
	case !whole:
		return f
	case n >= math.MinInt32 && n <= math.MaxInt32:
		return int32(n)
	}
	return n
}

func (r *run) encodeObject(o *goja.Object, p encodeMode, depth int) (any, error) {
	hidden := r.hiddenValue(o)
	if w, ok := hidden.(*wrapped); ok {
		return w.value, nil
	}
	if _, is := goja.AssertFunction(o); is {
		return nil, fmt.Errorf("a function has no BSON type")
	}
	var previous any
	if from, ok := hidden.(*original); ok {
		previous = from.value
	}
	switch o.ExportType() {
	case lazyObjectType:
		if c, ok := backingOf(o).(*cursor); ok {
			return c.toArray()
		}
	case reflect.TypeFor[map[string]any](): // the most frequent type; its Export would copy the object
	case reflect.TypeFor[*goja.Promise]():
		return nil, fmt.Errorf("a promise has no BSON type; await it")
	case reflect.TypeFor[time.Time](), reflect.TypeFor[goja.ArrayBuffer](), reflect.TypeFor[[]byte](),
		reflect.TypeFor[bool](), reflect.TypeFor[string](), reflect.TypeFor[int64](), reflect.TypeFor[float64]():
		return r.encodeBuiltIn(o, p, depth)
	}
	switch o.ClassName() {
	case "String":
		return o.String(), nil
	case "RegExp":
		return bson.Regex{Pattern: o.Get("source").String(), Options: flags(o.Get("flags").String())}, nil
	case "Array":
		return r.encodeArray(o, p, previous, depth)
	}
	return r.encodeFields(o, p, previous, depth)
}

// encodeBuiltIn encodes dates, bytes and wrapped primitives.
func (r *run) encodeBuiltIn(o *goja.Object, p encodeMode, depth int) (any, error) {
	switch x := o.Export().(type) {
	case time.Time:
		return bson.NewDateTimeFromTime(x), nil
	case goja.ArrayBuffer:
		return bson.Binary{Data: append([]byte{}, x.Bytes()...)}, nil
	case []byte:
		return bson.Binary{Data: append([]byte{}, x...)}, nil
	case bool, string, int64, float64:
		return r.encodeAt(r.vm.ToValue(x), p, nil, depth+1)
	}
	return nil, fmt.Errorf("%s has no BSON type", o)
}

func (r *run) encodeArray(o *goja.Object, p encodeMode, previous any, depth int) (any, error) {
	before, _ := previous.(bson.A)
	n := int(o.Get("length").ToInteger())
	if n > maxResult/2 {
		return nil, fmt.Errorf("an array of %d items is too long", n)
	}
	out := make(bson.A, 0, min(n, 1024))
	for i := range n {
		var old any
		if i < len(before) {
			old = before[i]
		}
		item, err := r.encodeAt(o.Get(fmt.Sprint(i)), p, old, depth+1)
		if err != nil {
			return nil, fmt.Errorf("[%d]: %w", i, err)
		}
		out = append(out, item)
	}
	return out, nil
}

func (r *run) encodeFields(o *goja.Object, p encodeMode, previous any, depth int) (any, error) {
	before, _ := previous.(bson.D)
	old := make(map[string]any, len(before))
	for _, e := range before {
		old[e.Key] = e.Value
	}
	keys := o.Keys()
	out := make(bson.D, 0, len(keys))
	for _, key := range keys {
		value, err := r.encodeAt(o.Get(key), p, old[key], depth+1)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		out = append(out, bson.E{Key: key, Value: value})
	}
	return out, nil
}

// flags returns the flags of a JavaScript regular expression that MongoDB supports, in MongoDB's order.
func flags(js string) string {
	out := ""
	for _, f := range "imsux" {
		for _, has := range js {
			if f == has && f != 'u' {
				out += string(f)
			}
		}
	}
	return out
}
