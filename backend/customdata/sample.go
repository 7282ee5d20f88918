package customdata

import (
	"bytes"
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/store"
)

// The limits of a sample.
const (
	sampledDocuments = 200
	sampledBytes     = 4 << 20
)

// errEnough ends the reading of a sample.
var errEnough = errors.New("enough")

// Sample returns documents of any users: at most 200, and about 4 MB.
func (r *Reader) Sample(ctx context.Context) ([]bson.Raw, error) {
	if r.collection == nil {
		return nil, nil
	}
	var docs []bson.Raw
	size := 0
	err := r.collection.Each(ctx, bson.D{}, store.Find{Limit: sampledDocuments, BatchSize: 20}, func(doc bson.Raw) error {
		if size += len(doc); size > sampledBytes {
			return errEnough
		}
		docs = append(docs, bytes.Clone(doc))
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return docs, err
}
