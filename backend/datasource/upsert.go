package datasource

import (
	"context"
	"net/http"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/query"
	"dossier/backend/store"
)

// upsert inserts the document of a change that matches no document. It returns false if a document matches by now.
func (t *target) upsert(ctx context.Context, c *change) (changeResult, bool, error) {
	doc, err := c.parsed.Insert(c.filter)
	if err != nil {
		return changeResult{}, false, err
	}
	doc = withID(doc)
	if err := t.checkUpsert(c, doc); err != nil {
		return changeResult{}, false, err
	}
	id, _ := query.Get(doc, "_id")
	inserted, err := t.insertIfNoMatch(ctx, c, doc, id)
	if store.KindOf(err) == store.Duplicate {
		// A unique index found a document that was not there before. If the caller may see it, the change applies to it.
		if docs, readErr := t.readStored(ctx, querySpec{query: c.query, limit: 1}); readErr == nil && len(docs) > 0 {
			return changeResult{}, false, nil
		}
	}
	if err != nil || !inserted {
		return changeResult{}, false, err
	}
	raw, err := query.Encode(doc)
	return changeResult{upserted: id, after: raw}, true, err
}

// insertIfNoMatch inserts the document unless a document matches the query by now. The second branch of the filter
// keeps MongoDB from adding values of the query to the document, which is complete.
func (t *target) insertIfNoMatch(ctx context.Context, c *change, doc bson.D, id any) (bool, error) {
	filter, whole, none := t.databaseFilter(c.query)
	if none || !whole {
		_, err := t.coll.InsertOne(ctx, doc)
		return err == nil, err
	}
	for _, e := range doc {
		if !addressable(e.Key) {
			return false, api.Errorf(http.StatusBadRequest, api.CodeMongoDBError,
				"the field %q cannot be set: a path cannot name it", e.Key)
		}
	}
	either := bson.D{{Key: "$or", Value: bson.A{filter, bson.D{{Key: "_id", Value: bson.D{{Key: "$eq", Value: id}}}}}}}
	done, err := t.coll.UpdateOne(ctx, either, bson.D{{Key: "$setOnInsert", Value: doc}}, store.Change{Upsert: true})
	return err == nil && done.Matched == 0, err
}

func (t *target) checkUpsert(c *change, doc bson.D) error {
	if t.idField != "" {
		if err := t.checkUpsertOwner(c, doc); err != nil {
			return err
		}
	}
	return t.checkInsert(doc)
}

// checkUpsertOwner checks that new custom data belongs to the user whom the filter names. The filter may name none: the
// rules decide who may insert it.
func (t *target) checkUpsertOwner(c *change, doc bson.D) error {
	id, _ := query.Get(doc, t.idField)
	if !isUserID(id) {
		return t.upsertOwnerError("must be set to the id of a user, a string or an ObjectId")
	}
	for _, p := range c.filter.Predicates() {
		if p.Path != t.idField {
			continue
		}
		list, many := p.Value.(bson.A)
		if p.Op == "$eq" && query.Identical(p.Value, id) {
			return nil
		}
		for _, one := range list {
			if p.Op == "$in" && many && query.Identical(one, id) {
				return nil
			}
		}
		return t.upsertOwnerError("must be the id in the filter")
	}
	return nil
}

func (t *target) upsertOwnerError(what string) error {
	return api.Errorf(http.StatusForbidden, api.CodeNoMatchingRuleFound, "upsert not permitted: the field %q of %s %s",
		t.idField, t.name, what)
}
