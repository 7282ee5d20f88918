package e2e_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
)

// foreign returns the address of a service that is not dossier: dossier's service behind a proxy that removes dossier's
// extensions from location and profile. respond may answer a request itself.
func (s *service) foreign(respond func(w http.ResponseWriter, r *http.Request, body []byte) bool) string {
	s.t.Helper()
	target, err := url.Parse(s.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host },
		FlushInterval: -1,
		ModifyResponse: func(res *http.Response) error {
			path := res.Request.URL.Path
			if !strings.HasSuffix(path, "/auth/profile") && !strings.HasSuffix(path, "/location") {
				return nil
			}
			var object map[string]json.RawMessage
			if err := json.NewDecoder(res.Body).Decode(&object); err != nil {
				return err
			}
			delete(object, "dossier")
			text, err := json.Marshal(object)
			res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
			res.Header.Del("Content-Length")
			return err
		},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if respond == nil || !respond(w, r, body) {
			proxy.ServeHTTP(w, r)
		}
	}))
	s.t.Cleanup(server.Close)
	return server.URL
}

// The location of the custom data at the service of the embedded workspace.
var demoCollection = []string{"--database", "app", "--collection", "custom_user_data", "--user-id-field", "userId"}

// foreignHome returns a machine that is signed in as the demo user at a service that is not dossier, and the arguments
// that name the service.
func foreignHome(t *testing.T, respond func(http.ResponseWriter, *http.Request, []byte) bool) (*home, []string) {
	t.Helper()
	s := newUsedHome(t).serve()
	far := newHome(t)
	service := []string{"--server", s.foreign(respond), "--app-id", s.App}
	r := far.run("demo-password\n", append(service, "login", "demo@example.com", "--password-stdin")...)
	if r.code != 0 {
		t.Fatalf("sign in: %+v", r)
	}
	return far, service
}

// The service does not report where the custom data is: flags, variables and the file do.
func TestSetAtAServiceThatDoesNotReportTheCollection(t *testing.T) {
	t.Parallel()
	h, service := foreignHome(t, nil)
	r := h.run("", append(service, "set", "favoriteColor=red")...)
	if r.code != 1 || !strings.Contains(r.err, "does not report where the custom data is stored") ||
		!strings.Contains(r.err, "set --database, --collection and --user-id-field") {
		t.Errorf("nothing names the collection: %+v", r)
	}
	r = h.run("", append(append(service, demoCollection[:4]...), "set", "favoriteColor=red")...)
	if r.code != 1 || !strings.HasSuffix(r.err, "; set --user-id-field\n") {
		t.Errorf("without the user id field: %+v", r)
	}
	flags := append(append([]string{}, service...), demoCollection...)
	if out := h.ok(append(flags, "set", "favoriteColor=teal")...); out != "old favoriteColor: pink\nnew favoriteColor: "+
		"teal\n" {
		t.Errorf("flags: %q", out)
	}
	if out := h.ok(append(flags, "unset", "favoriteColor")...); out != "old favoriteColor: teal\nnew favoriteColor: "+
		"(absent)\n" {
		t.Errorf("unset: %q", out)
	}
	r = h.run("", append(append(service, demoCollection...), "--service", "other", "set", "favoriteColor=red")...)
	if r.code == 0 || !strings.Contains(r.err, "other") {
		t.Errorf("the flag --service names the data source: %+v", r)
	}

	variables := *h
	variables.env = append([]string{"DOSSIER_DATABASE=app", "DOSSIER_COLLECTION=custom_user_data",
		"DOSSIER_USER_ID_FIELD=userId"}, h.env...)
	if out := variables.ok(append(service, "set",
		"favoriteColor=navy")...); out != "old favoriteColor: (absent)\nnew favoriteColor: navy\n" {
		t.Errorf("variables: %q", out)
	}
	config := filepath.Join(h.dir, "config", "dossier")
	mkdir(t, config)
	h.write(config, "config.toml", "server = \""+service[1]+"\"\napp_id = \""+service[3]+
		"\"\ndatabase = \"app\"\ncollection = \"custom_user_data\"\nuser_id_field = \"userId\"\n")
	if out := h.ok("set", "favoriteColor=red"); out != "old favoriteColor: navy\nnew favoriteColor: red\n" {
		t.Errorf("configuration file: %q", out)
	}
	h.write(config, "config.toml", "uri = \"mongodb://127.0.0.1:1\"\ndatabase = \"a\"\ncollection = "+
		"\"b\"\nuser_id_field = \"c\"\n")
	if out := variables.ok(append(service, "set",
		"favoriteColor=pink")...); out != "old favoriteColor: red\nnew favoriteColor: pink\n" {
		t.Errorf("variables and a configured deployment: %q", out)
	}
	r = h.run("", append(service, "set", "favoriteColor=red")...)
	if r.code != 1 || !strings.Contains(r.err, "set --database, --collection and --user-id-field") {
		t.Errorf("the collection of a configured deployment is not that of the service: %+v", r)
	}
}

