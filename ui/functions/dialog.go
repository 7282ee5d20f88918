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
	d := &Dialog{Config: c, requests: request.New(c.Ctx, callTimeout), names: c.State.App().Functions}
	d.args = text.NewLine(args)
	d.args.Hidden = args != ""
	d.args.MaxBytes = 16 << 20
	d.applyMask()
	d.cursor = max(0, slices.Index(d.names, name))
	d.name = text.NewLine(name)
	if name != "" || len(d.names) == 0 {
		d.step, d.nameFocused = stepArguments, name == ""
	}
	d.parseArgs()
	return d
}

// applyMask hides the arguments while personal data is masked: they may come from a document.
func (d *Dialog) applyMask() {
	d.args.Mask = ""
	if d.State.Masked {
		d.args.Mask = d.Styles.Glyphs.Mask
	}
}

// parseArgs parses the arguments.
func (d *Dialog) parseArgs() {
	d.values, d.argsFault = nil, nil
	if strings.TrimSpace(d.args.Value()) == "" {
		return
	}
	v, err := model.ParseJSON(d.args.Value())
	switch {
	case err != nil:
		d.argsFault = model.AsFault("", err)
	case model.KindOf(v) == model.Object: // a single object is the only argument
		d.values = []bson.RawValue{v}
	case model.KindOf(v) != model.Array:
		d.argsFault = model.InvalidInputf("", "arguments must be an array or an object: put [ ] around this value")
	default:
		if d.values, err = v.Array().Values(); err != nil {
			d.argsFault = model.AsFault("read the arguments", err)
		}
	}
}

// Update handles results, keys, pastes and broadcasts.
func (d *Dialog) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case style.Changed:
		d.Styles = m.Styles
	case state.Changed:
		d.State = m.State
		d.applyMask()
	case tea.WindowSizeMsg:
		d.Screen = image.Pt(m.Width, m.Height)
	case request.Response[callResult]:
		if request.Accept(d.requests, m) {
			return d.handleResult(m)
		}
	case tea.PasteMsg:
		if d.step == stepArguments && !d.requests.Busy() {
			d.focusedLine().Paste(m.Content)
			d.changed()
		}
	case tea.MouseWheelMsg:
		if n := pane.WheelRows(m, 3); n != 0 {
			d.moveCursor(n)
		}
	case tea.MouseClickMsg:
		if d.step == stepChoose {
			d.cursor = min(max(0, m.Y-1+d.firstRow(pane.Inner(d.Size(d.Screen)).Y)), len(d.names)-1)
		}
	case tea.KeyPressMsg:
		return d.press(m)
	}
	return nil
}

func (d *Dialog) press(m tea.KeyPressMsg) tea.Cmd {
	if m.Text == "" {
		if a, ok := d.Keys.Resolve(m, d.Scope()); ok {
			return d.Handle(a)
		}
	}
	if d.step == stepArguments && !d.requests.Busy() && d.focusedLine().HandleKey(m) {
		d.changed()
	}
	return nil
}

func (d *Dialog) changed() {
	d.fault = nil
	d.parseArgs()
}

// focusedLine returns the input that has the focus.
func (d *Dialog) focusedLine() *text.Line {
	if d.nameFocused {
		return &d.name
	}
	return &d.args
}

// Handle runs an action.
func (d *Dialog) Handle(a keys.Action) tea.Cmd {
	if d.requests.Busy() {
		if a == keys.Cancel {
			d.cancelCall()
		}
		return nil
	}
	if moved := d.doMove(a); moved {
		return nil
	}
	switch d.step {
	case stepChoose:
		return d.doChoose(a)
	case stepArguments:
		return d.doArguments(a)
	}
	switch a {
	case keys.CopyValue:
		return nav.Send(nav.Copy{Text: d.resultJSON(), Label: "what " + d.name.Value() + " returned"})
	case keys.EditField, keys.Accept:
		d.step = stepArguments
	case keys.Cancel:
		return nav.Send(nav.Close{Overlay: d})
	}
	return nil
}

