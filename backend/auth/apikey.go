package auth

import (
	"context"
	"errors"
	"net/http"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/directory"
	"dossier/model"
)

// The most keys that a person, and that an application's servers, may have.
const (
	maxUserKeys   = 20
	maxServerKeys = 100
)

// keyed signs in with an API key: as its owner, or with a server key as the account that is the key's own and made at its first use.
func (s *Service) keyed(ctx context.Context, a Credential) (*directory.User, directory.Identity, error) {
	var none directory.Identity
	text, err := field(a.Body, "key")
	if err != nil {
		return nil, none, err
	}
	row, err := s.checkKey(ctx, NewSecret(text), a.ClientAddress)
	if err != nil {
		return nil, none, err
	}
	i := directory.Identity{Provider: api.APIKey, Subject: row.ID, ID: row.ID, UserID: row.UserID}
	u, err := s.users.User(ctx, row.UserID)
	switch {
	case err != nil:
		return nil, none, err
	case u == nil && row.Owner != "":
		return nil, none, badKey("the API key's owner does not exist any more")
	case u == nil:
		if i.Data, err = bson.Marshal(bson.D{{Key: "name", Value: row.Name}}); err != nil {
			return nil, none, err
		}
		if u, err = s.users.CreateServerUser(ctx, row.UserID, i); errors.Is(err, directory.ErrNotFound) {
			err = badKey("the API key was deleted meanwhile")
		}
		return u, i, err
	}
	return u, i, s.listKey(ctx, u, i)
}

// listKey shows the key in its owner's profile from the first sign-in with it on.
func (s *Service) listKey(ctx context.Context, u *directory.User, i directory.Identity) error {
	for _, has := range u.Identities {
		if has.ProviderType == api.APIKey && has.ID == i.ID {
			return nil
		}
	}
	err := s.users.LinkIdentity(ctx, u.ID, i)
	if errors.Is(err, directory.ErrNotFound) {
		return badKey("the API key's owner was deleted meanwhile")
	}
	u.Identities = append(u.Identities, model.Identity{ID: i.ID, ProviderType: i.Provider})
	return err
}

// badKey is the answer to every key that is not good, whatever the reason; that is for the log.
func badKey(why string) *api.Error {
	return &api.Error{Status: http.StatusUnauthorized, Code: api.CodeAuthError, Message: "unauthorized", Err: errors.New(why)}
}

// checkKey finds the key that somebody shows. Guesses are counted by address, and by the key when its id was known: whoever shows wrong ones does not lock
// out the good keys of their neighbours. Nothing is counted beforehand, so that a server may sign in many times at once.
func (s *Service) checkKey(ctx context.Context, shown Secret, address string) (*keyRow, error) {
	id := keyIDOf(shown)
	row, err := s.keys.find(ctx, id)
	if err != nil {
		return nil, err
	}
	if row == nil {
		id = ""
	}
	guess := throttleID(directory.IdentityKey(api.APIKey, id), address)
	if before, err := s.throttle.read(ctx, guess); err != nil {
		return nil, err
	} else if left := before.BlockedUntil.Sub(s.o.Now()); left > 0 {
		return nil, tooMany(left)
	}
	switch {
	case row == nil || !row.opens(shown):
		if err := s.throttle.attempt(ctx, guess); err != nil {
			return nil, err
		}
		return nil, badKey("there is no such API key")
	case row.Disabled:
		return nil, badKey("the API key is disabled")
	}
	return row, nil
}

// keyGood says whether the key that a session was opened with still is.
func (s *Service) keyGood(ctx context.Context, row *sessionRow) error {
	if row.Provider != api.APIKey {
		return nil
	}
	key, err := s.keys.find(ctx, row.IdentityID)
	switch {
	case err != nil:
		return err
	case key == nil:
		return invalid("the API key does not exist any more")
	case key.Disabled:
		return invalid("the API key is disabled")
	}
	return nil
}

// keyHolder says whose keys the bearer of a refresh token may see and change.
func (s *Service) keyHolder(ctx context.Context, token Secret) (*directory.User, *sessionRow, error) {
	row, err := s.refreshSession(ctx, token)
	if err != nil {
		return nil, nil, err
	}
	u, err := s.holder(ctx, row)
	if err != nil {
		return nil, nil, err
	}
	return u, row, s.provided(api.APIKey)
}

