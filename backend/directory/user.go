package directory

import (
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// User is a person as the service knows them: what the profile shows, and what decides whether a token of theirs is good.
type User struct {
	model.User
	Disabled   bool
	Epoch      int64 // counted up to end every session at once
	CreatedAt  time.Time
	LastAuthAt time.Time
	Created    bool // Create made the record just now
}

// Identity is one way to prove who one is. Its key, provider and subject together, belongs to at most one person.
type Identity struct {
	Provider string   // the provider's type, such as "local-userpass"
	Subject  string   // who it is there: an e-mail address for local-userpass
	ID       string   // the id that the profile shows
	UserID   string   // whose it is; empty while it is only a registration
	Data     bson.Raw // what the provider knows, merged into the person's data; may be nil
	Pending  bool     // a registration that waits to be confirmed; nobody signs in with it
	Version  int64    // counted up when what proves it, such as a password, is replaced: nothing of before counts any more
}

// Key is the `_id` of the identity.
func (i Identity) Key() string { return IdentityKey(i.Provider, i.Subject) }

// IdentityKey is the `_id` under which an identity is kept.
func IdentityKey(provider, subject string) string { return provider + ":" + subject }

// userRow is a document of the collection users.
type userRow struct {
	ID         string        `bson:"_id"`
	Type       string        `bson:"type"`
	Disabled   bool          `bson:"disabled"`
	CreatedAt  time.Time     `bson:"created_at"`
	LastAuthAt time.Time     `bson:"last_auth_at"`
	Epoch      int64         `bson:"epoch"`
	Data       bson.Raw      `bson:"data"`
	Identities []listedEntry `bson:"identities"`
}

// listedEntry is one element of a user's identities.
type listedEntry struct {
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
	UserID    string    `bson:"user_id"` // empty: only a registration
	Data      bson.Raw  `bson:"data,omitempty"`
	Pending   bool      `bson:"pending,omitempty"`
	Version   int64     `bson:"version,omitempty"`
	CreatedAt time.Time `bson:"created_at"`
}

var emptyDocument = bson.Raw{5, 0, 0, 0, 0}

func (i Identity) listed() listedEntry {
	return listedEntry{Key: i.Key(), ID: i.ID, ProviderType: i.Provider, Data: i.Data}
}

func (i Identity) row(at time.Time) identityRow {
	return identityRow{Key: i.Key(), Provider: i.Provider, Subject: i.Subject, ID: i.ID, UserID: i.UserID, Data: i.Data, Pending: i.Pending, Version: i.Version, CreatedAt: at}
}

func readUser(doc bson.Raw) (*User, error) {
	var r userRow
	if err := bson.Unmarshal(doc, &r); err != nil {
		return nil, fmt.Errorf("read a user record: %w", err)
	}
	u := &User{
		User:     model.User{ID: r.ID, Type: r.Type, Data: r.Data},
		Disabled: r.Disabled, Epoch: r.Epoch, CreatedAt: r.CreatedAt, LastAuthAt: r.LastAuthAt,
	}
	for _, e := range r.Identities {
		u.Identities = append(u.Identities, model.Identity{ID: e.ID, ProviderType: e.ProviderType, Data: e.Data})
	}
	return u, nil
}

func readIdentity(doc bson.Raw) (*Identity, error) {
	var r identityRow
	if err := bson.Unmarshal(doc, &r); err != nil {
		return nil, fmt.Errorf("read an identity record: %w", err)
	}
	return &Identity{Provider: r.Provider, Subject: r.Subject, ID: r.ID, UserID: r.UserID, Data: r.Data, Pending: r.Pending, Version: r.Version}, nil
}
