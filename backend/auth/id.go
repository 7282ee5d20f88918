package auth

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"time"
)

// newID returns an id in the form of an ObjectId: 24 hex characters, the seconds of at, then 64 random bits.
func newID(random io.Reader, at time.Time) (string, error) {
	var id [12]byte
	binary.BigEndian.PutUint32(id[:4], uint32(at.Unix()))
	if _, err := io.ReadFull(random, id[4:]); err != nil {
		return "", fmt.Errorf("read random bytes: %w", err)
	}
	return hex.EncodeToString(id[:]), nil
}

// newIdentityID returns an identity's id in the form that SDKs expect: an id, a dash and 24 lower-case letters.
func newIdentityID(random io.Reader, at time.Time) (string, error) {
	id, err := newID(random, at)
	if err != nil {
		return "", err
	}
	var letters [24]byte
	if _, err := io.ReadFull(random, letters[:]); err != nil {
		return "", fmt.Errorf("read random bytes: %w", err)
	}
	for i, b := range letters {
		letters[i] = 'a' + b%26
	}
	return id + "-" + string(letters[:]), nil
}

// newNonce returns 256 random bits in base64.
func newNonce(random io.Reader) (string, error) {
	var b [32]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("read random bytes: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b[:]), nil
}

// DerivedID derives 24 hex characters from names, for the ids of an application and its providers: every process
// derives the same.
func DerivedID(names ...string) string {
	h := sha256.New()
	for _, n := range names {
		fmt.Fprintf(h, "%d:%s", len(n), n)
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// validID reports whether a string is 24 hex characters that are not all zero; all zero means "none".
func validID(text string) bool {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != 12 {
		return false
	}
	for _, x := range b {
		if x != 0 {
			return true
		}
	}
	return false
}
