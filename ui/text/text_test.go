package text_test

import (
	"image"
	"strings"
	"testing"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"dossier/themes"
	"dossier/ui/style"
	"dossier/ui/text"
)

func key(s string) tea.KeyPressMsg {
	switch s {
	case "left":
		return tea.KeyPressMsg{Code: tea.KeyLeft}
	case "right":
		return tea.KeyPressMsg{Code: tea.KeyRight}
	case "up":
		return tea.KeyPressMsg{Code: tea.KeyUp}
	case "down":
		return tea.KeyPressMsg{Code: tea.KeyDown}
	case "home":
		return tea.KeyPressMsg{Code: tea.KeyHome}
	case "end":
		return tea.KeyPressMsg{Code: tea.KeyEnd}
	case "enter":
		return tea.KeyPressMsg{Code: tea.KeyEnter}
	case "backspace":
		return tea.KeyPressMsg{Code: tea.KeyBackspace}
	case "delete":
		return tea.KeyPressMsg{Code: tea.KeyDelete}
	case "pgdown":
		return tea.KeyPressMsg{Code: tea.KeyPgDown}
	}
	if rest, ok := strings.CutPrefix(s, "ctrl+"); ok {
		return tea.KeyPressMsg{Code: rune(rest[0]), Mod: tea.ModCtrl}
	}
	r, _ := utf8.DecodeRuneInString(s)
	return tea.KeyPressMsg{Code: r, Text: s}
}

func styles() *style.Styles { return style.New(themes.Default(), true, style.Options{NoColor: true}) }

func TestLineEditing(t *testing.T) {
	l := text.NewLine("")
	for _, k := range []string{"p", "i", "n", "k", "left", "left", "X", "end", "!", "home", "delete", "ctrl+e",
		"backspace"} {
		l.HandleKey(key(k))
	}
	if got, want := l.Value(), "iXnk"; got != want {
		t.Errorf("value %q, want %q", got, want)
	}
	l.SetValue("one two three")
	l.HandleKey(key("ctrl+w"))
	if l.Value() != "one two " {
		t.Errorf("ctrl+w left %q", l.Value())
	}
	l.HandleKey(key("ctrl+u"))
	if l.Value() != "" {
		t.Errorf("ctrl+u left %q", l.Value())
	}
}

func TestClustersAreOneStep(t *testing.T) {
	const family, accent = "👩‍👩‍👧", "e\u0301"
	l := text.NewLine("a" + family + accent)
	l.HandleKey(key("backspace"))
	if l.Value() != "a"+family {
		t.Fatalf("backspace left %q", l.Value())
	}
	l.HandleKey(key("left"))
	l.HandleKey(key("x"))
	if l.Value() != "ax"+family {
		t.Errorf("left moved into a cluster: %q", l.Value())
	}
}

func TestHostileTextIsKeptAndDrawnSafely(t *testing.T) {
	const hostile = "a\x1b]0;owned\x07\u202eb\rc\td\u200b\xff\u009b31m"
	l := text.NewLine(hostile)
	l.HandleKey(key("!"))
	if l.Value() != hostile+"!" {
		t.Errorf("the value became %q", l.Value())
	}
	shown := l.View(200)
	for _, r := range shown {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u202e' || r == '\u200b' || r == utf8.RuneError {
			t.Errorf("drew %q of %q", r, shown)
		}
	}
	if got, want := l.Cursor(200), ansi.StringWidthWc(shown); got != want {
		t.Errorf("cursor in cell %d, text is %d wide", got, want)
	}
}

func TestPastedBreaksAreLineFeeds(t *testing.T) {
	l, a := text.NewLine(""), text.NewArea("")
	l.Paste("a\r\nb\rc\nd\r\n\r")
	a.Paste("a\r\nb\rc\nd\r\n\r")
	if l.Value() != "a\nb\nc\nd" || a.Value() != "a\nb\nc\nd\n\n" {
		t.Errorf("pasted %q and %q", l.Value(), a.Value())
	}
	l = text.NewLine("a|")
	l.JoinLines = true
	l.Paste("b\r\nc\n")
	if l.Value() != "a|b c" {
		t.Errorf("pasted %q into a field without line breaks", l.Value())
	}
}

