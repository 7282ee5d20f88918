package client_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/client"
	"dossier/model"
)

func TestSignInReadsTheSnapshot(t *testing.T) {
	s := newStub(t)
	var sent bson.Raw
	s.login = func(w http.ResponseWriter, body bson.Raw) {
		sent = body
		write(w, 200, fmt.Sprintf(`{"access_token":%q,"refresh_token":"r.e.f","user_id":%q,"device_id":"64b0000000000000000000d1"}`, s.token(), userID))
	}
	c := s.client()
	p, err := c.SignIn(t.Context(), password("a@b.c", "secret-password"))
	if err != nil {
		t.Fatal(err)
	}
	if got := sent.Lookup("username").StringValue(); got != "a@b.c" {
		t.Errorf("username %q", got)
	}
	if _, err := sent.LookupErr("options", "device", "platform"); err != nil {
		t.Errorf("no device in %s", sent)
	}
	session := p.Session()
	if got := p.CustomData().Lookup("favoriteColor").StringValue(); got != "pink" || !session.SignedIn || session.Refreshes != 0 || session.Previous != nil {
		t.Errorf("custom data %s, session %+v", p.CustomData(), session)
	}
	if life := session.Snapshot.ExpiresAt.Sub(session.Snapshot.IssuedAt); life != 30*time.Minute {
		t.Errorf("the token lives %v", life)
	}
	a := p.Account()
	if a.Name != "a@b.c" || a.UserID != userID || a.Provider != "local-userpass" || a.ID != client.AccountID(s.URL, appID, userID) {
		t.Errorf("account %+v", a)
	}
	u := p.CachedProfile()
	if u.Type != "normal" || len(u.Identities) != 1 || u.Identities[0].ProviderType != "local-userpass" || !u.App.CustomData.Complete() || len(u.App.Functions) != 1 {
		t.Errorf("profile %+v", u)
	}
	if _, err := c.SignIn(t.Context(), password("a@b.c", "secret-password")); err != nil {
		t.Fatal(err)
	}
	if id, ok := sent.Lookup("options", "device", "deviceId").ObjectIDOK(); !ok || id.Hex() != "64b0000000000000000000d1" {
		t.Errorf("the second sign-in does not say which device this is: %s", sent)
	}
}

// "a 401 refreshes once for all who wait": 50 calls with an expired token make one POST auth/session.
func TestExpiredTokenIsRenewedOnceForAll(t *testing.T) {
	s := newStub(t)
	p := s.signIn(t)
	s.expire()
	// Hold the renewal until every call was refused, so that all of them wait for it.
	s.session = func(w http.ResponseWriter) {
		for s.refused.Load() < 50 {
			time.Sleep(time.Millisecond)
		}
		write(w, 201, fmt.Sprintf(`{"access_token":%q}`, s.token()))
	}
	s.data = `{"_id":"64b000000000000000000001","userId":"` + userID + `","favoriteColor":"purple"}`
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if _, err := p.Call(t.Context(), "f", nil); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := s.sessions.Load(); n != 1 {
		t.Errorf("%d renewals for 50 calls, want 1", n)
	}
	session := p.Session()
	if session.Refreshes != 1 || session.Previous == nil {
		t.Fatalf("session %+v", session)
	}
	if old, now := color(session.Previous.CustomData), color(session.Snapshot.CustomData); old != "pink" || now != "purple" {
		t.Errorf("%s -> %s, want pink -> purple", old, now)
	}
}

func color(doc bson.Raw) string { return doc.Lookup("favoriteColor").StringValue() }

func TestRefusedRefreshSignsOut(t *testing.T) {
	s := newStub(t)
	k := &keeper{}
	p := s.signIn(t, func(o *client.Options) { o.TokenStore = k })
	s.session = func(w http.ResponseWriter) {
		write(w, 401, `{"error":"invalid session: failed to find refresh token","error_code":"InvalidSession"}`)
	}
	_, err := p.Refresh(t.Context())
	if model.FaultKindOf(err) != model.SignedOut || p.Session().SignedIn {
		t.Fatalf("got %v, session %+v", err, p.Session())
	}
	if !k.last().SignedOut || k.last().Refresh != "" {
		t.Error("the keeper was not told that the session ended")
	}
	before := s.sessions.Load()
	if _, err := p.Call(t.Context(), "f", nil); model.FaultKindOf(err) != model.SignedOut || s.sessions.Load() != before {
		t.Errorf("a call after that: %v", err)
	}
}

