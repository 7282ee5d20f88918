package model

import (
	"bytes"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// EditTarget is the kind of thing an editor is open on. The values are stored in drafts.
type EditTarget string

// The edit targets.
const (
	TargetField      EditTarget = "field"       // the field at the path
	TargetNewField   EditTarget = "new field"   // a new field of the object at the path
	TargetNewElement EditTarget = "new element" // the next element of the array at the path
	TargetDocument   EditTarget = "document"    // the whole document
	TargetName       EditTarget = "name"        // another name of the field at the path
	TargetPaste      EditTarget = "paste"       // JSON that becomes fields of the object or array at the path
)

// PendingInput is the content of an editor that the user has not accepted, byte for byte as typed and possibly invalid.
// It is not an Edit: it changes nothing until it is accepted.
type PendingInput struct {
	EditTarget EditTarget
	Path       Path
	Name       string // of a new field, possibly incomplete
	Kind       Kind   // the selected type
	Text       string
	Base       bson.Raw // the document that the text was written for; nil: the base of its draft
}

// FieldPath returns the field that the text is for; nil for the whole document and for a new field without a name.
func (p PendingInput) FieldPath() Path {
	switch {
	case p.EditTarget == TargetField || p.EditTarget == TargetNewElement || p.EditTarget == TargetName:
		return p.Path
	case p.EditTarget == TargetNewField && p.Name != "":
		return p.Path.Child(p.Name)
	}
	return nil
}

// SameTarget reports whether two inputs are for the same editor: the same field, the next new field of the same object,
// the next element of the same array, or the whole document.
func (p PendingInput) SameTarget(q PendingInput) bool {
	return p.EditTarget == q.EditTarget && p.Path.Equal(q.Path)
}

// WithPendingInput returns a copy of the draft with pending input, which replaces the input for the same target.
func (d *Draft) WithPendingInput(p PendingInput) *Draft {
	return d.WithPendingInputs(append(d.WithoutPendingInput(p).pending, p)...)
}

// WithoutPendingInput returns a copy of the draft without the pending input for a target.
func (d *Draft) WithoutPendingInput(p PendingInput) *Draft {
	var rest []PendingInput
	for _, known := range d.pending {
		if !known.SameTarget(p) {
			rest = append(rest, known)
		}
	}
	return d.WithPendingInputs(rest...)
}

// WithPendingInputs returns a copy of the draft with these pending inputs, of different targets.
func (d *Draft) WithPendingInputs(list ...PendingInput) *Draft {
	draft := *d
	draft.pending = slices.Clone(list)
	return &draft
}

// PendingInputs returns the pending inputs stored with the draft, the newest last.
func (d *Draft) PendingInputs() []PendingInput { return slices.Clone(d.pending) }

// InputsOn returns the pending inputs for a draft with another base: each keeps the document that it was written for.
func (d *Draft) InputsOn(base bson.Raw) []PendingInput {
	list := d.PendingInputs()
	for i, p := range list {
		if p.Base == nil && len(d.base) > 0 && !bytes.Equal(d.base, base) &&
			(p.EditTarget == TargetDocument || p.EditTarget == TargetField && !d.editsAround(p.Path)) {
			list[i].Base = d.base
		}
	}
	return list
}

// editsAround reports whether an edit sets an object or array around a field, which may have another path in the base.
func (d *Draft) editsAround(p Path) bool {
	return slices.ContainsFunc(d.edits, func(e Edit) bool { return len(e.Path) < len(p) && p.Within(e.Path) })
}

// MoveInputs gives the pending inputs the paths that their fields have after a change: moved returns the new path of a
// field, and false if it does not exist any more.
func (d *Draft) MoveInputs(moved func(Path) (Path, bool)) {
	var rest []PendingInput
	for _, t := range d.pending {
		if t.EditTarget != TargetDocument && len(t.Path) > 0 {
			to, exists := moved(t.Path)
			if !exists {
				continue
			}
			if !to.Equal(t.Path) {
				t.Path, t.Base = to, nil
			}
		}
		rest = append(rest, t)
	}
	d.pending = rest
}

// InputsOf returns the pending inputs for a field or the fields below it.
func (d *Draft) InputsOf(p Path) []PendingInput {
	var list []PendingInput
	for _, t := range d.pending {
		if q := t.FieldPath(); q != nil && q.Within(p) {
			list = append(list, t)
		}
	}
	return list
}

// NothingToKeep reports whether the draft has neither edits nor pending input.
func (d *Draft) NothingToKeep() bool { return d.Empty() && len(d.pending) == 0 }
