package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"dossier/model"
)

// exportSecrets returns the secrets of the exports in testdata.
func exportSecrets(name string) (string, bool) {
	switch name {
	case "tokenKey", "Login":
		return strings.Repeat("k", 40), true
	case "mailSecret":
		return "key-of-the-mail-service", true
	}
	return "", false
}

// locations returns the findings of a level as "file|key".
func locations(findings []Finding, level Level) []string {
	var out []string
	for _, f := range findings {
		if f.Level == level {
			out = append(out, f.File+"|"+f.Key)
		}
	}
	slices.Sort(out)
	return out
}

func sameLines(t *testing.T, what string, got, want []string) {
	t.Helper()
	if slices.Sort(want); !slices.Equal(got, want) {
		t.Errorf("%s\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// An export of the hosted service's last CLI version starts unchanged, and exactly the unsupported parts are reported.
func TestExport(t *testing.T) {
	a, findings := Examine(os.DirFS("testdata/export"), Options{Secret: exportSecrets})
	sameLines(t, "wrong", locations(findings, Invalid), nil)
	sameLines(t, "suspect", locations(findings, Suspicious), nil)
	sameLines(t, "missing", locations(findings, Unsupported), []string{
		"auth/providers.json|custom-token.secret_config.signingKeys[1]",
		"auth/providers.json|oauth2-apple.secret_config",
		"auth/providers.json|oauth2-facebook",
		"auth/providers.json|oauth2-facebook.redirect_uris",
		"auth/providers.json|oauth2-facebook.secret_config",
		"auth/providers.json|oauth2-google.secret_config",
		"data_sources/mongodb-atlas/config.json|config.namespacePreimageConfigs",
		"data_sources/mongodb-atlas/default_rule.json|roles[0].search",
		"data_sources/mongodb-atlas/library/loans/relationships.json|",
		"functions/helpers.js|",
		"functions/node_modules.tar.gz|",
		"functions/package.json|dependencies.dayjs",
		"graphql/custom_resolvers/query_booksOf.json|",
		"hosting|",
		"http_endpoints/config.json|",
		"log_forwarders/forward.json|",
		"services/post/config.json|type",
		"sync/config.json|",
		"triggers/nightly.json|type",
		"triggers/onLoan.json|config.full_document_before_change",
		"values/mapKey.json|value",
	})
	if a == nil {
		t.Fatal("does not start")
	}
	want := model.CustomDataConfig{Enabled: true, Service: "mongodb-atlas", Database: "library", Collection: "readers",
		UserIDField: "_id"}
	if a.ID != "library-kqzwx" || a.CustomData != want || a.OnUserCreation != "admit" ||
		a.Environment.Tag != "production" || !slices.Equal(a.Origins, []string{"https://library.example.com"}) {
		t.Errorf("%+v", a)
	}
	if got := a.Environment.Values["baseUrl"].StringValue(); got != "https://library.example.com" {
		t.Errorf("value of the environment %q", got)
	}
	if a.Values["mailKey"].StringValue() != "key-of-the-mail-service" || len(a.Values) != 2 {
		t.Errorf("values %v", a.Values)
	}
}

// The providers' settings of an export.
func TestExportProviders(t *testing.T) {
	a, err := Read(os.DirFS("testdata/export"), Options{Secret: exportSecrets})
	if err != nil {
		t.Fatal(err)
	}
	key := NewTokenKey(strings.Repeat("k", 40))
	for _, want := range []Provider{
		{Type: "anon-user", Disabled: true},
		{Type: "api-key"},
		{Type: "custom-function", Function: "cardLogin"},
		{Type: "custom-token", Token: TokenIssuer{
			Audience: []string{"library", "library-mobile"}, AnyAudience: true, Algorithm: "HS256", Keys: []TokenKey{key},
			Metadata: []MetadataField{
				{Path: []string{"contact", "email"}, Field: "email", Required: true},
				{Path: []string{"https://library.example.com/branch"}, Field: "branch"},
				{Path: []string{"nickname"}, Field: "nickname"},
			},
		}},
		{Type: "local-userpass", EmailPassword: EmailPassword{
			ConfirmFunction: "confirm", ConfirmURL: "https://library.example.com/confirm",
			ConfirmSubject: "Welcome to the library",
			ResetURL:       "https://library.example.com/reset", ResetSubject: "Your password",
		}},
		{Type: "oauth2-apple", Token: TokenIssuer{
			Issuer: "https://appleid.apple.com", Audience: []string{"com.example.library"}, AnyAudience: true,
			JWKSURL: "https://appleid.apple.com/auth/keys",
		}},
		{Type: "oauth2-google", Token: TokenIssuer{
			Issuer: "https://accounts.google.com", Audience: []string{"library.apps.googleusercontent.com"}, AnyAudience: true,
			JWKSURL: "https://www.googleapis.com/oauth2/v3/certs",
			Metadata: []MetadataField{{Path: []string{"given_name"}, Field: "first_name"}, {Path: []string{"picture"},
				Field: "portrait"}},
		}},
	} {
		if got := a.Providers[want.Type]; !reflect.DeepEqual(got, want) {
			t.Errorf("%+v\nwant %+v", got, want)
		}
	}
	if !a.Providers["oauth2-facebook"].Disabled {
		t.Error("a provider whose tokens cannot be verified is enabled")
	}
}

// The functions' permissions and the triggers of an export.
func TestExportFunctionsAndTriggers(t *testing.T) {
	a, err := Read(os.DirFS("testdata/export"), Options{Secret: exportSecrets})
	if err != nil {
		t.Fatal(err)
	}
	if f := a.Functions["renew"]; f == nil || f.RunAsUserID != "64b0c1d2e3f4a5b6c7d8e9f0" || f.Private || f.RunAsSystem {
		t.Errorf("renew %+v", f)
	}
	if f := a.Functions["mail/remind"]; f == nil || !strings.Contains(f.RunAsUserScript, "runAsSystem") ||
		!strings.Contains(f.Source, "fullDocument") {
		t.Errorf("mail/remind %+v", f)
	}
	if f := a.Functions["admit"]; f == nil || !f.RunAsSystem || !f.Private {
		t.Errorf("admit %+v", f)
	}
	if len(a.Functions) != 6 || len(a.Triggers) != 2 {
		t.Fatalf("%d functions, %d triggers", len(a.Functions), len(a.Triggers))
	}
	loan, login := a.Triggers[0], a.Triggers[1]
	if d := loan.Database; d == nil || loan.Function != "mail/remind" || d.Service != "mongodb-atlas" ||
		d.Namespace != (Namespace{"library", "loans"}) ||
		!slices.Equal(d.Events, []string{EventInsert, EventUpdate}) || !d.FullDocument || d.Match == nil || d.Project != nil {
		t.Errorf("onLoan %+v %+v", loan, d)
	}
	if d := login.Authentication; d == nil || login.Function != "admit" || !d.Matches(EventLogin, "api-key") ||
		d.Matches(EventLogin, "anon-user") || d.Matches(EventCreate, "api-key") {
		t.Errorf("onLogin %+v %+v", login, d)
	}
}

// An export in the older layout starts, too.
func TestOlderExport(t *testing.T) {
	a, findings := Examine(os.DirFS("testdata/older"), Options{Secret: exportSecrets})
	sameLines(t, "wrong", locations(findings, Invalid), nil)
	sameLines(t, "suspect", locations(findings, Suspicious), nil)
	sameLines(t, "missing", locations(findings, Unsupported), []string{
		"auth_providers/oauth2-google.json|config.openId",
		"auth_providers/oauth2-google.json|redirect_uris",
		"auth_providers/oauth2-google.json|secret_config",
		"secrets.json|",
		"services/web/config.json|type",
	})
	if a == nil {
		t.Fatal("does not start")
	}
	want := model.CustomDataConfig{Enabled: true, Service: "club", Database: "bookclub", Collection: "members",
		UserIDField: "owner_id"}
	if a.ID != "bookclub-abcde" || a.CustomData != want || !slices.Equal(a.Origins, []string{"http://localhost:8080"}) {
		t.Errorf("%+v", a)
	}
	c := a.DataSources["club"].Namespaces[a.CustomDataNamespace()]
	if c == nil || c.Rules == nil || len(c.Rules.Roles) != 1 || len(c.Rules.Filters) != 1 || c.Schema == nil {
		t.Errorf("collection %+v", c)
	}
	if f := a.Functions["onNewUser"]; f == nil || !f.RunAsSystem || len(a.Functions) != 2 || len(a.Triggers) != 1 ||
		a.Triggers[0].Function != "onNewUser" {
		t.Errorf("functions %v, triggers %+v", a.Functions, a.Triggers)
	}
	if p := a.Providers["custom-token"]; p.Disabled || len(p.Token.Keys) != 1 || p.Token.Audience != nil {
		t.Errorf("custom-token %+v", p)
	}
	if !a.Providers["oauth2-google"].Disabled {
		t.Error("oauth2-google is enabled without id tokens")
	}
}

// Without its secrets, a provider is disabled and a value is undefined.
func TestMissingSecrets(t *testing.T) {
	a, err := Read(os.DirFS("testdata/export"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if p := a.Providers["custom-token"]; !p.Disabled || len(p.Token.Keys) != 0 {
		t.Errorf("custom-token without its secrets: %+v", p)
	}
	if _, there := a.Values["mailKey"]; there {
		t.Error("a value without its secret is defined")
	}
	_, findings := Examine(os.DirFS("testdata/export"), Options{})
	lines := ""
	for _, f := range findings {
		if f.Level == Unsupported {
			lines += f.String() + "\n"
		}
	}
	for _, want := range []string{
		`custom-token.secret_config.signingKeys[0]: the secret "tokenKey" is not set: set DOSSIER_SECRET_TOKENKEY`,
		"none of the secrets is set; the provider custom-token is disabled",
		`values/mailKey.json: value: the secret "mailSecret" is not set: set DOSSIER_SECRET_MAILSECRET`,
	} {
		if !strings.Contains(lines, want) {
			t.Errorf("no %q in\n%s", want, lines)
		}
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	a, err := Read(os.DirFS("testdata/export"), Options{Secret: exportSecrets})
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(form, a.Providers["custom-token"]); strings.Contains(text, "kkkk") {
			t.Errorf("%s prints %s", form, text)
		}
	}
}

// Extensions of the layout are converted to $jsonSchema.
func TestSchemaConversion(t *testing.T) {
	a, err := Read(os.DirFS("testdata/export"), Options{Secret: exportSecrets})
	if err != nil {
		t.Fatal(err)
	}
	namespaces := a.DataSources["mongodb-atlas"].Namespaces
	schema := namespaces[Namespace{"library", "readers"}].Schema
	if got := schema.Lookup("properties", "card", "bsonType").StringValue(); got != "binData" {
		t.Errorf("uuid is %s", got)
	}
	if _, err := schema.LookupErr("properties", "note", "bsonType"); err == nil {
		t.Error("mixed restricts the type")
	}
	if _, err := schema.LookupErr("properties", "address", "title"); err == nil {
		t.Error("the schema has titles")
	}
	if _, err := namespaces[Namespace{"library", "loans"}].Schema.LookupErr("required"); err == nil {
		t.Error("the schema has an empty array required")
	}
}

// Modules in the directory are available to require, and missing dependencies are reported.
func TestModules(t *testing.T) {
	files := demoFiles(t)
	for name, text := range map[string]string{
		"functions/package.json":                  `{"dependencies":{"here":"1","@some/where":"2","gone":"3","../out":"4"}}`,
		"functions/node_modules/here/index.js":    "module.exports = 1",
		"functions/node_modules/@some/where/a.js": "module.exports = 2",
		"functions/node_modules/here/config.json": `{"name":"no function"}`,
	} {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	a, findings := Examine(files, Options{})
	sameLines(t, "missing", locations(findings, Unsupported), []string{"functions/package.json|dependencies.gone",
		"functions/package.json|dependencies.../out"})
	if a == nil || a.Modules == nil || len(a.Functions) != 1 {
		t.Fatalf("%+v", a)
	}
	if f, err := a.Modules.Open("node_modules/here/index.js"); err != nil {
		t.Error(err)
	} else if err := f.Close(); err != nil {
		t.Error(err)
	}
	if a, _ := Examine(Demo(), Options{}); a.Modules != nil {
		t.Error("an application without node_modules has modules")
	}
}

// One mistake does not hide the next.
func TestExamineReportsAllMistakes(t *testing.T) {
	files := demoFiles(t)
	for name, text := range map[string]string{
		"realm_config.json":     `{"app_id":"x","security":3}`,
		"auth/providers.json":   `{"telepathy":{},"anon-user":{"disabled":"no"}}`,
		"functions/config.json": `[{"name":"writeCustomUserData","private":3},{"name":"gone"}]`,
		"triggers/a.json":       `{"type":"x"}`,
		"triggers/b.json":       `{`,
		"values/v.json":         `{"value":1,"from_secret":true}`,
		"data_sources/mongodb-atlas/app/custom_user_data/rules.json": `{"roles":3}`,
	} {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	a, findings := Examine(files, Options{})
	if a != nil {
		t.Error("it starts")
	}
	sameLines(t, "wrong", locations(findings, Invalid), []string{
		"auth/providers.json|anon-user.disabled", "auth/providers.json|telepathy.type",
		"data_sources/mongodb-atlas/app/custom_user_data/rules.json|roles",
		"functions/config.json|[0].private", "functions/config.json|[1].name",
		"realm_config.json|security", "triggers/a.json|type", "triggers/b.json|", "values/v.json|value",
	})
}

// An unreadable file is reported, and not its missing definitions.
func TestNoConsequentialFindings(t *testing.T) {
	const rulesFile = "data_sources/mongodb-atlas/app/custom_user_data/rules.json"
	for file, more := range map[string]map[string]string{
		rulesFile:               nil,
		"values/a.json":         {rulesFile: `{"roles":[{"name":"r","apply_when":{"userId":"%%user.id","a":"%%values.a"},"read":true}]}`},
		"functions/config.json": {"auth/custom_user_data.json": `{"enabled":false,"on_user_creation_function_name":"writeCustomUserData"}`},
	} {
		files := demoFiles(t)
		for name, text := range more {
			files[name] = &fstest.MapFile{Data: []byte(text)}
		}
		files["auth/providers.json"] = &fstest.MapFile{Data: []byte(`{"api-key":{}}`)}
		files[file] = &fstest.MapFile{Data: []byte("{,}")}
		_, findings := Examine(files, Options{})
		sameLines(t, file, locations(findings, Invalid), []string{file + "|"})
		sameLines(t, file, locations(findings, Suspicious), nil)
	}
}

// A directory inside an application is refused.
func TestPartOfAnApplicationIsRefused(t *testing.T) {
	for _, dir := range []string{"functions", "data_sources/mongodb-atlas"} {
		a, findings := Examine(os.DirFS("testdata/export/"+dir), Options{})
		if a != nil || len(findings) != 1 || !strings.Contains(findings[0].Text, "not an application directory") {
			t.Errorf("%s: %v", dir, findings)
		}
	}
}

// Settings of disabled features are not reported.
func TestDisabledFeaturesAreNotReported(t *testing.T) {
	files := demoFiles(t)
	for name, text := range map[string]string{
		"hosting/config.json":        `{"enabled":false,"app_default_domain":"x.example.com"}`,
		"hosting/files/a.html":       "<p>",
		"graphql/config.json":        `{"use_natural_pluralization":true}`,
		"sync/config.json":           `{"type":"flexible","state":"disabled","development_mode_enabled":false}`,
		"http_endpoints/config.json": `[]`,
	} {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	_, findings := Examine(files, Options{})
	sameLines(t, "missing", locations(findings, Unsupported), nil)
}

// An invalid schema is reported with its key.
func TestInvalidSchema(t *testing.T) {
	const file = "data_sources/mongodb-atlas/app/custom_user_data/schema.json"
	files := demoFiles(t)
	files[file] = &fstest.MapFile{Data: []byte(`{"properties":{"_id":{},"friend":{"bsonType":"ObjectID"}}}`)}
	_, findings := Examine(files, Options{})
	sameLines(t, "missing", locations(findings, Unsupported), []string{file + "|properties.friend.bsonType"})
}

// Hosts that functions send requests to and that are not allowed are reported.
func TestHosts(t *testing.T) {
	for source, want := range map[string][]string{
		`context.http.get({url: "https://api.example.com/x?y"}); context.http.get({url: "https://api.example.com:8443"}) // context.http`: {"api.example.com", "api.example.com:8443"},
		`context.http.get({url: "http://ALLOWED.example.com/x"})`:                                                                         nil,
		"context.http.get({url: `https://api.example.com/${id}`}); context.http.get({url: `https://${host}/`})":                           {"api.example.com"},
		"context.http.get({url: `https://api.${domain}/x`}); // https://comment.example.com":                                              nil,
		`const link = "https://elsewhere.example.com/"`:                                                                                   nil,
	} {
		files := demoFiles(t)
		files["functions/writeCustomUserData.js"] = &fstest.MapFile{Data: []byte(source)}
		_, findings := Examine(files, Options{AllowedHosts: []string{"allowed.example.com"}})
		var got []string
		for _, f := range findings {
			if _, host, ok := strings.Cut(f.Text, "--http-host "); ok && f.Level == Unsupported {
				got = append(got, host)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", source, got, want)
		}
	}
	files := demoFiles(t)
	files["functions/writeCustomUserData.js"] = &fstest.MapFile{Data: []byte("exports = u => context.http.get({url: u})")}
	if _, findings := Examine(files, Options{}); !slices.ContainsFunc(findings,
		func(f Finding) bool { return strings.HasSuffix(f.Text, "--http-host NAME") }) {
		t.Error("no finding about requests to unknown hosts")
	}
}

// Suspicious settings are reported by file and key.
func TestSuspiciousSettings(t *testing.T) {
	const dir = "data_sources/mongodb-atlas/app/custom_user_data/"
	owner := func(when string) string {
		return `{"roles":[{"name":"owner","apply_when":` + when + `,"read":true,"write":true}]}`
	}
	mine := owner(`{"userId":"%%user.id"}`)
	for name, c := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"nothing": {map[string]string{dir + "rules.json": mine}, nil},
		"no rules for custom data": {map[string]string{dir + "rules.json": ""},
			[]string{"auth/custom_user_data.json|collection_name"}},
		"roles that allow nothing": {map[string]string{dir +
			"rules.json": `{"roles":[{"name":"r","apply_when":{"userId":"%%user.id"},"read":false,"fields":{}}]}`},
			[]string{"auth/custom_user_data.json|collection_name"}},
		"no condition uses the user id field": {map[string]string{dir + "rules.json": owner(`{"owner":"%%user.id"}`)},
			[]string{dir + "rules.json|roles"}},
		"a filter uses it": {map[string]string{dir +
			"rules.json": `{"roles":[{"name":"r","apply_when":{},"write":true}],"filters":[{"name":"f","apply_when":true,"query":{"userId":"%%user.id"}}]}`}, nil},
		"a role that never applies": {map[string]string{dir +
			"rules.json": `{"roles":[{"name":"a","apply_when":{"%%true":true},"read":{"userId":"%%user.id"}},{"name":"b","apply_when":{"userId":"%%user.id"},"read":true}]}`},
			[]string{dir + "rules.json|roles[1]"}},
		"a string compared with an ObjectId": {map[string]string{dir + "rules.json": mine,
			dir + "schema.json": `{"properties":{"userId":{"bsonType":"objectId"}}}`},
			[]string{dir + "rules.json|roles[0].apply_when.userId"}},
		"a string compared with an ObjectId, by an operator": {map[string]string{dir +
			"rules.json": owner(`{"userId":{"%eq":"%%user.id"}}`),
			dir + "schema.json": `{"properties":{"userId":{"bsonType":"objectId"}}}`},
			[]string{dir + "rules.json|roles[0].apply_when.userId"}},
		"an ObjectId compared with a string": {map[string]string{dir +
			"rules.json": owner(`{"userId":{"%stringToOid":"%%user.id"}}`),
			dir + "schema.json": `{"properties":{"userId":{"bsonType":"string"}}}`},
			[]string{dir + "rules.json|roles[0].apply_when.userId"}},
		"either": {map[string]string{dir + "rules.json": mine,
			dir + "schema.json": `{"properties":{"userId":{"bsonType":["string","objectId"]}}}`}, nil},
		"a user id of another type": {map[string]string{dir + "rules.json": mine,
			dir + "schema.json": `{"properties":{"userId":{"bsonType":"int"}}}`},
			[]string{dir + "schema.json|properties.userId"}},
		"a schema without _id": {map[string]string{dir +
			"schema.json": `{"additionalProperties":false,"required":["userId"],"properties":{"name":{}}}`},
			[]string{dir + "schema.json|additionalProperties", dir + "schema.json|properties.userId",
				dir + "schema.json|required[0]"}},
		"a schema that is not of an object": {map[string]string{dir + "schema.json": `{"bsonType":"array"}`},
			[]string{dir + "schema.json|bsonType"}},
		"no enabled provider": {map[string]string{"auth/providers.json": `{"anon-user":{"disabled":true}}`},
			[]string{"auth/providers.json|"}},
		"mails without a link": {map[string]string{"auth/providers.json": `{"local-userpass":{}}`},
			[]string{"auth/providers.json|local-userpass.config.emailConfirmationUrl",
				"auth/providers.json|local-userpass.config.resetPasswordUrl"}},
		"an environment without a file": {map[string]string{"realm_config.json": `{"app_id":"x","environment":"qa"}`},
			[]string{"realm_config.json|environment"}},
		"a trigger of an unknown provider": {map[string]string{"triggers/t.json": `{"type":"AUTHENTICATION","config":{"operation_type":"LOGIN","providers":["api-key","oauth2-google"]},"function_name":"writeCustomUserData"}`},
			[]string{"triggers/t.json|config.providers[1]"}},
		"a trigger that never runs": {map[string]string{"triggers/t.json": `{"type":"DATABASE","config":{"service_name":"mongodb-atlas","database":"app","collection":"c","operation_types":["INSERT"],
			"match":{"$foo":1},"project":{"_id":0}},"function_name":"writeCustomUserData"}`}, []string{"triggers/t.json|config.match", "triggers/t.json|config.project._id"}},
		"unknown names in a function": {map[string]string{"functions/writeCustomUserData.js": `exports = () => {
			context.services.get("mongodb-atlas"); // context.services.get("commented")
			/* context.values.get("out") */ context.services.get( 'twilio' ); context.services.get("twilio");
			context.values.get("nowhere"); context.values . get("late"); context.functions.execute("gone", 1); context.functions.execute("writeCustomUserData"); context.services.get(name);
		}`, "values/late.json": `{"value":"x","from_secret":true}`},
			[]string{"functions/writeCustomUserData.js|", "functions/writeCustomUserData.js|",
				"functions/writeCustomUserData.js|"}},
		"unknown members of context, and globals": {map[string]string{"functions/writeCustomUserData.js": `exports = async () => {
			context.users.find(); context.user; context.runningAsSystem(); x.context.other; await fetch("x"); new TextEncoder(); obj.process.env; // Intl.x, context.gone
		}`}, []string{"functions/writeCustomUserData.js|", "functions/writeCustomUserData.js|", "functions/writeCustomUserData.js|"}},
		"property classes in regular expressions": {map[string]string{"functions/writeCustomUserData.js": `exports = x => /^\p{L}+$/u.test(x)`}, []string{"functions/writeCustomUserData.js|"}},
		"names that the source declares":          {map[string]string{"functions/writeCustomUserData.js": `const fetch = (context) => context.anything; exports = () => fetch("x")`}, nil},
		"modules": {map[string]string{"functions/writeCustomUserData.js": `const a = require("axios"), b = require( 'good' ); require("axios"); x.require("axios"); require(name) // require("fs")`},
			[]string{"functions/writeCustomUserData.js|"}},
		"a function that does not parse": {map[string]string{"functions/writeCustomUserData.js": "exports = ("},
			[]string{"functions/writeCustomUserData.js|"}},
	} {
		files := demoFiles(t)
		for file, text := range c.files {
			files[file] = &fstest.MapFile{Data: []byte(text)}
			if text == "" {
				delete(files, file)
			}
		}
		if c.files["auth/providers.json"] == "" {
			files["auth/providers.json"] = &fstest.MapFile{Data: []byte(`{"api-key":{}}`)}
		}
		a, findings := Examine(files, Options{Compile: func(_, source string) error {
			if strings.HasSuffix(source, "(") {
				return errors.New("unexpected end")
			}
			return nil
		}, LoadModule: func(_ fs.FS, file, module string) error {
			if module == "good" {
				return nil
			}
			return errors.New("module not found")
		}})
		if a == nil {
			t.Errorf("%s: does not start: %v", name, locations(findings, Invalid))
		}
		sameLines(t, name, locations(findings, Suspicious), c.want)
	}
}

// Names in comments and strings are not references; access over several lines and optional chaining are.
func TestSourceReferences(t *testing.T) {
	for source, want := range map[string][]string{
		`// context.services.get("a")
		/* fetch("b") */ exports = () => 'context.values.get("c"); require("d"); context.users'`: nil,
		"exports = () => `context.users ${1} fetch(1)`":                                   nil,
		`exports = () => "a//b" + context.values.get("after a comment mark in a string")`: {"values"},
		`exports = () => context
			.services // the data source
			.get(
				"twilio",
			)`: {"services"},
		`exports = () => context?.services?.get("twilio")`:                            {"services"},
		`exports = () => context["values"]["get"]("nowhere")`:                         {"values"},
		"exports = () => context.functions.execute(`gone`)":                           {"functions"},
		"exports = name => context.functions.execute(`gone${name}`)":                  nil,
		`const { services: s, values } = context; exports = () => values.get("gone")`: {"values"},
		`exports = function context() { return context.anything }`:                    nil,
		`exports = ({ context }) => context.anything`:                                 nil,
		`exports = (x = context.anything) => x`:                                       {"context.anything"},
		`exports = () => { for (const context of [{}]) { context.anything } }`:        nil,
		`class Intl {}; exports = () => Intl.anything`:                                nil,
		`exports = () => Intl.DateTimeFormat`:                                         {"global Intl"},
		`exports = () => new RegExp("^\\p{Lu}").test("x")`:                            {`\p{Lu}`},
		`exports = ( /* does not parse`:                                               nil,
	} {
		files := demoFiles(t)
		files["functions/writeCustomUserData.js"] = &fstest.MapFile{Data: []byte(source)}
		_, findings := Examine(files, Options{})
		var got []string
		for _, f := range findings {
			if f.File != "functions/writeCustomUserData.js" || f.Level != Suspicious {
				continue
			}
			for text, kind := range map[string]string{
				"data source": "services", "unknown value": "values", "unknown function": "functions",
				"context.anything": "context.anything", "global Intl": "global Intl", `\p{Lu}`: `\p{Lu}`,
			} {
				if strings.Contains(f.Text, text) {
					got = append(got, kind)
				}
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s\n%q, want %q", source, got, want)
		}
	}
}

// A provider with domain restrictions is disabled.
func TestDomainRestrictionsDisableTheProvider(t *testing.T) {
	files := demoFiles(t)
	files["auth/providers.json"] = &fstest.MapFile{Data: []byte(`{"oauth2-google":{"config":{"clientId":"c","openId":true},"domain_restrictions":["example.com"]}}`)}
	a, err := Read(files, Options{})
	if err != nil || !a.Providers["oauth2-google"].Disabled {
		t.Errorf("%+v %v", a, err)
	}
}

// A provider can name its issuer, and a key set in the directory or at a URL.
func TestCustomIssuers(t *testing.T) {
	files := demoFiles(t)
	files["auth/keys.json"] = &fstest.MapFile{Data: []byte(`{"keys":[{}]}`)}
	files["auth/providers.json"] = &fstest.MapFile{Data: []byte(`{
		"custom-token":{"config":{"issuer":"https://id.example.com","jwkFile":"auth/keys.json"}},
		"oauth2-facebook":{"config":{"clientId":"c","audience":["d"],"issuer":"https://www.facebook.com","jwkURI":"https://www.facebook.com/keys"}}}`)}
	a, findings := Examine(files, Options{})
	if a == nil {
		t.Fatal(findings)
	}
	sameLines(t, "unsupported", locations(findings, Unsupported), nil)
	if got := a.Providers["custom-token"].Token; got.Issuer != "https://id.example.com" ||
		got.JWKSFile != `{"keys":[{}]}` || got.Algorithm != "" {
		t.Errorf("%+v", got)
	}
	if got := a.Providers["oauth2-facebook"]; got.Disabled || got.Token.JWKSURL != "https://www.facebook.com/keys" ||
		!slices.Equal(got.Token.Audience, []string{"c", "d"}) {
		t.Errorf("%+v", got)
	}
}
