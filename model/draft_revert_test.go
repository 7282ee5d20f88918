package model

import "testing"

// TestRevertItems: of an array that is set as a whole each change of an item is reverted alone.
func TestRevertItems(t *testing.T) {
	const base = `{"l":["a","b",{"n":1,"m":2},"d"]}`
	for _, c := range []struct{ now, at, want string }{
		{`["x","a","b",{"n":1,"m":2},"d"]`, "l.0", `["a", "b", {"n":1,"m":2}, "d"]`},
		{`["a",{"n":1,"m":3},"d","e"]`, "l.-1", `["a", "b", {"n":1,"m":3}, "d", "e"]`},
		{`["a",{"n":1,"m":3},"d","e"]`, "l.1", `["a", {"n":1,"m":2}, "d", "e"]`},
		{`["a",{"n":1,"m":3},"d","e"]`, "l.1.m", `["a", {"n":1,"m":2}, "d", "e"]`},
		{`["a",{"n":1,"m":3},"d","e"]`, "l.3", `["a", {"n":1,"m":3}, "d"]`},
		{`["d","a","b",{"n":1,"m":2},"e"]`, "l.0", `["a", "b", {"n":1,"m":2}, "d", "e"]`},
		{`["b",{"n":1,"m":2},"d","a","e"]`, "l.3", `["a", "b", {"n":1,"m":2}, "d", "e"]`},
		{`["a","b",{"n":1,"m":2}]`, "l.3", `["a", "b", {"n":1,"m":2}, "d"]`},
	} {
		d := NewDraft(document(t, base), Owner{UserIDField: "uid"})
		now, _ := Path{"l"}.Lookup(document(t, `{"l":`+c.now+`}`))
		want, _ := Path{"l"}.Lookup(document(t, `{"l":`+c.want+`}`))
		if err := d.Set(Path{"l"}, now); err != nil {
			t.Fatal(err)
		}
		at, _ := ParsePath(c.at)
		d.Revert(at)
		if got, _ := d.Lookup(Path{"l"}); !Identical(got, want) {
			t.Errorf("%s reverted at %s is %s, want %s", c.now, c.at, JSON(got), JSON(want))
		}
		if same, _ := (Path{"l"}).Lookup(d.Base()); Identical(want, same) != d.Empty() {
			t.Errorf("%s reverted at %s: empty is %v", c.now, c.at, d.Empty())
		}
	}
}
