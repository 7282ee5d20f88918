package server_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/backendtest"
	"dossier/backend/store"
)

// startWithAPIKeyUser starts a service with API keys and signs a user in.
func startWithAPIKeyUser(t *testing.T) (*backendtest.Harness, session) {
	t.Helper()
	h := backendtest.Start(t)
	h.CreateUser(t, "ada@example.com", "correct horse", bson.D{{Key: "favoriteColor", Value: "pink"}})
	return h, login(t, h, "ada@example.com", "correct horse").session(t)
}

// createKey creates an API key and returns its id and its secret.
func createKey(t testing.TB, h *backendtest.Harness, refresh, name string) (id, key string) {
	t.Helper()
	body := request(t, h, "POST", api.APIKeysPath, refresh, `{"name":"`+name+`"}`).expect(t, 201, "", "").object(t)
	return body["_id"].(string), body["key"].(string)
}

func apiKeyPath(id string, step ...string) string {
	return api.APIKeysPath + "/" + strings.Join(append([]string{id}, step...), "/")
}

func apiKeyLogin(t testing.TB, h *backendtest.Harness, key string) response {
	t.Helper()
	return request(t, h, "POST", api.LoginPath(h.AppID, api.APIKey), "", `{"key":"`+key+`","provider":"api-key"}`)
}

func keyNames(t testing.TB, a response) []string {
	t.Helper()
	var list []struct{ Name string }
	if err := json.Unmarshal([]byte(a.expect(t, 200, "", "").Body), &list); err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, k := range list {
		names = append(names, k.Name)
	}
	return names
}

func TestAPIKeys(t *testing.T) {
	h, ada := startWithAPIKeyUser(t)
	if got := request(t, h, "GET", api.APIKeysPath, ada.Refresh, "").expect(t, 200, "", ""); got.Body != "[]" {
		t.Errorf("no keys are %s", got.Body)
	}
	made := request(t, h, "POST", api.APIKeysPath, ada.Refresh, `{"name":"my-key_1"}`).expect(t, 201, "", "").object(t)
	id, key := made["_id"].(string), made["key"].(string)
	if keys := slices.Sorted(maps.Keys(made)); !slices.Equal(keys, []string{"_id", "disabled", "key", "name"}) ||
		made["name"] != "my-key_1" || made["disabled"] != false {
		t.Errorf("created %v", made)
	}
	if !hex24Pattern.MatchString(id) || !regexp.MustCompile(`^[A-Za-z0-9_-]{64}$`).MatchString(key) {
		t.Errorf("id %q, key of %d characters", id, len(key))
	}
	shown := `{"_id":"` + id + `","name":"my-key_1","disabled":false}`
	if got := request(t, h, "GET", apiKeyPath(id), ada.Refresh, "").expect(t, 200, "", ""); got.Body != shown {
		t.Errorf("shown as %s", got.Body)
	}
	h.Clock.Advance(time.Second)
	createKey(t, h, ada.Refresh, "a-second")
	if got := keyNames(t, request(t, h, "GET", api.APIKeysPath, ada.Refresh, "")); !slices.Equal(got,
		[]string{"my-key_1", "a-second"}) {
		t.Errorf("listed %v", got)
	}
	for _, step := range []string{"disable", "disable", "enable", "enable"} {
		if done := request(t, h, "PUT", apiKeyPath(id, step), ada.Refresh, "").expect(t, 204, "",
			""); done.Header.Values("Content-Type") != nil {
			t.Errorf("%s of content type %q", step, done.Header.Values("Content-Type"))
		}
		if got := request(t, h, "GET", apiKeyPath(id), ada.Refresh, "").object(t); got["disabled"] != (step == "disable") {
			t.Errorf("after %s: %v", step, got)
		}
	}
	request(t, h, "DELETE", apiKeyPath(id), ada.Refresh, "").expect(t, 204, "", "")
	for method, path := range map[string]string{"GET": apiKeyPath(id), "DELETE": apiKeyPath(id),
		"PUT": apiKeyPath(id, "enable")} {
		request(t, h, method, path, ada.Refresh, "").expect(t, 404, "APIKeyNotFound", "API key not found")
	}
	createKey(t, h, ada.Refresh, "my-key_1")
}

