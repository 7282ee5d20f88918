package ui_test

import (
	"errors"
	"image"
	"image/color"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/style"
	"dossier/ui/uitest"
)

var wide = uitest.Options{Size: image.Pt(140, 44)}

func start(t testing.TB, backend *uitest.Backend, o uitest.Options) *uitest.Driver {
	t.Helper()
	d := uitest.Start(t, backend, o)
	t.Cleanup(d.Close)
	return d
}

// Seed, Web SDK page: "App Services does not dynamically update a user's custom data if the underlying document
// changes."
func TestTheSnapshotStaysUntilARefresh(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, wide)
	d.See("favoriteColor  pink", "current", "equals the database.", "demo@example.com", "embedded workspace")
	user.ChangeField("favoriteColor", "purple")
	d.Wait(2*time.Second).See("favoriteColor  pink", "stale", "1 field is outdated since 12:00: c",
		"1 field outdated since 12:00",
		"1 outdated")
	d.Press("down", "down", "down").See("the database holds purple")
	d.Press("r").See("favoriteColor  purple", "current", "favoriteColor: pink → purple")
}

// Seed, Web SDK page: "If the token is not refreshed, the SDK waits 30 minutes and then refreshes it on the next call
// to the backend, so custom user data could be stale for up to 30 minutes plus the time until the next SDK call to the
// backend occurs."
func TestAnExpiredTokenIsDueAndTheNextCallRefreshesIt(t *testing.T) {
	backend, user := uitest.Demo()
	backend.ChangeStreams = false
	d := start(t, backend, wide)
	user.ChangeField("favoriteColor", "purple")
	d.Wait(29*time.Minute+58*time.Second).See("in 1 min", "current").DontSee("due")
	d.Wait(5*time.Second).See("due", "The token expired less than 1 min", "favoriteColor  pink")
	d.Wait(time.Minute).See("token expired 1 min ago, the next call renews it")
	if calls := backend.Calls(); slices.Contains(calls, "refresh") {
		t.Errorf("looking refreshed: %v", calls)
	}
	d.Press("c").See("the application had", "pink", "purple", "a call refreshed the expired token")
	d.Press("esc").See("current", "in 30 min", "favoriteColor  purple")
}

func TestOpeningDoesNotRefreshAnExpiredToken(t *testing.T) {
	backend, user := uitest.Demo()
	user.ChangeField("favoriteColor", "purple")
	backend.Advance(40 * time.Minute)
	d := start(t, backend, wide)
	d.Wait(time.Minute).See("due", "expired 11 min ago", "not since it was issued", "favoriteColor  pink")
	for _, call := range backend.Calls() {
		if call != "cannot reach the service" {
			t.Errorf("opening called %q", call)
		}
	}
}

// Seed, Web SDK page: "old favoriteColor: pink", "new favoriteColor: purple".
func TestASaveIsFollowedByARefreshAndShowsOldAndNew(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, wide)
	d.Press("down", "down", "down", "e", "ctrl+u").Type("purple").Press("ctrl+s").See("pink", "purple", "updateOne(")
	d.Press("enter").See("favoriteColor: pink → purple", "saved and refreshed",
		"favoriteColor  purple").DontSee("updateOne(")
	if held, _ := (model.Path{"favoriteColor"}).Lookup(user.StoredDocument()); held.StringValue() != "purple" {
		t.Errorf("the database holds %v", held)
	}
	d.Press("U").See("undo the last save", "purple", "pink").Press("enter").See("favoriteColor  pink")
}

// U goes back through the saves of this run, and redoes them.
func TestUndoSeveralSavesDeep(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, wide)
	for _, color := range []string{"purple", "teal"} {
		d.Press("home", "down", "down", "down", "e", "ctrl+u").Type(color).Press("enter", "ctrl+s", "enter")
		d.See("saved and refreshed")
		d.Wait(time.Second)
	}
	holds := func(want string) {
		t.Helper()
		if held, _ := (model.Path{"favoriteColor"}).Lookup(user.StoredDocument()); held.StringValue() != want {
			t.Errorf("the database holds %v, want %s", held, want)
		}
	}
	d.Press("U").See("undo a save", `"purple" → "teal"`, `"pink" → "purple"`).Press("enter", "enter")
	holds("purple")
	d.Press("U", "enter", "enter")
	holds("pink")
	d.Press("U").See("undone").Press("enter").See("redo", `"pink" → "purple"`).Press("enter")
	holds("purple")
}

