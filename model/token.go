package model

import (
	"encoding/base64"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// MaxTokenBytes is the maximum size of an access token that dossier reads or issues: 1 MiB, encoded.
const MaxTokenBytes = 1 << 20

// TokenHolds is what a token of MaxTokenBytes holds, for messages: of its base64, three bytes of four, less the other
// claims and the signature.
const TokenHolds = "785 kB of JSON"

// ClaimTooLarge is a claim of dossier's own service. It is true when the custom data was omitted because the token
// would exceed MaxTokenBytes.
const ClaimTooLarge = "dossier_user_data_too_large"

// ClaimDocuments is a claim of dossier's own service: the number of documents with the user id, if there are several.
const ClaimDocuments = "dossier_user_data_documents"

// Token holds the claims of an access token. Its signature is not checked: only the service can do that.
type Token struct {
	UserID     string    // sub; may be empty
	SessionID  string    // iss
	DeviceID   string    // baas_device_id
	IssuedAt   time.Time // iat
	ExpiresAt  time.Time // exp
	CustomData bson.Raw  // user_data, decoded; nil: the token carries none
	TooLarge   bool      // ClaimTooLarge: the custom data was omitted
	Documents  int       // ClaimDocuments; 0: the token does not say
}

// MayBelongTo reports whether the token's user id is userID or missing.
func (t Token) MayBelongTo(userID string) bool { return t.UserID == "" || t.UserID == userID }

// String hides the claims: they must never be printed.
func (t Token) String() string { return "token ••••" }

// GoString hides the claims from %#v too.
func (t Token) GoString() string { return t.String() }

// ParseToken reads the claims of an access token without checking the signature. Numbers may be plain JSON or extended
// JSON. The fault's Location names the part or the claim.
func ParseToken(token string) (Token, error) {
	if len(token) > MaxTokenBytes {
		return Token{}, InvalidInputf("access token", "it has %d bytes, the maximum is %d", len(token), MaxTokenBytes)
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return Token{}, InvalidInputf("access token", "expected header, payload and signature, got %d parts", len(parts))
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
		return Token{}, InvalidInputf("access token, payload", "it is not a JSON object: %v", err)
	}
	return readClaims(claims)
}

func readClaims(claims bson.Raw) (Token, error) {
	var t Token
	var err error
	if t.UserID, err = stringClaim(claims, "sub"); err != nil {
		return Token{}, err
	}
	if t.SessionID, err = stringClaim(claims, "iss"); err != nil {
		return Token{}, err
	}
	if t.DeviceID, err = stringClaim(claims, "baas_device_id"); err != nil {
		return Token{}, err
	}
	if t.IssuedAt, err = timeClaim(claims, "iat"); err != nil {
		return Token{}, err
	}
	if t.ExpiresAt, err = timeClaim(claims, "exp"); err != nil {
		return Token{}, err
	}
	if v, ok := (Path{"user_data"}).Lookup(claims); ok && v.Type != bson.TypeNull {
		if v.Type != bson.TypeEmbeddedDocument {
			return Token{}, InvalidInputf("access token, claim user_data", "expected a document, got type %s", KindOf(v))
		}
		t.CustomData = bson.Raw(v.Value)
	}
	if v, ok := (Path{ClaimTooLarge}).Lookup(claims); ok {
		t.TooLarge, _ = v.BooleanOK()
	}
	if v, ok := (Path{ClaimDocuments}).Lookup(claims); ok {
		if n, whole := wholeNumber(v); whole {
			t.Documents = int(min(max(n, 0), 1000))
		}
	}
	return t, nil
}

// stringClaim returns a claim of type string; empty when it is missing.
func stringClaim(claims bson.Raw, claim string) (string, error) {
	v, present := Path{claim}.Lookup(claims)
	text, ok := v.StringValueOK()
	if present && !ok {
		return "", InvalidInputf("access token, claim "+claim, "expected a string, got type %s", KindOf(v))
	}
	return text, nil
}

// timeClaim returns a claim in seconds since 1970.
func timeClaim(claims bson.Raw, claim string) (time.Time, error) {
	v, _ := Path{claim}.Lookup(claims)
	seconds, ok := wholeNumber(v)
	if !ok || seconds < 0 || seconds > lastDate/1000 {
		return time.Time{}, InvalidInputf("access token, claim "+claim, "expected whole seconds since 1970")
	}
	return time.Unix(seconds, 0).UTC(), nil
}
