package model

import (
	"fmt"
	"strings"
	"testing"
)

// An edit inside an array item is never made to another item.
func TestEditsInArrayItems(t *testing.T) {
	const head = `{"_id":{"$oid":"5f1e000000000000000000aa"},"userId":"u1",`
	const orders = `"orders":[{"id":1,"s":"done"},{"id":2,"s":"done"},{"id":3,"s":"done"}],`
	const rest = `"tags":["a","b","c"],"address":{"zip":"1","city":"x"}}`
	for _, c := range []struct{ name, edit, value, orders, rest, conflicts, rebased, result string }{
		{"an item before it was removed", "orders.1.s", `"sent"`, `"orders":[{"id":2,"s":"done"},{"id":3,"s":"done"}],`, rest,
			"", `orders.0.s="sent"`, ``},
		{"an item was inserted", "orders.1.s", `"sent"`,
			`"orders":[{"id":0},{"id":1,"s":"done"},{"id":2,"s":"done"},{"id":3,"s":"done"}],`, rest, "",
			`orders.2.s="sent"`, ``},
		{"the item was removed", "orders.1.s", `"sent"`, `"orders":[{"id":1,"s":"done"},{"id":3,"s":"done"}],`, rest,
			"orders", `orders=[{"id":1, "s":"done"}, {"id":2, "s":"sent"}, {"id":3, "s":"done"}]`, ``},
		{"the item was removed, one was added", "orders.1.s", `"sent"`,
			`"orders":[{"id":1,"s":"done"},{"id":3,"s":"done"},{"id":4}],`, rest, "orders",
			`orders=[{"id":1, "s":"done"}, {"id":2, "s":"sent"}, {"id":3, "s":"done"}]`, ``},
		{"the item was changed", "orders.1.s", `"sent"`,
			`"orders":[{"id":1,"s":"done"},{"id":2,"s":"done","n":1},{"id":3,"s":"done"}],`, rest, "orders.1",
			`orders.1={"id":2, "s":"sent"}`, ``},
		{"the field was removed from another item", "orders.1.s", ``, `"orders":[{"id":1,"s":"done"},{"id":3,"s":"done"}],`,
			rest, "orders", `orders=[{"id":1, "s":"done"}, {"id":2}, {"id":3, "s":"done"}]`, ``},
		{"another item has the value already", "orders.1.s", `"sent"`,
			`"orders":[{"id":2,"s":"done"},{"id":3,"s":"sent"}],`, rest, "", `orders.0.s="sent"`, ``},
		{"the array was removed", "orders.1.s", `"sent"`, ``, rest, "orders",
			`orders=[{"id":1, "s":"done"}, {"id":2, "s":"sent"}, {"id":3, "s":"done"}]`, ``},
		{"an array is shorter", "tags.2", `"mine"`, orders, `"tags":["only"],"address":{"zip":"1","city":"x"}}`, "tags",
			`tags=["a", "b", "mine"]`, ``},
		{"the last item was removed", "tags.2", `"mine"`, orders, `"tags":["a","b"],"address":{"zip":"1","city":"x"}}`,
			"tags.2", `tags=["a", "b", "mine"]`, ``},
		{"an array of texts was removed", "tags.2", `"mine"`, orders, `"address":{"zip":"1","city":"x"}}`, "tags",
			`tags=["a", "b", "mine"]`, ``},
		{"an object is a text", "address.zip", `"2"`, orders, `"tags":["a","b","c"],"address":"gone"}`, "address",
			`address={"zip":"2", "city":"x"}`, ``},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := NewDraft(document(t, head+orders+rest), testOwner)
			editField(t, d, c.edit, c.value)
			theirs := document(t, head+c.orders+c.rest)
			var conflicts []string
			for _, x := range d.Conflicts(theirs) {
				conflicts = append(conflicts, x.Path.String())
				if now, _ := x.Path.Lookup(theirs); !Identical(now, x.Theirs) {
					t.Errorf("%s: theirs is shown as %s", x.Path, Text(x.Theirs))
				}
			}
			if got := strings.Join(conflicts, " "); got != c.conflicts {
				t.Errorf("conflicts %q, want %q", got, c.conflicts)
			}
			rebased := d.Rebase(theirs)
			if got := describeEdits(rebased); got != c.rebased {
				t.Errorf("rebased %s, want %s", got, c.rebased)
			}
			if u, err := d.Update(); err != nil || u.SatisfiedBy(theirs) || u.UnchangedIn(theirs) {
				t.Errorf("%v, satisfied %v, unchanged %v", err, u.SatisfiedBy(theirs), u.UnchangedIn(theirs))
			}
			for _, x := range d.Conflicts(theirs) { // theirs is taken
				rebased.Revert(x.Path)
			}
			if c.conflicts != "" && !rebased.Empty() {
				t.Errorf("after theirs: %s", describeEdits(rebased))
			}
		})
	}
}

// The guards of an item that is too large to be compared as a whole name its short values.
func TestGuardsOfLargeItems(t *testing.T) {
	long := strings.Repeat("x", 5000)
	doc := document(t, fmt.Sprintf(`{"_id":1,"userId":"u1",
		"orders":[{"id":7,"note":%q,"lines":[%q,{"n":1}],"s":{"t":1}}]}`,
		long, long))
	d := NewDraft(doc, testOwner)
	editField(t, d, "orders.0.s.t", `2`)
	editField(t, d, "orders.0.new", `2`)
	u, err := d.Update()
	if err != nil {
		t.Fatal(err)
	}
	const scalar = `"$type":"int","$not":{"$type":"array"}}`
	wantJSON(t, "the filter", u.Filter, `{"userId":"u1","_id":1,"orders.0.id":{"$eq":7,`+scalar+`,
		"orders.0.note":{"$type":"string"},"orders.0.lines":{"$size":2},"orders.0.s":{"$eq":{"t":1}},
		"orders.0.s.t":{"$eq":1,`+scalar+`,"orders.0.new":{"$exists":false}}`)
	if !u.GuardsItems() {
		t.Error("no guard of an item")
	}
}
