package datasource

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/store"
)

// TestParallelIncrements: no increment of any caller is lost.
func TestParallelIncrements(t *testing.T) {
	w := newFixture(t, nil)
	w.insert(custom, `{"_id":1,"userId":"`+me+`","n":0}`)
	const callers, each = 8, 10
	var wait sync.WaitGroup
	for i := range callers {
		caller := w.me
		if i%2 == 1 {
			caller = w.system
		}
		wait.Go(func() {
			for range each {
				if _, err := w.call(caller, custom, "updateOne", `{"query":{"userId":"`+me+
					`"},"update":{"$inc":{"n":1}}}`); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	if got := w.stored(custom, `{}`); !strings.Contains(got, fmt.Sprintf(`"n":{"$numberInt":"%d"}`, callers*each)) {
		t.Errorf("stored %s", got)
	}
}

// TestParallelUpserts: with the unique index that dossier creates on its collections, parallel upserts create one
// document.
func TestParallelUpserts(t *testing.T) {
	w := newFixture(t, nil)
	if err := w.db.Collection(custom).EnsureIndex(w.ctx, store.Index{Keys: bson.D{{Key: "userId", Value: 1}},
		Unique: true}); err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			if _, err := w.call(w.me, custom, "updateOne",
				fmt.Sprintf(`{"query":{"userId":"%s"},"update":{"$set":{"f%d":1}},"upsert":true}`, me, i)); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	got := w.stored(custom, `{}`)
	for i := range 8 {
		if !strings.Contains(got, fmt.Sprintf(`"f%d"`, i)) {
			t.Errorf("f%d is lost: %s", i, got)
		}
	}
	w.expect(w.me, custom, "count", `{}`, `{"$numberLong":"1"}`)
}

// interferingCollection changes the document between the check and the write, once.
type interferingCollection struct {
	collection
	once      sync.Once
	interfere func()
}

func (m *interferingCollection) FindOneAndUpdate(
	ctx context.Context, filter, update any, o store.FindAnd,
) (bson.Raw, error) {
	m.once.Do(m.interfere)
	return m.collection.FindOneAndUpdate(ctx, filter, update, o)
}

func (m *interferingCollection) FindOneAndDelete(ctx context.Context, filter any, o store.FindAnd) (bson.Raw, error) {
	m.once.Do(m.interfere)
	return m.collection.FindOneAndDelete(ctx, filter, o)
}

func (m *interferingCollection) UpdateOne(
	ctx context.Context, filter, update any, o store.Change,
) (store.Changed, error) {
	m.once.Do(m.interfere)
	return m.collection.UpdateOne(ctx, filter, update, o)
}

// TestChangedBetweenCheckAndWrite: a change of another writer between the check and the write is checked again, not
// overwritten.
func TestChangedBetweenCheckAndWrite(t *testing.T) {
	const tasks = `{"roles":[{"name":"mine","apply_when":{"owner":"%%user.id","locked":{"%ne":true}},"read":true,
		"write":{"%%root.state":{"%ne":"closed"}},"delete":true,"insert":true}]}`
	own := `"owner":"` + me + `"`
	for _, c := range []struct{ name, before, interfere, function, arg, want, after string }{
		{"new owner", `{"_id":1,` + own + `,"x":1}`, `{"$set":{"owner":"o"}}`, "updateOne",
			`{"query":{},"update":{"$set":{"x":2}}}`, `"matchedCount":{"$numberInt":"0"}`, `"x":{"$numberInt":"1"}`},
		{"locked by a new field", `{"_id":1,` + own + `,"x":1}`, `{"$set":{"locked":true}}`, "updateOne",
			`{"query":{},"update":{"$set":{"x":2}}}`, `"matchedCount":{"$numberInt":"0"}`, `"x":{"$numberInt":"1"}`},
		{"closed", `{"_id":1,` + own + `,"x":1}`, `{"$set":{"state":"closed"}}`, "updateOne",
			`{"query":{},"update":{"$set":{"x":2}}}`, "not permitted", `"x":{"$numberInt":"1"}`},
		{"no longer matches", `{"_id":1,` + own + `,"x":1,"q":1}`, `{"$set":{"q":2}}`, "updateOne",
			`{"query":{"q":1},"update":{"$set":{"x":2}}}`, `"matchedCount":{"$numberInt":"0"}`, `"x":{"$numberInt":"1"}`},
		{"incremented", `{"_id":1,` + own + `,"x":1}`, `{"$inc":{"x":10}}`, "updateOne",
			`{"query":{},"update":{"$inc":{"x":1}}}`, `"modifiedCount":{"$numberInt":"1"}`, `"x":{"$numberInt":"12"}`},
		{"another field changed", `{"_id":1,` + own + `,"x":1}`, `{"$set":{"y":5}}`, "updateOne",
			`{"query":{},"update":{"x":7,` + own + `}}`, `"modifiedCount":{"$numberInt":"1"}`, `"x":{"$numberInt":"7"}`},
		{"locked before a delete", `{"_id":1,` + own + `,"x":1}`, `{"$set":{"locked":true}}`, "deleteOne", `{"query":{}}`,
			`"deletedCount":{"$numberInt":"0"}`, `"x":{"$numberInt":"1"}`},
		{"many", `{"_id":1,` + own + `,"x":1}`, `{"$inc":{"x":10}}`, "updateMany", `{"query":{},"update":{"$inc":{"x":1}}}`,
			`"modifiedCount":{"$numberInt":"1"}`, `"x":{"$numberInt":"12"}`},
		{"array instead of a value", `{"_id":1,` + own + `,"x":1}`, `{"$set":{"x":[1]}}`, "updateOne",
			`{"query":{},"update":{"$set":{"x":2}}}`, `"modifiedCount":{"$numberInt":"1"}`, `"x":{"$numberInt":"2"}`},
		{"inserted meanwhile", `{"_id":1,"owner":"o"}`, `{"$set":{` + own + `,"x":1}}`, "updateOne",
			`{"query":{` + own + `},"update":{"$inc":{"x":5}},"upsert":true}`, `"matchedCount":{"$numberInt":"1"}`,
			`"x":{"$numberInt":"6"}`},
	} {
		w := newFixture(t, map[string]string{rulesFile("tasks"): tasks})
		w.insert("tasks", c.before)
		w.interfere("tasks", func() {
			if _, err := w.db.Collection("tasks").UpdateOne(w.ctx, bson.D{{Key: "_id", Value: 1}}, doc(t, c.interfere),
				store.Change{}); err != nil {
				t.Error(err)
			}
		})
		got, err := w.call(w.me, "tasks", c.function, c.arg)
		text := fmt.Sprint(err)
		if err == nil {
			text = canonical(t, got)
		}
		if !strings.Contains(text, c.want) {
			t.Errorf("%s: %s, want %s", c.name, text, c.want)
		}
		if after := w.stored("tasks", `{"_id":1}`); !strings.Contains(after, c.after) {
			t.Errorf("%s: left %s, want %s in it", c.name, after, c.after)
		}
	}
}

// TestCallerThatLeft: nothing is written for a caller that left while the change was checked.
func TestCallerThatLeft(t *testing.T) {
	const stored = `{"_id":1,"userId":"` + me + `","n":0}`
	for function, arg := range map[string]string{
		"updateOne":        `{"query":{},"update":{"$inc":{"n":1}}}`,
		"updateMany":       `{"query":{},"update":{"$inc":{"n":1}}}`,
		"findOneAndUpdate": `{"filter":{},"update":{"$inc":{"n":1}}}`,
		"deleteOne":        `{"query":{}}`,
	} {
		w := newFixture(t, nil)
		w.insert(custom, stored)
		before, checked := w.stored(custom, `{}`), w.ctx
		left, leave := context.WithCancel(checked)
		w.interfere(w.db.Localize(custom), leave)
		w.ctx = left
		got, err := w.call(w.me, custom, function, arg)
		w.ctx = checked
		if after := w.stored(custom, `{}`); left.Err() == nil || err == nil || after != before {
			t.Errorf("%s: %v, %v; stored %s", function, got, err, after)
		}
	}
}

func (w *fixture) interfere(name string, interfere func()) {
	open := w.sources.open
	m := &interferingCollection{interfere: interfere}
	w.sources.open = func(service, database, of string) (collection, bool) {
		c, ok := open(service, database, of)
		if of == name {
			m.collection = c
			return m, ok
		}
		return c, ok
	}
}

// TestWriteConflict: changes to a document that changes all the time end with an error, not in an endless loop.
func TestWriteConflict(t *testing.T) {
	w := newFixture(t, nil)
	w.insert(custom, `{"_id":1,"userId":"`+me+`","n":0}`)
	open := w.sources.open
	w.sources.open = func(service, database, name string) (collection, bool) {
		c, ok := open(service, database, name)
		return &conflictingCollection{c}, ok
	}
	for function, key := range map[string]string{"updateOne": "query", "updateMany": "query",
		"findOneAndUpdate": "filter"} {
		_, err := w.call(w.me, custom, function, `{"`+key+`":{},"update":{"$inc":{"n":1}}}`)
		if err == nil || !strings.Contains(err.Error(), "WriteConflict") {
			t.Errorf("%s: %v", function, err)
		}
	}
}

// conflictingCollection never matches the document that was checked.
type conflictingCollection struct{ collection }

func (l *conflictingCollection) FindOneAndUpdate(context.Context, any, any, store.FindAnd) (bson.Raw, error) {
	return nil, nil
}

func (l *conflictingCollection) UpdateOne(context.Context, any, any, store.Change) (store.Changed, error) {
	return store.Changed{}, nil
}
