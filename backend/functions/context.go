package functions

import (
	"github.com/dop251/goja"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/app"
)

// context is the global context.
func (r *run) context() goja.Value {
	return r.newLazyObject(nil, app.ContextMembers(), func(name string) goja.Value {
		switch name {
		case "app":
			a := r.functions.app
			return r.decode(bson.D{{Key: "id", Value: r.functions.options.DomainID}, {Key: "clientAppId", Value: a.ID},
				{Key: "name", Value: a.Name}})
		case "environment":
			return r.environment()
		case "functions":
			return r.objectWithMethod("execute", r.execute)
		case "http":
			return r.http()
		case "request":
			return r.mustDecode(r.caller.Request)
		case "runningAsSystem":
			return r.vm.ToValue(func(goja.FunctionCall) goja.Value { return r.vm.ToValue(r.caller.System) })
		case "services":
			return r.objectWithMethod("get", r.service)
		case "user":
			return r.user()
		}
		return r.objectWithMethod("get", r.namedValue)
	})
}

// mustDecode returns the object of a document, empty if there is none.
func (r *run) mustDecode(raw bson.Raw) goja.Value {
	d, err := decodeDocument(raw)
	if err != nil {
		panic(r.jsError(err))
	}
	return r.decode(d)
}

// objectWithMethod returns an object with one method.
func (r *run) objectWithMethod(name string, method func(goja.FunctionCall) goja.Value) *goja.Object {
	o := r.vm.NewObject()
	_ = o.Set(name, method)
	return o
}

// user is the caller as functions see it (seed: Web SDK page, 'Example User Object'). A function that runs as system
// sees no data of the user, as in App Services.
func (r *run) user() goja.Value {
	u := r.caller.User
	data := u.Data
	if r.caller.System {
		data = nil
	}
	identities := make([]any, len(u.Identities))
	for i, id := range u.Identities {
		identities[i] = r.newObject("id", id.ID, "provider_type", id.ProviderType, "data", r.mustDecode(id.Data))
	}
	return r.newObject("id", u.ID, "type", u.Type, "data", r.mustDecode(data), "custom_data",
		r.mustDecode(r.caller.CustomData),
		"identities", r.vm.NewArray(identities...))
}

// newObject returns an object from alternating names and values.
func (r *run) newObject(pairs ...any) *goja.Object {
	o := r.vm.NewObject()
	for i := 0; i+1 < len(pairs); i += 2 {
		_ = o.Set(pairs[i].(string), pairs[i+1])
	}
	return o
}

func decodeDocument(raw bson.Raw) (bson.D, error) {
	d := bson.D{}
	if len(raw) == 0 {
		return d, nil
	}
	err := bson.Unmarshal(raw, &d)
	return d, err
}

func (r *run) namedValue(call goja.FunctionCall) goja.Value {
	v, ok := r.functions.app.Values[call.Argument(0).String()]
	if !ok {
		return goja.Undefined()
	}
	out, err := r.decodeRaw(v)
	if err != nil {
		panic(r.jsError(err))
	}
	return out
}

func (r *run) environment() goja.Value {
	e := r.functions.app.Environment
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

// execute runs another function of the application, private ones too, in a runtime of its own. If that function settles
// a promise, the result is a promise. A function called from one that runs as system runs as system.
func (r *run) execute(call goja.FunctionCall) goja.Value {
	args := make([]bson.RawValue, 0, len(call.Arguments))
	for _, a := range call.Arguments[min(1, len(call.Arguments)):] {
		v, err := r.encode(a, forResult)
		if err != nil {
			panic(r.vm.NewTypeError("context.functions.execute: " + err.Error()))
		}
		raw, err := api.RawValue(v)
		if err != nil {
			panic(r.jsError(err))
		}
		args = append(args, raw)
	}
	out, err := r.functions.callFunction(r.ctx, r.caller, call.Argument(0).String(), args, r.depth+1)
	var raw bson.RawValue
	if err == nil {
		raw, err = out.result()
	}
	var v goja.Value
	if err == nil {
		v, err = r.decodeRaw(raw)
	}
	switch {
	case out.promise:
		return r.promise(func() (goja.Value, error) { return v, err })
	case err != nil:
		panic(r.jsError(err))
	}
	return v
}
