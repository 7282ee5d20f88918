package triggers_test

import (
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/backendtest"
	"dossier/backend/store"
	"dossier/backend/storetest"
)

// files is the demo application with triggers and a function "note" that stores its argument.
func files(t *testing.T, triggers map[string]string) fs.FS {
	t.Helper()
	all := map[string]string{
		"functions/config.json": `[{"name":"writeCustomUserData"},{"name":"note","private":true},{"name":"bad","private":true}]`,
		"functions/note.js": `exports = async function(event) {
			const seen = context.services.get("mongodb-atlas").db("app").collection("seen");
			await seen.insertOne({ event: { ...event, _id: undefined }, system: context.runningAsSystem(), type: context.user.type });
		};`,
		"functions/bad.js": `exports = () => { throw new Error("out of order") }`,
	}
	for name, text := range triggers {
		all["triggers/"+name+".json"] = text
	}
	return storetest.With(t, app.Demo(), all)
}

func authentication(event, function, providers string) string {
	return `{"name":"` + strings.ToLower(event) + function + `","type":"AUTHENTICATION","config":{"operation_type":"` +
		event + `","providers":[` + providers + `]},` +
		`"event_processors":{"FUNCTION":{"config":{"function_name":"` + function + `"}}}}`
}

func database(config string) string {
	return `{"name":"changes","type":"DATABASE","config":{"service_name":"mongodb-atlas","database":"app","collection":"things",` + config + `},` +
		`"event_processors":{"FUNCTION":{"config":{"function_name":"note"}}}}`
}

func ask(t *testing.T, w *backendtest.Harness, method, path, token, body string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, w.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", api.ContentType)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 300 {
		t.Fatalf("%s %s: %d %s %v", method, path, res.StatusCode, text, err)
	}
	return string(text)
}

// seen returns the stored events, in the order of the calls.
func seen(t *testing.T, w *backendtest.Harness) []bson.Raw {
	t.Helper()
	docs, err := w.Deployment.Collection(w.App.CustomData.Database, "seen").Find(t.Context(), nil,
		store.Find{Sort: bson.D{{Key: "_id", Value: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

// Sign-ins, created and deleted users run functions as system, with the hosted service's events; closing the service
// runs the queue; a function that fails does not affect others.
func TestAuthenticationTriggers(t *testing.T) {
	w := backendtest.StartWith(t, backendtest.Options{Files: files(t, map[string]string{
		"created": authentication("CREATE", "note", ""), "login": authentication("LOGIN", "note", `"anon-user"`),
		"deleted": authentication("DELETE", "note", ""), "bad": authentication("LOGIN", "bad", ""),
	})})
	var in struct {
		Token string `json:"access_token"`
		ID    string `json:"user_id"`
	}
	if err := json.Unmarshal([]byte(ask(t, w, "POST", api.LoginPath(w.AppID, api.Anonymous), "", "{}")), &in); err != nil {
		t.Fatal(err)
	}
	w.CreateUser(t, "ada@example.com", "correct horse", nil)
	// not among the providers of login
	ask(t, w, "POST", api.LoginPath(w.AppID, api.EmailPassword), "",
		`{"username":"ada@example.com","password":"correct horse"}`)
	ask(t, w, "DELETE", "/api/client/v2.0/auth/delete", in.Token, "")
	if err := w.Service.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, doc := range seen(t, w) {
		event := doc.Lookup("event").Document()
		kind := event.Lookup("operationType").StringValue()
		provider := event.Lookup("providers", "0").StringValue()
		if at := event.Lookup("time").Time(); !at.Equal(backendtest.StartTime) {
			t.Errorf("%s has the time %s", kind, at)
		}
		if !doc.Lookup("system").Boolean() || doc.Lookup("type").StringValue() != "system" {
			t.Errorf("%s did not run as system: %s", kind, doc)
		}
		if provider == "anon-user" && event.Lookup("user", "id").StringValue() != in.ID {
			t.Errorf("%s is about %s", kind, event)
		}
		kinds = append(kinds, kind+" "+provider)
	}
	slices.Sort(kinds)
	want := []string{"CREATE anon-user", "CREATE local-userpass", "DELETE anon-user", "LOGIN anon-user"}
	if !slices.Equal(kinds, want) {
		t.Errorf("ran for %v, want %v", kinds, want)
	}
	if log := w.Log.String(); strings.Count(log, "trigger failed") != 2 || !strings.Contains(log, "out of order") ||
		!strings.Contains(log, "error=\"functions/") {
		t.Errorf("log %s", log)
	}
}

// A trigger in two processes on one database runs once per change, in order, with the event that its settings select.
func TestDatabaseTriggers(t *testing.T) {
	w := backendtest.StartWith(t, backendtest.Options{Files: files(t, map[string]string{
		"changes": database(`"operation_types":["INSERT","UPDATE","DELETE"],"match":{"documentKey._id":{"$gt":0}},"full_document":false`),
	})})
	again := w.StartSecond(t)
	if !w.Deployment.Can().ChangeStreams {
		for _, s := range []*backendtest.Harness{w, again} {
			if n := strings.Count(s.Log.String(), "the deployment has no change streams"); n != 1 {
				t.Errorf("%d warnings", n)
			}
		}
		return
	}
	things := w.Deployment.Collection(w.App.CustomData.Database, "things")
	notes := watch(t, w, "seen")
	for i := range 5 {
		if _, err := things.InsertOne(t.Context(), bson.D{{Key: "_id", Value: int32(i)},
			{Key: "n", Value: int32(0)}}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := things.UpdateOne(t.Context(), bson.D{{Key: "_id", Value: 1}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "n", Value: 1}}}}, store.Change{}); err != nil {
		t.Fatal(err)
	}
	// not among the operation types
	if _, err := things.ReplaceOne(t.Context(), bson.D{{Key: "_id", Value: 1}}, bson.D{{Key: "n", Value: 2}},
		store.Change{}); err != nil {
		t.Fatal(err)
	}
	if _, err := things.DeleteOne(t.Context(), bson.D{{Key: "_id", Value: 2}}); err != nil {
		t.Fatal(err)
	}
	for range 6 {
		notes()
	}
	for _, s := range []*backendtest.Harness{w, again} {
		if err := s.Service.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, doc := range seen(t, w) {
		event := doc.Lookup("event").Document()
		text := event.Lookup("operationType").StringValue() + " " + event.Lookup("documentKey", "_id").String()
		if _, err := event.LookupErr("fullDocument"); err == nil {
			text += " whole"
		}
		if v, err := event.LookupErr("updateDescription", "updatedFields", "n"); err == nil {
			text += " n=" + v.String()
		}
		got = append(got, text)
	}
	number := func(n string) string { return `{"$numberInt":"` + n + `"}` }
	want := []string{
		"insert " + number("1") + " whole", "insert " + number("2") + " whole", "insert " + number("3") + " whole",
		"insert " + number("4") + " whole",
		"update " + number("1") + " n=" + number("1"), "delete " + number("2"),
	}
	if !slices.Equal(got, want) {
		t.Errorf("ran for\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// watch returns a function that waits for the next change of a collection.
func watch(t *testing.T, w *backendtest.Harness, collection string) func() {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(stop)
	stream, err := w.Deployment.Collection(w.App.CustomData.Database, collection).Watch(ctx, nil, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stream.Close)
	return func() {
		t.Helper()
		if _, err := stream.Next(ctx); err != nil {
			t.Fatalf("no change: %v; log %s", err, w.Log)
		}
	}
}
