package datasource

import (
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// guard returns a filter that matches a document only while the named fields have the values they have in doc.
func guard(doc bson.D, names map[string]bool) bson.D {
	id, _ := query.Get(doc, "_id")
	parts := bson.A{bson.D{{Key: "_id", Value: bson.D{{Key: "$eq", Value: id}}}}}
	var conditions bson.A
	fields := query.NewFieldFinder(doc)
	for name := range names {
		switch {
		case name == "_id":
		case addressable(name):
			parts = append(parts, bson.D{{Key: name, Value: unchanged(fields.Get(name))}})
		default:
			conditions = append(conditions, unchangedByName(doc, name)...)
		}
	}
	if len(conditions) > 0 {
		parts = append(parts, bson.D{{Key: "$expr", Value: bson.D{{Key: "$and", Value: conditions}}}})
	}
	return bson.D{{Key: "$and", Value: parts}}
}

// unchanged is the condition that a field still has its value and its BSON type. For objects and arrays it compares the
// value only, so a nested 1 may have become 1.0.
func unchanged(v any, exists bool) bson.D {
	if !exists {
		return bson.D{{Key: "$exists", Value: false}}
	}
	switch v.(type) {
	case nil:
		return bson.D{{Key: "$type", Value: "null"}}
	case bson.Undefined:
		return bson.D{{Key: "$type", Value: "undefined"}}
	case bson.D, bson.A:
		return bson.D{{Key: "$eq", Value: v}}
	}
	return bson.D{
		{Key: "$eq", Value: v}, {Key: "$type", Value: query.TypeName(v)},
		{Key: "$not", Value: bson.D{{Key: "$type", Value: "array"}}},
	}
}

// addressable reports whether a filter or update can name a top-level field: MongoDB reads dots and $ as syntax.
func addressable(name string) bool {
	return name != "" && !strings.Contains(name, ".") && !strings.HasPrefix(name, "$")
}

// updateBetween returns the update that changes before to after, field by field, and the fields that it changes. It is
// nil if there are none, and a pipeline if a path cannot name one of them.
func updateBetween(before, after bson.D) (update any, touched map[string]bool) {
	var set, unset bson.D
	touched = map[string]bool{}
	byName := false
	touch := func(list *bson.D, e bson.E) {
		if !touched[e.Key] {
			*list = append(*list, e)
		}
		touched[e.Key], byName = true, byName || !addressable(e.Key)
	}
	old, changed := query.NewFieldFinder(before), query.NewFieldFinder(after)
	for _, e := range after {
		now, _ := changed.GetStored(e.Key) // the first field with the name: duplicates of it are not changed
		if was, ok := old.GetStored(e.Key); !ok || !query.Identical(was, now) {
			touch(&set, bson.E{Key: e.Key, Value: now})
		}
	}
	for _, e := range before {
		if _, ok := changed.GetStored(e.Key); !ok {
			touch(&unset, bson.E{Key: e.Key, Value: ""})
		}
	}
	switch {
	case len(touched) == 0:
		return nil, touched
	case byName:
		return updateByName(set, unset), touched
	}
	var operators bson.D
	if len(set) > 0 {
		operators = append(operators, bson.E{Key: "$set", Value: set})
	}
	if len(unset) > 0 {
		operators = append(operators, bson.E{Key: "$unset", Value: unset})
	}
	return operators, touched
}

// guardedFields returns the fields on which a decision about a document depends: those that the query and the rules
// read.
func (t *target) guardedFields(doc bson.D, query *query.Filter) map[string]bool {
	names, whole := t.view.Fields()
	queried := query.Fields()
	for name := range queried {
		names[name] = true
	}
	if whole || queried == nil {
		for _, e := range doc {
			names[e.Key] = true
		}
	}
	if t.idField != "" {
		names[t.idField] = true
	}
	return names
}

// projectionFor returns the projection of the fields that a change and the decision about it depend on, so that a large
// field elsewhere in the document stays in the database; nil: the whole document.
func (t *target) projectionFor(c *change) bson.D {
	if _, replaces := c.replacement(); replaces || c.returns || t.schema != nil {
		return nil
	}
	names, whole := t.view.Fields()
	if whole || c.filter.Fields() == nil {
		return nil
	}
	for name := range c.filter.Fields() {
		names[name] = true
	}
	for _, path := range c.updatedPaths() {
		names[path[0]] = true
	}
	names["_id"] = true
	if t.idField != "" {
		names[t.idField] = true
	}
	projection := make(bson.D, 0, len(names))
	for name := range names {
		if !addressable(name) {
			return nil
		}
		projection = append(projection, bson.E{Key: name, Value: 1})
	}
	return projection
}