func TestAPIKeyRefusals(t *testing.T) {
	h, ada := startWithAPIKeyUser(t)
	id, _ := createKey(t, h, ada.Refresh, "mine")
	for body, want := range map[string]response{
		`{"name":"mine"}`: {Status: 409, Body: "APIKeyAlreadyExists|API key with name already exists"},
		`{"name":"with space"}`: {Status: 400,
			Body: "InvalidParameter|can only contain ASCII letters, numbers, underscores, and hyphens"},
		`{"name":"schlüssel"}`: {Status: 400, Body: "InvalidParameter|can only contain ASCII"},
		`{"name":"line\n"}`:    {Status: 400, Body: "InvalidParameter|can only contain ASCII"},
		`{"name":""}`:          {Status: 400, Body: "|'name' is a required string"},
		`{"name":7}`:           {Status: 400, Body: "|'name' is a required string"},
		``:                     {Status: 400, Body: "|'name' is a required string"},
		`[`:                    {Status: 400, Body: "BadRequest|not a JSON object"},
		`{"name":"` + strings.Repeat("x", 257) + `"}`: {Status: 400, Body: "InvalidParameter|at most 256"},
	} {
		code, words, _ := strings.Cut(want.Body, "|")
		request(t, h, "POST", api.APIKeysPath, ada.Refresh, body).expect(t, want.Status, code, words)
	}
	h.CreateUser(t, "bob@example.com", "correct horse", nil)
	bob := login(t, h, "bob@example.com", "correct horse").session(t)
	for _, other := range []string{id, "5ed10d5dc085000e2c0099f2", "nonsense", "%24ne"} {
		for _, how := range [][2]string{{"GET", apiKeyPath(other)}, {"DELETE", apiKeyPath(other)},
			{"PUT", apiKeyPath(other, "enable")}, {"PUT", apiKeyPath(other, "disable")}} {
			request(t, h, how[0], how[1], bob.Refresh, "").expect(t, 404, "APIKeyNotFound", "API key not found")
		}
	}
	createKey(t, h, bob.Refresh, "mine")
	request(t, h, "POST", api.APIKeysPath, anonymous(t, h).Refresh, `{"name":"mine"}`).expect(t, 403, "", "anonymous")
	for _, how := range [][2]string{{"GET", api.APIKeysPath}, {"POST", api.APIKeysPath}, {"GET", apiKeyPath(id)},
		{"DELETE", apiKeyPath(id)}, {"PUT", apiKeyPath(id, "disable")}} {
		request(t, h, how[0], how[1], ada.Access, `{"name":"x"}`).expect(t, 401, "InvalidSession",
			"invalid refresh token: incorrect token type")
		request(t, h, how[0], how[1], "null", `{"name":"x"}`).expect(t, 401, "InvalidSession", "failed to find refresh token")
		request(t, h, how[0], how[1], "", `{"name":"x"}`).expect(t, 401, "",
			"expected Authorization header with JWT (Bearer schema)")
	}
	if got := keyNames(t, request(t, h, "GET", api.APIKeysPath, ada.Refresh, "")); !slices.Equal(got, []string{"mine"}) {
		t.Errorf("after all that %v", got)
	}
}

func TestSignInWithAnAPIKey(t *testing.T) {
	h, ada := startWithAPIKeyUser(t)
	id, key := createKey(t, h, ada.Refresh, "laptop")
	rows, err := h.ServiceCollection("api_keys").Find(t.Context(), bson.D{}, store.Find{})
	if err != nil || len(rows) != 1 || strings.Contains(rows[0].String(), key) {
		t.Fatalf("kept: %v, %v", rows, err)
	}
	for range 2 {
		by := apiKeyLogin(t, h, key).session(t)
		if by.ID != ada.ID || !strings.Contains(string(claims(t, by.Access)["user_data"]), "pink") {
			t.Errorf("the key signs in %s, is %s's", by.ID, ada.ID)
		}
		if got := string(claims(t, by.Refresh)["baas_identity"]); !strings.Contains(got,
			`"id":"`+id+`","provider_type":"api-key"`) {
			t.Errorf("opened with %s", got)
		}
		profile := request(t, h, "GET", api.ProfilePath, by.Access, "").expect(t, 200, "", "").object(t)
		list := profile["identities"].([]any)
		if len(list) != 2 || list[1].(map[string]any)["provider_type"] != "api-key" || list[1].(map[string]any)["id"] != id {
			t.Errorf("identities %v", list)
		}
		if data := profile["data"].(map[string]any); profile["type"] != "normal" || len(data) != 1 ||
			data["email"] != "ada@example.com" {
			t.Errorf("profile %v", profile)
		}
	}
	request(t, h, "POST", api.LoginPath(h.AppID, api.APIKey), "", `{}`).expect(t, 400, "MissingParameter", "'key'")
	link := api.LoginPath(h.AppID, api.APIKey) + "?link=true"
	request(t, h, "POST", link, ada.Access, `{"key":"`+key+`"}`).expect(t, 400, "BadRequest", "cannot be added")
	for _, wrong := range []string{"", "x", key[:63], key + "A", strings.Repeat("A", 64),
		key[:63] + differentChar(key[63])} {
		apiKeyLogin(t, h, wrong).expect(t, 401, "AuthError", "unauthorized")
	}
	request(t, h, "DELETE", apiKeyPath(id), ada.Refresh, "").expect(t, 204, "", "")
	apiKeyLogin(t, h, key).expect(t, 401, "AuthError", "unauthorized")
	if list := request(t, h, "GET", api.ProfilePath, ada.Access, "").object(t)["identities"].([]any); len(list) != 1 {
		t.Errorf("after the deletion %v", list)
	}
}

