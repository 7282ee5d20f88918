package main_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"dossier/backend"
	"dossier/backend/directory"
	"dossier/backend/embedded"
	"dossier/backend/store"
)

// faulty is `dossier serve` on a deployment that can be reached only through a proxy that breaks on demand.
type faulty struct {
	t                    *testing.T
	url, app             string
	proxy                *toxiproxy.Proxy
	token, refresh, user string
}

// newFaulty starts database, proxy and service, and signs somebody in while all is well.
func newFaulty(t *testing.T) *faulty {
	t.Helper()
	db, err := embedded.Open("", embedded.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() { defer close(served); _ = db.Serve(l) }()
	t.Cleanup(func() { _ = l.Close(); _ = db.Close(); <-served })

	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(prometheus.NewRegistry()), zerolog.Nop())
	f := &faulty{t: t, proxy: toxiproxy.NewProxy(server, "database", "127.0.0.1:0", l.Addr().String())}
	if err := f.proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.proxy.Stop)
	f.serve("mongodb://" + f.proxy.Listen + "/?directConnection=true")
	f.signIn()
	return f
}

// serve runs the program until the test ends.
func (f *faulty) serve(uri string) {
	f.t.Helper()
	h := newHome(f.t)
	dir := filepath.Join(h.dir, "app")
	h.ok("init", dir)
	cmd := h.command("serve", "--json", "--app", dir, "--uri", uri, "--listen", "127.0.0.1:0")
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		f.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
		if f.t.Failed() {
			f.t.Logf("the service's log:\n%s", &log)
		}
	})
	var ready struct {
		URL   string `json:"url"`
		AppID string `json:"app_id"`
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || json.Unmarshal([]byte(line), &ready) != nil {
		f.t.Fatalf("the service said %q, %v", line, err)
	}
	f.url, f.app = ready.URL, ready.AppID
}

// answer is one answer of the service and how long it took.
type answer struct {
	status int
	header http.Header
	body   string
	took   time.Duration
}

// ask sends a request. That no answer comes is an error of the service under any fault.
func (f *faulty) ask(method, path, token, body string) answer {
	f.t.Helper()
	r, err := http.NewRequest(method, f.url+path, strings.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	began := time.Now()
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		f.t.Errorf("%s %s: %v", method, path, err)
		return answer{}
	}
	defer func() { _ = got.Body.Close() }()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		f.t.Errorf("%s %s: %v", method, path, err)
	}
	return answer{got.StatusCode, got.Header, string(text), time.Since(began)}
}

const clientAPI = "/api/client/v2.0"

func (f *faulty) signIn() {
	f.t.Helper()
	got := f.ask("POST", clientAPI+"/app/"+f.app+"/auth/providers/anon-user/login", "", "{}")
	var login struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
		User    string `json:"user_id"`
	}
	if err := json.Unmarshal([]byte(got.body), &login); err != nil || got.status != http.StatusOK {
		f.t.Fatalf("sign in: %d %s", got.status, got.body)
	}
	f.token, f.refresh, f.user = login.Access, login.Refresh, login.User
}

// update calls updateOne on the person's own document.
func (f *faulty) update(change string) answer {
	f.t.Helper()
	return f.ask("POST", clientAPI+"/app/"+f.app+"/functions/call", f.token, fmt.Sprintf(
		`{"name":"updateOne","service":"mongodb-atlas","arguments":[{"database":"app","collection":"custom_user_data","query":{"userId":%q},"update":%s,"upsert":true}]}`, f.user, change))
}

// all asks everything that needs the database.
func (f *faulty) all() map[string]answer {
	app := clientAPI + "/app/" + f.app
	ask := map[string]func() answer{
		"sign in": func() answer { return f.ask("POST", app+"/auth/providers/anon-user/login", "", "{}") },
		"profile": func() answer { return f.ask("GET", clientAPI+"/auth/profile", f.token, "") },
		"refresh": func() answer { return f.ask("POST", clientAPI+"/auth/session", f.refresh, "") },
		"update":  func() answer { return f.update(`{"$set":{"a":1}}`) },
		"function": func() answer {
			return f.ask("POST", app+"/functions/call", f.token, `{"name":"writeCustomUserData","arguments":[{"a":1}]}`)
		},
		"watch": func() answer {
			request := url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(`{"name":"watch","service":"mongodb-atlas","arguments":[{"database":"app","collection":"custom_user_data"}]}`)))
			return f.ask("GET", app+"/functions/call?baas_request="+request, f.token, "")
		},
	}
	out := map[string]answer{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for name, one := range ask {
		wg.Go(func() {
			got := one()
			mu.Lock()
			out[name] = got
			mu.Unlock()
		})
	}
	wg.Wait()
	return out
}

