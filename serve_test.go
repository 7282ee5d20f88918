package main_test

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// text is what a process writes, safe to read while it does.
type text struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (x *text) Write(p []byte) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.b.Write(p)
}

func (x *text) String() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.b.String()
}

// serving is `dossier serve` as a process of its own.
type serving struct {
	t    *testing.T
	cmd  *exec.Cmd
	log  *text
	URL  string   `json:"url"`
	App  string   `json:"app_id"`
	Apps []string `json:"app_ids"`
}

// serve starts dossier serve and waits until it answers.
func (h *home) serve(args ...string) *serving {
	h.t.Helper()
	s := &serving{t: h.t, log: &text{}, cmd: h.command(append([]string{"serve", "--json", "--listen", "127.0.0.1:0"}, args...)...)}
	s.cmd.Stderr = s.log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() {
		if s.cmd.ProcessState == nil {
			_ = s.cmd.Process.Kill()
			_ = s.cmd.Wait()
		}
		if h.t.Failed() {
			h.t.Logf("the log of dossier serve %v:\n%s", args, s.log)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || json.Unmarshal([]byte(line), s) != nil {
		h.t.Fatalf("dossier serve %v said %q, %v\n%s", args, line, err, s.log)
	}
	return s
}

// end sends the signal and gives the exit code.
func (s *serving) end(signal os.Signal) int {
	s.t.Helper()
	if err := s.cmd.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
	_ = s.cmd.Wait()
	return s.cmd.ProcessState.ExitCode()
}

// do sends a request and gives status and body.
func (s *serving) do(method, path, token, body string) (int, string) {
	s.t.Helper()
	status, text, err := s.try(method, path, token, body)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	return status, text
}

func (s *serving) try(method, path, token, body string) (int, string, error) {
	r, err := http.NewRequest(method, s.URL+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	transport := &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	res, err := transport.RoundTrip(r)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	return res.StatusCode, string(got), err
}

// anonymous signs somebody new in and gives their access token.
func (s *serving) anonymous(app string) string {
	s.t.Helper()
	status, body := s.do("POST", clientAPI+"/app/"+app+"/auth/providers/anon-user/login", "", "{}")
	var login struct {
		Access string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(body), &login); err != nil || status != 200 {
		s.t.Fatalf("sign in: %d %s", status, body)
	}
	return login.Access
}

// application writes an application directory with an id of its own and a function that takes its time.
func (h *home) application(id string) string {
	h.t.Helper()
	dir := filepath.Join(h.dir, id)
	h.ok("init", dir)
	change := func(name string, change func(string) string) {
		old, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), []byte(change(string(old))), 0o600)
		}
		if err != nil {
			h.t.Fatal(err)
		}
	}
	change("realm_config.json", func(old string) string { return strings.ReplaceAll(old, "dossier-demo", id) })
	change("functions/config.json", func(old string) string { return strings.Replace(old, "[", `[{"name":"slow","private":false},`, 1) })
	slow := `exports = (ms) => { console.log("started"); const end = Date.now() + ms; while (Date.now() < end) {} return "done" }`
	if err := os.WriteFile(filepath.Join(dir, "functions", "slow.js"), []byte(slow), 0o600); err != nil {
		h.t.Fatal(err)
	}
	return dir
}

// until waits for something that another process does.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

