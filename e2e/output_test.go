package e2e_test

import (
	"encoding/json"
	"net"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"dossier/backend/embedded"
	"dossier/program"
)

var (
	timestamps = regexp.MustCompile(`"\d{4}-\d\d-\d\dT[^"]*Z"`)
	objectIDs  = regexp.MustCompile(`[0-9a-f]{24}`)
)

// With --json every command prints one line of JSON; its keys are stable.
func TestJSONOutput(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	for _, row := range []struct{ args, want string }{
		{"set favoriteColor=purple", `{"changes":[{"path":"favoriteColor","kind":"changed","old":"pink","new":"purple"}]}`},
		{"set favoriteColor=purple", `{"changes":[]}`},
		{"refresh", `{"changes":[],"issued_at":TIME,"expires_at":TIME}`},
		{"accounts", `[{"id":ID,"user_id":"OID","name":"demo@example.com","provider":"local-userpass","server":SERVER,` +
			`"app_id":"dossier-demo","signed_in":true,"current":true,"last_used":TIME}]`},
		{"keys create worker", `{"id":"OID","name":"worker","key":KEY,"disabled":false,"created_at":TIME}`},
		{"keys list", `[{"id":"OID","name":"worker","disabled":false,"created_at":TIME}]`},
		{"unset --all", `"kind":"removed"`},
		{"delete --yes", `{"deleted":true}`},
		{"delete --yes", `{"deleted":false}`},
		{"logout", `"signed_in":true`},
		{"accounts", `"signed_in":false,"current":false`},
		{"login --anonymous", `"provider":"anon-user"`},
	} {
		out := h.ok(append(strings.Fields(row.args), "--json")...)
		if !json.Valid([]byte(out)) || strings.Count(out, "\n") != 1 {
			t.Errorf("%s: not one line of JSON: %q", row.args, out)
		}
		if got := masked(out); !strings.Contains(got, row.want) {
			t.Errorf("%s: %s\nexpected %s", row.args, got, row.want)
		}
	}
}

var (
	serverNames = regexp.MustCompile(`"server":"[^"]*"`)
	accountIDs  = regexp.MustCompile(`"id":"[^"]*dossier-demo[^"]*"`)
	apiKeys     = regexp.MustCompile(`"key":"[^"]*"`)
)

// masked replaces what differs from run to run.
func masked(out string) string {
	out = accountIDs.ReplaceAllString(out, `"id":ID`)
	out = serverNames.ReplaceAllString(out, `"server":SERVER`)
	out = apiKeys.ReplaceAllString(out, `"key":KEY`)
	return objectIDs.ReplaceAllString(timestamps.ReplaceAllString(out, "TIME"), "OID")
}

// The owner of a connection string works with the data of any user, whose account is kept for the next command.
func TestDeploymentAsAnyUser(t *testing.T) {
	t.Parallel()
	db, err := embedded.Open("", embedded.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() { defer close(served); _ = db.Serve(l) }()
	t.Cleanup(func() { _ = l.Close(); _ = db.Close(); <-served })

	h := newHome(t)
	h.env = append(h.env, "DOSSIER_URI=mongodb://"+l.Addr().String()+"/?directConnection=true", "DOSSIER_DATABASE=app",
		"DOSSIER_COLLECTION=users", "DOSSIER_USER_ID_FIELD=userId")
	if r := h.run("", "whoami"); r.code != 2 || !strings.Contains(r.err, "--as ID") {
		t.Errorf("without a user: %+v", r)
	}
	want := "old userId: (none)\nnew userId: ada\nold favoriteColor: (none)\nnew favoriteColor: purple\n"
	if got := h.ok("--as", "ada", "set", "favoriteColor=purple"); got != want {
		t.Errorf("set: %q", got)
	}
	if out := h.ok("--as", "ada", "whoami", "--json"); !strings.Contains(out, `"favoriteColor":"purple","userId":"ada"`) {
		t.Errorf("whoami: %s", out)
	}
	if out := h.ok("accounts"); strings.Count(out, "\n") != 1 || !strings.HasPrefix(out, "* ada") {
		t.Errorf("accounts: %s", out)
	}
	if r := h.run("", "login", "--anonymous"); r.code == 0 {
		t.Errorf("an anonymous user signs in at a deployment without an application: %+v", r)
	}
}

// On a terminal, errors of the appearance come before a service is opened.
func TestThemesOnATerminal(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	for _, row := range []struct{ theme, file, want string }{
		{theme: "nosuch", want: `--theme: unknown theme "nosuch" (available: dossier, `},
		{theme: "mine", file: "name = \n", want: "mine.toml"},
	} {
		if row.file != "" {
			dir := filepath.Join(h.dir, "config", "dossier", "themes")
			mkdir(t, dir)
			h.write(dir, row.theme+".toml", row.file)
		}
		var errs buffer
		d := dependencies(h.dir, h.env, strings.NewReader(""), &buffer{}, &errs)
		d.Terminal = true
		code := program.Run(t.Context(), d, []string{"--theme", row.theme})
		if code != 2 || !strings.Contains(errs.String(), row.want) {
			t.Errorf("theme %s: code %d, %s", row.theme, code, errs.String())
		}
	}
}
