package functions

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dop251/goja"
	"github.com/golang-jwt/jwt/v5"
)

// encodeToken is encode(method, payload, secret, header fields).
func encodeToken(r *run, args []goja.Value) (goja.Value, error) {
	name, err := text(args, 0)
	if err != nil {
		return nil, err
	}
	method := jwt.GetSigningMethod(name)
	if method == nil || method == jwt.SigningMethodNone {
		return nil, fmt.Errorf("the signing method %q is not known", name)
	}
	claims := jwt.MapClaims{}
	if err := r.plain(argument(args, 1), &claims); err != nil {
		return nil, fmt.Errorf("the payload: %w", err)
	}
	secret, err := text(args, 2)
	if err != nil {
		return nil, err
	}
	token := jwt.NewWithClaims(method, claims)
	if fields := argument(args, 3); given(fields) {
		more := map[string]any{}
		if err := r.plain(fields, &more); err != nil {
			return nil, fmt.Errorf("the header fields: %w", err)
		}
		for key, v := range more {
			if key != "alg" { // it says how the token is signed
				token.Header[key] = v
			}
		}
	}
	key, err := tokenKey(method, secret, true)
	if err != nil {
		return nil, err
	}
	signed, err := token.SignedString(key)
	if err != nil {
		return nil, err
	}
	return r.vm.ToValue(signed), nil
}

// decodeToken is decode(token, key, with the header?, methods): the payload of a token whose signature is good and that is
// valid now.
func decodeToken(r *run, args []goja.Value) (goja.Value, error) {
	given, err := texts(args, 2)
	if err != nil {
		return nil, err
	}
	var methods []string
	if v := argument(args, 3); !goja.IsUndefined(v) && !goja.IsNull(v) {
		if err := r.plain(v, &methods); err != nil {
			return nil, fmt.Errorf("the accepted signing methods: %w", err)
		}
	}
	token, err := jwt.NewParser(jwt.WithTimeFunc(r.all.options.Now)).Parse(given[0], func(t *jwt.Token) (any, error) {
		if methods != nil && !slices.Contains(methods, t.Method.Alg()) || t.Method == jwt.SigningMethodNone {
			return nil, fmt.Errorf("the signing method %q is not accepted", t.Method.Alg())
		}
		return tokenKey(t.Method, given[1], false)
	})
	if err != nil {
		return nil, err
	}
	parts := strings.Split(token.Raw, ".")
	payload, err := r.parsed(parts[1])
	if err != nil || !argument(args, 2).ToBoolean() {
		return payload, err
	}
	header, err := r.parsed(parts[0])
	if err != nil {
		return nil, err
	}
	return r.fields("header", header, "payload", payload), nil
}

// tokenKey makes the key that a method wants of a text. A text that is a key pair's is no shared secret: whoever knows a public
// key could sign with it.
func tokenKey(method jwt.SigningMethod, secret string, private bool) (any, error) {
	pem := []byte(secret)
	switch name := method.Alg(); {
	case strings.HasPrefix(name, "HS"):
		if strings.Contains(secret, "-----BEGIN ") {
			return nil, errors.New("a key in PEM does not go with " + name)
		}
		return pem, nil
	case strings.HasPrefix(name, "ES") && private:
		return jwt.ParseECPrivateKeyFromPEM(pem)
	case strings.HasPrefix(name, "ES"):
		return jwt.ParseECPublicKeyFromPEM(pem)
	case name == "EdDSA" && private:
		return jwt.ParseEdPrivateKeyFromPEM(pem)
	case name == "EdDSA":
		return jwt.ParseEdPublicKeyFromPEM(pem)
	case private:
		return jwt.ParseRSAPrivateKeyFromPEM(pem)
	}
	return jwt.ParseRSAPublicKeyFromPEM(pem)
}

// plain reads a value as plain JSON.
func (r *run) plain(v goja.Value, into any) error {
	stringify, _ := goja.AssertFunction(r.vm.Get("JSON").ToObject(r.vm).Get("stringify"))
	out, err := stringify(goja.Undefined(), v)
	if err != nil {
		return err
	}
	if goja.IsUndefined(out) {
		return errors.New("wants an object")
	}
	return json.Unmarshal([]byte(out.String()), into)
}

// parsed makes a value of a part of a token.
func (r *run) parsed(part string) (goja.Value, error) {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return nil, err
	}
	parse, _ := goja.AssertFunction(r.vm.Get("JSON").ToObject(r.vm).Get("parse"))
	return parse(goja.Undefined(), r.vm.ToValue(string(raw)))
}
