package embedded

import (
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// writeResult collects the reply of a command with several statements.
type writeResult struct {
	n, modified int64
	upserted    bson.A
	errors      bson.A
}

// fail records the error of a statement; more is false if the command must stop. Errors without a code come from the
// file and end the command.
func (o *writeResult) fail(i int, err error, ordered bool) (more bool, fatal error) {
	var e *query.Error
	if !errors.As(err, &e) {
		return false, err
	}
	entry := bson.D{{Key: "index", Value: int32(i)}, {Key: "code", Value: e.Code}}
	entry = append(entry, e.Info...)
	o.errors = append(o.errors, append(entry, bson.E{Key: "errmsg", Value: e.Message}))
	return !ordered, nil
}

func (o *writeResult) reply() bson.D {
	out := bson.D{{Key: "n", Value: int32(o.n)}}
	if o.errors != nil {
		out = append(out, bson.E{Key: "writeErrors", Value: o.errors})
	}
	return out
}

// ordered is true by default.
func (r *request) ordered() bool { return r.get("ordered") == nil || r.flag("ordered") }

// statementsIn runs work for each of n statements in one transaction.
func (r *request) statementsIn(n int, work func(t *txn, o *writeResult, i int) error) (*writeResult, error) {
	var o *writeResult
	err := r.db.commits.write(func(t *txn) error {
		o = &writeResult{}
		for i := range n {
			err := work(t, o, i)
			if err == nil {
				continue
			}
			more, fatal := o.fail(i, err, r.ordered())
			if fatal != nil {
				return fatal
			}
			if !more {
				break
			}
		}
		return nil
	})
	return o, err
}

func insert(r *request) (bson.D, error) {
	ns, err := r.collection()
	if err != nil {
		return nil, err
	}
	docs := r.sequences["documents"]
	if len(docs) == 0 || len(docs) > maxBatch {
		return nil, query.Errorf(query.InvalidLength, "Write batch sizes must be between 1 and %d. Got %d operations.",
			maxBatch, len(docs))
	}
	o, err := r.statementsIn(len(docs), func(t *txn, o *writeResult, i int) error {
		s, err := t.prepareInsert(docs[i])
		if err != nil {
			return err
		}
		c, err := t.findOrCreate(ns)
		if err != nil {
			return err
		}
		if err := t.insert(c, s); err != nil {
			return err
		}
		o.n++
		return nil
	})
	if err != nil {
		return nil, err
	}
	return o.reply(), nil
}

// prepareInsert decodes a document and ensures that _id exists and is the first field.
func (t *txn) prepareInsert(raw bson.Raw) (stored, error) {
	doc, err := query.Decode(raw)
	if err != nil {
		return stored{}, err
	}
	if len(doc) > 0 && doc[0].Key == "_id" {
		return newStored(doc, raw)
	}
	if doc = withID(doc, t); len(raw) > maxDocument {
		return newStored(doc, raw)
	}
	if raw, err = query.Encode(doc); err != nil {
		return stored{}, err
	}
	return newStored(doc, raw)
}

// withID moves _id to the front; it generates one if absent.
func withID(doc bson.D, t *txn) bson.D {
	for i, e := range doc {
		if e.Key == "_id" {
			return append(append(bson.D{e}, doc[:i]...), doc[i+1:]...)
		}
	}
	return append(bson.D{{Key: "_id", Value: bson.NewObjectIDFromTimestamp(t.now.Time())}}, doc...)
}

func remove(r *request) (bson.D, error) {
	ns, err := r.collection()
	if err != nil {
		return nil, err
	}
	deletes, err := r.statements("deletes")
	if err != nil {
		return nil, err
	}
	env, err := r.env()
	if err != nil {
		return nil, err
	}
	o, err := r.statementsIn(len(deletes), func(t *txn, o *writeResult, i int) error {
		q, err := r.statementQuery(ns, deletes[i], env, "limit")
		if err != nil {
			return err
		}
		c, err := t.find(ns)
		if err != nil || c == nil {
			return err
		}
		limit, _ := query.Get(deletes[i], "limit")
		q.limit, _ = query.WholeNumber(limit)
		hits, err := q.all(t.tx, c)
		if err != nil {
			return err
		}
		if err := t.removeAll(c, hits); err != nil {
			return err
		}
		o.n += int64(len(hits))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return o.reply(), nil
}

// statementQuery parses the q of an update or a delete and rejects unknown arguments.
func (r *request) statementQuery(ns namespace, statement bson.D, env query.Env, args ...string) (*findRequest, error) {
	q := &findRequest{ns: ns, deadline: r.deadline, now: r.db.now}
	filter := bson.D{}
	for _, e := range statement {
		switch e.Key {
		case "q":
			d, is := e.Value.(bson.D)
			if !is {
				return nil, query.Errorf(query.TypeMismatch, "BSON field '%s.q' is the wrong type '%s', expected type 'object'",
					r.name, query.TypeName(e.Value))
			}
			filter = d
		case "hint":
			q.hint = e.Value
		case "collation":
			if hasEffect(e) {
				return nil, query.Errorf(query.NotImplemented,
					"%s: the option 'collation' is not supported by the embedded database", r.name)
			}
		default:
			if !contains(args, e.Key) {
				return nil, query.Errorf(40415, "BSON field '%s.%s' is an unknown field.", r.name, e.Key)
			}
		}
	}
	var err error
	q.filter, err = query.ParseFilter(filter, env)
	return q, err
}

func contains(list []string, s string) bool {
	for _, item := range list {
		if item == s {
			return true
		}
	}
	return false
}

// stored decodes a hit.
func (h hit) stored() (stored, error) {
	doc, err := query.Decode(h.raw)
	return stored{key: h.key, doc: doc, raw: h.raw}, err
}
