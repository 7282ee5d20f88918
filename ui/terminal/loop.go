package terminal

import (
	"fmt"
	"reflect"
	"runtime/debug"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"
)

// frameTime is the shortest time between two frames.
const frameTime = time.Second / 60

// frameDue is the message that draws a frame which came too early.
type frameDue struct{}

// loop passes messages to the model and draws its view after each: at once, or when frameTime has passed since the last
// frame and that is written. Before the first frame, a view without content is not drawn. It is the model that Bubble
// Tea knows.
type loop struct {
	inner    tea.Model
	rest     tea.Cmd // for the end of the start
	now      func() time.Time
	out      *output
	screen   *screen
	drawn    time.Time // the time of the last frame
	waiting  bool      // frameDue is on its way
	released bool      // another program uses the terminal: nothing is drawn
	failed   error     // why the program ends

	linear    bool   // see Options.Linear
	unprinted string // with linear: said while another program used the terminal
}

// failure is the message that ends the program.
type failure struct{ err error }

// Init starts the model.
func (l *loop) Init() (cmd tea.Cmd) {
	defer l.recover(&cmd)
	return tea.Batch(guard(l.inner.Init()), l.rest)
}

// View returns nothing: Bubble Tea does not draw.
func (l *loop) View() tea.View { return tea.View{} }

// Update handles a message.
func (l *loop) Update(msg tea.Msg) (m tea.Model, cmd tea.Cmd) {
	defer func() { m = l }()
	defer l.recover(&cmd)
	switch msg := msg.(type) {
	case failure:
		l.failed = msg.err
	case frameDue:
		l.waiting = false
		return l, l.draw()
	case tea.WindowSizeMsg:
		l.screen.resize(msg.Width, msg.Height)
	case tea.ColorProfileMsg:
		l.screen.profile = msg.Profile
	case tea.ModeReportMsg:
		l.screen.report(msg)
	}
	if l.failed != nil {
		return l, tea.Quit
	}
	l.inner, cmd = l.inner.Update(msg)
	if l.linear {
		l.print()
		return l, guard(cmd)
	}
	return l, tea.Batch(guard(cmd), l.draw())
}

// print prints the content of the model's view, once after each message; while another program uses the terminal, it is
// kept.
func (l *loop) print() {
	l.unprinted += l.inner.View().Content
	if !l.released && l.unprinted != "" {
		l.out.print(l.unprinted)
		l.unprinted = ""
	}
}

// draw draws the model's view now, or returns the command that does it later; if the terminal still reads the last
// frame, its end does. Before the first size there is nothing to draw.
func (l *loop) draw() tea.Cmd {
	if l.waiting || l.released || l.screen.width <= 0 || l.screen.height <= 0 {
		return nil
	}
	now := l.now()
	if wait := min(frameTime-now.Sub(l.drawn), frameTime); wait > 0 {
		l.waiting = true
		return tea.Tick(wait, func(time.Time) tea.Msg { return frameDue{} })
	}
	if !l.out.ready() {
		l.waiting = true
		return nil
	}
	v := l.inner.View()
	if v.Content == "" && l.screen.shown.modes == nil {
		return nil
	}
	if text := l.screen.draw(v); text != "" {
		l.out.print(text)
		l.drawn = now
	}
	return nil
}

// PanicError is the error of a program whose model or command panicked.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// recover ends the program after a panic.
func (l *loop) recover(cmd *tea.Cmd) {
	if value := recover(); value != nil {
		l.failed = &PanicError{value, debug.Stack()}
		*cmd = tea.Quit
	}
}

// guard returns a command that sends a failure when cmd, or a command that it returns, panics.
func guard(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() (msg tea.Msg) {
		defer func() {
			if value := recover(); value != nil {
				msg = failure{&PanicError{value, debug.Stack()}}
			}
		}()
		msg = cmd()
		// tea.BatchMsg, and the message of tea.Sequence, whose type is not exported.
		if list, cmds := reflect.ValueOf(msg), reflect.TypeFor[[]tea.Cmd](); list.IsValid() && list.CanConvert(cmds) {
			guarded := slices.Clone(list.Convert(cmds).Interface().([]tea.Cmd))
			for i, c := range guarded {
				guarded[i] = guard(c)
			}
			msg = reflect.ValueOf(guarded).Convert(list.Type()).Interface()
		}
		return msg
	}
}