func TestAnUnreachableServiceIsRetried(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	backend.SetFailure(uitest.Unreachable)
	d.Press("r").See("unknown", "service unreachable since 12:00", "favoriteColor  pink", "next try")
	before := len(backend.Calls())
	d.Wait(time.Minute)
	if tries := len(backend.Calls()) - before; tries != 5 { // after 2, 4, 8, 16 and 30 seconds
		t.Errorf("%d tries in a minute: %v", tries, backend.Calls()[before:])
	}
	backend.SetFailure(uitest.NoFailure)
	d.Wait(31*time.Second).See("current", "the service answers again").DontSee("unknown")
}

// TestAServiceThatDoesNotAnswerYet: the stored comparison says nothing about now, neither at the start nor later.
func TestAServiceThatDoesNotAnswerYet(t *testing.T) {
	backend, _ := uitest.Demo()
	start(t, backend, wide).See("equals the database.", "shown as they happen").Close()
	backend.SetFailure(uitest.Slow)
	d := start(t, backend, wide)
	d.See("current", "as of 12:00:00", "equalled the").DontSee("equals the database", "shown as they happen")
	d.Release().See("equals the database.", "shown as they happen").DontSee("as of 12:00:00  ")
	backend.SetFailure(uitest.Unreachable)
	d.Press("r").See("next try", "12:00:02; r retries now")
	backend.SetFailure(uitest.Slow)
	d.Wait(3*time.Second).See("next try", "trying …")
	d.Release().See("the service answers again")
}

func TestASlowServiceDoesNotFreezeTheScreen(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	backend.SetFailure(uitest.Slow)
	d.Press("r", "down", "down").Wait(2*time.Second).See("in 30 min", "─ description", "current")
	d.Press("up").See("─ userId")
	d.Release().See("in 30 min", "refreshed: no change")
}

func TestAnEndedSessionOpensTheSignInDialogWhenNoKeyIsPressed(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, wide)
	user.EndSession()
	d.Press("r").DontSee("─ sign in")
	d.Wait(300 * time.Millisecond).Press("down").Wait(300 * time.Millisecond).DontSee("─ sign in")
	d.Wait(500*time.Millisecond).See("─ sign in", "demo@example.com", "signed out", "favoriteColor  pink")
	d.Type("demo-password").Press("enter").See("current").DontSee("─ sign in")
}

func TestResponsesAboutTheUserBeforeAreDropped(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	backend.SetFailure(uitest.Slow)
	d.Press("r")
	backend.SetFailure(uitest.NoFailure)
	d.Press("s", "down", "enter")
	d.Release()
	d.See("ada@example.com").DontSee("favoriteColor", "demo@example.com")
}

func TestDataCannotReachTheTerminal(t *testing.T) {
	evil := "x\x1b]0;owned\a\x1b[2J\r\u202eevil\u200b\u009b31m\nend"
	backend := uitest.NewBackend(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC))
	user := backend.Add(evil, "p", bson.D{{Key: evil, Value: evil},
		{Key: "inner", Value: bson.D{{Key: evil, Value: bson.A{evil}}}}})
	d := start(t, backend, wide)
	user.ChangeField("inner", evil)
	harmless := func() {
		t.Helper()
		frame := d.Frame()
		for _, bad := range []string{"\x1b", "\a", "\r", "\u202e", "\u200b", "\u009b"} {
			if strings.Contains(frame, bad) {
				t.Fatalf("%q is in\n%s", bad, frame)
			}
		}
		if title := d.Model.View().WindowTitle; strings.ContainsAny(title, "\x1b\a\r\u202e\u009b") {
			t.Fatalf("the title is %q", title)
		}
		fits(t, d, wide.Size)
	}
	harmless()
	for _, k := range []string{"+", "c", "esc", "r", "end", "v", "y", "esc", "Y", "s", "esc", "e", "enter", "esc", "esc",
		"D", "esc"} {
		d.Press(k)
		harmless()
	}
	for _, copied := range d.Copied {
		if strings.ContainsAny(copied, "\x1b\a\r\u202e\u009b") {
			t.Errorf("copied %q", copied)
		}
	}
}

