package rules

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
	"dossier/model"
)

// Caller is the user, API key or system function on whose behalf a request, rule or function runs.
type Caller struct {
	User        model.User
	CustomData  bson.Raw // the snapshot in the access token; nil: none
	System      bool     // the rules do not apply: a function that runs as system
	Request     bson.Raw // properties of the request, such as remoteIPAddress; nil: no request
	Values      map[string]bson.RawValue
	Environment Environment
	// Call runs a function for a rule (`%function`) under this caller's rules. If the function fails, what depends on its
	// result is denied. nil: there are no functions; every call fails.
	Call func(name string, args []any) (any, error)

	cache *callCache // nil: results are not cached
}

// Environment is the environment of the application with its values (`environments/*.json`).
type Environment struct {
	Tag    string
	Values map[string]bson.RawValue
}

// expand returns the candidates of a variable of the caller, such as %%user.data.email; none: undefined.
func (c *Caller) expand(path []string) []any {
	switch path[0] {
	case "user":
		return c.user(path[1:])
	case "values":
		return valueAt(c.Values, path[1:])
	case "environment":
		if path[1] == "tag" {
			return []any{c.Environment.Tag}
		}
		return valueAt(c.Environment.Values, path[2:])
	case "request":
		return lookup(c.document("request", c.Request), path[1:])
	}
	return nil
}

func (c *Caller) user(path []string) []any {
	switch path[0] {
	case "id":
		return []any{c.User.ID}
	case "type":
		return []any{c.User.Type}
	case "data":
		return lookup(c.document("data", c.User.Data), path[1:])
	case "custom_data":
		return lookup(c.document("custom_data", c.CustomData), path[1:])
	case "identities":
		list := make(bson.A, 0, len(c.User.Identities))
		for _, i := range c.User.Identities {
			list = append(list, bson.D{
				{Key: "id", Value: i.ID}, {Key: "provider_type", Value: i.ProviderType},
				{Key: "providerType", Value: i.ProviderType}, {Key: "data", Value: decodeDocument(i.Data)},
			})
		}
		return lookup(list, path[1:])
	}
	return nil
}

// document decodes a document of the caller, once if there is a cache.
func (c *Caller) document(name string, raw bson.Raw) bson.D {
	if c.cache == nil {
		return decodeDocument(raw)
	}
	d, ok := c.cache.documents[name]
	if !ok {
		d = decodeDocument(raw)
		c.cache.documents[name] = d
	}
	return d
}

// valueAt returns what is at a path in a named value; the first segment is the name.
func valueAt(values map[string]bson.RawValue, path []string) []any {
	v, ok := values[path[0]]
	if !ok {
		return nil
	}
	return lookup(DecodeValue(v), path[1:])
}

// DecodeValue decodes a BSON value to the form that package query works on; nil if its bytes are not BSON.
func DecodeValue(v bson.RawValue) any {
	raw, err := bson.Marshal(bson.D{{Key: "v", Value: v}})
	if err != nil {
		return nil
	}
	return decodeDocument(raw)[0].Value
}

// decodeDocument decodes a document; an absent or malformed one is empty.
func decodeDocument(raw bson.Raw) bson.D {
	if len(raw) == 0 {
		return bson.D{}
	}
	d, err := query.Decode(raw)
	if err != nil {
		return bson.D{}
	}
	return d
}