// differentChar returns a character other than c. Every bit of a key's last character counts.
func differentChar(c byte) string {
	if c == 'A' {
		return "B"
	}
	return "A"
}

// Disabling and deleting a key end its sessions for good, from the next request on, in every process.
func TestSessionsEndWithTheirKey(t *testing.T) {
	h, ada := startWithAPIKeyUser(t)
	second := h.StartSecond(t)
	for _, how := range []struct{ method, step, words string }{{"PUT", "disable", "ended"}, {"DELETE", "", "ended"}} {
		id, key := createKey(t, h, ada.Refresh, "key-"+how.method)
		by := apiKeyLogin(t, h, key).session(t)
		request(t, second, "GET", api.ProfilePath, by.Access, "").expect(t, 200, "", "")
		path := apiKeyPath(id)
		if how.step != "" {
			path = apiKeyPath(id, how.step)
		}
		request(t, second, how.method, path, ada.Refresh, "").expect(t, 204, "", "")
		request(t, h, "GET", api.ProfilePath, by.Access, "").expect(t, 401, "InvalidSession", how.words)
		request(t, h, "POST", api.SessionPath, by.Refresh, "").expect(t, 401, "InvalidSession",
			"failed to find refresh token")
		request(t, h, "GET", api.APIKeysPath, by.Refresh, "").expect(t, 401, "InvalidSession", "failed to find refresh token")
		apiKeyLogin(t, h, key).expect(t, 401, "AuthError", "unauthorized")
		request(t, h, "GET", api.ProfilePath, ada.Access, "").expect(t, 200, "", "")
		if how.step == "disable" {
			request(t, h, "PUT", apiKeyPath(id, "enable"), ada.Refresh, "").expect(t, 204, "", "")
			request(t, h, "POST", api.SessionPath, by.Refresh, "").expect(t, 401, "InvalidSession",
				"failed to find refresh token")
			apiKeyLogin(t, h, key).session(t)
		}
	}
}

// A session that is created while its key is disabled or deleted is not valid either.
func TestSessionChecksItsKey(t *testing.T) {
	h, ada := startWithAPIKeyUser(t)
	id, key := createKey(t, h, ada.Refresh, "laptop")
	by := apiKeyLogin(t, h, key).session(t)
	if _, err := h.ServiceCollection("api_keys").UpdateOne(t.Context(), bson.D{{Key: "_id", Value: id}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "disabled", Value: true}}}}, store.Change{}); err != nil {
		t.Fatal(err)
	}
	request(t, h, "GET", api.ProfilePath, by.Access, "").expect(t, 401, "InvalidSession", "the API key is disabled")
	request(t, h, "POST", api.SessionPath, by.Refresh, "").expect(t, 401, "InvalidSession", "the API key is disabled")
	if _, err := h.ServiceCollection("api_keys").DeleteOne(t.Context(), bson.D{{Key: "_id", Value: id}}); err != nil {
		t.Fatal(err)
	}
	request(t, h, "GET", api.ProfilePath, by.Access, "").expect(t, 401, "InvalidSession", "does not exist")
	request(t, h, "POST", api.SessionPath, by.Refresh, "").expect(t, 401, "InvalidSession", "does not exist")
}

func TestKeyOfCurrentSessionCannotBeDisabled(t *testing.T) {
	h, ada := startWithAPIKeyUser(t)
	id, key := createKey(t, h, ada.Refresh, "laptop")
	another, _ := createKey(t, h, ada.Refresh, "another")
	by := apiKeyLogin(t, h, key).session(t)
	request(t, h, "DELETE", apiKeyPath(id), by.Refresh, "").expect(t, 403, "", "this session")
	request(t, h, "DELETE", apiKeyPath(another), by.Refresh, "").expect(t, 204, "", "")
	createKey(t, h, by.Refresh, "a-third")
	request(t, h, "GET", api.ProfilePath, by.Access, "").expect(t, 200, "", "")
}

