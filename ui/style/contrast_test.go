package style_test

import (
	"fmt"
	"image/color"
	"reflect"
	"testing"

	"charm.land/lipgloss/v2"
	uv "github.com/charmbracelet/ultraviolet"

	"dossier/themes"
	"dossier/ui/style"
)

// nonText are the styles of lines and bars, and of what lies below a dialog: 3:1 is enough for them.
var nonText = map[string]bool{"Border": true, "BorderFocused": true, "GaugeFull": true, "GaugeEmpty": true,
	"Dimmed": true}

// weakOnRow are the styles of text that may be weaker on the selected row: it is said elsewhere, too.
var weakOnRow = map[string]bool{"Faint": true, "FieldType": true}

// notOnRows are styles that no row has, or that have a background of their own.
var notOnRows = map[string]bool{"Selected": true, "SelectedBlurred": true, "Title": true, "TitleFocused": true,
	"Badge": true, "BadgeGood": true, "BadgeBad": true, "Match": true}

// drawnColors returns the colours of a cell that a style draws; nil: none.
func drawnColors(s style.Style) (text, background color.Color) {
	canvas := lipgloss.NewCanvas(1, 1)
	canvas.Compose(uv.NewStyledString(s.Render("x")))
	c := canvas.CellAt(0, 0).Style
	return c.Fg, c.Bg
}

func asThemeColor(c color.Color) themes.Color {
	r, g, b, _ := c.RGBA()
	return themes.Color(fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8))
}

// Every style of every theme is legible on its background: the screen's, its own, and that of a selected row.
func TestEveryStyleIsLegible(t *testing.T) {
	for _, theme := range themes.Builtin() {
		for _, dark := range []bool{true, false} {
			s := style.New(theme, dark, style.Options{})
			check := func(what string, st style.Style, least float64) {
				t.Helper()
				text, background := drawnColors(st)
				if text == nil {
					t.Fatalf("%s: %s has no colour", theme.Name, what)
				}
				if background == nil {
					background = s.Background
				}
				if got := themes.Contrast(asThemeColor(text), asThemeColor(background)); got < least {
					t.Errorf("%s, dark %v: %s has a contrast of %.2f, at least %.1f", theme.Name, dark, what, got, least)
				}
			}
			v := reflect.ValueOf(*s)
			for i := range v.NumField() {
				st, is := v.Field(i).Interface().(style.Style)
				if !is {
					continue
				}
				name := v.Type().Field(i).Name
				least := themes.TextContrast
				if nonText[name] {
					least = themes.NonTextContrast
				}
				check(name, st, least)
				if nonText[name] || notOnRows[name] {
					continue
				}
				if weakOnRow[name] {
					least = themes.NonTextContrast
				}
				check(name+" on the selected row", style.OnRow(s.Selected, st), least)
				check(name+" on the selected row without focus", style.OnRow(s.SelectedBlurred, st), least)
			}
		}
	}
}
