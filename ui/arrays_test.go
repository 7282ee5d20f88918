package ui_test

import (
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/ui/uitest"
)

// An item that was inserted or duplicated in the middle of an array is shown there, and the others are unchanged.
func TestInsertedItemsAreShownInTheirPlace(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, wide)
	d.Press(":").Type("tags").Press("enter", "right", "down", "a").Type("mid").Press("enter")
	d.See("✎ 1 edit", "tags           [4 items]", "was [3 items]", "0            beta", "✎    1            mid",
		"added, not saved", "2            early adopter", "3            newsletter").DontSee("was early adopter")
	d.Press(":").Type("tags.3").Press("enter").See("─ tags › 3 ─").Press("P").See("✎ 2 edits", "4            newsletter")
	d.Press("ctrl+s").See("tags", "[3 items] → [5 items]", "+ tags.1", "+ tags.4").Press("esc")
	d.Press("ctrl+s", "enter").DontSee("✎")
	holdsJSON(t, user, "tags", `["beta", "mid", "early adopter", "newsletter", "newsletter"]`)
}

// A removed item has a row of its own while the others close up, and can be put back alone.
func TestRemovedItemsArePutBack(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, wide)
	d.Press(":").Type("tags.0").Press("enter", "d").Press(":").Type("tags").Press("enter", "a").Type("last").Press("enter")
	d.See("✎ 2 edits", "-0           (removed)", "was beta", "0            early adopter", "2            last")
	d.Press(":").Type("tags.-0").Press("enter", "e").See("the draft removes this: ctrl+x puts it back").DontSee("› beta")
	d.Press("ctrl+s").See("− tags.0", "+ tags.2", "\"last\"").Press("esc")
	d.Press("ctrl+x").See("✎ 1 edit", "0            beta").DontSee("(removed)")
	d.Press("ctrl+s", "enter").DontSee("✎")
	holdsJSON(t, user, "tags", `["beta", "early adopter", "newsletter", "last"]`)
}

// A moved item is marked as moved, the items that it passed are not marked.
func TestMovedItemsAreMarkedAlone(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	d.Press(":").Type("tags.0").Press("enter", "J", "J").See("✎ 1 edit", "moved from 0").DontSee("moved from 1",
		"moved from 2", "was beta")
	d.Press("ctrl+s").See("tags.0 → tags.2", "moved").Press("esc")
}

// The tree marks only the items of an array that the database added, removed or changed.
func TestOutdatedItemsAreAligned(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, wide)
	user.ChangeField("tags", bson.A{"first", "beta", "newsletter"})
	d.Wait(2*time.Second).Press(":").Type("tags").Press("enter", "right")
	d.See("2 outdated", "+0", "only in the database: first", "early adopter", "now removed").DontSee("now beta")
	d.Press("c").See("2 differ", "+ tags.0", "tags.1").Press("esc", "r").See("first").DontSee("outdated")
}

// A rename is one edit, and its two rows name each other.
func TestARenameIsOneEdit(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	find(d, "language").Press("R").Type("2").Press("enter").See("✎ 1 edit", "renamed from language",
		"(renamed to language2)")
	find(d, "loginCount").Press("P").See("✎ 2 edits").Press("ctrl+s").See("language → language2", "+ loginCountCopy")
}

// The cursor stays on the field that was worked on when a save also adds fields elsewhere.
func TestTheCursorStaysAfterASave(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	find(d, "loginCount").Press("P")
	find(d, "favoriteColor").Press("e", "ctrl+u").Type("teal").Press("enter", "ctrl+s", "enter").DontSee("✎")
	d.See("─ favoriteColor ─")
	find(d, "rating").Press("P", "ctrl+s", "enter").DontSee("✎").See("─ ratingCopy ─")
}

// The review of an array of objects lists the items and the fields inside them that change, up to a limit.
func TestTheReviewListsItemsAndTheirFields(t *testing.T) {
	backend, user := uitest.Demo()
	orders := bson.A{}
	for i := range 3 {
		orders = append(orders, bson.D{{Key: "number", Value: int32(1040 + i)}, {Key: "total", Value: int32(5)},
			{Key: "open", Value: true}})
	}
	user.ChangeField("orders", orders)
	user.ChangeField("numbers", bson.A{int32(1)})
	d := start(t, backend, wide)
	d.Press("r", ":").Type("orders.1").Press("enter", "P", ":").Type("orders.0.total").Press("enter", "e",
		"ctrl+u").Type("6")
	d.Press("enter").See("✎ 2 edits", "was 5").Press("ctrl+s")
	d.See("~ orders  [3 items] → [4 items]  array", "~ orders.0.total  5 → 6  int", "+ orders.2", `"number":1041`)
	d.Press("home", "down", "d").See("reverted: orders.0.total", "+ orders.2").DontSee("orders.0.total  5")
	d.Press("esc", ":").Type("numbers.0").Press("enter")
	for range 25 {
		d.Press("P")
	}
	d.Press("ctrl+s").See("~ numbers", "… and ", " more")
}
