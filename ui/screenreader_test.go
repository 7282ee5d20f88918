package ui_test

import (
	"context"
	"image"
	"io"
	"math/rand/v2"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/ui"
	"dossier/ui/terminal"
	"dossier/ui/uitest"
)

// listener presses keys and checks what the screen says.
type listener struct {
	t *testing.T
	*uitest.Driver
}

func listen(t *testing.T, b *uitest.Backend) listener {
	return listener{t, start(t, b, uitest.Options{ScreenReader: true})}
}

// hears presses keys; each of the texts must then have been said, in this order, and nothing else before it was asked.
func (l listener) hears(keys string, texts ...string) listener {
	l.t.Helper()
	l.Said = ""
	l.Press(strings.Fields(keys)...)
	said := l.Said
	for _, text := range texts {
		_, after, found := strings.Cut(said, text)
		if !found {
			l.t.Fatalf("after %s %q is not said, in this order:\n%s", keys, text, l.Said)
		}
		said = after
	}
	return l
}

func TestAScreenReaderReadsThePanes(t *testing.T) {
	backend, user := uitest.Demo()
	l := listen(t, backend)
	for _, text := range []string{"pane: custom data", "_id, objectId, 5f233a3a0200000000000000, 1 of 15\r\n",
		"? lists the keys, ctrl+k finds every action", "account: demo@example.com", "state: current"} {
		if !strings.Contains(l.Said, text) {
			t.Errorf("the start does not say %q:\n%s", text, l.Said)
		}
	}
	l.hears("down down down", "userId, string", "favoriteColor, string, pink, 4 of 15\r\n")
	user.ChangeField("favoriteColor", "amber")
	l.Said = ""
	if l.Wait(3 * time.Second); !strings.Contains(l.Said,
		"favoriteColor, string, pink, outdated, database: amber, 4 of 15") ||
		!strings.Contains(l.Said, "state: stale") {
		t.Errorf("a change is not said:\n%s", l.Said)
	}
	l.hears("down up", "language, string, en, 5 of 15", "outdated, database: amber")
	l.hears("tab", "pane: session").hears("shift+tab", "pane: custom data", "favoriteColor")
	l.hears("n", "notice: no search yet: / finds a field")
	l.hears("/ c i t y", "address.city, string,", "ty").hears("enter esc")
	l.hears("m", "notice: personal data is masked", "masked").hears("m", "notice: personal data is shown")
	l.hears(": t a g z enter", "jump to t", "no field tagz").hears("esc : t a g s enter", "tags, array")
	l.hears("o", "by name, o changes the order").hears("o o o", "by type", "changed first")
}

func TestAScreenReaderReadsDialogs(t *testing.T) {
	backend, user := uitest.Demo()
	l := listen(t, backend)
	l.hears("down down down E esc", "dialog: edit the whole document", "pane: custom data")
	l.hears("s", "dialog: accounts", "keys: enter switch", "demo@example.com")
	l.hears("a", "dialog: sign in", "keys: enter submit", "e-mail, empty")
	l.hears("x", "x").hears("tab", "password, empty")
	l.hears("s e", "**").hears("enter", "error sign in: the e-mail address or the password is wrong").hears("esc esc")
	l.hears("ctrl+k", "dialog: find an action").hears("t h e m", "t", "h", "themes, T", "em").hears("esc",
		"pane: custom data")
	l.hears("U", "notice: nothing to undo").hears("c", "dialog: compare").hears("esc", "pane: custom data")
	if user.StoredDocument() == nil {
		t.Error("the document is gone")
	}
}

// Data is said as it is, whatever it consists of.
func TestAScreenReaderReadsDataAsItIs(t *testing.T) {
	backend, user := uitest.Demo()
	lines := []string{"first", "---", "abc===", "  indented  code", "> quoted", "a→b"}
	for range 70 {
		lines = append(lines, "same", "other")
	}
	user.SetDocument(uitest.Document(bson.D{{Key: "userId", Value: user.ID()},
		{Key: "text", Value: strings.Join(lines, "\n")}, {Key: "rule", Value: "---"}, {Key: "gap", Value: "a  b---"}}))
	l := listen(t, backend)
	l.hears("r end up e", "value, ---").hears("esc").hears("down e", "value, a  b---").hears("esc up up")
	l.hears("v", "first\r\n---\r\nabc===\r\n  indented  code\r\n> quoted\r\na→b\r\n")
	l.hears("pgdown", "same\r\nother\r\nsame\r\nother\r\nsame\r\nother\r\n")
}

