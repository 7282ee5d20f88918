package functions

import (
	"log/slog"
	"strings"

	"github.com/dop251/goja"
)

const (
	maxLines = 50
	maxLine  = 1000 // characters
)

// console sends output to the log, up to a number of lines a call.
func (r *run) console() goja.Value {
	return r.members(nil, []string{"log", "info", "warn", "error", "debug", "trace"}, func(method string) goja.Value {
		return r.vm.ToValue(func(call goja.FunctionCall) goja.Value {
			r.print(method, call.Arguments)
			return goja.Undefined()
		})
	})
}

func (r *run) print(method string, values []goja.Value) {
	r.lines++
	if r.lines > maxLines {
		if r.lines == maxLines+1 {
			r.all.options.Log.Warn("function output cut", "function", r.fn.Name, "user", r.caller.User.ID, "lines", maxLines, "app", r.all.app.ID)
		}
		return
	}
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = r.word(v)
	}
	r.all.options.Log.Log(r.ctx, levels[method], "function output", "function", r.fn.Name, "user", r.caller.User.ID, "console", method, "text", cut(strings.Join(words, " "), maxLine), "app", r.all.app.ID)
}

// levels are those of the log by the console's methods. What is debugged is told like the rest: whoever writes it wants to see it.
var levels = map[string]slog.Level{"warn": slog.LevelWarn, "error": slog.LevelError}

// word shows a value as console.log would: texts as they are, errors by their message, the rest as JSON.
func (r *run) word(v goja.Value) string {
	o, ok := v.(*goja.Object)
	if !ok || r.vm.InstanceOf(o, r.errors) {
		return v.String()
	}
	if _, is := goja.AssertFunction(o); is {
		return "[function]"
	}
	return r.describe(v, o)
}
