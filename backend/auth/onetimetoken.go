package auth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/directory"
	"dossier/backend/store"
)

// oneTimeTokenLife is how long a mailed link is valid.
const oneTimeTokenLife = 30 * time.Minute

// The purposes of one-time tokens.
const (
	purposeConfirm = "confirm"
	purposeReset   = "reset"
)

// oneTimeTokenBytes is the length of the random part; in hex it is twice as long.
const oneTimeTokenBytes = 64

// OneTimeToken is mailed in a link, or passed to a function: presenting it proves having received it. SDKs send its
// parts as token and tokenId.
type OneTimeToken struct {
	ID    string // 24 hex characters
	Token Secret // 128 hex characters
}

// wellFormed reports whether the token has the form of an issued one.
func (t OneTimeToken) wellFormed() bool {
	token, err := hex.DecodeString(t.Token.Reveal())
	return err == nil && len(token) == oneTimeTokenBytes && validID(t.ID)
}

func (t OneTimeToken) hash() string {
	sum := sha256.Sum256([]byte(t.Token.Reveal()))
	return hex.EncodeToString(sum[:])
}

// link adds the token to the URL of the application's page, before a fragment.
func (t OneTimeToken) link(page string) Secret {
	page, fragment, hasFragment := strings.Cut(page, "#")
	separator := "?"
	if strings.Contains(page, "?") {
		separator = "&"
	}
	page += separator + "token=" + t.Token.Reveal() + "&tokenId=" + t.ID
	if hasFragment {
		page += "#" + fragment
	}
	return NewSecret(page)
}

// oneTimeTokenRow is a document of the collection tickets.
type oneTimeTokenRow struct {
	ID         string    `bson:"_id"`
	Purpose    string    `bson:"use"`
	Email      string    `bson:"email"`
	IdentityID string    `bson:"identity_id"` // an address that is registered again is another identity
	Version    int64     `bson:"version"`     // the identity's version when the token was issued
	SHA256     string    `bson:"token_sha256"`
	ExpiresAt  time.Time `bson:"expires_at"`
}

// oneTimeTokens stores issued tokens as hashes.
type oneTimeTokens struct {
	rows   *store.Collection
	now    func() time.Time
	random io.Reader
}

func (t oneTimeTokens) ensureIndexes(ctx context.Context) error {
	return t.rows.EnsureIndex(ctx, store.Index{Keys: bson.D{{Key: "expires_at", Value: 1}}})
}

func (t oneTimeTokens) issue(ctx context.Context, purpose string, i directory.Identity) (OneTimeToken, error) {
	id, err := newID(t.random, t.now())
	if err != nil {
		return OneTimeToken{}, err
	}
	token := make([]byte, oneTimeTokenBytes)
	if _, err := io.ReadFull(t.random, token); err != nil {
		return OneTimeToken{}, fmt.Errorf("read random bytes: %w", err)
	}
	out := OneTimeToken{ID: id, Token: NewSecret(hex.EncodeToString(token))}
	_, err = t.rows.InsertOne(ctx, oneTimeTokenRow{
		ID: id, Purpose: purpose, Email: i.Subject, IdentityID: i.ID, Version: i.Version, SHA256: out.hash(),
		ExpiresAt: t.now().Add(oneTimeTokenLife),
	})
	return out, err
}

// invalidOneTimeToken is the response to a token that is unknown, used or expired.
func invalidOneTimeToken() error {
	return api.Errorf(http.StatusBadRequest, api.CodeUserpassTokenInvalid, "userpass token is expired or invalid")
}

// find returns the stored token, unless it expired, was used or has another purpose.
func (t oneTimeTokens) find(ctx context.Context, purpose string, presented OneTimeToken) (oneTimeTokenRow, error) {
	var row oneTimeTokenRow
	if !presented.wellFormed() {
		return row, api.Errorf(http.StatusBadRequest, api.CodeBadRequest, "invalid token data")
	}
	doc, err := t.rows.FindOne(ctx, bson.D{{Key: "_id", Value: presented.ID}}, store.Find{})
	if err != nil {
		return row, err
	}
	if doc == nil {
		return row, invalidOneTimeToken()
	}
	if err := bson.Unmarshal(doc, &row); err != nil {
		return row, fmt.Errorf("decode a one-time token document: %w", err)
	}
	same := subtle.ConstantTimeCompare([]byte(presented.hash()), []byte(row.SHA256)) == 1
	if !same || row.Purpose != purpose || !t.now().Before(row.ExpiresAt) {
		return row, invalidOneTimeToken()
	}
	return row, nil
}

// delete deletes a token. Of two concurrent uses, the change of the identity decides which one counts.
func (t oneTimeTokens) delete(ctx context.Context, id string) error {
	_, err := t.rows.DeleteOne(ctx, bson.D{{Key: "_id", Value: id}})
	return err
}
