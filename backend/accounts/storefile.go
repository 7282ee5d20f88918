package accounts

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"dossier/model"
)

func (b *Store) path() string { return filepath.Join(b.options.Dir, "accounts.json") }

// read reads the list under a lock, so that it never meets another process half way.
func (b *Store) read() (*storedAccounts, error) {
	var l *storedAccounts
	err := b.locked(func() (err error) {
		l, err = b.load()
		return err
	})
	return l, err
}

// update reads, changes and writes the list as one step.
func (b *Store) update(f func(*storedAccounts) error) error {
	return b.locked(func() error {
		l, err := b.load()
		if err != nil {
			return err
		}
		if err := f(l); err != nil {
			return err
		}
		text, err := json.MarshalIndent(l, "", "  ")
		if err != nil {
			return err
		}
		return replaceFile(b.path(), append(text, '\n'))
	})
}

// load needs the lock. A damaged list is moved aside and named, never overwritten.
func (b *Store) load() (*storedAccounts, error) {
	l := &storedAccounts{Version: accountsVersion, Current: map[string]string{}}
	text, err := os.ReadFile(b.path())
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return nil, fileFault("read", b.path(), err)
	}
	if err := json.Unmarshal(text, l); err != nil {
		return &storedAccounts{Version: accountsVersion, Current: map[string]string{}}, b.moveAside(b.path(), err)
	}
	if l.Version != accountsVersion {
		return nil, &model.Fault{Kind: model.Failed, Op: "read the accounts", Message: b.path() + " was written by another version of dossier", Advice: "use that version, or move the file away"}
	}
	if l.Current == nil {
		l.Current = map[string]string{}
	}
	return l, nil
}

// moveAside moves a damaged file out of the way under a name that says so, and logs it.
func (b *Store) moveAside(path string, cause error) error {
	kept := path + ".damaged-" + b.options.Now().UTC().Format("20060102T150405")
	if err := os.Rename(path, kept); err != nil {
		return fileFault("move aside", path, err)
	}
	b.options.Log.Warn("a damaged file was moved aside", "file", path, "kept", kept, "error", cause)
	return nil
}
