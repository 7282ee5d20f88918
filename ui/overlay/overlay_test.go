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

func TestComposeKeepsTheWidthOfLines(t *testing.T) {
	line := "日本語\x1b[31m日本語日本語\x1b[0m日本語"
	width := ansi.StringWidthWc(line)
	for x := range width - 4 {
		lines := []string{line, line, line}
		new(overlay.Composer).Compose(lines, "abcd\nefgh", image.Pt(x, 1))
		if lines[0] != line {
			t.Errorf("x %d: the line above changed", x)
		}
		for i, want := range []string{"abcd", "efgh"} {
			got := lines[i+1]
			if w := ansi.StringWidthWc(got); w != width {
				t.Errorf("x %d: line %d is %d cells wide, want %d: %q", x, i+1, w, width, ansi.Strip(got))
			}
			if at := strings.Index(ansi.Strip(got), want); ansi.StringWidthWc(ansi.Strip(got)[:at]) != x {
				t.Errorf("x %d: %q is at another position: %q", x, want, ansi.Strip(got))
			}
		}
	}
}

func TestToastsFitTheirAreaAndExpire(t *testing.T) {
	s := style.New(themes.Default(), true, style.Options{})
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	var toasts overlay.Toasts
	for i := range 9 {
		toasts.Add(model.Show(strings.Repeat("toast ", 30)+string(rune('a'+i))), overlay.Good, now)
	}
	for _, area := range []image.Point{{80, 10}, {12, 3}, {5, 1}, {0, 0}, {40, 0}} {
		box, size := toasts.View(s, area)
		if size.X > max(0, area.X) || size.Y > max(0, area.Y) {
			t.Errorf("size %v in an area of %v", size, area)
		}
		if box != "" && len(strings.Split(box, "\n")) != size.Y {
			t.Errorf("the box is not of size %v:\n%s", size, box)
		}
	}
	toasts.Expire(now.Add(time.Minute))
	if !toasts.Empty() {
		t.Error("toasts do not expire")
	}
}
