package auth

import (
	"context"
	"errors"
	"net/http"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/directory"
)

// Tokens is the result of a sign-in or of linking an identity.
type Tokens struct {
	Access   Secret
	Refresh  Secret // empty after linking
	UserID   string
	DeviceID string
}

// openSession stores a new session of a user and issues its tokens.
func (s *Service) openSession(ctx context.Context, u *directory.User, i directory.Identity, device Device) (Tokens,
	error) {
	s.sweeper.sweepInBackground(ctx)
	now := s.options.Now()
	id, err := newID(s.options.Random, now)
	if err != nil {
		return Tokens{}, err
	}
	nonce, err := newNonce(s.options.Random)
	if err != nil {
		return Tokens{}, err
	}
	deviceID := device.ID
	if deviceID == "" {
		if deviceID, err = newID(s.options.Random, now); err != nil {
			return Tokens{}, err
		}
	}
	row := sessionRow{
		ID: id, UserID: u.ID, Provider: i.Provider, IdentityID: i.ID, DeviceID: deviceID, Device: device.Info,
		RefreshSHA256: hashNonce(nonce),
		Epoch:         u.Epoch, CreatedAt: now, LastRefreshAt: now, ExpiresAt: now.Add(s.options.RefreshLife),
	}
	access, snapshot, err := s.issueAccessToken(ctx, &row)
	if err != nil {
		return Tokens{}, err
	}
	row.Snapshot = snapshot
	refresh, err := s.signer.signRefresh(refreshClaims{
		DeviceID: deviceID, DomainID: s.signer.domainID, SessionID: id, Nonce: nonce, UserID: u.ID,
		Identity:  identityClaim{ID: i.ID, ProviderType: i.Provider, ProviderID: ProviderID(s.options.AppID, i.Provider)},
		ExpiresAt: row.ExpiresAt.Unix(), IssuedAt: now.Unix(),
	})
	if err != nil {
		return Tokens{}, err
	}
	if err := s.sessions.insert(ctx, row); err != nil {
		return Tokens{}, err
	}
	// DeleteUser deletes the user first and the sessions last, so a session that it missed finds the user gone.
	if current, err := s.directory.User(ctx, u.ID); err != nil {
		return Tokens{}, err
	} else if current == nil {
		_, err := s.sessions.delete(ctx, row.ID)
		return Tokens{}, errors.Join(unauthorized("the user was deleted during the sign-in"), err)
	}
	return Tokens{Access: access, Refresh: NewSecret(refresh), UserID: u.ID, DeviceID: deviceID}, nil
}

// issueAccessToken signs an access token for a session, with the current custom data (seed: "fetches a new copy of the
// data whenever a user refreshes their access token, such as when they log in").
func (s *Service) issueAccessToken(ctx context.Context, row *sessionRow) (Secret, snapshotRow, error) {
	now := s.options.Now().Truncate(time.Second)
	doc, documents, err := s.options.CustomData(ctx, row.UserID)
	if err != nil {
		return Secret{}, snapshotRow{}, err
	}
	if documents == 1 {
		documents = 0 // the claim is only for an unusual number
	}
	token, tooLarge, err := s.signer.signAccess(accessClaims{
		DeviceID: row.DeviceID, DomainID: s.signer.domainID, SessionID: row.ID, UserID: row.UserID,
		ExpiresAt: now.Add(s.options.TokenLife).Unix(), IssuedAt: now.Unix(), Documents: documents,
	}, doc)
	if err != nil {
		return Secret{}, snapshotRow{}, err
	}
	return NewSecret(token), newSnapshot(doc, now, tooLarge), nil
}

// reissueAccessToken issues another access token for an existing session.
func (s *Service) reissueAccessToken(ctx context.Context, row *sessionRow) (Secret, error) {
	access, snapshot, err := s.issueAccessToken(ctx, row)
	if err != nil {
		return Secret{}, err
	}
	if err := s.sessions.recordAccessToken(ctx, row.ID, snapshot); errors.Is(err, errSessionEnded) {
		return Secret{}, invalidRefreshToken("")
	} else if err != nil {
		return Secret{}, err
	}
	return access, nil
}

