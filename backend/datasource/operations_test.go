package datasource

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/rules"
	"dossier/backend/store"
)

const custom = "custom_user_data"

// TestOwnCustomData inserts, reads, changes and deletes custom data as the Web SDK does (seed: Web SDK page, "You can
// modify a user's custom data by updating the underlying document").
func TestOwnCustomData(t *testing.T) {
	w := newFixture(t, nil)
	w.insert(custom, `{"_id":1,"userId":"`+other+`","favoriteColor":"green"}`)
	w.expect(w.me, custom, "find", `{}`, `[]`)
	w.expect(w.me, custom, "findOne", `{}`, `null`)
	w.expect(w.me, custom, "insertOne", `{"document":{"_id":2,"userId":"`+me+`","favoriteColor":"pink"}}`,
		`{"insertedId":{"$numberInt":"2"}}`)
	w.expect(w.me, custom, "updateOne", `{"query":{"userId":"`+me+`"},"update":{"$set":{"favoriteColor":"purple"}}}`,
		`{"matchedCount":{"$numberInt":"1"},"modifiedCount":{"$numberInt":"1"}}`)
	w.expect(w.me, custom, "updateOne", `{"query":{"userId":"`+me+
		`"},"update":{"$set":{"favoriteColor":"purple"}},"upsert":false}`,
		`{"matchedCount":{"$numberInt":"1"},"modifiedCount":{"$numberInt":"0"}}`)
	w.expect(w.me, custom, "findOne", `{"query":{"userId":"`+me+`"},"project":{"favoriteColor":1,"_id":0}}`,
		`{"favoriteColor":"purple"}`)
	w.expect(w.me, custom, "count", `{}`, `{"$numberLong":"1"}`)
	w.expect(w.me, custom, "count", `{"query":{"_id":{"$numberLong":"2"}},"limit":5}`, `{"$numberLong":"1"}`)
	w.expect(w.me, custom, "aggregate", `{"pipeline":[{"$group":{"_id":null,"n":{"$sum":1}}}]}`,
		`[{"_id":null,"n":{"$numberInt":"1"}}]`)
	w.expect(w.me, custom, "updateOne", `{"query":{"userId":"`+other+`"},"update":{"$set":{"favoriteColor":"purple"}}}`,
		`{"matchedCount":{"$numberInt":"0"},"modifiedCount":{"$numberInt":"0"}}`)
	w.expect(w.me, custom, "deleteOne", `{"query":{"userId":"`+other+`"}}`, `{"deletedCount":{"$numberInt":"0"}}`)
	w.expect(w.me, custom, "deleteMany", `{}`, `{"deletedCount":{"$numberInt":"1"}}`)
	if got := w.stored(custom, `{"_id":1}`); !strings.Contains(got, "green") {
		t.Errorf("the other user's document is %q", got)
	}
	w.expect(w.system, custom, "count", `{}`, `{"$numberLong":"1"}`)
}

func TestObjectIDOwner(t *testing.T) {
	w := newFixture(t, nil)
	w.insert(custom, `{"_id":1,"userId":{"$oid":"`+me+`"},"n":1}`)
	w.expect(w.me, custom, "updateOne", `{"query":{"userId":{"$in":["`+me+`",{"$oid":"`+me+
		`"}]}},"update":{"$inc":{"n":1}}}`,
		`{"matchedCount":{"$numberInt":"1"},"modifiedCount":{"$numberInt":"1"}}`)
	w.expect(w.me, custom, "find", `{"query":{"n":2.0},"project":{"n":1}}`,
		`[{"_id":{"$numberInt":"1"},"n":{"$numberInt":"2"}}]`)
}

