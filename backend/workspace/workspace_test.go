package workspace_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/app"
	"dossier/backend/auth"
	"dossier/backend/client"
	"dossier/backend/embedded"
	"dossier/backend/server"
	"dossier/backend/workspace"
	"dossier/model"
)

func options(dir string) workspace.Options {
	return workspace.Options{Dir: dir, Now: time.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler),
		HashCost: auth.TestCost()}
}

func door() server.Middleware {
	return server.Middleware{Now: time.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)}
}

func open(t *testing.T, dir string) *workspace.Workspace {
	t.Helper()
	w, err := workspace.Open(t.Context(), options(dir))
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

// seeded returns a directory with a seeded workspace, which is created once for all tests.
func seeded(t *testing.T) string {
	t.Helper()
	template.once.Do(func() {
		dir := filepath.Join(template.dir, "data")
		w, err := workspace.Open(context.Background(), options(dir))
		if err == nil {
			err = w.Close(context.Background())
		}
		if err != nil {
			t.Fatal(err)
		}
		if template.file, err = os.ReadFile(filepath.Join(dir, "workspace.db")); err != nil {
			t.Fatal(err)
		}
	})
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "workspace.db"), template.file, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

var template struct {
	once sync.Once
	dir  string
	file []byte
}

func sdk(w *workspace.Workspace) *client.Client {
	return client.New(client.Options{BaseURL: w.BaseURL(), AppID: w.AppID(), Server: w.Name(), Transport: w.Transport(),
		Now: time.Now})
}

func demoUser(t *testing.T, w *workspace.Workspace) *client.User {
	t.Helper()
	p, err := sdk(w).SignIn(t.Context(), w.DemoCredential())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The demo user has favoriteColor "pink" and a document with many fields.
func TestNewWorkspaceHasTheDemoUser(t *testing.T) {
	w := open(t, filepath.Join(t.TempDir(), "data"))
	p := demoUser(t, w)
	doc := p.CustomData()
	if got := doc.Lookup("favoriteColor").StringValue(); got != "pink" {
		t.Errorf("favoriteColor %q", got)
	}
	if fields, err := doc.Elements(); err != nil || len(fields) < 20 {
		t.Errorf("%d fields, %v", len(fields), err)
	}
	if app := p.CachedProfile().App; app.CustomData.Collection != "custom_user_data" ||
		app.CustomData.UserIDField != "userId" {
		t.Errorf("the profile has %+v", app)
	}
	r, err := p.Check(t.Context())
	if err != nil || r.Duplicates != 0 || r.UserIDIsObjectID || !p.Session().StaleSince.IsZero() {
		t.Errorf("%+v, %v: a new snapshot is not stale", p.Session(), err)
	}
}

// "currentUser.customData" has the old colour until a refresh, then the new one (seed: pink, purple).
func TestEditThenRefresh(t *testing.T) {
	w := open(t, seeded(t))
	p := demoUser(t, w)
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
	if out, err := p.Save(t.Context(), u); err != nil || !out.Saved {
		t.Fatalf("%+v, %v", out, err)
	}
	if got := p.CustomData().Lookup("favoriteColor").StringValue(); got != "pink" {
		t.Errorf("the snapshot changed without a refresh: %q", got)
	}
	refreshed, err := p.RefreshCustomData(t.Context())
	if err != nil || refreshed.Lookup("favoriteColor").StringValue() != "purple" {
		t.Errorf("%s, %v", refreshed, err)
	}
	if out, err := p.Save(t.Context(), u); err != nil || !out.AlreadyDone {
		t.Errorf("again: %+v, %v", out, err)
	}
}

func TestSampleUsersHaveEveryKindOfValue(t *testing.T) {
	w := open(t, seeded(t))
	seen := map[bson.Type]bool{}
	for email, field := range map[string]string{
		"aiko.tanaka@example.com": "名前", "noor.haddad@example.com": "notANumber", "bobby.tables@example.com": "unfinished",
		"pat.doubled@example.com": "source", "newcomer@example.com": "",
	} {
		p, err := sdk(w).SignIn(t.Context(), model.Credential{Provider: "local-userpass",
			Fields: bson.D{{Key: "username", Value: email}, {Key: "password", Value: workspace.DemoPassword}}})
		if err != nil {
			t.Errorf("%s: %v", email, err)
			continue
		}
		if field == "" {
			if p.CustomData() != nil {
				t.Errorf("%s has custom data: %s", email, p.CustomData())
			}
			continue
		}
		if _, err := p.CustomData().LookupErr(field); err != nil {
			t.Errorf("%s lacks %s: %s", email, field, p.CustomData())
		}
		elements, _ := p.CustomData().Elements()
		for _, e := range elements {
			seen[e.Value().Type] = true
		}
		r, err := p.Check(t.Context())
		if err != nil || email == "pat.doubled@example.com" && (r.Duplicates != 1 || r.UserIDIsObjectID ||
			len(p.CachedProfile().Identities) != 2) {
			t.Errorf("%s: %+v, %v, identities %v", email, r, err, p.CachedProfile().Identities)
		}
	}
	for _, kind := range []bson.Type{bson.TypeDecimal128, bson.TypeDateTime, bson.TypeObjectID, bson.TypeInt64,
		bson.TypeDouble, bson.TypeBinary, bson.TypeRegex, bson.TypeNull, bson.TypeArray} {
		if !seen[kind] {
			t.Errorf("no sample user has a value of type %s", kind)
		}
	}
}

// A user's application directory is served from an empty database.
func TestOwnApplicationStartsEmpty(t *testing.T) {
	a, err := app.Read(app.Demo(), app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	o := options(filepath.Join(t.TempDir(), "data"))
	o.App = a
	w, err := workspace.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close(context.Background())
	if _, err := sdk(w).SignIn(t.Context(), w.DemoCredential()); model.FaultKindOf(err) != model.InvalidCredentials {
		t.Errorf("the demo user signs in to the user's application: %v", err)
	}
	o.Demo = true
	if _, err := workspace.Open(t.Context(), o); model.FaultKindOf(err) != model.InvalidInput {
		t.Errorf("a demo of the user's application: %v", err)
	}
}

func TestFilesAreReadableByTheOwnerOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	open(t, dir)
	found := map[string]fs.FileMode{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		found[e.Name()] = info.Mode()
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", e.Name(), info.Mode())
		}
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if found["dossier.sock"]&fs.ModeSocket == 0 || found["workspace.db"] == 0 {
		t.Errorf("files %v", found)
	}
}

func TestInterruptedFirstStartIsRepaired(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "workspace.db.unfinished"), []byte("half a database"), 0o600); err != nil {
		t.Fatal(err)
	}
	w := open(t, dir)
	if got := demoUser(t, w).CustomData().Lookup("favoriteColor").StringValue(); got != "pink" {
		t.Errorf("favoriteColor %q", got)
	}
	if _, err := os.Stat(filepath.Join(dir, "workspace.db.unfinished")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the unfinished file is still there: %v", err)
	}
}

