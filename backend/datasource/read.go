package datasource

import (
	"bytes"
	"context"

	"slices"

	"dossier/backend/query"
	"dossier/backend/store"

	"go.mongodb.org/mongo-driver/v2/bson"
)

const (
	// maxDocuments is how many documents a query returns at most, as on the hosted service, and how many are looked
	// at for it where the rules are put to them one by one.
	maxDocuments = 50000
	// maxBytes bounds what one query holds in memory.
	maxBytes = 64 << 20
)

// querySpec is what is asked of a collection.
type querySpec struct {
	query, sort, project bson.D
	skip, limit          int64 // 0: none
}

func (t *target) readQuerySpec(a *arguments) (q querySpec, err error) {
	if q.query, err = a.object("query"); err != nil {
		return q, err
	}
	key := "project"
	if a.get(key) == nil {
		key = "projection"
	}
	if q.project, err = a.object(key); err != nil {
		return q, err
	}
	if q.sort, err = a.object("sort"); err != nil {
		return q, err
	}
	if q.limit, err = a.number("limit"); err != nil {
		return q, err
	}
	if q.skip, err = a.number("skip"); err != nil {
		return q, err
	}
	if err := t.checkAllowed(true, q.query); err != nil {
		return q, err
	}
	return q, t.checkAllowed(false, q.project, q.sort)
}

func find(ctx context.Context, t *target, a *arguments) (any, error) {
	q, err := t.readQuerySpec(a)
	if err != nil {
		return nil, err
	}
	docs, err := t.read(ctx, q)
	if err != nil {
		return nil, err
	}
	list := make(bson.A, len(docs))
	for i, d := range docs {
		list[i] = d
	}
	return list, nil
}

func findOne(ctx context.Context, t *target, a *arguments) (any, error) {
	q, err := t.readQuerySpec(a)
	if err != nil {
		return nil, err
	}
	q.limit = 1
	docs, err := t.read(ctx, q)
	if err != nil || len(docs) == 0 {
		return nil, err
	}
	return docs[0], nil
}

func count(ctx context.Context, t *target, a *arguments) (any, error) {
	q, err := t.readQuerySpec(a)
	if err != nil {
		return nil, err
	}
	filter, whole, none := t.databaseFilter(q.query)
	if none {
		return int64(0), nil
	}
	if whole {
		if q.limit > 0 {
			q.limit += q.skip
		}
		n, err := t.coll.Count(ctx, filter, q.limit)
		return max(0, n-q.skip), err
	}
	seen, err := t.readVisible(ctx, filter, q)
	return int64(len(seen)), err
}

// databaseFilter gives the filter for the database: the rules' and, when it is all there is to them (whole), the query as well.
func (t *target) databaseFilter(query bson.D) (filter bson.D, whole, none bool) {
	if t.view == nil {
		return query, true, false
	}
	rule, whole, none := t.view.DatabaseFilter()
	if whole && !none {
		return and(rule, query), true, false
	}
	return rule, whole, none
}

func and(filters ...bson.D) bson.D {
	var parts bson.A
	for _, f := range filters {
		if len(f) > 0 {
			parts = append(parts, f)
		}
	}
	switch len(parts) {
	case 0:
		return bson.D{}
	case 1:
		return parts[0].(bson.D)
	}
	return bson.D{{Key: "$and", Value: parts}}
}

// read gives what the caller may see of the documents asked for.
func (t *target) read(ctx context.Context, q querySpec) ([]bson.Raw, error) {
	filter, whole, none := t.databaseFilter(q.query)
	if none {
		return nil, t.checkQuery(q)
	}
	if whole {
		if q.limit == 0 || q.limit > maxDocuments {
			q.limit = maxDocuments
		}
		return t.collect(ctx, filter, q)
	}
	seen, err := t.readVisible(ctx, filter, q)
	if err != nil {
		return nil, err
	}
	out := make([]bson.Raw, 0, len(seen))
	for _, s := range seen {
		raw, err := t.encodeProjected(s.visible, q.project)
		if err != nil {
			return nil, err
		}
		out = append(out, raw)
	}
	return out, nil
}

// checkQuery makes a query that cannot match anything fail all the same when it makes no sense.
func (t *target) checkQuery(q querySpec) error {
	_, err := query.ParseFilter(q.query, t.env)
	return err
}

// collect reads documents as they are.
func (t *target) collect(ctx context.Context, filter bson.D, q querySpec) ([]bson.Raw, error) {
	o := store.Find{Skip: q.skip, Limit: q.limit}
	if len(q.sort) > 0 {
		o.Sort = q.sort
	}
	if len(q.project) > 0 {
		o.Projection = q.project
	}
	var out []bson.Raw
	size := 0
	err := t.coll.Each(ctx, filter, o, func(doc bson.Raw) error {
		if size += len(doc); size > maxBytes {
			return readSizeLimitExceeded()
		}
		if err := t.escalateIfLarge(ctx, size); err != nil {
			return err
		}
		out = append(out, slices.Clone(doc))
		return nil
	})
	return out, err
}

