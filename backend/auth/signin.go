package auth

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/directory"
	"dossier/model"
)

// Credential is what a client presents to sign in with a provider.
type Credential struct {
	Provider      string
	Body          bson.Raw // login request body; nil: empty
	ClientAddress string   // for the throttle and the rate limits
}

// SignIn verifies a credential, creates the user at the first sign-in, and opens a session.
func (s *Service) SignIn(ctx context.Context, c Credential) (Tokens, error) {
	if err := s.providerEnabled(c.Provider); err != nil {
		return Tokens{}, err
	}
	var u *directory.User
	var i directory.Identity
	var err error
	switch c.Provider {
	case api.Anonymous:
		if err = s.rateLimiter.allowAnonymous(ctx, c.ClientAddress); err == nil {
			u, i, err = s.createAnonymousUser(ctx)
		}
	case api.Operator:
		u, i, err = s.signInOperator(ctx, c)
	case api.APIKey:
		u, i, err = s.signInAPIKey(ctx, c)
	default:
		if i, err = s.verifyCredentials(ctx, c); err == nil {
			u, err = s.findOrCreateUser(ctx, i)
		}
		if err == nil {
			u, err = s.updateIdentityData(ctx, u, i)
		}
		if err == nil {
			err = s.recheckPassword(ctx, i)
		}
	}
	if err != nil {
		return Tokens{}, err
	}
	if u.Disabled {
		return Tokens{}, api.Errorf(http.StatusUnauthorized, api.CodeUserDisabled, "the user is disabled")
	}
	if err := s.directory.RecordSignIn(ctx, u.ID); err != nil && !errors.Is(err, directory.ErrNotFound) {
		return Tokens{}, err
	}
	tokens, err := s.openSession(ctx, u, i, readDevice(c.Body))
	if err == nil {
		s.notify(app.EventLogin, i.Provider, u.User)
	}
	return tokens, err
}

// notify emits an authentication event.
func (s *Service) notify(event, provider string, u model.User) {
	if s.options.OnEvent != nil {
		s.options.OnEvent(Event{Name: event, Provider: provider, User: u, At: s.options.Now()})
	}
}

// providerEnabled fails when the application does not offer a provider.
func (s *Service) providerEnabled(provider string) error {
	if provider == api.Operator && s.options.OperatorKey.Reveal() != "" {
		return nil
	}
	p, ok := s.options.Providers[provider]
	if !ok || p.Disabled {
		return api.Errorf(http.StatusNotFound, api.CodeAuthProviderNotFound, "auth provider %s not found", provider)
	}
	return nil
}

// verifyCredentials returns the identity that a credential proves; without a UserID it is unclaimed.
func (s *Service) verifyCredentials(ctx context.Context, c Credential) (directory.Identity, error) {
	switch {
	case c.Provider == api.EmailPassword:
		return s.verifyPassword(ctx, c)
	case c.Provider == api.CustomToken:
		return s.verifyCustomToken(ctx, c)
	case c.Provider == api.CustomFunction:
		return s.verifyCustomFunction(ctx, c)
	case strings.HasPrefix(c.Provider, api.OAuthPrefix):
		return s.verifyIDToken(ctx, c)
	}
	return directory.Identity{}, api.Errorf(http.StatusNotFound, api.CodeAuthProviderNotFound,
		"auth provider %s not found", c.Provider)
}

// createAnonymousUser creates an anonymous user: every anonymous sign-in is a new user.
func (s *Service) createAnonymousUser(ctx context.Context) (*directory.User, directory.Identity, error) {
	now := s.options.Now()
	id, err := newID(s.options.Random, now)
	if err != nil {
		return nil, directory.Identity{}, err
	}
	identityID, err := newIdentityID(s.options.Random, now)
	if err != nil {
		return nil, directory.Identity{}, err
	}
	i := directory.Identity{Provider: api.Anonymous, Subject: identityID, ID: identityID, UserID: id}
	if err := s.directory.AddIdentity(ctx, i); err != nil {
		return nil, i, err
	}
	u, err := s.createUser(ctx, id, i)
	if err != nil {
		return nil, i, errors.Join(err, s.directory.DeleteIdentity(ctx, i))
	}
	return u, i, nil
}

// findOrCreateUser returns the user of an identity, and creates it at the first sign-in. An identity that still points
// to a deleted user, as one read just before the deletion, becomes unclaimed.
func (s *Service) findOrCreateUser(ctx context.Context, i directory.Identity) (*directory.User, error) {
	for {
		id, err := s.claimIdentity(ctx, i)
		if err != nil {
			return nil, err
		}
		u, err := s.directory.User(ctx, id)
		if err != nil || u != nil {
			return u, err
		}
		i.UserID = id
		u, err = s.createUser(ctx, id, i)
		if err == nil {
			return u, nil
		}
		if !errors.Is(err, directory.ErrNotFound) {
			return nil, err // the user may have been created: the identity stays claimed
		}
		if err := s.directory.UnclaimIdentity(ctx, i, id); err != nil {
			return nil, err
		}
		i.UserID = ""
	}
}

