package client

import (
	"fmt"
	"log/slog"
	"time"

	"dossier/model"
)

// hidden is what a secret shows of itself.
const hidden = "••••"

// Secret is a token. It is never printed, logged or written as JSON; converting it to a string is the only way to the text.
type Secret string

// String hides the token.
func (Secret) String() string { return hidden }

// GoString hides the token from %#v.
func (Secret) GoString() string { return hidden }

// Format hides the token from every verb, %x and %q too.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(hidden)) }

// LogValue hides the token from logs.
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText hides the token from JSON.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// Tokens is what has to be kept of a signed-in person so that Resume makes them a Person again.
type Tokens struct {
	UserID     string
	DeviceID   string
	SessionID  string     // as the access token names the session
	Provider   string     // the provider of the first sign-in
	Access     Secret     // may be empty: it is renewed on the next call then
	Refresh    Secret     // empty when signed out
	Profile    model.User // as the service last gave it
	CheckedAt  time.Time  // when the database was last looked at since the token was minted
	StaleSince time.Time  // when it was first seen to differ
	SignedOut  bool       // the session ended
}
