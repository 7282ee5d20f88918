package edit

import (
	"image"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/pane"
	"dossier/ui/request"
)

func (f *form) update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case request.Response[validation]:
		mine, final := f.validator.handle(m)
		switch {
		case mine && final && f.acceptPending:
			return f.accept()
		case mine && !final:
			return f.validate()
		}
	case tea.KeyPressMsg:
		return f.press(m)
	case tea.PasteMsg:
		return f.paste(m.Content)
	case tea.MouseWheelMsg:
		if f.input.area != nil {
			f.input.area.Scroll(pane.WheelRows(m, 3))
		}
	case tea.MouseClickMsg:
		f.click(image.Pt(m.X, m.Y))
	}
	return nil
}

func (f *form) press(m tea.KeyPressMsg) tea.Cmd {
	f.message, f.acceptPending = "", false
	if a, ok := f.e.actionFor(m); ok && !(f.input.area != nil && !f.nameFocused && movesCursor(a)) {
		return f.do(a)
	}
	if f.nameFocused {
		if f.name.HandleKey(m) {
			f.validateName()
			return f.store()
		}
		return nil
	}
	f.input.resize(f.e.inner().X)
	if f.input.press(m) {
		return f.validate()
	}
	return nil
}

// movesCursor reports whether an action moves the cursor inside a text area.
func movesCursor(a keys.Action) bool { return a == keys.Up || a == keys.Down }

func (f *form) paste(content string) tea.Cmd {
	f.message = ""
	if f.nameFocused {
		f.name.Paste(content)
		f.validateName()
		return f.store()
	}
	changed, message := f.input.paste(content)
	f.message = message
	if changed {
		return f.validate()
	}
	return nil
}

func (f *form) do(a keys.Action) tea.Cmd {
	f.message = ""
	switch a {
	case keys.Cancel:
		return f.e.cancelled(f.baseDraft(), f.back)
	case keys.Accept:
		f.then = keepInDraft
		return f.accept()
	case keys.ReviewDraft:
		f.then = reviewDraft
		return f.accept()
	case keys.Discard:
		return f.discard()
	case keys.ChangeType:
		return f.e.show(&kindPicker{form: f, list: newKindList(f.input.kind)})
	case keys.EditText:
		return f.e.editText(false)
	case keys.NextChoice:
		return f.choose(+1)
	case keys.PreviousChoice:
		return f.choose(-1)
	case keys.NextField, keys.PreviousField:
		if f.e.inRow {
			f.then = map[keys.Action]Next{keys.NextField: editNext, keys.PreviousField: editPrevious}[a]
			return f.accept()
		}
		f.nameFocused = f.editsName && !f.nameFocused
	case keys.Toggle:
		f.input.toggle()
		return f.validate()
	case keys.ChooseTrue, keys.ChooseFalse:
		f.input.chosen = string(a)
		return f.validate()
	}
	return nil
}

// accept continues with the input, or explains why it cannot.
func (f *form) accept() tea.Cmd {
	f.acceptPending = false
	if f.isRelativeDate() { // the value is fixed now
		f.validator.validation = validate(f.parse, f.input.value())
	}
	switch {
	case f.validator.pending():
		f.acceptPending = true
	case f.nameFault != nil:
		f.message, f.nameFocused = "", true
		if f.name.Value() == "" {
			f.message = f.nameFault.Error()
		}
	case f.nameFocused && f.input.equal(f.initial): // the name is complete: continue with the value
		f.nameFocused = false
	case f.validator.fault != nil && f.input.kind == model.Bool:
		f.message = "choose true or false first"
	case f.validator.fault != nil:
		f.moveToFault()
		f.message = "the value is not valid yet"
	case f.onAccept != nil:
		return f.onAccept(model.Edit{Path: f.target(), Value: f.validator.value})
	case !f.changed() && !f.old.IsZero():
		return f.acceptUnchanged()
	default:
		next, err := f.nextDraft()
		if err != nil {
			f.message = f.faultText(model.AsFault("", err))
			return nil
		}
		return f.e.accepted(next, f.then, f.back, f.target())
	}
	return nil
}

// isRelativeDate reports whether the input is a date relative to now.
func (f *form) isRelativeDate() bool {
	return f.input.kind == model.Date && model.IsRelativeDate(f.input.value())
}

// discard takes what was typed, and the edit of the field, out of the draft.
func (f *form) discard() tea.Cmd {
	next := f.baseDraft().Clone()
	if !f.editsName && !f.isElement {
		next.Revert(f.path)
	}
	notice := "not changed: " + f.path.String()
	if f.editsName || f.isElement {
		notice = "nothing was added"
	}
	return f.e.discarded(next, f.back, notice)
}

// acceptUnchanged continues without a new edit.
func (f *form) acceptUnchanged() tea.Cmd {
	switch _, fromReview := f.back.(*review); {
	case fromReview, f.then == reviewDraft && !f.e.inRow && !f.e.draft.Empty():
		return f.e.review(f.e.draft)
	case f.then == reviewDraft && f.e.draft.Empty():
		f.message = "nothing was changed"
		return nil
	}
	f.e.next = f.then
	return tea.Batch(f.store(), f.e.close())
}

// moveToFault moves the cursor to the position of the fault.
func (f *form) moveToFault() {
	if f.input.area != nil && moveToFault(f.input.area, f.validator.fault) {
		f.nameFocused = false
	}
}
