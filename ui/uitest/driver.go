package uitest

import (
	"context"
	"image"
	"slices"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"dossier/themes"
	"dossier/ui"
	"dossier/ui/keys"
	"dossier/ui/port"
	"dossier/ui/style"
)

// T is the part of testing.T that the driver uses. Programs that draw frames supply their own.
type T interface {
	Helper()
	Fatalf(format string, args ...any)
}

// Options is the terminal and the appearance. The zero value is 80×24 cells, the default theme, dark.
type Options struct {
	Size   image.Point
	Theme  string
	Light  bool
	Auto   bool          // the background is not known before a tea.BackgroundColorMsg
	Style  style.Options // such as NoColor and ASCII
	Themes []themes.Theme

	Clipboard func(ctx context.Context, text string) error // the system's; nil: none
	Keys      keys.Map                                     // nil: keys.Default()
	Tips      []string                                     // the tips that were shown in earlier runs; nil: no tips
	// ScreenReader collects in Driver.Said what the screen says, in place of frames.
	ScreenReader bool
	Story        bool                        // tell the demo's story; the backend is its app
	Open         func(context.Context) error // opens the service, such as Backend.Open; nil: it is open
}

// Driver operates the screen. Its methods return it, for chains.
type Driver struct {
	Backend    *Backend
	Model      *ui.Model
	Files      Files    // that were exported
	Copied     []string // sent to the clipboard of the terminal, oldest first
	Quit       bool     // the program has ended
	SavedTheme string   // the theme that was stored
	Wakes      int      // the timers that ended
	SavedTips  []string // the tips that were shown, as they were stored
	Said       string   // with Options.ScreenReader, all that was said

	t      T
	queue  []tea.Msg
	mu     sync.Mutex // guards sent
	sent   []tea.Msg  // by other goroutines, not yet delivered
	timers []timer
	cancel context.CancelFunc

	screenReader bool
}

// timer is a message of a later time.
type timer struct {
	at   time.Time
	make func(time.Time) tea.Msg
}

// Start opens the screen on a backend and runs everything that takes no time.
func Start(t T, b *Backend, o Options) *Driver {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	d := &Driver{Backend: b, t: t, cancel: cancel, screenReader: o.ScreenReader}
	if o.Size == (image.Point{}) {
		o.Size = image.Pt(80, 24)
	}
	if o.Themes == nil {
		o.Themes = []themes.Theme{themes.Default()}
	}
	background := ui.Dark
	switch {
	case o.Light:
		background = ui.Light
	case o.Auto:
		background = ui.Auto
	}
	var app port.SimulatedApp
	if o.Story {
		app = b
	}
	var saveTip func(string) error
	if o.Tips != nil {
		saveTip = func(name string) error { d.SavedTips = append(d.SavedTips, name); return nil }
	}
	d.Model = ui.New(ui.Config{
		Keys: o.Keys, Tips: o.Tips, SaveTip: saveTip,
		Ctx: ctx, Accounts: b, Drafts: b, Files: &d.Files, Arguments: Arguments{b}, Service: "embedded workspace",
		App: app, Clock: b.Now, Open: o.Open,
		Send:            d.send,
		Appearance:      ui.Appearance{Themes: o.Themes, Theme: o.Theme, Background: background, Options: o.Style},
		SaveTheme:       func(name string) error { d.SavedTheme = name; return nil },
		Clipboard:       o.Clipboard,
		SendToClipboard: func(s string) tea.Cmd { d.Copied = append(d.Copied, s); return nil },
		After:           d.after,
		ScreenReader:    o.ScreenReader,
	})
	d.run(d.Model.Init())
	d.Send(tea.WindowSizeMsg{Width: o.Size.X, Height: o.Size.Y})
	return d
}

// send replaces tea.Program.Send. It may be called while the backend's lock is held.
func (d *Driver) send(msg tea.Msg) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sent = append(d.sent, msg)
}

// takeSent removes and returns the messages of other goroutines.
func (d *Driver) takeSent() []tea.Msg {
	d.mu.Lock()
	defer d.mu.Unlock()
	msgs := d.sent
	d.sent = nil
	return msgs
}

// Close cancels the commands that still wait.
func (d *Driver) Close() { d.cancel() }

// after replaces tea.Tick: Wait sends the message.
func (d *Driver) after(wait time.Duration, f func(time.Time) tea.Msg) tea.Cmd {
	d.timers = append(d.timers, timer{d.Backend.Now().Add(wait), f})
	return nil
}

