package uitest

import (
	"context"
	"image"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"dossier/themes"
	"dossier/ui"
	"dossier/ui/style"
)

// T is what the driver needs of a test; a program that draws frames may bring its own.
type T interface {
	Helper()
	Fatalf(format string, args ...any)
}

// Options says what the person sits in front of. The zero value is 80×24, the default theme, dark.
type Options struct {
	Size   image.Point
	Theme  string
	Light  bool
	Style  style.Options // no colour, ASCII
	Themes []themes.Theme
}

// Driver is a person at the keyboard. Its methods return it, so that a test reads as what the person does and sees.
type Driver struct {
	World  *World
	Model  *ui.Model
	Copied []string // what was copied, oldest first
	Quit   bool     // the program has ended
	Saved  string   // the theme that was chosen for good

	t      T
	queue  []tea.Msg
	timers []timer
	cancel context.CancelFunc
}

// timer is a message that time will bring.
type timer struct {
	at   time.Time
	make func(time.Time) tea.Msg
}

// Start opens the screen on a world and lets everything that needs no time happen.
func Start(t T, w *World, o Options) *Driver {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	d := &Driver{World: w, t: t, cancel: cancel}
	if o.Size == (image.Point{}) {
		o.Size = image.Pt(80, 24)
	}
	if o.Themes == nil {
		o.Themes = []themes.Theme{themes.Default()}
	}
	background := ui.Dark
	if o.Light {
		background = ui.Light
	}
	d.Model = ui.New(ui.Config{
		Ctx: ctx, Accounts: w, Drafts: w, Service: "embedded workspace", Now: w.Now(),
		Appearance: ui.Appearance{Themes: o.Themes, Theme: o.Theme, Background: background, Options: o.Style},
		SaveTheme:  func(name string) error { d.Saved = name; return nil },
		Copy:       func(s string) tea.Cmd { d.Copied = append(d.Copied, s); return nil },
		After:      d.after,
	})
	d.run(d.Model.Init())
	d.Send(tea.WindowSizeMsg{Width: o.Size.X, Height: o.Size.Y})
	return d
}

// Close ends what still waits.
func (d *Driver) Close() { d.cancel() }

// after stands in for tea.Tick: the message comes when Wait gets there.
func (d *Driver) after(wait time.Duration, f func(time.Time) tea.Msg) tea.Cmd {
	d.timers = append(d.timers, timer{d.World.Now().Add(wait), f})
	return nil
}

// run carries a command out off the loop and queues what it answers, unless it waits in the world.
func (d *Driver) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	d.World.started()
	go func() {
		msg := cmd()
		d.World.answer(msg)
		d.World.ended()
	}()
	d.World.settle()
}

// Send delivers a message and everything that follows from it without time passing.
func (d *Driver) Send(msg tea.Msg) *Driver {
	d.queue = append(d.queue, msg)
	d.drain()
	return d
}

func (d *Driver) drain() {
	for !d.Quit {
		d.queue = append(d.queue, d.World.answers()...)
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

// Type types text, a key a character.
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

// ClickOn clicks the first cell of the first place where the frame shows the text.
func (d *Driver) ClickOn(text string) *Driver {
	d.t.Helper()
	for y, line := range strings.Split(d.Frame(), "\n") {
		if i := strings.Index(line, text); i >= 0 {
			return d.Click(ansi.StringWidth(line[:i]), y)
		}
	}
	d.t.Fatalf("there is no %q to click in\n%s", text, d.Frame())
	return d
}

// Wheel turns the mouse wheel over a cell, up for negative notches.
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

// Wait lets time pass; what it brings happens in its order.
func (d *Driver) Wait(span time.Duration) *Driver {
	end := d.World.Now().Add(span)
	for !d.Quit {
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
		d.World.advance(t.at)
		d.Send(t.make(t.at))
	}
	d.World.advance(end)
	return d
}

// Release lets the calls go on that wait in a slow world, which is slow no longer.
func (d *Driver) Release() *Driver {
	d.World.Fail(None)
	for d.World.release() {
		d.World.settle()
	}
	d.drain()
	return d
}

// Frame is what the terminal shows, without styles.
func (d *Driver) Frame() string { return ansi.Strip(d.ANSI()) }

// ANSI is what the terminal shows, with styles.
func (d *Driver) ANSI() string { return d.Model.View().Content }

// See fails the test unless the frame shows every one of the texts.
func (d *Driver) See(texts ...string) *Driver {
	d.t.Helper()
	frame := d.Frame()
	for _, text := range texts {
		if !strings.Contains(frame, text) {
			d.t.Fatalf("%q is not to be seen in\n%s", text, frame)
		}
	}
	return d
}

// DontSee fails the test if the frame shows one of the texts.
func (d *Driver) DontSee(texts ...string) *Driver {
	d.t.Helper()
	frame := d.Frame()
	for _, text := range texts {
		if strings.Contains(frame, text) {
			d.t.Fatalf("%q is to be seen in\n%s", text, frame)
		}
	}
	return d
}
