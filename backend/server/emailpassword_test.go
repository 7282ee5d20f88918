package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend"
	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/auth"
	"dossier/backend/backendtest"
	"dossier/backend/store"
	"dossier/backend/storetest"
)

// mailRecorder collects the emails that the service sends.
type mailRecorder struct {
	mu    sync.Mutex
	mails []auth.Mail
	fail  error
}

func (b *mailRecorder) send(ctx context.Context, m auth.Mail) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, limited := ctx.Deadline(); !limited {
		return errors.New("a mail without a deadline")
	}
	if b.fail != nil {
		return b.fail
	}
	b.mails = append(b.mails, m)
	return nil
}

// last returns the latest email and the one-time token in its link.
func (b *mailRecorder) last(t testing.TB) (auth.Mail, oneTimeToken) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.mails) == 0 {
		t.Fatal("no mail was sent")
	}
	m := b.mails[len(b.mails)-1]
	link, err := url.Parse(m.Link.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	return m, oneTimeToken{link.Query().Get("token"), link.Query().Get("tokenId")}
}

// oneTimeToken is the token and token id in a link.
type oneTimeToken struct{ Token, ID string }

const (
	confirmPage = "https://app.example.com/confirm"
	resetPage   = "https://app.example.com/reset?theme=dark"
)

// startWithMail starts a service whose emails are recorded, with the settings and generous limits. Requests from this
// machine are counted.
func startWithMail(t testing.TB, settings app.EmailPassword, more map[string]string) (*backendtest.Harness,
	*mailRecorder) {
	t.Helper()
	recorder := &mailRecorder{}
	return backendtest.StartWith(t, backendtest.Options{
		Files: storetest.With(t, app.Demo(), more),
		EditApp: func(a *app.App) {
			a.Providers[api.EmailPassword] = app.Provider{Type: api.EmailPassword, EmailPassword: settings}
		},
		EditConfig: func(c *backend.Config) {
			c.Mail = recorder.send
			c.Limits.MailsPerRecipient = 1000
		},
	}), recorder
}

func confirmByMail() app.EmailPassword {
	return app.EmailPassword{ConfirmURL: confirmPage, ResetURL: resetPage}
}

// userpassCall posts to an endpoint of local-userpass, with an expired access token as the Web SDK may send it.
func userpassCall(t testing.TB, h *backendtest.Harness, name string, body map[string]any) response {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	got := request(t, h, "POST", strings.TrimSuffix(api.RegisterPath(h.AppID), "register")+name, "an.expired.token",
		string(text))
	if got.Status < 300 && (got.Body != "" || got.Header.Values("Content-Type") != nil) {
		t.Errorf("%s: an empty success with %q of type %q", name, got.Body, got.Header.Values("Content-Type"))
	}
	return got
}

func confirm(t testing.TB, h *backendtest.Harness, c oneTimeToken) response {
	t.Helper()
	return userpassCall(t, h, "confirm", map[string]any{"token": c.Token, "tokenId": c.ID})
}

func reset(t testing.TB, h *backendtest.Harness, c oneTimeToken, password string) response {
	t.Helper()
	return userpassCall(t, h, "reset", map[string]any{"token": c.Token, "tokenId": c.ID, "password": password})
}

func emailBody(email string) map[string]any { return map[string]any{"email": email} }

