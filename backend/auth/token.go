package auth

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/model"
)

const algorithm = "HS256"

// The two kinds of token, as the claim typ names them.
const (
	typAccess  = "access"
	typRefresh = "refresh"
)

// noData is the claims' explicit null.
type noData struct{}

// accessClaims are an access token's, names and order as SDKs know them. The stitch_ twins are for old SDKs.
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
}

// identityClaim says which identity a session was opened with.
type identityClaim struct {
	ID           string `json:"id"`
	ProviderType string `json:"provider_type"`
	ProviderID   string `json:"provider_id"`
}

// refreshClaims are a refresh token's. The nonce is what makes it good: the session holds its hash.
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

// readClaims are the claims of either kind that the service looks at.
type readClaims struct {
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
}

func dates(seconds int64) (*jwt.NumericDate, error) {
	if seconds == 0 {
		return nil, nil
	}
	return jwt.NewNumericDate(time.Unix(seconds, 0)), nil
}

// The getters make the claims jwt.Claims.

func (c accessClaims) GetExpirationTime() (*jwt.NumericDate, error) { return dates(c.ExpiresAt) }
func (c accessClaims) GetIssuedAt() (*jwt.NumericDate, error)       { return dates(c.IssuedAt) }
func (c accessClaims) GetNotBefore() (*jwt.NumericDate, error)      { return nil, nil }
func (c accessClaims) GetIssuer() (string, error)                   { return c.SessionID, nil }
func (c accessClaims) GetSubject() (string, error)                  { return c.UserID, nil }
func (c accessClaims) GetAudience() (jwt.ClaimStrings, error)       { return nil, nil }

func (c refreshClaims) GetExpirationTime() (*jwt.NumericDate, error) { return dates(c.ExpiresAt) }
func (c refreshClaims) GetIssuedAt() (*jwt.NumericDate, error)       { return dates(c.IssuedAt) }
func (c refreshClaims) GetNotBefore() (*jwt.NumericDate, error)      { return nil, nil }
func (c refreshClaims) GetIssuer() (string, error)                   { return "", nil }
func (c refreshClaims) GetSubject() (string, error)                  { return c.UserID, nil }
func (c refreshClaims) GetAudience() (jwt.ClaimStrings, error)       { return nil, nil }

func (c *readClaims) GetExpirationTime() (*jwt.NumericDate, error) { return dates(c.ExpiresAt) }
func (c *readClaims) GetIssuedAt() (*jwt.NumericDate, error)       { return dates(c.IssuedAt) }
func (c *readClaims) GetNotBefore() (*jwt.NumericDate, error)      { return nil, nil }
func (c *readClaims) GetIssuer() (string, error)                   { return c.Issuer, nil }
func (c *readClaims) GetSubject() (string, error)                  { return c.UserID, nil }
func (c *readClaims) GetAudience() (jwt.ClaimStrings, error)       { return nil, nil }

// signer writes and reads tokens.
type signer struct {
	key      signingKey
	domainID string
	now      func() time.Time
}

func (s *signer) sign(c jwt.Claims) (string, error) {
	t := jwt.NewWithClaims(jwt.SigningMethodHS256, c)
	t.Header["kid"] = s.key.kid
	text, err := t.SignedString([]byte(s.key.secret.Reveal()))
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	return text, nil
}

// access signs an access token with a copy of the custom data, nil: none. A document that would carry the token past 1 MiB is left out, and the token says so.
func (s *signer) access(c accessClaims, customData bson.Raw) (string, bool, error) {
	c.Type, c.OldDeviceID, c.OldDomainID = typAccess, c.DeviceID, c.DomainID
	if customData != nil {
		data, err := userData(customData)
		if err != nil {
			return "", false, err
		}
		c.UserData = data
	}
	if base64.RawURLEncoding.EncodedLen(len(c.UserData)) < model.MaxTokenBytes {
		token, err := s.sign(c)
		if err != nil || len(token) <= model.MaxTokenBytes {
			return token, false, err
		}
	}
	c.UserData, c.DataTooLarge = nil, true
	token, err := s.sign(c)
	return token, true, err
}

// userData writes a document as the claim user_data: canonical extended JSON, but a top-level `_id` ObjectId as its plain hex string.
func userData(doc bson.Raw) (json.RawMessage, error) {
	id, ok := doc.Lookup("_id").ObjectIDOK()
	if !ok {
		return api.Document(doc)
	}
	elements, err := doc.Elements()
	if err != nil {
		return nil, fmt.Errorf("read a custom data document: %w", err)
	}
	changed := make(bson.D, 0, len(elements))
	for _, e := range elements {
		if e.Key() == "_id" {
			changed = append(changed, bson.E{Key: "_id", Value: id.Hex()})
			continue
		}
		changed = append(changed, bson.E{Key: e.Key(), Value: e.Value()})
	}
	raw, err := bson.Marshal(changed)
	if err != nil {
		return nil, fmt.Errorf("write a custom data document: %w", err)
	}
	return api.Document(raw)
}

// refresh signs a refresh token.
func (s *signer) refresh(c refreshClaims) (string, error) {
	c.Type, c.OldDeviceID, c.OldDomainID, c.OldID, c.OldIdentity = typRefresh, c.DeviceID, c.DomainID, c.SessionID, c.Identity
	return s.sign(c)
}

var (
	errKid      = errors.New("unknown key")
	errOtherApp = errors.New("the token is for another application")
)

// read checks a token's size, algorithm, key, signature, expiry and application, and returns its claims.
// The error is why it is not good, in words.
func (s *signer) read(token string) (*readClaims, error) {
	switch {
	case len(token) > model.MaxTokenBytes:
		return nil, errors.New("the token is too large")
	case strings.Count(token, ".") != 2:
		return nil, errors.New("the token is malformed")
	}
	parser := jwt.NewParser(jwt.WithValidMethods([]string{algorithm}), jwt.WithExpirationRequired(), jwt.WithTimeFunc(s.now))
	c := new(readClaims)
	parsed, err := parser.ParseWithClaims(token, c, func(t *jwt.Token) (any, error) {
		if t.Header["kid"] != s.key.kid {
			return nil, errKid
		}
		return []byte(s.key.secret.Reveal()), nil
	})
	switch {
	case err == nil:
	case errors.Is(err, jwt.ErrTokenExpired):
		return c, errors.New(c.kind() + " token expired")
	case errors.Is(err, errKid) && c.DomainID != "" && c.DomainID != s.domainID:
		return nil, errOtherApp
	case errors.Is(err, errKid):
		return nil, errors.New("the token is signed with an unknown key")
	case parsed != nil && parsed.Header["alg"] != nil && parsed.Header["alg"] != algorithm:
		return nil, errors.New("the token's algorithm is not accepted")
	case errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return nil, errors.New("signature is invalid")
	default:
		return nil, errors.New("the token is malformed")
	}
	if c.DomainID != s.domainID {
		return nil, errOtherApp
	}
	return c, nil
}

// kind names the token for people: access unless it says refresh.
func (c *readClaims) kind() string {
	if c.Type == typRefresh {
		return typRefresh
	}
	return typAccess
}

// invalid is the answer to a token that is not good: SDKs then renew the access token, or sign the person out.
func invalid(format string, args ...any) *api.Error {
	return api.Errorf(http.StatusUnauthorized, api.CodeInvalidSession, "invalid session: "+format, args...)
}
