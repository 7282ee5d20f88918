package embedded

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"go.etcd.io/bbolt"
)

// committer runs changes in write transactions. Changes that arrive during a sync share the next transaction, so many
// writers need few syncs; each is acknowledged only after its own sync.
type committer struct {
	db    *Database
	queue struct {
		sync.Mutex
		waiting []*change
	}
	writing sync.Mutex
	written atomic.Uint64 // transactions in the file
}

// errUnchanged rolls back a transaction that wrote nothing: it needs no sync.
var errUnchanged = errors.New("nothing was written")

// change is the work of one command. It may run twice, so it resets its results at the start.
type change struct {
	work func(t *txn) error
	done bool
	err  error
}

// write runs work in a transaction and returns when it is on disk. An error from work rolls work back.
func (c *committer) write(work func(t *txn) error) error {
	if err := c.db.waitUntilChecked(); err != nil {
		return err
	}
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
	// A batch of one, or one change of the batch failed: run each alone, so that only the failing one is rolled back.
	for _, one := range batch {
		one.err = c.run([]*change{one})
		one.done = true
	}
	return mine.err
}

// run commits a whole batch or nothing; a panic counts as a failure.
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
		if err := t.finish(); err != nil {
			return err
		}
		if !wrote(tx) {
			return errUnchanged
		}
		return nil
	})
	switch {
	case errors.Is(err, errUnchanged):
		return nil
	case err == nil:
		c.written.Add(1)
		t.committed()
	}
	return err
}

// wrote reports whether a transaction wrote anything: bbolt loads a node for each page that it changes, and commits
// nothing else.
func wrote(tx *bbolt.Tx) bool {
	stats := tx.Stats()
	return stats.GetNodeCount() > 0
}
