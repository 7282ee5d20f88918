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

// countingTransport counts requests and refreshes.
type countingTransport struct {
	refreshes atomic.Int32
	requests  atomic.Int32
}

func (c *countingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	c.requests.Add(1)
	if r.Method == http.MethodPost && r.URL.Path == api.SessionPath {
		c.refreshes.Add(1)
	}
	return http.DefaultTransport.RoundTrip(r)
}

// startUser starts a service and signs in one user.
func startUser(t *testing.T, o backendtest.Options) (*backendtest.Harness, *client.User, *countingTransport) {
	t.Helper()
	w := backendtest.StartWith(t, o)
	w.CreateUser(t, "ann@example.com", "correct horse", bson.D{{Key: "favoriteColor", Value: "pink"},
		{Key: "n", Value: 1}})
	c := &countingTransport{}
	sdk := client.New(client.Options{BaseURL: w.URL, AppID: w.AppID, Now: w.Clock.Now, Transport: c})
	user, err := sdk.SignIn(t.Context(), passwordCredential("ann@example.com", "correct horse"))
	if err != nil {
		t.Fatal(err)
	}
	return w, user, c
}

// TestServiceRefreshesOnce: after expiry the snapshot stays old "plus the time until the next SDK call", and concurrent
// calls refresh it once.
func TestServiceRefreshesOnce(t *testing.T) {
	w, user, c := startUser(t, backendtest.Options{})
	setFields(t, w, user.ID(), bson.D{{Key: "favoriteColor", Value: "purple"}})
	w.Clock.Advance(31 * time.Minute)
	before := c.requests.Load()
	if s := user.Session(); color(s.Snapshot.CustomData) != "pink" || w.Clock.Now().Before(s.Snapshot.ExpiresAt) ||
		c.requests.Load() != before {
		t.Errorf("reading the session: %+v", s)
	}
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if _, err := user.Check(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	s := user.Session()
	if n := c.refreshes.Load(); n != 1 || s.Refreshes != 1 {
		t.Errorf("%d refreshes for 50 calls, want 1", n)
	}
	if s.Previous == nil || color(s.Previous.CustomData) != "pink" || color(s.Snapshot.CustomData) != "purple" ||
		!s.StaleSince.IsZero() {
		t.Errorf("session %+v", s)
	}
}

func setFields(t *testing.T, w *backendtest.Harness, userID string, set bson.D) {
	t.Helper()
	done, err := w.CustomData().UpdateOne(t.Context(), bson.D{{Key: "userId", Value: userID}},
		bson.D{{Key: "$set", Value: set}}, store.Change{})
	if err != nil || done.Matched != 1 {
		t.Fatalf("%+v, %v", done, err)
	}
}

func TestServiceSaveConflictAndDelete(t *testing.T) {
	w, user, _ := startUser(t, backendtest.Options{})
	r, err := user.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d := model.NewDraft(r.Document, r.Owner("userId", user.ID()))
	if err := d.Set(model.Path{"favoriteColor"}, model.ValueOf("purple")); err != nil {
		t.Fatal(err)
	}
	u, err := d.Update()
	if err != nil {
		t.Fatal(err)
	}
	setFields(t, w, user.ID(), bson.D{{Key: "favoriteColor", Value: "yellow"}})
	out, err := user.Save(t.Context(), u)
	if err != nil || !out.Conflict || color(out.Theirs) != "yellow" || len(d.Conflicts(out.Theirs)) != 1 {
		t.Fatalf("%+v, %v", out, err)
	}
	if user.Session().StaleSince.IsZero() {
		t.Error("StaleSince is not set after a conflict")
	}
	setFields(t, w, user.ID(), bson.D{{Key: "favoriteColor", Value: "pink"}, {Key: "n", Value: 2}})
	if out, err := user.Save(t.Context(), u); err != nil || !out.Saved {
		t.Fatalf("after a change of another field: %+v, %v, want no conflict", out, err)
	}
	if out, err := user.DeleteDocument(t.Context(), r); err != nil || !out.Conflict {
		t.Errorf("deleting a changed document: %+v, %v", out, err)
	}
	if r, err = user.Check(t.Context()); err != nil || color(r.Document) != "purple" {
		t.Fatalf("%+v, %v", r, err)
	}
	if out, err := user.DeleteDocument(t.Context(), r); err != nil || !out.Saved {
		t.Errorf("deleting: %+v, %v", out, err)
	}
	if _, err := user.Refresh(t.Context()); err != nil || user.CustomData() != nil {
		t.Errorf("after deleting: %s, %v", user.CustomData(), err)
	}
	// The document does not exist: only this save is an upsert.
	d = model.NewDraft(nil, model.Owner{UserIDField: "userId", UserID: model.ValueOf(user.ID())})
	if err := d.Set(model.Path{"favoriteColor"}, model.ValueOf("green")); err != nil {
		t.Fatal(err)
	}
	if u, err = d.Update(); err != nil {
		t.Fatal(err)
	}
	if out, err := user.Save(t.Context(), u); err != nil || !out.Saved {
		t.Errorf("creating the document: %+v, %v", out, err)
	}
}

func TestServiceWithoutDatabaseKeepsSession(t *testing.T) {
	w, user, _ := startUser(t, backendtest.Options{ShortTimeouts: true})
	w.Connection.Cut()
	_, err := user.Refresh(t.Context())
	if model.FaultKindOf(err) != model.Unreachable || !user.Session().SignedIn {
		t.Errorf("refresh: %v", err)
	}
	if _, err := user.Check(t.Context()); model.FaultKindOf(err) != model.Unreachable {
		t.Errorf("check: %v", err)
	}
}

func TestServiceSignInFaultsAndRegister(t *testing.T) {
	w := backendtest.Start(t)
	c := client.New(client.Options{BaseURL: w.URL, AppID: w.AppID, Now: w.Clock.Now})
	if _, err := c.SignIn(t.Context(), passwordCredential("new@example.com",
		"some password")); model.FaultKindOf(err) != model.InvalidCredentials {
		t.Errorf("unknown address: %v", err)
	}
	if err := c.Register(t.Context(), "new@example.com", "some password"); err != nil {
		t.Fatal(err)
	}
	if err := c.Register(t.Context(), "new@example.com", "some password"); model.FaultKindOf(err) != model.InvalidInput ||
		!strings.Contains(err.Error(), "this address is already registered; sign in with it") {
		t.Errorf("registered twice: %v", err)
	}
	if err := c.Register(t.Context(), "other@example.com", "short"); model.FaultKindOf(err) != model.InvalidInput ||
		!strings.Contains(err.Error(), "between 6 and 128") {
		t.Errorf("a short password: %v", err)
	}
	user, err := c.SignIn(t.Context(), model.Credential{Provider: api.Anonymous})
	if err != nil || user.CustomData() != nil {
		t.Fatalf("%s, %v", user.CustomData(), err)
	}
	id := user.ID()
	if err := user.Link(t.Context(), passwordCredential("new@example.com",
		"wrong password")); model.FaultKindOf(err) != model.InvalidCredentials || !user.Session().SignedIn {
		t.Errorf("linking with a wrong password: %v", err)
	}
	if err := user.Link(t.Context(), passwordCredential("new@example.com", "some password")); err != nil {
		t.Fatal(err)
	}
	if u := user.CachedProfile(); u.ID != id || len(u.Identities) != 2 || user.Account().Provider != api.EmailPassword {
		t.Errorf("after linking: %+v, %s", u, user.Account().Provider)
	}
	other, err := c.SignIn(t.Context(), model.Credential{Provider: api.Anonymous})
	if err != nil {
		t.Fatal(err)
	}
	err = other.Link(t.Context(), passwordCredential("new@example.com", "some password"))
	if model.FaultKindOf(err) != model.IdentityTaken || !strings.Contains(err.Error(),
		"belongs to another account already") || !other.Session().SignedIn {
		t.Errorf("linking the identity of another user: %v", err)
	}
	if err := user.SignOut(t.Context()); err != nil || user.Session().SignedIn {
		t.Errorf("signing out: %v", err)
	}
}

func TestServiceWatch(t *testing.T) {
	w, user, c := startUser(t, backendtest.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	events := make(chan model.ChangeEvent, 10)
	ended := make(chan error, 1)
	before := c.requests.Load()
	go func() { ended <- user.Watch(ctx, func(e model.ChangeEvent) { events <- e }) }()
	if !w.Deployment.Can().ChangeStreams {
		err := <-ended
		if f := (*model.Fault)(nil); !errors.As(err, &f) || f.Kind != model.Failed ||
			f.Code != api.CodeServiceCommandNotFound || !strings.Contains(f.Message, "has no change streams") {
			t.Errorf("watching without change streams: %#v", err)
		}
		if n := c.requests.Load() - before; n != 1 {
			t.Errorf("permanent error after %d requests, want 1", n)
		}
		return
	}
	// It is unknown when the stream is open: change the document until an event arrives.
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var first model.ChangeEvent
	for n := 10; first.Operation == ""; n++ {
		select {
		case first = <-events:
		case err := <-ended:
			t.Fatalf("ended: %v", err)
		case <-tick.C:
			setFields(t, w, user.ID(), bson.D{{Key: "n", Value: n}})
		}
	}
	if first.Operation != "update" || first.Document.Lookup("n").AsInt64() < 10 || user.Session().StaleSince.IsZero() {
		t.Errorf("event %+v, session %+v", first, user.Session())
	}
	noticed := user.Session().Comparison
	if noticed.ChangedAt.IsZero() {
		t.Errorf("the time of the change is not taken from the event: %+v", noticed)
	}
	w.InsertCustomData(t, user.ID(), bson.D{{Key: "favoriteColor", Value: "another document"}})
	for e := first; e.Operation != "insert"; {
		select {
		case e = <-events:
			if e.Operation == "insert" && e.Document != nil {
				t.Errorf("a second document is taken for the user's: %s", e.Document)
			}
		case err := <-ended:
			t.Fatalf("ended: %v", err)
		}
	}
	if s := user.Session(); s.StaleSince != noticed.StaleSince || s.ChangedAt != noticed.ChangedAt {
		t.Errorf("the times moved from %+v to %+v", noticed, s.Comparison)
	}
	if _, err := user.Check(t.Context()); err != nil || user.Session().Documents != 2 {
		t.Errorf("documents after a check: %d, %v", user.Session().Documents, err)
	}
	cancel()
	if err := <-ended; err != nil || c.refreshes.Load() != 0 {
		t.Errorf("%v after %d refreshes", err, c.refreshes.Load())
	}
}

// TestServiceUnusualDocuments: user data shaped like extended JSON wrappers, and keys that an update cannot address, do
// not prevent reading the rest of the document.
func TestServiceUnusualDocuments(t *testing.T) {
	w, user, _ := startUser(t, backendtest.Options{})
	setFields(t, w, user.ID(), bson.D{
		{Key: "wrapper", Value: bson.D{{Key: "$oid", Value: "not an object id"}}},
		{Key: "keys", Value: bson.D{{Key: "a.b", Value: 1}, {Key: "$c", Value: 2}, {Key: "", Value: 3}}},
		{Key: "esc", Value: "\x1b[2J\u202e"},
	})
	r, err := user.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := user.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := model.DiffSnapshot(user.CustomData(), r.Document); len(d) != 0 {
		t.Errorf("snapshot and database differ: %v", d)
	}
	for name, doc := range map[string]bson.Raw{"snapshot": user.CustomData(), "database": r.Document} {
		if color(doc) != "pink" || doc.Lookup("wrapper", "$oid").StringValue() != "not an object id" ||
			doc.Lookup("esc").StringValue() != "\x1b[2J\u202e" {
			t.Errorf("%s: %s", name, doc)
		}
	}
}

// TestServiceWatchAfterARefresh: the stream stays open after a refresh, and its events are compared with the new
// snapshot: the session is stale since the event, and a later check does not move the time.
func TestServiceWatchAfterARefresh(t *testing.T) {
	w, user, _ := startUser(t, backendtest.Options{})
	if !w.Deployment.Can().ChangeStreams {
		t.Skip("the deployment has no change streams")
	}
	ctx, cancel := context.WithCancel(t.Context())
	events := make(chan model.ChangeEvent, 10)
	ended := make(chan error, 1)
	go func() { ended <- user.Watch(ctx, func(e model.ChangeEvent) { events <- e }) }()
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	n := 10
	set := func() { n++; setFields(t, w, user.ID(), bson.D{{Key: "n", Value: n}}) }
	await := func() (e model.ChangeEvent) {
		for e.Document.Lookup("n").Type == 0 || e.Document.Lookup("n").AsInt64() != int64(n) {
			select {
			case e = <-events:
			case err := <-ended:
				t.Fatalf("ended: %v", err)
			case <-time.After(10 * time.Second):
				t.Fatalf("no event of the change to %d", n)
			}
		}
		return e
	}
	for open := false; !open; {
		select {
		case <-events:
			open = true
		case <-tick.C:
			set()
		}
	}
	set()
	await()
	for range 2 {
		if s, err := user.Refresh(t.Context()); err != nil || !s.StaleSince.IsZero() {
			t.Fatalf("refresh: %+v, %v", s, err)
		}
		set()
		e, s := await(), user.Session()
		if s.StaleSince.IsZero() || s.ChangedAt.IsZero() || e.Refreshes != s.Refreshes || !e.At.Equal(s.CheckedAt) {
			t.Fatalf("after an event that followed a refresh: %+v, event %+v", s.Comparison, e)
		}
		w.Clock.Advance(time.Minute)
		r, err := user.Check(t.Context())
		if now := user.Session(); err != nil || now.StaleSince != s.StaleSince || now.ChangedAt != s.ChangedAt ||
			r.Refreshes != now.Refreshes {
			t.Errorf("after a check: %+v, want the times of %+v; %v", now.Comparison, s.Comparison, err)
		}
	}
}
