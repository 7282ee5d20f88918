package client_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/client"
	"dossier/model"
)

// reply is what another service answers.
type reply struct {
	status int
	kind   string // content type; empty: none
	body   string
}

// other is a service that is not dossier's: it answers each request as a table says, by "METHOD path" or the called function's name.
type other struct {
	*httptest.Server
	mu      sync.Mutex
	replies map[string]reply
	asked   []string
}

const plain = "application/json; charset=utf-8"

// spare is a token with the least claims.
func spare(claims string) string {
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
}

const (
	unnamed = `{"iat":1700000000,"exp":1700001800,"user_data":{"_id":"64b000000000000000000001","userId":"` + userID + `","favoriteColor":"pink"}}`
	renewed = `{"sub":"` + userID + `","iat":1700000100,"exp":1700001900,"user_data":{"favoriteColor":"purple","age":13,"at":{"$date":"2024-01-02T03:04:05Z"}}}`
)

// newOther makes a service that answers with no more than is needed, in its own words.
func newOther(t *testing.T) *other {
	t.Helper()
	o := &other{}
	login := api.BasePath + "/app/" + appID + "/auth/providers/local-userpass/login"
	o.replies = map[string]reply{
		"POST " + login:                   {200, plain, `{"access_token":"` + spare(unnamed) + `","refresh_token":"opaque","user_id":"` + userID + `","device_id":null}`},
		"GET " + api.ProfilePath:          {200, plain, `{"identities":[{"id":"i1","provider_type":"local-userpass"}],"data":null}`},
		"POST " + api.SessionPath:         {200, plain, `{"access_token":"` + spare(renewed) + `","refresh_token":null}`},
		"DELETE " + api.SessionPath:       {200, plain, `{"status":"ok"}`},
		"POST " + api.RegisterPath(appID): {200, "text/plain", "registered"},
		"find":                            {200, plain, `[{"_id":{"$oid":"64b000000000000000000001"},"userId":"` + userID + `","favoriteColor":"blue","n":3,"at":{"$date":"2024-01-02T03:04:05Z"}}]`},
		"updateOne":                       {200, plain, `{"acknowledged":true,"matchedCount":1,"upsertedId":null}`},
		"deleteOne":                       {200, plain, `{"deletedCount":1.0}`},
		"count":                           {200, plain, ` 3 `},
		"findOne":                         {200, "", ``},
		"insertOne":                       {200, plain, `{"insertedId":"x"}`},
		"f":                               {200, plain, `{"a":1,"big":1099511627776,"b":2.5,"error":"said the function"}`},
	}
	o.Server = httptest.NewServer(o)
	o.replies["GET "+api.LocationPath(appID)] = reply{200, plain, `{"hostname":"` + o.URL + `/"}`}
	t.Cleanup(o.Close)
	return o
}

// ServeHTTP answers as the table says.
func (o *other) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key := r.Method + " " + r.URL.Path
	if r.URL.Path == api.CallPath(appID) && r.Method == http.MethodPost {
		body, _ := io.ReadAll(r.Body)
		c, err := api.ParseCall(body)
		if err != nil {
			key = err.Error()
		} else {
			key = c.Name
		}
	}
	o.mu.Lock()
	o.asked = append(o.asked, key)
	a, ok := o.replies[key]
	o.mu.Unlock()
	if !ok {
		a = reply{http.StatusNotFound, "text/html", "<html>no " + key}
	}
	w.Header()["Content-Type"] = nil
	if a.kind != "" {
		w.Header().Set("Content-Type", a.kind)
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

func (o *other) set(key string, status int, body string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.replies[key] = reply{status, plain, body}
}

// count is how many requests came.
func (o *other) count() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.asked)
}

func (o *other) client(change ...func(*client.Options)) *client.Client {
	options := client.Options{
		BaseURL: o.URL, AppID: appID, Now: moment,
		CustomData: model.CustomDataConfig{Enabled: true, Database: "app", Collection: "users", UserIDField: "userId"},
	}
	for _, f := range change {
		f(&options)
	}
	return client.New(options)
}

