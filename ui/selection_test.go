package ui_test

import (
	"testing"

	"dossier/ui/uitest"
)

// With a selection each command acts on it or says why not, and the footer lists those that do.
func TestCommandsOnASelection(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	find(d, "loginCount").Press("x", "x").See("2 selected", "d remove  t change type  P duplicate  C copy")
	d.Press("e").See("2 fields are selected, this needs one field: esc clears the selection").DontSee("› ")
	d.Press("y").See("2 fields are selected: C copies them").Press("esc").DontSee("t change type")
	find(d, "language").Press("d").See("(removed)").Press("x").Press("up", "up", "x", "P").See("favoriteColorCopy")
	d.DontSee("does not exist")
	find(d, "language").Press("P").See("the draft removes this: ctrl+x puts it back")
}
