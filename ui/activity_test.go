package ui_test

import (
	"strings"
	"testing"
	"time"

	"dossier/ui/uitest"
)

// TestAnEntryOfTheActivity: enter shows it whole, with the time and the old and new values; y copies it.
func TestAnEntryOfTheActivity(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, uitest.Options{})
	user.ChangeField("favoriteColor", strings.Repeat("purple ", 20)+"end")
	d.Wait(time.Second).Press("r").Wait(10*time.Second).Press("tab", "tab", "enter")
	d.See("14 March 2026, 12:00:01 UTC", "favoriteColor pink → purple", "purple end", "y copy  esc close").Press("y")
	if len(d.Copied) != 1 || !strings.Contains(d.Copied[0], "purple end") {
		t.Errorf("copied %q", d.Copied)
	}
	d.Press("esc").DontSee("14 March").Press("m", "enter").See("favoriteColor ••••• → •••••",
		"14 March").DontSee("purple").
		Press("y").See("masked: press m")
}

// A change of the database that was noticed only with a refresh is listed once, by the refresh.
func TestActivityListsAChangeOnce(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, uitest.Options{Size: wide.Size})
	user.ChangeField("favoriteColor", "purple")
	d.Press("r").Wait(10*time.Second).See("refreshed", "favoriteColor pink → purple").DontSee("the database changed")
	user.ChangeField("favoriteColor", "amber")
	d.Wait(10*time.Second).See("the database changed").Press("r").See("refreshed", "the database changed")
}