func TestServeSeveralApplications(t *testing.T) {
	h := newHome(t)
	shop, forum := h.application("shop-abcde"), h.application("forum-fghij")
	s := h.serve("--app", shop, "--app", forum, "--log-format", "json", "--metrics", "127.0.0.1:0")
	if s.App != "shop-abcde" || strings.Join(s.Apps, " ") != "shop-abcde forum-fghij" {
		t.Fatalf("it serves %s, %v", s.App, s.Apps)
	}
	for _, app := range s.Apps {
		if status, body := s.do("GET", clientAPI+"/auth/profile", s.anonymous(app), ""); status != 200 {
			t.Errorf("profile in %s: %d %s", app, status, body)
		}
	}
	if status, body := s.do("GET", clientAPI+"/app/third/location", "", ""); status != 404 || !strings.Contains(body, "cannot find app using Client App ID 'third'") {
		t.Errorf("an unknown application: %d %s", status, body)
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if status, body := s.do("GET", path, "", ""); status != 200 {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if status, _ := s.do("GET", "/metrics", "", ""); status != 404 {
		t.Errorf("the figures are public: %d", status)
	}
	at := regexp.MustCompile(`"url":"(http://[^"]+)/metrics"`).FindStringSubmatch(s.log.String())
	if at == nil {
		t.Fatalf("the log does not say where the figures are:\n%s", s.log)
	}
	if status, body := (&serving{t: t, URL: at[1]}).do("GET", "/metrics", "", ""); status != 200 || !strings.Contains(body, `dossier_sign_ins_total{app="forum-fghij",provider="anon-user",result="ok"} 1`) {
		t.Errorf("figures: %d %s", status, body)
	}
	for _, line := range strings.Split(strings.TrimSpace(s.log.String()), "\n") {
		if !json.Valid([]byte(line)) {
			t.Errorf("the log is not JSON: %s", line)
		}
	}
	if code := s.end(syscall.SIGTERM); code != 0 {
		t.Errorf("it ended with %d", code)
	}

	same := h.run("", "serve", "--app", shop, "--app", shop, "--listen", "127.0.0.1:0")
	if same.code != 2 || same.out != "" || !strings.Contains(same.err, `two applications have the id "shop-abcde"`) {
		t.Errorf("one application twice: %+v", same)
	}
	if r := h.run("", "whoami", "--app", shop, "--app", forum); r.code != 2 || !strings.Contains(r.err, "only serve takes several") {
		t.Errorf("whoami in two applications: %+v", r)
	}
}

// What doctor would say about an application is in the log from the start, whole; what keeps it from starting is named, with who says the rest.
func TestServeTellsWhatIsWithTheApplication(t *testing.T) {
	h := newHome(t)
	dir, log := h.application("shop-abcde"), filepath.Join(h.dir, "log")
	h.write(dir, "functions/slow.js", "exports = (")
	h.write(dir, "triggers/nightly.json", `{"name":"nightly","type":"SCHEDULED","config":{"schedule":"0 3 * * *"},"function_name":"slow"}`)
	h.write(dir, "auth/providers.json", `{"local-userpass":{"name":"local-userpass","type":"local-userpass","config":{"autoConfirm":false,"emailConfirmationUrl":"https://app.example.com/confirm","resetPasswordUrl":"https://app.example.com/reset"}}}`)
	s := h.serve("--app", dir, "--log", log, "--log-format", "json", "--listen", "0.0.0.0:0")
	kept, err := os.ReadFile(log)
	if err != nil || s.log.String() != "" {
		t.Errorf("%v, standard error: %s", err, s.log)
	}
	for _, want := range []string{
		`"finding":"suspect","file":"functions/slow.js"`, `"finding":"missing","file":"triggers/nightly.json","key":"type"`, `"msg":"no mail server (--smtp)`,
	} {
		if !strings.Contains(string(kept), want) {
			t.Errorf("no %s in\n%s", want, kept)
		}
	}
	if r := h.run("", "--app", dir, "accounts"); r.err != "dossier: 3 findings: dossier doctor --app "+dir+"\n" {
		t.Errorf("a command beside: %+v", r)
	}

	h.write(dir, "values/firstPlan.json", `[]`)
	h.write(dir, "triggers/nightly.json", `{"type":"NEVER"}`)
	r := h.run("", "serve", "--app", dir, "--listen", "127.0.0.1:0")
	if r.code != 2 || !strings.Contains(r.err, "values/firstPlan.json: ") || !strings.Contains(r.err, " more are wrong; dossier doctor --app "+dir) {
		t.Errorf("%+v", r)
	}
}

// Told to end, it lets a request finish that is in a slow function, while it takes no new connection, and ends with 0.
func TestServeFinishesWhatIsRunning(t *testing.T) {
	h := newHome(t)
	s := h.serve("--app", h.application("shop-abcde"), "--grace", "20s")
	token := s.anonymous(s.App)
	type result struct {
		status int
		body   string
		err    error
	}
	slow := make(chan result, 1)
	go func() {
		status, body, err := s.try("POST", clientAPI+"/app/"+s.App+"/functions/call", token, `{"name":"slow","arguments":[{"$numberInt":"1500"}]}`)
		slow <- result{status, body, err}
	}()
	until(t, "the function starts", func() bool { return strings.Contains(s.log.String(), "started") })
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	until(t, "new connections are refused", func() bool {
		_, _, err := s.try("GET", "/healthz", "", "")
		return errors.Is(err, syscall.ECONNREFUSED)
	})
	select {
	case got := <-slow:
		t.Fatalf("the function was over before connections were refused: %+v", got)
	default:
	}
	if got := <-slow; got.err != nil || got.status != 200 || got.body != `"done"` {
		t.Errorf("the slow request: %+v", got)
	}
	if err := s.cmd.Wait(); err != nil || !strings.HasSuffix(s.log.String(), "msg=ended\n") {
		t.Errorf("it ended with %v\n%s", err, s.log)
	}
}

// A second signal ends at once, whatever is running; so does the end of the grace, in order.
func TestServeSecondSignal(t *testing.T) {
	h := newHome(t)
	dir := h.application("shop-abcde")
	for _, c := range []struct {
		grace string
		twice bool
	}{{"20s", true}, {"100ms", false}} {
		s := h.serve("--app", dir, "--grace", c.grace)
		token := s.anonymous(s.App)
		cut := make(chan error, 1)
		go func() {
			_, _, err := s.try("POST", clientAPI+"/app/"+s.App+"/functions/call", token, `{"name":"slow","arguments":[{"$numberInt":"20000"}]}`)
			cut <- err
		}()
		until(t, "the function starts", func() bool { return strings.Contains(s.log.String(), "started") })
		began := time.Now()
		if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		until(t, "it is ending", func() bool { return strings.Contains(s.log.String(), `msg="ending: `) })
		code := 0
		if c.twice {
			code = s.end(syscall.SIGTERM)
		} else {
			_ = s.cmd.Wait()
			code = s.cmd.ProcessState.ExitCode()
		}
		if took := time.Since(began); took > 10*time.Second || c.twice == (code == 0) {
			t.Errorf("grace %s: it ended with %d after %s", c.grace, code, took)
		}
		if err := <-cut; err == nil {
			t.Errorf("grace %s: the request was answered", c.grace)
		}
	}
}

// certificate writes a certificate for 127.0.0.1 and its key.
func certificate(t *testing.T, dir string) (cert, key string) {
	t.Helper()
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &secret.PublicKey, secret)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func TestServeTLS(t *testing.T) {
	h := newHome(t)
	cert, key := certificate(t, h.dir)
	h.env = append(h.env, "DOSSIER_TLS_CERT="+cert, "DOSSIER_TLS_KEY="+key)
	s := h.serve()
	if !strings.HasPrefix(s.URL, "https://127.0.0.1:") {
		t.Fatalf("it is at %s", s.URL)
	}
	_, body := s.do("GET", clientAPI+"/app/"+s.App+"/location", "", "")
	if !strings.Contains(body, `"hostname":"`+s.URL+`"`) || !strings.Contains(body, `"ws_hostname":"wss://`) {
		t.Errorf("location %s", body)
	}
}

// The embedded workspace's credentials are known: pages from the internet cannot use it, not even under a name that points here.
func TestServeKeepsPagesOut(t *testing.T) {
	s := newHome(t).serve()
	ask := func(host, origin string) int {
		t.Helper()
		r, err := http.NewRequest("POST", s.URL+clientAPI+"/app/"+s.App+"/auth/providers/anon-user/login", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		res, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.StatusCode
	}
	if got := ask("localhost", "http://localhost:3000"); got != 200 {
		t.Errorf("a page of this machine: %d", got)
	}
	if got := ask("localhost", "https://evil.example.com"); got != 403 {
		t.Errorf("a page of the internet: %d", got)
	}
	if got := ask("evil.example.com", ""); got != 403 {
		t.Errorf("a name of the internet: %d", got)
	}
}

// A second process on the same workspace relays to the first; what it learns of the client is passed on.
func TestServeBesideTheHolder(t *testing.T) {
	h := newHome(t)
	holder, relay := h.serve(), h.serve("--log", filepath.Join(h.dir, "relay.log"))
	token := relay.anonymous(relay.App)
	if status, body := relay.do("GET", "/readyz", "", ""); status != 200 {
		t.Errorf("ready: %d %s", status, body)
	}
	if _, body := relay.do("GET", clientAPI+"/app/"+relay.App+"/location", "", ""); !strings.Contains(body, relay.URL) {
		t.Errorf("location %s", body)
	}
	if status, body := holder.do("GET", clientAPI+"/auth/profile", token, ""); status != 200 {
		t.Errorf("the holder: %d %s", status, body)
	}
	if !strings.Contains(holder.log.String(), "remote=127.0.0.1") {
		t.Error("the holder does not know where the client is")
	}
	if code := holder.end(os.Interrupt); code != 0 {
		t.Errorf("the holder ended with %d", code)
	}
	if status, body := relay.do("GET", clientAPI+"/auth/profile", token, ""); status != 200 {
		t.Errorf("after the holder ended: %d %s", status, body)
	}
	if kept, err := os.ReadFile(filepath.Join(h.dir, "relay.log")); err != nil || !strings.Contains(string(kept), "route=relay") || strings.Contains(string(kept), token) {
		t.Errorf("the relay's log: %v\n%s", err, kept)
	}
}

func TestServeWrongUsage(t *testing.T) {
	h := newHome(t)
	cert, key := certificate(t, h.dir)
	dir := h.application("shop-abcde")
	for want, args := range map[string][]string{
		"go together":       {"--tls-cert", cert},
		"no-such.pem":       {"--tls-cert", cert, "--tls-key", "no-such.pem"},
		key:                 {"--tls-cert", key, "--tls-key", key},
		`"10.0.0.0/99"`:     {"--trust-proxy", "10.0.0.0/99"},
		`"example.com"`:     {"--public-url", "example.com"},
		"text or json":      {"--log-format", "xml"},
		"--log: ":           {"--log", filepath.Join(h.dir, "no", "such", "directory")},
		"--token-life: ":    {"--token-life", "10s"},
		"--app-id: goes":    {"--app", dir, "--app-id", "other"},
		"below zero":        {"--rate", "-1"},
		"loopback only":     {"--listen", "0.0.0.0:0"},
		"--listen 1.2.3.4:": {"--app", dir, "--listen", "1.2.3.4:1"},
		"--metrics 1.2.3.4": {"--app", dir, "--metrics", "1.2.3.4:1"},
		"is not a readable": {"--app", filepath.Join(h.dir, "nothing")},
	} {
		r := h.run("", append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
		if r.code != 2 || !strings.Contains(r.err, want) || r.out != "" {
			t.Errorf("serve %v: want %q in %+v", args, want, r)
		}
	}
}
