package functions

import (
	"context"
	"image"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/pane"
	"dossier/ui/port"
	"dossier/ui/request"
	"dossier/ui/state"
	"dossier/ui/style"
	"dossier/ui/text"
)

// patience is how long a function may run before the dialog stops waiting: the client API gives one 90 seconds at most.
const patience = 90 * time.Second

// Config is what the dialog is opened with.
type Config struct {
	Ctx    context.Context
	Person port.Person // who calls
	Keys   keys.Map
	Styles *style.Styles
	Record *state.Record
	Screen image.Point // the terminal's size
}

// step is what the dialog shows.
type step int

const (
	choosing step = iota
	typing
	reading
)

var _ pane.Overlay = (*Caller)(nil)

// Caller is the dialog. It leads from the list of functions over the arguments to the answer.
type Caller struct {
	Config
	asker *request.Asker
	step  step
	names []string // of the functions known
	at    int      // the row under the cursor, of the list or the answer

	name   text.Line
	onName bool // the name has the focus: it is typed where no list is known
	args   text.Line
	values []bson.RawValue
	wrong  *model.Fault       // what is wrong with the arguments
	fault  *model.Fault       // why the call failed
	cancel context.CancelFunc // gives the call up

	answer bson.RawValue
	shown  []model.Visible // the answer as lines
}

// answered is what a function returned.
type answered struct{ value bson.RawValue }

// New opens the dialog; with a name it starts at the arguments, which are an extended JSON array and may be empty.
func New(c Config, name, args string) *Caller {
	f := &Caller{Config: c, asker: request.New(c.Ctx), names: c.Record.App().Functions}
	f.args = text.NewLine(args)
	f.args.Limit = 16 << 20
	f.disguise()
	f.at = max(0, slices.Index(f.names, name))
	f.name = text.NewLine(name)
	if name != "" || len(f.names) == 0 {
		f.step, f.onName = typing, name == ""
	}
	f.check()
	return f
}

// disguise hides the arguments while personal data is masked: they may come from a document.
func (f *Caller) disguise() {
	f.args.Mask = ""
	if f.Record.Masked {
		f.args.Mask = f.Styles.Glyphs.Mask
	}
}

// check reads the arguments as typed.
func (f *Caller) check() {
	f.values, f.wrong = nil, nil
	if strings.TrimSpace(f.args.Value()) == "" {
		return
	}
	v, err := model.ParseJSON(f.args.Value())
	switch {
	case err != nil:
		f.wrong = model.AsFault("", err)
	case model.KindOf(v) == model.Object: // alone, it can only be the one argument
		f.values = []bson.RawValue{v}
	case model.KindOf(v) != model.Array:
		f.wrong = model.Inputf("", "arguments are an array, or one object: put [ ] around this")
	default:
		if f.values, err = v.Array().Values(); err != nil {
			f.wrong = model.AsFault("read the arguments", err)
		}
	}
}

// Update takes answers, raw keys and pastes, and what is broadcast.
func (f *Caller) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case style.Changed:
		f.Styles = m.Styles
	case state.Changed:
		f.Record = m.Record
		f.disguise()
	case tea.WindowSizeMsg:
		f.Screen = image.Pt(m.Width, m.Height)
	case request.Answer[answered]:
		if request.Takes(f.asker, m) {
			return f.answered(m)
		}
	case tea.PasteMsg:
		if f.step == typing && !f.asker.Busy() {
			f.field().Paste(m.Content)
			f.changed()
		}
	case tea.MouseWheelMsg:
		switch m.Button {
		case tea.MouseWheelUp:
			f.move(-3)
		case tea.MouseWheelDown:
			f.move(3)
		}
	case tea.MouseClickMsg:
		if f.step == choosing {
			f.at = min(max(0, m.Y-1+f.top(pane.Inner(f.Size(f.Screen)).Y)), len(f.names)-1)
		}
	case tea.KeyPressMsg:
		return f.press(m)
	}
	return nil
}

func (f *Caller) press(m tea.KeyPressMsg) tea.Cmd {
	if m.Text == "" {
		if a, ok := f.Keys.Resolve(m, f.Scope()); ok {
			return f.Do(a)
		}
	}
	if f.step == typing && !f.asker.Busy() && f.field().Press(m) {
		f.changed()
	}
	return nil
}

func (f *Caller) changed() {
	f.fault = nil
	f.check()
}

// field is the one with the focus.
func (f *Caller) field() *text.Line {
	if f.onName {
		return &f.name
	}
	return &f.args
}

// Do carries an action out.
func (f *Caller) Do(a keys.Action) tea.Cmd {
	if f.asker.Busy() {
		if a == keys.Cancel {
			f.giveUp()
		}
		return nil
	}
	if moved := f.moves(a); moved {
		return nil
	}
	switch f.step {
	case choosing:
		return f.choose(a)
	case typing:
		return f.typing(a)
	}
	switch a {
	case keys.CopyValue:
		return nav.Send(nav.Copy{Text: f.copied(), Name: "what " + f.name.Value() + " returned"})
	case keys.EditField, keys.Accept:
		f.step = typing
	case keys.Cancel:
		return nav.Send(nav.Close{Overlay: f})
	}
	return nil
}

