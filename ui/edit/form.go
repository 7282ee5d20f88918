package edit

import (
	"slices"
	"strconv"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/keys"
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
	written       bson.Raw                 // the document that the text was written for; nil: the database's
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
	f.input.other = f.e.Keys.Expand("{constant.change-type} changes the type")
	over := f.current
	if f.written != nil {
		over, _ = f.path.Lookup(f.written)
	}
	f.parse = func(typed string) (bson.RawValue, error) { return model.ParseAt(kind, typed, over, f.e.Now) }
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

// compareSnapshot adds a notice if the snapshot differs from the database.
func (f *form) compareSnapshot() {
	snapshot := f.e.State.Session.Snapshot.CustomData
	if snapshot == nil {
		return
	}
	inToken, _ := f.path.Lookup(snapshot)
	if differs(inToken, f.old) {
		f.notices = append(f.notices, "the database has "+f.e.display(f.path, f.old).String()+"; the app's copy shows "+
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

// faultText returns a fault of the input, masked with it.
func (f *form) faultText(fault *model.Fault) string {
	if f.e.State.Shows(f.path) {
		return fault.Error()
	}
	return f.e.State.FaultText(fault)
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
		return "add a field to the document"
	case f.editsName:
		return "add a field to " + f.path.String()
	case f.isElement && f.at < f.length:
		return "add an item to " + f.path.Parent().String() + " before " + strconv.Itoa(f.at)
	case f.isElement:
		return "add an item to " + f.path.Parent().String()
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
