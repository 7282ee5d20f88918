package model

// EditTarget is the kind of thing an editor is open on. The values are stored in drafts.
type EditTarget string

// The edit targets.
const (
	TargetField      EditTarget = "field"       // the field at the path
	TargetNewField   EditTarget = "new field"   // a new field of the object at the path
	TargetNewElement EditTarget = "new element" // the next element of the array at the path
	TargetDocument   EditTarget = "document"    // the whole document
)

// PendingInput is the content of an editor that the user has not accepted, byte for byte as typed and possibly invalid.
// It is not an Edit: it changes nothing until it is accepted.
type PendingInput struct {
	EditTarget EditTarget
	Path       Path
	Name       string // of a new field, possibly incomplete
	Kind       Kind   // the selected type
	Text       string
}

// FieldPath returns the field that the text is for; nil for the whole document and for a new field without a name.
func (p PendingInput) FieldPath() Path {
	switch {
	case p.EditTarget == TargetField || p.EditTarget == TargetNewElement:
		return p.Path
	case p.EditTarget == TargetNewField && p.Name != "":
		return p.Path.Child(p.Name)
	}
	return nil
}

// WithPendingInput returns a copy of the draft with the given pending input; nil: none.
func (d *Draft) WithPendingInput(p *PendingInput) *Draft {
	draft := *d
	draft.pending = p
	return &draft
}

// PendingInput returns the pending input stored with the draft; false when there is none.
func (d *Draft) PendingInput() (PendingInput, bool) {
	if d.pending == nil {
		return PendingInput{}, false
	}
	return *d.pending, true
}

// NothingToKeep reports whether the draft has neither edits nor pending input.
func (d *Draft) NothingToKeep() bool { return d.Empty() && d.pending == nil }
