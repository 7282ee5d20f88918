package functions

import (
	"context"
	"errors"
	"log/slog"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"dossier/backend/api"
	"dossier/backend/rules"

	"github.com/dop251/goja"
)

// Failure is an error of a function with what a client is not told: where it happened. It wraps the *api.Error.
type Failure struct {
	Function string // whose code it was: the one called, or one that it calls
	Name     string // of the JavaScript error, such as TypeError; empty: none
	Place    string // file and line, such as functions/pay.js:3; the file alone where the line is not known
	err      error
}

// Error gives what the client is told.
func (f *Failure) Error() string { return f.err.Error() }

// Unwrap gives the *api.Error.
func (f *Failure) Unwrap() error { return f.err }

// Place says in which file and line a function failed; "": the error does not say.
func Place(err error) string {
	var f *Failure
	if errors.As(err, &f) {
		return f.Place
	}
	return ""
}

// Purpose is what a function was asked for; the log says it.
type Purpose string

// Of what a function throws that was asked for Proof the log has the kind only: the text may quote the password that it was given.
const (
	ForCall     Purpose = "call"
	ForRule     Purpose = "rule"
	ForCreation Purpose = "user creation"
	ForProof    Purpose = "proof"
)

const maxTold = 500 // characters of an error's text in the log

// builtInNames are the names of errors that the language itself has: no other name is told where a text may not be.
var builtInNames = strings.Fields("Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError GoError")

// Tell writes into the log that a function failed; nil, and a caller who went away, are no failures.
func (f *Functions) Tell(ctx context.Context, caller rules.Caller, name string, purpose Purpose, err error) {
	if err == nil || errors.Is(err, context.Canceled) {
		return
	}
	attrs := []slog.Attr{slog.String("function", name), slog.String("for", string(purpose))}
	if caller.User.ID != "" {
		attrs = append(attrs, slog.String("user", caller.User.ID))
	}
	var failure *Failure
	if errors.As(err, &failure) {
		if failure.Function != name {
			attrs = append(attrs, slog.String("within", failure.Function))
		}
		if failure.Name != "" && (purpose != ForProof || slices.Contains(builtInNames, failure.Name)) {
			attrs = append(attrs, slog.String("name", failure.Name))
		}
		attrs = append(attrs, slog.String("at", failure.Place))
	}
	text, thrown := err.Error(), true
	var told *api.Error
	if errors.As(err, &told) {
		attrs = append(attrs, slog.String("error_code", told.Code))
		text, thrown = told.Message, told.Code == api.CodeFunctionExecutionError || told.Code == api.CodeFunctionNotFound
	}
	if purpose != ForProof || !thrown {
		attrs = append(attrs, slog.String("error", cut(text, maxTold)))
	}
	f.options.Log.LogAttrs(ctx, slog.LevelWarn, "function failed", append(attrs, slog.String("app", f.app.ID))...)
}

// failed adds to an error for the client where it happened: what a function that this one calls said of itself, else what v, the
// value that was thrown, and the frames of the stack say.
func (r *run) failed(err error, v goja.Value, stack []goja.StackFrame) error {
	var told *api.Error
	if !errors.As(err, &told) {
		return err
	}
	out := &Failure{Function: r.fn.Name, Place: r.place(stack), err: err}
	if o, ok := v.(*goja.Object); ok {
		_ = r.try(func() {
			if c, is := r.reveal(o).(*cause); is && errors.As(c.err, new(*Failure)) {
				var inner *Failure
				errors.As(c.err, &inner)
				out.Function, out.Name, out.Place = inner.Function, inner.Name, inner.Place
				return
			}
			if !r.vm.InstanceOf(o, r.errors) {
				return
			}
			out.Name = cut(o.Get("name").String(), maxName)
			if at := r.written(o.Get("stack")); at != "" {
				out.Place = at
			}
		})
	}
	if out.Place == "" {
		out.Place = r.fn.File
	}
	return out
}

const maxName = 100 // characters of an error's name in the log

// place finds the first frame that is in the application's own files.
func (r *run) place(stack []goja.StackFrame) string {
	for i := range stack {
		if at := stack[i].Position(); r.ours(stack[i].SrcName()) {
			return r.at(stack[i].SrcName(), strconv.Itoa(at.Line))
		}
	}
	return ""
}

// frame is a line of what an error keeps of its stack.
var frame = regexp.MustCompile(`(?m)^\tat (?:.* \()?(functions/[^\n:]*):(\d+):\d+\(\d+\)\)?$`)

// written finds the same in an error's stack as text. The function can have written anything there.
func (r *run) written(stack goja.Value) string {
	if stack == nil {
		return ""
	}
	for _, m := range frame.FindAllStringSubmatch(stack.String(), -1) {
		if r.ours(m[1]) && len(m[2]) < 8 {
			return r.at(m[1], m[2])
		}
	}
	return ""
}

// ours tells whether a program's name is that of a file of the application.
func (r *run) ours(program string) bool {
	return r.all.files[program] != "" || strings.HasPrefix(program, path.Join(moduleRoot, nodeModules)+"/")
}

// at gives the file of a program, and a line in it.
func (r *run) at(program, line string) string {
	if file := r.all.files[program]; file != "" {
		program = file
	}
	return program + ":" + line
}

func cut(text string, most int) string {
	if characters := []rune(text); len(characters) > most {
		return string(characters[:most]) + "…"
	}
	return text
}