func TestAnUnavailableActionShowsWhy(t *testing.T) {
	backend, user := uitest.Demo()
	user.SetApp(model.AppInfo{})
	d := start(t, backend, wide)
	d.Press("e").See("the collection of the custom data is unknown").DontSee("edit  a add")
	d.Press("U").See("nothing to undo")
	d.Press("n", "n", "n").See("no search yet")
	if n := strings.Count(d.Frame(), "no search yet"); n != 1 {
		t.Errorf("the notice is shown %d times\n%s", n, d.Frame())
	}
}

// Seed, both pages: "To use custom user data, you must first Enable Custom User Data."
func TestCustomDataThatIsNotEnabled(t *testing.T) {
	backend := uitest.NewBackend(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC))
	backend.Add("ada@example.com", "p", nil).SetApp(model.AppInfo{})
	d := start(t, backend, uitest.Options{})
	d.See("Custom user data is not enabled.", "auth/custom_user_data.json")
}

func TestFindMarksMatchesAndGoesFromOneToTheNext(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	d.Press("/").Type("an").See("1 of 4", "stay at match")
	d.Press("enter", "n").See("2 of 4", "─ address › street", "12 Analytical Row")
	d.Press("N", "N").See("4 of 4", "─ bio")
	d.Press("esc").DontSee("of 4")
	d.Press("/").Type("devices.1.os").See("─ devices › 1 › os", "macOS 26")
	d.Press("esc").See("─ bio")
	d.Press("/").Type("zebra").See("no matches")
}

func TestCopyingThePathAndTheValue(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	d.Press("end", "y", "Y").See("sent to the terminal: the value of bio", "sent to the terminal: the path bio")
	if len(d.Copied) != 2 || !strings.HasPrefix(d.Copied[0], "Likes long walks through short documents.\nWrites") ||
		d.Copied[1] != "bio" {
		t.Errorf("copied %q", d.Copied)
	}
}

func TestTheMouseFocusesSelectsFoldsAndScrolls(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, uitest.Options{})
	d.ClickOn("▸ address").See("▾ address", "street", "─ address")
	d.ClickOn("▾ address").See("▸ address").DontSee("▾ address")
	d.ClickOn("session").See("issued", "expires")
	d.ClickOn("account").See("identity", "local-userpass 5f1f216e82df4a7979f9da92")
	d.Resize(110, 24).ClickOn("custom data").ClickOn("data in app").See("identity  local-userpass")
	d.ClickOn("language").See("─ language")
	d.Press("+").Wheel(50, 8, 4).DontSee("_id  ")
	d.ClickOn("─ session").Press("y")
	if len(d.Copied) != 1 || d.Copied[0] != "12:30:00, in 30 min" {
		t.Errorf("after a click on session, y copied %q", d.Copied)
	}
}

func TestAValueIsViewedInFull(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, uitest.Options{})
	d.Press("end").DontSee("column of any terminal").Press("v").See("column of any terminal", "─ bio", "string")
	d.Press("esc").DontSee("column of any terminal")
}

func TestThePaletteRunsCommandsAndShowsWhyTheyAreUnavailable(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	d.Press("ctrl+k").Type("mask").Press("enter").See("masked")
	d.Press("ctrl+k").Type("undo the last").See("undo the last save (nothing to undo)").Press("enter").
		See("undo the last save: nothing to undo")
	d.Press("esc", "ctrl+k").Type("open all").See("actions   open all")
	d.Press("esc", "tab", "ctrl+k").Type("open all").Press("enter").See("street")
	d.Press("ctrl+k").See("recent    open all", "          mask personal data")
}

func TestHelp(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	d.Press("?").See(" edit ", "edit document").Resize(140, 70).See("not now", "undo the last save: nothing to undo",
		"next match: no search yet: / finds a field").Resize(140, 44)
	d.Press("/").Type("30 minutes").See("stale for up to 30 minutes plus the time").DontSee("edit document")
	d.Press("esc", "esc").DontSee("─ help")
	d.Press("c", "?").See("check again")
}