func TestKeysAreDeletedWithTheirUser(t *testing.T) {
	h, ada := startWithAPIKeyUser(t)
	_, key := createKey(t, h, ada.Refresh, "laptop")
	if err := h.Service.Directory().SetDisabled(t.Context(), ada.ID, true); err != nil {
		t.Fatal(err)
	}
	apiKeyLogin(t, h, key).expect(t, 401, "UserDisabled", "disabled")
	if err := h.Service.Directory().SetDisabled(t.Context(), ada.ID, false); err != nil {
		t.Fatal(err)
	}
	request(t, h, "DELETE", api.DeletePath, ada.Access, "").expect(t, 204, "", "")
	apiKeyLogin(t, h, key).expect(t, 401, "AuthError", "unauthorized")
	if n, err := h.ServiceCollection("api_keys").Count(t.Context(), bson.D{}, 0); n != 0 || err != nil {
		t.Errorf("%d keys are left, %v", n, err)
	}
}

func TestAPIKeysWithoutProvider(t *testing.T) {
	h := backendtest.StartWith(t, backendtest.Options{EditApp: func(a *app.App) { delete(a.Providers, api.APIKey) }})
	h.CreateUser(t, "ada@example.com", "correct horse", nil)
	ada := login(t, h, "ada@example.com", "correct horse").session(t)
	request(t, h, "POST", api.APIKeysPath, ada.Refresh, `{"name":"x"}`).expect(t, 404, "AuthProviderNotFound", "api-key")
	apiKeyLogin(t, h, strings.Repeat("A", 64)).expect(t, 404, "AuthProviderNotFound", "api-key")
	if _, _, err := h.Service.Auth().CreateServerKey(t.Context(), "x"); err == nil {
		t.Error("a server key was created while the provider is disabled")
	}
}

// A user's key names are unique and limited to twenty, also when two processes create keys at the same time.
func TestKeyLimitHoldsAcrossProcesses(t *testing.T) {
	h, ada := startWithAPIKeyUser(t)
	worlds := []*backendtest.Harness{h, h.StartSecond(t)}
	var all sync.WaitGroup
	var mu sync.Mutex
	status := map[int]int{}
	for i := range 48 {
		all.Go(func() {
			// each name twice
			a := request(t, worlds[i%2], "POST", api.APIKeysPath, ada.Refresh, fmt.Sprintf(`{"name":"key-%d"}`, i/2))
			mu.Lock()
			defer mu.Unlock()
			status[a.Status]++
		})
	}
	all.Wait()
	names := keyNames(t, request(t, h, "GET", api.APIKeysPath, ada.Refresh, ""))
	slices.Sort(names)
	if len(names) != 20 || len(slices.Compact(names)) != 20 || status[201] != 20 || status[201]+status[409]+
		status[400] != 48 {
		t.Errorf("%d keys, statuses %v", len(names), status)
	}
	request(t, h, "POST", api.APIKeysPath, ada.Refresh, `{"name":"one-more"}`).expect(t, 400, "BadRequest", "at most 20")
}

// Invalid keys are throttled by address. A valid key from the same address is not.
func TestInvalidKeysAreThrottled(t *testing.T) {
	h, ada := startWithAPIKeyUser(t)
	_, key := createKey(t, h, ada.Refresh, "laptop")
	_, second := createKey(t, h, ada.Refresh, "desktop")
	guess := strings.Repeat("A", 64)
	for range 10 {
		apiKeyLogin(t, h, guess).expect(t, 401, "AuthError", "unauthorized")
	}
	late := apiKeyLogin(t, h, strings.Repeat("B", 64)).expect(t, 429, "", "too many failed sign-ins")
	if late.Header.Get("Retry-After") != "1" {
		t.Errorf("retry after %q", late.Header.Get("Retry-After"))
	}
	var all sync.WaitGroup
	for range 30 {
		all.Go(func() {
			if a := apiKeyLogin(t, h, key); a.Status != 200 {
				t.Errorf("a good key: %d %s", a.Status, a.Body)
			}
		})
	}
	all.Wait()
	known := second[:63] + differentChar(second[63])
	for range 10 {
		apiKeyLogin(t, h, known).expect(t, 401, "AuthError", "unauthorized")
	}
	apiKeyLogin(t, h, second).expect(t, 429, "", "too many failed sign-ins")
	h.Clock.Advance(time.Second)
	apiKeyLogin(t, h, second).session(t)
	apiKeyLogin(t, h, guess).expect(t, 401, "AuthError", "unauthorized")
}

