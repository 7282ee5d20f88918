package ui_test

import (
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/themes"
	"dossier/ui/uitest"
)

// In a list of names a letter selects the next name that starts with it, unless the letter is a key.
func TestListsSelectByLetter(t *testing.T) {
	backend, _ := uitest.Demo()
	backend.Add("second@example.com", "password", bson.D{})
	d := start(t, backend, uitest.Options{Themes: themes.Builtin()})
	d.Press("T", "l").See("› lagoon").Press("h").See("› harbour").Press("h").See("› heather").Press("h").See("› harbour")
	d.Press("x").See("› harbour").Press("k").DontSee("› harbour") // k is a key: up
	d.Press("esc", "s", "D").See("second@example.com").Press("enter").See("favoriteColor")
}

// In the list of types every letter selects.
func TestTheTypeIsSelectedByLetter(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	d.Press("down", "down", "down", "e", "ctrl+t").See("type of favoriteColor")
	d.Press("d", "d", "enter").See("type    decimal").Press("ctrl+t", "J", "enter").See("type    javascript")
	d.Press("ctrl+t").Type("date").Press("enter").See("type    date").DontSee("timestamp").Press("ctrl+t").Type("dec").
		Wait(2 * time.Second).Type("o").Press("enter").See("type    object")
}
