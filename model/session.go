package model

import (
	"cmp"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Snapshot is the copy of the custom data that an access token carries (seed: Web SDK page, 'Custom Data May Be Stale').
type Snapshot struct {
	CustomData bson.Raw  // nil when the token carries none
	IssuedAt   time.Time // when the token was minted, and so when the copy was taken
	ExpiresAt  time.Time
}

// Session is what the application holds for one signed-in person: the token's snapshot and the one it replaced.
// It is read without any call: looking must not refresh.
type Session struct {
	UserID     string
	Snapshot   Snapshot
	Previous   *Snapshot // the snapshot the last renewal replaced; nil before the first
	Refreshes  int       // how many times the token was renewed since this process holds it, so that a screen sees a renewal that a call caused
	SignedIn   bool      // false once the service has ended the session
	CheckedAt  time.Time // when the database was last looked at since the token was minted; zero: not since then
	StaleSince time.Time // when it was first seen to differ from the snapshot; zero: it was not
	TooLarge   bool      // the document was left out of the token because it does not fit (Bytes of the token would pass 1 MiB)
}

// CheckResult is what the database held for a person at one moment.
type CheckResult struct {
	Document         bson.Raw // nil when there is none
	CheckedAt        time.Time
	Duplicates       int  // further documents that carry the same user id; the oldest is the one that counts
	UserIDIsObjectID bool // the user id field holds an ObjectId, not a string
}

// Owner says whose document was read: the user id in the type the document stores it with, a string when there is no document.
func (r CheckResult) Owner(field, userID string) Owner {
	scope := Owner{UserIDField: field, UserID: ValueOf(userID)}
	if v, ok := scope.path().Lookup(r.Document); ok {
		scope.UserID = v
	}
	return scope
}

// WriteResult is how a save ended.
type WriteResult struct {
	Saved       bool     // this call wrote it
	AlreadyDone bool     // nothing to do: the document already was as wanted
	Conflict    bool     // a guarded field changed meanwhile; nothing was written
	Theirs      bson.Raw // with Conflict: the document as it is now; nil when it is gone
}

// What an Event says beside changes: nothing is heard for a while, and all is heard again.
const (
	StreamInterrupted = "lost" // the stream of changes broke; it is being opened again
	StreamResumed     = "back" // it is open again; what was missed follows as a change
)

// ChangeEvent is one change of the watched document, or news of the stream itself.
type ChangeEvent struct {
	Operation string   // insert, update, replace, delete; EventLost, EventBack
	Document  bson.Raw // as it is after the change; nil when deleted or not delivered
}

// Account is one person who signed in on this machine, kept between runs.
type Account struct {
	ID        string // the key of the account: service, application and user id together
	Server    string // base address of the service, or the workspace's name when it is in-process
	AppID     string
	UserID    string
	Name      string // e-mail or another name the profile gives; for people, never a key
	Provider  string
	SignedIn  bool
	LastUsed  time.Time
	IsCurrent bool
}

// DisplayName is how people call the account: its name, else the user id.
func (a Account) DisplayName() string { return cmp.Or(a.Name, a.UserID) }

// Credential is what a person signs in with: the provider's name and its fields, as the login body carries them.
type Credential struct {
	Provider string // "anon-user", "local-userpass", …
	Fields   bson.D // such as username and password
}

// String hides the fields: a credential is never printed.
func (c Credential) String() string { return c.Provider + " ••••" }

// GoString hides the fields from %#v too.
func (c Credential) GoString() string { return c.String() }
