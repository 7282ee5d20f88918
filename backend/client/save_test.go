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

const stored = `{"_id":{"$oid":"64b000000000000000000001"},"userId":"` + userID + `","favoriteColor":"pink"}`

// edit is a draft that makes the colour purple, starting from the stored document; nil: from none.
func edit(t *testing.T, base bson.Raw) model.Update {
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

// database scripts what updateOne answers and what the document is afterwards.
type database struct {
	updates []string // answers of updateOne in turn; "" breaks the connection
	holds   string   // what find answers; "" none
	broken  bool     // find fails too
}

func (d *database) serve(w http.ResponseWriter, name string, _ bson.Raw) {
	switch name {
	case "updateOne", "deleteOne":
		answer := d.updates[0]
		d.updates = d.updates[1:]
		switch {
		case answer == "":
			panic(http.ErrAbortHandler)
		case strings.Contains(answer, `"error"`):
			write(w, 400, answer)
		default:
			write(w, 200, answer)
		}
	case "find":
		if d.broken {
			write(w, 503, `{"error":"down"}`)
			return
		}
		write(w, 200, "["+d.holds+"]")
	}
}

const (
	matched   = `{"matchedCount":{"$numberInt":"1"},"modifiedCount":{"$numberInt":"1"}}`
	unmatched = `{"matchedCount":0,"modifiedCount":0}`
	upserted  = `{"matchedCount":0,"modifiedCount":0,"upsertedId":{"$oid":"64b000000000000000000009"}}`
	duplicate = `{"error":"insert in app.custom_user_data: Duplicate key error (index userId_1)","error_code":"MongoDBError"}`
)

func TestSaveNeverClaimsMoreThanItKnows(t *testing.T) {
	purple := strings.Replace(stored, "pink", "purple", 1)
	yellow := strings.Replace(stored, "pink", "yellow", 1)
	bare := strings.Replace(stored, `,"favoriteColor":"pink"`, "", 1)
	for name, tc := range map[string]struct {
		base  string
		db    database
		want  model.WriteResult
		kind  model.FaultKind
		text  string
		calls string
	}{
		"matched":                        {base: stored, db: database{updates: []string{matched}}, want: model.WriteResult{Saved: true}, calls: "updateOne"},
		"already so":                     {base: stored, db: database{updates: []string{unmatched}, holds: purple}, want: model.WriteResult{AlreadyDone: true}, calls: "updateOne find"},
		"changed meanwhile":              {base: stored, db: database{updates: []string{unmatched}, holds: yellow}, want: model.WriteResult{Conflict: true, Theirs: bson.Raw(yellow)}, calls: "updateOne find"},
		"gone meanwhile":                 {base: stored, db: database{updates: []string{unmatched}}, want: model.WriteResult{Conflict: true}, calls: "updateOne find"},
		"answer lost, saved":             {base: stored, db: database{updates: []string{""}, holds: purple}, want: model.WriteResult{Saved: true}, calls: "updateOne find"},
		"answer lost, not saved":         {base: stored, db: database{updates: []string{""}, holds: stored}, kind: model.Unreachable, text: "it was not saved", calls: "updateOne find"},
		"answer lost, nothing known":     {base: stored, db: database{updates: []string{""}, broken: true}, kind: model.Unreachable, text: "not known", calls: "updateOne find"},
		"made":                           {db: database{updates: []string{upserted}}, want: model.WriteResult{Saved: true}, calls: "updateOne"},
		"made by somebody else, same":    {db: database{updates: []string{matched}, holds: purple}, want: model.WriteResult{AlreadyDone: true}, calls: "updateOne find"},
		"made by somebody else, other":   {db: database{updates: []string{matched}, holds: yellow}, want: model.WriteResult{Conflict: true, Theirs: bson.Raw(yellow)}, calls: "updateOne find"},
		"made by somebody else, lacking": {db: database{updates: []string{matched, matched}, holds: bare}, want: model.WriteResult{Saved: true}, calls: "updateOne find updateOne"},
		"made at the same moment":        {db: database{updates: []string{duplicate, matched}, holds: bare}, want: model.WriteResult{Saved: true}, calls: "updateOne find updateOne"},
		"race lost twice":                {db: database{updates: []string{duplicate, unmatched}, holds: bare}, want: model.WriteResult{Conflict: true, Theirs: bson.Raw(bare)}, calls: "updateOne find updateOne find"},
		"denied":                         {base: stored, db: database{updates: []string{`{"error":"no rule lets you write","error_code":"NoMatchingRuleFound"}`}}, kind: model.PermissionDenied, text: "no rule lets you write", calls: "updateOne"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStub(t)
			p := s.signIn(t)
			s.call = tc.db.serve
			var base bson.Raw
			if tc.base != "" {
				base = document(t, tc.base)
			}
			got, err := p.Save(t.Context(), edit(t, base))
			if model.FaultKindOf(err) != tc.kind || tc.text != "" && !strings.Contains(fmt.Sprint(err), tc.text) {
				t.Fatalf("fault %s: %v", model.FaultKindOf(err), err)
			}
			if tc.want.Theirs != nil {
				tc.want.Theirs = document(t, string(tc.want.Theirs))
			}
			if got.Saved != tc.want.Saved || got.AlreadyDone != tc.want.AlreadyDone || got.Conflict != tc.want.Conflict || string(got.Theirs) != string(tc.want.Theirs) {
				t.Errorf("outcome %+v, want %+v", got, tc.want)
			}
			if s.made() != tc.calls {
				t.Errorf("calls %q, want %q", s.made(), tc.calls)
			}
			if stale := !p.Session().StaleSince.IsZero(); got.Saved && !stale {
				t.Error("after a save the snapshot is known to be old")
			}
		})
	}
}

