package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/store"
)

// keyID is the fixed `_id` of the key that signs tokens: whoever comes first makes it, everybody else takes it.
const keyID = "token-signing"

// signingKey signs and checks tokens.
type signingKey struct {
	kid    string
	secret Secret
}

// loadKey takes the key that the database holds, or makes it. Several processes may do so at once: one of them makes it.
func loadKey(ctx context.Context, keys *store.Collection, random io.Reader, now time.Time) (signingKey, error) {
	if k, err := readKey(ctx, keys); err != nil || k.kid != "" {
		return k, err
	}
	kid, err := newID(random, now)
	if err != nil {
		return signingKey{}, err
	}
	secret := make([]byte, 32)
	if _, err := io.ReadFull(random, secret); err != nil {
		return signingKey{}, fmt.Errorf("read random bytes: %w", err)
	}
	doc := bson.D{{Key: "_id", Value: keyID}, {Key: "alg", Value: algorithm}, {Key: "kid", Value: kid},
		{Key: "secret", Value: bson.Binary{Data: secret}}, {Key: "created_at", Value: now}}
	if _, err := keys.InsertOne(ctx, doc); err != nil && store.KindOf(err) != store.Duplicate {
		return signingKey{}, err
	}
	k, err := readKey(ctx, keys)
	if err == nil && k.kid == "" {
		err = errors.New("the token signing key vanished while it was made")
	}
	return k, err
}

func readKey(ctx context.Context, keys *store.Collection) (signingKey, error) {
	doc, err := keys.FindOne(ctx, bson.D{{Key: "_id", Value: keyID}}, store.Find{})
	if err != nil || doc == nil {
		return signingKey{}, err
	}
	kid, okKid := doc.Lookup("kid").StringValueOK()
	_, secret, okSecret := doc.Lookup("secret").BinaryOK()
	if !okKid || kid == "" || !okSecret || len(secret) < 32 {
		return signingKey{}, fmt.Errorf("the token signing key in the collection keys is damaged: it wants a kid and a secret of at least 32 bytes")
	}
	return signingKey{kid: kid, secret: NewSecret(string(secret))}, nil
}
