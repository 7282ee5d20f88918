// Package terminal runs a Bubble Tea program and draws its views when they change. Bubble Tea handles messages and
// commands; its renderer is off, and its ticker ends after the start: nothing runs while nothing changes.
//
// A view fills the terminal, on the alternate screen: View.AltScreen has no effect. Sequences are sent with tea.Raw;
// Bubble Tea's own commands for the terminal, such as tea.SetClipboard and tea.Exec, View.OnMouse and View.ProgressBar
// are not supported; Release runs another program in the terminal.
//
// May import: nothing of ours.
package terminal

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
)

// Options is the terminal of a program. Out and Now must be set.
type Options struct {
	In      io.Reader        // nil: no input
	Out     io.Writer        // must not change line feeds; a terminal of this process does not while the program runs
	Environ []string         // of the user of the terminal, as "NAME=value"
	Now     func() time.Time // limits the number of frames

	// Linear prints the content of the view after each message as it is, in place of frames, and uses no feature of the
	// terminal but bracketed paste. For models that say what changed as lines of text.
	Linear bool
	// Size is the size in cells of an Out that is not a terminal of this process, such as a session over a network; send a
	// tea.WindowSizeMsg when it changes. Zero: In and Out are the process's terminal.
	Size image.Point
	// Stop stops the process until it is continued, for tea.Suspend; nil: tea.Suspend has no effect.
	Stop func()
	// Filter returns the message to handle in place of msg, or nil; it runs in the event loop. May be nil.
	Filter func(m tea.Model, msg tea.Msg) tea.Msg
	// Queries is written first, before the model starts: queries whose answers the first frame depends on.
	Queries string
}

// Program is a Bubble Tea program with its terminal. It has no global state: a process may run several.
type Program struct {
	ctx     context.Context
	options Options
	console uv.Console // nil: not a terminal of this process
	out     *output
	loop    *loop
	tea     *tea.Program

	stopInput func() // set by Run
	released  released
}

// New returns a program that shows a model. Run starts it; ctx ends it.
func New(ctx context.Context, m tea.Model, o Options) *Program {
	p := &Program{ctx: ctx, options: o, out: &output{w: o.Out}}
	size, profile := o.Size, colorprofile.Env(o.Environ)
	if in, out := terminalFile(o.In), terminalFile(o.Out); size == (image.Point{}) && in != nil && out != nil {
		p.console, profile = uv.NewConsole(in, out, o.Environ), colorprofile.Detect(o.Out, o.Environ)
		size = p.size()
	}
	p.out.resume = func() { p.tea.Send(frameDue{}) }
	rest := func() tea.Msg { _ = p.tea.ReleaseTerminal(); return nil } // stops the ticker
	p.loop = &loop{inner: m, rest: rest, now: o.Now, out: p.out, screen: &screen{options: o}, linear: o.Linear}
	p.tea = tea.NewProgram(p.loop, tea.WithContext(ctx), tea.WithoutRenderer(), tea.WithFPS(1),
		tea.WithoutSignalHandler(), tea.WithFilter(p.filter), tea.WithInput(nil), tea.WithOutput(p.out),
		tea.WithEnvironment(o.Environ), tea.WithColorProfile(profile), tea.WithWindowSize(size.X, size.Y))
	return p
}

// terminalFile returns a stream as a file if it is a terminal, else nil.
func terminalFile(stream any) uv.File {
	if f, ok := stream.(uv.File); ok && term.IsTerminal(f.Fd()) {
		return f
	}
	return nil
}

// Send sends a message to the model. It blocks until the event loop takes it, and does nothing after the end.
func (p *Program) Send(msg tea.Msg) { p.tea.Send(msg) }

// Run shows the model until it quits or the context ends, and restores the terminal. Its error is Bubble Tea's, or a
// *PanicError.
func (p *Program) Run() error {
	stopInput, err := p.enter()
	if err != nil {
		return errors.Join(err, p.leave())
	}
	p.stopInput = stopInput
	if p.options.In != nil {
		p.out.print(p.options.Queries)
	}
	if p.options.In != nil && !p.options.Linear && answersQueries(p.options.Environ) {
		p.out.print(ansi.RequestModeSynchronizedOutput + ansi.RequestModeUnicodeCore)
	}
	if p.console != nil {
		defer watchSize(p.sendSize)()
	}
	_, err = p.tea.Run()
	p.released.wait()
	p.stopInput()
	return errors.Join(p.loop.failed, err, p.leave())
}

