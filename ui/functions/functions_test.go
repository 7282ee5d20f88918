package functions_test

import (
	"image"
	"slices"
	"strings"
	"testing"
	"time"

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
		"matchedCount   1", "{2 fields}", "42 bytes")
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
	d.Press("f", "enter", "enter", "y", "Y", "C", "d", "e")
	if want := "{\n  \"matchedCount\": 1,\n  \"modifiedCount\": 1\n}"; !slices.Equal(d.Copied,
		[]string{"1", "matchedCount", want}) {
		t.Errorf("copied %q", d.Copied)
	}
	d.Press("e").See("arguments")
}

func TestSlowCallCanBeCancelled(t *testing.T) {
	d, _ := startScreen(t, "writeCustomUserData")
	d.Backend.SetFailure(uitest.Slow)
	d.Press("f", "enter", "enter").See("running").Press("esc").See("may or may not have run").DontSee("running")
}

// The list is found by typing; a function that the service does not list is called by its name.
func TestFindAndFreeName(t *testing.T) {
	d, _ := startScreen(t, "another", "writeCustomUserData", "writeLog")
	d.Press("f").See("another", "writeLog").Type("write").See("writeCustomUserData", "writeLog", "write  not listed").
		DontSee("another")
	d.Type("L").See("writeLog").DontSee("writeCustomUserData").Press("ctrl+u").Type("hidden").See("hidden  not listed").
		Press("enter", "enter").See("the application has no such function")
}

// TestTheLastArgumentsComeBack: after closing, a refused call, and in the next run.
func TestTheLastArgumentsComeBack(t *testing.T) {
	d, p := startScreen(t, "another", "writeCustomUserData")
	d.Press("f", "down", "enter").Type(`[{"favoriteColor": "teal"}]`).Press("esc", "esc").DontSee("functions")
	d.Press("f", "enter").See("No arguments").Press("esc", "down", "enter").See(`[{"favoriteColor": "teal"}]`, "one argument")
	d.Backend.SetFailure(uitest.ServerError)
	d.Press("enter").See("the service failed", "teal").Press("esc", "esc")
	d.Backend.SetFailure(uitest.NoFailure)

	next := uitest.Start(t, d.Backend, uitest.Options{Size: image.Pt(100, 30)})
	defer next.Close()
	next.Press("f", "down", "enter").See("teal").Press("enter").See("returned")
	if v, ok := (model.Path{"favoriteColor"}).Lookup(p.StoredDocument()); !ok || v.StringValue() != "teal" {
		t.Errorf("the document holds %s", v)
	}
}

func TestArgumentsAreNotStoredWhileMasked(t *testing.T) {
	d, p := startScreen(t, "writeCustomUserData")
	d.Press("m", "f", "enter").Type(`["secret"]`).DontSee("secret").Press("enter").See("returned").Press("esc")
	if stored, _ := (uitest.Arguments{Backend: d.Backend}).Load(p.Account().ID); len(stored) > 0 {
		t.Errorf("stored %v", stored)
	}
	d.Press("f", "enter").See("Masked. ctrl+u deletes them").DontSee("secret").Type("x").DontSee("x]").Press("ctrl+u").
		See("No arguments").Press("esc", "ctrl+r").DontSee("secret")
}

func TestArgumentsOnSeveralLines(t *testing.T) {
	d, p := startScreen(t, "writeCustomUserData")
	d.Press("f", "enter").Type("[").Press("enter").See("2 ", "ctrl+s call").Type(`{"n": 1,`).Press("enter").
		Type(`"n": 2}]`).See("line 3, field 0.n: duplicate key")
	d.Press("ctrl+u").Type(`"m": {"$numberLong": "2"}}]`).See("one argument").Press("enter").DontSee("returned")
	d.Press("ctrl+s").See("returned")
	if v, ok := (model.Path{"m"}).Lookup(p.StoredDocument()); !ok || model.KindOf(v) != model.Long {
		t.Errorf("the document holds %s", v)
	}
	d.Press("e", "ctrl+home").Paste("[1,\r2]").See("line 2, column 3")
}

func TestTheResultIsATree(t *testing.T) {
	d, _ := startScreen(t, "writeCustomUserData")
	d.Press("f", "enter", "enter").See("matchedCount   1", "e call again").Press("/").Type("modified").See("1 of 1").
		Press("enter").Press("esc").See("returned").DontSee("1 of 1").Press("v").See("modifiedCount").Press("esc")
	d.Press("d", "a", "E", "R", "ctrl+s").See("returned") // nothing edits a result
	d.Press("home", "x", "x", "C").See("selection", `"matchedCount": 1,`).DontSee("updateOne").Press("esc", "esc").
		See("returned")
	d.Press("esc").DontSee("returned").Press("m", "f", "enter", "enter").See("matchedCount   •••••", "{2 fields}").
		Press("y").See("masked: press m")
}

func TestTheCallsOfThisRun(t *testing.T) {
	d, _ := startScreen(t, "broken", "writeCustomUserData")
	d.Press("f", "ctrl+r").See("No function was called").Press("esc").See("broken").Press("enter").Type(`["first"]`).
		Press("enter").See("no such function")
	d.Backend.SetFailure(uitest.Slow)
	d.Press("enter").Wait(3*time.Second).See("running… 3 s", "the function may still run").Press("esc").
		See("may or may not have run")
	d.Release().Press("esc", "down", "enter").Type(`{"n": 1}`).Press("enter").See("returned").Press("ctrl+r")
	d.See("calls of this run", `writeCustomUserData {"n": 1}`, "42 bytes", `broken ["first"]`, "stopped after 3 s", "the application has no")
	d.Press("down", "enter").See("call broken", `["first"]`).Press("ctrl+r").Press("esc").See("call broken").Press("esc",
		"esc", "f", "ctrl+r", "enter").See("call writeCustomUserData", `{"n": 1}`).Press("enter").See("returned")
}

// TestLongArguments: they are read outside the event loop; a call waits for that.
func TestLongArguments(t *testing.T) {
	d, p := startScreen(t, "writeCustomUserData")
	d.Press("f", "enter").Paste(`[{"long": "` + strings.Repeat("long ", 40_000) +
		`"}]`).See("one argument").Press("enter").
		See("returned")
	if v, _ := (model.Path{"long"}).Lookup(p.StoredDocument()); len(v.Value) < 200_000 {
		t.Errorf("the document holds %d bytes", len(v.Value))
	}
}

func TestQuittingAsksBeforeArgumentsAreLost(t *testing.T) {
	d, _ := startScreen(t, "writeCustomUserData")
	d.Press("f", "enter").Type(`["typed"]`).Press("ctrl+c").See("quit", "stay").Press("esc").See("typed").Press("esc",
		"esc", "ctrl+c")
	if !d.Quit {
		t.Error("stored arguments need no question")
	}
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
