package api

import (
	"encoding/base64"
	"encoding/binary"
	"net/http"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
)

// BSONType is the content type of service calls in BSON, an extension of dossier: extended JSON cannot represent every
// document. The response to such a call has the same type; errors stay JSON. The service announces the extension in its
// location response.
const BSONType = "application/bson"

// resultKey is the only key of a response in BSON.
const resultKey = "result"

// BSON encodes the call as a BSON document with the keys of the extended JSON form.
func (c Call) BSON() []byte {
	args := bsoncore.NewArrayBuilder()
	for _, a := range c.Arguments {
		args.AppendValue(bsoncore.Value{Type: bsoncore.Type(a.Type), Data: a.Value})
	}
	return bsoncore.NewDocumentBuilder().AppendString("name", c.Name).AppendArray("arguments", args.Build()).
		AppendString("service", c.Service).Build()
}

// ParseBSONCall reads a service call in BSON. Its error is an *Error that names the key. Duplicate keys are accepted
// only inside values that are compared or stored as they are.
func ParseBSONCall(body []byte) (Call, error) {
	if fault := checkBSON(body); fault != "" {
		return Call{}, Errorf(http.StatusBadRequest, CodeBadRequest, "read BSON: %s", fault)
	}
	c, err := callOf(body, true)
	if err == nil && c.Service == "" {
		err = Errorf(http.StatusBadRequest, CodeMissingParameter, "'service' is required in a call in BSON")
	}
	return c, err
}

// ParseBSONStreamRequest reads the query parameter dossier_request of a streaming call: the call in BSON, in standard
// base64.
func ParseBSONStreamRequest(encoded string) (Call, error) {
	body, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return Call{}, &Error{Status: http.StatusBadRequest, Code: CodeBadRequest,
			Message: "dossier_request is not standard base64", Err: err}
	}
	return ParseBSONCall(body)
}

// FrameBSONResult returns what stands before and after the bytes of a result in the body of a response in BSON, so that
// a large result is written without a copy.
func FrameBSONResult(v bson.RawValue) (before, after []byte) {
	if v.Type == 0 {
		v.Type = bson.TypeUndefined
	}
	before = bsoncore.AppendHeader(make([]byte, 4, 4+1+len(resultKey)+1), bsoncore.Type(v.Type), resultKey)
	binary.LittleEndian.PutUint32(before, uint32(len(before)+len(v.Value)+1))
	return before, []byte{0}
}

// ParseBSONResult reads the body of a response in BSON; false if it is none.
func ParseBSONResult(body []byte) (bson.RawValue, bool) {
	if checkBSON(body) != "" {
		return bson.RawValue{}, false
	}
	v, err := bson.Raw(body).LookupErr(resultKey)
	return v, err == nil
}

// ValidBSON reports whether the bytes are a BSON document that is not nested too deeply.
func ValidBSON(body []byte) bool { return checkBSON(body) == "" }

// checkBSON returns what is wrong with a document: bytes that are not BSON, too many levels or too many values. It is
// empty if nothing is.
func checkBSON(body []byte) string {
	values := 0
	return checkElements(body, maxNesting, &values)
}

func checkElements(doc []byte, levels int, values *int) string {
	length, rest, ok := bsoncore.ReadLength(doc)
	if !ok || int(length) != len(doc) || len(doc) < 5 || doc[len(doc)-1] != 0 {
		return "the length of a document is wrong"
	}
	if levels == 0 {
		return "it has too many nested levels"
	}
	rest = rest[:len(rest)-1]
	for len(rest) > 0 {
		e, after, ok := bsoncore.ReadElement(rest)
		if !ok {
			return "an element is malformed"
		}
		rest = after
		if *values++; *values > maxValues {
			return "it has too many values"
		}
		inner, fault := e.Value(), ""
		switch inner.Type {
		case bsoncore.TypeArray, bsoncore.TypeEmbeddedDocument:
			fault = checkElements(inner.Data, levels-1, values)
		case bsoncore.TypeCodeWithScope:
			if _, scope, ok := inner.CodeWithScopeOK(); ok {
				fault = checkElements(scope, levels-1, values)
			} else {
				fault = "a code with scope is malformed"
			}
		}
		if fault != "" {
			return fault
		}
	}
	return ""
}
