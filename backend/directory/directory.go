package directory

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/store"
)

// ErrIdentityExists is returned when an identity belongs to somebody already.
var ErrIdentityExists = errors.New("the identity is taken")

// ErrNotFound is returned when there is no such person.
var ErrNotFound = errors.New("there is no such user")

// Directory is the people of one application. Every lookup is by `_id`.
type Directory struct {
	users      *store.Collection
	identities *store.Collection
	deleted    *store.Collection // the ids of people who are no more
	now        func() time.Time
}

// New opens the directory that a database holds.
func New(d *store.Deployment, database string, now func() time.Time) *Directory {
	return &Directory{users: d.Collection(database, "users"), identities: d.Collection(database, "identities"), deleted: d.Collection(database, "deleted"), now: now}
}

// EnsureIndexes makes the indexes: what lists a person's identities and what a search by e-mail address uses.
func (d *Directory) EnsureIndexes(ctx context.Context) error {
	if err := d.identities.EnsureIndex(ctx, store.Index{Keys: bson.D{{Key: "user_id", Value: 1}}}); err != nil {
		return err
	}
	return d.users.EnsureIndex(ctx, store.Index{Keys: bson.D{{Key: "data.email", Value: 1}}, Sparse: true})
}

// User finds a person; nil without an error when there is none.
func (d *Directory) User(ctx context.Context, id string) (*User, error) {
	doc, err := d.users.FindOne(ctx, bson.D{{Key: "_id", Value: id}}, store.Find{})
	if err != nil || doc == nil {
		return nil, err
	}
	return readUser(doc)
}

// Identity finds an identity; nil without an error when there is none.
func (d *Directory) Identity(ctx context.Context, provider, subject string) (*Identity, error) {
	doc, err := d.identities.FindOne(ctx, bson.D{{Key: "_id", Value: IdentityKey(provider, subject)}}, store.Find{})
	if err != nil || doc == nil {
		return nil, err
	}
	return readIdentity(doc)
}

// AddIdentity keeps a new identity: a registration while it has no UserID. It fails with ErrTaken when the key exists.
func (d *Directory) AddIdentity(ctx context.Context, i Identity) error {
	_, err := d.identities.InsertOne(ctx, i.row(d.now()))
	if store.KindOf(err) == store.Duplicate {
		return fmt.Errorf("add %s identity: %w", i.Provider, ErrIdentityExists)
	}
	return err
}

// ClaimIdentity gives a registration to a person and returns whose it is now: of two who claim at once, one wins, and the other learns who.
func (d *Directory) ClaimIdentity(ctx context.Context, i Identity, userID string) (string, error) {
	free := bson.D{{Key: "_id", Value: i.Key()}, {Key: "user_id", Value: ""}}
	doc, err := d.identities.FindOneAndUpdate(ctx, free, bson.D{{Key: "$set", Value: bson.D{{Key: "user_id", Value: userID}}}}, store.FindAnd{})
	if err != nil {
		return "", err
	}
	if doc != nil {
		return userID, nil
	}
	now, err := d.Identity(ctx, i.Provider, i.Subject)
	if err != nil {
		return "", err
	}
	if now == nil {
		return "", fmt.Errorf("claim %s identity: %w", i.Provider, ErrNotFound)
	}
	return now.UserID, nil
}

// ConfirmIdentity ends the waiting of a registration. It reports whether this call did: of two, one does.
func (d *Directory) ConfirmIdentity(ctx context.Context, i Identity) (bool, error) {
	done, err := d.identities.UpdateOne(ctx, bson.D{{Key: "_id", Value: i.Key()}, {Key: "id", Value: i.ID}, {Key: "pending", Value: true}},
		bson.D{{Key: "$unset", Value: bson.D{{Key: "pending", Value: ""}}}}, store.Change{})
	return done.Matched == 1, err
}

// IncrementVersion counts the version of an identity up, so that what proved it before does not any more, and returns it as it is then. It returns nil
// without an error when the identity is gone or was renewed meanwhile: of two who renew the same version, one does.
func (d *Directory) IncrementVersion(ctx context.Context, i Identity) (*Identity, error) {
	filter := bson.D{{Key: "_id", Value: i.Key()}, {Key: "id", Value: i.ID}, {Key: "version", Value: i.Version}}
	if i.Version == 0 {
		filter[2].Value = bson.D{{Key: "$in", Value: bson.A{0, nil}}} // it is not written before the first time
	}
	doc, err := d.identities.FindOneAndUpdate(ctx, filter, bson.D{{Key: "$set", Value: bson.D{{Key: "version", Value: i.Version + 1}}}}, store.FindAnd{ReturnNew: true})
	if err != nil || doc == nil {
		return nil, err
	}
	return readIdentity(doc)
}

