package datasource

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
)

// bulkWrite runs writes one after the other: insertOne, updateOne, updateMany, replaceOne, deleteOne and deleteMany,
// with the keys that MongoDB's bulk writes have. Ordered (the default) stops at the first error; otherwise all writes
// are tried and the first error is returned. Writes that succeeded before an error stay.
func bulkWrite(ctx context.Context, t *target, a *arguments) (any, error) {
	list, err := a.documents("operations")
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, api.Errorf(http.StatusBadRequest, api.CodeMongoDBError, "must provide at least one element")
	}
	writes := make([]bulkOperation, len(list))
	for i, d := range list {
		if writes[i], err = a.bulkOperation(d); err != nil {
			return nil, err
		}
	}
	ordered := a.get("ordered") != false
	var out bulkResult
	var failed error
	for i, w := range writes {
		result, err := w.run(ctx, t, w.args)
		if err != nil {
			err = bulkError(i, w.args.function, err)
			if ordered || ctx.Err() != nil {
				return nil, err
			}
			if failed == nil {
				failed = err
			}
			continue
		}
		out.add(i, result)
	}
	return out.document(), failed
}

// bulkError adds the index and the name of the failed write to an error.
func bulkError(i int, function string, err error) error {
	err = clientError(err)
	var e *api.Error
	if errors.As(err, &e) {
		at := *e
		at.Message = truncate("bulkWrite: operation " + strconv.Itoa(i) + " (" + function + "): " + e.Message)
		return &at
	}
	return err
}

// bulkOperation is one write of a bulkWrite.
type bulkOperation struct {
	run  func(ctx context.Context, t *target, a *arguments) (any, error)
	args *arguments
}

// bulkOperation reads a write such as `{updateOne: {filter, update, upsert, arrayFilters}}`.
func (a *arguments) bulkOperation(d bson.D) (w bulkOperation, err error) {
	inner, ok := bson.D(nil), false
	if len(d) == 1 {
		inner, ok = d[0].Value.(bson.D)
	}
	if !ok {
		return w, a.invalid("operations", "objects such as {updateOne: {filter, update}}")
	}
	one, ok := operationInBulk(d[0].Key)
	if !ok {
		return w, api.Errorf(http.StatusBadRequest, api.CodeMongoDBError, "bulkWrite: unknown operation %q", d[0].Key)
	}
	w.run = one.run
	fields := make(bson.D, 0, len(inner))
	for _, e := range inner {
		switch {
		case e.Key == "filter":
			e.Key = "query"
		case e.Key == "replacement" && d[0].Key == api.OpReplaceOne:
			e.Key = "update"
		}
		fields = append(fields, e)
	}
	w.args, err = newArguments(d[0].Key, fields, one.keys)
	return w, err
}

// operationInBulk finds an operation that bulkWrite may contain.
func operationInBulk(name string) (one operation, ok bool) {
	switch name {
	case api.OpInsertOne, api.OpUpdateOne, api.OpUpdateMany, api.OpDeleteOne, api.OpDeleteMany:
		one, ok = clientOperations()[name]
	case api.OpReplaceOne:
		one, ok = functionOperations()[name]
	}
	return one, ok
}

// bulkResult adds up the results of the writes.
type bulkResult struct {
	inserted, matched, modified, deleted, upserted int32
	insertedIDs, upsertedIDs                       bson.D
}

func (b *bulkResult) add(i int, result any) {
	d, _ := result.(bson.D)
	for _, e := range d {
		n, _ := e.Value.(int32)
		switch e.Key {
		case "matchedCount":
			b.matched += n
		case "modifiedCount":
			b.modified += n
		case "deletedCount":
			b.deleted += n
		case "insertedId":
			b.inserted++
			b.insertedIDs = append(b.insertedIDs, bson.E{Key: strconv.Itoa(i), Value: e.Value})
		case "upsertedId":
			b.upserted++
			b.upsertedIDs = append(b.upsertedIDs, bson.E{Key: strconv.Itoa(i), Value: e.Value})
		}
	}
}

// document returns MongoDB's BulkWriteResult; the key of an id is the index of its write.
func (b *bulkResult) document() bson.D {
	return bson.D{
		{Key: "insertedCount", Value: b.inserted}, {Key: "matchedCount", Value: b.matched}, {Key: "modifiedCount",
			Value: b.modified},
		{Key: "deletedCount", Value: b.deleted}, {Key: "upsertedCount", Value: b.upserted},
		{Key: "insertedIds", Value: append(bson.D{}, b.insertedIDs...)}, {Key: "upsertedIds", Value: append(bson.D{},
			b.upsertedIDs...)},
	}
}
