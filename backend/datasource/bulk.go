package datasource

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"dossier/backend/api"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// bulkWrite does one write after the other: insertOne, updateOne, updateMany, replaceOne, deleteOne and deleteMany, with the
// keys that MongoDB's own bulk writes have. Ordered (the default) stops at the first that fails; otherwise all are tried and
// the first failure is told. What is written by then stays.
func bulkWrite(ctx context.Context, t *target, a *arguments) (any, error) {
	list, err := a.documents("operations")
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, api.Errorf(http.StatusBadRequest, api.CodeMongoDBError, "must provide at least one element")
	}
	writes := make([]write, len(list))
	for i, d := range list {
		if writes[i], err = a.write(d); err != nil {
			return nil, err
		}
	}
	ordered := a.get("ordered") != false
	var out bulk
	var failed error
	for i, w := range writes {
		result, err := w.do(ctx, t, w.args)
		if err != nil {
			err = inBulk(i, w.args.function, err)
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
	return out.result(), failed
}

// inBulk says in which write of many something failed.
func inBulk(i int, function string, err error) error {
	err = explain(err)
	var e *api.Error
	if errors.As(err, &e) {
		at := *e
		at.Message = short("bulkWrite: operation " + strconv.Itoa(i) + " (" + function + "): " + e.Message)
		return &at
	}
	return err
}

// write is one of the writes of bulkWrite.
type write struct {
	do   func(ctx context.Context, t *target, a *arguments) (any, error)
	args *arguments
}

// write reads `{updateOne: {filter, update, upsert, arrayFilters}}` and its like.
func (a *arguments) write(d bson.D) (w write, err error) {
	inner, ok := bson.D(nil), false
	if len(d) == 1 {
		inner, ok = d[0].Value.(bson.D)
	}
	if !ok {
		return w, a.wrong("operations", "objects such as {updateOne: {filter, update}}")
	}
	one, ok := bulkOperation(d[0].Key)
	if !ok {
		return w, api.Errorf(http.StatusBadRequest, api.CodeMongoDBError, "bulkWrite: there is no operation %q", d[0].Key)
	}
	w.do = one.do
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
	w.args, err = checkedArguments(d[0].Key, fields, one.keys)
	return w, err
}

// bulkOperation finds an operation that may stand in a bulkWrite.
func bulkOperation(name string) (one operation, ok bool) {
	switch name {
	case api.OpInsertOne, api.OpUpdateOne, api.OpUpdateMany, api.OpDeleteOne, api.OpDeleteMany:
		one, ok = clientOperations()[name]
	case api.OpReplaceOne:
		one, ok = functionOperations()[name]
	}
	return one, ok
}

// bulk adds up what the writes did.
type bulk struct {
	inserted, matched, modified, deleted, upserted int32
	insertedIDs, upsertedIDs                       bson.D
}

func (b *bulk) add(i int, result any) {
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

// result is MongoDB's BulkWriteResult; the ids stand under the number of their operation.
func (b *bulk) result() bson.D {
	return bson.D{
		{Key: "insertedCount", Value: b.inserted}, {Key: "matchedCount", Value: b.matched}, {Key: "modifiedCount", Value: b.modified},
		{Key: "deletedCount", Value: b.deleted}, {Key: "upsertedCount", Value: b.upserted},
		{Key: "insertedIds", Value: append(bson.D{}, b.insertedIDs...)}, {Key: "upsertedIds", Value: append(bson.D{}, b.upsertedIDs...)},
	}
}