// DeleteUnconfirmed forgets a registration that nobody confirmed.
func (d *Directory) DeleteUnconfirmed(ctx context.Context, i Identity) error {
	_, err := d.identities.DeleteOne(ctx, bson.D{{Key: "_id", Value: i.Key()}, {Key: "id", Value: i.ID}, {Key: "pending", Value: true}})
	return err
}

// UnclaimIdentity makes an identity a registration again, if it is still that person's.
func (d *Directory) UnclaimIdentity(ctx context.Context, i Identity, userID string) error {
	_, err := d.identities.UpdateOne(ctx, bson.D{{Key: "_id", Value: i.Key()}, {Key: "user_id", Value: userID}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "user_id", Value: ""}}}}, store.Change{})
	return err
}

// DeleteIdentity forgets an identity.
func (d *Directory) DeleteIdentity(ctx context.Context, i Identity) error {
	_, err := d.identities.DeleteOne(ctx, bson.D{{Key: "_id", Value: i.Key()}})
	return err
}

// NewUser is the record that Create would make: what the user-creation function sees before the account exists.
func (d *Directory) NewUser(id string, i Identity) (*User, error) {
	doc, err := bson.Marshal(d.fresh(id, i))
	if err != nil {
		return nil, fmt.Errorf("make a user record: %w", err)
	}
	return readUser(doc)
}

// CreateUser makes a person with a first identity; when somebody made the same record meanwhile, that one is returned. It fails with ErrUnknown when
// the person was deleted meanwhile.
func (d *Directory) CreateUser(ctx context.Context, id string, i Identity) (*User, error) {
	return d.create(ctx, d.fresh(id, i))
}

// CreateServerUser is Create for the account of a server key: its type is "server".
func (d *Directory) CreateServerUser(ctx context.Context, id string, i Identity) (*User, error) {
	row := d.fresh(id, i)
	row.Type = "server"
	return d.create(ctx, row)
}

func (d *Directory) create(ctx context.Context, row userRow) (*User, error) {
	_, made := d.users.InsertOne(ctx, row)
	if made != nil && store.KindOf(made) != store.Duplicate {
		return nil, made
	}
	if gone, err := d.IsDeleted(ctx, row.ID); err != nil {
		return nil, err
	} else if gone && made == nil {
		_, err := d.users.DeleteOne(ctx, bson.D{{Key: "_id", Value: row.ID}})
		return nil, errors.Join(fmt.Errorf("create a user who was deleted: %w", ErrNotFound), err)
	}
	u, err := d.User(ctx, row.ID)
	if err == nil && u == nil {
		return nil, fmt.Errorf("create a user: %w", ErrNotFound)
	}
	if err == nil {
		u.Created = made == nil
	}
	return u, err
}

func (d *Directory) fresh(id string, i Identity) userRow {
	data := i.Data
	if len(data) == 0 {
		data = emptyDocument
	}
	now := d.now()
	return userRow{ID: id, Type: "normal", CreatedAt: now, LastAuthAt: now, Data: data, Identities: []listedEntry{i.listed()}}
}

// UnlinkIdentity takes an identity out of a person's record; the data that it brought stays.
func (d *Directory) UnlinkIdentity(ctx context.Context, userID, key string) error {
	_, err := d.users.UpdateOne(ctx, bson.D{{Key: "_id", Value: userID}},
		bson.D{{Key: "$pull", Value: bson.D{{Key: "identities", Value: bson.D{{Key: "key", Value: key}}}}}}, store.Change{})
	return err
}

// RecordSignIn notes the time of a sign-in.
func (d *Directory) RecordSignIn(ctx context.Context, id string) error {
	return d.change(ctx, id, bson.D{{Key: "$set", Value: bson.D{{Key: "last_auth_at", Value: d.now()}}}})
}

// SetDisabled shuts a person out, or lets them in again.
func (d *Directory) SetDisabled(ctx context.Context, id string, disabled bool) error {
	return d.change(ctx, id, bson.D{{Key: "$set", Value: bson.D{{Key: "disabled", Value: disabled}}}})
}

// RevokeSessions counts the epoch up: every session and token of before is refused from the next request on.
func (d *Directory) RevokeSessions(ctx context.Context, id string) error {
	return d.change(ctx, id, bson.D{{Key: "$inc", Value: bson.D{{Key: "epoch", Value: int64(1)}}}})
}

func (d *Directory) change(ctx context.Context, id string, update bson.D) error {
	done, err := d.users.UpdateOne(ctx, bson.D{{Key: "_id", Value: id}}, update, store.Change{})
	if err == nil && done.Matched == 0 {
		return ErrNotFound
	}
	return err
}

// Identities lists every identity of a person, in the order of their keys.
func (d *Directory) Identities(ctx context.Context, userID string) ([]Identity, error) {
	docs, err := d.identities.Find(ctx, bson.D{{Key: "user_id", Value: userID}}, store.Find{Sort: bson.D{{Key: "_id", Value: 1}}})
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
