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

// Credential is what somebody shows to sign in.
type Credential struct {
	Provider      string
	Body          bson.Raw // the login body; nil: empty
	ClientAddress string   // where the request comes from, for the throttle
}

// SignIn checks the credentials, makes the account at the first sign-in, and opens a session.
func (s *Service) SignIn(ctx context.Context, a Credential) (Tokens, error) {
	if err := s.provided(a.Provider); err != nil {
		return Tokens{}, err
	}
	var u *directory.User
	var i directory.Identity
	var err error
	switch a.Provider {
	case api.Anonymous:
		if err = s.limiter.anonymous(ctx, a.ClientAddress); err == nil {
			u, i, err = s.newcomer(ctx)
		}
	case api.Operator:
		u, i, err = s.operated(ctx, a)
	case api.APIKey:
		u, i, err = s.keyed(ctx, a)
	default:
		if i, err = s.prove(ctx, a); err == nil {
			u, err = s.owner(ctx, i)
		}
		if err == nil {
			u, err = s.current(ctx, u, i)
		}
		if err == nil {
			err = s.proven(ctx, i)
		}
	}
	if err != nil {
		return Tokens{}, err
	}
	if u.Disabled {
		return Tokens{}, api.Errorf(http.StatusUnauthorized, api.CodeUserDisabled, "the user is disabled")
	}
	if err := s.users.RecordSignIn(ctx, u.ID); err != nil && !errors.Is(err, directory.ErrNotFound) {
		return Tokens{}, err
	}
	g, err := s.open(ctx, u, i, readDevice(a.Body))
	if err == nil {
		s.happened(app.EventLogin, i.Provider, u.User)
	}
	return g, err
}

// happened tells whoever wants to know.
func (s *Service) happened(event, provider string, u model.User) {
	if s.o.OnEvent != nil {
		s.o.OnEvent(Event{Name: event, Provider: provider, User: u, At: s.o.Now()})
	}
}

// provided refuses a provider that the application does not offer.
func (s *Service) provided(provider string) error {
	if provider == api.Operator && s.o.OperatorKey.Reveal() != "" {
		return nil
	}
	p, ok := s.o.Providers[provider]
	if !ok || p.Disabled {
		return api.Errorf(http.StatusNotFound, api.CodeAuthProviderNotFound, "auth provider %s not found", provider)
	}
	return nil
}

// prove checks the credentials of an attempt and gives the identity that they are about; without a UserID it is nobody's yet.
func (s *Service) prove(ctx context.Context, a Credential) (directory.Identity, error) {
	switch {
	case a.Provider == api.EmailPassword:
		return s.password(ctx, a)
	case a.Provider == api.CustomToken:
		return s.customToken(ctx, a)
	case a.Provider == api.CustomFunction:
		return s.customFunction(ctx, a)
	case strings.HasPrefix(a.Provider, api.OAuthPrefix):
		return s.idToken(ctx, a)
	}
	return directory.Identity{}, api.Errorf(http.StatusNotFound, api.CodeAuthProviderNotFound, "auth provider %s not found", a.Provider)
}

// newcomer makes an anonymous account: every anonymous sign-in is a new person.
func (s *Service) newcomer(ctx context.Context) (*directory.User, directory.Identity, error) {
	now := s.o.Now()
	id, err := newID(s.o.Random, now)
	if err != nil {
		return nil, directory.Identity{}, err
	}
	identityID, err := newIdentityID(s.o.Random, now)
	if err != nil {
		return nil, directory.Identity{}, err
	}
	i := directory.Identity{Provider: api.Anonymous, Subject: identityID, ID: identityID, UserID: id}
	if err := s.users.AddIdentity(ctx, i); err != nil {
		return nil, i, err
	}
	u, err := s.create(ctx, id, i)
	if err != nil {
		return nil, i, errors.Join(err, s.users.DeleteIdentity(ctx, i))
	}
	return u, i, nil
}

// owner returns whose an identity is; at the first sign-in that makes the account. An identity that points at somebody who was deleted, as one
// that a sign-in found just before, is nobody's again.
func (s *Service) owner(ctx context.Context, i directory.Identity) (*directory.User, error) {
	for {
		id, err := s.claim(ctx, i)
		if err != nil {
			return nil, err
		}
		u, err := s.users.User(ctx, id)
		if err != nil || u != nil {
			return u, err
		}
		i.UserID = id
		u, err = s.create(ctx, id, i)
		if err == nil {
			return u, nil
		}
		if !errors.Is(err, directory.ErrNotFound) {
			return nil, err // the account may be there: the identity stays its own
		}
		if err := s.users.UnclaimIdentity(ctx, i, id); err != nil {
			return nil, err
		}
		i.UserID = ""
	}
}

