package auth

import (
	"context"
	"errors"
	"net/http"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/directory"
	"dossier/model"
)

// Tokens is what a sign-in gives.
type Tokens struct {
	Access   Secret
	Refresh  Secret // empty when linking
	UserID   string
	DeviceID string
}

// open makes a session for a person and mints its tokens.
func (s *Service) open(ctx context.Context, u *directory.User, i directory.Identity, device Device) (Tokens, error) {
	if err := s.sweeper.sweep(ctx); err != nil {
		return Tokens{}, err
	}
	now := s.o.Now()
	id, err := newID(s.o.Random, now)
	if err != nil {
		return Tokens{}, err
	}
	nonce, err := newNonce(s.o.Random)
	if err != nil {
		return Tokens{}, err
	}
	deviceID := device.ID
	if deviceID == "" {
		if deviceID, err = newID(s.o.Random, now); err != nil {
			return Tokens{}, err
		}
	}
	row := sessionRow{
		ID: id, UserID: u.ID, Provider: i.Provider, IdentityID: i.ID, DeviceID: deviceID, Device: device.Info, RefreshSHA256: hashNonce(nonce),
		Epoch: u.Epoch, CreatedAt: now, LastRefreshAt: now, ExpiresAt: now.Add(s.o.RefreshLife),
	}
	access, snapshot, err := s.mint(ctx, &row)
	if err != nil {
		return Tokens{}, err
	}
	row.Snapshot = snapshot
	refresh, err := s.signer.refresh(refreshClaims{
		DeviceID: deviceID, DomainID: s.signer.domainID, SessionID: id, Nonce: nonce, UserID: u.ID,
		Identity:  identityClaim{ID: i.ID, ProviderType: i.Provider, ProviderID: ProviderID(s.o.AppID, i.Provider)},
		ExpiresAt: row.ExpiresAt.Unix(), IssuedAt: now.Unix(),
	})
	if err != nil {
		return Tokens{}, err
	}
	if err := s.sessions.open(ctx, row); err != nil {
		return Tokens{}, err
	}
	// Whoever deletes the person removes their record first and their sessions last: a session that came after that sees the first.
	if there, err := s.users.User(ctx, u.ID); err != nil {
		return Tokens{}, err
	} else if there == nil {
		_, err := s.sessions.end(ctx, row.ID)
		return Tokens{}, errors.Join(refused("the user was deleted meanwhile"), err)
	}
	return Tokens{Access: access, Refresh: NewSecret(refresh), UserID: u.ID, DeviceID: deviceID}, nil
}

// mint signs an access token for a session with the custom data as it is now (seed: "fetches a new copy of the data whenever a user refreshes
// their access token, such as when they log in").
func (s *Service) mint(ctx context.Context, row *sessionRow) (Secret, snapshotRow, error) {
	now := s.o.Now().Truncate(time.Second)
	doc, err := s.o.CustomData(ctx, row.UserID)
	if err != nil {
		return Secret{}, snapshotRow{}, err
	}
	token, tooLarge, err := s.signer.access(accessClaims{
		DeviceID: row.DeviceID, DomainID: s.signer.domainID, SessionID: row.ID, UserID: row.UserID,
		ExpiresAt: now.Add(s.o.TokenLife).Unix(), IssuedAt: now.Unix(),
	}, doc)
	if err != nil {
		return Secret{}, snapshotRow{}, err
	}
	return NewSecret(token), newSnapshot(doc, now, tooLarge), nil
}

// remint mints a further access token of a session that goes on.
func (s *Service) remint(ctx context.Context, row *sessionRow) (Secret, error) {
	access, snapshot, err := s.mint(ctx, row)
	if err != nil {
		return Secret{}, err
	}
	if err := s.sessions.minted(ctx, row.ID, snapshot); errors.Is(err, errEnded) {
		return Secret{}, unknownRefresh("")
	} else if err != nil {
		return Secret{}, err
	}
	return access, nil
}

// unknownRefresh is the answer to a refresh token that is not good; SDKs look for its words when they sign out. why may be empty.
func unknownRefresh(why string) *api.Error {
	if why != "" {
		why = ": " + why
	}
	return invalid("failed to find refresh token%s", why)
}

