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

// signingKeyID is the fixed `_id` of the key that signs tokens. The first process creates it, all others read it.
const signingKeyID = "token-signing"

// signingKey signs and verifies our tokens.
type signingKey struct {
	kid    string
	secret Secret
}

// loadSigningKey returns the stored key, or creates it. Concurrent processes agree on one.
func loadSigningKey(ctx context.Context, keys *store.Collection, random io.Reader, now time.Time) (signingKey, error) {
	if k, err := readSigningKey(ctx, keys); err != nil || k.kid != "" {
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
	doc := bson.D{{Key: "_id", Value: signingKeyID}, {Key: "alg", Value: algorithm}, {Key: "kid", Value: kid},
		{Key: "secret", Value: bson.Binary{Data: secret}}, {Key: "created_at", Value: now}}
	if _, err := keys.InsertOne(ctx, doc); err != nil && store.KindOf(err) != store.Duplicate {
		return signingKey{}, err
	}
	k, err := readSigningKey(ctx, keys)
	if err == nil && k.kid == "" {
		err = errors.New("the token signing key was deleted while it was created")
	}
	return k, err
}

func readSigningKey(ctx context.Context, keys *store.Collection) (signingKey, error) {
	doc, err := keys.FindOne(ctx, bson.D{{Key: "_id", Value: signingKeyID}}, store.Find{})
	if err != nil || doc == nil {
		return signingKey{}, err
	}
	kid, okKid := doc.Lookup("kid").StringValueOK()
	_, secret, okSecret := doc.Lookup("secret").BinaryOK()
	if !okKid || kid == "" || !okSecret || len(secret) < 32 {
		return signingKey{}, errors.New(
			"the token signing key in the collection keys is malformed: expected a kid and a secret of at least 32 bytes")
	}
	return signingKey{kid: kid, secret: NewSecret(string(secret))}, nil
}
