package server_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dossier/backend/api"
	"dossier/backend/backendtest"
	"dossier/backend/server"
)

// pipeListener is a net.Listener whose connections are in-memory pipes.
type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
}

func (l *pipeListener) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}
func (l *pipeListener) Close() error { close(l.done); return nil }
func (*pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

// A client that sends its headers or body too slowly is disconnected.
func TestSlowRequestsTimeOut(t *testing.T) {
	for name, c := range map[string]struct {
		request string
		within  time.Duration
	}{
		"headers": {"POST " + api.SessionPath + " HTTP/1.1\r\nHost: localhost\r\nX-A", 15 * time.Second},
		"body": {"POST " + api.RegisterPath("a") + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50000\r\n\r\n{",
			3 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := server.New(server.Config{AppID: "a", Now: time.Now, Random: rand.Reader,
					Log: slog.New(slog.DiscardHandler)}).HTTPServer()
				l := &pipeListener{make(chan net.Conn), make(chan struct{})}
				served := make(chan error, 1)
				go func() { served <- s.Serve(l) }()
				ours, err := l.dial(t.Context(), "", "")
				if err != nil {
					t.Fatal(err)
				}
				if _, err := io.WriteString(ours, c.request); err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				var writer sync.WaitGroup
				writer.Go(func() {
					for { // a byte every second, until the service closes the connection
						time.Sleep(time.Second)
						if _, err := io.WriteString(ours, "x"); err != nil {
							return
						}
					}
				})
				if _, err := io.Copy(io.Discard, ours); err != nil {
					t.Log(err)
				}
				if took := time.Since(began); took > c.within {
					t.Errorf("cut off after %s", took)
				}
				ours.Close()
				writer.Wait()
				if err := s.Close(); err != nil {
					t.Error(err)
				}
				<-served
			})
		})
	}
}

// sendRaw sends bytes over a new connection and returns the status of the response.
func sendRaw(t *testing.T, h *backendtest.Harness, request string) int {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(h.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		_, _ = io.WriteString(c, request) // the service may respond before it has read all
	}()
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	c.Close()
	<-sent
	return res.StatusCode
}

