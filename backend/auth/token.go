package auth

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"

	"dossier/backend/api"
	"dossier/model"
)

const algorithm = jose.HS256

// The values of the claim typ.
const (
	typAccess  = "access"
	typRefresh = "refresh"
)

// noData encodes as null.
type noData struct{}

// accessClaims are the claims of an access token, in the order and with the names that SDKs expect. The stitch_
// duplicates are for old SDKs.
type accessClaims struct {
	DeviceID     string          `json:"baas_device_id"`
	DomainID     string          `json:"baas_domain_id"`
	ExpiresAt    int64           `json:"exp"`
	IssuedAt     int64           `json:"iat"`
	SessionID    string          `json:"iss"`
	OldDeviceID  string          `json:"stitch_devId"`
	OldDomainID  string          `json:"stitch_domainId"`
	UserID       string          `json:"sub"`
	Type         string          `json:"typ"`
	UserData     json.RawMessage `json:"user_data,omitempty"`
	DataTooLarge bool            `json:"dossier_user_data_too_large,omitempty"`
	Documents    int             `json:"dossier_user_data_documents,omitempty"` // with the user id, if several
}

// identityClaim is the identity that opened the session.
type identityClaim struct {
	ID           string `json:"id"`
	ProviderType string `json:"provider_type"`
	ProviderID   string `json:"provider_id"`
}

// refreshClaims are the claims of a refresh token. The nonce is its secret: the session stores its hash.
type refreshClaims struct {
	Data        *noData       `json:"baas_data"`
	DeviceID    string        `json:"baas_device_id"`
	DomainID    string        `json:"baas_domain_id"`
	SessionID   string        `json:"baas_id"`
	Identity    identityClaim `json:"baas_identity"`
	ExpiresAt   int64         `json:"exp"`
	IssuedAt    int64         `json:"iat"`
	Nonce       string        `json:"jti"`
	UserID      string        `json:"sub"`
	Type        string        `json:"typ"`
	OldData     *noData       `json:"stitch_data"`
	OldDeviceID string        `json:"stitch_devId"`
	OldDomainID string        `json:"stitch_domainId"`
	OldID       string        `json:"stitch_id"`
	OldIdentity identityClaim `json:"stitch_ident"`
}

// tokenClaims are the claims that the service reads from tokens of both types.
type tokenClaims struct {
	DeviceID  string          `json:"baas_device_id"`
	DomainID  string          `json:"baas_domain_id"`
	SessionID string          `json:"baas_id"` // refresh
	Issuer    string          `json:"iss"`     // access: the session
	ExpiresAt int64           `json:"exp"`
	IssuedAt  int64           `json:"iat"`
	Nonce     string          `json:"jti"`
	UserID    string          `json:"sub"`
	Type      string          `json:"typ"`
	UserData  json.RawMessage `json:"user_data"`

	once     sync.Once // decodes UserData
	document bson.Raw
	err      error
}

// customData returns the custom data in the token; nil: none. It decodes leniently, as a client does: one malformed
// field, such as an invalid $oid, must not lock the user out.
func (c *tokenClaims) customData() (bson.Raw, error) {
	c.once.Do(func() {
		if len(c.UserData) > 0 {
			c.document, c.err = model.ReadDocument(string(c.UserData))
		}
	})
	return c.document, c.err
}

// signer signs and verifies our tokens. It is safe for concurrent use.
type signer struct {
	key      signingKey
	domainID string
	now      func() time.Time
	jose     jose.Signer
	cache    tokenCache
}

func newSigner(key signingKey, domainID string, now func() time.Time) (*signer, error) {
	header := new(jose.SignerOptions).WithType("JWT").WithHeader("kid", key.kid)
	prepared, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: []byte(key.secret.Reveal())}, header)
	if err != nil {
		return nil, fmt.Errorf("read the token signing key: %w", err)
	}
	return &signer{key: key, domainID: domainID, now: now, jose: prepared}, nil
}

func (s *signer) sign(claims any) (string, error) {
	payload, err := encodeClaims(claims)
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	signed, err := s.jose.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	return signed.CompactSerialize()
}

