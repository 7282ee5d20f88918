package client

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/model"
)

// flight is a renewal under way, for all who wait for it.
type flight struct {
	done chan struct{}
	err  error
}

// Refresh renews the access token and so the snapshot (seed: `refreshCustomData()`).
func (p *User) Refresh(ctx context.Context) (model.Session, error) {
	const op = "refresh"
	p.mu.Lock()
	under := p.flight
	p.mu.Unlock()
	if under != nil { // it may have read the document before the caller changed it: wait for it to land and renew again
		if err := await(ctx, op, under); err != nil {
			return p.Session(), err
		}
	}
	err := p.renew(ctx, op)
	return p.Session(), err
}

// RefreshCustomData renews the snapshot and returns its document.
func (p *User) RefreshCustomData(ctx context.Context) (bson.Raw, error) {
	s, err := p.Refresh(ctx)
	return s.Snapshot.CustomData, err
}

// renewed makes sure that the access token is no longer the given one: it takes what another process left, or renews once for all who wait.
func (p *User) renewed(ctx context.Context, op string, refused Secret) error {
	p.mu.Lock()
	current, id := p.tokens.Access, p.tokens.UserID
	p.mu.Unlock()
	if current != refused {
		return nil
	}
	if k := p.client.o.TokenStore; k != nil {
		if t, ok := k.LoadTokens(id); ok && p.adoptKept(t, refused) {
			return nil
		}
	}
	return p.renew(ctx, op)
}

// adoptKept takes over the newer token another process obtained for the same person.
func (p *User) adoptKept(t Tokens, refused Secret) bool {
	token, err := model.ParseToken(string(t.Access))
	if err != nil || t.SignedOut || !token.MayBelongTo(t.UserID) || !token.ExpiresAt.After(p.client.o.Now()) {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tokens.Access != refused || t.Access == refused || !token.IssuedAt.After(p.token.IssuedAt) {
		return false
	}
	p.replace(t.Access, token)
	p.tokens.Refresh = t.Refresh
	p.checkedAt, p.staleSince = t.CheckedAt, t.StaleSince
	return true
}

// renew joins the renewal under way or starts one. It outlives the caller's context, since others may wait for it.
func (p *User) renew(ctx context.Context, op string) error {
	p.mu.Lock()
	if p.tokens.SignedOut {
		p.mu.Unlock()
		return signedOut(op)
	}
	f := p.flight
	if f == nil {
		f = &flight{done: make(chan struct{})}
		p.flight = f
		go p.fly(context.WithoutCancel(ctx), op, f)
	}
	p.mu.Unlock()
	return await(ctx, op, f)
}

func (p *User) fly(ctx context.Context, op string, f *flight) {
	f.err = p.post(ctx, op)
	p.mu.Lock()
	p.flight = nil
	p.mu.Unlock()
	close(f.done)
}

func await(ctx context.Context, op string, f *flight) error {
	select {
	case <-f.done:
		return f.err
	case <-ctx.Done():
		return model.AsFault(op, ctx.Err())
	}
}

// post is the one request that renews (PROTOCOL: session refresh). A refused refresh token ends the session here too.
func (p *User) post(ctx context.Context, op string) error {
	p.mu.Lock()
	refresh := p.tokens.Refresh
	p.mu.Unlock()
	if refresh == "" {
		return &model.Fault{Kind: model.SignedOut, Op: op, Message: "the refresh token is not at hand", Advice: "unlock the keyring, or sign in again"}
	}
	answer, err := p.client.send(ctx, op, request{method: http.MethodPost, path: api.SessionPath, bearer: refresh})
	if u, ok := is401(err); ok && (u.code != "" || u.message != "") {
		p.end()
		return signedOut(op)
	}
	if err != nil {
		return err
	}
	var session api.SessionResponse
	if err := json.Unmarshal(answer, &session); err != nil || session.AccessToken == "" {
		return &model.Fault{Kind: model.Failed, Op: op, Message: "the service's answer holds no access token"}
	}
	return p.adopt(op, Secret(session.AccessToken))
}

// adopt makes a new access token the current one and tells the keeper.
func (p *User) adopt(op string, access Secret) error {
	token, err := model.ParseToken(string(access))
	if err != nil {
		return &model.Fault{Kind: model.Failed, Op: op, Message: "the service sent a token that cannot be read: " + model.AsFault("", err).Error(), Err: err}
	}
	p.mu.Lock()
	if !token.MayBelongTo(p.tokens.UserID) {
		p.mu.Unlock()
		return &model.Fault{Kind: model.Failed, Op: op, Message: "the service sent a token for another person"}
	}
	p.replace(access, token)
	kept := p.kept()
	p.mu.Unlock()
	p.keep(kept)
	return nil
}

// replace needs the lock. What was known about the old snapshot says nothing about the new one.
func (p *User) replace(access Secret, token model.Token) {
	if p.tokens.Access != "" || !p.token.IssuedAt.IsZero() {
		before := p.snapshot()
		p.previous = &before
	}
	p.tokens.Access, p.tokens.SessionID, p.token = access, token.SessionID, token
	p.renewals++
	p.checkedAt, p.staleSince = time.Time{}, time.Time{}
	p.wake()
}

// end forgets the tokens: the service has ended the session, or the person has.
func (p *User) end() {
	p.mu.Lock()
	p.tokens.Access, p.tokens.Refresh, p.tokens.SignedOut = "", "", true
	kept := p.kept()
	p.wake()
	p.mu.Unlock()
	p.keep(kept)
}

// wake needs the lock; it lets those go on who wait for another token.
func (p *User) wake() {
	if p.changed != nil {
		close(p.changed)
		p.changed = nil
	}
}
