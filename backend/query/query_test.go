package query_test

import (
	"errors"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// now is the fixed clock of these tests.
const now = bson.DateTime(1700000000000)

// read parses extended JSON and decodes it as Decode does.
func read(t testing.TB, json string) bson.D {
	t.Helper()
	v := value(t, json)
	d, is := v.(bson.D)
	if !is {
		t.Fatalf("%s is no document", json)
	}
	return d
}

func value(t testing.TB, json string) any {
	t.Helper()
	var wrapped bson.Raw
	if err := bson.UnmarshalExtJSON([]byte(`{"v": `+json+`}`), false, &wrapped); err != nil {
		t.Fatalf("%s: %v", json, err)
	}
	d, err := query.Decode(wrapped)
	if err != nil {
		t.Fatalf("%s: %v", json, err)
	}
	return d[0].Value
}

func list(t testing.TB, json string) bson.A {
	t.Helper()
	a, is := value(t, json).(bson.A)
	if !is {
		t.Fatalf("%s is no array", json)
	}
	return a
}

// write returns the relaxed extended JSON of a document.
func write(t testing.TB, d bson.D) string {
	t.Helper()
	raw, err := query.Encode(d)
	if err != nil {
		t.Fatal(err)
	}
	out, err := bson.MarshalExtJSON(raw, false, false)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// same compares a document with JSON, ignoring white space.
func same(t testing.TB, what string, got bson.D, want string) {
	t.Helper()
	if g, w := write(t, got), write(t, read(t, want)); g != w {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

func wantCode(t testing.TB, what string, err error, code int32) {
	t.Helper()
	var e *query.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Errorf("%s: got %v, want code %d", what, err, code)
	}
}

func env() query.Env { return query.Env{Now: now} }
