package edit_test

import (
	"image"
	"testing"

	"dossier/model"
	"dossier/ui/uitest"
)

func startScreen(t *testing.T) (*uitest.Driver, *uitest.User) {
	t.Helper()
	w, p := uitest.Demo()
	d := uitest.Start(t, w, uitest.Options{Size: image.Pt(120, 34)})
	t.Cleanup(d.Close)
	return d, p
}

// editColor opens the editor on favoriteColor and types another colour, then opens the review.
func editColor(d *uitest.Driver, color string) *uitest.Driver {
	return d.Press("down", "down", "down", "e").See("› pink", "enter accept", "ctrl+s review").Press("ctrl+u").
		Type(color).Press("ctrl+s").See("updateOne(", "applies this updateOne with",
		"enter save")
}

func color(p *uitest.User) string {
	v, ok := (model.Path{"favoriteColor"}).Lookup(p.StoredDocument())
	if !ok {
		return ""
	}
	return v.StringValue()
}

// Seed, Web SDK page: "old favoriteColor: pink", "new favoriteColor: purple".
func TestSeedExample(t *testing.T) {
	d, p := startScreen(t)
	editColor(d, "purple").Press("enter").DontSee("updateOne(").See("favoriteColor: pink → purple")
	if color(p) != "purple" {
		t.Errorf("the database holds %q", color(p))
	}
	d.Press("U").See(`"purple" → "pink"`).Press("enter")
	if color(p) != "pink" {
		t.Errorf("after the undo, the database holds %q", color(p))
	}
}

func TestConflictOnTheScreen(t *testing.T) {
	d, p := startScreen(t)
	editColor(d, "purple")
	p.ChangeBeforeSave("favoriteColor", "teal")
	d.Press("enter").See("the document changed meanwhile", `"pink"`, `"purple"`, `"teal"`, "t take theirs").Press("y",
		"enter").See(`"teal" → "purple"`).Press("enter")
	if color(p) != "purple" {
		t.Errorf("the database holds %q", color(p))
	}
}

func TestSessionEndsWhileTyping(t *testing.T) {
	d, p := startScreen(t)
	editColor(d, "purple")
	p.EndSession()
	d.Press("enter").See("the service ended the session").Wait(2e9).See("sign in again")
	d.Type("demo-password").Press("enter").See("updateOne(").Press("r").DontSee("updateOne(")
	if color(p) != "purple" {
		t.Errorf("the database holds %q\n%s", color(p), d.Frame())
	}
}

func TestServiceFailsWhileTyping(t *testing.T) {
	d, p := startScreen(t)
	editColor(d, "purple")
	d.Backend.SetFailure(uitest.Unreachable)
	d.Press("enter").See("the service does not answer", "Nothing typed is lost")
	d.Backend.SetFailure(uitest.NoFailure)
	d.Press("r")
	if color(p) != "purple" {
		t.Errorf("the database holds %q", color(p))
	}
}

func TestSlowSaveCanBeCancelled(t *testing.T) {
	d, p := startScreen(t)
	editColor(d, "purple")
	d.Backend.SetFailure(uitest.Slow)
	d.Press("enter").See("saving").Press("esc").See("may or may not have been saved")
	d.Backend.SetFailure(uitest.NoFailure)
	d.Release().Press("r").DontSee("updateOne(")
	if color(p) != "purple" {
		t.Errorf("the database holds %q", color(p))
	}
}

func TestDeniedWriteUsesAFunction(t *testing.T) {
	d, p := startScreen(t)
	editColor(d, "purple")
	d.Backend.SetFailure(uitest.Denied)
	d.Press("enter").See("f sends the change to a function")
	d.Backend.SetFailure(uitest.NoFailure)
	d.Press("f").See("call writeCustomUserData", `[{"favoriteColor":"purple"}]`).Press("enter").See("returned")
	if color(p) != "purple" {
		t.Errorf("the database holds %q", color(p))
	}
	d.Press("esc", "e").DontSee("is kept:") // the stored change was applied
}

func TestQuitWithUnsavedInput(t *testing.T) {
	d, p := startScreen(t)
	d.Press("down", "down", "down", "e").Type("x").Press("ctrl+c")
	if kept, err := d.Backend.TakeOver(p.Account().ID); !d.Quit || err != nil || kept == nil {
		t.Errorf("quit %v, kept %v, %v: what was typed is kept, so there is nothing to ask", d.Quit, kept, err)
	}
}
