package client_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/client"
	"dossier/model"
)

const storedDocument = `{"_id":{"$oid":"64b000000000000000000001"},"userId":"` + userID + `","favoriteColor":"pink"}`

// setPurple returns the update that sets the color to purple; base may be nil.
func setPurple(t *testing.T, base bson.Raw) model.Update {
	t.Helper()
	d := model.NewDraft(base, model.Owner{UserIDField: "userId", UserID: model.ValueOf(userID)})
	if err := d.Set(model.Path{"favoriteColor"}, model.ValueOf("purple")); err != nil {
		t.Fatal(err)
	}
	u, err := d.Update()
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func document(t *testing.T, text string) bson.Raw {
	t.Helper()
	doc, err := model.ParseDocument(text)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// scriptedDatabase responds to updateOne and deleteOne with scripted responses and to find with a document.
type scriptedDatabase struct {
	updates  []string // responses of updateOne in order; "" closes the connection
	document string   // response of find; "" none
	broken   bool     // find fails too
	before   string   // response of find before the first updateOne or deleteOne; "": document
}

func (d *scriptedDatabase) serve(w http.ResponseWriter, name string, _ bson.Raw) {
	switch name {
	case "updateOne", "deleteOne":
		response := d.updates[0]
		d.before = ""
		d.updates = d.updates[1:]
		switch {
		case response == "":
			panic(http.ErrAbortHandler)
		case response == internalError:
			respond(w, 500, response)
		case response == gatewayError:
			respond(w, 504, response)
		case strings.Contains(response, `"error"`):
			respond(w, 400, response)
		default:
			respond(w, 200, response)
		}
	case "find":
		if d.broken {
			respond(w, 503, `{"error":"down"}`)
			return
		}
		if d.before != "" {
			respond(w, 200, "["+d.before+"]")
			return
		}
		respond(w, 200, "["+d.document+"]")
	}
}

const (
	matched   = `{"matchedCount":{"$numberInt":"1"},"modifiedCount":{"$numberInt":"1"}}`
	unmatched = `{"matchedCount":0,"modifiedCount":0}`
	upserted  = `{"matchedCount":0,"modifiedCount":0,"upsertedId":{"$oid":"64b000000000000000000009"}}`
	duplicate = `{"error":"insert in app.custom_user_data: Duplicate key error (index userId_1)",` +
		`"error_code":"MongoDBError"}`
	internalError = `{"error":"disk full","error_code":"InternalServerError"}`
	gatewayError  = `{"message":"upstream timed out"}`
	ruleMissing   = `{"error":"no rule lets you write","error_code":"NoMatchingRuleFound"}`
)

func TestSaveResults(t *testing.T) {
	purple := strings.Replace(storedDocument, "pink", "purple", 1)
	yellow := strings.Replace(storedDocument, "pink", "yellow", 1)
	bare := strings.Replace(storedDocument, `,"favoriteColor":"pink"`, "", 1)
	for name, tc := range map[string]struct {
		base  string
		db    scriptedDatabase
		want  model.WriteResult
		kind  model.FaultKind
		text  string
		calls string
	}{
		"matched": {base: storedDocument, db: scriptedDatabase{updates: []string{matched}},
			want: model.WriteResult{Saved: true}, calls: "updateOne"},
		"already saved": {base: storedDocument, db: scriptedDatabase{updates: []string{unmatched},
			document: purple}, want: model.WriteResult{AlreadyDone: true}, calls: "updateOne find"},
		"changed meanwhile": {base: storedDocument, db: scriptedDatabase{updates: []string{unmatched},
			document: yellow}, want: model.WriteResult{Conflict: true, Theirs: bson.Raw(yellow)}, calls: "updateOne find"},
		"unchanged, as far as JSON shows": {base: storedDocument, db: scriptedDatabase{updates: []string{unmatched},
			document: storedDocument}, kind: model.Failed, text: "returns favoriteColor unchanged, but does not find this value",
			calls: "updateOne find"},
		"deleted meanwhile": {base: storedDocument, db: scriptedDatabase{updates: []string{unmatched}},
			want: model.WriteResult{Conflict: true}, calls: "updateOne find"},
		"response lost, saved": {base: storedDocument, db: scriptedDatabase{updates: []string{""},
			document: purple}, want: model.WriteResult{Saved: true}, calls: "updateOne find"},
		"response lost, not saved so far": {base: storedDocument, db: scriptedDatabase{updates: []string{""},
			document: storedDocument}, kind: model.Unreachable, text: "unknown whether the change was saved: the document " +
			"did not have it yet", calls: "updateOne find"},
		"error of the service, not saved": {base: storedDocument, db: scriptedDatabase{updates: []string{internalError},
			document: storedDocument}, kind: model.Failed, text: "the change was not saved; save again",
			calls: "updateOne find"},
		"error of a proxy": {base: storedDocument, db: scriptedDatabase{updates: []string{gatewayError},
			document: storedDocument}, kind: model.Unreachable, text: "it is unknown whether", calls: "updateOne find"},
		"response lost, unknown": {base: storedDocument, db: scriptedDatabase{updates: []string{""},
			broken: true}, kind: model.Unreachable, text: "it is unknown whether", calls: "updateOne find"},
		"created": {db: scriptedDatabase{updates: []string{upserted}},
			want: model.WriteResult{Saved: true}, calls: "updateOne"},
		"created concurrently, same": {db: scriptedDatabase{updates: []string{matched}, document: purple},
			want: model.WriteResult{AlreadyDone: true}, calls: "updateOne find"},
		"created concurrently, different": {db: scriptedDatabase{updates: []string{matched}, document: yellow},
			want: model.WriteResult{Conflict: true, Theirs: bson.Raw(yellow)}, calls: "updateOne find"},
		"created concurrently, field missing": {db: scriptedDatabase{updates: []string{matched, matched}, document: bare},
			want: model.WriteResult{Saved: true}, calls: "updateOne find updateOne"},
		"duplicate key": {db: scriptedDatabase{updates: []string{duplicate, matched}, document: bare},
			want: model.WriteResult{Saved: true}, calls: "updateOne find updateOne"},
		"concurrent change after retry": {db: scriptedDatabase{updates: []string{duplicate, unmatched}, document: bare},
			want: model.WriteResult{Conflict: true, Theirs: bson.Raw(bare)}, calls: "updateOne find updateOne find"},
		"denied": {base: storedDocument, db: scriptedDatabase{updates: []string{ruleMissing}},
			kind: model.PermissionDenied, text: "no rule lets you write", calls: "updateOne"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStub(t)
			user := s.signIn(t)
			s.call = tc.db.serve
			var base bson.Raw
			if tc.base != "" {
				base = document(t, tc.base)
			}
			got, err := user.Save(t.Context(), setPurple(t, base))
			if model.FaultKindOf(err) != tc.kind || tc.text != "" && !strings.Contains(fmt.Sprint(err), tc.text) {
				t.Fatalf("fault of kind %s: %v", model.FaultKindOf(err), err)
			}
			if tc.want.Theirs != nil {
				tc.want.Theirs = document(t, string(tc.want.Theirs))
			}
			if got.Saved != tc.want.Saved || got.AlreadyDone != tc.want.AlreadyDone || got.Conflict != tc.want.Conflict ||
				string(got.Theirs) != string(tc.want.Theirs) {
				t.Errorf("result %+v, want %+v", got, tc.want)
			}
			if s.callNames() != tc.calls {
				t.Errorf("calls %q, want %q", s.callNames(), tc.calls)
			}
			if stale := !user.Session().StaleSince.IsZero(); got.Saved && !stale {
				t.Error("StaleSince is not set after a save")
			} else if got.Saved && tc.calls == "updateOne" && !user.Session().ChangedAt.Equal(fixedTime()) {
				t.Error("ChangedAt is not the time of the save")
			}
		})
	}
}

// lateService holds a write until the client has given up and read the document, and executes it then.
func lateService(t *testing.T) (user *client.User, execute func() string) {
	t.Helper()
	s := newStub(t)
	user = s.signIn(t, func(o *client.Options) { o.Timeout = 50 * time.Millisecond })
	checked, executed := make(chan struct{}), make(chan string, 1)
	s.call = func(w http.ResponseWriter, name string, _ bson.Raw) {
		if name == "find" {
			respond(w, 200, "["+storedDocument+"]")
			return
		}
		<-checked
		executed <- name
	}
	return user, func() string {
		close(checked)
		return <-executed
	}
}

// TestLateWriteIsUnknown: a service may execute a write after the client has given up and read the document: what the
// client read does not prove that nothing is written.
func TestLateWriteIsUnknown(t *testing.T) {
	stored := document(t, storedDocument)
	for name, tc := range map[string]struct {
		write  func(*client.User) error
		advice string
	}{
		"updateOne": {func(u *client.User) error {
			_, err := u.Save(t.Context(), setPurple(t, stored))
			return err
		}, "save again: a change is never applied twice"},
		"deleteOne": {func(u *client.User) error {
			_, err := u.DeleteDocument(t.Context(), model.CheckResult{Document: stored})
			return err
		}, "delete again"},
		"writeCustomUserData": {func(u *client.User) error {
			_, err := u.Call(t.Context(), "writeCustomUserData", nil)
			return err
		}, "before you call it again"},
	} {
		user, execute := lateService(t)
		err := tc.write(user)
		if text := fmt.Sprint(err); model.FaultKindOf(err) != model.Unreachable || strings.Contains(text, "was not") ||
			!strings.Contains(text, "in time; it is unknown whether") || !strings.HasSuffix(text, tc.advice) {
			t.Errorf("%s: %v", name, err)
		}
		if executed := execute(); executed != name {
			t.Errorf("%s was executed, want %s", executed, name)
		}
	}
}

func TestSaveSendsDraftUpdate(t *testing.T) {
	s := newStub(t)
	user := s.signIn(t)
	var sent bson.Raw
	s.call = func(w http.ResponseWriter, _ string, arg bson.Raw) {
		sent = arg
		respond(w, 200, matched)
	}
	u := setPurple(t, document(t, storedDocument))
	if _, err := user.Save(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	if q, c := sent.Lookup("query").Document(), sent.Lookup("update").Document(); string(q) != string(u.Filter) ||
		string(c) != string(u.Update.Value) {
		t.Errorf("sent %s and %s, want %s and %s", q, c, u.Filter, u.Update)
	}
	if sent.Lookup("database").StringValue() != "app" || sent.Lookup("collection").StringValue() != "custom_user_data" {
		t.Errorf("sent to %s", sent)
	}
}

func TestDeleteDocumentOnlyIfUnchanged(t *testing.T) {
	for name, tc := range map[string]struct {
		db   scriptedDatabase
		want model.WriteResult
	}{
		"unchanged": {scriptedDatabase{updates: []string{`{"deletedCount":1}`}, before: storedDocument},
			model.WriteResult{Saved: true}},
		"deleted before": {scriptedDatabase{}, model.WriteResult{AlreadyDone: true}},
		"deleted": {scriptedDatabase{updates: []string{`{"deletedCount":0}`}, before: storedDocument},
			model.WriteResult{AlreadyDone: true}},
		"a field added": {scriptedDatabase{document: strings.Replace(storedDocument, "{", `{"added":1,`, 1)},
			model.WriteResult{Conflict: true, Theirs: bson.Raw(storedDocument)}},
		"changed": {scriptedDatabase{updates: []string{`{"deletedCount":0}`}, document: storedDocument},
			model.WriteResult{Conflict: true, Theirs: bson.Raw(storedDocument)}},
		"response lost": {scriptedDatabase{updates: []string{""}, before: storedDocument}, model.WriteResult{Saved: true}},
	} {
		s := newStub(t)
		user := s.signIn(t)
		s.call = tc.db.serve
		got, err := user.DeleteDocument(t.Context(), model.CheckResult{Document: document(t, storedDocument)})
		if err != nil || got.Saved != tc.want.Saved || got.AlreadyDone != tc.want.AlreadyDone ||
			got.Conflict != tc.want.Conflict {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestCheckComparesWithSnapshot(t *testing.T) {
	s := newStub(t)
	user := s.signIn(t)
	var requested bson.Raw
	response := "[" + storedDocument + "]"
	s.call = func(w http.ResponseWriter, _ string, arg bson.Raw) {
		requested = arg
		respond(w, 200, response)
	}
	r, err := user.Check(t.Context())
	if err != nil || color(r.Document) != "pink" || r.Duplicates != 0 || r.UserIDIsObjectID ||
		!r.CheckedAt.Equal(fixedTime()) {
		t.Fatalf("%+v, %v", r, err)
	}
	if ids, _ := requested.Lookup("query", "userId", "$in").Array().Values(); len(ids) != 2 ||
		ids[1].ObjectID().Hex() != userID {
		t.Errorf("requested %s", requested)
	}
	if session := user.Session(); !session.CheckedAt.Equal(fixedTime()) || !session.StaleSince.IsZero() {
		t.Errorf("after a check without difference: %+v", session)
	}
	response = `[{"_id":{"$oid":"64b000000000000000000001"},"userId":{"$oid":"` + userID +
		`"},"favoriteColor":"purple"},{"userId":{"$oid":"` + userID + `"}}]`
	r, err = user.Check(t.Context())
	if err != nil || r.Duplicates != 1 || !r.UserIDIsObjectID || user.Session().StaleSince.IsZero() {
		t.Errorf("%+v, %v, %+v", r, err, user.Session())
	}
	if _, err := user.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if session := user.Session(); !session.StaleSince.IsZero() || !session.CheckedAt.IsZero() {
		t.Errorf("after a refresh: %+v, want no check", session)
	}
}

func TestOptionsOverrideCustomDataConfig(t *testing.T) {
	s := newStub(t)
	user := s.signIn(t, func(o *client.Options) {
		o.CustomData = model.CustomDataConfig{Service: "other", Database: "db", Collection: "c", UserIDField: "owner"}
	})
	var requested bson.Raw
	s.call = func(w http.ResponseWriter, _ string, arg bson.Raw) {
		requested = arg
		respond(w, 200, "[]")
	}
	r, err := user.Check(t.Context())
	if err != nil || r.Document != nil || requested.Lookup("collection").StringValue() != "c" {
		t.Fatalf("%+v, %v, requested %s", r, err, requested)
	}
	if _, err := requested.LookupErr("query", "owner"); err != nil {
		t.Errorf("requested %s", requested)
	}
}

func TestWatchReconnectsAndNeverRefreshes(t *testing.T) {
	s := newStub(t)
	user := s.signIn(t)
	connections := 0
	currentSent := make(chan struct{})
	s.call = func(w http.ResponseWriter, _ string, _ bson.Raw) {
		respond(w, 200, "["+strings.Replace(storedDocument, "pink", "green", 1)+"]")
	}
	s.watch = func(w http.ResponseWriter, r *http.Request) {
		connections++
		w.Header().Set("Content-Type", "text/event-stream")
		w.WriteHeader(200)
		w.(http.Flusher).Flush()
		switch connections {
		case 1:
			fmt.Fprintf(w, ": hello\r\n\r\nevent: message\r\ndata: "+
				"{\"operationType\":\"update\",\"documentKey\":{\"_id\":{\"$oid\":\"64b000000000000000000001\"}},\r\n"+
				"data: \"fullDocument\":{\"userId\":%q,\"_id\":{\"$oid\":\"64b000000000000000000001\"},"+
				"\"favoriteColor\":\"100%%25\"}}\r\n\r\n", userID)
		case 2:
			<-currentSent
			s.expireTokens()
		default:
			t.Error("third connection although the token has expired")
		}
	}
	got := make(chan model.ChangeEvent, 10)
	ended := make(chan error, 1)
	go func() { ended <- user.Watch(t.Context(), func(e model.ChangeEvent) { got <- e }) }()
	if e := <-got; e.Operation != "update" || color(e.Document) != "100%" {
		t.Errorf("event %+v", e)
	}
	if user.Session().StaleSince.IsZero() {
		t.Error("StaleSince is not set after the event")
	}
	for _, want := range []string{model.StreamInterrupted, model.StreamResumed} {
		if e := <-got; e.Operation != want {
			t.Errorf("event %+v, want %q", e, want)
		}
	}
	if e := <-got; e.Operation != "replace" || color(e.Document) != "green" {
		t.Errorf("after the interruption: %+v", e)
	}
	close(currentSent)
	select {
	case err := <-ended:
		t.Errorf("ended: %v", err)
	case <-time.After(1200 * time.Millisecond):
	}
	if n := s.sessions.Load(); n != 0 {
		t.Errorf("watching refreshed the token %d times", n)
	}
}

func TestWatchReturnsPermanentErrors(t *testing.T) {
	s := newStub(t)
	user := s.signIn(t)
	s.watch = func(w http.ResponseWriter, r *http.Request) {
		respond(w, 400, `{"error":"this deployment has no change streams","error_code":"MongoDBError"}`)
	}
	if err := user.Watch(t.Context(), func(model.ChangeEvent) {}); err == nil || !strings.Contains(err.Error(),
		"no change streams") {
		t.Errorf("got %v", err)
	}
}

// TestWatchBacksOff: watching an unreachable service retries with exponential backoff until the context ends, without
// an error.
func TestWatchBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		c := client.New(client.Options{
			BaseURL: "http://unreachable", AppID: appID, Now: time.Now,
			CustomData: model.CustomDataConfig{Database: "d", Collection: "c", UserIDField: "userId"},
			Transport: roundTripper(func(*http.Request) (*http.Response, error) {
				attempts++
				return nil,
					fmt.Errorf("unreachable")
			}),
		})
		user, err := c.Resume(client.Tokens{UserID: userID, Refresh: "r"})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := timeoutContext(t, 2*time.Minute)
		defer cancel()
		if err := user.Watch(ctx, func(model.ChangeEvent) {}); err != nil {
			t.Errorf("ended with %v", err)
		}
		if attempts < 7 || attempts > 12 { // 0.5 1 2 4 8 16 30 30 30 …
			t.Errorf("%d attempts in two minutes", attempts)
		}
	})
}

func TestSaveNeverSentIsCertain(t *testing.T) {
	s := newStub(t)
	user := s.signIn(t)
	s.Close()
	_, err := user.Save(t.Context(), setPurple(t, document(t, storedDocument)))
	if model.FaultKindOf(err) != model.Unreachable || strings.Contains(err.Error(), "unknown") {
		t.Errorf("a refused connection: %v", err)
	}
}
