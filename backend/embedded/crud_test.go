package embedded_test

import (
	"errors"
	"testing"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

func TestInsertFind(t *testing.T) {
	c := newCollection(t)
	insertAll(t, c, `{"_id": "u1", "name": "Ann", "n": 1}`, `{"_id": "u2", "name": "Bob"}`)
	if got, want := findOne(t, c, `{"name": "Ann"}`), `{"_id":"u1","name":"Ann","n":1}`; got != want {
		t.Errorf("got %s want %s", got, want)
	}
	if err := c.FindOne(t.Context(), doc(t, `{"name": "Cid"}`)).Err(); !errors.Is(err, mongo.ErrNoDocuments) {
		t.Errorf("no match: %v", err)
	}
	if _, err := c.InsertOne(t.Context(), doc(t, `{"_id": "u1"}`)); !mongo.IsDuplicateKeyError(err) {
		t.Errorf("same _id: %v", err)
	}
}

func TestUpsert(t *testing.T) {
	c := newCollection(t)
	set := doc(t, `{"$set": {"a": 1}, "$setOnInsert": {"b": 2}}`)
	r, err := c.UpdateOne(t.Context(), doc(t, `{"_id": "v"}`), set, options.UpdateOne().SetUpsert(true))
	must(t, err)
	if r.UpsertedID != "v" || r.UpsertedCount != 1 || r.MatchedCount != 0 {
		t.Errorf("first: %+v", r)
	}
	r, err = c.UpdateOne(t.Context(), doc(t, `{"_id": "v"}`), set, options.UpdateOne().SetUpsert(true))
	must(t, err)
	if r.UpsertedCount != 0 || r.MatchedCount != 1 || r.ModifiedCount != 0 {
		t.Errorf("second: %+v", r)
	}
	if got, want := findOne(t, c, `{}`), `{"_id":"v","a":1,"b":2}`; got != want {
		t.Errorf("got %s want %s", got, want)
	}
}

// A find by _id alone has a path of its own: with every projection it returns what a find with a sort order returns.
func TestFindByIDWithProjection(t *testing.T) {
	c := newCollection(t)
	insertAll(t, c, `{"_id": "u", "a": {"b": [1, {"c": null}], "d": 1.5}, "e": [{"f": 1}], "g": {"$oid": "5f9f1b9b9b9b9b9b9b9b9b9b"}}`)
	for _, projection := range []string{`{}`, `{"a": 0}`, `{"e": 0, "a": 0}`, `{"a": 0, "e": 0, "g": 0, "absent": 0}`,
		`{"a": false}`, `{"a": 0.0}`, `{"a.b": 0}`, `{"e.f": 0}`, `{"_id": 0}`, `{"_id": 0, "a": 0}`, `{"a": 1}`,
		`{"a": 1, "_id": 0}`, `{"a": 0, "e": 1}`, `{"a": 0, "a": 0}`, `{"": 0}`, `{"$a": 0}`, `{"a": {"$slice": 1}}`} {
		filter, o := doc(t, `{"_id": "u"}`), doc(t, projection)
		want, wantErr := c.FindOne(t.Context(), filter, options.FindOne().SetProjection(o).SetSort(doc(t, `{"_id": 1}`))).Raw()
		got, err := c.FindOne(t.Context(), filter, options.FindOne().SetProjection(o)).Raw()
		if got.String() != want.String() || (err == nil) != (wantErr == nil) {
			t.Errorf("%s: got %s, %v; want %s, %v", projection, got, err, want, wantErr)
		}
	}
}
