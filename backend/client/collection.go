package client

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/model"
)

// DataSource is a MongoDB data source of the application, accessed under the rules for the user (seed:
// `mongoClient("mongodb-atlas")`).
type DataSource struct {
	user *User
	name string
}

// MongoClient returns the data source with a name.
func (u *User) MongoClient(service string) DataSource { return DataSource{u, service} }

// Database returns a database of the data source that stores the custom data.
func (u *User) Database(name string) Database {
	return u.MongoClient(u.config().Service).Database(name)
}

// Database is one database of a data source.
type Database struct {
	service DataSource
	name    string
}

// Database returns the database with a name.
func (s DataSource) Database(name string) Database { return Database{s, name} }

// Collection is one collection of a data source.
type Collection struct {
	database Database
	name     string
}

// Collection returns the collection with a name.
func (d Database) Collection(name string) Collection { return Collection{d, name} }

// FindOptions are the options of Find and FindOne. The zero value returns all fields of all documents that the rules
// allow.
type FindOptions struct {
	Projection, Sort any
	Limit            int64
}

// UpdateResult is the result of an update.
type UpdateResult struct {
	MatchedCount, ModifiedCount int64         // ModifiedCount is also 0 when the service does not send it
	UpsertedID                  bson.RawValue // zero: no document was inserted
}

// Find returns the matching documents that the user may read.
func (c Collection) Find(ctx context.Context, query any, o FindOptions) ([]bson.Raw, error) {
	docs, _, err := c.find(ctx, "find", query, o)
	return docs, err
}

func (c Collection) find(ctx context.Context, op string, query any, o FindOptions) ([]bson.Raw, callResult, error) {
	result, err := c.runWith(ctx, op, "find", "query", query, o.keys())
	if err != nil {
		return nil, result, err
	}
	docs, err := documents(result.value)
	if err != nil {
		return nil, result, &model.Fault{Kind: model.Failed, Op: op, Message: err.Error(), Err: err}
	}
	return docs, result, nil
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

// FindOne returns the first matching document; nil, nil when there is none.
func (c Collection) FindOne(ctx context.Context, query any, o FindOptions) (bson.Raw, error) {
	o.Limit = 0
	result, err := c.runWith(ctx, "findOne", "findOne", "query", query, o.keys())
	v := result.value
	if err != nil || v.Type == bson.TypeNull || v.Type == bson.TypeUndefined {
		return nil, err
	}
	doc, ok := v.DocumentOK()
	if !ok {
		message := fmt.Sprintf("expected a document in the response, got %s", model.KindOf(v))
		return nil, &model.Fault{Kind: model.Failed, Op: "findOne", Message: message}
	}
	return doc, nil
}

// InsertOne inserts a document and returns its `_id`.
func (c Collection) InsertOne(ctx context.Context, doc any) (bson.RawValue, error) {
	result, err := c.runWith(ctx, "insertOne", "insertOne", "document", doc, nil)
	v := result.value
	if err != nil {
		return bson.RawValue{}, err
	}
	id, _ := model.Path{"insertedId"}.Lookup(v.Value)
	return id, nil
}

// UpdateOne updates the first matching document.
func (c Collection) UpdateOne(ctx context.Context, query, update any, upsert bool) (UpdateResult, error) {
	return c.update(ctx, "updateOne", query, update, upsert)
}

func (c Collection) update(ctx context.Context, op string, query, update any, upsert bool) (UpdateResult, error) {
	more := bson.D{{Key: "update", Value: update}}
	if upsert {
		more = append(more, bson.E{Key: "upsert", Value: true})
	}
	result, err := c.runWith(ctx, op, "updateOne", "query", query, more)
	v := result.value
	if err != nil {
		return UpdateResult{}, err
	}
	done := UpdateResult{}
	done.MatchedCount, err = numberField(op, v, "matchedCount")
	modified, _ := model.Path{"modifiedCount"}.Lookup(v.Value)
	done.ModifiedCount, _ = modified.AsInt64OK()
	done.UpsertedID, _ = model.Path{"upsertedId"}.Lookup(v.Value)
	if done.UpsertedID.Type == bson.TypeNull || done.UpsertedID.Type == bson.TypeUndefined {
		done.UpsertedID = bson.RawValue{}
	}
	return done, err
}

// DeleteOne deletes the first matching document and returns the number of deleted documents: 0 or 1.
func (c Collection) DeleteOne(ctx context.Context, query any) (int64, error) {
	return c.deleteOne(ctx, "deleteOne", query)
}

func (c Collection) deleteOne(ctx context.Context, op string, query any) (int64, error) {
	result, err := c.runWith(ctx, op, "deleteOne", "query", query, nil)
	v := result.value
	if err != nil {
		return 0, err
	}
	return numberField(op, v, "deletedCount")
}

// Count returns the number of matching documents that the user may read, at most limit (0: no limit).
func (c Collection) Count(ctx context.Context, query any, limit int64) (int64, error) {
	result, err := c.runWith(ctx, "count", "count", "query", query, FindOptions{Limit: limit}.keys())
	v := result.value
	if err != nil {
		return 0, err
	}
	n, ok := v.AsInt64OK()
	if !ok {
		message := fmt.Sprintf("expected a number in the response, got %s", model.KindOf(v))
		return 0, &model.Fault{Kind: model.Failed, Op: "count", Message: message}
	}
	return n, nil
}

// Aggregate runs a pipeline. The service restricts the stages that users may use.
func (c Collection) Aggregate(ctx context.Context, pipeline bson.A) ([]bson.Raw, error) {
	result, err := c.invoke(ctx, "aggregate", "aggregate", bson.D{{Key: "pipeline", Value: pipeline}})
	v := result.value
	if err != nil {
		return nil, err
	}
	docs, err := documents(v)
	if err != nil {
		return nil, &model.Fault{Kind: model.Failed, Op: "aggregate", Message: err.Error(), Err: err}
	}
	return docs, nil
}

// runWith calls an operation whose main argument is a document.
func (c Collection) runWith(ctx context.Context, op, function, key string, main any, more bson.D) (callResult, error) {
	doc, err := rawOf(main)
	if err != nil {
		return callResult{}, &model.Fault{Kind: model.InvalidInput, Op: op, Location: key, Message: err.Error(),
			Err: err}
	}
	return c.invoke(ctx, op, function, append(bson.D{{Key: key, Value: doc}}, more...))
}

func (c Collection) invoke(ctx context.Context, op, function string, keys bson.D) (callResult, error) {
	arg, err := api.RawValue(append(bson.D{{Key: "database", Value: c.database.name}, {Key: "collection", Value: c.name}},
		keys...))
	if err != nil {
		return callResult{}, &model.Fault{Kind: model.InvalidInput, Op: op, Message: err.Error(), Err: err}
	}
	s := c.database.service
	return s.user.call(ctx, op, api.Call{Name: function, Arguments: []bson.RawValue{arg}, Service: s.name})
}

func numberField(op string, v bson.RawValue, key string) (int64, error) {
	n, _ := model.Path{key}.Lookup(v.Value)
	i, ok := n.AsInt64OK()
	if !ok {
		return 0, &model.Fault{Kind: model.Failed, Op: op, Message: "the response has no number " + key}
	}
	return i, nil
}