// claim says who has an identity, which gets an id now if it is nobody's.
func (s *Service) claim(ctx context.Context, i directory.Identity) (string, error) {
	if i.UserID != "" {
		return i.UserID, nil
	}
	fresh, err := newID(s.o.Random, s.o.Now())
	if err != nil {
		return "", err
	}
	id, err := s.users.ClaimIdentity(ctx, i, fresh)
	if errors.Is(err, directory.ErrNotFound) {
		return "", refused("the identity was deleted meanwhile")
	}
	return id, err
}

// Link adds an identity to who is signed in, and mints a new access token of the same session. Refusals never say `unauthorized`:
// the Web SDK would renew its token and retry without end.
func (s *Service) Link(ctx context.Context, b *Session, a Credential) (Tokens, error) {
	if err := s.provided(a.Provider); err != nil {
		return Tokens{}, err
	}
	if a.Provider == api.Anonymous || a.Provider == api.APIKey || a.Provider == api.Operator {
		return Tokens{}, api.Errorf(http.StatusBadRequest, api.CodeBadRequest, "an identity of the provider %s cannot be added to an existing user", a.Provider)
	}
	i, err := s.prove(ctx, a)
	var answer *api.Error
	if errors.As(err, &answer) && answer.Status == http.StatusUnauthorized {
		words := "invalid user link request"
		if answer.Code == api.CodeInvalidPassword {
			words = "invalid username/password"
		}
		return Tokens{}, &api.Error{Status: answer.Status, Code: answer.Code, Message: words, Err: answer.Err}
	}
	if err != nil {
		return Tokens{}, err
	}
	if err := s.join(ctx, &b.User, i); err != nil {
		return Tokens{}, err
	}
	access, err := s.remint(ctx, b.session)
	return Tokens{Access: access, UserID: b.User.ID, DeviceID: b.DeviceID}, err
}

// join gives an identity to a person, unless it is somebody else's or they are being deleted.
func (s *Service) join(ctx context.Context, u *directory.User, i directory.Identity) error {
	if i.UserID == "" {
		for _, has := range u.Identities {
			if has.ProviderType == i.Provider && i.Provider == api.EmailPassword {
				return noLink("the user has an e-mail/password identity already")
			}
		}
		whose, err := s.users.ClaimIdentity(ctx, i, u.ID)
		switch {
		case errors.Is(err, directory.ErrNotFound):
			return noLink("the identity was deleted meanwhile")
		case err != nil:
			return err
		}
		i.UserID = whose
	}
	if i.UserID != u.ID {
		return noLink("the identity is somebody else's")
	}
	gone, err := s.users.IsDeleted(ctx, u.ID)
	if err == nil && !gone {
		err = s.users.LinkIdentity(ctx, u.ID, i)
	}
	if gone || errors.Is(err, directory.ErrNotFound) {
		// Not an invalid session: while the deletion is on its way, tokens can still be renewed, and the Web SDK would do so without end.
		return errors.Join(noLink("the user is being deleted"), s.users.UnclaimIdentity(ctx, i, u.ID))
	}
	return err
}

// noLink refuses to link in words that no SDK takes for an outdated token.
func noLink(why string) *api.Error {
	return &api.Error{Status: http.StatusUnauthorized, Code: api.CodeAuthError, Message: "invalid user link request", Err: errors.New(why)}
}

// DeleteUser forgets who is signed in: account, identities, registrations and sessions. Their custom data stays.
func (s *Service) DeleteUser(ctx context.Context, b *Session) error {
	// First of all: an identity that is linked from here on finds it and lets go, so the list below is complete.
	if err := s.users.MarkDeleted(ctx, b.User.ID); err != nil {
		return err
	}
	list, err := s.users.Identities(ctx, b.User.ID)
	if err != nil {
		return err
	}
	for _, i := range list {
		if i.Provider != api.EmailPassword {
			continue
		}
		if _, err := s.passwords.DeleteOne(ctx, bson.D{{Key: "_id", Value: i.Key()}}); err != nil {
			return err
		}
	}
	if err := s.keys.removeAll(ctx, b.User.Identities, b.User.ID); err != nil {
		return err
	}
	if err := s.users.DeleteUser(ctx, b.User.ID); err != nil {
		return err
	}
	first := ""
	if len(b.User.Identities) > 0 {
		first = b.User.Identities[0].ProviderType
	}
	s.happened(app.EventDelete, first, b.User.User)
	return s.sessions.endAll(ctx, b.User.ID)
}
