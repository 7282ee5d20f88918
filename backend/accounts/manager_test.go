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

// newManager returns the manager of one process.
func newManager(t *testing.T, s *testState, w *backendtest.Harness, requests *atomic.Int32) *accounts.Manager {
	t.Helper()
	store := s.open(t, func(o *accounts.Options) { o.Server, o.AppID, o.Now = w.URL, w.AppID, w.Clock.Now })
	return accounts.NewManager(store, client.New(client.Options{
		BaseURL: w.URL, AppID: w.AppID, Now: w.Clock.Now, TokenStore: store,
		Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			requests.Add(1)
			return http.DefaultTransport.RoundTrip(r)
		}),
	}))
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func passwordCredential(email, password string) model.Credential {
	return model.Credential{Provider: "local-userpass", Fields: bson.D{{Key: "username", Value: email},
		{Key: "password", Value: password}}}
}

func TestASignedOutAccountCanBeRemoved(t *testing.T) {
	w := backendtest.Start(t)
	w.CreateUser(t, "ann@example.com", "some password", nil)
	var requests atomic.Int32
	m := newManager(t, newTestState(t), w, &requests)
	ann, err := m.SignIn(t.Context(), passwordCredential("ann@example.com", "some password"))
	if err != nil {
		t.Fatal(err)
	}
	if err := m.SignOut(t.Context(), ann.Account().ID); err != nil || len(m.List()) != 1 {
		t.Fatalf("signed out: %v, accounts %+v", err, m.List())
	}
	requests.Store(0)
	if err := m.Remove(ann.Account().ID); err != nil || len(m.List()) != 0 || requests.Load() != 0 {
		t.Errorf("removed: %v, accounts %+v, %d requests", err, m.List(), requests.Load())
	}
}

func TestUsersStaySignedIn(t *testing.T) {
	w := backendtest.Start(t)
	w.CreateUser(t, "ann@example.com", "some password", bson.D{{Key: "favoriteColor", Value: "pink"}})
	w.CreateUser(t, "bob@example.com", "some password", bson.D{{Key: "favoriteColor", Value: "blue"}})
	s := newTestState(t)
	var requests atomic.Int32
	first := newManager(t, s, w, &requests)
	if _, ok := first.Current(); ok {
		t.Fatal("a user is signed in")
	}
	for _, email := range []string{"bob@example.com", "ann@example.com"} {
		if _, err := first.SignIn(t.Context(), passwordCredential(email, "some password")); err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(time.Second)
	}

	// Another process has the account, the profile and the snapshot without a request.
	requests.Store(0)
	second := newManager(t, s, w, &requests)
	ann, ok := second.Current()
	if !ok || color(ann) != "pink" || ann.Account().Name != "ann@example.com" ||
		len(ann.CachedProfile().Identities) != 1 || !ann.CachedProfile().App.CustomData.Complete() || requests.Load() != 0 {
		t.Fatalf("%v after %d requests, want none", ok, requests.Load())
	}
	if list := second.List(); len(list) != 2 || !list[0].IsCurrent || list[0].Name != "ann@example.com" ||
		!list[1].SignedIn {
		t.Errorf("accounts %+v", list)
	}
	bob := second.List()[1].ID
	if user, err := second.Use(t.Context(), bob); err != nil || color(user) != "blue" {
		t.Errorf("switching: %v", err)
	}

	// A refreshed token is available in other processes.
	w.Clock.Advance(time.Minute)
	before := ann.Session().Snapshot.IssuedAt
	if _, err := ann.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	third := newManager(t, s, w, &requests)
	if _, err := third.Use(t.Context(), ann.Account().ID); err != nil {
		t.Fatal(err)
	}
	if user, _ := third.Current(); !user.Session().Snapshot.IssuedAt.After(before) {
		t.Error("another process does not have the refreshed token")
	}

	// Signing out ends the session at the service and makes another signed-in account current.
	if err := third.SignOut(t.Context(), ann.Account().ID); err != nil {
		t.Fatal(err)
	}
	if user, ok := third.Current(); !ok || color(user) != "blue" {
		t.Errorf("after signing out: %v", ok)
	}
	if _, err := ann.Refresh(context.Background()); model.FaultKindOf(err) != model.SignedOut {
		t.Errorf("refresh in another process: %v", err)
	}
	if _, err := third.Use(t.Context(), ann.Account().ID); model.FaultKindOf(err) != model.SignedOut {
		t.Errorf("using a signed-out account: %v", err)
	}
	if _, err := third.SignIn(t.Context(), passwordCredential("ann@example.com", "some password")); err != nil {
		t.Error(err)
	}
	if list := third.List(); len(list) != 2 || list[0].Name != "ann@example.com" || !list[0].SignedIn {
		t.Errorf("after signing in again: %+v", list)
	}
}

func color(user *client.User) string { return user.CustomData().Lookup("favoriteColor").StringValue() }
