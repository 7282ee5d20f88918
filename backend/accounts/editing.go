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

// editingPrefix starts the name of the directory of a text that is open in the user's editor; the name of its process
// follows. The directory holds the text and, in originFile, the draft with the text as it was.
const (
	editingPrefix = "editing-"
	originFile    = "origin"
)

// OpenText writes the newest pending input of a draft to a file with mode 0600 in a directory of its own, for the
// user's editor, and returns its path. If this process ends before CloseText, another one takes over what the editor
// saved: TakeOver then returns it as pending input.
func (d Drafts) OpenText(accountID string, draft *model.Draft) (path string, err error) {
	inputs := draft.PendingInputs()
	if len(inputs) == 0 {
		return "", model.InvalidInputf("", "there is no text to edit")
	}
	text := inputs[len(inputs)-1]
	origin, err := draft.MarshalText()
	if err != nil {
		return "", &model.Fault{Kind: model.Failed, Op: "write the text", Message: err.Error(), Err: err}
	}
	err = d.store.locked(func() error {
		dir, err := d.editingDir(accountID)
		if err != nil {
			return err
		}
		if err := os.RemoveAll(dir); err != nil {
			return fileFault("remove", dir, err)
		}
		if err := replaceFile(filepath.Join(dir, originFile), origin); err != nil {
			return err
		}
		path = filepath.Join(dir, textName(text))
		return replaceFile(path, []byte(text.Text+"\n"))
	})
	return path, err
}

// ReadText returns the text that the editor saved, without the line break at its end.
func (d Drafts) ReadText(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fileFault("read", path, err)
	}
	return strings.TrimSuffix(string(text), "\n"), nil
}

// CloseText deletes the files of OpenText.
func (d Drafts) CloseText(accountID string) error {
	return d.store.locked(func() error {
		dir, err := d.editingDir(accountID)
		if err != nil {
			return err
		}
		if err := os.RemoveAll(dir); err != nil {
			return fileFault("remove", dir, err)
		}
		return nil
	})
}

// editingDir returns the directory of this process's text. It requires the lock.
func (d Drafts) editingDir(accountID string) (string, error) {
	process, err := d.store.processName()
	return filepath.Join(d.store.dir(accountID), editingPrefix+process), err
}

// textName returns the name of a text's file, from which editors know its format.
func textName(p model.PendingInput) string {
	switch {
	case p.EditTarget == model.TargetDocument:
		return "document.json"
	case p.Kind == model.Object, p.Kind == model.Array, p.Kind == model.CodeWithScope, p.Kind == model.DBPointer:
		return "field.json"
	}
	return "field.txt"
}

// takeOverTexts returns a draft with the texts that ended processes left open in an editor as pending input, and its
// paths; draft may be nil. A text replaces the input that the editor started from; other input for the same target is
// kept, and the text stays for later. It requires the lock.
func (d Drafts) takeOverTexts(accountID string, draft *model.Draft) (_ *model.Draft, taken []string) {
	dirs, err := filepath.Glob(filepath.Join(d.store.dir(accountID), editingPrefix+"*"))
	if err != nil {
		return draft, nil
	}
	for _, dir := range dirs {
		if d.store.alive(strings.TrimPrefix(filepath.Base(dir), editingPrefix)) {
			continue
		}
		origin, saved, err := d.readEditing(dir)
		if err != nil {
			if !errors.Is(err, fs.ErrNotExist) {
				d.store.options.Log.Warn("cannot read the text of an editor", "path", dir, "error", err)
			}
			continue
		}
		inputs := origin.PendingInputs()
		before := inputs[len(inputs)-1].Text
		if hasOtherInput(draft, saved, before) {
			continue
		}
		taken = append(taken, dir)
		if saved.Text == before {
			continue
		}
		if draft == nil {
			draft = model.NewDraft(origin.Base(), origin.Owner())
		}
		inputs = origin.InputsOn(draft.Base())
		saved.Base = inputs[len(inputs)-1].Base
		draft = draft.WithPendingInput(saved)
	}
	return draft, taken
}

// readEditing returns the draft that a text belongs to, and the text as the editor saved it.
func (d Drafts) readEditing(dir string) (origin *model.Draft, saved model.PendingInput, err error) {
	stored, err := os.ReadFile(filepath.Join(dir, originFile))
	if err != nil {
		return nil, saved, err
	}
	origin = new(model.Draft)
	if err := origin.UnmarshalText(stored); err != nil {
		return nil, saved, err
	}
	inputs := origin.PendingInputs()
	if len(inputs) == 0 {
		return nil, saved, errors.New("it has no input")
	}
	saved = inputs[len(inputs)-1]
	saved.Text, err = d.ReadText(filepath.Join(dir, textName(saved)))
	return origin, saved, err
}

// hasOtherInput reports whether a draft has input for the target of a text that is neither that text nor the one that
// the editor started from.
func hasOtherInput(draft *model.Draft, saved model.PendingInput, before string) bool {
	if draft == nil {
		return false
	}
	return slices.ContainsFunc(draft.PendingInputs(), func(known model.PendingInput) bool {
		return known.SameTarget(saved) && known.Text != saved.Text && known.Text != before
	})
}
