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
	"dossier/ui/document"
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
	Ctx       context.Context
	User      port.User // the caller
	Arguments port.CallArguments
	Memory    *Memory
	Keys      keys.Map
	Styles    *style.Styles
	State     *state.State
	Now       time.Time        // of the last tick
	Clock     func() time.Time // measures calls
	Screen    image.Point      // the terminal size
}

// step is one page of the dialog.
type step int

const (
	stepChoose step = iota
	stepArguments
	stepResult
	stepHistory
)

var _ pane.Overlay = (*Dialog)(nil)

// Dialog calls a function. Its steps: choose a function, type arguments, read the result; and the calls of this run.
type Dialog struct {
	Config
	usage    *usage
	requests *request.Runner // calls
	checks   *request.Runner // reads long arguments
	storage  *request.Runner // loads and stores arguments
	step     step
	back     step // that the history returns to

	picker picker
	cursor int // in the matches of the picker or, in the history, in the calls
	name   string
	args   arguments
	fault  *model.Fault // why the call failed, or was refused

	startedAt time.Time // the running call
	output    output
}

// picker is the step in which a function is chosen.
type picker struct {
	names   []string // the known functions
	find    text.Line
	matches []string // names that contain the typed text, and the text itself unless it is one of them
}

// arguments is the step in which the arguments are typed.
type arguments struct {
	area    text.Area
	hidden  bool // they are masked and were not typed here: they are shown and edited as a whole only
	values  []bson.RawValue
	fault   *model.Fault // why they are not valid
	pending bool         // a call was requested while they were read
}

// output is the step that shows what a function returned.
type output struct {
	value   bson.RawValue
	summary string // what value is
	took    time.Duration
	tree    *document.Pane
	treeOf  bson.Raw
	results int // the number of results so far
}

// callResult is what a function returned, and how long it took.
type callResult struct {
	value bson.RawValue
	took  time.Duration
}

// New opens the dialog. With a name it starts at the arguments, which are an extended JSON array; empty: those of the
// last call.
func New(c Config, name, args string) (*Dialog, tea.Cmd) {
	d := &Dialog{Config: c, usage: c.Memory.of(c.State.Account.ID), picker: picker{names: c.State.App().Functions},
		requests: request.New(c.Ctx, callTimeout), checks: request.New(c.Ctx, callTimeout),
		storage: request.New(c.Ctx, 0)}
	d.filter()
	load := d.load()
	if name == "" {
		return d, load
	}
	return d, tea.Batch(load, d.choose(name, args))
}

// loaded is the arguments of the last calls, by function.
type loaded struct{ arguments map[string]string }

// saved is the response to storing arguments.
type saved struct{ function, arguments string }

// load loads the arguments of the last calls. While personal data is masked it does not: they may hold some.
func (d *Dialog) load() tea.Cmd {
	if d.usage.loaded || d.State.Masked {
		return nil
	}
	source, account := d.Arguments, d.State.Account.ID
	return request.Start(d.storage, func(context.Context) (loaded, error) {
		arguments, err := source.Load(account)
		return loaded{arguments}, err
	})
}

// handleLoaded takes the arguments of the last calls. What was typed in this run stays.
func (d *Dialog) handleLoaded(m request.Response[loaded]) tea.Cmd {
	if m.Err != nil {
		d.fault = model.AsFault("read the last arguments", m.Err)
		return nil
	}
	d.usage.loaded = true
	for function, arguments := range m.Value.arguments {
		d.usage.stored[function] = arguments
		if _, typed := d.usage.typed[function]; !typed {
			d.usage.typed[function] = arguments
		}
	}
	if d.step == stepArguments && d.args.area.ByteLen() == 0 {
		return d.setArguments(d.usage.typed[d.name])
	}
	return nil
}

// maxStoredBytes is the maximal size of arguments that are stored on disk.
const maxStoredBytes = 64 << 10

// keep remembers the typed arguments for this run, and stores them on disk unless personal data is masked.
func (d *Dialog) keep() tea.Cmd {
	if d.name == "" || d.step != stepArguments {
		return nil
	}
	function, arguments := d.name, d.args.area.Value()
	d.usage.typed[function] = arguments
	if d.State.Masked || d.usage.stored[function] == arguments || len(arguments) > maxStoredBytes {
		return nil
	}
	target, account := d.Arguments, d.State.Account.ID
	write := d.usage.writes.Add(func() error { return target.Save(account, function, arguments) })
	return request.Start(d.storage, func(context.Context) (saved, error) {
		return saved{function, arguments}, write()
	})
}

func (d *Dialog) handleSaved(m request.Response[saved]) tea.Cmd {
	if m.Err != nil {
		return nav.Send(nav.ShowFault{Fault: model.AsFault("store the arguments", m.Err)})
	}
	d.usage.stored[m.Value.function] = m.Value.arguments
	return nil
}

// Update handles results, keys, pastes and broadcasts.
func (d *Dialog) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case style.Changed:
		d.Styles = m.Styles
	case state.Changed:
		d.State = m.State
		d.applyMask()
		return d.showResult(false)
	case state.Tick:
		d.Now = m.Now
	case tea.WindowSizeMsg:
		d.Screen = image.Pt(m.Width, m.Height)
	case request.Response[callResult]:
		if request.Accept(d.requests, m) {
			return d.handleResult(m)
		}
	case request.Response[parsed]:
		if request.Accept(d.checks, m) {
			return d.handleParsed(m.Value)
		}
	case request.Response[loaded]:
		if request.Accept(d.storage, m) {
			return d.handleLoaded(m)
		}
	case request.Response[saved]:
		if request.Accept(d.storage, m) {
			return d.handleSaved(m)
		}
	case tea.PasteMsg:
		return d.paste(m)
	case tea.MouseMsg:
		return d.mouse(m)
	case tea.KeyPressMsg:
		return d.press(m)
	}
	return d.updateTree(msg)
}

