package customdata

import (
	"context"
	"errors"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/store"
	"dossier/model"
)

// Reader reads custom data by user id and never writes it (seed: Web SDK page, the service "references a MongoDB
// collection in your linked cluster to find the custom data for a given user but does not add or update any custom user
// data documents").
type Reader struct {
	config     model.CustomDataConfig
	collection *store.Collection // nil: custom data is disabled
	path       []string
}

// New reads from the configured collection of a deployment. With custom data disabled, or without a deployment, no user
// has any.
func New(c model.CustomDataConfig, d *store.Deployment) *Reader {
	r := &Reader{config: c, path: strings.Split(c.UserIDField, ".")}
	if c.Enabled && c.Complete() && d != nil {
		r.collection = d.Collection(c.Database, c.Collection)
	}
	return r
}

// errFound ends the iteration early.
var errFound = errors.New("found")

// maxCounted limits how many documents with the same user id are counted.
const maxCounted = 10

// Document returns the custom data document of a user, see Find.
func (r *Reader) Document(ctx context.Context, userID string) (bson.Raw, error) {
	doc, _, err := r.Find(ctx, userID)
	return doc, err
}

// Find returns the custom data document of a user, nil: none, and the number of documents with the user id, at most 10.
// The user id field holds the id as a string or as an ObjectId: a string takes precedence, and of several documents the
// one with the lowest `_id`.
func (r *Reader) Find(ctx context.Context, userID string) (doc bson.Raw, documents int, err error) {
	if r.collection == nil || userID == "" {
		return nil, 0, nil
	}
	hasString := false
	err = r.collection.Each(ctx, r.filter(userID), store.Find{Sort: bson.D{{Key: "_id", Value: 1}}},
		func(found bson.Raw) error {
			id := found.Lookup(r.path...)
			isString := id.Type == bson.TypeString
			if !isString && id.Type != bson.TypeObjectID {
				return nil
			}
			documents++
			if doc == nil || isString && !hasString {
				doc, hasString = append(bson.Raw(nil), found...), isString
			}
			if hasString && documents >= maxCounted {
				return errFound
			}
			return nil
		})
	if err != nil && !errors.Is(err, errFound) {
		return nil, 0, err
	}
	return doc, min(documents, maxCounted), nil
}

// filter matches the id in both types.
func (r *Reader) filter(userID string) bson.D {
	ids := bson.A{userID}
	if id, err := bson.ObjectIDFromHex(userID); err == nil {
		ids = append(ids, id)
	}
	return bson.D{{Key: r.config.UserIDField, Value: bson.D{{Key: "$in", Value: ids}}}}
}
