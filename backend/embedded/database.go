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

// URI is what to connect the driver with, together with SetDialer(database).
const URI = "mongodb://embedded/"

// Options of Open.
type Options struct {
	Timeout time.Duration    // how long to wait for another process to let go of the file; 0 asks once
	Now     func() time.Time // the clock: $currentDate, $$NOW, new ids, change events, what is past its time; required
	Sweep   time.Duration    // how often documents past their time (TTL indexes) are removed; 0 is a minute
}

// Database is an open database file and the connections to it.
type Database struct {
	path      string
	temporary bool
	nameless  bool // the temporary file has lost its name already
	bolt      *bbolt.DB
	now       func() time.Time
	commits   committer
	catalog   catalogCache
	cursors   cursors
	retries   retries
	log       changeLog
	commands  map[string]command

	mu     sync.Mutex
	open   map[net.Conn]struct{}
	listen map[net.Listener]struct{}
	done   chan struct{} // closed by Close
	wait   sync.WaitGroup
}

// Open opens the file at path, making it where there is none; with path "" the database lives in a temporary file
// that Close removes. It fails with a *LockedError when another process holds the file after the timeout, and with a
// *DamagedError, leaving the file as it is, when the file is not what was written.
func Open(path string, opts Options) (*Database, error) {
	if opts.Now == nil {
		return nil, errors.New("open the embedded database: Options.Now is nil; hand in a clock")
	}
	d := &Database{path: path, now: opts.Now, open: map[net.Conn]struct{}{}, listen: map[net.Listener]struct{}{}, done: make(chan struct{})}
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
		// Where a system lets an open file lose its name, nothing stays behind even when the process is killed.
		d.nameless = os.Remove(d.path) == nil
	}
	d.commits = committer{db: d}
	d.cursors = newCursors()
	d.retries = newRetries()
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
	return d, nil
}

// openFile opens and checks the file. bbolt answers damage with panics, also of the kind a read beyond the end of the
// file makes; the file handle is kept so that even then the lock is let go.
func (d *Database) openFile(timeout time.Duration) (err error) {
	var file *os.File
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = &DamagedError{Path: d.path, Detail: fmt.Sprint(r)}
		}
		if err != nil && file != nil {
			file.Close() //  a second close of a handle bbolt closed is harmless
		}
	}()
	d.bolt, err = bbolt.Open(d.path, 0o600, &bbolt.Options{
		Timeout:      max(timeout, time.Millisecond),
		FreelistType: bbolt.FreelistMapType,
		NoSync:       d.temporary,
		OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
			f, err := os.OpenFile(name, flag, mode)
			file = f
			return f, err
		},
	})
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return &LockedError{Path: d.path, Holder: readPID(d.path)}
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
		return &DamagedError{Path: d.path, Detail: err.Error()}
	case err != nil:
		return fmt.Errorf("open %s: %w", d.path, err)
	}
	if detail := damage(d.path); detail != "" {
		return errors.Join(&DamagedError{Path: d.path, Detail: detail}, d.bolt.Close())
	}
	return nil
}

// prepare makes the rooms of a new file and reads where the change log stands.
func (d *Database) prepare() error {
	err := d.bolt.Update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{bucketCatalog, bucketLog} {
			if tx.Bucket(name) != nil {
				continue
			}
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		return d.log.read(tx)
	})
	if err != nil {
		return fmt.Errorf("open %s: prepare it: %w", d.path, err)
	}
	return nil
}

// DialContext opens a connection to the database in this process, whatever the address: a Database is a dialer for
// options.Client().SetDialer.
func (d *Database) DialContext(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	if !d.start(server) {
		return nil, errors.Join(net.ErrClosed, client.Close())
	}
	return client, nil
}

// Serve accepts connections until the listener or the database is closed; the error then is net.ErrClosed.
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

// start serves a connection; false, with the connection closed, where the database is closed.
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

// Close ends connections and watchers, waits for the commands that run, and lets go of the file. A second Close does
// nothing.
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
		removePID(d.path)
	}
	if err := d.bolt.Close(); err != nil {
		return fmt.Errorf("close %s: %w", d.path, err)
	}
	return nil
}
