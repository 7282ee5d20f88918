package embedded

import (
	"bytes"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

func update(r *request) (bson.D, error) {
	ns, err := r.collection()
	if err != nil {
		return nil, err
	}
	updates, err := r.statements("updates")
	if err != nil {
		return nil, err
	}
	env, err := r.env()
	if err != nil {
		return nil, err
	}
	// Parsed before the transaction, which other writers wait for; an error belongs to its statement.
	parsed := make([]updateStatement, len(updates))
	for i, statement := range updates {
		parsed[i] = r.parseUpdateStatement(ns, statement, env)
	}
	o, err := r.statementsIn(len(updates), func(t *txn, o *writeResult, i int) error {
		if parsed[i].err != nil {
			return parsed[i].err
		}
		return parsed[i].run(t, o, i)
	})
	if err != nil {
		return nil, err
	}
	out := bson.D{{Key: "n", Value: int32(o.n)}, {Key: "nModified", Value: int32(o.modified)}}
	if o.upserted != nil {
		out = append(out, bson.E{Key: "upserted", Value: o.upserted})
	}
	return append(out, o.reply()[1:]...), nil
}

// updateStatement is one statement of an update command.
type updateStatement struct {
	query  *findRequest
	update *query.Update
	multi  bool
	upsert bool
	sort   bson.D
	err    error
}

func (r *request) parseUpdateStatement(ns namespace, statement bson.D, env query.Env) (m updateStatement) {
	q, err := r.statementQuery(ns, statement, env, "u", "multi", "upsert", "arrayFilters", "c", "sort")
	if err == nil {
		m, err = parseUpdate(statement, env)
	}
	if err == nil {
		q.sort, err = query.ParseSort(m.sort)
	}
	m.query, m.err = q, err
	return m
}

func parseUpdate(statement bson.D, env query.Env) (m updateStatement, err error) {
	u, _ := query.Get(statement, "u")
	filters, _ := query.Get(statement, "arrayFilters")
	list, _ := filters.(bson.A)
	if c, ok := query.Get(statement, "c"); ok {
		if d, is := c.(bson.D); is {
			env = env.With(d)
		}
	}
	if m.update, err = query.ParseUpdate(u, list, env); err != nil {
		return m, err
	}
	multi, _ := query.Get(statement, "multi")
	upsert, _ := query.Get(statement, "upsert")
	m.multi, m.upsert = multi == true, upsert == true
	if s, ok := query.Get(statement, "sort"); ok {
		m.sort, _ = s.(bson.D)
	}
	if m.multi && m.update.Replaces() {
		return m, query.Errorf(query.FailedToParse, "multi update is not supported for replacement-style update")
	}
	return m, nil
}

// run updates the documents that the query finds, or upserts if it finds none.
func (m updateStatement) run(t *txn, o *writeResult, i int) error {
	q := m.query
	c, err := t.find(q.ns)
	if err != nil {
		return err
	}
	if !m.multi {
		q.limit = 1
	}
	var hits []hit
	if c != nil {
		if hits, err = q.all(t.tx, c); err != nil {
			return err
		}
	}
	for _, h := range hits {
		_, changed, err := t.change(c, h, m.update)
		if err != nil {
			return err
		}
		o.n++
		if changed {
			o.modified++
		}
	}
	if len(hits) > 0 || !m.upsert {
		return nil
	}
	s, err := t.upsert(q, m.update)
	if err != nil {
		return err
	}
	o.n++
	o.upserted = append(o.upserted, bson.D{{Key: "index", Value: int32(i)}, {Key: "_id", Value: idOf(s.doc)}})
	return nil
}

// change applies an update to one document; changed is false if it had no effect. Fields that neither the update nor an
// index reads are not decoded: they keep their bytes.
func (t *txn) change(c *collection, h hit, u *query.Update) (after stored, changed bool, err error) {
	doc, err := query.DecodeOpaque(h.raw, c.withReadFields(u.Fields()))
	if err != nil {
		return stored{}, false, err
	}
	old := stored{key: h.key, doc: doc, raw: h.raw}
	doc, err = u.Apply(old.doc, h.at)
	if err != nil {
		return old, false, err
	}
	raw, err := query.Encode(doc)
	if err != nil {
		return old, false, err
	}
	if bytes.Equal(raw, old.raw) {
		return old, false, nil
	}
	if len(raw) > maxDocument {
		return old, false, query.Errorf(query.BSONObjectTooLarge, "Resulting document after update is larger than %d",
			maxDocument)
	}
	if err := query.CheckDepth(doc); err != nil {
		return old, false, err
	}
	after = stored{key: h.key, doc: doc, raw: raw}
	return after, true, t.replace(c, old, after, u.Replaces())
}

// upsert inserts the document that the filter and the update describe.
func (t *txn) upsert(q *findRequest, u *query.Update) (stored, error) {
	doc, err := u.Insert(q.filter)
	if err != nil {
		return stored{}, err
	}
	doc = withID(doc, t)
	raw, err := query.Encode(doc)
	if err != nil {
		return stored{}, err
	}
	s, err := newStored(doc, raw)
	if err != nil {
		return s, err
	}
	c, err := t.findOrCreate(q.ns)
	if err != nil {
		return s, err
	}
	return s, t.insert(c, s)
}

func findAndModify(r *request) (bson.D, error) {
	q, err := r.modifyQuery()
	if err != nil {
		return nil, err
	}
	var out bson.D
	err = r.db.commits.write(func(t *txn) error {
		out = nil
		c, err := t.find(q.ns)
		if err != nil {
			return err
		}
		var hits []hit
		if c != nil {
			if hits, err = q.all(t.tx, c); err != nil {
				return err
			}
		}
		out, err = r.modifyOne(t, q, c, hits)
		return err
	})
	return out, err
}

// modifyQuery parses the query of findAndModify.
func (r *request) modifyQuery() (*findRequest, error) {
	ns, err := r.collection()
	if err != nil {
		return nil, err
	}
	if r.flag("remove") && (r.get("update") != nil || r.flag("new") || r.flag("upsert")) {
		return nil, query.Errorf(query.FailedToParse, "Cannot specify both an update and remove=true")
	}
	if !r.flag("remove") && r.get("update") == nil {
		return nil, query.Errorf(query.FailedToParse, "Either an update or remove=true must be specified")
	}
	return r.readQuery(ns, "query", "fields", 1)
}

func (r *request) modifyOne(t *txn, q *findRequest, c *collection, hits []hit) (bson.D, error) {
	if r.flag("remove") {
		return r.removeOne(t, q, c, hits)
	}
	env, err := r.env()
	if err != nil {
		return nil, err
	}
	filters, _ := r.get("arrayFilters").(bson.A)
	u, err := query.ParseUpdate(r.get("update"), filters, env)
	if err != nil {
		return nil, err
	}
	switch {
	case len(hits) > 0:
		after, _, err := t.change(c, hits[0], u)
		if err != nil {
			return nil, err
		}
		shown := hits[0]
		if r.flag("new") {
			shown.raw = after.raw
		}
		return modifyReply(q, bson.D{{Key: "n", Value: int32(1)}, {Key: "updatedExisting", Value: true}}, &shown)
	case r.flag("upsert"):
		s, err := t.upsert(q, u)
		if err != nil {
			return nil, err
		}
		last := bson.D{{Key: "n", Value: int32(1)}, {Key: "updatedExisting", Value: false},
			{Key: "upserted", Value: idOf(s.doc)}}
		if r.flag("new") {
			return modifyReply(q, last, &hit{key: s.key, raw: s.raw, at: -1})
		}
		return modifyReply(q, last, nil)
	}
	return modifyReply(q, bson.D{{Key: "n", Value: int32(0)}, {Key: "updatedExisting", Value: false}}, nil)
}

func (r *request) removeOne(t *txn, q *findRequest, c *collection, hits []hit) (bson.D, error) {
	if len(hits) == 0 {
		return modifyReply(q, bson.D{{Key: "n", Value: int32(0)}}, nil)
	}
	s, err := hits[0].stored()
	if err != nil {
		return nil, err
	}
	out, err := modifyReply(q, bson.D{{Key: "n", Value: int32(1)}}, &hits[0])
	if err != nil {
		return nil, err
	}
	return out, t.remove(c, s)
}

// modifyReply builds the reply of findAndModify.
func modifyReply(q *findRequest, last bson.D, shown *hit) (bson.D, error) {
	var value any
	if shown != nil {
		raw, err := q.output(*shown)
		if err != nil {
			return nil, err
		}
		value = raw
	}
	return bson.D{{Key: "lastErrorObject", Value: last}, {Key: "value", Value: value}}, nil
}
