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
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/store"
	"dossier/model"
)

// The parts of a key, in bytes: its id, by which it is found, and what nobody can guess. Together they are the 64 characters that SDKs know.
const (
	keyIDBytes     = 12
	keySecretBytes = 36
)

// maxKeyName is the longest name of a key, in characters.
const maxKeyName = 256

var keyName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// keyRow is a document of the collection api_keys. Of the key itself it holds a hash: with that many random bits a quick one is enough.
type keyRow struct {
	ID        string    `bson:"_id"`
	Owner     string    `bson:"owner"`   // whose it is and who may change it; empty: a server key
	Slot      int       `bson:"slot"`    // unique for an owner, so that nobody gets more keys than there are slots
	UserID    string    `bson:"user_id"` // whom it signs in: the owner, or the server key's own account
	Name      string    `bson:"name"`    // unique for an owner
	SHA256    string    `bson:"sha256"`
	Disabled  bool      `bson:"disabled"`
	CreatedAt time.Time `bson:"created_at"`
}

func (r *keyRow) key() model.APIKey {
	return model.APIKey{ID: r.ID, Name: r.Name, Disabled: r.Disabled, CreatedAt: r.CreatedAt}
}

// opens reports whether what is shown is the key.
func (r *keyRow) opens(shown Secret) bool {
	return subtle.ConstantTimeCompare([]byte(hashNonce(shown.Reveal())), []byte(r.SHA256)) == 1
}

// keyIDOf reads the id in a key; empty when it has not the form of one.
func keyIDOf(key Secret) string {
	b, err := base64.RawURLEncoding.DecodeString(key.Reveal())
	if err != nil || len(b) != keyIDBytes+keySecretBytes {
		return ""
	}
	return hex.EncodeToString(b[:keyIDBytes])
}

// apiKeys keeps the API keys of an application, one document each.
type apiKeys struct {
	rows   *store.Collection
	now    func() time.Time
	random io.Reader
}

func (k apiKeys) prepare(ctx context.Context) error {
	for _, unique := range []string{"name", "slot"} {
		index := store.Index{Keys: bson.D{{Key: "owner", Value: 1}, {Key: unique, Value: 1}}, Unique: true}
		if err := k.rows.EnsureIndex(ctx, index); err != nil {
			return err
		}
	}
	return nil
}

// find returns a key by its id, nil when there is none.
func (k apiKeys) find(ctx context.Context, id string) (*keyRow, error) {
	if id == "" {
		return nil, nil
	}
	doc, err := k.rows.FindOne(ctx, bson.D{{Key: "_id", Value: id}}, store.Find{})
	if err != nil || doc == nil {
		return nil, err
	}
	return readKeyRow(doc)
}

func readKeyRow(doc bson.Raw) (*keyRow, error) {
	var row keyRow
	if err := bson.Unmarshal(doc, &row); err != nil {
		return nil, fmt.Errorf("read an API key record: %w", err)
	}
	return &row, nil
}

// owned returns a key of an owner. A key of somebody else is not found, just like one that does not exist.
func (k apiKeys) owned(ctx context.Context, owner, id string) (*keyRow, error) {
	doc, err := k.rows.FindOne(ctx, ownedKey(owner, id), store.Find{})
	return ownedRow(doc, err)
}

func ownedKey(owner, id string) bson.D {
	return bson.D{{Key: "_id", Value: id}, {Key: "owner", Value: owner}}
}

func ownedRow(doc bson.Raw, err error) (*keyRow, error) {
	switch {
	case err != nil:
		return nil, err
	case doc == nil:
		return nil, api.Errorf(http.StatusNotFound, api.CodeAPIKeyNotFound, "API key not found")
	}
	return readKeyRow(doc)
}

// all reads the keys of an owner, the oldest first.
func (k apiKeys) all(ctx context.Context, owner string) ([]*keyRow, error) {
	docs, err := k.rows.Find(ctx, bson.D{{Key: "owner", Value: owner}}, store.Find{Sort: bson.D{{Key: "created_at", Value: 1}, {Key: "_id", Value: 1}}})
	if err != nil {
		return nil, err
	}
	rows := make([]*keyRow, len(docs))
	for i, doc := range docs {
		if rows[i], err = readKeyRow(doc); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func (k apiKeys) list(ctx context.Context, owner string) ([]model.APIKey, error) {
	rows, err := k.all(ctx, owner)
	if err != nil {
		return nil, err
	}
	keys := make([]model.APIKey, len(rows))
	for i, row := range rows {
		keys[i] = row.key()
	}
	return keys, nil
}

// create makes a key of an owner who has fewer than so many. Of several who make one at once, in whichever process, the unique indexes let one through for a
// name and for a slot; the others look again.
func (k apiKeys) create(ctx context.Context, owner, userID, name string, most int) (model.APIKey, Secret, error) {
	if err := checkKeyName(name); err != nil {
		return model.APIKey{}, Secret{}, err
	}
	for {
		slot, err := k.free(ctx, owner, name, most)
		if err != nil {
			return model.APIKey{}, Secret{}, err
		}
		row, key, err := k.fresh(keyRow{Owner: owner, Slot: slot, UserID: userID, Name: name})
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

// checkKeyName refuses a name in the words of the hosted service.
func checkKeyName(name string) error {
	switch {
	case name == "":
		return api.Errorf(http.StatusBadRequest, "", "'name' is a required string")
	case !keyName.MatchString(name):
		return api.Errorf(http.StatusBadRequest, api.CodeInvalidParameter, "can only contain ASCII letters, numbers, underscores, and hyphens")
	case len(name) > maxKeyName:
		return api.Errorf(http.StatusBadRequest, api.CodeInvalidParameter, "can have at most %d characters", maxKeyName)
	}
	return nil
}

// free finds the lowest slot that an owner has not used. It fails when the name is taken or no slot is left.
func (k apiKeys) free(ctx context.Context, owner, name string, most int) (int, error) {
	rows, err := k.all(ctx, owner)
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
	for slot := range most {
		if !used[slot] {
			return slot, nil
		}
	}
	return 0, api.Errorf(http.StatusBadRequest, api.CodeBadRequest, "there can be at most %d API keys", most)
}

// fresh completes a row with an id and a hash, and makes the key they belong to.
func (k apiKeys) fresh(row keyRow) (keyRow, Secret, error) {
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
func (k apiKeys) setDisabled(ctx context.Context, owner, id string, disabled bool) (*keyRow, error) {
	return ownedRow(k.rows.FindOneAndUpdate(ctx, ownedKey(owner, id), bson.D{{Key: "$set", Value: bson.D{{Key: "disabled", Value: disabled}}}}, store.FindAnd{}))
}

// remove forgets a key of an owner.
func (k apiKeys) remove(ctx context.Context, owner, id string) (*keyRow, error) {
	return ownedRow(k.rows.FindOneAndDelete(ctx, ownedKey(owner, id), store.FindAnd{}))
}

// removeAll forgets every key that signs a person in: their own, or a server's.
func (k apiKeys) removeAll(ctx context.Context, i []model.Identity, owner string) error {
	if _, err := k.rows.DeleteMany(ctx, bson.D{{Key: "owner", Value: owner}}); err != nil {
		return err
	}
	for _, has := range i {
		if has.ProviderType != api.APIKey {
			continue
		}
		if _, err := k.rows.DeleteOne(ctx, bson.D{{Key: "_id", Value: has.ID}}); err != nil {
			return err
		}
	}
	return nil
}
