package workspace_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend"
	"dossier/backend/app"
	"dossier/backend/client"
	"dossier/backend/storetest"
	"dossier/backend/workspace"
	"dossier/model"
)

func operator(t *testing.T, db *storetest.Database, uri, dir string) *workspace.Workspace {
	t.Helper()
	w, err := workspace.OpenDeployment(t.Context(), workspace.DeploymentOptions{
		Options: options(dir), URI: uri, CustomData: model.CustomDataConfig{Database: db.Name(), Collection: "customers",
			UserIDField: "owner"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return w
}

func as(t *testing.T, w *workspace.Workspace, id string) *client.User {
	t.Helper()
	credential, err := w.OperatorCredential(id)
	if err != nil {
		t.Fatal(err)
	}
	p, err := sdk(w).SignIn(t.Context(), credential)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// An operator signs in as any user id; nothing but the user's edits is written to the deployment.
func TestOperatorSignsInAsAnyUserAndWritesNothingElse(t *testing.T) {
	db := storetest.Open(t, time.Now)
	uri, dir := db.URI(t), t.TempDir()
	const id = "5f1f216e82df4a7979f9da93"
	oid, err := bson.ObjectIDFromHex(id)
	if err != nil {
		t.Fatal(err)
	}
	for _, doc := range []bson.D{{{Key: "owner", Value: oid}, {Key: "color", Value: "pink"}},
		{{Key: "owner", Value: "another"}, {Key: "color", Value: "blue"}}} {
		if _, err := db.Collection("customers").InsertOne(t.Context(), doc); err != nil {
			t.Fatal(err)
		}
	}
	first := operator(t, db, uri, dir)
	p := as(t, first, id)
	if got := p.CustomData().Lookup("color").StringValue(); got != "pink" {
		t.Errorf("custom data %s", p.CustomData())
	}
	r, err := p.Check(t.Context())
	if err != nil || !r.UserIDIsObjectID {
		t.Errorf("%+v, %v", r, err)
	}
	second := operator(t, db, uri, dir) // through the first one's socket, with the same key
	if second.HoldsLock() || as(t, second, "another").CustomData().Lookup("color").StringValue() != "blue" {
		t.Error("the second process does not work through the first")
	}
	databases, err := db.Deployment.Databases(t.Context())
	if db.Shared { // others have databases there too
		databases = slices.DeleteFunc(databases, func(name string) bool {
			return name != db.Name() &&
				name != backend.ServiceDatabase(first.AppID())
		})
	}
	if err != nil || !slices.Equal(databases, []string{db.Name()}) {
		t.Errorf("databases of the deployment: %v, %v", databases, err)
	}
	if _, err := sdk(first).SignIn(t.Context(), model.Credential{Provider: "operator",
		Fields: bson.D{{Key: "key", Value: "guessed"},
			{Key: "user_id", Value: id}}}); model.FaultKindOf(err) != model.InvalidCredentials {
		t.Errorf("with a guessed key: %v", err)
	}
	filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if info, _ := e.Info(); info != nil && path != dir && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return nil
	})
	if strings.Contains(first.Name(), "@") || !strings.HasPrefix(first.Name(), "mongodb://127.0.0.1:") {
		t.Errorf("name %q", first.Name())
	}
}

func TestDeploymentFaults(t *testing.T) {
	where := model.CustomDataConfig{Database: "shop", Collection: "customers", UserIDField: "owner"}
	for uri, want := range map[string]model.FaultKind{
		"mongodb://ann:hunter2secret@127.0.0.1:1/?serverSelectionTimeoutMS=100": model.Unreachable,
		"mongodb://ann:hunter2secret@":                                          model.InvalidInput,
	} {
		_, err := workspace.OpenDeployment(t.Context(), workspace.DeploymentOptions{Options: options(t.TempDir()), URI: uri,
			CustomData: where})
		if model.FaultKindOf(err) != want || strings.Contains(err.Error(), "hunter2secret") {
			t.Errorf("%s: %s: %v", uri, model.FaultKindOf(err), err)
		}
	}
	_, err := workspace.OpenDeployment(t.Context(), workspace.DeploymentOptions{Options: options(t.TempDir()),
		URI: "mongodb://a"})
	if model.FaultKindOf(err) != model.InvalidInput || !strings.Contains(err.Error(), "--collection") {
		t.Errorf("no collection: %v", err)
	}
	where.Database = "admin"
	_, err = workspace.OpenDeployment(t.Context(), workspace.DeploymentOptions{Options: options(t.TempDir()),
		URI: "mongodb://a", CustomData: where})
	if model.FaultKindOf(err) != model.InvalidInput || !strings.Contains(err.Error(), `"admin"`) {
		t.Errorf("a reserved database: %v", err)
	}
}

// With an application directory, users and custom data are in the deployment.
func TestApplicationOnADeployment(t *testing.T) {
	db := storetest.Open(t, time.Now)
	a, err := app.Read(db.Files(t, app.Demo(), nil), app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	o := options("")
	o.App = a
	w, err := workspace.OpenDeployment(t.Context(), workspace.DeploymentOptions{Options: o, URI: db.URI(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close(context.Background())
	if err := sdk(w).Register(t.Context(), "ann@example.com", "some password"); err != nil {
		t.Fatal(err)
	}
	p, err := sdk(w).SignIn(t.Context(), model.Credential{Provider: "local-userpass",
		Fields: bson.D{{Key: "username", Value: "ann@example.com"}, {Key: "password", Value: "some password"}}})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := db.Deployment.Collection(backend.ServiceDatabase(a.ID), "users").Count(t.Context(),
		bson.D{{Key: "_id", Value: p.ID()}}, 0); n != 1 || err != nil {
		t.Errorf("%d records in the deployment, %v", n, err)
	}
	if _, err := w.OperatorCredential("x"); err == nil {
		t.Error("an application has no operator")
	}
}

// The simulated app writes into the document of one user, and no other document.
func TestTheSimulatedAppWritesIntoAUsersDocument(t *testing.T) {
	o := options("")
	o.Demo = true
	w, err := workspace.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close(context.Background())
	p := demoUser(t, w)
	life := p.Session().Snapshot.ExpiresAt.Sub(p.Session().Snapshot.IssuedAt)
	other, err := sdk(w).SignIn(t.Context(), model.Credential{Provider: "local-userpass", Fields: bson.D{
		{Key: "username", Value: "aiko.tanaka@example.com"}, {Key: "password", Value: workspace.DemoPassword}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WriteAsApp(t.Context(), p.ID(), bson.D{{Key: "favoriteColor", Value: "teal"}}); err != nil {
		t.Fatal(err)
	}
	if r, err := other.Check(t.Context()); err != nil ||
		len(model.DiffSnapshot(other.CustomData(), r.Document)) > 0 {
		t.Errorf("the document of another user became %s, %v", r.Document, err)
	}
	r, err := p.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	changes := model.DiffSnapshot(p.Session().Snapshot.CustomData, r.Document)
	if len(changes) != 1 || !changes[0].Path.Equal(model.Path{"favoriteColor"}) || life != 30*time.Second {
		t.Errorf("changed: %v; a token lives %v", changes, life)
	}
}

func TestOnlyADemoIsSimulated(t *testing.T) {
	w := open(t, seeded(t))
	if err := w.WriteAsApp(t.Context(), demoUser(t, w).ID(), bson.D{{Key: "plan", Value: "free"}}); err == nil {
		t.Error("the simulated app changed a persistent workspace")
	}
}
