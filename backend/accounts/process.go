package accounts

import (
	"errors"
	"os"
	"path/filepath"

	"dossier/backend/filelock"
)

// process is this process among those that use the directory: a file that is locked as long as the process lives. The kernel unlocks it however it ends.
type process struct {
	name string
	lock *os.File
}

func (b *Store) processDir() string { return filepath.Join(b.options.Dir, "running") }

// processName is the name of this process; it shows that it lives from the first time on. It needs the lock.
func (b *Store) processName() (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.process != nil {
		return b.process.name, nil
	}
	dir := b.processDir()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fileFault("write", dir, err)
	}
	if others, err := os.ReadDir(dir); err == nil {
		for _, o := range others {
			b.alive(o.Name())
		}
	}
	f, err := os.CreateTemp(dir, "")
	if err != nil {
		return "", fileFault("write", dir, err)
	}
	if err := filelock.TryLock(f); err != nil {
		f.Close()
		return "", fileFault("lock", f.Name(), err)
	}
	b.process = &process{name: filepath.Base(f.Name()), lock: f}
	return b.process.name, nil
}

// alive reports that a process still runs; the file of one that does not is cleared away. It needs the lock.
func (b *Store) alive(name string) bool {
	path := filepath.Join(b.processDir(), name)
	f, err := os.OpenFile(path, os.O_RDWR, 0o600)
	if err != nil {
		return !errors.Is(err, os.ErrNotExist)
	}
	defer f.Close()
	if err := filelock.TryLock(f); err != nil {
		return true
	}
	os.Remove(path)
	return false
}
