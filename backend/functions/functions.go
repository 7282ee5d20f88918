package functions

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/dlclark/regexp2/v2"
	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"
	"github.com/dop251/goja_nodejs/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/datasource"
	"dossier/backend/limiter"
	"dossier/backend/rules"
)

const (
	defaultDeadline = 30 * time.Second
	maxCalls        = 16       // at a time
	maxDepth        = 10       // nested calls of functions
	maxStack        = 2000     // nested JavaScript calls
	maxResult       = 16 << 20 // bytes that a function returns
	maxItems        = 16 << 20 // that a built-in operation creates
)

// Options configure Functions.
type Options struct {
	Now func() time.Time // the clock of Date; required
	Log *slog.Logger     // for console output; nil: discarded
	// CallerByUserID returns a user as a caller, for functions that run as another user; nil without an error: no such
	// user.
	CallerByUserID func(ctx context.Context, userID string) (*rules.Caller, error)
	Hosts          []string      // which context.http may call, as "name" or "name:port"; empty: none
	DomainID       string        // the application's internal id, visible to functions
	Deadline       time.Duration // for a call including nested ones; at most 30 s, which is also the default
}

// Functions are the compiled functions of an application. They are safe for concurrent use.
type Functions struct {
	app          *app.App
	sources      *datasource.Sources
	options      Options
	programs     map[string]func() program // compile at the first call
	runAsScripts map[string]func() program // that return the user id to run as
	sourceFiles  map[string]string         // of the application, by program name
	modules      *require.Registry
	hosts        hosts
	client       *http.Client // of context.http
	// run before functions with risky built-ins
	riskyLimitsProgram func() *goja.Program
	slots              *limiter.Limiter // of calls, without the nested ones
	maxGrowth          uint64           // of the heap during a call, in bytes
}

// program is a compiled function, or its compile error.
type program struct {
	code   *goja.Program
	reach  reach
	limits *goja.Program // runs before code
	err    error
}

// limitRegexps limits how long a backtracking regular expression (look-around, back-references) may run, which cannot
// be interrupted, to the longest time that a call may take. regexp2 copies the limit into each expression that it
// compiles; goja offers no way to set it for a runtime or an expression. So the default of that package is set once for
// the whole process, before New or Check compile anything.
var limitRegexps = sync.OnceFunc(func() { regexp2.DefaultMatchTimeout = defaultDeadline })

