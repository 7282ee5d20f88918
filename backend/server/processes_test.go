package server_test

import (
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/backendtest"
)

// Two processes on one database act as one service: a change in one is effective in the other from the next request on.
func TestTwoProcessesAreOneService(t *testing.T) {
	a, recorder := startWithMail(t, confirmByMail(), nil)
	b := a.StartSecond(t)
	register(t, a, "ada@example.com", "correct horse").expect(t, 201, "", "")
	_, link := recorder.last(t)
	confirm(t, b, link).expect(t, 204, "", "")

	// A session of A is used and refreshed at B; when B ends it, A refuses it.
	ada := login(t, a, "ada@example.com", "correct horse").session(t)
	request(t, b, "GET", api.ProfilePath, ada.Access, "").expect(t, 200, "", "")
	fresh := request(t, b, "POST", api.SessionPath, ada.Refresh, "").expect(t, 201, "",
		"").object(t)["access_token"].(string)
	request(t, a, "GET", api.ProfilePath, fresh, "").expect(t, 200, "", "")
	request(t, b, "DELETE", api.SessionPath, ada.Refresh, "").expect(t, 204, "", "")
	for _, access := range []string{ada.Access, fresh} {
		request(t, a, "GET", api.ProfilePath, access, "").expect(t, 401, "InvalidSession", "")
	}
	request(t, a, "POST", api.SessionPath, ada.Refresh, "").expect(t, 401, "InvalidSession",
		"failed to find refresh token")

	// A link in an email of A resets the password at B once; the old password is refused by both.
	userpassCall(t, a, "reset/send", emailBody("ada@example.com")).expect(t, 204, "", "")
	_, link = recorder.last(t)
	reset(t, b, link, "another horse").expect(t, 204, "", "")
	reset(t, a, link, "a third horse").expect(t, 400, "UserpassTokenInvalid", "")
	login(t, a, "ada@example.com", "correct horse").expect(t, 401, "InvalidPassword", "")
	ada = login(t, a, "ada@example.com", "another horse").session(t)

	// An API key created at A signs in at B until A disables it.
	created := request(t, a, "POST", api.APIKeysPath, ada.Refresh, `{"name":"k"}`).expect(t, 201, "", "").object(t)
	key := `{"key":"` + created["key"].(string) + `"}`
	byKey := request(t, b, "POST", api.LoginPath(b.AppID, api.APIKey), "", key).session(t)
	request(t, a, "PUT", api.APIKeysPath+"/"+created["_id"].(string)+"/disable", ada.Refresh, "").expect(t, 204, "", "")
	request(t, b, "POST", api.LoginPath(b.AppID, api.APIKey), "", key).expect(t, 401, "AuthError", "")
	request(t, b, "GET", api.ProfilePath, byKey.Access, "").expect(t, 401, "InvalidSession", "")

	// Failed sign-ins are counted together.
	for i := range 10 {
		login(t, []*backendtest.Harness{a, b}[i%2], "ada@example.com", "wrong horse").expect(t, 401, "InvalidPassword", "")
	}
	for _, h := range []*backendtest.Harness{a, b} {
		login(t, h, "ada@example.com", "another horse").expect(t, 429, "", "too many failed sign-ins")
	}

	// A user deleted at B is deleted at A.
	request(t, b, "DELETE", api.DeletePath, ada.Access, "").expect(t, 204, "", "")
	request(t, a, "GET", api.ProfilePath, ada.Access, "").expect(t, 401, "InvalidSession", "")
}

// Processes that start at the same time on an empty database share its collections, indexes and signing key.
func TestProcessesStartTogether(t *testing.T) {
	h := backendtest.Start(t)
	for _, name := range []string{"keys", "users", "identities", "sessions", "passwords", "throttles"} {
		if _, err := h.ServiceCollection(name).DeleteMany(t.Context(), bson.D{}); err != nil {
			t.Fatal(err)
		}
	}
	processes := make([]*backendtest.Harness, 4)
	var wait sync.WaitGroup
	for i := range processes {
		wait.Go(func() { processes[i] = h.StartSecond(t) })
	}
	wait.Wait()
	a := anonymous(t, processes[0])
	for _, other := range processes {
		request(t, other, "GET", api.ProfilePath, a.Access, "").expect(t, 200, "", "")
	}
}
