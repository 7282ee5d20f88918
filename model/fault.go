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
	Failed             FaultKind = "failed"      // the service or the database refused for another reason
	InvalidInput       FaultKind = "bad input"   // what was typed does not fit; Place says where
	SignedOut          FaultKind = "signed out"  // nobody is signed in, or the service ended the session
	Conflicting        FaultKind = "conflict"    // somebody else changed it meanwhile
	PermissionDenied   FaultKind = "not allowed" // a rule is missing
	Unreachable        FaultKind = "unreachable" // the service or the database does not answer
	Throttled          FaultKind = "throttled"   // too many failures; wait
	InvalidCredentials FaultKind = "bad login"   // the credentials are wrong
	IdentityTaken      FaultKind = "taken"       // the credentials are right, but what they prove is another account's
)

// Fault is an error that a user can act on. Its text is "Op: Location: Message; Advice", parts that are empty left out.
type Fault struct {
	Kind     FaultKind
	Op       string // what was attempted, such as "save favoriteColor"
	Message  string // what was found, without Op and Location
	Advice   string // what to do about it; may be empty
	Location string // with InvalidInput: "line 3, field address.zip", a flag or an argument; may be empty
	Line     int    // of the input that Location names, from 1; 0: unknown
	Column   int    // in that line, in characters from 1; 0: unknown
	Code     string // error_code of the service's response; may be empty
	Err      error  // the cause; may be nil
}

// Error gives the whole sentence.
func (f *Fault) Error() string {
	s := f.Message
	if f.Location != "" {
		s = f.Location + ": " + s
	}
	if f.Op != "" {
		s = f.Op + ": " + s
	}
	if f.Advice != "" {
		s += "; " + f.Advice
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
		return &Fault{Kind: Unreachable, Op: op, Message: "no answer in time", Advice: "try again, or check the service", Err: err}
	}
	return &Fault{Kind: Failed, Op: op, Message: err.Error(), Err: err}
}

// FaultKindOf returns the kind of the fault inside err, Failed for any other error, and "" for nil.
func FaultKindOf(err error) FaultKind {
	if f := AsFault("", err); f != nil {
		return f.Kind
	}
	return ""
}

// UnconfirmedFault is what a refused sign-in means right after the same e-mail address was registered with the same password. The service does not tell.
func UnconfirmedFault(err error) *Fault {
	return &Fault{
		Kind: InvalidCredentials, Op: "sign in", Message: "the account was made, but its address may have to be confirmed first",
		Advice: "follow the link in its mail, then sign in", Err: err,
	}
}

// InvalidInputf makes a BadInput fault with a place.
func InvalidInputf(place, format string, args ...any) *Fault {
	return &Fault{Kind: InvalidInput, Location: place, Message: fmt.Sprintf(format, args...)}
}
