package ui_test

import (
	"flag"
	"fmt"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"charm.land/lipgloss/v2"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"

	"dossier/themes"
	"dossier/ui/style"
	"dossier/ui/uitest"
)

var update = flag.Bool("update", false, "write the golden files of the frames")

// golden compares a frame with its two golden files: NAME.txt is the text, NAME.styles lists the styles.
func golden(t *testing.T, name, frame string) {
	t.Helper()
	for extension, got := range map[string]string{".txt": ansi.Strip(frame) + "\n", ".styles": styleRuns(frame)} {
		file := filepath.Join("testdata", name+extension)
		if *update {
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatalf("%v (-update writes it)", err)
		}
		if got != string(want) {
			t.Errorf("%s differs (-update writes it)\n%s", file, lineDiff(string(want), got))
		}
	}
}

// lineDiff lists the lines that differ, the wanted one first.
func lineDiff(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	var b strings.Builder
	for i := range max(len(w), len(g)) {
		if i < len(w) && i < len(g) && w[i] == g[i] {
			continue
		}
		if i < len(w) {
			fmt.Fprintf(&b, "%3d - %s\n", i+1, w[i])
		}
		if i < len(g) {
			fmt.Fprintf(&b, "%3d + %s\n", i+1, g[i])
		}
	}
	return b.String()
}

// styleRuns lists the styled cells of a frame, a line for each run: row, first–last column, style. Rows and columns
// count from 1. A blank cell has no text colour of its own: it belongs to the run before it.
func styleRuns(frame string) string {
	width, height := 0, 0
	for line := range strings.SplitSeq(frame, "\n") {
		width, height = max(width, ansi.StringWidthWc(line)), height+1
	}
	canvas := lipgloss.NewCanvas(width, height)
	canvas.Compose(uv.NewStyledString(frame))
	var b strings.Builder
	for y := range height {
		run, from := uv.Style{}, 0
		end := func(x int) {
			if text := describe(run); text != "" {
				fmt.Fprintf(&b, "%d %d–%d %s\n", y+1, from+1, x, text)
			}
		}
		for x := range width {
			c := canvas.CellAt(x, y)
			if c.Width == 0 {
				continue // the second half of a wide cell
			}
			next := c.Style
			if c.Content == " " && next.Attrs&uv.AttrReverse == 0 {
				next.Fg = run.Fg
			}
			if !next.Equal(&run) {
				end(x)
				run, from = next, x
			}
		}
		end(width)
	}
	return b.String()
}

// describe writes a style as "#d8dee4 on #1c3436 bold"; empty: the terminal's own.
func describe(s uv.Style) string {
	var words []string
	if s.Fg != nil {
		words = append(words, hex(s.Fg))
	}
	if s.Bg != nil {
		words = append(words, "on "+hex(s.Bg))
	}
	if s.Underline != uv.UnderlineNone {
		words = append(words, "underline")
	}
	for i, name := range []string{"bold", "faint", "italic", "blink", "rapid blink", "reverse", "conceal",
		"strikethrough"} {
		if s.Attrs&(uv.AttrBold<<i) != 0 {
			words = append(words, name)
		}
	}
	return strings.Join(words, " ")
}

func hex(c color.Color) string {
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}

// fits fails the test if a frame or the cursor does not fit into the terminal.
func fits(t *testing.T, d *uitest.Driver, size image.Point) {
	t.Helper()
	lines := strings.Split(d.ANSI(), "\n")
	if len(lines) > max(1, size.Y) {
		t.Fatalf("%d lines on %v\n%s", len(lines), size, d.Frame())
	}
	for i, line := range lines {
		if w := ansi.StringWidthWc(line); w > size.X {
			t.Fatalf("line %d is %d cells wide on %v\n%s", i, w, size, d.Frame())
		}
	}
	if c := d.Model.View().Cursor; c != nil && !image.Pt(c.X, c.Y).In(image.Rectangle{Max: size}) {
		t.Fatalf("the cursor is at %d,%d on %v", c.X, c.Y, size)
	}
}

