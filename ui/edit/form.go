package edit

import (
	"image"
	"slices"
	"strconv"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/request"
	"dossier/ui/text"
)

// form is where one field is typed: its type and its value, and the name of a new one.
type form struct {
	e        *Editor
	path     model.Path // of the field; of a field whose name is typed, what it is added inside
	element  bool       // it is a new element of the array above it
	named    bool       // the name is typed too
	name     text.Line
	onName   bool          // the name has the focus
	misnamed *model.Fault  // what is wrong with a typed name
	old      bson.RawValue // what the database holds now; zero: nothing

	in       input
	parse    parse
	judge    judge
	opened   input                    // as the form opened, to see what was touched
	notices  []string                 // said above the input
	why      string                   // why Enter was refused, or a paste
	want     bool                     // Enter came while the text was still being read
	accepted func(model.Edit) tea.Cmd // what becomes of the edit; nil: it is added to the draft and reviewed
	back     stage                    // where Esc leads; nil: out of the editor
	under    *model.Draft             // what is kept beside what is typed here; nil: the editor's draft
}

// fieldForm edits a field as the draft has it now.
func fieldForm(e *Editor, p model.Path) *form {
	f := &form{e: e, path: p, judge: judge{asker: request.New(e.Ctx)}}
	f.old, _ = p.Lookup(e.draft.Base())
	now, ok := p.Lookup(e.draft.Result())
	if !ok { // gone from the database: the application's copy is what the person sees
		now, ok = p.Lookup(e.Record.Session.Snapshot.CustomData)
	}
	if ok {
		f.take(model.KindOf(now), typedAs(now))
		f.judge.verdict = verdict{value: now}
	} else {
		f.take(model.String, "")
		f.judge.verdict = decide(f.parse, "")
	}
	f.opened = f.in
	f.compare()
	return f
}

// addForm makes a field inside an object, or the next element of an array of so many.
func addForm(e *Editor, within model.Path, element bool, length int) *form {
	f := &form{e: e, path: within, element: element, named: !element, onName: !element, judge: judge{asker: request.New(e.Ctx)}}
	if element {
		f.path = within.Child(strconv.Itoa(length))
	}
	f.take(model.String, "")
	f.judge.verdict = decide(f.parse, "")
	f.opened = f.in
	f.judgeName()
	return f
}

// typedAs is a value as text to type in.
func typedAs(v bson.RawValue) string {
	if nests(model.KindOf(v)) {
		return model.IndentJSON(v)
	}
	return model.Text(v)
}

// take gives the form an input of a kind that holds the text.
func (f *form) take(kind model.Kind, content string) {
	mask := ""
	if f.e.Record.Masked && (kind == model.String || nests(kind)) {
		mask = f.e.Styles.Glyphs.Mask
	}
	f.in = newInput(kind, content, mask)
	f.parse = func(typed string) (bson.RawValue, error) { return model.Parse(kind, typed) }
}

// retype gives the form another kind, keeping the text.
func (f *form) retype(kind model.Kind) tea.Cmd {
	content, dirty := f.in.value(), f.in.dirty
	if constant(f.in.kind) {
		content = ""
	}
	f.take(kind, content)
	f.in.dirty = dirty
	return f.check()
}

// check judges what stands there now, and keeps it as it was typed, fit or not.
func (f *form) check() tea.Cmd {
	size, content := f.in.size(), f.in.value
	if constant(f.in.kind) {
		content = func() string { return "" }
	}
	return tea.Batch(f.judge.look(f.parse, size, content), f.keep())
}

// keep stores what stands there beside the draft. It is no edit before it is accepted, so nothing that was passed while typing becomes one.
func (f *form) keep() tea.Cmd {
	if !f.touched() { // typed back to what it was
		return f.e.keep(f.ground())
	}
	return f.e.keepTyped(f.ground(), f.in.size(), f.typed)
}

// ground is the draft that is kept beside what is typed here.
func (f *form) ground() *model.Draft {
	if f.under != nil {
		return f.under
	}
	return f.e.draft
}

// typed is what stands there.
func (f *form) typed() model.Typed {
	t := model.Typed{Site: model.OnField, Path: f.path, Name: f.name.Value(), Kind: f.in.kind, Text: f.in.value()}
	switch {
	case f.named:
		t.Site = model.NewField
	case f.element:
		t.Site, t.Path = model.NewElement, f.path.Parent()
	}
	return t
}

// resume puts what was typed before back.
func (f *form) resume(t model.Typed) tea.Cmd {
	f.take(t.Kind, t.Text)
	f.in.dirty = true
	if f.named {
		f.name = text.NewLine(t.Name)
		f.onName = t.Text == ""
		f.judgeName()
	}
	return f.check()
}

// draft is the editor's draft with this field in it.
func (f *form) draft() (*model.Draft, error) {
	if f.misnamed != nil {
		return nil, f.misnamed
	}
	next, err := replay(f.e.draft, f.e.draft.Edits())
	if err != nil {
		return nil, err
	}
	return next, next.Set(f.target(), f.judge.value)
}

// target is the path of the field, the typed name included.
func (f *form) target() model.Path {
	if f.named {
		return f.path.Child(f.name.Value())
	}
	return f.path
}

// judgeName says what is wrong with a typed name.
func (f *form) judgeName() {
	f.misnamed = nil
	if !f.named {
		return
	}
	if f.name.Value() == "" {
		f.misnamed = model.Inputf("", "a field needs a name")
		return
	}
	if _, taken := f.target().Lookup(f.e.draft.Result()); taken {
		f.misnamed = model.Inputf("", "there is a field of that name already: edit that one")
		return
	}
	if len(f.path) == 0 {
		probe := model.NewDraft(f.e.draft.Base(), f.e.draft.Scope())
		f.misnamed = model.AsFault("", probe.Set(f.target(), model.ValueOf(nil)))
	}
}

