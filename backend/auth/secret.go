package auth

import (
	"fmt"
	"log/slog"
)

const dots = "••••"

// Secret is a password, a token or a key. It prints, logs and encodes as ••••. The text is behind a pointer, so
// printing a struct that contains a Secret does not show it either.
type Secret struct{ text *string }

// NewSecret wraps a text.
func NewSecret(text string) Secret { return Secret{&text} }

// Reveal returns the text; empty for the zero Secret.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// String returns dots.
func (s Secret) String() string { return dots }

// Format writes dots for every verb.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, dots) }

// LogValue returns dots.
func (s Secret) LogValue() slog.Value { return slog.StringValue(dots) }

// MarshalText returns dots.
func (s Secret) MarshalText() ([]byte, error) { return []byte(dots), nil }
