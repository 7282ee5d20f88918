package datasource

import (
	"context"
	"net/http"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/query"
)

func insertOne(ctx context.Context, t *target, a *arguments) (any, error) {
	if a.get("document") == nil {
		return nil, a.invalid("document", "an object")
	}
	doc, err := a.object("document")
	if err != nil {
		return nil, err
	}
	raw, err := t.prepareInsert(doc)
	if err != nil {
		return nil, err
	}
	id, err := t.coll.InsertOne(ctx, raw)
	return bson.D{{Key: "insertedId", Value: id}}, err
}

func insertMany(ctx context.Context, t *target, a *arguments) (any, error) {
	docs, err := a.documents("documents")
	if err != nil {
		return nil, err
	}
	if len(docs) == 0 {
		return nil, api.Errorf(http.StatusBadRequest, api.CodeMongoDBError, "must provide at least one element")
	}
	ordered := a.get("ordered") != false
	raws := make([]bson.Raw, 0, len(docs))
	for _, doc := range docs {
		raw, err := t.prepareInsert(doc)
		if err != nil {
			return nil, err
		}
		raws = append(raws, raw)
	}
	ids, err := t.coll.InsertMany(ctx, raws, ordered)
	if err != nil {
		return nil, err
	}
	list := make(bson.A, len(ids))
	for i, id := range ids {
		list[i] = id
	}
	return bson.D{{Key: "insertedIds", Value: list}}, nil
}

// prepareInsert checks a new document and adds an _id if it has none.
func (t *target) prepareInsert(doc bson.D) (bson.Raw, error) {
	doc = withID(doc)
	if err := t.checkInsert(doc); err != nil {
		return nil, err
	}
	return query.Encode(doc)
}

func withID(doc bson.D) bson.D {
	if _, ok := query.Get(doc, "_id"); ok {
		return doc
	}
	return append(bson.D{{Key: "_id", Value: bson.NewObjectID()}}, doc...)
}

func (t *target) checkInsert(doc bson.D) error {
	if err := t.checkSingleOwner(doc); err != nil {
		return err
	}
	if t.view == nil {
		return nil
	}
	if err := checkKeys(doc, ""); err != nil {
		return err
	}
	if err := t.view.CheckInsert(doc); err != nil {
		return err
	}
	return t.schema.check(doc)
}

// checkSingleOwner rejects new custom data whose user id field holds several ids: a query for any of these users would
// match the array, so data that one of them writes would be in a document that the others read.
func (t *target) checkSingleOwner(doc bson.D) error {
	if t.idField == "" {
		return nil
	}
	id, ok := query.Get(doc, t.idField)
	if !ok || isUserID(id) {
		return nil
	}
	return api.Errorf(http.StatusForbidden, api.CodeNoMatchingRuleFound,
		"insert not permitted: the field %q of %s must be the id of one user, a string or an ObjectId", t.idField, t.name)
}

func isUserID(v any) bool {
	switch v.(type) {
	case string, bson.ObjectID:
		return true
	}
	return false
}

// checkNewKeys rejects duplicate keys in the fields that a change sets. Those that the document has already may stay as
// they are: a change elsewhere must not be refused for them.
func checkNewKeys(before, after any) error {
	switch x := after.(type) {
	case bson.D:
		old, _ := before.(bson.D)
		if duplicates := repeatedFields(x); len(duplicates) > 0 && !query.Identical(duplicates, repeatedFields(old)) {
			return api.Errorf(http.StatusBadRequest, api.CodeMongoDBError, "duplicate field %q", duplicates[0].Key)
		}
		stored := query.NewFieldFinder(old)
		for _, e := range x {
			was, _ := stored.GetStored(e.Key)
			if err := checkNewKeys(was, e.Value); err != nil {
				return err
			}
		}
	case bson.A:
		old, _ := before.(bson.A)
		for i, item := range x {
			var was any
			if i < len(old) {
				was = old[i]
			}
			if err := checkNewKeys(was, item); err != nil {
				return err
			}
		}
	}
	return nil
}

// repeatedFields returns every field whose key the document has more than once.
func repeatedFields(d bson.D) bson.D {
	if len(d) < 2 {
		return nil
	}
	count := make(map[string]int, len(d))
	for _, e := range d {
		count[e.Key]++
	}
	var out bson.D
	for _, e := range d {
		if count[e.Key] > 1 {
			out = append(out, e)
		}
	}
	return out
}

// checkKeys rejects a document with duplicate keys: programs differ in which of the two they read.
func checkKeys(v any, at string) error {
	switch x := v.(type) {
	case bson.D:
		seen := make(map[string]bool, len(x))
		for _, e := range x {
			if seen[e.Key] {
				return api.Errorf(http.StatusBadRequest, api.CodeMongoDBError, "duplicate field %q", at+e.Key)
			}
			seen[e.Key] = true
			if err := checkKeys(e.Value, at+e.Key+"."); err != nil {
				return err
			}
		}
	case bson.A:
		for _, item := range x {
			if err := checkKeys(item, at); err != nil {
				return err
			}
		}
	}
	return nil
}
