package e2e_test

import (
	"bytes"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dossier/program"
)

// It runs as a process, with the directories that the environment names.
func TestWhoamiOnAFreshMachine(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	var who struct {
		ID         string
		Type       string
		Data       map[string]any
		Identities []struct {
			ID           string
			ProviderType string `json:"provider_type"`
		}
		CustomData map[string]any `json:"custom_data"`
		Session    struct {
			IssuedAt   *time.Time `json:"issued_at"`
			ExpiresAt  *time.Time `json:"expires_at"`
			CheckedAt  *time.Time `json:"checked_at"`
			StaleSince *time.Time `json:"stale_since"`
			State      string
		}
	}
	r := h.exec("", "whoami", "--json")
	if err := json.Unmarshal([]byte(r.out), &who); err != nil || r.code != 0 {
		t.Fatalf("%v: %+v", err, r)
	}
	if len(who.ID) != 24 || who.Type != "normal" || who.Data["email"] != "demo@example.com" {
		t.Errorf("user object: %+v", who)
	}
	if len(who.Identities) == 0 || who.Identities[0].ProviderType != "local-userpass" {
		t.Errorf("identities: %+v", who.Identities)
	}
	if who.CustomData["favoriteColor"] != "pink" || who.CustomData["userId"] != who.ID {
		t.Errorf("custom data: %v", who.CustomData)
	}
	if got := who.Session.ExpiresAt.Sub(*who.Session.IssuedAt); got != 30*time.Minute {
		t.Errorf("the token lives %v, want 30 minutes", got)
	}
	if who.Session.State != "unchecked" || who.Session.CheckedAt != nil || who.Session.StaleSince != nil {
		t.Errorf("session: %+v", who.Session)
	}
}

// A command that changes nothing commits nothing: each transaction has a number in the file.
func TestSecondWhoamiWritesNothing(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	h.ok("whoami")
	before, err := os.ReadFile(workspaceFile(h.dir))
	if err != nil {
		t.Fatal(err)
	}
	h.ok("whoami")
	if after, err := os.ReadFile(workspaceFile(h.dir)); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file of the workspace changed: %v", err)
	}
}

func TestSetPrintsOldAndNew(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	if got, want := h.ok("set", "favoriteColor=purple"),
		"old favoriteColor: pink\nnew favoriteColor: purple\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if out := h.ok("whoami"); !strings.Contains(out, "custom_data.favoriteColor: purple\n") {
		t.Errorf("after the save the snapshot is refreshed, but whoami prints:\n%s", out)
	}
	if got := h.ok("refresh"); got != "no change\n" {
		t.Errorf("refresh: %q", got)
	}
}

func TestSetKeepsTypes(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	h.ok("set", "a:int=1", "b:long=2", "c:decimal=1.50", "d:date=2026-11-22T10:00:00Z",
		"e:uuid=00112233-4455-6677-8899-aabbccddeeff",
		`f:={"x":[1,{"$numberLong":"2"}]}`, "g=plain text", "h=true", "i:null=")
	if r := h.run("", "set", "a=one"); r.code != 2 || !strings.Contains(r.err, "whole number") {
		t.Errorf("text into an int: code %d, %s", r.code, r.err)
	}
	h.ok("set", "b=3")
	out := h.ok("whoami", "--json")
	for _, want := range []string{`"a":1`, `"b":{"$numberLong":"3"}`, `"c":{"$numberDecimal":"1.50"}`, `"g":"plain text"`,
		`"h":true`, `"i":null`} {
		if !strings.Contains(out, want) {
			t.Errorf("no %s in %s", want, out)
		}
	}
	h.ok("unset", "a", "f.x")
	if out := h.ok("whoami", "--json"); strings.Contains(out, `"a":1`) || !strings.Contains(out, `"f":{}`) {
		t.Errorf("after unset: %s", out)
	}
}

