package server_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/backendtest"
	"dossier/backend/store"
)

var hex24Pattern = regexp.MustCompile(`^[0-9a-f]{24}$`)

func TestLocation(t *testing.T) {
	h := backendtest.Start(t)
	got := request(t, h, "GET", api.LocationPath(h.AppID), "", "").expect(t, 200, "", "")
	if got.Header.Get("Content-Type") != "application/json" {
		t.Errorf("content type %q", got.Header.Get("Content-Type"))
	}
	body := got.object(t)
	if body["hostname"] != h.URL || body["ws_hostname"] != "ws"+strings.TrimPrefix(h.URL, "http") ||
		body["deployment_model"] != "LOCAL" || body["location"] == nil {
		t.Errorf("location %s", got.Body)
	}
	request(t, h, "GET", api.LocationPath("other-app"), "", "").expect(t, 404, "",
		"cannot find app using Client App ID 'other-app'")
	request(t, h, "POST", api.LoginPath("other-app", api.Anonymous), "", "{}").expect(t, 404, "",
		"cannot find app using Client App ID 'other-app'")

	hosted := backendtest.StartWith(t, backendtest.Options{EditApp: func(a *app.App) {
		a.Hosting = app.Hosting{DeploymentModel: "LOCAL", Location: "DE-FF"}
	}})
	if body = request(t, hosted, "GET", api.LocationPath(hosted.AppID), "",
		"").object(t); body["deployment_model"] != "LOCAL" || body["location"] != "DE-FF" {
		t.Errorf("the hosting of an export: %v", body)
	}
	public := backendtest.StartWith(t, backendtest.Options{PublicURL: "https://data.example.com/"})
	body = request(t, public, "GET", api.LocationPath(public.AppID), "", "").object(t)
	if body["hostname"] != "https://data.example.com" || body["ws_hostname"] != "wss://data.example.com" {
		t.Errorf("public location %v", body)
	}
}

func TestAnonymousSignInAndProfile(t *testing.T) {
	h := backendtest.Start(t)
	for _, body := range []string{"", "{}",
		`{"provider":"anon-user","options":{"device":{"deviceId":{"$oid":"000000000000000000000000"}}}}`} {
		a := request(t, h, "POST", api.LoginPath(h.AppID, api.Anonymous), "", body).session(t)
		if !hex24Pattern.MatchString(a.ID) || !hex24Pattern.MatchString(a.Device) || strings.Trim(a.Device, "0") == "" {
			t.Errorf("ids %q %q", a.ID, a.Device)
		}
		access, refresh := claims(t, a.Access), claims(t, a.Refresh)
		if string(access["iss"]) != string(refresh["baas_id"]) || string(access["typ"]) != `"access"` ||
			string(refresh["typ"]) != `"refresh"` {
			t.Errorf("session of the tokens: %s %s", access["iss"], refresh["baas_id"])
		}
		if string(access["iat"]) != fmt.Sprint(h.Clock.Now().Unix()) ||
			string(access["exp"]) != fmt.Sprint(h.Clock.Now().Unix()+1800) {
			t.Errorf("iat %s exp %s", access["iat"], access["exp"])
		}
		if string(refresh["exp"]) != fmt.Sprint(h.Clock.Now().Unix()+5184000) {
			t.Errorf("refresh exp %s", refresh["exp"])
		}
		if data, there := access["user_data"]; there {
			t.Errorf("user_data %s without a document", data)
		}
		profile := request(t, h, "GET", api.ProfilePath, a.Access, "").expect(t, 200, "", "").object(t)
		identity := profile["identities"].([]any)[0].(map[string]any)
		if profile["user_id"] != a.ID || profile["type"] != "normal" || len(profile["data"].(map[string]any)) != 0 ||
			identity["provider_type"] != "anon-user" {
			t.Errorf("profile %v", profile)
		}
		if id := identity["id"].(string); !regexp.MustCompile(`^[0-9a-f]{24}-[a-z]{24}$`).MatchString(id) {
			t.Errorf("identity id %q", id)
		}
	}
	if a, b := anonymous(t, h), anonymous(t, h); a.ID == b.ID {
		t.Error("two anonymous sign-ins got the same user")
	}
}