func TestMaxBytesRejectsWithoutChange(t *testing.T) {
	l, a := text.NewLine("ab"), text.NewArea("ab")
	l.MaxBytes, a.MaxBytes = 4, 4
	if l.Paste("xyz") || a.Paste("xyz") {
		t.Error("a paste beyond the limit was accepted")
	}
	if !l.Paste("\n\n\n") {
		t.Error("dropped line breaks counted towards the limit")
	}
	if l.Value() != "ab" || a.Value() != "ab" {
		t.Errorf("values %q and %q", l.Value(), a.Value())
	}
}

func TestAreaEditsLines(t *testing.T) {
	a := text.NewArea("{\n  \"a\": 1\n}")
	for _, k := range []string{"down", "end", ",", "enter", "b"} {
		a.HandleKey(key(k))
	}
	if got, want := a.Value(), "{\n  \"a\": 1,\n  b\n}"; got != want {
		t.Errorf("value %q, want %q", got, want)
	}
	a.HandleKey(key("backspace"))
	a.HandleKey(key("ctrl+u"))
	a.HandleKey(key("backspace"))
	if got, want := a.Value(), "{\n  \"a\": 1,\n}"; got != want {
		t.Errorf("value %q, want %q", got, want)
	}
	if a.ByteLen() != len(a.Value()) {
		t.Errorf("ByteLen is %d, want %d", a.ByteLen(), len(a.Value()))
	}
}

func TestAreaDrawsInsideItsSize(t *testing.T) {
	long := strings.Repeat("wide 漢字 and 👩‍👩‍👧 ", 40)
	content := "short\n" + long + "\n\n" + strings.Repeat("x", 50_000) + "\nlast"
	for _, size := range []image.Point{{1, 1}, {5, 3}, {24, 4}, {40, 9}, {200, 60}} {
		a := text.NewArea(content)
		a.Resize(size.X)
		for range 60 {
			rows := a.View(size, 1, styles(), nil)
			if len(rows) != size.Y {
				t.Fatalf("%v: %d rows", size, len(rows))
			}
			for _, r := range rows {
				if ansi.StringWidthWc(r) > size.X {
					t.Fatalf("%v: a row of %d cells: %q", size, ansi.StringWidthWc(r), ansi.Strip(r))
				}
			}
			if at := a.Cursor(size); !at.In(image.Rectangle{Max: size}) {
				t.Fatalf("%v: cursor at %v", size, at)
			}
			a.HandleKey(key("down"))
			a.HandleKey(key("right"))
		}
	}
}

func TestClickAndCursorAgree(t *testing.T) {
	a := text.NewArea("first line\nsecond 漢字 line\n\nfourth")
	size := image.Pt(40, 6)
	for row, line := range strings.Split(a.Value(), "\n") {
		for i := range line {
			a.MoveTo(row, i)
			at := a.Cursor(size)
			a.MoveTo(0, 0)
			a.Click(at, size)
			if r, c := a.Position(); r != row || c != i {
				t.Errorf("a click on %v, the cell of (%d, %d), moved to (%d, %d)", at, row, i, r, c)
			}
		}
	}
}

func TestMovingDownKeepsTheColumn(t *testing.T) {
	a := text.NewArea("a longer line\nab\nanother long line")
	a.Resize(80)
	a.MoveTo(0, 8)
	a.HandleKey(key("down"))
	a.HandleKey(key("down"))
	if row, at := a.Position(); row != 2 || at != 8 {
		t.Errorf("at (%d, %d), want (2, 8)", row, at)
	}
}

