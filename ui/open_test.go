package ui_test

import (
	"errors"
	"image"
	"slices"
	"strings"
	"testing"
	"time"

	"dossier/model"
	"dossier/ui/style"
	"dossier/ui/uitest"
)

// opening starts the screen on a service that is not open before Driver.Release.
func opening(t testing.TB, o uitest.Options) (*uitest.Driver, *uitest.Backend, *uitest.User) {
	t.Helper()
	backend, user := uitest.Demo()
	backend.SetFailure(uitest.Slow)
	o.Open = backend.Open
	return start(t, backend, o), backend, user
}

func TestFramesBeforeTheServiceIsOpen(t *testing.T) {
	for name, o := range map[string]uitest.Options{
		"dark/opening-60x18":  {Size: image.Pt(60, 18)},
		"dark/opening-140x44": {Size: image.Pt(140, 44)},
		"plain/opening-80x24": {Size: image.Pt(80, 24), Style: style.Options{NoColor: true, ASCII: true}},
	} {
		t.Run(name, func(t *testing.T) {
			d, _, _ := opening(t, o)
			fits(t, d, o.Size)
			golden(t, name, d.ANSI())
		})
	}
}

// The first frame shows the stored account and snapshot and says as of when. The opening replaces nothing in the
// panes: neither the selected row nor a folded object changes.
func TestTheFirstFrameNeedsNoService(t *testing.T) {
	d, backend, user := opening(t, wide)
	d.See("demo@example.com", "favoriteColor  pink", "unchecked", "  as of 12:00:00")
	if calls := backend.Calls(); !slices.Equal(calls, []string{"open"}) {
		t.Errorf("before the service is open, the screen called %v", calls)
	}
	user.ChangeField("favoriteColor", "purple")
	d.Press("down", "down", "down", "+").See("─ favoriteColor ─")
	before := strings.Split(d.Frame(), "\n")
	d.Release().See("in 30 min", "stale", "─ favoriteColor ─", "the database holds purple").DontSee("unchecked")
	after := strings.Split(d.Frame(), "\n")
	for y, line := range before {
		if strings.Contains(line, "favoriteColor  pink") && !strings.Contains(after[y], "favoriteColor  pink") {
			t.Errorf("line %d was\n%s\nand is\n%s", y, line, after[y])
		}
	}
}

func TestKeysWorkBeforeTheServiceIsOpen(t *testing.T) {
	d, backend, user := opening(t, wide)
	d.Press("/").Type("loginC").Press("enter").See("─ loginCount ─")
	d.Press("e").See("reading the document")
	d.Release().See("› 42")
	d.Press("ctrl+u").Type("43").Press("ctrl+s", "enter").See("loginCount: 42 → 43")
	if got, _ := (model.Path{"loginCount"}).Lookup(user.StoredDocument()); got.Int32() != 43 {
		t.Errorf("the database holds %v", got)
	}
	if calls := backend.Calls(); slices.Index(calls, "save") < slices.Index(calls, "open") {
		t.Errorf("saved before the service was open: %v", calls)
	}
}

// A refresh that the user requests before the service is open is made when it is.
func TestARefreshWaitsForTheService(t *testing.T) {
	d, _, user := opening(t, wide)
	user.ChangeField("favoriteColor", "purple")
	d.Press("r").See("favoriteColor  pink", "as of")
	d.Release().See("favoriteColor: pink → purple", "current")
}

func TestQuitBeforeTheServiceIsOpen(t *testing.T) {
	for _, key := range []string{"q", "ctrl+c"} {
		d, _, _ := opening(t, wide)
		if d.Press(key); !d.Quit || d.Model.Err() != nil {
			t.Errorf("%s: quit %v, error %v", key, d.Quit, d.Model.Err())
		}
	}
}

// A choice made before the service is open stays: personal data is masked in every frame after it.
func TestMaskedBeforeTheServiceIsOpen(t *testing.T) {
	d, _, _ := opening(t, wide)
	d.Press("m").DontSee("demo@example.com", "pink").See("masked", "as of")
	d.Release().DontSee("demo@example.com", "pink").See("masked", "in 30 min")
}

// Another account can be chosen meanwhile; the opening then reads its data.
func TestSwitchBeforeTheServiceIsOpen(t *testing.T) {
	d, _, _ := opening(t, wide)
	d.Press("s").See("grace@example.com").Press("down", "down", "enter")
	d.See("favoriteColor  green", "as of")
	d.Release().See("favoriteColor  green", "current", "in 30 min")
}

// A service that does not answer is tried again, and the stored data stays on the screen.
func TestAnUnreachableServiceIsOpenedAgain(t *testing.T) {
	backend, _ := uitest.Demo()
	backend.SetFailure(uitest.Unreachable)
	o := wide
	o.Open = backend.Open
	d := start(t, backend, o)
	d.See("unknown", "service unreachable since 12:00", "next try", "favoriteColor  pink")
	backend.SetFailure(uitest.NoFailure)
	d.Wait(3*time.Second).See("current", "the service answers again")
	if d.Quit || d.Model.Err() != nil {
		t.Errorf("quit %v, error %v", d.Quit, d.Model.Err())
	}
}

// Every other error of the opening ends the screen, unless that loses input.
func TestAnErrorOfTheOpeningEndsTheScreen(t *testing.T) {
	damaged := &model.Fault{Kind: model.Failed, Op: "open the workspace", Message: "the file is damaged"}
	d, backend, _ := opening(t, wide)
	backend.OpenError = damaged
	if d.Release(); !d.Quit || !errors.Is(d.Model.Err(), damaged) {
		t.Errorf("quit %v, error %v", d.Quit, d.Model.Err())
	}

	d, backend, _ = opening(t, wide)
	backend.OpenError = damaged
	d.Press("f", "enter").Type("{typed").See("{typed")
	d.Release().See("{typed", "the file is damaged")
	if d.Quit {
		t.Fatal("the input is lost")
	}
	d.Press("ctrl+c", "ctrl+c")
	if !d.Quit || !errors.Is(d.Model.Err(), damaged) {
		t.Errorf("quit %v, error %v", d.Quit, d.Model.Err())
	}
}