func (o *other) signIn(t *testing.T) *client.User {
	t.Helper()
	p, err := o.client().SignIn(t.Context(), password("a@b.c", "secret-password"))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Everything works with a service that sends no more than is needed.
func TestAnotherServiceWillDo(t *testing.T) {
	o := newOther(t)
	if err := o.client().Register(t.Context(), "a@b.c", "secret-password"); err != nil {
		t.Error(err)
	}
	p := o.signIn(t)
	u := p.CachedProfile()
	if p.ID() != userID || u.ID != userID || u.Type != "" || u.Data != nil || len(u.Identities) != 1 || color(p.CustomData()) != "pink" {
		t.Errorf("%s, %+v, %s", p.ID(), u, p.CustomData())
	}
	r, err := p.Check(t.Context())
	if err != nil || color(r.Document) != "blue" || r.Document.Lookup("n").Type != bson.TypeInt32 || r.Document.Lookup("at").Type != bson.TypeDateTime {
		t.Errorf("look: %s, %v", r.Document, err)
	}
	if p.Session().StaleSince.IsZero() {
		t.Error("the look is not remembered")
	}
	d := model.NewDraft(r.Document, r.Owner("userId", p.ID()))
	if err := d.Set(model.Path{"favoriteColor"}, model.ValueOf("green")); err != nil {
		t.Fatal(err)
	}
	update, err := d.Update()
	if err != nil {
		t.Fatal(err)
	}
	if out, err := p.Save(t.Context(), update); err != nil || !out.Saved {
		t.Errorf("save: %+v, %v", out, err)
	}
	o.set("updateOne", 200, `{"matchedCount":0,"modifiedCount":0,"upsertedId":null}`)
	if out, err := p.Save(t.Context(), update); err != nil || !out.Conflict {
		t.Errorf("a save that matched nothing: %+v, %v", out, err)
	}
	o.set("updateOne", 200, `{"matchedCount":{"$numberInt":"1"},"modifiedCount":{"$numberInt":"1"}}`)
	if out, err := p.Save(t.Context(), update); err != nil || !out.Saved {
		t.Errorf("canonical counts: %+v, %v", out, err)
	}
	if out, err := p.DeleteDocument(t.Context(), r); err != nil || !out.Saved {
		t.Errorf("remove: %+v, %v", out, err)
	}
	coll := p.Database("app").Collection("users")
	if n, err := coll.Count(t.Context(), nil, 0); n != 3 || err != nil {
		t.Errorf("count: %d, %v", n, err)
	}
	if doc, err := coll.FindOne(t.Context(), nil, client.FindOptions{}); doc != nil || err != nil {
		t.Errorf("findOne: %s, %v", doc, err)
	}
	if id, err := coll.InsertOne(t.Context(), nil); err != nil || id.StringValue() != "x" {
		t.Errorf("insertOne: %s, %v", id, err)
	}
	v, err := p.Call(t.Context(), "f", nil)
	if err != nil || v.Document().Lookup("a").Type != bson.TypeInt32 || v.Document().Lookup("big").Type != bson.TypeInt64 {
		t.Errorf("call: %s, %v", v, err)
	}
	if s, err := p.Refresh(t.Context()); err != nil || color(s.Snapshot.CustomData) != "purple" || s.Snapshot.CustomData.Lookup("at").Time().Year() != 2024 {
		t.Errorf("refresh: %+v, %v", s, err)
	}
	if err := p.SignOut(t.Context()); err != nil {
		t.Error(err)
	}
}

// A kept token that does not say whose it is stays good, one of somebody else does not.
func TestResumeWithATokenThatNamesNobody(t *testing.T) {
	o := newOther(t)
	for _, tc := range []struct {
		token string
		want  string
	}{{spare(unnamed), "pink"}, {spare(`{"sub":"somebody else","iat":1,"exp":2,"user_data":{"favoriteColor":"red"}}`), ""}} {
		p, err := o.client().Resume(client.Tokens{UserID: userID, Access: client.Secret(tc.token), Refresh: "opaque"})
		if err != nil || p.Tokens().Access == "" != (tc.want == "") {
			t.Errorf("resumed with %v: %v", p.Tokens(), err)
		}
	}
}

// The user id of a sign-in may be in the token alone; what a person cannot be signed in without is named.
func TestWhatASignInNeeds(t *testing.T) {
	o := newOther(t)
	key := "POST " + api.LoginPath(appID, "local-userpass")
	for name, tc := range map[string]struct{ body, want string }{
		"the id in the token":   {`{"access_token":"` + spare(renewed) + `","refresh_token":"r"}`, ""},
		"an id nowhere":         {`{"access_token":"` + spare(unnamed) + `","refresh_token":"r"}`, "lacks the user id"},
		"no refresh token":      {`{"access_token":"` + spare(renewed) + `","user_id":"` + userID + `"}`, "refresh token"},
		"no access token":       {`{"refresh_token":"r","user_id":"` + userID + `"}`, "no access token"},
		"somebody else's token": {`{"access_token":"` + spare(renewed) + `","refresh_token":"r","user_id":"x"}`, "another person"},
		"a token without times": {`{"access_token":"` + spare(`{"sub":"`+userID+`"}`) + `","refresh_token":"r","user_id":"` + userID + `"}`, "iat"},
		"nothing":               {``, "no access token"},
	} {
		o.set(key, 200, tc.body)
		p, err := o.client().SignIn(t.Context(), password("a", "secret-password"))
		switch {
		case tc.want == "" && (err != nil || p.ID() != userID):
			t.Errorf("%s: %v", name, err)
		case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)):
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
}

// What a profile lacks, a person lacks; it is no error.
func TestAnyProfileWillDo(t *testing.T) {
	o := newOther(t)
	p := o.signIn(t)
	for body, want := range map[string]string{
		`{}`:                  userID + "||0|",
		`{"identities":null}`: userID + "||0|",
		`{"user_id":null,"type":null,"identities":[{}],"data":{"name":"Ann"},"dossier":null}`:                                                               userID + "||1|Ann",
		`{"type":"server","identities":[{"id":"i","provider_data":null}],"data":{"name":"worker","at":{"$date":"2024-01-02T03:04:05Z"}},"new":{"key":[1]}}`: userID + "|server|1|worker",
	} {
		o.set("GET "+api.ProfilePath, 200, body)
		u, err := p.Profile(t.Context())
		if got := fmt.Sprintf("%s|%s|%d|%s", u.ID, u.Type, len(u.Identities), u.Name()); err != nil || got != want {
			t.Errorf("%s: %s, %v", body, got, err)
		}
	}
	for _, body := range []string{``, `[]`, `"x"`, `{"data":3}`} {
		o.set("GET "+api.ProfilePath, 200, body)
		if _, err := p.Profile(t.Context()); model.FaultKindOf(err) != model.Failed {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// Everything goes to where the location says, as with the SDKs; a location that does not say leaves it where it was asked.
func TestLocations(t *testing.T) {
	far := newOther(t)
	for name, tc := range map[string]struct {
		status int
		body   string
		want   string // what the fault says; empty: none
		far    bool   // whether the sign-in went to the other host
	}{
		"only a hostname":      {200, `{"hostname":"` + far.URL + `"}`, "", true},
		"with more":            {200, `{"hostname":"` + far.URL + `/","deployment_model":null,"location":7,"ws_hostname":{},"sync_route":"x"}`, "", true},
		"no hostname":          {200, `{"ws_hostname":"ws://x"}`, "", false},
		"null":                 {200, `{"hostname":null}`, "", false},
		"empty":                {200, `{"hostname":""}`, "", false},
		"a hostname of no use": {200, `{"hostname":"example.com"}`, "names an address that is no URL", false},
		"not a text":           {200, `{"hostname":1}`, "does not speak the client API", false},
		"not JSON":             {200, `<html>`, "does not speak the client API", false},
		"an array":             {200, `[]`, "does not speak the client API", false},
		"unknown application":  {404, `{"error":"cannot find app using Client App ID 'x'","error_code":null}`, "cannot find app", false},
	} {
		near := newOther(t)
		near.set("GET "+api.LocationPath(appID), tc.status, tc.body)
		before := far.count()
		_, err := near.client().SignIn(t.Context(), password("a", "secret-password"))
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
		if went := far.count() > before; went != tc.far {
			t.Errorf("%s: the other host was asked: %t", name, went)
		}
	}
}

// A service in this process tells others an address that this process must not use.
func TestAFixedServiceIsReachedWhereItIs(t *testing.T) {
	o := newOther(t)
	o.set("GET "+api.LocationPath(appID), 200, `{"hostname":"https://data.example.com"}`)
	fixed := o.client(func(c *client.Options) { c.IgnoreLocation = true })
	p, err := fixed.SignIn(t.Context(), password("a", "secret-password"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if err := fixed.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

// Errors come in every shape, and none of them is worse than the error itself.
func TestErrorsOfOtherServices(t *testing.T) {
	o := newOther(t)
	p := o.signIn(t)
	for name, tc := range map[string]struct {
		status   int
		body     string
		kind     model.FaultKind
		want     string
		renewals int
	}{
		"no code":                {400, `{"error":"no such thing"}`, model.Failed, "no such thing", 0},
		"code and link null":     {400, `{"error":"no such thing","error_code":null,"link":null}`, model.Failed, "no such thing", 0},
		"code of another type":   {400, `{"error":"no such thing","error_code":17}`, model.Failed, "no such thing", 0},
		"error of another type":  {400, `{"error":{"a":1},"error_code":"BadRequest"}`, model.Failed, "BadRequest", 0},
		"a message":              {400, `{"statusCode":400,"message":"body must be object"}`, model.Failed, "body must be object", 0},
		"a number":               {400, `7`, model.Failed, "not what the client API answers", 0},
		"nothing":                {400, ``, model.Failed, "not what the client API answers", 0},
		"a page":                 {404, `<html>`, model.Failed, "not what the client API answers", 0},
		"forbidden without JSON": {403, `no`, model.PermissionDenied, "403", 0},
		"unauthorized":           {401, `{"error":"unauthorized"}`, model.Failed, "unauthorized", 1},
		"unauthorized as a page": {401, `<html>`, model.Failed, "401", 1},
		"a bad sign-in":          {401, `{"error":"unauthorized","error_code":"AuthError"}`, model.Failed, "unauthorized", 0},
	} {
		o.set("f", tc.status, tc.body)
		before := p.Session().Refreshes
		_, err := p.Call(t.Context(), "f", nil)
		if model.FaultKindOf(err) != tc.kind || !strings.Contains(fmt.Sprint(err), tc.want) || p.Session().Refreshes-before != tc.renewals {
			t.Errorf("%s: %s: %v; %d renewals", name, model.FaultKindOf(err), err, p.Session().Refreshes-before)
		}
	}
	if !p.Session().SignedIn {
		t.Error("that signed the person out")
	}
}

// A refused sign-in says what may be wrong with what was shown.
func TestRefusedSignInsByProvider(t *testing.T) {
	o := newOther(t)
	for _, tc := range []struct{ provider, code, want string }{
		{"local-userpass", "InvalidPassword", "the e-mail address or the password is wrong; check both"},
		{"local-userpass", "AuthError", "or the address is not confirmed yet"},
		{"local-userpass", "InvalidSession", "the e-mail address or the password is wrong"},
		{"api-key", "AuthError", "does not accept this key; it may be disabled or deleted"},
		{"custom-token", "AuthError", "does not accept this token"},
		{"custom-function", "AuthError", "does not accept this sign-in"},
	} {
		o.set("POST "+api.LoginPath(appID, tc.provider), 401, `{"error":"unauthorized","error_code":"`+tc.code+`"}`)
		_, err := o.client().SignIn(t.Context(), model.Credential{Provider: tc.provider, Fields: bson.D{{Key: "key", Value: "secret"}}})
		if model.FaultKindOf(err) != model.InvalidCredentials || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s %s: %v", tc.provider, tc.code, err)
		}
	}
	o.set("POST "+api.LoginPath(appID, "api-key"), 404, `{"error":"auth provider api-key not found","error_code":"AuthProviderNotFound"}`)
	if _, err := o.client().SignIn(t.Context(), model.Credential{Provider: "api-key"}); err == nil || !strings.Contains(err.Error(), "does not offer this way") {
		t.Errorf("a provider that is off: %v", err)
	}
}

// A service without change events ends a watch at once, whatever it answers.
func TestAServiceThatDoesNotTellOfChanges(t *testing.T) {
	o := newOther(t)
	p := o.signIn(t)
	for name, a := range map[string]reply{
		"no such endpoint": {404, plain, `{"message":"Route GET not found"}`},
		"not implemented":  {501, plain, `{"error":"watch is not supported"}`},
		"an answer":        {200, plain, `{"ok":true}`},
		"a page":           {200, "text/html", `<html>`},
	} {
		o.mu.Lock()
		o.replies["GET "+api.CallPath(appID)] = a
		o.mu.Unlock()
		ctx, cancel := contextFor(t, 5*time.Second)
		err := p.Watch(ctx, func(model.ChangeEvent) {})
		if err == nil {
			t.Errorf("%s: %v", name, err)
		}
		cancel()
	}
}

// The steps that go by mail send what the protocol says, to nobody's account, and say what a refusal means.
func TestStepsByMail(t *testing.T) {
	o := newOther(t)
	c := o.client()
	base := strings.TrimSuffix(api.RegisterPath(appID), "register")
	steps := map[string]func() error{
		"confirm":      func() error { return c.Confirm(t.Context(), "secret", "id") },
		"confirm/send": func() error { return c.SendConfirmation(t.Context(), "a@b.c") },
		"reset":        func() error { return c.Reset(t.Context(), "secret", "id", "secret") },
		"reset/send":   func() error { return c.SendReset(t.Context(), "a@b.c") },
	}
	for step, do := range steps {
		o.set("POST "+base+step, 204, "")
		if err := do(); err != nil {
			t.Errorf("%s: %v", step, err)
		}
		for code, want := range map[string]string{
			"UserNotFound": "knows no such e-mail address", "UserpassTokenInvalid": "used up or too old", "UserAlreadyConfirmed": "confirmed already", "BadRequest": "said the service",
		} {
			o.set("POST "+base+step, 400, `{"error":"said the service","error_code":"`+code+`"}`)
			if err := do(); model.FaultKindOf(err) != model.InvalidInput || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("%s, %s: %v", step, code, err)
			}
		}
		o.set("POST "+base+step, 503, `{"error":"not now"}`)
		if err := do(); model.FaultKindOf(err) != model.Unreachable {
			t.Errorf("%s while the service is down: %v", step, err)
		}
	}
}
