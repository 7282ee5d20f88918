package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/store"
	"dossier/backend/storetest"
)

func raw(t *testing.T, doc bson.D) bson.Raw {
	t.Helper()
	r, err := bson.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReadAndWrite(t *testing.T) {
	db := storetest.Open(t, time.Now)
	ctx := t.Context()
	if name := db.Deployment.Name(); (name == "embedded") == db.Shared || strings.ContainsAny(name, "@/?") ||
		db.Deployment.Ping(ctx) != nil {
		t.Errorf("name %q", name)
	}
	c := db.Collection("people")
	if doc, err := c.FindOne(ctx, nil, store.Find{}); doc != nil || err != nil {
		t.Fatalf("an empty collection: %s, %v", doc, err)
	}
	id, err := c.InsertOne(ctx, bson.D{{Key: "n", Value: 1}})
	if err != nil || id.Type != bson.TypeObjectID {
		t.Fatalf("insert: %v, %v", id, err)
	}
	ids, err := c.InsertMany(ctx, []bson.Raw{raw(t, bson.D{{Key: "_id", Value: "b"}, {Key: "n", Value: 2}}),
		raw(t, bson.D{{Key: "_id", Value: "c"}, {Key: "n", Value: 3}})}, true)
	if err != nil || len(ids) != 2 || ids[1].StringValue() != "c" {
		t.Fatalf("insert many: %v, %v", ids, err)
	}
	docs, err := c.Find(ctx, bson.D{{Key: "n", Value: bson.D{{Key: "$gte", Value: 2}}}},
		store.Find{Sort: bson.D{{Key: "n", Value: -1}}, Limit: 1})
	if err != nil || len(docs) != 1 || docs[0].Lookup("_id").StringValue() != "c" {
		t.Fatalf("find: %v, %v", docs, err)
	}
	changed, err := c.UpdateOne(ctx, bson.D{{Key: "_id", Value: "b"}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "n", Value: 5}}}}, store.Change{})
	if err != nil || changed.Matched != 1 || changed.Modified != 1 || changed.UpsertedID.Type != 0 {
		t.Fatalf("update: %+v, %v", changed, err)
	}
	changed, err = c.UpdateOne(ctx, bson.D{{Key: "_id", Value: "d"}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "n", Value: 6}}}}, store.Change{Upsert: true})
	if err != nil || changed.Matched != 0 || changed.UpsertedID.Type != bson.TypeString ||
		changed.UpsertedID.StringValue() != "d" {
		t.Fatalf("upsert: %+v, %v", changed, err)
	}
	after, err := c.FindOneAndUpdate(ctx, bson.D{{Key: "_id", Value: "d"}},
		bson.D{{Key: "$inc", Value: bson.D{{Key: "n", Value: 1}}}}, store.FindAnd{ReturnNew: true})
	if err != nil || after.Lookup("n").AsInt64() != 7 {
		t.Fatalf("find and update: %s, %v", after, err)
	}
	if gone, err := c.FindOneAndDelete(ctx, bson.D{{Key: "_id", Value: "absent"}}, store.FindAnd{}); gone != nil ||
		err != nil {
		t.Fatalf("find and delete nothing: %s, %v", gone, err)
	}
	if n, err := c.Count(ctx, nil, 0); n != 4 || err != nil {
		t.Fatalf("count: %d, %v", n, err)
	}
	if values, err := c.Distinct(ctx, "n", nil); len(values) != 4 || err != nil {
		t.Fatalf("distinct: %v, %v", values, err)
	}
	if n, err := c.DeleteMany(ctx, bson.D{{Key: "n", Value: bson.D{{Key: "$gt", Value: 3}}}}); n != 2 || err != nil {
		t.Fatalf("delete: %d, %v", n, err)
	}
	if out, err := c.Aggregate(ctx, bson.A{bson.D{{Key: "$match", Value: bson.D{{Key: "n", Value: 3}}}}}); len(out) != 1 ||
		err != nil {
		t.Fatalf("aggregate: %v, %v", out, err)
	}
	if names, err := db.Deployment.Collections(ctx, db.Name()); err != nil || strings.Join(names, " ") != "people" {
		t.Errorf("collections: %v, %v", names, err)
	}
}

func TestEachStopsOnError(t *testing.T) {
	c := storetest.Open(t, time.Now).Collection("people")
	for n := range 10 {
		if _, err := c.InsertOne(t.Context(), bson.D{{Key: "_id", Value: n}}); err != nil {
			t.Fatal(err)
		}
	}
	stop := errors.New("enough")
	seen := 0
	err := c.Each(t.Context(), nil, store.Find{BatchSize: 3}, func(bson.Raw) error {
		if seen++; seen == 5 {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) || seen != 5 {
		t.Errorf("saw %d, %v", seen, err)
	}
}

func TestServerErrorKinds(t *testing.T) {
	c := storetest.Open(t, time.Now).Collection("people")
	ctx := t.Context()
	if err := c.EnsureIndex(ctx, store.Index{Keys: bson.D{{Key: "userId", Value: 1}}, Unique: true}); err != nil {
		t.Fatal(err)
	}
	if err := c.EnsureIndex(ctx, store.Index{Keys: bson.D{{Key: "userId", Value: 1}}, Unique: true}); err != nil {
		t.Errorf("an index that is there already: %v", err)
	}
	one := bson.D{{Key: "userId", Value: "very-private"}}
	if _, err := c.InsertOne(ctx, one); err != nil {
		t.Fatal(err)
	}
	_, err := c.InsertOne(ctx, one)
	if store.KindOf(err) != store.Duplicate || !strings.Contains(err.Error(), "Duplicate key") ||
		strings.Contains(err.Error(), "very-private") {
		t.Errorf("duplicate: %s: %v", store.KindOf(err), err)
	}
	_, err = c.Find(ctx, bson.D{{Key: "$who", Value: 1}}, store.Find{})
	if store.KindOf(err) != store.BadQuery {
		t.Errorf("bad filter: %s: %v", store.KindOf(err), err)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := c.Count(gone, nil, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
}

func TestWatchTellsOfChanges(t *testing.T) {
	db := storetest.Open(t, time.Now)
	can := db.Deployment.Can().ChangeStreams
	if !can && !db.Shared {
		t.Fatal("the embedded database has change streams")
	}
	c := db.Collection("people")
	s, err := c.Watch(t.Context(), nil, nil, 0)
	if !can {
		if store.KindOf(err) != store.Unsupported {
			t.Errorf("watching a deployment without change streams: %s: %v", store.KindOf(err), err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := c.InsertOne(t.Context(), bson.D{{Key: "_id", Value: "a"}}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	event, err := s.Next(ctx)
	if err != nil || event.Lookup("operationType").StringValue() != "insert" || event.Lookup("documentKey",
		"_id").StringValue() != "a" {
		t.Fatalf("%s, %v", event, err)
	}
	if _, err := c.UpdateOne(t.Context(), bson.D{{Key: "_id", Value: "a"}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "n", Value: 1}}}}, store.Change{}); err != nil {
		t.Fatal(err)
	}
	event, err = s.Next(ctx)
	if err != nil || event.Lookup("fullDocument", "n").AsInt64() != 1 {
		t.Fatalf("%s, %v", event, err)
	}
}