func TestConfirmationByMail(t *testing.T) {
	settings := confirmByMail()
	settings.ConfirmSubject = "Welcome!"
	h, recorder := startWithMail(t, settings, nil)
	register(t, h, "ada@example.com", "correct horse").expect(t, 201, "", "")
	m, first := recorder.last(t)
	if m.To != "ada@example.com" || m.Subject != "Welcome!" || !strings.HasPrefix(m.Link.Reveal(),
		confirmPage+"?token=") || !strings.Contains(m.Body.Reveal(), m.Link.Reveal()) {
		t.Errorf("mail %q %q %s", m.To, m.Subject, m.Link.Reveal())
	}
	if len(first.Token) != 128 || len(first.ID) != 24 {
		t.Errorf("ticket %+v", first)
	}
	docs, err := h.ServiceCollection("tickets").Find(t.Context(), nil, store.Find{})
	if err != nil || len(docs) != 1 || strings.Contains(docs[0].String(), first.Token) {
		t.Errorf("the database holds %v, %v", docs, err)
	}

	login(t, h, "ada@example.com", "correct horse").expect(t, 401, "AuthError", "unauthorized")
	login(t, h, "ada@example.com", "another horse").expect(t, 401, "InvalidPassword", "unauthorized")
	a := anonymous(t, h)
	link := api.LoginPath(h.AppID, api.EmailPassword) + "?link=true"
	request(t, h, "POST", link, a.Access, credentials("ada@example.com", "correct horse")).expect(t, 401, "AuthError",
		"invalid user link request")
	register(t, h, "ada@example.com", "correct horse").expect(t, 409, "AccountNameInUse", "name already in use")

	for _, body := range []map[string]any{
		{}, {"token": "x", "tokenId": "y"}, {"token": first.Token, "tokenId": first.ID[1:]}, {"token": first.Token[1:],
			"tokenId": first.ID},
		{"token": first.Token, "tokenId": 7}, {"token": strings.Repeat("g", 128), "tokenId": first.ID},
	} {
		userpassCall(t, h, "confirm", body).expect(t, 400, "BadRequest", "invalid token data")
	}
	confirm(t, h, oneTimeToken{strings.Repeat("0", 128), first.ID}).expect(t, 400, "UserpassTokenInvalid",
		"userpass token is expired or invalid")
	confirm(t, h, oneTimeToken{first.Token, "5ed10d5dc085000e2c0099f2"}).expect(t, 400, "UserpassTokenInvalid",
		"userpass token is expired or invalid")
	reset(t, h, first, "a new horse").expect(t, 400, "UserpassTokenInvalid", "userpass token is expired or invalid")

	userpassCall(t, h, "confirm/send", emailBody("ada@example.com")).expect(t, 204, "", "")
	_, second := recorder.last(t)
	if second == first || len(recorder.mails) != 2 {
		t.Errorf("sent again: %d mails", len(recorder.mails))
	}
	userpassCall(t, h, "confirm/call", emailBody("ada@example.com")).expect(t, 400, "BadRequest",
		"no confirmation function")
	userpassCall(t, h, "confirm/send", emailBody("unknown@example.com")).expect(t, 404, "UserNotFound", "user not found")
	userpassCall(t, h, "confirm/call", emailBody("unknown@example.com")).expect(t, 404, "UserNotFound", "user not found")
	userpassCall(t, h, "confirm/send", map[string]any{}).expect(t, 400, "BadRequest", "email invalid")

	h.Clock.Advance(29 * time.Minute)
	confirm(t, h, first).expect(t, 204, "", "")
	confirm(t, h, first).expect(t, 400, "UserpassTokenInvalid", "userpass token is expired or invalid")
	confirm(t, h, second).expect(t, 400, "UserAlreadyConfirmed", "already confirmed")
	login(t, h, "ada@example.com", "correct horse").session(t)
	userpassCall(t, h, "confirm/send", emailBody("ada@example.com")).expect(t, 400, "UserAlreadyConfirmed",
		"already confirmed")
	userpassCall(t, h, "confirm/call", emailBody("ada@example.com")).expect(t, 400, "UserAlreadyConfirmed",
		"already confirmed")
}

func TestConfirmationTokensExpire(t *testing.T) {
	h, recorder := startWithMail(t, confirmByMail(), nil)
	register(t, h, "ada@example.com", "correct horse").expect(t, 201, "", "")
	_, c := recorder.last(t)
	h.Clock.Advance(30 * time.Minute)
	confirm(t, h, c).expect(t, 400, "UserpassTokenInvalid", "userpass token is expired or invalid")
	h.Clock.Advance(time.Hour)
	anonymous(t, h)
	waitFor(t, func() bool { // a sign-in removes them in the background
		n, err := h.ServiceCollection("tickets").Count(t.Context(), nil, 0)
		return n == 0 && err == nil
	})
	userpassCall(t, h, "confirm/send", emailBody("ada@example.com")).expect(t, 204, "", "")
	_, c = recorder.last(t)
	confirm(t, h, c).expect(t, 204, "", "")
	login(t, h, "ada@example.com", "correct horse").session(t)
}