// unavailable wants 503 with Retry-After from everything, within the time: a 401 would sign people out.
func (f *faulty) unavailable(within time.Duration) {
	f.t.Helper()
	for name, got := range f.all() {
		if got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" || got.took > within {
			f.t.Errorf("%s: %d (Retry-After %q) after %s: %s", name, got.status, got.header.Get("Retry-After"), got.took, got.body)
		}
	}
}

// well wants the refresh and the update to work, with the tokens of before.
func (f *faulty) well() {
	f.t.Helper()
	if got := f.ask("POST", clientAPI+"/auth/session", f.refresh, ""); got.status != http.StatusCreated {
		f.t.Errorf("refresh: %d %s", got.status, got.body)
	}
	if got := f.update(`{"$set":{"back":true}}`); got.status != http.StatusOK {
		f.t.Errorf("update: %d %s", got.status, got.body)
	}
}

func (f *faulty) toxic(text string) {
	f.t.Helper()
	if _, err := f.proxy.Toxics.AddToxicJson(strings.NewReader(text)); err != nil {
		f.t.Fatal(err)
	}
}

// A database that is down gives 503, never 401; when it is back everything works without a restart.
func TestDatabaseDownAndBack(t *testing.T) {
	t.Parallel()
	f := newFaulty(t)
	f.proxy.Stop()
	f.unavailable(20 * time.Second)
	if got := f.ask("GET", "/healthz", "", ""); got.status != http.StatusOK {
		t.Errorf("healthz: %d %s", got.status, got.body)
	}
	if got := f.ask("GET", "/readyz", "", ""); got.status != http.StatusServiceUnavailable {
		t.Errorf("readyz: %d %s", got.status, got.body)
	}
	if err := f.proxy.Start(); err != nil {
		t.Fatal(err)
	}
	f.well()
}

// A database that takes a request and never answers holds nobody longer than the deadline.
func TestDatabaseHangs(t *testing.T) {
	t.Parallel()
	f := newFaulty(t)
	f.toxic(`{"name":"hang","type":"timeout","stream":"downstream","attributes":{"timeout":0}}`)
	f.unavailable(40 * time.Second)
	if err := f.proxy.Toxics.RemoveToxic(t.Context(), "hang"); err != nil {
		t.Fatal(err)
	}
	f.well()
}

// A database that is slow is waited for.
func TestDatabaseSlow(t *testing.T) {
	t.Parallel()
	f := newFaulty(t)
	f.toxic(`{"name":"slow","type":"latency","stream":"downstream","attributes":{"latency":300,"jitter":100}}`)
	f.well()
}

// Writes whose answer is lost on the way happen exactly once when they were answered with success, and at most once when the answer was 503.
func TestWritesCutInTheMiddle(t *testing.T) {
	t.Parallel()
	f := newFaulty(t)
	const writes = 60
	status := make([]int, writes)
	for n := range writes {
		switch n % 4 {
		case 1: // the answer is lost
			f.toxic(`{"name":"cut","type":"reset_peer","stream":"downstream","attributes":{"timeout":0}}`)
		case 2: // the request is cut in its middle
			f.toxic(fmt.Sprintf(`{"name":"cut","type":"limit_data","stream":"upstream","attributes":{"bytes":%d}}`, 40*n))
		case 3: // the answer is cut in its middle
			f.toxic(`{"name":"cut","type":"limit_data","stream":"downstream","attributes":{"bytes":700}}`)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			status[n] = f.update(fmt.Sprintf(`{"$push":{"ops":%d}}`, n)).status
		}()
		if n%4 != 0 {
			time.Sleep(30 * time.Millisecond)
			_ = f.proxy.Toxics.RemoveToxic(t.Context(), "cut")
		}
		<-done
	}
	got := f.ask("POST", clientAPI+"/app/"+f.app+"/functions/call", f.token, fmt.Sprintf(
		`{"name":"findOne","service":"mongodb-atlas","arguments":[{"database":"app","collection":"custom_user_data","query":{"userId":%q}}]}`, f.user))
	var doc struct {
		Ops []map[string]json.Number `json:"ops"`
	}
	if err := json.Unmarshal([]byte(got.body), &doc); err != nil {
		t.Fatalf("%v: %s", err, got.body)
	}
	times := map[string]int{}
	for _, op := range doc.Ops {
		times[op["$numberInt"].String()]++
	}
	succeeded, unknown := 0, 0
	for n, s := range status {
		made := times[fmt.Sprint(n)]
		switch {
		case s == http.StatusOK && made == 1:
			succeeded++
		case s == http.StatusServiceUnavailable && made <= 1:
			unknown++
		default:
			t.Errorf("write %d was answered with %d and made %d times", n, s, made)
		}
	}
	if succeeded < writes/4 {
		t.Errorf("only %d of %d writes succeeded", succeeded, writes)
	}
	t.Logf("%d succeeded, %d were answered 503", succeeded, unknown)
}