func TestSaveSendsExactlyTheDraftsUpdate(t *testing.T) {
	s := newStub(t)
	p := s.signIn(t)
	var sent bson.Raw
	s.call = func(w http.ResponseWriter, _ string, arg bson.Raw) {
		sent = arg
		write(w, 200, matched)
	}
	u := edit(t, document(t, stored))
	if _, err := p.Save(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	if q, c := sent.Lookup("query").Document(), sent.Lookup("update").Document(); string(q) != string(u.Filter) || string(c) != string(u.Update) {
		t.Errorf("sent %s and %s, want %s and %s", q, c, u.Filter, u.Update)
	}
	if sent.Lookup("database").StringValue() != "app" || sent.Lookup("collection").StringValue() != "custom_user_data" {
		t.Errorf("sent to %s", sent)
	}
}

func TestRemoveOnlyWhatWasRead(t *testing.T) {
	for name, tc := range map[string]struct {
		db   database
		want model.WriteResult
	}{
		"as it was":   {database{updates: []string{`{"deletedCount":1}`}}, model.WriteResult{Saved: true}},
		"gone":        {database{updates: []string{`{"deletedCount":0}`}}, model.WriteResult{AlreadyDone: true}},
		"changed":     {database{updates: []string{`{"deletedCount":0}`}, holds: stored}, model.WriteResult{Conflict: true, Theirs: bson.Raw(stored)}},
		"answer lost": {database{updates: []string{""}}, model.WriteResult{Saved: true}},
	} {
		s := newStub(t)
		p := s.signIn(t)
		s.call = tc.db.serve
		got, err := p.DeleteDocument(t.Context(), model.CheckResult{Document: document(t, stored)})
		if err != nil || got.Saved != tc.want.Saved || got.AlreadyDone != tc.want.AlreadyDone || got.Conflict != tc.want.Conflict {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestLookSaysWhatTheDatabaseHolds(t *testing.T) {
	s := newStub(t)
	p := s.signIn(t)
	var asked bson.Raw
	answer := "[" + stored + "]"
	s.call = func(w http.ResponseWriter, _ string, arg bson.Raw) {
		asked = arg
		write(w, 200, answer)
	}
	r, err := p.Check(t.Context())
	if err != nil || color(r.Document) != "pink" || r.Duplicates != 0 || r.UserIDIsObjectID || !r.CheckedAt.Equal(moment()) {
		t.Fatalf("%+v, %v", r, err)
	}
	if ids, _ := asked.Lookup("query", "userId", "$in").Array().Values(); len(ids) != 2 || ids[1].ObjectID().Hex() != userID {
		t.Errorf("asked %s", asked)
	}
	if session := p.Session(); !session.CheckedAt.Equal(moment()) || !session.StaleSince.IsZero() {
		t.Errorf("the same document: %+v", session)
	}
	answer = `[{"_id":{"$oid":"64b000000000000000000001"},"userId":{"$oid":"` + userID + `"},"favoriteColor":"purple"},{"userId":{"$oid":"` + userID + `"}}]`
	r, err = p.Check(t.Context())
	if err != nil || r.Duplicates != 1 || !r.UserIDIsObjectID || p.Session().StaleSince.IsZero() {
		t.Errorf("%+v, %v, %+v", r, err, p.Session())
	}
	if _, err := p.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if session := p.Session(); !session.StaleSince.IsZero() || !session.CheckedAt.IsZero() {
		t.Errorf("a new snapshot has not been compared with anything: %+v", session)
	}
}

func TestFlagsSayWhereTheDataLives(t *testing.T) {
	s := newStub(t)
	p := s.signIn(t, func(o *client.Options) {
		o.CustomData = model.CustomDataConfig{Service: "other", Database: "db", Collection: "c", UserIDField: "owner"}
	})
	var asked bson.Raw
	s.call = func(w http.ResponseWriter, _ string, arg bson.Raw) {
		asked = arg
		write(w, 200, "[]")
	}
	r, err := p.Check(t.Context())
	if err != nil || r.Document != nil || asked.Lookup("collection").StringValue() != "c" {
		t.Fatalf("%+v, %v, asked %s", r, err, asked)
	}
	if _, err := asked.LookupErr("query", "owner"); err != nil {
		t.Errorf("asked %s", asked)
	}
}

func TestWatchTellsReconnectsAndNeverRenews(t *testing.T) {
	s := newStub(t)
	p := s.signIn(t)
	connections := 0
	caughtUp := make(chan struct{})
	s.call = func(w http.ResponseWriter, _ string, _ bson.Raw) {
		write(w, 200, "["+strings.Replace(stored, "pink", "green", 1)+"]")
	}
	s.watch = func(w http.ResponseWriter, r *http.Request) {
		connections++
		w.Header().Set("Content-Type", "text/event-stream")
		w.WriteHeader(200)
		w.(http.Flusher).Flush()
		switch connections {
		case 1:
			fmt.Fprintf(w, ": hello\r\n\r\nevent: message\r\ndata: {\"operationType\":\"update\",\"documentKey\":{\"_id\":{\"$oid\":\"64b000000000000000000001\"}},\r\n"+
				"data: \"fullDocument\":{\"userId\":%q,\"_id\":{\"$oid\":\"64b000000000000000000001\"},\"favoriteColor\":\"100%%25\"}}\r\n\r\n", userID)
		case 2:
			<-caughtUp
			s.expire()
		default:
			t.Error("a third connection although the token has expired")
		}
	}
	got := make(chan model.ChangeEvent, 10)
	ended := make(chan error, 1)
	go func() { ended <- p.Watch(t.Context(), func(e model.ChangeEvent) { got <- e }) }()
	if e := <-got; e.Operation != "update" || color(e.Document) != "100%" {
		t.Errorf("event %+v", e)
	}
	if p.Session().StaleSince.IsZero() {
		t.Error("the change was not noticed")
	}
	for _, want := range []string{model.StreamInterrupted, model.StreamResumed} {
		if e := <-got; e.Operation != want {
			t.Errorf("around the gap: %+v, want %q", e, want)
		}
	}
	if e := <-got; e.Operation != "replace" || color(e.Document) != "green" {
		t.Errorf("after the gap: %+v", e)
	}
	close(caughtUp)
	select {
	case err := <-ended:
		t.Errorf("ended: %v", err)
	case <-time.After(1200 * time.Millisecond):
	}
	if n := s.sessions.Load(); n != 0 {
		t.Errorf("watching renewed the token %d times", n)
	}
}

func TestWatchReturnsARefusalAtOnce(t *testing.T) {
	s := newStub(t)
	p := s.signIn(t)
	s.watch = func(w http.ResponseWriter, r *http.Request) {
		write(w, 400, `{"error":"this deployment has no change events","error_code":"MongoDBError"}`)
	}
	if err := p.Watch(t.Context(), func(model.ChangeEvent) {}); err == nil || !strings.Contains(err.Error(), "no change events") {
		t.Errorf("got %v", err)
	}
}

// Watching a service that is gone tries again with growing pauses, and the end of the context ends it without an error.
func TestWatchBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		c := client.New(client.Options{
			BaseURL: "http://gone", AppID: appID, Now: time.Now,
			CustomData: model.CustomDataConfig{Database: "d", Collection: "c", UserIDField: "userId"},
			Transport:  roundTripper(func(*http.Request) (*http.Response, error) { tries++; return nil, fmt.Errorf("gone") }),
		})
		p, err := c.Resume(client.Tokens{UserID: userID, Refresh: "r"})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := contextFor(t, 2*time.Minute)
		defer cancel()
		if err := p.Watch(ctx, func(model.ChangeEvent) {}); err != nil {
			t.Errorf("ended with %v", err)
		}
		if tries < 7 || tries > 12 { // 0.5 1 2 4 8 16 30 30 30 …
			t.Errorf("%d tries in two minutes", tries)
		}
	})
}

func TestASaveThatWasNeverSentIsNotInDoubt(t *testing.T) {
	s := newStub(t)
	p := s.signIn(t)
	s.Close()
	_, err := p.Save(t.Context(), edit(t, document(t, stored)))
	if model.FaultKindOf(err) != model.Unreachable || strings.Contains(err.Error(), "not known") {
		t.Errorf("a refused connection: %v", err)
	}
}
