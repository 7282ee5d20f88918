package auth

import (
	"context"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/store"
)

// sweepEvery is the interval between removals of expired documents.
const sweepEvery = time.Hour

// sweeper deletes expired documents when a user signs in and the last sweep is long enough ago. It only bounds the size
// of the database: expired documents are refused in any case. TTL indexes use the deployment's clock, and not every
// database has them.
type sweeper struct {
	rows []*store.Collection // all have the field expires_at
	now  func() time.Time

	mu   sync.Mutex
	last time.Time
}

// sweep deletes expired documents, if it is due.
func (s *sweeper) sweep(ctx context.Context) error {
	now := s.now()
	s.mu.Lock()
	due := now.Sub(s.last) >= sweepEvery
	if due {
		s.last = now
	}
	s.mu.Unlock()
	if !due {
		return nil
	}
	for _, rows := range s.rows {
		if _, err := rows.DeleteMany(ctx, bson.D{{Key: "expires_at", Value: bson.D{{Key: "$lte", Value: now}}}}); err != nil {
			return err
		}
	}
	return nil
}