// run runs a command until it ends or blocks in the backend.
func (d *Driver) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	d.Backend.commandStarted()
	go func() {
		msg := cmd()
		d.Backend.deliver(msg)
		d.Backend.commandEnded()
	}()
	d.Backend.settle()
}

// Send sends a message, and all that follow from it without time passing.
func (d *Driver) Send(msg tea.Msg) *Driver {
	d.queue = append(d.queue, msg)
	d.drain()
	return d
}

func (d *Driver) drain() {
	for !d.Quit {
		d.queue = append(append(d.queue, d.Backend.takeMessages()...), d.takeSent()...)
		if len(d.queue) == 0 {
			return
		}
		msg := d.queue[0]
		d.queue = d.queue[1:]
		switch msg := msg.(type) {
		case nil:
		case tea.BatchMsg:
			for _, cmd := range msg {
				d.run(cmd)
			}
		case tea.QuitMsg:
			d.Quit = true
		default:
			_, cmd := d.Model.Update(msg)
			if d.screenReader {
				d.Said += d.Model.View().Content
			}
			d.run(cmd)
		}
	}
}

// Press presses keys, written as "e", "enter", "ctrl+k", "shift+tab".
func (d *Driver) Press(keys ...string) *Driver {
	for _, k := range keys {
		d.Send(Key(k))
	}
	return d
}

// Type types text, one key for each character.
func (d *Driver) Type(text string) *Driver {
	for _, r := range text {
		d.Send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	return d
}

// Paste pastes text.
func (d *Driver) Paste(text string) *Driver { return d.Send(tea.PasteMsg{Content: text}) }

// Click clicks a cell with the left button.
func (d *Driver) Click(x, y int) *Driver {
	return d.Send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
}

// ClickOn clicks the first cell of the first occurrence of a text.
func (d *Driver) ClickOn(text string) *Driver {
	d.t.Helper()
	for y, line := range strings.Split(d.Frame(), "\n") {
		if i := strings.Index(line, text); i >= 0 {
			return d.Click(ansi.StringWidthWc(line[:i]), y)
		}
	}
	d.t.Fatalf("the frame does not contain %q to click on\n%s", text, d.Frame())
	return d
}

// Wheel turns the mouse wheel over a cell; negative notches turn it up.
func (d *Driver) Wheel(x, y, notches int) *Driver {
	button := tea.MouseWheelDown
	if notches < 0 {
		button, notches = tea.MouseWheelUp, -notches
	}
	for range notches {
		d.Send(tea.MouseWheelMsg{X: x, Y: y, Button: button})
	}
	return d
}

// Resize changes the terminal's size.
func (d *Driver) Resize(width, height int) *Driver {
	return d.Send(tea.WindowSizeMsg{Width: width, Height: height})
}

// Wait advances the clock and sends the messages of timers in order.
func (d *Driver) Wait(span time.Duration) *Driver {
	end := d.Backend.Now().Add(span)
	for !d.Quit {
		d.drain()
		next := -1
		for i, t := range d.timers {
			if !t.at.After(end) && (next < 0 || t.at.Before(d.timers[next].at)) {
				next = i
			}
		}
		if next < 0 {
			break
		}
		t := d.timers[next]
		d.timers = slices.Delete(d.timers, next, next+1)
		d.Backend.setNow(t.at)
		d.Wakes++
		d.Send(t.make(t.at))
	}
	d.Backend.setNow(end)
	return d
}

// Release ends uitest.Slow and resumes the waiting calls one after the other.
func (d *Driver) Release() *Driver {
	d.Backend.SetFailure(NoFailure)
	for d.Backend.release() {
		d.Backend.settle()
	}
	d.drain()
	return d
}

// Frame returns the text of the screen, without styles.
func (d *Driver) Frame() string { return ansi.Strip(d.ANSI()) }

// ANSI returns the screen with its styles.
func (d *Driver) ANSI() string { return d.Model.View().Content }

// See fails the test unless the frame contains every text.
func (d *Driver) See(texts ...string) *Driver {
	d.t.Helper()
	frame := d.Frame()
	for _, text := range texts {
		if !strings.Contains(frame, text) {
			d.t.Fatalf("the frame does not contain %q\n%s", text, frame)
		}
	}
	return d
}

// DontSee fails the test if the frame contains one of the texts.
func (d *Driver) DontSee(texts ...string) *Driver {
	d.t.Helper()
	frame := d.Frame()
	for _, text := range texts {
		if strings.Contains(frame, text) {
			d.t.Fatalf("the frame contains %q\n%s", text, frame)
		}
	}
	return d
}
