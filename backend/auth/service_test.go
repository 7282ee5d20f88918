package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/directory"
	"dossier/backend/storetest"
	"dossier/model"
)

const (
	email    = "ada@example.com"
	password = "correct horse"
)

// fixture is a service with a clock, recorded emails and hooks for the test.
type fixture struct {
	*Service
	t            *testing.T
	mu           sync.Mutex // of now: the removal of expired documents reads the clock in the background
	now          time.Time  // only the test's goroutine changes it
	lastMail     Mail
	beforeCreate func(ctx context.Context) error
	function     func(args []bson.RawValue) (any, error)
	events       []Event
}

func (f *fixture) clock() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

func (f *fixture) advance(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
}

func start(t *testing.T) *fixture {
	t.Helper()
	return startWith(t, func(*Options) {})
}

func startWith(t *testing.T, change func(*Options)) *fixture {
	t.Helper()
	f := &fixture{t: t, now: time.Date(2030, time.March, 14, 9, 26, 53, 0, time.UTC)}
	now := f.clock
	db := storetest.Open(t, now)
	users := directory.New(db.Deployment, "dossier_"+db.Localize("app"), now)
	if err := users.EnsureIndexes(t.Context()); err != nil {
		t.Fatal(err)
	}
	o := Options{
		AppID: "app", Now: now, Random: rand.Reader, Cores: 1, HashCost: TestCost(), OperatorKey: NewSecret("operator key"),
		Providers: map[string]app.Provider{
			api.Anonymous: {Type: api.Anonymous}, api.APIKey: {Type: api.APIKey},
			api.CustomFunction: {Type: api.CustomFunction, Function: "verify"},
			api.EmailPassword: {Type: api.EmailPassword, EmailPassword: app.EmailPassword{AutoConfirm: true,
				ResetURL: "https://app.example.com/reset"}},
		},
		CustomData: func(_ context.Context, userID string) (bson.Raw, int, error) {
			doc, err := bson.Marshal(bson.D{{Key: "userId", Value: userID}})
			return doc, 1, err
		},
		BeforeCreate: func(ctx context.Context, _ model.User) error {
			if f.beforeCreate == nil {
				return nil
			}
			return f.beforeCreate(ctx)
		},
		CallFunction: func(_ context.Context, _ string, _ model.User, args []bson.RawValue) (bson.RawValue, error) {
			result, err := f.function(args)
			if err != nil {
				return bson.RawValue{}, err
			}
			kind, data, err := bson.MarshalValue(result)
			return bson.RawValue{Type: kind, Value: data}, err
		},
		SendMail: func(_ context.Context, m Mail) error { f.lastMail = m; return nil },
		OnEvent:  func(e Event) { f.events = append(f.events, e) },
	}
	change(&o)
	var err error
	if f.Service, err = New(t.Context(), db.Deployment, "dossier_"+db.Localize("app"), users, o); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *fixture) credential(provider string, fields bson.D) Credential {
	f.t.Helper()
	body, err := bson.Marshal(fields)
	if err != nil {
		f.t.Fatal(err)
	}
	return Credential{Provider: provider, Body: body}
}

func (f *fixture) passwordCredential(email, password string) Credential {
	f.t.Helper()
	return f.credential(api.EmailPassword, bson.D{{Key: "username", Value: email}, {Key: "password", Value: password}})
}

func (f *fixture) signIn(email, password string) (Tokens, error) {
	f.t.Helper()
	return f.SignIn(f.t.Context(), f.passwordCredential(email, password))
}

// mustSignIn signs in and authenticates the access token.
func (f *fixture) mustSignIn(c Credential) (Tokens, *Session) {
	f.t.Helper()
	tokens, err := f.SignIn(f.t.Context(), c)
	if err != nil {
		f.t.Fatal(err)
	}
	session, err := f.Authenticate(f.t.Context(), tokens.Access)
	if err != nil {
		f.t.Fatal(err)
	}
	return tokens, session
}

