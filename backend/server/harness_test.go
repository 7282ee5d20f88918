package server_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"dossier/backend/api"
	"dossier/backend/backendtest"
)

// response is an HTTP response.
type response struct {
	Status int
	Header http.Header
	Body   string
}

// object decodes the body, a JSON object.
func (a response) object(t testing.TB) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(a.Body), &out); err != nil {
		t.Fatalf("%d %s: %v", a.Status, a.Body, err)
	}
	return out
}

// request sends one request; an empty token sends no Authorization header.
func request(t testing.TB, h *backendtest.Harness, method, path, token, body string) response {
	t.Helper()
	header := http.Header{}
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	return requestWithHeader(t, h, method, path, header, body)
}

func requestWithHeader(t testing.TB, h *backendtest.Harness, method, path string, header http.Header,
	body string) response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, h.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return response{res.StatusCode, res.Header, string(text)}
}

// expect fails the test unless the response has the status and, for an error, the code and a message that contains
// text.
func (a response) expect(t testing.TB, status int, code, text string) response {
	t.Helper()
	if a.Status != status {
		t.Fatalf("status %d, want %d: %s", a.Status, status, a.Body)
	}
	if status < 400 {
		return a
	}
	if got := a.Header.Values("Content-Type"); len(got) != 1 || got[0] != "application/json" {
		t.Errorf("error with content type %q", got)
	}
	body := a.object(t)
	got, there := body["error_code"]
	if code == "" && there || code != "" && got != code {
		t.Errorf("error_code %v, want %q: %s", got, code, a.Body)
	}
	if message, _ := body["error"].(string); !strings.Contains(message, text) || message == "" {
		t.Errorf("error %q, want %q", body["error"], text)
	}
	return a
}

// withoutLink returns the body without its link, which contains the request id.
func (a response) withoutLink() string {
	return regexp.MustCompile(`,"link":"[^"]*"`).ReplaceAllString(a.Body, "")
}

// session is a signed-in user with the tokens.
type session struct{ ID, Access, Refresh, Device string }

func (a response) session(t testing.TB) session {
	t.Helper()
	a.expect(t, 200, "", "")
	var l api.LoginResponse
	if err := json.Unmarshal([]byte(a.Body), &l); err != nil {
		t.Fatal(err)
	}
	return session{l.UserID, l.AccessToken, l.RefreshToken, l.DeviceID}
}

func anonymous(t testing.TB, h *backendtest.Harness) session {
	t.Helper()
	return request(t, h, "POST", api.LoginPath(h.AppID, api.Anonymous), "", "{}").session(t)
}

func credentials(email, password string) string {
	text, err := json.Marshal(map[string]any{"username": email, "password": password,
		"options": map[string]any{"device": map[string]any{"sdkVersion": "2.0.1"}}})
	if err != nil {
		panic(err)
	}
	return string(text)
}

func login(t testing.TB, h *backendtest.Harness, email, password string) response {
	t.Helper()
	return request(t, h, "POST", api.LoginPath(h.AppID, api.EmailPassword), "", credentials(email, password))
}

func register(t testing.TB, h *backendtest.Harness, email, password string) response {
	t.Helper()
	text, err := json.Marshal(api.RegisterRequest{Email: email, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	return request(t, h, "POST", api.RegisterPath(h.AppID), "", string(text))
}

// claims decodes a token's payload.
func claims(t testing.TB, token string) map[string]json.RawMessage {
	t.Helper()
	part := strings.Split(token, ".")
	if len(part) != 3 {
		t.Fatalf("a token of %d parts", len(part))
	}
	text, err := base64.RawURLEncoding.DecodeString(part[1])
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]json.RawMessage
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}
