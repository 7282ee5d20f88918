package style_test

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"charm.land/lipgloss/v2"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"

	"dossier/model"
	"dossier/themes"
	"dossier/ui/style"
)

var builds = map[string]style.Options{
	"colour": {}, "no colour": {NoColor: true}, "ascii": {ASCII: true}, "ascii without colour": {NoColor: true,
		ASCII: true},
}

func TestEveryGlyphIsOneCell(t *testing.T) {
	for name, o := range builds {
		s := style.New(themes.Default(), true, o)
		v := reflect.ValueOf(s.Glyphs)
		for i := range v.NumField() {
			g := v.Field(i).String()
			if ansi.StringWidth(g) != 1 {
				t.Errorf("%s: %s is %q, %d cells wide", name, v.Type().Field(i).Name, g, ansi.StringWidth(g))
			}
			if o.ASCII && !isASCII(g) {
				t.Errorf("%s: %s is %q", name, v.Type().Field(i).Name, g)
			}
		}
		for which, b := range map[string]lipgloss.Border{"frame": s.Frame, "focused frame": s.FrameFocused} {
			box := lipgloss.NewStyle().Border(b).Render("x")
			if w := lipgloss.Width(box); w != 3 {
				t.Errorf("%s: the %s is %d cells wide around one cell", name, which, w)
			}
			if o.ASCII && !isASCII(ansi.Strip(box)) {
				t.Errorf("%s: the %s is drawn as\n%s", name, which, box)
			}
		}
	}
}

func isASCII(s string) bool {
	for _, r := range s {
		if r > 127 {
			return false
		}
	}
	return true
}

var colour = regexp.MustCompile(`\x1b\[(?:[0-9;]*;)?(?:[34][0-9]|[34]8;[0-9;]+|9[0-7]|10[0-7])m`)

func TestStylesAreColouredOrNot(t *testing.T) {
	for name, o := range builds {
		v := reflect.ValueOf(*style.New(themes.Default(), true, o))
		for i := range v.NumField() {
			st, is := v.Field(i).Interface().(style.Style)
			if !is {
				continue
			}
			if has := colour.MatchString(st.Render("x")); has == o.NoColor {
				t.Errorf("%s: %s renders %q", name, v.Type().Field(i).Name, st.Render("x"))
			}
		}
	}
}

func TestRelatedStylesDiffer(t *testing.T) {
	for name, o := range builds {
		for _, dark := range []bool{true, false} {
			s := style.New(themes.Default(), dark, o)
			for what, group := range map[string][]style.Style{
				"focus of a frame": {s.Border, s.BorderFocused},
				"focus of a title": {s.Title, s.TitleFocused},
				"selection":        {s.Text, s.Selected, s.SelectedBlurred},
				"states":           {s.Good, s.Warn, s.Bad, s.Info},
				"badges":           {s.Badge, s.BadgeGood, s.BadgeBad},
				"changes":          {s.Added, s.Removed, s.Modified},
				"fields":           {s.Input, s.InputError},
			} {
				seen := map[string]bool{}
				for _, st := range group {
					seen[st.Render("x")] = true
				}
				if len(seen) != len(group) {
					t.Errorf("%s: only %d of %d styles differ: %s", name, len(seen), len(group), what)
				}
			}
		}
	}
}

func TestEveryKindHasItsStyle(t *testing.T) {
	s := style.New(themes.Default(), true, style.Options{})
	styleOf := map[model.Kind]style.Style{
		model.String: s.StringValue, model.Symbol: s.StringValue, model.JavaScript: s.StringValue,
		model.CodeWithScope: s.StringValue, model.Regex: s.StringValue,
		model.Int: s.NumberValue, model.Long: s.NumberValue, model.Double: s.NumberValue, model.Decimal: s.NumberValue,
		model.Date: s.DateValue, model.Timestamp: s.DateValue, model.Bool: s.BoolValue,
		model.ObjectID: s.IDValue, model.UUID: s.IDValue, model.Binary: s.IDValue, model.DBPointer: s.IDValue,
		model.Null: s.NullValue, model.Undefined: s.NullValue, model.MinKey: s.NullValue, model.MaxKey: s.NullValue,
		model.Object: s.Nesting, model.Array: s.Nesting,
	}
	for _, k := range model.Kinds() {
		want, known := styleOf[k]
		if !known {
			t.Errorf("the test lacks kind %s", k)
			continue
		}
		if got := s.ForKind(k).Render("x"); got != want.Render("x") {
			t.Errorf("%s renders %q, want %q", k, got, want.Render("x"))
		}
	}
	if got := s.ForKind("").Render("x"); got != s.Text.Render("x") {
		t.Errorf("an unknown kind renders %q, want plain text", got)
	}
}

func TestASegmentTakesTheBackgroundOfItsRow(t *testing.T) {
	s := style.New(themes.Default(), true, style.Options{})
	got, row, segment := style.OnRow(s.Selected, s.StringValue).Render("x"), s.Selected.Render(""),
		s.StringValue.Render("x")
	if foreground := strings.TrimSuffix(strings.TrimPrefix(segment, "\x1b["), "mx\x1b[m"); row != "" ||
		!strings.HasPrefix(got, "\x1b["+foreground+";48;") {
		t.Errorf("a value on the selected row is %q, beside it %q", got, segment)
	}
	s = style.New(themes.Default(), true, style.Options{NoColor: true})
	if got := style.OnRow(s.Selected, s.NullValue).Render("x"); got != "\x1b[2;7mx\x1b[m" {
		t.Errorf("without colour a value on the selected row is %q", got)
	}
}

// A style draws what lipgloss draws.
func TestStylesDrawWhatLipglossDraws(t *testing.T) {
	p := themes.Default().Palette(true)
	fg := lipgloss.NewStyle().Foreground(lipgloss.Color(string(p.Text)))
	coloured, plain := style.New(themes.Default(), true, style.Options{}), style.New(themes.Default(), true,
		style.Options{NoColor: true})
	for _, c := range []struct {
		got  style.Style
		want lipgloss.Style
	}{
		{coloured.Text, fg}, {coloured.Strong, fg.Bold(true)},
		{coloured.SelectedBlurred, fg.Background(lipgloss.Color(string(p.SelectionDim)))},
		{plain.Text, lipgloss.NewStyle()}, {plain.Faint, lipgloss.NewStyle().Faint(true)},
		{plain.BadgeBad, lipgloss.NewStyle().Reverse(true).Bold(true).Underline(true)},
	} {
		if got, want := cells(c.got.Render("aéb")), cells(c.want.Render("aéb")); got != want {
			t.Errorf("drawn %s, want %s", got, want)
		}
	}
}

// cells lists the cells of a line with their styles.
func cells(line string) string {
	canvas := lipgloss.NewCanvas(4, 1)
	canvas.Compose(uv.NewStyledString(line))
	var b strings.Builder
	for x := range 4 {
		c := canvas.CellAt(x, 0)
		fmt.Fprintf(&b, "%q %v %v %v %v; ", c.Content, c.Style.Fg, c.Style.Bg, c.Style.Attrs, c.Style.Underline)
	}
	return b.String()
}
