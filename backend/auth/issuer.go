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
	maxForeignToken = 1_000_000 // bytes of somebody else's token
	maxSubject      = 1024      // bytes of the id that somebody has elsewhere
	clockSkew       = 5 * time.Second
)

// google is an issuer whose tokens name it with the scheme or without.
const google = "https://accounts.google.com"

// issuer checks the tokens that a provider accepts from somebody else.
type issuer struct {
	settings  app.TokenIssuer
	names     []string // what `iss` may be; empty: anything
	audience  []string
	fixed     []verifyingKey
	published *keySet // nil: only the fixed keys
	now       func() time.Time
}

// newIssuer reads the settings of a provider. Without any keys there is no issuer, nil: nobody can sign in.
func (s *Service) newIssuer(p app.Provider) (*issuer, error) {
	o := p.Token
	if known := []string{"", "HS256", "RS256", "ES256", "EdDSA"}; !slices.Contains(known, o.Algorithm) {
		return nil, fmt.Errorf("the algorithm %q is not accepted", o.Algorithm)
	}
	for _, f := range o.Metadata {
		if f.Field == "" || strings.ContainsAny(f.Field, ".$\x00") {
			return nil, fmt.Errorf("a claim cannot be kept in the field %q", f.Field)
		}
	}
	fixed, err := fixedKeys(o)
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
	i := &issuer{settings: o, audience: o.Audience, fixed: fixed, now: s.o.Now}
	if o.JWKSURL != "" {
		i.published = newKeySet(o.JWKSURL, s.o.FetchKeySet, s.o.Now)
	}
	if i.published == nil && len(fixed) == 0 {
		return nil, nil
	}
	if o.Issuer != "" {
		i.names = []string{o.Issuer}
	}
	if o.Issuer == google {
		i.names = append(i.names, strings.TrimPrefix(google, "https://"))
	}
	if len(i.audience) == 0 && p.Type == api.CustomToken {
		i.audience = []string{s.o.AppID}
	}
	return i, nil
}

// readIssuers reads the settings of all providers that take tokens.
func (s *Service) readIssuers() (map[string]*issuer, error) {
	all := map[string]*issuer{}
	for kind, p := range s.o.Providers {
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

// refused is the answer to credentials that are not good. Why is for the log only, and quotes nothing of a token that nobody vouched for.
func refused(format string, args ...any) *api.Error {
	return &api.Error{Status: http.StatusUnauthorized, Code: api.CodeAuthError, Message: "unauthorized", Err: fmt.Errorf(format, args...)}
}

// verify checks everything about a token and returns its claims; `sub` is there and has a usable length.
func (i *issuer) verify(ctx context.Context, token string) (foreignClaims, error) {
	if len(token) > maxForeignToken {
		return nil, refused("the token has more than %d bytes", maxForeignToken)
	}
	parsed, err := jose.ParseSignedCompact(token, i.algorithms())
	var other *jose.ErrUnexpectedSignatureAlgorithm
	switch {
	case errors.As(err, &other):
		return nil, refused("the token's signature algorithm is not accepted")
	case err != nil:
		return nil, refused("the token is malformed")
	}
	keys, err := i.keys(ctx, parsed.Signatures[0].Header)
	if err != nil {
		return nil, err
	}
	payload, err := verifyAny(parsed, keys)
	if err != nil {
		return nil, err
	}
	c := foreignClaims{}
	if json.Unmarshal(payload, &c) != nil {
		return nil, refused("the token is malformed")
	}
	if err := c.checkTimes(i.now()); err != nil {
		return nil, err
	}
	if err := i.meantForUs(c); err != nil {
		return nil, err
	}
	subject, err := claim[string](c, "sub")
	if err != nil || subject == "" || len(subject) > maxSubject {
		return nil, refused("the claim sub wants text of 1 to %d bytes", maxSubject)
	}
	return c, nil
}

// verifyAny returns the payload of a token that one of the keys signed.
func verifyAny(token *jose.JSONWebSignature, keys []verifyingKey) ([]byte, error) {
	for _, k := range keys {
		if payload, err := token.Verify(k.key); err == nil {
			return payload, nil
		}
	}
	return nil, refused("the token's signature is not good")
}

// algorithms lists what a token may be signed with.
func (i *issuer) algorithms() []jose.SignatureAlgorithm {
	if i.settings.Algorithm != "" {
		return []jose.SignatureAlgorithm{jose.SignatureAlgorithm(i.settings.Algorithm)}
	}
	var list []jose.SignatureAlgorithm
	for _, k := range i.fixed {
		list = append(list, k.algorithm)
	}
	if i.published != nil {
		list = append(list, jose.RS256, jose.ES256, jose.EdDSA)
	}
	return list
}

// keys gives the keys that may have signed a token with this header.
func (i *issuer) keys(ctx context.Context, header jose.Header) ([]verifyingKey, error) {
	if _, there := header.ExtraHeaders["crit"]; there {
		return nil, refused("the token's header has critical extensions, which are not understood")
	}
	algorithm := jose.SignatureAlgorithm(header.Algorithm)
	var found []verifyingKey
	for _, k := range i.fixed {
		if k.algorithm == algorithm && (header.KeyID == "" || k.id == "" || k.id == header.KeyID) {
			found = append(found, k)
		}
	}
	if len(found) == 0 && i.published != nil {
		var err error
		if found, err = i.published.find(ctx, header.KeyID, algorithm); err != nil {
			return nil, err
		}
	}
	if len(found) == 0 {
		return nil, refused("the token is signed with an unknown key")
	}
	return found, nil
}

// meantForUs checks who issued a token and for whom.
func (i *issuer) meantForUs(c foreignClaims) error {
	from, err := claim[string](c, "iss")
	if err != nil || len(i.names) > 0 && !slices.Contains(i.names, from) {
		return refused("the token's issuer is not %q", i.settings.Issuer)
	}
	meant, err := claim[jwt.Audience](c, "aud")
	if err != nil {
		return refused("the claim aud wants text, or an array of text")
	}
	fits := 0
	for _, want := range i.audience {
		if slices.Contains(meant, want) {
			fits++
		}
	}
	if fits == 0 || fits < len(i.audience) && !i.settings.AnyAudience {
		return refused("the token is not for %q: see its claim aud", i.audience)
	}
	return nil
}
