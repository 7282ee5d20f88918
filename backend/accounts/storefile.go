package accounts

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"dossier/model"
)

func (b *Store) path() string { return filepath.Join(b.o.Dir, "accounts.json") }

// read reads the list under a lock, so that it never meets another process half way.
func (b *Store) read() (*ledger, error) {
	var l *ledger
	err := b.locked(func() (err error) {
		l, err = b.load()
		return err
	})
	return l, err
}

// change reads, changes and writes the list as one step.
func (b *Store) change(f func(*ledger) error) error {
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
func (b *Store) load() (*ledger, error) {
	l := &ledger{Version: ledgerVersion, Current: map[string]string{}}
	text, err := os.ReadFile(b.path())
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return nil, fileFault("read", b.path(), err)
	}
	if err := json.Unmarshal(text, l); err != nil {
		return &ledger{Version: ledgerVersion, Current: map[string]string{}}, b.aside(b.path(), err)
	}
	if l.Version != ledgerVersion {
		return nil, &model.Fault{Kind: model.Failed, Op: "read the accounts", Message: b.path() + " was written by another version of dossier", Advice: "use that version, or move the file away"}
	}
	if l.Current == nil {
		l.Current = map[string]string{}
	}
	return l, nil
}

// aside moves a damaged file out of the way under a name that says so, and logs it.
func (b *Store) aside(path string, cause error) error {
	kept := path + ".damaged-" + b.o.Now().UTC().Format("20060102T150405")
	if err := os.Rename(path, kept); err != nil {
		return fileFault("move aside", path, err)
	}
	b.o.Log.Warn("a damaged file was moved aside", "file", path, "kept", kept, "error", cause)
	return nil
}
