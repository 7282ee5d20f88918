package model

import (
	"fmt"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestSetParts(t *testing.T) {
	base := document(t, `{"_id": 1, "userId": "u", "o": {"a": 1, "b": {"c": "x"}, "l": [1, 2]}, "other": 1}`)
	for now, want := range map[string]string{
		`{"a": 2, "b": {"c": "x"}, "l": [1, 2]}`:                    "o.a",
		`{"a": 1, "b": {"c": "y", "d": 1}, "l": [1, 3]}`:            "o.b.c o.b.d o.l.1",
		`{"a": 1, "b": {"c": "x"}, "l": [1]}`:                       "o.l",
		`{"b": {"c": "x"}, "a": 1, "l": [1, 2]}`:                    "o",
		`{"b": {"c": "x"}, "l": [1, 2]}`:                            "o.a",
		`{"a": 1, "b": {"c": "x"}, "l": [1, 2]}`:                    "",
		`[1]`:                                                       "o",
		`{"new": 1, "a": 1, "b": {"c": "x"}, "l": [1, 2]}`:          "o",
		`{"a": 1, "b": {"c": "x"}, "l": [1, 2], "e.f": 1}`:          "o",
		`{"a": 1, "b": {"c": {"z": 1}}, "l": {"0": 1}}`:             "o.b.c o.l",
		`{"a": {"$numberLong": "1"}, "b": {"c": "x"}, "l": [1, 2]}`: "o.a",
	} {
		d := NewDraft(base, Owner{UserIDField: "userId", UserID: ValueOf("u"), Exact: true})
		if err := d.Set(Path{"o", "b", "c"}, ValueOf("edited before")); err != nil {
			t.Fatal(err)
		}
		v := value(t, now)
		if err := d.SetParts(Path{"o"}, v); err != nil {
			t.Fatal(err)
		}
		var paths []string
		for _, e := range d.Edits() {
			paths = append(paths, e.Path.String())
		}
		if got, _ := (Path{"o"}).Lookup(d.Result()); !Identical(got, v) || strings.Join(paths, " ") != want {
			t.Errorf("%s: edits %v, want %s; result %s", now, paths, want, got)
		}
	}
}

// Whatever the values, the result is exactly the value that was set.
func FuzzSetParts(f *testing.F) {
	for seed := range uint64(200) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		g := newGenerator(seed)
		b := newBuilder()
		b.add("_id", ValueOf(1))
		b.add("userId", ValueOf("u"))
		b.add("v", g.value(3))
		d := NewDraft(b.done(), Owner{UserIDField: "userId", UserID: ValueOf("u"), Exact: true})
		for range 3 {
			v := g.value(3)
			if g.IntN(2) == 0 {
				v, _ = Path{"v"}.Lookup(bson.Raw(d.Result()))
				if fields, err := bson.Raw(v.Value).Elements(); v.Type == bson.TypeEmbeddedDocument && err == nil &&
					len(fields) > 0 {
					key := fields[g.IntN(len(fields))].Key()
					v = applyEdits(v, []Edit{{Path: Path{key}, Value: g.value(1)}}, 0)
				}
			}
			if err := d.SetParts(Path{"v"}, v); err != nil {
				t.Fatal(fmt.Errorf("%s: %w", v, err))
			}
			if got, _ := (Path{"v"}).Lookup(d.Result()); !Identical(got, v) {
				t.Errorf("got %s, want %s", got, v)
			}
		}
	})
}
