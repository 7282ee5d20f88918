package document

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/state"
)

// ghosts returns the fields that the tree shows although its document does not have them: those that the draft adds,
// and those that only the database has. Without a document there are none from the database: the pane says what to do.
func ghosts(s *state.State, doc bson.Raw) []model.Ghost {
	list := ghostsOfDraft(s.Draft)
	if doc == nil || s.LastCheck == nil {
		return list
	}
	for _, c := range s.Outdated {
		if c.Kind != model.Removed {
			list = append(list, model.AddedFields(c, model.InDatabase, s.LastCheck.Document)...)
		}
	}
	return list
}

// ghostsOfDraft returns the fields that a draft adds; nil: no draft.
func ghostsOfDraft(d *state.Draft) []model.Ghost {
	if d == nil {
		return nil
	}
	var list []model.Ghost
	for _, e := range d.Edits {
		if !e.New.IsZero() {
			list = append(list, model.AddedFields(model.Change{Path: e.Path, Old: e.Old, New: e.New}, model.InDraft, nil)...)
		}
	}
	return list
}
