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
// extension from the profile. respond may answer a request itself.
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
			if !strings.HasSuffix(res.Request.URL.Path, "/auth/profile") {
				return nil
			}
			var profile map[string]json.RawMessage
			if err := json.NewDecoder(res.Body).Decode(&profile); err != nil {
				return err
			}
			delete(profile, "dossier")
			text, err := json.Marshal(profile)
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
		"(none)\n" {
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
		"favoriteColor=navy")...); out != "old favoriteColor: (none)\nnew favoriteColor: navy\n" {
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
	term.see("edit favoriteColor")
	term.press("C-u")
	term.typeText("purple")
	term.press("Enter")
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
