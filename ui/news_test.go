package ui_test

import (
	"testing"
	"time"

	"dossier/model"
	"dossier/ui/uitest"
)

// An idle screen must not go on saying that changes are watched when nobody watches any more.
func TestABrokenWatchAsksWhetherTheServiceLives(t *testing.T) {
	w, p := uitest.Demo()
	d := start(t, w, wide)
	d.Wait(time.Second).See("watched as they happen")
	w.Fail(uitest.Dead)
	p.Stream(model.EventLost)
	d.Wait(2*time.Second).See("unknown", "service unreachable since").DontSee("watched as they happen")
	w.Fail(uitest.None)
	p.Stream(model.EventBack)
	d.Wait(40*time.Second).See("current", "watched as they happen")
}

func TestWithoutChangeEventsTheSessionSaysSo(t *testing.T) {
	w, _ := uitest.Demo()
	w.Events = false
	start(t, w, wide).Wait(time.Second).See("seen when you compare").DontSee("watched as they happen")
}

// What others changed is not told as if the person had saved it.
func TestASaveTellsOwnAndOthersChangesApart(t *testing.T) {
	w, p := uitest.Demo()
	w.Events = false
	d := start(t, w, wide)
	p.Change("language", "fr")
	d.Press("down", "down", "down", "e", "ctrl+u").Type("purple").Press("enter", "enter")
	d.See("saved and refreshed", "and others had changed", "favoriteColor: pink → purple").DontSee("language: en → fr")
}

// A find that names one field finds it once, and Enter followed at once by another key acts on the match.
func TestAFindIsOneMatchAndTheNextKeyMeetsIt(t *testing.T) {
	w, _ := uitest.Demo()
	d := start(t, w, wide)
	d.Press("/").Type("favoriteColor").See("1 of 1").Press("enter", "e").See("edit favoriteColor")
}