// scenes are the states of the screen that have golden files.
var scenes = []struct {
	name string
	play func(*uitest.Backend, *uitest.User, *uitest.Driver)
}{
	{"current", func(*uitest.Backend, *uitest.User, *uitest.Driver) {}},
	{"stale", func(_ *uitest.Backend, user *uitest.User, d *uitest.Driver) {
		user.ChangeField("favoriteColor", "purple")
		user.ChangeField("address.city", "Paris")
		user.ChangeField("favoriteFood", "pizza")
		d.Wait(2*time.Second).Press("down", "down", "down")
	}},
	{"compare", func(_ *uitest.Backend, user *uitest.User, d *uitest.Driver) {
		user.ChangeField("favoriteColor", "purple")
		user.ChangeField("loginCount", "43")
		user.ChangeField("newsletter", nil)
		d.Press("c", "down")
	}},
	{"review", func(_ *uitest.Backend, _ *uitest.User, d *uitest.Driver) {
		d.Press("down", "down", "down", "e", "ctrl+u").Type("purple").Press("ctrl+s")
	}},
	{"input", func(_ *uitest.Backend, _ *uitest.User, d *uitest.Driver) {
		d.Press("down", "down", "down", "d", "down", "R").Type("Code").Press("enter", "down", "down", "down", "e",
			"ctrl+u").Type("4x")
	}},
	{"types", func(_ *uitest.Backend, _ *uitest.User, d *uitest.Driver) {
		d.Press("/").Type("rating").Press("enter", "t", "i")
	}},
	{"paste", func(_ *uitest.Backend, _ *uitest.User, d *uitest.Driver) {
		d.Paste(`{"planet": "Earth", "language": "fr"}`)
	}},
	{"saved", func(_ *uitest.Backend, _ *uitest.User, d *uitest.Driver) {
		d.Press("down", "down", "down", "e", "ctrl+u").Type("purple").Press("ctrl+s", "enter")
	}},
	{"help", func(_ *uitest.Backend, _ *uitest.User, d *uitest.Driver) { d.Press("?") }},
	{"palette", func(_ *uitest.Backend, _ *uitest.User, d *uitest.Driver) { d.Press("ctrl+k").Type("un") }},
	{"session", func(backend *uitest.Backend, _ *uitest.User, d *uitest.Driver) {
		d.Wait(5 * time.Minute)
		backend.SetFailure(uitest.Unreachable)
		d.Press("tab", "r").Wait(9 * time.Second)
	}},
	{"masked", func(_ *uitest.Backend, _ *uitest.User, d *uitest.Driver) { d.Press("m", "+", "/").Type("o") }},
	{"apikeys", func(_ *uitest.Backend, user *uitest.User, d *uitest.Driver) {
		d.Press("A", "a").Type("build-server").Press("enter", "enter", "a").Type("phone").Press("enter", "enter", "space",
			"d")
	}},
	{"newkey", func(_ *uitest.Backend, _ *uitest.User, d *uitest.Driver) {
		d.Press("A", "a").Type("build-server").Press("enter").Wait(10 * time.Second)
	}},
	{"arguments", func(_ *uitest.Backend, _ *uitest.User, d *uitest.Driver) {
		d.Press("f", "enter").Paste("[\n  {\"favoriteColor\": \"teal\",\n   \"loginCount\": {\"$numberInt\": \"x\"}}\n]")
	}},
	{"result", func(_ *uitest.Backend, _ *uitest.User, d *uitest.Driver) {
		d.Press("f", "enter").Type(`[{"favoriteColor": "teal"}]`).Press("enter").Wait(10 * time.Second)
	}},
	{"calls", func(backend *uitest.Backend, _ *uitest.User, d *uitest.Driver) {
		d.Press("f", "enter").Type(`[{"favoriteColor": "teal"}]`).Press("enter", "e")
		backend.SetFailure(uitest.ServerError)
		d.Press("enter", "ctrl+r")
	}},
	{"entry", func(_ *uitest.Backend, user *uitest.User, d *uitest.Driver) {
		user.ChangeField("favoriteColor", "purple")
		user.ChangeField("address.city", "Paris")
		d.Wait(2*time.Second).Press("r").Wait(10*time.Second).Press("tab", "tab", "enter")
	}},
	{"copymenu", func(_ *uitest.Backend, _ *uitest.User, d *uitest.Driver) {
		d.Press("down", "down", "down", "C", "d", "down", "down")
	}},
	{"export", func(_ *uitest.Backend, _ *uitest.User, d *uitest.Driver) {
		d.Press("down", "down", "down", "C", "down", "down", "down", "w")
	}},
	{"signin", func(backend *uitest.Backend, user *uitest.User, d *uitest.Driver) {
		user.EndSession()
		d.Press("r").Wait(time.Second)
	}},
}

func TestFrames(t *testing.T) {
	looks := []struct {
		name    string
		options uitest.Options
	}{
		{"dark", uitest.Options{}},
		{"light", uitest.Options{Light: true}},
		{"plain", uitest.Options{Style: style.Options{NoColor: true, ASCII: true}}},
	}
	kept := []image.Point{{60, 18}, {100, 30}, {140, 44}} // one for each layout; the others only have to fit
	for _, look := range looks {
		for _, size := range dialogSizes {
			for _, scene := range scenes {
				name := filepath.Join(look.name, scene.name+"-"+size.String()[1:len(size.String())-1])
				name = strings.ReplaceAll(name, ",", "x")
				t.Run(name, func(t *testing.T) {
					backend, user := uitest.Demo()
					o := look.options
					o.Size, o.Themes = size, themes.Builtin()
					d := start(t, backend, o)
					scene.play(backend, user, d)
					fits(t, d, size)
					if slices.Contains(kept, size) {
						golden(t, name, d.ANSI())
					}
				})
			}
		}
	}
}
