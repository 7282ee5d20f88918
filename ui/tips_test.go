package ui_test

import (
	"slices"
	"testing"
	"time"

	"dossier/ui/uitest"
)

// The tips of the first run come one after the other, each when it is useful, and go when their key is used.
func TestTipsOfTheFirstRun(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, uitest.Options{Tips: []string{}})
	d.See("arrows move, e edits the selected field").Wait(time.Minute).See("arrows move")
	if !slices.Equal(d.SavedTips, []string{"edit"}) {
		t.Errorf("stored %v", d.SavedTips)
	}
	d.Press("down", "down", "down", "e").DontSee("arrows move").Press("esc").Wait(10 * time.Second).
		See("ctrl+k finds every action")
	user.ChangeField("favoriteColor", "amber")
	d.Wait(3 * time.Second).See("≠ marks outdated fields: c compares them").DontSee("ctrl+k finds")
	d.Press("c", "esc").DontSee("marks outdated")
	d.Press("down", "e", "x", "enter").Wait(10 * time.Second).
		See("ctrl+s shows what the draft changes").Press("esc").DontSee("what the draft changes")
	if !slices.Equal(d.SavedTips, []string{"edit", "palette", "compare", "save"}) {
		t.Errorf("stored %v", d.SavedTips)
	}
}

// A tip that was shown in an earlier run never comes back, also not after that run was killed.
func TestTipsNeverComeBack(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, uitest.Options{Tips: []string{"edit", "compare", "save"}})
	d.DontSee("arrows move").Press("down", "down").See("ctrl+k finds every action").Press("ctrl+k",
		"esc").DontSee("finds every action")
	again := start(t, backend, uitest.Options{Tips: append([]string{"edit", "compare", "save"}, d.SavedTips...)})
	again.Press("down", "down", "down").DontSee("finds every action", "arrows move")
}
