package functions

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/dop251/goja"
	"github.com/dop251/goja_nodejs/buffer"
	"github.com/dop251/goja_nodejs/require"
	"github.com/dop251/goja_nodejs/url"
	"github.com/dop251/goja_nodejs/util"
)

const (
	maxModule   = 4 << 20 // bytes of a file
	moduleRoot  = "functions"
	nodeModules = "node_modules"
)

// unsupportedNodeModules are Node's built-in modules that are not available here, so that require can report exactly
// that.
var unsupportedNodeModules = strings.Fields("assert async_hooks child_process cluster console constants " +
	"dgram diagnostics_channel dns domain " +
	"events fs http http2 https inspector module net os path perf_hooks process punycode querystring " +
	"readline repl stream string_decoder sys tls trace_events tty v8 vm wasi worker_threads zlib")

// modules returns the registry of require: the modules that the application ships, compiled once, and Node's buffer,
// crypto, timers, url and util.
func modules(shipped fs.FS) *require.Registry {
	r := require.NewRegistry(
		require.WithLoader(func(name string) ([]byte, error) { return loadModule(shipped, name) }),
		require.WithPathResolver(resolve),
	)
	for name, load := range map[string]require.ModuleLoader{"buffer": loadBuffer, "crypto": loadCrypto,
		"timers": loadTimers, "url": url.Require, "util": util.Require} {
		r.RegisterNativeModule(name, load)
		r.RegisterNativeModule(require.NodePrefix+name, load)
	}
	return r
}

// resolve joins paths. Source without a file, such as that of eval, resolves like the functions.
func resolve(base, name string) string {
	if base == "." || base == nodeModules {
		base = path.Join(moduleRoot, base)
	}
	return path.Join(base, name)
}

// loadModule reads a file below functions/. Other paths, directories and missing files do not exist for require.
func loadModule(shipped fs.FS, name string) ([]byte, error) {
	inside, ok := strings.CutPrefix(name, moduleRoot+"/")
	if !ok || shipped == nil || !fs.ValidPath(inside) {
		return nil, require.ModuleFileDoesNotExistError
	}
	info, err := fs.Stat(shipped, inside)
	if err != nil || !info.Mode().IsRegular() {
		return nil, require.ModuleFileDoesNotExistError
	}
	if info.Size() > maxModule {
		return nil, fmt.Errorf("%s has %d bytes, more than %d", name, info.Size(), maxModule)
	}
	text, err := fs.ReadFile(shipped, inside)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read", name)
	}
	if path.Base(name) == "package.json" {
		return addMain(text), nil
	}
	return text, nil
}

// addMain adds `main` to a package.json that has `exports` only, as newer packages do.
func addMain(text []byte) []byte {
	var manifest map[string]any
	if json.Unmarshal(text, &manifest) != nil || manifest["main"] != nil || manifest["exports"] == nil {
		return text
	}
	entry := manifest["exports"]
	if d, ok := entry.(map[string]any); ok && d["."] != nil {
		entry = d["."]
	}
	main := entryPoint(entry, 0)
	if main == "" {
		return text
	}
	manifest["main"] = main
	out, err := json.Marshal(manifest)
	if err != nil {
		return text
	}
	return out
}

// entryPoint returns the path for the conditions that apply here.
func entryPoint(v any, depth int) string {
	if text, ok := v.(string); ok {
		return text
	}
	d, _ := v.(map[string]any)
	for _, condition := range []string{"require", "node", "default"} {
		if d[condition] != nil && depth < maxDepth {
			return entryPoint(d[condition], depth+1)
		}
	}
	return ""
}

// defineModules defines require and the globals Buffer, URL and URLSearchParams.
func (r *run) defineModules() error {
	node := r.functions.modules.Enable(r.vm)
	err := r.vm.Set("require", func(call goja.FunctionCall) goja.Value {
		name := call.Argument(0).String()
		v, err := node.Require(name)
		if err != nil {
			panic(r.requireError(name, err))
		}
		return v
	})
	for global, module := range map[string]string{"Buffer": "buffer", "URL": "url", "URLSearchParams": "url"} {
		err = errors.Join(err, r.defineLazyGlobal(global, func() goja.Value {
			exports, err := node.Require(module)
			if err != nil {
				panic(r.jsError(err))
			}
			return exports.ToObject(r.vm).Get(global)
		}))
	}
	return err
}

