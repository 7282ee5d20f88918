package terminal_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"dossier/ui/terminal"
)

// counter is a model that counts its messages and the calls of View.
type counter struct {
	updates, views int
	view           tea.View
	init           tea.Cmd
	update         func(msg tea.Msg) tea.Cmd // may be nil
}

func (c *counter) Init() tea.Cmd { return c.init }

func (c *counter) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	c.updates++
	if c.update != nil {
		return c, c.update(msg)
	}
	return c, nil
}

func (c *counter) View() tea.View {
	c.views++
	v := c.view
	if v.Content == "" {
		v.Content = fmt.Sprint("updates: ", c.updates, ".")
	}
	return v
}

// recorder is a terminal that records what it reads. It can stop reading.
type recorder struct {
	mu     sync.Mutex
	text   strings.Builder
	writes int
	pause  chan struct{} // nil: reads at once
}

func (r *recorder) Write(b []byte) (int, error) {
	r.mu.Lock()
	pause := r.pause
	r.mu.Unlock()
	if pause != nil {
		<-pause
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.writes++
	return r.text.Write(b)
}

// take returns what was written since the last call, when all goroutines wait.
func (r *recorder) take() string {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	text := r.text.String()
	r.text.Reset()
	return text
}

func (r *recorder) setPause(pause chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pause = pause
}

// session is a running program.
type session struct {
	*terminal.Program
	out   *recorder
	ended chan error
}

// open runs a model in fake time, and waits for its first frames.
func open(ctx context.Context, m tea.Model, in io.Reader) *session {
	s := &session{out: &recorder{}, ended: make(chan error, 1)}
	s.Program = terminal.New(ctx, m, terminal.Options{In: in, Out: s.out, Environ: []string{"TERM=xterm-256color"},
		Now: time.Now, Size: image.Pt(40, 5)})
	go func() { s.ended <- s.Run() }()
	time.Sleep(time.Second)
	return s
}

func (s *session) end(t *testing.T) string {
	t.Helper()
	s.out.take()
	s.Send(tea.QuitMsg{})
	if err := <-s.ended; err != nil {
		t.Error(err)
	}
	return s.out.take()
}

// within runs a test in fake time.
func within(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, test)
}

func TestTheFirstChangeIsDrawnAtOnceAndOthersSixtyTimesASecond(t *testing.T) {
	within(t, func(t *testing.T) {
		m := &counter{}
		s := open(t.Context(), m, nil)
		s.out.take()
		views, writes := m.views, s.out.writes
		s.Send("a")
		if got := s.out.take(); got == "" || m.views != views+1 {
			t.Errorf("the first change wrote %q in %d views", got, m.views-views)
		}
		for range 1000 { // a second
			s.Send("b")
			time.Sleep(time.Millisecond)
		}
		s.out.take()
		if frames := s.out.writes - writes; frames < 50 || frames > 62 || m.views-views > frames+1 {
			t.Errorf("%d frames and %d views in a second", frames, m.views-views)
		}
		time.Sleep(time.Second)
		views, writes = m.views, s.out.writes
		time.Sleep(time.Hour)
		s.out.take()
		if m.views != views || s.out.writes != writes {
			t.Errorf("%d views and %d writes without a message", m.views-views, s.out.writes-writes)
		}
		s.end(t)
	})
}

func TestTheSameFrameWritesNothing(t *testing.T) {
	within(t, func(t *testing.T) {
		s := open(t.Context(), &counter{view: tea.View{Content: "the same"}}, nil)
		s.out.take()
		s.Send("a")
		if got := s.out.take(); got != "" {
			t.Errorf("wrote %q", got)
		}
		s.end(t)
	})
}

