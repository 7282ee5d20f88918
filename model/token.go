package model

import (
	"encoding/base64"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// MaxTokenBytes is the largest access token dossier reads or mints: 1 MiB encoded.
const MaxTokenBytes = 1 << 20

// ClaimTooLarge is the claim, true, by which a service of dossier's says that the document did not fit the token and was left out.
const ClaimTooLarge = "dossier_user_data_too_large"

// Token is what an access token says; its signature is the service's business.
type Token struct {
	UserID     string    // sub; empty when the token does not say
	SessionID  string    // iss
	DeviceID   string    // baas_device_id
	IssuedAt   time.Time // iat
	ExpiresAt  time.Time // exp
	CustomData bson.Raw  // user_data decoded; nil when the token carries none
	TooLarge   bool      // the service says that the document did not fit
}

// MayBelongTo reports whether the token may be a person's: it is theirs, or does not say whose.
func (t Token) MayBelongTo(userID string) bool { return t.UserID == "" || t.UserID == userID }

// String hides what the token carries: a token is never printed.
func (t Token) String() string { return "token ••••" }

// GoString hides it from %#v too.
func (t Token) GoString() string { return t.String() }

// ParseToken reads an access token's claims without checking the signature. Numbers may be plain or wrapped extended JSON.
// The error names the part or the claim.
func ParseToken(token string) (Token, error) {
	if len(token) > MaxTokenBytes {
		return Token{}, InvalidInputf("access token", "it has %d bytes where at most %d are read", len(token), MaxTokenBytes)
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return Token{}, InvalidInputf("access token", "it has %d parts where header, payload and signature are wanted", len(parts))
	}
	for i, name := range []string{"header", "payload", "signature"} {
		if parts[i] == "" {
			return Token{}, InvalidInputf("access token, "+name, "it is empty")
		}
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return Token{}, InvalidInputf("access token, payload", "it is not base64url")
	}
	claims, err := ReadDocument(string(payload))
	if err != nil {
		return Token{}, InvalidInputf("access token, payload", "it is no JSON object: %v", err)
	}
	return readClaims(claims)
}

func readClaims(claims bson.Raw) (Token, error) {
	var t Token
	var err error
	if t.UserID, err = textClaim(claims, "sub"); err != nil {
		return Token{}, err
	}
	if t.SessionID, err = textClaim(claims, "iss"); err != nil {
		return Token{}, err
	}
	if t.DeviceID, err = textClaim(claims, "baas_device_id"); err != nil {
		return Token{}, err
	}
	if t.IssuedAt, err = momentClaim(claims, "iat"); err != nil {
		return Token{}, err
	}
	if t.ExpiresAt, err = momentClaim(claims, "exp"); err != nil {
		return Token{}, err
	}
	if v, ok := (Path{"user_data"}).Lookup(claims); ok && v.Type != bson.TypeNull {
		if v.Type != bson.TypeEmbeddedDocument {
			return Token{}, InvalidInputf("access token, claim user_data", "a document is wanted, not a value of type %s", KindOf(v))
		}
		t.CustomData = bson.Raw(v.Value)
	}
	if v, ok := (Path{ClaimTooLarge}).Lookup(claims); ok {
		t.TooLarge, _ = v.BooleanOK()
	}
	return t, nil
}

// textClaim reads a claim of text, which may be absent.
func textClaim(claims bson.Raw, claim string) (string, error) {
	v, present := Path{claim}.Lookup(claims)
	text, ok := v.StringValueOK()
	if present && !ok {
		return "", InvalidInputf("access token, claim "+claim, "text is wanted, not a value of type %s", KindOf(v))
	}
	return text, nil
}

// momentClaim reads a claim in seconds since 1970.
func momentClaim(claims bson.Raw, claim string) (time.Time, error) {
	v, _ := Path{claim}.Lookup(claims)
	seconds, ok := wholeNumber(v)
	if !ok || seconds < 0 || seconds > lastDate/1000 {
		return time.Time{}, InvalidInputf("access token, claim "+claim, "whole seconds since 1970 are wanted")
	}
	return time.Unix(seconds, 0).UTC(), nil
}
