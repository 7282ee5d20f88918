package rules

import (
	"dossier/backend/query"
	"dossier/model"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Caller is on whose behalf something is done.
type Caller struct {
	User        model.User
	CustomData  bson.Raw // from the access token, so as old as the token; nil: none
	System      bool     // past the rules: a function that runs as system
	Request     bson.Raw // what is known of the request, such as remoteIPAddress; nil: there is none
	Values      map[string]bson.RawValue
	Environment Environment
	// Call runs a function that a rule asks (`%function`), under this caller's rules. What a function that fails would have
	// decided is not granted; nil: there are no functions, all of them fail.
	Call func(name string, args []any) (any, error)

	cache *callCache // what was found out already; nil: nothing is kept
}

// Environment is which environment the application runs in and its values (`environments/*.json`).
type Environment struct {
	Tag    string
	Values map[string]bson.RawValue
}

// expand gives the candidates of an expansion about the caller, such as %%user.data.email; none where it is undefined.
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

// document decodes what is known about the caller, once where that is kept.
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

// valueAt looks into a named value: name first, then a path inside it.
func valueAt(values map[string]bson.RawValue, path []string) []any {
	v, ok := values[path[0]]
	if !ok {
		return nil
	}
	return lookup(DecodeValue(v), path[1:])
}

// DecodeValue gives a BSON value as the tree the language works on; nil where its bytes are not BSON.
func DecodeValue(v bson.RawValue) any {
	raw, err := bson.Marshal(bson.D{{Key: "v", Value: v}})
	if err != nil {
		return nil
	}
	return decodeDocument(raw)[0].Value
}

// decodeDocument decodes a document; none and damaged ones are empty.
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