// claimIdentity returns the user id of an identity; an unclaimed one gets a new id.
func (s *Service) claimIdentity(ctx context.Context, i directory.Identity) (string, error) {
	if i.UserID != "" {
		return i.UserID, nil
	}
	candidate, err := newID(s.options.Random, s.options.Now())
	if err != nil {
		return "", err
	}
	id, err := s.directory.ClaimIdentity(ctx, i, candidate)
	if errors.Is(err, directory.ErrNotFound) {
		return "", unauthorized("the identity was deleted during the sign-in")
	}
	return id, err
}

// Link adds an identity to the session's user and issues a new access token for the same session. A refusal never has
// the message `unauthorized`: the Web SDK would refresh its token and retry without end.
func (s *Service) Link(ctx context.Context, session *Session, c Credential) (Tokens, error) {
	if err := s.providerEnabled(c.Provider); err != nil {
		return Tokens{}, err
	}
	if c.Provider == api.Anonymous || c.Provider == api.APIKey || c.Provider == api.Operator {
		return Tokens{}, api.Errorf(http.StatusBadRequest, api.CodeBadRequest,
			"an identity of the provider %s cannot be added to an existing user", c.Provider)
	}
	i, err := s.verifyCredentials(ctx, c)
	var refusal *api.Error
	if errors.As(err, &refusal) && refusal.Status == http.StatusUnauthorized {
		message := "invalid user link request"
		if refusal.Code == api.CodeInvalidPassword {
			message = "invalid username/password"
		}
		return Tokens{}, &api.Error{Status: refusal.Status, Code: refusal.Code, Message: message, Err: refusal.Err}
	}
	if err != nil {
		return Tokens{}, err
	}
	if err := s.linkIdentity(ctx, &session.User, i); err != nil {
		return Tokens{}, err
	}
	access, err := s.reissueAccessToken(ctx, session.row)
	return Tokens{Access: access, UserID: session.User.ID, DeviceID: session.DeviceID}, err
}

// linkIdentity adds an identity to a user. It fails when the identity is another user's or the user is being deleted.
func (s *Service) linkIdentity(ctx context.Context, u *directory.User, i directory.Identity) error {
	if i.UserID == "" {
		for _, has := range u.Identities {
			if has.ProviderType == i.Provider && i.Provider == api.EmailPassword {
				return linkRefused("the user has an e-mail/password identity already")
			}
		}
		owner, err := s.directory.ClaimIdentity(ctx, i, u.ID)
		switch {
		case errors.Is(err, directory.ErrNotFound):
			return linkRefused("the identity was deleted during the request")
		case err != nil:
			return err
		}
		i.UserID = owner
	}
	if i.UserID != u.ID {
		return linkRefused("the identity belongs to another user")
	}
	deleted, err := s.directory.IsDeleted(ctx, u.ID)
	if err == nil && !deleted {
		err = s.directory.LinkIdentity(ctx, u.ID, i)
	}
	if deleted || errors.Is(err, directory.ErrNotFound) {
		// Not InvalidSession: until the deletion ends tokens can be refreshed, and the Web SDK would do so without end.
		return errors.Join(linkRefused("the user is being deleted"), s.directory.UnclaimIdentity(ctx, i, u.ID))
	}
	return err
}

// linkRefused refuses to link with a response that no SDK takes for an expired token.
func linkRefused(cause string) *api.Error {
	return &api.Error{Status: http.StatusUnauthorized, Code: api.CodeAuthError, Message: "invalid user link request",
		Err: errors.New(cause)}
}

// DeleteUser deletes the session's user with their identities, passwords, API keys and sessions. Custom data stays.
func (s *Service) DeleteUser(ctx context.Context, b *Session) error {
	// First, so the list below is complete: an identity linked from here on finds the mark and is unclaimed again.
	if err := s.directory.MarkDeleted(ctx, b.User.ID); err != nil {
		return err
	}
	identities, err := s.directory.Identities(ctx, b.User.ID)
	if err != nil {
		return err
	}
	for _, i := range identities {
		if i.Provider != api.EmailPassword {
			continue
		}
		if _, err := s.passwords.DeleteOne(ctx, bson.D{{Key: "_id", Value: i.Key()}}); err != nil {
			return err
		}
	}
	if err := s.apiKeys.deleteAll(ctx, b.User.Identities, b.User.ID); err != nil {
		return err
	}
	if err := s.directory.DeleteUser(ctx, b.User.ID); err != nil {
		return err
	}
	first := ""
	if len(b.User.Identities) > 0 {
		first = b.User.Identities[0].ProviderType
	}
	s.notify(app.EventDelete, first, b.User.User)
	return s.sessions.deleteAll(ctx, b.User.ID)
}
