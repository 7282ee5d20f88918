package datasource

import (
	"bytes"
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
	"dossier/backend/store"
)

const (
	// maxDocuments is how many documents a query returns at most, as in App Services, and how many candidates it reads
	// where the rules are evaluated document by document.
	maxDocuments = 50000
	// maxBytes is how much document data one query holds in memory.
	maxBytes = 64 << 20
)

// querySpec is a query with its sort order, projection and range.
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
	list := query.NewArray()
	if err := t.read(ctx, q, func(doc bson.Raw) { list.Add(doc) }); err != nil {
		return nil, err
	}
	return list.Value(), nil
}

func findOne(ctx context.Context, t *target, a *arguments) (any, error) {
	q, err := t.readQuerySpec(a)
	if err != nil {
		return nil, err
	}
	q.limit = 1
	var found any
	err = t.read(ctx, q, func(doc bson.Raw) { found = slices.Clone(doc) })
	return found, err
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
	visible, err := t.readVisible(ctx, filter, q)
	return int64(len(visible)), err
}

// databaseFilter returns the filter for the database: that of the rules and, if that expresses the rules completely
// (whole), the query as well. none: no document is visible.
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

// read passes to add what the caller may see of each document that matches. A document is valid only until add returns.
func (t *target) read(ctx context.Context, q querySpec, add func(bson.Raw)) error {
	filter, whole, none := t.databaseFilter(q.query)
	if none {
		return t.checkQuery(q)
	}
	if whole {
		if q.limit == 0 || q.limit > maxDocuments {
			q.limit = maxDocuments
		}
		return t.collect(ctx, filter, q, add)
	}
	visible, err := t.readVisible(ctx, filter, q)
	if err != nil {
		return err
	}
	for _, s := range visible {
		raw, err := t.encodeProjected(s.visible, q.project)
		if err != nil {
			return err
		}
		add(raw)
	}
	return nil
}

// checkQuery reports the error of an invalid query even where no document can match.
func (t *target) checkQuery(q querySpec) error {
	_, err := query.ParseFilter(q.query, t.env)
	return err
}

// collect passes documents to add unchanged. A document is valid only until add returns.
func (t *target) collect(ctx context.Context, filter bson.D, q querySpec, add func(bson.Raw)) error {
	o := store.Find{Skip: q.skip, Limit: q.limit}
	if len(q.sort) > 0 {
		o.Sort = q.sort
	}
	if len(q.project) > 0 {
		o.Projection = q.project
	}
	size := 0
	return t.coll.Each(ctx, filter, o, func(doc bson.Raw) error {
		if size += len(doc); size > maxBytes {
			return readSizeLimitExceeded()
		}
		if err := t.escalateIfLarge(ctx, size); err != nil {
			return err
		}
		add(doc)
		return nil
	})
}

// escalateIfLarge waits for the slot of a heavy call when a query holds much data.
func (t *target) escalateIfLarge(ctx context.Context, size int) error {
	if size <= lightBytes {
		return nil
	}
	return t.slots.escalate(ctx)
}

// visibleDocument is a stored document and the part of it that the caller may see.
type visibleDocument struct {
	raw     bson.Raw
	visible bson.D
}

// readVisible reads the candidates, reduces each to its visible part, and applies query, sort, skip and limit to that.
func (t *target) readVisible(ctx context.Context, candidates bson.D, q querySpec) ([]visibleDocument, error) {
	filter, err := query.ParseFilter(q.query, t.env)
	if err != nil {
		return nil, err
	}
	var found []visibleDocument
	size, scanned := 0, 0
	err = t.coll.Each(ctx, candidates, store.Find{Limit: maxDocuments + 1}, func(raw bson.Raw) error {
		scanned++
		if size += len(raw); size > maxBytes || scanned > maxDocuments {
			return readSizeLimitExceeded()
		}
		if err := t.escalateIfLarge(ctx, size); err != nil {
			return err
		}
		doc, err := query.Decode(raw)
		if err != nil {
			return err
		}
		visible, ok, err := t.visiblePart(doc)
		if err != nil || !ok || !filter.Match(visible) {
			return err
		}
		found = append(found, visibleDocument{raw: slices.Clone(raw), visible: visible})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return sortAndSlice(found, q)
}

// visiblePart reduces a document to what the caller may see.
func (t *target) visiblePart(doc bson.D) (bson.D, bool, error) {
	if t.view == nil {
		return doc, true, nil
	}
	visible, ok := t.view.Visible(doc)
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
		if visible, err = p.Apply(visible, -1); err != nil {
			return nil, false, err
		}
	}
	return visible, true, nil
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

// encodeProjected applies the caller's projection to the visible part of a document and encodes it.
func (t *target) encodeProjected(visible bson.D, project bson.D) (bson.Raw, error) {
	if len(project) > 0 {
		p, err := query.ParseProjection(project, t.env)
		if err != nil {
			return nil, err
		}
		if visible, err = p.Apply(visible, -1); err != nil {
			return nil, err
		}
	}
	return query.Encode(visible)
}

// encodeVisible reduces a stored document to what the caller may see and requested; nil: nothing.
func (t *target) encodeVisible(raw bson.Raw, project bson.D) (any, error) {
	if raw == nil {
		return nil, nil
	}
	doc, err := query.Decode(raw)
	if err != nil {
		return nil, err
	}
	visible, ok, err := t.visiblePart(doc)
	if err != nil || !ok {
		return nil, err
	}
	return t.encodeProjected(visible, project)
}

// readStored returns the matching documents as stored, for a change. It matches only documents that the caller may see,
// by what the caller may see of them. They have at least the fields of the projection.
func (t *target) readStored(ctx context.Context, q querySpec) ([]bson.Raw, error) {
	filter, whole, none := t.databaseFilter(q.query)
	if none {
		return nil, t.checkQuery(q)
	}
	if whole {
		if q.limit == 0 {
			q.limit = maxDocuments + 1
		}
		var docs []bson.Raw
		err := t.collect(ctx, filter, q, func(doc bson.Raw) { docs = append(docs, slices.Clone(doc)) })
		if err == nil && len(docs) > maxDocuments {
			err = readSizeLimitExceeded()
		}
		return docs, err
	}
	visible, err := t.readVisible(ctx, filter, q)
	if err != nil {
		return nil, err
	}
	out := make([]bson.Raw, len(visible))
	for i, s := range visible {
		out[i] = s.raw
	}
	return out, nil
}
