package functions

import (
	"log/slog"
	"strings"

	"github.com/dop251/goja"
)

const (
	maxConsoleLines = 50
	maxConsoleLine  = 1000 // characters
)

// console is the global console. It writes to the log, up to a number of lines in a call.
func (r *run) console() goja.Value {
	return r.newLazyObject(nil, []string{"log", "info", "warn", "error", "debug", "trace"},
		func(method string) goja.Value {
			return r.vm.ToValue(func(call goja.FunctionCall) goja.Value {
				r.print(method, call.Arguments)
				return goja.Undefined()
			})
		})
}

func (r *run) print(method string, values []goja.Value) {
	r.consoleLines++
	if r.consoleLines > maxConsoleLines {
		if r.consoleLines == maxConsoleLines+1 {
			r.functions.options.Log.Warn("function output truncated", "function", r.fn.Name, "user", r.caller.User.ID, "lines",
				maxConsoleLines, "app", r.functions.app.ID)
		}
		return
	}
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = r.consoleText(v)
	}
	r.functions.options.Log.Log(r.ctx, levels[method], "function output", "function", r.fn.Name, "user", r.caller.User.ID,
		"console", method, "text", truncate(strings.Join(texts, " "), maxConsoleLine), "app", r.functions.app.ID)
}

// levels are the log levels of the console's methods. debug is logged like log, so that its output is visible.
var levels = map[string]slog.Level{"warn": slog.LevelWarn, "error": slog.LevelError}

// consoleText formats a value as console.log does: strings unchanged, errors by their message, other values as JSON.
func (r *run) consoleText(v goja.Value) string {
	o, ok := v.(*goja.Object)
	if !ok || r.vm.InstanceOf(o, r.errorConstructor()) {
		return v.String()
	}
	if _, is := goja.AssertFunction(o); is {
		return "[function]"
	}
	return r.describe(v, o)
}
