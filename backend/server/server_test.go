package server_test

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/backendtest"
	"dossier/backend/server"
)

// Unknown paths get a JSON error that names the path.
func TestUnknownPaths(t *testing.T) {
	h := backendtest.Start(t)
	base := api.BasePath + "/app/" + h.AppID
	for _, c := range []struct {
		method, path string
		status       int
		text         string
	}{
		{"GET", "/", 404, "no endpoint GET /"},
		{"GET", api.BasePath + "/nothing", 404, "no endpoint GET " + api.BasePath + "/nothing"},
		{"POST", base + "/location", 404, "no endpoint POST " + base + "/location"},
		{"GET", base + "/realm-sync", 404, "Device Sync is not supported"},
		{"GET", base + "/auth/providers/local-userpass/login", 404, "no endpoint GET"},
		{"PUT", api.SessionPath, 404, "no endpoint PUT"},
	} {
		got := request(t, h, c.method, c.path, "", "")
		if got.Status != c.status || got.Header.Get("Content-Type") != "application/json" ||
			!strings.Contains(got.object(t)["error"].(string), c.text) {
			t.Errorf("%s %s: %d %s, want %d %q", c.method, c.path, got.Status, got.Body, c.status, c.text)
		}
	}
}

func TestCORSAllowsAnyOrigin(t *testing.T) {
	h := backendtest.Start(t)
	header := http.Header{"Origin": {"https://example.com"}, "Access-Control-Request-Method": {"POST"},
		"Access-Control-Request-Headers": {"authorization,content-type"}}
	got := requestWithHeader(t, h, "OPTIONS", api.CallPath(h.AppID), header, "").expect(t, 204, "", "")
	if got.Header.Get("Access-Control-Allow-Origin") != "*" || got.Header.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("pre-flight %v", got.Header)
	}
	for _, want := range []string{"GET", "POST", "PUT", "DELETE"} {
		if !strings.Contains(got.Header.Get("Access-Control-Allow-Methods"), want) {
			t.Errorf("methods %q", got.Header.Get("Access-Control-Allow-Methods"))
		}
	}
	for _, want := range []string{"Authorization", "Content-Type", "Accept"} {
		if !strings.Contains(got.Header.Get("Access-Control-Allow-Headers"), want) {
			t.Errorf("headers %q", got.Header.Get("Access-Control-Allow-Headers"))
		}
	}
	if got := request(t, h, "GET", api.ProfilePath, "", ""); got.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Error("the error has no CORS header")
	}
}

// An unreachable database causes 503 with Retry-After, never 401, after which SDKs sign users out. Afterwards requests
// succeed again.
func TestDatabaseDown(t *testing.T) {
	h := backendtest.StartWith(t, backendtest.Options{ShortTimeouts: true})
	h.CreateUser(t, "ada@example.com", "correct horse", nil)
	a := login(t, h, "ada@example.com", "correct horse").session(t)
	request(t, h, "GET", "/readyz", "", "").expect(t, 200, "", "")
	h.Connection.Cut()
	var wait sync.WaitGroup
	for name, send := range map[string]func() response{ // at the same time, because each waits for the database
		"profile":   func() response { return request(t, h, "GET", api.ProfilePath, a.Access, "") },
		"refresh":   func() response { return request(t, h, "POST", api.SessionPath, a.Refresh, "") },
		"sign-in":   func() response { return login(t, h, "ada@example.com", "correct horse") },
		"anonymous": func() response { return request(t, h, "POST", api.LoginPath(h.AppID, api.Anonymous), "", "{}") },
		"function": func() response {
			return request(t, h, "POST", api.CallPath(h.AppID), a.Access, `{"name":"f","arguments":[]}`)
		},
		"ready": func() response { return request(t, h, "GET", "/readyz", "", "") },
	} {
		wait.Go(func() {
			got := send()
			if after, err := strconv.Atoi(got.Header.Get("Retry-After")); got.Status != 503 || err != nil || after < 1 {
				t.Errorf("%s: %d, Retry-After %q: %s", name, got.Status, got.Header.Get("Retry-After"), got.Body)
			}
		})
	}
	wait.Wait()
	request(t, h, "GET", api.ProfilePath, "null", "").expect(t, 401, "InvalidSession", "malformed")
	request(t, h, "GET", "/healthz", "", "").expect(t, 200, "", "")
	reconnect(t, h)
	request(t, h, "GET", api.ProfilePath, a.Access, "").expect(t, 200, "", "")
	request(t, h, "POST", api.SessionPath, a.Refresh, "").expect(t, 201, "", "")
}

