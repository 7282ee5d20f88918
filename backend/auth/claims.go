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

// The bounds of a claim that is copied into somebody's data.
const (
	maxClaim      = 4096 // characters
	maxClaimDepth = 32
)

// foreignClaims are the claims of somebody else's token, by their exact names: a decoder that takes `SUB` for `sub` would let whoever may choose a
// claim's name choose who they are.
type foreignClaims map[string]json.RawMessage

func claim[T any](c foreignClaims, name string) (T, error) {
	var v T
	text, there := c[name]
	if !there {
		return v, nil
	}
	return v, json.Unmarshal(text, &v)
}

// checkTimes checks the claims exp, which is required, nbf and iat, with a tolerance of clockSkew.
func (c foreignClaims) checkTimes(now time.Time) error {
	expiry, err1 := claim[*jwt.NumericDate](c, "exp")
	notBefore, err2 := claim[*jwt.NumericDate](c, "nbf")
	issuedAt, err3 := claim[*jwt.NumericDate](c, "iat")
	switch latest := now.Add(clockSkew); {
	case errors.Join(err1, err2, err3) != nil:
		return refused("the token is malformed")
	case expiry == nil:
		return refused("the token has no claim exp")
	case !now.Before(expiry.Time().Add(clockSkew)):
		return refused("the token has expired")
	case notBefore != nil && latest.Before(notBefore.Time()):
		return refused("the token is not valid yet: see its claim nbf")
	case issuedAt != nil && latest.Before(issuedAt.Time()):
		return refused("the token was issued in the future: see its claim iat")
	}
	return nil
}

// at follows a path into the claims; nil when there is nothing, or null.
func (c foreignClaims) at(path []string) json.RawMessage {
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

// data copies what the provider's settings name out of the claims. A claim that cannot be kept is as good as missing.
func (c foreignClaims) data(fields []app.MetadataField) (bson.Raw, error) {
	data := bson.D{}
	for _, f := range fields {
		value, err := claimValue(c.at(f.Path))
		switch {
		case err != nil && f.Required:
			return nil, refused("the claim %s, which is required: %w", strings.Join(f.Path, "."), err)
		case err == nil:
			data = slices.DeleteFunc(data, func(e bson.E) bool { return e.Key == f.Field })
			data = append(data, bson.E{Key: f.Field, Value: value})
		}
	}
	return bson.Marshal(data)
}

// claimValue is a claim as it is kept.
func claimValue(text json.RawMessage) (any, error) {
	if len(text) == 0 {
		return nil, errors.New("is missing")
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return nil, errors.New("cannot be read")
	}
	length := len(text)
	if s, ok := v.(string); ok {
		length = utf8.RuneCountInString(s)
	}
	if length > maxClaim {
		return nil, fmt.Errorf("has more than %d characters", maxClaim)
	}
	return kept(v, maxClaimDepth)
}

// kept turns what JSON holds, so many levels of it, into what a document holds.
func kept(v any, levels int) (any, error) {
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
			return nil, errors.New("is a number that cannot be kept")
		}
		return n, nil
	case []any:
		list := bson.A{}
		for _, one := range v {
			in, err := kept(one, levels-1)
			if err != nil {
				return nil, err
			}
			list = append(list, in)
		}
		return list, nil
	case map[string]any:
		return keptObject(v, levels)
	}
	return v, nil
}

func keptObject(v map[string]any, levels int) (any, error) {
	keys := make([]string, 0, len(v))
	for key := range v {
		if strings.ContainsAny(key, ".$\x00") {
			return nil, errors.New("has a key with a dot, a dollar sign or a zero byte")
		}
		keys = append(keys, key)
	}
	slices.Sort(keys)
	object := bson.D{}
	for _, key := range keys {
		in, err := kept(v[key], levels-1)
		if err != nil {
			return nil, err
		}
		object = append(object, bson.E{Key: key, Value: in})
	}
	return object, nil
}
