package e2e_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// examined is what `dossier doctor --json` prints.
type examined struct {
	Starts   bool
	AppID    string `json:"app_id"`
	Findings []struct{ Level, File, Key, Text string }
}

func (h *home) examine(dir string) (examined, result) {
	h.t.Helper()
	r := h.run("", "doctor", "--app", dir, "--json")
	var e examined
	if err := json.Unmarshal([]byte(r.out), &e); err != nil {
		h.t.Fatalf("%v: %s%s", err, r.out, r.err)
	}
	return e, r
}

func TestInitWritesAnApplication(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	dir := filepath.Join(h.dir, "my shop")
	var wrote struct {
		Path  string
		AppID string `json:"app_id"`
	}
	if err := json.Unmarshal([]byte(h.ok("init", dir, "--json")), &wrote); err != nil || wrote.Path != dir ||
		wrote.AppID != "my-shop" {
		t.Errorf("%+v %v", wrote, err)
	}
	if out := h.ok("init", filepath.Join(h.dir, "other"), "--app-id", "shop"); !strings.Contains(out,
		"the application shop") {
		t.Error(out)
	}
	if r := h.run("", "init", filepath.Join(h.dir, "third"), "--app-id", "a b"); r.code == 0 || !strings.Contains(r.err,
		`"a b"`) {
		t.Errorf("an id that a URL cannot hold: %+v", r)
	}
}

func TestDoctorAcceptsWhatInitWrites(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	dir := filepath.Join(h.dir, "shop")
	h.ok("init", dir)
	e, r := h.examine(dir)
	if r.code != 0 || !e.Starts || e.AppID != "shop" || len(e.Findings) == 0 {
		t.Errorf("%+v %+v", e, r)
	}
	for _, f := range e.Findings {
		if f.Level != "works" {
			t.Errorf("%+v", f)
		}
	}
	out := h.ok("doctor", "--app", dir)
	if strings.Count(out, "\n") != 1 || strings.Count(h.ok("doctor", "--app", dir, "--all"), "\n") != 1+len(e.Findings) {
		t.Errorf("the findings that work:\n%s", out)
	}
	if !strings.HasSuffix(out, " findings, all work\n") || !strings.HasPrefix(out, "shop can start: ") {
		t.Error(out)
	}
	if r := h.run("", "--app", dir, "login", "--anonymous"); r.code != 0 || r.err != "" {
		t.Errorf("it does not start: %+v", r)
	}
	h.ok("--app", dir, "refresh") // the trigger may run before the first token is issued
	if out := h.ok("--app", dir, "whoami"); !strings.Contains(out, "custom_data.plan: free\n") {
		t.Errorf("the trigger's function wrote nothing: %s", out)
	}
	if r := h.run("", "--app", dir, "set", "plan=gold"); r.code != 5 {
		t.Errorf("a field that users cannot write: %+v", r)
	}
	h.ok("--app", dir, "call", "writeCustomUserData", `{"favoriteColor":"red"}`)
	if out := h.ok("--app", dir, "refresh"); !strings.Contains(out, "favoriteColor: (absent) -> red\n") {
		t.Errorf("the users' function wrote nothing: %s", out)
	}
}

