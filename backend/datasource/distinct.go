package datasource

import (
	"context"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// distinct returns the distinct values of a field; the items of an array count as values.
func distinct(ctx context.Context, t *target, a *arguments) (any, error) {
	key, ok := a.get("key").(string)
	if !ok || key == "" || strings.Count(key, ".") >= maxPath {
		return nil, a.invalid("key", "a field path")
	}
	q, err := t.readQuerySpec(a)
	if err != nil {
		return nil, err
	}
	filter, whole, none := t.databaseFilter(q.query)
	if none {
		return bson.A{}, t.checkQuery(q)
	}
	if !whole {
		return t.distinctVisible(ctx, filter, q, key)
	}
	values, err := t.coll.Distinct(ctx, key, filter)
	if err != nil {
		return nil, err
	}
	list := make(bson.A, len(values))
	for i, v := range values {
		list[i] = v
	}
	return list, nil
}

// distinctVisible returns the distinct values in what the caller may see.
func (t *target) distinctVisible(ctx context.Context, candidates bson.D, q querySpec, key string) (any, error) {
	visible, err := t.readVisible(ctx, candidates, q)
	if err != nil {
		return nil, err
	}
	list, known := bson.A{}, map[string]bool{}
	for _, s := range visible {
		for _, v := range query.Distinct(s.visible, key) {
			if k := string(query.AppendKey(nil, v, false)); !known[k] {
				known[k] = true
				list = append(list, v)
			}
		}
	}
	return list, nil
}
