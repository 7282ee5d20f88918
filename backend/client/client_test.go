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

func TestSignInReadsSnapshot(t *testing.T) {
	s := newStub(t)
	var sent bson.Raw
	s.login = func(w http.ResponseWriter, body bson.Raw) {
		sent = body
		respond(w, 200, fmt.Sprintf(`{"access_token":%q,"refresh_token":"r.e.f","user_id":%q,"device_id":"64b0000000000000000000d1"}`, s.token(), userID))
	}
	c := s.client()
	user, err := c.SignIn(t.Context(), passwordCredential("a@b.c", "secret-password"))
	if err != nil {
		t.Fatal(err)
	}
	if got := sent.Lookup("username").StringValue(); got != "a@b.c" {
		t.Errorf("username %q", got)
	}
	if _, err := sent.LookupErr("options", "device", "platform"); err != nil {
		t.Errorf("no device in %s", sent)
	}
	session := user.Session()
	if got := user.CustomData().Lookup("favoriteColor").StringValue(); got != "pink" || !session.SignedIn ||
		session.Refreshes != 0 || session.Previous != nil {
		t.Errorf("custom data %s, session %+v", user.CustomData(), session)
	}
	if lifetime := session.Snapshot.ExpiresAt.Sub(session.Snapshot.IssuedAt); lifetime != 30*time.Minute {
		t.Errorf("token lifetime %v", lifetime)
	}
	a := user.Account()
	if a.Name != "a@b.c" || a.UserID != userID || a.Provider != "local-userpass" || a.ID != client.AccountID(s.URL, appID,
		userID) {
		t.Errorf("account %+v", a)
	}
	u := user.CachedProfile()
	if u.Type != "normal" || len(u.Identities) != 1 || u.Identities[0].ProviderType != "local-userpass" ||
		!u.App.CustomData.Complete() || len(u.App.Functions) != 1 {
		t.Errorf("profile %+v", u)
	}
	if _, err := c.SignIn(t.Context(), passwordCredential("a@b.c", "secret-password")); err != nil {
		t.Fatal(err)
	}
	if id, ok := sent.Lookup("options", "device", "deviceId").ObjectIDOK(); !ok || id.Hex() != "64b0000000000000000000d1" {
		t.Errorf("the second sign-in does not send the device id: %s", sent)
	}
}

// TestExpiredTokenIsRefreshedOnce: 50 concurrent calls with an expired token make one POST auth/session.
func TestExpiredTokenIsRefreshedOnce(t *testing.T) {
	s := newStub(t)
	user := s.signIn(t)
	s.expireTokens()
	// Delay the refresh until every call was rejected, so that all of them wait for it.
	rejections := make(chan struct{}, 50)
	s.onReject = func() { rejections <- struct{}{} }
	s.session = func(w http.ResponseWriter) {
		for range 50 {
			<-rejections
		}
		respond(w, 201, fmt.Sprintf(`{"access_token":%q}`, s.token()))
	}
	s.userData = `{"_id":"64b000000000000000000001","userId":"` + userID + `","favoriteColor":"purple"}`
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if _, err := user.Call(t.Context(), "f", nil); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := s.sessions.Load(); n != 1 {
		t.Errorf("%d refreshes for 50 calls, want 1", n)
	}
	session := user.Session()
	if session.Refreshes != 1 || session.Previous == nil {
		t.Fatalf("session %+v", session)
	}
	if old, now := color(session.Previous.CustomData), color(session.Snapshot.CustomData); old != "pink" ||
		now != "purple" {
		t.Errorf("%s -> %s, want pink -> purple", old, now)
	}
}

func color(doc bson.Raw) string { return doc.Lookup("favoriteColor").StringValue() }

