package ui_test

import (
	"flag"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"dossier/themes"
	"dossier/ui/style"
	"dossier/ui/uitest"
)

var update = flag.Bool("update", false, "write the frames anew")

// golden compares a frame, styles included, with the one kept in testdata.
func golden(t *testing.T, name, frame string) {
	t.Helper()
	file := filepath.Join("testdata", name+".ansi")
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(frame), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; write it with -update", err)
	}
	if string(want) != frame {
		t.Errorf("%s differs; look at it and write it with -update\nis:\n%s\nwas:\n%s", name, ansi.Strip(frame), ansi.Strip(string(want)))
	}
}

// fits fails the test if a frame is not as high as the terminal or has a line that is wider.
func fits(t *testing.T, d *uitest.Driver, size image.Point) {
	t.Helper()
	lines := strings.Split(d.ANSI(), "\n")
	if len(lines) > max(1, size.Y) {
		t.Fatalf("%d lines on %v\n%s", len(lines), size, d.Frame())
	}
	for i, line := range lines {
		if w := ansi.StringWidth(line); w > size.X {
			t.Fatalf("line %d is %d cells wide on %v\n%s", i, w, size, d.Frame())
		}
	}
	if c := d.Model.View().Cursor; c != nil && !image.Pt(c.X, c.Y).In(image.Rectangle{Max: size}) {
		t.Fatalf("the cursor stands at %d,%d on %v", c.X, c.Y, size)
	}
}

// scenes are the moments that frames are kept of.
var scenes = []struct {
	name string
	play func(*uitest.World, *uitest.Person, *uitest.Driver)
}{
	{"current", func(*uitest.World, *uitest.Person, *uitest.Driver) {}},
	{"stale", func(_ *uitest.World, p *uitest.Person, d *uitest.Driver) {
		p.Change("favoriteColor", "purple")
		p.Change("address.city", "Paris")
		p.Change("favoriteFood", "pizza")
		d.Wait(2*time.Second).Press("down", "down", "down")
	}},
	{"compare", func(_ *uitest.World, p *uitest.Person, d *uitest.Driver) {
		p.Change("favoriteColor", "purple")
		p.Change("loginCount", "43")
		p.Change("newsletter", nil)
		d.Press("c", "down")
	}},
	{"review", func(_ *uitest.World, _ *uitest.Person, d *uitest.Driver) {
		d.Press("down", "down", "down", "e", "ctrl+u").Type("purple").Press("enter")
	}},
	{"saved", func(_ *uitest.World, _ *uitest.Person, d *uitest.Driver) {
		d.Press("down", "down", "down", "e", "ctrl+u").Type("purple").Press("enter", "enter")
	}},
	{"help", func(_ *uitest.World, _ *uitest.Person, d *uitest.Driver) { d.Press("?") }},
	{"palette", func(_ *uitest.World, _ *uitest.Person, d *uitest.Driver) { d.Press("ctrl+k").Type("un") }},
	{"session", func(w *uitest.World, _ *uitest.Person, d *uitest.Driver) {
		d.Wait(5 * time.Minute)
		w.Fail(uitest.Dead)
		d.Press("tab", "r").Wait(9 * time.Second)
	}},
	{"masked", func(_ *uitest.World, _ *uitest.Person, d *uitest.Driver) { d.Press("m", "+", "/").Type("o") }},
	{"signin", func(w *uitest.World, p *uitest.Person, d *uitest.Driver) {
		p.End()
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
	for _, look := range looks {
		for _, size := range []image.Point{{60, 18}, {80, 24}, {140, 44}} {
			for _, scene := range scenes {
				name := filepath.Join(look.name, scene.name+"-"+size.String()[1:len(size.String())-1])
				name = strings.ReplaceAll(name, ",", "x")
				t.Run(name, func(t *testing.T) {
					w, p := uitest.Demo()
					o := look.options
					o.Size, o.Themes = size, themes.Builtin()
					d := start(t, w, o)
					scene.play(w, p, d)
					fits(t, d, size)
					golden(t, name, d.ANSI())
				})
			}
		}
	}
}
