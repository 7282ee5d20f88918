package embedded

import (
	"bytes"
	"encoding/binary"
	"strings"

	"go.etcd.io/bbolt"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// txn is a write transaction: documents, index entries and change events, all or nothing.
type txn struct {
	db     *Database
	tx     *bbolt.Tx
	now    bson.DateTime
	logged logState
	counts map[namespace]*countChange
}

type countChange struct {
	c *collection
	n int64
}

func newTxn(db *Database, tx *bbolt.Tx) *txn {
	return &txn{db: db, tx: tx, now: bson.NewDateTimeFromTime(db.now()), logged: db.log.state,
		counts: map[namespace]*countChange{}}
}

// finish writes what is deferred to the end: document counts, the trimming of the log, and the record of its state.
func (t *txn) finish() error {
	for _, change := range t.counts {
		if err := t.settle(change); err != nil {
			return err
		}
	}
	if err := t.trimLog(); err != nil {
		return err
	}
	return t.recordLog()
}

func (t *txn) settle(change *countChange) error {
	n := change.n
	change.n = 0
	if n == 0 {
		return nil
	}
	return change.c.buckets(t.tx).addCount(n)
}

// committed publishes a transaction that is on disk.
func (t *txn) committed() { t.db.log.advance(t.logged) }

func (t *txn) counted(c *collection, n int64) {
	change := t.counts[c.ns]
	if change == nil {
		change = &countChange{c: c}
		t.counts[c.ns] = change
	}
	change.n += n
}

// find returns the collection, or nil.
func (t *txn) find(ns namespace) (*collection, error) { return t.db.catalog.find(t.tx, ns) }

// findOrCreate returns the collection and creates it if necessary.
func (t *txn) findOrCreate(ns namespace) (*collection, error) {
	c, err := t.find(ns)
	if err != nil || c != nil {
		return c, err
	}
	if err := ns.check(); err != nil {
		return nil, err
	}
	return createCollection(t.tx, ns, bson.D{})
}

// stored is a document with its key and encoding.
type stored struct {
	key []byte // key in the document bucket
	doc bson.D
	raw bson.Raw
}

func newStored(doc bson.D, raw bson.Raw) (stored, error) {
	id, ok := query.Get(doc, "_id")
	if !ok {
		return stored{}, query.Errorf(query.InvalidIDField, "The document has no '_id' field")
	}
	switch id.(type) {
	case bson.A, bson.Regex, bson.Undefined:
		return stored{}, query.Errorf(query.InvalidIDField, "The '_id' value cannot be of type %s", query.TypeName(id))
	}
	if len(raw) > maxDocument {
		return stored{}, query.Errorf(query.BSONObjectTooLarge, "object to insert too large. size in bytes: %d, max size: %d",
			len(raw), maxDocument)
	}
	if err := query.CheckDepth(doc); err != nil {
		return stored{}, err
	}
	key := query.AppendKey(nil, id, false)
	if err := checkKey(key); err != nil {
		return stored{}, err
	}
	return stored{key: key, doc: doc, raw: raw}, nil
}

// maxKey is the maximum length of a key: half of bbolt's limit, because an index entry holds a key and an _id.
const maxKey = bbolt.MaxKeySize/2 - 16

func checkKey(key []byte) error {
	if len(key) > maxKey {
		return query.Errorf(query.KeyTooLong, "key too large to index: %d bytes, at most %d", len(key), maxKey)
	}
	return nil
}

// insert adds a new document. All checks run before the first write.
func (t *txn) insert(c *collection, s stored) error {
	r := c.buckets(t.tx)
	if r.docs.Get(s.key) != nil {
		return duplicateKey(c, c.indexes[0], query.IndexKey{idOf(s.doc)})
	}
	if err := t.put(r, s, nil); err != nil {
		return err
	}
	t.counted(c, 1)
	return t.logInsert(c, s)
}

// replace stores a changed document in place of the old one; both have the same _id.
func (t *txn) replace(c *collection, old, new stored, whole bool) error {
	if err := t.put(c.buckets(t.tx), new, &old); err != nil {
		return err
	}
	return t.logUpdate(c, old, new, whole)
}

// removeAll deletes the documents that a request found.
func (t *txn) removeAll(c *collection, hits []hit) error {
	for _, h := range hits {
		s, err := h.stored()
		if err != nil {
			return err
		}
		if err := t.remove(c, s); err != nil {
			return err
		}
	}
	return nil
}

// remove deletes a document.
func (t *txn) remove(c *collection, s stored) error {
	r := c.buckets(t.tx)
	for _, x := range c.indexes[1:] {
		entries, _, err := x.entries(s)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := r.of(x).Delete(e.key); err != nil {
				return err
			}
		}
	}
	if err := r.docs.Delete(s.key); err != nil {
		return err
	}
	t.counted(c, -1)
	return t.logDelete(c, s)
}