// A terminal that does not read, such as one behind a slow line, delays frames only.
func TestATerminalThatDoesNotReadBlocksNothingElse(t *testing.T) {
	within(t, func(t *testing.T) {
		m := &counter{}
		s := open(t.Context(), m, nil)
		s.out.take()
		pause := make(chan struct{})
		s.out.setPause(pause)
		for range 100 {
			s.Send("a")
			time.Sleep(20 * time.Millisecond)
		}
		views := m.views
		s.out.setPause(nil)
		close(pause)
		got := s.out.take()
		time.Sleep(time.Second)
		if got += s.out.take(); m.views != views+1 || strings.Count(got, "\x1b[?25l") > 2 ||
			!strings.Contains(got, fmt.Sprint(m.updates, ".")) {
			t.Errorf("after the pause: %d views, wrote %q", m.views-views, got)
		}
		s.out.setPause(make(chan struct{}))
		start := time.Now()
		s.Send("b")
		s.Send(tea.QuitMsg{})
		if err := <-s.ended; err != nil || time.Since(start) > 2*time.Second {
			t.Errorf("ended after %s: %v", time.Since(start), err)
		}
		close(s.out.pause)
	})
}

// Text such as that for the clipboard is written at once, after the frame before it.
func TestRawTextIsWrittenAtOnce(t *testing.T) {
	within(t, func(t *testing.T) {
		s := open(t.Context(), &counter{update: func(msg tea.Msg) tea.Cmd {
			if msg == "copy" {
				return tea.Raw(ansi.SetSystemClipboard("text"))
			}
			return nil
		}}, nil)
		s.out.take()
		s.Send("copy")
		if got := s.out.take(); !strings.HasSuffix(got, ansi.SetSystemClipboard("text")) || strings.Index(got,
			"\x1b]52") == 0 {
			t.Errorf("wrote %q", got)
		}
		s.end(t)
	})
}

func TestModesAreSetAndReset(t *testing.T) {
	within(t, func(t *testing.T) {
		in, input := io.Pipe()
		cursor := tea.NewCursor(3, 1)
		cursor.Shape, cursor.Blink, cursor.Color = tea.CursorBar, false, ansi.HexColor("#102030")
		m := &counter{view: tea.View{Content: "text", MouseMode: tea.MouseModeCellMotion, ReportFocus: true, Cursor: cursor,
			WindowTitle: "title", ForegroundColor: ansi.HexColor("#ffffff"), BackgroundColor: ansi.HexColor("#000000"),
			ProgramStatus: &tea.ProgramStatus{State: tea.ProgramStateDone}}}
		s := open(t.Context(), m, in)
		got := s.out.take()
		for _, on := range []string{"\x1b[?1049h", "\x1b[?2004h", "\x1b[?1004h", "\x1b[?1002h\x1b[?1006h", "\x1b[>1u",
			"\x1b[?u",
			"\x1b[>4;2m", "\x1b]2;title", "\x1b]10;#ffffff", "\x1b]11;#000000", "\x1b[6 q", "\x1b]12;#102030",
			"\x1b[?2026$p\x1b[?2027$p", ansi.SetProgramStatus(*m.view.ProgramStatus)} {
			if !strings.Contains(got, on) {
				t.Errorf("%q is missing in %q", on, got)
			}
		}
		s.Send(tea.ModeReportMsg{Mode: ansi.ModeUnicodeCore, Value: ansi.ModeSet})
		time.Sleep(time.Second)
		if again := s.out.take(); !strings.Contains(again, ansi.ResetModeUnicodeCore) || !strings.Contains(again, "text") {
			t.Errorf("mode 2027: %q", again)
		}
		left := s.end(t)
		for _, off := range []string{"\x1b[?1049l", "\x1b[?2004l", "\x1b[?1004l", "\x1b[?1002l\x1b[?1003l\x1b[?1006l",
			"\x1b[<1u",
			"\x1b[>4m", "\x1b]2;\a", "\x1b]110", "\x1b]111", "\x1b[0 q", "\x1b]112", "\x1b[?25h", ansi.SetModeUnicodeCore} {
			if !strings.Contains(left, off) {
				t.Errorf("%q is missing in %q", off, left)
			}
		}
		if strings.Index(left, "\x1b[<1u") > strings.Index(left, "\x1b[?1049l") {
			t.Errorf("the keyboard's mode of the other screen is reset: %q", left)
		}
		_ = input.Close()
	})
}

