package auth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"

	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/directory"
)

// maxUserID is the longest user id that an operator can sign in as, in bytes.
const maxUserID = 256

// signInOperator signs an operator, who has the service's operator key, in as any user id. It creates the user when
// there is none: custom data written by another application refers to users that are not in this directory.
func (s *Service) signInOperator(ctx context.Context, c Credential) (*directory.User, directory.Identity, error) {
	var none directory.Identity
	key, err := requiredString(c.Body, "key")
	if err != nil {
		return nil, none, err
	}
	id, err := requiredString(c.Body, "user_id")
	if err != nil {
		return nil, none, err
	}
	got, want := sha256.Sum256([]byte(key)), sha256.Sum256([]byte(s.options.OperatorKey.Reveal()))
	if subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
		return nil, none, unauthorized("the operator key is wrong")
	}
	if id == "" || len(id) > maxUserID {
		return nil, none, api.Errorf(http.StatusBadRequest, api.CodeInvalidParameter, "'user_id' must have 1 to %d bytes",
			maxUserID)
	}
	i := directory.Identity{Provider: api.Operator, Subject: id, ID: id, UserID: id}
	if u, err := s.directory.User(ctx, id); err != nil || u != nil {
		return u, i, err
	}
	if err := s.directory.UnmarkDeleted(ctx, id); err != nil {
		return nil, none, err
	}
	if err := s.directory.AddIdentity(ctx, i); err != nil && !errors.Is(err, directory.ErrIdentityExists) {
		return nil, none, err
	}
	u, err := s.directory.CreateUser(ctx, id, i)
	if err == nil && u.Created {
		s.notify(app.EventCreate, i.Provider, u.User)
	}
	return u, i, err
}
