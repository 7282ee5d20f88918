package embedded

import (
	"runtime/debug"
	"time"

	"dossier/backend/query"

	"go.etcd.io/bbolt"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// sweepBatch is how many documents one transaction of a sweep removes.
const sweepBatch = 1000

// sweep removes what TTL indexes say is past its time, now and then until the database is closed.
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
		// What a sweep cannot do the next one tries again.
		for _, ns := range d.expiring() {
			for more := true; more && !d.closed(); {
				n, err := d.expire(ns)
				more = err == nil && n >= sweepBatch
			}
		}
	}
}

// expiring lists the collections with a TTL index.
func (d *Database) expiring() (out []namespace) {
	// A catalog that cannot be read is no work for a sweep: the commands that need it say so.
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

// expire removes up to a batch of a collection's documents that are past their time.
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
			for _, h := range hits {
				s, err := h.stored()
				if err != nil {
					return err
				}
				if err := t.remove(c, s); err != nil {
					return err
				}
				n++
			}
		}
		return nil
	})
	return n, err
}
