package model

import "testing"

// Changes names objects whose keys have another order, and a revert of that keeps the other changes.
func TestChangesOfTheOrderOfKeys(t *testing.T) {
	const base = `{"_id":1,"userId":"u1","o":{"a":1,"b":{"x":1,"y":2},"c":3},"l":[{"p":1,"q":2},5]}`
	for _, c := range []struct{ field, value, changes, reverted string }{
		{"o", `{"c":3,"b":{"x":1,"y":2},"a":1}`, "o order of keys", ``},
		{"o", `{"a":1,"b":{"y":2,"x":1},"c":3}`, "o.b order of keys", ``},
		{"o", `{"c":4,"b":{"y":2,"x":1},"a":1,"d":0}`, "o.c changed, o.d added, o order of keys, o.b order of keys",
			`{"a":1,"b":{"x":1,"y":2},"c":4,"d":0}`},
		{"o", `{"a":1,"c":3}`, "o.b removed", `{"a":1,"c":3}`},
		{"l", `[{"q":2,"p":1},5]`, "l.0 order of keys", ``},
		{"o", `[1]`, "o changed type", `[1]`},
	} {
		d := NewDraft(document(t, base), testOwner)
		if err := d.SetParts(path(t, c.field), value(t, c.value)); err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, x := range d.Changes() {
			if got != "" {
				got += ", "
			}
			got += x.Path.String() + " " + string(x.Kind)
			if x.Kind == Reordered {
				if err := d.RevertChange(x); err != nil {
					t.Error(err)
				}
			}
		}
		if got != c.changes {
			t.Errorf("%s: %s, want %s", c.value, got, c.changes)
		}
		left, _ := d.Lookup(path(t, c.field))
		if c.reverted == "" && !d.Empty() || c.reverted != "" && !Identical(left, value(t, c.reverted)) {
			t.Errorf("%s: reverted %s", c.value, JSON(left))
		}
	}
}
