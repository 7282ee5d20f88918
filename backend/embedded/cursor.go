package embedded

import (
	"sync"
	"time"

	"dossier/backend/query"

	"go.etcd.io/bbolt"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// maxBatchBytes is how large a batch may grow; the document that would go beyond waits for the next.
const maxBatchBytes = 15 << 20

// idleCursor is how long a cursor nobody asks lives (MongoDB: cursorTimeoutMillis).
const idleCursor = 10 * time.Minute

// source is where a cursor's documents come from.
type source interface {
	// fill adds documents to b until it is full; done tells that there are no more.
	fill(b *batch) (done bool, err error)
}

// batch is a bounded list of documents for one reply.
type batch struct {
	docs  []bson.Raw
	bytes int
	limit int // 0 for as many as fit
	wait  time.Duration
}

func (b *batch) full() bool { return b.limit > 0 && len(b.docs) >= b.limit || b.bytes >= maxBatchBytes }

// fits tells whether a document may be added; the first always may.
func (b *batch) fits(doc bson.Raw) bool { return len(b.docs) == 0 || b.bytes+len(doc) <= maxBatchBytes }

func (b *batch) add(doc bson.Raw) {
	b.docs = append(b.docs, doc)
	b.bytes += len(doc)
}

// cursor is a result that is handed out in batches.
type cursor struct {
	id     int64
	ns     string
	source source
	used   time.Time
	busy   bool
	killed bool
	awaits bool
}

// cursors are the open ones.
type cursors struct {
	mu   *sync.Mutex
	open map[int64]*cursor
	last int64
}

func newCursors() cursors { return cursors{mu: &sync.Mutex{}, open: map[int64]*cursor{}} }

// keep gives a cursor an id, and forgets those idle too long.
func (cs *cursors) keep(c *cursor, now time.Time) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for id, old := range cs.open {
		if !old.busy && now.Sub(old.used) > idleCursor {
			delete(cs.open, id)
		}
	}
	cs.last++
	c.id, c.used = cs.last, now
	cs.open[c.id] = c
}

// take hands a cursor to one command; give hands it back.
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

// kill ends a cursor; one that is being asked ends after its answer.
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

// list is a source of documents that are all at hand.
type list struct{ docs []bson.Raw }

func (l *list) fill(b *batch) (bool, error) {
	for len(l.docs) > 0 && !b.full() && b.fits(l.docs[0]) {
		b.add(l.docs[0])
		l.docs[0] = nil
		l.docs = l.docs[1:]
	}
	return len(l.docs) == 0, nil
}

// reading is a source that goes on scanning with every batch, in a transaction of its own: no transaction is held
// open between two commands.
type reading struct {
	db   *Database
	q    *findRequest
	c    *collection
	scan *scan
	skip int64
	left int64 // documents to give; negative for all
}

func (s *reading) fill(b *batch) (done bool, err error) {
	err = s.db.view(func(tx *bbolt.Tx) error {
		current, err := s.db.catalog.find(tx, s.c.ns)
		if err != nil {
			return err
		}
		if current == nil || current.id != s.c.id || current.rooms(tx).of(s.scan.plan.index) == nil {
			return query.Errorf(query.QueryPlanKilled, "the collection or the index this cursor reads was dropped: %s", s.c.ns)
		}
		var failed error
		err = s.q.hits(current.rooms(tx), s.scan, func(h hit) bool {
			if s.skip > 0 {
				s.skip--
				return true
			}
			var doc bson.Raw
			if doc, failed = s.q.output(h); failed != nil {
				return false
			}
			b.add(doc)
			s.left--
			return s.left != 0 && !b.full()
		})
		return firstError(err, failed)
	})
	return s.scan.done || s.left == 0, err
}
