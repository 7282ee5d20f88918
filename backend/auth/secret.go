package auth

import (
	"fmt"
	"log/slog"
)

const dots = "••••"

// Secret is a password, a token or a key. However it is printed, logged or encoded, it shows as ••••.
// The text sits behind a pointer so that printing a struct around it shows no more.
type Secret struct{ text *string }

// NewSecret hides a text.
func NewSecret(text string) Secret { return Secret{&text} }

// Reveal gives the text, to be used and not to be kept.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// String shows dots.
func (s Secret) String() string { return dots }

// Format shows dots for every verb.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, dots) }

// LogValue shows dots.
func (s Secret) LogValue() slog.Value { return slog.StringValue(dots) }

// MarshalText encodes as dots.
func (s Secret) MarshalText() ([]byte, error) { return []byte(dots), nil }