// The real Web SDK sends a bounded number of requests while the database is down, hangs or is cut off, and its user stays signed in.
func TestWebSDKUnderFaults(t *testing.T) {
	t.Parallel()
	f := newFaulty(t)
	asked := map[string]bool{}
	f.script("sdk/faults.mjs", func(change, fault string) {
		if change != "fault" {
			t.Fatalf("the script asks for %q", change)
		}
		asked[fault] = true
		f.inject(fault)
	})
	for _, fault := range []string{"down", "hang", "cut", "none"} {
		if !asked[fault] {
			t.Errorf("the script never asked for the fault %q", fault)
		}
	}
}

// The Web SDK's user is signed out, in a bounded number of requests, when somebody disables them or revokes their sessions.
func TestWebSDKOfADisabledUser(t *testing.T) {
	t.Parallel()
	f := newFaulty(t)
	d, err := store.Connect(t.Context(), store.Options{URI: "mongodb://" + f.proxy.Listen + "/?directConnection=true"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close(t.Context()) }()
	people := directory.New(d, backend.AccountsDatabase(f.app), time.Now)
	var asked []string
	f.script("sdk/disabled.mjs", func(change, id string) {
		asked = append(asked, change)
		do := map[string]func() error{
			"disable": func() error { return people.SetDisabled(t.Context(), id, true) },
			"enable":  func() error { return people.SetDisabled(t.Context(), id, false) },
			"revoke":  func() error { return people.RevokeSessions(t.Context(), id) },
		}[change]
		if do == nil {
			t.Fatalf("the script asks for %q", change)
		}
		if err := do(); err != nil {
			t.Fatal(err)
		}
	})
	if got := strings.Join(asked, " "); got != "disable enable revoke" {
		t.Errorf("the script asked for %q", got)
	}
}

// script runs a scenario of the Web SDK against the service. It asks for changes by a line "change NAME WHAT" each, and goes on when they are made.
func (f *faulty) script(file string, change func(name, what string)) {
	t := f.t
	t.Helper()
	if _, err := os.Stat("sdk/node_modules"); err != nil {
		if os.Getenv("DOSSIER_REQUIRE_SDK") != "" {
			t.Fatal("sdk/node_modules is missing: run npm ci in sdk")
		}
		t.Skip("sdk/node_modules is missing: npm ci in sdk installs the Web SDK")
	}
	cmd := exec.CommandContext(t.Context(), "node", file)
	cmd.Env = append(os.Environ(), "DOSSIER_SDK_URL="+f.url, "DOSSIER_SDK_APP="+f.app)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		asked, is := strings.CutPrefix(lines.Text(), "change ")
		if !is {
			t.Log(lines.Text())
			continue
		}
		name, what, _ := strings.Cut(asked, " ")
		change(name, what)
		if _, err := io.WriteString(in, "ok\n"); err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the script ended with %v", err)
	}
}

// inject makes a fault, after ending the one before.
func (f *faulty) inject(fault string) {
	f.t.Helper()
	f.proxy.Toxics.ResetToxics(f.t.Context())
	if err := f.proxy.Start(); err != nil && !errors.Is(err, toxiproxy.ErrProxyAlreadyStarted) {
		f.t.Fatal(err)
	}
	switch fault {
	case "none":
	case "down":
		f.proxy.Stop()
	case "hang":
		f.toxic(`{"name":"hang","type":"timeout","stream":"downstream","attributes":{"timeout":0}}`)
	case "cut":
		f.toxic(`{"name":"cut","type":"reset_peer","stream":"downstream","attributes":{"timeout":0}}`)
	default:
		f.t.Fatalf("the script asks for an unknown fault %q", fault)
	}
}