func TestConfirmationByMailRequiresAddress(t *testing.T) {
	h, recorder := startWithMail(t, confirmByMail(), nil)
	for _, email := range []string{"", "my-very-own-username", "Ada <ada@example.com>",
		"ada@example.com\r\nBcc: eve@example.com", "ada@example.com, eve@example.com"} {
		register(t, h, email, "correct horse").expect(t, 400, "BadRequest", "email invalid")
	}
	if len(recorder.mails) != 0 {
		t.Errorf("%d mails were sent", len(recorder.mails))
	}
	none, _ := startWithMail(t, app.EmailPassword{}, nil)
	register(t, none, "ada@example.com", "correct horse").expect(t, 400, "BadRequest", "registration is not possible")
}

// A registration whose email cannot be sent can be repeated, and the log does not contain the link.
func TestMailServerDown(t *testing.T) {
	h, recorder := startWithMail(t, confirmByMail(), nil)
	recorder.fail = errors.New("no route to the mail server")
	register(t, h, "ada@example.com", "correct horse").expect(t, 500, "InternalServerError", "error processing request")
	if log := h.Log.String(); !strings.Contains(log, "no route to the mail server") || strings.Contains(log, confirmPage) {
		t.Errorf("log %s", log)
	}
	recorder.fail = nil
	register(t, h, "ada@example.com", "another horse").expect(t, 201, "", "")
	_, c := recorder.last(t)
	confirm(t, h, c).expect(t, 204, "", "")
	login(t, h, "ada@example.com", "another horse").session(t)
	recorder.fail = context.DeadlineExceeded
	userpassCall(t, h, "reset/send", emailBody("ada@example.com")).expect(t, 500, "InternalServerError",
		"error processing request")
	if n, err := h.ServiceCollection("tickets").Count(t.Context(), nil, 0); n != 0 || err != nil {
		t.Errorf("%d tokens whose email was not sent are left, %v", n, err)
	}
}

// Without a mail server emails are logged.
func TestMailsAreLogged(t *testing.T) {
	h := backendtest.StartWith(t, backendtest.Options{EditApp: func(a *app.App) {
		a.Providers[api.EmailPassword] = app.Provider{Type: api.EmailPassword, EmailPassword: confirmByMail()}
	}})
	register(t, h, "ada@example.com", "correct horse").expect(t, 201, "", "")
	for _, text := range []string{"no SMTP server is configured", "to=ada@example.com",
		`subject="Confirm your e-mail address"`, confirmPage + "?token="} {
		if !strings.Contains(h.Log.String(), text) {
			t.Errorf("the log does not contain %s: %s", text, h.Log)
		}
	}
}

// startWithConfirmFunction starts a service whose functions store their argument and return the local part of the
// address.
func startWithConfirmFunction(t testing.TB) *backendtest.Harness {
	t.Helper()
	h, _ := startWithMail(t, app.EmailPassword{ConfirmFunction: "confirmUser"}, map[string]string{
		"functions/config.json": `[{"name":"writeCustomUserData"},{"name":"confirmUser","private":true}]`,
		"functions/confirmUser.js": `exports = async function(arg) {
			const calls = context.services.get("mongodb-atlas").db("app").collection("calls");
			const before = await calls.count({username: arg.username});
			await calls.insertOne(Object.assign({system: context.runningAsSystem()}, arg));
			const status = arg.username.split("-")[before] || "fail";
			if (status === "throw") { throw new Error("no"); }
			return status === "nothing" ? null : {status};
		};`,
	})
	return h
}

// latestFunctionArgument returns the argument of the latest function call for a username.
func latestFunctionArgument(t testing.TB, h *backendtest.Harness, username string) bson.Raw {
	t.Helper()
	calls := h.Deployment.Collection(h.App.CustomData.Database, "calls")
	doc, err := calls.FindOne(t.Context(), bson.D{{Key: "username", Value: username}},
		store.Find{Sort: bson.D{{Key: "_id", Value: -1}}})
	if err != nil || doc == nil {
		t.Fatalf("the function was not called for %s: %v", username, err)
	}
	return doc
}

func ticketOf(doc bson.Raw) oneTimeToken {
	return oneTimeToken{doc.Lookup("token").StringValue(), doc.Lookup("tokenId").StringValue()}
}

