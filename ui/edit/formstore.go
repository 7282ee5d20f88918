package edit

import (
	"strconv"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/text"
)

// validate checks the input and stores it, valid or not.
func (f *form) validate() tea.Cmd {
	size, content := f.input.size(), f.input.value
	if isConstant(f.input.kind) {
		content = func() string { return "" }
	}
	return tea.Batch(f.validator.check(f.parse, size, content), f.store())
}

// store writes the input to disk next to the draft. Input becomes an edit only when it is accepted.
func (f *form) store() tea.Cmd {
	if !f.changed() { // changed back to the initial value
		return f.e.storeDraft(f.baseDraft())
	}
	return f.e.storeTyped(f.baseDraft(), f.input.size(), f.typed)
}

// baseDraft returns the draft that autosave stores with the input: without the input of this form.
func (f *form) baseDraft() *model.Draft {
	d := f.e.draft
	if f.stored != nil {
		d = f.stored
	}
	return d.WithoutPendingInput(f.emptyInput())
}

// emptyInput returns the target of the input without what was typed.
func (f *form) emptyInput() model.PendingInput {
	t := model.PendingInput{EditTarget: model.TargetField, Path: f.path}
	switch {
	case f.editsName:
		t.EditTarget = model.TargetNewField
	case f.isElement:
		t.EditTarget, t.Path = model.TargetNewElement, f.path.Parent()
	}
	return t
}

// typed returns the current input.
func (f *form) typed() model.PendingInput {
	t := f.emptyInput()
	t.Name, t.Kind, t.Text = f.name.Value(), f.input.kind, f.input.value()
	t.Base = f.written
	if f.isElement && f.at < f.length {
		t.Name = strconv.Itoa(f.at)
	}
	return t
}

// resume restores stored input.
func (f *form) resume(t model.PendingInput) tea.Cmd {
	if f.written = t.Base; t.Base != nil {
		if note := f.e.olderNote(t); note != "" {
			f.notices = append(f.notices, note)
		}
	}
	f.setInput(t.Kind, t.Text)
	f.input.dirty, f.resumed = true, true
	if at, err := strconv.Atoi(t.Name); err == nil && f.isElement {
		f.at = min(max(0, at), f.length)
		f.path = f.path.Parent().Child(strconv.Itoa(f.at))
	}
	if f.editsName {
		f.name = text.NewLine(t.Name)
		f.nameFocused = t.Text == ""
		f.validateName()
	}
	return f.validate()
}

// nextDraft returns a copy of the editor's draft with this field set.
func (f *form) nextDraft() (*model.Draft, error) {
	if f.nameFault != nil {
		return nil, f.nameFault
	}
	next := f.e.draft.Clone()
	if f.written != nil {
		typed := model.NewDraft(f.written, next.Owner())
		if err := typed.SetParts(f.path, f.validator.value); err != nil {
			return nil, err
		}
		return withTyped(next.WithoutPendingInput(f.emptyInput()), typed)
	}
	if f.isElement && f.at < f.length {
		if err := next.Insert(f.path.Parent(), f.at, f.validator.value); err != nil {
			return nil, err
		}
		insertedItem(next, f.path)
	} else if err := next.SetParts(f.target(), f.validator.value); err != nil {
		return nil, err
	}
	return next.WithoutPendingInput(f.emptyInput()), nil
}

// target returns the path of the field, including a typed name.
func (f *form) target() model.Path {
	if f.editsName {
		return f.path.Child(f.name.Value())
	}
	return f.path
}

// changed reports whether the value, the type or a new name differs from the initial state.
func (f *form) changed() bool {
	return f.editsName && f.name.Value() != "" || !f.input.equal(f.initial)
}
