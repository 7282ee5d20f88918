package embedded

import (
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// sweepBatch is the number of documents removed per transaction.
const sweepBatch = 1000

// sweep removes expired documents of TTL indexes, and then releases memory, periodically until the database is closed.
func (d *Database) sweep(every time.Duration) {
	debug.SetPanicOnFault(true)
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-d.done:
			return
		case <-ticker.C:
		}
		// The next sweep retries failures.
		for _, ns := range d.expiring() {
			for more := true; more && !d.closed(); {
				n, err := d.expire(ns)
				more = err == nil && n >= sweepBatch
			}
		}
		d.release()
	}
}

// expiring lists the collections with a TTL index.
func (d *Database) expiring() (out []namespace) {
	// A sweep ignores an unreadable catalog: the commands that need it return the error.
	_ = d.view(func(tx *bbolt.Tx) error {
		for _, ns := range names(tx, "") {
			c, err := d.catalog.find(tx, ns)
			if err != nil {
				return err
			}
			for _, x := range c.indexes {
				if x.expires {
					out = append(out, ns)
					break
				}
			}
		}
		return nil
	})
	return out
}

// expire removes up to one batch of expired documents of a collection.
func (d *Database) expire(ns namespace) (n int, err error) {
	err = d.commits.write(func(t *txn) error {
		n = 0
		c, err := t.find(ns)
		if err != nil || c == nil {
			return err
		}
		for _, x := range c.indexes {
			if !x.expires {
				continue
			}
			before := t.now - bson.DateTime(x.seconds*1000)
			filter := bson.D{{Key: x.paths[0], Value: bson.D{{Key: "$lte", Value: before}}}}
			q := &findRequest{ns: ns, limit: sweepBatch, now: d.now, hint: x.name}
			if q.filter, err = query.ParseFilter(filter, query.Env{}); err != nil {
				return err
			}
			hits, err := q.all(t.tx, c)
			if err != nil {
				return err
			}
			if err := t.removeAll(c, hits); err != nil {
				return err
			}
			n += len(hits)
		}
		return nil
	})
	return n, err
}
