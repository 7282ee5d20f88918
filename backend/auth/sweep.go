package auth

import (
	"context"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/store"
)

// sweepEvery is how often records that have expired are removed.
const sweepEvery = time.Hour

// sweeper removes expired records when somebody signs in and it was not done for a while. Nothing depends on it but the size of the
// database: what has expired is refused in any case. A deployment's own expiry would go by its clock, and not every database has one.
type sweeper struct {
	rows []*store.Collection // each with expires_at
	now  func() time.Time

	mu   sync.Mutex
	last time.Time
}

// sweep removes what has expired, if it is time.
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
