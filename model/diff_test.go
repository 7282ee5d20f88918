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
		{`{"l":[1,2]}`, `{"l":[1]}`, `l changed [1, 2]>[1]`},
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
