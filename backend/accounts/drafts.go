package accounts

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"dossier/model"
)

// Drafts keeps what was typed and not saved, one draft an account, across a kill.
type Drafts struct{ book *Book }

// Drafts gives the accounts' drafts.
func (b *Book) Drafts() Drafts { return Drafts{b} }

func (d Drafts) path(accountID string) string { return filepath.Join(d.book.dir(accountID), "draft") }

// Load returns the draft kept for an account; nil when there is none. A damaged one is moved aside and named in the error, once.
func (d Drafts) Load(accountID string) (*model.Draft, error) {
	path := d.path(accountID)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fileFault("read", path, err)
	}
	draft := new(model.Draft)
	if err := draft.UnmarshalText(text); err != nil {
		if moved := d.book.aside(path, err); moved != nil {
			return nil, moved
		}
		return nil, &model.Fault{Kind: model.Failed, Op: "open the draft", What: "the kept draft is damaged; it was moved aside next to " + path, Err: err}
	}
	return draft, nil
}

// Keep stores the draft, replacing an older one.
func (d Drafts) Keep(accountID string, draft *model.Draft) error {
	text, err := draft.MarshalText()
	if err != nil {
		return &model.Fault{Kind: model.Failed, Op: "keep the draft", What: err.Error(), Err: err}
	}
	return replaceFile(d.path(accountID), text)
}

// Drop forgets it.
func (d Drafts) Drop(accountID string) error {
	if err := os.Remove(d.path(accountID)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fileFault("remove", d.path(accountID), err)
	}
	return nil
}