func TestRejectedRefreshSignsOut(t *testing.T) {
	s := newStub(t)
	k := &memoryStore{}
	user := s.signIn(t, func(o *client.Options) { o.TokenStore = k })
	s.session = func(w http.ResponseWriter) {
		respond(w, 401, `{"error":"invalid session: failed to find refresh token","error_code":"InvalidSession"}`)
	}
	_, err := user.Refresh(t.Context())
	if model.FaultKindOf(err) != model.SignedOut || user.Session().SignedIn {
		t.Fatalf("got %v, session %+v", err, user.Session())
	}
	if !k.last().SignedOut || k.last().Refresh != "" {
		t.Error("the end of the session was not stored")
	}
	before := s.sessions.Load()
	if _, err := user.Call(t.Context(), "f", nil); model.FaultKindOf(err) != model.SignedOut ||
		s.sessions.Load() != before {
		t.Errorf("a call after that: %v", err)
	}
}

// TestUnavailableServiceKeepsSession: a 503, such as a database failure, does not sign the user out.
func TestUnavailableServiceKeepsSession(t *testing.T) {
	s := newStub(t)
	user := s.signIn(t)
	s.session = func(w http.ResponseWriter) {
		w.Header().Set("Retry-After", "7")
		respond(w, 503, `{"error":"the database does not respond","error_code":"InternalServerError"}`)
	}
	_, err := user.Refresh(t.Context())
	if model.FaultKindOf(err) != model.Unreachable || !user.Session().SignedIn || !strings.Contains(err.Error(), "in 7s") {
		t.Fatalf("got %v, session %+v", err, user.Session())
	}
}

// TestRetryIsBounded: a call is repeated only once when the service rejects the refreshed token too.
func TestRetryIsBounded(t *testing.T) {
	s := newStub(t)
	user := s.signIn(t)
	s.expireTokens()
	s.session = func(w http.ResponseWriter) {
		token := s.token()
		s.expireTokens()
		respond(w, 201, fmt.Sprintf(`{"access_token":%q}`, token))
	}
	_, err := user.Call(t.Context(), "f", nil)
	if err == nil || s.rejected.Load() != 2 || s.sessions.Load() != 1 {
		t.Errorf("%v after %d rejections and %d refreshes, want 2 and 1", err, s.rejected.Load(), s.sessions.Load())
	}
}

func TestResponseFaults(t *testing.T) {
	s := newStub(t)
	user := s.signIn(t)
	for name, tc := range map[string]struct {
		status int
		body   string
		kind   model.FaultKind
		want   string
	}{
		"no rule": {403, `{"error":"no rule lets you write app.custom_user_data","error_code":"NoMatchingRuleFound"}`,
			model.PermissionDenied, "no rule lets you write"},
		"insert denied": {400, `{"error":"insert not permitted"}`, model.PermissionDenied, "insert not permitted"},
		"function throws": {400, `{"error":"{\"message\":\"boom\"}","error_code":"FunctionExecutionError"}`, model.Failed,
			"boom"},
		"throttled":        {429, `{"error":"slow down"}`, model.Throttled, "too many"},
		"bad gateway":      {502, `<html>`, model.Unreachable, "temporarily unavailable"},
		"not the API":      {404, `<html>nginx`, model.Failed, "not a response of the client API"},
		"not JSON at all":  {200, `hello`, model.Failed, "not extended JSON"},
		"internal":         {500, `{"error":"error processing request"}`, model.Failed, "error processing request"},
		"redirect is none": {302, ``, model.Failed, "not a response of the client API"},
	} {
		s.call = func(w http.ResponseWriter, _ string, _ bson.Raw) { respond(w, tc.status, tc.body) }
		_, err := user.Call(t.Context(), "f", nil)
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
		s.login = func(w http.ResponseWriter, _ bson.Raw) { respond(w, 401, body) }
		_, err := s.client().SignIn(t.Context(), passwordCredential("a@b.c", "secret-password"))
		if model.FaultKindOf(err) != kind || strings.Contains(err.Error(), "secret-password") {
			t.Errorf("%s: %s: %v", body, model.FaultKindOf(err), err)
		}
	}
	if s.sessions.Load() != 0 {
		t.Error("a refused sign-in refreshed a token")
	}
	_, err := client.New(client.Options{BaseURL: s.URL, AppID: "unknown", Now: fixedTime}).SignIn(t.Context(),
		passwordCredential("a", "b"))
	if model.FaultKindOf(err) != model.Failed {
		t.Errorf("unknown application: %v", err)
	}
}

