package functions

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/rules"
)

// run is one call of one function in a runtime of its own.
type run struct {
	functions    *Functions
	ctx          context.Context
	fn           *app.Function
	caller       rules.Caller
	depth        int
	vm           *goja.Runtime
	consoleLines int // of console output so far
	timers       timers

	hiddenKey    *goja.Symbol // under which objects keep their Go value
	savedError   *goja.Object // see errorConstructor
	types        bsonTypes
	riskyLimited bool // riskyBuiltinLimits is installed
}

// outcome is the result of a function.
type outcome struct {
	run     *run
	value   goja.Value
	promise bool // the function returned or rejected a promise
}

// callFunction runs a function to its end. The outcome has promise set also with an error.
func (f *Functions) callFunction(
	ctx context.Context, caller rules.Caller, name string, args []bson.RawValue, depth int,
) (outcome, error) {
	fn := f.app.Functions[name]
	if fn == nil {
		return outcome{}, notFound(name)
	}
	if depth >= maxDepth {
		return outcome{}, api.Errorf(http.StatusBadRequest, api.CodeFunctionExecutionError,
			"functions call each other deeper than %d", maxDepth)
	}
	ctx = context.WithValue(ctx, depthKey{}, depth)
	caller, err := f.runAsCaller(ctx, caller, fn, args, depth)
	if err != nil {
		return outcome{}, err
	}
	return f.newRun(ctx, caller, fn, depth).outcome(f.programs[name](), args)
}

func (f *Functions) newRun(ctx context.Context, caller rules.Caller, fn *app.Function, depth int) *run {
	logged := false
	caller.Call = func(name string, args []any) (any, error) {
		v, err := f.Evaluate(ctx, caller, name, args)
		if err != nil && !logged { // the function sees a denial; one log entry a call is enough
			logged = true
			f.LogFailure(ctx, caller, name, ForRule, err)
		}
		return v, err
	}
	return &run{functions: f, ctx: ctx, fn: fn, caller: caller, depth: depth, vm: goja.New()}
}

// outcome runs a program to its end.
func (r *run) outcome(p program, args []bson.RawValue) (outcome, error) {
	if p.err != nil {
		return outcome{}, r.withLocation(api.Errorf(http.StatusBadRequest, api.CodeFunctionSyntaxError, "%s", p.err), nil,
			nil)
	}
	stop := context.AfterFunc(r.ctx, func() { r.vm.Interrupt(context.Cause(r.ctx)) })
	defer stop()
	value, promise, err := r.evaluate(p, args)
	if err != nil {
		return outcome{promise: promise}, r.clientError(err)
	}
	return outcome{run: r, value: value, promise: promise}, nil
}

// evaluate loads the program, which assigns its function to exports, and calls it. Promise jobs run when the runtime
// returns to Go, timers after that; all of it belongs to the call.
func (r *run) evaluate(p program, args []bson.RawValue) (v goja.Value, promise bool, err error) {
	if err := r.prepareRuntime(p); err != nil {
		return nil, false, err
	}
	if _, err := r.vm.RunProgram(p.code); err != nil {
		return nil, false, err
	}
	fn, ok := goja.AssertFunction(r.exportedFunction())
	if !ok {
		return nil, false, r.executionError("the function %q does not export a function", r.fn.Name)
	}
	values, err := r.decodeAll(args)
	if err != nil {
		return nil, false, err
	}
	value, err := fn(goja.Undefined(), values...)
	if err != nil {
		return nil, false, err
	}
	return r.awaitPromise(value)
}

func (r *run) executionError(format string, args ...any) error {
	return api.Errorf(http.StatusBadRequest, api.CodeFunctionExecutionError, format, args...)
}

// exportedFunction returns the function in exports or module.exports.
func (r *run) exportedFunction() goja.Value {
	v := r.vm.Get("exports")
	if _, ok := goja.AssertFunction(v); ok {
		return v
	}
	if module, ok := r.vm.Get("module").(*goja.Object); ok {
		return module.Get("exports")
	}
	return v
}

// awaitPromise runs timers until the promise is settled: nothing else can settle it.
func (r *run) awaitPromise(value goja.Value) (v goja.Value, promise bool, err error) {
	if r.ctx.Err() != nil {
		return nil, false, context.Cause(r.ctx)
	}
	p, ok := exportAs[*goja.Promise](value)
	if !ok {
		return value, false, nil
	}
	for p.State() == goja.PromiseStatePending && r.timers.any() {
		if err := r.timers.runNext(r.ctx); err != nil {
			return nil, true, err
		}
	}
	switch {
	case r.ctx.Err() != nil:
		return nil, true, context.Cause(r.ctx)
	case p.State() == goja.PromiseStateFulfilled:
		return p.Result(), true, nil
	case p.State() == goja.PromiseStateRejected:
		return nil, true, &rejectedPromise{value: p.Result()}
	}
	return nil, true, r.executionError("the function %q returned a promise that never settles", r.fn.Name)
}