func TestConfirmationByFunction(t *testing.T) {
	h := startWithConfirmFunction(t)
	register(t, h, "success", "correct horse").expect(t, 201, "", "")
	login(t, h, "success", "correct horse").session(t)
	if got := latestFunctionArgument(t, h, "success"); !got.Lookup("system").Boolean() ||
		len(got.Lookup("token").StringValue()) != 128 || len(got.Lookup("tokenId").StringValue()) != 24 {
		t.Errorf("the function got %s", got)
	}
	confirm(t, h, ticketOf(latestFunctionArgument(t, h, "success"))).expect(t, 400, "UserpassTokenInvalid",
		"userpass token is expired or invalid")
	userpassCall(t, h, "confirm/call", emailBody("success")).expect(t, 400, "UserAlreadyConfirmed", "already confirmed")
	userpassCall(t, h, "confirm/send", emailBody("success")).expect(t, 400, "UserAlreadyConfirmed", "already confirmed")

	register(t, h, "pending-pending-success", "correct horse").expect(t, 201, "", "")
	login(t, h, "pending-pending-success", "correct horse").expect(t, 401, "AuthError", "unauthorized")
	register(t, h, "pending-pending-success", "correct horse").expect(t, 409, "AccountNameInUse", "name already in use")
	userpassCall(t, h, "confirm/send", emailBody("pending-pending-success")).expect(t, 400, "BadRequest",
		"please use confirmation via function")
	userpassCall(t, h, "confirm/call", emailBody("pending-pending-success")).expect(t, 204, "", "")
	login(t, h, "pending-pending-success", "correct horse").expect(t, 401, "AuthError", "unauthorized")
	userpassCall(t, h, "confirm/call", emailBody("pending-pending-success")).expect(t, 204, "", "")
	login(t, h, "pending-pending-success", "correct horse").session(t)

	register(t, h, "pending", "correct horse").expect(t, 201, "", "")
	confirm(t, h, ticketOf(latestFunctionArgument(t, h, "pending"))).expect(t, 204, "", "")
	login(t, h, "pending", "correct horse").session(t)

	for _, email := range []string{"fail", "throw", "nothing", "whatever"} {
		register(t, h, email, "correct horse").expect(t, 400, "BadRequest", `failed to confirm user "`+email+`"`)
		login(t, h, email, "correct horse").expect(t, 401, "AuthError", "unauthorized")
		confirm(t, h, ticketOf(latestFunctionArgument(t, h, email))).expect(t, 400, "UserpassTokenInvalid",
			"userpass token is expired or invalid")
		userpassCall(t, h, "confirm/call", emailBody(email)).expect(t, 400, "BadRequest", `failed to confirm user "`+email+
			`"`)
	}
	register(t, h, "fail-success", "correct horse").expect(t, 400, "BadRequest", `failed to confirm user "fail-success"`)
	userpassCall(t, h, "confirm/call", emailBody("fail-success")).expect(t, 204, "", "")
	login(t, h, "fail-success", "correct horse").session(t)
	userpassCall(t, h, "confirm/call", emailBody("unknown")).expect(t, 404, "UserNotFound", "user not found")
}

func TestAutomaticConfirmation(t *testing.T) {
	h, recorder := startWithMail(t, app.EmailPassword{AutoConfirm: true, ConfirmURL: confirmPage}, nil)
	register(t, h, "ada@example.com", "correct horse").expect(t, 201, "", "")
	userpassCall(t, h, "confirm/call", emailBody("ada@example.com")).expect(t, 400, "BadRequest",
		"cannot run confirmation for ada@example.com: automatic confirmation is enabled")
	userpassCall(t, h, "confirm/send", emailBody("ada@example.com")).expect(t, 400, "UserAlreadyConfirmed",
		"already confirmed")
	userpassCall(t, h, "confirm/call", emailBody("unknown@example.com")).expect(t, 404, "UserNotFound", "user not found")
	userpassCall(t, h, "reset/send", emailBody("ada@example.com")).expect(t, 400, "BadRequest", "no resetPasswordUrl")
	userpassCall(t, h, "reset/call", map[string]any{"email": "ada@example.com", "password": "a new horse"}).expect(t, 400,
		"BadRequest", "no reset function")
	if len(recorder.mails) != 0 {
		t.Errorf("%d mails were sent", len(recorder.mails))
	}
}

