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
	Location string // file and line, such as functions/pay.js:3; the file alone where the line is not known
	err      error
}

// Error gives what the client is told.
func (f *Failure) Error() string { return f.err.Error() }

// Unwrap gives the *api.Error.
func (f *Failure) Unwrap() error { return f.err }

// Location says in which file and line a function failed; "": the error does not say.
func Location(err error) string {
	var f *Failure
	if errors.As(err, &f) {
		return f.Location
	}
	return ""
}

// Purpose is what a function was asked for; the log says it.
type Purpose string

// Of what a function throws that was asked for Proof the log has the kind only: the text may quote the password that it was given.
const (
	ForCall         Purpose = "call"
	ForRule         Purpose = "rule"
	ForUserCreation Purpose = "user creation"
	ForCredentials  Purpose = "proof"
)

const maxLoggedText = 500 // characters of an error's text in the log

// builtInErrorNames are the names of errors that the language itself has: no other name is told where a text may not be.
var builtInErrorNames = strings.Fields("Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError GoError")

// LogFailure writes into the log that a function failed; nil, and a caller who went away, are no failures.
func (f *Functions) LogFailure(ctx context.Context, caller rules.Caller, name string, purpose Purpose, err error) {
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
		if failure.Name != "" && (purpose != ForCredentials || slices.Contains(builtInErrorNames, failure.Name)) {
			attrs = append(attrs, slog.String("name", failure.Name))
		}
		attrs = append(attrs, slog.String("at", failure.Location))
	}
	text, thrown := err.Error(), true
	var told *api.Error
	if errors.As(err, &told) {
		attrs = append(attrs, slog.String("error_code", told.Code))
		text, thrown = told.Message, told.Code == api.CodeFunctionExecutionError || told.Code == api.CodeFunctionNotFound
	}
	if purpose != ForCredentials || !thrown {
		attrs = append(attrs, slog.String("error", truncate(text, maxLoggedText)))
	}
	f.options.Log.LogAttrs(ctx, slog.LevelWarn, "function failed", append(attrs, slog.String("app", f.app.ID))...)
}

// withLocation adds to an error for the client where it happened: what a function that this one calls said of itself, else what v, the
// value that was thrown, and the frames of the stack say.
func (r *run) withLocation(err error, v goja.Value, stack []goja.StackFrame) error {
	var told *api.Error
	if !errors.As(err, &told) {
		return err
	}
	out := &Failure{Function: r.fn.Name, Location: r.location(stack), err: err}
	if o, ok := v.(*goja.Object); ok {
		_ = r.try(func() {
			if c, is := r.hiddenValue(o).(*goError); is && errors.As(c.err, new(*Failure)) {
				var inner *Failure
				errors.As(c.err, &inner)
				out.Function, out.Name, out.Location = inner.Function, inner.Name, inner.Location
				return
			}
			if !r.vm.InstanceOf(o, r.errorConstructor) {
				return
			}
			out.Name = truncate(o.Get("name").String(), maxName)
			if at := r.locationInText(o.Get("stack")); at != "" {
				out.Location = at
			}
		})
	}
	if out.Location == "" {
		out.Location = r.fn.File
	}
	return out
}

const maxName = 100 // characters of an error's name in the log

// location finds the first frame that is in the application's own files.
func (r *run) location(stack []goja.StackFrame) string {
	for i := range stack {
		if at := stack[i].Position(); r.isApplicationFile(stack[i].SrcName()) {
			return r.locationOf(stack[i].SrcName(), strconv.Itoa(at.Line))
		}
	}
	return ""
}

// stackFrame is a line of what an error keeps of its stack.
var stackFrame = regexp.MustCompile(`(?m)^\tat (?:.* \()?(functions/[^\n:]*):(\d+):\d+\(\d+\)\)?$`)

// locationInText finds the same in an error's stack as text. The function can have written anything there.
func (r *run) locationInText(stack goja.Value) string {
	if stack == nil {
		return ""
	}
	for _, m := range stackFrame.FindAllStringSubmatch(stack.String(), -1) {
		if r.isApplicationFile(m[1]) && len(m[2]) < 8 {
			return r.locationOf(m[1], m[2])
		}
	}
	return ""
}

// isApplicationFile tells whether a program's name is that of a file of the application.
func (r *run) isApplicationFile(program string) bool {
	return r.functions.sourceFiles[program] != "" || strings.HasPrefix(program, path.Join(moduleRoot, nodeModules)+"/")
}

// locationOf gives the file of a program, and a line in it.
func (r *run) locationOf(program, line string) string {
	if file := r.functions.sourceFiles[program]; file != "" {
		program = file
	}
	return program + ":" + line
}

func truncate(text string, most int) string {
	if characters := []rune(text); len(characters) > most {
		return string(characters[:most]) + "…"
	}
	return text
}
