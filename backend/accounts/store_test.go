package accounts_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/accounts"
	"dossier/backend/client"
	"dossier/model"
)

const (
	server = "http://service"
	app    = "app-abcde"
)

// testState is a state directory with a clock and a log.
type testState struct {
	dir string
	now time.Time
	log strings.Builder
}

func newTestState(t *testing.T) *testState {
	return &testState{dir: filepath.Join(t.TempDir(), "state"), now: time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)}
}

func (s *testState) open(t *testing.T, change ...func(*accounts.Options)) *accounts.Store {
	t.Helper()
	o := accounts.Options{Dir: s.dir, Server: server, AppID: app, Now: func() time.Time { return s.now },
		Log: slog.New(slog.NewTextHandler(&s.log, nil))}
	for _, f := range change {
		f(&o)
	}
	store, err := accounts.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// tokens returns the tokens of a session whose access token was issued at iat, in seconds.
func tokens(user, session string, iat int) client.Tokens {
	claims := fmt.Sprintf(`{"sub":%q,"iss":%q,"iat":%d,"exp":%d}`, user, session, 1700000000+iat, 1700001800+iat)
	return client.Tokens{
		UserID: user, SessionID: session, Provider: "local-userpass", Refresh: client.Secret("refresh-of-" + session),
		Access: client.Secret("e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"),
		Profile: model.User{ID: user, Type: "normal",
			Identities: []model.Identity{{ID: "i", ProviderType: "local-userpass"}}},
	}
}

func account(user string) model.Account {
	return model.Account{ID: client.AccountID(server, app, user), Server: server, AppID: app, UserID: user,
		Name: user + "@example.com", Provider: "local-userpass"}
}

func addAccount(t *testing.T, store *accounts.Store, user, session string, iat int) string {
	t.Helper()
	a := account(user)
	if err := store.Add(a, tokens(user, session, iat)); err != nil {
		t.Fatal(err)
	}
	return a.ID
}

func listUsers(store *accounts.Store) string {
	var out []string
	for _, a := range store.List() {
		name := a.UserID
		if a.IsCurrent {
			name += "*"
		}
		if !a.SignedIn {
			name += "-"
		}
		out = append(out, name)
	}
	return strings.Join(out, " ")
}

func TestAccountsArePersistent(t *testing.T) {
	s := newTestState(t)
	store := s.open(t)
	if _, ok := store.Current(); ok || listUsers(store) != "" {
		t.Fatal("a new store has an account")
	}
	ann := addAccount(t, store, "ann", "s1", 1)
	s.now = s.now.Add(time.Minute)
	addAccount(t, store, "bob", "s2", 1)
	s.now = s.now.Add(time.Minute)
	addAccount(t, store, "cid", "s3", 1)
	if got := listUsers(s.open(t)); got != "cid* bob ann" {
		t.Errorf("accounts %q", got)
	}
	s.now = s.now.Add(time.Minute)
	if err := store.Use(ann); err != nil {
		t.Fatal(err)
	}
	if got := listUsers(s.open(t)); got != "ann* cid bob" {
		t.Errorf("after use: %q", got)
	}
	if err := store.Use("unknown"); model.FaultKindOf(err) != model.InvalidInput {
		t.Errorf("using an unknown account: %v", err)
	}
	if err := store.MarkSignedOut(ann); err != nil {
		t.Fatal(err)
	}
	if got := listUsers(s.open(t)); got != "cid* ann- bob" {
		t.Errorf("after signing out: %q", got)
	}
	if _, err := store.Tokens(ann); model.FaultKindOf(err) != model.SignedOut {
		t.Errorf("tokens after signing out: %v", err)
	}
	if err := store.Remove(ann); err != nil {
		t.Fatal(err)
	}
	if got := listUsers(s.open(t)); got != "cid* bob" {
		t.Errorf("after removing: %q", got)
	}
	other := s.open(t, func(o *accounts.Options) { o.Server = "http://other" })
	if got := listUsers(other); got != "" {
		t.Errorf("accounts of another service: %q", got)
	}
}

func TestFileModes(t *testing.T) {
	s := newTestState(t)
	store := s.open(t)
	addAccount(t, store, "ann", "s1", 1)
	files := 0
	err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		} else {
			files++
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %o, want %o", path, info.Mode().Perm(), want)
		}
		return nil
	})
	if err != nil || files < 3 {
		t.Errorf("%d files, %v", files, err)
	}
}