// put writes a document and updates its index entries.
func (t *txn) put(r buckets, s stored, old *stored) error {
	if err := r.c.validate(s.doc); err != nil {
		return err
	}
	type move struct {
		x         *index
		gone, add []entry
	}
	var moves []move
	var nowMultikey []*index
	for _, x := range r.c.indexes[1:] {
		if old != nil && x.sameFields(old.doc, s.doc) {
			continue
		}
		add, multikey, err := x.entries(s)
		if err != nil {
			return err
		}
		var gone []entry
		if old != nil {
			if gone, _, err = x.entries(*old); err != nil {
				return err
			}
			gone, add = diffEntries(gone, add)
		}
		if err := x.checkUnique(r, s, add); err != nil {
			return err
		}
		if multikey && !x.multikey {
			nowMultikey = append(nowMultikey, x)
		}
		moves = append(moves, move{x, gone, add})
	}
	if err := t.markMultikey(r.c, nowMultikey); err != nil {
		return err
	}
	for _, m := range moves {
		b := r.of(m.x)
		for _, e := range m.gone {
			if err := b.Delete(e.key); err != nil {
				return err
			}
		}
		for _, e := range m.add {
			if err := b.Put(e.key, e.split()); err != nil {
				return err
			}
		}
	}
	return r.docs.Put(s.key, s.raw)
}

func (c *collection) validate(doc bson.D) error {
	if c.validator == nil || c.validator.Match(doc) {
		return nil
	}
	e := query.Errorf(query.DocumentValidationFailure, "Document failed validation")
	e.Info = bson.D{{Key: "errInfo", Value: bson.D{{Key: "failingDocumentId", Value: idOf(doc)}}}}
	return e
}

// markMultikey records that an index contains arrays, so that the planner does not assume one entry per document.
func (t *txn) markMultikey(c *collection, indexes []*index) error {
	if len(indexes) == 0 {
		return nil
	}
	current, err := t.find(c.ns)
	if err != nil {
		return err
	}
	changed := current.with(append([]*index{}, current.indexes...))
	updated := false
	for i, x := range changed.indexes {
		for _, m := range indexes {
			if x.number == m.number && !x.multikey {
				copied := *x
				copied.multikey = true
				changed.indexes[i] = &copied
				updated = true
			}
		}
	}
	if !updated {
		return nil
	}
	return changed.save(t.tx)
}

func idOf(doc bson.D) any {
	id, _ := query.Get(doc, "_id")
	return id
}

// entry is one key of an index: the values, then the document's key.
type entry struct {
	key    []byte
	values int // length of the values in key
	of     query.IndexKey
}

// split returns the value of an entry: the offset of the document's key.
func (e entry) split() []byte { return binary.BigEndian.AppendUint16(nil, uint16(e.values)) }

// documentKey extracts the document's key from an index entry.
func documentKey(key, value []byte) []byte {
	if len(value) != 2 {
		return nil
	}
	at := int(binary.BigEndian.Uint16(value))
	if at > len(key) {
		return nil
	}
	return key[at:]
}

// entries returns the distinct index entries of a document.
func (x *index) entries(s stored) (out []entry, multikey bool, err error) {
	if x.partial != nil && !x.partial.Match(s.doc) {
		return nil, false, nil
	}
	keys, multikey, present, err := query.IndexKeys(s.doc, x.paths)
	if err != nil || x.sparse && !present {
		return nil, multikey, err
	}
	for _, values := range keys {
		var key []byte
		for i, v := range values {
			key = query.AppendKey(key, v, x.down[i])
		}
		if err := checkKey(key); err != nil {
			return nil, multikey, err
		}
		e := entry{values: len(key), of: values}
		e.key = append(key, s.key...)
		if !containsKey(out, e.key) {
			out = append(out, e)
		}
	}
	return out, multikey, nil
}

// sameFields reports whether two documents have equal values in the top-level fields of the index, and so the same
// entries.
func (x *index) sameFields(old, new bson.D) bool {
	if x.partial != nil {
		return false
	}
	for _, path := range x.paths {
		top, _, _ := strings.Cut(path, ".")
		before, had := query.Get(old, top)
		after, has := query.Get(new, top)
		if had != has || had && !query.Equal(before, after) {
			return false
		}
	}
	return true
}

func containsKey(entries []entry, key []byte) bool {
	for _, e := range entries {
		if bytes.Equal(e.key, key) {
			return true
		}
	}
	return false
}

// diffEntries returns the entries that are only in old and only in new.
func diffEntries(old, new []entry) (gone, add []entry) {
	for _, e := range old {
		if !containsKey(new, e.key) {
			gone = append(gone, e)
		}
	}
	for _, e := range new {
		if !containsKey(old, e.key) {
			add = append(add, e)
		}
	}
	return gone, add
}

// checkUnique returns an error if another document has the same values.
func (x *index) checkUnique(r buckets, s stored, add []entry) error {
	if !x.unique || len(add) == 0 {
		return nil
	}
	cursor := r.of(x).Cursor()
	for _, e := range add {
		prefix := e.key[:e.values]
		for k, v := cursor.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, v = cursor.Next() {
			if !bytes.Equal(documentKey(k, v), s.key) {
				return duplicateKey(r.c, x, e.of)
			}
		}
	}
	return nil
}

func duplicateKey(c *collection, x *index, values query.IndexKey) error {
	value := bson.D{}
	for i, v := range values {
		value = append(value, bson.E{Key: x.paths[i], Value: v})
	}
	e := query.Errorf(query.DuplicateKey, "E11000 duplicate key error collection: %s index: %s dup key: %s", c.ns, x.name,
		query.Format(value))
	e.Info = bson.D{{Key: "keyPattern", Value: x.keys}, {Key: "keyValue", Value: value}}
	return e
}