func TestDamagedFileIsReportedAndKept(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "workspace.db")
	damage := bytes.Repeat([]byte("not a database\n"), 2000)
	if err := os.WriteFile(path, damage, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := workspace.Open(t.Context(), options(dir))
	var damaged *embedded.DamagedError
	if !errors.As(err, &damaged) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, damage) {
		t.Errorf("the damaged file was changed: %v", err)
	}
}

func TestLockedFileWithoutSocketReportsTheProcess(t *testing.T) {
	dir := t.TempDir()
	db, err := embedded.Open(filepath.Join(dir, "workspace.db"), embedded.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	_, err = workspace.Open(ctx, options(dir))
	var locked *embedded.LockedError
	if !errors.As(err, &locked) || locked.Holder != os.Getpid() || model.FaultKindOf(err) != model.Unreachable ||
		!strings.Contains(err.Error(), "does not respond") {
		t.Errorf("got %v", err)
	}
}

// New opens nothing, and Close waits for an opening and closes what it opened: the file is unlocked afterwards.
func TestCloseDuringAnOpening(t *testing.T) {
	dir := t.TempDir()
	open(t, dir) // creates the file
	for delay := range 20 {
		o := options(t.TempDir())
		file := filepath.Join(o.Dir, "workspace.db")
		copyFile(t, filepath.Join(dir, "workspace.db"), file)
		w, err := workspace.New(o)
		if err != nil || w.HoldsLock() || w.AppID() == "" {
			t.Fatalf("%v, lock %v", err, w.HoldsLock())
		}
		connected := make(chan error)
		go func() { connected <- w.Connect(context.WithoutCancel(t.Context())) }()
		time.Sleep(time.Duration(delay) * time.Millisecond)
		if err := w.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		db, err := embedded.Open(file, embedded.Options{Now: time.Now})
		if err != nil {
			t.Fatalf("closed %d ms after the opening began: %v", delay, err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		if err := <-connected; err != nil && model.FaultKindOf(err) != model.Unreachable {
			t.Errorf("the opening returned %v", err)
		}
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestLongDirectoryNames(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("long-", 20), strings.Repeat("longer-", 10))
	one, two := open(t, dir), open(t, dir)
	if !one.HoldsLock() || two.HoldsLock() {
		t.Fatalf("locks: %v and %v, want only the first", one.HoldsLock(), two.HoldsLock())
	}
	demoUser(t, two)
}

// Starting the service on a prepared workspace commits nothing: each transaction has a number in the file.
func TestOpeningAgainWritesNothing(t *testing.T) {
	dir := seeded(t)
	path := filepath.Join(dir, "workspace.db")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	w, err := workspace.Open(t.Context(), options(dir))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file changed: %v", err)
	}
}

// Two processes share a workspace; when the first closes it the second takes over, and the user stays signed in.
func TestSecondTakesOverWhenTheFirstQuits(t *testing.T) {
	dir := seeded(t)
	first, err := workspace.Open(t.Context(), options(dir))
	if err != nil {
		t.Fatal(err)
	}
	second := open(t, dir)
	if second.HoldsLock() {
		t.Fatal("both have the lock")
	}
	p := demoUser(t, second)
	events := make(chan model.ChangeEvent, 10)
	watching, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Watch(watching, func(e model.ChangeEvent) { events <- e }) }()
	if err := first.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Refresh(t.Context()); err != nil || !second.HoldsLock() {
		t.Errorf("after the first closed: %v, lock %v", err, second.HoldsLock())
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("watching ended with %v", err)
	}
	third := open(t, dir)
	if third.HoldsLock() {
		t.Error("a third process took the lock from the second")
	}
	demoUser(t, third)
}

func TestServeProxiesToTheProcessWithTheLock(t *testing.T) {
	dir := seeded(t)
	open(t, dir)
	second := open(t, dir)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() {
		served <- workspace.Serve(ctx, l, door(), server.ServeOptions{GracePeriod: time.Second}, second)
	}()
	c := client.New(client.Options{BaseURL: "http://" + l.Addr().String(), AppID: second.AppID(), Now: time.Now,
		Transport: &http.Transport{}})
	p, err := c.SignIn(t.Context(), second.DemoCredential())
	if err != nil || p.CustomData().Lookup("favoriteColor").StringValue() != "pink" {
		t.Errorf("over the network: %v", err)
	}
	cancel()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

func TestDemoDeletesItsFiles(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	o := options("")
	o.Demo = true
	w, err := workspace.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	p := demoUser(t, w)
	if s := p.Session().Snapshot; s.ExpiresAt.Sub(s.IssuedAt) != 30*time.Second {
		t.Errorf("tokens live %v, want 30s", s.ExpiresAt.Sub(s.IssuedAt))
	}
	if w.StateDir() == "" {
		t.Error("a demo has no directory for its state")
	}
	if err := w.Close(t.Context()); err != nil {
		t.Error(err)
	}
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if _, err := p.Refresh(t.Context()); model.FaultKindOf(err) != model.Unreachable {
		t.Errorf("after closing: %v", err)
	}
}