func TestServerKeys(t *testing.T) {
	h := backendtest.Start(t)
	made, secret, err := h.Service.Auth().CreateServerKey(t.Context(), "worker")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.StartSecond(t).Service.Auth().CreateServerKey(t.Context(), "worker"); err == nil ||
		!strings.Contains(err.Error(), "already exists") {
		t.Errorf("the name twice: %v", err)
	}
	first, second := apiKeyLogin(t, h, secret.Reveal()).session(t), apiKeyLogin(t, h, secret.Reveal()).session(t)
	profile := request(t, h, "GET", api.ProfilePath, first.Access, "").expect(t, 200, "", "").object(t)
	list := profile["identities"].([]any)
	if first.ID != second.ID || profile["type"] != "server" || len(list) != 1 ||
		list[0].(map[string]any)["id"] != made.ID || profile["data"].(map[string]any)["name"] != "worker" {
		t.Errorf("profile %v", profile)
	}
	request(t, h, "POST", api.APIKeysPath, first.Refresh, `{"name":"x"}`).expect(t, 403, "", "server")
	request(t, h, "DELETE", apiKeyPath(made.ID), first.Refresh, "").expect(t, 403, "", "this session")
	request(t, h, "PUT", apiKeyPath(made.ID, "disable"), first.Refresh, "").expect(t, 404, "APIKeyNotFound", "not found")

	if err := h.Service.Auth().SetServerKeyDisabled(t.Context(), made.ID, true); err != nil {
		t.Fatal(err)
	}
	request(t, h, "GET", api.ProfilePath, first.Access, "").expect(t, 401, "InvalidSession", "ended")
	apiKeyLogin(t, h, secret.Reveal()).expect(t, 401, "AuthError", "unauthorized")
	if err := h.Service.Auth().SetServerKeyDisabled(t.Context(), made.ID, false); err != nil {
		t.Fatal(err)
	}
	if again := apiKeyLogin(t, h, secret.Reveal()).session(t); again.ID != first.ID {
		t.Error("the enabled key signs in as another user")
	}
	if err := h.Service.Auth().DeleteServerKey(t.Context(), made.ID); err != nil {
		t.Fatal(err)
	}
	apiKeyLogin(t, h, secret.Reveal()).expect(t, 401, "AuthError", "unauthorized")
	if u, err := h.Service.Directory().User(t.Context(), first.ID); u != nil || err != nil {
		t.Errorf("its user is left: %v, %v", u, err)
	}
	_, secret, err = h.Service.Auth().CreateServerKey(t.Context(), "worker")
	if err != nil {
		t.Fatal(err)
	}
	request(t, h, "DELETE", api.DeletePath, apiKeyLogin(t, h, secret.Reveal()).session(t).Access, "").expect(t, 204, "",
		"")
	apiKeyLogin(t, h, secret.Reveal()).expect(t, 401, "AuthError", "unauthorized")
	for i := range 100 {
		if _, _, err := h.Service.Auth().CreateServerKey(t.Context(), fmt.Sprint("k", i)); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := h.Service.Auth().CreateServerKey(t.Context(), "one-more"); err == nil || !strings.Contains(err.Error(),
		"at most 100") {
		t.Errorf("key 101: %v", err)
	}
}

// FuzzAPIKey: no input signs in or causes a status of 5xx.
func FuzzAPIKey(f *testing.F) {
	h := backendtest.Start(f)
	h.CreateUser(f, "ada@example.com", "correct horse", nil)
	ada := login(f, h, "ada@example.com", "correct horse").session(f)
	_, good := createKey(f, h, ada.Refresh, "laptop")
	f.Add(good[:62]+"==", "my-key")
	f.Add(strings.Repeat("A", 64), "a b")
	f.Add(`","key":{"$ne":1},"x":"`, `{"$oid":"5ed10d5dc085000e2c0099f2"}`)
	f.Fuzz(func(t *testing.T, key, name string) {
		h.Clock.Advance(20 * time.Minute) // resets the throttle
		text, err := json.Marshal(map[string]string{"key": key, "name": name})
		if err != nil || key == good {
			return
		}
		if a := request(t, h, "POST", api.LoginPath(h.AppID, api.APIKey), "", string(text)); a.Status < 400 ||
			a.Status > 499 {
			t.Errorf("%q: %d %s", key, a.Status, a.Body)
		}
		if got := request(t, h, "POST", api.APIKeysPath, ada.Refresh, string(text)); got.Status >= 500 {
			t.Errorf("%q: %d %s", name, got.Status, got.Body)
		}
	})
}