// enter has the terminal of this process pass input on as it is typed, and starts reading it.
func (p *Program) enter() (stopInput func(), err error) {
	if p.console != nil {
		if _, err := p.console.MakeRaw(); err != nil {
			return nil, fmt.Errorf("cannot set the terminal to raw mode: %w", err)
		}
	}
	if p.options.In == nil {
		return func() {}, nil
	}
	if p.options.Linear { // else a line break in pasted text would be Enter
		p.out.print(ansi.SetModeBracketedPaste)
	}
	reader, err := uv.NewCancelReader(p.options.In)
	if err != nil {
		return nil, fmt.Errorf("cannot read the terminal: %w", err)
	}
	events, ended := make(chan uv.Event), make(chan struct{})
	go func() {
		defer close(events)
		input := uv.NewTerminalReader(reader, uv.Environ(p.options.Environ).Getenv("TERM"))
		if err := input.StreamEvents(p.ctx, events); err != nil {
			events <- failure{fmt.Errorf("%w: cannot read the terminal: %w", tea.ErrProgramKilled, err)}
		}
	}()
	go func() {
		defer close(ended)
		for event := range events {
			p.tea.Send(event)
		}
	}()
	return sync.OnceFunc(func() {
		if reader.Cancel() {
			select {
			case <-ended:
			case <-time.After(time.Second / 2): // Send waits for the event loop, which may be the caller
			}
		}
		_ = reader.Close()
	}), nil
}

// leave restores the terminal; the next frame takes it back. It waits a limited time for a terminal that does not read.
func (p *Program) leave() error {
	p.out.print(p.loop.screen.leave())
	if p.options.Linear && p.options.In != nil {
		p.out.print(ansi.ResetModeBracketedPaste)
	}
	p.out.wait(time.Second)
	if p.console == nil {
		return nil
	}
	return p.console.Restore()
}

// size returns the size of the terminal of this process: where it is unknown, COLUMNS and LINES, else 80×24.
func (p *Program) size() image.Point {
	width, height, _ := p.console.GetSize()
	known := func(n int, variable string, fallback int) int {
		if n > 0 {
			return n
		}
		if n, err := strconv.Atoi(p.console.Getenv(variable)); err == nil && n > 0 {
			return n
		}
		return fallback
	}
	return image.Pt(known(width, "COLUMNS", 80), known(height, "LINES", 24))
}

func (p *Program) sendSize() {
	if p.console != nil {
		size := p.size()
		p.tea.Send(tea.WindowSizeMsg{Width: size.X, Height: size.Y})
	}
}

// filter takes the messages that write to the terminal or suspend the program.
func (p *Program) filter(_ tea.Model, msg tea.Msg) tea.Msg {
	if p.options.Filter != nil {
		msg = p.options.Filter(p.loop.inner, msg)
	}
	switch msg := msg.(type) {
	case tea.RawMsg:
		if text := fmt.Sprint(msg.Msg); p.released.active() {
			p.released.raw += text
		} else {
			p.out.print(text)
		}
		return nil
	case tea.SuspendMsg:
		return p.suspend()
	case releaseMsg:
		return p.release(msg.run)
	case returned:
		return p.restore(msg.result)
	}
	return msg
}

// suspend stops the process with the terminal restored.
func (p *Program) suspend() tea.Msg {
	if p.options.Stop == nil {
		return nil
	}
	if p.released.active() { // the program that has the terminal is in the same process group
		p.options.Stop()
		return nil
	}
	p.stopInput()
	_ = p.leave()
	p.options.Stop()
	stopInput, err := p.enter()
	if err != nil {
		return failure{err}
	}
	p.stopInput = stopInput
	go p.sendSize() // this is the event loop
	return tea.ResumeMsg{}
}

// answersQueries reports whether a terminal is known to answer queries of modes before the program ends.
func answersQueries(environ uv.Environ) bool {
	program, named := environ.LookupEnv("TERM_PROGRAM")
	_, remote := environ.LookupEnv("SSH_TTY")
	_, windows := environ.LookupEnv("WT_SESSION")
	known := windows || !remote && (!named || !strings.Contains(program, "Apple"))
	for _, name := range []string{"ghostty", "wezterm", "alacritty", "kitty", "rio"} {
		known = known || strings.Contains(environ.Getenv("TERM"), name)
	}
	return known
}