// escalateIfLarge waits for room when a query holds much.
func (t *target) escalateIfLarge(ctx context.Context, size int) error {
	if size <= lightBytes {
		return nil
	}
	return t.slots.escalate(ctx)
}

// visibleDocument is a document and what of it the caller may see.
type visibleDocument struct {
	raw     bson.Raw
	visible bson.D
}

// readVisible reads the candidates, cuts each to what may be seen, and answers query, sort, skip and limit on that.
func (t *target) readVisible(ctx context.Context, candidates bson.D, q querySpec) ([]visibleDocument, error) {
	filter, err := query.ParseFilter(q.query, t.env)
	if err != nil {
		return nil, err
	}
	var found []visibleDocument
	size, looked := 0, 0
	err = t.coll.Each(ctx, candidates, store.Find{Limit: maxDocuments + 1}, func(raw bson.Raw) error {
		looked++
		if size += len(raw); size > maxBytes || looked > maxDocuments {
			return readSizeLimitExceeded()
		}
		if err := t.escalateIfLarge(ctx, size); err != nil {
			return err
		}
		doc, err := query.Decode(raw)
		if err != nil {
			return err
		}
		seen, ok, err := t.visiblePart(doc)
		if err != nil || !ok || !filter.Match(seen) {
			return err
		}
		found = append(found, visibleDocument{raw: slices.Clone(raw), visible: seen})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return sortAndSlice(found, q)
}

// visiblePart cuts a document to what the caller may see of it.
func (t *target) visiblePart(doc bson.D) (bson.D, bool, error) {
	if t.view == nil {
		return doc, true, nil
	}
	seen, ok := t.view.Visible(doc)
	if err := t.view.Err(); err != nil {
		return nil, false, err
	}
	if !ok {
		return nil, false, nil
	}
	for _, spec := range t.view.FilterProjections() {
		p, err := query.ParseProjection(spec, t.env)
		if err != nil {
			return nil, false, err
		}
		if seen, err = p.Apply(seen, -1); err != nil {
			return nil, false, err
		}
	}
	return seen, true, nil
}

func sortAndSlice(found []visibleDocument, q querySpec) ([]visibleDocument, error) {
	if len(q.sort) > 0 {
		order, err := query.ParseSort(q.sort)
		if err != nil {
			return nil, err
		}
		slices.SortStableFunc(found, func(a, b visibleDocument) int {
			return bytes.Compare(order.Key(a.visible), order.Key(b.visible))
		})
	}
	found = found[min(q.skip, int64(len(found))):]
	if q.limit > 0 {
		found = found[:min(q.limit, int64(len(found)))]
	}
	return found, nil
}

// encodeProjected applies the caller's own projection to what may be seen, and encodes it.
func (t *target) encodeProjected(seen bson.D, project bson.D) (bson.Raw, error) {
	if len(project) > 0 {
		p, err := query.ParseProjection(project, t.env)
		if err != nil {
			return nil, err
		}
		if seen, err = p.Apply(seen, -1); err != nil {
			return nil, err
		}
	}
	return query.Encode(seen)
}

// encodeVisible cuts a stored document to what the caller may see and asked for; nil where that is nothing.
func (t *target) encodeVisible(raw bson.Raw, project bson.D) (any, error) {
	if raw == nil {
		return nil, nil
	}
	doc, err := query.Decode(raw)
	if err != nil {
		return nil, err
	}
	seen, ok, err := t.visiblePart(doc)
	if err != nil || !ok {
		return nil, err
	}
	return t.encodeProjected(seen, project)
}

// readStored gives the documents behind a question as they are stored, for a change. Only documents the caller may see
// are found, and only by what they may see of them.
func (t *target) readStored(ctx context.Context, q querySpec) ([]bson.Raw, error) {
	filter, whole, none := t.databaseFilter(q.query)
	if none {
		return nil, t.checkQuery(q)
	}
	q.project = nil
	if whole {
		if q.limit == 0 {
			q.limit = maxDocuments + 1
		}
		docs, err := t.collect(ctx, filter, q)
		if err == nil && len(docs) > maxDocuments {
			err = readSizeLimitExceeded()
		}
		return docs, err
	}
	seen, err := t.readVisible(ctx, filter, q)
	if err != nil {
		return nil, err
	}
	out := make([]bson.Raw, len(seen))
	for i, s := range seen {
		out[i] = s.raw
	}
	return out, nil
}
