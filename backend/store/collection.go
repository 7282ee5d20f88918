package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Collection is a collection of a deployment. Filters and updates are any type that BSON can encode: bson.D, bson.M,
// bson.Raw. A nil filter matches every document. Every error is an *Error. It is safe for concurrent use.
type Collection struct {
	deployment *Deployment
	coll       *mongo.Collection
	name       string
}

// Find holds the options of a read; the zero value reads all documents in natural order.
type Find struct {
	Projection, Sort any
	Skip, Limit      int64 // 0: no limit
	BatchSize        int32 // 0: the server's default
}

func (f Find) many() *options.FindOptionsBuilder {
	o := options.Find()
	if f.Projection != nil {
		o.SetProjection(f.Projection)
	}
	if f.Sort != nil {
		o.SetSort(f.Sort)
	}
	if f.Skip > 0 {
		o.SetSkip(f.Skip)
	}
	if f.Limit > 0 {
		o.SetLimit(f.Limit)
	}
	if f.BatchSize > 0 {
		o.SetBatchSize(f.BatchSize)
	}
	return o
}

func (f Find) one() *options.FindOneOptionsBuilder {
	o := options.FindOne()
	if f.Projection != nil {
		o.SetProjection(f.Projection)
	}
	if f.Sort != nil {
		o.SetSort(f.Sort)
	}
	if f.Skip > 0 {
		o.SetSkip(f.Skip)
	}
	return o
}

// Find returns the matching documents, an empty list if there are none.
func (c *Collection) Find(ctx context.Context, filter any, o Find) ([]bson.Raw, error) {
	docs := []bson.Raw{}
	err := c.Each(ctx, filter, o, func(doc bson.Raw) error {
		docs = append(docs, slices.Clone(doc))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return docs, nil
}

// Each calls f for each matching document and keeps one batch in memory. A document is valid only until f returns. An
// error from f stops the iteration and is returned unchanged.
func (c *Collection) Each(ctx context.Context, filter any, o Find, f func(bson.Raw) error) error {
	cursor, err := c.coll.Find(ctx, all(filter), o.many())
	if err != nil {
		return c.explain("read", err)
	}
	return c.drain(ctx, "read", cursor, f)
}

func (c *Collection) drain(ctx context.Context, op string, cursor *mongo.Cursor, f func(bson.Raw) error) error {
	defer func() {
		if cursor.ID() == 0 { // the server has closed the cursor
			_ = cursor.Close(ctx)
			return
		}
		bye, stop := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer stop()
		_ = cursor.Close(bye)
	}()
	for cursor.Next(ctx) {
		if err := f(cursor.Current); err != nil {
			return err
		}
	}
	return c.explain(op, cursor.Err())
}

// FindOne returns the first matching document, or nil without an error if none matches. Limit and BatchSize are
// ignored.
func (c *Collection) FindOne(ctx context.Context, filter any, o Find) (bson.Raw, error) {
	return c.one("read", c.coll.FindOne(ctx, all(filter), o.one()))
}

// one returns a single result: nil, nil if there is none.
func (c *Collection) one(op string, r *mongo.SingleResult) (bson.Raw, error) {
	doc, err := r.Raw()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil, nil
	}
	if err != nil {
		return nil, c.explain(op, err)
	}
	return doc, nil
}

// Count counts the matching documents, up to limit (0: all).
func (c *Collection) Count(ctx context.Context, filter any, limit int64) (int64, error) {
	o := options.Count()
	if limit > 0 {
		o.SetLimit(limit)
	}
	n, err := c.coll.CountDocuments(ctx, all(filter), o)
	return n, c.explain("count", err)
}

// Distinct returns the distinct values of a field in the matching documents.
func (c *Collection) Distinct(ctx context.Context, field string, filter any) ([]bson.RawValue, error) {
	raw, err := c.coll.Distinct(ctx, field, all(filter)).Raw()
	if err != nil {
		return nil, c.explain("list the values of "+field, err)
	}
	values, err := raw.Values()
	return values, c.explain("list the values of "+field, err)
}

// Aggregate runs a pipeline and returns its output.
func (c *Collection) Aggregate(ctx context.Context, pipeline any) ([]bson.Raw, error) {
	cursor, err := c.coll.Aggregate(ctx, pipeline)
	if err != nil {
		return nil, c.explain("aggregate", err)
	}
	docs := []bson.Raw{}
	err = c.drain(ctx, "aggregate", cursor, func(doc bson.Raw) error {
		docs = append(docs, slices.Clone(doc))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return docs, nil
}

// Index describes an index.
type Index struct {
	Keys        bson.D // field to 1 or -1, in order
	Unique      bool
	Sparse      bool
	Partial     any           // index only documents that match this filter; nil: all
	ExpireAfter time.Duration // TTL after the date in the (single) key; 0: none
}

// indexTries is the number of attempts to create an index: processes that start together conflict, and each attempt
// lets one of them succeed.
const indexTries = 20

// EnsureIndex creates the index unless it exists.
func (c *Collection) EnsureIndex(ctx context.Context, i Index) error {
	o := options.Index()
	if i.Unique {
		o.SetUnique(true)
	}
	if i.Sparse {
		o.SetSparse(true)
	}
	if i.Partial != nil {
		o.SetPartialFilterExpression(i.Partial)
	}
	if i.ExpireAfter > 0 {
		o.SetExpireAfterSeconds(int32(i.ExpireAfter / time.Second))
	}
	for try := 1; ; try++ {
		_, err := c.coll.Indexes().CreateOne(ctx, mongo.IndexModel{Keys: i.Keys, Options: o})
		if err = c.explain("make an index", err); KindOf(err) != Busy || try == indexTries {
			return err
		}
	}
}

func (c *Collection) explain(op string, err error) error {
	return c.deployment.explain(op, c.name, err)
}

// all converts a nil filter to an empty one, which the driver requires.
func all(filter any) any {
	if raw, ok := filter.(bson.Raw); filter == nil || ok && raw == nil {
		return bson.D{}
	}
	return filter
}
