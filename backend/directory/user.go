package directory

import (
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/store"
	"dossier/model"
)

// User is a user as the service stores it: the profile, and what decides whether the user's tokens are valid.
type User struct {
	model.User
	Disabled   bool
	Epoch      int64 // incremented to revoke every session
	CreatedAt  time.Time
	LastAuthAt time.Time
	Created    bool // CreateUser stored the user in this call
}

// Identity is one way to sign in. Its key, provider and subject, belongs to at most one user.
type Identity struct {
	Provider string   // provider type, such as "local-userpass"
	Subject  string   // the provider's name for the user: an e-mail address for local-userpass
	ID       string   // the id in the profile
	UserID   string   // the identity's user; empty: unclaimed
	Data     bson.Raw // the provider's data, merged into the user's data; may be nil
	Pending  bool     // a registration that is not confirmed yet: it does not sign in
	Version  int64    // incremented when its credential, such as a password, is replaced
}

// Key is the identity's `_id`.
func (i Identity) Key() string { return IdentityKey(i.Provider, i.Subject) }

// IdentityKey is the `_id` of an identity.
func IdentityKey(provider, subject string) string { return provider + ":" + subject }

// userRow is a document of the collection users.
type userRow struct {
	ID         string           `bson:"_id"`
	Type       string           `bson:"type"`
	Disabled   bool             `bson:"disabled"`
	CreatedAt  time.Time        `bson:"created_at"`
	LastAuthAt time.Time        `bson:"last_auth_at"`
	Epoch      int64            `bson:"epoch"`
	Data       bson.Raw         `bson:"data"`
	Identities []linkedIdentity `bson:"identities"`
}

// linkedIdentity is one element of a user's identities.
type linkedIdentity struct {
	Key          string   `bson:"key"`
	ID           string   `bson:"id"`
	ProviderType string   `bson:"provider_type"`
	Data         bson.Raw `bson:"data,omitempty"`
}

// identityRow is a document of the collection identities.
type identityRow struct {
	Key       string    `bson:"_id"`
	Provider  string    `bson:"provider_type"`
	Subject   string    `bson:"subject"`
	ID        string    `bson:"id"`
	UserID    string    `bson:"user_id"` // empty: unclaimed
	Data      bson.Raw  `bson:"data,omitempty"`
	Pending   bool      `bson:"pending,omitempty"`
	Version   int64     `bson:"version,omitempty"`
	CreatedAt time.Time `bson:"created_at"`
}

var emptyDocument = bson.Raw{5, 0, 0, 0, 0}

func (i Identity) linked() linkedIdentity {
	return linkedIdentity{Key: i.Key(), ID: i.ID, ProviderType: i.Provider, Data: i.Data}
}

func (i Identity) row(at time.Time) identityRow {
	return identityRow{Key: i.Key(), Provider: i.Provider, Subject: i.Subject, ID: i.ID, UserID: i.UserID, Data: i.Data,
		Pending: i.Pending, Version: i.Version, CreatedAt: at}
}

// ReadUser decodes a document of the collection of users. Its data shares the document's memory.
func ReadUser(doc bson.Raw) (*User, error) {
	u := &User{}
	fields := store.ReadFields(doc)
	for fields.Next() {
		switch string(fields.Key()) {
		case "_id":
			u.ID = fields.String()
		case "type":
			u.Type = fields.String()
		case "disabled":
			u.Disabled = fields.Bool()
		case "created_at":
			u.CreatedAt = fields.Time()
		case "last_auth_at":
			u.LastAuthAt = fields.Time()
		case "epoch":
			u.Epoch = fields.Int64()
		case "data":
			u.Data = fields.Document()
		case "identities":
			fields.Documents(func(doc bson.Raw) error {
				i, err := readLinkedIdentity(doc)
				u.Identities = append(u.Identities, i)
				return err
			})
		}
	}
	if err := fields.Err(); err != nil {
		return nil, fmt.Errorf("decode a user document: %w", err)
	}
	return u, nil
}

func readLinkedIdentity(doc bson.Raw) (i model.Identity, err error) {
	fields := store.ReadFields(doc)
	for fields.Next() {
		switch string(fields.Key()) {
		case "id":
			i.ID = fields.String()
		case "provider_type":
			i.ProviderType = fields.String()
		case "data":
			i.Data = fields.Document()
		}
	}
	return i, fields.Err()
}

func readIdentity(doc bson.Raw) (*Identity, error) {
	var r identityRow
	if err := bson.Unmarshal(doc, &r); err != nil {
		return nil, fmt.Errorf("decode an identity document: %w", err)
	}
	return &Identity{Provider: r.Provider, Subject: r.Subject, ID: r.ID, UserID: r.UserID, Data: r.Data,
		Pending: r.Pending, Version: r.Version}, nil
}