// invalidRefreshToken is the response to a refresh token that is not accepted; SDKs match its text when they sign out.
// cause may be empty.
func invalidRefreshToken(cause string) *api.Error {
	if cause != "" {
		cause = ": " + cause
	}
	return invalidSession("failed to find refresh token%s", cause)
}

// Refresh issues a new access token. The refresh token stays the same: SDKs read no other from the response.
func (s *Service) Refresh(ctx context.Context, token Secret) (Secret, error) {
	row, u, err := s.findRefreshSession(ctx, token)
	if err != nil {
		return Secret{}, err
	}
	if err := s.checkUser(ctx, row, u); err != nil {
		return Secret{}, err
	}
	return s.reissueAccessToken(ctx, row)
}

// SignOut ends the session of a refresh token; the user's other sessions remain.
func (s *Service) SignOut(ctx context.Context, token Secret) error {
	row, _, err := s.findRefreshSession(ctx, token)
	if err != nil {
		return err
	}
	ended, err := s.sessions.delete(ctx, row.ID)
	if err == nil && !ended {
		return invalidRefreshToken("")
	}
	return err
}

// findRefreshSession returns the session of a refresh token and its user, see sessionStore.find.
func (s *Service) findRefreshSession(ctx context.Context, token Secret) (*sessionRow, *directory.User, error) {
	c, err := s.signer.verify(token.Reveal())
	switch {
	case err != nil:
		return nil, nil, invalidRefreshToken(err.Error())
	case c.Type != typRefresh:
		return nil, nil, api.Errorf(http.StatusUnauthorized, api.CodeInvalidSession,
			"invalid refresh token: incorrect token type")
	}
	row, u, err := s.sessions.find(ctx, c.SessionID)
	switch {
	case err != nil:
		return nil, nil, err
	case row == nil || !row.matches(c.Nonce) || row.UserID != c.UserID:
		return nil, nil, invalidRefreshToken("")
	}
	return row, u, nil
}

// checkUser fails when the user of a session was deleted or disabled, or the session was revoked.
func (s *Service) checkUser(ctx context.Context, row *sessionRow, u *directory.User) error {
	switch {
	case u == nil:
		return invalidSession("the user does not exist")
	case u.Disabled:
		return invalidSession("the user is disabled")
	case u.Epoch != row.Epoch:
		return invalidSession("the session has been revoked")
	}
	return s.checkSessionKey(ctx, row)
}

// Session is an authenticated session: the user and device of an access token, verified against the database.
type Session struct {
	User     directory.User
	ID       string
	DeviceID string
	Request  bson.Raw // the HTTP request as rules and functions see it; nil: none
	row      *sessionRow
	claims   *tokenClaims
}

// Snapshot returns the copy of the custom data inside the access token; nil: none. It must not be changed.
func (s *Session) Snapshot() (bson.Raw, error) {
	if s.claims == nil {
		return nil, nil
	}
	return s.claims.customData()
}

// Authenticate verifies an access token and its session. An invalid token fails with 401 InvalidSession, which a
// database error never does.
func (s *Service) Authenticate(ctx context.Context, token Secret) (*Session, error) {
	c, err := s.signer.verify(token.Reveal())
	switch {
	case errors.Is(err, errOtherApp): // not InvalidSession: SDKs would refresh the token and retry without end
		return nil, api.Errorf(http.StatusUnauthorized, api.CodeUserAppDomainMismatch, "%s", err)
	case err != nil:
		return nil, invalidSession("%s", err)
	case c.Type != typAccess:
		return nil, invalidSession("incorrect token type")
	}
	return s.loadSession(ctx, c)
}

// Revalidate checks that a session is still valid; a long-lived stream calls it periodically.
func (s *Service) Revalidate(ctx context.Context, session *Session) error {
	_, err := s.loadSession(ctx, &tokenClaims{Issuer: session.ID, UserID: session.User.ID})
	return err
}

func (s *Service) loadSession(ctx context.Context, c *tokenClaims) (*Session, error) {
	row, u, err := s.sessions.find(ctx, c.Issuer)
	switch {
	case err != nil:
		return nil, err
	case row == nil || row.UserID != c.UserID:
		return nil, invalidSession("the session has ended")
	}
	if err := s.checkUser(ctx, row, u); err != nil {
		return nil, err
	}
	return &Session{User: *u, ID: row.ID, DeviceID: row.DeviceID, row: row, claims: c}, nil
}
