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

// Drafts stores drafts so that they survive the end of the process: one draft per account and process. A process never
// reads or changes the draft of another running process; it takes over the drafts of ended processes, the oldest first.
type Drafts struct{ store *Store }

// Drafts returns the drafts of the accounts.
func (s *Store) Drafts() Drafts { return Drafts{s} }

// draftPrefix starts the name of a draft's file; "-" and the name of its process follow. Files of an earlier version
// have no process.
const draftPrefix = "draft"

func (d Drafts) path(accountID, process string) string {
	return filepath.Join(d.store.dir(accountID), draftPrefix+"-"+process)
}

// TakeOver returns this process's draft for an account, else it takes over the oldest draft of an ended process; nil if
// there is none. It takes over the texts that an ended process left open in an editor, too. Later calls of Save replace
// what was taken over, so the caller holds it in memory. It moves a damaged draft aside and reports it in the error
// once.
func (d Drafts) TakeOver(accountID string) (draft *model.Draft, err error) {
	err = d.store.locked(func() error {
		if draft, err = d.load(accountID); err != nil {
			return err
		}
		withTexts, taken := d.takeOverTexts(accountID, draft)
		if withTexts != draft {
			if err := d.save(accountID, withTexts); err != nil {
				return err
			}
		}
		draft = withTexts
		for _, dir := range taken {
			if err := os.RemoveAll(dir); err != nil {
				return fileFault("remove", dir, err)
			}
		}
		return nil
	})
	return draft, err
}

// load is TakeOver without the texts. It requires the lock.
func (d Drafts) load(accountID string) (*model.Draft, error) {
	name, err := d.store.processName()
	if err != nil {
		return nil, err
	}
	own := d.path(accountID, name)
	path := own
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if path = d.orphaned(accountID); path == "" {
			return nil, nil
		}
		text, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, fileFault("read", path, err)
	}
	read := new(model.Draft)
	if err := read.UnmarshalText(text); err != nil {
		renamed, moveErr := d.store.moveAside(path, err)
		if moveErr != nil {
			return nil, moveErr
		}
		return nil, &model.Fault{Kind: model.Failed, Op: "open the draft",
			Message: "the stored draft is damaged; it was moved aside to " + renamed, Err: err}
	}
	if path != own {
		if err := os.Rename(path, own); err != nil {
			return nil, fileFault("take over", path, err)
		}
	}
	return read, nil
}

// orphaned returns the file of the oldest draft whose process has ended; empty when there is none. It requires the
// lock.
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
	return slices.MinFunc(paths, func(a, s string) int {
		if age(a) < age(s) {
			return -1
		}
		return 1
	})
}

// Save stores this process's draft, replacing its older one.
func (d Drafts) Save(accountID string, draft *model.Draft) error {
	return d.store.locked(func() error { return d.save(accountID, draft) })
}

// save is Save. It requires the lock.
func (d Drafts) save(accountID string, draft *model.Draft) error {
	text, err := draft.MarshalText()
	if err != nil {
		return &model.Fault{Kind: model.Failed, Op: "store the draft", Message: err.Error(), Err: err}
	}
	name, err := d.store.processName()
	if err != nil {
		return err
	}
	return replaceFile(d.path(accountID, name), text)
}

// Delete deletes this process's draft.
func (d Drafts) Delete(accountID string) error {
	return d.store.locked(func() error {
		name, err := d.store.processName()
		if err != nil {
			return err
		}
		path := d.path(accountID, name)
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fileFault("remove", path, err)
		}
		return nil
	})
}