// Unfinished large bodies occupy limited memory and do not block other calls.
func TestLargeBodiesAreLimited(t *testing.T) {
	h := backendtest.Start(t)
	a := anonymous(t, h)
	start := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s",
		api.CallPath(h.AppID), a.Access, 16<<20, strings.Repeat(" ", 2<<20))
	responses := make(chan int, 20)
	for range cap(responses) {
		c, err := net.Dial("tcp", strings.TrimPrefix(h.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		go func() {
			go func() { _, _ = io.WriteString(c, start) }()
			if res, err := http.ReadResponse(bufio.NewReader(c), nil); err == nil {
				res.Body.Close()
				responses <- res.StatusCode
			}
		}()
	}
	for range cap(responses) - 8 {
		if status := <-responses; status != 429 {
			t.Errorf("status %d", status)
		}
	}
	large := `{"name":"none","arguments":["` + strings.Repeat("x", 2<<20) + `"]}`
	request(t, h, "POST", api.CallPath(h.AppID), a.Access, large).expect(t, 429, "", "too many large calls")
	request(t, h, "POST", api.CallPath(h.AppID), anonymous(t, h).Access, large).expect(t, 400, "FunctionNotFound", "")
	request(t, h, "POST", api.CallPath(h.AppID), a.Access, `{"name":"none"}`).expect(t, 400, "FunctionNotFound", "")
}

// Requests that are too large or nested too deeply are refused.
func TestLargeAndDeepRequests(t *testing.T) {
	h := backendtest.Start(t)
	a := anonymous(t, h)
	header := "Host: localhost\r\nConnection: close\r\n"
	chunks := strings.Repeat(fmt.Sprintf("%x\r\n%s\r\n", 1<<16, strings.Repeat(" ", 1<<16)), 3) + "0\r\n\r\n"
	for name, c := range map[string]struct {
		request string
		status  int
	}{
		"headers":      {"GET / HTTP/1.1\r\n" + header + "X-A: " + strings.Repeat("x", 2<<20) + "\r\n\r\n", 431},
		"many headers": {"GET / HTTP/1.1\r\n" + header + strings.Repeat("X-A: b\r\n", 300_000) + "\r\n", 431},
		"a long path":  {"GET /" + strings.Repeat("x", 2<<20) + " HTTP/1.1\r\n" + header + "\r\n", 431},
		"a body in chunks": {"POST " + api.RegisterPath(h.AppID) + " HTTP/1.1\r\n" + header +
			"Transfer-Encoding: chunked\r\n\r\n" + chunks, 413},
		"two lengths": {"POST " + api.RegisterPath(h.AppID) + " HTTP/1.1\r\n" + header +
			"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400},
		"length and chunks": {"POST " + api.RegisterPath(h.AppID) + " HTTP/1.1\r\n" + header +
			"Content-Length: 2\r\nTransfer-Encoding: nothing\r\n\r\n{}", 501},
	} {
		if got := sendRaw(t, h, c.request); got != c.status {
			t.Errorf("%s: %d, want %d", name, got, c.status)
		}
	}
	for name, body := range map[string]string{
		"objects": `{"name":"f","arguments":[` + strings.Repeat(`{"a":`, 2<<20) + "1" + strings.Repeat("}", 2<<20) + "]}",
		"arrays":  `{"name":"f","arguments":` + strings.Repeat(`[`, 8<<20) + strings.Repeat("]", 8<<20) + "}",
		"open":    strings.Repeat(`[`, 16<<20),
	} {
		if got := request(t, h, "POST", api.CallPath(h.AppID), a.Access, body); got.Status != 400 {
			t.Errorf("deep %s: %d %.200s", name, got.Status, got.Body)
		}
	}
	anonymous(t, h)
}

// FuzzRequest: every request gets a response below 500, and every error response is one that SDKs can decode.
func FuzzRequest(f *testing.F) {
	h := backendtest.Start(f)
	a := anonymous(f, h)
	app, token := api.BasePath+"/app/"+h.AppID, "Bearer "+a.Access
	for _, seed := range []struct{ method, path, query, name, value, body string }{
		{"GET", app + "/location", "", "Origin", "https://example.com", ""},
		{"OPTIONS", app + "/functions/call", "", "Origin", "null", ""},
		{"POST", app + "/auth/providers/anon-user/login", "link=true", "Authorization", token,
			`{"options":{"device":{"deviceId":{"$oid":"5ed10d5dc085000e2c0099f2"}}}}`},
		{"POST", app + "/auth/providers/local-userpass/login", "", "Content-Type", "application/json",
			`{"username":{"$code":"x"},"password":1}`},
		{"POST", app + "/auth/providers/api-key/login", "", "X-Request-Id", "a b", `{"key":null}`},
		{"POST", app + "/auth/providers/custom-token/login", "", "X-Forwarded-For", "a,,b", `{"token":"a.b.c"}`},
		{"POST", app + "/auth/providers/local-userpass/register", "", "Authorization", "Bearer null",
			`{"email":"","password":"\u0000"}`},
		{"POST", app + "/auth/providers/local-userpass/reset", "", "", "", `{"token":"x","tokenId":"y","password":"z"}`},
		{"POST", app + "/auth/providers/local-userpass/confirm", "", "", "", `[]`},
		{"POST", app + "/functions/call", "", "Authorization", token,
			`{"name":"find","service":"mongodb-atlas","arguments":[{"database":"app","collection":"custom_user_data","query":{"$where":1}}]}`},
		{"POST", app + "/functions/call", "", "Authorization", token,
			`{"name":"aggregate","service":"mongodb-atlas","arguments":[{"database":"app","collection":"custom_user_data","pipeline":[{"$match":{"a":{"$in":1}}}]}]}`},
		{"POST", app + "/functions/call", "", "Authorization", token,
			`{"name":"updateOne","service":"mongodb-atlas","arguments":[{"database":"","collection":"$","query":{},"update":{"$set":{"a.$[]":{"$numberInt":"9999999999"}}}}]}`},
		{"POST", app + "/functions/call", "", "Authorization", token,
			`{"name":"writeCustomUserData","arguments":[{"$undefined":true},{"$minKey":1}]}`},
		{"GET", app + "/functions/call", "baas_request=e30&baas_at=" + a.Access, "", "", ""},
		{"POST", api.SessionPath, "", "Authorization", "Bearer " + a.Refresh, ""},
		{"GET", api.ProfilePath, "", "Authorization", "bearer  x.e30.y", ""},
		{"POST", api.APIKeysPath, "", "Authorization", "Bearer " + a.Refresh, `{"name":"k"}`},
		{"PUT", api.APIKeysPath + "/x/enable", "", "Authorization", "Bearer " + a.Refresh, ""},
		{"GET", "//" + api.BasePath + "/../", "%zz&;", "Host", "", ""},
		{"GET", "/logs", "co_id=%00", "Forwarded", `for="[`, ""},
	} {
		f.Add(seed.method, seed.path, seed.query, seed.name, seed.value, seed.body)
	}
	handler := h.Service.Handler()
	f.Fuzz(func(t *testing.T, method, path, query, name, value, body string) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second) // a change stream does not end
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, method, "http://localhost/", strings.NewReader(body))
		if err != nil {
			return // net/http does not accept this method
		}
		r.URL.Path, r.URL.RawQuery, r.RemoteAddr = path, query, "192.0.2.1:4711"
		r.Header[name] = []string{value}
		out := &responseRecorder{header: http.Header{}}
		handler.ServeHTTP(out, r)
		stream := out.header.Get("Content-Type") == "text/event-stream"
		switch {
		case stream:
		case out.status == 503 && ctx.Err() != nil:
		case out.status == 0 || out.status >= 500 && out.status != 501:
			t.Errorf("%s %s: %d %s\n%s", method, path, out.status, out.body, h.Log.String())
		case out.status >= 400:
			var e struct{ Error, Link string }
			if json.Unmarshal([]byte(out.body), &e) != nil || e.Error == "" || !strings.Contains(e.Link, "/logs?co_id=") {
				t.Errorf("%s %s: %d %q", method, path, out.status, out.body)
			}
		}
	})
}

// responseRecorder is an http.ResponseWriter that keeps the response.
type responseRecorder struct {
	header http.Header
	status int
	body   string
}

func (r *responseRecorder) Header() http.Header { return r.header }
func (r *responseRecorder) Flush()              {}
func (r *responseRecorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *responseRecorder) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	r.body += string(b)
	return len(b), nil
}