func TestUpsert(t *testing.T) {
	w := newFixture(t, nil)
	got, err := w.call(w.me, custom, "updateOne", `{"query":{"userId":"`+me+
		`"},"update":{"$set":{"a":1},"$setOnInsert":{"b":2}},"upsert":true}`)
	if err != nil {
		t.Fatal(err)
	}
	id, ok := got.Document().Lookup("upsertedId").ObjectIDOK()
	if !ok || got.Document().Lookup("matchedCount").Int32() != 0 {
		t.Fatalf("upsert returned %v", got)
	}
	// MongoDB from 5.0 on sorts the fields of $setOnInsert by name, FerretDB 2 keeps their order.
	stored := w.stored(custom, `{}`)
	for _, field := range []string{`{"_id":{"$oid":"` + id.Hex() + `"},`, `"a":{"$numberInt":"1"}`,
		`"b":{"$numberInt":"2"}`, `"userId":"` + me + `"`} {
		if !strings.Contains(stored, field) || strings.Count(stored, ":") != 7 {
			t.Errorf("stored %s, want %s in it", stored, field)
		}
	}
	w.expect(w.me, custom, "updateOne", `{"query":{"userId":"`+me+`"},"update":{"$set":{"a":2}},"upsert":true}`,
		`{"matchedCount":{"$numberInt":"1"},"modifiedCount":{"$numberInt":"1"}}`)
	w.expect(w.me, custom, "count", `{}`, `{"$numberLong":"1"}`)
	w.expect(w.me, custom, "findOneAndUpdate", `{"filter":{"userId":"`+me+
		`"},"update":{"$set":{"a":3}},"returnNewDocument":true,"projection":{"a":1,"_id":0}}`,
		`{"a":{"$numberInt":"3"}}`)
	w.expect(w.me, custom, "findOneAndUpdate", `{"filter":{"userId":"`+me+
		`"},"update":{"$set":{"a":4}},"projection":{"a":1,"_id":0}}`,
		`{"a":{"$numberInt":"3"}}`)
	w.expect(w.me, custom, "findOneAndDelete", `{"filter":{"userId":"`+me+`"},"projection":{"a":1,"_id":0}}`,
		`{"a":{"$numberInt":"4"}}`)
	w.expect(w.me, custom, "findOneAndDelete", `{"filter":{"userId":"`+me+`"}}`, `null`)
}

// TestReplacementStyle: updates without operators replace the document. The Web SDK sends findOneAndDelete as
// findOneAndReplace without an update.
func TestReplacementStyle(t *testing.T) {
	w := newFixture(t, map[string]string{rulesFile("notes"): `{"roles":[{"name":"all","apply_when":{},"read":true,"write":true,"insert":true,"delete":true}]}`})
	for name, caller := range map[string]rules.Caller{"user": w.me, "system": w.system} {
		w.expect(caller, "notes", "deleteMany", `{}`, w.deleteAllResult())
		w.insert("notes", `{"_id":1,"run":1,"name":"a"}`, `{"_id":2,"run":1,"name":"b"}`, `{"_id":3,"run":2}`)
		w.expect(caller, "notes", "updateOne", `{"query":{"name":"a"},"update":{"name":"Alison"}}`,
			`{"matchedCount":{"$numberInt":"1"},"modifiedCount":{"$numberInt":"1"}}`)
		if got := w.stored("notes", `{"_id":1}`); got != `{"_id":{"$numberInt":"1"},"name":"Alison"}` {
			t.Errorf("%s: replaced: %s", name, got)
		}
		w.expect(caller, "notes", "updateMany", `{"query":{"_id":{"$gte":1}},"update":{"hidden":"x"}}`,
			`{"matchedCount":{"$numberInt":"3"},"modifiedCount":{"$numberInt":"3"}}`)
		w.expect(caller, "notes", "count", `{"query":{"hidden":"x"}}`, `{"$numberLong":"3"}`)
		got, err := w.call(caller, "notes", "findOneAndUpdate",
			`{"filter":{"none":1},"update":{"name":"n","hidden":"h"},"upsert":true,"returnNewDocument":true}`)
		if err != nil {
			t.Fatal(err)
		}
		if keys := keysOf(got.Document()); keys != "_id name hidden" {
			t.Errorf("%s: upserted by replacement: %s", name, keys)
		}
		w.expect(caller, "notes", "findOneAndReplace", `{"filter":{"_id":2}}`, `{"_id":{"$numberInt":"2"},"hidden":"x"}`)
		if got := w.stored("notes", `{"_id":2}`); got != `{"_id":{"$numberInt":"2"}}` {
			t.Errorf("%s: findOneAndReplace without update left %s", name, got)
		}
		w.expectError(caller, "notes", "findOneAndReplace", `{"filter":{"_id":2},"update":{"$set":{"a":1}}}`,
			http.StatusBadRequest, api.CodeMongoDBError)
	}
}