// "a 503 does neither": the database being down must not sign anybody out.
func TestUnavailableServiceKeepsTheSession(t *testing.T) {
	s := newStub(t)
	p := s.signIn(t)
	s.session = func(w http.ResponseWriter) {
		w.Header().Set("Retry-After", "7")
		write(w, 503, `{"error":"the database does not respond","error_code":"InternalServerError"}`)
	}
	_, err := p.Refresh(t.Context())
	if model.FaultKindOf(err) != model.Unreachable || !p.Session().SignedIn || !strings.Contains(err.Error(), "in 7s") {
		t.Fatalf("got %v, session %+v", err, p.Session())
	}
}

// A service that refuses the fresh token too is asked once more and no further.
func TestRetryIsBounded(t *testing.T) {
	s := newStub(t)
	p := s.signIn(t)
	s.expire()
	s.session = func(w http.ResponseWriter) {
		token := s.token()
		s.expire()
		write(w, 201, fmt.Sprintf(`{"access_token":%q}`, token))
	}
	_, err := p.Call(t.Context(), "f", nil)
	if err == nil || s.refused.Load() != 2 || s.sessions.Load() != 1 {
		t.Errorf("%v after %d refusals and %d renewals, want 2 and 1", err, s.refused.Load(), s.sessions.Load())
	}
}

func TestFaultsOfAnswers(t *testing.T) {
	s := newStub(t)
	p := s.signIn(t)
	for name, tc := range map[string]struct {
		status int
		body   string
		kind   model.FaultKind
		want   string
	}{
		"no rule":          {403, `{"error":"no rule lets you write app.custom_user_data","error_code":"NoMatchingRuleFound"}`, model.PermissionDenied, "no rule lets you write"},
		"insert denied":    {400, `{"error":"insert not permitted"}`, model.PermissionDenied, "insert not permitted"},
		"function throws":  {400, `{"error":"{\"message\":\"boom\"}","error_code":"FunctionExecutionError"}`, model.Failed, "boom"},
		"throttled":        {429, `{"error":"slow down"}`, model.Throttled, "too many"},
		"bad gateway":      {502, `<html>`, model.Unreachable, "cannot work at the moment"},
		"not the API":      {404, `<html>nginx`, model.Failed, "not what the client API answers"},
		"not JSON at all":  {200, `hello`, model.Failed, "not extended JSON"},
		"internal":         {500, `{"error":"error processing request"}`, model.Failed, "error processing request"},
		"redirect is none": {302, ``, model.Failed, "not what the client API answers"},
	} {
		s.call = func(w http.ResponseWriter, _ string, _ bson.Raw) { write(w, tc.status, tc.body) }
		_, err := p.Call(t.Context(), "f", nil)
		if model.FaultKindOf(err) != tc.kind || !strings.Contains(fmt.Sprint(err), tc.want) {
			t.Errorf("%s: %s: %v", name, model.FaultKindOf(err), err)
		}
	}
}

func TestSignInFaults(t *testing.T) {
	s := newStub(t)
	for body, kind := range map[string]model.FaultKind{
		`{"error":"unauthorized","error_code":"InvalidPassword"}`: model.InvalidCredentials,
		`{"error":"unauthorized","error_code":"AuthError"}`:       model.InvalidCredentials,
		`{"error":"unauthorized"}`:                                model.InvalidCredentials,
		`{"error":"user disabled","error_code":"UserDisabled"}`:   model.PermissionDenied,
	} {
		s.login = func(w http.ResponseWriter, _ bson.Raw) { write(w, 401, body) }
		_, err := s.client().SignIn(t.Context(), password("a@b.c", "secret-password"))
		if model.FaultKindOf(err) != kind || strings.Contains(err.Error(), "secret-password") {
			t.Errorf("%s: %s: %v", body, model.FaultKindOf(err), err)
		}
	}
	if s.sessions.Load() != 0 {
		t.Error("a refused sign-in renewed a token")
	}
	_, err := client.New(client.Options{BaseURL: s.URL, AppID: "nobody", Now: moment}).SignIn(t.Context(), password("a", "b"))
	if model.FaultKindOf(err) != model.Failed {
		t.Errorf("unknown application: %v", err)
	}
}

func TestDeadAndSlowServicesAreUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead := l.Addr().String()
	l.Close()
	_, err = client.New(client.Options{BaseURL: "http://" + dead, AppID: appID, Now: moment}).SignIn(t.Context(), password("a", "b"))
	if model.FaultKindOf(err) != model.Unreachable || !strings.Contains(err.Error(), dead) {
		t.Errorf("dead: %v", err)
	}
	for _, bad := range []string{"", "localhost:9080", "ftp://x", "http://"} {
		if err := client.New(client.Options{BaseURL: bad, AppID: appID, Now: moment}).Ping(t.Context()); model.FaultKindOf(err) != model.InvalidInput {
			t.Errorf("address %q: %v", bad, err)
		}
	}

	s := newStub(t)
	p := s.signIn(t, func(o *client.Options) { o.Timeout = 50 * time.Millisecond })
	free := make(chan struct{})
	s.call = func(w http.ResponseWriter, _ string, _ bson.Raw) { <-free }
	_, err = p.Call(t.Context(), "f", nil)
	close(free)
	if model.FaultKindOf(err) != model.Unreachable {
		t.Errorf("slow: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Call(ctx, "f", nil); !errors.Is(err, context.Canceled) || model.FaultKindOf(err) == model.Unreachable {
		t.Errorf("given up: %v", err)
	}
}

