package client

import (
	"context"
	"encoding/json"
	"net/http"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/model"
)

// pendingRefresh is a refresh in progress, shared by all callers that wait for it.
type pendingRefresh struct {
	done chan struct{}
	err  error
}

// Refresh refreshes the access token and with it the snapshot (seed: `refreshCustomData()`).
func (u *User) Refresh(ctx context.Context) (model.Session, error) {
	const op = "refresh"
	u.mu.Lock()
	running := u.refreshing
	u.mu.Unlock()
	if running != nil { // it may have read the document before the caller changed it: wait, then refresh again
		if err := await(ctx, op, running); err != nil {
			return u.Session(), err
		}
	}
	err := u.joinRefresh(ctx, op)
	return u.Session(), err
}

// RefreshCustomData refreshes the snapshot and returns its document.
func (u *User) RefreshCustomData(ctx context.Context) (bson.Raw, error) {
	s, err := u.Refresh(ctx)
	return s.Snapshot.CustomData, err
}

// ensureRefreshed replaces the access token unless it is already another than rejected: by the token that another
// process stored, else by a refresh shared with concurrent callers.
func (u *User) ensureRefreshed(ctx context.Context, op string, rejected Secret) error {
	u.mu.Lock()
	current, id := u.tokens.Access, u.tokens.UserID
	u.mu.Unlock()
	if current != rejected {
		return nil
	}
	if k := u.client.options.TokenStore; k != nil {
		if t, ok := k.LoadTokens(id); ok && u.adoptStoredToken(t, rejected) {
			return nil
		}
	}
	return u.joinRefresh(ctx, op)
}

// adoptStoredToken adopts a newer token that another process obtained for the same user; false when it is not usable.
func (u *User) adoptStoredToken(t Tokens, rejected Secret) bool {
	token, err := model.ParseToken(string(t.Access))
	if err != nil || t.SignedOut || !token.MayBelongTo(t.UserID) || !token.ExpiresAt.After(u.client.options.Now()) {
		return false
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.tokens.Access != rejected || t.Access == rejected || !token.IssuedAt.After(u.token.IssuedAt) {
		return false
	}
	u.setToken(t.Access, token)
	u.tokens.Refresh = t.Refresh
	u.tokens.Comparison = t.Comparison
	return true
}

// joinRefresh waits for the refresh in progress, or starts one. The refresh continues when the caller's context ends,
// because other callers may wait for it.
func (u *User) joinRefresh(ctx context.Context, op string) error {
	u.mu.Lock()
	if u.tokens.SignedOut {
		u.mu.Unlock()
		return signedOutFault(op)
	}
	f := u.refreshing
	if f == nil {
		f = &pendingRefresh{done: make(chan struct{})}
		u.refreshing = f
		go u.runRefresh(context.WithoutCancel(ctx), op, f)
	}
	u.mu.Unlock()
	return await(ctx, op, f)
}

func (u *User) runRefresh(ctx context.Context, op string, f *pendingRefresh) {
	f.err = u.postRefresh(ctx, op)
	u.mu.Lock()
	u.refreshing = nil
	u.mu.Unlock()
	close(f.done)
}

func await(ctx context.Context, op string, f *pendingRefresh) error {
	select {
	case <-f.done:
		return f.err
	case <-ctx.Done():
		return model.AsFault(op, ctx.Err())
	}
}

// postRefresh makes the refresh request (PROTOCOL: session refresh). When the service rejects the refresh token, the
// session ends here too.
func (u *User) postRefresh(ctx context.Context, op string) error {
	refresh := u.refreshToken("") // a newer session of the user serves as well
	if refresh == "" {
		return &model.Fault{Kind: model.SignedOut, Op: op, Message: "the refresh token is not available",
			Advice: "unlock the keyring, or sign in again"}
	}
	response, err := u.client.send(ctx, op, request{method: http.MethodPost, path: api.SessionPath, bearer: refresh})
	if cause, ok := asUnauthorized(err); ok && (cause.code != "" || cause.message != "") {
		u.endSession()
		return signedOutFault(op)
	}
	if err != nil {
		return err
	}
	var session api.SessionResponse
	if err := json.Unmarshal(response, &session); err != nil || session.AccessToken == "" {
		return &model.Fault{Kind: model.Failed, Op: op, Message: "the service's response has no access token"}
	}
	return u.adoptToken(op, Secret(session.AccessToken))
}

// refreshToken returns the refresh token, from the store if it was resumed without one, see TokenStore.RefreshToken.
func (u *User) refreshToken(sessionID string) Secret {
	t := u.Tokens()
	if k := u.client.options.TokenStore; t.Refresh == "" && k != nil {
		return k.RefreshToken(t.UserID, sessionID)
	}
	return t.Refresh
}

// adoptToken makes a new access token the current one and stores it.
func (u *User) adoptToken(op string, access Secret) error {
	token, err := model.ParseToken(string(access))
	if err != nil {
		message := "the service sent an invalid access token: " + err.Error()
		return &model.Fault{Kind: model.Failed, Op: op, Message: message, Err: err}
	}
	u.mu.Lock()
	if !token.MayBelongTo(u.tokens.UserID) {
		u.mu.Unlock()
		return &model.Fault{Kind: model.Failed, Op: op, Message: "the service sent a token of another user"}
	}
	u.setToken(access, token)
	tokens := u.tokens
	u.mu.Unlock()
	u.storeTokens(tokens)
	return nil
}

// setToken requires the lock. It resets the results of checks, which are about the old snapshot.
func (u *User) setToken(access Secret, token model.Token) {
	if u.tokens.Access != "" || !u.token.IssuedAt.IsZero() {
		previous := u.snapshot()
		u.previous = &previous
	}
	u.tokens.Access, u.tokens.SessionID, u.token = access, token.SessionID, token
	u.refreshes++
	u.tokens.Comparison = model.Comparison{Documents: token.Documents}
	u.notifyTokenChanged()
}

// endSession deletes the tokens after the service or the user has ended the session.
func (u *User) endSession() {
	u.mu.Lock()
	u.tokens.Access, u.tokens.Refresh, u.tokens.SignedOut = "", "", true
	tokens := u.tokens
	u.notifyTokenChanged()
	u.mu.Unlock()
	u.storeTokens(tokens)
}

// notifyTokenChanged requires the lock. It wakes the callers that wait for another token.
func (u *User) notifyTokenChanged() {
	if u.changed != nil {
		close(u.changed)
		u.changed = nil
	}
}