// giveUp stops waiting. The function may run on and write all the same, which is said.
func (f *Caller) giveUp() {
	f.cancel()
	f.asker.Cancel()
	f.fault = &model.Fault{Kind: model.Failed, What: "the answer was not waited for: the function may have run or not", Do: "look at the data before calling again"}
}

// moves moves the cursor.
func (f *Caller) moves(a keys.Action) bool {
	const page = 10
	if f.step == typing {
		return false
	}
	switch a {
	case keys.Up:
		f.move(-1)
	case keys.Down:
		f.move(1)
	case keys.PageUp:
		f.move(-page)
	case keys.PageDown:
		f.move(page)
	case keys.Top:
		f.move(-1 << 30)
	case keys.Bottom:
		f.move(1 << 30)
	default:
		return false
	}
	return true
}

func (f *Caller) move(by int) {
	n := len(f.names)
	if f.step == reading {
		n = len(f.shown)
	}
	f.at = min(max(0, f.at+by), max(0, n-1))
}

func (f *Caller) choose(a keys.Action) tea.Cmd {
	switch a {
	case keys.Accept:
		if f.at < len(f.names) {
			f.name.Set(f.names[f.at])
			f.step, f.fault = typing, nil
		}
	case keys.Cancel:
		return nav.Send(nav.Close{Overlay: f})
	}
	return nil
}

func (f *Caller) typing(a keys.Action) tea.Cmd {
	switch a {
	case keys.NextField, keys.PreviousField:
		f.onName = len(f.names) == 0 && !f.onName
	case keys.Accept:
		return f.call()
	case keys.Cancel:
		if len(f.names) == 0 {
			return nav.Send(nav.Close{Overlay: f})
		}
		f.step = choosing
		f.at = max(0, slices.Index(f.names, f.name.Value()))
	}
	return nil
}

// call calls the function.
func (f *Caller) call() tea.Cmd {
	switch {
	case f.name.Value() == "":
		f.onName = true
		f.fault = model.Inputf("", "which function? its name is missing")
		return nil
	case f.onName:
		f.onName = false
		return nil
	case f.wrong != nil:
		return nil
	}
	f.fault = nil
	ctx, cancel := context.WithTimeout(f.Ctx, patience)
	f.cancel = cancel
	person, name, values := f.Person, f.name.Value(), f.values
	return request.Ask(f.asker, func(context.Context) (answered, error) { // its own deadline: a function may take longer than a question
		defer cancel()
		v, err := person.Call(ctx, name, values)
		return answered{v}, err
	})
}

// answered shows what came back. A call may have written anything, so the token is renewed and the difference shows.
func (f *Caller) answered(m request.Answer[answered]) tea.Cmd {
	if m.Err != nil {
		f.fault = model.AsFault("", m.Err)
		if f.fault.Kind == model.SignedOut || f.fault.Kind == model.Unreachable {
			return nav.Send(nav.Report{Fault: f.fault})
		}
		return nil
	}
	f.answer, f.step, f.at = m.Value.value, reading, 0
	f.show()
	return nav.Send(nav.Refresh{})
}

// longest is how much of an answer is shown, in bytes; copying gives all of it.
const longest = 256 << 10

// show makes the lines of the answer.
func (f *Caller) show() {
	if f.answer.IsZero() {
		f.shown = model.ShowLines("undefined: the function returned nothing")
		return
	}
	content := f.copied()
	if len(content) > longest {
		content = strings.ToValidUTF8(content[:longest], "") + "\n… cut here; copying gives the whole"
	}
	f.shown = model.ShowLines(content)
}

// copied is the answer as extended JSON, its text masked while personal data is.
func (f *Caller) copied() string {
	if f.answer.IsZero() {
		return ""
	}
	if f.Record.Masked {
		return model.IndentJSON(model.ValueOf(masked(f.answer)))
	}
	return model.IndentJSON(f.answer)
}

// masked is a value with its strings masked.
func masked(v bson.RawValue) any {
	switch v.Type {
	case bson.TypeString:
		return model.Show(v.StringValue()).Mask().String()
	case bson.TypeEmbeddedDocument:
		d := bson.D{}
		fields, err := v.Document().Elements()
		if err != nil {
			return nil
		}
		for _, e := range fields {
			d = append(d, bson.E{Key: e.Key(), Value: masked(e.Value())})
		}
		return d
	case bson.TypeArray:
		a := bson.A{}
		items, err := v.Array().Values()
		if err != nil {
			return nil
		}
		for _, item := range items {
			a = append(a, masked(item))
		}
		return a
	}
	return v
}
