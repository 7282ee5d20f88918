package model

import "time"

// APIKey is what programs sign in with instead of a password: a person's own, or a server key, which is an account by itself. What is signed in with is
// told once, when the key is made, and is no part of this.
type APIKey struct {
	ID        string // 24 hex characters
	Name      string
	Disabled  bool
	CreatedAt time.Time
}
