package e2e_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// createdKey is what `keys create --json` prints.
type createdKey struct {
	ID, Name, Key string
	Disabled      bool
	CreatedAt     string `json:"created_at"`
}

func createKey(t *testing.T, h *home, name string) (k createdKey) {
	t.Helper()
	err := json.Unmarshal([]byte(h.ok("keys", "create", name, "--json")), &k)
	if err != nil || len(k.Key) != 64 || len(k.ID) != 24 || k.Name != name || k.CreatedAt == "" {
		t.Fatalf("created %s: %v", k.ID, err)
	}
	return k
}

func TestServerKeys(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	if out := h.ok("keys", "list"); !strings.Contains(out, "no server keys") {
		t.Errorf("without keys: %q", out)
	}
	k := createKey(t, h, "worker")
	plain := h.run("", "keys", "create", "second")
	if plain.code != 0 || len(strings.TrimSpace(plain.out)) != 64 || !strings.Contains(plain.err, "second") ||
		strings.Contains(plain.err, strings.TrimSpace(plain.out)) {
		t.Errorf("create: %d, %d bytes, %s", plain.code, len(plain.out), plain.err)
	}
	if r := h.run("  "+k.Key+" \n", "login", "--api-key-stdin"); r.code != 0 || !strings.Contains(r.out,
		"signed in as worker") {
		t.Fatalf("login: %+v", r)
	}
	if out := h.ok("whoami"); !strings.Contains(out, "type: server") || !strings.Contains(out, "api-key") ||
		strings.Contains(out, k.Key) {
		t.Errorf("whoami: %s", out)
	}
	list := h.ok("keys", "--json")
	if strings.Contains(list, k.Key) || strings.Contains(list, `"key"`) || !strings.Contains(list, `"name":"second"`) ||
		strings.Index(list, "worker") > strings.Index(list, "second") {
		t.Errorf("list: %s", list)
	}

	h.ok("keys", "disable", "worker")
	if out := h.ok("keys", "list"); !strings.Contains(out, k.ID+"  worker (disabled)\n") {
		t.Errorf("disabled: %q", out)
	}
	if r := h.run("", "refresh"); r.code != 3 {
		t.Errorf("a session of a disabled key: %+v", r)
	}
	if r := h.run(k.Key, "login", "--api-key-stdin"); r.code != 3 || !strings.Contains(r.err, "disabled or deleted") ||
		strings.Contains(r.err, k.Key) {
		t.Errorf("a disabled key: %+v", r)
	}
	if out := h.ok("keys", "enable", "worker", "--json"); out != `{"id":"`+k.ID+`","is":"enabled"}`+"\n" {
		t.Errorf("enable by name: %q", out)
	}
	if r := h.run(k.Key, "login", "--api-key-stdin"); r.code != 0 {
		t.Errorf("enabled again: %+v", r)
	}
	if out := h.ok("keys", "delete", k.ID); out != "deleted the server key "+k.ID+"\n" {
		t.Errorf("delete: %q", out)
	}
	for _, step := range []string{"delete", "enable", "disable"} {
		if r := h.run("", "keys", step, k.ID); r.code != 2 || !strings.Contains(r.err, "no server key has the id or name") {
			t.Errorf("%s a deleted key: %+v", step, r)
		}
	}
	if r := h.run(k.Key, "login", "--api-key-stdin"); r.code != 3 {
		t.Errorf("a deleted key: %+v", r)
	}
	createKey(t, h, "worker")
}