func (f *fixture) register(email string) {
	f.t.Helper()
	if err := f.Register(f.t.Context(), email, NewSecret(password), ""); err != nil {
		f.t.Fatal(err)
	}
}

// mailedToken is the one-time token in the last mail.
func (f *fixture) mailedToken() OneTimeToken {
	f.t.Helper()
	u, err := url.Parse(f.lastMail.Link.Reveal())
	if err != nil {
		f.t.Fatal(err)
	}
	return OneTimeToken{ID: u.Query().Get("tokenId"), Token: NewSecret(u.Query().Get("token"))}
}

// refused checks the status and the code of an error; an empty code matches any.
func refused(t *testing.T, what string, err error, status int, code string) *api.Error {
	t.Helper()
	var response *api.Error
	if !errors.As(err, &response) || response.Status != status || code != "" && response.Code != code {
		t.Errorf("%s: %v, want %d %s", what, err, status, code)
		return &api.Error{}
	}
	return response
}

func TestSessionIsRefreshedUntilSignOut(t *testing.T) {
	f := start(t)
	tokens, session := f.mustSignIn(f.credential(api.Anonymous, bson.D{
		{Key: "options", Value: bson.D{{Key: "device", Value: bson.D{
			{Key: "deviceId", Value: "5ED10d5dc085000e2c0099f2"}, {Key: "platform", Value: "go"}, {Key: "$x", Value: "y"},
		}}}},
	}))
	if session.User.ID != tokens.UserID || tokens.DeviceID != "5ed10d5dc085000e2c0099f2" {
		t.Errorf("%+v is the session of %+v", session, tokens)
	}
	if doc, err := session.Snapshot(); err != nil || doc.Lookup("userId").StringValue() != tokens.UserID {
		t.Errorf("snapshot %s, %v", doc, err)
	}
	f.advance(DefaultTokenLife)
	_, err := f.Authenticate(t.Context(), tokens.Access)
	refused(t, "an expired access token", err, http.StatusUnauthorized, api.CodeInvalidSession)
	access, err := f.Refresh(t.Context(), tokens.Refresh)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Authenticate(t.Context(), access); err != nil {
		t.Error(err)
	}
	_, err = f.Refresh(t.Context(), access)
	refused(t, "refreshing with an access token", err, http.StatusUnauthorized, api.CodeInvalidSession)
	_, err = f.Authenticate(t.Context(), tokens.Refresh)
	refused(t, "authenticating with a refresh token", err, http.StatusUnauthorized, api.CodeInvalidSession)
	if err := f.SignOut(t.Context(), tokens.Refresh); err != nil {
		t.Fatal(err)
	}
	_, err = f.Refresh(t.Context(), tokens.Refresh)
	refused(t, "refreshing after signing out", err, http.StatusUnauthorized, api.CodeInvalidSession)
	refused(t, "the session after signing out", f.Revalidate(t.Context(), session), http.StatusUnauthorized,
		api.CodeInvalidSession)
	other, _ := f.mustSignIn(Credential{Provider: api.Anonymous})
	f.advance(DefaultRefreshLife)
	_, err = f.Refresh(t.Context(), other.Refresh)
	refused(t, "an expired refresh token", err, http.StatusUnauthorized, api.CodeInvalidSession)
}

func TestRevokedAndDisabled(t *testing.T) {
	f := start(t)
	f.register(email)
	tokens, session := f.mustSignIn(f.passwordCredential(email, password))
	if err := f.directory.RevokeSessions(t.Context(), tokens.UserID); err != nil {
		t.Fatal(err)
	}
	refused(t, "a revoked session", f.Revalidate(t.Context(), session), http.StatusUnauthorized, api.CodeInvalidSession)
	tokens, _ = f.mustSignIn(f.passwordCredential(email, password))
	if err := f.directory.SetDisabled(t.Context(), tokens.UserID, true); err != nil {
		t.Fatal(err)
	}
	_, err := f.Refresh(t.Context(), tokens.Refresh)
	refused(t, "a disabled user's session", err, http.StatusUnauthorized, api.CodeInvalidSession)
	_, err = f.signIn(email, password)
	refused(t, "a disabled user's sign-in", err, http.StatusUnauthorized, api.CodeUserDisabled)
}

