package ui_test

import (
	"image"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/nav"
	"dossier/ui/style"
	"dossier/ui/uitest"
)

func TestEarlierNoticesAreMasked(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	d.Send(nav.ShowFault{Fault: &model.Fault{Kind: model.Failed, Op: "save address",
		Message: `"London" breaks the schema`}})
	d.Press("s", "down", "d", "enter", "esc").See("signed out", "London")
	d.Press("m").DontSee("London", "ada@example").See("save address: failed, the", "reason is masked", "signed out")
	d.Send(nav.ShowFault{Fault: &model.Fault{Kind: model.PermissionDenied, Op: "save tags",
		Message: `"London" is not yours`}}).DontSee("London").See("save tags: not allowed")
	d.Press("m").See("London", "signed out")
}

func TestAFaultIsMasked(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	d.Press("m", "down", "down", "down", "down", "down", "e",
		"ctrl+u").Type("1815-99-12").DontSee(`"1815-99-12" is no`).See("the reason is masked")
}

// A character of several runes stays whole in every style: lipgloss would underline it rune by rune.
func TestGraphemeClustersStayWholeWithoutColour(t *testing.T) {
	const letters = "क्षि"
	backend := uitest.NewBackend(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC))
	user := backend.Add(letters+"@example.com", "p", bson.D{{Key: letters, Value: letters + " one"},
		{Key: "tag", Value: "x"}})
	d := start(t, backend, uitest.Options{Size: wide.Size, Style: style.Options{NoColor: true}})
	whole := func(at string) {
		t.Helper()
		for _, line := range strings.Split(d.ANSI(), "\n") {
			if strings.Count(line, "क") != strings.Count(line, letters) {
				t.Errorf("%s: torn in %q", at, line)
			}
		}
		fits(t, d, wide.Size)
	}
	user.ChangeField(letters, letters+" two")
	d.Wait(2 * time.Second)
	whole("outdated")
	d.Press("tab", "tab", "tab")
	whole("blurred")
	d.Press("c")
	whole("compare")
	d.Press("esc", "tab", "tab", "/").Paste(letters)
	whole("find")
	d.Press("esc", "?", "/").Paste(letters)
	whole("help")
	d.Press("esc", "esc", "ctrl+k").Paste(letters)
	whole("palette")
	d.Press("esc", "home", "e").Paste(letters)
	whole("edit")
	d.Press("enter")
	whole("review")
	d.Send(nav.ShowFault{Fault: &model.Fault{Kind: model.Failed, Op: "save", Message: letters}})
	whole("fault")
}

func TestKeysAreNamedInASCII(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, uitest.Options{Size: wide.Size, Style: style.Options{ASCII: true}})
	d.Press("ctrl+k").See("up previous  down next").DontSee("^ up", "v down")
	d.Press("esc", "?").Resize(wide.Size.X, 80).See("up k", "down j").DontSee("< h", "^ k")
	d.Press("esc").Resize(38, 10).See("dossier needs 40x12")
	for _, r := range d.Frame() {
		if r > 127 {
			t.Fatalf("%q is not ASCII", r)
		}
	}
}

func TestThreePanesShowWholeIDsAndDates(t *testing.T) {
	backend, _ := uitest.Demo()
	for _, width := range []int{110, 112, 116, 120, 129, 130, 140, 200} {
		d := start(t, backend, uitest.Options{Size: image.Pt(width, 40)})
		d.See("_id", "dateOfBirth    1990-07-02T00:00:00.000Z", "_id            5f233a3a0200000000000000")
		d.See("1990-07-02T00:00:00.000Z  date", "5f233a3a0200000000000000  o")
		fits(t, d, image.Pt(width, 40))
	}
}

func TestAnEmptyActivityExplainsItself(t *testing.T) {
	backend, _ := uitest.Demo()
	start(t, backend, wide).See("no saves, refreshes or faults yet").Press("r").DontSee("faults yet")
}

func TestAClickSelectsAnOptionAndDoesNotTakeIt(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, wide)
	d.Press("D").ClickOn("delete the document").See("› delete the document").Press("enter").See("15 fields", "keep it")
	d.ClickOn("delete it").See("› delete it")
	if user.StoredDocument() == nil {
		t.Fatal("a click deleted the document")
	}
}

func TestTheArgumentsOfAFunctionAreMasked(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	d.Press("m").Send(nav.CallFunction{Name: "writeCustomUserData",
		Args: `[{"favoriteColor":"pink"}]`}).See("call writeCustomUserData", "one argument").DontSee("pink")
}

// Support staff need the user id: it is shown whole where the account fits on one line, else shortened in its middle,
// and whole when the account has the focus.
func TestTheAccountShowsTheWholeID(t *testing.T) {
	for _, size := range []image.Point{{60, 18}, {90, 24}, {110, 30}, {120, 36}, {140, 44}, {200, 60}} {
		backend, _ := uitest.Demo()
		user := backend.Add("new@example.com", "new-password", nil) // without a document, which would show the id as well
		user.SetApp(model.AppInfo{CustomData: model.CustomDataConfig{Database: "app", Collection: "custom_user_data",
			UserIDField: "userId"}})
		d := start(t, backend, uitest.Options{Size: size})
		if size.X >= 90 {
			d.See(user.ID(), "data in app.custom_user_data")
		}
		d.Press("tab", "tab", "tab").See("id        "+user.ID(), "id field", "app.custom_user_data").Press("home", "y")
		if len(d.Copied) != 1 || d.Copied[0] != user.ID() {
			t.Errorf("%v: copied %q from the first line", size, d.Copied)
		}
		user.SetApp(model.AppInfo{CustomData: model.CustomDataConfig{Database: strings.Repeat("long", 15), Collection: "b",
			UserIDField: "userId"}})
		if d.Press("shift+tab", "r"); size.X >= 90 && size.X < 140 {
			d.See(user.ID()[:6] + "…" + user.ID()[19:]).DontSee(user.ID())
		}
	}
}

func TestTheFooterAt80ColumnsShowsTheAccountsKey(t *testing.T) {
	backend, _ := uitest.Demo()
	start(t, backend, uitest.Options{Size: image.Pt(80, 24)}).See("e edit", "s accounts", "? help", "q quit")
}

// While a dialog waits for a response, the footer shows the keys that work.
func TestTheFooterOfADialogThatWaits(t *testing.T) {
	waits := func(d *uitest.Driver, name string) {
		t.Helper()
		lines := strings.Split(strings.TrimRight(d.Frame(), "\n"), "\n")
		if got := strings.TrimSpace(lines[len(lines)-1]); !strings.HasPrefix(got, "esc stop waiting") || strings.Contains(got,
			"enter") {
			t.Errorf("%s: %q", name, got)
		}
	}
	w, _ := uitest.Demo()
	d := start(t, w, wide)
	d.Backend.SetFailure(uitest.Slow)
	d.Press("E")
	waits(d, "reading the document")
	d.Release().Press("esc", "down", "down", "down", "e", "ctrl+u").Type("teal").Press("ctrl+s")
	d.Backend.SetFailure(uitest.Slow)
	d.Press("enter")
	waits(d, "saving")
	d.Release().Press("f", "enter")
	d.Backend.SetFailure(uitest.Slow)
	d.Press("enter")
	waits(d, "calling a function")
	d.Release()
}
