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

// callTimeout limits the wait for a function: the client API allows at most 90 seconds.
const callTimeout = 90 * time.Second

// Config holds what the dialog needs.
type Config struct {
	Ctx    context.Context
	User   port.User // the caller
	Keys   keys.Map
	Styles *style.Styles
	State  *state.State
	Screen image.Point // the terminal size
}

// step is one page of the dialog.
type step int

const (
	stepChoose step = iota
	stepArguments
	stepResult
)

var _ pane.Overlay = (*Dialog)(nil)

// Dialog calls a function. Its steps: list of functions, arguments, result.
type Dialog struct {
	Config
	requests *request.Runner
	step     step
	names    []string // the known functions
	cursor   int      // the selected row, of the list or the result

	name        text.Line
	nameFocused bool // the name has the focus; it is editable if no list is known
	args        text.Line
	values      []bson.RawValue
	argsFault   *model.Fault // why the arguments are not valid
	fault       *model.Fault // why the call failed

	result      bson.RawValue
	resultLines []model.Visible // the result as lines
}

// callResult is what a function returned.
type callResult struct{ value bson.RawValue }

// New opens the dialog. With a name it starts at the arguments, which are an extended JSON array or empty.
func New(c Config, name, args string) *Dialog {
	f := &Dialog{Config: c, requests: request.New(c.Ctx, callTimeout), names: c.State.App().Functions}
	f.args = text.NewLine(args)
	f.args.MaxBytes = 16 << 20
	f.applyMask()
	f.cursor = max(0, slices.Index(f.names, name))
	f.name = text.NewLine(name)
	if name != "" || len(f.names) == 0 {
		f.step, f.nameFocused = stepArguments, name == ""
	}
	f.parseArgs()
	return f
}

// applyMask hides the arguments while personal data is masked: they may come from a document.
func (f *Dialog) applyMask() {
	f.args.Mask = ""
	if f.State.Masked {
		f.args.Mask = f.Styles.Glyphs.Mask
	}
}

// parseArgs parses the arguments.
func (f *Dialog) parseArgs() {
	f.values, f.argsFault = nil, nil
	if strings.TrimSpace(f.args.Value()) == "" {
		return
	}
	v, err := model.ParseJSON(f.args.Value())
	switch {
	case err != nil:
		f.argsFault = model.AsFault("", err)
	case model.KindOf(v) == model.Object: // a single object is the only argument
		f.values = []bson.RawValue{v}
	case model.KindOf(v) != model.Array:
		f.argsFault = model.InvalidInputf("", "arguments must be an array or an object: put [ ] around this value")
	default:
		if f.values, err = v.Array().Values(); err != nil {
			f.argsFault = model.AsFault("read the arguments", err)
		}
	}
}

// Update handles results, keys, pastes and broadcasts.
func (f *Dialog) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case style.Changed:
		f.Styles = m.Styles
	case state.Changed:
		f.State = m.State
		f.applyMask()
	case tea.WindowSizeMsg:
		f.Screen = image.Pt(m.Width, m.Height)
	case request.Response[callResult]:
		if request.Accept(f.requests, m) {
			return f.handleResult(m)
		}
	case tea.PasteMsg:
		if f.step == stepArguments && !f.requests.Busy() {
			f.focusedLine().Paste(m.Content)
			f.changed()
		}
	case tea.MouseWheelMsg:
		switch m.Button {
		case tea.MouseWheelUp:
			f.moveCursor(-3)
		case tea.MouseWheelDown:
			f.moveCursor(3)
		}
	case tea.MouseClickMsg:
		if f.step == stepChoose {
			f.cursor = min(max(0, m.Y-1+f.firstRow(pane.Inner(f.Size(f.Screen)).Y)), len(f.names)-1)
		}
	case tea.KeyPressMsg:
		return f.press(m)
	}
	return nil
}

func (f *Dialog) press(m tea.KeyPressMsg) tea.Cmd {
	if m.Text == "" {
		if a, ok := f.Keys.Resolve(m, f.Scope()); ok {
			return f.Handle(a)
		}
	}
	if f.step == stepArguments && !f.requests.Busy() && f.focusedLine().HandleKey(m) {
		f.changed()
	}
	return nil
}

func (f *Dialog) changed() {
	f.fault = nil
	f.parseArgs()
}

// focusedLine returns the input that has the focus.
func (f *Dialog) focusedLine() *text.Line {
	if f.nameFocused {
		return &f.name
	}
	return &f.args
}

// Handle runs an action.
func (f *Dialog) Handle(a keys.Action) tea.Cmd {
	if f.requests.Busy() {
		if a == keys.Cancel {
			f.cancelCall()
		}
		return nil
	}
	if moved := f.doMove(a); moved {
		return nil
	}
	switch f.step {
	case stepChoose:
		return f.doChoose(a)
	case stepArguments:
		return f.doArguments(a)
	}
	switch a {
	case keys.CopyValue:
		return nav.Send(nav.Copy{Text: f.resultJSON(), Label: "what " + f.name.Value() + " returned"})
	case keys.EditField, keys.Accept:
		f.step = stepArguments
	case keys.Cancel:
		return nav.Send(nav.Close{Overlay: f})
	}
	return nil
}