// The caller's deadline replaces the client's timeout: a function may run longer than other calls.
func TestTheCallersDeadlineReplacesTheTimeout(t *testing.T) {
	s := newStub(t)
	tokens := s.signIn(t).Tokens()
	user, err := s.client(func(o *client.Options) { o.Timeout = time.Nanosecond }).Resume(tokens)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := timeoutContext(t, time.Minute)
	defer cancel()
	if _, err := user.Call(ctx, "f", nil); err != nil {
		t.Errorf("with a deadline: %v", err)
	}
	if _, err := user.Call(t.Context(), "f", nil); model.FaultKindOf(err) != model.Unreachable {
		t.Errorf("without a deadline: %v", err)
	}
}

func TestUnreachableServices(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	l.Close()
	_, err = client.New(client.Options{BaseURL: "http://" + closed, AppID: appID, Now: fixedTime}).SignIn(t.Context(),
		passwordCredential("a", "b"))
	if model.FaultKindOf(err) != model.Unreachable || !strings.Contains(err.Error(), closed) {
		t.Errorf("closed port: %v", err)
	}
	for _, bad := range []string{"", "localhost:9080", "ftp://x", "http://"} {
		if err := client.New(client.Options{BaseURL: bad, AppID: appID,
			Now: fixedTime}).Ping(t.Context()); model.FaultKindOf(err) != model.InvalidInput {
			t.Errorf("address %q: %v", bad, err)
		}
	}

	s := newStub(t)
	user := s.signIn(t, func(o *client.Options) { o.Timeout = 50 * time.Millisecond })
	release := make(chan struct{})
	s.call = func(w http.ResponseWriter, _ string, _ bson.Raw) { <-release }
	_, err = user.Call(t.Context(), "f", nil)
	close(release)
	if model.FaultKindOf(err) != model.Unreachable {
		t.Errorf("slow: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := user.Call(ctx, "f", nil); !errors.Is(err, context.Canceled) ||
		model.FaultKindOf(err) == model.Unreachable {
		t.Errorf("cancelled: %v", err)
	}
}

func TestUntrustedCertificate(t *testing.T) {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	err := client.New(client.Options{BaseURL: s.URL, AppID: appID, Now: fixedTime}).Ping(t.Context())
	if message := fmt.Sprint(err); model.FaultKindOf(err) != model.Unreachable || !strings.Contains(message,
		"is not trusted") || !strings.Contains(message, "SSL_CERT_FILE") || strings.Contains(message, "network") {
		t.Errorf("unknown authority: %v", err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	elsewhere := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "elsewhere.example.net"}}
	err = client.New(client.Options{BaseURL: s.URL, AppID: appID, Now: fixedTime, Transport: elsewhere}).Ping(t.Context())
	if !strings.Contains(fmt.Sprint(err), "is for other names") {
		t.Errorf("certificate for another host: %v", err)
	}
}

func TestSecretsAreRedacted(t *testing.T) {
	tokens := client.Tokens{UserID: userID, Access: "a.very-secret.token", Refresh: "another.very-secret.token"}
	text, err := json.Marshal(tokens)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("tokens", "access", tokens.Access, "all", tokens)
	for _, printed := range []string{
		string(text), log.String(), fmt.Sprint(tokens), fmt.Sprintf("%+v %#v %q %x %s", tokens, tokens, tokens.Access,
			tokens.Access, tokens.Refresh),
		fmt.Sprintf("%+v %#v", passwordCredential("a", "very-secret"), passwordCredential("a", "very-secret")),
	} {
		if strings.Contains(printed, "very-secret") || strings.Contains(printed, "766572792d") {
			t.Errorf("printed: %s", printed)
		}
	}
}

func TestResumeWithoutAccessTokenRefreshes(t *testing.T) {
	s := newStub(t)
	user, err := s.client().Resume(client.Tokens{UserID: userID, Refresh: "r.e.f", Provider: "local-userpass"})
	if err != nil {
		t.Fatal(err)
	}
	if s.sessions.Load() != 0 || !user.Session().SignedIn {
		t.Error("Resume made a request")
	}
	if _, err := user.Profile(t.Context()); err != nil || s.sessions.Load() != 1 || color(user.CustomData()) != "pink" {
		t.Errorf("%v, %d refreshes, %s", err, s.sessions.Load(), user.CustomData())
	}
}

func TestNewerStoredTokenIsAdopted(t *testing.T) {
	s := newStub(t)
	k := &memoryStore{}
	user := s.signIn(t, func(o *client.Options) {
		o.TokenStore = k
		o.Now = func() time.Time { return time.Unix(1700000100, 0) }
	})
	other, err := s.client().Resume(user.Tokens())
	if err != nil {
		t.Fatal(err)
	}
	s.expireTokens()
	if _, err := other.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	k.SaveTokens(other.Tokens())
	before := s.sessions.Load()
	if _, err := user.Call(t.Context(), "f", nil); err != nil {
		t.Fatal(err)
	}
	if s.sessions.Load() != before || user.Tokens().Access != other.Tokens().Access || user.Session().Refreshes != 1 {
		t.Errorf("%d refreshes, session %+v", s.sessions.Load()-before, user.Session())
	}
}

// A user resumed without the refresh token reads it from the store when it refreshes or signs out.
func TestTheRefreshTokenIsReadFromTheStore(t *testing.T) {
	s := newStub(t)
	k := &memoryStore{}
	tokens := s.signIn(t, func(o *client.Options) { o.TokenStore = k }).Tokens()
	tokens.Refresh = ""
	user, err := s.client(func(o *client.Options) { o.TokenStore = k }).Resume(tokens)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := user.Refresh(t.Context()); err != nil || user.Session().Refreshes != 1 {
		t.Errorf("%v, session %+v", err, user.Session())
	}
}

// A user resumed without the refresh token ends the own session, not the one of a later sign-in by another process.
func TestSignOutEndsTheOwnSession(t *testing.T) {
	s := newStub(t)
	k := &memoryStore{}
	tokens := s.signIn(t, func(o *client.Options) { o.TokenStore = k }).Tokens()
	for stored, want := range map[string]string{tokens.SessionID: string(tokens.Refresh), "later": ""} {
		own, newer := tokens, tokens
		own.Refresh, newer.SessionID, s.ended = "", stored, nil
		k.SaveTokens(newer)
		user, err := s.client(func(o *client.Options) { o.TokenStore = k }).Resume(own)
		if err != nil {
			t.Fatal(err)
		}
		if err := user.SignOut(t.Context()); err != nil || len(s.ended) != 1 || s.ended[0] != want {
			t.Errorf("stored session %s: %v, ended %q, want %q", stored, err, s.ended, want)
		}
	}
}

func TestSignOutAlwaysDeletesTokens(t *testing.T) {
	s := newStub(t)
	k := &memoryStore{}
	user := s.signIn(t, func(o *client.Options) { o.TokenStore = k })
	s.Close()
	err := user.SignOut(t.Context())
	if model.FaultKindOf(err) != model.Unreachable || user.Session().SignedIn || user.Tokens().Refresh != "" ||
		!k.last().SignedOut {
		t.Errorf("%v, session %+v", err, user.Session())
	}
	if err := user.SignOut(t.Context()); err != nil {
		t.Error(err)
	}
}

// memoryStore is a client.TokenStore that holds the last saved tokens.
type memoryStore struct {
	mu     sync.Mutex
	tokens client.Tokens
}

func (k *memoryStore) SaveTokens(t client.Tokens) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.tokens = t
}

func (k *memoryStore) LoadTokens(string) (client.Tokens, bool) { return k.last(), true }

func (k *memoryStore) RefreshToken(_, sessionID string) client.Secret {
	if t := k.last(); sessionID == "" || t.SessionID == sessionID {
		return t.Refresh
	}
	return ""
}

func (k *memoryStore) last() client.Tokens {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.tokens
}
