package edit_test

import (
	"image"
	"math/rand/v2"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/themes"
	"dossier/ui/edit"
	"dossier/ui/keys"
	"dossier/ui/style"
)

var screens = []image.Point{{1, 1}, {10, 4}, {40, 12}, {60, 18}, {80, 24}, {140, 44}, {200, 60}}

func awkwardFields() []bson.E {
	return []bson.E{
		field("a", "pink"), field("n", int32(1)), field("on", true), field("d", bson.DateTime(1)),
		field("bio", strings.Repeat("漢字 and \x1b[31m words\n", 40)),
		field("o", bson.D{{Key: strings.Repeat("k", 300), Value: bson.A{1, "x\u202e"}}}), field("list", bson.A{1, 2}),
		field("long", strings.Repeat("w", 3000)),
		field(strings.Repeat("very long name ", 20), "v"), field("nil", nil),
	}
}

// TestEveryStageFitsEverySize opens every stage on every screen size; harness.frame checks the frame and the cursor.
func TestEveryStageFitsEverySize(t *testing.T) {
	for i, screen := range screens {
		plain := i%2 == 1 // every other size without colour, in ASCII
		start := func() *harness {
			d := newHarness(t, awkwardFields()...)
			d.screen = screen
			return d
		}
		restyle := func(d *harness) *harness {
			return d.send(style.Changed{Styles: style.New(themes.Default(), false, style.Options{NoColor: plain, ASCII: plain})})
		}
		for _, p := range []string{"a", "n", "on", "d", "bio", "o", "list", "long", "_id", "nil",
			strings.Repeat("very long name ", 20)} {
			d := restyle(start().field(p))
			d.pressWhileOpen("ctrl+t", "down", "esc")
			d.typeText("x").paste("pasted\ntext \u202e").pressWhileOpen("tab", "ctrl+s", "enter", "esc", "esc")
		}
		restyle(start().add("")).typeText("name\x1b").pressWhileOpen("enter").typeText("v").pressWhileOpen("enter", "down",
			"end", "esc", "esc")
		restyle(start().remove("long")).pressWhileOpen("down", "pgdown", "end")
		restyle(start().whole()).typeText("oops").pressWhileOpen("end", "ctrl+s", "esc")
		d := restyle(start().field("long")).pressWhileOpen("end").typeText("x")
		d.field("long").see() // the draft prompt
		d.user.concurrent = func(bson.Raw) bson.Raw { return document(field("long", strings.Repeat("theirs ", 500))) }
		d.pressWhileOpen("enter", "ctrl+s", "enter", "y", "enter")
	}
}

// FuzzKeys presses random keys on random sizes: no panic, and every frame fits.
func FuzzKeys(f *testing.F) {
	f.Add(uint64(1), 80, 24)
	f.Add(uint64(2), 40, 12)
	f.Add(uint64(3), 200, 60)
	names := []string{"enter", "esc", "tab", "shift+tab", "up", "down", "left", "right", "home", "end", "pgup", "pgdown",
		"backspace", "delete", "space",
		"ctrl+t", "ctrl+s", "ctrl+u", "ctrl+k", "a", "e", "d", "y", "t", "r", "s", "f", "g", "G", "1", "{", "\""}
	f.Fuzz(func(t *testing.T, seed uint64, width, height int) {
		random := rand.New(rand.NewPCG(seed, 1))
		d := newHarness(t, awkwardFields()...)
		d.screen = image.Pt(min(max(0, width), 300), min(max(0, height), 100))
		open := []func(edit.Config) (*edit.Editor, tea.Cmd){
			func(c edit.Config) (*edit.Editor, tea.Cmd) { return edit.Field(c, pathOf("a")) },
			func(c edit.Config) (*edit.Editor, tea.Cmd) { return edit.Field(c, pathOf("o")) },
			func(c edit.Config) (*edit.Editor, tea.Cmd) { return edit.Add(c, nil) },
			func(c edit.Config) (*edit.Editor, tea.Cmd) { return edit.Add(c, pathOf("list")) },
			func(c edit.Config) (*edit.Editor, tea.Cmd) { return edit.ChangeType(c, []model.Path{pathOf("a")}) },
			func(c edit.Config) (*edit.Editor, tea.Cmd) { return edit.Paste(c, pathOf("o"), `{"p": [1, "x"]}`) },
			func(c edit.Config) (*edit.Editor, tea.Cmd) { return edit.Rename(c, pathOf("bio")) },
			edit.Document,
		}
		d.open(open[random.IntN(len(open))])
		for range 60 {
			if d.closed {
				d.open(open[random.IntN(len(open))])
			}
			switch random.IntN(12) {
			case 0:
				d.paste("pasted \u202e\ntext")
			case 1:
				d.screen = image.Pt(random.IntN(200), random.IntN(60))
				d.send(tea.WindowSizeMsg{Width: d.screen.X, Height: d.screen.Y})
			case 2:
				d.user.concurrent = func(doc bson.Raw) bson.Raw {
					return document(field("a", "theirs"), field("list", bson.A{random.IntN(9)}))
				}
			case 3:
				d.send(tea.MouseWheelMsg{Button: tea.MouseWheelDown})
				if d.e.Scope() != keys.KindPicker {
					d.send(tea.MouseClickMsg{X: random.IntN(80), Y: random.IntN(24)})
				}
			default:
				d.pressWhileOpen(names[random.IntN(len(names))])
			}
		}
		if v, ok := (model.Path{"userId"}).Lookup(d.user.doc); ok && v.StringValue() != userID {
			t.Errorf("the user id became %s", v)
		}
	})
}
