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

// The bounds of the keys that other people's tokens are checked with.
const (
	minSecret     = 32 // bytes
	maxSecret     = 512
	minRSA        = 2048 // bits
	maxKeysSecret = 3
	maxKeysSet    = 64
)

// verifyingKey checks signatures of one algorithm and of no other: so a token can never be signed with a public key's text as the secret.
type verifyingKey struct {
	id        string // the issuer's kid; empty: the key has none
	algorithm jose.SignatureAlgorithm
	key       any // []byte or a public key, as go-jose takes it for the algorithm
}

// fixedKey reads a secret or a PEM public key. The algorithm may be empty, the key's form says it then.
func fixedKey(text string, algorithm jose.SignatureAlgorithm) (verifyingKey, error) {
	isPEM := strings.Contains(text, "-----BEGIN ")
	if algorithm == "" && !isPEM {
		algorithm = jose.HS256
	}
	if algorithm == jose.HS256 {
		switch n := len(text); {
		case isPEM:
			return verifyingKey{}, errors.New("HS256 wants a secret, this is a PEM block")
		case n < minSecret || n > maxSecret:
			return verifyingKey{}, fmt.Errorf("a secret has %d to %d bytes, this one %d", minSecret, maxSecret, n)
		}
		return verifyingKey{algorithm: algorithm, key: []byte(text)}, nil
	}
	public, err := parsePEM(text)
	if err != nil {
		return verifyingKey{}, err
	}
	k, err := publicKey(public)
	if err == nil && algorithm != "" && k.algorithm != algorithm {
		err = fmt.Errorf("this key is for %s, wanted is one for %s", k.algorithm, algorithm)
	}
	return k, err
}

// parsePEM reads a public key or a certificate. In an environment variable lines often end in a backslash and an n.
func parsePEM(text string) (any, error) {
	if !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, `\n`, "\n")
	}
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("this is not a public key in PEM")
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
	return nil, fmt.Errorf("wanted is a PUBLIC KEY in PEM, this is a %s", block.Type)
}

// publicKey says which algorithm a public key is for, and refuses what is too weak or not known.
func publicKey(key any) (verifyingKey, error) {
	switch k := key.(type) {
	case *rsa.PublicKey:
		if k.N.BitLen() < minRSA {
			return verifyingKey{}, fmt.Errorf("an RSA key has at least %d bits, this one %d", minRSA, k.N.BitLen())
		}
		return verifyingKey{algorithm: jose.RS256, key: k}, nil
	case *ecdsa.PublicKey:
		if k.Curve != elliptic.P256() {
			return verifyingKey{}, fmt.Errorf("ES256 wants a key on the curve P-256, this one is on %s", k.Params().Name)
		}
		return verifyingKey{algorithm: jose.ES256, key: k}, nil
	case ed25519.PublicKey:
		return verifyingKey{algorithm: jose.EdDSA, key: k}, nil
	}
	return verifyingKey{}, fmt.Errorf("a %T cannot check tokens", key)
}

// parseKeySet reads the keys of a JWKS that can check tokens; the others, such as secrets, private and weak ones, are passed over.
// A set without a usable key is an error.
func parseKeySet(text []byte) ([]verifyingKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, fmt.Errorf("read a key set: %w", err)
	}
	if len(set.Keys) > maxKeysSet {
		return nil, fmt.Errorf("read a key set: it holds %d keys, %d are too many", len(set.Keys), maxKeysSet+1)
	}
	var list []verifyingKey
	for _, one := range set.Keys {
		var k jose.JSONWebKey
		if err := json.Unmarshal(one, &k); err != nil || !k.Valid() || !k.IsPublic() || k.Use != "" && k.Use != "sig" {
			continue
		}
		v, err := publicKey(k.Key)
		if err != nil || k.Algorithm != "" && k.Algorithm != string(v.algorithm) {
			continue
		}
		v.id = k.KeyID
		list = append(list, v)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("read a key set: none of its %d keys can check RS256, ES256 or EdDSA", len(set.Keys))
	}
	return list, nil
}

// fixedKeys reads the keys that the settings of a provider name.
func fixedKeys(o app.TokenIssuer) ([]verifyingKey, error) {
	if len(o.Keys) > maxKeysSecret {
		return nil, fmt.Errorf("%d keys: %d are allowed", len(o.Keys), maxKeysSecret)
	}
	var list []verifyingKey
	for n, key := range o.Keys {
		k, err := fixedKey(key.Reveal(), jose.SignatureAlgorithm(o.Algorithm))
		if err != nil {
			return nil, fmt.Errorf("key %d: %w", n+1, err)
		}
		list = append(list, k)
	}
	return list, nil
}