func TestADeletionIsConfirmed(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, wide)
	d.Press("D", "down", "down", "enter").See("deleteOne in app.custom_user_data", "15 fields", "keep it")
	d.Press("enter")
	if user.StoredDocument() == nil {
		t.Fatal("the harmless option deleted the document")
	}
	d.Press("D", "down", "down", "enter", "down", "enter").See("the document is deleted", "No custom data yet.")
	if user.StoredDocument() != nil {
		t.Fatal("the document is still there")
	}
}

func TestADeletionAfterASaveIsNotTakenForAChangeByOthers(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	d.Press("down", "down", "down", "e", "ctrl+u").Type("purple").Press("ctrl+s", "enter").See("saved and refreshed")
	d.Press("D", "down", "down", "enter", "down", "enter").See("the document is deleted", "deleted and refreshed",
		"_id").DontSee("changed by others")
}

// What is typed into a field is kept, so quitting asks nothing; what is typed into other dialogs is lost.
func TestQuittingAsksOnlyIfInputWouldBeLost(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	d.Press("A", "a").Type("build").Press("enter").Press("ctrl+c").See("Input in dialogs is lost")
	if d.Quit {
		t.Fatal("it quit")
	}
	d = start(t, backend, wide)
	d.Press("down", "down", "down", "e").Type("er").Press("ctrl+c")
	if !d.Quit {
		t.Fatal("it did not quit")
	}
}

// Edits that cannot be stored are lost at the end: quitting asks first, and tries to store them again.
func TestQuittingAsksWhenTheDraftCannotBeStored(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, wide)
	d.Press("down", "down", "down", "d").See("✎ 1 edit")
	backend.DraftError = errors.New("the disk is full")
	d.Press("down", "d").See("store the unsaved change: the disk is full", "✎ 2 edits")
	for _, press := range []string{"q", "ctrl+c"} {
		d.Press(press).See("2 unsaved changes are lost: store the unsaved change")
		if d.Quit {
			t.Fatalf("%s quits", press)
		}
		d.Press("esc")
	}
	backend.DraftError = nil
	d.Press("q")
	if stored, err := backend.TakeOver(user.Account().ID); !d.Quit || err != nil || len(stored.Edits()) != 2 {
		t.Errorf("quit %v, stored %v, %v", d.Quit, stored, err)
	}
}

// Each time that storing starts to fail is reported; afterwards dossier knows that the draft is kept.
func TestStoringThatFailsForAMoment(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	d.Press("down", "down", "down")
	for range 2 {
		backend.DraftError = errors.New("the disk is full")
		d.Press("d").See("the disk is full; it is lost when dossier closes",
			"✎ 1 edit").Press("ctrl+s").See("favoriteColor").Press("esc", "esc")
		if d.Quit {
			t.Fatal("it quit")
		}
		backend.DraftError = nil
		d.Press("z").Wait(time.Minute).DontSee("the disk is full; it is lost when dossier closes")
	}
	d.Press("d", "q")
	if !d.Quit {
		t.Error("it asks although the draft is stored")
	}
}

func TestRevertingTheOnlyChangeSaysThatNothingIsLeft(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	d.Press("down", "down", "down", "e", "ctrl+u").Type("purple").Press("ctrl+s")
	d.See("d revert this change", "f save with a function").Press("d")
	d.See("reverted: favoriteColor; nothing is left to save").DontSee("purple")
}

func TestTheActivityEscapesAValueOnce(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	d.Press("down", "down", "down", "e", "ctrl+u").Type("a\u200db").Press("ctrl+s", "enter").See("saved and refreshed")
	d.See("a⟨U+200D⟩b").DontSee("U+27E8")
}

func TestTheReviewOfAnUndoOffersNoEdit(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	d.Press("down", "down", "down", "e", "ctrl+u").Type("purple").Press("ctrl+s", "enter").See("saved and refreshed")
	d.Press("U").See("enter save").DontSee("e edit again", "d revert this change", "f save with a function")
	d.Press("d").See("An undo cannot be edited")
}

// Another attempt to edit the id of the document would end as the first.
func TestARefusedTaskDoesNotOfferToTryAgain(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	for _, key := range []string{"e", "d"} {
		d.Press("home", key).See("it can never be changed").DontSee("try again").Press("esc")
	}
	d.Press("m", "E").See("cannot be edited while personal data is masked").DontSee("try again")
}

