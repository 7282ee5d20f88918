package store

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Change holds the options of an update or a replacement.
type Change struct {
	Upsert       bool // insert a document if none matches
	ArrayFilters []any
}

// Changed is the result of an update or a replacement.
type Changed struct {
	Matched, Modified int64
	UpsertedID        bson.RawValue // the `_id` of an inserted document; zero if none
}

// InsertOne inserts a document and returns its `_id`, which is generated if absent.
func (c *Collection) InsertOne(ctx context.Context, doc any) (bson.RawValue, error) {
	res, err := c.coll.InsertOne(ctx, doc)
	if err != nil {
		return bson.RawValue{}, c.explain("insert", err)
	}
	return c.id("insert", res.InsertedID)
}

// InsertMany inserts documents and returns their `_id`s. Ordered stops at the first error; earlier documents are kept.
func (c *Collection) InsertMany(ctx context.Context, docs []bson.Raw, ordered bool) ([]bson.RawValue, error) {
	res, err := c.coll.InsertMany(ctx, docs, options.InsertMany().SetOrdered(ordered))
	if err != nil {
		return nil, c.explain("insert", err)
	}
	ids := make([]bson.RawValue, len(res.InsertedIDs))
	for i, id := range res.InsertedIDs {
		if ids[i], err = c.id("insert", id); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// UpdateOne updates the first matching document with update operators.
func (c *Collection) UpdateOne(ctx context.Context, filter, update any, o Change) (Changed, error) {
	opts := options.UpdateOne()
	if o.Upsert {
		opts.SetUpsert(true)
	}
	if len(o.ArrayFilters) > 0 {
		opts.SetArrayFilters(o.ArrayFilters)
	}
	res, err := c.coll.UpdateOne(ctx, all(filter), update, opts)
	return c.changed("update", res, err)
}

// UpdateMany updates every matching document with update operators.
func (c *Collection) UpdateMany(ctx context.Context, filter, update any, o Change) (Changed, error) {
	opts := options.UpdateMany()
	if o.Upsert {
		opts.SetUpsert(true)
	}
	if len(o.ArrayFilters) > 0 {
		opts.SetArrayFilters(o.ArrayFilters)
	}
	res, err := c.coll.UpdateMany(ctx, all(filter), update, opts)
	return c.changed("update", res, err)
}

// ReplaceOne replaces the first matching document, which keeps its `_id`. ArrayFilters is ignored.
func (c *Collection) ReplaceOne(ctx context.Context, filter, doc any, o Change) (Changed, error) {
	opts := options.Replace()
	if o.Upsert {
		opts.SetUpsert(true)
	}
	res, err := c.coll.ReplaceOne(ctx, all(filter), doc, opts)
	return c.changed("replace", res, err)
}

// DeleteOne deletes the first matching document and returns the number of deleted documents: 0 or 1.
func (c *Collection) DeleteOne(ctx context.Context, filter any) (int64, error) {
	res, err := c.coll.DeleteOne(ctx, all(filter))
	if err != nil {
		return 0, c.explain("delete", err)
	}
	return res.DeletedCount, nil
}

// DeleteMany deletes every matching document and returns their number.
func (c *Collection) DeleteMany(ctx context.Context, filter any) (int64, error) {
	res, err := c.coll.DeleteMany(ctx, all(filter))
	if err != nil {
		return 0, c.explain("delete", err)
	}
	return res.DeletedCount, nil
}

// FindAnd holds the options of calls that find and change a document in one step.
type FindAnd struct {
	Sort, Projection any
	Upsert           bool
	ReturnNew        bool // return the document after the change instead of before
	ArrayFilters     []any
}

// FindOneAndUpdate updates the first matching document and returns it, or nil without an error if none matches.
func (c *Collection) FindOneAndUpdate(ctx context.Context, filter, update any, o FindAnd) (bson.Raw, error) {
	opts := options.FindOneAndUpdate()
	if o.Sort != nil {
		opts.SetSort(o.Sort)
	}
	if o.Projection != nil {
		opts.SetProjection(o.Projection)
	}
	if o.Upsert {
		opts.SetUpsert(true)
	}
	if o.ReturnNew {
		opts.SetReturnDocument(options.After)
	}
	if len(o.ArrayFilters) > 0 {
		opts.SetArrayFilters(o.ArrayFilters)
	}
	return c.one("update", c.coll.FindOneAndUpdate(ctx, all(filter), update, opts))
}

// FindOneAndReplace replaces the first matching document and returns it, or nil without an error if none matches.
func (c *Collection) FindOneAndReplace(ctx context.Context, filter, doc any, o FindAnd) (bson.Raw, error) {
	opts := options.FindOneAndReplace()
	if o.Sort != nil {
		opts.SetSort(o.Sort)
	}
	if o.Projection != nil {
		opts.SetProjection(o.Projection)
	}
	if o.Upsert {
		opts.SetUpsert(true)
	}
	if o.ReturnNew {
		opts.SetReturnDocument(options.After)
	}
	return c.one("replace", c.coll.FindOneAndReplace(ctx, all(filter), doc, opts))
}

// FindOneAndDelete deletes the first matching document and returns it, or nil without an error if none matches.
func (c *Collection) FindOneAndDelete(ctx context.Context, filter any, o FindAnd) (bson.Raw, error) {
	opts := options.FindOneAndDelete()
	if o.Sort != nil {
		opts.SetSort(o.Sort)
	}
	if o.Projection != nil {
		opts.SetProjection(o.Projection)
	}
	return c.one("delete", c.coll.FindOneAndDelete(ctx, all(filter), opts))
}

func (c *Collection) changed(op string, res *mongo.UpdateResult, err error) (Changed, error) {
	if err != nil {
		return Changed{}, c.explain(op, err)
	}
	out := Changed{Matched: res.MatchedCount, Modified: res.ModifiedCount}
	if res.UpsertedCount > 0 {
		out.UpsertedID, err = c.id(op, res.UpsertedID)
	}
	return out, err
}

// id encodes an `_id` that the driver decoded.
func (c *Collection) id(op string, id any) (bson.RawValue, error) {
	if v, ok := id.(bson.RawValue); ok {
		return v, nil
	}
	t, data, err := bson.MarshalValue(id)
	if err != nil {
		return bson.RawValue{}, c.explain(op, err)
	}
	return bson.RawValue{Type: t, Value: data}, nil
}
