package api

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Call is the body of functions/call: a user function, or with Service a MongoDB operation.
type Call struct {
	Name      string
	Arguments []bson.RawValue
	Service   string // empty: a user function
}

// ParseCall reads a call in either dialect of extended JSON. The error is an *Error that names the key.
func ParseCall(text []byte) (Call, error) {
	doc, err := ParseDocument(text)
	if err != nil {
		return Call{}, &Error{Status: http.StatusBadRequest, Code: CodeBadRequest, Message: err.Error(), Err: err}
	}
	elements, err := doc.Elements()
	if err != nil {
		return Call{}, &Error{Status: http.StatusBadRequest, Code: CodeBadRequest, Message: "malformed call", Err: err}
	}
	if path, twice := duplicate(doc, ""); twice {
		return Call{}, Errorf(http.StatusBadRequest, CodeBadRequest, "the key '%s' is there twice", path)
	}
	var c Call
	for _, e := range elements {
		v, ok := e.Value(), true
		switch e.Key() {
		case "name":
			c.Name, ok = v.StringValueOK()
		case "service":
			c.Service, ok = optionalText(v)
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

// ParseRequest reads the query parameter baas_request of a streaming call: standard base64 of the call.
func ParseRequest(encoded string) (Call, error) {
	encoded = strings.ReplaceAll(encoded, " ", "+") // a plus sign that nobody escaped
	text, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(encoded, "="))
	if err != nil {
		return Call{}, &Error{Status: http.StatusBadRequest, Code: CodeBadRequest, Message: "baas_request is not standard base64", Err: err}
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
	return nil, Errorf(http.StatusBadRequest, CodeInvalidParameter, "%s wants exactly one argument, an object", c.Name)
}

// Body writes the call as canonical extended JSON, the key order of the Web SDK.
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

// optionalText takes a string or null for nothing.
func optionalText(v bson.RawValue) (string, bool) {
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

// duplicate finds a key that an object holds twice: what checks the first could let the second through.
func duplicate(doc bson.Raw, above string) (string, bool) {
	elements, err := doc.Elements()
	if err != nil {
		return above, false
	}
	seen := make(map[string]struct{}, len(elements))
	for _, e := range elements {
		key, v := e.Key(), e.Value()
		path := above + key
		if _, twice := seen[key]; twice {
			return path, true
		}
		seen[key] = struct{}{}
		if inner, ok := nested(v); ok {
			if found, twice := duplicate(inner, path+"."); twice {
				return found, true
			}
		}
	}
	return "", false
}

// nested gives the bytes of an object or array.
func nested(v bson.RawValue) (bson.Raw, bool) {
	if array, ok := v.ArrayOK(); ok {
		return bson.Raw(array), true
	}
	return v.DocumentOK()
}