// cancelCall stops waiting. The function may still run and write, which the message states.
func (d *Dialog) cancelCall() {
	d.requests.Cancel()
	d.fault = &model.Fault{Kind: model.Failed, Message: "stopped waiting: the function may or may not have run",
		Advice: "check the data before calling it again"}
}

// doMove runs an action that moves the cursor; false: another action.
func (d *Dialog) doMove(a keys.Action) bool {
	const page = 10
	if d.step == stepArguments {
		return false
	}
	switch a {
	case keys.Up:
		d.moveCursor(-1)
	case keys.Down:
		d.moveCursor(1)
	case keys.PageUp:
		d.moveCursor(-page)
	case keys.PageDown:
		d.moveCursor(page)
	case keys.Top:
		d.moveCursor(-1 << 30)
	case keys.Bottom:
		d.moveCursor(1 << 30)
	default:
		return false
	}
	return true
}

func (d *Dialog) moveCursor(by int) {
	n := len(d.names)
	if d.step == stepResult {
		n = len(d.resultLines)
	}
	d.cursor = min(max(0, d.cursor+by), max(0, n-1))
}

func (d *Dialog) doChoose(a keys.Action) tea.Cmd {
	switch a {
	case keys.Accept:
		if d.cursor < len(d.names) {
			d.name.SetValue(d.names[d.cursor])
			d.step, d.fault = stepArguments, nil
		}
	case keys.Cancel:
		return nav.Send(nav.Close{Overlay: d})
	}
	return nil
}

func (d *Dialog) doArguments(a keys.Action) tea.Cmd {
	switch a {
	case keys.NextField, keys.PreviousField:
		d.nameFocused = len(d.names) == 0 && !d.nameFocused
	case keys.Accept:
		return d.call()
	case keys.Cancel:
		if len(d.names) == 0 {
			return nav.Send(nav.Close{Overlay: d})
		}
		d.step = stepChoose
		d.cursor = max(0, slices.Index(d.names, d.name.Value()))
	}
	return nil
}

// call starts the function call.
func (d *Dialog) call() tea.Cmd {
	switch {
	case d.name.Value() == "":
		d.nameFocused = true
		d.fault = model.InvalidInputf("", "the name of the function is missing")
		return nil
	case d.nameFocused:
		d.nameFocused = false
		return nil
	case d.argsFault != nil:
		return nil
	}
	d.fault = nil
	user, name, values := d.User, d.name.Value(), d.values
	return request.Start(d.requests, func(ctx context.Context) (callResult, error) {
		v, err := user.Call(ctx, name, values)
		return callResult{v}, err
	})
}

// handleResult shows the result. A function can write anything, so the token is refreshed to show differences.
func (d *Dialog) handleResult(m request.Response[callResult]) tea.Cmd {
	if m.Err != nil {
		d.fault = model.AsFault("", m.Err)
		if d.fault.Kind == model.SignedOut || d.fault.Kind == model.Unreachable {
			return nav.Send(nav.ShowFault{Fault: d.fault})
		}
		return nil
	}
	d.result, d.step, d.cursor = m.Value.value, stepResult, 0
	d.showResult()
	return nav.Send(nav.Refresh{})
}

// maxResultBytes is the maximal size of the displayed result, in bytes; copying returns all of it.
const maxResultBytes = 256 << 10

// showResult creates the lines of the result.
func (d *Dialog) showResult() {
	if d.result.IsZero() {
		d.resultLines = model.ShowLines("undefined: the function returned nothing")
		return
	}
	content := d.resultJSON()
	if len(content) > maxResultBytes {
		content = strings.ToValidUTF8(content[:maxResultBytes], "") + "\n… truncated here; copying returns all of it"
	}
	d.resultLines = model.ShowLines(content)
}

// resultJSON returns the result as extended JSON, with masked while personal data is masked.
func (d *Dialog) resultJSON() string {
	if d.result.IsZero() {
		return ""
	}
	return d.State.JSON(nil, d.result)
}
