package metrics_test

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"dossier/backend/api"
	"dossier/backend/backendtest"
	"dossier/backend/metrics"
	"dossier/backend/server"
)

// startWithMetrics starts a service with metrics.
func startWithMetrics(t *testing.T) (*backendtest.Harness, *metrics.Metrics) {
	t.Helper()
	h, m := backendtest.StartWith(t, backendtest.Options{ShortTimeouts: true}), metrics.New()
	f, err := server.NewAppRouter(server.Middleware{Now: time.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler),
		Metrics: m}, server.Application{
		AppID: h.AppID, Handler: h.Service.WithoutMiddleware(), Ping: h.Service.Ping, EndStreams: h.Service.EndStreams,
	})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	h.URL = s.URL
	return h, m
}

func send(t *testing.T, h *backendtest.Harness, method, path, token, body string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, h.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// scrape returns what Prometheus reads.
func scrape(t *testing.T, m *metrics.Metrics) string {
	t.Helper()
	out := httptest.NewRecorder()
	m.HTTPServer().Handler.ServeHTTP(out, httptest.NewRequest("GET", "/metrics", nil))
	if out.Code != 200 {
		t.Fatalf("%d %s", out.Code, out.Body)
	}
	return out.Body.String()
}

func TestMetrics(t *testing.T) {
	h, m := startWithMetrics(t)
	login := api.LoginPath(h.AppID, api.Anonymous)
	var a api.LoginResponse
	if err := json.Unmarshal([]byte(send(t, h, "POST", login, "", "{}")), &a); err != nil {
		t.Fatal(err)
	}
	send(t, h, "POST", api.LoginPath(h.AppID, api.EmailPassword), "",
		`{"username":"ada@example.com","password":"wrong horse"}`)
	send(t, h, "POST", api.LoginPath(h.AppID, "unknown-word"), "", "{}")
	send(t, h, "POST", api.SessionPath, a.RefreshToken, "")
	send(t, h, "POST", api.SessionPath, "null", "")
	send(t, h, "POST", api.CallPath(h.AppID), a.AccessToken, `{"name":"writeCustomUserData","arguments":[{"a":1}]}`)
	send(t, h, "POST", api.CallPath(h.AppID), a.AccessToken, `{"name":"unknown-word","arguments":[]}`)
	send(t, h, "POST", api.CallPath(h.AppID), a.AccessToken,
		`{"name":"find","service":"mongodb-atlas","arguments":[{"database":"`+h.CustomDataConfig().Database+
			`","collection":"custom_user_data"}]}`)
	send(t, h, "MADEUP", "/made/up?x=y", "", "")
	send(t, h, "GET", api.LocationPath("unknown-word"), "", "")
	h.Connection.Cut()
	send(t, h, "GET", api.ProfilePath, a.AccessToken, "")

	text, app := scrape(t, m), `app="`+h.AppID+`"`
	const path = `route="` + api.BasePath
	for _, want := range []string{
		`dossier_sign_ins_total{` + app + `,provider="anon-user",result="ok"} 1`,
		`dossier_sign_ins_total{` + app + `,provider="local-userpass",result="refused"} 1`,
		`dossier_sign_ins_total{` + app + `,provider="other",result="refused"} 1`,
		`dossier_token_refreshes_total{` + app + `,result="ok"} 1`,
		`dossier_token_refreshes_total{` + app + `,result="refused"} 1`,
		`dossier_call_duration_seconds_count{` + app + `,kind="function",name="writeCustomUserData",result="ok"} 1`,
		`dossier_call_duration_seconds_count{` + app + `,kind="function",name="other",result="refused"} 1`,
		`dossier_call_duration_seconds_count{` + app + `,kind="operation",name="find",result="ok"} 1`,
		`dossier_requests_total{` + app + `,method="POST",` + path + `/auth/session",status="201"} 1`,
		`dossier_requests_total{` + app + `,method="other",route="/",status="404"} 1`,
		`dossier_requests_total{app="",method="GET",` + path + `/app/{app}",status="404"} 1`,
		`dossier_request_duration_seconds_count{` + app + `,method="POST",` + path + `/app/{app}/functions/call"} 3`,
		`dossier_database_unavailable_total{` + app + `} 1`,
		"dossier_requests_in_flight 0",
		"go_goroutines ",
		"process_open_fds ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(text, "unknown-word") || strings.Contains(text, "made/up") || strings.Contains(text,
		"127.0.0.1") ||
		strings.Contains(text, a.UserID) {
		t.Error("a label contains what a client sent, or identifies a user")
	}
	if t.Failed() {
		t.Log(regexp.MustCompile(`(?m)^(# |go_|process_).*\n`).ReplaceAllString(text, ""))
	}
}

func TestOpenStreams(t *testing.T) {
	m := metrics.New()
	m.RequestStarted()
	m.AddStreams("a", 1)
	if text := scrape(t, m); !strings.Contains(text, `dossier_streams_open{app="a"} 1`) || !strings.Contains(text,
		"dossier_requests_in_flight 1") {
		t.Error(text)
	}
	m.AddStreams("a", -1)
	m.RequestFinished(server.Outcome{App: "a", Method: "GET", Route: "/x", Status: 200, Duration: time.Hour, Stream: true})
	m.RequestFinished(server.Outcome{App: "a", Method: "GET", Route: "/x", Status: 429})
	text := scrape(t, m)
	for _, want := range []string{`dossier_streams_open{app="a"} 0`, `dossier_throttled_total{app="a",route="/x"} 1`,
		`dossier_request_duration_seconds_count{app="a",method="GET",route="/x"} 1`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
}