func TestThrottleDelaysAfterFailures(t *testing.T) {
	f := start(t)
	f.register(email)
	for range freeFailures {
		_, err := f.signIn(email, "wrong password")
		refused(t, "a wrong password", err, http.StatusUnauthorized, api.CodeInvalidPassword)
	}
	_, err := f.signIn(email, password)
	if r := refused(t, "after too many failures", err, http.StatusTooManyRequests, ""); r.RetryAfter != firstWait {
		t.Errorf("retry after %s", r.RetryAfter)
	}
	other := f.passwordCredential(email, password)
	other.ClientAddress = "203.0.113.7"
	f.mustSignIn(other)
	f.advance(firstWait)
	f.mustSignIn(f.passwordCredential(email, password))
	_, err = f.signIn(email, "wrong password") // the count starts again
	refused(t, "a wrong password", err, http.StatusUnauthorized, api.CodeInvalidPassword)
	f.mustSignIn(f.passwordCredential(email, password))
}

func TestRateLimits(t *testing.T) {
	f := startWith(t, func(o *Options) {
		o.Limits = Limits{Registrations: 1, Anonymous: 1, Mails: -1,
			MailsPerRecipient: 1}
	})
	local, remote := "127.0.0.1", "203.0.113.7"
	for range 2 {
		f.mustSignIn(Credential{Provider: api.Anonymous, ClientAddress: local})
	}
	f.mustSignIn(Credential{Provider: api.Anonymous, ClientAddress: remote})
	_, err := f.SignIn(t.Context(), Credential{Provider: api.Anonymous, ClientAddress: remote})
	if r := refused(t, "a second anonymous sign-in", err, http.StatusTooManyRequests, ""); r.RetryAfter <= 0 {
		t.Errorf("retry after %s", r.RetryAfter)
	}
	if err := f.Register(t.Context(), email, NewSecret(password), remote); err != nil {
		t.Fatal(err)
	}
	err = f.Register(t.Context(), "bob@example.com", NewSecret(password), remote)
	refused(t, "a second registration", err, http.StatusTooManyRequests, "")
	if err := f.SendResetPasswordEmail(t.Context(), email, remote); err != nil {
		t.Fatal(err)
	}
	err = f.SendResetPasswordEmail(t.Context(), email, remote)
	refused(t, "a second mail to one recipient", err, http.StatusTooManyRequests, "")
	f.advance(LimitWindow)
	f.mustSignIn(Credential{Provider: api.Anonymous, ClientAddress: remote})
}

func TestLink(t *testing.T) {
	f := start(t)
	f.register(email)
	f.register("bob@example.com")
	_, session := f.mustSignIn(Credential{Provider: api.Anonymous})
	tokens, err := f.Link(t.Context(), session, f.passwordCredential(email, password))
	if err != nil || tokens.UserID != session.User.ID || tokens.Refresh.Reveal() != "" {
		t.Fatalf("%+v, %v", tokens, err)
	}
	linked, session := f.mustSignIn(f.passwordCredential(email, password))
	if linked.UserID != tokens.UserID || len(session.User.Identities) != 2 {
		t.Errorf("signed in as %+v", session.User)
	}
	_, err = f.Link(t.Context(), session, f.passwordCredential("bob@example.com", password))
	refused(t, "a second e-mail/password identity", err, http.StatusUnauthorized, api.CodeAuthError)
	_, err = f.Link(t.Context(), session, f.passwordCredential(email, "wrong password"))
	if r := refused(t, "a wrong password", err, http.StatusUnauthorized,
		api.CodeInvalidPassword); r.Message == "unauthorized" {
		t.Error("SDKs refresh the access token and retry after this message")
	}
	_, err = f.Link(t.Context(), session, Credential{Provider: api.Anonymous})
	refused(t, "an anonymous identity", err, http.StatusBadRequest, api.CodeBadRequest)
	_, anonymous := f.mustSignIn(Credential{Provider: api.Anonymous})
	_, err = f.Link(t.Context(), anonymous, f.passwordCredential(email, password))
	refused(t, "another user's identity", err, http.StatusUnauthorized, api.CodeAuthError)
	if err := f.directory.MarkDeleted(t.Context(), anonymous.User.ID); err != nil {
		t.Fatal(err)
	}
	_, err = f.Link(t.Context(), anonymous, f.passwordCredential("bob@example.com", password))
	refused(t, "a user that is being deleted", err, http.StatusUnauthorized, api.CodeAuthError)
	f.mustSignIn(f.passwordCredential("bob@example.com", password)) // the identity is unclaimed again
}

