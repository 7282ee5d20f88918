package embedded

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"dossier/backend/query"
)

// maxCheckedAtOpen is the size of the largest file that Open checks completely if it was not closed properly.
const maxCheckedAtOpen = 16 << 20

// A file that was closed properly is checked again when checkEvery has passed since the last check and the process has
// had it open for checkDelay. checkPause is the pause between two steps of a check.
const (
	checkEvery = 24 * time.Hour
	checkDelay = time.Minute
	checkPause = 5 * time.Millisecond
)

// checkTries is the number of attempts at a check in a file that changes: pages of an earlier state are overwritten.
const checkTries = 5

// integrity is what is known about the file's content.
type integrity struct {
	damage  atomic.Pointer[DamagedError] // found after Open; nil: none
	checked chan struct{}                // closed by allowChanges
	waiting atomic.Int64                 // changes that wait for checked
	at      atomic.Int64                 // time of the last complete check in Unix seconds; 0: unknown
}

// allowChanges lets commands change the file, or fail when damage was found.
func (i *integrity) allowChanges() { close(i.checked) }

func (i *integrity) isChecked() bool {
	select {
	case <-i.checked:
		return i.damage.Load() == nil
	default:
		return false
	}
}

// waitUntilChecked blocks a change while a file that was not closed properly is checked.
func (d *Database) waitUntilChecked() error {
	d.integrity.waiting.Add(1)
	defer d.integrity.waiting.Add(-1)
	select {
	case <-d.integrity.checked:
	case <-d.done:
		return query.Errorf(query.InterruptedAtShutdown, "interrupted at shutdown")
	}
	if damage := d.integrity.damage.Load(); damage != nil {
		return damage
	}
	return nil
}

// cleanShutdownPath is the path of the record that Close writes beside the file: the state of the file as it was
// closed. While it describes the file, the file needs no check at open. A lost or invalid record only causes a check.
func cleanShutdownPath(path string) string { return path + ".clean" }

// cleanShutdown is the state of a closed file: its size and modification time, and the number and the sum of its last
// transaction.
type cleanShutdown struct {
	size, modified int64
	txid, sum      uint64
}

func stateOf(f *os.File) (c cleanShutdown, err error) {
	info, err := f.Stat()
	if err != nil {
		return c, err
	}
	meta, err := newestMeta(f)
	return cleanShutdown{info.Size(), info.ModTime().UnixNano(), meta.txid, meta.sum}, err
}

const cleanShutdownFormat = "1 %d %d %d %d %d\n" // version, the fields of cleanShutdown, time of the last check

// readCleanShutdown returns the record and the time of the last complete check.
func readCleanShutdown(path string) (c cleanShutdown, checked int64) {
	b, err := os.ReadFile(cleanShutdownPath(path))
	if err != nil {
		return cleanShutdown{}, 0
	}
	if _, err := fmt.Sscanf(string(b), cleanShutdownFormat, &c.size, &c.modified, &c.txid, &c.sum, &checked); err != nil {
		return cleanShutdown{}, 0
	}
	return c, checked
}

// recordCleanShutdown writes the record of a file that is about to be closed, unless it is there. An error only causes
// a check at the next open.
func (d *Database) recordCleanShutdown() {
	if !d.integrity.isChecked() {
		return
	}
	now, err := stateOf(d.file)
	checked := d.integrity.at.Load()
	if before, at := readCleanShutdown(d.path); err != nil || before == now && at == checked {
		return
	}
	text := fmt.Sprintf(cleanShutdownFormat, now.size, now.modified, now.txid, now.sum, checked)
	if os.WriteFile(cleanShutdownPath(d.path), []byte(text), 0o600) != nil {
		os.Remove(cleanShutdownPath(d.path))
	}
}

// Rename moves a closed database file with the record of its clean shutdown. A file whose record cannot be moved is
// checked when it is opened.
func Rename(oldPath, newPath string) error {
	if err := os.Rename(oldPath, newPath); err != nil {
		return err
	}
	_ = os.Rename(cleanShutdownPath(oldPath), cleanShutdownPath(newPath))
	return nil
}

// checkAtOpen checks the file, unless it is as it was closed. It leaves a large file to checkInBackground.
func (d *Database) checkAtOpen() error {
	d.integrity.checked = make(chan struct{})
	if d.temporary {
		d.integrity.allowChanges()
		return nil
	}
	now, err := stateOf(d.file)
	if err != nil {
		return &DamagedError{Path: d.path, Detail: err.Error()}
	}
	if before, checked := readCleanShutdown(d.path); before == now {
		d.integrity.at.Store(checked)
		d.integrity.allowChanges()
		return nil
	}
	w, err := newWalker(d.file, func() error { return nil })
	if err == nil && now.size <= maxCheckedAtOpen {
		if err = w.check(); err == nil {
			d.integrity.at.Store(d.now().Unix())
			d.integrity.allowChanges()
		}
	}
	if err != nil {
		return &DamagedError{Path: d.path, Detail: err.Error()}
	}
	return nil
}

// checkInBackground checks a file that Open left unchecked, and later a file whose last check is long ago.
func (d *Database) checkInBackground() {
	if !d.integrity.isChecked() && d.checkNow() {
		d.integrity.allowChanges()
	}
	for !d.temporary && d.integrity.damage.Load() == nil {
		due := time.Unix(d.integrity.at.Load(), 0).Add(checkEvery).Sub(d.now())
		timer := time.NewTimer(min(max(due, checkDelay), checkEvery)) // the clock may have been set back
		select {
		case <-d.done:
			timer.Stop()
			return
		case <-timer.C:
			_ = d.checkNow()
		}
	}
}

// checkNow checks the whole file in steps; done is false if the check did not end. Damage counts only while the file
// does not change: a later transaction may reuse the pages of an earlier state.
func (d *Database) checkNow() (done bool) {
	for range checkTries {
		txid, err := d.checkOnce()
		switch {
		case errors.Is(err, errInterrupted):
			return false
		case err == nil:
			d.integrity.at.Store(d.now().Unix())
			return true
		case txid == 0 || !d.changedSince(txid):
			d.integrity.damage.Store(&DamagedError{Path: d.path, Detail: err.Error(), Later: true})
			os.Remove(cleanShutdownPath(d.path)) // it may still describe the file
			return true
		}
	}
	return false
}

var errInterrupted = errors.New("the database is closed")

// checkOnce checks the state of one transaction; txid is 0 if the file has no valid one.
func (d *Database) checkOnce() (txid uint64, err error) {
	w, err := newWalker(d.file, d.pauseCheck)
	if err != nil {
		return 0, err
	}
	return w.meta.txid, w.check()
}

// pauseCheck leaves the machine to others between two steps, unless a change waits for the check.
func (d *Database) pauseCheck() error {
	if d.integrity.waiting.Load() > 0 && !d.closed() {
		return nil
	}
	select {
	case <-d.done:
		return errInterrupted
	case <-time.After(checkPause):
		return nil
	}
}

// changedSince reports whether the file's last transaction is another one.
func (d *Database) changedSince(txid uint64) bool {
	meta, err := newestMeta(d.file)
	return err == nil && meta.txid != txid
}
