package embedded

import (
	"encoding/binary"
	"time"

	"go.etcd.io/bbolt"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// changeStream is a change stream: the log's events of a namespace from a position on, through a pipeline. Between
// batches it holds only that position.
type changeStream struct {
	db       *Database
	ns       namespace // coll is "" for a database; db is also "" for all databases
	at       uint64    // number of the last event read
	lookup   bool      // updates include the current document
	pipeline *query.Pipeline
	over     bool // the collection was dropped
}

// watch runs a pipeline that starts with $changeStream.
func (r *request) watch(operand any, rest bson.A, o cursorOptions) (bson.D, error) {
	w := &changeStream{db: r.db, ns: namespace{db: r.database}}
	spec, _ := operand.(bson.D)
	if _, number := query.WholeNumber(r.args[0].Value); !number {
		ns, err := r.collection()
		if err != nil {
			return nil, err
		}
		w.ns = ns
	}
	if all, _ := query.Get(spec, "allChangesForCluster"); all == true {
		w.ns = namespace{}
	}
	env, err := r.env()
	if err != nil {
		return nil, err
	}
	if w.pipeline, err = query.ParsePipeline(rest, env); err != nil {
		return nil, err
	}
	w.at, _ = r.db.log.watch()
	if err := w.read(spec); err != nil {
		return nil, err
	}
	coll := w.ns.coll
	if coll == "" {
		coll = "$cmd.aggregate"
	}
	o.awaits = true
	return r.open(r.database+"."+coll, w, o)
}

// read parses the options of $changeStream.
func (w *changeStream) read(spec bson.D) error {
	for _, e := range spec {
		var err error
		switch e.Key {
		case "fullDocument":
			err = w.readFullDocument(e.Value)
		case "fullDocumentBeforeChange":
			if e.Value != "off" && e.Value != "whenAvailable" {
				err = query.Errorf(query.NotImplemented,
					"$changeStream: fullDocumentBeforeChange '%v' is not supported by the embedded database", e.Value)
			}
		case "resumeAfter", "startAfter":
			if w.at, err = readToken(e.Value); err == nil {
				err = w.reachable()
			}
		case "startAtOperationTime":
			if ts, is := e.Value.(bson.Timestamp); is {
				err = w.seek(ts)
			} else {
				err = query.Errorf(query.TypeMismatch,
					"BSON field '$changeStream.startAtOperationTime' is the wrong type '%s', expected type 'timestamp'",
					query.TypeName(e.Value))
			}
		case "allChangesForCluster":
		case "showExpandedEvents":
			if hasEffect(e) {
				err = query.Errorf(query.NotImplemented,
					"$changeStream: showExpandedEvents is not supported by the embedded database")
			}
		default:
			err = query.Errorf(40415, "BSON field '$changeStream.%s' is an unknown field.", e.Key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *changeStream) readFullDocument(v any) error {
	switch v {
	case "default", "whenAvailable":
	case "updateLookup":
		w.lookup = true
	case "required":
		return query.Errorf(query.NotImplemented,
			"$changeStream: fullDocument 'required' is not supported by the embedded database; 'updateLookup' is")
	default:
		return query.Errorf(query.BadValue, "Enumeration value '%v' for field '$changeStream.fullDocument' is not a valid "+
			"value.", v)
	}
	return nil
}

// reachable returns an error if the log no longer contains the next events.
func (w *changeStream) reachable() error {
	return w.db.view(func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucketLog)
		if w.at > b.Sequence() {
			return query.Errorf(query.ChangeStreamFatalError, "the resume token is of another database: no such event yet")
		}
		return w.checkHistory(b.Cursor())
	})
}

func (w *changeStream) checkHistory(cursor *bbolt.Cursor) error {
	k, _ := cursor.First()
	if k != nil && binary.BigEndian.Uint64(k) > w.at+1 {
		return query.Errorf(query.ChangeStreamHistoryLost,
			"Resume of change stream was not possible, as the resume point may no longer be in the oplog.")
	}
	return nil
}

// seek moves to the first event at or after a time.
func (w *changeStream) seek(from bson.Timestamp) error {
	return w.db.view(func(tx *bbolt.Tx) error {
		cursor := tx.Bucket(bucketLog).Cursor()
		for k, v := cursor.First(); k != nil; k, v = cursor.Next() {
			at, _, err := query.Field(v, "clusterTime")
			if err != nil {
				return err
			}
			if query.Compare(at, from) >= 0 {
				w.at = binary.BigEndian.Uint64(k) - 1
				return nil
			}
		}
		return nil
	})
}

// position returns the resume token of the current position.
func (w *changeStream) position() bson.D { return token(w.at) }

// fill adds available events; if there are none it waits for the next without a transaction, up to the batch's wait
// time.
func (w *changeStream) fill(b *batch) (done bool, err error) {
	var timeout <-chan time.Time
	for {
		last, newer := w.db.log.watch()
		if last > w.at {
			if err := w.collect(b); err != nil || w.over || b.count > 0 {
				return w.over, err
			}
		}
		if b.wait <= 0 {
			return false, nil
		}
		if timeout == nil {
			timer := time.NewTimer(b.wait)
			defer timer.Stop()
			timeout = timer.C
		}
		select {
		case <-newer:
		case <-timeout:
			return false, nil
		case <-w.db.done:
			return true, query.Errorf(query.InterruptedAtShutdown, "interrupted at shutdown")
		}
	}
}

// collect reads the log from the current position until the batch is full.
func (w *changeStream) collect(b *batch) error {
	return w.db.view(func(tx *bbolt.Tx) error {
		cursor := tx.Bucket(bucketLog).Cursor()
		if err := w.checkHistory(cursor); err != nil {
			return err
		}
		for k, v := cursor.Seek(binary.BigEndian.AppendUint64(nil, w.at+1)); k != nil && !b.full() && !w.over; k,
			v = cursor.Next() {
			event, err := query.Decode(v)
			if err != nil {
				return err
			}
			if err := w.show(tx, b, event); err != nil {
				return err
			}
			w.at = binary.BigEndian.Uint64(k)
		}
		return nil
	})
}

// show adds an event of the watched namespace that passes the pipeline. The drop of a watched collection is an event.
func (w *changeStream) show(tx *bbolt.Tx, b *batch, event bson.D) error {
	ns, _ := query.Get(event, "ns")
	names, _ := ns.(bson.D)
	db, _ := query.Get(names, "db")
	coll, _ := query.Get(names, "coll")
	if w.ns.db != "" && w.ns.db != db || w.ns.coll != "" && w.ns.coll != coll {
		return nil
	}
	kind, _ := query.Get(event, "operationType")
	if kind == "dropDatabase" && w.ns.coll != "" {
		return nil
	}
	if kind == "update" && w.lookup {
		full, err := w.current(tx, db, coll, event)
		if err != nil {
			return err
		}
		event = append(event, bson.E{Key: "fullDocument", Value: full})
	}
	if err := w.pass(b, event); err != nil {
		return err
	}
	if kind == "drop" && w.ns.coll != "" || kind == "dropDatabase" && w.ns.db != "" {
		w.over = true
		return w.pass(b, bson.D{event[0], {Key: "operationType", Value: "invalidate"}, event[2], event[3]})
	}
	return nil
}

// current returns the current document of an update; nil if it was deleted.
func (w *changeStream) current(tx *bbolt.Tx, db, coll any, event bson.D) (any, error) {
	database, _ := db.(string)
	name, _ := coll.(string)
	c, err := w.db.catalog.find(tx, namespace{database, name})
	if err != nil || c == nil {
		return nil, err
	}
	of, _ := query.Get(event, "documentKey")
	key, _ := of.(bson.D)
	raw := c.buckets(tx).docs.Get(query.AppendKey(nil, idOf(key), false))
	if raw == nil {
		return nil, nil
	}
	return query.Decode(raw)
}

func (w *changeStream) pass(b *batch, event bson.D) error {
	out := func(yield func(bson.D, error) bool) { yield(event, nil) }
	for doc, err := range w.pipeline.Run(out) {
		if err != nil {
			return err
		}
		if _, ok := query.Get(doc, "_id"); !ok {
			return query.Errorf(query.ChangeStreamFatalError,
				"Encountered an event whose _id field, which contains the resume token, was modified by the pipeline. Modifying "+
					"the _id field of an event makes it impossible to resume the stream from that point. Only transformations that "+
					"retain the unmodified _id field are allowed.")
		}
		raw, err := query.Encode(doc)
		if err != nil {
			return err
		}
		b.add(raw)
	}
	return nil
}
