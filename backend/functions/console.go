package functions

import (
	"strings"

	"github.com/dop251/goja"
)

const (
	maxLines = 50
	maxLine  = 1000 // characters
)

// console sends output to the log, up to a number of lines a call.
func (r *run) console() goja.Value {
	return r.members(nil, []string{"log", "info", "warn", "error", "debug", "trace"}, func(level string) goja.Value {
		return r.vm.ToValue(func(call goja.FunctionCall) goja.Value {
			r.print(level, call.Arguments)
			return goja.Undefined()
		})
	})
}

func (r *run) print(level string, values []goja.Value) {
	r.lines++
	if r.lines > maxLines {
		if r.lines == maxLines+1 {
			r.all.options.Log.Warn("function output cut", "function", r.fn.Name, "user", r.caller.User.ID, "lines", maxLines)
		}
		return
	}
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = r.word(v)
	}
	text := []rune(strings.Join(words, " "))
	if len(text) > maxLine {
		text = append(text[:maxLine], '…')
	}
	r.all.options.Log.Info("function output", "function", r.fn.Name, "user", r.caller.User.ID, "level", level, "text", string(text))
}

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
