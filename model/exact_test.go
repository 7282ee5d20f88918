package model

import (
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

var exactOwner = Owner{UserIDField: "userId", UserID: ValueOf("u1"), Exact: true}

// unusualDocument has a key with a dot and values that extended JSON cannot represent.
func unusualDocument() bson.Raw {
	return ValueOf(bson.D{
		{Key: "_id", Value: 1}, {Key: "userId", Value: "u1"}, {Key: "n", Value: 1}, {Key: "usb-c 3.1", Value: true},
		{Key: "like", Value: bson.D{{Key: "$numberInt", Value: "1"}}}, {Key: "a", Value: bson.D{{Key: "b", Value: 1}}},
		{Key: "twice", Value: bson.D{{Key: "k", Value: 1}, {Key: "k", Value: 2}}},
	}).Value
}

// TestDraftWithExactService: where the service transfers BSON, every value and every top-level key can be changed.
func TestDraftWithExactService(t *testing.T) {
	const ids = `"userId":"u1","_id":1`
	field := `{"$getField":{"$literal":"usb-c 3.1"}}`
	dotGuard := `"$expr":{"$and":[{"$eq":[{"$type":` + field + `},{"$literal":"bool"}]},{"$eq":[` + field +
		`,{"$literal":true}]}]}`
	set := func(name, value string) string {
		return `{"$replaceWith":{"$setField":{"field":{"$literal":"` + name + `"},"input":"$$ROOT","value":{"$literal":` +
			value + `}}}}`
	}
	for _, c := range []struct {
		name   string
		edit   func(d *Draft) error
		filter string
		update string
	}{
		{"value like a wrapper becomes a number", func(d *Draft) error { return d.Set(Path{"like"}, ValueOf(1)) },
			`"like":{"$eq":{"$fields":[["$numberInt","1"]]}}`, `{"$set":{"like":1}}`},
		{"key with a dot", func(d *Draft) error { return d.Set(Path{"usb-c 3.1"}, ValueOf(false)) },
			dotGuard, "[" + set("usb-c 3.1", "false") + "]"},
		{"key with a dot removed, another field set inside", func(d *Draft) error {
			if err := d.Unset(Path{"usb-c 3.1"}); err != nil {
				return err
			}
			return d.Set(Path{"a", "b"}, ValueOf(2))
		}, `"a":{"$eq":{"b":1}},` + dotGuard,
			"[" + set("a", `{"b":2}`) + `,{"$replaceWith":{"$unsetField":{"field":{"$literal":"usb-c 3.1"},` +
				`"input":"$$ROOT"}}}]`},
		{"new key with a dollar sign", func(d *Draft) error { return d.Set(Path{"$x"}, ValueOf("")) },
			`"$expr":{"$and":[{"$eq":[{"$type":{"$getField":{"$literal":"$x"}}},{"$literal":"missing"}]}]}`,
			"[" + set("$x", `""`) + "]"},
		{"field below a new key", func(d *Draft) error { return d.Set(Path{"$x", "y"}, ValueOf(1)) },
			`"$expr":{"$and":[{"$eq":[{"$type":{"$getField":{"$literal":"$x"}}},{"$literal":"missing"}]}]}`,
			"[" + set("$x", `{"y":1}`) + "]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := NewDraft(unusualDocument(), exactOwner)
			if err := c.edit(d); err != nil {
				t.Fatal(err)
			}
			u, err := d.Update()
			if err != nil {
				t.Fatal(err)
			}
			for what, pair := range map[string][2]string{
				"filter": {CanonicalJSON(u.Filter), "{" + ids + "," + c.filter + "}"}, "update": {CanonicalValue(u.Update),
					c.update},
			} {
				if want, err := ParseJSON(pair[1]); err != nil || CanonicalValue(want) != pair[0] {
					t.Errorf("%s\n got %s\nwant %s (%v)", what, pair[0], CanonicalValue(want), err)
				}
			}
			if u.SatisfiedBy(d.Base()) || !u.SatisfiedBy(d.Result()) {
				t.Error("the update is satisfied before the save, or not after it")
			}
			undo, err := d.Inverse(d.Result())
			if err != nil || len(Diff(undo.Result(), d.Base())) > 0 {
				t.Errorf("undone: %s, %v", undo.Result(), err)
			}
		})
	}
}

// TestReplaceKeepsUnusualValues: the text of the whole document changes one field, and nothing else.
func TestReplaceKeepsUnusualValues(t *testing.T) {
	text := IndentJSON(objectValue(unusualDocument()))
	doc, err := ParseDocumentOver(strings.Replace(text, `"n": 1`, `"n": 2`, 1), unusualDocument())
	if err != nil {
		t.Fatal(err)
	}
	for _, owner := range []Owner{exactOwner, {UserIDField: "userId", UserID: ValueOf("u1")}} {
		d := NewDraft(unusualDocument(), owner)
		if err := d.Replace(doc); err != nil || len(d.Edits()) != 1 || d.Edits()[0].Path.String() != "n" {
			t.Errorf("edits %v, %v", d.Edits(), err)
		}
	}
}

// TestDuplicateTopLevelKeys: the other fields of a document that has a key twice can be changed, the duplicates cannot.
func TestDuplicateTopLevelKeys(t *testing.T) {
	base := ValueOf(bson.D{{Key: "_id", Value: 1}, {Key: "userId", Value: "u1"}, {Key: "x", Value: 1},
		{Key: "n", Value: 1},
		{Key: "x", Value: 2}}).Value
	text := JSON(objectValue(base))
	edited := func(old, new string) (*Draft, error) {
		doc, err := ParseDocument(strings.Replace(text, old, new, 1))
		if err != nil {
			t.Fatal(err)
		}
		d := NewDraft(base, exactOwner)
		return d, d.Replace(doc)
	}
	if d, err := edited(`["n", 1]`, `["n", 2]`); err != nil || len(d.Edits()) != 1 || d.Edits()[0].Path.String() != "n" {
		t.Errorf("edits %v, %v", d.Edits(), err)
	}
	for _, change := range []string{`["x", 3]`, `["y", 1]`} {
		if d, err := edited(`["x", 1]`, change); err == nil || !strings.Contains(err.Error(),
			"field x: this key occurs more than once") {
			t.Errorf("%s: edits %v, %v", change, d.Edits(), err)
		}
	}
	d := NewDraft(base, exactOwner)
	if err := d.Set(Path{"x"}, ValueOf(3)); err == nil || !strings.Contains(err.Error(), "occurs more than once") {
		t.Errorf("setting a duplicate: %v", err)
	}
}

// TestDiffSnapshotOfUnusualValues: what the token cannot represent is not outdated for that reason.
func TestDiffSnapshotOfUnusualValues(t *testing.T) {
	doc := ValueOf(bson.D{{Key: "like", Value: bson.D{{Key: "$numberInt", Value: "1"}}}, {Key: "bytes", Value: "a\xff"},
		{Key: "re", Value: bson.RawValue{Type: bson.TypeRegex, Value: []byte("a\x00xi\x00")}}, {Key: "n", Value: 1}}).Value
	text, err := bson.MarshalExtJSON(bson.Raw(doc), true, false)
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := ReadDocument(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if changes := DiffSnapshot(snapshot, doc); len(changes) > 0 {
		t.Errorf("differences %v", changes)
	}
	changed := ValueOf(bson.D{{Key: "like", Value: bson.D{{Key: "$numberInt", Value: "2"}}}, {Key: "n", Value: 1}}).Value
	if changes := DiffSnapshot(snapshot, changed); len(changes) != 3 {
		t.Errorf("differences %v, want like, bytes and re", changes)
	}
}
