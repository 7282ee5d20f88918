package e2e_test

import (
	"context"
	"encoding/json"
	"net"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/embedded"
	"dossier/backend/store"
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
		{"set favoriteColor=purple", `{"changes":[{"path":"favoriteColor","kind":"changed","old":"pink","new":"purple"}],` +
			`"user_id":"OID"}`},
		{"set favoriteColor=purple", `{"changes":[],"user_id":"OID"}`},
		{"refresh", `{"changes":[],"issued_at":TIME,"expires_at":TIME,"custom_data_too_large":false}`},
		{"accounts", `[{"id":ID,"user_id":"OID","name":"demo@example.com","provider":"local-userpass","server":SERVER,` +
			`"app_id":"dossier-demo","signed_in":true,"current":true,"last_used":TIME}]`},
		{"keys create worker", `{"id":"OID","name":"worker","key":KEY,"disabled":false,"created_at":TIME}`},
		{"keys list", `[{"id":"OID","name":"worker","disabled":false,"created_at":TIME}]`},
		{"unset --all", `"kind":"removed"`},
		{"delete --yes", `{"deleted":true,"user_id":"OID"}`},
		{"delete --yes", `{"deleted":false,"user_id":"OID"}`},
		{"logout", `"signed_in":false,"current":false,"last_used":TIME}`},
		{"accounts", `"signed_in":false,"current":false`},
		{"login --anonymous", `"provider":"anon-user"`},
		{"login --anonymous", `"signed_in":true,"current":true,"last_used":TIME}`},
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

// deploymentHome returns a machine whose environment names a collection of a deployment, and that collection.
func deploymentHome(t *testing.T) (*home, *store.Collection) {
	t.Helper()
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

	uri := "mongodb://" + l.Addr().String() + "/?directConnection=true"
	d, err := store.Connect(t.Context(), store.Options{URI: uri, AppName: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close(context.Background()) })
	h := newHome(t)
	h.env = append(h.env, "DOSSIER_URI="+uri, "DOSSIER_DATABASE=app", "DOSSIER_COLLECTION=users",
		"DOSSIER_USER_ID_FIELD=userId")
	return h, d.Collection("app", "users")
}

// Two documents with one user id: every command that reads or writes says so, and which one is used.
func TestTwoDocumentsOfOneUser(t *testing.T) {
	t.Parallel()
	h, users := deploymentHome(t)
	for _, color := range []string{"pink", "green"} {
		if _, err := users.InsertOne(t.Context(), bson.D{{Key: "_id", Value: "of " + color}, {Key: "userId", Value: "ada"},
			{Key: "favoriteColor", Value: color}}); err != nil {
			t.Fatal(err)
		}
	}
	used := "documents: 2 have this user id; the oldest one is used\n"
	if out := h.ok("--as", "ada", "whoami"); !strings.Contains(out, "favoriteColor: green\n") ||
		!strings.Contains(out, used) {
		t.Errorf("whoami after the sign-in: %s", out)
	}
	if out := h.ok("whoami", "--json"); !strings.Contains(out, `"documents":2,`) {
		t.Errorf("whoami in JSON: %s", out)
	}
	warning := "dossier: 2 documents have this user id; the oldest one is used, with the _id of green\n"
	if r := h.run("", "set", "favoriteColor=blue"); r.code != 0 ||
		r.err != warning+"dossier: changed the custom data of the user id ada\n" ||
		r.out != "old favoriteColor: green\nnew favoriteColor: blue\n" {
		t.Errorf("set: %+v", r)
	}
	if r := h.run("", "delete", "--yes"); r.code != 0 || r.out != "deleted\n" ||
		r.err != warning+"dossier: deleted the custom data of the user id ada\n" {
		t.Errorf("delete: %+v", r)
	}
	if out := h.ok("whoami"); !strings.Contains(out, "favoriteColor: pink\n") || strings.Contains(out, "documents:") {
		t.Errorf("whoami with one document left: %s", out)
	}
	if r := h.run("", "set", "favoriteColor=red", "--json"); r.err != "" || !strings.Contains(r.out, `"user_id":"ada"`) {
		t.Errorf("set in JSON: %+v", r)
	}
}

// What was not compared is not called current. A difference keeps the time at which it was noticed.
func TestUncheckedAndNoticedAt(t *testing.T) {
	t.Parallel()
	h, users := deploymentHome(t)
	type state struct {
		State      string  `json:"state"`
		CheckedAt  *string `json:"checked_at"`
		StaleSince *string `json:"stale_since"`
		ChangedAt  *string `json:"changed_at"`
	}
	whoami := func() state {
		var w struct{ Session state }
		if err := json.Unmarshal([]byte(h.ok("--as", "ada", "whoami", "--json")), &w); err != nil {
			t.Fatal(err)
		}
		return w.Session
	}
	if s := whoami(); s != (state{State: "unchecked"}) {
		t.Errorf("after the sign-in: %+v", s)
	}
	if r := h.run("", "unset", "nothing"); r.code != 2 { // it reads the document
		t.Errorf("unset: %+v", r)
	}
	if s := whoami(); s.State != "current" || s.CheckedAt == nil || s.StaleSince != nil {
		t.Errorf("compared: %+v", s)
	}
	if _, err := users.InsertOne(t.Context(), bson.D{{Key: "userId", Value: "ada"}}); err != nil {
		t.Fatal(err)
	}
	h.run("", "unset", "nothing")
	first := whoami()
	if first.State != "stale" || first.StaleSince == nil || first.ChangedAt != nil {
		t.Errorf("changed: %+v", first)
	}
	time.Sleep(1100 * time.Millisecond) // the times have seconds
	h.run("", "unset", "nothing")
	if s := whoami(); *s.StaleSince != *first.StaleSince || *s.CheckedAt == *first.CheckedAt {
		t.Errorf("compared again: %+v, before %+v", s, first)
	}
}

// The owner of a connection string works with the data of any user, whose account is kept for the next command.
func TestDeploymentAsAnyUser(t *testing.T) {
	t.Parallel()
	h, _ := deploymentHome(t)
	if r := h.run("", "whoami"); r.code != 2 || !strings.Contains(r.err, "--as ID") {
		t.Errorf("without a user: %+v", r)
	}
	want := "old userId: (absent)\nnew userId: ada\nold favoriteColor: (absent)\nnew favoriteColor: purple\n"
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
