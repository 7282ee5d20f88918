package api

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
)

// Call is the body of functions/call: a function of the application or, with Service, an operation of a data source.
type Call struct {
	Name      string
	Arguments []bson.RawValue
	Service   string // empty: a function of the application
}

// ParseCall reads a call in canonical or relaxed extended JSON. Its error is an *Error that names the key.
func ParseCall(text []byte) (Call, error) {
	doc, err := ParseDocument(text)
	if err != nil {
		return Call{}, &Error{Status: http.StatusBadRequest, Code: CodeBadRequest, Message: err.Error(), Err: err}
	}
	elements, err := doc.Elements()
	if err != nil {
		return Call{}, &Error{Status: http.StatusBadRequest, Code: CodeBadRequest, Message: "malformed call", Err: err}
	}
	if path, twice := findDuplicateKey(doc); twice {
		return Call{}, Errorf(http.StatusBadRequest, CodeBadRequest, "duplicate key '%s'", path)
	}
	var c Call
	for _, e := range elements {
		v, ok := e.Value(), true
		switch e.Key() {
		case "name":
			c.Name, ok = v.StringValueOK()
		case "service":
			c.Service, ok = optionalString(v)
		case "arguments":
			c.Arguments, ok = arguments(v)
		}
		if !ok {
			return Call{}, Errorf(http.StatusBadRequest, CodeInvalidParameter, "'%s' has the wrong type: %s", e.Key(), v.Type)
		}
	}
	if c.Name == "" {
		return Call{}, Errorf(http.StatusBadRequest, CodeMissingParameter, "'name' is a required string")
	}
	return c, nil
}

// ParseStreamRequest reads the query parameter baas_request of a streaming call: the call in standard base64.
func ParseStreamRequest(encoded string) (Call, error) {
	encoded = strings.ReplaceAll(encoded, " ", "+") // a plus sign that the client did not escape
	text, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(encoded, "="))
	if err != nil {
		return Call{}, &Error{Status: http.StatusBadRequest, Code: CodeBadRequest,
			Message: "baas_request is not standard base64", Err: err}
	}
	return ParseCall(text)
}

// Argument returns the only argument of a service call, which must be an object.
func (c Call) Argument() (bson.Raw, error) {
	if len(c.Arguments) == 1 {
		if doc, ok := c.Arguments[0].DocumentOK(); ok {
			return doc, nil
		}
	}
	return nil, Errorf(http.StatusBadRequest, CodeInvalidParameter, "%s takes exactly one argument, an object", c.Name)
}

// Body encodes the call as canonical extended JSON, with its keys in the Web SDK's order.
func (c Call) Body() ([]byte, error) {
	args := bson.A{}
	for _, a := range c.Arguments {
		args = append(args, a)
	}
	d := bson.D{{Key: "name", Value: c.Name}, {Key: "arguments", Value: args}}
	if c.Service != "" {
		d = append(d, bson.E{Key: "service", Value: c.Service})
	}
	text, err := bson.MarshalExtJSON(d, true, false)
	if err != nil {
		return nil, fmt.Errorf("write the call of %s: %w", c.Name, err)
	}
	return text, nil
}

// optionalString returns a string, or "" for null.
func optionalString(v bson.RawValue) (string, bool) {
	if v.Type == bson.TypeNull {
		return "", true
	}
	return v.StringValueOK()
}

func arguments(v bson.RawValue) ([]bson.RawValue, bool) {
	if v.Type == bson.TypeNull {
		return nil, true
	}
	array, ok := v.ArrayOK()
	if !ok {
		return nil, false
	}
	values, err := array.Values()
	return values, err == nil
}

// findDuplicateKey returns the path of a key that an object has twice. A check of the first value would miss the
// second.
func findDuplicateKey(doc bson.Raw) (path string, twice bool) {
	seen := map[string]struct{}{}
	return searchElements(doc, func(key []byte) bool {
		_, there := seen[string(key)]
		seen[string(key)] = struct{}{}
		return there
	})
}

// searchElements walks the elements of an object or array without copying: a large call has millions of them. repeated
// reports whether an object had the key before; it is nil for arrays, whose keys the parser generates.
func searchElements(doc bson.Raw, repeated func(key []byte) bool) (path string, twice bool) {
	rest := doc[min(4, len(doc)):]
	for len(rest) > 1 {
		e, after, ok := bsoncore.ReadElement(rest)
		if !ok {
			return "", false
		}
		rest = after
		if repeated != nil && repeated(e.KeyBytes()) {
			return e.Key(), true
		}
		v, inner := e.Value(), ""
		switch v.Type {
		case bsoncore.TypeArray:
			inner, twice = searchElements(bson.Raw(v.Data), nil)
		case bsoncore.TypeEmbeddedDocument:
			inner, twice = findDuplicateKey(bson.Raw(v.Data))
		}
		if twice {
			return e.Key() + "." + inner, true
		}
	}
	return "", false
}
