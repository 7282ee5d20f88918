package server_test

import (
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/backendtest"
)

// Two processes on one database are one service: what happens at one counts at the other with the next request.
func TestTwoProcessesAreOneService(t *testing.T) {
	a, box := posted(t, byMail(), nil)
	b := a.StartSecond(t)
	register(t, a, "ada@example.com", "correct horse").expect(t, 201, "", "")
	_, link := box.last(t)
	confirm(t, b, link).expect(t, 204, "", "")

	// A session from A is used at B, renewed there, and once it ended there A refuses it.
	ada := login(t, a, "ada@example.com", "correct horse").signedIn(t)
	ask(t, b, "GET", api.ProfilePath, ada.Access, "").expect(t, 200, "", "")
	fresh := ask(t, b, "POST", api.SessionPath, ada.Refresh, "").expect(t, 201, "", "").object(t)["access_token"].(string)
	ask(t, a, "GET", api.ProfilePath, fresh, "").expect(t, 200, "", "")
	ask(t, b, "DELETE", api.SessionPath, ada.Refresh, "").expect(t, 204, "", "")
	for _, access := range []string{ada.Access, fresh} {
		ask(t, a, "GET", api.ProfilePath, access, "").expect(t, 401, "InvalidSession", "")
	}
	ask(t, a, "POST", api.SessionPath, ada.Refresh, "").expect(t, 401, "InvalidSession", "failed to find refresh token")

	// A link that was mailed by A resets the password at B, once, and the old one opens neither.
	step(t, a, "reset/send", to("ada@example.com")).expect(t, 204, "", "")
	_, link = box.last(t)
	reset(t, b, link, "another horse").expect(t, 204, "", "")
	reset(t, a, link, "a third horse").expect(t, 400, "UserpassTokenInvalid", "")
	login(t, a, "ada@example.com", "correct horse").expect(t, 401, "InvalidPassword", "")
	ada = login(t, a, "ada@example.com", "another horse").signedIn(t)

	// An API key made at A signs in at B until it is disabled at A.
	made := ask(t, a, "POST", api.APIKeysPath, ada.Refresh, `{"name":"k"}`).expect(t, 201, "", "").object(t)
	key := `{"key":"` + made["key"].(string) + `"}`
	byKey := ask(t, b, "POST", api.LoginPath(b.AppID, api.APIKey), "", key).signedIn(t)
	ask(t, a, "PUT", api.APIKeysPath+"/"+made["_id"].(string)+"/disable", ada.Refresh, "").expect(t, 204, "", "")
	ask(t, b, "POST", api.LoginPath(b.AppID, api.APIKey), "", key).expect(t, 401, "AuthError", "")
	ask(t, b, "GET", api.ProfilePath, byKey.Access, "").expect(t, 401, "InvalidSession", "")

	// Failures count together.
	for i := range 10 {
		login(t, []*backendtest.Harness{a, b}[i%2], "ada@example.com", "wrong horse").expect(t, 401, "InvalidPassword", "")
	}
	for _, w := range []*backendtest.Harness{a, b} {
		login(t, w, "ada@example.com", "another horse").expect(t, 429, "", "too many failed sign-ins")
	}

	// Who is deleted at B is gone at A.
	ask(t, b, "DELETE", api.DeletePath, ada.Access, "").expect(t, 204, "", "")
	ask(t, a, "GET", api.ProfilePath, ada.Access, "").expect(t, 401, "InvalidSession", "")
}

// Processes that start at the same moment on a database that knows nothing of them make its collections, indexes and keys together.
func TestProcessesStartTogether(t *testing.T) {
	w := backendtest.Start(t)
	for _, name := range []string{"keys", "users", "identities", "sessions", "passwords", "throttles"} {
		if _, err := w.ServiceCollection(name).DeleteMany(t.Context(), bson.D{}); err != nil {
			t.Fatal(err)
		}
	}
	worlds := make([]*backendtest.Harness, 4)
	var wait sync.WaitGroup
	for i := range worlds {
		wait.Go(func() { worlds[i] = w.StartSecond(t) })
	}
	wait.Wait()
	a := anonymous(t, worlds[0])
	for _, other := range worlds {
		ask(t, other, "GET", api.ProfilePath, a.Access, "").expect(t, 200, "", "")
	}
}