// encodeClaims writes claims as JSON, without escaping <, > and &, which take six bytes then and need it only in HTML.
func encodeClaims(claims any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(claims)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// maxBSONPerJSON is how many bytes of BSON become one byte of extended JSON at most: an array of a million empty
// objects has 14 bytes of BSON for each three of JSON. A document above that is not encoded only to find that it is too
// large.
const maxBSONPerJSON = 5

// signAccess signs an access token with a snapshot of the custom data; nil: none. A document that would make the token
// larger than 1 MiB is left out, and a claim records that.
func (s *signer) signAccess(c accessClaims, customData bson.Raw) (string, bool, error) {
	c.Type, c.OldDeviceID, c.OldDomainID = typAccess, c.DeviceID, c.DomainID
	tooLarge := len(customData) > maxBSONPerJSON*model.MaxTokenBytes
	if customData != nil && !tooLarge {
		data, err := encodeUserData(customData)
		if err != nil {
			return "", false, err
		}
		c.UserData = data
	}
	if !tooLarge && base64.RawURLEncoding.EncodedLen(len(c.UserData)) < model.MaxTokenBytes {
		token, err := s.sign(c)
		if err != nil || len(token) <= model.MaxTokenBytes {
			return token, false, err
		}
	}
	c.UserData, c.DataTooLarge = nil, true
	token, err := s.sign(c)
	return token, true, err
}

// encodeUserData encodes a document as the claim user_data: canonical extended JSON, with a top-level `_id` ObjectId as
// its hex string. Plain numbers would be shorter, but the Web SDK passes the notation of a value on to the application,
// which must not depend on the size of the document.
func encodeUserData(doc bson.Raw) (json.RawMessage, error) {
	id, ok := doc.Lookup("_id").ObjectIDOK()
	if !ok {
		return api.EncodeDocument(doc)
	}
	elements, err := doc.Elements()
	if err != nil {
		return nil, fmt.Errorf("decode a custom data document: %w", err)
	}
	converted := bsoncore.NewDocumentBuilder()
	for _, e := range elements {
		if v := e.Value(); e.Key() == "_id" {
			converted.AppendString("_id", id.Hex())
		} else {
			converted.AppendValue(e.Key(), bsoncore.Value{Type: bsoncore.Type(v.Type), Data: v.Value})
		}
	}
	return api.EncodeDocument(bson.Raw(converted.Build()))
}

// signRefresh signs a refresh token.
func (s *signer) signRefresh(c refreshClaims) (string, error) {
	c.Type, c.OldDeviceID, c.OldDomainID, c.OldID, c.OldIdentity = typRefresh, c.DeviceID, c.DomainID, c.SessionID,
		c.Identity
	return s.sign(c)
}

var errOtherApp = errors.New("the token is for another application")

// verify checks a token's size, algorithm, key, signature, expiry and application, and returns its claims, which must
// not be changed. The error is the reason for refusing it, for the response.
func (s *signer) verify(token string) (*tokenClaims, error) {
	c := s.cache.get(token)
	if c == nil {
		var err error
		if c, err = s.decode(token); err != nil {
			return nil, err
		}
		if c.Type == typAccess { // refresh tokens are used once per access token
			s.cache.put(token, c)
		}
	}
	switch {
	case !s.now().Before(time.Unix(c.ExpiresAt, 0)):
		return c, errors.New(c.kind() + " token expired")
	case c.DomainID != s.domainID:
		return nil, errOtherApp
	}
	return c, nil
}

// decode returns the claims of a token with a valid signature, or why the token is refused.
func (s *signer) decode(token string) (*tokenClaims, error) {
	if len(token) > model.MaxTokenBytes {
		return nil, errors.New("the token is too large")
	}
	parsed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{algorithm})
	var other *jose.ErrUnexpectedSignatureAlgorithm
	switch {
	case errors.As(err, &other):
		return nil, errors.New("the token's algorithm is not accepted")
	case err != nil:
		return nil, errors.New("the token is malformed")
	}
	c := new(tokenClaims)
	if json.Unmarshal(parsed.UnsafePayloadWithoutVerification(), c) != nil {
		return nil, errors.New("the token is malformed")
	}
	if parsed.Signatures[0].Header.KeyID != s.key.kid {
		if c.DomainID != "" && c.DomainID != s.domainID {
			return nil, errOtherApp
		}
		return nil, errors.New("the token is signed with an unknown key")
	}
	_, err = parsed.Verify([]byte(s.key.secret.Reveal()))
	switch {
	case err != nil:
		return nil, errors.New("signature is invalid")
	case c.ExpiresAt == 0:
		return nil, errors.New("the token is malformed")
	}
	return c, nil
}

// kind returns the token's type for messages: access unless the claim is refresh.
func (c *tokenClaims) kind() string {
	if c.Type == typRefresh {
		return typRefresh
	}
	return typAccess
}

// invalidSession is the response to a token that is not accepted: SDKs refresh the access token, or sign the user out.
func invalidSession(format string, args ...any) *api.Error {
	return api.Errorf(http.StatusUnauthorized, api.CodeInvalidSession, "invalid session: "+format, args...)
}
