package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/store"
)

// The first failures are free, then each doubles the delay, up to a maximum: an account is never locked.
const (
	freeFailures = 10
	firstWait    = time.Second
	longestWait  = 15 * time.Minute
	failureTTL   = 24 * time.Hour
)

// throttle delays sign-in attempts after failures. It counts them per identifier and client address, in the database,
// so that all processes share the counts and they survive a restart.
type throttle struct {
	rows *store.Collection
	now  func() time.Time
}

func (t throttle) ensureIndexes(ctx context.Context) error {
	return t.rows.EnsureIndex(ctx, store.Index{Keys: bson.D{{Key: "expires_at", Value: 1}}})
}

// throttleID hashes identifier and client address: the document must not reveal them.
func throttleID(identifier, clientAddress string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d:%s%s", len(identifier), identifier, clientAddress))
	return hex.EncodeToString(sum[:])
}

// throttleRow is a document of the collection throttles.
type throttleRow struct {
	ID           string    `bson:"_id"`
	Failures     int64     `bson:"failures"`
	BlockedUntil time.Time `bson:"blocked_until"`
	ExpiresAt    time.Time `bson:"expires_at"`
}

// begin counts an attempt as failed before it is made, so concurrent attempts get no more guesses than sequential ones;
// reset clears the count after a success. It fails with 429 during a delay.
func (t throttle) begin(ctx context.Context, id string) error {
	for {
		before, err := t.read(ctx, id)
		if err != nil {
			return err
		}
		now := t.now()
		if left := before.BlockedUntil.Sub(now); left > 0 {
			return tooManyFailures(left)
		}
		counted, err := t.addFailure(ctx, before, now)
		if err != nil || counted {
			return err
		}
	}
}

// read returns the count of an id; zero failures when there is none.
func (t throttle) read(ctx context.Context, id string) (throttleRow, error) {
	row := throttleRow{ID: id}
	doc, err := t.rows.FindOne(ctx, bson.D{{Key: "_id", Value: id}}, store.Find{})
	if err != nil || doc == nil {
		return row, err
	}
	if err := bson.Unmarshal(doc, &row); err != nil {
		return row, fmt.Errorf("decode a throttle document: %w", err)
	}
	return row, nil
}

// addFailure adds one failure, unless the document changed since it was read: then it returns false.
func (t throttle) addFailure(ctx context.Context, before throttleRow, now time.Time) (bool, error) {
	after := throttleRow{ID: before.ID, Failures: before.Failures + 1, ExpiresAt: now.Add(failureTTL)}
	if before.ExpiresAt.Before(now) {
		after.Failures = 1
	}
	if after.Failures >= freeFailures {
		after.BlockedUntil = now.Add(backoff(after.Failures))
	}
	if before.ExpiresAt.IsZero() {
		_, err := t.rows.InsertOne(ctx, after)
		if store.KindOf(err) == store.Duplicate {
			return false, nil
		}
		return true, err
	}
	done, err := t.rows.ReplaceOne(ctx, bson.D{{Key: "_id", Value: before.ID}, {Key: "failures", Value: before.Failures}},
		after, store.Change{})
	return done.Matched == 1, err
}

// tooManyFailures is the 429 response, with the remaining delay.
func tooManyFailures(left time.Duration) error {
	seconds := (left + time.Second - 1).Truncate(time.Second)
	return &api.Error{Status: http.StatusTooManyRequests, Message: fmt.Sprintf("too many failed sign-ins: try again in %s",
		seconds), RetryAfter: seconds}
}

// backoff returns the delay after a number of failures.
func backoff(failures int64) time.Duration {
	doublings := failures - freeFailures
	if doublings > 20 {
		return longestWait
	}
	return min(longestWait, firstWait<<doublings)
}

// reset clears the count.
func (t throttle) reset(ctx context.Context, id string) error {
	_, err := t.rows.DeleteOne(ctx, bson.D{{Key: "_id", Value: id}})
	return err
}

// undo removes the failure of an attempt that was not decided.
func (t throttle) undo(ctx context.Context, id string) error {
	_, err := t.rows.UpdateOne(ctx, bson.D{{Key: "_id", Value: id}},
		bson.D{{Key: "$inc", Value: bson.D{{Key: "failures", Value: int64(-1)}}}}, store.Change{})
	return err
}