func TestCallCreatesTheDocument(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	h.ok("delete", "--yes")
	if out := h.ok("whoami", "--json"); !strings.Contains(out, `"custom_data":null`) {
		t.Errorf("after delete: %s", out)
	}
	if out := h.ok("call", "writeCustomUserData", `{"favoriteFood":"pizza"}`); !strings.Contains(out, "upsertedId") {
		t.Errorf("the function returned %s", out)
	}
	if out := h.ok("refresh"); !strings.Contains(out, "favoriteFood: (absent) -> pizza\n") {
		t.Errorf("refresh: %q", out)
	}
}

func TestSignInSwitchAndSignOut(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	if r := h.run("secret-1\n", "login", "new@example.com", "--register", "--password-stdin"); r.code != 0 {
		t.Fatalf("register: %+v", r)
	}
	if out := h.ok("whoami"); !strings.Contains(out, "data.email: new@example.com") || !strings.Contains(out,
		"custom data: none") {
		t.Errorf("whoami: %s", out)
	}
	if r := h.run("wrong-password\n", "login", "new@example.com", "--password-stdin"); r.code != 3 ||
		strings.Contains(r.err, "wrong-password") {
		t.Errorf("wrong password: %+v", r)
	}
	h.ok("login", "--anonymous")
	h.ok("accounts", "use", "demo@example.com")
	if out := h.ok("accounts"); strings.Count(out, "\n") != 3 || !strings.Contains(out, "* demo@example.com") {
		t.Errorf("accounts:\n%s", out)
	}
	for range 3 {
		h.ok("logout")
	}
	for _, args := range [][]string{{"whoami"}, {"refresh"}, {"set", "a=1"}, {"logout"}} {
		if r := h.run("", args...); r.code != 3 {
			t.Errorf("signed out, %v: code %d, %s", args, r.code, r.err)
		}
	}
}

func TestWithoutATerminalItPrintsWhoami(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	r := h.exec("")
	if r.code != 0 || !strings.Contains(r.out, "custom_data.favoriteColor: pink") || !strings.Contains(r.err,
		"no terminal") {
		t.Errorf("%+v", r)
	}
}

