package functions

import (
	"errors"

	"github.com/dop251/goja"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// defineContext gives functions the global context.
func (r *run) defineContext() error {
	user, err := r.user()
	if err != nil {
		return err
	}
	o := r.vm.NewObject()
	return errors.Join(
		o.Set("user", user),
		o.Set("services", r.object("get", r.service)),
		o.Set("functions", r.object("execute", r.execute)),
		o.Set("values", r.object("get", r.value)),
		o.Set("environment", r.environment()),
		o.Set("runningAsSystem", func() bool { return r.caller.System }),
		o.Set("http", r.network()),
		r.vm.Set("context", o),
	)
}

// object makes an object with one method.
func (r *run) object(name string, method func(goja.FunctionCall) goja.Value) *goja.Object {
	o := r.vm.NewObject()
	_ = o.Set(name, method)
	return o
}

// user is the caller as functions see them (seed: Web SDK page, 'Example User Object'). A function that runs as system
// sees no data of theirs, as on the hosted service.
func (r *run) user() (goja.Value, error) {
	u := r.caller.User
	data, err := document(u.Data)
	if err != nil {
		return nil, err
	}
	if r.caller.System {
		data = bson.D{}
	}
	custom, err := document(r.caller.CustomData)
	if err != nil {
		return nil, err
	}
	identities := bson.A{}
	for _, i := range u.Identities {
		own, err := document(i.Data)
		if err != nil {
			return nil, err
		}
		identities = append(identities, bson.D{{Key: "id", Value: i.ID}, {Key: "provider_type", Value: i.ProviderType}, {Key: "data", Value: own}})
	}
	return r.decode(bson.D{
		{Key: "id", Value: u.ID}, {Key: "type", Value: u.Type}, {Key: "data", Value: data},
		{Key: "custom_data", Value: custom}, {Key: "identities", Value: identities},
	}), nil
}

func document(raw bson.Raw) (bson.D, error) {
	d := bson.D{}
	if len(raw) == 0 {
		return d, nil
	}
	err := bson.Unmarshal(raw, &d)
	return d, err
}

func (r *run) value(call goja.FunctionCall) goja.Value {
	v, ok := r.all.app.Values[call.Argument(0).String()]
	if !ok {
		return goja.Undefined()
	}
	out, err := r.decodeRaw(v)
	if err != nil {
		panic(r.thrown(err))
	}
	return out
}

func (r *run) environment() goja.Value {
	e := r.all.app.Environment
	values := r.vm.NewObject()
	for name, v := range e.Values {
		if out, err := r.decodeRaw(v); err == nil {
			_ = values.Set(name, out)
		}
	}
	o := r.vm.NewObject()
	_ = o.Set("tag", e.Tag)
	_ = o.Set("values", values)
	return o
}

func (r *run) network() goja.Value {
	o := r.vm.NewObject()
	for _, method := range []string{"get", "post", "put", "patch", "delete", "head"} {
		_ = o.Set(method, func(goja.FunctionCall) goja.Value {
			panic(r.thrown(errors.New("context.http is not supported: functions have no network")))
		})
	}
	return o
}

// execute runs another function of the application, private ones too, in a runtime of its own. What it returns through
// a promise comes back as a promise. A function called by one that runs as system runs as system.
func (r *run) execute(call goja.FunctionCall) goja.Value {
	args := make([]bson.RawValue, 0, len(call.Arguments))
	for _, a := range call.Arguments[min(1, len(call.Arguments)):] {
		v, err := r.encode(a, returned)
		if err != nil {
			panic(r.vm.NewTypeError("context.functions.execute: " + err.Error()))
		}
		raw, err := rawValue(v)
		if err != nil {
			panic(r.thrown(err))
		}
		args = append(args, raw)
	}
	out, err := r.all.start(r.ctx, r.caller, call.Argument(0).String(), func(inner *run) ([]goja.Value, error) { return inner.decodeAll(args) }, r.depth+1)
	if err != nil {
		panic(r.thrown(err))
	}
	raw, err := out.result()
	if err != nil {
		panic(r.thrown(err))
	}
	v, err := r.decodeRaw(raw)
	if err != nil {
		panic(r.thrown(err))
	}
	if !out.promise {
		return v
	}
	promise, resolve, _ := r.vm.NewPromise()
	_ = resolve(v)
	return r.vm.ToValue(promise)
}

func rawValue(v any) (bson.RawValue, error) {
	b, err := bson.Marshal(bson.D{{Key: "v", Value: v}})
	if err != nil {
		return bson.RawValue{}, err
	}
	return bson.Raw(b).Lookup("v"), nil
}