func TestDeviceIDIsKept(t *testing.T) {
	h := backendtest.Start(t)
	for _, id := range []string{`{"$oid":"5ed10d5dc085000e2c0099f2"}`, `"5ed10d5dc085000e2c0099f2"`} {
		a := request(t, h, "POST", api.LoginPath(h.AppID, api.Anonymous), "", `{"options":{"device":{"deviceId":`+id+
			`,"platform":"node"}}}`).session(t)
		if a.Device != "5ed10d5dc085000e2c0099f2" ||
			string(claims(t, a.Access)["baas_device_id"]) != `"5ed10d5dc085000e2c0099f2"` {
			t.Errorf("device %q", a.Device)
		}
	}
	a := request(t, h, "POST", api.LoginPath(h.AppID, api.Anonymous), "",
		`{"options":{"device":{"deviceId":"../../etc"}}}`).session(t)
	if !hex24Pattern.MatchString(a.Device) {
		t.Errorf("device %q", a.Device)
	}
}

func TestRegisterAndSignIn(t *testing.T) {
	h := backendtest.Start(t)
	done := register(t, h, "ada@example.com", "correct horse").expect(t, 201, "", "")
	if done.Body != "" || done.Header.Values("Content-Type") != nil {
		t.Errorf("an empty success with %q of type %q", done.Body, done.Header.Values("Content-Type"))
	}
	first := login(t, h, "ada@example.com", "correct horse").session(t)
	second := login(t, h, "ada@example.com", "correct horse").session(t)
	if first.ID != second.ID || first.Access == second.Access || first.Refresh == second.Refresh {
		t.Errorf("two sign-ins of one user: %q %q", first.ID, second.ID)
	}
	profile := request(t, h, "GET", api.ProfilePath, first.Access, "").object(t)
	if profile["data"].(map[string]any)["email"] != "ada@example.com" {
		t.Errorf("profile %v", profile)
	}

	register(t, h, "ada@example.com", "another one").expect(t, 409, "AccountNameInUse", "name already in use")
	register(t, h, "Ada@example.com", "another one").expect(t, 201, "", "")
	register(t, h, "my-very-own-username", "another one").expect(t, 201, "", "")
	register(t, h, "", "another one").expect(t, 400, "BadRequest", "email invalid")
	register(t, h, "b@example.com", "short").expect(t, 400, "BadRequest", "password must be between 6 and 128 characters")
	register(t, h, "b@example.com", "secret\x00").expect(t, 400, "BadRequest", "NUL")
	request(t, h, "POST", api.RegisterPath(h.AppID), "an.expired.token",
		`{"email":"c@example.com","password":"another one"}`).expect(t, 201, "", "")
	request(t, h, "POST", api.RegisterPath(h.AppID), "", `{"email":7,"password":"another one"}`).expect(t, 400,
		"BadRequest", "email invalid")
	request(t, h, "POST", api.RegisterPath(h.AppID), "", `[`).expect(t, 400, "BadRequest", "not a JSON object")
	request(t, h, "POST", api.RegisterPath(h.AppID), "", strings.Repeat(" ", api.MaxBody)+`{}`).expect(t, 413,
		"BadRequest", "larger than")

	wrong := login(t, h, "ada@example.com", "correct horsf").expect(t, 401, "InvalidPassword", "unauthorized")
	unknown := login(t, h, "unknown@example.com", "correct horse").expect(t, 401, "InvalidPassword", "unauthorized")
	if wrong.withoutLink() != unknown.withoutLink() {
		t.Errorf("the error reveals that an address is unknown: %s, %s", wrong.Body, unknown.Body)
	}
	request(t, h, "POST", api.LoginPath(h.AppID, api.EmailPassword), "", `{"username":"ada@example.com"}`).expect(t, 400,
		"MissingParameter", "'password'")
	request(t, h, "POST", api.LoginPath(h.AppID, "custom-token"), "", `{}`).expect(t, 404, "AuthProviderNotFound",
		"custom-token")
	request(t, h, "POST", api.LoginPath(h.AppID, api.Operator), "", `{"key":"","user_id":"x"}`).expect(t, 404,
		"AuthProviderNotFound", "operator")
}

