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

// response is a fixed HTTP response.
type response struct {
	status      int
	contentType string // content type; empty: none
	body        string
}

// minimalService is another implementation of the protocol with minimal responses, selected by "METHOD path" or by the
// name of the called function.
type minimalService struct {
	*httptest.Server
	mu        sync.Mutex
	responses map[string]response
	requests  []string
}

const jsonType = "application/json; charset=utf-8"

// minimalToken returns a token with the given claims.
func minimalToken(claims string) string {
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
}

const (
	claimsWithoutSub = `{"iat":1700000000,"exp":1700001800,"user_data":{"_id":"64b000000000000000000001","userId":"` +
		userID + `","favoriteColor":"pink"}}`
	refreshedClaims = `{"sub":"` + userID +
		`","iat":1700000100,"exp":1700001900,"user_data":{"favoriteColor":"purple","age":13,"at":{"$date":"2024-01-02T03:04:05Z"}}}`
)

// newMinimalService starts a service whose responses have only the required fields, in unusual but valid forms.
func newMinimalService(t *testing.T) *minimalService {
	t.Helper()
	o := &minimalService{}
	login := api.BasePath + "/app/" + appID + "/auth/providers/local-userpass/login"
	o.responses = map[string]response{
		"POST " + login: {200, jsonType, `{"access_token":"` + minimalToken(claimsWithoutSub) +
			`","refresh_token":"opaque","user_id":"` + userID + `","device_id":null}`},
		"GET " + api.ProfilePath: {200, jsonType,
			`{"identities":[{"id":"i1","provider_type":"local-userpass"}],"data":null}`},
		"POST " + api.SessionPath: {200, jsonType, `{"access_token":"` + minimalToken(refreshedClaims) +
			`","refresh_token":null}`},
		"DELETE " + api.SessionPath:       {200, jsonType, `{"status":"ok"}`},
		"POST " + api.RegisterPath(appID): {200, "text/plain", "registered"},
		"find": {200, jsonType, `[{"_id":{"$oid":"64b000000000000000000001"},"userId":"` + userID +
			`","favoriteColor":"blue","n":3,"at":{"$date":"2024-01-02T03:04:05Z"}}]`},
		"updateOne": {200, jsonType, `{"acknowledged":true,"matchedCount":1,"upsertedId":null}`},
		"deleteOne": {200, jsonType, `{"deletedCount":1.0}`},
		"count":     {200, jsonType, ` 3 `},
		"findOne":   {200, "", ``},
		"insertOne": {200, jsonType, `{"insertedId":"x"}`},
		"f":         {200, jsonType, `{"a":1,"big":1099511627776,"b":2.5,"error":"message of the function"}`},
	}
	o.Server = httptest.NewServer(o)
	o.responses["GET "+api.LocationPath(appID)] = response{200, jsonType, `{"hostname":"` + o.URL + `/"}`}
	t.Cleanup(o.Close)
	return o
}

// ServeHTTP sends the response in the table.
func (o *minimalService) ServeHTTP(w http.ResponseWriter, r *http.Request) {
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
	o.requests = append(o.requests, key)
	a, ok := o.responses[key]
	o.mu.Unlock()
	if !ok {
		a = response{http.StatusNotFound, "text/html", "<html>no " + key}
	}
	w.Header()["Content-Type"] = nil
	if a.contentType != "" {
		w.Header().Set("Content-Type", a.contentType)
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

func (o *minimalService) setResponse(key string, status int, body string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.responses[key] = response{status, jsonType, body}
}

// requestCount returns the number of requests.
func (o *minimalService) requestCount() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.requests)
}

func (o *minimalService) client(change ...func(*client.Options)) *client.Client {
	options := client.Options{
		BaseURL: o.URL, AppID: appID, Now: fixedTime,
		CustomData: model.CustomDataConfig{Enabled: true, Database: "app", Collection: "users", UserIDField: "userId"},
	}
	for _, f := range change {
		f(&options)
	}
	return client.New(options)
}