func TestACertificateThatIsNotTrustedIsSaidSo(t *testing.T) {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	err := client.New(client.Options{BaseURL: s.URL, AppID: appID, Now: moment}).Ping(t.Context())
	if said := fmt.Sprint(err); model.FaultKindOf(err) != model.Unreachable || !strings.Contains(said, "is not trusted") || !strings.Contains(said, "SSL_CERT_FILE") || strings.Contains(said, "network") {
		t.Errorf("unknown authority: %v", err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	elsewhere := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "elsewhere.example.net"}}
	err = client.New(client.Options{BaseURL: s.URL, AppID: appID, Now: moment, Transport: elsewhere}).Ping(t.Context())
	if !strings.Contains(fmt.Sprint(err), "is for other names") {
		t.Errorf("another name: %v", err)
	}
}

func TestSecretsPrintNothing(t *testing.T) {
	tokens := client.Tokens{UserID: userID, Access: "a.very-secret.token", Refresh: "another.very-secret.token"}
	text, err := json.Marshal(tokens)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("tokens", "access", tokens.Access, "all", tokens)
	for _, shown := range []string{
		string(text), log.String(), fmt.Sprint(tokens), fmt.Sprintf("%+v %#v %q %x %s", tokens, tokens, tokens.Access, tokens.Access, tokens.Refresh),
		fmt.Sprintf("%+v %#v", password("a", "very-secret"), password("a", "very-secret")),
	} {
		if strings.Contains(shown, "very-secret") || strings.Contains(shown, "766572792d") {
			t.Errorf("shown: %s", shown)
		}
	}
}

func TestResumeWithoutAccessTokenRenewsFirst(t *testing.T) {
	s := newStub(t)
	p, err := s.client().Resume(client.Tokens{UserID: userID, Refresh: "r.e.f", Provider: "local-userpass"})
	if err != nil {
		t.Fatal(err)
	}
	if s.sessions.Load() != 0 || !p.Session().SignedIn {
		t.Error("resuming made a call")
	}
	if _, err := p.Profile(t.Context()); err != nil || s.sessions.Load() != 1 || color(p.CustomData()) != "pink" {
		t.Errorf("%v, %d renewals, %s", err, s.sessions.Load(), p.CustomData())
	}
}

func TestNewerTokenOfAnotherProcessIsTaken(t *testing.T) {
	s := newStub(t)
	k := &keeper{}
	p := s.signIn(t, func(o *client.Options) {
		o.TokenStore = k
		o.Now = func() time.Time { return time.Unix(1700000100, 0) }
	})
	other, err := s.client().Resume(p.Tokens())
	if err != nil {
		t.Fatal(err)
	}
	s.expire()
	if _, err := other.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	k.SaveTokens(other.Tokens())
	before := s.sessions.Load()
	if _, err := p.Call(t.Context(), "f", nil); err != nil {
		t.Fatal(err)
	}
	if s.sessions.Load() != before || p.Tokens().Access != other.Tokens().Access || p.Session().Refreshes != 1 {
		t.Errorf("%d renewals, session %+v", s.sessions.Load()-before, p.Session())
	}
}

func TestSignOutForgetsInAnyCase(t *testing.T) {
	s := newStub(t)
	k := &keeper{}
	p := s.signIn(t, func(o *client.Options) { o.TokenStore = k })
	s.Close()
	err := p.SignOut(t.Context())
	if model.FaultKindOf(err) != model.Unreachable || p.Session().SignedIn || p.Tokens().Refresh != "" || !k.last().SignedOut {
		t.Errorf("%v, session %+v", err, p.Session())
	}
	if err := p.SignOut(t.Context()); err != nil {
		t.Error(err)
	}
}

// keeper keeps the last tokens in memory.
type keeper struct {
	mu   sync.Mutex
	kept client.Tokens
}

func (k *keeper) SaveTokens(t client.Tokens) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.kept = t
}

func (k *keeper) LoadTokens(string) (client.Tokens, bool) { return k.last(), true }

func (k *keeper) last() client.Tokens {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.kept
}
