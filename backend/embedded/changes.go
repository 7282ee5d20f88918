package embedded

import (
	"encoding/binary"
	"encoding/hex"
	"sync"

	"go.etcd.io/bbolt"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// Retention limits of the change log: watchers can resume within them.
const (
	maxEvents   = 200000
	maxLogBytes = 64 << 20
)

// changeLog is the change log: numbered events, and a signal for new ones.
type changeLog struct {
	mu       sync.Mutex
	state    logState // written only by the committer, under mu
	recorded logState // the record in the file; written only by the committer
	signal   chan struct{}
}

// logState describes the events in the log. Their numbers have no gaps.
type logState struct {
	first uint64 // number of the oldest event; last+1 if there is none
	last  uint64 // number of the newest event
	bytes int
	time  uint32 // time of the newest event in seconds; event times never decrease
}

func (s logState) events() int { return int(s.last + 1 - s.first) }

// record encodes the state as it is stored in the file.
func (s logState) record() []byte {
	var b []byte
	for _, n := range []uint64{s.first, s.last, uint64(s.bytes), uint64(s.time)} {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	return b
}

// readRecord returns the recorded state; ok is false if it is missing or does not describe the log: an earlier version
// adds events and keeps no record.
func readRecord(tx *bbolt.Tx) (s logState, ok bool) {
	b := tx.Bucket(bucketState)
	if b == nil {
		return s, false
	}
	r := b.Get(keyLogState)
	if len(r) != 32 {
		return s, false
	}
	s = logState{first: binary.BigEndian.Uint64(r), last: binary.BigEndian.Uint64(r[8:]),
		bytes: int(binary.BigEndian.Uint64(r[16:])), time: uint32(binary.BigEndian.Uint64(r[24:]))}
	log := tx.Bucket(bucketLog)
	oldest, newest := s.last+1, s.last
	if k, _ := log.Cursor().First(); len(k) == 8 {
		oldest = binary.BigEndian.Uint64(k)
	}
	if k, _ := log.Cursor().Last(); len(k) == 8 {
		newest = binary.BigEndian.Uint64(k)
	}
	return s, s.last == log.Sequence() && s.last == newest && s.first == oldest
}

// read loads the state from the record, or else from all events.
func (l *changeLog) read(tx *bbolt.Tx) (err error) {
	l.signal = make(chan struct{})
	if s, ok := readRecord(tx); ok {
		l.state, l.recorded = s, s
		return nil
	}
	l.state, err = countEvents(tx.Bucket(bucketLog))
	return err
}

func countEvents(b *bbolt.Bucket) (logState, error) {
	s := logState{last: b.Sequence(), first: b.Sequence() + 1}
	var newest bson.Raw
	err := b.ForEach(func(k, v []byte) error {
		if newest == nil {
			s.first = binary.BigEndian.Uint64(k)
		}
		s.bytes += len(v)
		newest = v
		return nil
	})
	if err != nil || newest == nil {
		return s, err
	}
	at, _, err := query.Field(newest, "clusterTime")
	if ts, is := at.(bson.Timestamp); is {
		s.time = ts.T
	}
	return s, err
}

// recordLog stores the state of the log when the record in the file differs.
func (t *txn) recordLog() error {
	if t.logged == t.db.log.recorded {
		return nil
	}
	b, err := t.tx.CreateBucketIfNotExists(bucketState)
	if err != nil {
		return err
	}
	return b.Put(keyLogState, t.logged.record())
}

// advance publishes the events of a committed transaction.
func (l *changeLog) advance(to logState) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if to.last != l.state.last {
		close(l.signal)
		l.signal = make(chan struct{})
	}
	l.state, l.recorded = to, to
}

// watch returns the number of the newest event and a channel that is closed when a newer one exists.
func (l *changeLog) watch() (last uint64, newer <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state.last, l.signal
}

// token returns the resume token of an event.
func token(n uint64) bson.D {
	return bson.D{{Key: "_data", Value: hex.EncodeToString(binary.BigEndian.AppendUint64(nil, n))}}
}

// readToken returns the event number of a resume token.
func readToken(v any) (uint64, error) {
	d, _ := v.(bson.D)
	data, _ := query.Get(d, "_data")
	s, _ := data.(string)
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != 8 {
		return 0, query.Errorf(query.BadValue, "the resume token %s is not one of this database", query.Format(v))
	}
	return binary.BigEndian.Uint64(b), nil
}

func (t *txn) logInsert(c *collection, s stored) error {
	return t.logEvent("insert", c.ns, bson.D{{Key: "fullDocument", Value: s.raw},
		{Key: "documentKey", Value: documentKeyOf(s)}})
}

func (t *txn) logDelete(c *collection, s stored) error {
	return t.logEvent("delete", c.ns, bson.D{{Key: "documentKey", Value: documentKeyOf(s)}})
}

func (t *txn) logUpdate(c *collection, old, new stored, whole bool) error {
	if whole {
		return t.logEvent("replace", c.ns, bson.D{{Key: "fullDocument", Value: new.raw},
			{Key: "documentKey", Value: documentKeyOf(new)}})
	}
	return t.logEvent("update", c.ns, bson.D{
		{Key: "documentKey", Value: documentKeyOf(new)}, {Key: "updateDescription", Value: query.Describe(old.doc, new.doc)}})
}

func documentKeyOf(s stored) bson.D { return bson.D{{Key: "_id", Value: idOf(s.doc)}} }

// logEvent stores an event in the format of a change stream.
func (t *txn) logEvent(operation string, ns namespace, more bson.D) error {
	b := t.tx.Bucket(bucketLog)
	b.FillPercent = 0.95 // events are appended: a full page needs no place for more
	n, err := b.NextSequence()
	if err != nil {
		return err
	}
	t.logged.time = max(t.logged.time, uint32(t.now/1000))
	names := bson.D{{Key: "db", Value: ns.db}}
	if ns.coll != "" {
		names = append(names, bson.E{Key: "coll", Value: ns.coll})
	}
	event := append(bson.D{
		{Key: "_id", Value: token(n)}, {Key: "operationType", Value: operation},
		{Key: "clusterTime", Value: bson.Timestamp{T: t.logged.time, I: uint32(n)}}, {Key: "wallTime", Value: t.now},
		{Key: "ns", Value: names},
	}, more...)
	raw, err := query.Encode(event)
	if err != nil {
		return err
	}
	t.logged.last = n
	t.logged.bytes += len(raw)
	return b.Put(binary.BigEndian.AppendUint64(nil, n), raw)
}

// trimLog removes the oldest events, a tenth at a time so that it runs rarely.
func (t *txn) trimLog() error {
	if t.logged.events() <= maxEvents && t.logged.bytes <= maxLogBytes {
		return nil
	}
	b := t.tx.Bucket(bucketLog)
	cursor := b.Cursor()
	var old [][]byte
	for k, v := cursor.First(); k != nil && (t.logged.events() > maxEvents*9/10 || t.logged.bytes > maxLogBytes*9/10); k,
		v = cursor.Next() {
		t.logged.first++
		t.logged.bytes -= len(v)
		old = append(old, k)
	}
	for _, k := range old {
		if err := b.Delete(k); err != nil {
			return err
		}
	}
	return nil
}