func TestAKeptDraftIsShown(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	// then the process is killed
	d.Press("down", "down", "down", "e", "ctrl+u").Type("purple").Press("enter").Wait(2 * time.Second)
	again := start(t, backend, wide)
	again.See("an unsaved change from 12:00:00 is kept", "✎ 1 edit · ctrl+s reviews", "✎  favoriteColor",
		"ctrl+s review and save")
	again.Press("down", "down", "down", "down", "e").Type("!").Press("enter").See("✎ 2 edits", "✎  language")
	start(t, backend, wide).See("2 unsaved changes from 12:00:0", "are kept: ctrl+s reviews")
	again.Press("ctrl+s").See(`"pink" → "purple"`, `"en" → "en!"`).Press("enter").See("saved and refreshed")
	again.DontSee("✎", "ctrl+s review and save").Press("ctrl+s").See("no unsaved change is kept")

	plain := uitest.Start(t, backend, uitest.Options{Size: wide.Size, Style: style.Options{ASCII: true}})
	t.Cleanup(plain.Close)
	plain.Press("down", "down", "down", "e").Type("x").Press("enter").See("*  favoriteColor", "* 1 edit")
	plain.Press("ctrl+s", "D", "d").DontSee("* 1 edit", "*  favoriteColor", "Discard")
}

func TestChangesByOthersAreListedByField(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, wide)
	user.ChangeField("favoriteColor", "purple")
	d.Wait(2*time.Second).See("the database changed", "favoriteColor pink → purple")
	user.ChangeField("language", "fr")
	d.Wait(2*time.Second).See("language en → fr", "2 outdated", "now fr")
	if n := strings.Count(d.Frame(), "favoriteColor pink → purple"); n != 1 {
		t.Errorf("the first change is listed %d times, want 1\n%s", n, d.Frame())
	}
}

func TestQuitting(t *testing.T) {
	backend, _ := uitest.Demo()
	if d := start(t, backend, uitest.Options{}).Press("q"); !d.Quit {
		t.Fatal("q does not quit")
	}
}

func TestWithoutAnAccountTheSignInDialogOpens(t *testing.T) {
	backend, _ := uitest.Demo()
	backend.ForgetAccounts()
	d := start(t, backend, wide)
	d.See("─ sign in", "not signed in").Type("demo@example.com").Press("tab").Type("demo-password").Press("enter")
	d.See("demo@example.com", "favoriteColor  pink", "current")
}

func TestADocumentTooLargeForAToken(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, wide)
	user.SetDocument(uitest.LargeDocument(60_000))
	d.Press("r").See("─ database at 12:00:00 ─", "group0000", "the document is too large for a",
		"The token has no copy", "the document no longer fits into the")
	d.Wait(time.Minute).See("from the database: too large for a token")
	d.Press("r").See("the document does not fit into the token").DontSee("not compared", "Not compared")
	d.Press("c").See("Nothing to compare: the token has no document", "held one of 1.7 MB at 12:01:00").
		DontSee("No difference", "equals")
	user.SetDocument(uitest.Document(bson.D{{Key: "favoriteColor", Value: "pink"}}))
	d.Press("r").See("the document fits into the token again").DontSee("No difference").Press("esc")
	d.See("favoriteColor  pink", "─ in the token of 12:01:00 ─").DontSee("too large for a token")
}

// TestAnExpiredTokenWithoutTheDocument: the token has no snapshot that a refresh would replace, so the document is read
// when the screen opens.
func TestAnExpiredTokenWithoutTheDocument(t *testing.T) {
	backend, user := uitest.Demo()
	user.SetDocument(uitest.LargeDocument(60_000))
	d := start(t, backend, wide)
	d.Press("r").Wait(uitest.TokenLifetime + time.Minute)
	d.See("due")
	d = start(t, backend, wide)
	d.See("group0000", "a call refreshed the token: the document does not fit", "in 30 min")
}

func TestATerminalThatIsTooSmall(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, uitest.Options{Size: image.Pt(38, 10)})
	d.See("dossier needs 40×12; this terminal is", "38×10")
	d.Resize(40, 12).See("favoriteColor  pink", "current", "demo@example.c", "? help")
}

