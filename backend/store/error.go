package store

import "errors"

// Kind says what went wrong in terms of who can do something about it.
type Kind string

// The kinds.
const (
	Unreachable    Kind = "unreachable"     // nobody answers, or not in time; or the deployment has no primary now
	BadCredentials Kind = "bad credentials" // the connection string's user or password is refused
	TLS            Kind = "tls"             // the two sides do not agree on encryption, or a certificate is refused
	Duplicate      Kind = "duplicate"       // a unique index holds the value already
	Busy           Kind = "busy"            // another change was in the way: nothing was done, and the same call may succeed
	NotPermitted   Kind = "not permitted"   // the connection string's user lacks a role
	BadQuery       Kind = "bad query"       // the filter, the update, the document or the connection string cannot be understood
	Unsupported    Kind = "unsupported"     // this deployment cannot do that
	Other          Kind = "other"
)

// Error is a failure of the database or of the way to it.
type Error struct {
	Kind    Kind
	Code    int    // the server's code; 0 when it sent none
	Message string // one sentence for a person; never the driver's dump, never a password
	Err     error  // the cause; nil when there is none
}

// Error gives the sentence.
func (e *Error) Error() string { return e.Message }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of the store's error inside err, Other for any other error, and "" for nil.
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
