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

// Limits on the number of API keys: per user, and for the server keys of an application.
const (
	maxUserKeys   = 20
	maxServerKeys = 100
)

// signInAPIKey signs in with an API key: a user key as its owner, a server key as the key's own server user,
// which is created when the key is first used.
func (s *Service) signInAPIKey(ctx context.Context, a Credential) (*directory.User, directory.Identity, error) {
	var none directory.Identity
	text, err := requiredString(a.Body, "key")
	if err != nil {
		return nil, none, err
	}
	row, err := s.verifyAPIKey(ctx, NewSecret(text), a.ClientAddress)
	if err != nil {
		return nil, none, err
	}
	i := directory.Identity{Provider: api.APIKey, Subject: row.ID, ID: row.ID, UserID: row.UserID}
	u, err := s.directory.User(ctx, row.UserID)
	switch {
	case err != nil:
		return nil, none, err
	case u == nil && row.Owner != "":
		return nil, none, invalidAPIKey("the API key's owner does not exist")
	case u == nil:
		if i.Data, err = bson.Marshal(bson.D{{Key: "name", Value: row.Name}}); err != nil {
			return nil, none, err
		}
		if u, err = s.directory.CreateServerUser(ctx, row.UserID, i); errors.Is(err, directory.ErrNotFound) {
			err = invalidAPIKey("the API key was deleted during the sign-in")
		}
		return u, i, err
	}
	return u, i, s.listKeyIdentity(ctx, u, i)
}

// listKeyIdentity adds the key to its owner's identities at the first sign-in with the key.
func (s *Service) listKeyIdentity(ctx context.Context, u *directory.User, i directory.Identity) error {
	for _, has := range u.Identities {
		if has.ProviderType == api.APIKey && has.ID == i.ID {
			return nil
		}
	}
	err := s.directory.LinkIdentity(ctx, u.ID, i)
	if errors.Is(err, directory.ErrNotFound) {
		return invalidAPIKey("the API key's owner was deleted during the sign-in")
	}
	u.Identities = append(u.Identities, model.Identity{ID: i.ID, ProviderType: i.Provider})
	return err
}

// invalidAPIKey is the response to every key that is not accepted. cause is for the log only.
func invalidAPIKey(cause string) *api.Error {
	return unauthorized("%s", cause)
}

// verifyAPIKey returns the stored key that matches the presented one. Failures are counted per client address, and per
// key when its id exists, so wrong keys do not lock out valid keys from the same network. Only failures are counted,
// so a server may sign in concurrently.
func (s *Service) verifyAPIKey(ctx context.Context, presented Secret, clientAddress string) (*apiKeyRow, error) {
	id := apiKeyID(presented)
	row, err := s.apiKeys.find(ctx, id)
	if err != nil {
		return nil, err
	}
	if row == nil {
		id = ""
	}
	attempt := throttleID(directory.IdentityKey(api.APIKey, id), clientAddress)
	if before, err := s.throttle.read(ctx, attempt); err != nil {
		return nil, err
	} else if left := before.BlockedUntil.Sub(s.options.Now()); left > 0 {
		return nil, tooManyFailures(left)
	}
	switch {
	case row == nil || !row.matches(presented):
		if err := s.throttle.begin(ctx, attempt); err != nil {
			return nil, err
		}
		return nil, invalidAPIKey("unknown API key")
	case row.Disabled:
		return nil, invalidAPIKey("the API key is disabled")
	}
	return row, nil
}

// checkSessionKey fails when the session was opened with an API key that is now deleted or disabled.
func (s *Service) checkSessionKey(ctx context.Context, row *sessionRow) error {
	if row.Provider != api.APIKey {
		return nil
	}
	key, err := s.apiKeys.find(ctx, row.IdentityID)
	switch {
	case err != nil:
		return err
	case key == nil:
		return invalidSession("the API key does not exist")
	case key.Disabled:
		return invalidSession("the API key is disabled")
	}
	return nil
}

// apiKeyOwner returns the user and the session of a refresh token, for managing that user's API keys.
func (s *Service) apiKeyOwner(ctx context.Context, token Secret) (*directory.User, *sessionRow, error) {
	row, u, err := s.findRefreshSession(ctx, token)
	if err != nil {
		return nil, nil, err
	}
	if err := s.checkUser(ctx, row, u); err != nil {
		return nil, nil, err
	}
	return u, row, s.providerEnabled(api.APIKey)
}