func (w *fixture) deleteAllResult() string {
	n, err := w.db.Collection("notes").Count(w.ctx, bson.D{}, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	b, err := bson.MarshalExtJSON(bson.D{{Key: "deletedCount", Value: int32(n)}}, true, false)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(b)
}

func keysOf(d bson.Raw) string {
	elements, _ := d.Elements()
	var keys []string
	for _, e := range elements {
		keys = append(keys, e.Key())
	}
	return strings.Join(keys, " ")
}

// TestErrors: the texts that clients of App Services expect.
func TestErrors(t *testing.T) {
	w := newFixture(t, nil)
	w.insert(custom, `{"_id":1,"userId":"`+me+`"}`)
	const bad, mongo, arg = http.StatusBadRequest, api.CodeMongoDBError, api.CodeInvalidParameter
	for _, c := range []struct{ function, arg, code, want string }{
		{"find", `{"query":{"$who":1}}`, mongo, "unknown top level operator: $who"},
		{"updateOne", `{"query":{},"update":{"$who":{"a":1}}}`, mongo, "Unknown modifier: $who"},
		{"aggregate", `{"pipeline":[{"$who":1}]}`, mongo, "Unrecognized pipeline stage name: '$who'"},
		{"aggregate", `{"pipeline":[{"$match":{},"$limit":1}]}`, mongo, "exactly one field"},
		{"insertMany", `{"documents":[]}`, mongo, "must provide at least one element"},
		{"insertOne", `{"document":{"_id":1,"userId":"` + me + `"}}`, mongo, "Duplicate key error"},
		{"insertOne", `{}`, arg, "document must be an object"},
		{"insertOne", `{"document":3}`, arg, "document must be an object"},
		{"insertMany", `{"documents":[3]}`, arg, "documents must be an array of objects"},
		{"updateOne", `{"query":{}}`, arg, "update must be an object"},
		{"updateOne", `{"query":{},"update":{},"upsert":1}`, arg, "upsert must be true or false"},
		{"find", `{"limit":-1}`, arg, "limit must be a non-negative integer"},
		{"find", `{"hint":"x"}`, arg, "find: hint is not supported"},
		{"find", `{"query":[1]}`, arg, "query must be an object"},
		{"bulkWrite", `{}`, api.CodeServiceCommandNotFound, `no function "bulkWrite"`},
	} {
		if got := w.expectError(w.me, custom, c.function, c.arg, bad, c.code); !strings.Contains(got, c.want) {
			t.Errorf("%s %s: %q, want %q", c.function, c.arg, got, c.want)
		}
	}
	_, err := w.sources.Call(w.ctx, w.me, "nowhere", "insertOne",
		raw(t, `{"database":"a","collection":"b","document":{}}`))
	if err == nil || !strings.Contains(err.Error(), "Cannot access member 'insertOne' of undefined") {
		t.Errorf("an unknown service: %v", err)
	}
	for _, arg := range []string{`{"database":"a"}`, `{"database":1,"collection":"c"}`,
		`{"database":"a b","collection":"c"}`, `{"database":"a","collection":"system.users"}`,
		`{"database":"a","collection":""}`} {
		if _, err := w.sources.Call(w.ctx, w.me, service, "find", raw(t, arg)); err == nil {
			t.Errorf("%s succeeded", arg)
		}
	}
	if _, err := w.sources.Call(w.ctx, w.me, service, "find", nil); err == nil {
		t.Error("a call without an argument succeeded")
	}
}

// TestPermissionErrors: the error names the missing permission, and its status is never 401, on which the Web SDK would
// refresh its token in an endless loop.
func TestPermissionErrors(t *testing.T) {
	w := newFixture(t, map[string]string{
		rulesFile(custom): `{"roles":[{"name":"owner","apply_when":{"userId":"%%user.id"},"read":true,"write":false,"insert":false,"delete":false,
			"fields":{"nick":{"write":true}}}]}`,
	})
	w.insert(custom, `{"_id":1,"userId":"`+me+`","email":"a"}`)
	const rule = api.CodeNoMatchingRuleFound
	for _, c := range []struct {
		name, function, arg string
		status              int
		want                string
	}{
		{custom, "updateOne", `{"query":{},"update":{"$set":{"email":"b"}}}`, 403,
			`update not permitted: role "owner" of app.custom_user_data has no write permission for field "email"`},
		{custom, "updateOne", `{"query":{},"update":{"$set":{"nick":"n","x.y":1}}}`, 403, `field "x"`},
		{custom, "updateMany", `{"query":{},"update":{"$unset":{"email":1}}}`, 403, `field "email"`},
		{custom, "findOneAndUpdate", `{"filter":{},"update":{"$set":{"email":"b"}}}`, 403, `field "email"`},
		{custom, "insertOne", `{"document":{"userId":"` + me + `"}}`, 400,
			`insert not permitted: role "owner" of app.custom_user_data has no insert permission`},
		{custom, "insertOne", `{"document":{"userId":"` + other + `"}}`, 400,
			`insert not permitted: no role of app.custom_user_data applies`},
		{custom, "deleteOne", `{"query":{}}`, 403,
			`delete not permitted: role "owner" of app.custom_user_data has no delete permission`},
		{custom, "updateOne", `{"query":{"userId":"` + me + `","no":1},"update":{"$set":{"nick":"b"}},"upsert":true}`, 400,
			`insert not permitted`},
		{"elsewhere", "find", `{}`, 403, `find not permitted: there are no rules for mongodb-atlas.app.elsewhere`},
		{"elsewhere", "insertOne", `{"document":{}}`, 403, `mongodb-atlas.app.elsewhere`},
	} {
		if got := w.expectError(w.me, c.name, c.function, c.arg, c.status, rule); !strings.Contains(got,
			w.db.Localize(c.want)) {
			t.Errorf("%s %s: %q, want %q", c.function, c.arg, got, c.want)
		}
	}
	w.expect(w.me, custom, "updateOne", `{"query":{},"update":{"$set":{"nick":"n"}}}`,
		`{"matchedCount":{"$numberInt":"1"},"modifiedCount":{"$numberInt":"1"}}`)
	w.expect(w.system, custom, "updateOne", `{"query":{},"update":{"$set":{"email":"b"}}}`,
		`{"matchedCount":{"$numberInt":"1"},"modifiedCount":{"$numberInt":"1"}}`)
}

func TestInsertMany(t *testing.T) {
	w := newFixture(t, nil)
	w.expect(w.me, custom, "insertMany", `{"documents":[{"_id":1,"userId":"`+me+`"},{"_id":"x","userId":"`+me+`"}]}`,
		`{"insertedIds":[{"$numberInt":"1"},"x"]}`)
	w.expectError(w.me, custom, "insertMany", `{"documents":[{"_id":3,"userId":"`+me+`"},{"_id":1,"userId":"`+me+
		`"},{"_id":4,"userId":"`+me+`"}]}`, 400, api.CodeMongoDBError)
	w.expect(w.me, custom, "count", `{}`, `{"$numberLong":"3"}`)
	w.expectError(w.me, custom, "insertMany", `{"documents":[{"_id":5,"userId":"`+me+`"},{"_id":6,"userId":"`+other+`"}]}`,
		400, api.CodeNoMatchingRuleFound)
	w.expect(w.me, custom, "count", `{}`, `{"$numberLong":"3"}`)
}

// TestClock: a time that this package computes is the clock's.
func TestClock(t *testing.T) {
	w := newFixture(t, nil)
	w.insert(custom, `{"_id":1,"userId":"`+me+`"}`)
	w.sources.now = func() time.Time { return time.UnixMilli(1700000000123) }
	w.expect(w.me, custom, "findOneAndUpdate",
		`{"filter":{},"update":{"$currentDate":{"at":true}},"returnNewDocument":true,"projection":{"at":1,"_id":0}}`,
		`{"at":{"$date":{"$numberLong":"1700000000123"}}}`)
}

// TestOperations: a data source has the operations that package api lists, and no other.
func TestOperations(t *testing.T) {
	for _, c := range []struct {
		have map[string]operation
		want []string
	}{{clientOperations(), api.ClientOperations()}, {functionOperations(), api.FunctionOperations()}} {
		slices.Sort(c.want)
		if have := slices.Sorted(maps.Keys(c.have)); !slices.Equal(have, c.want) {
			t.Errorf("operations %v, want %v", have, c.want)
		}
	}
}

// TestUpdateOfALargeDocument: an update of one field reads from the database neither the other fields nor, afterwards,
// the document.
func TestUpdateOfALargeDocument(t *testing.T) {
	w := newFixture(t, nil)
	w.insert(custom, `{"_id":1,"userId":"`+me+`","n":1,"text":"`+strings.Repeat("long ", 1<<18)+`"}`)
	open := w.sources.open
	read := &meteredCollection{}
	w.sources.open = func(service, database, name string) (collection, bool) {
		c, ok := open(service, database, name)
		read.collection = c
		return read, ok
	}
	for _, function := range []string{"updateOne", "updateMany"} {
		read.bytes = 0
		w.expect(w.me, custom, function, `{"query":{"userId":"`+me+`"},"update":{"$inc":{"n":1}}}`,
			`{"matchedCount":{"$numberInt":"1"},"modifiedCount":{"$numberInt":"1"}}`)
		if read.bytes > 200 {
			t.Errorf("%s read %d bytes of a document for a change of one number", function, read.bytes)
		}
	}
}

// meteredCollection counts the bytes of the documents that the database returns.
type meteredCollection struct {
	collection
	bytes int
}

func (m *meteredCollection) Each(ctx context.Context, filter any, o store.Find, f func(bson.Raw) error) error {
	return m.collection.Each(ctx, filter, o, func(doc bson.Raw) error {
		m.bytes += len(doc)
		return f(doc)
	})
}

func (m *meteredCollection) FindOneAndUpdate(
	ctx context.Context, filter, update any, o store.FindAnd,
) (bson.Raw, error) {
	doc, err := m.collection.FindOneAndUpdate(ctx, filter, update, o)
	m.bytes += len(doc)
	return doc, err
}
