package server_test

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dossier/backend"
	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/backendtest"
	"dossier/backend/server"
)

// application returns a running service as an application of an AppRouter.
func application(h *backendtest.Harness) server.Application {
	return server.Application{
		AppID: h.AppID, Origins: server.Origins{Allowed: h.App.Origins}, Handler: h.Service.WithoutMiddleware(),
		Ping: h.Service.Ping, EndStreams: h.Service.EndStreams,
	}
}

// startAppRouter serves the services at one address, and sets their URL to it.
func startAppRouter(t *testing.T, d server.Middleware, worlds ...*backendtest.Harness) {
	t.Helper()
	var sites []server.Application
	for _, h := range worlds {
		sites = append(sites, application(h))
	}
	d.Now, d.Random = worlds[0].Clock.Now, rand.Reader
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	f, err := server.NewAppRouter(d, sites...)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	for _, h := range worlds {
		h.URL = s.URL
	}
}

// listen returns an AppRouter of one application, and a listener.
func listen(t *testing.T, s server.Application) (*server.AppRouter, net.Listener) {
	t.Helper()
	f, err := server.NewAppRouter(server.Middleware{Now: time.Now, Random: rand.Reader,
		Log: slog.New(slog.DiscardHandler)}, s)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return f, l
}

// getOnNewConnection sends a request over a new connection. It fails when the connection is refused.
func getOnNewConnection(t *testing.T, url string) error {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", url+"/", nil)
	if err != nil {
		return err
	}
	res, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// requestHost sends a request with a given Host header.
func requestHost(t *testing.T, h *backendtest.Harness, host, method, path string) response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, h.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response{res.StatusCode, res.Header, string(text)}
}

func localOriginsOnly(c *backend.Config) { c.LocalOriginsOnly = true }

func secondID(a *app.App) { a.ID = "second-" + a.ID }

// The path selects the application, or the token when the path does not name one.
func TestSeveralApplicationsAtOneAddress(t *testing.T) {
	one, two := backendtest.Start(t), backendtest.StartWith(t, backendtest.Options{EditApp: secondID, ShortTimeouts: true})
	startAppRouter(t, server.Middleware{}, one, two)
	for _, h := range []*backendtest.Harness{one, two} {
		body := request(t, h, "GET", api.LocationPath(h.AppID), "", "").expect(t, 200, "", "").object(t)
		if body["hostname"] != h.URL {
			t.Errorf("location %v", body)
		}
		register(t, h, "ada@example.com", "correct horse").expect(t, 201, "", "")
		a := login(t, h, "ada@example.com", "correct horse").session(t)
		if profile := request(t, h, "GET", api.ProfilePath, a.Access, "").expect(t, 200, "",
			"").object(t); profile["user_id"] != a.ID {
			t.Errorf("profile %v of %s", profile, a.ID)
		}
		request(t, h, "POST", api.SessionPath, a.Refresh, "").expect(t, 201, "", "")
		request(t, h, "POST", api.APIKeysPath, a.Refresh, `{"name":"k"}`).expect(t, 201, "", "")
		request(t, h, "DELETE", api.SessionPath, a.Refresh, "").expect(t, 204, "", "")
		request(t, h, "POST", api.SessionPath, a.Refresh, "").expect(t, 401, "InvalidSession", "failed to find refresh token")
	}
	a := anonymous(t, one)
	request(t, two, "POST", api.CallPath(two.AppID), a.Access, `{"name":"f"}`).expect(t, 401, "UserAppDomainMismatch",
		"another application")
	request(t, one, "GET", api.LocationPath("third"), "", "").expect(t, 404, "",
		"cannot find app using Client App ID 'third'")
	request(t, one, "POST", api.LoginPath("third", api.Anonymous), "", "{}").expect(t, 404, "",
		"cannot find app using Client App ID 'third'")
	for _, token := range []string{"null", "a.b.c", "a.e30.c", strings.Repeat("x", 100)} {
		request(t, one, "GET", api.ProfilePath, token, "").expect(t, 401, "InvalidSession", "")
	}
	request(t, one, "GET", api.ProfilePath, "", "").expect(t, 401, "", "expected Authorization header")
	request(t, one, "DELETE", api.DeletePath, anonymous(t, two).Access, "").expect(t, 204, "", "")
	request(t, one, "GET", "/", "", "").expect(t, 404, "", "no endpoint GET /")
	request(t, one, "GET", "/healthz", "", "").expect(t, 200, "", "")
	request(t, one, "GET", "/readyz", "", "").expect(t, 200, "", "")
	two.Connection.Cut()
	down := request(t, one, "GET", "/readyz", "", "").expect(t, 503, "", "the database does not respond")
	if strings.Contains(down.Body, two.AppID) || down.Header.Get("Retry-After") == "" {
		t.Errorf("not ready: %s", down.Body)
	}
	anonymous(t, one)
}

