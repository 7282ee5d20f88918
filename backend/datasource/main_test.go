package datasource

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/rules"
	"dossier/backend/store"
	"dossier/backend/storetest"
	"dossier/model"
)

const (
	me      = "5f1f216e82df4a7979f9da93"
	other   = "5f1f298f757611faec901d0f"
	service = "mongodb-atlas"
)

// fixture is the demo application with more rules, over its own database.
type fixture struct {
	t       testing.TB
	ctx     context.Context
	sources *Sources
	db      *storetest.Database
	me      rules.Caller
	system  rules.Caller
}

// newFixture adds files to the demo application; tests put rules for the collections of database "app" there.
func newFixture(t testing.TB, files map[string]string) *fixture {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(stop)
	db := storetest.Open(t, time.Now)
	a, err := app.Read(db.Files(t, app.Demo(), files), app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := New(a, map[string]*store.Deployment{service: db.Deployment}, time.Now)
	user := model.User{ID: me, Type: "normal"}
	return &fixture{t: t, ctx: ctx, sources: s, db: db, me: rules.Caller{User: user}, system: rules.Caller{User: user,
		System: true}}
}

func doc(t testing.TB, text string) bson.D {
	t.Helper()
	var d bson.D
	if err := bson.UnmarshalExtJSON([]byte(text), false, &d); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return d
}

func raw(t testing.TB, text string) bson.Raw {
	t.Helper()
	b, err := bson.Marshal(doc(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// call runs a function on collection app.NAME; the argument lacks database and collection.
func (w *fixture) call(caller rules.Caller, name, function, arg string) (bson.RawValue, error) {
	w.t.Helper()
	d := append(bson.D{{Key: "database", Value: w.db.Name()}, {Key: "collection", Value: name}}, doc(w.t, arg)...)
	b, err := bson.Marshal(d)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.sources.Call(w.ctx, caller, service, function, b)
}

// expect runs a function and compares the result as canonical extended JSON.
func (w *fixture) expect(caller rules.Caller, name, function, arg, want string) {
	w.t.Helper()
	got, err := w.call(caller, name, function, arg)
	if err != nil {
		w.t.Errorf("%s %s: %v", function, arg, err)
		return
	}
	if text := canonical(w.t, got); text != want {
		w.t.Errorf("%s %s\n got %s\nwant %s", function, arg, text, want)
	}
}

// expectError runs an operation that must fail with a status and a code, and returns the message.
func (w *fixture) expectError(caller rules.Caller, name, function, arg string, status int, code string) string {
	w.t.Helper()
	got, err := w.call(caller, name, function, arg)
	var e *api.Error
	if !errors.As(err, &e) {
		w.t.Errorf("%s %s: got %v, error %v; want error %d %s", function, arg, got, err, status, code)
		return ""
	}
	if e.Status != status || e.Code != code {
		w.t.Errorf("%s %s: %v, want %d %s", function, arg, e, status, code)
	}
	return e.Message
}

func canonical(t testing.TB, v bson.RawValue) string {
	t.Helper()
	b, err := bson.MarshalExtJSON(bson.D{{Key: "v", Value: v}}, true, false)
	if err != nil {
		t.Fatal(err)
	}
	return string(b[len(`{"v":`) : len(b)-1])
}

// insert stores documents without the service.
func (w *fixture) insert(name string, docs ...string) {
	w.t.Helper()
	for _, d := range docs {
		if _, err := w.db.Collection(name).InsertOne(w.ctx, doc(w.t, d)); err != nil {
			w.t.Fatal(err)
		}
	}
}

// stored reads a document without the service, as canonical extended JSON; "" for none.
func (w *fixture) stored(name, filter string) string {
	w.t.Helper()
	b, err := w.db.Collection(name).FindOne(w.ctx, doc(w.t, filter), store.Find{})
	if err != nil {
		w.t.Fatal(err)
	}
	if b == nil {
		return ""
	}
	text, err := bson.MarshalExtJSON(b, true, false)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(text)
}

func rulesFile(name string) string {
	return "data_sources/" + service + "/app/" + name + "/rules.json"
}
