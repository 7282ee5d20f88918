package model

import (
	"context"
	"errors"
	"fmt"
)

// FaultKind says what went wrong in terms of what a person can do about it; a screen picks the place by it, a command the exit code.
type FaultKind string

// The kinds.
const (
	Failed      FaultKind = "failed"      // the service or the database refused for another reason
	BadInput    FaultKind = "bad input"   // what was typed does not fit; Place says where
	SignedOut   FaultKind = "signed out"  // nobody is signed in, or the service ended the session
	Conflicting FaultKind = "conflict"    // somebody else changed it meanwhile
	Denied      FaultKind = "not allowed" // a rule is missing
	Unreachable FaultKind = "unreachable" // the service or the database does not answer
	Throttled   FaultKind = "throttled"   // too many failures; wait
	BadLogin    FaultKind = "bad login"   // the credentials are wrong
	Taken       FaultKind = "taken"       // the credentials are right, but what they prove is another account's
)

// Fault is an error a person can act on: what was attempted, what happened, what to do.
type Fault struct {
	Kind  FaultKind
	Op    string // what was attempted, such as "save favoriteColor"
	What  string // what happened, in one sentence without the operation
	Do    string // what to do about it; may be empty
	Place string // with BadInput: "line 3, field address.zip"; may be empty
	Code  string // the service's error_code, when it sent one
	Err   error  // the cause; may be nil
}

// Error gives the whole sentence.
func (f *Fault) Error() string {
	s := f.What
	if f.Place != "" {
		s = f.Place + ": " + s
	}
	if f.Op != "" {
		s = f.Op + ": " + s
	}
	if f.Do != "" {
		s += "; " + f.Do
	}
	return s
}

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.Err }

// AsFault turns any error into a fault: a fault stays what it is, a passed deadline is Unreachable, everything else is Failed. nil stays nil.
func AsFault(op string, err error) *Fault {
	if err == nil {
		return nil
	}
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &Fault{Kind: Unreachable, Op: op, What: "no answer in time", Do: "try again, or check the service", Err: err}
	}
	return &Fault{Kind: Failed, Op: op, What: err.Error(), Err: err}
}

// KindOfFault returns the kind of the fault inside err, Failed for any other error, and "" for nil.
func KindOfFault(err error) FaultKind {
	if f := AsFault("", err); f != nil {
		return f.Kind
	}
	return ""
}

// Unconfirmed is what a refused sign-in means right after the same e-mail address was registered with the same password. The service does not tell.
func Unconfirmed(err error) *Fault {
	return &Fault{
		Kind: BadLogin, Op: "sign in", What: "the account was made, but its address may have to be confirmed first",
		Do: "follow the link in its mail, then sign in", Err: err,
	}
}

// Inputf makes a BadInput fault with a place.
func Inputf(place, format string, args ...any) *Fault {
	return &Fault{Kind: BadInput, Place: place, What: fmt.Sprintf(format, args...)}
}
