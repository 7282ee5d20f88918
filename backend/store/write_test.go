package store_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/store"
	"dossier/backend/storetest"
)

// document parses extended JSON.
func document(t *testing.T, text string) bson.D {
	t.Helper()
	var d bson.D
	if err := bson.UnmarshalExtJSON([]byte(text), false, &d); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return d
}

// text returns a document as relaxed extended JSON, "" for none.
func text(t *testing.T, doc bson.Raw) string {
	t.Helper()
	if doc == nil {
		return ""
	}
	b, err := bson.MarshalExtJSON(doc, false, false)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// filled returns a collection that contains documents.
func filled(t *testing.T, docs ...string) (*storetest.Database, *store.Collection) {
	t.Helper()
	db := storetest.Open(t, time.Now)
	c := db.Collection("people")
	for _, d := range docs {
		if _, err := c.InsertOne(t.Context(), document(t, d)); err != nil {
			t.Fatal(err)
		}
	}
	return db, c
}

func TestChanges(t *testing.T) {
	_, c := filled(t, `{"_id":1,"n":1,"list":[{"a":1},{"a":2}]}`, `{"_id":2,"n":2,"list":[{"a":2}]}`, `{"_id":3,"n":3}`)
	d := func(s string) bson.D { return document(t, s) }
	ctx := t.Context()
	changed, err := c.UpdateMany(ctx, d(`{"n":{"$lt":3}}`), d(`{"$set":{"list.$[two].a":20}}`),
		store.Change{ArrayFilters: []any{d(`{"two.a":2}`)}})
	if err != nil || changed.Matched != 2 || changed.Modified != 2 {
		t.Errorf("update many: %+v, %v", changed, err)
	}
	changed, err = c.UpdateOne(ctx, d(`{"_id":1}`), d(`{"$set":{"list.$[one].a":10}}`),
		store.Change{ArrayFilters: []any{d(`{"one.a":1}`)}})
	if err != nil || changed.Modified != 1 {
		t.Errorf("update one: %+v, %v", changed, err)
	}
	changed, err = c.UpdateMany(ctx, d(`{"n":9}`), d(`{"$set":{"m":1}}`), store.Change{Upsert: true})
	if err != nil || changed.Matched != 0 || changed.UpsertedID.Type != bson.TypeObjectID {
		t.Errorf("upsert many: %+v, %v", changed, err)
	}
	changed, err = c.ReplaceOne(ctx, d(`{"_id":2}`), d(`{"z":1,"a":{"y":1,"b":2}}`), store.Change{})
	if err != nil || changed.Matched != 1 || changed.Modified != 1 {
		t.Errorf("replace: %+v, %v", changed, err)
	}
	changed, err = c.ReplaceOne(ctx, d(`{"_id":4}`), d(`{"z":1,"a":2}`), store.Change{Upsert: true})
	if err != nil || changed.Matched != 0 || changed.UpsertedID.AsInt64() != 4 {
		t.Errorf("upsert by replacing: %+v, %v", changed, err)
	}
	if n, err := c.DeleteOne(ctx, d(`{"n":9}`)); n != 1 || err != nil {
		t.Errorf("delete: %d, %v", n, err)
	}
	if n, err := c.DeleteOne(ctx, d(`{"n":9}`)); n != 0 || err != nil {
		t.Errorf("delete again: %d, %v", n, err)
	}
	docs, err := c.Find(ctx, nil, store.Find{Sort: d(`{"_id":1}`)})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`{"_id":1,"n":1,"list":[{"a":10},{"a":20}]}`, `{"_id":2,"z":1,"a":{"y":1,"b":2}}`, `{"_id":3,"n":3}`,
		`{"_id":4,"z":1,"a":2}`}
	if got := texts(t, docs); !slices.Equal(got, want) {
		t.Errorf("left\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func texts(t *testing.T, docs []bson.Raw) []string {
	t.Helper()
	out := make([]string, len(docs))
	for i, doc := range docs {
		out[i] = text(t, doc)
	}
	return out
}

func TestReadAndChangeInOneStep(t *testing.T) {
	_, c := filled(t, `{"_id":1,"n":1}`, `{"_id":2,"n":2}`, `{"_id":3,"n":3,"list":[1,2]}`)
	d := func(s string) bson.D { return document(t, s) }
	ctx := t.Context()
	last, short := d(`{"n":-1}`), d(`{"n":1,"_id":0}`)
	for name, step := range map[string]struct {
		do   func() (bson.Raw, error)
		want string
	}{
		"update the last": {func() (bson.Raw, error) {
			return c.FindOneAndUpdate(ctx, nil, d(`{"$set":{"list.$[x]":5}}`), store.FindAnd{Sort: last, ReturnNew: true,
				ArrayFilters: []any{d(`{"x":2}`)}})
		}, `{"_id":3,"n":3,"list":[1,5]}`},
		"upsert, before": {func() (bson.Raw, error) {
			return c.FindOneAndUpdate(ctx, d(`{"_id":-1}`), d(`{"$set":{"n":-1}}`), store.FindAnd{Upsert: true})
		}, ``},
		"upsert, after": {func() (bson.Raw, error) {
			return c.FindOneAndUpdate(ctx, d(`{"_id":-2}`), d(`{"$set":{"n":-2}}`), store.FindAnd{Upsert: true, ReturnNew: true,
				Projection: short})
		}, `{"n":-2}`},
		"replace, before": {func() (bson.Raw, error) {
			return c.FindOneAndReplace(ctx, d(`{"_id":1}`), d(`{"m":1}`), store.FindAnd{Sort: last, Projection: short})
		}, `{"n":1}`},
		"replace nothing": {func() (bson.Raw, error) {
			return c.FindOneAndReplace(ctx, d(`{"_id":77}`), d(`{"m":1}`), store.FindAnd{ReturnNew: true})
		}, ``},
		"upsert by replacing": {func() (bson.Raw, error) {
			return c.FindOneAndReplace(ctx, d(`{"_id":-3}`), d(`{"m":1}`), store.FindAnd{Upsert: true, ReturnNew: true})
		}, `{"_id":-3,"m":1}`},
		"delete": {func() (bson.Raw, error) {
			return c.FindOneAndDelete(ctx, d(`{"_id":{"$in":[2,77]}}`), store.FindAnd{Sort: last, Projection: short})
		}, `{"n":2}`},
	} {
		got, err := step.do()
		if err != nil || text(t, got) != step.want {
			t.Errorf("%s: %s, %v; want %s", name, text(t, got), err, step.want)
		}
	}
	if docs, err := c.Find(ctx, nil, store.Find{Sort: d(`{"_id":1}`), Skip: 3, Limit: 1,
		Projection: d(`{"m":1}`)}); err != nil || strings.Join(texts(t, docs), "") != `{"_id":1,"m":1}` {
		t.Errorf("left %s, %v", docs, err)
	}
	if doc, err := c.FindOne(ctx, nil, store.Find{Sort: d(`{"_id":1}`), Skip: 1, Projection: short}); err != nil || text(t,
		doc) != `{"n":-2}` {
		t.Errorf("the second is %s, %v", text(t, doc), err)
	}
}

// An ordered insert stops at a duplicate; an unordered one continues after it.
func TestInsertManyWithADuplicate(t *testing.T) {
	for ordered, want := range map[bool]int64{true: 2, false: 3} {
		_, c := filled(t, `{"_id":1}`)
		_, err := c.InsertMany(t.Context(), []bson.Raw{raw(t, bson.D{{Key: "_id", Value: 2}}),
			raw(t, bson.D{{Key: "_id", Value: 1}}), raw(t, bson.D{{Key: "_id", Value: 3}})}, ordered)
		if store.KindOf(err) != store.Duplicate {
			t.Errorf("ordered %v: %s: %v", ordered, store.KindOf(err), err)
		}
		if n, err := c.Count(t.Context(), nil, 0); n != want || err != nil {
			t.Errorf("ordered %v: %d documents, %v; want %d", ordered, n, err, want)
		}
	}
}

func TestIndexesRefuseWhatTheyAreFor(t *testing.T) {
	const repeated = "array that repeats an item"
	for name, c := range map[string]struct {
		index   store.Index
		docs    []string
		refused string
	}{
		"unique": {store.Index{Keys: bson.D{{Key: "u", Value: 1}}, Unique: true}, []string{`{"u":1}`, `{"u":2}`, `{}`},
			`{"u":1.0}`},
		"unique, none": {store.Index{Keys: bson.D{{Key: "u", Value: 1}}, Unique: true}, []string{`{}`}, `{"u":null}`},
		"sparse": {store.Index{Keys: bson.D{{Key: "u", Value: 1}}, Unique: true, Sparse: true},
			[]string{`{}`, `{"n":1}`, `{"u":1}`}, `{"u":1}`},
		"partial": {store.Index{Keys: bson.D{{Key: "u", Value: 1}}, Unique: true,
			Partial: bson.D{{Key: "open", Value: true}}}, []string{`{"u":1}`, `{"u":1}`, `{"u":1,"open":true}`},
			`{"u":1,"open":true}`},
		"two fields": {store.Index{Keys: bson.D{{Key: "u", Value: 1}, {Key: "v", Value: -1}}, Unique: true},
			[]string{`{"u":1,"v":1}`, `{"u":1,"v":2}`}, `{"v":2,"u":1}`},
		"array": {store.Index{Keys: bson.D{{Key: "u", Value: 1}}, Unique: true}, []string{`{"u":[1,2]}`, `{"u":3}`},
			`{"u":2}`},
		repeated: {store.Index{Keys: bson.D{{Key: "u", Value: 1}}, Unique: true}, []string{`{"u":[1,1,2]}`},
			`{"u":2}`},
		"not expired": {store.Index{Keys: bson.D{{Key: "at", Value: 1}}, ExpireAfter: time.Hour},
			[]string{`{"_id":1,"at":{"$date":"2999-01-01T00:00:00Z"}}`}, `{"_id":1}`},
		"nested fields": {store.Index{Keys: bson.D{{Key: "data.email", Value: 1}}, Unique: true},
			[]string{`{"data":{"email":"a"}}`}, `{"data":{"email":"a","n":1}}`},
	} {
		db, coll := filled(t)
		for range 2 { // the second run finds it
			if err := coll.EnsureIndex(t.Context(), c.index); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, d := range c.docs {
			if _, err := coll.InsertOne(t.Context(), document(t, d)); err != nil {
				t.Errorf("%s: insert %s: %v", name, d, err)
			}
		}
		_, err := coll.InsertOne(t.Context(), document(t, c.refused))
		if name == repeated && err == nil && db.FerretDB(t) {
			t.Logf("FerretDB 2.7 lets %s in beside %s; a unique index of MongoDB refuses it", c.refused, c.docs[0])
			continue
		}
		if store.KindOf(err) != store.Duplicate {
			t.Errorf("%s: insert %s: %s: %v", name, c.refused, store.KindOf(err), err)
		}
	}
}

// Processes that start together create the same indexes.
func TestIndexesAreMadeByManyAtOnce(t *testing.T) {
	db := storetest.Open(t, time.Now)
	for round := range 5 {
		c := db.Collection(fmt.Sprintf("keys%d", round))
		var wait sync.WaitGroup
		for range 6 {
			wait.Go(func() {
				for _, field := range []string{"name", "slot"} {
					if err := c.EnsureIndex(t.Context(), store.Index{Keys: bson.D{{Key: "owner", Value: 1}, {Key: field, Value: 1}},
						Unique: true}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wait.Wait()
		for slot, want := range []store.Kind{"", store.Duplicate} {
			_, err := c.InsertOne(t.Context(), bson.D{{Key: "owner", Value: "ada"}, {Key: "name", Value: "k"},
				{Key: "slot", Value: slot}})
			if store.KindOf(err) != want {
				t.Errorf("document %d: %v", slot, err)
			}
		}
	}
}

func TestDatabasesAreListed(t *testing.T) {
	db, _ := filled(t, `{}`)
	names, err := db.Deployment.Databases(t.Context())
	if err != nil || !slices.Contains(names, db.Name()) || !slices.IsSorted(names) {
		t.Errorf("%v, %v", names, err)
	}
}
