package client_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/backendtest"
	"dossier/backend/client"
	"dossier/backend/store"
	"dossier/model"
)

// counted is a transport that counts renewals.
type counted struct {
	renewals atomic.Int32
	calls    atomic.Int32
}

func (c *counted) RoundTrip(r *http.Request) (*http.Response, error) {
	c.calls.Add(1)
	if r.Method == http.MethodPost && r.URL.Path == api.SessionPath {
		c.renewals.Add(1)
	}
	return http.DefaultTransport.RoundTrip(r)
}

// world is a service with one person who is signed in.
func world(t *testing.T, o backendtest.Options) (*backendtest.Harness, *client.User, *counted) {
	t.Helper()
	w := backendtest.StartWith(t, o)
	w.CreateUser(t, "ann@example.com", "correct horse", bson.D{{Key: "favoriteColor", Value: "pink"}, {Key: "n", Value: 1}})
	c := &counted{}
	sdk := client.New(client.Options{BaseURL: w.URL, AppID: w.AppID, Now: w.Clock.Now, Transport: c})
	p, err := sdk.SignIn(t.Context(), password("ann@example.com", "correct horse"))
	if err != nil {
		t.Fatal(err)
	}
	return w, p, c
}

// The token expires; the snapshot stays as old as it is "plus the time until the next SDK call", and that call renews it once for all.
func TestServiceRenewsOnceForAll(t *testing.T) {
	w, p, c := world(t, backendtest.Options{})
	change(t, w, p.ID(), bson.D{{Key: "favoriteColor", Value: "purple"}})
	w.Clock.Advance(31 * time.Minute)
	before := c.calls.Load()
	if s := p.Session(); color(s.Snapshot.CustomData) != "pink" || w.Clock.Now().Before(s.Snapshot.ExpiresAt) || c.calls.Load() != before {
		t.Errorf("looking at the session: %+v", s)
	}
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if _, err := p.Check(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	s := p.Session()
	if n := c.renewals.Load(); n != 1 || s.Refreshes != 1 {
		t.Errorf("%d renewals for 50 calls, want 1", n)
	}
	if s.Previous == nil || color(s.Previous.CustomData) != "pink" || color(s.Snapshot.CustomData) != "purple" || !s.StaleSince.IsZero() {
		t.Errorf("session %+v", s)
	}
}

func change(t *testing.T, w *backendtest.Harness, userID string, set bson.D) {
	t.Helper()
	done, err := w.CustomData().UpdateOne(t.Context(), bson.D{{Key: "userId", Value: userID}}, bson.D{{Key: "$set", Value: set}}, store.Change{})
	if err != nil || done.Matched != 1 {
		t.Fatalf("%+v, %v", done, err)
	}
}

func TestServiceSaveConflictAndRemove(t *testing.T) {
	w, p, _ := world(t, backendtest.Options{})
	r, err := p.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d := model.NewDraft(r.Document, r.Owner("userId", p.ID()))
	if err := d.Set(model.Path{"favoriteColor"}, model.ValueOf("purple")); err != nil {
		t.Fatal(err)
	}
	u, err := d.Update()
	if err != nil {
		t.Fatal(err)
	}
	change(t, w, p.ID(), bson.D{{Key: "favoriteColor", Value: "yellow"}})
	out, err := p.Save(t.Context(), u)
	if err != nil || !out.Conflict || color(out.Theirs) != "yellow" || len(d.Conflicts(out.Theirs)) != 1 {
		t.Fatalf("%+v, %v", out, err)
	}
	if p.Session().StaleSince.IsZero() {
		t.Error("the read that the conflict needed showed that the snapshot is old")
	}
	change(t, w, p.ID(), bson.D{{Key: "favoriteColor", Value: "pink"}, {Key: "n", Value: 2}})
	if out, err := p.Save(t.Context(), u); err != nil || !out.Saved {
		t.Fatalf("a change elsewhere in the document is no conflict: %+v, %v", out, err)
	}
	if out, err := p.DeleteDocument(t.Context(), r); err != nil || !out.Conflict {
		t.Errorf("removing what was changed: %+v, %v", out, err)
	}
	if r, err = p.Check(t.Context()); err != nil || color(r.Document) != "purple" {
		t.Fatalf("%+v, %v", r, err)
	}
	if out, err := p.DeleteDocument(t.Context(), r); err != nil || !out.Saved {
		t.Errorf("removing: %+v, %v", out, err)
	}
	if _, err := p.Refresh(t.Context()); err != nil || p.CustomData() != nil {
		t.Errorf("after removing: %s, %v", p.CustomData(), err)
	}
	// The only upsert: there is no document.
	d = model.NewDraft(nil, model.Owner{UserIDField: "userId", UserID: model.ValueOf(p.ID())})
	if err := d.Set(model.Path{"favoriteColor"}, model.ValueOf("green")); err != nil {
		t.Fatal(err)
	}
	if u, err = d.Update(); err != nil {
		t.Fatal(err)
	}
	if out, err := p.Save(t.Context(), u); err != nil || !out.Saved {
		t.Errorf("making the document: %+v, %v", out, err)
	}
}

func TestServiceWithoutDatabaseKeepsTheSession(t *testing.T) {
	w, p, _ := world(t, backendtest.Options{ShortTimeouts: true})
	w.Connection.Cut()
	_, err := p.Refresh(t.Context())
	if model.FaultKindOf(err) != model.Unreachable || !p.Session().SignedIn {
		t.Errorf("refresh: %v", err)
	}
	if _, err := p.Check(t.Context()); model.FaultKindOf(err) != model.Unreachable {
		t.Errorf("look: %v", err)
	}
}

func TestServiceSignInFaultsAndRegister(t *testing.T) {
	w := backendtest.Start(t)
	c := client.New(client.Options{BaseURL: w.URL, AppID: w.AppID, Now: w.Clock.Now})
	if _, err := c.SignIn(t.Context(), password("new@example.com", "some password")); model.FaultKindOf(err) != model.InvalidCredentials {
		t.Errorf("unknown: %v", err)
	}
	if err := c.Register(t.Context(), "new@example.com", "some password"); err != nil {
		t.Fatal(err)
	}
	if err := c.Register(t.Context(), "new@example.com", "some password"); model.FaultKindOf(err) != model.InvalidInput || !strings.Contains(err.Error(), "name already in use") {
		t.Errorf("registered twice: %v", err)
	}
	if err := c.Register(t.Context(), "other@example.com", "short"); model.FaultKindOf(err) != model.InvalidInput || !strings.Contains(err.Error(), "between 6 and 128") {
		t.Errorf("a short password: %v", err)
	}
	p, err := c.SignIn(t.Context(), model.Credential{Provider: api.Anonymous})
	if err != nil || p.CustomData() != nil {
		t.Fatalf("%s, %v", p.CustomData(), err)
	}
	id := p.ID()
	if err := p.Link(t.Context(), password("new@example.com", "wrong password")); model.FaultKindOf(err) != model.InvalidCredentials || !p.Session().SignedIn {
		t.Errorf("linking with a wrong password: %v", err)
	}
	if err := p.Link(t.Context(), password("new@example.com", "some password")); err != nil {
		t.Fatal(err)
	}
	if u := p.CachedProfile(); u.ID != id || len(u.Identities) != 2 || p.Account().Provider != api.EmailPassword {
		t.Errorf("after linking: %+v, %s", u, p.Account().Provider)
	}
	other, err := c.SignIn(t.Context(), model.Credential{Provider: api.Anonymous})
	if err != nil {
		t.Fatal(err)
	}
	err = other.Link(t.Context(), password("new@example.com", "some password"))
	if model.FaultKindOf(err) != model.IdentityTaken || !strings.Contains(err.Error(), "belongs to another account already") || !other.Session().SignedIn {
		t.Errorf("linking somebody else's identity: %v", err)
	}
	if err := p.SignOut(t.Context()); err != nil || p.Session().SignedIn {
		t.Errorf("signing out: %v", err)
	}
}

func TestServiceWatch(t *testing.T) {
	w, p, c := world(t, backendtest.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	events := make(chan model.ChangeEvent, 10)
	ended := make(chan error, 1)
	before := c.calls.Load()
	go func() { ended <- p.Watch(ctx, func(e model.ChangeEvent) { events <- e }) }()
	if !w.Deployment.Can().ChangeStreams {
		err := <-ended
		if f := (*model.Fault)(nil); !errors.As(err, &f) || f.Kind != model.Failed || f.Code != api.CodeServiceCommandNotFound || !strings.Contains(f.Message, "has no change streams") {
			t.Errorf("watching where there are no change streams: %#v", err)
		}
		if n := c.calls.Load() - before; n != 1 {
			t.Errorf("refused for good after %d calls, want 1", n)
		}
		return
	}
	// The stream opens at its own time: change the document until an event comes.
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var first model.ChangeEvent
	for n := 10; first.Operation == ""; n++ {
		select {
		case first = <-events:
		case err := <-ended:
			t.Fatalf("ended: %v", err)
		case <-tick.C:
			change(t, w, p.ID(), bson.D{{Key: "n", Value: n}})
		}
	}
	if first.Operation != "update" || first.Document.Lookup("n").AsInt64() < 10 || p.Session().StaleSince.IsZero() {
		t.Errorf("event %+v, session %+v", first, p.Session())
	}
	cancel()
	if err := <-ended; err != nil || c.renewals.Load() != 0 {
		t.Errorf("%v after %d renewals", err, c.renewals.Load())
	}
}

// User data that looks like extended JSON's own notation, and keys that no update can name, hide nothing else.
func TestServiceOddDocumentsCanBeRead(t *testing.T) {
	w, p, _ := world(t, backendtest.Options{})
	change(t, w, p.ID(), bson.D{
		{Key: "odd", Value: bson.D{{Key: "$oid", Value: "no object id"}}},
		{Key: "keys", Value: bson.D{{Key: "a.b", Value: 1}, {Key: "$c", Value: 2}, {Key: "", Value: 3}}}, {Key: "esc", Value: "\x1b[2J\u202e"},
	})
	r, err := p.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := model.DiffSnapshot(p.CustomData(), r.Document); len(d) != 0 {
		t.Errorf("snapshot and database differ: %v", d)
	}
	for name, doc := range map[string]bson.Raw{"snapshot": p.CustomData(), "database": r.Document} {
		if color(doc) != "pink" || doc.Lookup("odd", "$oid").StringValue() != "no object id" || doc.Lookup("esc").StringValue() != "\x1b[2J\u202e" {
			t.Errorf("%s: %s", name, doc)
		}
	}
}
