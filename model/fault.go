package model

import (
	"context"
	"errors"
	"fmt"
)

// FaultKind classifies a Fault by what the user can do about it. The screen chooses where to show a fault by its kind,
// a command chooses its exit code.
type FaultKind string

// The fault kinds.
const (
	Failed             FaultKind = "failed"              // the service or the database refused for another reason
	InvalidInput       FaultKind = "invalid input"       // the input is not valid; Location names the part
	SignedOut          FaultKind = "signed out"          // no user is signed in, or the service ended the session
	Conflicting        FaultKind = "conflict"            // the document changed in the database meanwhile
	PermissionDenied   FaultKind = "not allowed"         // no rule allows it
	Unreachable        FaultKind = "unreachable"         // the service or the database does not answer
	Throttled          FaultKind = "throttled"           // too many failed attempts; retry later
	InvalidCredentials FaultKind = "invalid credentials" // the service does not accept the credentials
	// the credentials are valid but their identity belongs to another user
	IdentityTaken FaultKind = "identity taken"
)

// Fault is an error that a user can act on. Its text is "Op: Location: Message; Advice", parts that are empty left out.
type Fault struct {
	Kind     FaultKind
	Op       string // what was attempted, such as "save favoriteColor", or "cannot reach the service"
	Message  string // what was found, without Op and Location
	Advice   string // what to do about it; may be empty
	Location string // with InvalidInput: "line 3, field address.zip", a flag or an argument; may be empty
	Line     int    // of the input that Location names, from 1; 0: unknown
	Column   int    // in that line, in characters from 1; 0: unknown
	Code     string // error_code of the service's response; may be empty
	Err      error  // the cause; may be nil
}

// Error returns the full text, see Fault.
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

// Unwrap returns the cause.
func (f *Fault) Unwrap() error { return f.Err }

// AsFault returns the fault in err's chain, unchanged. Otherwise it wraps err: an exceeded deadline is Unreachable, any
// other error is Failed. It returns nil for nil.
func AsFault(op string, err error) *Fault {
	if err == nil {
		return nil
	}
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &Fault{Kind: Unreachable, Op: op, Message: "no answer in time", Advice: "try again, or check the service",
			Err: err}
	}
	return &Fault{Kind: Failed, Op: op, Message: err.Error(), Err: err}
}

// FaultKindOf returns the kind of AsFault(err): Failed for an error that is not a fault, "" for nil.
func FaultKindOf(err error) FaultKind {
	if f := AsFault("", err); f != nil {
		return f.Kind
	}
	return ""
}

// UnconfirmedFault explains why signing in fails right after registering with the same e-mail address and password: the
// address is probably not confirmed. The service does not report this, it answers as for a wrong password.
func UnconfirmedFault(err error) *Fault {
	return &Fault{
		Kind: InvalidCredentials, Op: "sign in",
		Message: "account created, but its address may have to be confirmed first",
		Advice:  "open the link in the confirmation e-mail, then sign in", Err: err,
	}
}

// InvalidInputf returns an InvalidInput fault with a location, which may be empty.
func InvalidInputf(location, format string, args ...any) *Fault {
	return &Fault{Kind: InvalidInput, Location: location, Message: fmt.Sprintf(format, args...)}
}