func TestResetByMail(t *testing.T) {
	h, recorder := startWithMail(t, confirmByMail(), nil)
	id := h.CreateUser(t, "ada@example.com", "correct horse", nil)
	before := []session{login(t, h, "ada@example.com", "correct horse").session(t), login(t, h, "ada@example.com",
		"correct horse").session(t)}
	userpassCall(t, h, "reset/send", emailBody("ada@example.com")).expect(t, 204, "", "")
	_, unused := recorder.last(t)
	userpassCall(t, h, "reset/send", emailBody("ada@example.com")).expect(t, 204, "", "")
	m, c := recorder.last(t)
	if m.Subject != "Reset your password" || !strings.HasPrefix(m.Link.Reveal(), resetPage+"&token=") {
		t.Errorf("mail %q %s", m.Subject, m.Link.Reveal())
	}
	login(t, h, "ada@example.com", "correct horse").session(t)

	reset(t, h, c, "short").expect(t, 400, "BadRequest", "password must be between 6 and 128 characters")
	reset(t, h, c, "secret\x00").expect(t, 400, "BadRequest", "NUL")
	reset(t, h, oneTimeToken{"x", "y"}, "a new horse").expect(t, 400, "BadRequest", "invalid token data")
	reset(t, h, oneTimeToken{strings.Repeat("0", 128), c.ID}, "a new horse").expect(t, 400, "UserpassTokenInvalid",
		"userpass token is expired or invalid")
	confirm(t, h, c).expect(t, 400, "UserpassTokenInvalid", "userpass token is expired or invalid")
	reset(t, h, c, "a new horse").expect(t, 204, "", "")
	for _, used := range []oneTimeToken{c, unused} {
		reset(t, h, used, "newer horse").expect(t, 400, "UserpassTokenInvalid", "userpass token is expired or invalid")
	}
	for _, a := range before {
		request(t, h, "GET", api.ProfilePath, a.Access, "").expect(t, 401, "InvalidSession", "")
		request(t, h, "POST", api.SessionPath, a.Refresh, "").expect(t, 401, "InvalidSession", "")
	}
	login(t, h, "ada@example.com", "correct horse").expect(t, 401, "InvalidPassword", "unauthorized")
	if after := login(t, h, "ada@example.com", "a new horse").session(t); after.ID != id {
		t.Errorf("signed in as %s, was %s", after.ID, id)
	}

	userpassCall(t, h, "reset/send", emailBody("ada@example.com")).expect(t, 204, "", "")
	_, late := recorder.last(t)
	h.Clock.Advance(30 * time.Minute)
	reset(t, h, late, "newer horse").expect(t, 400, "UserpassTokenInvalid", "userpass token is expired or invalid")
	userpassCall(t, h, "reset/send", emailBody("unknown@example.com")).expect(t, 404, "UserNotFound", "user not found")
	userpassCall(t, h, "reset/send", map[string]any{"email": nil}).expect(t, 400, "BadRequest", "email invalid")
	userpassCall(t, h, "reset", map[string]any{"token": late.Token, "tokenId": late.ID}).expect(t, 400, "MissingParameter",
		"'password' is a required string")
}

// Links for a deleted user do not affect a later user with the same address.
func TestLinksOfDeletedUser(t *testing.T) {
	h, recorder := startWithMail(t, confirmByMail(), nil)
	h.CreateUser(t, "ada@example.com", "correct horse", nil)
	userpassCall(t, h, "reset/send", emailBody("ada@example.com")).expect(t, 204, "", "")
	_, c := recorder.last(t)
	a := login(t, h, "ada@example.com", "correct horse").session(t)
	request(t, h, "DELETE", api.DeletePath, a.Access, "").expect(t, 204, "", "")
	reset(t, h, c, "a new horse").expect(t, 400, "UserpassTokenInvalid", "userpass token is expired or invalid")
	register(t, h, "ada@example.com", "second horse").expect(t, 201, "", "")
	reset(t, h, c, "a new horse").expect(t, 400, "UserpassTokenInvalid", "userpass token is expired or invalid")
	_, unused := recorder.last(t)
	userpassCall(t, h, "confirm/send", emailBody("ada@example.com")).expect(t, 204, "", "")
	_, c = recorder.last(t)
	confirm(t, h, c).expect(t, 204, "", "")
	a = login(t, h, "ada@example.com", "second horse").session(t)
	request(t, h, "DELETE", api.DeletePath, a.Access, "").expect(t, 204, "", "")
	register(t, h, "ada@example.com", "third horse").expect(t, 201, "", "")
	confirm(t, h, unused).expect(t, 400, "UserpassTokenInvalid", "userpass token is expired or invalid")
	login(t, h, "ada@example.com", "third horse").expect(t, 401, "AuthError", "unauthorized")
}

