package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4/jwt"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/app"
)

// Limits of a claim that is copied into the user's data.
const (
	maxClaimLength = 4096 // characters
	maxClaimDepth  = 32
)

// externalClaims are the claims of an external issuer's token, by their exact names: a case-insensitive decoder would
// accept `SUB` as `sub`, and an issuer may let its users choose names of other claims.
type externalClaims map[string]json.RawMessage

// claim decodes a claim; zero when it is missing.
func claim[T any](c externalClaims, name string) (T, error) {
	var v T
	text, there := c[name]
	if !there {
		return v, nil
	}
	return v, json.Unmarshal(text, &v)
}

// checkTimes checks the claims exp (required), nbf and iat, with a tolerance of clockSkew.
func (c externalClaims) checkTimes(now time.Time) error {
	expiry, err1 := claim[*jwt.NumericDate](c, "exp")
	notBefore, err2 := claim[*jwt.NumericDate](c, "nbf")
	issuedAt, err3 := claim[*jwt.NumericDate](c, "iat")
	switch latest := now.Add(clockSkew); {
	case errors.Join(err1, err2, err3) != nil:
		return unauthorized("the token is malformed")
	case expiry == nil:
		return unauthorized("the token has no claim exp")
	case !now.Before(expiry.Time().Add(clockSkew)):
		return unauthorized("the token has expired")
	case notBefore != nil && latest.Before(notBefore.Time()):
		return unauthorized("the token is not valid yet: see its claim nbf")
	case issuedAt != nil && latest.Before(issuedAt.Time()):
		return unauthorized("the token was issued in the future: see its claim iat")
	}
	return nil
}

// lookup returns the claim at a path; nil when it is missing or null.
func (c externalClaims) lookup(path []string) json.RawMessage {
	for n, key := range path {
		text := c[key]
		if n == len(path)-1 && !bytes.Equal(text, []byte("null")) {
			return text
		}
		c = nil
		if json.Unmarshal(text, &c) != nil {
			return nil
		}
	}
	return nil
}

// metadata returns the claims that the provider's settings copy into the user's data. A claim that cannot be stored
// counts as missing.
func (c externalClaims) metadata(fields []app.MetadataField) (bson.Raw, error) {
	data := bson.D{}
	for _, f := range fields {
		value, err := decodeClaim(c.lookup(f.Path))
		switch {
		case err != nil && f.Required:
			return nil, unauthorized("the claim %s, which is required: %w", strings.Join(f.Path, "."), err)
		case err == nil:
			data = slices.DeleteFunc(data, func(e bson.E) bool { return e.Key == f.Field })
			data = append(data, bson.E{Key: f.Field, Value: value})
		}
	}
	return bson.Marshal(data)
}

// decodeClaim returns a claim as it is stored.
func decodeClaim(text json.RawMessage) (any, error) {
	if len(text) == 0 {
		return nil, errors.New("is missing")
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return nil, errors.New("is not valid JSON")
	}
	length := len(text)
	if s, ok := v.(string); ok {
		length = utf8.RuneCountInString(s)
	}
	if length > maxClaimLength {
		return nil, fmt.Errorf("has more than %d characters", maxClaimLength)
	}
	return toBSON(v, maxClaimDepth)
}

// toBSON converts decoded JSON to BSON values; levels is the nesting depth that is left.
func toBSON(v any, levels int) (any, error) {
	if levels == 0 {
		return nil, fmt.Errorf("is nested deeper than %d levels", maxClaimDepth)
	}
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			if n >= math.MinInt32 && n <= math.MaxInt32 {
				return int32(n), nil
			}
			return n, nil
		}
		n, err := v.Float64()
		if err != nil {
			return nil, errors.New("is a number that does not fit a double")
		}
		return n, nil
	case []any:
		list := bson.A{}
		for _, item := range v {
			element, err := toBSON(item, levels-1)
			if err != nil {
				return nil, err
			}
			list = append(list, element)
		}
		return list, nil
	case map[string]any:
		return objectToBSON(v, levels)
	}
	return v, nil
}

func objectToBSON(v map[string]any, levels int) (any, error) {
	keys := make([]string, 0, len(v))
	for key := range v {
		if strings.ContainsAny(key, ".$\x00") {
			return nil, errors.New("has a key with a dot, a dollar sign or a NUL byte")
		}
		keys = append(keys, key)
	}
	slices.Sort(keys)
	object := bson.D{}
	for _, key := range keys {
		value, err := toBSON(v[key], levels-1)
		if err != nil {
			return nil, err
		}
		object = append(object, bson.E{Key: key, Value: value})
	}
	return object, nil
}
