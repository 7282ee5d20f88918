package embedded

import (
	"bytes"

	"go.etcd.io/bbolt"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// scan reads a plan's documents. It can pause and continue in another transaction after its last key.
type scan struct {
	plan plan
	at   int    // index of the current range
	last []byte // last key read in it, if the scan paused there; nil before the first
	seen map[string]struct{}
	done bool
}

func newScan(p plan) *scan {
	s := &scan{plan: p}
	if p.reverse {
		s.at = len(p.ranges) - 1
	}
	if p.index.multikey {
		s.seen = map[string]struct{}{}
	}
	return s
}

// run calls show for documents with their keys until show returns false or no documents are left. The bytes are valid
// only during the transaction.
func (s *scan) run(r buckets, show func(key []byte, raw bson.Raw) (more bool, err error)) error {
	cursor, docs := r.of(s.plan.index).Cursor(), r.docs.Cursor()
	ahead := lookahead{scan: s, cursor: cursor}
	for s.at >= 0 && s.at < len(s.plan.ranges) {
		for k, v := ahead.first(); k != nil; k, v = ahead.next() {
			key, raw := k, v
			if s.plan.index.number != 0 {
				key = documentKey(k, v)
				if s.repeated(key) {
					continue
				}
				raw = nil
				if found, doc := docs.Seek(key); bytes.Equal(found, key) {
					raw = doc
				}
			}
			more, err := show(key, raw)
			if err != nil || !more {
				s.last = append(s.last[:0], k...)
				return err
			}
		}
		s.last = nil
		if s.plan.reverse {
			s.at--
		} else {
			s.at++
		}
	}
	s.done = true
	return nil
}

// lookahead reads the entries of a range a few ahead and touches their values, so that the processor loads several from
// memory at the same time. It starts with one entry: most scans need few.
type lookahead struct {
	scan    *scan
	cursor  *bbolt.Cursor
	entries [16]struct{ k, v []byte }
	at, end int
	size    int
	touched byte
}

// first moves to the first entry of the scan's current range; nil if there is none.
func (l *lookahead) first() (k, v []byte) {
	l.size = 1
	k, v = l.scan.first(l.cursor)
	l.fill(k, v)
	return l.next()
}

func (l *lookahead) next() (k, v []byte) {
	if l.at == l.end {
		if l.end < l.size {
			return nil, nil
		}
		l.size = min(2*l.size, len(l.entries))
		l.fill(l.scan.next(l.cursor))
		if l.end == 0 {
			return nil, nil
		}
	}
	e := l.entries[l.at]
	l.at++
	return e.k, e.v
}

// fill reads up to size entries, beginning with k.
func (l *lookahead) fill(k, v []byte) {
	l.at, l.end = 0, 0
	for k != nil && l.scan.inside(k) {
		l.entries[l.end].k, l.entries[l.end].v = k, v
		if l.end++; l.end == l.size {
			break
		}
		k, v = l.scan.next(l.cursor)
	}
	for _, e := range l.entries[:l.end] {
		if len(e.v) > 64 {
			l.touched += e.v[0] + e.v[64]
		}
	}
}

func (s *scan) repeated(key []byte) bool {
	if s.seen == nil {
		return false
	}
	if _, ok := s.seen[string(key)]; ok {
		return true
	}
	s.seen[string(key)] = struct{}{}
	return false
}

// first moves to the first key of the range, or to the key after the last one read.
func (s *scan) first(cursor *bbolt.Cursor) (k, v []byte) {
	r := s.plan.ranges[s.at]
	if !s.plan.reverse {
		if s.last == nil {
			return cursor.Seek(r.low)
		}
		k, v = cursor.Seek(s.last)
		if bytes.Equal(k, s.last) {
			return cursor.Next()
		}
		return k, v
	}
	end := r.high
	if s.last != nil {
		end = s.last
	}
	if end == nil {
		return cursor.Last()
	}
	if k, _ = cursor.Seek(end); k == nil {
		return cursor.Last()
	}
	return cursor.Prev()
}

func (s *scan) next(cursor *bbolt.Cursor) (k, v []byte) {
	if s.plan.reverse {
		return cursor.Prev()
	}
	return cursor.Next()
}

// inside reports whether a key is within the current range.
func (s *scan) inside(k []byte) bool {
	r := s.plan.ranges[s.at]
	if s.plan.reverse {
		return bytes.Compare(k, r.low) >= 0
	}
	return r.high == nil || bytes.Compare(k, r.high) < 0
}
