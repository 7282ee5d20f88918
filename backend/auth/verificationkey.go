package auth

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"dossier/backend/app"
)

// Limits of the keys that verify external tokens.
const (
	minSecret     = 32 // bytes
	maxSecret     = 512
	minRSA        = 2048 // bits
	maxStaticKeys = 3
	maxSetKeys    = 64
)

// verificationKey verifies signatures of exactly one algorithm, so a public key is never used as an HMAC secret.
type verificationKey struct {
	id        string // the issuer's kid; empty: none
	algorithm jose.SignatureAlgorithm
	key       any // []byte or a public key, as go-jose takes it for the algorithm
}

// parseStaticKey parses a secret or a PEM public key. An empty algorithm is derived from the key.
func parseStaticKey(text string, algorithm jose.SignatureAlgorithm) (verificationKey, error) {
	isPEM := strings.Contains(text, "-----BEGIN ")
	if algorithm == "" && !isPEM {
		algorithm = jose.HS256
	}
	if algorithm == jose.HS256 {
		switch n := len(text); {
		case isPEM:
			return verificationKey{}, errors.New("expected a secret for HS256, got PEM")
		case n < minSecret || n > maxSecret:
			return verificationKey{}, fmt.Errorf("the secret has %d bytes: expected %d to %d", n, minSecret, maxSecret)
		}
		return verificationKey{algorithm: algorithm, key: []byte(text)}, nil
	}
	public, err := parsePublicKeyPEM(text)
	if err != nil {
		return verificationKey{}, err
	}
	k, err := newVerificationKey(public)
	if err == nil && algorithm != "" && k.algorithm != algorithm {
		err = fmt.Errorf("expected a key for %s, got one for %s", algorithm, k.algorithm)
	}
	return k, err
}

// parsePublicKeyPEM parses a public key or a certificate. Environment variables often hold `\n` instead of line breaks.
func parsePublicKeyPEM(text string) (any, error) {
	if !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, `\n`, "\n")
	}
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("expected a public key in PEM")
	}
	switch block.Type {
	case "PUBLIC KEY":
		return x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		return x509.ParsePKCS1PublicKey(block.Bytes)
	case "CERTIFICATE":
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		return c.PublicKey, nil
	}
	return nil, fmt.Errorf("expected PEM type PUBLIC KEY, got %s", block.Type)
}

// newVerificationKey returns the key with its algorithm, and refuses weak keys and unsupported types.
func newVerificationKey(key any) (verificationKey, error) {
	switch k := key.(type) {
	case *rsa.PublicKey:
		if k.N.BitLen() < minRSA {
			return verificationKey{}, fmt.Errorf("the RSA key has %d bits: expected at least %d", k.N.BitLen(), minRSA)
		}
		return verificationKey{algorithm: jose.RS256, key: k}, nil
	case *ecdsa.PublicKey:
		if k.Curve != elliptic.P256() {
			return verificationKey{}, fmt.Errorf("expected a P-256 key for ES256, got %s", k.Params().Name)
		}
		return verificationKey{algorithm: jose.ES256, key: k}, nil
	case ed25519.PublicKey:
		return verificationKey{algorithm: jose.EdDSA, key: k}, nil
	}
	return verificationKey{}, fmt.Errorf("a %T cannot verify tokens", key)
}

// parseKeySet parses a JWKS and returns the keys that can verify tokens; others, such as secret, private and weak ones,
// are skipped. A set without a usable key is an error.
func parseKeySet(text []byte) ([]verificationKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, fmt.Errorf("read a key set: %w", err)
	}
	if len(set.Keys) > maxSetKeys {
		return nil, fmt.Errorf("read a key set: it has %d keys: expected at most %d", len(set.Keys), maxSetKeys)
	}
	var list []verificationKey
	for _, raw := range set.Keys {
		var k jose.JSONWebKey
		if err := json.Unmarshal(raw, &k); err != nil || !k.Valid() || !k.IsPublic() || k.Use != "" && k.Use != "sig" {
			continue
		}
		v, err := newVerificationKey(k.Key)
		if err != nil || k.Algorithm != "" && k.Algorithm != string(v.algorithm) {
			continue
		}
		v.id = k.KeyID
		list = append(list, v)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("read a key set: none of its %d keys is for RS256, ES256 or EdDSA", len(set.Keys))
	}
	return list, nil
}

// parseStaticKeys parses the keys in the settings of a provider.
func parseStaticKeys(o app.TokenIssuer) ([]verificationKey, error) {
	if len(o.Keys) > maxStaticKeys {
		return nil, fmt.Errorf("%d keys are configured: expected at most %d", len(o.Keys), maxStaticKeys)
	}
	var list []verificationKey
	for n, key := range o.Keys {
		k, err := parseStaticKey(key.Reveal(), jose.SignatureAlgorithm(o.Algorithm))
		if err != nil {
			return nil, fmt.Errorf("key %d: %w", n+1, err)
		}
		list = append(list, k)
	}
	return list, nil
}
