package edit_test

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Theirs leaves the database as it is, also where the array or the object around the field changed.
func TestTheirsWhereTheParentChanged(t *testing.T) {
	for _, c := range []struct{ name, field, theirs string }{
		{"a shorter array", "tags.2", "tags"},
		{"an array without the item", "tags.2", "tags2"},
		{"no object", "address.zip", "address"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tags, address := field("tags", bson.A{"a", "b", "c"}),
				field("address", bson.D{field("zip", "1"), field("city", "x")})
			d := newHarness(t, tags, address, field("n", "1")).field(c.field)
			d.user.concurrent = func(bson.Raw) bson.Raw {
				switch c.theirs {
				case "tags":
					return document(field("tags", bson.A{"only"}), address, field("n", "2"))
				case "tags2":
					return document(field("tags", bson.A{"a", "b"}), address, field("n", "2"))
				}
				return document(tags, field("address", "gone"), field("n", "2"))
			}
			d.press("X", "ctrl+s", "enter").see("base", "theirs", "n").press("t", "enter")
			if !d.closed {
				t.Errorf("the editor is open:\n%s", d.frame())
			}
			if len(d.user.saves) != 1 || d.drafts.hasDraft() {
				t.Errorf("%d saves, stored %v", len(d.user.saves), d.drafts.hasDraft())
			}
		})
	}
}

// Yours shows what it overwrites.
func TestYoursWhereTheParentChanged(t *testing.T) {
	d := newHarness(t, field("address", bson.D{field("zip", "1"), field("city", "x")})).field("address.zip")
	d.user.concurrent = func(bson.Raw) bson.Raw { return document(field("address", "gone")) }
	d.press("X", "ctrl+s", "enter").see(`"gone"`).press("y", "enter").see(`"gone" →`).press("enter").
		holds("address.zip", "1X").holds("address.city", "x")
}

// An edit inside an array item is saved into this item at its new position, after a review of that.
func TestTheItemMoved(t *testing.T) {
	order := func(id int32) bson.D { return bson.D{field("id", id), field("status", "delivered")} }
	d := newHarness(t, field("orders", bson.A{order(1), order(2), order(3)})).field("orders.1.status")
	d.user.concurrent = func(bson.Raw) bson.Raw { return document(field("orders", bson.A{order(2), order(3)})) }
	d.press("X", "ctrl+s").see("guarded by: id, old value, type, the other fields of the item").press("enter").
		see("none of your fields conflicts", "orders.0.status").press("enter").see("orders.0.status").press("enter").
		holds("orders.0.status", "deliveredX").holds("orders.1.status", "delivered")
}