// defineLazyGlobal defines a global that is created on first use.
func (r *run) defineLazyGlobal(name string, make func() goja.Value) error {
	global := r.vm.GlobalObject()
	keep := func(v goja.Value) goja.Value {
		_ = global.DefineDataProperty(name, v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
		return v
	}
	get := r.vm.ToValue(func(goja.FunctionCall) goja.Value { return keep(make()) })
	set := r.vm.ToValue(func(call goja.FunctionCall) goja.Value { return keep(call.Argument(0)) })
	return global.DefineAccessorProperty(name, get, set, goja.FLAG_TRUE, goja.FLAG_FALSE)
}

// requireError returns the error that require throws; programs check its code for missing modules.
func (r *run) requireError(name string, err error) any {
	var thrown *goja.Exception
	if errors.As(err, &thrown) {
		return thrown.Value()
	}
	call := fmt.Sprintf("require(%q)", name)
	// require may be called by a package
	if frames := r.vm.CaptureCallStack(2, nil); len(frames) > 1 && r.isApplicationFile(frames[1].SrcName()) {
		call += " in " + r.locationOf(frames[1].SrcName(), strconv.Itoa(frames[1].Position().Line))
	}
	text := fmt.Sprintf("%s: %v", call, err)
	unsupported := slices.Contains(unsupportedNodeModules, strings.TrimPrefix(strings.Split(name, "/")[0],
		require.NodePrefix))
	missing := errors.Is(err, require.InvalidModuleError) || errors.Is(err, require.NoSuchBuiltInModuleError)
	switch {
	case missing && unsupported:
		text = call + ": this Node.js module is not supported"
	case missing:
		text = call + ": module not found in functions/node_modules"
	}
	e, _ := r.jsError(errors.New(text)).(*goja.Object)
	if e != nil && missing {
		_ = e.Set("code", "MODULE_NOT_FOUND")
	}
	return e
}

// loadBuffer is Node's buffer with limited sizes.
func loadBuffer(vm *goja.Runtime, module *goja.Object) {
	buffer.Require(vm, module)
	constructor := module.Get("exports").ToObject(vm).Get("Buffer").ToObject(vm)
	bound := func(name string, size func(args []goja.Value) goja.Value) {
		original, ok := goja.AssertFunction(constructor.Get(name))
		if !ok {
			return
		}
		_ = constructor.Set(name, func(call goja.FunctionCall) goja.Value {
			if n := size(call.Arguments); n != nil && n.ToFloat() > maxItems {
				panic(vm.NewTypeError("Buffer.%s: more than %d is not allowed in a function", name, maxItems))
			}
			v, err := original(call.This, call.Arguments...)
			if err != nil {
				panic(err)
			}
			return v
		})
	}
	bound("alloc", func(args []goja.Value) goja.Value { return argument(args, 0) })
	bound("concat", func(args []goja.Value) goja.Value { return argument(args, 1) })
	bound("from", func(args []goja.Value) goja.Value {
		if o, ok := argument(args, 0).(*goja.Object); ok {
			return o.Get("length")
		}
		return nil
	})
	_ = constructor.Set("allocUnsafe", constructor.Get("alloc"))
	_ = constructor.Set("isBuffer", func(call goja.FunctionCall) goja.Value {
		return vm.ToValue(vm.InstanceOf(call.Argument(0), constructor))
	})
}

// loadTimers is Node's timers: the globals with the same names.
func loadTimers(vm *goja.Runtime, module *goja.Object) {
	exports := module.Get("exports").ToObject(vm)
	for _, name := range timerNames {
		_ = exports.Set(name, vm.Get(name))
	}
}
