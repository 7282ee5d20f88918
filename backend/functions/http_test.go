package functions

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"dossier/backend/api"
)

// TestHTTP: functions can reach the allowed hosts, by name and port, and no others, not even by redirects.
func TestHTTP(t *testing.T) {
	forbidden := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter,
		*http.Request) {
		t.Error("a forbidden host was reached")
	}))
	defer forbidden.Close()
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(rw, r, forbidden.URL, http.StatusFound)
		case "/near":
			http.Redirect(rw, r, "/echo?n=1", http.StatusFound)
		case "/round":
			http.Redirect(rw, r, "/round", http.StatusFound)
		case "/large":
			_, _ = io.Copy(rw, io.LimitReader(zeros{}, maxResponseBody+1))
		case "/slow":
			<-r.Context().Done()
		case "/fail":
			http.Error(rw, "no", http.StatusTeapot)
		default:
			body, _ := io.ReadAll(r.Body)
			rw.Header().Set("X-Two", "a")
			rw.Header().Add("X-Two", "b")
			http.SetCookie(rw, &http.Cookie{Name: "c", Value: "v"})
			user, password, _ := r.BasicAuth()
			fmt.Fprintf(rw, "%s %s %s type=%s h=%v auth=%s:%s cookie=%s", r.Method, r.URL.RequestURI(), body,
				r.Header.Get("Content-Type"), r.Header["X-Own"], user, password, r.Header.Get("Cookie"))
		}
	}))
	defer s.Close()
	w := newFixture(t, map[string]string{"make": `exports = async text => eval(text)`}, nil)
	host := strings.TrimPrefix(s.URL, "http://")
	w.functions.hosts = hosts{host}
	w.functions.client = w.functions.hosts.newClient()
	text := func(call string) string {
		return strings.ReplaceAll(`context.http.`+call+`.then(r => r.body.text())`, "URL", s.URL)
	}
	for code, want := range map[string]string{
		text(`get({url: "URL/echo?q=1"})`): `"GET /echo?q=1  type= h=[] auth=: cookie="`,
		text(`get({scheme: "http", host: "` + host +
			`", path: "/echo", query: {a: ["1", "2"]}})`): `"GET /echo?a=1&a=2  type= h=[] auth=: cookie="`,
		text(`post({url: "URL/", body: {n: 1, id: BSON.Long("2")}, encodeBodyAsJSON: true})`):                      `"POST / {\"n\":1,\"id\":2} type=application/json h=[] auth=: cookie="`,
		text(`put({url: "URL/", body: "plain", headers: {"X-Own": ["a", "b"]}})`):                                  `"PUT / plain type= h=[a b] auth=: cookie="`,
		text(`patch({url: "URL/", form: {a: "1 2"}, username: "u", password: "p"})`):                               `"PATCH / a=1+2 type=application/x-www-form-urlencoded h=[] auth=u:p cookie="`,
		text(`send({method: "options", url: "URL/", body: BSON.Binary.fromBase64("YWI="), cookies: {k: "v"}})`):    `"OPTIONS / ab type= h=[] auth=: cookie=k=v"`,
		text(`get({url: "URL/near", followRedirects: true})`):                                                      `"GET /echo?n=1  type= h=[] auth=: cookie="`,
		text(`delete({url: "URL/"}).then(r => r)`):                                                                 `"DELETE /  type= h=[] auth=: cookie="`,
		`context.http.get({url: "` + s.URL + `/near"}).then(r => r.statusCode)`:                                    `{"$numberInt":"302"}`,
		`context.http.get({url: "` + s.URL + `/fail"}).then(r => [r.status, r.statusCode])`:                        `["418 I'm a teapot",{"$numberInt":"418"}]`,
		`context.http.head({url: "` + s.URL + `/"}).then(r => [r.headers["X-Two"], r.cookies.c, r.contentLength])`: `[["a","b"],"v",{"$numberInt":"0"}]`,
	} {
		w.expect(want, "make", quote(code))
	}
	there, err := url.Parse(forbidden.URL)
	if err != nil {
		t.Fatal(err)
	}
	for code, want := range map[string]string{
		text(`get({url: "` + forbidden.URL + `"})`): `requests to \"` +
			there.Host + `\" are not allowed`,
		text(`get({url: "URL/away", followRedirects: true})`):                                      `are not allowed`,
		text(`get({url: "http://` + host + `@` + there.Host + `/"})`):                              `are not allowed`,
		text(`get({url: "http://127.0.0.1/"})`):                                                    `are not allowed`,
		text(`get({host: "evil/` + host + `", scheme: "http"})`):                                   `url or host is required`,
		text(`get({url: "file:///etc/passwd"})`):                                                   `is not a URL`,
		text(`get({url: "ftp://` + host + `/"})`):                                                  `the URL must begin with https://`,
		text(`get({url: "URL/round", followRedirects: true})`):                                     `too many redirects`,
		text(`get({url: "URL/large"})`):                                                            `more than 16777216 bytes`,
		text(`post({url: "URL/", body: new Uint8Array(5 << 20)})`):                                 `the body has 5242880 bytes`,
		text(`get({url: "URL/", headers: {a: {b: 1}}})`):                                           `headers.a must be a string`,
		text(`get({url: "URL/", headers: {"a\nb": "c"}})`):                                         `invalid header`,
		text(`get("URL/")`):                                                                        `the argument must be an object`,
		`context.http.get({url: "` + forbidden.URL + `"}).catch(e => { throw new Error(e.code) })`: `RestrictedHost`,
	} {
		if got := w.expectError(api.CodeFunctionExecutionError, "make",
			quote(code)); !strings.Contains(strings.ReplaceAll(got, `\\\"`, `\"`), want) {
			t.Errorf("%s: %s, want %q", code, got, want)
		}
	}
	w.functions.options.Deadline = 50 * time.Millisecond
	w.expectError(api.CodeExecutionTimeLimitExceeded, "make", quote(text(`get({url: "URL/slow"})`)))
}

// zeros is an endless stream of zero bytes.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestHosts(t *testing.T) {
	h := hosts{"api.example.com", "other.example.com:8443", "[::1]:80", "2001:db8::1"}
	for address, want := range map[string]bool{
		"https://api.example.com/x": true, "http://API.example.com/": true, "https://api.example.com:443/": true,
		"https://api.example.com:8443/":   false,
		"https://other.example.com:8443/": true, "https://other.example.com/": false, "https://sub.api.example.com/": false,
		"https://api.example.com.evil.org/": false,
		"http://[::1]/":                     true, "http://[2001:db8::1]/": true, "http://[2001:db8::2]/": false,
		"https://example.com/": false, "http://api.example.com@evil.org/": false,
		"ws://api.example.com/": false,
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := h.allows(u); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
	if (hosts{}).check(&url.URL{Scheme: "http", Host: "localhost"}) == nil {
		t.Error("loopback is allowed without configuration")
	}
}