func TestInitNeverOverwrites(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	dir := filepath.Join(h.dir, "app")
	h.ok("init", dir)
	for _, name := range []string{"realm_config.json", "auth/providers.json", "auth/custom_user_data.json",
		"functions/writeCustomUserData.js"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	if r := h.run("", "init", dir); r.code == 0 || !strings.Contains(r.err, dir) {
		t.Errorf("a second init: %+v", r)
	}
}

func TestCommandsBesideAServiceAndOverTheNetwork(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	s := h.serveProcess()
	if s.App != "dossier-demo" {
		t.Fatalf("it serves %q", s.App)
	}
	if got := h.ok("set", "favoriteColor=teal"); !strings.Contains(got, "new favoriteColor: teal") {
		t.Errorf("over the socket of the process that holds the workspace: %q", got)
	}
	far := newHome(t)
	if r := far.run("demo-password\n", "--server", s.URL, "--app-id", s.App, "login", "demo@example.com",
		"--password-stdin"); r.code != 0 {
		t.Fatalf("over the network: %+v", r)
	}
	if out := far.ok("--server", s.URL, "--app-id", s.App, "set",
		"favoriteColor=navy"); out != "old favoriteColor: teal\nnew favoriteColor: navy\n" {
		t.Errorf("over the network: %q", out)
	}
	if out := h.ok("refresh"); out != "favoriteColor: teal -> navy\n" {
		t.Errorf("the first user's refresh: %q", out)
	}
}

// usageErrors are commands with wrong arguments or settings, and the error that each prints.
var usageErrors = []struct {
	name string
	args []string
	env  string
	toml string
	want string
}{
	{name: "unknown command", args: []string{"whoam"}, want: "did you mean whoami?"},
	{name: "no directory", args: []string{"init"}, want: "dossier: init: DIR is missing"},
	{name: "no name", args: []string{"keys", "create"}, want: "dossier: keys create: NAME is missing"},
	{name: "no account", args: []string{"accounts", "use"}, want: "ACCOUNT is missing"},
	{name: "no function", args: []string{"call"}, want: "dossier: call: NAME is missing"},
	{name: "one too many", args: []string{"login", "a@b.c", "d"}, want: `unexpected argument "d"`},
	{name: "directory without its flag", args: []string{"serve", "myapp"},
		want: `unexpected argument "myapp"; name an application directory with --app`},
	{name: "unknown command below", args: []string{"accounts", "us"},
		want: `unknown command "us"; did you mean use?`},
	{name: "help of nothing", args: []string{"help", "nosuch"}, want: `unknown command "nosuch"`},
	{name: "help of nothing below", args: []string{"help", "keys", "nosuch"}, want: `unknown command "nosuch"`},
	{name: "unknown flag", args: []string{"--nope"}, want: "--nope"},
	{name: "flag of another type", args: []string{"--timeout", "soon"}, want: "timeout"},
	{name: "no assignment", args: []string{"set", "favoriteColor"}, want: `argument "favoriteColor"`},
	{name: "unknown type", args: []string{"set", "a:colour=1"}, want: "colour"},
	{name: "path with an empty level", args: []string{"set", "a..b=1"}, want: "a..b"},
	{name: "dangling escape", args: []string{"unset", `a\`}, want: `a\`},
	{name: "half a JSON value", args: []string{"set", `a:={"x":`}, want: "line 1"},
	{name: "duplicate key", args: []string{"set", `a:={"x":1,"x":2}`}, want: "x"},
	{name: "wrong wrapper", args: []string{"call", "f", `{"$oid":"12"}`}, want: "argument 1"},
	{name: "own id", args: []string{"set", "userId=another"}, want: "userId"},
	{name: "own _id", args: []string{"unset", "_id"}, want: "_id"},
	{name: "no such field", args: []string{"unset", "nothere"}, want: "nothere"},
	{name: "unset nothing", args: []string{"unset"}, want: "--all"},
	{name: "delete without yes", args: []string{"delete"}, want: "--yes"},
	{name: "URI without a place", args: []string{"--uri", "mongodb://localhost", "whoami"}, want: "--collection"},
	{name: "malformed URI", args: []string{"--uri", "localhost:27017", "--database", "a", "--collection", "b",
		"--user-id-field", "c", "--as", "x", "whoami"}, want: "mongodb://"},
	{name: "server without application", args: []string{"--server", "http://localhost", "whoami"}, want: "--app-id"},
	{name: "server that is no URL", args: []string{"--server", "nonsense", "--app-id", "a", "whoami"},
		want: `--server: "nonsense" is not a URL (example: https://example.com)`},
	{name: "as without URI", args: []string{"--as", "x", "whoami"}, want: "--as"},
	{name: "missing application directory", args: []string{"--app", "/nonexistent", "whoami"}, want: "/nonexistent"},
	{name: "environment", args: []string{"whoami"}, env: "DOSSIER_TIMEOUT=soon", want: "DOSSIER_TIMEOUT"},
	{name: "configuration syntax", args: []string{"whoami"}, toml: "theme = \n", want: "config.toml line 1"},
	{name: "application that needs a service", args: []string{"--app-id", "other", "whoami"},
		want: "--app-id: requires --server"},
	{name: "two services in one configuration", args: []string{"whoami"},
		toml: "server = \"http://localhost\"\napp_id = \"a\"\nuri = \"mongodb://localhost\"\n",
		want: "config.toml: uri"},
	{name: "key binding", args: []string{"bindings"}, toml: "theme = 'paper'\n[keys]\n\"document.edit\" = ['f2', 'a']\n",
		want: "config.toml line 3: a is the key of both document.edit (edit) and document.add (add)"},
	{name: "key binding that is no list", args: []string{"bindings"}, toml: "keys.document.edit = 5\n",
		want: "config.toml line 1: document.edit: expected a list of keys"},
	{name: "unknown key binding", args: []string{"bindings"}, toml: "[keys]\ndocument = { edti = [] }\n",
		want: "config.toml line 2: unknown action \"edti\""},
	{name: "unknown flag with JSON", args: []string{"whoami", "--json", "--nope"},
		want: `{"error":{"message":"unknown flag`},
	{name: "configuration key", args: []string{"whoami"}, toml: "colour = \"x\"\n", want: "colour"},
}

func TestUsageErrors(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	config := filepath.Join(h.dir, "config", "dossier")
	for _, row := range usageErrors {
		t.Run(row.name, func(t *testing.T) {
			if err := os.MkdirAll(config, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(config, "config.toml"), []byte(row.toml), 0o600); err != nil {
				t.Fatal(err)
			}
			here := *h
			here.t = t
			if row.env != "" {
				here.env = append([]string{row.env}, h.env...)
			}
			r := here.run("", row.args...)
			if r.code != 2 || !strings.Contains(r.err, row.want) {
				t.Errorf("code %d, expected 2; expected %q in: %s", r.code, row.want, r.err)
			}
		})
	}
}

// Flags override the environment, and that the configuration file; neither moves a command to another database.
func TestFlagsOverrideEnvironmentAndConfiguration(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	here := h.serve()
	dir := filepath.Join(h.dir, "shop")
	h.ok("init", dir)
	config := filepath.Join(h.dir, "config", "dossier")
	if err := os.MkdirAll(config, 0o700); err != nil {
		t.Fatal(err)
	}
	h.write(config, "config.toml", "uri = \"mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200\"\ndatabase = "+
		"\"a\"\ncollection = \"b\"\nuser_id_field = \"c\"\nas = \"d\"\n")
	want := "dossier whoami --server " + here.URL + " --app-id " + here.App
	if r := h.run("", "--server", here.URL, "--app-id", here.App, "login", "--anonymous"); r.code != 0 ||
		!strings.Contains(r.err, want) {
		t.Errorf("a service elsewhere: %+v", r)
	}
	if r := h.run("", "--app", dir, "login", "--anonymous"); r.code != 0 || !strings.Contains(r.err,
		"config.toml: uri is ignored") {
		t.Errorf("an application: %+v", r)
	}
	if r := h.run("", "--demo", "whoami"); r.code != 0 || r.err != "" {
		t.Errorf("the demo: %+v", r)
	}
	if r := h.run("", "whoami"); r.code != 6 {
		t.Errorf("without flags, the configured deployment: %+v", r)
	}
	h.env = append(h.env, "DOSSIER_SERVER="+here.URL, "DOSSIER_APP_ID="+here.App, "DOSSIER_LISTN=:1",
		"DOSSIER_SECRET_LISTN=x", "DOSSIER_LISTEN=x")
	r := h.run("", "whoami")
	if r.code != 0 || strings.Count(r.err, "\n") != 1 || !strings.Contains(r.err, "variable DOSSIER_LISTN\n") {
		t.Errorf("the environment: %+v", r)
	}
	h.env = append(h.env, "DOSSIER_URI=mongodb://127.0.0.1:1")
	if r := h.run("", "--server", here.URL, "--app-id", here.App, "whoami"); r.code != 0 {
		t.Errorf("a flag against the environment: %+v", r)
	}
	if r := h.run("", "whoami"); r.code != 2 || !strings.Contains(r.err,
		"DOSSIER_SERVER: cannot be combined with DOSSIER_URI") {
		t.Errorf("two services in one environment: %+v", r)
	}
}

func TestUnreachableService(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead := l.Addr().String()
	_ = l.Close()
	h := newHome(t)
	for _, args := range [][]string{
		{"--server", "http://" + dead, "--app-id", "a", "login", "--anonymous"},
		{"--uri", "mongodb://root:hidden@" + dead + "/?serverSelectionTimeoutMS=200", "--database", "a", "--collection", "b",
			"--user-id-field", "userId", "--as", "x", "whoami"},
	} {
		r := h.run("", args...)
		if r.code != 6 || !strings.Contains(r.err, dead) || strings.Contains(r.err, "hidden") ||
			strings.Count(strings.TrimSpace(r.err), "\n") > 2 {
			t.Errorf("%v: code %d: %s", args, r.code, r.err)
		}
	}
}

// Help says what a command is for, and lists the flags that it uses.
func TestHelp(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	for _, row := range []struct{ args, want, not string }{
		{"keys --help", "Manage the API keys of servers", "--theme"},
		{"help keys create", "Create a server key", "--server"},
		{"register --help", "Create an e-mail and password account", "--ascii"},
		{"init --help", "--app-id", "--uri"},
		{"serve --help", "--trust-proxy 10.0.0.0/8", "--timeout"},
		{"doctor --help", "--app", "--timeout"},
		{"--help", "--user-id-field userId --as 5f1f216e82df4a7979f9da93", "Mongodb "},
		{"help", "--theme", "Mongodb "},
	} {
		if out := h.ok(strings.Fields(row.args)...); !strings.Contains(out, row.want) || strings.Contains(out, row.not) {
			t.Errorf("%s: expected %q and not %q in\n%s", row.args, row.want, row.not, out)
		}
	}
}

func TestVersionCompletionAndManual(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	if out := h.ok("version"); out != "dossier 1.2.3 (commit 0123456789ab, 2026-11-28T10:00:00Z)\n" {
		t.Errorf("version: %q", out)
	}
	want := `{"version":"1.2.3","commit":"0123456789abcdef","date":"2026-11-28T10:00:00Z"}` + "\n"
	if out := h.ok("version", "--json"); out != want {
		t.Errorf("version --json: %q", out)
	}
	if r := h.exec("", "version", "--json"); r.code != 0 || !strings.HasPrefix(r.out, `{"version":"`) {
		t.Errorf("version of the built program: %+v", r)
	}
	if out := h.ok("completion", "bash"); !strings.Contains(out, "dossier") {
		t.Error("no completion for bash")
	}
	for args, want := range map[string]string{"--theme ": "ember", "set fav": "favoriteColor=",
		"accounts use ": "demo@example.com"} {
		if out := h.ok(append([]string{"__complete"}, strings.Split(args, " ")...)...); !strings.Contains(out, want) {
			t.Errorf("completing %q offers %q", args, out)
		}
	}
	if out := h.ok("man"); !strings.Contains(out, `.TH DOSSIER 1 "2026-11-28"`) || !strings.Contains(strings.ToLower(out),
		"whoami") {
		t.Error("no manual page")
	}
}

// Every command reports that its result could not be written, and fails.
func TestFailedWriteOfResult(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("there is no /dev/full on this system")
	}
	defer full.Close()
	h := newUsedHome(t)
	for _, args := range [][]string{
		{"whoami"}, {"whoami", "--json"}, {"refresh"}, {"set", "favoriteColor=green"}, {"unset", "notes"}, {"accounts"},
		{"accounts", "--json"}, {"keys", "list", "--json"}, {"version"}, {"man"}, {"completion", "bash"}, {"--help"},
		{"set", "--help"},
		{"doctor", "--help"}, {"init", filepath.Join(t.TempDir(), "app")},
	} {
		var errs bytes.Buffer
		code := program.Run(t.Context(), dependencies(h.dir, h.env, strings.NewReader(""), full, &errs), args)
		if code != 1 || !strings.Contains(errs.String(), "no space left on device") {
			t.Errorf("dossier %v: exit code %d, %q", args, code, errs.String())
		}
	}
}