func TestTheBackgroundOfTheTerminal(t *testing.T) {
	backend, _ := uitest.Demo()
	dark := start(t, backend, uitest.Options{})
	backend, _ = uitest.Demo()
	light := start(t, backend, uitest.Options{Light: true})
	if dark.ANSI() == light.ANSI() || dark.Frame() != light.Frame() {
		t.Error("a light background changes something other than colours, or nothing")
	}
	dark.Send(tea.BackgroundColorMsg{})
	if dark.ANSI() == light.ANSI() {
		t.Error("a chosen background gave way to the terminal's")
	}
}

// The first frame waits a little for the terminal's answer; until it comes, no theme is shown, so that none flashes.
func TestTheFirstFrameWaitsForTheBackground(t *testing.T) {
	opened := func() *uitest.Driver {
		backend, _ := uitest.Demo()
		d := start(t, backend, uitest.Options{Auto: true})
		if d.Frame() != "" || !strings.Contains(d.Model.Queries(), "\x1b]11;?") {
			t.Errorf("before the answer: queries %q, shows\n%s", d.Model.Queries(), d.Frame())
		}
		return d
	}
	themed := func(light bool) string {
		backend, _ := uitest.Demo()
		return start(t, backend, uitest.Options{Light: light}).ANSI()
	}
	d := opened()
	if d.Send(tea.BackgroundColorMsg{Color: color.White}); d.ANSI() != themed(true) {
		t.Error("a light terminal does not get the light theme with the first frame")
	}
	d = opened()
	d.Wait(10 * time.Millisecond).See("favoriteColor")
	if v := d.Model.View(); v.BackgroundColor != nil || strings.Contains(v.Content, "\x1b[38") {
		t.Error("the frame before the answer has colours")
	}
	if d.Send(tea.BackgroundColorMsg{Color: color.White}); d.ANSI() != themed(true) {
		t.Error("a late answer is ignored")
	}
	d = opened()
	if d.Wait(300 * time.Millisecond); d.ANSI() != themed(false) {
		t.Error("a terminal that does not answer does not get the dark theme")
	}
}

// Terminals that answer the query for support show the status; others are sent none.
func TestTheTerminalShowsTheStatus(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, wide)
	want := func(state tea.ProgramState, kind tea.ProgramStatusKind, message string) {
		t.Helper()
		s := tea.ProgramStatus{App: "dossier", State: state, Kind: kind, Message: message}
		if got := d.Model.View().ProgramStatus; got == nil || *got != s {
			t.Errorf("status %+v, want %+v", got, s)
		}
	}
	if s := d.Model.View().ProgramStatus; s != nil {
		t.Errorf("without support: %+v", s)
	}
	d.Send(tea.ProgramStatusSupportMsg{})
	want(tea.ProgramStateIdle, "", "current")
	user.ChangeField("favoriteColor", "purple")
	d.Wait(2 * time.Second)
	want(tea.ProgramStateIdle, "", "stale")
	backend.SetFailure(uitest.Slow)
	d.Press("r")
	want(tea.ProgramStateWorking, "", "stale")
	d.Release()
	backend.SetFailure(uitest.Unreachable)
	d.Press("r")
	want(tea.ProgramStateError, "", "unknown")
	backend.SetFailure(uitest.NoFailure)
	user.EndSession()
	d.Press("r")
	want(tea.ProgramStateBlocked, tea.ProgramStatusKindAuth, "signed out")
	if d.Press("q"); d.Model.View().ProgramStatus != nil {
		t.Error("the status stays after the end")
	}
}

func TestNoKeyHasTwoActions(t *testing.T) {
	for _, clash := range keys.Default().Duplicates() {
		t.Errorf("%s in %s is both %s and %s", clash.Key, clash.Scope, clash.A, clash.B)
	}
}

// What was not compared with the database is not called current.
func TestASnapshotThatWasNotComparedIsUnchecked(t *testing.T) {
	backend, user := uitest.Demo()
	user.SetApp(model.AppInfo{})
	backend.ChangeStreams = false
	d := start(t, backend, wide)
	d.See("unchecked", "Not compared since 12:00.", "not since it was issued").DontSee("current")
}

// Several documents with the user id are named, and which one is used.
func TestTwoDocumentsOfOneUser(t *testing.T) {
	backend, user := uitest.Demo()
	user.SetDuplicates(1)
	d := start(t, backend, wide)
	d.See("another document has this user", "oldest one is used")
}