func TestApplicationsNeedDifferentIDs(t *testing.T) {
	h := backendtest.Start(t)
	d := server.Middleware{Now: time.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)}
	if _, err := server.NewAppRouter(d, application(h), application(h)); err == nil || !strings.Contains(err.Error(),
		h.AppID) {
		t.Errorf("two of one id: %v", err)
	}
	if _, err := server.NewAppRouter(d); err == nil {
		t.Error("a router without applications was created")
	}
}

// With a list of origins other origins are refused; requests without an Origin header are not affected.
func TestAllowedOrigins(t *testing.T) {
	h := backendtest.StartWith(t, backendtest.Options{EditApp: func(a *app.App) {
		a.Origins = []string{"https://shop.example.com"}
	}})
	a := anonymous(t, h)
	page := func(origin, method, path string) response {
		return requestWithHeader(t, h, method, path, http.Header{"Origin": {origin}, "Authorization": {"Bearer " + a.Access}},
			"")
	}
	for _, method := range []string{"GET", "OPTIONS"} {
		got := page("https://shop.example.com", method, api.ProfilePath)
		if got.Status >= 300 || got.Header.Get("Access-Control-Allow-Origin") != "https://shop.example.com" ||
			got.Header.Get("Vary") != "Origin" ||
			got.Header.Get("Access-Control-Allow-Credentials") != "true" ||
			!strings.Contains(got.Header.Get("Access-Control-Expose-Headers"), "x-baas-location") {
			t.Errorf("%s of a page that may: %d %v", method, got.Status, got.Header)
		}
		got = page("https://evil.example.com", method, api.ProfilePath).expect(t, 403, "", "https://evil.example.com")
		if got.Header.Get("Access-Control-Allow-Origin") != "" || got.Header.Get("Vary") != "Origin" {
			t.Errorf("%s of a page that may not: %v", method, got.Header)
		}
	}
	if got := request(t, h, "GET", api.ProfilePath, a.Access, "").expect(t, 200, "",
		""); got.Header.Get("Access-Control-Allow-Origin") != "" || got.Header.Get("Vary") != "Origin" {
		t.Errorf("no page: %v", got.Header)
	}
}

// A CORS preflight has no token: an application that allows its origin responds.
func TestPreflightWithoutApplication(t *testing.T) {
	origins := func(origin string, change func(*app.App)) backendtest.Options {
		return backendtest.Options{EditApp: func(a *app.App) { change(a); a.Origins = []string{origin} }}
	}
	one := backendtest.StartWith(t, origins("https://one.example.com", func(*app.App) {}))
	two := backendtest.StartWith(t, origins("https://two.example.com", secondID))
	startAppRouter(t, server.Middleware{}, one, two)
	for origin, want := range map[string]int{"https://one.example.com": 204, "https://two.example.com": 204,
		"https://three.example.com": 403} {
		h := http.Header{"Origin": {origin}, "Access-Control-Request-Method": {"GET"}}
		if got := requestWithHeader(t, one, "OPTIONS", api.ProfilePath, h, ""); got.Status != want {
			t.Errorf("%s: %d %v", origin, got.Status, got.Header)
		}
	}
	a := anonymous(t, one)
	h := http.Header{"Origin": {"https://two.example.com"}, "Authorization": {"Bearer " + a.Access}}
	requestWithHeader(t, one, "GET", api.ProfilePath, h, "").expect(t, 403, "", "allowed_request_origins")
}