func TestProvidersAsConfigured(t *testing.T) {
	h := backendtest.StartWith(t, backendtest.Options{EditApp: func(a *app.App) {
		a.Providers[api.Anonymous] = app.Provider{Type: api.Anonymous, Disabled: true}
		a.Providers[api.EmailPassword] = app.Provider{Type: api.EmailPassword}
	}})
	request(t, h, "POST", api.LoginPath(h.AppID, api.Anonymous), "", "{}").expect(t, 404, "AuthProviderNotFound",
		"anon-user")
	register(t, h, "ada@example.com", "correct horse").expect(t, 400, "BadRequest", "autoConfirm")
}

func TestRefresh(t *testing.T) {
	h := backendtest.Start(t)
	id := h.CreateUser(t, "ada@example.com", "correct horse", bson.D{{Key: "favoriteColor", Value: "pink"}})
	a := login(t, h, "ada@example.com", "correct horse").session(t)
	if data := string(claims(t, a.Access)["user_data"]); !strings.Contains(data, `"favoriteColor":"pink"`) ||
		!strings.Contains(data, `"userId":"`+id+`"`) {
		t.Errorf("user_data %s", data)
	}
	if _, err := h.CustomData().UpdateOne(t.Context(), bson.D{{Key: "userId", Value: id}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "favoriteColor", Value: "purple"}}}}, store.Change{}); err != nil {
		t.Fatal(err)
	}
	h.Clock.Advance(10 * time.Minute)
	got := request(t, h, "POST", api.SessionPath, a.Refresh, "").expect(t, 201, "", "")
	access, _ := got.object(t)["access_token"].(string)
	if len(got.object(t)) != 1 || !strings.Contains(string(claims(t, access)["user_data"]), `"favoriteColor":"purple"`) {
		t.Errorf("refreshed %s", claims(t, access)["user_data"])
	}
	if string(claims(t, access)["iat"]) != fmt.Sprint(h.Clock.Now().Unix()) ||
		string(claims(t, access)["iss"]) != string(claims(t, a.Access)["iss"]) {
		t.Error("the new token has another session or an old time")
	}
	request(t, h, "GET", api.ProfilePath, a.Access, "").expect(t, 200, "", "")
	h.Clock.Advance(21 * time.Minute)
	request(t, h, "GET", api.ProfilePath, a.Access, "").expect(t, 401, "InvalidSession",
		"invalid session: access token expired")
	request(t, h, "GET", api.ProfilePath, access, "").expect(t, 200, "", "")
	h.Clock.Advance(60 * 24 * time.Hour)
	request(t, h, "POST", api.SessionPath, a.Refresh, "").expect(t, 401, "InvalidSession", "failed to find refresh token")
}

func TestTokensOfTheWrongKindOrNone(t *testing.T) {
	h := backendtest.Start(t)
	a := anonymous(t, h)
	request(t, h, "POST", api.SessionPath, a.Access, "").expect(t, 401, "InvalidSession",
		"invalid refresh token: incorrect token type")
	request(t, h, "GET", api.ProfilePath, a.Refresh, "").expect(t, 401, "InvalidSession", "incorrect token type")
	for _, method := range []string{"POST", "DELETE"} {
		request(t, h, method, api.SessionPath, "null", "").expect(t, 401, "InvalidSession", "failed to find refresh token")
		request(t, h, method, api.SessionPath, "", "").expect(t, 401, "",
			"expected Authorization header with JWT (Bearer schema)")
	}
	for _, authorization := range []string{"", "Bearer", "Bearer ", "Basic abc"} {
		header := http.Header{}
		if authorization != "" {
			header.Set("Authorization", authorization)
		}
		requestWithHeader(t, h, "GET", api.ProfilePath, header, "").expect(t, 401, "",
			"expected Authorization header with JWT (Bearer schema)")
	}
	request(t, h, "GET", api.ProfilePath, "null", "").expect(t, 401, "InvalidSession", "malformed")
	request(t, h, "GET", api.ProfilePath, a.Access[:len(a.Access)-3]+"abc", "").expect(t, 401, "InvalidSession",
		"signature is invalid")
	request(t, h, "GET", api.ProfilePath, a.Access+strings.Repeat("x", 1<<20-len(a.Access)+1), "").expect(t, 401,
		"InvalidSession", "too large")
}