// Refresh mints a new access token. The refresh token stays as it is: SDKs read no other from the answer.
func (s *Service) Refresh(ctx context.Context, token Secret) (Secret, error) {
	row, err := s.refreshSession(ctx, token)
	if err != nil {
		return Secret{}, err
	}
	if _, err := s.holder(ctx, row); err != nil {
		return Secret{}, err
	}
	return s.remint(ctx, row)
}

// SignOut ends the session of a refresh token; the person's other sessions go on.
func (s *Service) SignOut(ctx context.Context, token Secret) error {
	row, err := s.refreshSession(ctx, token)
	if err != nil {
		return err
	}
	ended, err := s.sessions.end(ctx, row.ID)
	if err == nil && !ended {
		return unknownRefresh("")
	}
	return err
}

// refreshSession finds the session of a refresh token.
func (s *Service) refreshSession(ctx context.Context, token Secret) (*sessionRow, error) {
	c, err := s.signer.read(token.Reveal())
	switch {
	case err != nil:
		return nil, unknownRefresh(err.Error())
	case c.Type != typRefresh:
		return nil, api.Errorf(http.StatusUnauthorized, api.CodeInvalidSession, "invalid refresh token: incorrect token type")
	}
	row, err := s.sessions.find(ctx, c.SessionID)
	switch {
	case err != nil:
		return nil, err
	case row == nil || !row.opens(c.Nonce) || row.UserID != c.UserID:
		return nil, unknownRefresh("")
	}
	return row, nil
}

// holder returns whose session it is, if it is still good: the person exists, is not disabled, and their sessions were not ended.
func (s *Service) holder(ctx context.Context, row *sessionRow) (*directory.User, error) {
	u, err := s.users.User(ctx, row.UserID)
	switch {
	case err != nil:
		return nil, err
	case u == nil:
		return nil, invalid("the user does not exist any more")
	case u.Disabled:
		return nil, invalid("the user is disabled")
	case u.Epoch != row.Epoch:
		return nil, invalid("the session has been revoked")
	}
	return u, s.keyGood(ctx, row)
}

// Session is who an access token belongs to, checked against the database at this moment.
type Session struct {
	User     directory.User
	ID       string
	DeviceID string
	Request  bson.Raw // what is known of the HTTP request, as rules and functions see it; nil: nothing
	session  *sessionRow
	userData []byte
}

// Snapshot is the copy that the token carries, so as old as the token; nil: none. One odd field, such as an object shaped like an ObjectId
// that is none, must not lock its owner out, so it is read as a service's answer is.
func (b *Session) Snapshot() (bson.Raw, error) {
	if len(b.userData) == 0 {
		return nil, nil
	}
	return model.ReadDocument(string(b.userData))
}

// Authenticate says whose an access token is. A token that is not good gives 401 InvalidSession; a database that does not answer never does.
func (s *Service) Authenticate(ctx context.Context, token Secret) (*Session, error) {
	c, err := s.signer.read(token.Reveal())
	switch {
	case errors.Is(err, errOtherApp): // renewing it, which works, would not help: SDKs must not try without end
		return nil, api.Errorf(http.StatusUnauthorized, api.CodeUserAppDomainMismatch, "%s", err)
	case err != nil:
		return nil, invalid("%s", err)
	case c.Type != typAccess:
		return nil, invalid("incorrect token type")
	}
	return s.bearer(ctx, c)
}

// Revalidate checks again that the session behind a bearer is good, as a long-lived stream must.
func (s *Service) Revalidate(ctx context.Context, b *Session) error {
	_, err := s.bearer(ctx, &readClaims{Issuer: b.ID, UserID: b.User.ID})
	return err
}

func (s *Service) bearer(ctx context.Context, c *readClaims) (*Session, error) {
	row, err := s.sessions.find(ctx, c.Issuer)
	switch {
	case err != nil:
		return nil, err
	case row == nil || row.UserID != c.UserID:
		return nil, invalid("the session has ended")
	}
	u, err := s.holder(ctx, row)
	if err != nil {
		return nil, err
	}
	return &Session{User: *u, ID: row.ID, DeviceID: row.DeviceID, session: row, userData: c.UserData}, nil
}
