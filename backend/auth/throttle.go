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
	return t.rows.EnsureIndex(ctx, store.Index{Keys: bson.D{{Key: "expires_at", Value: 1}}, ExpireAfter: time.Hour})
}

// throttleID hashes identifier and address: the record shall not tell who failed.
func throttleID(identifier, address string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d:%s%s", len(identifier), identifier, address))
	return hex.EncodeToString(sum[:])
}

// attempt counts an attempt as failed before it is made, so that many at once get no more guesses than one after the other;
// success takes it back. It fails with 429 while the wait lasts.
func (t throttle) attempt(ctx context.Context, id string) error {
	now := t.now()
	doc, err := t.rows.FindOne(ctx, bson.D{{Key: "_id", Value: id}}, store.Find{})
	if err != nil {
		return err
	}
	if until, ok := doc.Lookup("expires_at").TimeOK(); ok && !now.Before(until) {
		if err := t.forget(ctx, id); err != nil {
			return err
		}
	}
	free := bson.D{{Key: "_id", Value: id}, {Key: "blocked_until", Value: bson.D{{Key: "$lte", Value: now}}}}
	count := bson.D{
		{Key: "$inc", Value: bson.D{{Key: "failures", Value: int64(1)}}},
		{Key: "$set", Value: bson.D{{Key: "expires_at", Value: now.Add(forgetFailing)}}},
		{Key: "$setOnInsert", Value: bson.D{{Key: "blocked_until", Value: time.Unix(0, 0)}}},
	}
	after, err := t.rows.FindOneAndUpdate(ctx, free, count, store.FindAnd{Upsert: true, ReturnNew: true})
	if store.KindOf(err) == store.Duplicate {
		return t.refuse(ctx, id, now)
	}
	if err != nil {
		return err
	}
	if n, _ := after.Lookup("failures").AsInt64OK(); n >= freeFailures {
		return t.block(ctx, id, now.Add(waitAfter(n)))
	}
	return nil
}

// waitAfter is how long to wait after so many failures.
func waitAfter(failures int64) time.Duration {
	doublings := failures - freeFailures
	if doublings > 20 {
		return longestWait
	}
	return min(longestWait, firstWait<<doublings)
}

func (t throttle) block(ctx context.Context, id string, until time.Time) error {
	_, err := t.rows.UpdateOne(ctx, bson.D{{Key: "_id", Value: id}},
		bson.D{{Key: "$max", Value: bson.D{{Key: "blocked_until", Value: until}}}}, store.Change{})
	return err
}

// refuse answers 429 with the time that is left.
func (t throttle) refuse(ctx context.Context, id string, now time.Time) error {
	wait := firstWait
	doc, err := t.rows.FindOne(ctx, bson.D{{Key: "_id", Value: id}}, store.Find{})
	if err != nil {
		return err
	}
	if until, ok := doc.Lookup("blocked_until").TimeOK(); doc != nil && ok {
		wait = max(wait, until.Sub(now))
	}
	seconds := (wait + time.Second - 1).Truncate(time.Second)
	return &api.Error{Status: http.StatusTooManyRequests, Message: fmt.Sprintf("too many failed sign-ins: try again in %s", seconds), RetryAfter: seconds}
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
