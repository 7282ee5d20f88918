package accounts

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"dossier/model"
)

func (s *Store) path() string { return filepath.Join(s.options.Dir, "accounts.json") }

// read returns the accounts file, which callers do not change. It is read under the lock, unless it is still the file
// that was read last: every write replaces it.
func (s *Store) read() (*storedAccounts, error) {
	now, err := os.Stat(s.path())
	if err == nil {
		if file := s.unchanged(now); file != nil {
			return file, nil
		}
	}
	var file *storedAccounts
	err = s.locked(func() (err error) {
		now, _ = os.Stat(s.path()) // nil: the file does not exist yet
		file, err = s.load()
		return err
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file, s.stat = nil, nil; err == nil && now != nil {
		s.file, s.stat = file, now
	}
	return file, err
}

// unchanged returns the file as it was last read, if a file is still the same; else nil.
func (s *Store) unchanged(now os.FileInfo) *storedAccounts {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stat == nil || !os.SameFile(s.stat, now) || s.stat.Size() != now.Size() ||
		!s.stat.ModTime().Equal(now.ModTime()) {
		return nil
	}
	return s.file
}

// update reads, changes and writes the accounts file under the lock.
func (s *Store) update(f func(*storedAccounts) error) error {
	return s.locked(func() error {
		file, err := s.load()
		if err != nil {
			return err
		}
		if err := f(file); err != nil {
			return err
		}
		text, err := json.MarshalIndent(file, "", "  ")
		if err != nil {
			return err
		}
		return replaceFile(s.path(), append(text, '\n'))
	})
}

// load requires the lock. It moves a damaged file aside and logs it; it never overwrites one.
func (s *Store) load() (*storedAccounts, error) {
	file := &storedAccounts{Version: accountsVersion, Current: map[string]string{}}
	text, err := os.ReadFile(s.path())
	if errors.Is(err, fs.ErrNotExist) {
		return file, nil
	}
	if err != nil {
		return nil, fileFault("read", s.path(), err)
	}
	if err := json.Unmarshal(text, file); err != nil {
		_, err = s.moveAside(s.path(), err)
		return &storedAccounts{Version: accountsVersion, Current: map[string]string{}}, err
	}
	if file.Version != accountsVersion {
		return nil, &model.Fault{Kind: model.Failed, Op: "read the accounts",
			Message: s.path() + " was written by another version of dossier", Advice: "use that version, or move the file away"}
	}
	if file.Current == nil {
		file.Current = map[string]string{}
	}
	return file, nil
}

// moveAside renames a damaged file to NAME.damaged-TIME, logs it and returns the new path.
func (s *Store) moveAside(path string, cause error) (renamed string, err error) {
	renamed = path + ".damaged-" + s.options.Now().UTC().Format("20060102T150405")
	if err := os.Rename(path, renamed); err != nil {
		return "", fileFault("move aside", path, err)
	}
	s.options.Log.Warn("moved a damaged file aside", "file", path, "renamed", renamed, "error", cause)
	return renamed, nil
}
