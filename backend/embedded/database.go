package embedded

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// URI is the connection string for a driver with SetDialer(database).
const URI = "mongodb://embedded/?serverMonitoringMode=poll&heartbeatFrequencyMS=300000"

// Options configures Open.
type Options struct {
	Timeout time.Duration    // how long to wait for another process to release the file; 0: one attempt
	Now     func() time.Time // clock for $currentDate, $$NOW, new ids, change events and TTL; required
	Sweep   time.Duration    // interval of removing expired documents (TTL indexes) and releasing memory; 0: one minute
}

// Database is an open database file with its connections. It is safe for concurrent use.
type Database struct {
	path      string
	temporary bool
	nameless  bool // the temporary file has been unlinked
	bolt      *bbolt.DB
	file      *os.File // bolt's
	now       func() time.Time
	commits   committer
	catalog   catalogCache
	cursors   cursors
	retries   retryableWrites
	log       changeLog
	integrity integrity
	commands  map[string]command

	mu     sync.Mutex
	open   map[net.Conn]struct{}
	listen map[net.Listener]struct{}
	done   chan struct{} // closed by Close
	wait   sync.WaitGroup
}

// Open opens the file at path and creates it if necessary; an empty path uses a temporary file that Close removes.
// It returns a *LockedError if another process holds the file after the timeout, and a *DamagedError, without changing
// the file, if the content is invalid. A file that was not closed properly and is larger than 16 MiB is checked after
// Open returns: until then no command changes it, and when damage is found every later command fails with a
// *DamagedError.
func Open(path string, opts Options) (*Database, error) {
	if opts.Now == nil {
		return nil, errors.New("open the embedded database: Options.Now is nil, a clock is required")
	}
	d := &Database{path: path, now: opts.Now, open: map[net.Conn]struct{}{}, listen: map[net.Listener]struct{}{},
		done: make(chan struct{})}
	if path == "" {
		f, err := os.CreateTemp("", "dossier-*.db")
		if err != nil {
			return nil, fmt.Errorf("open the embedded database in a temporary file: %w", err)
		}
		d.path, d.temporary = f.Name(), true
		if err := f.Close(); err != nil {
			return nil, fmt.Errorf("open the embedded database in a temporary file: %w", err)
		}
	}
	if err := d.openFile(opts.Timeout); err != nil {
		return nil, err
	}
	if d.temporary {
		// On systems that can unlink an open file, nothing remains even if the process is killed.
		d.nameless = os.Remove(d.path) == nil
	}
	d.commits.db = d
	d.cursors = newCursors()
	d.retries = newRetryableWrites()
	d.commands = commandTable()
	if err := d.prepare(); err != nil {
		return nil, errors.Join(err, d.bolt.Close())
	}
	if !d.temporary {
		writePID(d.path)
	}
	every := opts.Sweep
	if every <= 0 {
		every = time.Minute
	}
	d.wait.Go(func() { d.sweep(every) })
	d.wait.Go(d.checkInBackground)
	return d, nil
}

// openFile opens and checks the file. bbolt panics on damage, also with memory faults beyond the end of the file; the
// file handle is kept so that the lock is released even then.
func (d *Database) openFile(timeout time.Duration) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = &DamagedError{Path: d.path, Detail: fmt.Sprint(r)}
		}
		if err != nil && d.file != nil {
			d.file.Close() // closing a handle twice is harmless
		}
	}()
	d.bolt, err = bbolt.Open(d.path, 0o600, &bbolt.Options{
		Timeout:      max(timeout, time.Millisecond),
		FreelistType: bbolt.FreelistMapType,
		NoSync:       d.temporary,
		OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
			f, err := os.OpenFile(name, flag, mode)
			d.file = f
			return f, err
		},
	})
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return &LockedError{Path: d.path, Holder: readPID(d.path)}
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum),
		errors.Is(err, berrors.ErrVersionMismatch):
		return &DamagedError{Path: d.path, Detail: err.Error()}
	case err != nil:
		return fmt.Errorf("open %s: %w", d.path, err)
	}
	if err := d.checkAtOpen(); err != nil {
		return errors.Join(err, d.bolt.Close())
	}
	return nil
}

// prepare reads the state of the change log. It creates the buckets of a new file, and the record of the log's state
// where it is missing, as after the use of an earlier version; it writes nothing to a file that has them, or that is
// not checked yet.
func (d *Database) prepare() error {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	hasBuckets := false
	err := d.view(func(tx *bbolt.Tx) error {
		if tx.Bucket(bucketCatalog) == nil || tx.Bucket(bucketLog) == nil {
			return nil
		}
		hasBuckets = true
		return d.log.read(tx)
	})
	switch {
	case err != nil:
		return &DamagedError{Path: d.path, Detail: "change log: " + err.Error()}
	case !d.integrity.isChecked() && !hasBuckets: // a file of that size has them
		return &DamagedError{Path: d.path, Detail: "the catalog is missing"}
	case !d.integrity.isChecked(), hasBuckets && d.log.recorded == d.log.state:
		return nil
	}
	_, err = d.commits.run([]*change{{work: func(t *txn) error {
		for _, name := range [][]byte{bucketCatalog, bucketLog} {
			if _, err := t.tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		err := d.log.read(t.tx)
		t.logged = d.log.state
		return err
	}}})
	if err != nil {
		return fmt.Errorf("open %s: create the buckets: %w", d.path, err)
	}
	return nil
}

// Commits returns the number of transactions that this process has written to the file. Commands that change nothing
// write none.
func (d *Database) Commits() uint64 { return d.commits.written.Load() }

// DialContext opens an in-process connection for any address: a Database is a dialer for options.Client().SetDialer.
func (d *Database) DialContext(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	if !d.start(server) {
		return nil, errors.Join(net.ErrClosed, client.Close())
	}
	return &directConn{Conn: client, db: d}, nil
}

// Serve accepts connections until the listener or the database is closed; it then returns net.ErrClosed.
func (d *Database) Serve(l net.Listener) error {
	d.mu.Lock()
	closed := d.closed()
	if !closed {
		d.listen[l] = struct{}{}
	}
	d.mu.Unlock()
	if closed {
		return errors.Join(net.ErrClosed, l.Close())
	}
	for {
		c, err := l.Accept()
		if err != nil {
			d.mu.Lock()
			delete(d.listen, l)
			d.mu.Unlock()
			return err
		}
		if !d.start(c) {
			return net.ErrClosed
		}
	}
}

func (d *Database) closed() bool {
	select {
	case <-d.done:
		return true
	default:
		return false
	}
}

// start serves a connection; if the database is closed, it closes the connection and returns false.
func (d *Database) start(c net.Conn) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed() {
		c.Close()
		return false
	}
	d.open[c] = struct{}{}
	d.wait.Go(func() {
		newConnection(d, c).serve()
		d.mu.Lock()
		delete(d.open, c)
		d.mu.Unlock()
	})
	return true
}

// Close ends connections and watchers, waits for running commands and releases the file. A second Close does nothing.
func (d *Database) Close() error {
	d.mu.Lock()
	if d.closed() {
		d.mu.Unlock()
		return nil
	}
	close(d.done)
	for l := range d.listen {
		l.Close()
	}
	for c := range d.open {
		c.Close()
	}
	d.mu.Unlock()
	d.wait.Wait()
	switch {
	case d.nameless:
	case d.temporary:
		return errors.Join(d.bolt.Close(), os.Remove(d.path))
	default:
		d.recordCleanShutdown()
		removePID(d.path)
	}
	if err := d.bolt.Close(); err != nil {
		return fmt.Errorf("close %s: %w", d.path, err)
	}
	return nil
}