func TestDoctorListsFindings(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	dir := filepath.Join(h.dir, "shop")
	h.ok("init", dir)
	h.write(dir, "functions/onNewUser.js", "exports = async function (")
	h.write(dir, "values/firstPlan.json", `{"name":"firstPlan","value":"planKey","from_secret":true}`)
	h.write(dir, "triggers/nightly.json", `{"name":"nightly","type":"SCHEDULED","config":{"schedule":"0 3 * * *"},"function_name":"onNewUser"}`)
	e, r := h.examine(dir)
	if r.code != 0 || !e.Starts {
		t.Errorf("%+v", r)
	}
	want := map[string]string{
		"suspect functions/onNewUser.js ":      "does not parse",
		"missing values/firstPlan.json value":  "set DOSSIER_SECRET_PLANKEY",
		"missing triggers/nightly.json type":   "never runs",
		"works functions/config.json [0].name": "writeCustomUserData",
	}
	for _, f := range e.Findings {
		if text := want[f.Level+" "+f.File+" "+f.Key]; text != "" && strings.Contains(f.Text, text) {
			delete(want, f.Level+" "+f.File+" "+f.Key)
		}
	}
	if len(want) > 0 {
		t.Errorf("not listed: %v\nin %+v", want, e.Findings)
	}
	h.env = append(h.env, "DOSSIER_SECRET_PLANKEY=gold")
	if out := h.ok("doctor", "--app", dir); strings.Contains(out, "PLANKEY") {
		t.Errorf("the secret is set:\n%s", out)
	}

	h.write(dir, "triggers/nightly.json", `{"type":"NEVER"}`)
	h.write(dir, "auth/providers.json", "{\"tele\u202epathy\":{}}")
	r = h.run("", "doctor", "--app", dir)
	lines := strings.Split(strings.TrimSpace(r.out), "\n")
	if r.code != 1 || !strings.Contains(r.err, "does not start") || !strings.HasPrefix(lines[len(lines)-1],
		"the application does not start: ") {
		t.Errorf("%+v", r)
	}
	if strings.LastIndex(r.out, "\nwrong ") > strings.Index(r.out, "\nsuspect ") || strings.Contains(r.out, "works") ||
		!strings.Contains(lines[len(lines)-1], "2 wrong, 3 suspect, ") {
		t.Errorf("invalid findings are not first:\n%s", r.out)
	}
	for _, want := range []string{
		"\nsuspect  functions/onNewUser.js: does not parse",
		"wrong    auth/providers.json: tele⟨U+202E⟩pathy.type: unknown provider type",
		"\nwrong    triggers/nightly.json: type: expected AUTHENTICATION, DATABASE or SCHEDULED",
	} {
		if !strings.Contains(r.out, want) {
			t.Errorf("no %q in\n%s", want, r.out)
		}
	}
	if strings.Contains(r.out, "\u202e") {
		t.Error("text from the directory reaches the terminal unmasked")
	}
	if e, r := h.examine(dir); r.code != 1 || e.Starts {
		t.Errorf("%+v", e)
	}
}

func TestDoctorAndStartRejectTheSameKey(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	dir := filepath.Join(h.dir, "shop")
	h.ok("init", dir)
	h.write(dir, "auth/providers.json", `{"custom-token":{"config":{"signingAlgorithm":"RS256"},"secret_config":{"signingKeys":["key"]}}}`)
	h.env = append(h.env, `DOSSIER_SECRET_KEY=-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----`)
	e, r := h.examine(dir)
	last := e.Findings[len(e.Findings)-1]
	for _, f := range e.Findings {
		if f.Level == "wrong" {
			last = f
		}
	}
	if r.code != 1 || e.Starts || last.File != "auth/providers.json" || last.Key != "custom-token" {
		t.Fatalf("%+v", e)
	}
	if r := h.run("", "--app", dir, "accounts"); r.code != 2 || !strings.Contains(r.err,
		"auth/providers.json: custom-token: "+last.Text) || strings.Contains(r.err, "AAAA") {
		t.Errorf("%+v", r)
	}
}

func TestDoctorNeedsADirectory(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	if r := h.run("", "doctor"); r.code != 2 || !strings.Contains(r.err, "--app DIR") {
		t.Errorf("%+v", r)
	}
	if r := h.run("", "doctor", "--app", filepath.Join(h.dir, "nowhere")); r.code != 2 || !strings.Contains(r.err,
		"nowhere") {
		t.Errorf("%+v", r)
	}
	if r := h.run("", "doctor", "--app", h.dir); r.code != 1 || !strings.Contains(r.out, "realm_config.json: is missing") {
		t.Errorf("%+v", r)
	}
}

// Links are followed inside the application directory only, also by require.
func TestLinksOutOfTheDirectoryAreNotFollowed(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	dir := filepath.Join(h.dir, "shop")
	h.ok("init", dir)
	h.write(h.dir, "outside.json", `{"secret":"outside"}`)
	modules := filepath.Join(dir, "functions", "node_modules")
	if err := os.Mkdir(modules, 0o700); err != nil {
		t.Fatal(err)
	}
	link := func(to, at string) {
		t.Helper()
		if err := os.Symlink(to, at); err != nil {
			t.Fatal(err)
		}
	}
	link(filepath.Join("..", "..", "values", "firstPlan.json"), filepath.Join(modules, "inside.json"))
	link(filepath.Join(h.dir, "outside.json"), filepath.Join(modules, "outside.json"))
	h.write(dir, "functions/writeCustomUserData.js", `exports = name => require(name).name`)
	h.ok("--app", dir, "login", "--anonymous")
	if out := h.ok("--app", dir, "call", "writeCustomUserData", `"inside.json"`); !strings.Contains(out, "firstPlan") {
		t.Error(out)
	}
	if r := h.run("", "--app", dir, "call", "writeCustomUserData", `"outside.json"`); r.code == 0 ||
		!strings.Contains(r.err, "module not found") {
		t.Errorf("%+v", r)
	}
	link(filepath.Join(h.dir, "outside.json"), filepath.Join(dir, "values", "outside.json"))
	if e, r := h.examine(dir); r.code != 1 || e.Starts {
		t.Errorf("%+v", e)
	}
}

