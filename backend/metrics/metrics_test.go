package metrics_test

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
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

func TestTextFormat(t *testing.T) {
	m := metrics.New()
	m.RequestFinished(server.Outcome{App: "a", Method: "POST", Route: "/x", Status: 200, Kind: server.Function,
		Name: "f\"\n\\\xffé", Duration: 2500 * time.Microsecond})
	m.RequestFinished(server.Outcome{App: "a", Method: "POST", Route: "/x", Status: 200, Duration: 100 * time.Second})
	want := "# HELP dossier_call_duration_seconds " +
		"Duration of calls of the application's functions and of operations of data sources." + `
# TYPE dossier_call_duration_seconds histogram
dossier_call_duration_seconds_bucket{app="a",kind="function",name="f\"\n\\�é",result="ok",le="0.001"} 0
dossier_call_duration_seconds_bucket{app="a",kind="function",name="f\"\n\\�é",result="ok",le="0.0025"} 1
`
	text := scrape(t, m)
	if !strings.HasPrefix(text, want) {
		t.Errorf("want %s in %s", want, text)
	}
	for _, line := range []string{
		`dossier_request_duration_seconds_bucket{app="a",method="POST",route="/x",le="90"} 1`,
		`dossier_request_duration_seconds_bucket{app="a",method="POST",route="/x",le="+Inf"} 2`,
		`dossier_request_duration_seconds_sum{app="a",method="POST",route="/x"} 100.0025`,
		`dossier_request_duration_seconds_count{app="a",method="POST",route="/x"} 2`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no %s", line)
		}
	}
	format := regexp.MustCompile(`^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="([^"\\]|\\.)*",? ?)+\})? [-+.\dInfe]+)\n$`)
	for line := range strings.Lines(text) {
		if !format.MatchString(line) {
			t.Errorf("not in the text format: %q", line)
		}
	}
}

// The names are those of Prometheus' own client, which dashboards expect.
func TestRuntimeAndProcess(t *testing.T) {
	names := []string{
		"go_gc_duration_seconds summary",
		"go_gc_gogc_percent gauge",
		"go_gc_gomemlimit_bytes gauge",
		"go_goroutines gauge",
		"go_info gauge",
		"go_memstats_alloc_bytes gauge",
		"go_memstats_alloc_bytes_total counter",
		"go_memstats_buck_hash_sys_bytes gauge",
		"go_memstats_frees_total counter",
		"go_memstats_gc_sys_bytes gauge",
		"go_memstats_heap_alloc_bytes gauge",
		"go_memstats_heap_idle_bytes gauge",
		"go_memstats_heap_inuse_bytes gauge",
		"go_memstats_heap_objects gauge",
		"go_memstats_heap_released_bytes gauge",
		"go_memstats_heap_sys_bytes gauge",
		"go_memstats_last_gc_time_seconds gauge",
		"go_memstats_mallocs_total counter",
		"go_memstats_mcache_inuse_bytes gauge",
		"go_memstats_mcache_sys_bytes gauge",
		"go_memstats_mspan_inuse_bytes gauge",
		"go_memstats_mspan_sys_bytes gauge",
		"go_memstats_next_gc_bytes gauge",
		"go_memstats_other_sys_bytes gauge",
		"go_memstats_stack_inuse_bytes gauge",
		"go_memstats_stack_sys_bytes gauge",
		"go_memstats_sys_bytes gauge",
		"go_sched_gomaxprocs_threads gauge",
		"go_threads gauge",
		"process_cpu_seconds_total counter",
		"process_max_fds gauge",
		"process_network_receive_bytes_total counter",
		"process_network_transmit_bytes_total counter",
		"process_open_fds gauge",
		"process_resident_memory_bytes gauge",
		"process_start_time_seconds gauge",
		"process_virtual_memory_bytes gauge",
		"process_virtual_memory_max_bytes gauge",
	}
	runtime.GC()
	text := scrape(t, metrics.New())
	values := map[string]float64{}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		values[name], _ = strconv.ParseFloat(value, 64)
	}
	for _, name := range names {
		if strings.HasPrefix(name, "process_") && runtime.GOOS != "linux" {
			continue
		}
		if !strings.Contains(text, "# TYPE "+name+"\n") {
			t.Errorf("no %s", name)
		}
	}
	for _, name := range []string{
		"go_gc_duration_seconds_count", "go_goroutines", "go_memstats_alloc_bytes", "go_memstats_last_gc_time_seconds",
		"go_threads", "process_cpu_seconds_total", "process_max_fds", "process_open_fds", "process_resident_memory_bytes",
		"process_virtual_memory_bytes", "process_start_time_seconds",
	} {
		if strings.HasPrefix(name, "process_") && runtime.GOOS != "linux" {
			continue
		}
		if values[name] <= 0 {
			t.Errorf("%s is %v", name, values[name])
		}
	}
	if age := float64(time.Now().Unix()) - values["process_start_time_seconds"]; runtime.GOOS == "linux" &&
		(age < -2 || age > 3600) {
		t.Errorf("the process started %v s ago", age)
	}
}

func TestConcurrentUse(t *testing.T) {
	m := metrics.New()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 100 {
				m.RequestStarted()
				m.RequestFinished(server.Outcome{App: "a", Method: "GET", Route: "/x", Status: 200, Duration: time.Second})
			}
			scrape(t, m)
		})
	}
	group.Wait()
	if text := scrape(t, m); !strings.Contains(text,
		`dossier_request_duration_seconds_count{app="a",method="GET",route="/x"} 800`) {
		t.Error(text)
	}
}
