package model

import "time"

// APIKey is a credential that programs sign in with instead of a password: a user API key, or a server API key, which
// is a user in itself. The secret is returned only when the key is created and is not part of this type.
type APIKey struct {
	ID        string // 24 hex characters
	Name      string
	Disabled  bool
	CreatedAt time.Time
}
