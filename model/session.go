package model

import (
	"cmp"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Snapshot is the copy of the custom data inside an access token (seed: Web SDK page, 'Custom Data May Be Stale').
type Snapshot struct {
	CustomData bson.Raw  // nil: the token carries none
	IssuedAt   time.Time // when the token was issued and the copy was made
	ExpiresAt  time.Time
	TooLarge   bool // the token omits the document because it would exceed MaxTokenBytes; CustomData is nil
}

// DiffRefresh is Diff of the snapshot that a refresh replaced and the new one. Without one of the documents, because it
// is too large for its token, there is nothing to compare.
func DiffRefresh(previous, current Snapshot) []Change {
	if previous.TooLarge || current.TooLarge {
		return nil
	}
	return Diff(previous.CustomData, current.CustomData)
}

// Comparison is what is known from comparing one snapshot with the database. The zero value: it was not compared.
type Comparison struct {
	CheckedAt  time.Time // last check; zero: none since the token was issued
	StaleSince time.Time // when dossier noticed that the database differs; later checks do not move it
	ChangedAt  time.Time // when the database changed; zero: unknown
	Documents  int       // number of documents with the user id; 0: unknown or none
}

// Record records a check at a time. The first difference stays noticed when it was noticed, until a check finds none.
func (c *Comparison) Record(differs bool, at, changedAt time.Time) {
	c.CheckedAt = at
	switch {
	case !differs:
		c.StaleSince, c.ChangedAt = time.Time{}, time.Time{}
	case c.StaleSince.IsZero():
		c.StaleSince, c.ChangedAt = at, changedAt
	}
}

// Merge returns the later of two comparisons of one snapshot, made by two processes. A difference that both found was
// noticed when the first one found it.
func (c Comparison) Merge(other Comparison) Comparison {
	if other.CheckedAt.After(c.CheckedAt) {
		c, other = other, c
	}
	if !c.StaleSince.IsZero() && !other.StaleSince.IsZero() && other.StaleSince.Before(c.StaleSince) {
		c.StaleSince, c.ChangedAt = other.StaleSince, other.ChangedAt
	}
	return c
}

// Session is the state of one signed-in user on this machine: the current snapshot and the one before. Reading it makes
// no call, because reading must not refresh the token.
type Session struct {
	Comparison
	UserID    string
	Snapshot  Snapshot
	Previous  *Snapshot // the snapshot that the last refresh replaced; nil before the first
	Refreshes int       // how often this process refreshed the token, so that the screen notices a refresh during a call
	SignedIn  bool      // false once the service has ended the session
}

// CheckResult is the custom data document in the database at the time of a check.
type CheckResult struct {
	Document         bson.Raw // nil: there is none
	CheckedAt        time.Time
	Duplicates       int  // number of other documents with the same user id; Document is the oldest
	UserIDIsObjectID bool // the user id field holds an ObjectId, not a string
	Exact            bool // read in BSON: extended JSON did not change any value
	Refreshes        int  // Session.Refreshes of the snapshot that it was compared with; -1: with none
}

// Owner returns the owner of the document, with the user id in the type the document stores; a string when there is no
// document.
func (r CheckResult) Owner(field, userID string) Owner {
	owner := Owner{UserIDField: field, UserID: ValueOf(userID), Exact: r.Exact}
	if v, ok := owner.path().Lookup(r.Document); ok {
		owner.UserID = v
	}
	return owner
}

// WriteResult is the result of saving or deleting the document.
type WriteResult struct {
	Saved       bool     // this call changed the database
	AlreadyDone bool     // the database already had the requested state
	Conflict    bool     // a guard failed because a field changed meanwhile; nothing was written
	Theirs      bson.Raw // with Conflict: the document in the database; nil: it does not exist
}

// The operations of a ChangeEvent about the stream itself, in addition to those of MongoDB.
const (
	StreamInterrupted = "stream interrupted" // the connection broke; it is being reopened
	StreamResumed     = "stream resumed"     // it is open again; missed changes follow as one event
)

// ChangeEvent is one change of the watched document, or a change of the stream's state.
type ChangeEvent struct {
	Operation string    // insert, update, replace, delete; StreamInterrupted, StreamResumed
	Document  bson.Raw  // after the change; nil when deleted or not delivered
	At        time.Time // when it arrived and was compared; zero: it was not compared
	Refreshes int       // Session.Refreshes of the snapshot that it was compared with
}

// Account is one user signed in on this machine, stored between runs.
type Account struct {
	ID        string // unique: service, application and user id together, see client.AccountID
	Server    string // base URL of the service, or the workspace's name when it runs in this process
	AppID     string
	UserID    string
	Name      string // e-mail address or name of the profile, for display only
	Provider  string
	SignedIn  bool
	LastUsed  time.Time
	IsCurrent bool
}

// DisplayName returns the name, else the user id.
func (a Account) DisplayName() string { return cmp.Or(a.Name, a.UserID) }

// Credential is what a user signs in with: the provider and the fields of the login request's body.
type Credential struct {
	Provider string // "anon-user", "local-userpass", …
	Fields   bson.D // such as username and password
}

// String omits the fields: they must never be printed.
func (c Credential) String() string { return c.Provider + " ••••" }

// GoString omits the fields from %#v too.
func (c Credential) GoString() string { return c.String() }
