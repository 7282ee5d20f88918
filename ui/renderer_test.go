package ui_test

import (
	"bytes"
	"fmt"
	"image"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"

	"dossier/themes"
	"dossier/ui/style"
	"dossier/ui/terminal"
	"dossier/ui/uitest"
)

// shot is a view on a terminal of some size.
type shot struct {
	view tea.View
	size image.Point
}

// showView is the message that changes the view of replay.
type showView struct{ view tea.View }

// replay is a model that shows given views.
type replay struct{ view tea.View }

func (r replay) Init() tea.Cmd { return nil }

func (r replay) View() tea.View { return r.view }

func (r replay) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if show, ok := msg.(showView); ok {
		r.view = show.view
	}
	return r, nil
}

// runner is a running program.
type runner interface{ Send(msg tea.Msg) }

// emulated is a program in a terminal emulator.
type emulated struct {
	*vt.Emulator
	program runner
	title   string
	visible bool
	input   *io.PipeWriter
	ended   chan error
	stream  *bytes.Buffer // all that the program wrote; nil: it is not kept
}

func newEmulated(size image.Point) *emulated {
	e := &emulated{Emulator: vt.NewEmulator(size.X, size.Y), visible: true, ended: make(chan error, 1)}
	e.SetCallbacks(vt.Callbacks{
		Title:            func(title string) { e.title = title },
		CursorVisibility: func(visible bool) { e.visible = visible },
	})
	return e
}

// emulate runs a program until the test's end. The emulator answers its queries.
func emulate(size image.Point, run func(in io.Reader, out io.Writer) (runner, func() error)) *emulated {
	e := newEmulated(size)
	in, input := io.Pipe()
	e.input = input
	go func() { _, _ = io.Copy(input, e.Emulator) }()
	program, wait := run(in, e.Emulator)
	e.program = program
	go func() { e.ended <- wait() }()
	return e
}

// state is what the user sees besides the cells.
func (e *emulated) state() string {
	shape, blink := e.CursorStyle()
	position := e.CursorPosition()
	if !e.visible {
		position = uv.Position{}
	}
	return fmt.Sprint("cursor ", e.visible, position, shape, blink, e.CursorColor(), " title ", e.title, " colours ",
		e.ForegroundColor(), e.BackgroundColor(), " alternate ", e.IsAltScreen())
}

// quit ends the program.
func (e *emulated) quit(t *testing.T) {
	t.Helper()
	go e.program.Send(tea.QuitMsg{})
	if err := <-e.ended; err != nil {
		t.Error(err)
	}
	_ = e.input.Close()
	_ = e.Close()
}

var trueColor = []string{"TERM=xterm-256color", "COLORTERM=truecolor"}

// ordinary runs a model with Bubble Tea's renderer.
func ordinary(t *testing.T, size image.Point, environ []string) *emulated {
	return emulate(size, func(in io.Reader, out io.Writer) (runner, func() error) {
		// Without a terminal for its input, Bubble Tea counts on line feeds that return the cursor.
		_, _ = io.WriteString(out, ansi.SetModeLineFeedNewLine)
		p := tea.NewProgram(replay{}, tea.WithContext(t.Context()), tea.WithInput(in), tea.WithOutput(out),
			tea.WithEnvironment(environ), tea.WithColorProfile(colorprofile.Env(environ)), tea.WithWindowSize(size.X, size.Y),
			tea.WithoutSignalHandler())
		return p, func() error { _, err := p.Run(); return err }
	})
}

// onChange runs a model with the renderer of dossier.
func onChange(t *testing.T, size image.Point, environ []string) *emulated {
	stream := &bytes.Buffer{}
	e := emulate(size, func(in io.Reader, out io.Writer) (runner, func() error) {
		p := terminal.New(t.Context(), replay{}, terminal.Options{In: in, Out: io.MultiWriter(out, stream), Environ: environ,
			Now: time.Now, Size: size})
		return p, p.Run
	})
	e.stream = stream
	return e
}

// sameOnScreen fails the test unless both renderers show the same, after each shot and after the end.
func sameOnScreen(t *testing.T, shots []shot, environ []string, synchronized bool) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		size := shots[0].size
		both := []*emulated{ordinary(t, size, environ), onChange(t, size, environ)}
		time.Sleep(time.Second)
		for i, s := range shots {
			if s.size != size {
				for _, e := range both {
					e.Resize(s.size.X, s.size.Y)
					_, _ = e.WriteString("\x1b7\x1b[H" + strings.Repeat("moved ", 100) + "\x1b8") // as terminals do with text
					e.program.Send(tea.WindowSizeMsg{Width: s.size.X, Height: s.size.Y})
				}
				time.Sleep(40 * time.Millisecond)
			}
			size = s.size
			for _, e := range both {
				e.program.Send(showView{s.view})
				if synchronized && i == len(shots)/2 {
					e.program.Send(tea.ModeReportMsg{Mode: ansi.ModeSynchronizedOutput, Value: ansi.ModeReset})
				}
			}
			time.Sleep(40 * time.Millisecond)
			synctest.Wait()
			if at := both[1].CursorPosition(); !image.Pt(at.X, at.Y).In(image.Rectangle{Max: size}) {
				t.Errorf("frame %d: the cursor is at %v on %v", i, at, size)
			}
			if difference := differ(both[0], both[1]); difference != "" {
				t.Errorf("frame %d of %v: %s\n%s\n%s", i, size, difference, both[0].String(), both[1].String())
				break
			}
		}
		for _, e := range both {
			e.quit(t)
		}
		if !slices.ContainsFunc(shots, func(s shot) bool { return strings.Contains(s.view.Content, "\x1b]8;") }) {
			onlyOwnSequences(t, both[1].stream.Bytes())
		}
		if left, unused := both[1].state(), newEmulated(size).state(); left != unused {
			t.Errorf("after the end: %s, want %s", left, unused)
		}
	})
}

