package accounts

import (
	"errors"
	"os"
	"path/filepath"

	"dossier/backend/filelock"
)

// process is a file that this process keeps locked while it runs. The operating system unlocks it when the process
// ends, for whatever reason.
type process struct {
	name string
	lock *os.File
}

func (s *Store) processDir() string { return filepath.Join(s.options.Dir, "running") }

// processName returns the name of this process and creates its lock file on the first call. It requires the lock.
func (s *Store) processName() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process != nil {
		return s.process.name, nil
	}
	dir := s.processDir()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fileFault("write", dir, err)
	}
	if others, err := os.ReadDir(dir); err == nil {
		for _, o := range others {
			s.alive(o.Name())
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
	s.process = &process{name: filepath.Base(f.Name()), lock: f}
	return s.process.name, nil
}

// alive reports whether a process is running. It deletes the file of an ended process. It requires the lock.
func (s *Store) alive(name string) bool {
	path := filepath.Join(s.processDir(), name)
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
