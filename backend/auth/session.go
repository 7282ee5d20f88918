package auth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/store"
)

// maxKeptSnapshot is the largest custom data that a session record keeps, in bytes; of a larger one it keeps only the digest.
const maxKeptSnapshot = 1 << 20

// sessionRow is a document of the collection sessions: one sign-in on one device.
type sessionRow struct {
	ID            string      `bson:"_id"`
	UserID        string      `bson:"user_id"`
	Provider      string      `bson:"provider_type"`
	IdentityID    string      `bson:"identity_id"`
	DeviceID      string      `bson:"device_id"`
	Device        bson.D      `bson:"device"`
	RefreshSHA256 string      `bson:"refresh_sha256"`
	Epoch         int64       `bson:"epoch"` // the person's, when it was opened
	CreatedAt     time.Time   `bson:"created_at"`
	LastRefreshAt time.Time   `bson:"last_refresh_at"`
	ExpiresAt     time.Time   `bson:"expires_at"`
	Snapshot      snapshotRow `bson:"snapshot"`
}

// snapshotRow is what the latest access token of a session carries: so the service knows how stale each device is.
type snapshotRow struct {
	Digest   string    `bson:"digest"` // hex SHA-256 of the document's BSON; empty: there was none
	At       time.Time `bson:"at"`
	TooLarge bool      `bson:"too_large"`     // it was left out of the token
	Doc      bson.Raw  `bson:"doc,omitempty"` // left out when there is none or it is large
}

func newSnapshot(doc bson.Raw, at time.Time, tooLarge bool) snapshotRow {
	s := snapshotRow{At: at, TooLarge: tooLarge}
	if doc == nil {
		return s
	}
	sum := sha256.Sum256(doc)
	s.Digest = hex.EncodeToString(sum[:])
	if len(doc) <= maxKeptSnapshot {
		s.Doc = doc
	}
	return s
}

// sessions keeps the sign-ins of an application.
type sessions struct {
	rows *store.Collection
	now  func() time.Time
}

func (s sessions) prepare(ctx context.Context) error {
	if err := s.rows.EnsureIndex(ctx, store.Index{Keys: bson.D{{Key: "user_id", Value: 1}}}); err != nil {
		return err
	}
	return s.rows.EnsureIndex(ctx, store.Index{Keys: bson.D{{Key: "expires_at", Value: 1}}})
}

func (s sessions) open(ctx context.Context, row sessionRow) error {
	_, err := s.rows.InsertOne(ctx, row)
	return err
}

// find returns a session that has not ended by time, nil when there is none. The snapshot's document stays in the database.
func (s sessions) find(ctx context.Context, id string) (*sessionRow, error) {
	doc, err := s.rows.FindOne(ctx, bson.D{{Key: "_id", Value: id}}, store.Find{Projection: bson.D{{Key: "snapshot.doc", Value: 0}}})
	if err != nil || doc == nil {
		return nil, err
	}
	var row sessionRow
	if err := bson.Unmarshal(doc, &row); err != nil {
		return nil, fmt.Errorf("read a session record: %w", err)
	}
	if !s.now().Before(row.ExpiresAt) {
		return nil, nil
	}
	return &row, nil
}

// errEnded says that a session ended meanwhile.
var errEnded = errors.New("the session has ended")

// minted notes what a new access token of the session carries.
func (s sessions) minted(ctx context.Context, id string, snapshot snapshotRow) error {
	done, err := s.rows.UpdateOne(ctx, bson.D{{Key: "_id", Value: id}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "snapshot", Value: snapshot}, {Key: "last_refresh_at", Value: snapshot.At}}}}, store.Change{})
	if err == nil && done.Matched == 0 {
		return errEnded
	}
	return err
}

func (s sessions) end(ctx context.Context, id string) (bool, error) {
	n, err := s.rows.DeleteOne(ctx, bson.D{{Key: "_id", Value: id}})
	return n > 0, err
}

func (s sessions) endAll(ctx context.Context, userID string) error {
	_, err := s.rows.DeleteMany(ctx, bson.D{{Key: "user_id", Value: userID}})
	return err
}

// endOpenedWith ends a person's sessions that were opened with one identity.
func (s sessions) endOpenedWith(ctx context.Context, userID, identityID string) error {
	_, err := s.rows.DeleteMany(ctx, bson.D{{Key: "user_id", Value: userID}, {Key: "identity_id", Value: identityID}})
	return err
}

// hashNonce is what a session keeps of a refresh token, and a key's record of the key.
func hashNonce(nonce string) string {
	sum := sha256.Sum256([]byte(nonce))
	return hex.EncodeToString(sum[:])
}

// opens reports whether the nonce of a refresh token is the session's.
func (r *sessionRow) opens(nonce string) bool {
	return subtle.ConstantTimeCompare([]byte(hashNonce(nonce)), []byte(r.RefreshSHA256)) == 1
}
