package datasource

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
	"dossier/backend/store"
)

// exactCollection encodes filters, updates and documents with query.Encode. The driver would sort the options of
// regular expressions and add a second length to binaries of subtype 2.
type exactCollection struct{ collection }

// exact encodes a decoded document, or the documents of an array. Anything else, and what cannot be encoded, is left to
// the driver.
func exact(v any) any {
	switch x := v.(type) {
	case bson.D:
		if raw, err := query.Encode(x); err == nil {
			return raw
		}
	case bson.A:
		return bson.A(exactItems(x))
	}
	return v
}

func exactItems(list []any) []any {
	out := make([]any, len(list))
	for i, item := range list {
		out[i] = exact(item)
	}
	return out
}

func (c exactCollection) Each(ctx context.Context, filter any, o store.Find, f func(bson.Raw) error) error {
	return c.collection.Each(ctx, exact(filter), o, f)
}

func (c exactCollection) FindOne(ctx context.Context, filter any, o store.Find) (bson.Raw, error) {
	return c.collection.FindOne(ctx, exact(filter), o)
}

func (c exactCollection) InsertOne(ctx context.Context, doc any) (bson.RawValue, error) {
	return c.collection.InsertOne(ctx, exact(doc))
}

func (c exactCollection) UpdateOne(ctx context.Context, filter, update any, o store.Change) (store.Changed, error) {
	o.ArrayFilters = exactItems(o.ArrayFilters)
	return c.collection.UpdateOne(ctx, exact(filter), exact(update), o)
}

func (c exactCollection) UpdateMany(ctx context.Context, filter, update any, o store.Change) (store.Changed, error) {
	o.ArrayFilters = exactItems(o.ArrayFilters)
	return c.collection.UpdateMany(ctx, exact(filter), exact(update), o)
}

func (c exactCollection) ReplaceOne(ctx context.Context, filter, doc any, o store.Change) (store.Changed, error) {
	return c.collection.ReplaceOne(ctx, exact(filter), exact(doc), o)
}

func (c exactCollection) DeleteOne(ctx context.Context, filter any) (int64, error) {
	return c.collection.DeleteOne(ctx, exact(filter))
}

func (c exactCollection) DeleteMany(ctx context.Context, filter any) (int64, error) {
	return c.collection.DeleteMany(ctx, exact(filter))
}

func (c exactCollection) FindOneAndUpdate(
	ctx context.Context, filter, update any, o store.FindAnd,
) (bson.Raw, error) {
	o.ArrayFilters = exactItems(o.ArrayFilters)
	return c.collection.FindOneAndUpdate(ctx, exact(filter), exact(update), o)
}

func (c exactCollection) FindOneAndReplace(ctx context.Context, filter, doc any, o store.FindAnd) (bson.Raw, error) {
	return c.collection.FindOneAndReplace(ctx, exact(filter), exact(doc), o)
}

func (c exactCollection) FindOneAndDelete(ctx context.Context, filter any, o store.FindAnd) (bson.Raw, error) {
	return c.collection.FindOneAndDelete(ctx, exact(filter), o)
}

func (c exactCollection) Count(ctx context.Context, filter any, limit int64) (int64, error) {
	return c.collection.Count(ctx, exact(filter), limit)
}

func (c exactCollection) Distinct(ctx context.Context, field string, filter any) ([]bson.RawValue, error) {
	return c.collection.Distinct(ctx, field, exact(filter))
}

func (c exactCollection) Aggregate(ctx context.Context, pipeline any) ([]bson.Raw, error) {
	return c.collection.Aggregate(ctx, exact(pipeline))
}

// encodeResult encodes the result of an operation without changing the bytes of its documents.
func encodeResult(v any) (bson.RawValue, error) {
	switch v := v.(type) {
	case nil:
		return bson.RawValue{Type: bson.TypeNull}, nil
	case bson.RawValue: // encoded already
		return v, nil
	}
	raw, err := query.Encode(bson.D{{Key: "v", Value: v}})
	if err != nil {
		return bson.RawValue{}, err
	}
	return raw.LookupErr("v")
}
