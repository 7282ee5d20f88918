package accounts_test

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/accounts"
	"dossier/backend/backendtest"
	"dossier/backend/client"
	"dossier/model"
)

// desk is a process: a book, a client and the people.
func desk(t *testing.T, s *shelf, w *backendtest.Harness, calls *atomic.Int32) *accounts.Manager {
	t.Helper()
	b := s.open(t, func(o *accounts.Options) { o.Server, o.AppID, o.Now = w.URL, w.AppID, w.Clock.Now })
	return accounts.NewManager(b, client.New(client.Options{
		BaseURL: w.URL, AppID: w.AppID, Now: w.Clock.Now, TokenStore: b,
		Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			calls.Add(1)
			return http.DefaultTransport.RoundTrip(r)
		}),
	}))
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func password(email, word string) model.Credential {
	return model.Credential{Provider: "local-userpass", Fields: bson.D{{Key: "username", Value: email}, {Key: "password", Value: word}}}
}

func TestPeopleStaySignedInBetweenRuns(t *testing.T) {
	w := backendtest.Start(t)
	w.CreateUser(t, "ann@example.com", "some password", bson.D{{Key: "favoriteColor", Value: "pink"}})
	w.CreateUser(t, "bob@example.com", "some password", bson.D{{Key: "favoriteColor", Value: "blue"}})
	s := newShelf(t)
	var calls atomic.Int32
	first := desk(t, s, w, &calls)
	if _, ok := first.Current(); ok {
		t.Fatal("somebody is signed in")
	}
	for _, email := range []string{"bob@example.com", "ann@example.com"} {
		if _, err := first.SignIn(t.Context(), password(email, "some password")); err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(time.Second)
	}

	// Another process: it knows who is signed in, their profile and their snapshot without a call.
	calls.Store(0)
	second := desk(t, s, w, &calls)
	ann, ok := second.Current()
	if !ok || color(ann) != "pink" || ann.Account().Name != "ann@example.com" || len(ann.CachedProfile().Identities) != 1 || !ann.CachedProfile().App.CustomData.Complete() || calls.Load() != 0 {
		t.Fatalf("%v after %d calls, want none", ok, calls.Load())
	}
	if list := second.List(); len(list) != 2 || !list[0].IsCurrent || list[0].Name != "ann@example.com" || !list[1].SignedIn {
		t.Errorf("accounts %+v", list)
	}
	bob := second.List()[1].ID
	if p, err := second.Use(t.Context(), bob); err != nil || color(p) != "blue" {
		t.Errorf("switching: %v", err)
	}

	// What one process renews, the other sees.
	w.Clock.Advance(time.Minute)
	before := ann.Session().Snapshot.IssuedAt
	if _, err := ann.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	third := desk(t, s, w, &calls)
	if _, err := third.Use(t.Context(), ann.Account().ID); err != nil {
		t.Fatal(err)
	}
	if p, _ := third.Current(); !p.Session().Snapshot.IssuedAt.After(before) {
		t.Error("another process does not see the renewed token")
	}

	// Signing out ends the session at the service and moves on to who is left.
	if err := third.SignOut(t.Context(), ann.Account().ID); err != nil {
		t.Fatal(err)
	}
	if p, ok := third.Current(); !ok || color(p) != "blue" {
		t.Errorf("after signing out: %v", ok)
	}
	if _, err := ann.Refresh(context.Background()); model.FaultKindOf(err) != model.SignedOut {
		t.Errorf("the other process's session goes on: %v", err)
	}
	if _, err := third.Use(t.Context(), ann.Account().ID); model.FaultKindOf(err) != model.SignedOut {
		t.Errorf("using who has signed out: %v", err)
	}
	if _, err := third.SignIn(t.Context(), password("ann@example.com", "some password")); err != nil {
		t.Error(err)
	}
	if list := third.List(); len(list) != 2 || list[0].Name != "ann@example.com" || !list[0].SignedIn {
		t.Errorf("after signing in again: %+v", list)
	}
}

func color(p *client.User) string { return p.CustomData().Lookup("favoriteColor").StringValue() }