// cancelCall stops waiting. The function may still run and write, which the message states.
func (f *Dialog) cancelCall() {
	f.requests.Cancel()
	f.requests.Cancel()
	f.fault = &model.Fault{Kind: model.Failed, Message: "stopped waiting: the function may or may not have run",
		Advice: "check the data before calling it again"}
}

// doMove runs an action that moves the cursor; false: another action.
func (f *Dialog) doMove(a keys.Action) bool {
	const page = 10
	if f.step == stepArguments {
		return false
	}
	switch a {
	case keys.Up:
		f.moveCursor(-1)
	case keys.Down:
		f.moveCursor(1)
	case keys.PageUp:
		f.moveCursor(-page)
	case keys.PageDown:
		f.moveCursor(page)
	case keys.Top:
		f.moveCursor(-1 << 30)
	case keys.Bottom:
		f.moveCursor(1 << 30)
	default:
		return false
	}
	return true
}

func (f *Dialog) moveCursor(by int) {
	n := len(f.names)
	if f.step == stepResult {
		n = len(f.resultLines)
	}
	f.cursor = min(max(0, f.cursor+by), max(0, n-1))
}

func (f *Dialog) doChoose(a keys.Action) tea.Cmd {
	switch a {
	case keys.Accept:
		if f.cursor < len(f.names) {
			f.name.SetValue(f.names[f.cursor])
			f.step, f.fault = stepArguments, nil
		}
	case keys.Cancel:
		return nav.Send(nav.Close{Overlay: f})
	}
	return nil
}

func (f *Dialog) doArguments(a keys.Action) tea.Cmd {
	switch a {
	case keys.NextField, keys.PreviousField:
		f.nameFocused = len(f.names) == 0 && !f.nameFocused
	case keys.Accept:
		return f.call()
	case keys.Cancel:
		if len(f.names) == 0 {
			return nav.Send(nav.Close{Overlay: f})
		}
		f.step = stepChoose
		f.cursor = max(0, slices.Index(f.names, f.name.Value()))
	}
	return nil
}

// call starts the function call.
func (f *Dialog) call() tea.Cmd {
	switch {
	case f.name.Value() == "":
		f.nameFocused = true
		f.fault = model.InvalidInputf("", "the name of the function is missing")
		return nil
	case f.nameFocused:
		f.nameFocused = false
		return nil
	case f.argsFault != nil:
		return nil
	}
	f.fault = nil
	user, name, values := f.User, f.name.Value(), f.values
	return request.Start(f.requests, func(ctx context.Context) (callResult, error) {
		v, err := user.Call(ctx, name, values)
		return callResult{v}, err
	})
}

// handleResult shows the result. A function can write anything, so the token is refreshed to show differences.
func (f *Dialog) handleResult(m request.Response[callResult]) tea.Cmd {
	if m.Err != nil {
		f.fault = model.AsFault("", m.Err)
		if f.fault.Kind == model.SignedOut || f.fault.Kind == model.Unreachable {
			return nav.Send(nav.ShowFault{Fault: f.fault})
		}
		return nil
	}
	f.result, f.step, f.cursor = m.Value.value, stepResult, 0
	f.showResult()
	return nav.Send(nav.Refresh{})
}

// maxResultBytes is the maximal size of the displayed result, in bytes; copying returns all of it.
const maxResultBytes = 256 << 10

// showResult creates the lines of the result.
func (f *Dialog) showResult() {
	if f.result.IsZero() {
		f.resultLines = model.ShowLines("undefined: the function returned nothing")
		return
	}
	content := f.resultJSON()
	if len(content) > maxResultBytes {
		content = strings.ToValidUTF8(content[:maxResultBytes], "") + "\n… truncated here; copying returns all of it"
	}
	f.resultLines = model.ShowLines(content)
}

// resultJSON returns the result as extended JSON, with its text masked while personal data is masked.
func (f *Dialog) resultJSON() string {
	if f.result.IsZero() {
		return ""
	}
	if f.State.Masked {
		return model.IndentJSON(model.ValueOf(maskValue(f.result)))
	}
	return model.IndentJSON(f.result)
}

// maskValue returns a value with its strings masked.
func maskValue(v bson.RawValue) any {
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
			d = append(d, bson.E{Key: e.Key(), Value: maskValue(e.Value())})
		}
		return d
	case bson.TypeArray:
		a := bson.A{}
		items, err := v.Array().Values()
		if err != nil {
			return nil
		}
		for _, item := range items {
			a = append(a, maskValue(item))
		}
		return a
	}
	return v
}
