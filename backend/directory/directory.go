package directory

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/store"
)

// ErrIdentityExists is returned when an identity is added twice.
var ErrIdentityExists = errors.New("the identity already exists")

// UsersCollection is the collection whose documents ReadUser decodes, by user id.
const UsersCollection = "users"

// ErrNotFound is returned when a user or an identity does not exist.
var ErrNotFound = errors.New("user not found")

// Directory stores the users of one application. Every lookup is by `_id`.
type Directory struct {
	users      *store.Collection
	identities *store.Collection
	deleted    *store.Collection // the ids of deleted users
	now        func() time.Time
}

// New opens the directory in a database.
func New(d *store.Deployment, database string, now func() time.Time) *Directory {
	return &Directory{users: d.Collection(database, UsersCollection), identities: d.Collection(database, "identities"),
		deleted: d.Collection(database, "deleted"), now: now}
}

// EnsureIndexes creates the indexes for listing a user's identities and for searching users by e-mail address.
func (d *Directory) EnsureIndexes(ctx context.Context) error {
	if err := d.identities.EnsureIndex(ctx, store.Index{Keys: bson.D{{Key: "user_id", Value: 1}}}); err != nil {
		return err
	}
	return d.users.EnsureIndex(ctx, store.Index{Keys: bson.D{{Key: "data.email", Value: 1}}, Sparse: true})
}

// User returns a user; nil: not found.
func (d *Directory) User(ctx context.Context, id string) (*User, error) {
	doc, err := d.users.FindOne(ctx, bson.D{{Key: "_id", Value: id}}, store.Find{})
	if err != nil || doc == nil {
		return nil, err
	}
	return ReadUser(doc)
}

// Identity returns an identity; nil: not found.
func (d *Directory) Identity(ctx context.Context, provider, subject string) (*Identity, error) {
	doc, err := d.identities.FindOne(ctx, bson.D{{Key: "_id", Value: IdentityKey(provider, subject)}}, store.Find{})
	if err != nil || doc == nil {
		return nil, err
	}
	return readIdentity(doc)
}

// AddIdentity stores a new identity, unclaimed when it has no UserID. It fails with ErrIdentityExists when the key
// exists.
func (d *Directory) AddIdentity(ctx context.Context, i Identity) error {
	_, err := d.identities.InsertOne(ctx, i.row(d.now()))
	if store.KindOf(err) == store.Duplicate {
		return fmt.Errorf("add %s identity: %w", i.Provider, ErrIdentityExists)
	}
	return err
}

// ClaimIdentity assigns an unclaimed identity to a user and returns the id of its user: of concurrent claims one wins,
// and all return the winner's id.
func (d *Directory) ClaimIdentity(ctx context.Context, i Identity, userID string) (string, error) {
	unclaimed := bson.D{{Key: "_id", Value: i.Key()}, {Key: "user_id", Value: ""}}
	doc, err := d.identities.FindOneAndUpdate(ctx, unclaimed,
		bson.D{{Key: "$set", Value: bson.D{{Key: "user_id", Value: userID}}}}, store.FindAnd{})
	if err != nil {
		return "", err
	}
	if doc != nil {
		return userID, nil
	}
	current, err := d.Identity(ctx, i.Provider, i.Subject)
	if err != nil {
		return "", err
	}
	if current == nil {
		return "", fmt.Errorf("claim %s identity: %w", i.Provider, ErrNotFound)
	}
	return current.UserID, nil
}

// ConfirmIdentity confirms a pending registration. Of concurrent calls one returns true.
func (d *Directory) ConfirmIdentity(ctx context.Context, i Identity) (bool, error) {
	done, err := d.identities.UpdateOne(ctx, bson.D{{Key: "_id", Value: i.Key()}, {Key: "id", Value: i.ID},
		{Key: "pending", Value: true}},
		bson.D{{Key: "$unset", Value: bson.D{{Key: "pending", Value: ""}}}}, store.Change{})
	return done.Matched == 1, err
}

// IncrementVersion invalidates what proved the identity so far, such as a password, and returns the updated identity.
// It returns nil when the identity was deleted or its version changed: of concurrent calls one succeeds.
func (d *Directory) IncrementVersion(ctx context.Context, i Identity) (*Identity, error) {
	filter := bson.D{{Key: "_id", Value: i.Key()}, {Key: "id", Value: i.ID}, {Key: "version", Value: i.Version}}
	if i.Version == 0 {
		filter[2].Value = bson.D{{Key: "$in", Value: bson.A{0, nil}}} // the field is written with the first increment
	}
	doc, err := d.identities.FindOneAndUpdate(ctx, filter,
		bson.D{{Key: "$set", Value: bson.D{{Key: "version", Value: i.Version + 1}}}}, store.FindAnd{ReturnNew: true})
	if err != nil || doc == nil {
		return nil, err
	}
	return readIdentity(doc)
}

// DeleteUnconfirmed deletes a registration that is still pending.
func (d *Directory) DeleteUnconfirmed(ctx context.Context, i Identity) error {
	_, err := d.identities.DeleteOne(ctx, bson.D{{Key: "_id", Value: i.Key()}, {Key: "id", Value: i.ID},
		{Key: "pending", Value: true}})
	return err
}

