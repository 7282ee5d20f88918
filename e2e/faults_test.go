package e2e_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
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

	"dossier/backend"
	"dossier/backend/directory"
	"dossier/backend/embedded"
	"dossier/backend/store"
	"dossier/backend/storetest"
)

// faulty is a service on a database behind a proxy that injects faults.
type faulty struct {
	t                    *testing.T
	url, app             string
	proxy                *storetest.Proxy
	token, refresh, user string
}

// newFaulty starts database, proxy and service, and signs a user in before any fault.
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

	f := &faulty{t: t, proxy: storetest.NewProxy(t, l.Addr().String())}
	h := newHome(t)
	dir := filepath.Join(h.dir, "app")
	h.ok("init", dir)
	s := h.serve("--app", dir, "--uri", f.uri())
	f.url, f.app = s.URL, s.App
	f.signIn()
	return f
}

// uri returns the connection string of the proxy.
func (f *faulty) uri() string { return "mongodb://" + f.proxy.Address + "/?directConnection=true" }

// response is one response of the service.
type response struct {
	status int
	header http.Header
	body   string
}

// boundedClient fails a request that takes a minute. The service's own deadlines are far shorter; the rest is for slow
// machines.
var boundedClient = &http.Client{Timeout: time.Minute}

// request sends a request. The service must respond under any fault.
func (f *faulty) request(method, path, token, body string) response {
	f.t.Helper()
	r, err := http.NewRequest(method, f.url+path, strings.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	got, err := boundedClient.Do(r)
	if err != nil {
		f.t.Errorf("%s %s: %v", method, path, err)
		return response{}
	}
	defer func() { _ = got.Body.Close() }()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		f.t.Errorf("%s %s: %v", method, path, err)
	}
	return response{got.StatusCode, got.Header, string(text)}
}

func (f *faulty) signIn() {
	f.t.Helper()
	got := f.request("POST", clientAPI+"/app/"+f.app+"/auth/providers/anon-user/login", "", "{}")
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

// update calls updateOne on the user's own document.
func (f *faulty) update(change string) response {
	f.t.Helper()
	return f.request("POST", clientAPI+"/app/"+f.app+"/functions/call", f.token, fmt.Sprintf(
		`{"name":"updateOne","service":"mongodb-atlas","arguments":[{"database":"app","collection":"custom_user_data","query":{"userId":%q},"update":%s,"upsert":true}]}`, f.user, change))
}

// requestAll sends one request of every kind that needs the database, at the same time.
func (f *faulty) requestAll() map[string]response {
	app := clientAPI + "/app/" + f.app
	requests := map[string]func() response{
		"sign in": func() response { return f.request("POST", app+"/auth/providers/anon-user/login", "", "{}") },
		"profile": func() response { return f.request("GET", clientAPI+"/auth/profile", f.token, "") },
		"refresh": func() response { return f.request("POST", clientAPI+"/auth/session", f.refresh, "") },
		"update":  func() response { return f.update(`{"$set":{"a":1}}`) },
		"function": func() response {
			return f.request("POST", app+"/functions/call", f.token, `{"name":"writeCustomUserData","arguments":[{"a":1}]}`)
		},
		"watch": func() response {
			request := url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(`{"name":"watch","service":"mongodb-atlas","arguments":[{"database":"app","collection":"custom_user_data"}]}`)))
			return f.request("GET", app+"/functions/call?baas_request="+request, f.token, "")
		},
	}
	out := map[string]response{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for name, send := range requests {
		wg.Go(func() {
			got := send()
			mu.Lock()
			out[name] = got
			mu.Unlock()
		})
	}
	wg.Wait()
	return out
}

// expectUnavailable expects 503 with Retry-After from every request: a 401 would sign users out.
func (f *faulty) expectUnavailable() {
	f.t.Helper()
	for name, got := range f.requestAll() {
		retry := got.header.Get("Retry-After")
		if got.status != http.StatusServiceUnavailable || retry == "" {
			f.t.Errorf("%s: %d (Retry-After %q): %s", name, got.status, retry, got.body)
		}
	}
}

// expectRecovery waits until the database is reachable again. Then refresh and update work with the tokens from before.
func (f *faulty) expectRecovery() {
	f.t.Helper()
	f.untilReady()
	if got := f.request("POST", clientAPI+"/auth/session", f.refresh, ""); got.status != http.StatusCreated {
		f.t.Errorf("refresh: %d %s", got.status, got.body)
	}
	if got := f.update(`{"$set":{"back":true}}`); got.status != http.StatusOK {
		f.t.Errorf("update: %d %s", got.status, got.body)
	}
}

// untilReady waits until the service reaches its database.
func (f *faulty) untilReady() {
	f.t.Helper()
	until(f.t, "the service reaches its database", func() bool {
		return f.request("GET", "/readyz", "", "").status == http.StatusOK
	})
}

// While the database is down the service responds with 503, never 401; when it is back everything works without a
// restart.
func TestDatabaseDownAndBack(t *testing.T) {
	t.Parallel()
	f := newFaulty(t)
	f.proxy.Inject(storetest.Down())
	f.expectUnavailable()
	if got := f.request("GET", "/healthz", "", ""); got.status != http.StatusOK {
		t.Errorf("healthz: %d %s", got.status, got.body)
	}
	if got := f.request("GET", "/readyz", "", ""); got.status != http.StatusServiceUnavailable {
		t.Errorf("readyz: %d %s", got.status, got.body)
	}
	f.proxy.End()
	f.expectRecovery()
}

