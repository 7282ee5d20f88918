package client

import (
	"bytes"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// parseValue reads a response: one extended JSON value, or null for an empty body. See model.ReadJSON for what it
// tolerates.
func parseValue(text []byte) (bson.RawValue, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return bson.RawValue{Type: bson.TypeNull}, nil
	}
	v, err := model.ReadJSON(string(text))
	if err != nil {
		return v, fmt.Errorf("the response is not extended JSON: %w", err)
	}
	return v, nil
}

// documents returns the documents of an array.
func documents(v bson.RawValue) ([]bson.Raw, error) {
	array, ok := v.ArrayOK()
	if !ok {
		return nil, fmt.Errorf("expected an array of documents in the response, got %s", v.Type)
	}
	values, err := array.Values()
	if err != nil {
		return nil, err
	}
	docs := make([]bson.Raw, len(values))
	for i, v := range values {
		if docs[i], ok = v.DocumentOK(); !ok {
			return nil, fmt.Errorf("element %d of the response: expected a document, got %s", i, v.Type)
		}
	}
	return docs, nil
}

// rawOf encodes a value as a document; nil is the empty document.
func rawOf(v any) (bson.Raw, error) {
	switch v := v.(type) {
	case nil:
		return bson.Raw{5, 0, 0, 0, 0}, nil
	case bson.Raw:
		if v == nil {
			return bson.Raw{5, 0, 0, 0, 0}, nil
		}
		return v, nil
	}
	return bson.Marshal(v)
}
