package functions

import (
	"context"
	"errors"
	"fmt"
	"net/http"

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
	timers timers

	hidden *goja.Symbol // where objects keep what they were made of
	errors *goja.Object // the constructor Error, as it was before the function could change it
	types  bsonTypes
	bound  bool // what few functions use is bounded too
}

// outcome is what a function returned.
type outcome struct {
	run     *run
	value   goja.Value
	promise bool // it came through a promise, or failed through one
}

// start runs a function to its end. The outcome tells whether an error came through a promise.
func (f *Functions) start(ctx context.Context, caller rules.Caller, name string, args []bson.RawValue, depth int) (outcome, error) {
	fn := f.app.Functions[name]
	if fn == nil {
		return outcome{}, notFound(name)
	}
	if depth >= maxDepth {
		return outcome{}, api.Errorf(http.StatusBadRequest, api.CodeFunctionExecutionError, "functions call each other deeper than %d", maxDepth)
	}
	ctx = context.WithValue(ctx, depthKey{}, depth)
	caller, err := f.as(ctx, caller, fn, args, depth)
	if err != nil {
		return outcome{}, err
	}
	return f.newRun(ctx, caller, fn, depth).outcome(f.ready[name], args)
}

func (f *Functions) newRun(ctx context.Context, caller rules.Caller, fn *app.Function, depth int) *run {
	told := false
	caller.Call = func(name string, args []any) (any, error) {
		v, err := f.Evaluate(ctx, caller, name, args)
		if err != nil && !told { // the function sees a denial; once a call is enough to find out why
			told = true
			f.Tell(ctx, caller, name, ForRule, err)
		}
		return v, err
	}
	return &run{all: f, ctx: ctx, fn: fn, caller: caller, depth: depth, vm: goja.New()}
}

// outcome runs a program to its end.
func (r *run) outcome(p program, args []bson.RawValue) (outcome, error) {
	if p.err != nil {
		return outcome{}, r.failed(api.Errorf(http.StatusBadRequest, api.CodeFunctionSyntaxError, "%s", p.err), nil, nil)
	}
	stop := context.AfterFunc(r.ctx, func() { r.vm.Interrupt(context.Cause(r.ctx)) })
	defer stop()
	value, promise, err := r.evaluate(p, args)
	if err != nil {
		return outcome{promise: promise}, r.explain(err)
	}
	return outcome{run: r, value: value, promise: promise}, nil
}

// evaluate loads the program, which assigns its function to exports, and calls it. Promise jobs run whenever the runtime
// is left, timers behind that, and all of it within the call.
func (r *run) evaluate(p program, args []bson.RawValue) (v goja.Value, promise bool, err error) {
	if err := r.prepare(p.risky); err != nil {
		return nil, false, err
	}
	if _, err := r.vm.RunProgram(p.code); err != nil {
		return nil, false, err
	}
	fn, ok := goja.AssertFunction(r.exported())
	if !ok {
		return nil, false, r.failure("the function %q exports no function", r.fn.Name)
	}
	values, err := r.decodeAll(args)
	if err != nil {
		return nil, false, err
	}
	value, err := fn(goja.Undefined(), values...)
	if err != nil {
		return nil, false, err
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

// settle waits for a promise: what is left to happen by itself are timers.
func (r *run) settle(value goja.Value) (v goja.Value, promise bool, err error) {
	if r.ctx.Err() != nil {
		return nil, false, context.Cause(r.ctx)
	}
	p, ok := exported[*goja.Promise](value)
	if !ok {
		return value, false, nil
	}
	for p.State() == goja.PromiseStatePending && r.timers.any() {
		if err := r.timers.fire(r.ctx); err != nil {
			return nil, true, err
		}
	}
	switch {
	case r.ctx.Err() != nil:
		return nil, true, context.Cause(r.ctx)
	case p.State() == goja.PromiseStateFulfilled:
		return p.Result(), true, nil
	case p.State() == goja.PromiseStateRejected:
		return nil, true, &rejection{value: p.Result()}
	}
	return nil, true, r.failure("the function %q waits for something that never happens", r.fn.Name)
}

// rejection is the value a function's promise was rejected with.
type rejection struct{ value goja.Value }

func (r *rejection) Error() string { return "the function's promise was rejected" }

// prepare gives the runtime its limits and its globals.
func (r *run) prepare(risky bool) error {
	vm := r.vm
	vm.SetMaxCallStackSize(maxStack)
	vm.SetParserOptions(parser.WithDisableSourceMaps)
	vm.SetTimeSource(r.all.options.Now)
	r.hidden = goja.NewSymbol("bson")
	r.errors = vm.Get("Error").ToObject(vm)
	r.types = bsonTypes{date: vm.Get("Date").ToObject(vm), made: map[string]bsonType{}}
	if _, err := vm.RunProgram(r.all.bounds); err != nil {
		return err
	}
	if risky {
		if err := r.boundRisky(); err != nil {
			return err
		}
	}
	module, exports := vm.NewObject(), vm.NewObject()
	return errors.Join(
		module.Set("exports", exports), vm.Set("exports", exports), vm.Set("module", module), vm.Set("global", vm.GlobalObject()),
		r.boundJSON(), vm.Set("BSON", r.bson()), vm.Set("EJSON", r.ejson()), vm.Set("console", r.console()), vm.Set("context", r.context()),
		vm.Set("utils", r.utils()), r.defineTimers(), r.defineText(), r.defineModules(),
	)
}

// boundRisky bounds what only some programs use, before they can.
func (r *run) boundRisky() error {
	if r.bound {
		return nil
	}
	r.bound = true
	_, err := r.vm.RunProgram(r.all.riskyBounds)
	return err
}

// result encodes what the function returned.
func (o outcome) result() (bson.RawValue, error) {
	var out bson.RawValue
	err := o.run.guarded(func() error {
		v, err := o.run.encode(o.value, returned)
		if err != nil {
			return o.run.failure("the function's result cannot be sent: %s", err)
		}
		encoded, err := api.RawValue(v)
		if err != nil {
			return o.run.failure("the function's result cannot be sent: %s", err)
		}
		if len(encoded.Value) > maxResult {
			return o.run.failure("the function's result has %d bytes, more than %d", len(encoded.Value), maxResult)
		}
		out = encoded
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
