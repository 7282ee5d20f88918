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

// sweeper deletes expired documents after a sign-in, when the last removal is long enough ago. It only bounds the size
// of the database: expired documents are refused in any case. TTL indexes use the deployment's clock, and not every
// database has them.
type sweeper struct {
	rows []*store.Collection // all have the field expires_at
	now  func() time.Time

	mu      sync.Mutex
	last    time.Time
	stop    context.CancelFunc // ends the running removal
	closed  bool
	running sync.WaitGroup
}

// sweepInBackground starts the removal of expired documents, if it is due. The next removal retries a failure.
func (s *sweeper) sweepInBackground(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if s.closed || now.Sub(s.last) < sweepEvery {
		return
	}
	s.last = now
	ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	s.running.Go(func() { s.sweep(ctx, now) })
}

func (s *sweeper) sweep(ctx context.Context, now time.Time) {
	for _, rows := range s.rows {
		if _, err := rows.DeleteMany(ctx, bson.D{{Key: "expires_at", Value: bson.D{{Key: "$lte", Value: now}}}}); err != nil {
			return
		}
	}
}

// close ends a running removal.
func (s *sweeper) close() {
	s.mu.Lock()
	s.closed = true
	if s.stop != nil {
		s.stop()
	}
	s.mu.Unlock()
	s.running.Wait()
}
