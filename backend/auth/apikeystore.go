package auth

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/store"
	"dossier/model"
)

// The parts of an API key, in bytes: the id that finds it, and random bytes. In base64 they are the 64 characters that
// SDKs expect.
const (
	keyIDBytes     = 12
	keySecretBytes = 36
)

// maxKeyName is the longest name of a key, in characters.
const maxKeyName = 256

var keyNamePattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
})

// apiKeyRow is a document of the collection api_keys. It holds a plain SHA-256 of the key: the key has 288 random bits,
// so a slow hash adds nothing.
type apiKeyRow struct {
	ID        string    `bson:"_id"`
	Owner     string    `bson:"owner"`   // user id of the owner, who may change it; empty: a server key
	Slot      int       `bson:"slot"`    // unique per owner, which limits the number of keys
	UserID    string    `bson:"user_id"` // the user that the key signs in: the owner, or the server key's own user
	Name      string    `bson:"name"`    // unique per owner
	SHA256    string    `bson:"sha256"`
	Disabled  bool      `bson:"disabled"`
	CreatedAt time.Time `bson:"created_at"`
}

func (r *apiKeyRow) key() model.APIKey {
	return model.APIKey{ID: r.ID, Name: r.Name, Disabled: r.Disabled, CreatedAt: r.CreatedAt}
}

// matches reports whether the presented key is this one.
func (r *apiKeyRow) matches(presented Secret) bool {
	return subtle.ConstantTimeCompare([]byte(hashNonce(presented.Reveal())), []byte(r.SHA256)) == 1
}

// apiKeyID returns the id inside a key; empty when the key is malformed.
func apiKeyID(key Secret) string {
	b, err := base64.RawURLEncoding.DecodeString(key.Reveal())
	if err != nil || len(b) != keyIDBytes+keySecretBytes {
		return ""
	}
	return hex.EncodeToString(b[:keyIDBytes])
}

// apiKeyStore stores the API keys of an application, one document per key.
type apiKeyStore struct {
	rows   *store.Collection
	now    func() time.Time
	random io.Reader
}

func (k apiKeyStore) ensureIndexes(ctx context.Context) error {
	for _, unique := range []string{"name", "slot"} {
		index := store.Index{Keys: bson.D{{Key: "owner", Value: 1}, {Key: unique, Value: 1}}, Unique: true}
		if err := k.rows.EnsureIndex(ctx, index); err != nil {
			return err
		}
	}
	return nil
}

// find returns a key by its id; nil: no such key.
func (k apiKeyStore) find(ctx context.Context, id string) (*apiKeyRow, error) {
	if id == "" {
		return nil, nil
	}
	doc, err := k.rows.FindOne(ctx, bson.D{{Key: "_id", Value: id}}, store.Find{})
	if err != nil || doc == nil {
		return nil, err
	}
	return readKeyRow(doc)
}

func readKeyRow(doc bson.Raw) (*apiKeyRow, error) {
	var row apiKeyRow
	if err := bson.Unmarshal(doc, &row); err != nil {
		return nil, fmt.Errorf("decode an API key document: %w", err)
	}
	return &row, nil
}

// findOwned returns a key of an owner. Another owner's key is not found, like one that does not exist.
func (k apiKeyStore) findOwned(ctx context.Context, owner, id string) (*apiKeyRow, error) {
	doc, err := k.rows.FindOne(ctx, ownedFilter(owner, id), store.Find{})
	return readOwned(doc, err)
}

func ownedFilter(owner, id string) bson.D {
	return bson.D{{Key: "_id", Value: id}, {Key: "owner", Value: owner}}
}

func readOwned(doc bson.Raw, err error) (*apiKeyRow, error) {
	switch {
	case err != nil:
		return nil, err
	case doc == nil:
		return nil, api.Errorf(http.StatusNotFound, api.CodeAPIKeyNotFound, "API key not found")
	}
	return readKeyRow(doc)
}

