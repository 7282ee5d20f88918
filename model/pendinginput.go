package model

// EditTarget is what an editor was open on.
type EditTarget string

// The sites of text that was typed.
const (
	TargetField      EditTarget = "field"       // the field at the path
	TargetNewField   EditTarget = "new field"   // a field being named inside the path
	TargetNewElement EditTarget = "new element" // the next element of the array at the path
	TargetDocument   EditTarget = "document"    // the whole document
)

// PendingInput is what stood in an editor and was not accepted, exactly as it was typed, valid or not. It is no edit: it changes nothing until it is accepted.
type PendingInput struct {
	EditTarget EditTarget
	Path       Path
	Name       string // of a new field, as far as it was typed
	Kind       Kind   // the type chosen
	Text       string
}

// FieldPath is the field that the text is for; nil for the whole document and for a field without a name yet.
func (t PendingInput) FieldPath() Path {
	switch {
	case t.EditTarget == TargetField || t.EditTarget == TargetNewElement:
		return t.Path
	case t.EditTarget == TargetNewField && t.Name != "":
		return t.Path.Child(t.Name)
	}
	return nil
}

// WithPendingInput is the same draft with what stands in the editor; nil: nothing does.
func (d *Draft) WithPendingInput(t *PendingInput) *Draft {
	kept := *d
	kept.pending = t
	return &kept
}

// PendingInput is what stood in the editor when the draft was kept; false when nothing did.
func (d *Draft) PendingInput() (PendingInput, bool) {
	if d.pending == nil {
		return PendingInput{}, false
	}
	return *d.pending, true
}

// NothingToKeep reports that there is nothing to keep: no edit, and nothing typed.
func (d *Draft) NothingToKeep() bool { return d.Empty() && d.pending == nil }