// stream is what a terminal receives.
type stream struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *stream) Write(text []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(text)
}

// take returns what was written since the last call.
func (s *stream) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := s.text.String()
	s.text.Reset()
	return text
}

// With a screen reader the terminal gets printable text and line ends only, between the sequences that switch bracketed
// paste on and off.
func TestAScreenReaderGetsTextOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		backend, _ := uitest.Demo()
		backend.Clock = time.Now
		ctx, stop := context.WithCancel(t.Context())
		in, input := io.Pipe()
		var out stream
		var p *terminal.Program
		m := ui.New(ui.Config{Ctx: ctx, Accounts: backend, Drafts: backend, Clock: time.Now, ScreenReader: true,
			Send: func(msg tea.Msg) { p.Send(msg) }})
		p = terminal.New(ctx, m, terminal.Options{In: in, Out: &out, Now: time.Now, Size: image.Pt(80, 24), Linear: true})
		done := make(chan error, 1)
		go func() { done <- p.Run() }()
		time.Sleep(2 * time.Second)
		var all strings.Builder
		for _, press := range []string{"j", "j", "j", "e", "X", "\x7f", "\x1b[D", "\r", "\x1b", "\x1b", "\x1b", "?", "j",
			"\x1b", "T", "\x1b",
			"/", "city", "\r", "c", "\x1b", "s", "\x1b", "\x0b", "un", "\x1b", "\t", "\t", "m", "+", "-", "v", "\x1b", "A",
			"\x1b", "C", "\x1b",
			"D", "\x1b", "\x1b", "\x1b", "q"} {
			_, _ = io.WriteString(input, press)
			time.Sleep(time.Second)
			all.WriteString(out.take())
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		all.WriteString(out.take())
		text, ok := strings.CutPrefix(all.String(), "\x1b[?2004h")
		text, end := strings.CutSuffix(text, "\x1b[?2004l")
		if !ok || !end {
			t.Errorf("the output begins with %.30q", all.String())
		}
		if found := regexp.MustCompile(`[^\r\n\P{C}]|[\x{2500}-\x{259F}]|[^\r]\n`).FindAllString(text, 5); found != nil {
			t.Errorf("control sequences or drawing characters: %q in\n%s", found, text)
		}
		for _, want := range []string{"pane: custom data", "dialog: edit favoriteColor", "dialog: help", "dialog: themes"} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is not said:\n%s", want, text)
			}
		}
		stop()
		_ = input.Close()
		time.Sleep(time.Minute)
	})
}

// Whatever keys are pressed, what is said is text in lines.
func TestAScreenReaderGetsTextWhateverIsPressed(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	control := regexp.MustCompile(`[^\r\n\P{C}]|[\x{2500}-\x{259F}]|[^\r]\n`)
	for range 40 {
		backend, user := uitest.Demo()
		l := listen(t, backend)
		var keys []string
		for i := range 60 {
			if l.Quit {
				break
			}
			key := pressed[random.IntN(len(pressed))]
			keys = append(keys, key)
			l.Press(key)
			if i%20 == 19 {
				user.ChangeField("favoriteColor", "amber")
				l.Wait(time.Second)
			}
		}
		if found := control.FindAllString(l.Said, 3); found != nil {
			t.Fatalf("after %v: %q in\n%s", keys, found, l.Said)
		}
	}
}

// A draft's value is read in place of the old one, which follows; a save says the state once, when it has settled.
func TestAScreenReaderReadsTheDraft(t *testing.T) {
	backend, _ := uitest.Demo()
	l := listen(t, backend)
	find(l.Driver, "favoriteColor").Press("e", "ctrl+u").Type("teal").Press("enter", "up")
	l.hears("down", "favoriteColor, string, teal, unsaved change, was pink")
	l.Said = ""
	l.Press("ctrl+s", "enter").Wait(2 * time.Second)
	if n := strings.Count(l.Said, "state: "); n > 1 {
		t.Errorf("a save says the state %d times:\n%s", n, l.Said)
	}
}
