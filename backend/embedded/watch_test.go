package embedded_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"dossier/backend/embedded"
)

// next returns the next event: its operation and the description of the change.
func next(t testing.TB, s *mongo.ChangeStream) bson.Raw {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if !s.Next(ctx) {
		t.Fatalf("no event: %v", s.Err())
	}
	return s.Current
}

func watch(t testing.TB, c *mongo.Collection, pipeline mongo.Pipeline,
	o ...options.Lister[options.ChangeStreamOptions]) *mongo.ChangeStream {
	t.Helper()
	s, err := c.Watch(t.Context(), pipeline, o...)
	must(t, err)
	t.Cleanup(func() { s.Close(context.Background()) })
	return s
}

func TestWatchReportsEveryOperation(t *testing.T) {
	c := newCollection(t)
	insertAll(t, c, `{"_id": 0}`)
	s := watch(t, c, mongo.Pipeline{}, options.ChangeStream().SetFullDocument(options.UpdateLookup))
	insertAll(t, c, `{"_id": 1, "a": 1, "b": 1}`)
	_, err := c.UpdateOne(t.Context(), doc(t, `{"_id": 1}`), doc(t, `{"$set": {"a": 2}, "$unset": {"b": 1}}`))
	must(t, err)
	_, err = c.UpdateOne(t.Context(), doc(t, `{"_id": 1}`), doc(t, `{"$set": {"a": 2}}`))
	must(t, err)
	_, err = c.ReplaceOne(t.Context(), doc(t, `{"_id": 1}`), doc(t, `{"c": 3}`))
	must(t, err)
	_, err = c.DeleteOne(t.Context(), doc(t, `{"_id": 1}`))
	must(t, err)
	must(t, c.Drop(t.Context()))
	for _, want := range []struct{ kind, part, says string }{
		{"insert", "fullDocument", `{"_id":1,"a":1,"b":1}`},
		{"update", "updateDescription", `{"updatedFields":{"a":2},"removedFields":["b"],"truncatedArrays":[]}`},
		{"replace", "fullDocument", `{"_id":1,"c":3}`},
		{"delete", "documentKey", `{"_id":1}`},
		{"drop", "ns", `{"db":"app","coll":"people"}`},
		{"invalidate", "_id", ``},
	} {
		e := next(t, s)
		if kind := e.Lookup("operationType").StringValue(); kind != want.kind {
			t.Fatalf("got %s want %s", kind, want.kind)
		}
		if got := show(t, e.Lookup(want.part).Document()); want.says != "" && got != want.says {
			t.Errorf("%s: got %s want %s", want.kind, got, want.says)
		}
	}
	if s.Next(t.Context()) || s.Err() != nil {
		t.Errorf("after the end: %v %v", s.Current, s.Err())
	}
}

func TestUpdateLookupReturnsCurrentDocument(t *testing.T) {
	c := newCollection(t)
	insertAll(t, c, `{"_id": 1, "a": 1}`)
	s := watch(t, c, mongo.Pipeline{}, options.ChangeStream().SetFullDocument(options.UpdateLookup))
	_, err := c.UpdateOne(t.Context(), doc(t, `{"_id": 1}`), doc(t, `{"$inc": {"a": 1}}`))
	must(t, err)
	if got := show(t, next(t, s).Lookup("fullDocument").Document()); got != `{"_id":1,"a":2}` {
		t.Errorf("got %s", got)
	}
}