// With public credentials, pages from the internet are refused, by their origin and by their host name (DNS rebinding).
func TestPublicCredentialsRequireLocalOrigin(t *testing.T) {
	h := backendtest.StartWith(t, backendtest.Options{EditConfig: localOriginsOnly})
	startAppRouter(t, server.Middleware{LocalOnly: true, PublicURL: "https://data.example.com"}, h)
	for origin, want := range map[string]int{"http://localhost:3000": 200, "http://127.0.0.1:8080": 200,
		"https://evil.example.com": 403, "null": 403} {
		got := requestWithHeader(t, h, "POST", api.LoginPath(h.AppID, api.Anonymous), http.Header{"Origin": {origin}}, "{}")
		if got.Status != want {
			t.Errorf("a page of %s: %d %s", origin, got.Status, got.Body)
		}
	}
	for host, want := range map[string]int{"localhost:9080": 200, "data.example.com": 200, "evil.example.com:9080": 403} {
		if got := requestHost(t, h, host, "GET", api.LocationPath(h.AppID)); got.Status != want {
			t.Errorf("host %s: %d %s", host, got.Status, got.Body)
		}
	}
}

// The access log has one line for each request, without secrets.
func TestRequestsAreLogged(t *testing.T) {
	h := backendtest.Start(t)
	var log backendtest.Log
	startAppRouter(t, server.Middleware{Log: slog.New(slog.NewJSONHandler(&log, nil)),
		Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, h)
	register(t, h, "ada@example.com", "correct horse")
	a := login(t, h, "ada@example.com", "correct horse").session(t)
	header := http.Header{"Authorization": {"Bearer " + a.Access}, "X-Request-Id": {"trace-0.A_1"},
		"X-Forwarded-For": {"203.0.113.9"}}
	got := requestWithHeader(t, h, "GET", api.ProfilePath+"?password=hunter2", header, "").expect(t, 200, "", "")
	if got.Header.Get("X-Request-Id") != "trace-0.A_1" {
		t.Errorf("the request's id was %q", got.Header.Get("X-Request-Id"))
	}
	for _, odd := range []string{"a b", strings.Repeat("x", 65), `"},{"`} {
		if got := requestWithHeader(t, h, "GET", api.ProfilePath, http.Header{"X-Request-Id": {odd}},
			""); len(got.Header.Get("X-Request-Id")) != 16 {
			t.Errorf("%q is taken as an id: %q", odd, got.Header.Get("X-Request-Id"))
		}
	}
	request(t, h, "GET", "/healthz", "", "")
	lines := log.String()
	for _, want := range []string{
		`"request":"trace-0.A_1","method":"GET","route":"` + api.ProfilePath + `","status":200,"ms":`,
		`"app":"` + h.AppID + `","user":"` + a.ID + `","remote":"203.0.113.9"`,
		`/auth/providers/{provider}/login","status":200`,
	} {
		if !strings.Contains(lines, want) {
			t.Errorf("no %s in the log:\n%s", want, lines)
		}
	}
	for _, secret := range []string{a.Access, a.Refresh, "correct horse", "hunter2", "ada@", "healthz"} {
		if strings.Contains(lines, secret) {
			t.Errorf("%q is in the log:\n%s", secret, lines)
		}
	}
	if n := strings.Count(lines, `"msg":"request"`); n != 6 {
		t.Errorf("%d lines for 6 requests:\n%s", n, lines)
	}
}

// The link of an error response ends in the request id of the log, and its page explains that.
func TestErrorLinksToLog(t *testing.T) {
	h := backendtest.Start(t)
	got := request(t, h, "GET", api.ProfilePath, "", "").expect(t, 401, "", "")
	id := got.Header.Get("X-Request-Id")
	if link := got.object(t)["link"]; link != h.URL+"/logs?co_id="+id {
		t.Errorf("link %v of request %s", link, id)
	}
	if !strings.Contains(h.Log.String(), "request="+id) {
		t.Errorf("%s is not in the log %s", id, h.Log.String())
	}
	request(t, h, "GET", "/logs?co_id="+id, "", "").expect(t, 404, "", "request="+id)
	request(t, h, "GET", "/logs?co_id=%22evil%22", "", "").expect(t, 404, "", "request=ID")
	public := backendtest.StartWith(t, backendtest.Options{PublicURL: "https://data.example.com/"})
	if link, _ := request(t, public, "GET", "/nothing", "", "").object(t)["link"].(string); !strings.HasPrefix(link,
		"https://data.example.com/logs?co_id=") {
		t.Errorf("link %q", link)
	}
}

// Forwarding headers count only when the peer is a trusted proxy.
func TestForwardingHeadersOfTrustedProxies(t *testing.T) {
	h := http.Header{"X-Forwarded-For": {"203.0.113.9"}, "X-Forwarded-Proto": {"https"}}
	trusting, wary := backendtest.Start(t), backendtest.Start(t)
	startAppRouter(t, server.Middleware{Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		RequestsPerSecond: 1}, trusting)
	startAppRouter(t, server.Middleware{RequestsPerSecond: 1}, wary)
	if got := requestWithHeader(t, trusting, "GET", api.LocationPath(trusting.AppID), h,
		"").object(t)["hostname"].(string); !strings.HasPrefix(got, "https://") {
		t.Errorf("behind a proxy with TLS: %s", got)
	}
	requestWithHeader(t, trusting, "GET", "/healthz", h, "").expect(t, 200, "", "")
	limited := requestWithHeader(t, trusting, "GET", "/healthz", h, "").expect(t, 429, "", "too many requests")
	if limited.Header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After %q", limited.Header.Get("Retry-After"))
	}
	h.Set("X-Forwarded-For", "203.0.113.10")
	requestWithHeader(t, trusting, "GET", "/healthz", h, "").expect(t, 200, "", "")
	if got := requestWithHeader(t, wary, "GET", api.LocationPath(wary.AppID), h,
		"").object(t)["hostname"].(string); !strings.HasPrefix(got, "http://") {
		t.Errorf("an untrusted peer claims TLS: %s", got)
	}
	for range 5 {
		requestWithHeader(t, wary, "GET", "/healthz", h, "").expect(t, 200, "", "")
	}
}

