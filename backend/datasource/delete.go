package datasource

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
	"dossier/backend/store"
)

func deleteOne(ctx context.Context, t *target, a *arguments) (any, error) {
	return deleteDocuments(ctx, t, a, false)
}

func deleteMany(ctx context.Context, t *target, a *arguments) (any, error) {
	return deleteDocuments(ctx, t, a, true)
}

func deleteDocuments(ctx context.Context, t *target, a *arguments, many bool) (any, error) {
	filterDoc, err := a.object("query")
	if err != nil {
		return nil, err
	}
	if err := t.checkAllowed(true, filterDoc); err != nil {
		return nil, err
	}
	var n int64
	switch {
	case t.view != nil:
		var deleted []bson.Raw
		deleted, err = t.deleteChecked(ctx, filterDoc, nil, many)
		n = int64(len(deleted))
	case many:
		n, err = t.coll.DeleteMany(ctx, filterDoc)
	default:
		n, err = t.coll.DeleteOne(ctx, filterDoc)
	}
	return bson.D{{Key: "deletedCount", Value: int32(n)}}, err
}

// deleteChecked deletes documents that the caller may delete and returns them as they were. It deletes none unless the
// caller may delete all.
func (t *target) deleteChecked(ctx context.Context, filterDoc, sort bson.D, many bool) ([]bson.Raw, error) {
	filter, err := query.ParseFilter(filterDoc, t.env)
	if err != nil {
		return nil, err
	}
	q := querySpec{query: filterDoc, sort: sort}
	if !many {
		q.limit = 1
	}
	var deleted []bson.Raw
	for range maxAttempts {
		docs, err := t.readStored(ctx, q)
		if err != nil {
			return deleted, err
		}
		guards := make([]bson.D, len(docs))
		for i, raw := range docs {
			if guards[i], err = t.checkDelete(raw, filter); err != nil {
				return deleted, err
			}
		}
		raced := false
		for i := range docs {
			raw, err := t.coll.FindOneAndDelete(ctx, guards[i], store.FindAnd{})
			if err != nil {
				return deleted, err
			}
			if raw == nil {
				raced = true
				continue
			}
			deleted = append(deleted, raw)
		}
		if !raced {
			return deleted, nil
		}
	}
	return deleted, writeConflict()
}

func (t *target) checkDelete(raw bson.Raw, filter *query.Filter) (bson.D, error) {
	doc, err := query.Decode(raw)
	if err != nil {
		return nil, err
	}
	if err := t.view.CheckDelete(doc); err != nil {
		return nil, err
	}
	return guard(doc, t.guardedFields(doc, filter)), nil
}