func TestWatchWaitsAndFilters(t *testing.T) {
	c := newCollection(t)
	s := watch(t, c, mongo.Pipeline{doc(t, `{"$match": {"operationType": "insert", "fullDocument.n": {"$gt": 1}}}`)})
	got := make(chan bson.Raw)
	go func() {
		s.Next(t.Context())
		got <- s.Current
	}()
	insertAll(t, c, `{"_id": 1, "n": 1}`)
	insertAll(t, c.Database().Collection("other"), `{"_id": 2, "n": 2}`)
	insertAll(t, c, `{"_id": 3, "n": 3}`)
	select {
	case e := <-got:
		if id := e.Lookup("fullDocument", "_id").Int32(); id != 3 {
			t.Errorf("got document %d", id)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("no event")
	}
}

func TestWatchResumes(t *testing.T) {
	path := t.TempDir() + "/resume.db"
	db, err := embedded.Open(path, embedded.Options{Now: time.Now})
	must(t, err)
	c := connect(t, db).Database("app").Collection("people")
	s := watch(t, c, mongo.Pipeline{})
	insertAll(t, c, `{"_id": 1}`)
	next(t, s)
	seen := s.ResumeToken()
	insertAll(t, c, `{"_id": 2}`, `{"_id": 3}`)
	must(t, db.Close())

	db, err = embedded.Open(path, embedded.Options{Now: time.Now})
	must(t, err)
	defer db.Close()
	c = connect(t, db).Database("app").Collection("people")
	s = watch(t, c, mongo.Pipeline{}, options.ChangeStream().SetResumeAfter(seen))
	for _, want := range []int32{2, 3} {
		if got := next(t, s).Lookup("documentKey", "_id").Int32(); got != want {
			t.Errorf("got %d want %d", got, want)
		}
	}
	_, err = c.Watch(t.Context(), mongo.Pipeline{}, options.ChangeStream().SetResumeAfter(doc(t,
		`{"_data": "ffffffffffffffff"}`)))
	if codeOf(err) != 280 {
		t.Errorf("a token of the future: %v", err)
	}
}

func TestWatchDatabaseAndAll(t *testing.T) {
	client := connect(t, open(t))
	app := client.Database("app")
	one, err := app.Watch(t.Context(), mongo.Pipeline{})
	must(t, err)
	defer one.Close(t.Context())
	all, err := client.Watch(t.Context(), mongo.Pipeline{})
	must(t, err)
	defer all.Close(t.Context())
	insertAll(t, client.Database("zoo").Collection("x"), `{"_id": 1}`)
	insertAll(t, app.Collection("y"), `{"_id": 2}`)
	if got := next(t, one).Lookup("ns", "coll").StringValue(); got != "y" {
		t.Errorf("database: %s", got)
	}
	if got := next(t, all).Lookup("ns", "coll").StringValue(); got != "x" {
		t.Errorf("all: %s", got)
	}
}

func TestCloseEndsWatchers(t *testing.T) {
	db := open(t)
	s := watch(t, connect(t, db).Database("app").Collection("people"), mongo.Pipeline{},
		options.ChangeStream().SetMaxAwaitTime(time.Minute))
	ended := make(chan error)
	go func() {
		s.Next(t.Context())
		ended <- s.Err()
	}()
	must(t, db.Close())
	ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
	defer cancel()
	select {
	case err := <-ended:
		if err == nil {
			t.Error("the watcher ended without an error")
		}
	case <-ctx.Done():
		t.Fatal("the watcher still waits")
	}
}

func TestWatchErrors(t *testing.T) {
	c := newCollection(t)
	_, err := c.Watch(t.Context(), mongo.Pipeline{}, options.ChangeStream().SetFullDocument(options.Required))
	if codeOf(err) != 238 || !strings.Contains(err.Error(), "required") {
		t.Errorf("required: %v", err)
	}
	_, err = c.Watch(t.Context(), mongo.Pipeline{doc(t, `{"$nothing": 1}`)})
	if codeOf(err) != 40324 {
		t.Errorf("unknown stage: %v", err)
	}
	insertAll(t, c, `{"_id": 0}`)
	s := watch(t, c, mongo.Pipeline{doc(t, `{"$project": {"_id": 0}}`)})
	insertAll(t, c, `{"_id": 1}`)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	var ce mongo.CommandError
	if s.Next(ctx) || !errors.As(s.Err(), &ce) || ce.Code != 280 {
		t.Errorf("without _id: %v", s.Err())
	}
}
