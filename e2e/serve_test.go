package e2e_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func TestServeSeveralApplications(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	shop, forum := h.application("shop-abcde"), h.application("forum-fghij")
	s := h.serve("--app", shop, "--app", forum, "--log-format", "json", "--metrics", "127.0.0.1:0")
	if s.App != "shop-abcde" || strings.Join(s.Apps, " ") != "shop-abcde forum-fghij" {
		t.Fatalf("it serves %s, %v", s.App, s.Apps)
	}
	for _, app := range s.Apps {
		if status, body := s.request("GET", clientAPI+"/auth/profile", s.anonymous(app), ""); status != 200 {
			t.Errorf("profile in %s: %d %s", app, status, body)
		}
	}
	if status, body := s.request("GET", clientAPI+"/app/third/location", "", ""); status != 404 || !strings.Contains(body,
		"cannot find app using Client App ID 'third'") {
		t.Errorf("an unknown application: %d %s", status, body)
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if status, body := s.request("GET", path, "", ""); status != 200 {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if status, _ := s.request("GET", "/metrics", "", ""); status != 404 {
		t.Errorf("the metrics are public: %d", status)
	}
	at := regexp.MustCompile(`"url":"(http://[^"]+)/metrics"`).FindStringSubmatch(s.log.String())
	if at == nil {
		t.Fatalf("the log lacks the address of the metrics:\n%s", s.log)
	}
	if status, body := (&service{t: t, URL: at[1]}).request("GET", "/metrics", "", ""); status != 200 ||
		!strings.Contains(body, `dossier_sign_ins_total{app="forum-fghij",provider="anon-user",result="ok"} 1`) {
		t.Errorf("metrics: %d %s", status, body)
	}
	for _, line := range strings.Split(strings.TrimSpace(s.log.String()), "\n") {
		if !json.Valid([]byte(line)) {
			t.Errorf("a line of the log is not JSON: %s", line)
		}
	}
	if code := s.stop(); code != 0 {
		t.Errorf("it ended with %d", code)
	}

	same := h.run("", "serve", "--app", shop, "--app", shop, "--listen", "127.0.0.1:0")
	if same.code != 2 || same.out != "" || !strings.Contains(same.err, `two applications have the id "shop-abcde"`) {
		t.Errorf("an application twice: %+v", same)
	}
	if r := h.run("", "whoami", "--app", shop, "--app", forum); r.code != 2 || !strings.Contains(r.err,
		"only serve accepts several") {
		t.Errorf("whoami in two applications: %+v", r)
	}
}

// serve logs every finding of doctor. The error of an invalid application names the first finding, and doctor for the
// rest.
func TestServeLogsFindings(t *testing.T) {
	t.Parallel()
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
		`"finding":"suspect","file":"functions/slow.js"`, `"finding":"missing","file":"triggers/nightly.json","key":"type"`,
		`"msg":"no mail server (--smtp)`,
	} {
		if !strings.Contains(string(kept), want) {
			t.Errorf("no %s in\n%s", want, kept)
		}
	}
	if r := h.run("", "--app", dir, "accounts"); r.err != "dossier: 3 findings: dossier doctor --app "+dir+"\n" {
		t.Errorf("a command beside it: %+v", r)
	}

	h.write(dir, "values/firstPlan.json", `[]`)
	h.write(dir, "triggers/nightly.json", `{"type":"NEVER"}`)
	r := h.run("", "serve", "--app", dir, "--listen", "127.0.0.1:0")
	if r.code != 2 || !strings.Contains(r.err, "values/firstPlan.json: ") || !strings.Contains(r.err,
		" more are wrong; dossier doctor --app "+dir) {
		t.Errorf("%+v", r)
	}
}

// gate is an HTTP server whose responses wait until it is opened.
type gate struct {
	*httptest.Server
	arrived chan struct{} // receives one value for each request
	open    func()
}

func newGate(t *testing.T) *gate {
	opened := make(chan struct{})
	g := &gate{arrived: make(chan struct{}, 10), open: sync.OnceFunc(func() { close(opened) })}
	g.Server = httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		g.arrived <- struct{}{}
		<-opened
	}))
	t.Cleanup(func() { g.open(); g.Close() })
	return g
}

