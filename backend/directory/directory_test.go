package directory_test

import (
	"errors"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/backendtest"
	"dossier/backend/directory"
)

func registration(t *testing.T, d *directory.Directory, email string) directory.Identity {
	t.Helper()
	data, err := bson.Marshal(bson.D{{Key: "email", Value: email}})
	if err != nil {
		t.Fatal(err)
	}
	i := directory.Identity{Provider: "local-userpass", Subject: email, ID: "id of " + email, Data: data}
	if err := d.AddIdentity(t.Context(), i); err != nil {
		t.Fatal(err)
	}
	return i
}

func TestAnIdentityBelongsToOneUser(t *testing.T) {
	d := backendtest.Start(t).Service.Directory()
	i := registration(t, d, "ada@example.com")
	if err := d.AddIdentity(t.Context(), i); !errors.Is(err, directory.ErrIdentityExists) {
		t.Errorf("added twice: %v", err)
	}
	claimants := []string{"a", "b", "c", "d", "e", "f"}
	owners := make([]string, len(claimants))
	errs := make([]error, len(claimants))
	var wait sync.WaitGroup
	for n, userID := range claimants {
		wait.Go(func() { owners[n], errs[n] = d.ClaimIdentity(t.Context(), i, userID) })
	}
	wait.Wait()
	for n := range claimants {
		if errs[n] != nil || owners[n] == "" || owners[n] != owners[0] {
			t.Fatalf("claimed by %v, %v", owners, errs)
		}
	}
	if err := d.UnclaimIdentity(t.Context(), i, "another user"); err != nil {
		t.Fatal(err)
	}
	if now, err := d.Identity(t.Context(), i.Provider, i.Subject); err != nil || now.UserID != owners[0] {
		t.Errorf("unclaimed by another user: %+v, %v", now, err)
	}
	if _, err := d.ClaimIdentity(t.Context(), directory.Identity{Provider: "local-userpass", Subject: "unknown"},
		"a"); !errors.Is(err, directory.ErrNotFound) {
		t.Errorf("claimed a missing identity: %v", err)
	}
}

func TestLinkingMergesDataOnce(t *testing.T) {
	d := backendtest.Start(t).Service.Directory()
	first := directory.Identity{Provider: "anon-user", Subject: "x", ID: "x", UserID: "u1"}
	u, err := d.CreateUser(t.Context(), "u1", first)
	if err != nil || len(u.Identities) != 1 || u.Type != "normal" || u.Disabled || u.Epoch != 0 {
		t.Fatalf("%+v, %v", u, err)
	}
	if again, err := d.CreateUser(t.Context(), "u1", first); err != nil || again.ID != "u1" || len(again.Identities) != 1 {
		t.Errorf("created twice: %+v, %v", again, err)
	}
	i := registration(t, d, "ada@example.com")
	for range 2 {
		if err := d.LinkIdentity(t.Context(), "u1", i); err != nil {
			t.Fatal(err)
		}
	}
	u, err = d.User(t.Context(), "u1")
	if err != nil || len(u.Identities) != 2 || u.Identities[1].ProviderType != "local-userpass" ||
		u.Data.Lookup("email").StringValue() != "ada@example.com" {
		t.Errorf("%+v, %v", u, err)
	}
	for what, err := range map[string]error{
		"list": d.LinkIdentity(t.Context(), "unknown", i), "disable": d.SetDisabled(t.Context(), "unknown", true),
		"end": d.RevokeSessions(t.Context(), "unknown"), "sign in": d.RecordSignIn(t.Context(), "unknown"),
	} {
		if !errors.Is(err, directory.ErrNotFound) {
			t.Errorf("%s an unknown user: %v", what, err)
		}
	}
	if u, err := d.User(t.Context(), "unknown"); u != nil || err != nil {
		t.Errorf("an unknown user is %+v, %v", u, err)
	}
}