func TestSignOutEndsOneSession(t *testing.T) {
	h := backendtest.Start(t)
	h.CreateUser(t, "ada@example.com", "correct horse", nil)
	a, b := login(t, h, "ada@example.com", "correct horse").session(t), login(t, h, "ada@example.com",
		"correct horse").session(t)
	done := request(t, h, "DELETE", api.SessionPath, a.Refresh, "").expect(t, 204, "", "")
	if done.Header.Values("Content-Type") != nil {
		t.Errorf("content type %q", done.Header.Values("Content-Type"))
	}
	request(t, h, "DELETE", api.SessionPath, a.Refresh, "").expect(t, 401, "InvalidSession",
		"invalid session: failed to find refresh token")
	request(t, h, "POST", api.SessionPath, a.Refresh, "").expect(t, 401, "InvalidSession",
		"invalid session: failed to find refresh token")
	request(t, h, "GET", api.ProfilePath, a.Access, "").expect(t, 401, "InvalidSession", "the session has ended")
	request(t, h, "GET", api.ProfilePath, b.Access, "").expect(t, 200, "", "")
	request(t, h, "POST", api.SessionPath, b.Refresh, "").expect(t, 201, "", "")
}

// Disabling and revoking hold from the next request on, for access and refresh tokens, in every process.
func TestDisableAndRevoke(t *testing.T) {
	h := backendtest.Start(t)
	other := h.StartSecond(t)
	id := h.CreateUser(t, "ada@example.com", "correct horse", nil)
	a := login(t, h, "ada@example.com", "correct horse").session(t)
	if err := other.Service.Directory().SetDisabled(t.Context(), id, true); err != nil {
		t.Fatal(err)
	}
	request(t, h, "GET", api.ProfilePath, a.Access, "").expect(t, 401, "InvalidSession", "disabled")
	request(t, h, "POST", api.SessionPath, a.Refresh, "").expect(t, 401, "InvalidSession", "disabled")
	login(t, h, "ada@example.com", "correct horse").expect(t, 401, "UserDisabled", "disabled")
	login(t, h, "ada@example.com", "another horse").expect(t, 401, "InvalidPassword", "unauthorized")
	if err := other.Service.Directory().SetDisabled(t.Context(), id, false); err != nil {
		t.Fatal(err)
	}
	if again := login(t, h, "ada@example.com", "correct horse").session(t); again.ID != id {
		t.Errorf("enabled again as %s, was %s", again.ID, id)
	}
	request(t, h, "GET", api.ProfilePath, a.Access, "").expect(t, 200, "", "")
	if err := other.Service.Directory().RevokeSessions(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	request(t, h, "GET", api.ProfilePath, a.Access, "").expect(t, 401, "InvalidSession", "revoked")
	request(t, h, "POST", api.SessionPath, a.Refresh, "").expect(t, 401, "InvalidSession", "revoked")
	b := login(t, h, "ada@example.com", "correct horse").session(t)
	request(t, other, "GET", api.ProfilePath, b.Access, "").expect(t, 200, "", "")
}

func TestDeleteUser(t *testing.T) {
	h := backendtest.Start(t)
	id := h.CreateUser(t, "ada@example.com", "correct horse", bson.D{{Key: "favoriteColor", Value: "pink"}})
	a := login(t, h, "ada@example.com", "correct horse").session(t)
	request(t, h, "DELETE", api.DeletePath, a.Access, "").expect(t, 204, "", "")
	request(t, h, "DELETE", api.SessionPath, a.Refresh, "").expect(t, 401, "InvalidSession",
		"failed to find refresh token")
	request(t, h, "GET", api.ProfilePath, a.Access, "").expect(t, 401, "InvalidSession", "ended")
	login(t, h, "ada@example.com", "correct horse").expect(t, 401, "InvalidPassword", "unauthorized")
	if n, err := h.CustomData().Count(t.Context(), bson.D{{Key: "userId", Value: id}}, 0); n != 1 || err != nil {
		t.Errorf("custom data after the deletion: %d, %v", n, err)
	}
	register(t, h, "ada@example.com", "correct horse").expect(t, 201, "", "")
	if again := login(t, h, "ada@example.com", "correct horse").session(t); again.ID == id {
		t.Error("a new user has a deleted user's id")
	}
}

func TestLink(t *testing.T) {
	h := backendtest.Start(t)
	link := api.LoginPath(h.AppID, api.EmailPassword) + "?link=true"
	a := anonymous(t, h)
	request(t, h, "POST", link, a.Access, credentials("ada@example.com", "correct horse")).expect(t, 401,
		"InvalidPassword", "invalid username/password")
	register(t, h, "ada@example.com", "correct horse").expect(t, 201, "", "")
	for range 2 {
		linked := request(t, h, "POST", link, a.Access, credentials("ada@example.com", "correct horse")).session(t)
		if linked.ID != a.ID || linked.Refresh != "" || linked.Device != a.Device ||
			string(claims(t, linked.Access)["iss"]) != string(claims(t, a.Access)["iss"]) {
			t.Errorf("linked %+v", linked)
		}
	}
	profile := request(t, h, "GET", api.ProfilePath, a.Access, "").object(t)
	list := profile["identities"].([]any)
	if len(list) != 2 || list[0].(map[string]any)["provider_type"] != "anon-user" ||
		list[1].(map[string]any)["provider_type"] != "local-userpass" {
		t.Errorf("identities %v", list)
	}
	if profile["data"].(map[string]any)["email"] != "ada@example.com" {
		t.Errorf("data %v", profile["data"])
	}
	if again := login(t, h, "ada@example.com", "correct horse").session(t); again.ID != a.ID {
		t.Error("the linked identity signs in as another user")
	}
	b := anonymous(t, h)
	request(t, h, "POST", link, b.Access, credentials("ada@example.com", "correct horse")).expect(t, 401, "AuthError",
		"invalid user link request")
	register(t, h, "second@example.com", "correct horse").expect(t, 201, "", "")
	request(t, h, "POST", link, a.Access, credentials("second@example.com", "correct horse")).expect(t, 401, "AuthError",
		"invalid user link request")
	login(t, h, "second@example.com", "correct horse").session(t)
	request(t, h, "POST", api.LoginPath(h.AppID, api.Anonymous)+"?link=true", a.Access, "{}").expect(t, 400, "BadRequest",
		"cannot be added")
	request(t, h, "POST", link, "null", credentials("ada@example.com", "correct horse")).expect(t, 401, "InvalidSession",
		"malformed")
}

func TestOperator(t *testing.T) {
	h := backendtest.StartWith(t, backendtest.Options{OperatorKey: "open sesame"})
	path := api.LoginPath(h.AppID, api.Operator)
	h.InsertCustomData(t, "external-user@elsewhere", bson.D{{Key: "favoriteColor", Value: "pink"}})
	for range 2 {
		a := request(t, h, "POST", path, "", `{"key":"open sesame","user_id":"external-user@elsewhere"}`).session(t)
		if a.ID != "external-user@elsewhere" || !strings.Contains(string(claims(t, a.Access)["user_data"]), "pink") {
			t.Errorf("signed in as %q with %s", a.ID, claims(t, a.Access)["user_data"])
		}
		profile := request(t, h, "GET", api.ProfilePath, a.Access, "").object(t)
		if list := profile["identities"].([]any); profile["type"] != "normal" || len(list) != 1 ||
			list[0].(map[string]any)["provider_type"] != "operator" {
			t.Errorf("profile %v", profile)
		}
	}
	id := h.CreateUser(t, "ada@example.com", "correct horse", nil)
	a := request(t, h, "POST", path, "", `{"key":"open sesame","user_id":"`+id+`"}`).session(t)
	if data := request(t, h, "GET", api.ProfilePath, a.Access,
		"").object(t)["data"].(map[string]any); data["email"] != "ada@example.com" {
		t.Errorf("data %v", data)
	}
	request(t, h, "POST", path, "", `{"key":"open sesam","user_id":"x"}`).expect(t, 401, "AuthError", "unauthorized")
	request(t, h, "POST", path, "", `{"key":"open sesame"}`).expect(t, 400, "MissingParameter", "'user_id'")
	request(t, h, "POST", path, "", `{"key":"open sesame","user_id":""}`).expect(t, 400, "InvalidParameter", "user_id")
}