func TestServerKeyErrors(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	k := createKey(t, h, "worker")
	app := filepath.Join(h.dir, "app")
	h.ok("init", app)
	providers := filepath.Join(app, "auth", "providers.json")
	text, err := os.ReadFile(providers)
	if err != nil {
		t.Fatal(err)
	}
	off := strings.Replace(string(text), `"api-key",`+"\n        \"disabled\": false",
		`"api-key",`+"\n        \"disabled\": true", 1)
	if err := os.WriteFile(providers, []byte(off), 0o600); err != nil || off == string(text) {
		t.Fatal(err, off)
	}
	for name, row := range map[string]struct {
		args []string
		code int
		want string
	}{
		"a name twice":    {[]string{"keys", "create", "worker"}, 2, "API key with name already exists"},
		"an invalid name": {[]string{"keys", "create", "a b"}, 2, "the name can only contain ASCII letters"},
		"no name":         {[]string{"keys", "create"}, 2, "keys create --help"},
		"an unknown step": {[]string{"keys", "rotate", k.ID}, 2, "rotate"},
		"a service elsewhere": {[]string{"keys", "--server", "http://127.0.0.1:1", "--app-id", "x"}, 2,
			"omit --server"},
		"a temporary workspace": {[]string{"keys", "create", "x", "--demo"}, 2, "temporary workspace"},
		"keys that are off":     {[]string{"keys", "create", "x", "--app", app}, 2, "auth/providers.json"},
		"a deployment that is down": {
			[]string{"keys", "--app", app, "--uri", "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200"}, 6, "127.0.0.1:1",
		},
	} {
		if r := h.run("", row.args...); r.code != row.code || !strings.Contains(r.err, row.want) {
			t.Errorf("%s: code %d, expected %d; expected %q in: %s", name, r.code, row.code, row.want, r.err)
		}
	}
}

// While another process has the workspace open, the key commands go through it.
func TestServerKeysBesideAService(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	k := createKey(t, h, "worker")
	s := h.serveProcess()
	if out := h.ok("keys", "list"); out != k.ID+"  worker\n" {
		t.Errorf("list: %q", out)
	}
	second := createKey(t, h, "second")
	signIn := func(text string) int {
		return newHome(t).run(text, "--server", s.URL, "--app-id", s.App, "login", "--api-key-stdin").code
	}
	if code := signIn(second.Key); code != 0 {
		t.Errorf("the new key over the network: exit code %d", code)
	}
	if out := h.ok("keys", "disable", second.ID, "--json"); out != `{"id":"`+second.ID+`","is":"disabled"}`+"\n" {
		t.Errorf("disable: %q", out)
	}
	if code := signIn(second.Key); code != 3 {
		t.Errorf("the disabled key over the network: exit code %d", code)
	}
	if r := h.run("", "keys", "create", "worker"); r.code != 2 || !strings.Contains(r.err,
		"create the server key worker: API key with name already exists") {
		t.Errorf("a name twice: %+v", r)
	}
	h.ok("keys", "delete", second.ID)
	if r := h.run("", "keys", "delete", second.ID); r.code != 2 || !strings.Contains(r.err, "no server key has the id") {
		t.Errorf("a deleted key: %+v", r)
	}
	s.end(os.Interrupt)
	if out := h.ok("keys"); out != k.ID+"  worker\n" {
		t.Errorf("after it has ended: %q", out)
	}
}

// The network cannot reach the server keys, also not through a second process that forwards requests to the first.
func TestServerKeysAreNotServedToTheNetwork(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	createKey(t, h, "worker")
	first, second := h.serveProcess(), h.serveProcess()
	for _, s := range []*service{first, second} {
		for _, path := range []string{"/", "/keys", clientAPI + "/keys"} {
			status, body := s.request("POST", path, "", `{"Operation":"list the server keys"}`)
			if status < 400 || strings.Contains(body, "worker") {
				t.Errorf("%s: %d %s", path, status, body)
			}
		}
	}
}

// Each flag of login reaches its provider, also one that the application does not offer.
func TestLoginByOtherProviders(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	for name, row := range map[string]struct {
		stdin string
		args  []string
		code  int
		want  string
	}{
		"an unknown key":          {"nonsense", []string{"--api-key-stdin"}, 3, "does not accept this API key"},
		"a token":                 {"e30.e30.c2ln", []string{"--token-stdin"}, 1, "does not offer this way to sign in"},
		"a function":              {"", []string{"--function", `{"ticket":7}`}, 1, "does not offer this way to sign in"},
		"a function's from stdin": {`{"ticket":7}`, []string{"--function", "-"}, 1, "does not offer this way to sign in"},
		"no key":                  {" \n", []string{"--api-key-stdin"}, 2, "standard input is empty"},
		"no token":                {"", []string{"--token-stdin"}, 2, "standard input is empty"},
		"no object":               {"", []string{"--function", "[1]"}, 2, "expected an extended JSON object"},
		"no JSON":                 {"{", []string{"--function", "-"}, 2, "expected an extended JSON object"},
		"two ways":                {"", []string{"--api-key-stdin", "--anonymous"}, 2, "cannot be combined with"},
		"a way and an address":    {"", []string{"--token-stdin", "a@b.c"}, 2, "cannot be combined with an e-mail address"},
		"a way and a password":    {"", []string{"--api-key-stdin", "--password-stdin"}, 2, "cannot be combined with"},
		"anonymous registration":  {"", []string{"--anonymous", "--register"}, 2, "cannot be combined with"},
		"nothing":                 {"", nil, 2, "--api-key-stdin"},
	} {
		r := h.run(row.stdin, append([]string{"login"}, row.args...)...)
		if r.code != row.code || !strings.Contains(r.err, row.want) || row.stdin != "" && strings.Contains(r.err,
			"nonsense") {
			t.Errorf("%s: code %d, expected %d; expected %q in: %s", name, r.code, row.code, row.want, r.err)
		}
	}
}

