package main

import (
	"context"
	"crypto/rand"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/client"
	"dossier/backend/workspace"
	"dossier/model"
)

func TestGeneratedUsersSignIn(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if err := run(t.Context(), dir, 30); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), dir, 30); err == nil {
		t.Error("a second run changed the workspace")
	}
	w, err := workspace.Open(t.Context(), workspace.Options{Dir: dir, Now: time.Now, Random: rand.Reader,
		Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close(context.Background())
	c := client.New(client.Options{BaseURL: w.BaseURL(), AppID: w.AppID(), Server: w.Name(), Transport: w.Transport(),
		Now: time.Now})
	u, err := c.SignIn(t.Context(), model.Credential{Provider: api.EmailPassword, Fields: bson.D{
		{Key: "username", Value: "user00000030@example.com"}, {Key: "password", Value: workspace.DemoPassword}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := u.CustomData().Lookup("displayName").StringValue(); got != "User Number 30" {
		t.Errorf("displayName %q", got)
	}
}