func TestDeleteUser(t *testing.T) {
	f := start(t)
	f.register(email)
	tokens, session := f.mustSignIn(f.passwordCredential(email, password))
	if err := f.DeleteUser(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	_, err := f.Authenticate(t.Context(), tokens.Access)
	refused(t, "a deleted user's token", err, http.StatusUnauthorized, api.CodeInvalidSession)
	_, err = f.signIn(email, password)
	refused(t, "a deleted user's password", err, http.StatusUnauthorized, api.CodeInvalidPassword)
	f.register(email)
	if again, _ := f.mustSignIn(f.passwordCredential(email, password)); again.UserID == tokens.UserID {
		t.Error("a new registration has a deleted user's id")
	}
}

func TestUserAPIKeys(t *testing.T) {
	f := start(t)
	f.register(email)
	owner, _ := f.mustSignIn(f.passwordCredential(email, password))
	key, secret, err := f.CreateAPIKey(t.Context(), owner.Refresh, "laptop")
	if err != nil {
		t.Fatal(err)
	}
	withKey := f.credential(api.APIKey, bson.D{{Key: "key", Value: secret.Reveal()}})
	tokens, session := f.mustSignIn(withKey)
	if tokens.UserID != owner.UserID {
		t.Errorf("signed in as %q", tokens.UserID)
	}
	err = f.DeleteAPIKey(t.Context(), tokens.Refresh, key.ID)
	refused(t, "deleting the key of this session", err, http.StatusForbidden, "")
	if err := f.SetAPIKeyDisabled(t.Context(), owner.Refresh, key.ID, true); err != nil {
		t.Fatal(err)
	}
	refused(t, "a disabled key's session", f.Revalidate(t.Context(), session), http.StatusUnauthorized,
		api.CodeInvalidSession)
	_, err = f.SignIn(t.Context(), withKey)
	refused(t, "a disabled key", err, http.StatusUnauthorized, api.CodeAuthError)
	if list, err := f.APIKeys(t.Context(), owner.Refresh); err != nil || len(list) != 1 || !list[0].Disabled {
		t.Errorf("%+v, %v", list, err)
	}
	if err := f.DeleteAPIKey(t.Context(), owner.Refresh, key.ID); err != nil {
		t.Fatal(err)
	}
	_, err = f.APIKey(t.Context(), owner.Refresh, key.ID)
	refused(t, "a deleted key", err, http.StatusNotFound, api.CodeAPIKeyNotFound)
	for name, code := range map[string]string{"": "", "a b": api.CodeInvalidParameter} {
		_, _, err := f.CreateAPIKey(t.Context(), owner.Refresh, name)
		refused(t, "the name "+name, err, http.StatusBadRequest, code)
	}
	anonymous, _ := f.mustSignIn(Credential{Provider: api.Anonymous})
	_, _, err = f.CreateAPIKey(t.Context(), anonymous.Refresh, "laptop")
	refused(t, "an anonymous user's key", err, http.StatusForbidden, "")
	_, err = f.SignIn(t.Context(), f.credential(api.APIKey, bson.D{{Key: "key", Value: "unknown"}}))
	refused(t, "an unknown key", err, http.StatusUnauthorized, api.CodeAuthError)
}

func TestServerKeys(t *testing.T) {
	f := start(t)
	key, secret, err := f.CreateServerKey(t.Context(), "backend")
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = f.CreateServerKey(t.Context(), "backend")
	refused(t, "a second key of one name", err, http.StatusConflict, api.CodeAPIKeyAlreadyExists)
	withKey := f.credential(api.APIKey, bson.D{{Key: "key", Value: secret.Reveal()}})
	first, session := f.mustSignIn(withKey)
	if again, _ := f.mustSignIn(withKey); again.UserID != first.UserID || session.User.Type != "server" {
		t.Errorf("signed in as %+v, then as %q", session.User, again.UserID)
	}
	if err := f.SetServerKeyDisabled(t.Context(), key.ID, true); err != nil {
		t.Fatal(err)
	}
	if list, err := f.ServerKeys(t.Context()); err != nil || len(list) != 1 || !list[0].Disabled {
		t.Errorf("%+v, %v", list, err)
	}
	if err := f.DeleteServerKey(t.Context(), key.ID); err != nil {
		t.Fatal(err)
	}
	if u, err := f.directory.User(t.Context(), first.UserID); u != nil || err != nil {
		t.Errorf("the server user after deletion of its key: %+v, %v", u, err)
	}
}

func TestConfirmation(t *testing.T) {
	f := startWith(t, func(o *Options) {
		o.Providers[api.EmailPassword] = app.Provider{Type: api.EmailPassword,
			EmailPassword: app.EmailPassword{ConfirmURL: "https://app.example.com/confirm"}}
	})
	f.register(email)
	_, err := f.signIn(email, password)
	refused(t, "an unconfirmed address", err, http.StatusUnauthorized, api.CodeAuthError)
	first := f.mailedToken()
	if err := f.ResendConfirmation(t.Context(), email, ""); err != nil {
		t.Fatal(err)
	}
	if err := f.ConfirmUser(t.Context(), f.mailedToken()); err != nil {
		t.Fatal(err)
	}
	refused(t, "confirming twice", f.ConfirmUser(t.Context(), first), http.StatusBadRequest, api.CodeUserAlreadyConfirmed)
	f.mustSignIn(f.passwordCredential(email, password))
	err = f.Register(t.Context(), "not an address", NewSecret(password), "")
	refused(t, "an invalid address", err, http.StatusBadRequest, api.CodeBadRequest)
}

func TestConfirmAndResetFunctions(t *testing.T) {
	f := startWith(t, func(o *Options) {
		o.Providers[api.EmailPassword] = app.Provider{Type: api.EmailPassword,
			EmailPassword: app.EmailPassword{ConfirmFunction: "confirm", ResetFunction: "reset"}}
	})
	status := func(s string) func([]bson.RawValue) (any, error) {
		return func([]bson.RawValue) (any, error) { return bson.D{{Key: "status", Value: s}}, nil }
	}
	f.function = status(statusFail)
	err := f.Register(t.Context(), email, NewSecret(password), "")
	refused(t, "a registration that the function refuses", err, http.StatusBadRequest, api.CodeBadRequest)
	f.function = status(statusSuccess)
	if err := f.RetryCustomConfirmation(t.Context(), email, ""); err != nil {
		t.Fatal(err)
	}
	f.mustSignIn(f.passwordCredential(email, password))
	f.function = func([]bson.RawValue) (any, error) { return nil, api.Errorf(http.StatusBadRequest, "", "thrown") }
	err = f.CallResetPasswordFunction(t.Context(), email, NewSecret("a new horse"), nil, "")
	refused(t, "a reset whose function throws", err, http.StatusBadRequest, api.CodeBadRequest)
	f.function = func(args []bson.RawValue) (any, error) {
		if args[0].Document().Lookup("currentPasswordValid").Boolean() {
			t.Error("the new password is not the current one")
		}
		return bson.D{{Key: "status", Value: statusSuccess}}, nil
	}
	if err := f.CallResetPasswordFunction(t.Context(), email, NewSecret("a new horse"), nil, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := f.signIn(email, "a new horse"); err != nil {
		t.Error(err)
	}
}

func TestCustomFunction(t *testing.T) {
	f := start(t)
	c := f.credential(api.CustomFunction, bson.D{{Key: "badge", Value: "7"}, {Key: "options", Value: bson.D{}}})
	f.function = func(args []bson.RawValue) (any, error) {
		if fields, err := args[0].Document().Elements(); err != nil || len(fields) != 1 || fields[0].Key() != "badge" {
			t.Errorf("the payload is %s", args[0])
		}
		return bson.D{{Key: "id", Value: "ada"}, {Key: "name", Value: "Ada"}}, nil
	}
	first, session := f.mustSignIn(c)
	if session.User.Data.Lookup("name").StringValue() != "Ada" {
		t.Errorf("data %s", session.User.Data)
	}
	f.function = func([]bson.RawValue) (any, error) { return "ada", nil }
	if again, _ := f.mustSignIn(c); again.UserID != first.UserID {
		t.Error("one id is two users")
	}
	for _, result := range []any{"", 7, bson.D{{Key: "name", Value: "Ada"}}} {
		f.function = func([]bson.RawValue) (any, error) { return result, nil }
		_, err := f.SignIn(t.Context(), c)
		refused(t, "an invalid result", err, http.StatusUnauthorized, api.CodeAuthError)
	}
	f.function = func([]bson.RawValue) (any, error) { return nil, api.Errorf(http.StatusBadRequest, "Thrown", "thrown") }
	_, err := f.SignIn(t.Context(), c)
	refused(t, "an exception", err, http.StatusUnauthorized, api.CodeAuthError)
	f.function = func([]bson.RawValue) (any, error) { return nil, api.Errorf(http.StatusServiceUnavailable, "", "busy") }
	_, err = f.SignIn(t.Context(), c)
	refused(t, "an overloaded service", err, http.StatusServiceUnavailable, "")
}

func TestOperatorSignsInAsAnyUser(t *testing.T) {
	f := start(t)
	as := func(key, id string) Credential {
		return f.credential(api.Operator, bson.D{{Key: "key", Value: key}, {Key: "user_id", Value: id}})
	}
	for range 2 {
		if tokens, _ := f.mustSignIn(as("operator key", "some user")); tokens.UserID != "some user" {
			t.Errorf("signed in as %q", tokens.UserID)
		}
	}
	_, err := f.SignIn(t.Context(), as("guessed", "some user"))
	refused(t, "a wrong key", err, http.StatusUnauthorized, api.CodeAuthError)
	_, err = f.SignIn(t.Context(), as("operator key", ""))
	refused(t, "an empty user id", err, http.StatusBadRequest, api.CodeInvalidParameter)
}

func TestEvents(t *testing.T) {
	f := start(t)
	f.register(email)
	if len(f.events) != 0 {
		t.Errorf("a registration creates no user yet: %v", f.events)
	}
	var session *Session
	for range 2 {
		_, session = f.mustSignIn(f.passwordCredential(email, password))
	}
	if _, err := f.signIn(email, "another horse"); err == nil {
		t.Error("signed in with a wrong password")
	}
	if err := f.DeleteUser(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range f.events {
		names = append(names, e.Name)
		if e.User.ID != session.User.ID || e.Provider != api.EmailPassword || e.At.IsZero() || len(e.User.Identities) != 1 {
			t.Errorf("event %+v", e)
		}
	}
	if !slices.Equal(names, []string{"CREATE", "LOGIN", "LOGIN", "DELETE"}) {
		t.Errorf("events %v", names)
	}
}

func TestFailingCreationHookCreatesNoUser(t *testing.T) {
	f := start(t)
	f.register(email)
	f.beforeCreate = func(context.Context) error { return errors.New("hook failed") }
	if _, err := f.signIn(email, password); err == nil {
		t.Error("signed in")
	}
	f.beforeCreate = nil
	f.mustSignIn(f.passwordCredential(email, password))
}