// UnclaimIdentity makes a user's identity unclaimed, if it is still that user's.
func (d *Directory) UnclaimIdentity(ctx context.Context, i Identity, userID string) error {
	_, err := d.identities.UpdateOne(ctx, bson.D{{Key: "_id", Value: i.Key()}, {Key: "user_id", Value: userID}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "user_id", Value: ""}}}}, store.Change{})
	return err
}

// DeleteIdentity deletes an identity.
func (d *Directory) DeleteIdentity(ctx context.Context, i Identity) error {
	_, err := d.identities.DeleteOne(ctx, bson.D{{Key: "_id", Value: i.Key()}})
	return err
}

// NewUser returns the user that CreateUser would store, for the creation hook.
func (d *Directory) NewUser(id string, i Identity) (*User, error) {
	doc, err := bson.Marshal(d.newRow(id, i))
	if err != nil {
		return nil, fmt.Errorf("encode a user document: %w", err)
	}
	return ReadUser(doc)
}

// CreateUser stores a user with a first identity, or returns the user when another request stored it. It fails with
// ErrNotFound when the user was deleted meanwhile.
func (d *Directory) CreateUser(ctx context.Context, id string, i Identity) (*User, error) {
	return d.create(ctx, d.newRow(id, i))
}

// CreateServerUser is CreateUser for the user of a server key: its type is "server".
func (d *Directory) CreateServerUser(ctx context.Context, id string, i Identity) (*User, error) {
	row := d.newRow(id, i)
	row.Type = "server"
	return d.create(ctx, row)
}

func (d *Directory) create(ctx context.Context, row userRow) (*User, error) {
	_, insertErr := d.users.InsertOne(ctx, row)
	if insertErr != nil && store.KindOf(insertErr) != store.Duplicate {
		return nil, insertErr
	}
	if deleted, err := d.IsDeleted(ctx, row.ID); err != nil {
		return nil, err
	} else if deleted && insertErr == nil {
		_, err := d.users.DeleteOne(ctx, bson.D{{Key: "_id", Value: row.ID}})
		return nil, errors.Join(fmt.Errorf("create a deleted user: %w", ErrNotFound), err)
	}
	u, err := d.User(ctx, row.ID)
	if err == nil && u == nil {
		return nil, fmt.Errorf("create a user: %w", ErrNotFound)
	}
	if err == nil {
		u.Created = insertErr == nil
	}
	return u, err
}

func (d *Directory) newRow(id string, i Identity) userRow {
	data := i.Data
	if len(data) == 0 {
		data = emptyDocument
	}
	now := d.now()
	return userRow{ID: id, Type: "normal", CreatedAt: now, LastAuthAt: now, Data: data,
		Identities: []linkedIdentity{i.linked()}}
}

// UnlinkIdentity removes an identity from a user's document; the data that it contributed stays.
func (d *Directory) UnlinkIdentity(ctx context.Context, userID, key string) error {
	_, err := d.users.UpdateOne(ctx, bson.D{{Key: "_id", Value: userID}},
		bson.D{{Key: "$pull", Value: bson.D{{Key: "identities", Value: bson.D{{Key: "key", Value: key}}}}}}, store.Change{})
	return err
}

// RecordSignIn stores the time of a sign-in.
func (d *Directory) RecordSignIn(ctx context.Context, id string) error {
	return d.updateUser(ctx, id, bson.D{{Key: "$set", Value: bson.D{{Key: "last_auth_at", Value: d.now()}}}})
}

// SetDisabled disables or enables a user.
func (d *Directory) SetDisabled(ctx context.Context, id string, disabled bool) error {
	return d.updateUser(ctx, id, bson.D{{Key: "$set", Value: bson.D{{Key: "disabled", Value: disabled}}}})
}

// RevokeSessions increments the epoch, which invalidates every session and token of the user at once.
func (d *Directory) RevokeSessions(ctx context.Context, id string) error {
	return d.updateUser(ctx, id, bson.D{{Key: "$inc", Value: bson.D{{Key: "epoch", Value: int64(1)}}}})
}

func (d *Directory) updateUser(ctx context.Context, id string, update bson.D) error {
	done, err := d.users.UpdateOne(ctx, bson.D{{Key: "_id", Value: id}}, update, store.Change{})
	if err == nil && done.Matched == 0 {
		return ErrNotFound
	}
	return err
}

// Identities lists the identities of a user, ordered by key.
func (d *Directory) Identities(ctx context.Context, userID string) ([]Identity, error) {
	docs, err := d.identities.Find(ctx, bson.D{{Key: "user_id", Value: userID}},
		store.Find{Sort: bson.D{{Key: "_id", Value: 1}}})
	if err != nil {
		return nil, err
	}
	var list []Identity
	for _, doc := range docs {
		i, err := readIdentity(doc)
		if err != nil {
			return nil, err
		}
		list = append(list, *i)
	}
	return list, nil
}