// findAll returns the keys of an owner, oldest first.
func (k apiKeyStore) findAll(ctx context.Context, owner string) ([]*apiKeyRow, error) {
	docs, err := k.rows.Find(ctx, bson.D{{Key: "owner", Value: owner}},
		store.Find{Sort: bson.D{{Key: "created_at", Value: 1}, {Key: "_id", Value: 1}}})
	if err != nil {
		return nil, err
	}
	rows := make([]*apiKeyRow, len(docs))
	for i, doc := range docs {
		if rows[i], err = readKeyRow(doc); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func (k apiKeyStore) list(ctx context.Context, owner string) ([]model.APIKey, error) {
	rows, err := k.findAll(ctx, owner)
	if err != nil {
		return nil, err
	}
	keys := make([]model.APIKey, len(rows))
	for i, row := range rows {
		keys[i] = row.key()
	}
	return keys, nil
}

// create creates a key unless the owner has limit keys already. Concurrent creations in any process are decided by the
// unique indexes on name and slot; those that lose retry.
func (k apiKeyStore) create(ctx context.Context, owner, userID, name string, limit int) (model.APIKey, Secret, error) {
	if err := checkKeyName(name); err != nil {
		return model.APIKey{}, Secret{}, err
	}
	for {
		slot, err := k.freeSlot(ctx, owner, name, limit)
		if err != nil {
			return model.APIKey{}, Secret{}, err
		}
		row, key, err := k.newRow(apiKeyRow{Owner: owner, Slot: slot, UserID: userID, Name: name})
		if err != nil {
			return model.APIKey{}, Secret{}, err
		}
		_, err = k.rows.InsertOne(ctx, row)
		switch store.KindOf(err) {
		case store.Duplicate, store.Busy:
			continue
		}
		return row.key(), key, err
	}
}

// checkKeyName refuses a key name with the hosted service's messages.
func checkKeyName(name string) error {
	switch {
	case name == "":
		return api.Errorf(http.StatusBadRequest, "", "'name' is a required string")
	case !keyNamePattern().MatchString(name):
		return api.Errorf(http.StatusBadRequest, api.CodeInvalidParameter,
			"can only contain ASCII letters, numbers, underscores, and hyphens")
	case len(name) > maxKeyName:
		return api.Errorf(http.StatusBadRequest, api.CodeInvalidParameter, "can have at most %d characters", maxKeyName)
	}
	return nil
}

// freeSlot returns the lowest unused slot of an owner. It fails when the name is taken or all slots are used.
func (k apiKeyStore) freeSlot(ctx context.Context, owner, name string, limit int) (int, error) {
	rows, err := k.findAll(ctx, owner)
	if err != nil {
		return 0, err
	}
	used := make(map[int]bool, len(rows))
	for _, row := range rows {
		if row.Name == name {
			return 0, api.Errorf(http.StatusConflict, api.CodeAPIKeyAlreadyExists, "API key with name already exists")
		}
		used[row.Slot] = true
	}
	for slot := range limit {
		if !used[slot] {
			return slot, nil
		}
	}
	return 0, api.Errorf(http.StatusBadRequest, api.CodeBadRequest, "there can be at most %d API keys", limit)
}

// newRow completes a row with an id and a hash, and returns the key that they belong to.
func (k apiKeyStore) newRow(row apiKeyRow) (apiKeyRow, Secret, error) {
	row.CreatedAt = k.now()
	id, err := newID(k.random, row.CreatedAt)
	if err != nil {
		return row, Secret{}, err
	}
	text, err := hex.DecodeString(id)
	if err != nil {
		return row, Secret{}, err
	}
	var secret [keySecretBytes]byte
	if _, err := io.ReadFull(k.random, secret[:]); err != nil {
		return row, Secret{}, fmt.Errorf("read random bytes: %w", err)
	}
	key := base64.RawURLEncoding.EncodeToString(append(text, secret[:]...))
	row.ID, row.SHA256 = id, hashNonce(key)
	return row, NewSecret(key), nil
}

// setDisabled disables or enables a key of an owner.
func (k apiKeyStore) setDisabled(ctx context.Context, owner, id string, disabled bool) (*apiKeyRow, error) {
	return readOwned(k.rows.FindOneAndUpdate(ctx, ownedFilter(owner, id),
		bson.D{{Key: "$set", Value: bson.D{{Key: "disabled", Value: disabled}}}}, store.FindAnd{}))
}

// delete deletes a key of an owner.
func (k apiKeyStore) delete(ctx context.Context, owner, id string) (*apiKeyRow, error) {
	return readOwned(k.rows.FindOneAndDelete(ctx, ownedFilter(owner, id), store.FindAnd{}))
}

// deleteAll deletes every key that signs the user in: the user's own, or a server user's.
func (k apiKeyStore) deleteAll(ctx context.Context, identities []model.Identity, owner string) error {
	if _, err := k.rows.DeleteMany(ctx, bson.D{{Key: "owner", Value: owner}}); err != nil {
		return err
	}
	for _, i := range identities {
		if i.ProviderType != api.APIKey {
			continue
		}
		if _, err := k.rows.DeleteOne(ctx, bson.D{{Key: "_id", Value: i.ID}}); err != nil {
			return err
		}
	}
	return nil
}