// The owner of an address can take over a registration that another client made with it; a reset does not confirm it.
func TestResetOfAPendingRegistration(t *testing.T) {
	h, recorder := startWithMail(t, confirmByMail(), nil)
	register(t, h, "ada@example.com", "another password").expect(t, 201, "", "")
	_, welcome := recorder.last(t)
	userpassCall(t, h, "reset/send", emailBody("ada@example.com")).expect(t, 204, "", "")
	_, c := recorder.last(t)
	reset(t, h, c, "correct horse").expect(t, 204, "", "")
	login(t, h, "ada@example.com", "correct horse").expect(t, 401, "AuthError", "unauthorized")
	confirm(t, h, welcome).expect(t, 204, "", "")
	login(t, h, "ada@example.com", "another password").expect(t, 401, "InvalidPassword", "unauthorized")
	login(t, h, "ada@example.com", "correct horse").session(t)
}

// A credential that is left after its user's deletion, because of a concurrent reset, does not sign in and does not
// block a new registration.
func TestCredentialLeftAfterDeletion(t *testing.T) {
	h := backendtest.Start(t)
	register(t, h, "ada@example.com", "correct horse").expect(t, 201, "", "")
	reset := bson.D{{Key: "$set", Value: bson.D{{Key: "version", Value: int64(1)}}}}
	if _, err := h.ServiceCollection("passwords").UpdateMany(t.Context(), bson.D{}, reset, store.Change{}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.ServiceCollection("identities").DeleteMany(t.Context(), bson.D{}); err != nil {
		t.Fatal(err)
	}
	register(t, h, "ada@example.com", "another horse").expect(t, 201, "", "")
	login(t, h, "ada@example.com", "another horse").session(t)
	login(t, h, "ada@example.com", "correct horse").expect(t, 401, "InvalidPassword", "")
}

// A one-time token sets the password once, also with concurrent requests to two processes.
func TestOneTimeTokenIsUsedOnce(t *testing.T) {
	h, recorder := startWithMail(t, confirmByMail(), nil)
	other := h.StartSecond(t)
	h.CreateUser(t, "ada@example.com", "correct horse", nil)
	userpassCall(t, h, "reset/send", emailBody("ada@example.com")).expect(t, 204, "", "")
	_, c := recorder.last(t)
	passwords := []string{"horse of the first", "horse of the second", "horse of the third", "horse of the fourth"}
	responses := make([]response, len(passwords))
	var wait sync.WaitGroup
	for n, p := range passwords {
		process := []*backendtest.Harness{h, other}[n%2]
		wait.Go(func() { responses[n] = reset(t, process, c, p) })
	}
	wait.Wait()
	won := 0
	for n, p := range passwords {
		if responses[n].Status == 204 {
			won++
			login(t, h, "ada@example.com", p).session(t)
			continue
		}
		responses[n].expect(t, 400, "UserpassTokenInvalid", "userpass token is expired or invalid")
		login(t, h, "ada@example.com", p).expect(t, 401, "InvalidPassword", "unauthorized")
	}
	if won != 1 {
		t.Errorf("%d of %d uses counted", won, len(passwords))
	}
}

func TestResetByFunction(t *testing.T) {
	h, _ := startWithMail(t, app.EmailPassword{AutoConfirm: true, ResetFunction: "resetUser", ResetURL: resetPage},
		map[string]string{
			"functions/config.json": `[{"name":"writeCustomUserData"},{"name":"resetUser","private":true}]`,
			"functions/resetUser.js": `exports = async function(arg, status, answer) {
			await context.services.get("mongodb-atlas").db("app").collection("calls").insertOne(Object.assign({answer}, arg));
			if (status === "throw") { throw new Error("no"); }
			return {status};
		};`,
		})
	h.CreateUser(t, "ada@example.com", "correct horse", nil)
	a := login(t, h, "ada@example.com", "correct horse").session(t)
	call := func(password string, args ...any) response {
		return userpassCall(t, h, "reset/call", map[string]any{"email": "ada@example.com", "password": password,
			"arguments": args})
	}
	failed := `failed to reset password for user "ada@example.com"`
	for _, status := range []string{"fail", "throw", "", "whatever"} {
		call("a new horse", status).expect(t, 400, "BadRequest", failed)
	}
	userpassCall(t, h, "reset/call", map[string]any{"email": "ada@example.com", "password": "a new horse"}).expect(t, 400,
		"BadRequest", failed)
	got := latestFunctionArgument(t, h, "ada@example.com")
	if got.Lookup("password").StringValue() != "a new horse" || got.Lookup("currentPasswordValid").Boolean() ||
		len(got.Lookup("token").StringValue()) != 128 {
		t.Errorf("the function got %s", got)
	}
	reset(t, h, ticketOf(got), "a new horse").expect(t, 400, "UserpassTokenInvalid",
		"userpass token is expired or invalid")
	login(t, h, "ada@example.com", "correct horse").session(t)

	call("correct horse", "pending", map[string]any{"$numberLong": "42"}).expect(t, 204, "", "")
	got = latestFunctionArgument(t, h, "ada@example.com")
	if !got.Lookup("currentPasswordValid").Boolean() || got.Lookup("answer").AsInt64() != 42 {
		t.Errorf("the function got %s", got)
	}
	request(t, h, "GET", api.ProfilePath, a.Access, "").expect(t, 200, "", "")
	reset(t, h, ticketOf(got), "second horse").expect(t, 204, "", "")
	request(t, h, "GET", api.ProfilePath, a.Access, "").expect(t, 401, "InvalidSession", "")
	login(t, h, "ada@example.com", "correct horse").expect(t, 401, "InvalidPassword", "unauthorized")

	a = login(t, h, "ada@example.com", "second horse").session(t)
	call("third horse", "success").expect(t, 204, "", "")
	request(t, h, "POST", api.SessionPath, a.Refresh, "").expect(t, 401, "InvalidSession", "")
	login(t, h, "ada@example.com", "second horse").expect(t, 401, "InvalidPassword", "unauthorized")
	login(t, h, "ada@example.com", "third horse").session(t)
	reset(t, h, ticketOf(latestFunctionArgument(t, h, "ada@example.com")), "fourth horse").expect(t, 400,
		"UserpassTokenInvalid", "userpass token is expired or invalid")

	call("short", "success").expect(t, 400, "BadRequest", "password must be between 6 and 128 characters")
	userpassCall(t, h, "reset/call", map[string]any{"email": "unknown@example.com", "password": "a new horse"}).expect(t,
		404, "UserNotFound", "user not found")
	userpassCall(t, h, "reset/call", map[string]any{"email": "ada@example.com", "password": "a new horse",
		"arguments": "x"}).expect(t, 400, "InvalidParameter", "'arguments' must be an array")
	userpassCall(t, h, "reset/send", emailBody("ada@example.com")).expect(t, 400, "BadRequest",
		"please use reset password via function")
	userpassCall(t, h, "reset/send", emailBody("unknown@example.com")).expect(t, 404, "UserNotFound", "user not found")
	if log := h.Log.String(); strings.Contains(log, "third horse") {
		t.Error("a password is in the log")
	}
}

func TestEmailPasswordDisabled(t *testing.T) {
	h := backendtest.StartWith(t, backendtest.Options{EditApp: func(a *app.App) {
		delete(a.Providers,
			api.EmailPassword)
	}})
	whole := map[string]any{"email": "ada@example.com", "password": "correct horse", "token": "x", "tokenId": "y"}
	for _, name := range []string{"register", "confirm", "confirm/send", "confirm/call", "reset", "reset/send",
		"reset/call"} {
		userpassCall(t, h, name, whole).expect(t, 404, "AuthProviderNotFound", "auth provider local-userpass not found")
	}
}

func TestLimits(t *testing.T) {
	recorder := &mailRecorder{}
	h := backendtest.StartWith(t, backendtest.Options{
		EditApp: func(a *app.App) {
			a.Providers[api.EmailPassword] = app.Provider{Type: api.EmailPassword, EmailPassword: confirmByMail()}
		},
		EditConfig: func(c *backend.Config) {
			c.Mail, c.Limits = recorder.send, auth.Limits{Registrations: 2, Anonymous: 2, Mails: 6, MailsPerRecipient: 3,
				CountLocal: true}
		},
	})
	other := h.StartSecond(t)
	tooMany := func(a response) {
		t.Helper()
		a.expect(t, 429, "", "too many requests: try again in 3m7s")
		if got := a.Header.Get("Retry-After"); got != "187" {
			t.Errorf("Retry-After %q", got)
		}
	}
	register(t, h, "ada@example.com", "correct horse").expect(t, 201, "", "")
	register(t, other, "bob@example.com", "correct horse").expect(t, 201, "", "")
	tooMany(register(t, h, "eve@example.com", "correct horse"))
	tooMany(register(t, other, "eve@example.com", "correct horse"))

	anonymous(t, h)
	anonymous(t, other)
	tooMany(request(t, h, "POST", api.LoginPath(h.AppID, api.Anonymous), "", "{}"))

	userpassCall(t, h, "reset/send", emailBody("ada@example.com")).expect(t, 204, "", "")
	userpassCall(t, other, "confirm/send", emailBody("ada@example.com")).expect(t, 204, "", "")
	tooMany(userpassCall(t, h, "confirm/send", emailBody("ada@example.com"))) // the fourth email to Ada
	userpassCall(t, h, "confirm/send", emailBody("bob@example.com")).expect(t, 204, "", "")
	for range 2 {
		userpassCall(t, h, "confirm/send", emailBody("unknown@example.com")).expect(t, 404, "UserNotFound", "user not found")
	}
	tooMany(userpassCall(t, h, "confirm/send", emailBody("bob@example.com"))) // the seventh from this address
	if len(recorder.mails) != 5 {
		t.Errorf("%d mails", len(recorder.mails))
	}

	h.Clock.Advance(3*time.Minute + 7*time.Second)
	register(t, h, "eve@example.com", "correct horse").expect(t, 201, "", "")
	anonymous(t, h)
	userpassCall(t, h, "confirm/send", emailBody("ada@example.com")).expect(t, 204, "", "")
	login(t, h, "ada@example.com", "correct horse").expect(t, 401, "AuthError", "unauthorized")
}

// By default the limits do not count requests from this machine.
func TestLimitsExemptLoopback(t *testing.T) {
	h := backendtest.StartWith(t, backendtest.Options{EditConfig: func(c *backend.Config) {
		c.Limits = auth.Limits{Anonymous: 1}
	}})
	for range 5 {
		anonymous(t, h)
	}
	if n, err := h.ServiceCollection("limits").Count(t.Context(), nil, 0); n != 0 || err != nil {
		t.Errorf("%d counts, %v", n, err)
	}
}

// FuzzEmailPasswordBodies: no body causes a status of 5xx.
func FuzzEmailPasswordBodies(f *testing.F) {
	recorder := &mailRecorder{}
	h := backendtest.StartWith(f, backendtest.Options{
		EditApp: func(a *app.App) {
			a.Providers[api.EmailPassword] = app.Provider{Type: api.EmailPassword, EmailPassword: confirmByMail()}
		},
		EditConfig: func(c *backend.Config) { c.Mail, c.Limits.MailsPerRecipient = recorder.send, -1 },
	})
	for _, body := range []string{
		`{}`, `{"email":"ada@example.com","password":"correct horse"}`,
		`{"email":{"$oid":"5ed10d5dc085000e2c0099f2"},"password":[]}`,
		`{"token":"00","tokenId":"5ed10d5dc085000e2c0099f2","password":"correct horse"}`,
		`{"email":"a\u0000b@c","arguments":[{"$date":1}],"password":"123456"}`, `[`, ``,
	} {
		for n := range byte(7) {
			f.Add(n, body)
		}
	}
	root := strings.TrimSuffix(api.RegisterPath(h.AppID), "register")
	names := []string{"register", "confirm", "confirm/send", "confirm/call", "reset", "reset/send", "reset/call"}
	f.Fuzz(func(t *testing.T, n byte, body string) {
		name := names[int(n)%len(names)]
		if got := requestWithHeader(t, h, "POST", root+name, http.Header{}, body); got.Status >= 500 && got.Status != 503 {
			t.Errorf("%s %q: %d %s", name, body, got.Status, got.Body)
		}
	})
}
