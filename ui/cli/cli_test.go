package cli_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/cli"
	"dossier/ui/port"
)

var now = time.Date(2026, time.November, 28, 10, 0, 0, 0, time.UTC)

// stubUser is a user whose calls return fixed results.
type stubUser struct {
	port.User
	session  model.Session
	profile  model.User
	document bson.Raw
	result   model.WriteResult
	ping     error
}

func (u stubUser) Account() model.Account                         { return model.Account{ID: "a", Name: "ada"} }
func (u stubUser) Session() model.Session                         { return u.session }
func (u stubUser) CachedProfile() model.User                      { return u.profile }
func (u stubUser) Profile(context.Context) (model.User, error)    { return u.profile, nil }
func (u stubUser) Ping(context.Context) error                     { return u.ping }
func (u stubUser) Refresh(context.Context) (model.Session, error) { return u.session, nil }
func (u stubUser) Check(context.Context) (model.CheckResult, error) {
	return model.CheckResult{Document: u.document}, nil
}
func (u stubUser) Save(context.Context, model.Update) (model.WriteResult, error) {
	return u.result, nil
}

func (u stubUser) DeleteDocument(context.Context, model.CheckResult) (model.WriteResult, error) {
	return u.result, nil
}

// stubAccounts has one account, which is the current one.
type stubAccounts struct {
	port.Accounts
	user port.User
}

func (a stubAccounts) Current() (port.User, bool) { return a.user, a.user != nil }

// run runs a command for a user and returns its output and exit code.
func run(u port.User, args ...string) (string, int) {
	var out bytes.Buffer
	root := cli.New(cli.Config{
		Open: func(context.Context, cli.Options) (*cli.Connection, error) {
			return &cli.Connection{
				Accounts: stubAccounts{user: u}, Service: "test", Close: func() error { return nil },
			}, nil
		},
		In: strings.NewReader(""), Out: &out, Err: &out,
		Now: func() time.Time { return now }, Getenv: func(string) string { return "" },
	})
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetArgs(args)
	err := root.ExecuteContext(context.Background())
	if err != nil {
		out.WriteString(err.Error())
	}
	return out.String(), cli.ExitCode(err)
}

// ada returns a user with a document and a snapshot of it.
func ada(t *testing.T) stubUser {
	t.Helper()
	doc, err := bson.Marshal(bson.D{{Key: "_id", Value: int32(1)}, {Key: "userId", Value: "ada"},
		{Key: "color", Value: "pink"}})
	if err != nil {
		t.Fatal(err)
	}
	u := stubUser{document: doc, session: model.Session{UserID: "ada"}}
	u.session.Snapshot = model.Snapshot{IssuedAt: now.Add(-10 * time.Minute), ExpiresAt: now.Add(20 * time.Minute),
		CustomData: doc}
	u.profile.App.CustomData = model.CustomDataConfig{
		Enabled: true, Service: "mongodb-atlas", Database: "app", Collection: "users", UserIDField: "userId",
	}
	return u
}

func TestConflictsHaveTheirOwnExitCode(t *testing.T) {
	u := ada(t)
	u.result.Conflict = true
	for _, args := range [][]string{{"set", "color=blue"}, {"unset", "color"}, {"delete", "--yes"}} {
		if out, code := run(u, args...); code != 4 || !strings.Contains(out, "changed in the meantime, nothing was written") {
			t.Errorf("%v: %d, %s", args, code, out)
		}
	}
}

func TestEditsThatAreRefused(t *testing.T) {
	unnamed := ada(t)
	unnamed.profile.App.CustomData = model.CustomDataConfig{}
	born := ada(t)
	var err error
	born.document, err = bson.Marshal(bson.D{{Key: "_id", Value: int32(1)}, {Key: "userId", Value: "ada"},
		{Key: "born", Value: now}})
	if err != nil {
		t.Fatal(err)
	}
	empty := ada(t)
	empty.document = nil
	for name, row := range map[string]struct {
		user port.User
		args []string
		code int
		want string
	}{
		"no current user": {nil, []string{"set", "color=blue"}, 3, "not signed in at test; sign in with dossier login"},
		"no current user at another service": {nil, []string{"--server", "http://localhost:1", "--app-id", "my app", "set",
			"color=blue"}, 3, "sign in with dossier login --server http://localhost:1 --app-id 'my app'"},
		"a connection string with a password": {nil, []string{"--uri", "mongodb://ada:secret@db", "--app", "./shop",
			"refresh"}, 3, "sign in with dossier login --app ./shop --uri …"},
		"unknown collection": {unnamed, []string{"set", "color=blue"}, 1,
			"does not report where the custom data is stored"},
		"a field without value": {ada(t), []string{"unset", "colour"}, 2, `argument "colour": the field does not exist`},
		"another _id": {ada(t), []string{"set", "_id=three"}, 2,
			"it can never be changed, because it identifies the document"},
		"another user id": {ada(t), []string{"set", "userId:int=3"}, 2,
			"it can never be changed, because it identifies the user"},
		"delete without yes": {ada(t), []string{"delete"}, 2, "confirm with --yes"},
		"nothing to delete":  {empty, []string{"delete", "--yes"}, 0, "no document"},
		"a relative date":    {ada(t), []string{"set", "color:date=tomorrow 25:00"}, 2, "tomorrow 25:00"},
		"the same time":      {born, []string{"set", "born=now"}, 0, "no change"},
		"nothing to change":  {ada(t), []string{"set", "color=pink"}, 0, "no change"},
	} {
		if out, code := run(row.user, row.args...); code != row.code || !strings.Contains(out, row.want) {
			t.Errorf("%s: %d, %s", name, code, out)
		}
	}
}