// touched reports that something was typed, chosen or retyped; a new field counts by its name.
func (f *form) touched() bool {
	return f.named && f.name.Value() != "" || !f.in.same(f.opened)
}

// compare says where the application's copy differs from what the database holds.
func (f *form) compare() {
	snapshot := f.e.Record.Session.Snapshot.CustomData
	if snapshot == nil {
		return
	}
	had, _ := f.path.Lookup(snapshot)
	if differ(had, f.old) {
		f.notices = append(f.notices, "the database now holds "+f.e.seen(f.old).String()+"; your copy has "+f.e.seen(had).String())
	}
}

// differ reports whether two values are more than two ways to write the same.
func differ(a, b bson.RawValue) bool {
	return len(model.Diff(alone(a), alone(b))) > 0
}

// alone is a document of one value; nil of none.
func alone(v bson.RawValue) bson.Raw {
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
	case request.Answer[verdict]:
		mine, final := f.judge.answered(m)
		switch {
		case mine && final && f.want:
			return f.accept()
		case mine && !final:
			return f.check()
		}
	case tea.KeyPressMsg:
		return f.press(m)
	case tea.PasteMsg:
		return f.paste(m.Content)
	case tea.MouseWheelMsg:
		if f.in.area != nil {
			f.in.area.Scroll(wheel(m))
		}
	case tea.MouseClickMsg:
		f.click(image.Pt(m.X, m.Y))
	}
	return nil
}

// wheel is by how many rows a turn of the mouse wheel moves.
func wheel(m tea.MouseWheelMsg) int {
	switch m.Button {
	case tea.MouseWheelUp:
		return -3
	case tea.MouseWheelDown:
		return 3
	}
	return 0
}

func (f *form) press(m tea.KeyPressMsg) tea.Cmd {
	f.why, f.want = "", false
	if a, ok := f.e.typed(m); ok && !(f.in.area != nil && !f.onName && moving(a)) {
		return f.do(a)
	}
	if f.onName {
		if f.name.Press(m) {
			f.judgeName()
			return f.keep()
		}
		return nil
	}
	f.in.resize(f.e.inner().X)
	if f.in.press(m) {
		return f.check()
	}
	return nil
}

// moving reports that a key of the table moves inside a field of several lines.
func moving(a keys.Action) bool { return a == keys.Up || a == keys.Down }

func (f *form) paste(content string) tea.Cmd {
	f.why = ""
	if f.onName {
		f.name.Paste(content)
		f.judgeName()
		return f.keep()
	}
	changed, why := f.in.paste(content)
	f.why = why
	if changed {
		return f.check()
	}
	return nil
}

func (f *form) do(a keys.Action) tea.Cmd {
	f.why = ""
	switch a {
	case keys.Cancel:
		if f.back != nil {
			return tea.Batch(f.e.keep(f.ground()), f.e.show(f.back))
		}
		return f.e.leave()
	case keys.Accept:
		return f.accept()
	case keys.Retype:
		return f.e.show(&types{form: f, at: max(0, slices.Index(model.Kinds(), f.in.kind))})
	case keys.NextField, keys.PreviousField:
		f.onName = f.named && !f.onName
	case keys.Toggle:
		f.in.toggle()
		return f.check()
	case keys.ChooseTrue, keys.ChooseFalse:
		f.in.chosen = string(a)
		return f.check()
	}
	return nil
}

// accept goes on with what stands there, or says why it cannot.
func (f *form) accept() tea.Cmd {
	f.want = false
	switch {
	case f.judge.pending():
		f.want = true
	case f.misnamed != nil:
		f.why, f.onName = "", true
		if f.name.Value() == "" {
			f.why = f.misnamed.Error()
		}
	case f.onName && f.in.same(f.opened): // the name is done, the value comes next
		f.onName = false
	case f.judge.fault != nil && f.in.kind == model.Bool:
		f.why = "choose one of the two first"
	case f.judge.fault != nil:
		f.jump()
		f.why = "this does not fit yet"
	case f.accepted != nil:
		return f.accepted(model.Edit{Path: f.target(), Value: f.judge.value})
	case !f.touched() && !f.old.IsZero():
		if f.e.draft.Empty() {
			f.why = "nothing was changed"
			return nil
		}
		return f.e.review(f.e.draft)
	default:
		next, err := f.draft()
		if err != nil {
			f.why = model.AsFault("", err).Error()
			return nil
		}
		if next.Empty() {
			f.why = "that is what the database holds already"
			return f.e.keep(next)
		}
		return tea.Batch(f.e.keep(next), f.e.review(next))
	}
	return nil
}

// jump puts the cursor where the text is wrong.
func (f *form) jump() {
	if line, column, ok := at(f.judge.fault); ok && f.in.area != nil {
		f.onName = false
		f.in.area.MoveTo(line, column)
	}
}

func (f *form) capturing() bool { return f.onName || f.in.captures() }

func (f *form) scope() keys.Scope {
	switch {
	case f.onName:
		return keys.Field
	case constant(f.in.kind):
		return keys.Constant
	case !f.in.captures():
		return keys.Choice
	case f.in.area != nil:
		return keys.LongText
	}
	return keys.Field
}

func (f *form) title() string {
	switch {
	case f.named && len(f.path) == 0:
		return "add a field"
	case f.named:
		return "add a field inside " + f.path.String()
	case f.old.IsZero():
		return "add " + f.path.String()
	}
	return "edit " + f.path.String()
}

func (f *form) unsaved() bool { return f.touched() || !f.e.draft.Empty() }
