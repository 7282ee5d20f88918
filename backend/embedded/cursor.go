package embedded

import (
	"sync"
	"time"

	"go.etcd.io/bbolt"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// maxBatchBytes is the maximum size of a batch; a document that exceeds it starts the next batch.
const maxBatchBytes = 15 << 20

// maxReserved is the maximum memory that a batch with a limit reserves when its first document is known.
const maxReserved = 64 << 10

// cursorTimeout is the lifetime of an unused cursor (MongoDB: cursorTimeoutMillis).
const cursorTimeout = 10 * time.Minute

// source produces the documents of a cursor.
type source interface {
	// fill adds documents to b until it is full; done reports that no more documents follow.
	fill(b *batch) (done bool, err error)
}

// batch is a bounded list of documents for one reply.
type batch struct {
	docs  *query.Array
	count int
	bytes int
	limit int // 0: no limit on the number
	wait  time.Duration
}

func (b *batch) full() bool { return b.limit > 0 && b.count >= b.limit || b.bytes >= maxBatchBytes }

// fits reports whether a document may be added; the first always may.
func (b *batch) fits(doc bson.Raw) bool { return b.count == 0 || b.bytes+len(doc) <= maxBatchBytes }

// add copies a document.
func (b *batch) add(doc bson.Raw) {
	b.docs.Add(doc)
	b.count++
	b.bytes += len(doc)
}

// cursor is a result that is returned in batches.
type cursor struct {
	id     int64
	ns     string
	source source
	used   time.Time
	busy   bool
	killed bool
	awaits bool
}

// cursors holds the open cursors.
type cursors struct {
	mu   *sync.Mutex
	open map[int64]*cursor
	last int64
}

func newCursors() cursors { return cursors{mu: &sync.Mutex{}, open: map[int64]*cursor{}} }

// keep assigns an id to a cursor, and removes cursors that were idle too long.
func (cs *cursors) keep(c *cursor, now time.Time) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for id, old := range cs.open {
		if !old.busy && now.Sub(old.used) > cursorTimeout {
			delete(cs.open, id)
		}
	}
	cs.last++
	c.id, c.used = cs.last, now
	cs.open[c.id] = c
}

// take reserves a cursor for one command; give returns it.
func (cs *cursors) take(id int64) (*cursor, error) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	c := cs.open[id]
	if c == nil {
		return nil, query.Errorf(query.CursorNotFound, "cursor id %d not found", id)
	}
	if c.busy {
		return nil, query.Errorf(query.CursorInUse, "cursor id %d is already in use", id)
	}
	c.busy = true
	return c, nil
}

func (cs *cursors) give(c *cursor, finished bool, now time.Time) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	c.busy, c.used = false, now
	if finished || c.killed {
		delete(cs.open, c.id)
	}
}

// kill closes a cursor; one that is in use closes after its current reply.
func (cs *cursors) kill(id int64) bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	c := cs.open[id]
	if c == nil {
		return false
	}
	c.killed = true
	delete(cs.open, id)
	return true
}

// list is a source of documents in memory.
type list struct{ docs []bson.Raw }

func (l *list) fill(b *batch) (bool, error) {
	for len(l.docs) > 0 && !b.full() && b.fits(l.docs[0]) {
		b.add(l.docs[0])
		l.docs[0] = nil
		l.docs = l.docs[1:]
	}
	return len(l.docs) == 0, nil
}

// oneDocument is a source of one document, as the batch that holds it.
type oneDocument batch

func (o *oneDocument) fill(b *batch) (bool, error) {
	b.docs, b.count, b.bytes = o.docs, o.count, o.bytes
	return true, nil
}

// scanSource is a source that continues a scan with every batch in its own transaction: no transaction stays open
// between commands.
type scanSource struct {
	db   *Database
	q    *findRequest
	c    *collection
	scan *scan
	skip int64
	left int64 // documents left to return; negative for no limit
}

func (s *scanSource) fill(b *batch) (done bool, err error) {
	err = s.db.view(func(tx *bbolt.Tx) error {
		current, err := s.db.catalog.find(tx, s.c.ns)
		if err != nil {
			return err
		}
		if current == nil || current.id != s.c.id || current.buckets(tx).of(s.scan.plan.index) == nil {
			return query.Errorf(query.QueryPlanKilled, "the collection or the index this cursor reads was dropped: %s", s.c.ns)
		}
		var failed error
		err = s.q.hits(current.buckets(tx), s.scan, func(h hit) bool {
			if s.skip > 0 {
				s.skip--
				return true
			}
			var doc bson.Raw
			if doc, failed = s.q.projected(h); failed != nil {
				return false
			}
			if b.count == 0 && s.left > 0 && s.left*int64(len(doc)) < maxReserved {
				b.docs.Grow(int(s.left), len(doc))
			}
			b.add(doc)
			s.left--
			return s.left != 0 && !b.full()
		})
		return firstError(err, failed)
	})
	return s.scan.done || s.left == 0, err
}
