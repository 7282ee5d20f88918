package model

import (
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func describeChanges(changes []Change) string {
	var all []string
	for _, c := range changes {
		s := c.Path.String() + " " + string(c.Kind)
		if c.From != nil {
			s = c.From.String() + ">" + s
		}
		switch c.Kind {
		case Added:
			s += " " + JSON(c.New)
		case Removed:
			s += " " + JSON(c.Old)
		default:
			s += " " + JSON(c.Old) + ">" + JSON(c.New)
		}
		all = append(all, s)
	}
	return strings.Join(all, "; ")
}

func TestDiff(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{`{"favoriteColor":"pink"}`, `{"favoriteColor":"purple"}`, `favoriteColor changed "pink">"purple"`},
		{`{"a":1,"b":2}`, `{"b":2,"a":1}`, ``},
		{`{"o":{"a":1,"b":2}}`, `{"o":{"b":2,"a":1}}`, ``},
		{`{"a":1}`, `{"a":1.0}`, `a changed type 1>{"$numberDouble":"1.0"}`},
		{`{"a":{}}`, `{"a":[]}`, `a changed type {}>[]`},
		{`{"a":1,"b":2,"c":3,"d":4}`, `{"d":4,"x":0,"b":5}`, `a removed 1; x added 0; b changed 2>5; c removed 3`},
		{`{"z":1,"a":2}`, `{"a":2}`, `z removed 1`},
		{`{"o":{"p":{"q":1,"r":2}}}`, `{"o":{"p":{"q":1,"s":2}}}`, `o.p.r removed 2; o.p.s added 2`},
		{`{"l":[1,{"a":1}]}`, `{"l":[1,{"a":2}]}`, `l.1.a changed 1>2`},
		{`{"l":[1,2]}`, `{"l":[1]}`, `l.1 removed 2`},
		{`{"l":[1,2,3]}`, `{"l":[1,9,2,3]}`, `l.1 added 9`},
		{`{"l":[0,1,2,3]}`, `{"l":[1,2,3]}`, `l.0 removed 0`},
		{`{"l":[1,2,3]}`, `{"l":[3,1,2]}`, `l.2>l.0 moved 3>3`},
		{`{"l":[1,2,3]}`, `{"l":[1,8,3]}`, `l.1 changed 2>8`},
		{`{"l":[1,2]}`, `{"l":[8,9,7]}`, `l changed [1, 2]>[8, 9, 7]`},
		{`{"l":[]}`, `{"l":[1]}`, `l changed []>[1]`},
		{`{"l":[{"n":1,"x":1},5]}`, `{"l":[4,{"n":1,"x":2},5,6]}`, `l.0 added 4; l.0.x>l.1.x changed 1>2; l.3 added 6`},
		{`{"l":[[1,2],5]}`, `{"l":[5,[1,2,3]]}`, `l.0 removed [1, 2]; l.1 added [1, 2, 3]`},
		{`{"n":{"$numberDouble":"NaN"}}`, `{"n":{"$numberDouble":"NaN"}}`, ``},
		{`{"n":null}`, `{}`, `n removed null`},
		{``, `{"a":1,"o":{"b":1}}`, `a added 1; o added {"b":1}`},
		{`{"a":1}`, ``, `a removed 1`},
		{``, ``, ``},
	} {
		var old, new bson.Raw
		if c.old != "" {
			old = document(t, c.old)
		}
		if c.new != "" {
			new = document(t, c.new)
		}
		if got := describeChanges(Diff(old, new)); got != c.want {
			t.Errorf("Diff(%s, %s) = %s, want %s", c.old, c.new, got, c.want)
		}
	}
}

func TestDiffDuplicateKeys(t *testing.T) {
	twice := func(a, b int) bson.Raw {
		return ValueOf(bson.D{{Key: "o", Value: bson.D{{Key: "k", Value: a}, {Key: "k", Value: b}}}}).Value
	}
	if got := len(Diff(twice(1, 2), twice(1, 3))); got != 1 {
		t.Errorf("a different second key: got %d changes, want 1", got)
	}
	if got := len(Diff(twice(1, 2), twice(1, 2))); got != 0 {
		t.Errorf("equal duplicate keys: got %d changes, want 0", got)
	}
}

func TestDiffSnapshot(t *testing.T) {
	doc := document(t, `{"_id":{"$oid":"5f1e000000000000000000aa"},"ref":{"$oid":"5f1e000000000000000000aa"}}`)
	for snapshot, want := range map[string]string{
		`{"_id":"5f1e000000000000000000aa","ref":{"$oid":"5f1e000000000000000000aa"}}`: ``,
		`{"_id":"5f1e000000000000000000ab","ref":{"$oid":"5f1e000000000000000000aa"}}`: `_id changed type "5f1e000000000000000000ab">{"$oid":"5f1e000000000000000000aa"}`,
		`{"_id":"5f1e000000000000000000aa","ref":"5f1e000000000000000000aa"}`:          `ref changed type "5f1e000000000000000000aa">{"$oid":"5f1e000000000000000000aa"}`,
	} {
		if got := describeChanges(DiffSnapshot(document(t, snapshot), doc)); got != want {
			t.Errorf("DiffSnapshot(%s) = %s, want %s", snapshot, got, want)
		}
	}
}

func BenchmarkDiff(b *testing.B) {
	doc := largeDocument()
	d := NewDraft(doc, Owner{UserIDField: "userId", UserID: ValueOf("u")})
	if err := d.Set(Path{"field050000", "name"}, ValueOf("x")); err != nil {
		b.Fatal(err)
	}
	changed := d.Result()
	for b.Loop() {
		if len(Diff(doc, changed)) != 1 {
			b.Fatal("expected one change")
		}
	}
}

// TestDiffOfLongArrays: arrays of many items are compared in little time, and an inserted item is found.
func TestDiffOfLongArrays(t *testing.T) {
	var old, new bson.A
	for i := range 20_000 {
		old = append(old, i)
		new = append(new, i)
	}
	new = append(bson.A{-1}, new...)
	list := func(v bson.A) bson.Raw { return ValueOf(bson.D{{Key: "l", Value: v}}).Value }
	if got := describeChanges(Diff(list(old), list(new))); got != "l.0 added -1" {
		t.Errorf("one item at the start: %.200s", got)
	}
	new[15_000] = "x"
	if got := Diff(list(old), list(new)); len(got) < 2 {
		t.Errorf("beyond the bound: %d changes", len(got))
	}
}
