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

// shelf is a state directory with a clock and a log.
type shelf struct {
	dir string
	now time.Time
	log strings.Builder
}

func newShelf(t *testing.T) *shelf {
	return &shelf{dir: filepath.Join(t.TempDir(), "state"), now: time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)}
}

func (s *shelf) open(t *testing.T, change ...func(*accounts.Options)) *accounts.Store {
	t.Helper()
	o := accounts.Options{Dir: s.dir, Server: server, AppID: app, Now: func() time.Time { return s.now }, Log: slog.New(slog.NewTextHandler(&s.log, nil))}
	for _, f := range change {
		f(&o)
	}
	b, err := accounts.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// tokens is a signed-in person whose access token was minted at a second.
func tokens(user, session string, iat int) client.Tokens {
	claims := fmt.Sprintf(`{"sub":%q,"iss":%q,"iat":%d,"exp":%d}`, user, session, 1700000000+iat, 1700001800+iat)
	return client.Tokens{
		UserID: user, SessionID: session, Provider: "local-userpass", Refresh: client.Secret("refresh-of-" + session),
		Access:  client.Secret("e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"),
		Profile: model.User{ID: user, Type: "normal", Identities: []model.Identity{{ID: "i", ProviderType: "local-userpass"}}},
	}
}

func account(user string) model.Account {
	return model.Account{ID: client.AccountID(server, app, user), Server: server, AppID: app, UserID: user, Name: user + "@example.com", Provider: "local-userpass"}
}

func put(t *testing.T, b *accounts.Store, user, session string, iat int) string {
	t.Helper()
	a := account(user)
	if err := b.Add(a, tokens(user, session, iat)); err != nil {
		t.Fatal(err)
	}
	return a.ID
}

func names(b *accounts.Store) string {
	var out []string
	for _, a := range b.List() {
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

func TestAccountsOutliveTheProcess(t *testing.T) {
	s := newShelf(t)
	b := s.open(t)
	if _, ok := b.Current(); ok || names(b) != "" {
		t.Fatal("a new book holds somebody")
	}
	ann := put(t, b, "ann", "s1", 1)
	s.now = s.now.Add(time.Minute)
	put(t, b, "bob", "s2", 1)
	s.now = s.now.Add(time.Minute)
	put(t, b, "cid", "s3", 1)
	if got := names(s.open(t)); got != "cid* bob ann" {
		t.Errorf("accounts %q", got)
	}
	s.now = s.now.Add(time.Minute)
	if err := b.Use(ann); err != nil {
		t.Fatal(err)
	}
	if got := names(s.open(t)); got != "ann* cid bob" {
		t.Errorf("after use: %q", got)
	}
	if err := b.Use("nobody"); model.FaultKindOf(err) != model.InvalidInput {
		t.Errorf("use of nobody: %v", err)
	}
	if err := b.MarkSignedOut(ann); err != nil {
		t.Fatal(err)
	}
	if got := names(s.open(t)); got != "cid* ann- bob" {
		t.Errorf("after signing out: %q", got)
	}
	if _, err := b.Tokens(ann); model.FaultKindOf(err) != model.SignedOut {
		t.Errorf("tokens after signing out: %v", err)
	}
	if err := b.Remove(ann); err != nil {
		t.Fatal(err)
	}
	if got := names(s.open(t)); got != "cid* bob" {
		t.Errorf("after removing: %q", got)
	}
	other := s.open(t, func(o *accounts.Options) { o.Server = "http://elsewhere" })
	if got := names(other); got != "" {
		t.Errorf("another service's book shows %q", got)
	}
}

func TestFilesAreForTheOwnerAlone(t *testing.T) {
	s := newShelf(t)
	b := s.open(t)
	put(t, b, "ann", "s1", 1)
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
	s := newShelf(t)
	one, two := s.open(t), s.open(t)
	id := put(t, one, "ann", "s1", 10)
	two.SaveTokens(tokens("ann", "s1", 30))
	one.SaveTokens(tokens("ann", "s1", 20))
	got, ok := one.LoadTokens("ann")
	if !ok || got.Access != tokens("ann", "s1", 30).Access || got.Refresh != "refresh-of-s1" || got.Profile.Type != "normal" {
		t.Errorf("kept %v of the older process", ok)
	}
	// A session that ended long ago does not end the one that another process signed in to.
	put(t, two, "ann", "s2", 40)
	one.SaveTokens(client.Tokens{UserID: "ann", SessionID: "s1", SignedOut: true})
	if _, err := one.Tokens(id); err != nil {
		t.Errorf("the newer session was dropped: %v", err)
	}
	one.SaveTokens(client.Tokens{UserID: "ann", SessionID: "s2", SignedOut: true})
	if _, err := two.Tokens(id); model.FaultKindOf(err) != model.SignedOut || names(two) != "ann*-" {
		t.Errorf("after the end of the session: %v, %q", err, names(two))
	}
}

func TestManyWritersLoseNothing(t *testing.T) {
	s := newShelf(t)
	var all sync.WaitGroup
	for i := range 20 {
		b := s.open(t)
		all.Go(func() {
			user := fmt.Sprintf("user%02d", i)
			if err := b.Add(account(user), tokens(user, "s", 1)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := len(s.open(t).List()); got != 20 {
		t.Errorf("%d accounts, want 20", got)
	}
}

func TestDamagedFilesAreMovedAsideAndNamed(t *testing.T) {
	s := newShelf(t)
	b := s.open(t)
	id := put(t, b, "ann", "s1", 1)
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
		if _, err := b.Tokens(id); path == session && model.FaultKindOf(err) != model.SignedOut {
			t.Errorf("a damaged session: %v", err)
		}
		b.List()
		kept, err := filepath.Glob(path + ".damaged-*")
		if err != nil || len(kept) != 1 {
			t.Fatalf("%s: kept %q, %v", path, kept, err)
		}
		if text, err := os.ReadFile(kept[0]); err != nil || string(text) != `{"half a fi` {
			t.Errorf("the damaged file was changed: %q, %v", text, err)
		}
		if !strings.Contains(s.log.String(), path) {
			t.Errorf("the log does not name %s:\n%s", path, s.log.String())
		}
	}
	path := filepath.Join(s.dir, "accounts.json")
	if err := os.WriteFile(path, []byte(`{"version":99}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := accounts.Open(accounts.Options{Dir: s.dir, Server: server, AppID: app}); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a later version's file: %v", err)
	}
}

// ring is a keyring in memory; a deaf one never answers.
type ring struct {
	deaf  bool
	asked atomic.Int32
	held  map[string]string
}

func (r *ring) listen() {
	r.asked.Add(1)
	if r.deaf {
		select {}
	}
}
func (r *ring) Set(name, secret string) error { r.listen(); r.held[name] = secret; return nil }
func (r *ring) Delete(name string) error      { r.listen(); delete(r.held, name); return nil }
func (r *ring) Get(name string) (string, error) {
	r.listen()
	if s, ok := r.held[name]; ok {
		return s, nil
	}
	return "", accounts.ErrSecretNotFound
}

func TestRefreshTokensGoToTheKeyring(t *testing.T) {
	s := newShelf(t)
	r := &ring{held: map[string]string{}}
	b := s.open(t, func(o *accounts.Options) { o.Keyring = r })
	id := put(t, b, "ann", "s1", 1)
	if r.held[id] != "refresh-of-s1" || strings.Contains(everything(t, s.dir), "refresh-of-s1") {
		t.Errorf("keyring %v", r.held)
	}
	b.SaveTokens(tokens("ann", "s1", 2))
	if got, err := b.Tokens(id); err != nil || got.Refresh != "refresh-of-s1" || r.asked.Load() != 2 {
		t.Errorf("%v, asked %d times, want once to set and once to get", err, r.asked.Load())
	}
	if err := b.MarkSignedOut(id); err != nil || len(r.held) != 0 {
		t.Errorf("%v, keyring %v", err, r.held)
	}
}

func TestBrokenKeyringFallsBackToAFile(t *testing.T) {
	s := newShelf(t)
	b := s.open(t, func(o *accounts.Options) { o.Keyring = broken{} })
	id := put(t, b, "ann", "s1", 1)
	if got, err := s.open(t).Tokens(id); err != nil || got.Refresh != "refresh-of-s1" {
		t.Errorf("%v", err)
	}
}

type broken struct{}

func (broken) Set(string, string) error   { return errors.New("no bus") }
func (broken) Get(string) (string, error) { return "", errors.New("no bus") }
func (broken) Delete(string) error        { return errors.New("no bus") }

func TestDeafKeyringIsAskedOnce(t *testing.T) {
	s := newShelf(t)
	r := &ring{held: map[string]string{}, deaf: true}
	start := time.Now()
	b := s.open(t, func(o *accounts.Options) { o.Keyring = r })
	id := put(t, b, "ann", "s1", 1)
	put(t, b, "bob", "s2", 1)
	if got, err := b.Tokens(id); err != nil || got.Refresh != "refresh-of-s1" {
		t.Errorf("%v", err)
	}
	if took := time.Since(start); took > 5*time.Second || r.asked.Load() != 1 {
		t.Errorf("took %v, asked %d times", took, r.asked.Load())
	}
}

func everything(t *testing.T, dir string) string {
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

// An anonymous person who links an e-mail address has a name from then on.
func TestALinkedNameReachesTheList(t *testing.T) {
	b := newShelf(t).open(t)
	put(t, b, "ann", "s1", 10)
	linked := tokens("ann", "s1", 20)
	data, err := bson.Marshal(bson.D{{Key: "email", Value: "linked@example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	linked.Profile.Data, linked.Provider = data, "custom-token"
	b.SaveTokens(linked)
	if list := b.List(); len(list) != 1 || list[0].Name != "linked@example.com" || list[0].Provider != "custom-token" {
		t.Errorf("the list says %+v", list)
	}
}
