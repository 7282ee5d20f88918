package client

import (
	"bytes"
	"context"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// User is a signed-in user. All methods are safe for concurrent use; every error is a *model.Fault.
type User struct {
	client *Client

	mu         sync.Mutex
	tokens     Tokens
	token      model.Token // claims of tokens.Access
	previous   *model.Snapshot
	refreshes  int
	events     int // change events that were compared
	refreshing *pendingRefresh
	changed    chan struct{} // closed when the tokens change; nil: no caller waits
}

// ID returns the user id.
func (u *User) ID() string { return u.tokens.UserID }

// Tokens returns the tokens to store; Resume restores the user from them.
func (u *User) Tokens() Tokens {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.tokens
}

// Account returns the account to store on this machine. LastUsed and IsCurrent are not set: the store of accounts sets
// them.
func (u *User) Account() model.Account {
	u.mu.Lock()
	defer u.mu.Unlock()
	o := u.client.options
	return model.Account{
		ID: AccountID(o.Server, o.AppID, u.tokens.UserID), Server: o.Server, AppID: o.AppID, UserID: u.tokens.UserID,
		Name: u.tokens.Profile.Name(), Provider: u.tokens.Provider, SignedIn: !u.tokens.SignedOut,
	}
}

// Session returns the current state without any request, because reading must not refresh the token.
func (u *User) Session() model.Session {
	u.mu.Lock()
	defer u.mu.Unlock()
	s := model.Session{
		UserID: u.tokens.UserID, Snapshot: u.snapshot(), Refreshes: u.refreshes, SignedIn: !u.tokens.SignedOut,
		Comparison: u.tokens.Comparison,
	}
	if u.previous != nil {
		previous := *u.previous
		s.Previous = &previous
	}
	return s
}

func (u *User) snapshot() model.Snapshot {
	return model.Snapshot{CustomData: u.token.CustomData, IssuedAt: u.token.IssuedAt, ExpiresAt: u.token.ExpiresAt,
		TooLarge: u.token.TooLarge}
}

// CustomData returns a copy of the snapshot's document (seed: `currentUser.customData`, "a read-only snapshot"); nil
// when the token carries none.
func (u *User) CustomData() bson.Raw { return bytes.Clone(u.Session().Snapshot.CustomData) }

// CachedProfile returns the profile that the service last sent, with the custom data configuration of the flags. It
// makes no request.
func (u *User) CachedProfile() model.User {
	u.mu.Lock()
	defer u.mu.Unlock()
	profile := u.tokens.Profile
	if profile.ID == "" {
		profile.ID = u.tokens.UserID
	}
	return u.withFlags(profile)
}

// Ping checks that the service answers. It sends no token.
func (u *User) Ping(ctx context.Context) error { return u.client.Ping(ctx) }

// observation is the document of the snapshot's user in the database, for a comparison with the snapshot.
type observation struct {
	doc       bson.Raw  // nil: there is none
	documents int       // number of documents with the user id; -1: unknown
	changedAt time.Time // when the document changed; zero: unknown
}

// recordCheck compares the snapshot with a document that a check read with the given token, and records the result. It
// returns the number of refreshes of the snapshot. It records nothing and returns false when the document may be older
// than what is known: another token replaced the given one, so that the call did not see the current snapshot, or a
// change event arrived since there were only the given number of them.
func (u *User) recordCheck(o observation, used Secret, events int) (int, bool) {
	u.mu.Lock()
	if u.tokens.Access != used || u.events != events {
		u.mu.Unlock()
		return 0, false
	}
	tokens, refreshes := u.record(o, u.client.options.Now()), u.refreshes
	u.mu.Unlock()
	u.storeTokens(tokens)
	return refreshes, true
}

// recordEvent compares the snapshot with the document of a change event, and completes the event. The token that opened
// the stream does not matter: the events are in order, so the last one has the newest document, and a refresh does not
// interrupt the stream.
func (u *User) recordEvent(o observation, e *model.ChangeEvent) {
	u.mu.Lock()
	u.events++
	e.At, e.Refreshes = u.client.options.Now(), u.refreshes
	tokens := u.record(o, e.At)
	u.mu.Unlock()
	u.storeTokens(tokens)
}

// record compares the snapshot with a document and returns the tokens to store. The caller holds the lock. A snapshot
// without the document, because it is too large, cannot be compared.
func (u *User) record(o observation, now time.Time) Tokens {
	c := &u.tokens.Comparison
	if o.documents >= 0 {
		c.Documents = o.documents
	}
	if !u.token.TooLarge || o.doc == nil {
		differs := len(model.DiffSnapshot(u.token.CustomData, o.doc)) > 0
		c.Record(differs, now, o.changedAt)
	}
	return u.tokens
}

// comparedEvents returns the number of change events that were compared.
func (u *User) comparedEvents() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.events
}

func (u *User) storeTokens(t Tokens) {
	if k := u.client.options.TokenStore; k != nil {
		k.SaveTokens(t)
	}
}
