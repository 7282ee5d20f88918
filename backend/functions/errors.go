package functions

import (
	"encoding/json"
	"errors"
	"regexp"
	"sync"

	"github.com/dop251/goja"

	"dossier/backend/api"
	"dossier/backend/store"
)

// goError is the Go error behind a JavaScript error.
type goError struct{ err error }

// jsError returns a JavaScript error for a Go error; its message is the one that a client would receive.
func (r *run) jsError(err error) goja.Value {
	message := err.Error()
	var apiError *api.Error
	code := ""
	if errors.As(err, &apiError) {
		message, code = apiError.Message, apiError.Code
	}
	e, newErr := r.vm.New(r.errorConstructor(), r.vm.ToValue(message))
	if newErr != nil {
		return r.vm.ToValue(message)
	}
	if code != "" {
		err = errors.Join(err, e.Set("code", code))
	}
	r.setHidden(e, &goError{err})
	return e
}

// clientError converts the error of a function to the one that its caller receives: message and name of an Error, or
// any other thrown value as text.
func (r *run) clientError(err error) error {
	var (
		done        *api.Error
		rejected    *rejectedPromise
		thrown      *goja.Exception
		interrupted *goja.InterruptedError
		overflow    *goja.StackOverflowError
	)
	switch {
	case r.ctx.Err() != nil:
		var stack []goja.StackFrame
		if errors.As(err, &interrupted) {
			stack = interrupted.Stack()
		}
		return r.withLocation(r.functions.stopError(r.ctx), nil, stack)
	case errors.As(err, &rejected):
		return r.withLocation(r.uncaught(rejected.value), rejected.value, nil)
	case errors.As(err, &overflow):
		return r.withLocation(r.executionError(`{"message":"Maximum call stack size exceeded","name":"RangeError"}`), nil,
			overflow.Stack())
	case errors.As(err, &interrupted):
		return r.withLocation(r.executionError("the function was interrupted"), nil, interrupted.Stack())
	case errors.As(err, &thrown):
		return r.withLocation(r.uncaught(thrown.Value()), thrown.Value(), thrown.Stack())
	case errors.As(err, &done):
		return r.withLocation(err, nil, nil)
	}
	return r.withLocation(r.executionError("%s", err), nil, nil)
}

// uncaught converts a thrown value that the function did not catch. An unreachable database keeps its own error.
func (r *run) uncaught(v goja.Value) error {
	var down error
	text := ""
	o, _ := v.(*goja.Object)
	caught := r.try(func() {
		if o != nil {
			if c, ok := r.hiddenValue(o).(*goError); ok && store.KindOf(c.err) == store.Unreachable {
				down = c.err
			}
		}
		text = r.describe(v, o)
	})
	switch {
	case r.ctx.Err() != nil:
		return r.functions.stopError(r.ctx)
	case down != nil:
		return down
	case caught != nil:
		text = "the function threw a value that has no text form"
	}
	return r.executionError("%s", text)
}

// undefinedRead matches goja's error for reading a member of undefined; App Services, and tests of SDKs, use another
// text.
var undefinedRead = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^Cannot read property ('.*') of undefined(?: or null)?$`)
})

func (r *run) describe(v goja.Value, o *goja.Object) string {
	if o == nil {
		return v.String()
	}
	if r.vm.InstanceOf(o, r.errorConstructor()) {
		b, err := json.Marshal(struct {
			Message string `json:"message"`
			Name    string `json:"name"`
		}{undefinedRead().ReplaceAllString(o.Get("message").String(), "Cannot access member $1 of undefined or null"),
			o.Get("name").String()})
		if err == nil {
			return string(b)
		}
	}
	if out, err := r.encode(o, forResult); err == nil {
		if text, err := stringify(out, false); err == nil {
			return text
		}
	}
	return v.String()
}
