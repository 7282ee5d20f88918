package datasource

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/rules"
	"dossier/backend/store"
)

// watch opens a stream. Where the deployment has no change streams it returns nil and checks the error.
func (w *fixture) watch(caller rules.Caller, name, arg string) *Stream {
	w.t.Helper()
	b, err := bson.Marshal(append(bson.D{{Key: "database", Value: w.db.Name()}, {Key: "collection", Value: name}},
		doc(w.t, arg)...))
	if err != nil {
		w.t.Fatal(err)
	}
	s, err := w.sources.Watch(w.ctx, caller, service, b)
	if !w.db.Deployment.Can().ChangeStreams {
		var e *api.Error
		if !errors.As(err, &e) || e.Status != http.StatusBadRequest || e.Code != api.CodeServiceCommandNotFound ||
			!strings.Contains(e.Message, "has no change streams") {
			w.t.Errorf("watching a deployment without change streams: %v", err)
		}
		return nil
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(s.Close)
	return s
}

// nextEvent returns the next event as canonical extended JSON without its time and resume token.
func (w *fixture) nextEvent(s *Stream) string {
	w.t.Helper()
	raw, err := s.Next(w.ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	var event, shown bson.D
	if err := bson.Unmarshal(raw, &event); err != nil {
		w.t.Fatal(err)
	}
	for _, e := range event {
		switch e.Key {
		case "_id", "clusterTime", "wallTime", "ns":
		default:
			shown = append(shown, e)
		}
	}
	text, err := bson.MarshalExtJSON(shown, false, false)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(text)
}

func (w *fixture) update(name, filter, update string) {
	w.t.Helper()
	if _, err := w.db.Collection(name).UpdateOne(w.ctx, doc(w.t, filter), doc(w.t, update), store.Change{}); err != nil {
		w.t.Fatal(err)
	}
}

// TestWatch: a stream reports only what its caller may see.
func TestWatch(t *testing.T) {
	w := newFixture(t, nil)
	w.insert(custom, `{"_id":1,"userId":"`+me+`","n":1}`, `{"_id":2,"userId":"`+other+`","n":1}`)
	mine, everything := w.watch(w.me, custom, `{}`), w.watch(w.system, custom, `{"filter":{"fullDocument.userId":"`+other+
		`"}}`)
	if mine == nil {
		return
	}
	w.update(custom, `{"_id":2}`, `{"$set":{"n":2}}`)
	if got := w.nextEvent(everything); !strings.Contains(got, `"documentKey":{"_id":2}`) {
		t.Errorf("event %s", got)
	}
	w.delete(custom, `{"_id":2}`)
	for _, c := range []struct {
		do   func()
		want string
	}{
		{func() { w.update(custom, `{"_id":1}`, `{"$set":{"n":3},"$unset":{"x":1}}`) },
			`"operationType":"update","documentKey":{"_id":1},"fullDocument":{"_id":1,"userId":"` + me +
				`","n":3},"updateDescription":{"updatedFields":{"n":3},"removedFields":[]}`},
		{func() { w.insert(custom, `{"_id":3,"userId":"`+me+`"}`) },
			`"operationType":"insert","documentKey":{"_id":3},"fullDocument":{"_id":3,"userId":"` + me + `"}`},
		{func() { w.update(custom, `{"_id":3}`, `{"$set":{"userId":"`+other+`"}}`) },
			`"operationType":"delete","documentKey":{"_id":3}}`},
		{func() { w.delete(custom, `{"_id":3}`); w.delete(custom, `{"_id":1}`) },
			`"operationType":"delete","documentKey":{"_id":1}}`},
	} {
		c.do()
		if got := w.nextEvent(mine); !strings.Contains(got, c.want) {
			t.Errorf("event %s, want %s", got, c.want)
		}
	}
}

func (w *fixture) delete(name, filter string) {
	w.t.Helper()
	if _, err := w.db.Collection(name).DeleteOne(w.ctx, doc(w.t, filter)); err != nil {
		w.t.Fatal(err)
	}
}

func TestWatchIDs(t *testing.T) {
	w := newFixture(t, nil)
	w.insert(custom, `{"_id":1,"userId":"`+me+`"}`, `{"_id":2,"userId":"`+me+`"}`)
	s := w.watch(w.me, custom, `{"ids":[{"$numberLong":"2"}]}`)
	if s == nil {
		return
	}
	w.update(custom, `{"_id":1}`, `{"$set":{"n":1}}`)
	w.update(custom, `{"_id":2}`, `{"$set":{"n":2}}`)
	if got := w.nextEvent(s); !strings.Contains(got, `"documentKey":{"_id":2}`) {
		t.Errorf("event %s", got)
	}
}

// TestWatchHidden: hidden fields appear in no part of an event, and no filter matches them.
func TestWatchHidden(t *testing.T) {
	w := newFixture(t, map[string]string{
		rulesFile("staff"): `{"roles":[{"name":"peer","apply_when":{},"fields":{"salary":{"read":false}},"additional_fields":{"read":true}}]}`,
	})
	w.insert("staff", `{"_id":1,"name":"a","salary":1}`)
	s, spy := w.watch(w.me, "staff", `{}`), w.watch(w.me, "staff",
		`{"filter":{"$or":[{"fullDocument.salary":2},{"updateDescription.updatedFields.salary":2},{"fullDocument.name":"end"}]}}`)
	if s == nil {
		return
	}
	w.update("staff", `{"_id":1}`, `{"$set":{"name":"b","salary":2}}`)
	w.update("staff", `{"_id":1}`, `{"$set":{"name":"end"},"$unset":{"salary":1}}`)
	for range 2 {
		if got := w.nextEvent(s); strings.Contains(got, "salary") || !strings.Contains(got,
			`"updatedFields":{"name":"end"}`) {
			t.Errorf("event %s", got)
		}
	}
	if got := w.nextEvent(spy); !strings.Contains(got, `"name":"end"`) {
		t.Errorf("event %s", got)
	}
}

func TestWatchErrors(t *testing.T) {
	w := newFixture(t, nil)
	for name, arg := range map[string]string{
		"elsewhere": `{"database":"app","collection":"elsewhere"}`,
		"code":      `{"database":"app","collection":"custom_user_data","filter":{"$where":"1"}}`,
		"ids":       `{"database":"app","collection":"custom_user_data","ids":3}`,
		"more":      `{"database":"app","collection":"custom_user_data","resumeAfter":{}}`,
	} {
		if s, err := w.sources.Watch(w.ctx, w.me, service, raw(t, w.db.Localize(arg))); err == nil {
			s.Close()
			t.Errorf("%s succeeded", name)
		} else if strings.Contains(err.Error(), "has no change streams") {
			t.Errorf("%s fails too late: %v", name, err)
		}
	}
	s := w.watch(w.me, custom, `{}`)
	if s == nil {
		return
	}
	ctx, stop := context.WithCancel(w.ctx)
	time.AfterFunc(20*time.Millisecond, stop)
	if _, err := s.Next(ctx); err == nil || ctx.Err() == nil && !errors.Is(err, context.Canceled) {
		t.Errorf("a canceled stream: %v", err)
	}
}

// TestSchema: users cannot write documents that violate schema.json.
func TestSchema(t *testing.T) {
	w := newFixture(t, map[string]string{
		"data_sources/" + service + "/app/custom_user_data/schema.json": `{"title":"custom","bsonType":"object","required":["userId"],"properties":{"userId":{"bsonType":"string"},"age":{"bsonType":"int","minimum":0}}}`,
	})
	w.expect(w.me, custom, "insertOne", `{"document":{"_id":1,"userId":"`+me+`","age":3}}`,
		`{"insertedId":{"$numberInt":"1"}}`)
	for _, c := range []struct{ function, arg, why string }{
		{"insertOne", `{"document":{"userId":"` + me + `","age":-1}}`, "age: requires minimum 0"},
		{"updateOne", `{"query":{},"update":{"$set":{"age":"old"}}}`, `age: requires bsonType "int"`},
		{"updateOne", `{"query":{"_id":7,"userId":"` + me + `"},"update":{"$set":{"age":0.5}},"upsert":true}`,
			`age: requires bsonType "int"`},
	} {
		if got := w.expectError(w.me, custom, c.function, c.arg, 400, "SchemaValidationFailedWrite"); !strings.Contains(got,
			"does not match schema.json of the collection: "+c.why) {
			t.Errorf("%s: %s", c.arg, got)
		}
	}
	w.expect(w.me, custom, "updateOne", `{"query":{},"update":{"$set":{"age":4}}}`,
		`{"matchedCount":{"$numberInt":"1"},"modifiedCount":{"$numberInt":"1"}}`)
}
