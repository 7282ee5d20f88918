package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"slices"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/directory"
	"dossier/backend/storetest"
	"dossier/model"
)

// world is a service with mail, whose hooks a test sets.
type world struct {
	*Service
	last     Mail
	creating func(ctx context.Context) error
	events   []Event
}

func start(t *testing.T) *world {
	t.Helper()
	at := time.Date(2030, time.March, 14, 9, 26, 53, 0, time.UTC)
	now := func() time.Time { return at }
	db := storetest.Open(t, now)
	people := directory.New(db.Deployment, "dossier_"+db.Localize("app"), now)
	if err := people.EnsureIndexes(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := &world{}
	s, err := New(t.Context(), db.Deployment, "dossier_"+db.Localize("app"), people, Options{
		AppID: "app", Now: now, Random: rand.Reader, Cores: 1, HashCost: TestCost(),
		Providers: map[string]app.Provider{
			api.EmailPassword: {Type: api.EmailPassword, EmailPassword: app.EmailPassword{AutoConfirm: true,
				ResetURL: "https://app.example.com/reset"}},
		},
		CustomData: func(context.Context, string) (bson.Raw, error) { return nil, nil },
		BeforeCreate: func(ctx context.Context, _ model.User) error {
			if w.creating == nil {
				return nil
			}
			return w.creating(ctx)
		},
		SendMail: func(_ context.Context, m Mail) error { w.last = m; return nil },
		OnEvent:  func(e Event) { w.events = append(w.events, e) },
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Service = s
	return w
}

func (w *world) signIn(t *testing.T, email, password string) (Tokens, error) {
	t.Helper()
	body, err := bson.Marshal(bson.D{{Key: "username", Value: email}, {Key: "password", Value: password}})
	if err != nil {
		t.Fatal(err)
	}
	return w.SignIn(t.Context(), Credential{Provider: api.EmailPassword, Body: body})
}

func (w *world) ticket(t *testing.T) OneTimeToken {
	t.Helper()
	u, err := url.Parse(w.last.Link.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	return OneTimeToken{ID: u.Query().Get("tokenId"), Token: NewSecret(u.Query().Get("token"))}
}

// A password that was checked before a reset opens no session after it.
func TestResetWinsOverASignInThatIsGoingOn(t *testing.T) {
	w := start(t)
	if err := w.Register(t.Context(), "ada@example.com", NewSecret("correct horse"), ""); err != nil {
		t.Fatal(err)
	}
	if err := w.SendResetPasswordEmail(t.Context(), "ada@example.com", ""); err != nil {
		t.Fatal(err)
	}
	w.creating = func(ctx context.Context) error { return w.ResetPassword(ctx, w.ticket(t), NewSecret("a new horse")) }
	_, err := w.signIn(t, "ada@example.com", "correct horse")
	var answer *api.Error
	if !errors.As(err, &answer) || answer.Status != 401 {
		t.Errorf("signed in with the password that was just replaced: %v", err)
	}
	w.creating = nil
	if _, err := w.signIn(t, "ada@example.com", "a new horse"); err != nil {
		t.Error(err)
	}
}

// A reset that was interrupted leaves nobody with the old password, and is made good by another.
func TestInterruptedReset(t *testing.T) {
	w := start(t)
	id, err := w.CreateUser(t.Context(), "ada@example.com", NewSecret("correct horse"))
	if err != nil {
		t.Fatal(err)
	}
	i, err := w.directory.Identity(t.Context(), api.EmailPassword, "ada@example.com")
	if err != nil || i == nil {
		t.Fatal(i, err)
	}
	if _, err := w.directory.IncrementVersion(t.Context(), *i); err != nil {
		t.Fatal(err)
	}
	if _, err := w.signIn(t, "ada@example.com", "correct horse"); err == nil {
		t.Error("the old password still counts")
	}
	if again, err := w.directory.IncrementVersion(t.Context(), *i); err != nil || again != nil {
		t.Errorf("one version was renewed twice: %+v, %v", again, err)
	}
	if err := w.SendResetPasswordEmail(t.Context(), "ada@example.com", ""); err != nil {
		t.Fatal(err)
	}
	if err := w.ResetPassword(t.Context(), w.ticket(t), NewSecret("a new horse")); err != nil {
		t.Fatal(err)
	}
	if err := w.storePassword(t.Context(), *i, "a hash that comes late"); err != nil {
		t.Fatal(err)
	}
	if g, err := w.signIn(t, "ada@example.com", "a new horse"); err != nil || g.UserID != id {
		t.Errorf("signed in as %q, %v", g.UserID, err)
	}
}

func TestEventsOfAnAccount(t *testing.T) {
	w := start(t)
	if err := w.Register(t.Context(), "ada@example.com", NewSecret("correct horse"), ""); err != nil {
		t.Fatal(err)
	}
	if len(w.events) != 0 {
		t.Errorf("a registration is no account: %v", w.events)
	}
	var g Tokens
	for range 2 {
		var err error
		if g, err = w.signIn(t, "ada@example.com", "correct horse"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.signIn(t, "ada@example.com", "another horse"); err == nil {
		t.Error("signed in with a wrong password")
	}
	b, err := w.Authenticate(t.Context(), g.Access)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.DeleteUser(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range w.events {
		names = append(names, e.Name)
		if e.User.ID != g.UserID || e.Provider != api.EmailPassword || e.At.IsZero() || len(e.User.Identities) != 1 {
			t.Errorf("event %+v", e)
		}
	}
	if !slices.Equal(names, []string{"CREATE", "LOGIN", "LOGIN", "DELETE"}) {
		t.Errorf("events %v", names)
	}
}

func TestTicketInAPagesAddress(t *testing.T) {
	c := OneTimeToken{ID: "5ed10d5dc085000e2c0099f2", Token: NewSecret("00ff")}
	for page, want := range map[string]string{
		"https://example.com/reset":         "https://example.com/reset?token=00ff&tokenId=5ed10d5dc085000e2c0099f2",
		"https://example.com/?a=b":          "https://example.com/?a=b&token=00ff&tokenId=5ed10d5dc085000e2c0099f2",
		"https://example.com/#/reset":       "https://example.com/?token=00ff&tokenId=5ed10d5dc085000e2c0099f2#/reset",
		"myapp://reset":                     "myapp://reset?token=00ff&tokenId=5ed10d5dc085000e2c0099f2",
		"https://example.com/?a=b#there?is": "https://example.com/?a=b&token=00ff&tokenId=5ed10d5dc085000e2c0099f2#there?is",
	} {
		if got := c.link(page).Reveal(); got != want {
			t.Errorf("%s: %s", page, got)
		}
	}
}

func TestLocalAddresses(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1": true, "127.8.8.8": true, "::/64": true, "local": true, "": true, "@": true,
		"10.0.0.1": false, "203.0.113.7": false, "2001:db8::/64": false, "fe80::/64": false,
	} {
		if got := isLocal(address); got != want {
			t.Errorf("%q is local: %v", address, got)
		}
	}
}
