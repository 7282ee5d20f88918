package client

import (
	"bytes"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// parseValue reads an answer: one extended JSON value of either dialect. No body at all is null. An object that only looks like the notation is read as it is, so that
// one odd field does not hide a whole document.
func parseValue(text []byte) (bson.RawValue, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return bson.RawValue{Type: bson.TypeNull}, nil
	}
	v, err := model.ReadJSON(string(text))
	if err != nil {
		return v, fmt.Errorf("the answer is not extended JSON: %w", err)
	}
	return v, nil
}

// documents takes an array of documents apart.
func documents(v bson.RawValue) ([]bson.Raw, error) {
	array, ok := v.ArrayOK()
	if !ok {
		return nil, fmt.Errorf("the answer is %s, not an array of documents", v.Type)
	}
	values, err := array.Values()
	if err != nil {
		return nil, err
	}
	docs := make([]bson.Raw, len(values))
	for i, v := range values {
		if docs[i], ok = v.DocumentOK(); !ok {
			return nil, fmt.Errorf("element %d of the answer is %s, not a document", i, v.Type)
		}
	}
	return docs, nil
}

// rawOf writes anything BSON can carry as a document; nil is an empty one.
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