// confirmingHome returns a machine whose application confirms addresses by mail. Without a mail server, mails go to the
// log, whose path it returns too.
func confirmingHome(t *testing.T) (h *home, log string) {
	t.Helper()
	h = newHome(t)
	app, log := filepath.Join(h.dir, "app"), filepath.Join(h.dir, "log")
	h.ok("init", app)
	h.env = append(h.env, "DOSSIER_APP="+app, "DOSSIER_LOG="+log)
	text, err := os.ReadFile(filepath.Join(app, "auth", "providers.json"))
	if err != nil {
		t.Fatal(err)
	}
	mails := strings.Replace(string(text), `"autoConfirm": true`,
		`"autoConfirm": false, "emailConfirmationUrl": "https://example.com/confirm"`, 1)
	if mails == string(text) {
		t.Fatal(mails)
	}
	h.write(app, "auth/providers.json", mails)
	return h, log
}

// lastLink returns the link of the last mail in a log.
func lastLink(t *testing.T, log string) string {
	t.Helper()
	lines, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	last := ""
	for _, line := range strings.Split(string(lines), "\n") {
		var mail struct{ Link string }
		if json.Unmarshal([]byte(line), &mail) == nil && mail.Link != "" {
			last = mail.Link
		}
	}
	return last
}

// step is a command with the exit code and the output that it must have.
type step struct {
	stdin, args string
	code        int
	want        string
}

func (h *home) steps(steps ...step) {
	h.t.Helper()
	for _, s := range steps {
		r := h.run(s.stdin, strings.Fields(s.args)...)
		if r.code != s.code || !strings.Contains(r.out+r.err, s.want) {
			h.t.Errorf("%s: code %d, expected %d; expected %q in: %s%s", s.args, r.code, s.code, s.want, r.out, r.err)
		}
	}
}

func TestConfirmAndReset(t *testing.T) {
	t.Parallel()
	h, log := confirmingHome(t)
	h.steps(
		step{"first-one\n", "login new@example.com --register --password-stdin", 3, "may have to be confirmed first"},
		step{"first-one\n", "login new@example.com --password-stdin", 3, "or the address is not confirmed yet"},
	)
	first := lastLink(t, log)
	h.ok("confirm", "new@example.com")
	again := lastLink(t, log)
	if first == again {
		t.Error("the second mail has the link of the first")
	}
	h.steps(
		step{again + "\n", "confirm", 0, "confirmed; sign in with dossier login\n"},
		step{"first-one\n", "login new@example.com --password-stdin", 0, "signed in as new@example.com"},
		step{"", "confirm new@example.com", 2, "already confirmed"},
		step{"", "reset new@example.com", 0, "sent a mail to new@example.com"},
	)
	reset := lastLink(t, log)
	h.steps(
		step{reset + "\nsecond-one\n", "reset", 0, "the password is reset"},
		step{reset + "\nthird-one\n", "reset", 2, "send another mail with dossier reset EMAIL"},
		step{"second-one\n", "login new@example.com --password-stdin", 0, "signed in as new@example.com"},
		step{"nonsense\n", "confirm", 2, "expected the link in the mail"},
		step{"", "reset", 2, "expected the link in the mail"},
		step{reset + "\n", "reset", 2, "no terminal"},
		step{"https://example.com/?token=x&tokenId=y\n", "confirm", 2, "invalid token data"},
		step{"", "reset unknown@example.com", 2, "no user with this e-mail address"},
		step{"another\n", "register new@example.com --password-stdin", 2, "this address is already registered"},
		step{"another\n", "register next@example.com --password-stdin", 0,
			"registered next@example.com. Next: dossier confirm (if the application requires it), then dossier login\n"},
	)
}
