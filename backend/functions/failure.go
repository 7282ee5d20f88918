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
	"sync"

	"github.com/dop251/goja"

	"dossier/backend/api"
	"dossier/backend/rules"
)

// Failure is the error of a function with details for the log: where it happened. It wraps the *api.Error.
type Failure struct {
	Function string // in whose code: the called function, or one that it calls
	Name     string // of the JavaScript error, such as TypeError; empty: none
	Location string // file and line, such as functions/pay.js:3; the file alone if the line is unknown
	err      error
}

// Error returns the text that the client receives.
func (f *Failure) Error() string { return f.err.Error() }

// Unwrap returns the *api.Error.
func (f *Failure) Unwrap() error { return f.err }

// Location returns the file and line in which a function failed; "": unknown.
func Location(err error) string {
	var f *Failure
	if errors.As(err, &f) {
		return f.Location
	}
	return ""
}

// Purpose is why a function runs; it is logged.
type Purpose string

// For ForCredentials the log omits the text of a thrown error: it may quote the password that the function received.
const (
	ForCall         Purpose = "call"
	ForRule         Purpose = "rule"
	ForUserCreation Purpose = "user creation"
	ForCredentials  Purpose = "authentication"
)

// maxLoggedText is how many characters of an error's text are logged.
const maxLoggedText = 500

// builtInErrorNames are the language's own error names. Where the text is omitted, other names are too.
var builtInErrorNames = strings.Fields("Error AggregateError EvalError RangeError ReferenceError SyntaxError " +
	"TypeError URIError GoError")

// LogFailure logs that a function failed. It ignores nil and context.Canceled (the caller has disconnected).
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
	var apiError *api.Error
	if errors.As(err, &apiError) {
		attrs = append(attrs, slog.String("error_code", apiError.Code))
		text, thrown = apiError.Message, apiError.Code == api.CodeFunctionExecutionError ||
			apiError.Code == api.CodeFunctionNotFound
	}
	if purpose != ForCredentials || !thrown {
		attrs = append(attrs, slog.String("error", truncate(text, maxLoggedText)))
	}
	f.options.Log.LogAttrs(ctx, slog.LevelWarn, "function failed", append(attrs, slog.String("app", f.app.ID))...)
}

// withLocation adds to an error for the client where it happened: the location of an inner function's failure, or that
// in the thrown value v, or in the stack.
func (r *run) withLocation(err error, v goja.Value, stack []goja.StackFrame) error {
	var apiError *api.Error
	if !errors.As(err, &apiError) {
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
			if !r.vm.InstanceOf(o, r.errorConstructor()) {
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

// maxName is how many characters of an error's name are logged.
const maxName = 100

// location returns the first stack frame in the application's files.
func (r *run) location(stack []goja.StackFrame) string {
	for i := range stack {
		if at := stack[i].Position(); r.isApplicationFile(stack[i].SrcName()) {
			return r.locationOf(stack[i].SrcName(), strconv.Itoa(at.Line))
		}
	}
	return ""
}

// stackFrame matches a line of an error's stack.
var stackFrame = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^\tat (?:.* \()?(functions/[^\n:]*):(\d+):\d+\(\d+\)\)?$`)
})

// locationInText returns the same from the text of an error's stack. The text is untrusted: the function can set it.
func (r *run) locationInText(stack goja.Value) string {
	if stack == nil {
		return ""
	}
	for _, m := range stackFrame().FindAllStringSubmatch(stack.String(), -1) {
		if r.isApplicationFile(m[1]) && len(m[2]) < 8 {
			return r.locationOf(m[1], m[2])
		}
	}
	return ""
}

// isApplicationFile reports whether a program is a file of the application.
func (r *run) isApplicationFile(program string) bool {
	return r.functions.sourceFiles[program] != "" || strings.HasPrefix(program, path.Join(moduleRoot, nodeModules)+"/")
}

// locationOf returns the file of a program with a line number.
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
