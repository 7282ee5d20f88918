package pane_test

import (
	"image"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"dossier/model"
	"dossier/themes"
	"dossier/ui/keys"
	"dossier/ui/pane"
	"dossier/ui/style"
)

func FuzzFrameSize(f *testing.F) {
	f.Add(30, 5, "custom data", "3 outdated", "1 of 9", 2, true)
	f.Add(3, 2, "日本語の題", "", "x", 0, false)
	f.Add(80, 3, "a\x1b[31m", "b", "c", 5, true)
	f.Fuzz(func(t *testing.T, w, h int, title, note, position string, tabs int, focused bool) {
		size := image.Pt(2+(w%200+200)%200, 2+(h%60+60)%60)
		frame := pane.Frame{Title: model.Show(title), Note: model.Show(note), Position: model.Show(position),
			Focused: focused}
		for i := range (tabs%7 + 7) % 7 {
			frame.Tabs = append(frame.Tabs, model.Show(title+strings.Repeat("x", i)))
			frame.Active = i / 2
		}
		s := style.New(themes.Default(), true, style.Options{})
		body := strings.Repeat(model.Show(note).String()+"\n", 3)
		lines := strings.Split(frame.Draw(s, body, size), "\n")
		if len(lines) != size.Y {
			t.Fatalf("%d lines for %v", len(lines), size)
		}
		for i, line := range lines {
			if got := ansi.StringWidthWc(line); got != size.X {
				t.Fatalf("line %d of %v is %d cells wide: %q", i, size, got, ansi.Strip(line))
			}
		}
	})
}

func TestTheActiveTabIsAlwaysVisible(t *testing.T) {
	f := pane.Frame{}
	for _, title := range []string{"custom data", "session", "activity", "account", "identities"} {
		f.Tabs = append(f.Tabs, model.Show(title))
	}
	for width := 20; width < 100; width++ {
		for f.Active = range f.Tabs {
			found := false
			for _, tab := range f.TabsAt(width) {
				found = found || tab.Index == f.Active
				if tab.To > width {
					t.Errorf("%d cells: tab %d ends at %d", width, tab.Index, tab.To)
				}
			}
			if !found {
				t.Errorf("%d cells: the active tab %d is not shown", width, f.Active)
			}
		}
	}
}

func FuzzScrollKeepsTheSelectionVisible(f *testing.F) {
	f.Add(100, 10, []byte{0, 1, 2, 3, 4, 5, 200, 90})
	f.Add(0, 0, []byte{1, 3})
	f.Fuzz(func(t *testing.T, length, height int, moves []byte) {
		length, height = (length%500+500)%500, (height%40+40)%40
		var s pane.Scroll
		s.Resize(length, height)
		actions := []keys.Action{keys.Up, keys.Down, keys.PageUp, keys.PageDown, keys.Top, keys.Bottom}
		for _, m := range moves {
			switch {
			case int(m) < len(actions):
				s.Move(actions[m])
			case m < 100:
				s.ScrollBy(int(m) - 50)
			case m < 150:
				s.Reveal(int(m) * 3)
			default:
				s.Resize(length, int(m)%40)
			}
			from, to := s.VisibleRows()
			if from < 0 || to > length || to-from > max(0, s.Height) {
				t.Fatalf("rows %d to %d of %d in %d", from, to, length, s.Height)
			}
			if length > 0 && s.Height > 0 && (s.Selected < from || s.Selected >= to) {
				t.Fatalf("row %d is not visible: %d to %d", s.Selected, from, to)
			}
		}
	})
}

func TestFillIsExact(t *testing.T) {
	for _, size := range []image.Point{{0, 0}, {1, 1}, {7, 3}, {30, 2}} {
		got := pane.Fill([]string{"a line that is longer", "漢字漢字漢字漢字", "c"}, size)
		lines := strings.Split(got, "\n")
		if size.Y == 0 {
			continue
		}
		if len(lines) != size.Y {
			t.Errorf("%v: %d lines", size, len(lines))
		}
		for _, l := range lines {
			if ansi.StringWidthWc(l) != size.X {
				t.Errorf("%v: %d cells in %q", size, ansi.StringWidthWc(l), l)
			}
		}
	}
}
