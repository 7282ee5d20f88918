package edit

import (
	"image"
	"slices"
	"strconv"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/pane"
	"dossier/ui/request"
	"dossier/ui/text"
)

// form edits one field: its type, its value, and the name of a new field.
type form struct {
	e           *Editor
	path        model.Path // of the field; with editsName: of the object that gets the new field
	isElement   bool       // a new array element
	at, length  int        // the position of a new array element, and the length of its array
	editsName   bool       // the form has an input for the name
	name        text.Line
	nameFocused bool
	nameFault   *model.Fault  // why the name is not valid; nil: it is
	similar     string        // names an existing field with a similar name; empty: none
	old         bson.RawValue // the value in the database; zero: none
	current     bson.RawValue // the value that the input replaces; zero: none

	input         input
	parse         parser
	validator     validator
	initial       input                    // as the form opened
	notices       []string                 // shown above the input
	resumed       bool                     // the input was stored earlier
	message       string                   // why Enter or a paste was refused
	acceptPending bool                     // Enter was pressed while validation was running
	then          Next                     // what follows once the input is accepted
	onAccept      func(model.Edit) tea.Cmd // receives the edit; nil: add it to the draft
	back          stage                    // the stage that Esc returns to; nil: leave the editor
	stored        *model.Draft             // the draft that autosave stores with the input; nil: the editor's draft
}

// fieldForm edits a field, starting from the editor's draft.
func fieldForm(e *Editor, p model.Path) *form {
	f := &form{e: e, path: p, validator: validator{requests: request.New(e.Ctx, e.Timeout)}}
	f.old, _ = p.Lookup(e.draft.Base())
	current, ok := e.draft.Lookup(p)
	if !ok { // removed from the database: start from the snapshot, which the user sees
		current, ok = p.Lookup(e.State.Session.Snapshot.CustomData)
	}
	if ok {
		f.current = current
		f.setInput(model.KindOf(current), e.valueText(current))
		f.validator.validation = validation{value: current}
	} else {
		f.setInput(model.String, "")
		f.validator.validation = validate(f.parse, "")
	}
	f.initial = f.input
	f.compareSnapshot()
	return f
}

// addForm creates a field inside an object; an empty path is the document.
func addForm(e *Editor, within model.Path) *form {
	f := &form{e: e, path: within, editsName: true, nameFocused: true,
		validator: validator{requests: request.New(e.Ctx, e.Timeout)}}
	f.startEmpty()
	f.validateName()
	return f
}

// addItemForm creates an item of an array of this length, before the item at a position.
func addItemForm(e *Editor, array model.Path, at, length int) *form {
	f := &form{e: e, path: array.Child(strconv.Itoa(at)), isElement: true, at: at, length: length,
		validator: validator{requests: request.New(e.Ctx, e.Timeout)}}
	f.startEmpty()
	return f
}

// startEmpty gives a new field an empty string as its value.
func (f *form) startEmpty() {
	f.setInput(model.String, "")
	f.validator.validation = validate(f.parse, "")
	f.initial = f.input
}

// valueText returns a value as editable text.
func (e *Editor) valueText(v bson.RawValue) string {
	if isNested(model.KindOf(v)) {
		return e.indentedJSON(v)
	}
	return model.Text(v)
}

// setInput replaces the input by one of this kind with this text.
func (f *form) setInput(kind model.Kind, content string) {
	mask := ""
	if !f.e.State.Shows(f.path) {
		mask = f.e.Styles.Glyphs.Mask
	}
	f.input = newInput(kind, content, mask, content != "" || !f.current.IsZero())
	f.parse = func(typed string) (bson.RawValue, error) { return model.ParseAt(kind, typed, f.current, f.e.Now) }
}

// mask masks the input when its value is no longer shown.
func (f *form) mask() {
	if f.input.mask == "" && !f.e.State.Shows(f.path) {
		dirty := f.input.dirty
		f.setInput(f.input.kind, f.input.value())
		f.input.dirty = dirty
	}
}

