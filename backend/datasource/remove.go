package datasource

import (
	"context"

	"dossier/backend/query"
	"dossier/backend/store"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func deleteOne(ctx context.Context, t *target, a *arguments) (any, error) {
	return remove(ctx, t, a, false)
}

func deleteMany(ctx context.Context, t *target, a *arguments) (any, error) {
	return remove(ctx, t, a, true)
}

func remove(ctx context.Context, t *target, a *arguments, many bool) (any, error) {
	filterDoc, err := a.object("query")
	if err != nil {
		return nil, err
	}
	if err := t.allow(true, filterDoc); err != nil {
		return nil, err
	}
	var n int64
	switch {
	case t.view != nil:
		var gone []bson.Raw
		gone, err = t.removeChecked(ctx, filterDoc, nil, many)
		n = int64(len(gone))
	case many:
		n, err = t.coll.DeleteMany(ctx, filterDoc)
	default:
		n, err = t.coll.DeleteOne(ctx, filterDoc)
	}
	return bson.D{{Key: "deletedCount", Value: int32(n)}}, err
}

// removeChecked deletes documents that the caller may delete and gives them as they were; none is deleted unless all
// may be.
func (t *target) removeChecked(ctx context.Context, filterDoc, sort bson.D, many bool) ([]bson.Raw, error) {
	filter, err := query.ParseFilter(filterDoc, t.env)
	if err != nil {
		return nil, err
	}
	q := question{query: filterDoc, sort: sort}
	if !many {
		q.limit = 1
	}
	var gone []bson.Raw
	for range maxRounds {
		docs, err := t.stored(ctx, q)
		if err != nil {
			return gone, err
		}
		guards := make([]bson.D, len(docs))
		for i, raw := range docs {
			if guards[i], err = t.mayDelete(raw, filter); err != nil {
				return gone, err
			}
		}
		lost := false
		for i := range docs {
			raw, err := t.coll.FindOneAndDelete(ctx, guards[i], store.FindAnd{})
			if err != nil {
				return gone, err
			}
			if raw == nil {
				lost = true
				continue
			}
			gone = append(gone, raw)
		}
		if !lost {
			return gone, nil
		}
	}
	return gone, contended()
}

func (t *target) mayDelete(raw bson.Raw, filter *query.Filter) (bson.D, error) {
	doc, err := query.Decode(raw)
	if err != nil {
		return nil, err
	}
	if err := t.view.MayDelete(doc); err != nil {
		return nil, err
	}
	return guard(doc, t.watched(doc, filter)), nil
}