// rejectedPromise is the value with which a function's promise was rejected.
type rejectedPromise struct{ value goja.Value }

func (r *rejectedPromise) Error() string { return "the function's promise was rejected" }

// prepareRuntime installs the limits and the globals that a program can use.
func (r *run) prepareRuntime(p program) error {
	vm := r.vm
	vm.SetMaxCallStackSize(maxStack)
	vm.SetParserOptions(parser.WithDisableSourceMaps)
	vm.SetTimeSource(r.functions.options.Now)
	r.hiddenKey = goja.NewSymbol("bson")
	r.types.cache = map[string]bsonType{}
	if p.reach.uses("Error") {
		r.errorConstructor()
	}
	if p.reach.uses("Date") {
		r.dateConstructor()
	}
	if _, err := vm.RunProgram(p.limits); err != nil {
		return err
	}
	if p.reach.risky {
		if err := r.limitRisky(); err != nil {
			return err
		}
	}
	module, exports := vm.NewObject(), vm.NewObject()
	return errors.Join(module.Set("exports", exports), vm.Set("exports", exports), vm.Set("module", module),
		r.defineGlobals(p.reach))
}

// defineGlobals defines the globals that a program can use.
func (r *run) defineGlobals(can reach) error {
	var err error
	for _, g := range []struct {
		name   string
		create func() goja.Value
	}{
		{"global", func() goja.Value { return r.vm.GlobalObject() }}, {"BSON", r.bson}, {"EJSON", r.ejson},
		{"console", r.console}, {"context", r.context}, {"utils", r.utils},
	} {
		if can.uses(g.name) {
			err = errors.Join(err, r.vm.Set(g.name, g.create()))
		}
	}
	if can.uses("parse") {
		err = errors.Join(err, r.limitJSONParse())
	}
	if can.usesAny(timerNames...) {
		err = errors.Join(err, r.defineTimers())
	}
	if can.usesAny("atob", "btoa") {
		err = errors.Join(err, r.defineBase64())
	}
	if can.all { // require and the names of the modules are risky
		err = errors.Join(err, r.defineModules())
	}
	return err
}

// errorConstructor returns the constructor Error as it was before the function could change it.
func (r *run) errorConstructor() *goja.Object { return r.builtin(&r.savedError, "Error") }

// dateConstructor returns the constructor Date as it was before the function could change it.
func (r *run) dateConstructor() *goja.Object { return r.builtin(&r.types.date, "Date") }

// builtin returns a built-in constructor, and saves it when it is first needed: a function that could change it has its
// name in its source, and then it was saved before the function ran.
func (r *run) builtin(saved **goja.Object, name string) *goja.Object {
	if *saved == nil {
		*saved = r.vm.Get(name).ToObject(r.vm)
	}
	return *saved
}

// limitRisky installs riskyBuiltinLimits, once.
func (r *run) limitRisky() error {
	if r.riskyLimited {
		return nil
	}
	r.riskyLimited = true
	_, err := r.vm.RunProgram(r.functions.riskyLimitsProgram())
	return err
}

// result encodes the function's return value.
func (o outcome) result() (bson.RawValue, error) {
	var out bson.RawValue
	err := o.run.runGuarded(func() error {
		v, err := o.run.encode(o.value, forResult)
		if err != nil {
			return o.run.executionError("the function's result cannot be sent: %s", err)
		}
		encoded, err := api.RawValue(v)
		if err != nil {
			return o.run.executionError("the function's result cannot be sent: %s", err)
		}
		if len(encoded.Value) > maxResult {
			return o.run.executionError("the function's result has %d bytes, more than %d", len(encoded.Value), maxResult)
		}
		out = encoded
		return nil
	})
	return out, err
}

// runGuarded runs Go code that may run JavaScript, such as getters, and returns what that throws as an error.
func (r *run) runGuarded(f func() error) error {
	stop := context.AfterFunc(r.ctx, func() { r.vm.Interrupt(context.Cause(r.ctx)) })
	defer stop()
	var err error
	if thrown := r.try(func() { err = f() }); thrown != nil {
		return r.clientError(thrown)
	}
	return err
}

// try runs Go code that may run JavaScript and returns what that throws, or the interruption.
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