// retype changes the kind and keeps the text.
func (f *form) retype(kind model.Kind) tea.Cmd {
	content, dirty := f.input.value(), f.input.dirty
	if isConstant(f.input.kind) {
		content = ""
	}
	f.setInput(kind, content)
	f.input.dirty = dirty
	return f.validate()
}

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
	if f.isElement && f.at < f.length {
		t.Name = strconv.Itoa(f.at)
	}
	return t
}

// resume restores stored input.
func (f *form) resume(t model.PendingInput) tea.Cmd {
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
	if f.isElement && f.at < f.length {
		if err := next.Insert(f.path.Parent(), f.at, f.validator.value); err != nil {
			return nil, err
		}
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

// validateName sets nameFault and similar.
func (f *form) validateName() {
	f.nameFault, f.similar = nil, ""
	if !f.editsName {
		return
	}
	if f.name.Value() == "" {
		f.nameFault = model.InvalidInputf("", "a field needs a name")
		return
	}
	if _, taken := f.e.draft.Lookup(f.target()); taken {
		f.nameFault = model.InvalidInputf("", "a field with this name already exists: edit that field")
		return
	}
	if similar, found := model.SimilarField(f.e.draft.Result(), f.target()); found {
		f.similar = "this is a new field; " + similar.String() + " exists: is it that field?"
	}
	if len(f.path) == 0 {
		probe := model.NewDraft(f.e.draft.Base(), f.e.draft.Owner())
		f.nameFault = model.AsFault("", probe.Set(f.target(), model.ValueOf(nil)))
	}
}

// changed reports whether the value, the type or a new name differs from the initial state.
func (f *form) changed() bool {
	return f.editsName && f.name.Value() != "" || !f.input.equal(f.initial)
}

// compareSnapshot adds a notice if the snapshot differs from the database.
func (f *form) compareSnapshot() {
	snapshot := f.e.State.Session.Snapshot.CustomData
	if snapshot == nil {
		return
	}
	inToken, _ := f.path.Lookup(snapshot)
	if differs(inToken, f.old) {
		f.notices = append(f.notices, "the database now holds "+f.e.display(f.path, f.old).String()+"; the token has "+
			f.e.display(f.path, inToken).String())
	}
}

// differs reports whether two values differ in more than their encoding.
func differs(a, b bson.RawValue) bool {
	return len(model.Diff(singleField(a), singleField(b))) > 0
}

// singleField returns a document that holds one value; nil for a zero value.
func singleField(v bson.RawValue) bson.Raw {
	if v.IsZero() {
		return nil
	}
	raw, err := bson.Marshal(bson.D{{Key: "v", Value: v}})
	if err != nil {
		return nil
	}
	return raw
}

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
		if f.back != nil {
			return tea.Batch(f.e.storeDraft(f.baseDraft()), f.e.show(f.back))
		}
		return f.e.leave()
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
	return f.e.discarded(next, f.back, "not changed: "+f.path.String())
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

// faultText returns a fault of the input, masked with it.
func (f *form) faultText(fault *model.Fault) string {
	if f.e.State.Shows(f.path) {
		return fault.Error()
	}
	return f.e.State.FaultText(fault)
}

// moveToFault moves the cursor to the position of the fault.
func (f *form) moveToFault() {
	if f.input.area != nil && moveToFault(f.input.area, f.validator.fault) {
		f.nameFocused = false
	}
}

func (f *form) capturing() bool { return f.nameFocused || f.input.captures() }

func (f *form) scope() keys.Scope {
	switch {
	case f.nameFocused:
		return keys.Field
	case isConstant(f.input.kind):
		return keys.ConstantInput
	case !f.input.captures():
		return keys.BoolInput
	case f.input.area != nil:
		return keys.LongText
	}
	return keys.Field
}

func (f *form) title() string {
	switch {
	case f.editsName && len(f.path) == 0:
		return "add a field"
	case f.editsName:
		return "add a field inside " + f.path.String()
	case f.old.IsZero():
		return "add " + f.path.String()
	}
	return "edit " + f.path.String()
}

// unsaved reports whether this field has typed text or an edit. Edits of other fields are kept without a question.
func (f *form) unsaved() bool {
	return f.changed() || slices.ContainsFunc(f.e.draft.Edits(), func(x model.Edit) bool {
		return x.Path.Within(f.target()) || f.target().Within(x.Path)
	})
}
