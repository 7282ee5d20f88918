package accounts

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// storedSaves is the content of the file of saves. It has mode 0600, as drafts have.
type storedSaves struct {
	Version int         `bson:"version"`
	Saves   []savedSave `bson:"saves"` // newest first
}

// savedSave is a save: its drafts as text.
type savedSave struct {
	At     time.Time `bson:"at"`
	Draft  []byte    `bson:"draft"`
	Undone []byte    `bson:"undone,omitempty"`
}

const savesVersion = 1

func (d Drafts) savesPath(accountID string) string {
	return filepath.Join(d.store.dir(accountID), "saves")
}

// Saves returns the saves of an account, of all processes, newest first.
func (d Drafts) Saves(accountID string) (saves []model.SavedChange, err error) {
	err = d.store.locked(func() error {
		saves, err = d.readSaves(accountID)
		return err
	})
	return saves, err
}

// AddSave stores a save in place of the one of the same time. The oldest saves beyond the limits are removed.
func (d Drafts) AddSave(accountID string, s model.SavedChange) error {
	return d.store.locked(func() error {
		known, err := d.readSaves(accountID)
		if err != nil {
			return err
		}
		return d.writeSaves(accountID, model.NewestSaves(model.WithSave(known, s)))
	})
}

// readSaves reads the file. A damaged one is moved aside: the next save starts a new one. It requires the lock.
func (d Drafts) readSaves(accountID string) ([]model.SavedChange, error) {
	path := d.savesPath(accountID)
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fileFault("read", path, err)
	}
	saves, err := decodeSaves(data)
	if err != nil {
		_, err = d.store.moveAside(path, err)
		return nil, err
	}
	return saves, nil
}

func decodeSaves(data []byte) ([]model.SavedChange, error) {
	if err := bson.Raw(data).Validate(); err != nil {
		return nil, err
	}
	var file storedSaves
	if err := bson.Unmarshal(data, &file); err != nil {
		return nil, err
	}
	saves := make([]model.SavedChange, 0, len(file.Saves))
	for _, f := range file.Saves {
		s := model.SavedChange{At: f.At, Draft: new(model.Draft)}
		if err := s.Draft.UnmarshalText(f.Draft); err != nil {
			return nil, err
		}
		if len(f.Undone) > 0 {
			s.Undone = new(model.Draft)
			if err := s.Undone.UnmarshalText(f.Undone); err != nil {
				return nil, err
			}
		}
		saves = append(saves, s)
	}
	return saves, nil
}

// writeSaves replaces the file. It requires the lock.
func (d Drafts) writeSaves(accountID string, saves []model.SavedChange) error {
	file := storedSaves{Version: savesVersion}
	for _, s := range saves {
		f := savedSave{At: s.At}
		var err error
		if f.Draft, err = s.Draft.MarshalText(); err == nil && s.Undone != nil {
			f.Undone, err = s.Undone.MarshalText()
		}
		if err != nil {
			return &model.Fault{Kind: model.Failed, Op: "store the save", Message: err.Error(), Err: err}
		}
		file.Saves = append(file.Saves, f)
	}
	data, err := bson.Marshal(file)
	if err != nil {
		return &model.Fault{Kind: model.Failed, Op: "store the save", Message: err.Error(), Err: err}
	}
	return replaceFile(d.savesPath(accountID), data)
}
