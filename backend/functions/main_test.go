package functions

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/datasource"
	"dossier/backend/rules"
	"dossier/backend/store"
	"dossier/backend/storetest"
	"dossier/model"
)

const (
	me    = "5f1f216e82df4a7979f9da93"
	other = "5f1f298f757611faec901d0f"
)

// fixture is the demo application with more functions, over its own database.
type fixture struct {
	t         testing.TB
	ctx       context.Context
	functions *Functions
	db        *storetest.Database
	me        rules.Caller
	log       *bytes.Buffer
}

// newFixture adds functions. A name may be followed by configuration, as in "f private system".
func newFixture(t testing.TB, sources map[string]string, files map[string]string) *fixture {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(stop)
	db := storetest.Open(t, time.Now)
	a, err := app.Read(db.Files(t, app.Demo(), withFunctions(sources, files)), app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := datasource.New(a, map[string]*store.Deployment{"mongodb-atlas": db.Deployment}, time.Now)
	w := &fixture{t: t, ctx: ctx, db: db, log: &bytes.Buffer{}}
	w.functions = New(a, s, Options{Now: time.Now, Log: slog.New(slog.NewTextHandler(w.log, nil))})
	w.me = rules.Caller{
		User: model.User{ID: me, Type: "normal", Data: raw(t, `{"email":"me@example.com"}`),
			Identities: []model.Identity{{ID: "i", ProviderType: "local-userpass"}}},
		CustomData: raw(t, `{"favoriteColor":"pink"}`),
	}
	return w
}

// withFunctions adds functions to an application's other files: JavaScript by name and configuration (see newFixture).
func withFunctions(sources, files map[string]string) map[string]string {
	out := map[string]string{}
	config := []string{`{"name":"writeCustomUserData"}`}
	for key, source := range sources {
		name, rest, _ := strings.Cut(key, " ")
		entry := fmt.Sprintf(`{"name":%q,"private":%v,"run_as_system":%v}`, name, strings.Contains(rest, "private"),
			strings.Contains(rest, "system"))
		if _, more, ok := strings.Cut(rest, "as {"); ok {
			entry = fmt.Sprintf(`{"name":%q,%s`, name, more)
		}
		if _, expression, ok := strings.Cut(rest, "if "); ok {
			entry = fmt.Sprintf(`{"name":%q,"can_evaluate":%s}`, name, expression)
		}
		config = append(config, entry)
		out["functions/"+name+".js"] = source
	}
	out["functions/config.json"] = "[" + strings.Join(config, ",") + "]"
	maps.Copy(out, files)
	return out
}

func raw(t testing.TB, text string) bson.Raw {
	t.Helper()
	var d bson.D
	if err := bson.UnmarshalExtJSON([]byte(text), false, &d); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	b, err := bson.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// call calls a function with arguments in extended JSON and returns the result as canonical extended JSON.
func (w *fixture) call(name string, args ...string) (string, error) {
	w.t.Helper()
	v, err := w.functions.Call(w.ctx, w.me, name, values(w.t, args))
	if err != nil {
		return "", err
	}
	return canonical(w.t, v), nil
}

func values(t testing.TB, args []string) []bson.RawValue {
	t.Helper()
	out := make([]bson.RawValue, len(args))
	for i, a := range args {
		out[i] = raw(t, `{"v":`+a+`}`).Lookup("v")
	}
	return out
}

func canonical(t testing.TB, v bson.RawValue) string {
	t.Helper()
	b, err := bson.MarshalExtJSON(bson.D{{Key: "v", Value: v}}, true, false)
	if err != nil {
		t.Fatal(err)
	}
	return string(b[len(`{"v":`) : len(b)-1])
}

func (w *fixture) expect(want, name string, args ...string) {
	w.t.Helper()
	got, err := w.call(name, args...)
	if err != nil || got != want {
		w.t.Errorf("%s(%s)\n got %s (%v)\nwant %s", name, strings.Join(args, ", "), got, err, want)
	}
}

// expectError calls a function that must fail with code and returns the message.
func (w *fixture) expectError(code, name string, args ...string) string {
	w.t.Helper()
	got, err := w.call(name, args...)
	var e *api.Error
	if !errors.As(err, &e) || e.Code != code || e.Status != 400 {
		w.t.Errorf("%s: got %s, error %v, want 400 %s", name, got, err, code)
		return ""
	}
	return e.Message
}

func (w *fixture) stored(filter string) string {
	w.t.Helper()
	b, err := w.db.Collection("custom_user_data").FindOne(w.ctx, raw(w.t, filter), store.Find{})
	if err != nil {
		w.t.Fatal(err)
	}
	text, err := bson.MarshalExtJSON(b, true, false)
	if b == nil || err != nil {
		return ""
	}
	return string(text)
}
