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

// ticketLife is how long the link in a mail works.
const ticketLife = 30 * time.Minute

// What a ticket is good for.
const (
	toConfirm = "confirm"
	toReset   = "reset"
)

// ticketBytes is the length of a ticket's token; as text it is twice as long.
const ticketBytes = 64

// OneTimeToken is what the link in a mail, or a function, carries: whoever shows it has received it.
type OneTimeToken struct {
	ID    string // 24 hex characters
	Token Secret // 128 hex characters
}

// shaped reports whether a ticket could be one of ours at all.
func (t OneTimeToken) shaped() bool {
	token, err := hex.DecodeString(t.Token.Reveal())
	return err == nil && len(token) == ticketBytes && validID(t.ID)
}

func (t OneTimeToken) sum() string {
	sum := sha256.Sum256([]byte(t.Token.Reveal()))
	return hex.EncodeToString(sum[:])
}

// in adds the ticket to the address of the application's page.
func (t OneTimeToken) in(page string) Secret {
	page, fragment, there := strings.Cut(page, "#")
	mark := "?"
	if strings.Contains(page, "?") {
		mark = "&"
	}
	page += mark + "token=" + t.Token.Reveal() + "&tokenId=" + t.ID
	if there {
		page += "#" + fragment
	}
	return NewSecret(page)
}

// ticketRow is a document of the collection tickets.
type ticketRow struct {
	ID         string    `bson:"_id"`
	Use        string    `bson:"use"`
	Email      string    `bson:"email"`
	IdentityID string    `bson:"identity_id"` // an address can be registered anew: that is another identity
	Version    int64     `bson:"version"`     // the identity's, when the ticket was issued
	SHA256     string    `bson:"token_sha256"`
	ExpiresAt  time.Time `bson:"expires_at"`
}

// tickets keeps what was issued, of the tokens only hashes.
type tickets struct {
	rows   *store.Collection
	now    func() time.Time
	random io.Reader
}

func (t tickets) prepare(ctx context.Context) error {
	return t.rows.EnsureIndex(ctx, store.Index{Keys: bson.D{{Key: "expires_at", Value: 1}}})
}

func (t tickets) issue(ctx context.Context, use string, i directory.Identity) (OneTimeToken, error) {
	id, err := newID(t.random, t.now())
	if err != nil {
		return OneTimeToken{}, err
	}
	token := make([]byte, ticketBytes)
	if _, err := io.ReadFull(t.random, token); err != nil {
		return OneTimeToken{}, fmt.Errorf("read random bytes: %w", err)
	}
	out := OneTimeToken{ID: id, Token: NewSecret(hex.EncodeToString(token))}
	_, err = t.rows.InsertOne(ctx, ticketRow{
		ID: id, Use: use, Email: i.Subject, IdentityID: i.ID, Version: i.Version, SHA256: out.sum(), ExpiresAt: t.now().Add(ticketLife),
	})
	return out, err
}

// errTicket answers a ticket that does not count, or does not any more.
func errTicket() error {
	return api.Errorf(http.StatusBadRequest, api.CodeUserpassTokenInvalid, "userpass token is expired or invalid")
}

// find reads what a ticket stands for, unless it has expired, was used or is for something else.
func (t tickets) find(ctx context.Context, use string, shown OneTimeToken) (ticketRow, error) {
	var row ticketRow
	if !shown.shaped() {
		return row, api.Errorf(http.StatusBadRequest, api.CodeBadRequest, "invalid token data")
	}
	doc, err := t.rows.FindOne(ctx, bson.D{{Key: "_id", Value: shown.ID}}, store.Find{})
	if err != nil {
		return row, err
	}
	if doc == nil {
		return row, errTicket()
	}
	if err := bson.Unmarshal(doc, &row); err != nil {
		return row, fmt.Errorf("read a ticket record: %w", err)
	}
	same := subtle.ConstantTimeCompare([]byte(shown.sum()), []byte(row.SHA256)) == 1
	if !same || row.Use != use || !t.now().Before(row.ExpiresAt) {
		return row, errTicket()
	}
	return row, nil
}

// drop forgets a ticket. Which of two uses counts is decided where the identity changes.
func (t tickets) drop(ctx context.Context, id string) error {
	_, err := t.rows.DeleteOne(ctx, bson.D{{Key: "_id", Value: id}})
	return err
}
