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

// maxUserID is the longest user id an operator can pick, in bytes.
const maxUserID = 256

// operated signs in, as the user id they pick, whoever started the service and so knows its key. The record is made when there is none: the
// custom data of such an application was written by somebody else, and its people are known by it only.
func (s *Service) operated(ctx context.Context, a Credential) (*directory.User, directory.Identity, error) {
	var none directory.Identity
	key, err := field(a.Body, "key")
	if err != nil {
		return nil, none, err
	}
	id, err := field(a.Body, "user_id")
	if err != nil {
		return nil, none, err
	}
	given, want := sha256.Sum256([]byte(key)), sha256.Sum256([]byte(s.o.OperatorKey.Reveal()))
	if subtle.ConstantTimeCompare(given[:], want[:]) != 1 {
		return nil, none, refused("the operator's key is wrong")
	}
	if id == "" || len(id) > maxUserID {
		return nil, none, api.Errorf(http.StatusBadRequest, api.CodeInvalidParameter, "'user_id' wants 1 to %d bytes", maxUserID)
	}
	i := directory.Identity{Provider: api.Operator, Subject: id, ID: id, UserID: id}
	if u, err := s.users.User(ctx, id); err != nil || u != nil {
		return u, i, err
	}
	if err := s.users.UnmarkDeleted(ctx, id); err != nil {
		return nil, none, err
	}
	if err := s.users.AddIdentity(ctx, i); err != nil && !errors.Is(err, directory.ErrIdentityExists) {
		return nil, none, err
	}
	u, err := s.users.CreateUser(ctx, id, i)
	if err == nil && u.Created {
		s.happened(app.EventCreate, i.Provider, u.User)
	}
	return u, i, err
}
