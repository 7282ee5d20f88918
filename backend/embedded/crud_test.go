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
