package embedded

import (
	"fmt"
	"sync"

	"go.etcd.io/bbolt"
)

// committer runs changes in write transactions. Changes that arrive while one is being synced share the next, so
// many writers cost few syncs; each is acknowledged only after its own sync.
type committer struct {
	db    *Database
	queue struct {
		sync.Mutex
		waiting []*change
	}
	writing sync.Mutex
}

// change is one command's work. It may be run twice, so it sets its results anew each time.
type change struct {
	work func(t *txn) error
	done bool
	err  error
}

// write runs work in a transaction and returns when it is on disk. An error of work takes back what work did.
func (c *committer) write(work func(t *txn) error) error {
	mine := &change{work: work}
	c.queue.Lock()
	c.queue.waiting = append(c.queue.waiting, mine)
	c.queue.Unlock()

	c.writing.Lock()
	defer c.writing.Unlock()
	if mine.done {
		return mine.err
	}
	c.queue.Lock()
	batch := c.queue.waiting
	c.queue.waiting = nil
	c.queue.Unlock()

	if len(batch) > 1 && c.run(batch) == nil {
		for _, other := range batch {
			other.done = true
		}
		return nil
	}
	// Alone, or one of the batch failed: each on its own, so that only the failing one is taken back.
	for _, one := range batch {
		one.err = c.run([]*change{one})
		one.done = true
	}
	return mine.err
}

// run commits all of a batch or nothing; a panic counts as a failure.
func (c *committer) run(batch []*change) (err error) {
	var t *txn
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("write %s: %v", c.db.path, r)
		}
	}()
	err = c.db.bolt.Update(func(tx *bbolt.Tx) error {
		t = newTxn(c.db, tx)
		for _, one := range batch {
			if err := one.work(t); err != nil {
				return err
			}
		}
		return t.finish()
	})
	if err == nil {
		t.committed()
	}
	return err
}
