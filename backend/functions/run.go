package functions

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"

	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/rules"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// run is one call of one function in a runtime of its own.
type run struct {
	all    *Functions
	ctx    context.Context
	fn     *app.Function
	caller rules.Caller
	depth  int
	vm     *goja.Runtime
	lines  int // of console output so far

	hidden *goja.Symbol // where objects keep what they were made of
	errors *goja.Object // the constructor Error, as it was before the function could change it
	types  bsonTypes
}

// outcome is what a function returned.
type outcome struct {
	run     *run
	value   goja.Value
	promise bool // it came through a promise
}

// start runs a function to its end. args makes its arguments in the new runtime.
func (f *Functions) start(ctx context.Context, caller rules.Caller, name string, args func(*run) ([]goja.Value, error), depth int) (*outcome, error) {
	fn := f.app.Functions[name]
	if fn == nil {
		return nil, notFound(name)
	}
	if depth >= maxDepth {
		return nil, api.Errorf(http.StatusBadRequest, api.CodeFunctionExecutionError, "functions call each other deeper than %d", maxDepth)
	}
	p := f.ready[name]
	if p.err != nil {
		return nil, api.Errorf(http.StatusBadRequest, api.CodeFunctionSyntaxError, "%s", p.err)
	}
	caller.System = caller.System || fn.RunAsSystem
	ctx = context.WithValue(ctx, depthKey{}, depth)
	caller.Call = func(name string, args []any) (any, error) { return f.Evaluate(ctx, caller, name, args) }
	r := &run{all: f, ctx: ctx, fn: fn, caller: caller, depth: depth, vm: goja.New()}
	stop := context.AfterFunc(ctx, func() { r.vm.Interrupt(context.Cause(ctx)) })
	defer stop()
	out, err := r.evaluate(p.code, args)
	if err != nil {
		return nil, r.explain(err)
	}
	return out, nil
}

// evaluate loads the program, which assigns its function to exports, and calls it. Promise jobs run when the runtime is
// left, that is within the call.
func (r *run) evaluate(code *goja.Program, args func(*run) ([]goja.Value, error)) (*outcome, error) {
	if err := r.prepare(); err != nil {
		return nil, err
	}
	if _, err := r.vm.RunProgram(code); err != nil {
		return nil, err
	}
	fn, ok := goja.AssertFunction(r.exported())
	if !ok {
		return nil, r.failure("the function %q exports no function", r.fn.Name)
	}
	values, err := args(r)
	if err != nil {
		return nil, err
	}
	value, err := fn(goja.Undefined(), values...)
	if err != nil {
		return nil, err
	}
	return r.settle(value)
}

func (r *run) failure(format string, args ...any) error {
	return api.Errorf(http.StatusBadRequest, api.CodeFunctionExecutionError, format, args...)
}

// exported finds the function in exports, or in module.exports.
func (r *run) exported() goja.Value {
	v := r.vm.Get("exports")
	if _, ok := goja.AssertFunction(v); ok {
		return v
	}
	if module, ok := r.vm.Get("module").(*goja.Object); ok {
		return module.Get("exports")
	}
	return v
}

func (r *run) settle(value goja.Value) (*outcome, error) {
	if r.ctx.Err() != nil {
		return nil, context.Cause(r.ctx)
	}
	p := promiseIn(value)
	if p == nil {
		return &outcome{run: r, value: value}, nil
	}
	switch p.State() {
	case goja.PromiseStateFulfilled:
		return &outcome{run: r, value: p.Result(), promise: true}, nil
	case goja.PromiseStateRejected:
		return nil, &rejection{value: p.Result()}
	}
	return nil, r.failure("the function %q waits for something that never happens", r.fn.Name)
}

// promiseIn gives the promise that a value is; nil where it is none. Export alone would run through everything else, and
// an array with a length but no items can claim more memory than there is.
func promiseIn(v goja.Value) *goja.Promise {
	o, ok := v.(*goja.Object)
	if !ok || o.ExportType() != reflect.TypeFor[*goja.Promise]() {
		return nil
	}
	p, _ := o.Export().(*goja.Promise)
	return p
}

// rejection is the value a function's promise was rejected with.
type rejection struct{ value goja.Value }

func (r *rejection) Error() string { return "the function's promise was rejected" }

// prepare gives the runtime its limits and its globals.
func (r *run) prepare() error {
	vm := r.vm
	vm.SetMaxCallStackSize(maxStack)
	vm.SetParserOptions(parser.WithDisableSourceMaps)
	vm.SetTimeSource(r.all.options.Now)
	if _, err := vm.RunProgram(r.all.bounds); err != nil {
		return err
	}
	r.hidden = goja.NewSymbol("bson")
	r.errors = vm.Get("Error").ToObject(vm)
	module := vm.NewObject()
	exports := vm.NewObject()
	return errors.Join(
		module.Set("exports", exports), vm.Set("exports", exports), vm.Set("module", module),
		vm.Set("require", func(name string) (goja.Value, error) {
			return nil, errors.New("require('" + name + "') is not supported: packages are not part of the service")
		}),
		r.defineTypes(), r.boundJSON(), r.defineEJSON(), r.defineConsole(), r.defineContext(),
	)
}

// result encodes what the function returned.
func (o *outcome) result() (bson.RawValue, error) {
	var out bson.RawValue
	err := o.run.guarded(func() error {
		v, err := o.run.encode(o.value, returned)
		if err != nil {
			return o.run.failure("the function's result cannot be sent: %s", err)
		}
		b, err := bson.Marshal(bson.D{{Key: "v", Value: v}})
		if err != nil {
			return o.run.failure("the function's result cannot be sent: %s", err)
		}
		if len(b) > maxResult {
			return o.run.failure("the function's result has %d bytes, more than %d", len(b), maxResult)
		}
		out = bson.Raw(b).Lookup("v")
		return nil
	})
	return out, err
}

// guarded runs Go code that may run JavaScript, such as getters: what they throw comes out as an error.
func (r *run) guarded(f func() error) error {
	stop := context.AfterFunc(r.ctx, func() { r.vm.Interrupt(context.Cause(r.ctx)) })
	defer stop()
	var err error
	if thrown := r.try(func() { err = f() }); thrown != nil {
		return r.explain(thrown)
	}
	return err
}

// try runs Go code that may run JavaScript and gives what that throws, or how it was interrupted.
func (r *run) try(f func()) (thrown error) {
	defer func() {
		if p := recover(); p != nil {
			err, ok := p.(error)
			if !ok {
				err = fmt.Errorf("%v", p)
			}
			thrown = err
		}
	}()
	if e := r.vm.Try(f); e != nil {
		return e
	}
	return nil
}
