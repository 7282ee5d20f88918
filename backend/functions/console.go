package functions

import (
	"errors"
	"strings"

	"github.com/dop251/goja"
)

const (
	maxLines = 50
	maxLine  = 1000 // characters
)

// defineConsole sends console output to the log, up to a number of lines a call.
func (r *run) defineConsole() error {
	console := r.vm.NewObject()
	var all []error
	for _, level := range []string{"log", "info", "warn", "error", "debug"} {
		all = append(all, console.Set(level, func(call goja.FunctionCall) goja.Value {
			r.print(level, call.Arguments)
			return goja.Undefined()
		}))
	}
	return errors.Join(append(all, r.vm.Set("console", console))...)
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