// differ describes the first difference between two screens; "" if they look the same.
func differ(a, b *emulated) string {
	for y := range a.Height() {
		for x := range a.Width() {
			if ca, cb := a.CellAt(x, y), b.CellAt(x, y); !ca.Equal(cb) && looks(ca) != looks(cb) {
				return fmt.Sprintf("line %d, column %d: %s and %s", y+1, x+1, looks(ca), looks(cb))
			}
		}
	}
	if a.state() != b.state() {
		return a.state() + " and " + b.state()
	}
	return ""
}

// looks describes a cell. The text colour of a blank cell is not seen.
func looks(c *uv.Cell) string {
	if c == nil {
		c = &uv.EmptyCell
	}
	s := c.Style
	if c.Content == " " && s.Attrs&uv.AttrReverse == 0 {
		s.Fg = nil
	}
	return fmt.Sprintf("%q %d %s %v", c.Content, c.Width, describe(s), c.Link)
}

// TestRendererShowsWhatBubbleTeaShows compares the renderer with Bubble Tea's in a terminal emulator: the scenes of the
// golden files one after another, each over the one before.
func TestRendererShowsWhatBubbleTeaShows(t *testing.T) {
	for name, o := range map[string]uitest.Options{
		"dark": {}, "light": {Light: true}, "plain": {Style: style.Options{NoColor: true, ASCII: true}},
	} {
		var shots []shot
		for _, size := range []image.Point{{60, 18}, {80, 24}, {140, 44}} {
			for _, scene := range scenes {
				backend, user := uitest.Demo()
				o.Size, o.Themes = size, themes.Builtin()
				d := start(t, backend, o)
				shots = append(shots, shot{d.Model.View(), size})
				scene.play(backend, user, d)
				shots = append(shots, shot{d.Model.View(), size})
			}
		}
		for i, environ := range [][]string{trueColor, {"TERM=xterm-256color"}, {"TERM=xterm", "NO_COLOR=1"}, {"TERM=dumb"},
			{"TERM=tmux-256color", "COLORTERM=truecolor"}} {
			t.Run(fmt.Sprint(name, environ), func(t *testing.T) { sameOnScreen(t, shots, environ, i%2 == 0) })
		}
	}
}

// TestRendererFollowsRandomKeys does the same over random keys, clicks, sizes and failures, with wide characters.
func TestRendererFollowsRandomKeys(t *testing.T) {
	for seed := range uint64(24) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 0))
			s := newScript(t, random.IntN(200), random.IntN(60))
			s.user.ChangeField("漢字 👩‍👩‍👧 e\u0301", "ｶﾞ ﾊﾟ 👍🏽 かきくけこ กำ")
			s.driver.Press("r", "c")
			shots := []shot{{s.driver.Model.View(), s.size}}
			for i := range 60 {
				key := byte(random.IntN(256))
				if random.IntN(3) > 0 {
					key = byte(random.IntN(len(pressed)))
				}
				if s.step(i, key); s.driver.Quit {
					break
				}
				s.drawnAnew(t)
				if s.size.X > 0 && s.size.Y > 0 {
					shots = append(shots, shot{s.driver.Model.View(), s.size})
				}
			}
			sameOnScreen(t, shots, trueColor, seed%2 == 0)
		})
	}
}

// TestRendererFollowsStylesOverLines changes a style in one line that lasts in the next.
func TestRendererFollowsStylesOverLines(t *testing.T) {
	var shots []shot
	for _, content := range []string{
		"\x1b[31mred\nstill red\x1b[m\nplain", "\x1b[34mred\nstill red\x1b[m\nplain", "red\nstill red\nplain", "red", "",
		"a\x1b]8;;https://a.example\ab\nc\x1b]8;;\a\nd", "a\x1b]8;;https://b.example\ab\x1b[1mx\x1b[m\nc\x1b]8;;\a\x1b[m\nd",
		"a\nc\nd", "1\n2\n3\n4\n5\n6\n7", "2\n3\n4\n5\n6\n7\n8",
		"\x1b[1m2\x1b[m\n\x1b[1m3\x1b[m\n4", "\x1b[1m2\x1b[m\n\x1b[4m3\x1b[m\n4\n漢字 and a line that is longer than the " +
			"terminal",
	} {
		shots = append(shots, shot{tea.View{Content: content, AltScreen: true}, image.Pt(30, 6)})
	}
	sameOnScreen(t, shots, trueColor, false)
}

// TestDifferencesOfScreensAreFound checks the comparison of these tests.
func TestDifferencesOfScreensAreFound(t *testing.T) {
	screen := func(text string) *emulated {
		e := newEmulated(image.Pt(20, 3))
		_, _ = e.WriteString(text)
		return e
	}
	for _, text := range []string{"abd", "\x1b[1mabc", "\x1b[31mabc", "ab\x1b[48;5;9mc", "abc\x1b[D", "abc\x1b[4 q",
		"abc\x1b]11;#112233\a", "\x1b[?1049habc", "a\x1b]8;;https://a.example\abc"} {
		if differ(screen("abc"), screen(text)) == "" {
			t.Errorf("%q looks like abc", text)
		}
	}
	if d := differ(screen("a \x1b[31mb"), screen("a\x1b[31m b")); d != "" {
		t.Errorf("blanks of two colours differ: %s", d)
	}
}
