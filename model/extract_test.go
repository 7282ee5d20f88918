package model

import (
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestExtract(t *testing.T) {
	doc := document(t, `{"a":1,"b":{"c":2,"d":{"e":3}},"l":[10,{"x":1,"y":2},12]}`)
	for paths, want := range map[string]string{
		"a":             `{"a": 1}`,
		"l.1.y b.c":     `{"b": {"c": 2}, "l": [{"y": 2}]}`,
		"l.0 l.2":       `{"l": [10, 12]}`,
		"b.d b.d.e":     `{"b": {"d": {"e": 3}}}`,
		"zzz l.9 a.b.c": `{}`,
	} {
		var list []Path
		for p := range strings.FieldsSeq(paths) {
			list = append(list, path(t, p))
		}
		if got := JSON(objectValue(Extract(doc, list))); normal(t, got) != normal(t, want) {
			t.Errorf("%s: %s, want %s", paths, got, want)
		}
	}
}

func normal(t *testing.T, text string) string { return JSON(value(t, text)) }

func TestSetFields(t *testing.T) {
	doc := document(t, `{"_id":1,"userId":"u1","a":1,"b":{"c":2,"x.y":3},"l":[1,{"z":2}]}`)
	for paths, want := range map[string]string{
		"a b.c":      `{"$set": {"a": 1, "b.c": 2}}`,
		"l.1.z l.0":  `{"$set": {"l": [1, {"z": 2}]}}`,
		`b.x\.y b.c`: `{"$set": {"b": {"c": 2, "x.y": 3}}}`,
		"_id":        "it identifies the document",
		"userId":     "it identifies the document",
		"zzz":        "does not have it",
	} {
		var list []Path
		for p := range strings.FieldsSeq(paths) {
			list = append(list, path(t, p))
		}
		u, err := SetFields(doc, doc, Owner{UserIDField: "userId", UserID: ValueOf("u1")}, list)
		if err != nil {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", paths, err)
			}
			continue
		}
		if got := JSON(u.Update); got != normal(t, want) || JSON(objectValue(u.Filter)) != normal(t,
			`{"userId":"u1","_id":1}`) {
			t.Errorf("%s: %s with %s, want %s", paths, got, u.Filter, want)
		}
	}
}

func TestShellCall(t *testing.T) {
	id := bson.ObjectID{0x5f}
	doc := ValueOf(bson.D{{Key: "_id", Value: id}, {Key: "userId", Value: "u1"}, {Key: "n", Value: int64(5)}}).Value
	owner := Owner{UserIDField: "userId", UserID: ValueOf("u1")}
	u, err := SetFields(doc, doc, owner, EditableFields(doc, owner))
	if err != nil {
		t.Fatal(err)
	}
	want := `db.getSiblingDB("app").getCollection("users").updateOne(
  {
    userId: "u1",
    _id: ObjectId("5f0000000000000000000000")
  },
  {
    $set: {
      n: NumberLong("5")
    }
  }
)`
	if got, lost := u.ShellCall("app", "users"); got != want || lost != nil {
		t.Errorf("%s, loses %q", got, lost)
	}
}