func TestExportsStartUnchanged(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"export", "older"} {
		h := newHome(t)
		h.env = append(h.env, "DOSSIER_SECRET_TOKENKEY="+strings.Repeat("k", 40), "DOSSIER_SECRET_LOGIN="+strings.Repeat("l",
			40))
		whole, err := filepath.Abs(filepath.Join("..", "backend", "app", "testdata", dir))
		if err != nil {
			t.Fatal(err)
		}
		if e, r := h.examine(whole); r.code != 0 || !e.Starts {
			t.Errorf("%s: %s", dir, r.out)
		}
		if r := h.run("", "--app", whole, "accounts"); r.code != 0 || !strings.HasSuffix(r.err,
			"findings: dossier doctor --app "+whole+"\n") {
			t.Errorf("%s: %+v", dir, r)
		}
	}
}

// In this export the user id field is _id, a function confirms registrations, and another creates the document before
// the account.
func TestExportServesUsers(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	dir, err := filepath.Abs("../backend/app/testdata/export")
	if err != nil {
		t.Fatal(err)
	}
	if r := h.run("secret-1\n", "--app", dir, "login", "ada@example.com", "--register", "--password-stdin"); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	if out := h.ok("--app", dir, "whoami"); !strings.Contains(out, "custom_data.librarian: false") {
		t.Errorf("the function that creates users wrote nothing:\n%s", out)
	}
	if got, want := h.ok("--app", dir, "set", "note=hello"), "old note: (absent)\nnew note: hello\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if r := h.run("", "--app", dir, "set", "librarian=true"); r.code != 5 {
		t.Errorf("what the rules deny to users: %+v", r)
	}
	if r := h.run("", "--app", dir, "delete", "--yes"); r.code != 5 {
		t.Errorf("what the rules deny to users: %+v", r)
	}
	if r := h.run("secret-1\n", "--app", dir, "login", "bob@elsewhere.org", "--register",
		"--password-stdin"); r.code == 0 || !strings.Contains(r.err, "bob@elsewhere.org") {
		t.Errorf("a user whom the function does not confirm: %+v", r)
	}
}

// Doctor loads the modules that functions require, and names the flag that allows their requests.
func TestDoctorLoadsModules(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	dir := filepath.Join(h.dir, "shop")
	h.ok("init", dir)
	pack := filepath.Join(dir, "functions", "node_modules", "sign")
	if err := os.MkdirAll(pack, 0o700); err != nil {
		t.Fatal(err)
	}
	h.write(pack, "index.js", "\nexports.s = require('stream')")
	h.write(dir, "functions/onUserCreation.js", `
		const sign = require("sign"), axios = require("axios"), fs = require("fs"), crypto = require("crypto");
		exports = async function (user) { await context.http.get({ url: "https://api.example.com/v1" }); await context.users.find() };`)
	h.write(dir, "functions/config.json", `[{"name":"onUserCreation","private":true,"run_as_system":true},{"name":"other"}]`)
	h.write(dir, "functions/other.js", `exports = () => 1`)
	e, r := h.examine(dir)
	var got []string
	for _, f := range e.Findings {
		if f.File == "functions/onUserCreation.js" {
			got = append(got, f.Level+" "+f.Text)
		}
	}
	slices.Sort(got)
	want := []string{
		`missing sends requests (context.http) to a host that is not allowed: allow it with dossier serve --http-host api.example.com`,
		`suspect functions have no context.users`,
		`suspect require("axios"): module not found in functions/node_modules`,
		`suspect require("fs"): this Node.js module is not supported`,
		`suspect require("stream") in functions/node_modules/sign/index.js:2: this Node.js module is not supported`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s\n%+v", strings.Join(got, "\n"), r)
	}
}
