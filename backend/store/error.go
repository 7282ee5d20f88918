package store

import "errors"

// Kind classifies a failure by its cause.
type Kind string

// Kinds of failures.
const (
	Unreachable    Kind = "unreachable"     // no reply in time, or no primary
	BadCredentials Kind = "bad credentials" // the connection string's user or password is refused
	TLS            Kind = "tls"             // TLS handshake or certificate failure
	Duplicate      Kind = "duplicate"       // a unique index already has the key
	Busy           Kind = "busy"            // conflict with another operation: nothing was done, a retry may succeed
	NotPermitted   Kind = "not permitted"   // the connection string's user lacks a role
	BadQuery       Kind = "bad query"       // invalid filter, update, document or connection string
	Unsupported    Kind = "unsupported"     // the deployment lacks the feature
	Other          Kind = "other"
)

// Error is a failure of the database or of the connection to it.
type Error struct {
	Kind    Kind
	Code    int    // the server's error code; 0 if it sent none
	Message string // one sentence for display, without driver dumps and passwords
	Err     error  // the cause; may be nil
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of the *Error in err, Other for any other error, and "" for nil.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Other
}
