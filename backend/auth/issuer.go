package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"dossier/backend/api"
	"dossier/backend/app"
)

const (
	maxExternalToken = 1_000_000 // bytes
	maxSubject       = 1024      // bytes of the claim sub
	clockSkew        = 5 * time.Second
)

// google is an issuer whose tokens name it with or without the scheme.
const google = "https://accounts.google.com"

// issuer verifies the tokens that a provider accepts from an external issuer.
type issuer struct {
	settings        app.TokenIssuer
	acceptedIssuers []string // accepted values of `iss`; empty: any
	audience        []string
	staticKeys      []verificationKey
	keySet          *keySet // published keys; nil: only staticKeys
	now             func() time.Time
}

// newIssuer reads the settings of a provider. It returns nil when there are no keys: the provider then signs no one in.
func (s *Service) newIssuer(p app.Provider) (*issuer, error) {
	o := p.Token
	if supported := []string{"", "HS256", "RS256", "ES256", "EdDSA"}; !slices.Contains(supported, o.Algorithm) {
		return nil, fmt.Errorf("unsupported signing algorithm %q (supported: HS256, RS256, ES256, EdDSA)", o.Algorithm)
	}
	for _, f := range o.Metadata {
		if f.Field == "" || strings.ContainsAny(f.Field, ".$\x00") {
			return nil, fmt.Errorf("invalid metadata field name %q", f.Field)
		}
	}
	fixed, err := parseStaticKeys(o)
	if err != nil {
		return nil, err
	}
	if o.JWKSFile != "" {
		set, err := parseKeySet([]byte(o.JWKSFile))
		if err != nil {
			return nil, err
		}
		fixed = append(fixed, set...)
	}
	i := &issuer{settings: o, audience: o.Audience, staticKeys: fixed, now: s.options.Now}
	if o.JWKSURL != "" {
		i.keySet = newKeySet(o.JWKSURL, s.options.FetchKeySet, s.options.Now)
	}
	if i.keySet == nil && len(fixed) == 0 {
		return nil, nil
	}
	if o.Issuer != "" {
		i.acceptedIssuers = []string{o.Issuer}
	}
	if o.Issuer == google {
		i.acceptedIssuers = append(i.acceptedIssuers, strings.TrimPrefix(google, "https://"))
	}
	if len(i.audience) == 0 && p.Type == api.CustomToken {
		i.audience = []string{s.options.AppID}
	}
	return i, nil
}

// CheckProvider reports what is wrong with the settings of a provider; nil: it can sign users in.
func CheckProvider(p app.Provider) error {
	_, err := (&Service{}).newIssuer(p)
	return err
}

// readIssuers reads the settings of all providers that accept tokens.
func (s *Service) readIssuers() (map[string]*issuer, error) {
	all := map[string]*issuer{}
	for kind, p := range s.options.Providers {
		if p.Disabled || kind != api.CustomToken && !strings.HasPrefix(kind, api.OAuthPrefix) {
			continue
		}
		i, err := s.newIssuer(p)
		if err != nil {
			return nil, fmt.Errorf("read the settings of the provider %s: %w", kind, err)
		}
		if i != nil {
			all[kind] = i
		}
	}
	return all, nil
}

// unauthorized is the response to a credential that is not accepted. The cause is for the log only and quotes nothing
// of an unverified token.
func unauthorized(format string, args ...any) *api.Error {
	return &api.Error{Status: http.StatusUnauthorized, Code: api.CodeAuthError, Message: "unauthorized",
		Err: fmt.Errorf(format, args...)}
}

// verify verifies a token's signature and claims and returns the claims; `sub` is present and has a valid length.
func (i *issuer) verify(ctx context.Context, token string) (externalClaims, error) {
	if len(token) > maxExternalToken {
		return nil, unauthorized("the token has more than %d bytes", maxExternalToken)
	}
	parsed, err := jose.ParseSignedCompact(token, i.algorithms())
	var other *jose.ErrUnexpectedSignatureAlgorithm
	switch {
	case errors.As(err, &other):
		return nil, unauthorized("the token's signature algorithm is not accepted")
	case err != nil:
		return nil, unauthorized("the token is malformed")
	}
	keys, err := i.candidateKeys(ctx, parsed.Signatures[0].Header)
	if err != nil {
		return nil, err
	}
	payload, err := verifyAny(parsed, keys)
	if err != nil {
		return nil, err
	}
	c := externalClaims{}
	if json.Unmarshal(payload, &c) != nil {
		return nil, unauthorized("the token is malformed")
	}
	if err := c.checkTimes(i.now()); err != nil {
		return nil, err
	}
	if err := i.checkIssuerAndAudience(c); err != nil {
		return nil, err
	}
	subject, err := claim[string](c, "sub")
	if err != nil || subject == "" || len(subject) > maxSubject {
		return nil, unauthorized("the claim sub is not a string of 1 to %d bytes", maxSubject)
	}
	return c, nil
}

// verifyAny returns the payload of a token that one of the keys signed.
func verifyAny(token *jose.JSONWebSignature, keys []verificationKey) ([]byte, error) {
	for _, k := range keys {
		if payload, err := token.Verify(k.key); err == nil {
			return payload, nil
		}
	}
	return nil, unauthorized("the token's signature is invalid")
}

// algorithms lists the accepted signature algorithms.
func (i *issuer) algorithms() []jose.SignatureAlgorithm {
	if i.settings.Algorithm != "" {
		return []jose.SignatureAlgorithm{jose.SignatureAlgorithm(i.settings.Algorithm)}
	}
	var list []jose.SignatureAlgorithm
	for _, k := range i.staticKeys {
		list = append(list, k.algorithm)
	}
	if i.keySet != nil {
		list = append(list, jose.RS256, jose.ES256, jose.EdDSA)
	}
	return list
}

// candidateKeys returns the keys that may have signed a token with this header.
func (i *issuer) candidateKeys(ctx context.Context, header jose.Header) ([]verificationKey, error) {
	if _, critical := header.ExtraHeaders["crit"]; critical {
		return nil, unauthorized("the token's header has critical extensions, which are not supported")
	}
	algorithm := jose.SignatureAlgorithm(header.Algorithm)
	var found []verificationKey
	for _, k := range i.staticKeys {
		if k.algorithm == algorithm && (header.KeyID == "" || k.id == "" || k.id == header.KeyID) {
			found = append(found, k)
		}
	}
	if len(found) == 0 && i.keySet != nil {
		var err error
		if found, err = i.keySet.find(ctx, header.KeyID, algorithm); err != nil {
			return nil, err
		}
	}
	if len(found) == 0 {
		return nil, unauthorized("the token is signed with an unknown key")
	}
	return found, nil
}

// checkIssuerAndAudience checks the claims iss and aud.
func (i *issuer) checkIssuerAndAudience(c externalClaims) error {
	iss, err := claim[string](c, "iss")
	if err != nil || len(i.acceptedIssuers) > 0 && !slices.Contains(i.acceptedIssuers, iss) {
		return unauthorized("the token's issuer is not %q", i.settings.Issuer)
	}
	audience, err := claim[jwt.Audience](c, "aud")
	if err != nil {
		return unauthorized("the claim aud is not a string or an array of strings")
	}
	matched := 0
	for _, expected := range i.audience {
		if slices.Contains(audience, expected) {
			matched++
		}
	}
	if matched == 0 || matched < len(i.audience) && !i.settings.AnyAudience {
		return unauthorized("the token's claim aud does not match %q", i.audience)
	}
	return nil
}
