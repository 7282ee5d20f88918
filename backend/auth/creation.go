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
	creationLease = time.Minute           // after this, the holder is assumed dead
	creationPoll  = 50 * time.Millisecond // between checks while another request holds the lease
)

// creationLeases are leases on user ids: of the first sign-ins with one identity, in any process, one creates the user.
type creationLeases struct {
	rows *store.Collection
	now  func() time.Time
}

// acquire takes the lease on a user id and returns its end; zero when another holder has it.
func (c creationLeases) acquire(ctx context.Context, id string) (time.Time, error) {
	now := c.now()
	until := now.Add(creationLease).Truncate(time.Millisecond)
	expired := bson.D{{Key: "_id", Value: id}, {Key: "expires_at", Value: bson.D{{Key: "$lte", Value: now}}}}
	_, err := c.rows.UpdateOne(ctx, expired, bson.D{{Key: "$set", Value: bson.D{{Key: "expires_at", Value: until}}}},
		store.Change{Upsert: true})
	if store.KindOf(err) == store.Duplicate {
		return time.Time{}, nil
	}
	return until, err
}

// release gives the lease up, unless it expired and another holder took it.
func (c creationLeases) release(ctx context.Context, id string, until time.Time) error {
	_, err := c.rows.DeleteOne(context.WithoutCancel(ctx), bson.D{{Key: "_id", Value: id},
		{Key: "expires_at", Value: until}})
	return err
}

// createUser creates a user after the creation hook succeeded. When the hook fails there is no user, and the identity
// becomes unclaimed.
func (s *Service) createUser(ctx context.Context, id string, i directory.Identity) (*directory.User, error) {
	if deleted, err := s.directory.IsDeleted(ctx, id); err != nil || deleted {
		return nil, errors.Join(err, directory.ErrNotFound)
	}
	if s.options.BeforeCreate == nil {
		return s.insertUser(ctx, id, i)
	}
	until, u, err := s.acquireCreationLease(ctx, id)
	if err != nil || u != nil {
		return u, err
	}
	u, err = s.createAfterHook(ctx, id, i)
	return u, errors.Join(err, s.creationLeases.release(ctx, id, until))
}

// acquireCreationLease waits until it holds the lease, or until the user exists, and then returns the user.
func (s *Service) acquireCreationLease(ctx context.Context, id string) (time.Time, *directory.User, error) {
	for {
		until, err := s.creationLeases.acquire(ctx, id)
		if err != nil {
			return until, nil, err
		}
		u, err := s.directory.User(ctx, id)
		switch {
		case (err != nil || u != nil) && !until.IsZero():
			return until, u, errors.Join(err, s.creationLeases.release(ctx, id, until))
		case err != nil || u != nil || !until.IsZero():
			return until, u, err
		}
		select {
		case <-time.After(creationPoll):
		case <-ctx.Done():
			return until, nil, ctx.Err()
		}
	}
}

// createAfterHook runs the creation hook and creates the user. It fails when the identity was unclaimed and claimed
// again by another user while waiting for the lease.
func (s *Service) createAfterHook(ctx context.Context, id string, i directory.Identity) (*directory.User, error) {
	current, err := s.directory.Identity(ctx, i.Provider, i.Subject)
	if err != nil {
		return nil, err
	}
	if current == nil || current.UserID != id {
		return nil, directory.ErrNotFound
	}
	draft, err := s.directory.NewUser(id, i)
	if err != nil {
		return nil, err
	}
	if err := s.options.BeforeCreate(ctx, draft.User); err != nil {
		return nil, errors.Join(err, s.directory.UnclaimIdentity(ctx, i, id))
	}
	return s.insertUser(ctx, id, i)
}

// insertUser stores the user and emits the creation event.
func (s *Service) insertUser(ctx context.Context, id string, i directory.Identity) (*directory.User, error) {
	u, err := s.directory.CreateUser(ctx, id, i)
	if err == nil && u.Created {
		s.notify(app.EventCreate, i.Provider, u.User)
	}
	return u, err
}