// A terminal that counts clusters, or cannot leave mode 2027, is not asked to.
func TestModesThatAreOffStayAsTheyAre(t *testing.T) {
	within(t, func(t *testing.T) {
		s := open(t.Context(), &counter{}, nil)
		if got := s.out.take(); strings.Contains(got, "$p") || strings.Contains(got, "\x1b[?1002h") || strings.Contains(got,
			"u") &&
			strings.Contains(got, "\x1b[>1u") {
			t.Errorf("a program without input wrote %q", got)
		}
		for _, value := range []ansi.ModeSetting{ansi.ModeReset, ansi.ModeNotRecognized, ansi.ModePermanentlySet} {
			s.Send(tea.ModeReportMsg{Mode: ansi.ModeUnicodeCore, Value: value})
		}
		time.Sleep(time.Second)
		if got := s.out.take() + s.end(t); strings.Contains(got, "2027") {
			t.Errorf("wrote %q", got)
		}
	})
}

func TestSynchronizedOutput(t *testing.T) {
	within(t, func(t *testing.T) {
		s := open(t.Context(), &counter{}, nil)
		s.Send(tea.ModeReportMsg{Mode: ansi.ModeSynchronizedOutput, Value: ansi.ModeReset})
		time.Sleep(time.Second)
		s.out.take()
		s.Send("a")
		if got := s.out.take(); !strings.HasPrefix(got, "\x1b[?2026h") || !strings.HasSuffix(got, "\x1b[?2026l") {
			t.Errorf("wrote %q", got)
		}
		s.end(t)
	})
}

// Panics of the model, of a command and of a command in a list end the program with the terminal restored.
func TestPanicsRestoreTheTerminal(t *testing.T) {
	failing := func() tea.Msg { panic("broken") }
	for name, m := range map[string]*counter{
		"init":     {init: failing},
		"command":  {update: func(tea.Msg) tea.Cmd { return failing }},
		"batch":    {init: tea.Batch(func() tea.Msg { return "x" }, failing)},
		"sequence": {init: tea.Sequence(func() tea.Msg { return "x" }, tea.Batch(failing, failing))},
		"update": {update: func(msg tea.Msg) tea.Cmd {
			if msg == "x" {
				panic("broken")
			}
			return nil
		}, init: tea.Tick(time.Millisecond, func(time.Time) tea.Msg { return "x" })},
	} {
		t.Run(name, func(t *testing.T) {
			within(t, func(t *testing.T) {
				s := open(t.Context(), m, nil)
				err := <-s.ended
				panicked, ok := errors.AsType[*terminal.PanicError](err)
				if !ok || panicked.Error() != "panic: broken" || !bytes.Contains(panicked.Stack, []byte("terminal_test")) {
					t.Errorf("got %v", err)
				}
				if got := s.out.take(); strings.Contains(got, "1049h") && !strings.HasSuffix(got, "\x1b[?25h") {
					t.Errorf("wrote %q", got)
				}
			})
		})
	}
}

// A program over a network reads its own stream, and a suspension does not concern it.
func TestInputOfASession(t *testing.T) {
	within(t, func(t *testing.T) {
		in, input := io.Pipe()
		var got []string
		s := open(t.Context(), &counter{update: func(msg tea.Msg) tea.Cmd {
			switch msg := msg.(type) {
			case tea.KeyPressMsg:
				got = append(got, msg.String())
			case tea.PasteMsg:
				got = append(got, "pasted "+msg.Content)
			case tea.SuspendMsg, tea.ResumeMsg:
				t.Errorf("got %T", msg)
			}
			return nil
		}}, in)
		_, _ = io.WriteString(input, "a\x1b[B\x1b[200~text\x1b[201~\x1b")
		time.Sleep(time.Second)
		s.Send(tea.SuspendMsg{})
		_ = input.Close()
		time.Sleep(time.Second)
		s.Send("still running")
		s.end(t)
		if want := "[a down pasted text esc]"; fmt.Sprint(got) != want {
			t.Errorf("got %v, want %s", got, want)
		}
	})
}

