package embedded

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"go.etcd.io/bbolt"
)

// committer runs changes in write transactions. Changes that arrive during a sync share the next transaction, so many
// writers need few syncs; each is acknowledged only after its own sync. The goroutine of one of the changes commits
// for all.
type committer struct {
	db      *Database
	mu      sync.Mutex
	waiting []*change
	busy    bool          // a goroutine commits, or is about to
	written atomic.Uint64 // transactions in the file
}

// change is the work of one command. It may run twice, so it resets its results at the start.
type change struct {
	work func(t *txn) error
	wake chan struct{} // closed when the change is done, or when its goroutine must commit
	done bool
	err  error
}

// write runs work in a transaction and returns when it is on disk. An error from work rolls work back.
func (c *committer) write(work func(t *txn) error) error {
	if err := c.db.waitUntilChecked(); err != nil {
		return err
	}
	mine := &change{work: work}
	c.mu.Lock()
	c.waiting = append(c.waiting, mine)
	if c.busy {
		mine.wake = make(chan struct{})
		c.mu.Unlock()
		<-mine.wake
		if mine.done {
			return mine.err
		}
		c.mu.Lock()
	}
	c.busy = true
	batch := c.waiting
	c.waiting = nil
	c.mu.Unlock()
	c.commit(batch)
	c.finish(batch, mine)
	return mine.err
}

// finish wakes the goroutines of a batch and then one that waits, to commit the next batch.
func (c *committer) finish(batch []*change, mine *change) {
	for _, one := range batch {
		if one != mine {
			one.done = true
			close(one.wake)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy = len(c.waiting) > 0; c.busy {
		close(c.waiting[0].wake)
	}
}

// commit runs a batch in one transaction. A change that fails is rolled back: the others run again without it, and it
// runs alone, because its error may have been that of a state that another change of the batch made.
func (c *committer) commit(batch []*change) {
	for len(batch) > 1 {
		failed, err := c.run(batch)
		if err == nil {
			return
		}
		if failed < 0 {
			break // the commit failed
		}
		one := batch[failed]
		_, one.err = c.run([]*change{one})
		batch = slices.Delete(slices.Clone(batch), failed, failed+1)
	}
	for _, one := range batch {
		_, one.err = c.run([]*change{one})
	}
}

// errUnchanged rolls back a transaction that wrote nothing: it needs no sync.
var errUnchanged = errors.New("nothing was written")

// run commits a whole batch or nothing, and returns the position of the change that failed, -1 if it is the commit. A
// panic counts as a failure.
func (c *committer) run(batch []*change) (at int, err error) {
	var t *txn
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("write %s: %v", c.db.path, r)
		}
	}()
	err = c.db.bolt.Update(func(tx *bbolt.Tx) error {
		t = newTxn(c.db, tx)
		for i, one := range batch {
			at = i
			if err := one.work(t); err != nil {
				return err
			}
		}
		at = -1
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
		return -1, nil
	case err == nil:
		c.written.Add(1)
		t.committed()
	}
	return at, err
}

// wrote reports whether a transaction wrote anything: bbolt loads a node for each page that it changes, and commits
// nothing else.
func wrote(tx *bbolt.Tx) bool {
	stats := tx.Stats()
	return stats.GetNodeCount() > 0
}
