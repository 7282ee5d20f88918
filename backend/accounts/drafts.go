package accounts

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"dossier/model"
)

// Drafts keeps what was typed and not saved, across a kill: one draft an account and process. A process never sees or touches the draft of another
// that still runs; the drafts of those that are gone are taken over, the oldest first.
type Drafts struct{ store *Store }

// Drafts gives the accounts' drafts.
func (b *Store) Drafts() Drafts { return Drafts{b} }

// draftPrefix begins the name of a draft's file; what follows names its process. One that ends here is of no process.
const draftPrefix = "draft"

func (d Drafts) path(accountID, process string) string {
	return filepath.Join(d.store.dir(accountID), draftPrefix+"-"+process)
}

// Load returns this process's draft for an account, else the oldest one of a process that is gone, which is this process's from then on; nil when
// there is none. A damaged one is moved aside and named in the error, once.
func (d Drafts) Load(accountID string) (draft *model.Draft, err error) {
	err = d.store.locked(func() error {
		me, err := d.store.processName()
		if err != nil {
			return err
		}
		mine := d.path(accountID, me)
		text, err := os.ReadFile(mine)
		if errors.Is(err, fs.ErrNotExist) {
			left := d.orphaned(accountID)
			if left == "" {
				return nil
			}
			if err := os.Rename(left, mine); err != nil {
				return fileFault("take over", left, err)
			}
			text, err = os.ReadFile(mine)
		}
		if err != nil {
			return fileFault("read", mine, err)
		}
		read := new(model.Draft)
		if err := read.UnmarshalText(text); err != nil {
			if moved := d.store.moveAside(mine, err); moved != nil {
				return moved
			}
			return &model.Fault{Kind: model.Failed, Op: "open the draft", Message: "the kept draft is damaged; it was moved aside next to " + mine, Err: err}
		}
		draft = read
		return nil
	})
	return draft, err
}

// orphaned is the oldest draft whose process is gone; empty when there is none. It needs the lock.
func (d Drafts) orphaned(accountID string) string {
	paths, err := filepath.Glob(filepath.Join(d.store.dir(accountID), draftPrefix+"*"))
	if err != nil {
		return ""
	}
	paths = slices.DeleteFunc(paths, func(path string) bool {
		name, process, _ := strings.Cut(filepath.Base(path), "-")
		return name != draftPrefix || strings.Contains(process, ".") || process != "" && d.store.alive(process)
	})
	age := func(path string) int64 {
		if info, err := os.Stat(path); err == nil {
			return info.ModTime().UnixNano()
		}
		return 0
	}
	if len(paths) == 0 {
		return ""
	}
	return slices.MinFunc(paths, func(a, b string) int {
		if age(a) < age(b) {
			return -1
		}
		return 1
	})
}

// Save stores this process's draft, replacing its older one.
func (d Drafts) Save(accountID string, draft *model.Draft) error {
	text, err := draft.MarshalText()
	if err != nil {
		return &model.Fault{Kind: model.Failed, Op: "keep the draft", Message: err.Error(), Err: err}
	}
	return d.store.locked(func() error {
		me, err := d.store.processName()
		if err != nil {
			return err
		}
		return replaceFile(d.path(accountID, me), text)
	})
}

// Delete forgets this process's draft.
func (d Drafts) Delete(accountID string) error {
	return d.store.locked(func() error {
		me, err := d.store.processName()
		if err != nil {
			return err
		}
		path := d.path(accountID, me)
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fileFault("remove", path, err)
		}
		return nil
	})
}
