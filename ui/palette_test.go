package ui_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/model/testdocument"
	"dossier/themes"
	"dossier/ui/keys"
	"dossier/ui/uitest"
)

// The palette finds actions, themes, accounts, functions and fields by a few letters; Enter runs the best match.
func TestThePaletteFindsEverything(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, uitest.Options{Size: wide.Size, Themes: themes.Builtin()})
	d.Press("ctrl+k").Type("harb").See("themes    harbour").Press("enter").DontSee("find an action")
	if d.SavedTheme != "harbour" {
		t.Errorf("stored the theme %q", d.SavedTheme)
	}
	d.Press("ctrl+k").Type("wcud").See("functions writeCustomUserData").Press("enter").See("arguments").Press("esc", "esc")
	d.Press("ctrl+k").Type("adcity").See("fields    address.city").Press("enter").See("─ address › city ─")
	d.Press("tab", "ctrl+k").Type("fcolor").Press("enter").See("─ favoriteColor ─").
		Press("down").DontSee("─ favoriteColor ─")
	d.Press("ctrl+k").See("recent    writeCustomUserData")
	d.Press("esc", "m", "ctrl+k").Type("pink").See("nothing matches")
}

func TestThePaletteSwitchesAccounts(t *testing.T) {
	backend, _ := uitest.Demo()
	backend.Add("second@example.com", "password", bson.D{{Key: "color", Value: "red"}})
	d := start(t, backend, wide)
	d.See("second@example.com").Press("ctrl+k").Type("demo@ex").See("accounts  demo@example.com").Press("enter").
		See("favoriteColor").DontSee("find an action", "switching")
}

// Fields of a document with more than 100,000 fields are found outside the event loop, within a limit.
func TestThePaletteFindsFieldsOfALargeDocument(t *testing.T) {
	d := openLarge(t, testdocument.ManyFields(testdocument.MaxBytes))
	d.Press("ctrl+k")
	began := time.Now()
	d.Model.Update(uitest.Key("f"))
	if took := time.Since(began); took > 50*time.Millisecond {
		t.Errorf("the key takes %v", took)
	}
	d.Press("backspace").Type("1").See("fields ", "the first 100,000 fields")
	if rows := strings.Count(d.Frame(), "\n"); rows > 60 {
		t.Errorf("%d rows", rows)
	}
}

// anyState are the states in which TestEveryKeySaysWhatItDoes presses every key.
var anyState = map[string]func(testing.TB) *uitest.Driver{
	"ready": func(t testing.TB) *uitest.Driver { b, _ := uitest.Demo(); return start(t, b, wide) },
	"signed out": func(t testing.TB) *uitest.Driver {
		b, _ := uitest.Demo()
		b.ForgetAccounts()
		return start(t, b, wide).Press("esc")
	},
	"opening": func(t testing.TB) *uitest.Driver { d, _, _ := opening(t, wide); return d },
	"offline": func(t testing.TB) *uitest.Driver {
		b, _ := uitest.Demo()
		d := start(t, b, wide)
		b.SetFailure(uitest.Unreachable)
		return d.Press("r").Wait(time.Minute)
	},
	"masked": func(t testing.TB) *uitest.Driver { b, _ := uitest.Demo(); return start(t, b, wide).Press("m") },
	"no document": func(t testing.TB) *uitest.Driver {
		b, u := uitest.Demo()
		u.SetDocument(nil)
		return start(t, b, wide)
	},
	"read only": func(t testing.TB) *uitest.Driver {
		b, u := uitest.Demo()
		u.SetApp(model.AppInfo{})
		return start(t, b, wide)
	},
}

// commandEntries returns the key bindings of the custom data pane and the global ones, without those that suspend the
// process, move the cursor, or press Esc to be sure.
func commandEntries() (entries []keys.Entry) {
	for _, e := range keys.Default() {
		if (e.Scope == keys.Document || e.Scope == keys.Everywhere) && e.Task != keys.Moving && e.Action != keys.Suspend &&
			e.Action != keys.Cancel {
			entries = append(entries, e)
		}
	}
	return entries
}

// In every state, the key of every action does something that is seen, or says why not.
func TestEveryKeySaysWhatItDoes(t *testing.T) {
	for name, state := range anyState {
		for _, e := range commandEntries() {
			d := state(t)
			before := d.ANSI()
			d.Press(e.Binding.Keys()[0])
			if !d.Quit && len(d.Copied) == 0 && d.ANSI() == before {
				t.Errorf("%s: %s (%s) does nothing that is seen and says nothing", name, e.Binding.Keys()[0], e.Name())
			}
			d.Close()
		}
	}
}

func TestTheMouseIsSwitchedAtRunTime(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	mode := func() string { return fmt.Sprint(d.Model.View().MouseMode) }
	on := mode()
	if d.Press("alt+m").See("mouse off", "alt+m switches the"); mode() == on {
		t.Error("the mouse is still on")
	}
	if d.Press("alt+m").See("hold shift"); mode() != on {
		t.Error("the mouse is still off")
	}
}