// Functions and rules see the request without its tokens.
func TestFunctionsSeeTheRequest(t *testing.T) {
	h := backendtest.StartWith(t, backendtest.Options{EditApp: func(a *app.App) {
		a.Functions["echo"] = &app.Function{Name: "echo", Source: "exports = () => context.request",
			CanEvaluate: a.Functions["writeCustomUserData"].CanEvaluate}
	}})
	a := anonymous(t, h)
	header := http.Header{
		"Authorization": {"Bearer " + a.Access}, "Cookie": {"session=hunter2"}, "User-Agent": {"shop/1.0 \xff"},
		"Referer": {"https://shop.example.com/x"},
		"X-Two":   {"one", "two"},
	}
	got := requestWithHeader(t, h, "POST", api.CallPath(h.AppID)+"?a=1&baas_at=hunter2&b%61as_at=hunter2&b=%20", header,
		`{"name":"echo","arguments":[]}`).expect(t, 200, "", "").object(t)
	for key, want := range map[string]string{
		"remoteIPAddress": "127.0.0.1", "httpMethod": "POST", "httpUserAgent": "shop/1.0 \uFFFD",
		"httpReferrer":   "https://shop.example.com/x",
		"rawQueryString": "a=1&b=%20", "service": "", "action": "echo",
	} {
		if got[key] != want {
			t.Errorf("%s is %q, want %q", key, got[key], want)
		}
	}
	headers, _ := got["requestHeaders"].(map[string]any)
	if two, _ := headers["X-Two"].([]any); len(two) != 2 || headers["Authorization"] != nil || headers["Cookie"] != nil {
		t.Errorf("headers %v", headers)
	}
}