// called is how a call of a function ended.
type called struct {
	status int
	body   string
	err    error
}

// callSlow calls the function "slow", which waits for the gate, and returns when it runs.
func (s *service) callSlow(g *gate) <-chan called {
	s.t.Helper()
	token, ended := s.anonymous(s.App), make(chan called, 1)
	go func() {
		status, body, err := s.try("POST", clientAPI+"/app/"+s.App+"/functions/call", token,
			fmt.Sprintf(`{"name":"slow","arguments":[%q]}`, g.URL))
		ended <- called{status, body, err}
	}()
	select {
	case <-g.arrived:
	case got := <-ended:
		s.t.Fatalf("the function ended before its request arrived: %+v", got)
	}
	return ended
}

// After a signal it refuses new connections, lets a slow request finish, and ends with 0.
func TestServeDrains(t *testing.T) {
	t.Parallel()
	h, g := newHome(t), newGate(t)
	host := strings.TrimPrefix(g.URL, "http://")
	s := h.serveProcess("--app", h.application("shop-abcde"), "--http-host", host, "--grace", "2m")
	slow := s.callSlow(g)
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	until(t, "new connections are refused", func() bool {
		_, _, err := s.try("GET", "/healthz", "", "")
		return errors.Is(err, syscall.ECONNREFUSED)
	})
	g.open()
	if got := <-slow; got.err != nil || got.status != 200 || got.body != `"done"` {
		t.Errorf("the slow request: %+v", got)
	}
	if err := s.cmd.Wait(); err != nil || !strings.HasSuffix(s.log.String(), "msg=ended\n") {
		t.Errorf("it ended with %v\n%s", err, s.log)
	}
}