func (d *Dialog) press(m tea.KeyPressMsg) tea.Cmd {
	if d.step == stepResult && !d.requests.Busy() {
		return d.updateTree(m)
	}
	if m.Text == "" && !d.isNewline(m) {
		if a, ok := d.Keys.Resolve(m, d.Scope()); ok {
			return d.Handle(a)
		}
	}
	switch {
	case d.requests.Busy():
	case d.step == stepChoose && d.picker.find.HandleKey(m):
		d.fault = nil
		d.filter()
	case d.step == stepArguments:
		return d.edit(m)
	}
	return nil
}

func (d *Dialog) paste(m tea.PasteMsg) tea.Cmd {
	switch {
	case d.requests.Busy():
	case d.step == stepChoose && d.picker.find.Paste(m.Content):
		d.fault = nil
		d.filter()
	case d.step == stepArguments && !d.args.hidden && d.args.area.Paste(m.Content):
		return d.changed()
	case d.step == stepResult:
		return d.updateTree(m)
	}
	return nil
}

// Handle runs an action.
func (d *Dialog) Handle(a keys.Action) tea.Cmd {
	if d.requests.Busy() {
		if a == keys.Cancel {
			d.cancelCall()
		}
		return nil
	}
	if a == keys.ShowHistory && d.step != stepHistory {
		keep := d.keep()
		d.back, d.step, d.cursor = d.step, stepHistory, 0
		return keep
	}
	switch d.step {
	case stepChoose:
		return d.handleChoose(a)
	case stepArguments:
		return d.handleArguments(a)
	case stepHistory:
		return d.handleHistory(a)
	}
	return d.handleTree(a)
}

// cancelCall stops waiting. The function may still run and write, which the message states.
func (d *Dialog) cancelCall() {
	d.requests.Cancel()
	d.usage.add(call{at: d.startedAt, function: d.name, arguments: d.args.area.Value(), took: d.Clock().Sub(d.startedAt),
		outcome: stopped})
	d.fault = &model.Fault{Kind: model.Failed, Message: "stopped waiting: the function may or may not have run",
		Advice: "check the data before calling it again"}
}

// filter finds the functions whose names contain the typed text. The text itself is the last one: a service may have
// functions that it does not list.
func (d *Dialog) filter() {
	typed := strings.TrimSpace(d.picker.find.Value())
	d.picker.matches = nil
	for _, n := range d.picker.names {
		if strings.Contains(strings.ToLower(n), strings.ToLower(typed)) {
			d.picker.matches = append(d.picker.matches, n)
		}
	}
	if typed != "" && !slices.Contains(d.picker.names, typed) {
		d.picker.matches = append(d.picker.matches, typed)
	}
	d.cursor = 0
}

// handleChoose runs an action on the list of functions.
func (d *Dialog) handleChoose(a keys.Action) tea.Cmd {
	switch a {
	case keys.Accept:
		if d.cursor < len(d.picker.matches) {
			return d.choose(d.picker.matches[d.cursor], "")
		}
		d.fault = model.InvalidInputf("", "the name of the function is missing")
	case keys.Cancel:
		return nav.Send(nav.Close{Overlay: d})
	default:
		d.moveCursor(a, len(d.picker.matches))
	}
	return nil
}

// moveCursor runs an action that moves the cursor in a list of n rows.
func (d *Dialog) moveCursor(a keys.Action, n int) {
	s := pane.Scroll{Selected: d.cursor, Len: n, Height: max(1, d.listHeight())}
	if s.Move(a) {
		d.cursor = s.Selected
	}
}

// choose goes to the arguments of a function; empty: those that were typed last.
func (d *Dialog) choose(name, args string) tea.Cmd {
	d.name, d.step, d.fault = name, stepArguments, nil
	if args == "" {
		args = d.usage.typed[name]
	}
	return d.setArguments(args)
}

// Scope returns the key scope of the step, or keys.Waiting during a call.
func (d *Dialog) Scope() keys.Scope {
	switch {
	case d.requests.Busy():
		return keys.Waiting
	case d.step == stepChoose:
		return keys.FunctionPicker
	case d.step == stepHistory:
		return keys.CallHistory
	case d.step == stepResult && d.treeCapturesKeys():
		return d.output.tree.Scope()
	case d.step == stepResult:
		return keys.FunctionResult
	case d.args.area.LineCount() > 1:
		return keys.ArgumentLines
	}
	return keys.Arguments
}

// CapturesKeys reports whether text is being typed.
func (d *Dialog) CapturesKeys() bool {
	return d.step == stepChoose || d.step == stepArguments || d.step == stepResult && d.treeCapturesKeys()
}

// Title returns the title of the dialog.
func (d *Dialog) Title() model.Visible {
	switch {
	case d.step == stepHistory:
		return model.Show("calls of this run")
	case d.step == stepChoose:
		return model.Show("functions")
	}
	return model.Show("call " + d.name)
}

// HasUnsaved reports whether there are typed arguments that are not stored on disk.
func (d *Dialog) HasUnsaved() bool {
	typed := d.args.area.ByteLen() > 0 && d.step == stepArguments
	return typed && !d.args.hidden && d.usage.stored[d.name] != d.args.area.Value()
}
