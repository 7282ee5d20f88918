package state

import (
	"slices"

	"dossier/model"
)

// Draft describes the kept draft of the current user: what was edited or typed and is not saved.
type Draft struct {
	Fields     []model.Path // edited fields and fields with typed text
	Unnamed    int          // new fields without a name, and new array elements
	IsDocument bool         // there is text of the whole document
}

// DraftOf describes a draft; nil if it has nothing to keep.
func DraftOf(d *model.Draft) *Draft {
	if d == nil || d.NothingToKeep() {
		return nil
	}
	k := &Draft{}
	add := func(p model.Path) {
		if !slices.ContainsFunc(k.Fields, p.Equal) {
			k.Fields = append(k.Fields, p)
		}
	}
	for _, e := range d.Edits() {
		add(e.Path)
	}
	for _, t := range d.PendingInputs() {
		switch p := t.FieldPath(); {
		case t.EditTarget == model.TargetDocument:
			k.IsDocument = true
		case p == nil || t.EditTarget == model.TargetNewElement:
			k.Unnamed++
		default:
			add(p)
		}
	}
	return k
}

// Count returns the number of fields in the draft.
func (d *Draft) Count() int { return len(d.Fields) + d.Unnamed }

// Equal reports whether two drafts look the same; nil: no draft.
func (d *Draft) Equal(o *Draft) bool {
	if d == nil || o == nil {
		return d == o
	}
	return d.Unnamed == o.Unnamed && d.IsDocument == o.IsDocument && slices.EqualFunc(d.Fields, o.Fields, model.Path.Equal)
}
