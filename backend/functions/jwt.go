package functions

import (
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dop251/goja"
	"github.com/go-jose/go-jose/v4"
	josejson "github.com/go-jose/go-jose/v4/json"
	"github.com/go-jose/go-jose/v4/jwt"
)

// signingMethods are the algorithms of utils.jwt; "none" is not among them.
var signingMethods = []jose.SignatureAlgorithm{
	jose.HS256, jose.HS384, jose.HS512, jose.RS256, jose.RS384, jose.RS512,
	jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
}

// encodeToken implements encode(method, payload, secret, header fields).
func encodeToken(r *run, args []goja.Value) (goja.Value, error) {
	name, err := stringArg(args, 0)
	if err != nil {
		return nil, err
	}
	method := jose.SignatureAlgorithm(name)
	if !slices.Contains(signingMethods, method) {
		return nil, fmt.Errorf("unknown signing method %q", name)
	}
	claims := map[string]any{}
	if err := r.decodeJSON(argument(args, 1), &claims); err != nil {
		return nil, fmt.Errorf("the payload: %w", err)
	}
	secret, err := stringArg(args, 2)
	if err != nil {
		return nil, err
	}
	header := new(jose.SignerOptions).WithType("JWT")
	if fields := argument(args, 3); isPresent(fields) {
		more := map[string]any{}
		if err := r.decodeJSON(fields, &more); err != nil {
			return nil, fmt.Errorf("the header fields: %w", err)
		}
		delete(more, "alg") // set by the signer
		for key, v := range more {
			header.WithHeader(jose.HeaderKey(key), v)
		}
	}
	key, err := tokenKey(method, secret, parsePrivateKey)
	if err != nil {
		return nil, err
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: method, Key: key}, header)
	if err != nil {
		return nil, fmt.Errorf("the key is not for %s", method)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return nil, err
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return nil, fmt.Errorf("sign with %s: %w", method, err)
	}
	token, err := signed.CompactSerialize()
	return r.vm.ToValue(token), err
}

// decodeToken implements decode(token, key, return header, accepted methods): it returns the payload of a token with a
// valid signature that is valid now.
func decodeToken(r *run, args []goja.Value) (goja.Value, error) {
	params, err := stringArgs(args, 2)
	if err != nil {
		return nil, err
	}
	methods := signingMethods
	if v := argument(args, 3); !goja.IsUndefined(v) && !goja.IsNull(v) {
		var accepted []jose.SignatureAlgorithm
		if err := r.decodeJSON(v, &accepted); err != nil {
			return nil, fmt.Errorf("the accepted signing methods: %w", err)
		}
		methods = slices.DeleteFunc(slices.Clone(methods),
			func(m jose.SignatureAlgorithm) bool { return !slices.Contains(accepted, m) })
	}
	payload, err := verifyToken(params[0], params[1], methods, r.functions.options.Now())
	if err != nil {
		return nil, err
	}
	value, err := r.parseJSON(payload)
	if err != nil || !argument(args, 2).ToBoolean() {
		return value, err
	}
	part, _, _ := strings.Cut(params[0], ".")
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return nil, err
	}
	header, err := r.parseJSON(raw)
	if err != nil {
		return nil, err
	}
	return r.newObject("header", header, "payload", value), nil
}

// verifyToken checks the method, the signature and the times of a token and returns its payload.
func verifyToken(token, secret string, methods []jose.SignatureAlgorithm, now time.Time) ([]byte, error) {
	malformed := errors.New("token is malformed")
	parsed, err := jose.ParseSignedCompact(token, signingMethods)
	var other *jose.ErrUnexpectedSignatureAlgorithm
	switch {
	case errors.As(err, &other):
		return nil, fmt.Errorf("the signing method %q is not accepted", other.Got)
	case err != nil:
		return nil, malformed
	}
	method := jose.SignatureAlgorithm(parsed.Signatures[0].Header.Algorithm)
	if !slices.Contains(methods, method) {
		return nil, fmt.Errorf("the signing method %q is not accepted", method)
	}
	key, err := tokenKey(method, secret, parsePublicKey)
	if err != nil {
		return nil, err
	}
	payload, err := parsed.Verify(key)
	if err != nil {
		return nil, errors.New("token signature is invalid")
	}
	var claims struct { // zero: the claim is missing
		Expiry    jwt.NumericDate `json:"exp"`
		NotBefore jwt.NumericDate `json:"nbf"`
	}
	switch err := josejson.Unmarshal(payload, &claims); { // exact claim names, unlike encoding/json
	case err != nil:
		return nil, malformed
	case claims.Expiry != 0 && !now.Before(claims.Expiry.Time()):
		return nil, errors.New("token is expired")
	case now.Before(claims.NotBefore.Time()):
		return nil, errors.New("token is not valid yet")
	}
	return payload, nil
}

// tokenKey returns the key for a method: the string itself for HMAC, else what parse reads from PEM. It rejects PEM as
// an HMAC secret: a public key is not secret. A short secret is padded with zeros, as HMAC does: go-jose rejects
// secrets shorter than the hash.
func tokenKey(method jose.SignatureAlgorithm, text string, parse func(der []byte) (any, error)) (any, error) {
	if strings.HasPrefix(string(method), "HS") {
		if strings.Contains(text, "-----BEGIN ") {
			return nil, fmt.Errorf("a PEM key cannot be used with %s", method)
		}
		return append([]byte(text), make([]byte, max(0, sha512.Size-len(text)))...), nil
	}
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, fmt.Errorf("the key for %s is not PEM", method)
	}
	return parse(block.Bytes)
}

// parsePrivateKey reads a private key in PKCS #1, PKCS #8 or SEC 1 form.
func parsePrivateKey(der []byte) (any, error) {
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key, nil
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return key, nil
	}
	return x509.ParsePKCS8PrivateKey(der)
}

// parsePublicKey reads a public key in PKIX or PKCS #1 form, or that of a certificate.
func parsePublicKey(der []byte) (any, error) {
	if certificate, err := x509.ParseCertificate(der); err == nil {
		return certificate.PublicKey, nil
	}
	if key, err := x509.ParsePKCS1PublicKey(der); err == nil {
		return key, nil
	}
	return x509.ParsePKIXPublicKey(der)
}

// decodeJSON decodes a JavaScript value as plain JSON.
func (r *run) decodeJSON(v goja.Value, into any) error {
	stringify, _ := goja.AssertFunction(r.vm.Get("JSON").ToObject(r.vm).Get("stringify"))
	out, err := stringify(goja.Undefined(), v)
	if err != nil {
		return err
	}
	if goja.IsUndefined(out) {
		return errors.New("expected an object")
	}
	return json.Unmarshal([]byte(out.String()), into)
}

// parseJSON returns the value of a JSON text.
func (r *run) parseJSON(text []byte) (goja.Value, error) {
	parse, _ := goja.AssertFunction(r.vm.Get("JSON").ToObject(r.vm).Get("parse"))
	return parse(goja.Undefined(), r.vm.ToValue(string(text)))
}