// CreateAPIKey creates an API key for the user of a refresh token. The returned secret is not stored and cannot be read
// again. Anonymous-only and server users cannot create keys: a key created with a key would outlive it.
func (s *Service) CreateAPIKey(ctx context.Context, token Secret, name string) (model.APIKey, Secret, error) {
	u, _, err := s.apiKeyOwner(ctx, token)
	if err != nil {
		return model.APIKey{}, Secret{}, err
	}
	if !canOwnKeys(u) {
		return model.APIKey{}, Secret{}, api.Errorf(http.StatusForbidden, "",
			"anonymous and server users cannot create API keys")
	}
	return s.apiKeys.create(ctx, u.ID, u.ID, name, maxUserKeys)
}

func canOwnKeys(u *directory.User) bool {
	for _, i := range u.Identities {
		if i.ProviderType != api.Anonymous && i.ProviderType != api.APIKey {
			return true
		}
	}
	return false
}

// APIKeys lists the API keys of the user of a refresh token, oldest first.
func (s *Service) APIKeys(ctx context.Context, token Secret) ([]model.APIKey, error) {
	u, _, err := s.apiKeyOwner(ctx, token)
	if err != nil {
		return nil, err
	}
	return s.apiKeys.list(ctx, u.ID)
}

// APIKey returns one API key of the user of a refresh token. It fails with 404 APIKeyNotFound for another user's key.
func (s *Service) APIKey(ctx context.Context, token Secret, id string) (model.APIKey, error) {
	u, _, err := s.apiKeyOwner(ctx, token)
	if err != nil {
		return model.APIKey{}, err
	}
	row, err := s.apiKeys.findOwned(ctx, u.ID, id)
	if err != nil {
		return model.APIKey{}, err
	}
	return row.key(), nil
}

// SetAPIKeyDisabled disables or enables an API key of the user of a refresh token. Disabling ends the key's sessions.
func (s *Service) SetAPIKeyDisabled(ctx context.Context, token Secret, id string, disabled bool) error {
	u, _, err := s.apiKeyOwner(ctx, token)
	if err != nil {
		return err
	}
	return s.setKeyDisabled(ctx, u.ID, id, disabled)
}

func (s *Service) setKeyDisabled(ctx context.Context, owner, id string, disabled bool) error {
	row, err := s.apiKeys.setDisabled(ctx, owner, id, disabled)
	if err != nil || !disabled {
		return err
	}
	return s.sessions.deleteByIdentity(ctx, row.UserID, row.ID)
}

// DeleteAPIKey deletes an API key of the user of a refresh token, its identity and its sessions. It refuses the key
// that opened this session.
func (s *Service) DeleteAPIKey(ctx context.Context, token Secret, id string) error {
	u, session, err := s.apiKeyOwner(ctx, token)
	if err != nil {
		return err
	}
	if session.Provider == api.APIKey && session.IdentityID == id {
		return api.Errorf(http.StatusForbidden, "", "cannot delete the API key that this session was opened with")
	}
	row, err := s.apiKeys.delete(ctx, u.ID, id)
	if err != nil {
		return err
	}
	if err := s.sessions.deleteByIdentity(ctx, u.ID, row.ID); err != nil {
		return err
	}
	return s.directory.UnlinkIdentity(ctx, u.ID, directory.IdentityKey(api.APIKey, row.ID))
}

// CreateServerKey creates a server key. The returned secret is not stored and cannot be read again.
func (s *Service) CreateServerKey(ctx context.Context, name string) (model.APIKey, Secret, error) {
	if err := s.providerEnabled(api.APIKey); err != nil {
		return model.APIKey{}, Secret{}, err
	}
	userID, err := newID(s.options.Random, s.options.Now())
	if err != nil {
		return model.APIKey{}, Secret{}, err
	}
	return s.apiKeys.create(ctx, "", userID, name, maxServerKeys)
}

// ServerKeys lists the server keys, oldest first.
func (s *Service) ServerKeys(ctx context.Context) ([]model.APIKey, error) {
	return s.apiKeys.list(ctx, "")
}

// SetServerKeyDisabled disables or enables a server key. Disabling ends its sessions.
func (s *Service) SetServerKeyDisabled(ctx context.Context, id string, disabled bool) error {
	return s.setKeyDisabled(ctx, "", id, disabled)
}

// DeleteServerKey deletes a server key, its user and its sessions. The key goes last, so an interrupted deletion can be
// repeated.
func (s *Service) DeleteServerKey(ctx context.Context, id string) error {
	row, err := s.apiKeys.findOwned(ctx, "", id)
	if err != nil {
		return err
	}
	if err := s.directory.DeleteUser(ctx, row.UserID); err != nil {
		return err
	}
	if err := s.sessions.deleteAll(ctx, row.UserID); err != nil {
		return err
	}
	_, err = s.apiKeys.delete(ctx, "", id)
	return err
}
