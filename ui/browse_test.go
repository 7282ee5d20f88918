package ui_test

import (
	"testing"

	"dossier/ui/uitest"
)

// TestFieldsOfTheDatabaseAndOfTheDraftAreRows: fields that the snapshot does not have are rows, at their place.
func TestFieldsOfTheDatabaseAndOfTheDraftAreRows(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, screen)
	defer d.Close()
	user.ChangeField("address.planet", "Earth")
	user.ChangeField("shoeSize", int32(43))
	d.Press("c", "esc").See("shoeSize", "43").DontSee("planet")
	d.Press("/").Type("planet").Press("enter")
	d.Press("esc", "home").DontSee("planet")
	d.Press("+").See("planet", "Earth")
}

// TestTheCursorFollowsAFieldThatIsAdded: in the draft, in the document, and after a removal it is on the next field.
func TestTheCursorFollowsAFieldThatIsAdded(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, screen)
	defer d.Close()
	d.Press("end", "a").Type("zebra").Press("tab").Type("striped").Press("enter").See("─ zebra ─", "striped")
	d.Press("ctrl+s", "s").See("─ zebra ─", "striped")
	d.Press("home", "down", "down").See("─ description ─").Press("d", "ctrl+s").See("review")
	d.Press("s").See("─ favoriteColor ─")
}
