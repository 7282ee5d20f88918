package model

import (
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestParsePath(t *testing.T) {
	for _, c := range []struct {
		text string
		want Path
	}{
		{"a", Path{"a"}},
		{"address.zip", Path{"address", "zip"}},
		{`a\.b.c\\`, Path{"a.b", `c\`}},
		{`a\:b\=c`, Path{"a:b=c"}},
		{`a."".b`, Path{"a", "", "b"}},
		{`\""`, Path{`""`}},
		{"tags.0", Path{"tags", "0"}},
	} {
		got, err := ParsePath(c.text)
		if err != nil || !got.Equal(c.want) {
			t.Errorf("ParsePath(%q) = %q, %v", c.text, []string(got), err)
		}
	}
	for text, want := range map[string]string{
		"":       "column 1: empty key in the path",
		"a..b":   "column 3: empty key",
		"é.":     "column 3: empty key",
		`a\`:     `column 2: unexpected \ at the end`,
		"a\x00b": "column 2: a key cannot contain the character NUL",
		"ab\xff": "column 3: the path is not valid UTF-8",
	} {
		if _, err := ParsePath(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParsePath(%q): %v, want %s", text, err, want)
		}
	}
}

func FuzzPath(f *testing.F) {
	f.Add("a", "b.c")
	f.Add("", `""`)
	f.Add(`\`, "=:")
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, p := range []Path{{a}, {a, b}, {b, a, ""}} {
			if slices.ContainsFunc(p, func(k string) bool {
				return strings.ContainsRune(k, 0) || strings.ToValidUTF8(k,
					"?") != k
			}) {
				continue
			}
			if got, err := ParsePath(p.String()); err != nil || !got.Equal(p) {
				t.Fatalf("%q was parsed as %q: %v", []string(p), []string(got), err)
			}
		}
		if p, err := ParsePath(a); err == nil {
			if again, err := ParsePath(p.String()); err != nil || !again.Equal(p) {
				t.Fatalf("%q was parsed as %q: %v", []string(p), []string(again), err)
			}
		}
	})
}

func TestPathDotNotation(t *testing.T) {
	if got, err := (Path{"a", "0", "b"}).DotNotation(); err != nil || got != "a.0.b" {
		t.Errorf("got %q, %v", got, err)
	}
	for key, reason := range map[string]string{"": "is empty", "$a": "dollar", "a.b": "a dot", "a\x00": "NUL"} {
		if _, err := (Path{"x", key}).DotNotation(); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("DotNotation of the key %q: %v", key, err)
		}
	}
	if _, err := (Path{}).DotNotation(); err == nil {
		t.Error("DotNotation of the empty path: want an error")
	}
}

func TestPathChildAndParent(t *testing.T) {
	p := make(Path, 1, 4)
	p[0] = "a"
	b, c := p.Child("b"), p.Child("c")
	if !b.Equal(Path{"a", "b"}) || !c.Equal(Path{"a", "c"}) {
		t.Errorf("children share memory: %v %v", b, c)
	}
	if !b.Parent().Equal(p) || p.Parent() != nil {
		t.Errorf("parents: %v and %v", b.Parent(), p.Parent())
	}
	if !b.Within(p) || !b.Within(b) || p.Within(b) || (Path{"ab"}).Within(p) {
		t.Error("Within is wrong")
	}
}

func TestLookup(t *testing.T) {
	doc := document(t, `{"a":{"b":[10,{"c":20}]},"":1,"x.y":2,"0":3}`)
	for text, want := range map[string]string{"a.b.0": "10", "a.b.1.c": "20", `""`: "1", `x\.y`: "2", "0": "3"} {
		if v, ok := path(t, text).Lookup(doc); !ok || Text(v) != want {
			t.Errorf("Lookup(%s) = %s, %v", text, Text(v), ok)
		}
	}
	for _, text := range []string{"b", "a.b.2", "a.b.01", "a.b.x", "a.b.0.c", "x.y", "a.b.-1"} {
		if v, ok := path(t, text).Lookup(doc); ok {
			t.Errorf("Lookup(%s) = %s, want none", text, Text(v))
		}
	}
	if _, ok := (Path{}).Lookup(doc); ok {
		t.Error("Lookup of the empty path: want none")
	}
}

// FuzzMalformed checks that no function panics on malformed BSON.
func FuzzMalformed(f *testing.F) {
	f.Add([]byte("\x0c\x00\x00\x00\x10a\x00\x01\x00\x00\x00\x00"))
	f.Add([]byte("\x08\x00\x00\x00\x02a\x00\x00"))
	f.Add([]byte("\x0d\x00\x00\x00\x04a\x00\x05\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		v := bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: data}
		Path{"a", "0"}.Lookup(data)
		Identical(v, bson.RawValue{Type: v.Type, Value: append([]byte{}, data...)})
		_, _, _ = JSON(v), Preview(v), UnencodableFields(data)
		Diff(data, bson.Raw("\x0c\x00\x00\x00\x10a\x00\x01\x00\x00\x00\x00"))
		tree := NewTree(data)
		tree.ExpandAll()
		for i := range tree.Len() {
			tree.Parent(i)
			tree.ExpandTo(tree.Row(i).Path)
		}
		arrangeTree(NewTree(data))
		if s, err := NewSearch(data, []Ghost{{Path: Path{"a", "b"}, Value: ValueOf("a")}},
			Query{Text: "a", Names: true, Values: true}, nil); err == nil {
			s.Next(len(data)+1, 10)
		}
		tree.SetDocument(data, nil)
		d := NewDraft(data, Owner{UserIDField: "u", UserID: ValueOf(1)})
		_ = d.Set(Path{"a", "0"}, ValueOf(1))
		_ = d.Replace(data)
		for e, err := range elements(data) {
			if err == nil {
				_, _, _ = KindOf(e.value), Text(e.value), Preview(e.value)
			}
		}
	})
}

// arrangeTree shows a tree with ghosts, in every order, filtered, and reads all of its rows.
func arrangeTree(tree *Tree) {
	tree.ExpandLevels(3)
	var paths []Path
	var ghosts []Ghost
	for i := range tree.Len() {
		row := tree.Row(i)
		paths = append(paths, row.Path)
		ghosts = append(ghosts, Ghost{Path: row.Path.Child("0"), Value: row.Value, Source: tree.Document(),
			Origin: InDatabase})
	}
	tree.SetGhosts(ghosts)
	set := NewPathSet(paths)
	for order := DocumentOrder; order <= ChangedFirst; order++ {
		tree.SetOrder(order, set)
		tree.ExpandAll()
		for i := range tree.Len() {
			tree.Next(set, i, +1)
			tree.Next(set, i, -1)
			tree.Sibling(i, +1)
			tree.Complete(tree.Row(i).Path.String(), 3)
		}
		tree.CountFields()
		tree.SetFilter(paths[len(paths)/2:])
		for i := range tree.Len() {
			tree.RowOf(tree.Row(i).Path)
		}
		tree.ClearFilter()
	}
}
