package client_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/backendtest"
	"dossier/backend/client"
	"dossier/model"
)

// TestAPIKeysOfAUser: created, used, disabled and deleted against the real service.
func TestAPIKeysOfAUser(t *testing.T) {
	w, user, _ := startUser(t, backendtest.Options{})
	ctx := t.Context()
	created, text, err := user.CreateAPIKey(ctx, "build-1")
	if err != nil || text == "" || created.Name != "build-1" || created.CreatedAt.IsZero() {
		t.Fatalf("created %+v, %v", created, err)
	}
	signIn := func() (*client.User, error) {
		return client.New(client.Options{BaseURL: w.URL, AppID: w.AppID, Now: w.Clock.Now}).SignIn(ctx,
			model.Credential{Provider: "api-key", Fields: bson.D{{Key: "key", Value: text}}})
	}
	byKey, err := signIn()
	if err != nil || byKey.ID() != user.ID() {
		t.Fatalf("signed in by the key: %v", err)
	}
	if err := user.SetAPIKeyDisabled(ctx, created.ID, true); err != nil {
		t.Fatal(err)
	}
	if _, err := signIn(); err == nil {
		t.Error("a disabled key signs in")
	}
	if list, err := user.APIKeys(ctx); err != nil || len(list) != 1 || !list[0].Disabled || list[0].ID != created.ID {
		t.Errorf("keys %+v, %v", list, err)
	}
	if _, err := byKey.Check(ctx); model.FaultKindOf(err) != model.SignedOut {
		t.Errorf("the session of a disabled key: %v", err)
	}
	if err := user.SetAPIKeyDisabled(ctx, created.ID, false); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"build-1": "API key with name already exists", "a b": "ASCII letters",
		"": "required"} {
		if _, _, err := user.CreateAPIKey(ctx, name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("created %q: %v", name, err)
		}
	}
	if err := user.DeleteAPIKey(ctx, created.ID); err != nil {
		t.Fatal(err)
	}
	if err := user.DeleteAPIKey(ctx, created.ID); err == nil || !strings.Contains(err.Error(), "does not exist any more") {
		t.Errorf("deleted twice: %v", err)
	}
	if list, err := user.APIKeys(ctx); err != nil || len(list) != 0 {
		t.Errorf("keys %+v, %v", list, err)
	}
}

func TestAnonymousUsersHaveNoAPIKeys(t *testing.T) {
	w, _, _ := startUser(t, backendtest.Options{})
	user, err := client.New(client.Options{BaseURL: w.URL, AppID: w.AppID, Now: w.Clock.Now}).SignIn(t.Context(),
		model.Credential{Provider: "anon-user"})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := user.CreateAPIKey(t.Context(), "x"); model.FaultKindOf(err) != model.PermissionDenied {
		t.Errorf("created: %v", err)
	}
}

// TestServicesWithoutAPIKeys: the fault says why, whatever the service answers, and never quotes a key.
func TestServicesWithoutAPIKeys(t *testing.T) {
	w, user, _ := startUser(t, backendtest.Options{})
	for response, want := range map[string]string{
		"404 not found": "this service does not offer API keys",
		`404 {"error":"auth provider api-key not found","error_code":"AuthProviderNotFound"}`: "not enabled in this application",
		`401 {"error":"invalid session","error_code":"InvalidSession"}`:                       "the session has ended",
		`201 {"key":"secret`: "not an API key",
	} {
		var status int
		var body string
		if _, err := fmt.Sscanf(response, "%d", &status); err != nil {
			t.Fatal(err)
		}
		body = response[4:]
		c := client.New(client.Options{BaseURL: w.URL, AppID: w.AppID, Now: w.Clock.Now, Transport: answering{status, body}})
		other, err := c.Resume(user.Tokens())
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = other.CreateAPIKey(t.Context(), "x")
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", response, err)
		}
		var f *model.Fault
		if errors.As(err, &f) && f.Err != nil && strings.Contains(f.Err.Error(), "secret") {
			t.Errorf("the cause quotes the key: %v", f.Err)
		}
	}
}

// answering gives every request of API keys the same response.
type answering struct {
	status int
	body   string
}

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.Contains(r.URL.Path, "api_keys") {
		return http.DefaultTransport.RoundTrip(r)
	}
	return &http.Response{StatusCode: a.status, Header: http.Header{}, Request: r,
		Body: io.NopCloser(strings.NewReader(a.body))}, nil
}
