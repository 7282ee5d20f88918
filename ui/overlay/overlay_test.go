package overlay_test

import (
	"image"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"dossier/model"
	"dossier/themes"
	"dossier/ui/overlay"
	"dossier/ui/style"
)

// bare returns the composer's lines of a screen with a box, without styles.
func bare(screen, box string, at image.Point) []string {
	dim := style.New(themes.Default(), true, style.Options{NoColor: true}).Dimmed
	var c overlay.Composer
	lines := c.Begin(screen, dim)
	c.Top(lines, box, at)
	for i := range lines {
		lines[i] = ansi.Strip(lines[i])
	}
	return lines
}

func TestABoxKeepsTheWidthOfLines(t *testing.T) {
	line := "日本語\x1b[31m日本語日本語\x1b[0m日本語"
	width := ansi.StringWidthWc(line)
	for x := range width - 4 {
		lines := bare(line+"\n"+line+"\n"+line, "abcd\nefgh", image.Pt(x, 1))
		if lines[0] != ansi.Strip(line) {
			t.Errorf("x %d: the line above changed", x)
		}
		for i, want := range []string{"abcd", "efgh"} {
			got := lines[i+1]
			if w := ansi.StringWidthWc(got); w != width {
				t.Errorf("x %d: line %d is %d cells wide, want %d: %q", x, i+1, w, width, got)
			}
			if at := strings.Index(got, want); ansi.StringWidthWc(got[:at]) != x {
				t.Errorf("x %d: %q is at another position: %q", x, want, got)
			}
		}
	}
}

// A text in a column of which the box covers a part is not shown, and a blank stands beside the box.
func TestABoxCutsNoText(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"│ favoriteColor  pink │", "│       [--]     pink │"},
		{"one two three four five", "        [--]"},
		{"one two  three  four five", "one two [--]    four five"},
		{"one two threefour  five", "        [--]       five"},
		{"10:46:01 saved  │three", "        [--]    │three"},
		{"────────────────────────", "─────── [--] ───────────"},
		{"name  漢字漢字漢字漢字  end", "name    [--]            end"},
		{"short", "short   [--]"},
	} {
		got := bare(c.line, "[--]", image.Pt(8, 0))[0]
		if strings.TrimRight(got, " ") != strings.TrimRight(c.want, " ") {
			t.Errorf("%q: %q, want %q", c.line, got, c.want)
		}
	}
}

// Everything beside the top box is drawn in one style, whatever it was drawn in before.
func TestWhatIsBelowABoxIsDimmed(t *testing.T) {
	dim := style.New(themes.Default(), true, style.Options{}).Dimmed
	var c overlay.Composer
	for range 2 { // the second time, from what was kept
		lines := c.Begin("\x1b[31mred\x1b[m  and  \x1b[7mreversed\x1b[m\nplain  below", dim)
		c.Below(lines, "\x1b[1m<>\x1b[m", image.Pt(5, 0))
		c.Top(lines, "BOX", image.Pt(0, 1))
		if want := dim.Render("red  <>   reversed"); lines[0] != want {
			t.Errorf("%q, want %q", lines[0], want)
		}
		if want := "BOX" + dim.Render("    below"); lines[1] != want {
			t.Errorf("%q, want %q", lines[1], want)
		}
	}
}

func TestToastsFitTheirLinesAndExpire(t *testing.T) {
	s := style.New(themes.Default(), true, style.Options{})
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	var toasts overlay.Toasts
	for i := range 9 {
		toasts.Add(model.Show(strings.Repeat("toast ", 30)+string(rune('a'+i))), overlay.Good, overlay.NoTopic, now)
	}
	for _, area := range []image.Point{{80, 24}, {12, 13}, {5, 1}, {0, 0}, {40, 40}} {
		lines := toasts.Lines(s, area.X, area.Y)
		if len(lines) != toasts.Rows(area.X, area.Y) || len(lines) > 3 || area.Y < 24 && len(lines) > 1 {
			t.Errorf("%v: %d lines", area, len(lines))
		}
		for _, line := range lines {
			if w := ansi.StringWidthWc(line); w > area.X {
				t.Errorf("%v: a line is %d wide", area, w)
			}
		}
	}
	toasts.Expire(now.Add(time.Minute))
	if !toasts.Next().IsZero() {
		t.Error("toasts do not expire")
	}
	toasts.Add(model.Show("saved"), overlay.Good, overlay.NoTopic, now)
	toasts.Add(model.Show("a draft is kept"), overlay.Plain, overlay.KeptDraft, now)
	if lines := toasts.Lines(s, 60, 24); len(lines) != 1 || !strings.Contains(ansi.Strip(lines[0]), "a draft is kept") {
		t.Errorf("two short toasts are drawn as %q", lines)
	}
	toasts.End(overlay.KeptDraft)
	if got := ansi.Strip(strings.Join(toasts.Lines(s, 60, 24), "\n")); !strings.Contains(got, "saved") ||
		strings.Contains(got, "draft") {
		t.Errorf("after the end of the draft: %q", got)
	}
}
