package appearance_test

import (
	"image"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"dossier/themes"
	"dossier/ui/uitest"
)

func startDemo(t *testing.T, size image.Point) *uitest.Driver {
	t.Helper()
	w, _ := uitest.Demo()
	d := uitest.Start(t, w, uitest.Options{Size: size, Themes: themes.Builtin()})
	t.Cleanup(d.Close)
	return d
}

func TestPreviewEscAndEnter(t *testing.T) {
	d := startDemo(t, image.Pt(120, 34))
	plain := d.ANSI()
	d.Press("T").See("themes", themes.Builtin()[0].About)
	first := d.ANSI()
	if d.Press("down"); d.ANSI() == first {
		t.Error("the preview does not change the screen")
	}
	if d.Press("esc"); d.ANSI() != plain {
		t.Error("Esc does not restore the colours")
	}
	d.Press("T", "down", "enter").DontSee("favoriteColor  \"pink\"").See("theme " + themes.Builtin()[1].Name)
	if d.SavedTheme != themes.Builtin()[1].Name {
		t.Errorf("saved %q", d.SavedTheme)
	}
	d.Press("T").Press("up", "esc") // returns to the second theme, not to the first
	d.Press("T", "enter")
	if d.SavedTheme != themes.Builtin()[1].Name {
		t.Errorf("saved %q", d.SavedTheme)
	}
}

func TestEveryThemeOnEverySize(t *testing.T) {
	for _, size := range []image.Point{{40, 12}, {60, 18}, {80, 24}, {200, 60}} {
		d := startDemo(t, size).Press("T")
		for _, theme := range themes.Builtin() {
			d.See(theme.Name)
			for _, line := range strings.Split(d.ANSI(), "\n") {
				if ansi.StringWidthWc(line) > size.X {
					t.Fatalf("%v: %d cells", size, ansi.StringWidthWc(line))
				}
			}
			d.Press("down")
		}
	}
}
