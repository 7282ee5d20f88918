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
	return callOf(doc, false)
}

// callOf reads a call from its document. literals: operands that are compared or stored as they are may have duplicate
// keys, because no check depends on them.
func callOf(doc bson.Raw, literals bool) (Call, error) {
	elements, err := doc.Elements()
	if err != nil {
		return Call{}, &Error{Status: http.StatusBadRequest, Code: CodeBadRequest, Message: "malformed call", Err: err}
	}
	if path, twice := (duplicateSearch{literals}).in("", bsoncore.Value{
		Type: bsoncore.TypeEmbeddedDocument, Data: doc}); twice {
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

// duplicateSearch finds a key that an object has twice. A check of the first value would miss the second.
type duplicateSearch struct {
	literals bool // do not search values that operators compare or store as they are
}

// in returns the path of the first duplicate key in the value of a key. It walks the elements without copying: a large
// call has millions of them.
func (s duplicateSearch) in(key string, v bsoncore.Value) (path string, twice bool) {
	operand := literalOperand{}
	if s.literals {
		operand = literalOperandOf(key)
	}
	if v.Type != bsoncore.TypeEmbeddedDocument && v.Type != bsoncore.TypeArray || operand.value {
		return "", false
	}
	var seen map[string]struct{} // nil for arrays, whose keys are positions
	if v.Type == bsoncore.TypeEmbeddedDocument {
		seen = map[string]struct{}{}
	}
	for rest := v.Data[min(4, len(v.Data)):]; len(rest) > 1; {
		e, after, ok := bsoncore.ReadElement(rest)
		if !ok {
			return "", false
		}
		rest = after
		if _, there := seen[string(e.KeyBytes())]; there {
			return e.Key(), true
		}
		if seen != nil {
			seen[string(e.KeyBytes())] = struct{}{}
		}
		switch inner := e.Value(); {
		case operand.fields:
		case inner.Type == bsoncore.TypeArray, inner.Type == bsoncore.TypeEmbeddedDocument:
			if path, twice := s.in(e.Key(), inner); twice {
				return e.Key() + "." + path, true
			}
		}
	}
	return "", false
}

// literalOperand says which part of an operator's operand is compared or stored as it is.
type literalOperand struct {
	value  bool // the operand
	fields bool // the values of its fields
}

func literalOperandOf(operator string) literalOperand {
	switch operator {
	case "$eq", "$literal":
		return literalOperand{value: true}
	case "$set", "$setOnInsert":
		return literalOperand{fields: true}
	}
	return literalOperand{}
}