// A second signal ends the process at once, and the end of the grace period ends it with 0.
func TestServeSecondSignal(t *testing.T) {
	t.Parallel()
	h, g := newHome(t), newGate(t)
	dir, host := h.application("shop-abcde"), strings.TrimPrefix(g.URL, "http://")
	for _, c := range []struct {
		grace string
		twice bool
	}{{"2m", true}, {"100ms", false}} {
		s := h.serveProcess("--app", dir, "--http-host", host, "--grace", c.grace)
		cut := s.callSlow(g)
		if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		until(t, "it is ending", func() bool { return strings.Contains(s.log.String(), `msg="shutting down: `) })
		code := 0
		if c.twice {
			code = s.end(syscall.SIGTERM)
		} else {
			_ = s.cmd.Wait()
			code = s.cmd.ProcessState.ExitCode()
		}
		if c.twice == (code == 0) {
			t.Errorf("grace %s: it ended with %d", c.grace, code)
		}
		if got := <-cut; got.err == nil {
			t.Errorf("grace %s: the request was answered: %+v", c.grace, got)
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
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &secret.PublicKey, secret)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY",
		Bytes: private}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func TestServeTLS(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	cert, key := certificate(t, h.dir)
	h.env = append(h.env, "DOSSIER_TLS_CERT="+cert, "DOSSIER_TLS_KEY="+key)
	s := h.serve()
	if !strings.HasPrefix(s.URL, "https://127.0.0.1:") {
		t.Fatalf("it is at %s", s.URL)
	}
	_, body := s.request("GET", clientAPI+"/app/"+s.App+"/location", "", "")
	if !strings.Contains(body, `"hostname":"`+s.URL+`"`) || !strings.Contains(body, `"ws_hostname":"wss://`) {
		t.Errorf("location %s", body)
	}
}

// The embedded workspace's credentials are public: web pages from the internet cannot use it, also not under a host
// name that resolves to this machine.
func TestServeRejectsForeignPages(t *testing.T) {
	t.Parallel()
	s := newUsedHome(t).serve()
	signIn := func(host, origin string) int {
		t.Helper()
		r, err := http.NewRequest("POST", s.URL+clientAPI+"/app/"+s.App+"/auth/providers/anon-user/login",
			strings.NewReader("{}"))
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
	if got := signIn("localhost", "http://localhost:3000"); got != 200 {
		t.Errorf("a page of this machine: %d", got)
	}
	if got := signIn("localhost", "https://evil.example.com"); got != 403 {
		t.Errorf("a page of the internet: %d", got)
	}
	if got := signIn("evil.example.com", ""); got != 403 {
		t.Errorf("a name of the internet: %d", got)
	}
}

// A second process on the same workspace forwards requests, with the client's address, to the first.
func TestServeBesideTheHolder(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	holder, proxy := h.serveProcess(), h.serveProcess("--log", filepath.Join(h.dir, "proxy.log"))
	token := proxy.anonymous(proxy.App)
	if status, body := proxy.request("GET", "/readyz", "", ""); status != 200 {
		t.Errorf("ready: %d %s", status, body)
	}
	if _, body := proxy.request("GET", clientAPI+"/app/"+proxy.App+"/location", "", ""); !strings.Contains(body,
		proxy.URL) {
		t.Errorf("location %s", body)
	}
	if status, body := holder.request("GET", clientAPI+"/auth/profile", token, ""); status != 200 {
		t.Errorf("the holder: %d %s", status, body)
	}
	if !strings.Contains(holder.log.String(), "remote=127.0.0.1") {
		t.Error("the holder's log lacks the client's address")
	}
	if code := holder.end(os.Interrupt); code != 0 {
		t.Errorf("the holder ended with %d", code)
	}
	if status, body := proxy.request("GET", clientAPI+"/auth/profile", token, ""); status != 200 {
		t.Errorf("after the holder ended: %d %s", status, body)
	}
	if kept, err := os.ReadFile(filepath.Join(h.dir, "proxy.log")); err != nil || !strings.Contains(string(kept),
		"route=proxy") || strings.Contains(string(kept), token) {
		t.Errorf("the proxy's log: %v\n%s", err, kept)
	}
}

func TestServeUsageErrors(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	cert, key := certificate(t, h.dir)
	dir := h.application("shop-abcde")
	for want, args := range map[string][]string{
		"set both or neither": {"--tls-cert", cert},
		"no-such.pem":         {"--tls-cert", cert, "--tls-key", "no-such.pem"},
		key:                   {"--tls-cert", key, "--tls-key", key},
		`"10.0.0.0/99"`:       {"--trust-proxy", "10.0.0.0/99"},
		`"example.com"`:       {"--public-url", "example.com"},
		"text or json":        {"--log-format", "xml"},
		"--log: ":             {"--log", filepath.Join(h.dir, "no", "such", "directory")},
		"--token-life: ":      {"--token-life", "10s"},
		"--app-id: requires":  {"--app", dir, "--app-id", "other"},
		"not be negative":     {"--rate", "-1"},
		"loopback only":       {"--listen", "0.0.0.0:0"},
		"--listen 1.2.3.4:":   {"--app", dir, "--listen", "1.2.3.4:1"},
		"--metrics 1.2.3.4":   {"--app", dir, "--metrics", "1.2.3.4:1"},
		"is not a readable":   {"--app", filepath.Join(h.dir, "nothing")},
	} {
		r := h.run("", append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
		if r.code != 2 || !strings.Contains(r.err, want) || r.out != "" {
			t.Errorf("serve %v: expected %q in %+v", args, want, r)
		}
	}
}

// A process that starts dossier can try again with the same address.
func TestFailedServeReleasesItsAddress(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	if r := h.run("", "serve", "--listen", address, "--metrics", "1.2.3.4:1"); r.code != 2 {
		t.Fatalf("%+v", r)
	}
	if l, err = net.Listen("tcp", address); err != nil {
		t.Fatalf("after the failed start: %v", err)
	}
	l.Close()
}