// reconnect restores the connection to the database and waits until the service uses it.
func reconnect(t *testing.T, h *backendtest.Harness) {
	t.Helper()
	h.Connection.Mend()
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for request(t, h, "GET", "/readyz", "", "").Status != 200 {
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatal("the service did not reconnect to the database")
		}
	}
}

// The response to an internal error or a panic does not contain the cause. The log has it, with the request id.
func TestInternalErrorsAndPanics(t *testing.T) {
	for name, c := range map[string]struct {
		ready  func(context.Context) error
		status int
		cause  string
	}{
		"panic": {func(context.Context) error { panic("boom at 0xdead") }, 500, "boom at 0xdead"},
		"error": {func(context.Context) error { return errors.New("secret detail") }, 503, "secret detail"},
	} {
		var log backendtest.Log
		s := server.New(server.Config{AppID: "a", Ping: c.ready, Now: time.Now, Random: rand.Reader,
			Log: slog.New(slog.NewTextHandler(&log, nil))})
		out := httptest.NewRecorder()
		s.ServeHTTP(out, httptest.NewRequest("GET", "/readyz", nil))
		if out.Code != c.status || strings.Contains(out.Body.String(), c.cause) ||
			out.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%s: %d %s", name, out.Code, out.Body)
		}
		if id := out.Header().Get("X-Request-Id"); len(id) != 16 || !strings.Contains(log.String(), id) ||
			!strings.Contains(log.String(), c.cause) {
			t.Errorf("%s: request %q, log %s", name, id, log.String())
		}
	}
}

func TestServerLimits(t *testing.T) {
	s := server.New(server.Config{Log: slog.New(slog.DiscardHandler)}).HTTPServer()
	if s.MaxHeaderBytes <= 1<<20 || s.ReadHeaderTimeout <= 0 || s.ReadTimeout <= 0 || s.WriteTimeout <= 0 ||
		s.IdleTimeout <= 0 {
		t.Errorf("limits %d %s %s %s %s", s.MaxHeaderBytes, s.ReadHeaderTimeout, s.ReadTimeout, s.WriteTimeout, s.IdleTimeout)
	}
}

// Disabled custom data is empty, and requests succeed.
func TestCustomDataDisabled(t *testing.T) {
	h := backendtest.StartWith(t, backendtest.Options{EditApp: func(a *app.App) { a.CustomData.Enabled = false }})
	h.CreateUser(t, "ada@example.com", "correct horse", bson.D{{Key: "favoriteColor", Value: "pink"}})
	a := login(t, h, "ada@example.com", "correct horse").session(t)
	if data, there := claims(t, a.Access)["user_data"]; there {
		t.Errorf("user_data %s", data)
	}
	info := request(t, h, "GET", api.ProfilePath, a.Access,
		"").object(t)["dossier"].(map[string]any)["custom_user_data"].(map[string]any)
	if info["enabled"] != false {
		t.Errorf("profile %v", info)
	}
	if n, err := h.CustomData().Count(t.Context(), nil, 0); err != nil || n != 1 {
		t.Errorf("%d documents, %v", n, err)
	}
}

func TestProfileContainsCustomDataConfig(t *testing.T) {
	h := backendtest.Start(t)
	a := anonymous(t, h)
	info := request(t, h, "GET", api.ProfilePath, a.Access, "").object(t)["dossier"].(map[string]any)
	custom, functions := info["custom_user_data"].(map[string]any), info["functions"].([]any)
	if custom["enabled"] != true || custom["mongo_service_name"] != "mongodb-atlas" ||
		custom["database_name"] != h.CustomDataConfig().Database ||
		custom["collection_name"] != "custom_user_data" || custom["user_id_field"] != "userId" {
		t.Errorf("custom data %v", custom)
	}
	if len(functions) != 1 || functions[0] != "writeCustomUserData" {
		t.Errorf("functions %v", functions)
	}
}

// The log does not quote an invalid request, which may contain a password.
func TestLogDoesNotQuoteRequests(t *testing.T) {
	h := backendtest.Start(t)
	request(t, h, "POST", api.LoginPath(h.AppID, api.EmailPassword), "",
		`{"username":"ada","password":{"$date":"trustno1"}}`).expect(t, 400, "BadRequest", "not a JSON object")
	if log := h.Log.String(); !strings.Contains(log, "status=400") || strings.Contains(log, "trustno1") {
		t.Errorf("log %s", log)
	}
}