// New returns the functions of an application. Each is compiled when it is first called, so that a process that calls
// none starts faster; one that does not compile fails then.
func New(a *app.App, s *datasource.Sources, o Options) *Functions {
	limitRegexps()
	if o.Deadline <= 0 || o.Deadline > defaultDeadline {
		o.Deadline = defaultDeadline
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	f := &Functions{
		app: a, sources: s, options: o, programs: map[string]func() program{},
		runAsScripts: map[string]func() program{}, sourceFiles: map[string]string{}, modules: modules(a.Modules),
		hosts: o.Hosts, client: hosts(o.Hosts).newClient(),
		slots: limiter.New(limiter.Limits{Total: maxCalls}), maxGrowth: maxHeapGrowth,
	}
	f.riskyLimitsProgram = sync.OnceValue(func() *goja.Program {
		return goja.MustCompile("builtinlimits.js", riskyBuiltinLimits, true)
	})
	for name, fn := range a.Functions {
		program, script := "functions/"+name+".js", "functions/"+name+" run_as_user_id_script_source"
		f.programs[name] = compileOnce(program, fn.Source)
		f.sourceFiles[program], f.sourceFiles[script] = fn.File, script
		if fn.RunAsUserScript != "" {
			f.runAsScripts[name] = compileOnce(script, fn.RunAsUserScript)
		}
	}
	return f
}

// compileOnce returns a function that compiles a program at its first call. It is safe for concurrent use.
func compileOnce(name, source string) func() program {
	return sync.OnceValue(func() program { return compile(name, source) })
}

// compile never loads source maps: the comment that names one would make the parser open a file.
func compile(name, source string) program {
	tree, err := goja.Parse(name, source, parser.WithDisableSourceMaps)
	if err != nil {
		return program{err: err}
	}
	code, err := goja.CompileAST(tree, false)
	p := program{code: code, reach: reachOf(tree, riskyBuiltins().MatchString(source)), err: err}
	p.limits = goja.MustCompile("builtinlimits.js", limitsSource(p.reach), true)
	return p
}

// Call runs a function for a client and logs its failure. Private functions do not exist for clients. Errors for the
// client are *api.Error.
func (f *Functions) Call(
	ctx context.Context, caller rules.Caller, name string, args []bson.RawValue,
) (bson.RawValue, error) {
	fn := f.app.Functions[name]
	if fn == nil || fn.Private {
		return bson.RawValue{}, notFound(name)
	}
	caller.System = false
	caller.Values, caller.Environment = f.app.Values, f.app.Environment
	if !fn.CanEvaluate.Holds(caller) {
		return bson.RawValue{}, api.Errorf(http.StatusBadRequest, api.CodeFunctionExecutionError,
			"rule not matched for function %q", name)
	}
	out, err := f.run(ctx, caller, name, args)
	f.LogFailure(ctx, caller, name, ForCall, err)
	return out, err
}

// Run runs a function for the service itself, as system; private ones too. caller.User is the user concerned. The
// caller logs errors with LogFailure.
func (f *Functions) Run(
	ctx context.Context, caller rules.Caller, name string, args []bson.RawValue,
) (bson.RawValue, error) {
	if f.app.Functions[name] == nil {
		return bson.RawValue{}, notFound(name)
	}
	caller.System = true
	caller.Values, caller.Environment = f.app.Values, f.app.Environment
	return f.run(ctx, caller, name, args)
}

// Evaluate runs a function for a rule, with the caller's permissions unless the function runs as system; private ones
// too. Values are decoded BSON. It does not log errors. Inside a call it counts as a nested call.
func (f *Functions) Evaluate(ctx context.Context, caller rules.Caller, name string, args []any) (any, error) {
	values := make([]bson.RawValue, len(args))
	for i, a := range args {
		raw, err := api.RawValue(a)
		if err != nil {
			return nil, fmt.Errorf("write argument %d of the function %q: %w", i, name, err)
		}
		values[i] = raw
	}
	caller.Values, caller.Environment = f.app.Values, f.app.Environment
	v, err := f.run(ctx, caller, name, values)
	if err != nil {
		return nil, err
	}
	return rules.DecodeValue(v), nil
}

func notFound(name string) error {
	return api.Errorf(http.StatusBadRequest, api.CodeFunctionNotFound, "function not found: '%s'", name)
}

var (
	errDeadline = errors.New("execution time limit exceeded")
	errMemory   = errors.New("the function used too much memory")
)

// run waits for a slot, so that many calls do not exhaust the machine, and runs the function in it. A nested call uses
// the slot and the limits of the outer one.
func (f *Functions) run(
	ctx context.Context, caller rules.Caller, name string, args []bson.RawValue,
) (result bson.RawValue, err error) {
	defer func() {
		// goja panics where a built-in fails, or where a proxy throws unexpectedly.
		if p := recover(); p != nil {
			err = api.Errorf(http.StatusBadRequest, api.CodeFunctionExecutionError, "the function %q crashed the runtime: %v",
				name, p)
		}
	}()
	if depth, within := ctx.Value(depthKey{}).(int); within {
		return f.result(ctx, caller, name, args, depth+1)
	}
	ctx, stop := context.WithTimeoutCause(ctx, f.options.Deadline, errDeadline)
	defer stop()
	var slot limiter.Slots
	if slot.Acquire(ctx, f.slots, "") != nil {
		return bson.RawValue{}, f.stopError(ctx)
	}
	defer slot.Release()
	ctx, release := watchMemory(ctx, f.maxGrowth)
	defer release()
	return f.result(ctx, caller, name, args, 0)
}

func (f *Functions) result(
	ctx context.Context, caller rules.Caller, name string, args []bson.RawValue, depth int,
) (bson.RawValue, error) {
	out, err := f.callFunction(ctx, caller, name, args, depth)
	if err != nil {
		return bson.RawValue{}, err
	}
	return out.result()
}

// depthKey is the context key of the nesting depth of a call.
type depthKey struct{}

// stopError returns why a call ended before its function did.
func (f *Functions) stopError(ctx context.Context) error {
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errDeadline):
		return api.Errorf(http.StatusBadRequest, api.CodeExecutionTimeLimitExceeded, "execution time limit exceeded")
	case errors.Is(cause, errMemory):
		return api.Errorf(http.StatusBadRequest, api.CodeFunctionExecutionError, "%s", errMemory)
	default:
		return cause
	}
}
