package client

import (
	"fmt"
	"log/slog"

	"dossier/model"
)

// redacted replaces the text of a secret.
const redacted = "••••"

// Secret is a token. Printing, logging and JSON encoding redact it; only a conversion to string returns the text.
type Secret string

// String hides the token.
func (Secret) String() string { return redacted }

// GoString hides the token from %#v.
func (Secret) GoString() string { return redacted }

// Format hides the token from every verb, %x and %q too.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// LogValue hides the token from logs.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText hides the token from JSON.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Tokens is the stored state of a signed-in user, from which Resume restores a User.
type Tokens struct {
	model.Comparison // of the snapshot in the access token

	UserID    string
	DeviceID  string
	SessionID string     // from the access token
	Provider  string     // the provider of the first sign-in
	Access    Secret     // may be empty: the next call refreshes it
	Refresh   Secret     // empty when signed out, or when TokenStore.RefreshToken has it
	Profile   model.User // as last sent by the service
	SignedOut bool       // the session has ended
}
