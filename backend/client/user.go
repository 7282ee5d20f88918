package client

import (
	"bytes"
	"context"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// User is one signed-in person. All methods may be called at the same time; every error is a *model.Fault.
type User struct {
	client *Client

	mu         sync.Mutex
	tokens     Tokens
	token      model.Token // what tokens.Access says
	previous   *model.Snapshot
	renewals   int
	checkedAt  time.Time
	staleSince time.Time
	flight     *flight
	changed    chan struct{} // closed when the tokens change; nil: nobody waits
}

// ID is the user id.
func (p *User) ID() string { return p.tokens.UserID }

// Tokens is what has to be kept so that Resume makes this person again.
func (p *User) Tokens() Tokens {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kept()
}

func (p *User) kept() Tokens {
	t := p.tokens
	t.CheckedAt, t.StaleSince = p.checkedAt, p.staleSince
	return t
}

// Account is the person as they are kept on this machine; only who keeps them knows when they were last used and whether they are the current one.
func (p *User) Account() model.Account {
	p.mu.Lock()
	defer p.mu.Unlock()
	o := p.client.o
	return model.Account{
		ID: AccountID(o.Server, o.AppID, p.tokens.UserID), Server: o.Server, AppID: o.AppID, UserID: p.tokens.UserID,
		Name: p.tokens.Profile.Name(), Provider: p.tokens.Provider, SignedIn: !p.tokens.SignedOut,
	}
}

// Session is what the application holds now; it makes no call, because looking must not refresh.
func (p *User) Session() model.Session {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := model.Session{
		UserID: p.tokens.UserID, Snapshot: p.snapshot(), Refreshes: p.renewals, SignedIn: !p.tokens.SignedOut,
		CheckedAt: p.checkedAt, StaleSince: p.staleSince, TooLarge: p.token.TooLarge,
	}
	if p.previous != nil {
		before := *p.previous
		s.Previous = &before
	}
	return s
}

func (p *User) snapshot() model.Snapshot {
	return model.Snapshot{CustomData: p.token.CustomData, IssuedAt: p.token.IssuedAt, ExpiresAt: p.token.ExpiresAt}
}

// CustomData is the snapshot's document (seed: `currentUser.customData`, "a read-only snapshot"); nil when the token carries none.
// It is a copy: writing into it changes nothing here.
func (p *User) CustomData() bson.Raw { return bytes.Clone(p.Session().Snapshot.CustomData) }

// CachedProfile is the profile as the service last gave it; it makes no call.
func (p *User) CachedProfile() model.User {
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.tokens.Profile
	if u.ID == "" {
		u.ID = p.tokens.UserID
	}
	return u
}

// Ping asks whether the service answers, without the person's tokens.
func (p *User) Ping(ctx context.Context) error { return p.client.Ping(ctx) }

// saw notes what the database held while the given token was the current one. A document read before a renewal says nothing about the new snapshot.
func (p *User) saw(doc bson.Raw, at time.Time, while Secret) {
	p.mu.Lock()
	if p.tokens.Access != while || p.token.TooLarge && doc != nil {
		if p.tokens.Access == while {
			p.checkedAt = at
		}
		p.mu.Unlock()
		return
	}
	p.checkedAt = at
	switch differs := len(model.DiffSnapshot(p.token.CustomData, doc)) > 0; {
	case !differs:
		p.staleSince = time.Time{}
	case p.staleSince.IsZero():
		p.staleSince = at
	}
	kept := p.kept()
	p.mu.Unlock()
	p.keep(kept)
}

func (p *User) keep(t Tokens) {
	if k := p.client.o.TokenStore; k != nil {
		k.SaveTokens(t)
	}
}
