package functions_test

import (
	"image"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"dossier/model"
	"dossier/ui/uitest"
)

func startScreen(t *testing.T, functions ...string) (*uitest.Driver, *uitest.User) {
	t.Helper()
	w, p := uitest.Demo()
	info := p.CachedProfile().App
	info.Functions = functions
	p.SetApp(info)
	d := uitest.Start(t, w, uitest.Options{Size: image.Pt(100, 30)})
	t.Cleanup(d.Close)
	return d, p
}

// Seed, Flutter page: `user.functions.call("writeCustomUserData", [data])`.
func TestCallOfTheSeedFunction(t *testing.T) {
	d, p := startScreen(t, "another", "writeCustomUserData")
	d.Press("f").See("functions", "another", "writeCustomUserData").Press("down", "enter").See("arguments",
		"extended JSON array")
	d.Type(`[{"favoriteColor": "purple"}]`).See("one argument").Press("enter").See("writeCustomUserData returned",
		`"matchedCount": 1`)
	if v, ok := (model.Path{"favoriteColor"}).Lookup(p.StoredDocument()); !ok || v.StringValue() != "purple" {
		t.Errorf("the document holds %s", v)
	}
	d.Press("esc").See("favoriteColor  purple") // the change of the function is visible without a manual refresh
}

func TestArgumentsAreParsedWhileTyping(t *testing.T) {
	d, _ := startScreen(t, "writeCustomUserData")
	before := len(d.Backend.Calls())
	d.Press("f", "enter").Type(`{"a": 1}`).See("one argument").Press("ctrl+u").Type(`1`).See("arguments must be an " +
		"array or an object")
	d.Press("ctrl+u").Type(`[1, oops`).See("line 1").Press("enter")
	if calls := d.Backend.Calls()[before:]; len(calls) > 0 {
		t.Errorf("called %v", calls)
	}
	d.Press("ctrl+u").Type(`[1, {"$numberLong": "2"}]`).See("2 arguments")
}

func TestErrorKeepsTheArguments(t *testing.T) {
	d, _ := startScreen(t, "broken")
	d.Press("f", "enter").Type(`["x"]`).Press("enter").See("the application has no such function", `["x"]`)
	d.Backend.SetFailure(uitest.Unreachable)
	d.Press("enter").See("the service does not answer", `["x"]`)
}

func TestNameIsTypedWithoutAList(t *testing.T) {
	d, _ := startScreen(t)
	d.Press("f").See("function").Press("enter").See("the name of the function is missing").
		Type("writeCustomUserData").Press("enter").Type("[]").Press("enter").See("returned")
}

func TestCopy(t *testing.T) {
	d, _ := startScreen(t, "writeCustomUserData")
	d.Press("f", "enter", "enter", "y")
	if len(d.Copied) != 1 || !strings.Contains(d.Copied[0], `"matchedCount": 1`) {
		t.Errorf("copied %q", d.Copied)
	}
	d.Press("e").See("arguments")
}

func TestSlowCallCanBeCancelled(t *testing.T) {
	d, _ := startScreen(t, "writeCustomUserData")
	d.Backend.SetFailure(uitest.Slow)
	d.Press("f", "enter", "enter").See("running").Press("esc").See("may or may not have run").DontSee("running")
}

func TestEverySize(t *testing.T) {
	for _, size := range []image.Point{{40, 12}, {60, 18}, {80, 24}, {200, 60}} {
		w, p := uitest.Demo()
		info := p.CachedProfile().App
		info.Functions = []string{strings.Repeat("long", 60), "evil\x1b[31m\u202e", "writeCustomUserData"}
		p.SetApp(info)
		d := uitest.Start(t, w, uitest.Options{Size: size})
		for _, k := range []string{"f", "down", "end", "pgdown", "enter", "[", "1", "x", "ctrl+u", "enter", "down", "end",
			"e", "esc", "up", "enter", "enter"} {
			d.Press(k)
			for _, line := range strings.Split(d.ANSI(), "\n") {
				if ansi.StringWidthWc(line) > size.X {
					t.Fatalf("%v after %s: %d cells", size, k, ansi.StringWidthWc(line))
				}
			}
			if strings.Contains(d.Frame(), "\u202e") {
				t.Fatalf("%v after %s: a bidi control is visible", size, k)
			}
		}
		d.Close()
	}
}
