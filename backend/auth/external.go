package auth

import (
	"bytes"
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/directory"
)

// findOrAddIdentity returns the identity that an external issuer or a function asserted, and adds it when it is new.
// data is the current data of the provider.
func (s *Service) findOrAddIdentity(ctx context.Context, provider, subject string, data bson.Raw) (directory.Identity,
	error) {
	i := directory.Identity{Provider: provider, Subject: subject, ID: subject, Data: data}
	for range 2 {
		existing, err := s.directory.Identity(ctx, provider, subject)
		if err != nil {
			return i, err
		}
		if existing != nil {
			i.UserID = existing.UserID
			return i, nil
		}
		if err := s.directory.AddIdentity(ctx, i); !errors.Is(err, directory.ErrIdentityExists) {
			return i, err
		}
	}
	return i, unauthorized("the identity was deleted during the sign-in")
}

// updateIdentityData stores the identity's current data in the user's document when it changed.
func (s *Service) updateIdentityData(ctx context.Context, u *directory.User, i directory.Identity) (*directory.User,
	error) {
	for _, known := range u.Identities {
		if known.ID != i.ID || known.ProviderType != i.Provider || bytes.Equal(known.Data, i.Data) {
			continue
		}
		if err := s.directory.LinkIdentity(ctx, u.ID, i); err != nil && !errors.Is(err, directory.ErrNotFound) {
			return nil, err
		}
		return s.directory.User(ctx, u.ID)
	}
	return u, nil
}
