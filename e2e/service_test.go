package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"dossier/program"
)

const clientAPI = "/api/client/v2.0"

// buffer collects output and may be read at the same time.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// service is a running `dossier serve`.
type service struct {
	t    *testing.T
	log  *buffer
	cmd  *exec.Cmd  // nil in this process
	stop func() int // ends it in this process and returns the exit code

	URL  string   `json:"url"`
	App  string   `json:"app_id"`
	Apps []string `json:"app_ids"`
}

func serveArgs(args []string) []string {
	return append([]string{"serve", "--json", "--listen", "127.0.0.1:0"}, args...)
}

// serve runs dossier serve in this process until the test ends, and waits until it answers.
func (h *home) serve(args ...string) *service {
	h.t.Helper()
	s := &service{t: h.t, log: &buffer{}}
	ctx, cancel := context.WithCancel(h.t.Context())
	reader, writer := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- program.Run(ctx, dependencies(h.dir, h.env, strings.NewReader(""), writer, s.log), serveArgs(args))
		writer.Close()
	}()
	s.stop = sync.OnceValue(func() int { cancel(); return <-code })
	h.t.Cleanup(func() { s.stop() })
	s.started(args, reader)
	return s
}

// serveProcess runs dossier serve as a process until the test ends, and waits until it answers.
func (h *home) serveProcess(args ...string) *service {
	h.t.Helper()
	s := &service{t: h.t, log: &buffer{}, cmd: h.command(serveArgs(args)...)}
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
			s.end(os.Interrupt)
		}
	})
	s.started(args, out)
	return s
}

// started waits for the line that serve prints when it answers.
func (s *service) started(args []string, out io.Reader) {
	s.t.Helper()
	s.t.Cleanup(func() {
		if s.t.Failed() {
			s.t.Logf("the log of dossier serve %v:\n%s", args, s.log)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || json.Unmarshal([]byte(line), s) != nil {
		s.t.Fatalf("dossier serve %v printed %q, %v\n%s", args, line, err, s.log)
	}
}

// end sends a signal to the process and returns its exit code.
func (s *service) end(signal os.Signal) int {
	s.t.Helper()
	if err := s.cmd.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
	_ = s.cmd.Wait()
	return s.cmd.ProcessState.ExitCode()
}

// request sends a request and returns status and body.
func (s *service) request(method, path, token, body string) (int, string) {
	s.t.Helper()
	status, text, err := s.try(method, path, token, body)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	return status, text
}

// try sends a request over a new connection; that it cannot be answered is returned.
func (s *service) try(method, path, token, body string) (int, string, error) {
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

// anonymous signs a new user in and returns their access token.
func (s *service) anonymous(app string) string {
	s.t.Helper()
	status, body := s.request("POST", clientAPI+"/app/"+app+"/auth/providers/anon-user/login", "", "{}")
	var login struct {
		Access string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(body), &login); err != nil || status != 200 {
		s.t.Fatalf("sign in: %d %s", status, body)
	}
	return login.Access
}

// patience limits every wait for something that happens in the background. It is far above what a slow machine needs:
// only a failing test waits that long.
const patience = 2 * time.Minute

// until waits until a condition holds.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited %s in vain: %s", patience, what)
		}
	}
}