// The same on the screen: compare reads the collection of the flags, and edits write to it.
func TestEditAtAServiceThatDoesNotReportTheCollection(t *testing.T) {
	t.Parallel()
	h, service := foreignHome(t, nil)
	term := openTerminal(t, h, 120, 36, append(service, demoCollection...)...)
	term.see("favoriteColor")
	term.press("/")
	term.typeText("favoriteColor")
	term.press("Enter", "e")
	term.see("› pink")
	term.press("C-u")
	term.typeText("purple")
	term.press("C-s")
	term.see("updateOne(")
	term.press("Enter")
	term.see("pink → purple")
	h.ok(append(append(service, demoCollection...), "set", "favoriteColor=teal")...)
	term.press("c")
	term.see("the database holds")
	term.see("now teal")
	term.press("r")
	term.see("purple → teal")
	term.press("Escape")
	term.see("q quit")
	term.press("q")
	term.see("ended with 0")
}

// What a service says about an error is shown as text, however the service wraps it.
func TestErrorsOfAServiceInPlainText(t *testing.T) {
	t.Parallel()
	responses := map[string]string{
		"nested": `{"error":"{\"message\":\"Modifiers operate on fields: \\u003cfield1\\u003e \u0026 more\",\"name\":\"Error\"}",` +
			`"error_code":"FunctionExecutionError"}`,
		"named":       `{"error":"{\"message\":\"x is undefined\",\"name\":\"TypeError\"}"}`,
		"prefixed":    `{"error":"error executing call: {\"error\":\"{\\\"message\\\":\\\"deep\\\"}\"}"}`,
		"escaped":     `{"error":"a \\u003cfield\\u003e of a list"}`,
		"summary":     `{"error":"Bad Request","message":"userId must be a number","statusCode":400}`,
		"repeated":    `{"error":"userId is wrong","message":"Error: userId is wrong"}`,
		"object":      `{"error":{"code":7,"message":"no such document"}}`,
		"list":        `{"errors":[{"message":"first of two"},{"message":"second"}]}`,
		"oauth":       `{"error":"invalid_grant","error_description":"the grant is used"}`,
		"problem":     `{"type":"about:blank","title":"Not valid","detail":"the value is not valid"}`,
		"curly":       `{"error":"expected } after {\"a\": in a text"}`,
		"brace alone": `{"error":"{}"}`,
		"code alone":  `{"error_code":"Strange"}`,
	}
	h, service := foreignHome(t, func(w http.ResponseWriter, r *http.Request, body []byte) bool {
		var call struct{ Name string }
		_ = json.Unmarshal(body, &call)
		response, found := responses[call.Name]
		if found {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, response)
		}
		return found
	})
	for name, want := range map[string]string{
		"nested":      "Modifiers operate on fields: <field1> & more",
		"named":       "TypeError: x is undefined",
		"prefixed":    "error executing call: deep",
		"escaped":     "a <field> of a list",
		"summary":     "Bad Request: userId must be a number",
		"repeated":    "Error: userId is wrong",
		"object":      "no such document",
		"list":        "first of two",
		"oauth":       "invalid_grant: the grant is used",
		"problem":     "the value is not valid",
		"curly":       `expected } after {"a": in a text`,
		"brace alone": "{}",
		"code alone":  "Strange",
	} {
		r := h.run("", append(service, "call", name)...)
		if r.code != 1 || r.err != "dossier: call "+name+": "+want+"\n" {
			t.Errorf("%s: expected %q in %+v", name, want, r)
		}
	}
}

// An address with the path of the client API, or with slashes at its end, names the same service and the same accounts.
func TestServerAddressWithThePathOfTheClientAPI(t *testing.T) {
	t.Parallel()
	h, service := foreignHome(t, nil)
	for _, end := range []string{"/", "//", clientAPI, clientAPI + "/", clientAPI + "/app/" + service[3] + "/location"} {
		r := h.run("", "--server", service[1]+end, "--app-id", service[3], "refresh")
		if r.code != 0 || r.out != "no change\n" {
			t.Errorf("%s: %+v", end, r)
		}
	}
	s := h.serve("--public-url", "https://data.example.com"+clientAPI+"/")
	if _, body := s.request("GET", clientAPI+"/app/"+s.App+"/location", "", ""); !strings.Contains(body,
		`"hostname":"https://data.example.com"`) {
		t.Errorf("--public-url: %s", body)
	}
}

// The help shows no default of a flag that is not set.
func TestHelpWithoutZeroDefaults(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	for _, command := range []string{"", "serve", "set", "call", "login", "keys", "doctor", "init"} {
		out := h.ok(strings.Fields(command + " --help")...)
		for _, zero := range []string{"(0s)", "(0)", "([])", "(false)", "()"} {
			if strings.Contains(out, zero) {
				t.Errorf("dossier %s --help shows the default %s:\n%s", command, zero, out)
			}
		}
	}
	if out := h.ok("call", "--help"); !strings.Contains(out, "(1m30s)") || strings.Contains(out, "(5s)") {
		t.Errorf("the timeout of call: %s", out)
	}
	if out := h.ok("set", "--help"); !strings.Contains(out, "(5s)") {
		t.Errorf("the timeout of set: %s", out)
	}
}