// On shutdown new connections are refused, streams end and running requests finish.
func TestGracefulShutdown(t *testing.T) {
	h := backendtest.Start(t)
	if watchUnsupported(t, h) {
		return
	}
	a := anonymous(t, h)
	started, finish := make(chan struct{}), make(chan struct{})
	slow := application(h)
	inside := slow.Handler
	slow.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			close(started)
			<-finish
			rw.WriteHeader(http.StatusTeapot)
			return
		}
		inside.ServeHTTP(rw, r)
	})
	f, l := listen(t, slow)
	ctx, end := context.WithCancel(t.Context())
	defer end()
	served := make(chan error, 1)
	go func() {
		served <- f.Serve(ctx, l, server.ServeOptions{GracePeriod: time.Minute})
	}()
	h.URL = "http://" + l.Addr().String()
	slowly := make(chan response, 1)
	go func() { slowly <- request(t, h, "GET", "/slow", "", "") }()
	<-started
	lines := openStream(t, h, "", http.Header{"Authorization": {"Bearer " + a.Access}})
	end()
	for lines.Scan() {
		t.Errorf("unexpected line %q of the stream", lines.Text())
	}
	if err := lines.Err(); err != nil {
		t.Errorf("the stream failed: %v", err)
	}
	if err := getOnNewConnection(t, h.URL); err == nil {
		t.Error("a new connection was accepted during the shutdown")
	}
	select {
	case err := <-served:
		t.Fatalf("Serve returned while a request was running: %v", err)
	default:
	}
	close(finish)
	if got := <-slowly; got.Status != http.StatusTeapot {
		t.Errorf("the slow request got %d", got.Status)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// On shutdown the readiness probe fails at once, and other requests succeed until ShutdownDelay is over.
func TestReadinessFailsDuringShutdownDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		router, err := server.NewAppRouter(
			server.Middleware{Now: time.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)},
			server.Application{AppID: "a", Ping: func(context.Context) error { return nil }, EndStreams: func() {}})
		if err != nil {
			t.Fatal(err)
		}
		l := &pipeListener{make(chan net.Conn), make(chan struct{})}
		client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: l.dial}}
		get := func(path string) int {
			res, err := client.Get("http://localhost" + path)
			if err != nil {
				return 0
			}
			defer res.Body.Close()
			return res.StatusCode
		}
		ctx, shutDown := context.WithCancel(t.Context())
		defer shutDown()
		served := make(chan error, 1)
		go func() {
			served <- router.Serve(ctx, l, server.ServeOptions{ShutdownDelay: time.Hour, GracePeriod: time.Minute})
		}()
		for _, want := range []int{200, 503} {
			if ready, health := get("/readyz"), get("/healthz"); ready != want || health != 200 {
				t.Errorf("ready %d, want %d; health %d", ready, want, health)
			}
			shutDown()
			synctest.Wait()
		}
		start := time.Now()
		if err := <-served; err != nil {
			t.Error(err)
		}
		if waited := time.Since(start); waited != time.Hour {
			t.Errorf("the shutdown took %s", waited)
		}
		if status := get("/healthz"); status != 0 {
			t.Errorf("a new connection was accepted after the shutdown: %d", status)
		}
	})
}

// Requests that run longer than GracePeriod are aborted; that is not an error of Serve.
func TestShutdownAfterGracePeriod(t *testing.T) {
	started := make(chan struct{})
	s := server.Application{AppID: "a", Ping: func(context.Context) error { return nil }, EndStreams: func() {},
		Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(started)
			<-r.Context().Done()
		})}
	f, l := listen(t, s)
	ctx, end := context.WithCancel(t.Context())
	defer end()
	served := make(chan error, 1)
	go func() { served <- f.Serve(ctx, l, server.ServeOptions{GracePeriod: 10 * time.Millisecond}) }()
	cut := make(chan error, 1)
	go func() { cut <- getOnNewConnection(t, "http://"+l.Addr().String()) }()
	<-started
	end()
	if err := <-served; err != nil {
		t.Error(err)
	}
	if err := <-cut; err == nil {
		t.Error("the request got a response")
	}
}
