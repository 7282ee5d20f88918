package backend_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"sync"
	"testing"

	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/backendtest"
	"dossier/backend/storetest"
)

// withUserCreationFunction returns the demo application with a user creation function.
func withUserCreationFunction(t *testing.T, source string) fs.FS {
	t.Helper()
	config, err := fs.ReadFile(app.Demo(), "auth/custom_user_data.json")
	if err != nil {
		t.Fatal(err)
	}
	return storetest.With(t, app.Demo(), map[string]string{
		"auth/custom_user_data.json": strings.TrimRight(string(config), "}\n ") +
			`,"on_user_creation_function_name":"onUserCreation"}`,
		"functions/config.json":       `[{"name":"writeCustomUserData"},{"name":"onUserCreation","private":true}]`,
		"functions/onUserCreation.js": source,
	})
}

func post(t *testing.T, h *backendtest.Harness, path, body string) (int, string) {
	t.Helper()
	res, err := http.Post(h.URL+path, api.ContentType, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// The user creation function runs once, before the user exists. The first access token contains what it writes.
func TestUserCreationFunction(t *testing.T) {
	h := backendtest.StartWith(t, backendtest.Options{Files: withUserCreationFunction(t, `exports = async function(user) {
		await context.services.get("mongodb-atlas").db("app").collection("custom_user_data").insertOne({
			userId: user.id, greeting: "hello " + (user.data.email || "stranger"), by: user.identities[0].provider_type, type: user.type,
		});
	};`)})
	status, body := post(t, h, api.LoginPath(h.AppID, api.Anonymous), "{}")
	if status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(body, ".")[1])
	if err != nil || !strings.Contains(string(payload), `"greeting":"hello stranger","by":"anon-user","type":"normal"`) {
		t.Errorf("first token %s, %v", payload, err)
	}
	id, err := h.Service.Register(t.Context(), "ada@example.com", "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if status, body := post(t, h, api.LoginPath(h.AppID, api.EmailPassword),
			`{"username":"ada@example.com","password":"correct horse"}`); status != 200 || !strings.Contains(body, id) {
			t.Fatalf("%d %s", status, body)
		}
	}
	if n, err := h.CustomData().Count(t.Context(), map[string]string{"greeting": "hello ada@example.com"},
		0); err != nil || n != 1 {
		t.Errorf("the function ran %d times, %v", n, err)
	}
}

// When the function throws, the user is not created; a later sign-in creates the user.
func TestUserCreationFunctionThatThrows(t *testing.T) {
	h := backendtest.StartWith(t, backendtest.Options{Files: withUserCreationFunction(t, `exports = function(user) {
		if (user.data.email !== "welcome@example.com") { throw new Error("not invited"); }
	};`)})
	for range 2 {
		if status, body := post(t, h, api.LoginPath(h.AppID, api.Anonymous), "{}"); status < 400 || status >= 500 ||
			!strings.Contains(body, "not invited") {
			t.Errorf("%d %s", status, body)
		}
	}
	if _, err := h.Service.Register(t.Context(), "ada@example.com", "correct horse"); err == nil {
		t.Error("a user was created although the function throws")
	}
	for _, name := range []string{"users", "sessions"} {
		if n, err := h.ServiceCollection(name).Count(t.Context(), nil, 0); err != nil || n != 0 {
			t.Errorf("%d %s, %v", n, name, err)
		}
	}
	if _, err := h.Service.Register(t.Context(), "welcome@example.com", "correct horse"); err != nil {
		t.Error(err)
	}
}

// Concurrent first sign-ins in two processes create one user: the function runs once, and every sign-in succeeds.
func TestUserCreationFunctionRunsOnce(t *testing.T) {
	one := backendtest.StartWith(t, backendtest.Options{Files: withUserCreationFunction(t, `exports = async function(user) {
		const all = context.services.get("mongodb-atlas").db("app").collection("custom_user_data");
		if (await all.findOne({ userId: user.id })) { throw new Error("created twice"); }
		await new Promise(done => setTimeout(done, 100));
		await all.insertOne({ userId: user.id });
	};`)})
	processes := []*backendtest.Harness{one, one.StartSecond(t)}
	if status, body := post(t, one, api.RegisterPath(one.AppID),
		`{"email":"ada@example.com","password":"correct horse"}`); status != 201 {
		t.Fatalf("%d %s", status, body)
	}
	login := func(h *backendtest.Harness) string {
		status, body := post(t, h, api.LoginPath(h.AppID, api.EmailPassword),
			`{"username":"ada@example.com","password":"correct horse"}`)
		var a api.LoginResponse
		if err := json.Unmarshal([]byte(body), &a); status != 200 || err != nil {
			t.Errorf("%d %s", status, body)
		}
		return a.UserID
	}
	ids := make([]string, 6)
	var wait sync.WaitGroup
	for n := range ids {
		wait.Go(func() { ids[n] = login(processes[n%2]) })
	}
	wait.Wait()
	for _, id := range append(ids, login(one)) {
		if id != ids[0] {
			t.Errorf("accounts %v", ids)
		}
	}
	if n, err := one.CustomData().Count(t.Context(), nil, 0); n != 1 || err != nil {
		t.Errorf("the function ran %d times, %v", n, err)
	}
	if n, err := one.ServiceCollection("creations").Count(t.Context(), nil, 0); n != 0 || err != nil {
		t.Errorf("%d creations are left, %v", n, err)
	}
}

// A user creation function runs as system and may set the user id field: it creates the user's document by its _id, or
// updates the one that was prepared for the email address.
func TestCreationFunctionSetsTheUserIDField(t *testing.T) {
	h := backendtest.StartWith(t, backendtest.Options{Files: withUserCreationFunction(t, `exports = async function(user) {
		const all = context.services.get("mongodb-atlas").db("app").collection("custom_user_data");
		const claimed = await all.updateOne({ email: user.data.email, userId: null }, { $set: { userId: user.id } });
		if (claimed.matchedCount === 0) {
			await all.updateOne({ _id: user.id }, { $set: { userId: user.id, created: true } }, { upsert: true });
		}
	};`)})
	if _, err := h.CustomData().InsertOne(t.Context(), map[string]any{"email": "ada@example.com", "userId": nil,
		"plan": "gold"}); err != nil {
		t.Fatal(err)
	}
	for email, want := range map[string]string{"ada@example.com": `"plan":"gold"`, "bob@example.com": `"created":true`} {
		credentials := `{"email":"` + email + `","password":"correct horse"}`
		if status, body := post(t, h, api.RegisterPath(h.AppID), credentials); status != 201 {
			t.Fatalf("register %s: %d %s", email, status, body)
		}
		status, body := post(t, h, api.LoginPath(h.AppID, api.EmailPassword), strings.Replace(credentials, "email",
			"username", 1))
		if status != 200 {
			t.Fatalf("sign in %s: %d %s", email, status, body)
		}
		payload, err := base64.RawURLEncoding.DecodeString(strings.Split(body, ".")[1])
		if err != nil || !strings.Contains(string(payload), want) {
			t.Errorf("first token of %s: %s, %v; want %s", email, payload, err, want)
		}
	}
}
