package embedded

import (
	"time"

	"go.etcd.io/bbolt"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// firstBatch is the default size of the first batch (MongoDB's default).
const firstBatch = 101

// readQuery parses the arguments that find, findAndModify, count and distinct share. limit is the default limit.
func (r *request) readQuery(ns namespace, filterArg, fieldsArg string, limit int64) (*findRequest, error) {
	q := &findRequest{ns: ns, limit: limit, hint: r.get("hint"), deadline: r.deadline, now: r.db.now}
	env, err := r.env()
	if err != nil {
		return nil, err
	}
	filter, err := r.document(filterArg)
	if err != nil {
		return nil, err
	}
	if q.filter, err = query.ParseFilter(filter, env); err != nil {
		return nil, err
	}
	sort, err := r.document("sort")
	if err != nil {
		return nil, err
	}
	if _, natural := query.Get(sort, "$natural"); natural {
		return nil, query.Errorf(query.NotImplemented, "%s: the order $natural is not supported by the embedded database",
			r.name)
	}
	if q.sort, err = query.ParseSort(sort); err != nil {
		return nil, err
	}
	fields, err := r.document(fieldsArg)
	if err != nil {
		return nil, err
	}
	if len(fields) > 0 {
		if q.project, err = query.ParseProjection(fields, env); err != nil {
			return nil, err
		}
	}
	if d, is := q.hint.(bson.D); is && len(d) == 0 {
		q.hint = nil
	}
	return q, nil
}

func find(r *request) (bson.D, error) {
	ns, err := r.collection()
	if err != nil {
		return nil, err
	}
	q, err := r.readQuery(ns, "filter", "projection", 0)
	if err != nil {
		return nil, err
	}
	if q.skip, err = r.number("skip"); err != nil {
		return nil, err
	}
	single := r.flag("singleBatch")
	if n, ok := query.WholeNumber(r.get("limit")); ok && n < 0 {
		q.limit, single = -n, true
	} else if q.limit, err = r.number("limit"); err != nil {
		return nil, err
	}
	src, err := r.source(q)
	if err != nil {
		return nil, err
	}
	size, err := r.number("batchSize")
	if err != nil {
		return nil, err
	}
	return r.open(ns.String(), src, cursorOptions{size: size, sized: r.get("batchSize") != nil, single: single})
}

// source returns a query's documents: scanned batch by batch if no sort is needed, otherwise all at once.
func (r *request) source(q *findRequest) (source, error) {
	var src source
	err := r.db.view(func(tx *bbolt.Tx) error {
		c, err := r.db.catalog.find(tx, q.ns)
		if err != nil {
			return err
		}
		if c == nil {
			src = &list{}
			return nil
		}
		p, err := q.plan(c)
		if err != nil {
			return err
		}
		if len(q.sort.Keys()) == 0 || p.sorted {
			left := int64(-1)
			if q.limit > 0 {
				left = q.limit
			}
			src = &scanSource{db: r.db, q: q, c: c, scan: newScan(p), skip: q.skip, left: left}
			return nil
		}
		hits, err := q.sorted(tx, c, p)
		if err != nil {
			return err
		}
		if len(hits) == 1 {
			src, err = q.one(hits[0])
			return err
		}
		docs := make([]bson.Raw, 0, len(hits))
		for _, h := range hits {
			doc, err := q.output(h)
			if err != nil {
				return err
			}
			docs = append(docs, doc)
		}
		src = &list{docs: docs}
		return nil
	})
	return src, err
}

// one returns the source of a single document, which may be large: it is copied once, within the transaction.
func (q *findRequest) one(h hit) (source, error) {
	doc, err := q.projected(h)
	if err != nil {
		return nil, err
	}
	b := &batch{docs: query.NewArray()}
	b.add(doc)
	return (*oneDocument)(b), nil
}

// cursorOptions holds the cursor options of a command.
type cursorOptions struct {
	size   int64
	sized  bool // the command sets a batch size; 0 then means an empty first batch
	single bool
	awaits bool
}

// open returns the first batch, and keeps a cursor if more documents may follow.
func (r *request) open(ns string, src source, o cursorOptions) (bson.D, error) {
	b := &batch{docs: query.NewArray(), limit: firstBatch}
	done := false
	if o.sized {
		b.limit = int(min(o.size, maxBatch))
	}
	if !o.sized || o.size > 0 {
		var err error
		if done, err = src.fill(b); err != nil {
			return nil, err
		}
	}
	id := int64(0)
	if !done && !o.single {
		c := &cursor{ns: ns, source: src, awaits: o.awaits}
		r.db.cursors.keep(c, r.db.now())
		id = c.id
	}
	return cursorReply("firstBatch", id, ns, b, src), nil
}

func cursorReply(field string, id int64, ns string, b *batch, src source) bson.D {
	out := bson.D{{Key: field, Value: b.docs.Value()}, {Key: "id", Value: id}, {Key: "ns", Value: ns}}
	if s, is := src.(interface{ position() bson.D }); is {
		out = append(out, bson.E{Key: "postBatchResumeToken", Value: s.position()})
	}
	return bson.D{{Key: "cursor", Value: out}}
}

// awaitTime is the default wait of a getMore on a change stream (MongoDB's default).
const awaitTime = time.Second

func getMore(r *request) (bson.D, error) {
	id, ok := r.args[0].Value.(int64)
	if !ok {
		return nil, query.Errorf(query.TypeMismatch,
			"BSON field 'getMore.getMore' is the wrong type '%s', expected type 'long'", query.TypeName(r.args[0].Value))
	}
	coll, _ := r.get("collection").(string)
	c, err := r.db.cursors.take(id)
	if err != nil {
		return nil, err
	}
	finished := true
	defer func() { r.db.cursors.give(c, finished, r.db.now()) }()
	if ns := r.database + "." + coll; ns != c.ns {
		finished = false
		return nil, query.Errorf(query.Unauthorized,
			"Requested getMore on namespace '%s', but cursor belongs to a different namespace %s", ns, c.ns)
	}
	size, err := r.number("batchSize")
	if err != nil {
		finished = false
		return nil, err
	}
	b := &batch{docs: query.NewArray(), limit: int(min(size, maxBatch)), wait: awaitTime}
	if ms, ok := query.WholeNumber(r.get("maxTimeMS")); ok && c.awaits {
		b.wait = time.Duration(ms) * time.Millisecond
	}
	done, err := c.source.fill(b)
	if err != nil {
		return nil, err
	}
	finished = done
	if done {
		id = 0
	}
	return cursorReply("nextBatch", id, c.ns, b, c.source), nil
}

func killCursors(r *request) (bson.D, error) {
	ids, _ := r.get("cursors").(bson.A)
	killed, unknown := bson.A{}, bson.A{}
	for _, v := range ids {
		id, _ := query.WholeNumber(v)
		if r.db.cursors.kill(id) {
			killed = append(killed, id)
		} else {
			unknown = append(unknown, id)
		}
	}
	return bson.D{{Key: "cursorsKilled", Value: killed}, {Key: "cursorsNotFound", Value: unknown},
		{Key: "cursorsAlive", Value: bson.A{}}, {Key: "cursorsUnknown", Value: bson.A{}}}, nil
}
