package ui_test

import (
	"strings"
	"testing"
	"time"

	"dossier/model"
	"dossier/ui/uitest"
)

// An idle screen must not show that changes are watched after the stream broke.
func TestAnInterruptedStreamPingsTheService(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, wide)
	d.Wait(time.Second).See("shown as they happen")
	backend.SetFailure(uitest.Unreachable)
	user.EmitStreamEvent(model.StreamInterrupted)
	d.Wait(2*time.Second).See("unknown", "service unreachable since").DontSee("shown as they happen")
	backend.SetFailure(uitest.NoFailure)
	user.EmitStreamEvent(model.StreamResumed)
	d.Wait(40*time.Second).See("current", "shown as they happen")
}

// The values of the session do not move when another row comes.
func TestTheSessionKeepsItsColumns(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, wide)
	column := func(label string) int {
		t.Helper()
		for line := range strings.SplitSeq(d.Frame(), "\n") {
			if _, after, found := strings.Cut(line, "│ "+label); found {
				return len(label) + len(after) - len(strings.TrimLeft(after, " "))
			}
		}
		t.Fatalf("no row %q\n%s", label, d.Frame())
		return 0
	}
	want := column("issued")
	user.ChangeField("favoriteColor", "purple")
	d.Wait(2 * time.Second)
	for _, label := range []string{"issued", "expires", "checked"} {
		if got := column(label); got != want {
			t.Errorf("%s: the value is %d cells right of the label's start, before %d", label, got, want)
		}
	}
	backend.SetFailure(uitest.Unreachable)
	d.Press("r")
	for _, label := range []string{"issued", "next try"} {
		if got := column(label); got != want {
			t.Errorf("%s: the value is %d cells right of the label's start, before %d", label, got, want)
		}
	}
}

func TestTheSessionShowsThatThereAreNoChangeStreams(t *testing.T) {
	backend, _ := uitest.Demo()
	backend.ChangeStreams = false
	start(t, backend, wide).Wait(time.Second).See("shown when you compare").DontSee("shown as they happen")
}

// Changes by others are not listed as part of the save.
func TestASaveListsChangesByOthersSeparately(t *testing.T) {
	backend, user := uitest.Demo()
	backend.ChangeStreams = false
	d := start(t, backend, wide)
	user.ChangeField("language", "fr")
	d.Press("down", "down", "down", "e", "ctrl+u").Type("purple").Press("ctrl+s", "enter")
	d.See("saved and refreshed", "changed by others before", "favoriteColor: pink → purple").DontSee("language: en → fr")
}

// A search for the name of one field has one match, and a key right after Enter acts on it.
func TestTheNextKeyActsOnTheMatch(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	d.Press("/").Type("favoriteColor").See("1 of 1").Press("enter", "e").See("› pink")
}

// The ids that a first save adds are not shown as changes by others.
func TestAFirstSaveListsNoChangesByOthers(t *testing.T) {
	for _, events := range []bool{true, false} {
		backend, _ := uitest.Demo()
		backend.ChangeStreams = events
		d := start(t, backend, wide)
		d.Press("s", "down", "enter").See("ada@example.com").Press("a").Type("nick").Press("tab").Type("Bobby").
			Press("ctrl+s", "enter")
		d.Wait(2*time.Second).See("saved and refreshed", "nick (absent) → Bobby").DontSee("changed by others",
			"userId (absent)")
	}
}

// The activity of one user is not shown to the next.
func TestActivityIsOfTheCurrentUser(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, wide)
	user.ChangeField("favoriteColor", "purple")
	d.Wait(2*time.Second).See("the database changed", "favoriteColor pink → purple")
	d.Press("s", "down", "enter").See("ada@example.com").DontSee("the database changed", "pink → purple")
	d.Press("s", "down", "enter").See("demo@example.com", "the database changed", "favoriteColor pink → purple")
}

// Linking shows the new identity at once, and one notice.
func TestALinkedIdentityIsShownAtOnce(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	d.Press("s", "a", "ctrl+t", "enter").See("anon-user").DontSee("local-userpass")
	d.Press("s", "i").Type("second@example.com").Press("tab").Type("second-password").Press("enter")
	d.See("anon-user, local-userpass", "second@example.com", "linked: e-mail and password")
	if n := strings.Count(d.Frame(), "no change"); n != 1 {
		t.Errorf("%d notices that nothing changed, want 1 in the activity\n%s", n, d.Frame())
	}
}

// An identity that another client linked is shown after a refresh.
func TestARefreshReadsTheProfile(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, wide)
	if err := user.Link(t.Context(), model.Credential{Provider: "custom-token"}); err != nil {
		t.Fatal(err)
	}
	d.DontSee("custom-token").Press("r").See("custom-token")
}

// Notice and activity after a save show what the review showed: the value that was replaced, also if the token had
// another one. An undo is called one, and replaces the notice of the save.
func TestTheNoticeOfASaveAgreesWithItsReview(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, wide)
	user.ChangeField("favoriteColor", "teal")
	find(d.Wait(3*time.Second), "favoriteColor").Press("e", "ctrl+u").Type("red").Press("ctrl+s").See(`"teal" → "red"`)
	d.Press("enter").See("✓ favoriteColor: teal → red", "favoriteColor teal → red").DontSee("pink → red")
	d.Press("U").See("undo the last save").Press("enter").See("undone: favoriteColor: red → teal", "undone and refreshed")
	d.DontSee("favoriteColor: teal → red")
}