func TestSettingsNameTheValuesTheyAccept(t *testing.T) {
	settings := filepath.Join(t.TempDir(), "config.toml")
	for text, want := range map[string]string{
		`json = "yes"`: `json: "yes" is not true or false`,
		`timeout = 5`:  `timeout: "5" is not a duration such as 30s or 5m`,
	} {
		if err := os.WriteFile(settings, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		root := cli.New(cli.Config{Settings: settings, Getenv: func(string) string { return "" }, Out: io.Discard,
			Err: io.Discard})
		root.SilenceErrors, root.SilenceUsage = true, true
		root.SetArgs([]string{"whoami"})
		if err := root.ExecuteContext(t.Context()); cli.ExitCode(err) != 2 || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: expected %q: %v", text, want, err)
		}
	}
}

func TestCompletionRejectsUnknownShells(t *testing.T) {
	for want, args := range map[string][]string{
		`unknown command "nope"; see dossier completion --help`:       {"completion", "nope"},
		`unexpected argument "x"; see dossier completion bash --help`: {"completion", "bash", "x"},
	} {
		if out, code := run(nil, args...); code != 2 || !strings.Contains(out, want) {
			t.Errorf("%v: %d, expected %q: %s", args, code, want, out)
		}
	}
}

func TestHelpListsTheManualPage(t *testing.T) {
	if out, _ := run(nil, "--help"); !strings.Contains(out, "Print the manual page") {
		t.Error(out)
	}
}

func stamp(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05 MST") }

func TestWhoamiReportsTheState(t *testing.T) {
	current := ada(t)
	checked, stale, changed, due, unreachable, large := current, current, current, current, current, current
	checked.session.CheckedAt = now
	stale.session.StaleSince = now
	changed.session.StaleSince, changed.session.ChangedAt = now, now.Add(-time.Minute)
	changed.session.Documents = 2
	due.session.Snapshot.ExpiresAt = now.Add(-time.Minute)
	unreachable.ping = errors.New("no connection")
	large.session.Snapshot.TooLarge = true
	for want, u := range map[string]stubUser{
		"state: unchecked: not compared with the database since the token was issued": current,
		"state: current: equal to the database when last compared, at " + stamp(now):  checked,
		"state: stale: the database differs, noticed at " + stamp(now) + "\n":         stale,
		"state: stale: the database differs, noticed at " + stamp(now) + ", changed at " +
			stamp(now.Add(-time.Minute)) + "\n": changed,
		"documents: 2 have this user id; the oldest one is used\n":                             changed,
		": the next call refreshes the token":                                                  due,
		"state: unknown: the service does not respond":                                         unreachable,
		"none in the token, because the document is too large: a token holds 785 kB of JSON\n": large,
		"state: unchecked: the token has no custom data to compare\n":                          large,
	} {
		if out, code := run(u, "whoami"); code != 0 || !strings.Contains(out, want) {
			t.Errorf("expected %q: %d\n%s", want, code, out)
		}
	}
}

func TestExitCodes(t *testing.T) {
	for kind, want := range map[model.FaultKind]int{
		"": 1, model.Failed: 1, model.InvalidInput: 2, model.SignedOut: 3, model.InvalidCredentials: 3, model.Conflicting: 4,
		model.PermissionDenied: 5, model.Unreachable: 6,
	} {
		var err error = &model.Fault{Kind: kind}
		if kind == "" {
			err = errors.New("any other error")
		}
		if got := cli.ExitCode(err); got != want {
			t.Errorf("%q: exit code %d, expected %d", kind, got, want)
		}
	}
	if got := cli.ExitCode(nil); got != 0 {
		t.Errorf("success: exit code %d", got)
	}
}

// refreshedUser is a user whose refresh returns another session.
type refreshedUser struct {
	stubUser
	after model.Session
}

func (u refreshedUser) Refresh(context.Context) (model.Session, error) { return u.after, nil }

// TestADocumentTooLargeForTheToken: refresh and set say why the token has no document, and do not list each of its
// fields as removed.
func TestADocumentTooLargeForTheToken(t *testing.T) {
	user := ada(t)
	user.result = model.WriteResult{Saved: true}
	small, large := user, user
	large.session.Snapshot.CustomData, large.session.Snapshot.TooLarge = nil, true
	const why = "the document is too large for a token, which holds 785 kB of JSON: the application sees no custom data"
	for _, test := range []struct {
		before, after stubUser
		command, want string
	}{
		{small, large, "refresh", why + "\n"},
		{large, large, "refresh", why + "\n"},
		{large, small, "refresh", "the document fits into the token again\n"},
		{small, large, "refresh --json", `{"changes":[],`},
		{small, large, "refresh --json", `"custom_data_too_large":true}`},
		{large, small, "refresh --json", `"custom_data_too_large":false}`},
		{small, large, "set favoriteColor=blue", why},
		{small, small, "set favoriteColor=blue", "new favoriteColor: blue\n"},
	} {
		out, code := run(refreshedUser{test.before, test.after.session}, strings.Fields(test.command)...)
		if code != 0 || !strings.Contains(out, test.want) || strings.Contains(out, "-> (absent)") {
			t.Errorf("%s: %d\n%s", test.command, code, out)
		}
	}
}