// When the database accepts requests and never responds, requests end at their deadline.
func TestDatabaseHangs(t *testing.T) {
	t.Parallel()
	f := newFaulty(t)
	f.proxy.Inject(storetest.Hang())
	f.expectUnavailable()
	f.proxy.End()
	f.expectRecovery()
}

// The service waits for a slow database.
func TestDatabaseSlow(t *testing.T) {
	t.Parallel()
	f := newFaulty(t)
	f.proxy.Inject(storetest.Slow(300 * time.Millisecond))
	f.expectRecovery()
}

// Writes whose response is lost happen exactly once when they were answered with success, and at most once with 503.
func TestWritesCutInTheMiddle(t *testing.T) {
	t.Parallel()
	f := newFaulty(t)
	const writes = 60
	status := make([]int, writes)
	for n := range writes {
		var fault storetest.Fault
		switch n % 4 {
		case 0: // without a fault
			f.untilReady()
		case 1: // the response is lost
			fault = storetest.Reset()
		case 2: // the request is cut
			fault = storetest.CutRequests(40 * n)
		case 3: // the response is cut
			fault = storetest.CutResponses(700)
		}
		fired, done := f.proxy.Inject(fault), make(chan struct{})
		go func() {
			defer close(done)
			status[n] = f.update(fmt.Sprintf(`{"$push":{"ops":%d}}`, n)).status
		}()
		select {
		case <-fired: // the fault ends after its first effect, so that a retry of the write succeeds
		case <-done: // the write passed
		}
		f.proxy.End()
		<-done
	}
	f.untilReady()
	got := f.request("POST", clientAPI+"/app/"+f.app+"/functions/call", f.token, fmt.Sprintf(
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
		applied := times[fmt.Sprint(n)]
		switch {
		case s == http.StatusOK && applied == 1:
			succeeded++
		case s == http.StatusServiceUnavailable && applied <= 1:
			unknown++
		default:
			t.Errorf("write %d: status %d, applied %d times", n, s, applied)
		}
	}
	if succeeded < writes/4 {
		t.Errorf("only %d of %d writes succeeded", succeeded, writes)
	}
	t.Logf("%d succeeded, %d were answered 503", succeeded, unknown)
}

// While the database is down, hangs or resets connections, the Web SDK sends each request once and its user stays
// signed in.
func TestWebSDKUnderFaults(t *testing.T) {
	t.Parallel()
	f := newFaulty(t)
	requested := map[string]bool{}
	f.script("sdk/faults.mjs", func(change, fault string) {
		if change != "fault" {
			t.Fatalf("the script requests an unknown change %q", change)
		}
		requested[fault] = true
		f.inject(fault)
	})
	for _, fault := range []string{"down", "hang", "cut", "none"} {
		if !requested[fault] {
			t.Errorf("the script did not request the fault %q", fault)
		}
	}
}

// The Web SDK's user is signed out in two requests after they are disabled or their sessions are revoked.
func TestWebSDKOfADisabledUser(t *testing.T) {
	t.Parallel()
	f := newFaulty(t)
	d, err := store.Connect(t.Context(), store.Options{URI: f.uri()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close(t.Context()) }()
	users := directory.New(d, backend.ServiceDatabase(f.app), time.Now)
	var requested []string
	f.script("sdk/disabled.mjs", func(change, id string) {
		requested = append(requested, change)
		do := map[string]func() error{
			"disable": func() error { return users.SetDisabled(t.Context(), id, true) },
			"enable":  func() error { return users.SetDisabled(t.Context(), id, false) },
			"revoke":  func() error { return users.RevokeSessions(t.Context(), id) },
		}[change]
		if do == nil {
			t.Fatalf("the script requests an unknown change %q", change)
		}
		if err := do(); err != nil {
			t.Fatal(err)
		}
	})
	if got := strings.Join(requested, " "); got != "disable enable revoke" {
		t.Errorf("the script requested %q", got)
	}
}

// script runs a scenario of the Web SDK against the service. The script requests a change with a line "change NAME
// WHAT" and continues when it reads "ok".
func (f *faulty) script(file string, change func(name, what string)) {
	t := f.t
	t.Helper()
	if _, err := os.Stat("../sdk/node_modules"); err != nil {
		if os.Getenv("DOSSIER_REQUIRE_SDK") != "" {
			t.Fatal("sdk/node_modules is missing: run npm ci in sdk")
		}
		t.Skip("sdk/node_modules is missing: npm ci in sdk installs the Web SDK")
	}
	cmd := exec.CommandContext(t.Context(), "node", filepath.Join("..", file))
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
		request, found := strings.CutPrefix(lines.Text(), "change ")
		if !found {
			t.Log(lines.Text())
			continue
		}
		name, what, _ := strings.Cut(request, " ")
		change(name, what)
		if _, err := io.WriteString(in, "ok\n"); err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the script ended with %v", err)
	}
}

// inject starts the fault that the script names, and ends the one before.
func (f *faulty) inject(fault string) {
	f.t.Helper()
	switch fault {
	case "none":
		f.proxy.End()
		f.untilReady()
	case "down":
		f.proxy.Inject(storetest.Down())
	case "hang":
		f.proxy.Inject(storetest.Hang())
	case "cut":
		f.proxy.Inject(storetest.Reset())
	default:
		f.t.Fatalf("the script requests an unknown fault %q", fault)
	}
}