func TestNewerTokenWins(t *testing.T) {
	s := newTestState(t)
	one, two := s.open(t), s.open(t)
	id := addAccount(t, one, "ann", "s1", 10)
	two.SaveTokens(tokens("ann", "s1", 30))
	one.SaveTokens(tokens("ann", "s1", 20))
	got, ok := one.LoadTokens("ann")
	if !ok || got.Access != tokens("ann", "s1", 30).Access || got.Refresh != "refresh-of-s1" ||
		got.Profile.Type != "normal" {
		t.Errorf("LoadTokens returned %v, want the newest token", ok)
	}
	// The end of an old session does not end the session that another process has started.
	addAccount(t, two, "ann", "s2", 40)
	one.SaveTokens(client.Tokens{UserID: "ann", SessionID: "s1", SignedOut: true})
	if _, err := one.Tokens(id); err != nil {
		t.Errorf("the newer session was deleted: %v", err)
	}
	one.SaveTokens(client.Tokens{UserID: "ann", SessionID: "s2", SignedOut: true})
	if _, err := two.Tokens(id); model.FaultKindOf(err) != model.SignedOut || listUsers(two) != "ann*-" {
		t.Errorf("after the end of the session: %v, %q", err, listUsers(two))
	}
}

func TestConcurrentAdds(t *testing.T) {
	s := newTestState(t)
	var all sync.WaitGroup
	for i := range 20 {
		store := s.open(t)
		all.Go(func() {
			user := fmt.Sprintf("user%02d", i)
			if err := store.Add(account(user), tokens(user, "s", 1)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := len(s.open(t).List()); got != 20 {
		t.Errorf("%d accounts, want 20", got)
	}
}

func TestDamagedFilesAreMovedAside(t *testing.T) {
	s := newTestState(t)
	store := s.open(t)
	id := addAccount(t, store, "ann", "s1", 1)
	var session string
	filepath.WalkDir(s.dir, func(path string, _ fs.DirEntry, _ error) error {
		if filepath.Base(path) == "session.json" {
			session = path
		}
		return nil
	})
	for _, path := range []string{session, filepath.Join(s.dir, "accounts.json")} {
		if err := os.WriteFile(path, []byte(`{"half a fi`), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Tokens(id); path == session && model.FaultKindOf(err) != model.SignedOut {
			t.Errorf("a damaged session: %v", err)
		}
		store.List()
		renamed, err := filepath.Glob(path + ".damaged-*")
		if err != nil || len(renamed) != 1 {
			t.Fatalf("%s: renamed to %q, %v", path, renamed, err)
		}
		if text, err := os.ReadFile(renamed[0]); err != nil || string(text) != `{"half a fi` {
			t.Errorf("the damaged file was changed: %q, %v", text, err)
		}
		if !strings.Contains(s.log.String(), path) {
			t.Errorf("the log does not contain %s:\n%s", path, s.log.String())
		}
	}
	path := filepath.Join(s.dir, "accounts.json")
	if err := os.WriteFile(path, []byte(`{"version":99}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := accounts.Open(accounts.Options{Dir: s.dir, Server: server, AppID: app}); err == nil ||
		!strings.Contains(err.Error(), path) {
		t.Errorf("a file of a later version: %v", err)
	}
}

// memoryKeyring is a keyring in memory. If hangs is set, its calls return when it is closed.
type memoryKeyring struct {
	hangs   chan struct{}
	calls   atomic.Int32
	secrets map[string]string
}

func (r *memoryKeyring) call() {
	r.calls.Add(1)
	if r.hangs != nil {
		<-r.hangs
	}
}
func (r *memoryKeyring) Set(name, secret string) error {
	r.call()
	r.secrets[name] = secret
	return nil
}
func (r *memoryKeyring) Delete(name string) error { r.call(); delete(r.secrets, name); return nil }
func (r *memoryKeyring) Get(name string) (string, error) {
	r.call()
	if s, ok := r.secrets[name]; ok {
		return s, nil
	}
	return "", accounts.ErrSecretNotFound
}

func TestRefreshTokensAreInKeyring(t *testing.T) {
	s := newTestState(t)
	r := &memoryKeyring{secrets: map[string]string{}}
	store := s.open(t, func(o *accounts.Options) { o.Keyring = r })
	id := addAccount(t, store, "ann", "s1", 1)
	if r.secrets[id] != "refresh-of-s1" || strings.Contains(readAllFiles(t, s.dir), "refresh-of-s1") {
		t.Errorf("keyring %v", r.secrets)
	}
	store.SaveTokens(tokens("ann", "s1", 2))
	if got, err := store.Tokens(id); err != nil || got.Refresh != "" || r.calls.Load() != 1 {
		t.Errorf("%v, %d calls, want one Set: reading the tokens must not wait for the keyring", err, r.calls.Load())
	}
	if got := store.RefreshToken("ann", "s1"); got != "refresh-of-s1" || r.calls.Load() != 2 {
		t.Errorf("%d calls, want one Set and one Get", r.calls.Load())
	}
	if err := store.MarkSignedOut(id); err != nil || len(r.secrets) != 0 {
		t.Errorf("%v, keyring %v", err, r.secrets)
	}
}

func TestFailingKeyringFallsBackToFile(t *testing.T) {
	s := newTestState(t)
	store := s.open(t, func(o *accounts.Options) { o.Keyring = failingKeyring{} })
	id := addAccount(t, store, "ann", "s1", 1)
	if got, err := s.open(t).Tokens(id); err != nil || got.Refresh != "refresh-of-s1" {
		t.Errorf("%v", err)
	}
	for session, want := range map[string]client.Secret{"": "refresh-of-s1", "s1": "refresh-of-s1", "s2": ""} {
		if got := s.open(t).RefreshToken("ann", session); got != want {
			t.Errorf("session %q: got a token %t, want one %t", session, got != "", want != "")
		}
	}
	if s.open(t).RefreshToken("bob", "") != "" {
		t.Error("a user without a session has a refresh token")
	}
}

type failingKeyring struct{}

func (failingKeyring) Set(string, string) error   { return errors.New("no bus") }
func (failingKeyring) Get(string) (string, error) { return "", errors.New("no bus") }
func (failingKeyring) Delete(string) error        { return errors.New("no bus") }

// TestHangingKeyringIsCalledOnce: a keyring that waits for the user delays the program once, by 1.5 s.
func TestHangingKeyringIsCalledOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestState(t)
		r := &memoryKeyring{secrets: map[string]string{}, hangs: make(chan struct{})}
		defer close(r.hangs)
		start := time.Now()
		store := s.open(t, func(o *accounts.Options) { o.Keyring = r })
		id := addAccount(t, store, "ann", "s1", 1)
		addAccount(t, store, "bob", "s2", 1)
		if got, err := store.Tokens(id); err != nil || got.Refresh != "refresh-of-s1" {
			t.Errorf("%v", err)
		}
		if waited := time.Since(start); waited != 1500*time.Millisecond || r.calls.Load() != 1 {
			t.Errorf("%d calls within %v, want 1 within 1.5 s", r.calls.Load(), waited)
		}
	})
}

func readAllFiles(t *testing.T, dir string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		all.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// TestLinkingUpdatesName: an anonymous user who links an e-mail address has a name from then on.
func TestLinkingUpdatesName(t *testing.T) {
	store := newTestState(t).open(t)
	addAccount(t, store, "ann", "s1", 10)
	linked := tokens("ann", "s1", 20)
	data, err := bson.Marshal(bson.D{{Key: "email", Value: "linked@example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	linked.Profile.Data, linked.Provider = data, "custom-token"
	store.SaveTokens(linked)
	if list := store.List(); len(list) != 1 || list[0].Name != "linked@example.com" || list[0].Provider != "custom-token" {
		t.Errorf("accounts %+v", list)
	}
}

// The accounts are read again after every change, also one by another process.
func TestListAfterChangesOfAnotherProcess(t *testing.T) {
	s := newTestState(t)
	one, two := s.open(t), s.open(t)
	addAccount(t, one, "ann", "s1", 1)
	if one, two := listUsers(one), listUsers(two); one != "ann*" || two != one {
		t.Errorf("%q and %q", one, two)
	}
	addAccount(t, two, "bob", "s2", 2)
	if one, two := listUsers(one), listUsers(two); one != "bob* ann" || two != one {
		t.Errorf("%q and %q", one, two)
	}
	if err := os.WriteFile(filepath.Join(s.dir, "accounts.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := listUsers(one); got != "" {
		t.Errorf("after the file was damaged: %q", got)
	}
}
