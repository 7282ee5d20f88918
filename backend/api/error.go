package api

import (
	"fmt"
	"time"
)

// Error is an error response: `{"error": Message, "error_code": Code, "link": Link}` with its HTTP status.
// Empty Code and Link are omitted; SDKs fail on null there.
type Error struct {
	Status     int           // HTTP status
	Code       string        // one of the Code… constants; may be empty
	Message    string        // some SDKs compare it
	Link       string        // where to read more; may be empty
	RetryAfter time.Duration // sent as the header Retry-After in whole seconds; zero: not sent
	Err        error         // the cause, for the log only; never sent
}

// Error returns the message with code and status.
func (e *Error) Error() string {
	if e.Code == "" {
		return fmt.Sprintf("%s (%d)", e.Message, e.Status)
	}
	return fmt.Sprintf("%s (%d %s)", e.Message, e.Status, e.Code)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf returns an Error with a formatted message.
func Errorf(status int, code, format string, args ...any) *Error {
	return &Error{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}
