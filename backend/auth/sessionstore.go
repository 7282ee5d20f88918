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

	"dossier/backend/directory"
	"dossier/backend/store"
)

// maxStoredSnapshot is the largest custom data document stored in a session, in bytes; of a larger one only the digest
// is.
const maxStoredSnapshot = 1 << 20

// sessionRow is a document of the collection sessions: one sign-in on one device.
type sessionRow struct {
	ID            string      `bson:"_id"`
	UserID        string      `bson:"user_id"`
	Provider      string      `bson:"provider_type"`
	IdentityID    string      `bson:"identity_id"`
	DeviceID      string      `bson:"device_id"`
	Device        bson.D      `bson:"device"`
	RefreshSHA256 string      `bson:"refresh_sha256"`
	Epoch         int64       `bson:"epoch"` // the user's epoch when the session was opened
	CreatedAt     time.Time   `bson:"created_at"`
	LastRefreshAt time.Time   `bson:"last_refresh_at"`
	ExpiresAt     time.Time   `bson:"expires_at"`
	Snapshot      snapshotRow `bson:"snapshot"`
}

// snapshotRow describes the custom data in the latest access token of a session, for computing the staleness per
// device.
type snapshotRow struct {
	Digest   string    `bson:"digest"` // hex SHA-256 of the document's BSON; empty: no document
	At       time.Time `bson:"at"`
	TooLarge bool      `bson:"too_large"`     // too large for the token
	Doc      bson.Raw  `bson:"doc,omitempty"` // nil: no document, or larger than maxStoredSnapshot
}

func newSnapshot(doc bson.Raw, at time.Time, tooLarge bool) snapshotRow {
	s := snapshotRow{At: at, TooLarge: tooLarge}
	if doc == nil {
		return s
	}
	sum := sha256.Sum256(doc)
	s.Digest = hex.EncodeToString(sum[:])
	if len(doc) <= maxStoredSnapshot {
		s.Doc = doc
	}
	return s
}

// sessionStore stores the sessions of an application.
type sessionStore struct {
	rows   *store.Collection
	users  *directory.Directory
	reader *sessionReader
	now    func() time.Time
}

func newSessionStore(rows *store.Collection, users *directory.Directory, now func() time.Time) sessionStore {
	return sessionStore{rows: rows, users: users, reader: &sessionReader{aggregate: rows.Aggregate}, now: now}
}

func (s sessionStore) ensureIndexes(ctx context.Context) error {
	if err := s.rows.EnsureIndex(ctx, store.Index{Keys: bson.D{{Key: "user_id", Value: 1}}}); err != nil {
		return err
	}
	return s.rows.EnsureIndex(ctx, store.Index{Keys: bson.D{{Key: "expires_at", Value: 1}}})
}

func (s sessionStore) insert(ctx context.Context, row sessionRow) error {
	_, err := s.rows.InsertOne(ctx, row)
	return err
}

// find returns an unexpired session and its user. The session's device, times of use and snapshot are not read. A
// session of a deleted user has no user. nil: no such session.
func (s sessionStore) find(ctx context.Context, id string) (row *sessionRow, u *directory.User, err error) {
	if s.rows.Deployment().Can().Embedded { // two finds take less time than a join
		row, u, err = s.findApart(ctx, id)
	} else {
		row, u, err = s.findJoined(ctx, id)
	}
	if err != nil || row == nil || !s.now().Before(row.ExpiresAt) {
		return nil, nil, err
	}
	return row, u, nil
}

// findApart reads a session, then its user.
func (s sessionStore) findApart(ctx context.Context, id string) (*sessionRow, *directory.User, error) {
	doc, err := s.rows.FindOne(ctx, bson.D{{Key: "_id", Value: id}}, store.Find{Projection: bson.D{
		{Key: "snapshot", Value: 0}, {Key: "device", Value: 0}}})
	if err != nil || doc == nil {
		return nil, nil, err
	}
	row, _, err := decodeSession(doc)
	if err != nil {
		return nil, nil, err
	}
	u, err := s.users.User(ctx, row.UserID)
	return row, u, err
}

// findJoined reads a session with its user, see sessionReader.
func (s sessionStore) findJoined(ctx context.Context, id string) (*sessionRow, *directory.User, error) {
	doc, err := s.reader.read(ctx, id)
	if err != nil || doc == nil {
		return nil, nil, err
	}
	return decodeSession(doc)
}

// decodeSession decodes a session, and the user that sessionReader adds.
func decodeSession(doc bson.Raw) (row *sessionRow, u *directory.User, err error) {
	row = &sessionRow{}
	fields := store.ReadFields(doc)
	for fields.Next() {
		switch string(fields.Key()) {
		case "_id":
			row.ID = fields.String()
		case "user_id":
			row.UserID = fields.String()
		case "provider_type":
			row.Provider = fields.String()
		case "identity_id":
			row.IdentityID = fields.String()
		case "device_id":
			row.DeviceID = fields.String()
		case "refresh_sha256":
			row.RefreshSHA256 = fields.String()
		case "epoch":
			row.Epoch = fields.Int64()
		case "expires_at":
			row.ExpiresAt = fields.Time()
		case usersField:
			fields.Documents(func(doc bson.Raw) (err error) {
				u, err = directory.ReadUser(doc)
				return err
			})
		}
	}
	if err := fields.Err(); err != nil {
		return nil, nil, fmt.Errorf("decode a session document: %w", err)
	}
	return row, u, nil
}

// errSessionEnded means that the session was deleted concurrently.
var errSessionEnded = errors.New("the session has ended")

// recordAccessToken stores the snapshot of a newly issued access token.
func (s sessionStore) recordAccessToken(ctx context.Context, id string, snapshot snapshotRow) error {
	done, err := s.rows.UpdateOne(ctx, bson.D{{Key: "_id", Value: id}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "snapshot", Value: snapshot}, {Key: "last_refresh_at",
			Value: snapshot.At}}}}, store.Change{})
	if err == nil && done.Matched == 0 {
		return errSessionEnded
	}
	return err
}

func (s sessionStore) delete(ctx context.Context, id string) (bool, error) {
	n, err := s.rows.DeleteOne(ctx, bson.D{{Key: "_id", Value: id}})
	return n > 0, err
}

func (s sessionStore) deleteAll(ctx context.Context, userID string) error {
	_, err := s.rows.DeleteMany(ctx, bson.D{{Key: "user_id", Value: userID}})
	return err
}

// deleteByIdentity deletes a user's sessions that one identity opened.
func (s sessionStore) deleteByIdentity(ctx context.Context, userID, identityID string) error {
	_, err := s.rows.DeleteMany(ctx, bson.D{{Key: "user_id", Value: userID}, {Key: "identity_id", Value: identityID}})
	return err
}

// hashNonce returns the hash that is stored of a refresh token's nonce or of an API key.
func hashNonce(nonce string) string {
	sum := sha256.Sum256([]byte(nonce))
	return hex.EncodeToString(sum[:])
}

// matches reports whether a refresh token's nonce is the session's.
func (r *sessionRow) matches(nonce string) bool {
	return subtle.ConstantTimeCompare([]byte(hashNonce(nonce)), []byte(r.RefreshSHA256)) == 1
}