// CreateAPIKey makes a key for the bearer of a refresh token; the secret is what signs in, and is told this once. Nobody who is only anonymous gets one, nor does
// a server: keys made with a key would outlive it.
func (s *Service) CreateAPIKey(ctx context.Context, token Secret, name string) (model.APIKey, Secret, error) {
	u, _, err := s.keyHolder(ctx, token)
	if err != nil {
		return model.APIKey{}, Secret{}, err
	}
	if !mayHaveKeys(u) {
		return model.APIKey{}, Secret{}, api.Errorf(http.StatusForbidden, "", "anonymous and server users cannot create API keys")
	}
	return s.keys.create(ctx, u.ID, u.ID, name, maxUserKeys)
}

func mayHaveKeys(u *directory.User) bool {
	for _, i := range u.Identities {
		if i.ProviderType != api.Anonymous && i.ProviderType != api.APIKey {
			return true
		}
	}
	return false
}

// APIKeys lists the keys of the bearer of a refresh token, the oldest first.
func (s *Service) APIKeys(ctx context.Context, token Secret) ([]model.APIKey, error) {
	u, _, err := s.keyHolder(ctx, token)
	if err != nil {
		return nil, err
	}
	return s.keys.list(ctx, u.ID)
}

// APIKey finds one of the keys of the bearer of a refresh token. It fails with 404 APIKeyNotFound when it is none of theirs.
func (s *Service) APIKey(ctx context.Context, token Secret, id string) (model.APIKey, error) {
	u, _, err := s.keyHolder(ctx, token)
	if err != nil {
		return model.APIKey{}, err
	}
	row, err := s.keys.owned(ctx, u.ID, id)
	if err != nil {
		return model.APIKey{}, err
	}
	return row.key(), nil
}

// SetAPIKeyDisabled disables or enables a key of the bearer of a refresh token. Disabling ends the sessions that were opened with it.
func (s *Service) SetAPIKeyDisabled(ctx context.Context, token Secret, id string, disabled bool) error {
	u, _, err := s.keyHolder(ctx, token)
	if err != nil {
		return err
	}
	return s.setKeyDisabled(ctx, u.ID, id, disabled)
}

func (s *Service) setKeyDisabled(ctx context.Context, owner, id string, disabled bool) error {
	row, err := s.keys.setDisabled(ctx, owner, id, disabled)
	if err != nil || !disabled {
		return err
	}
	return s.sessions.endOpenedWith(ctx, row.UserID, row.ID)
}

// DeleteAPIKey forgets a key of the bearer of a refresh token, its identity and the sessions that were opened with it, but not the key of this very session.
func (s *Service) DeleteAPIKey(ctx context.Context, token Secret, id string) error {
	u, session, err := s.keyHolder(ctx, token)
	if err != nil {
		return err
	}
	if session.Provider == api.APIKey && session.IdentityID == id {
		return api.Errorf(http.StatusForbidden, "", "cannot delete the API key that this session was opened with")
	}
	row, err := s.keys.remove(ctx, u.ID, id)
	if err != nil {
		return err
	}
	if err := s.sessions.endOpenedWith(ctx, u.ID, row.ID); err != nil {
		return err
	}
	return s.users.UnlinkIdentity(ctx, u.ID, directory.IdentityKey(api.APIKey, row.ID))
}

// CreateServerKey makes a server key; the secret is what signs in, and is told this once.
func (s *Service) CreateServerKey(ctx context.Context, name string) (model.APIKey, Secret, error) {
	if err := s.provided(api.APIKey); err != nil {
		return model.APIKey{}, Secret{}, err
	}
	userID, err := newID(s.o.Random, s.o.Now())
	if err != nil {
		return model.APIKey{}, Secret{}, err
	}
	return s.keys.create(ctx, "", userID, name, maxServerKeys)
}

// ServerKeys lists the server keys, the oldest first.
func (s *Service) ServerKeys(ctx context.Context) ([]model.APIKey, error) {
	return s.keys.list(ctx, "")
}

// SetServerKeyDisabled disables or enables a server key. Disabling ends the sessions that were opened with it.
func (s *Service) SetServerKeyDisabled(ctx context.Context, id string, disabled bool) error {
	return s.setKeyDisabled(ctx, "", id, disabled)
}

// DeleteServerKey forgets a server key, its account and its sessions; the key last, so that an interrupted deletion can be asked for again.
func (s *Service) DeleteServerKey(ctx context.Context, id string) error {
	row, err := s.keys.owned(ctx, "", id)
	if err != nil {
		return err
	}
	if err := s.users.DeleteUser(ctx, row.UserID); err != nil {
		return err
	}
	if err := s.sessions.endAll(ctx, row.UserID); err != nil {
		return err
	}
	_, err = s.keys.remove(ctx, "", id)
	return err
}
