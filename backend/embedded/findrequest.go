package embedded

import (
	"bytes"
	"slices"
	"time"

	"dossier/backend/query"

	"go.etcd.io/bbolt"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// findRequest is what find, and the reading half of every writing command, asks of a collection.
type findRequest struct {
	ns       namespace
	filter   *query.Filter
	sort     *query.Sort
	project  *query.Projection
	skip     int64
	limit    int64 // 0 for none
	hint     any
	deadline time.Time
	now      func() time.Time
}

// hit is a document that matches; at is the array index it matched at.
type hit struct {
	key []byte
	raw bson.Raw
	at  int
}

// plan chooses how to reach the documents; it fails on a hint no index answers.
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
	return plan{}, query.Errorf(query.BadValue, "error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index")
}

// late refuses to go on past the deadline; it looks at the clock only now and then.
func (q *findRequest) late(visited int) error {
	if q.deadline.IsZero() || visited%256 != 0 || q.now().Before(q.deadline) {
		return nil
	}
	return query.Errorf(query.MaxTimeMSExpired, "operation exceeded time limit")
}

// matches decodes what the filter needs of a document and asks it.
func (q *findRequest) matches(raw bson.Raw) (ok bool, at int, err error) {
	if q.filter.All() {
		return true, -1, nil
	}
	doc, err := query.DecodeFields(raw, q.filter.Fields())
	if err != nil {
		return false, -1, err
	}
	ok, at = q.filter.MatchAt(doc)
	return ok, at, nil
}

// hits shows the matching documents in the scan's order, without sort, skip and limit.
func (q *findRequest) hits(r rooms, s *scan, show func(hit) (more bool)) error {
	visited := 0
	return s.run(r, func(key []byte, raw bson.Raw) (bool, error) {
		visited++
		if err := q.late(visited); err != nil {
			return false, err
		}
		ok, at, err := q.matches(raw)
		if err != nil || !ok {
			return true, err
		}
		return show(hit{key, raw, at}), nil
	})
}

// all gives the matching documents in order, with skip and limit taken; their bytes are good during the transaction.
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
	err = q.hits(c.rooms(tx), newScan(p), func(h hit) bool {
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

// sorted keeps only as many documents as will be wanted, so that the first page of many costs little memory.
func (q *findRequest) sorted(tx *bbolt.Tx, c *collection, p plan) ([]hit, error) {
	var found []sortedHit
	wanted := q.skip + q.limit
	byOrder := func(a, b sortedHit) int { return bytes.Compare(a.order, b.order) }
	fields := map[string]bool{}
	for _, key := range q.sort.Keys() {
		top, _, _ := bytes.Cut([]byte(key.Path), []byte("."))
		fields[string(top)] = true
	}
	var failed error
	err := q.hits(c.rooms(tx), newScan(p), func(h hit) bool {
		doc, err := query.DecodeFields(h.raw, fields)
		if err != nil {
			failed = err
			return false
		}
		h.key = bytes.Clone(h.key)
		found = append(found, sortedHit{h, q.sort.Key(doc)})
		if q.limit > 0 && int64(len(found)) > 2*wanted+1000 {
			slices.SortStableFunc(found, byOrder)
			found = found[:wanted]
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

// output gives the bytes a hit is answered with: projected, and its own copy.
func (q *findRequest) output(h hit) (bson.Raw, error) {
	if q.project == nil {
		return bytes.Clone(h.raw), nil
	}
	doc, err := query.Decode(h.raw)
	if err != nil {
		return nil, err
	}
	if doc, err = q.project.Apply(doc, h.at); err != nil {
		return nil, err
	}
	return query.Encode(doc)
}
