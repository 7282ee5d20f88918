package auth

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/app"
	"dossier/backend/directory"
	"dossier/backend/store"
)

const (
	creationLease = time.Minute           // whoever makes an account for longer has died
	creationPause = 50 * time.Millisecond // between two looks at an account that somebody else makes
)

// creations lets one make an account, of several who sign in for the first time at once in whichever process.
type creations struct {
	rows *store.Collection
	now  func() time.Time
}

// begin gives the time until which nobody else makes the account; zero: somebody does.
func (c creations) begin(ctx context.Context, id string) (time.Time, error) {
	now := c.now()
	until := now.Add(creationLease).Truncate(time.Millisecond)
	over := bson.D{{Key: "_id", Value: id}, {Key: "expires_at", Value: bson.D{{Key: "$lte", Value: now}}}}
	_, err := c.rows.UpdateOne(ctx, over, bson.D{{Key: "$set", Value: bson.D{{Key: "expires_at", Value: until}}}}, store.Change{Upsert: true})
	if store.KindOf(err) == store.Duplicate {
		return time.Time{}, nil
	}
	return until, err
}

// end lets others make the account, unless they do so already because it took too long.
func (c creations) end(ctx context.Context, id string, until time.Time) error {
	_, err := c.rows.DeleteOne(context.WithoutCancel(ctx), bson.D{{Key: "_id", Value: id}, {Key: "expires_at", Value: until}})
	return err
}

// create makes an account, after the user-creation function agreed; when that fails there is none, and the identity is nobody's.
func (s *Service) create(ctx context.Context, id string, i directory.Identity) (*directory.User, error) {
	if gone, err := s.users.IsDeleted(ctx, id); err != nil || gone {
		return nil, errors.Join(err, directory.ErrNotFound)
	}
	if s.o.BeforeCreate == nil {
		return s.created(ctx, id, i)
	}
	until, u, err := s.mayCreate(ctx, id)
	if err != nil || u != nil {
		return u, err
	}
	u, err = s.agreed(ctx, id, i)
	return u, errors.Join(err, s.creations.end(ctx, id, until))
}

// mayCreate waits until nobody else makes the account, or it is there.
func (s *Service) mayCreate(ctx context.Context, id string) (time.Time, *directory.User, error) {
	for {
		until, err := s.creations.begin(ctx, id)
		if err != nil {
			return until, nil, err
		}
		u, err := s.users.User(ctx, id)
		switch {
		case (err != nil || u != nil) && !until.IsZero():
			return until, u, errors.Join(err, s.creations.end(ctx, id, until))
		case err != nil || u != nil || !until.IsZero():
			return until, u, err
		}
		select {
		case <-time.After(creationPause):
		case <-ctx.Done():
			return until, nil, ctx.Err()
		}
	}
}

// agreed asks the user-creation function and makes the account, unless the identity is another's since somebody else failed to.
func (s *Service) agreed(ctx context.Context, id string, i directory.Identity) (*directory.User, error) {
	there, err := s.users.Identity(ctx, i.Provider, i.Subject)
	if err != nil {
		return nil, err
	}
	if there == nil || there.UserID != id {
		return nil, directory.ErrNotFound
	}
	draft, err := s.users.NewUser(id, i)
	if err != nil {
		return nil, err
	}
	if err := s.o.BeforeCreate(ctx, draft.User); err != nil {
		return nil, errors.Join(err, s.users.UnclaimIdentity(ctx, i, id))
	}
	return s.created(ctx, id, i)
}

// created makes the account and tells of it.
func (s *Service) created(ctx context.Context, id string, i directory.Identity) (*directory.User, error) {
	u, err := s.users.CreateUser(ctx, id, i)
	if err == nil && u.Created {
		s.happened(app.EventCreate, i.Provider, u.User)
	}
	return u, err
}