func (o *minimalService) signIn(t *testing.T) *client.User {
	t.Helper()
	user, err := o.client().SignIn(t.Context(), passwordCredential("a@b.c", "secret-password"))
	if err != nil {
		t.Fatal(err)
	}
	return user
}

// TestMinimalService: all operations work with a service that sends only the required fields.
func TestMinimalService(t *testing.T) {
	o := newMinimalService(t)
	if err := o.client().Register(t.Context(), "a@b.c", "secret-password"); err != nil {
		t.Error(err)
	}
	user := o.signIn(t)
	u := user.CachedProfile()
	if user.ID() != userID || u.ID != userID || u.Type != "" || u.Data != nil || len(u.Identities) != 1 ||
		color(user.CustomData()) != "pink" {
		t.Errorf("%s, %+v, %s", user.ID(), u, user.CustomData())
	}
	r, err := user.Check(t.Context())
	if err != nil || color(r.Document) != "blue" || r.Document.Lookup("n").Type != bson.TypeInt32 ||
		r.Document.Lookup("at").Type != bson.TypeDateTime {
		t.Errorf("check: %s, %v", r.Document, err)
	}
	if user.Session().StaleSince.IsZero() {
		t.Error("StaleSince is not set after a check")
	}
	d := model.NewDraft(r.Document, r.Owner("userId", user.ID()))
	if err := d.Set(model.Path{"favoriteColor"}, model.ValueOf("green")); err != nil {
		t.Fatal(err)
	}
	update, err := d.Update()
	if err != nil {
		t.Fatal(err)
	}
	if out, err := user.Save(t.Context(), update); err != nil || !out.Saved {
		t.Errorf("save: %+v, %v", out, err)
	}
	o.setResponse("updateOne", 200, `{"matchedCount":0,"modifiedCount":0,"upsertedId":null}`)
	if out, err := user.Save(t.Context(), update); err == nil || !strings.Contains(err.Error(),
		"favoriteColor unchanged") {
		t.Errorf("a save that matched no document: %+v, %v", out, err)
	}
	o.setResponse("updateOne", 200, `{"matchedCount":{"$numberInt":"1"},"modifiedCount":{"$numberInt":"1"}}`)
	if out, err := user.Save(t.Context(), update); err != nil || !out.Saved {
		t.Errorf("canonical counts: %+v, %v", out, err)
	}
	if out, err := user.DeleteDocument(t.Context(), r); err != nil || !out.Saved {
		t.Errorf("delete: %+v, %v", out, err)
	}
	coll := user.Database("app").Collection("users")
	if n, err := coll.Count(t.Context(), nil, 0); n != 3 || err != nil {
		t.Errorf("count: %d, %v", n, err)
	}
	if doc, err := coll.FindOne(t.Context(), nil, client.FindOptions{}); doc != nil || err != nil {
		t.Errorf("findOne: %s, %v", doc, err)
	}
	if id, err := coll.InsertOne(t.Context(), nil); err != nil || id.StringValue() != "x" {
		t.Errorf("insertOne: %s, %v", id, err)
	}
	v, err := user.Call(t.Context(), "f", nil)
	if err != nil || v.Document().Lookup("a").Type != bson.TypeInt32 || v.Document().Lookup("big").Type != bson.TypeInt64 {
		t.Errorf("call: %s, %v", v, err)
	}
	if s, err := user.Refresh(t.Context()); err != nil || color(s.Snapshot.CustomData) != "purple" ||
		s.Snapshot.CustomData.Lookup("at").Time().Year() != 2024 {
		t.Errorf("refresh: %+v, %v", s, err)
	}
	if err := user.SignOut(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestResumeTokenWithoutUserID: a stored token without a user id is accepted, a token of another user is not.
func TestResumeTokenWithoutUserID(t *testing.T) {
	o := newMinimalService(t)
	for _, tc := range []struct {
		token string
		want  string
	}{{minimalToken(claimsWithoutSub), "pink"},
		{minimalToken(`{"sub":"another user","iat":1,"exp":2,"user_data":{"favoriteColor":"red"}}`), ""}} {
		user, err := o.client().Resume(client.Tokens{UserID: userID, Access: client.Secret(tc.token), Refresh: "opaque"})
		if err != nil || user.Tokens().Access == "" != (tc.want == "") {
			t.Errorf("resumed with %v: %v", user.Tokens(), err)
		}
		if data := user.CustomData(); tc.want == "" && data != nil || tc.want != "" && color(data) != tc.want {
			t.Errorf("resumed with the data %s, want %q", data, tc.want)
		}
	}
}

// TestSignInResponseRequirements: the user id may be in the token only; the error names a required field that is
// missing.
func TestSignInResponseRequirements(t *testing.T) {
	o := newMinimalService(t)
	key := "POST " + api.LoginPath(appID, "local-userpass")
	for name, tc := range map[string]struct{ body, want string }{
		"the id in the token": {`{"access_token":"` + minimalToken(refreshedClaims) + `","refresh_token":"r"}`, ""},
		"no id": {`{"access_token":"` + minimalToken(claimsWithoutSub) + `","refresh_token":"r"}`,
			"no user id"},
		"no refresh token": {`{"access_token":"` + minimalToken(refreshedClaims) + `","user_id":"` + userID + `"}`,
			"refresh token"},
		"no access token": {`{"refresh_token":"r","user_id":"` + userID + `"}`, "no access token"},
		"token of another user": {`{"access_token":"` + minimalToken(refreshedClaims) +
			`","refresh_token":"r","user_id":"x"}`, "another user"},
		"a token without times": {`{"access_token":"` + minimalToken(`{"sub":"`+userID+`"}`) +
			`","refresh_token":"r","user_id":"` + userID + `"}`, "iat"},
		"empty": {``, "no access token"},
	} {
		o.setResponse(key, 200, tc.body)
		user, err := o.client().SignIn(t.Context(), passwordCredential("a", "secret-password"))
		switch {
		case tc.want == "" && (err != nil || user.ID() != userID):
			t.Errorf("%s: %v", name, err)
		case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)):
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
}

// TestProfileResponses: missing fields of a profile are not an error.
func TestProfileResponses(t *testing.T) {
	o := newMinimalService(t)
	user := o.signIn(t)
	for body, want := range map[string]string{
		`{}`:                  userID + "||0|",
		`{"identities":null}`: userID + "||0|",
		`{"user_id":null,"type":null,"identities":[{}],"data":{"name":"Ann"},"dossier":null}`:                                                               userID + "||1|Ann",
		`{"type":"server","identities":[{"id":"i","provider_data":null}],"data":{"name":"worker","at":{"$date":"2024-01-02T03:04:05Z"}},"new":{"key":[1]}}`: userID + "|server|1|worker",
	} {
		o.setResponse("GET "+api.ProfilePath, 200, body)
		u, err := user.Profile(t.Context())
		if got := fmt.Sprintf("%s|%s|%d|%s", u.ID, u.Type, len(u.Identities), u.Name()); err != nil || got != want {
			t.Errorf("%s: %s, %v", body, got, err)
		}
	}
	for _, body := range []string{``, `[]`, `"x"`, `{"data":3}`} {
		o.setResponse("GET "+api.ProfilePath, 200, body)
		if _, err := user.Profile(t.Context()); model.FaultKindOf(err) != model.Failed {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// TestLocations: requests go to the host in the location response, as with the SDKs; without a host they go to the base
// URL.
func TestLocations(t *testing.T) {
	far := newMinimalService(t)
	for name, tc := range map[string]struct {
		status int
		body   string
		want   string // text of the fault; empty: none
		far    bool   // whether the sign-in request requested to the other host
	}{
		"only a hostname": {200, `{"hostname":"` + far.URL + `"}`, "", true},
		"with more": {200, `{"hostname":"` + far.URL +
			`/","deployment_model":null,"location":7,"ws_hostname":{},"sync_route":"x"}`, "", true},
		"no hostname":         {200, `{"ws_hostname":"ws://x"}`, "", false},
		"null":                {200, `{"hostname":null}`, "", false},
		"empty":               {200, `{"hostname":""}`, "", false},
		"an invalid hostname": {200, `{"hostname":"example.com"}`, "returned a hostname that is not a URL", false},
		"not a string":        {200, `{"hostname":1}`, "does not speak the client API", false},
		"not JSON":            {200, `<html>`, "does not speak the client API", false},
		"an array":            {200, `[]`, "does not speak the client API", false},
		"unknown application": {404, `{"error":"cannot find app using Client App ID 'x'","error_code":null}`,
			"cannot find app", false},
	} {
		near := newMinimalService(t)
		near.setResponse("GET "+api.LocationPath(appID), tc.status, tc.body)
		before := far.requestCount()
		_, err := near.client().SignIn(t.Context(), passwordCredential("a", "secret-password"))
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
		if requested := far.requestCount() > before; requested != tc.far {
			t.Errorf("%s: request to the other host: %t", name, requested)
		}
	}
}

// TestIgnoreLocation: a service in this process reports a public address that this process must not use.
func TestIgnoreLocation(t *testing.T) {
	o := newMinimalService(t)
	o.setResponse("GET "+api.LocationPath(appID), 200, `{"hostname":"https://data.example.com"}`)
	fixed := o.client(func(c *client.Options) { c.IgnoreLocation = true })
	user, err := fixed.SignIn(t.Context(), passwordCredential("a", "secret-password"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := user.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if err := fixed.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestErrorResponsesOfOtherServices: error bodies of any form result in a usable fault.
func TestErrorResponsesOfOtherServices(t *testing.T) {
	o := newMinimalService(t)
	user := o.signIn(t)
	for name, tc := range map[string]struct {
		status    int
		body      string
		kind      model.FaultKind
		want      string
		refreshes int
	}{
		"no code": {400, `{"error":"no such thing"}`, model.Failed, "no such thing", 0},
		"code and link null": {400, `{"error":"no such thing","error_code":null,"link":null}`, model.Failed,
			"no such thing", 0},
		"code of another type":  {400, `{"error":"no such thing","error_code":17}`, model.Failed, "no such thing", 0},
		"error of another type": {400, `{"error":{"a":1},"error_code":"BadRequest"}`, model.Failed, "BadRequest", 0},
		"a message": {400, `{"statusCode":400,"message":"body must be object"}`, model.Failed,
			"body must be object", 0},
		"a number":               {400, `7`, model.Failed, "not a response of the client API", 0},
		"nothing":                {400, ``, model.Failed, "not a response of the client API", 0},
		"HTML":                   {404, `<html>`, model.Failed, "not a response of the client API", 0},
		"forbidden without JSON": {403, `no`, model.PermissionDenied, "403", 0},
		"unauthorized":           {401, `{"error":"unauthorized"}`, model.Failed, "unauthorized", 1},
		"unauthorized as a page": {401, `<html>`, model.Failed, "401", 1},
		"a bad sign-in":          {401, `{"error":"unauthorized","error_code":"AuthError"}`, model.Failed, "unauthorized", 0},
	} {
		o.setResponse("f", tc.status, tc.body)
		before := user.Session().Refreshes
		_, err := user.Call(t.Context(), "f", nil)
		if model.FaultKindOf(err) != tc.kind || !strings.Contains(fmt.Sprint(err), tc.want) ||
			user.Session().Refreshes-before != tc.refreshes {
			t.Errorf("%s: %s: %v; %d refreshes", name, model.FaultKindOf(err), err, user.Session().Refreshes-before)
		}
	}
	if !user.Session().SignedIn {
		t.Error("an error signed the user out")
	}
}

// TestSignInFaultsByProvider: the fault of a refused sign-in depends on the provider.
func TestSignInFaultsByProvider(t *testing.T) {
	o := newMinimalService(t)
	for _, tc := range []struct{ provider, code, want string }{
		{"local-userpass", "InvalidPassword", "the e-mail address or the password is wrong; check both"},
		{"local-userpass", "AuthError", "or the address is not confirmed yet"},
		{"local-userpass", "InvalidSession", "the e-mail address or the password is wrong"},
		{"api-key", "AuthError", "does not accept this API key; it may be disabled or deleted"},
		{"custom-token", "AuthError", "does not accept this token"},
		{"custom-function", "AuthError", "does not accept this sign-in"},
	} {
		o.setResponse("POST "+api.LoginPath(appID, tc.provider), 401, `{"error":"unauthorized","error_code":"`+tc.code+`"}`)
		_, err := o.client().SignIn(t.Context(), model.Credential{Provider: tc.provider,
			Fields: bson.D{{Key: "key", Value: "secret"}}})
		if model.FaultKindOf(err) != model.InvalidCredentials || !strings.Contains(err.Error(), tc.want) ||
			strings.Contains(err.Error(), "secret") {
			t.Errorf("%s %s: %v", tc.provider, tc.code, err)
		}
	}
	o.setResponse("POST "+api.LoginPath(appID, "api-key"), 404,
		`{"error":"auth provider api-key not found","error_code":"AuthProviderNotFound"}`)
	if _, err := o.client().SignIn(t.Context(), model.Credential{Provider: "api-key"}); err == nil ||
		!strings.Contains(err.Error(), "does not offer this way") {
		t.Errorf("a disabled provider: %v", err)
	}
}

// TestWatchWithoutChangeStreams: a service without change streams ends a watch at once, whatever its response is.
func TestWatchWithoutChangeStreams(t *testing.T) {
	o := newMinimalService(t)
	user := o.signIn(t)
	for name, a := range map[string]response{
		"no such endpoint": {404, jsonType, `{"message":"Route GET not found"}`},
		"not implemented":  {501, jsonType, `{"error":"watch is not supported"}`},
		"JSON":             {200, jsonType, `{"ok":true}`},
		"HTML":             {200, "text/html", `<html>`},
	} {
		o.mu.Lock()
		o.responses["GET "+api.CallPath(appID)] = a
		o.mu.Unlock()
		ctx, cancel := timeoutContext(t, 5*time.Second)
		err := user.Watch(ctx, func(model.ChangeEvent) {})
		if err == nil {
			t.Errorf("%s: %v", name, err)
		}
		cancel()
	}
}

// TestEmailSteps: the steps of the e-mail provider make the requests of the protocol without a signed-in user and
// explain refusals.
func TestEmailSteps(t *testing.T) {
	o := newMinimalService(t)
	c := o.client()
	base := strings.TrimSuffix(api.RegisterPath(appID), "register")
	steps := map[string]func() error{
		"confirm":      func() error { return c.Confirm(t.Context(), "secret", "id") },
		"confirm/send": func() error { return c.SendConfirmation(t.Context(), "a@b.c") },
		"reset":        func() error { return c.Reset(t.Context(), "secret", "id", "secret") },
		"reset/send":   func() error { return c.SendReset(t.Context(), "a@b.c") },
	}
	for step, do := range steps {
		o.setResponse("POST "+base+step, 204, "")
		if err := do(); err != nil {
			t.Errorf("%s: %v", step, err)
		}
		for code, want := range map[string]string{
			"UserNotFound": "no user with this e-mail address", "UserpassTokenInvalid": "has expired or was already used",
			"UserAlreadyConfirmed": "already confirmed", "BadRequest": "message of the service",
		} {
			o.setResponse("POST "+base+step, 400, `{"error":"message of the service","error_code":"`+code+`"}`)
			if err := do(); model.FaultKindOf(err) != model.InvalidInput || !strings.Contains(err.Error(), want) ||
				strings.Contains(err.Error(), "secret") {
				t.Errorf("%s, %s: %v", step, code, err)
			}
		}
		o.setResponse("POST "+base+step, 503, `{"error":"not now"}`)
		if err := do(); model.FaultKindOf(err) != model.Unreachable {
			t.Errorf("%s while the service is down: %v", step, err)
		}
	}
}
