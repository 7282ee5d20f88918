package embedded

import (
	"bytes"
	"slices"
	"time"

	"go.etcd.io/bbolt"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// findRequest is a query on a collection, of find or of a writing command.
type findRequest struct {
	ns       namespace
	filter   *query.Filter
	sort     *query.Sort
	project  *query.Projection
	skip     int64
	limit    int64 // 0: no limit
	hint     any
	deadline time.Time
	now      func() time.Time
}

// hit is a matching document; at is the array index of the match.
type hit struct {
	key []byte
	raw bson.Raw
	at  int
}

// plan chooses an access path; it fails on a hint that names no index.
func (q *findRequest) plan(c *collection) (plan, error) {
	if q.hint == nil {
		return choose(c, q.filter, q.sort, nil), nil
	}
	for _, x := range c.indexes {
		name, _ := q.hint.(string)
		keys, _ := q.hint.(bson.D)
		if name == x.name || keys != nil && query.Equal(keys, x.keys) {
			return choose(c, q.filter, q.sort, x), nil
		}
	}
	if d, is := q.hint.(bson.D); is {
		if _, natural := query.Get(d, "$natural"); natural {
			return choose(c, q.filter, q.sort, c.indexes[0]), nil
		}
	}
	return plan{}, query.Errorf(query.BadValue,
		"error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing "+
			"index")
}

// checkDeadline returns an error after the deadline; it reads the clock only every few documents.
func (q *findRequest) checkDeadline(visited int) error {
	if q.deadline.IsZero() || visited%256 != 0 || q.now().Before(q.deadline) {
		return nil
	}
	return query.Errorf(query.MaxTimeMSExpired, "operation exceeded time limit")
}

// matches tests a document: as it is stored, or after decoding the fields that the filter reads.
func (q *findRequest) matches(raw bson.Raw) (ok bool, at int, err error) {
	if q.filter.All() {
		return true, -1, nil
	}
	if match, known := q.filter.MatchStored(raw); known {
		return match, -1, nil
	}
	doc, err := query.DecodeFields(raw, q.filter.Fields())
	if err != nil {
		return false, -1, err
	}
	ok, at = q.filter.MatchAt(doc)
	return ok, at, nil
}

// hits calls show for matching documents in scan order, without sort, skip and limit.
func (q *findRequest) hits(r buckets, s *scan, show func(hit) (more bool)) error {
	visited := 0
	return s.run(r, func(key []byte, raw bson.Raw) (bool, error) {
		visited++
		if err := q.checkDeadline(visited); err != nil {
			return false, err
		}
		at := -1
		if !s.plan.exact {
			ok, position, err := q.matches(raw)
			if err != nil || !ok {
				return true, err
			}
			at = position
		}
		return show(hit{key, raw, at}), nil
	})
}

// all returns the matching documents in order, with skip and limit applied; their bytes are valid in the transaction.
func (q *findRequest) all(tx *bbolt.Tx, c *collection) ([]hit, error) {
	p, err := q.plan(c)
	if err != nil {
		return nil, err
	}
	if q.sort != nil && len(q.sort.Keys()) > 0 && !p.sorted {
		return q.sorted(tx, c, p)
	}
	var out []hit
	skip := q.skip
	err = q.hits(c.buckets(tx), newScan(p), func(h hit) bool {
		if skip > 0 {
			skip--
			return true
		}
		h.key = bytes.Clone(h.key)
		out = append(out, h)
		return q.limit == 0 || int64(len(out)) < q.limit
	})
	return out, err
}

type sortedHit struct {
	hit
	order []byte
}

// sorted keeps only skip+limit documents, so that the first page of a large result needs little memory.
func (q *findRequest) sorted(tx *bbolt.Tx, c *collection, p plan) ([]hit, error) {
	var found []sortedHit
	needed := q.skip + q.limit
	byOrder := func(a, b sortedHit) int { return bytes.Compare(a.order, b.order) }
	fields := map[string]bool{}
	for _, key := range q.sort.Keys() {
		top, _, _ := bytes.Cut([]byte(key.Path), []byte("."))
		fields[string(top)] = true
	}
	var failed error
	err := q.hits(c.buckets(tx), newScan(p), func(h hit) bool {
		doc, err := query.DecodeFields(h.raw, fields)
		if err != nil {
			failed = err
			return false
		}
		h.key = bytes.Clone(h.key)
		found = append(found, sortedHit{h, q.sort.Key(doc)})
		if q.limit > 0 && int64(len(found)) > 2*needed+1000 {
			slices.SortStableFunc(found, byOrder)
			found = found[:needed]
		}
		return true
	})
	if err != nil || failed != nil {
		return nil, firstError(err, failed)
	}
	slices.SortStableFunc(found, byOrder)
	if q.skip >= int64(len(found)) {
		return nil, nil
	}
	found = found[q.skip:]
	if q.limit > 0 && int64(len(found)) > q.limit {
		found = found[:q.limit]
	}
	out := make([]hit, len(found))
	for i := range found {
		out[i] = found[i].hit
	}
	return out, nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// output returns the projected bytes of a hit, as a copy.
func (q *findRequest) output(h hit) (bson.Raw, error) {
	raw, err := q.projected(h)
	if q.project == nil {
		raw = bytes.Clone(raw)
	}
	return raw, err
}

// projected is output for use within the transaction: without a projection it returns the bytes of the hit.
func (q *findRequest) projected(h hit) (bson.Raw, error) {
	if q.project == nil {
		return h.raw, nil
	}
	doc, err := query.DecodeFields(h.raw, q.project.Fields())
	if err != nil {
		return nil, err
	}
	if doc, err = q.project.Apply(doc, h.at); err != nil {
		return nil, err
	}
	return query.Encode(doc)
}
