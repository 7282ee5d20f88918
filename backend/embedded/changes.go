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
	mu     sync.Mutex
	state  logState // written only by the committer, under mu
	signal chan struct{}
}

// logState is the end of the log.
type logState struct {
	last   uint64 // number of the newest event
	events int
	bytes  int
	time   uint32 // time of the newest event in seconds; event times never decrease
}

// read loads the state from the file.
func (l *changeLog) read(tx *bbolt.Tx) error {
	l.signal = make(chan struct{})
	b := tx.Bucket(bucketLog)
	l.state.last = b.Sequence()
	var newest bson.Raw
	err := b.ForEach(func(_, v []byte) error {
		l.state.events++
		l.state.bytes += len(v)
		newest = v
		return nil
	})
	if err != nil || newest == nil {
		return err
	}
	at, _, err := query.Field(newest, "clusterTime")
	if ts, is := at.(bson.Timestamp); is {
		l.state.time = ts.T
	}
	return err
}

// advance publishes the events of a committed transaction.
func (l *changeLog) advance(to logState) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if to.last != l.state.last {
		close(l.signal)
		l.signal = make(chan struct{})
	}
	l.state = to
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
	t.logged.events++
	t.logged.bytes += len(raw)
	return b.Put(binary.BigEndian.AppendUint64(nil, n), raw)
}

// trimLog removes the oldest events, a tenth at a time so that it runs rarely.
func (t *txn) trimLog() error {
	if t.logged.events <= maxEvents && t.logged.bytes <= maxLogBytes {
		return nil
	}
	b := t.tx.Bucket(bucketLog)
	cursor := b.Cursor()
	var old [][]byte
	for k, v := cursor.First(); k != nil && (t.logged.events > maxEvents*9/10 || t.logged.bytes > maxLogBytes*9/10); k,
		v = cursor.Next() {
		t.logged.events--
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
