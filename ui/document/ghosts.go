package document

import (
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/state"
)

// ghosts returns the fields that the tree shows beside or in place of those of its document: the values of the draft,
// what it removes inside them, and the fields that only the database has. Without a document there are none from the
// database: the pane says what to do.
func ghosts(s *state.State, doc bson.Raw) []model.Ghost {
	list := ghostsOfDraft(s.Draft, doc)
	if doc == nil || s.LastCheck == nil {
		return list
	}
	for _, c := range s.Outdated {
		at := c.PathInOld()
		if e, inDraft := s.Draft.EditOf(at); c.Kind != model.Removed && (!inDraft || len(e.Path) == len(at)) {
			list = append(list, model.AddedFields(c, model.InDatabase, s.LastCheck.Document)...)
		}
	}
	return list
}

// ghostsOfDraft returns the values of a draft, and the fields that are no longer inside them; nil: no draft.
func ghostsOfDraft(d *state.Draft, doc bson.Raw) []model.Ghost {
	if d == nil {
		return nil
	}
	var list []model.Ghost
	for _, e := range d.Edits {
		if !e.New.IsZero() {
			list = append(list, model.Ghost{Path: e.Path, Value: e.New, Origin: model.InDraft, Replaces: true})
		}
	}
	for _, c := range d.Changes {
		if e, ok := d.EditOf(c.Path); ok && !e.New.IsZero() && c.Kind == model.Removed {
			list = append(list, model.RemovedField(c, doc))
		}
	}
	return list
}

// addedFields returns the rows of the fields that a draft adds; nil: no draft.
func addedFields(d *state.Draft) []model.Path {
	if d == nil {
		return nil
	}
	var list []model.Path
	for _, c := range d.Changes {
		if c.Kind == model.Added {
			list = append(list, c.Path)
		}
	}
	return list
}

// addedField returns the last field that a draft adds and an older one did not, otherwise the field given.
func addedField(before, now *state.Draft, otherwise model.Path) model.Path {
	known, added := addedFields(before), otherwise
	for _, p := range addedFields(now) {
		if !slices.ContainsFunc(known, p.Equal) {
			added = p
		}
	}
	return added
}
