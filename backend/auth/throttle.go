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

// The throttle's figures: so many failures are free, then each doubles the wait, which never grows into a lock.
const (
	freeFailures  = 10
	firstWait     = time.Second
	longestWait   = 15 * time.Minute
	forgetFailing = 24 * time.Hour
)

// throttle slows down who guesses: it counts failed sign-ins by identifier and address, in the database, so that every process and a restart knows them.
type throttle struct {
	rows *store.Collection
	now  func() time.Time
}

func (t throttle) prepare(ctx context.Context) error {
	return t.rows.EnsureIndex(ctx, store.Index{Keys: bson.D{{Key: "expires_at", Value: 1}}})
}

// throttleID hashes identifier and address: the record shall not tell who failed.
func throttleID(identifier, address string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d:%s%s", len(identifier), identifier, address))
	return hex.EncodeToString(sum[:])
}

// throttleRow is a document of the collection throttles.
type throttleRow struct {
	ID           string    `bson:"_id"`
	Failures     int64     `bson:"failures"`
	BlockedUntil time.Time `bson:"blocked_until"`
	ExpiresAt    time.Time `bson:"expires_at"`
}

// attempt counts an attempt as failed before it is made, so that many at once get no more guesses than one after the other;
// success takes it back. It fails with 429 while the wait lasts.
func (t throttle) attempt(ctx context.Context, id string) error {
	for {
		before, err := t.read(ctx, id)
		if err != nil {
			return err
		}
		now := t.now()
		if left := before.BlockedUntil.Sub(now); left > 0 {
			return tooMany(left)
		}
		counted, err := t.count(ctx, before, now)
		if err != nil || counted {
			return err
		}
	}
}

// read returns the count, zero failures when there is none.
func (t throttle) read(ctx context.Context, id string) (throttleRow, error) {
	row := throttleRow{ID: id}
	doc, err := t.rows.FindOne(ctx, bson.D{{Key: "_id", Value: id}}, store.Find{})
	if err != nil || doc == nil {
		return row, err
	}
	if err := bson.Unmarshal(doc, &row); err != nil {
		return row, fmt.Errorf("read a throttle record: %w", err)
	}
	return row, nil
}

// count adds one failure, unless somebody else counted since the record was read.
func (t throttle) count(ctx context.Context, before throttleRow, now time.Time) (bool, error) {
	after := throttleRow{ID: before.ID, Failures: before.Failures + 1, ExpiresAt: now.Add(forgetFailing)}
	if before.ExpiresAt.Before(now) {
		after.Failures = 1
	}
	if after.Failures >= freeFailures {
		after.BlockedUntil = now.Add(waitAfter(after.Failures))
	}
	if before.ExpiresAt.IsZero() {
		_, err := t.rows.InsertOne(ctx, after)
		if store.KindOf(err) == store.Duplicate {
			return false, nil
		}
		return true, err
	}
	done, err := t.rows.ReplaceOne(ctx, bson.D{{Key: "_id", Value: before.ID}, {Key: "failures", Value: before.Failures}}, after, store.Change{})
	return done.Matched == 1, err
}

// tooMany answers 429 with the time that is left.
func tooMany(left time.Duration) error {
	seconds := (left + time.Second - 1).Truncate(time.Second)
	return &api.Error{Status: http.StatusTooManyRequests, Message: fmt.Sprintf("too many failed sign-ins: try again in %s", seconds), RetryAfter: seconds}
}

// waitAfter is how long to wait after so many failures.
func waitAfter(failures int64) time.Duration {
	doublings := failures - freeFailures
	if doublings > 20 {
		return longestWait
	}
	return min(longestWait, firstWait<<doublings)
}

// forget takes the count back.
func (t throttle) forget(ctx context.Context, id string) error {
	_, err := t.rows.DeleteOne(ctx, bson.D{{Key: "_id", Value: id}})
	return err
}

// takeBack counts an attempt as not made: it was never decided.
func (t throttle) takeBack(ctx context.Context, id string) error {
	_, err := t.rows.UpdateOne(ctx, bson.D{{Key: "_id", Value: id}}, bson.D{{Key: "$inc", Value: bson.D{{Key: "failures", Value: int64(-1)}}}}, store.Change{})
	return err
}
