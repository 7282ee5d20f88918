package server_test

import (
	"net/http"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/backendtest"
)

// expectLogged checks that the log line of the latest request contains every part.
func expectLogged(t testing.TB, h *backendtest.Harness, parts ...string) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(h.Log.String()), "\n")
	last := lines[len(lines)-1]
	for _, part := range parts {
		if !strings.Contains(last, part) {
			t.Errorf("no %s in %s", part, last)
		}
	}
}

// The access log contains the reason of a refusal, and no secret.
func TestLogHasReasonOfRefusal(t *testing.T) {
	h, _ := startWithMail(t, confirmByMail(), nil)
	register(t, h, "ada@example.com", "correct horse").expect(t, 201, "", "")
	login(t, h, "ada@example.com", "correct horse").expect(t, 401, api.CodeAuthError, "unauthorized")
	expectLogged(t, h, "provider=local-userpass", `cause="the e-mail address is not confirmed"`)
	login(t, h, "bob@example.com", "correct horse").expect(t, 401, api.CodeInvalidPassword, "unauthorized")
	expectLogged(t, h, "provider=local-userpass", "error_code=InvalidPassword")
	apiKeyLogin(t, h, strings.Repeat("x", 64)).expect(t, 401, api.CodeAuthError, "unauthorized")
	expectLogged(t, h, "provider=api-key", `cause="unknown API key"`)
	request(t, h, "POST", api.LoginPath(h.AppID, "oauth2-unknown"), "", "{}").expect(t, 404, api.CodeAuthProviderNotFound,
		"")
	expectLogged(t, h, "oauth2-unknown")
	request(t, h, "GET", api.ProfilePath, "a.b.c", "").expect(t, 401, api.CodeInvalidSession, "")
	expectLogged(t, h, `cause="invalid session: the token is malformed"`)
	request(t, h, "GET", api.LocationPath("mistyped"), "", "").expect(t, 404, "", "")
	expectLogged(t, h, `cause="application \"mistyped\" is not served"`)
	for _, secret := range []string{"correct horse", "bob@", "ada@", "xxxx"} {
		if strings.Contains(h.Log.String(), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
}

func TestLogNamesRefusedOrigin(t *testing.T) {
	h := backendtest.StartWith(t, backendtest.Options{EditApp: func(a *app.App) {
		a.Origins = []string{"https://shop.example.com"}
	}})
	requestWithHeader(t, h, "POST", api.LoginPath(h.AppID, api.Anonymous),
		http.Header{"Origin": {"https://evil.example.com"}}, "{}").expect(t, 403, "", "")
	expectLogged(t, h, "origin=https://evil.example.com", "/auth/providers/{provider}/login", "allowed_request_origins")
}

// A MongoDB error is logged without the document that it quotes.
func TestLogNamesCollection(t *testing.T) {
	h := backendtest.Start(t)
	id := h.CreateUser(t, "ada@example.com", "correct horse", bson.D{{Key: "favoriteColor", Value: "pink"}})
	a := login(t, h, "ada@example.com", "correct horse").session(t)
	c := h.CustomDataConfig()
	call := func(collection, name, rest string) response {
		t.Helper()
		return request(t, h, "POST", api.CallPath(h.AppID), a.Access,
			`{"service":"`+c.Service+`","name":"`+name+`","arguments":[{"database":"`+c.Database+`","collection":"`+collection+
				`",`+rest+`}]}`)
	}
	call("elsewhere", "find", `"query":{}`).expect(t, 403, api.CodeNoMatchingRuleFound, "")
	expectLogged(t, h, "operation=find", "collection="+c.Database+".elsewhere", "there are no rules for")
	call(c.Collection, "updateOne", `"query":{"userId":"`+id+`"},"update":{"$inc":{"favoriteColor":1}}`).expect(t, 400,
		api.CodeMongoDBError, "")
	expectLogged(t, h, "operation=updateOne", "collection="+c.Database+"."+c.Collection, "cause=")
	if strings.Contains(h.Log.String(), "pink") {
		t.Errorf("a document is in the log:\n%s", h.Log.String())
	}
}