// BenchmarkLargeText measures one key and the next frame in 8 MB of text.
func BenchmarkLargeText(b *testing.B) {
	manyLines := strings.Repeat(strings.Repeat("word ", 200)+"\n", 8000) // 8 MB
	oneLine := strings.Repeat("word ", 1_600_000)
	for name, content := range map[string]string{"lines": manyLines, "one line": oneLine} {
		b.Run(name, func(b *testing.B) {
			a := text.NewArea("")
			a.Paste(content)
			for b.Loop() {
				a.HandleKey(key("x"))
				a.View(image.Pt(100, 40), -1, styles(), nil)
			}
		})
	}
}

func TestAHiddenTextHasOneWidthUntilItWasDeleted(t *testing.T) {
	for _, value := range []string{"", "a", strings.Repeat("secret", 100)} {
		l := text.NewLine(value)
		l.Mask, l.Hidden = "•", true
		if got, at := l.View(20), l.Cursor(20); got != "•••••" || at != 5 {
			t.Errorf("%q is drawn as %q with the cursor at %d", value, got, at)
		}
		l.HandleKey(key("x"))
		l.HandleKey(key("home"))
		if got := l.View(20); got != "•••••" {
			t.Errorf("%q is drawn as %q", value+"x", got)
		}
		l.HandleKey(key("end"))
		l.HandleKey(key("ctrl+u"))
		l.HandleKey(key("x"))
		if got := l.View(20); got != "•" {
			t.Errorf("a typed character is drawn as %q", got)
		}
	}
}

func TestMaskHidesEveryCharacter(t *testing.T) {
	l := text.NewLine("pässwörd")
	l.Mask = "•"
	if got := l.View(40); got != strings.Repeat("•", 8) {
		t.Errorf("shows %q", got)
	}
	a := text.NewArea("se\ncret")
	a.Mask = "*"
	for _, r := range a.View(image.Pt(20, 2), -1, styles(), nil) {
		if strings.ContainsAny(ansi.Strip(r), "secrt") {
			t.Errorf("shows %q", r)
		}
	}
}

func TestHighlightingChangesNoText(t *testing.T) {
	a := text.NewArea("key: e\u0301 漢字 value that is wrapped over several rows")
	for _, cut := range []int{1, 5, 6, 7, 12, 40, 1000} {
		painted := a.View(image.Pt(30, 6), -1, styles(), func(line string) []text.Span {
			return []text.Span{{To: min(cut, len(line)), Style: styles().Bad}, {To: len(line), Style: styles().Good}}
		})
		for i, plain := range a.View(image.Pt(30, 6), -1, styles(), nil) {
			if ansi.Strip(painted[i]) != ansi.Strip(plain) {
				t.Errorf("cut at %d: row %d is %q, want %q", cut, i, ansi.Strip(painted[i]), ansi.Strip(plain))
			}
		}
	}
}

// FuzzLine checks that the drawn text fits the width and has no hostile characters, and that the value is what was
// typed.
func FuzzLine(f *testing.F) {
	f.Add("pink", 10, 2)
	f.Add("\x1b[31m漢字\u202e", 5, 3)
	f.Add("👩‍👩‍👧e\u0301\xff\xfe", 3, 1)
	f.Fuzz(func(t *testing.T, typed string, width, left int) {
		width = min(max(0, width), 300)
		l := text.NewLine("")
		l.Insert(typed)
		for range min(max(0, left), 50) {
			l.HandleKey(key("left"))
		}
		l.Insert("|")
		if got := strings.Replace(l.Value(), "|", "", 1); !strings.Contains(typed, "|") && got != typed {
			t.Fatalf("typed %q, holds %q", typed, got)
		}
		shown := l.View(width)
		if w := ansi.StringWidthWc(shown); w > width {
			t.Fatalf("%d cells of %d: %q", w, width, shown)
		}
		if x := l.Cursor(width); width > 0 && (x < 0 || x >= width && width > 3) {
			t.Fatalf("cursor in cell %d of %d", x, width)
		}
		for _, r := range shown {
			if !utf8.ValidString(shown) || r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r == '\u200b' {
				t.Fatalf("drew %q of %q", r, shown)
			}
		}
	})
}
