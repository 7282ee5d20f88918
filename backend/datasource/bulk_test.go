package datasource

import (
	"errors"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/rules"
)

// run is call for operations of functions.
func (w *fixture) run(caller rules.Caller, name, function, arg string) (string, error) {
	w.t.Helper()
	b, err := bson.Marshal(append(bson.D{{Key: "database", Value: w.db.Name()}, {Key: "collection", Value: name}},
		doc(w.t, arg)...))
	if err != nil {
		w.t.Fatal(err)
	}
	v, err := w.sources.Run(w.ctx, caller, service, function, b)
	if err != nil {
		return "", err
	}
	return canonical(w.t, v), nil
}

const hiddenPayRules = `{"roles":[{"name":"own","apply_when":{"owner":"` + me + `"},"read":true,"write":true,"insert":true,"delete":true},
	{"name":"other","apply_when":{},"fields":{"pay":{"read":false,"write":false}},"additional_fields":{"read":true,"write":true}}]}`

// TestFunctionOperations: clients cannot call the operations of functions; functions can, under the rules of their
// caller.
func TestFunctionOperations(t *testing.T) {
	w := newFixture(t, map[string]string{rulesFile("team"): hiddenPayRules})
	w.insert("team", `{"_id":1,"owner":"`+me+`","pay":1,"tags":["a","b"]}`,
		`{"_id":2,"owner":"x","pay":2,"tags":["b","c"]}`, `{"_id":3,"owner":"y","pay":{"$numberDouble":"1"},"tags":"a"}`)
	for _, function := range []string{"distinct", "countDocuments", "replaceOne", "bulkWrite"} {
		w.expectError(w.me, "team", function, `{}`, 400, api.CodeServiceCommandNotFound)
	}
	for _, c := range []struct {
		caller              rules.Caller
		function, arg, want string
	}{
		{w.system, "distinct", `{"key":"pay"}`, `[{"$numberInt":"1"},{"$numberInt":"2"}]`},
		{w.me, "distinct", `{"key":"pay"}`, `[{"$numberInt":"1"}]`},
		{w.me, "distinct", `{"key":"tags"}`, `["a","b","c"]`},
		{w.me, "distinct", `{"key":"tags","query":{"pay":2}}`, `[]`},
		{w.system, "countDocuments", `{"query":{"tags":"a"}}`, `{"$numberLong":"2"}`},
		{w.system, "countDocuments", `{"skip":1}`, `{"$numberLong":"2"}`},
		{w.system, "countDocuments", `{"skip":1,"limit":1}`, `{"$numberLong":"1"}`},
		{w.system, "countDocuments", `{"skip":7}`, `{"$numberLong":"0"}`},
		{w.me, "countDocuments", `{"skip":1,"limit":1}`, `{"$numberLong":"1"}`},
		{w.me, "replaceOne", `{"query":{"_id":1},"update":{"owner":"` + me + `","n":1}}`,
			`{"matchedCount":{"$numberInt":"1"},"modifiedCount":{"$numberInt":"1"}}`},
	} {
		if got, err := w.run(c.caller, "team", c.function, c.arg); err != nil || got != c.want {
			t.Errorf("%s %s = %s, %v; want %s", c.function, c.arg, got, err, c.want)
		}
	}
	for function, arg := range map[string]string{"distinct": `{"key":""}`,
		"replaceOne": `{"query":{},"update":{"$set":{"a":1}}}`, "bulkWrite": `{"operations":[]}`} {
		if got, err := w.run(w.system, "team", function, arg); err == nil {
			t.Errorf("%s %s = %s", function, arg, got)
		}
	}
}

// TestBulkWrite: writes run one after the other; ordered ones stop at the first error.
func TestBulkWrite(t *testing.T) {
	w := newFixture(t, map[string]string{rulesFile("team"): hiddenPayRules})
	own := `"owner":"` + me + `"`
	got, err := w.run(w.me, "team", "bulkWrite", `{"operations":[
		{"insertOne":{"document":{"_id":1,`+own+`}}},
		{"insertOne":{"document":{"_id":2,`+own+`}}},
		{"updateOne":{"filter":{"_id":1},"update":{"$set":{"a":1}}}},
		{"updateMany":{"filter":{},"update":{"$set":{"b":1}}}},
		{"replaceOne":{"filter":{"_id":2},"replacement":{`+own+`,"c":1}}},
		{"updateOne":{"filter":{"_id":9,`+own+`},"update":{"$set":{"d":1}},"upsert":true}},
		{"deleteOne":{"filter":{"_id":1}}},
		{"deleteMany":{"filter":{"d":1}}}]}`)
	want := `{"insertedCount":{"$numberInt":"2"},"matchedCount":{"$numberInt":"4"},"modifiedCount":{"$numberInt":"4"},"deletedCount":{"$numberInt":"2"},` +
		`"upsertedCount":{"$numberInt":"1"},"insertedIds":{"0":{"$numberInt":"1"},"1":{"$numberInt":"2"}},"upsertedIds":{"5":{"$numberInt":"9"}}}`
	if err != nil || got != want {
		t.Errorf("%v\n got %s\nwant %s", err, got, want)
	}
	const failing = `"operations":[{"deleteOne":{"filter":{"_id":2}}},{"insertOne":{"document":{"_id":3,"owner":"x"}}},{"insertOne":{"document":{"_id":4,` + `"owner":"` + me + `"}}}]`
	for _, c := range []struct{ arg, left string }{
		{`{` + failing + `}`, ""},
		{`{` + failing + `,"ordered":false}`, `{"_id":{"$numberInt":"4"},"owner":"` + me + `"}`},
	} {
		_, err := w.run(w.me, "team", "bulkWrite", c.arg)
		var e *api.Error
		if !errors.As(err, &e) || e.Status != 400 || !strings.Contains(e.Message,
			"operation 1 (insertOne): insert not permitted") {
			t.Errorf("%s: %v", c.arg, err)
		}
		if got := w.stored("team", `{}`); got != c.left {
			t.Errorf("%s left %s", c.arg, got)
		}
	}
	for arg, want := range map[string]string{
		`{"operations":[{"drop":{}}]}`:                `unknown operation "drop"`,
		`{"operations":[{"updateOne":1}]}`:            `must be objects`,
		`{"operations":[{"deleteOne":{"hint":"x"}}]}`: `hint is not supported`,
		`{"operations":7}`:                            `an array`,
	} {
		if _, err := w.run(w.me, "team", "bulkWrite", arg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", arg, err, want)
		}
	}
}