func TestSuspension(t *testing.T) {
	within(t, func(t *testing.T) {
		in, input := io.Pipe()
		m, out := &counter{view: tea.View{Content: "text"}}, &recorder{}
		stopped := ""
		p := terminal.New(t.Context(), m, terminal.Options{In: in, Out: out, Now: time.Now, Size: image.Pt(40, 5),
			Stop: func() { stopped = out.text.String() }})
		ended := make(chan error, 1)
		go func() { ended <- p.Run() }()
		time.Sleep(time.Second)
		p.Send(tea.SuspendMsg{})
		time.Sleep(time.Second)
		after := strings.TrimPrefix(out.take(), stopped)
		if !strings.HasSuffix(stopped, "\x1b[?25h") || !strings.Contains(after, "\x1b[?1049h") ||
			!strings.Contains(after, "text") {
			t.Errorf("suspended after %q, then wrote %q", stopped, after)
		}
		p.Send(tea.QuitMsg{})
		if err := <-ended; err != nil {
			t.Error(err)
		}
		_ = input.Close()
	})
}

// A program that gets the terminal finds it restored; nothing is drawn until it ends.
func TestRelease(t *testing.T) {
	within(t, func(t *testing.T) {
		in, input := io.Pipe()
		var got []string
		m := &counter{view: tea.View{Content: "text"}, update: func(msg tea.Msg) tea.Cmd {
			if text, ok := msg.(string); ok {
				got = append(got, text)
			}
			return nil
		}}
		out := &recorder{}
		p := terminal.New(t.Context(), m, terminal.Options{In: in, Out: out, Now: time.Now, Size: image.Pt(40, 5)})
		ended := make(chan error, 1)
		go func() { ended <- p.Run() }()
		time.Sleep(time.Second)
		release := make(chan struct{})
		before := ""
		go p.Send(terminal.Release(func() tea.Msg { before = out.take(); <-release; return "saved" })())
		time.Sleep(time.Second)
		p.Send("meanwhile")
		p.Send(tea.RawMsg{Msg: "\x1b]2;title\x07"})
		time.Sleep(time.Second)
		if during := out.take(); !strings.HasSuffix(before, "\x1b[?25h") || during != "" {
			t.Errorf("wrote %q before and %q while it was released", before, during)
		}
		close(release)
		time.Sleep(time.Second)
		if after := out.take(); !strings.Contains(after, "\x1b[?1049h") || !strings.Contains(after, "text") ||
			!strings.Contains(after, "title") {
			t.Errorf("wrote %q after it was back", after)
		}
		p.Send(tea.QuitMsg{})
		if err := <-ended; err != nil {
			t.Error(err)
		}
		_ = input.Close()
		if len(got) != 2 || got[0] != "meanwhile" || got[1] != "saved" {
			t.Errorf("got %v", got)
		}
	})
}

// The end of the program waits for the program that has the terminal.
func TestLentAtTheEnd(t *testing.T) {
	within(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := open(ctx, &counter{view: tea.View{Content: "text"}}, nil)
		returned := false
		s.Send(terminal.Release(func() tea.Msg { <-ctx.Done(); time.Sleep(time.Second); returned = true; return nil })())
		time.Sleep(time.Second)
		cancel()
		if err := <-s.ended; !errors.Is(err, context.Canceled) || !returned {
			t.Errorf("ended with %v, returned %v", err, returned)
		}
	})
}

// A terminal may turn out to have more colours than its environment says.
func TestAnotherColourProfilePaintsEverything(t *testing.T) {
	within(t, func(t *testing.T) {
		s := open(t.Context(), &counter{view: tea.View{Content: "\x1b[38;2;1;2;3mtext"}}, nil)
		s.out.take()
		s.Send(tea.CapabilityMsg{Content: "RGB"})
		time.Sleep(time.Second)
		if got := s.out.take(); !strings.Contains(got, "38;2;1;2;3mtext") {
			t.Errorf("wrote %q", got)
		}
		s.end(t)
	})
}

// Two programs in one process do not know of each other; the context ends each.
func TestSeveralProgramsInOneProcess(t *testing.T) {
	within(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		a, b := open(ctx, &counter{view: tea.View{Content: "first"}}, nil), open(t.Context(), &counter{}, nil)
		cancel()
		if err := <-a.ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if got := a.out.take(); !strings.Contains(got, "first") || !strings.HasSuffix(got, "\x1b[?25h") {
			t.Errorf("the first wrote %q", got)
		}
		b.Send(tea.WindowSizeMsg{Width: 9, Height: 2})
		if got := b.out.take(); !strings.Contains(got, "updates:") || strings.Contains(got, "first") {
			t.Errorf("the second wrote %q", got)
		}
		b.end(t)
	})
}
