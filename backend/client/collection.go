package client

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/model"
)

// DataSource is one of the application's MongoDB data sources, used under the person's rules (seed: `mongoClient("mongodb-atlas")`).
type DataSource struct {
	person *User
	name   string
}

// MongoClient gives a data source by name.
func (p *User) MongoClient(service string) DataSource { return DataSource{p, service} }

// Database gives a database of the data source that holds the custom data.
func (p *User) Database(name string) Database {
	return p.MongoClient(p.config().Service).Database(name)
}

// Database is one database of a data source.
type Database struct {
	service DataSource
	name    string
}

// Database gives a database.
func (s DataSource) Database(name string) Database { return Database{s, name} }

// Collection is one collection of a data source.
type Collection struct {
	database Database
	name     string
}

// Collection gives a collection.
func (d Database) Collection(name string) Collection { return Collection{d, name} }

// FindOptions says how to read; the zero value reads everything the rules let through.
type FindOptions struct {
	Projection, Sort any
	Limit            int64
}

// UpdateResult is what an update did.
type UpdateResult struct {
	MatchedCount, ModifiedCount int64         // Modified is 0 too where a service does not say
	UpsertedID                  bson.RawValue // zero when no document was made
}

// Find reads the matching documents that the person may read.
func (c Collection) Find(ctx context.Context, query any, o FindOptions) ([]bson.Raw, error) {
	docs, _, err := c.find(ctx, "find", query, o)
	return docs, err
}

func (c Collection) find(ctx context.Context, op string, query any, o FindOptions) ([]bson.Raw, Secret, error) {
	v, used, err := c.run(ctx, op, "find", "query", query, o.keys())
	if err != nil {
		return nil, used, err
	}
	docs, err := documents(v)
	if err != nil {
		return nil, used, &model.Fault{Kind: model.Failed, Op: op, Message: err.Error(), Err: err}
	}
	return docs, used, nil
}

func (o FindOptions) keys() bson.D {
	var d bson.D
	if o.Projection != nil {
		d = append(d, bson.E{Key: "project", Value: o.Projection})
	}
	if o.Sort != nil {
		d = append(d, bson.E{Key: "sort", Value: o.Sort})
	}
	if o.Limit > 0 {
		d = append(d, bson.E{Key: "limit", Value: o.Limit})
	}
	return d
}

// FindOne reads the first matching document; nil, nil when there is none.
func (c Collection) FindOne(ctx context.Context, query any, o FindOptions) (bson.Raw, error) {
	o.Limit = 0
	v, _, err := c.run(ctx, "findOne", "findOne", "query", query, o.keys())
	if err != nil || v.Type == bson.TypeNull || v.Type == bson.TypeUndefined {
		return nil, err
	}
	doc, ok := v.DocumentOK()
	if !ok {
		return nil, &model.Fault{Kind: model.Failed, Op: "findOne", Message: "the answer is no document"}
	}
	return doc, nil
}

// InsertOne writes a new document and returns its `_id`.
func (c Collection) InsertOne(ctx context.Context, doc any) (bson.RawValue, error) {
	v, _, err := c.run(ctx, "insertOne", "insertOne", "document", doc, nil)
	if err != nil {
		return bson.RawValue{}, err
	}
	id, _ := model.Path{"insertedId"}.Lookup(v.Value)
	return id, nil
}

// UpdateOne changes the first matching document.
func (c Collection) UpdateOne(ctx context.Context, query, update any, upsert bool) (UpdateResult, error) {
	return c.update(ctx, "updateOne", query, update, upsert)
}

func (c Collection) update(ctx context.Context, op string, query, update any, upsert bool) (UpdateResult, error) {
	more := bson.D{{Key: "update", Value: update}}
	if upsert {
		more = append(more, bson.E{Key: "upsert", Value: true})
	}
	v, _, err := c.run(ctx, op, "updateOne", "query", query, more)
	if err != nil {
		return UpdateResult{}, err
	}
	u := UpdateResult{}
	u.MatchedCount, err = number(op, v, "matchedCount")
	modified, _ := model.Path{"modifiedCount"}.Lookup(v.Value)
	u.ModifiedCount, _ = modified.AsInt64OK()
	u.UpsertedID, _ = model.Path{"upsertedId"}.Lookup(v.Value)
	if u.UpsertedID.Type == bson.TypeNull || u.UpsertedID.Type == bson.TypeUndefined {
		u.UpsertedID = bson.RawValue{}
	}
	return u, err
}

// DeleteOne removes the first matching document and returns how many went: 0 or 1.
func (c Collection) DeleteOne(ctx context.Context, query any) (int64, error) {
	return c.remove(ctx, "deleteOne", query)
}

func (c Collection) remove(ctx context.Context, op string, query any) (int64, error) {
	v, _, err := c.run(ctx, op, "deleteOne", "query", query, nil)
	if err != nil {
		return 0, err
	}
	return number(op, v, "deletedCount")
}

// Count counts the matching documents that the person may read, at most limit (0: all).
func (c Collection) Count(ctx context.Context, query any, limit int64) (int64, error) {
	v, _, err := c.run(ctx, "count", "count", "query", query, FindOptions{Limit: limit}.keys())
	if err != nil {
		return 0, err
	}
	n, ok := v.AsInt64OK()
	if !ok {
		return 0, &model.Fault{Kind: model.Failed, Op: "count", Message: "the answer is no number"}
	}
	return n, nil
}

// Aggregate runs a pipeline of the stages that the service lets a person use.
func (c Collection) Aggregate(ctx context.Context, pipeline bson.A) ([]bson.Raw, error) {
	v, _, err := c.invoke(ctx, "aggregate", "aggregate", bson.D{{Key: "pipeline", Value: pipeline}})
	if err != nil {
		return nil, err
	}
	docs, err := documents(v)
	if err != nil {
		return nil, &model.Fault{Kind: model.Failed, Op: "aggregate", Message: err.Error(), Err: err}
	}
	return docs, nil
}

// run makes the call with its main argument, which is a document.
func (c Collection) run(ctx context.Context, op, function, key string, main any, more bson.D) (bson.RawValue, Secret, error) {
	doc, err := rawOf(main)
	if err != nil {
		return bson.RawValue{}, "", &model.Fault{Kind: model.InvalidInput, Op: op, Location: key, Message: err.Error(), Err: err}
	}
	return c.invoke(ctx, op, function, append(bson.D{{Key: key, Value: doc}}, more...))
}

func (c Collection) invoke(ctx context.Context, op, function string, keys bson.D) (bson.RawValue, Secret, error) {
	arg, err := api.RawValue(append(bson.D{{Key: "database", Value: c.database.name}, {Key: "collection", Value: c.name}}, keys...))
	if err != nil {
		return bson.RawValue{}, "", &model.Fault{Kind: model.InvalidInput, Op: op, Message: err.Error(), Err: err}
	}
	s := c.database.service
	return s.person.call(ctx, op, api.Call{Name: function, Arguments: []bson.RawValue{arg}, Service: s.name})
}

func number(op string, v bson.RawValue, key string) (int64, error) {
	n, _ := model.Path{key}.Lookup(v.Value)
	i, ok := n.AsInt64OK()
	if !ok {
		return 0, &model.Fault{Kind: model.Failed, Op: op, Message: "the answer lacks the number " + key}
	}
	return i, nil
}
