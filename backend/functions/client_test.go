package functions_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend"
	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/auth"
	"dossier/backend/backendtest"
	"dossier/backend/storetest"
)

// post sends a body and returns status and body of the response.
func post(t *testing.T, w *backendtest.Harness, path, token, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", api.ContentType)
	req.Header.Set("User-Agent", "tests")
	req.Header.Set("X-Mine", "yes")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// TestOverHTTP calls functions as a client does: with whose permissions they run, what they see of the request, what
// they return.
func TestOverHTTP(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		_,
			_ = rw.Write([]byte(`{"n":{"$numberLong":"7"}}`))
	}))
	defer elsewhere.Close()
	const who = `exports = () => [context.user.data.email || "no email", context.user.custom_data.color || "none", context.runningAsSystem()]`
	config := []string{`{"name":"writeCustomUserData"}`}
	files := map[string]string{"functions/node_modules/double/index.js": `module.exports = x => 2 * x`}
	add := func(name, more, source string) {
		config = append(config, `{"name":"`+name+`"`+more+`}`)
		files["functions/"+name+".js"] = source
	}
	add("who", "", who)
	add("as", `,"run_as_user_id_script_source":"exports = id => id"`, who)
	add("system", `,"run_as_system":true`, who)
	add("request", "", `exports = () => { const r = context.request; return [typeof r.remoteIPAddress, r.httpUserAgent, JSON.stringify(r.requestHeaders).includes("yes"), JSON.stringify(r).includes("Bearer")] }`)
	add("ids", "", `exports = () => [context.app.clientAppId, context.app.id]`)
	add("fetch", "", `exports = async () => { const r = await context.http.get({url: "`+elsewhere.URL+
		`"}); return EJSON.parse(r.body.text()) }`)
	add("module", "", `const double = require("double"); exports = n => double(n)`)
	add("throws", "", `exports = async () => { throw new Error("boom") }`)
	add("undefined", "", `exports = () => {}`)
	add("hidden", `,"private":true`, who)
	files["functions/config.json"] = "[" + strings.Join(config, ",") + "]"
	w := backendtest.StartWith(t, backendtest.Options{
		Files:      storetest.With(t, app.Demo(), files),
		EditConfig: func(c *backend.Config) { c.HTTPHosts = []string{strings.TrimPrefix(elsewhere.URL, "http://")} },
	})
	w.CreateUser(t, "ada@example.com", "correct horse", bson.D{{Key: "color", Value: "pink"}})
	grace := w.CreateUser(t, "grace@example.com", "battery staple", bson.D{{Key: "color", Value: "green"}})
	status, body := post(t, w, api.LoginPath(w.AppID, api.EmailPassword), "",
		`{"username":"ada@example.com","password":"correct horse"}`)
	var in struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(body), &in); err != nil || status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	for _, c := range []struct {
		name, args, want string
		status           int
	}{
		{"who", ``, `["ada@example.com","pink",false]`, 200},
		{"as", `"` + grace + `"`, `["grace@example.com","green",false]`, 200},
		{"as", `"5f1f298f757611faec901d0f"`, `the user \"5f1f298f757611faec901d0f\", who does not exist`, 400},
		{"system", ``, `["no email","pink",true]`, 200},
		{"request", ``, `["string","tests",true,false]`, 200},
		{"ids", ``, `["` + w.AppID + `","` + auth.DomainID(w.AppID) + `"]`, 200},
		{"fetch", ``, `{"n":{"$numberLong":"7"}}`, 200},
		{"module", `{"$numberInt":"21"}`, `{"$numberInt":"42"}`, 200},
		{"throws", ``, `"error":"{\"message\":\"boom\",\"name\":\"Error\"}","error_code":"FunctionExecutionError"`, 400},
		{"undefined", ``, `{"$undefined":true}`, 200},
		{"hidden", ``, `function not found`, 400},
	} {
		status, body := post(t, w, api.CallPath(w.AppID), in.Token, `{"name":"`+c.name+`","arguments":[`+c.args+`]}`)
		if status != c.status || (status == 200 && body != c.want) || !strings.Contains(body, c.want) {
			t.Errorf("%s(%s): %d %s, want %s", c.name, c.args, status, body, c.want)
		}
	}
}

// TestOneUserDoesNotTakeAllSlots: many waiting calls of one user leave slots for other users.
func TestOneUserDoesNotTakeAllSlots(t *testing.T) {
	const calls, most = 20, 8
	arrived, release := make(chan struct{}, calls), make(chan struct{})
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter,
		*http.Request) {
		arrived <- struct{}{}
		<-release
	}))
	defer elsewhere.Close()
	w := backendtest.StartWith(t, backendtest.Options{
		Files: storetest.With(t, app.Demo(), map[string]string{
			"functions/config.json": `[{"name":"writeCustomUserData"},{"name":"wait"},{"name":"quick"}]`,
			"functions/quick.js":    `exports = () => 1`,
			"functions/wait.js":     `exports = async () => (await context.http.get({url: "` + elsewhere.URL + `"})).statusCode`,
		}),
		EditConfig: func(c *backend.Config) { c.HTTPHosts = []string{strings.TrimPrefix(elsewhere.URL, "http://")} },
	})
	var busy, other struct {
		Token string `json:"access_token"`
	}
	for _, in := range []any{&busy, &other} {
		if _, body := post(t, w, api.LoginPath(w.AppID, api.Anonymous), "", `{}`); json.Unmarshal([]byte(body), in) != nil {
			t.Fatal(body)
		}
	}
	call := func(token, name string) int {
		status, _ := post(t, w, api.CallPath(w.AppID), token, `{"name":"`+name+`","arguments":[]}`)
		return status
	}
	done := make(chan int, calls)
	for range calls {
		go func() { done <- call(busy.Token, "wait") }()
	}
	for range most {
		<-arrived
	}
	if status := call(other.Token, "quick"); status != http.StatusOK {
		t.Errorf("another user's call: %d", status)
	}
	if more := len(arrived); more > 0 {
		t.Errorf("one user has %d calls more than %d at a time", more, most)
	}
	close(release)
	for range calls {
		if status := <-done; status != http.StatusOK {
			t.Errorf("a call that waited: %d", status)
		}
	}
}
