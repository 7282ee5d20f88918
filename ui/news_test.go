package ui_test

import (
	"strings"
	"testing"
	"time"

	"dossier/model"
	"dossier/ui/uitest"
)

// An idle screen must not go on saying that changes are watched when nobody watches any more.
func TestABrokenWatchAsksWhetherTheServiceLives(t *testing.T) {
	w, p := uitest.Demo()
	d := start(t, w, wide)
	d.Wait(time.Second).See("shown as they happen")
	w.SetFailure(uitest.Unreachable)
	p.EmitStreamEvent(model.StreamInterrupted)
	d.Wait(2*time.Second).See("unknown", "service unreachable since").DontSee("shown as they happen")
	w.SetFailure(uitest.NoFailure)
	p.EmitStreamEvent(model.StreamResumed)
	d.Wait(40*time.Second).See("current", "shown as they happen")
}

func TestWithoutChangeEventsTheSessionSaysSo(t *testing.T) {
	w, _ := uitest.Demo()
	w.ChangeStreams = false
	start(t, w, wide).Wait(time.Second).See("shown when you compare").DontSee("shown as they happen")
}

// What others changed is not told as if the person had saved it.
func TestASaveTellsOwnAndOthersChangesApart(t *testing.T) {
	w, p := uitest.Demo()
	w.ChangeStreams = false
	d := start(t, w, wide)
	p.ChangeField("language", "fr")
	d.Press("down", "down", "down", "e", "ctrl+u").Type("purple").Press("enter", "enter")
	d.See("saved and refreshed", "changed by others before", "favoriteColor: pink → purple").DontSee("language: en → fr")
}

// A find that names one field finds it once, and Enter followed at once by another key acts on the match.
func TestAFindIsOneMatchAndTheNextKeyMeetsIt(t *testing.T) {
	w, _ := uitest.Demo()
	d := start(t, w, wide)
	d.Press("/").Type("favoriteColor").See("1 of 1").Press("enter", "e").See("edit favoriteColor")
}

// A first save makes the document, ids and all: nobody else did.
func TestAFirstSaveBlamesNobody(t *testing.T) {
	for _, events := range []bool{true, false} {
		w, _ := uitest.Demo()
		w.ChangeStreams = events
		d := start(t, w, wide)
		d.Press("s", "down", "enter").See("ada@example.com").Press("a").Type("nick").Press("tab").Type("Bobby").Press("enter",
			"enter")
		d.Wait(2*time.Second).See("saved and refreshed", "nick absent → Bobby").DontSee("changed by others", "userId absent")
	}
}

// What happened to one person is not told to the next.
func TestActivityIsOfWhoIsShown(t *testing.T) {
	w, p := uitest.Demo()
	d := start(t, w, wide)
	p.ChangeField("favoriteColor", "purple")
	d.Wait(2*time.Second).See("the database changed", "favoriteColor pink → purple")
	d.Press("s", "down", "enter").See("ada@example.com").DontSee("the database changed", "pink → purple")
	d.Press("s", "down", "enter").See("demo@example.com", "the database changed", "favoriteColor pink → purple")
}

// Linking shows at once what it changed, and tells of it once.
func TestALinkedIdentityIsSeenAtOnce(t *testing.T) {
	w, _ := uitest.Demo()
	d := start(t, w, wide)
	d.Press("s", "a", "ctrl+t", "enter").See("anon-user").DontSee("local-userpass")
	d.Press("s", "i").Type("second@example.com").Press("tab").Type("second-password").Press("enter")
	d.See("identities", "provider  local-userpass", "second@example.com", "linked: e-mail and password")
	if n := strings.Count(d.Frame(), "no change"); n != 1 {
		t.Errorf("that nothing changed is told %d times, once in activity would do\n%s", n, d.Frame())
	}
}

// An identity that was linked elsewhere is there after a refresh.
func TestARefreshAsksWhoThePersonIs(t *testing.T) {
	w, p := uitest.Demo()
	d := start(t, w, wide)
	if err := p.Link(t.Context(), model.Credential{Provider: "custom-token"}); err != nil {
		t.Fatal(err)
	}
	d.DontSee("custom-token").Press("r").See("custom-token")
}
