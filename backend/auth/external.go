package auth

import (
	"bytes"
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/directory"
)

// external finds the identity of somebody whom somebody else vouched for, and adds it when it is new. data is what is known of them now.
func (s *Service) external(ctx context.Context, provider, subject string, data bson.Raw) (directory.Identity, error) {
	i := directory.Identity{Provider: provider, Subject: subject, ID: subject, Data: data}
	for range 2 {
		there, err := s.users.Identity(ctx, provider, subject)
		if err != nil {
			return i, err
		}
		if there != nil {
			i.UserID = there.UserID
			return i, nil
		}
		if err := s.users.AddIdentity(ctx, i); !errors.Is(err, directory.ErrIdentityExists) {
			return i, err
		}
	}
	return i, refused("the identity was added and deleted at once")
}

// current brings a person's record up to date with the data of the identity they just proved.
func (s *Service) current(ctx context.Context, u *directory.User, i directory.Identity) (*directory.User, error) {
	for _, known := range u.Identities {
		if known.ID != i.ID || known.ProviderType != i.Provider || bytes.Equal(known.Data, i.Data) {
			continue
		}
		if err := s.users.LinkIdentity(ctx, u.ID, i); err != nil && !errors.Is(err, directory.ErrNotFound) {
			return nil, err
		}
		return s.users.User(ctx, u.ID)
	}
	return u, nil
}
