package app

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"dossier/backend/rules"
	"dossier/model"
)

// demoFiles is the demo application as a map that a test may change.
func demoFiles(t *testing.T) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	err := fs.WalkDir(Demo(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(Demo(), name)
		out[name] = &fstest.MapFile{Data: text}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestDemo(t *testing.T) {
	a, findings := Examine(Demo(), Options{})
	if a == nil {
		t.Fatal(findings)
	}
	sameLines(t, "unsupported", locations(findings, Unsupported), nil)
	if a.ID != "dossier-demo" || a.Hosting != (Hosting{DeploymentModel: "LOCAL"}) {
		t.Errorf("id %q, hosting %+v", a.ID, a.Hosting)
	}
	if got := slices.Sorted(maps.Keys(a.Providers)); !slices.Equal(got, []string{"anon-user", "api-key",
		"local-userpass"}) {
		t.Errorf("providers %v", got)
	}
	if !a.Providers["local-userpass"].EmailPassword.AutoConfirm {
		t.Error("local-userpass is not confirmed automatically")
	}
	want := model.CustomDataConfig{Enabled: true, Service: "mongodb-atlas", Database: "app",
		Collection: "custom_user_data", UserIDField: "userId"}
	if a.CustomData != want {
		t.Errorf("custom data %+v", a.CustomData)
	}
	f := a.Functions["writeCustomUserData"]
	if f == nil || f.Private || f.RunAsSystem || !f.CanEvaluate.Holds(rules.Caller{}) {
		t.Fatalf("function %+v", f)
	}
	if !strings.HasPrefix(f.Source, "exports = async function writeCustomUserData(newCustomUserData) {") {
		t.Errorf("source %q", f.Source)
	}
	if a.DataSources["mongodb-atlas"].Rules(a.CustomDataNamespace()) == nil {
		t.Error("the custom data collection has no rules")
	}
	if a.DataSources["mongodb-atlas"].Rules(Namespace{"app", "elsewhere"}) != nil {
		t.Error("a collection without rules has rules")
	}
}

// secrets returns the secrets of the tests.
func secrets(name string) (string, bool) {
	switch name {
	case "short":
		return "12345", true
	case "long":
		return strings.Repeat("k", 32), true
	case "public":
		return "-----BEGIN PUBLIC KEY-----\n" + strings.Repeat("A", 40) + "\n-----END PUBLIC KEY-----\n", true
	}
	return "", false
}

// Every mistake is reported by file and key.
func TestReadReportsFileAndKey(t *testing.T) {
	const rulesFile = "data_sources/mongodb-atlas/app/custom_user_data/rules.json"
	for _, c := range []struct{ file, text, want string }{
		{"realm_config.json", ``, "realm_config.json: line 1: invalid JSON"},
		{"realm_config.json", "{\n \"app_id\": x}", "realm_config.json: line 2: invalid JSON"},
		{"realm_config.json", `[]`, "realm_config.json: expected an object at the top level"},
		{"realm_config.json", `{"app_id":3}`, "realm_config.json: app_id: expected a string, got 3"},
		{"realm_config.json", `{"app_id":"a b"}`, `realm_config.json: app_id: invalid application id`},
		{"realm_config.json", `{"name":"x y"}`, `realm_config.json: app_id: invalid application id`},
		{"realm_config.json", `{"name":"x"}`, ""},
		{"realm_config.json", strings.Repeat("[", 101) + strings.Repeat("]", 101),
			`realm_config.json: is nested deeper than 100 levels`},
		{"realm_config.json", `{"app_id":"x","environment":"../a"}`,
			`realm_config.json: environment: invalid environment name "../a"`},
		{"realm_config.json", `{"app_id":"x","security":{"allowed_request_origins":["example.com"]}}`,
			`realm_config.json: security.allowed_request_origins: "example.com" is not an origin (example: https://example.com)`},
		{"realm_config.json", `{"app_id":"x","allowed_request_origins":[3]}`,
			`realm_config.json: allowed_request_origins[0]: expected a string, got 3`},
		{"auth/providers.json", `[]`, "auth/providers.json: expected an object"},
		{"auth/providers.json", `{"anon-user":3}`, "auth/providers.json: anon-user: expected an object, got 3"},
		{"auth/providers.json", `{"local-userpass":{"disabled":"x"}}`,
			`auth/providers.json: local-userpass.disabled: expected true or false, got "x"`},
		{"auth/providers.json", `{"local-userpass":{"config":{"autoConfirm":"yes"}}}`,
			`auth/providers.json: local-userpass.config.autoConfirm: expected true or false`},
		{"auth/providers.json", `{"telepathy":{}}`, `auth/providers.json: telepathy.type: unknown provider type "telepathy"`},
		{"auth/providers.json", `{"a":{"type":"api-key"},"b":{"type":"api-key"}}`,
			`auth/providers.json: b: duplicate provider type "api-key"`},
		{"auth/providers.json", `{"local-userpass":{"config":{"runResetFunction":true}}}`,
			`auth/providers.json: local-userpass.config.resetFunctionName: is missing`},
		{"auth/providers.json", `{"local-userpass":{"config":{"runResetFunction":true,"resetFunctionName":"f"}}}`,
			`auth/providers.json: local-userpass.config.resetFunctionName: unknown function "f"`},
		{"auth/providers.json", `{"local-userpass":{"config":{"runConfirmationFunction":true,"confirmationFunctionName":"f"}}}`, `auth/providers.json: local-userpass.config.confirmationFunctionName: unknown function "f"`},
		{"auth/providers.json", `{"local-userpass":{"config":{"resetFunctionName":"f"}}}`, ""},
		{"auth/providers.json", `{"local-userpass":{"disabled":true,"config":{"runResetFunction":true,"resetFunctionName":"f"}}}`, ""},
		{"auth/providers.json", `{"custom-function":{}}`,
			`auth/providers.json: custom-function.config.authFunctionName: is missing`},
		{"auth/providers.json", `{"custom-function":{"config":{"authFunctionName":"f"}}}`,
			`custom-function.config.authFunctionName: unknown function "f"`},
		{"auth/providers.json", `{"custom-function":{"config":{"authFunctionName":"writeCustomUserData"}}}`, ""},
		{"auth/providers.json", `{"custom-token":{}}`,
			`auth/providers.json: custom-token.config.signingAlgorithm: expected HS256, RS256, ES256 or EdDSA, got ""`},
		{"auth/providers.json", `{"custom-token":{"config":{"signingAlgorithm":"none"}}}`,
			`custom-token.config.signingAlgorithm: expected HS256`},
		{"auth/providers.json", `{"custom-token":{"config":{"signingAlgorithm":"HS256"}}}`,
			`custom-token.secret_config.signingKeys: is missing`},
		{"auth/providers.json", `{"custom-token":{"config":{"signingAlgorithm":"HS256"},"secret_config":{"signingKeys":["short"]}}}`, `custom-token.secret_config.signingKeys[0]: the secret "short" (DOSSIER_SECRET_SHORT) has 5 characters: HS256 requires 32 to 512`},
		{"auth/providers.json", `{"custom-token":{"config":{"signingAlgorithm":"HS256"},"secret_config":{"signingKeys":["public"]}}}`, `is a key in PEM: HS256 requires a secret`},
		{"auth/providers.json", `{"custom-token":{"config":{"signingAlgorithm":"RS256"},"secret_config":{"signingKeys":["long"]}}}`, `is not a public key in PEM`},
		{"auth/providers.json", `{"custom-token":{"config":{"useJWKURI":true}}}`, `custom-token.config.jwkURI: is missing`},
		{"auth/providers.json", `{"custom-token":{"config":{"useJWKURI":true,"jwkURI":"http://example.com/keys"}}}`,
			`custom-token.config.jwkURI: expected https, got "http://example.com/keys"`},
		{"auth/providers.json", `{"custom-token":{"config":{"useJWKURI":true,"jwkURI":"keys"}}}`,
			`custom-token.config.jwkURI: "keys" is not a URL`},
		{"auth/providers.json", `{"custom-token":{"config":{"useJWKURI":true,"jwkURI":"http://127.0.0.1:1/keys"}}}`, ""},
		{"auth/providers.json", `{"custom-token":{"config":{"jwkFile":"auth/keys.json"}}}`,
			`custom-token.config.jwkFile: file not found in the application directory: "auth/keys.json"`},
		{"auth/providers.json", `{"custom-token":{"config":{"jwkFile":"realm_config.json"}}}`,
			`custom-token.config.jwkFile: realm_config.json is not a key set`},
		{"auth/providers.json", `{"custom-token":{"config":{"useJWKURI":true,"jwkURI":"https://a/k","audience":3}}}`,
			`custom-token.config.audience: expected an array of strings, got 3`},
		{"auth/providers.json", `{"custom-token":{"config":{"useJWKURI":true,"jwkURI":"https://a/k"},"metadata_fields":{}}}`,
			`custom-token.metadata_fields: expected an array, got an object`},
		{"auth/providers.json", `{"custom-token":{"config":{"useJWKURI":true,"jwkURI":"https://a/k"},"metadata_fields":[{"name":"a..b"}]}}`, `custom-token.metadata_fields[0].name: expected the path of a claim, got "a..b"`},
		{"auth/providers.json", `{"custom-token":{"config":{"useJWKURI":true,"jwkURI":"https://a/k","metadata_fields":[{"name":"a"},{"name":"b","field_name":"a"}]}}}`, `custom-token.config.metadata_fields[1]: duplicate field "a"`},
		{"auth/providers.json", `{"custom-token":{"config":{"useJWKURI":true,"jwkURI":"https://a/k"},"metadata_fields":[{"name":"a\\.b"}]}}`, `custom-token.metadata_fields[0].field_name: invalid field name "a.b"`},
		{"auth/providers.json", `{"oauth2-google":{"config":{"openId":true}}}`, `oauth2-google.config.clientId: is missing`},
		{"auth/providers.json", `{"oauth2-x":{"config":{"clientId":"c","jwkURI":"https://x/k"}}}`,
			`oauth2-x.config.issuer: is missing`},
		{"auth/providers.json", `{"oauth2-":{}}`, `oauth2-.type: unknown provider type "oauth2-"`},
		{"auth_providers/api-key.json", `{"type":"api-key"}`,
			`auth_providers/api-key.json: duplicate provider type "api-key"`},
		{"auth/custom_user_data.json", `{"enabled":1}`, "auth/custom_user_data.json: enabled: expected true or false, got 1"},
		{"auth/custom_user_data.json", `{"enabled":true}`, "auth/custom_user_data.json: mongo_service_name: is missing"},
		{"auth/custom_user_data.json", `{"enabled":true,"mongo_service_name":"x","database_name":"d","collection_name":"c","user_id_field":"u"}`, `mongo_service_name: unknown data source "x"`},
		{"auth/custom_user_data.json", `{"enabled":true,"mongo_service_name":"mongodb-atlas","database_name":"d","collection_name":"c","user_id_field":"a.b"}`, `user_id_field: expected a top-level field`},
		{"auth/custom_user_data.json", `{"enabled":true,"mongo_service_name":"mongodb-atlas","database_name":"d","collection_name":"c","user_id_field":"_id"}`, ""},
		{"auth/custom_user_data.json", `{"enabled":true,"mongo_service_name":"mongodb-atlas","database_name":"dossier_x","collection_name":"c","user_id_field":"u"}`, `database_name: the database "dossier_x" is reserved`},
		{"auth/custom_user_data.json", `{"enabled":false,"on_user_creation_function_name":"nope"}`,
			`on_user_creation_function_name: unknown function "nope"`},
		{"data_sources/mongodb-atlas/config.json", `{}`, ""},
		{"data_sources/mongodb-atlas/config.json", `{"name":""}`, "data_sources/mongodb-atlas/config.json: name: is missing"},
		{"data_sources/other/rules.json", `{}`, "data_sources/other/config.json: is missing"},
		{"data_sources/other/config.json", `{"name":"mongodb-atlas"}`,
			`data_sources/other/config.json: name: duplicate data source "mongodb-atlas"`},
		{"data_sources/mongodb-atlas/admin/x/rules.json", `{}`, `the database "admin" is MongoDB's own`},
		{rulesFile, `{"database":"x"}`, rulesFile + `: database: is "x", but the file is in the directory of "app"`},
		{rulesFile, `{"collection":3}`, rulesFile + `: collection: is 3`},
		{rulesFile, `{"roles":[{"name":"r","apply_when":{"%foo":1}}]}`,
			rulesFile + `: roles[0].apply_when.%foo: unknown operator %foo in place of a field name`},
		{rulesFile, `{"roles":[{"name":"r","apply_when":{"a":"%%values.nope"}}]}`,
			rulesFile + `: roles[0].apply_when.a: unknown variable %%values.nope: the application does not define this value`},
		{rulesFile, `{"roles":[{"name":"r","apply_when":{"%%environment.values.x":1}}]}`,
			`unknown variable %%environment.values.x`},
		{"data_sources/mongodb-atlas/default_rule.json", `{"roles":[{"apply_when":true}]}`,
			"data_sources/mongodb-atlas/default_rule.json: roles[0].name: is missing"},
		{"functions/config.json", `{}`, "functions/config.json: expected an array"},
		{"functions/config.json", `[3]`, "functions/config.json: [0]: expected an object, got 3"},
		{"functions/config.json", `[{"name":"nope"}]`, "functions/config.json: [0].name: functions/nope.js is missing"},
		{"functions/config.json", `[{"name":"../x"}]`, "functions/config.json: [0].name: invalid function name"},
		{"functions/config.json", `[{"name":"writeCustomUserData","private":"no"}]`,
			`functions/config.json: [0].private: expected true or false, got "no"`},
		{"functions/config.json", `[{"name":"writeCustomUserData"},{"name":"writeCustomUserData"}]`,
			`[1].name: duplicate function "writeCustomUserData"`},
		{"functions/config.json", `[{"name":"writeCustomUserData","can_evaluate":{"%%root.a":1}}]`,
			`functions/config.json: [0].can_evaluate: the variable %%root is not available here`},
		{rulesFile, `{"roles":[{"name":"r","apply_when":{"a":"%%user.id%%"}}]}`,
			rulesFile + `: roles[0].apply_when.a: unknown variable %%user.id%%: did you mean %%user.id?`},
		{rulesFile, `{"roles":[{"name":"r","apply_when":{"%%true":{"%function":{"name":"f","arguments":[]}}}}]}`,
			rulesFile + `: roles[0].apply_when.%%true.%function.name: unknown function "f"`},
		{rulesFile, `{"roles":[{"name":"r","apply_when":{"$function":{"name":"f"}}}]}`,
			rulesFile + `: roles[0].apply_when.$function.name: unknown function "f"`},
		{"functions/config.json", `[{"name":"writeCustomUserData","can_evaluate":{"%function":{"name":"later"}}}]`,
			`functions/config.json: [0].can_evaluate.%function.name: unknown function "later"`},
		{rulesFile, `{"roles":[{"name":"r","apply_when":{"a":"%%values.key"}}]}`,
			rulesFile + `: roles[0].apply_when.a: the secret of the variable %%values.key is not set: set DOSSIER_SECRET_NOT_SET`},
		{"services/old/config.json", `{"name":"mongodb-atlas","type":"mongodb"}`,
			`services/old/config.json: name: duplicate data source "mongodb-atlas"`},
		{"services/old/rules/x.json", `{}`, ""},
		{"functions/old/config.json", `{"name":"old"}`,
			"functions/old/config.json: name: functions/old/source.js is missing"},
		{"functions/writeCustomUserData/config.json", `{"name":"writeCustomUserData"}`,
			`functions/writeCustomUserData/config.json: name: duplicate function "writeCustomUserData"`},
		{"functions/config.json", `[{"name":"writeCustomUserData","run_as_user_id":3}]`,
			`functions/config.json: [0].run_as_user_id: expected a string, got 3`},
		{"triggers/t.json", `{}`, `triggers/t.json: type: expected AUTHENTICATION, DATABASE or SCHEDULED, got ""`},
		{"triggers/t.json", `{"type":"AUTHENTICATION","config":{"operation_type":"CREATE"}}`,
			`triggers/t.json: function_name: is missing`},
		{"triggers/t.json", `{"type":"AUTHENTICATION","config":{"operation_type":"CREATE"},"event_processors":{"FUNCTION":{"config":{"function_name":"f"}}}}`, `triggers/t.json: event_processors.FUNCTION.config.function_name: unknown function "f"`},
		{"triggers/t.json", `{"type":"AUTHENTICATION","disabled":true,"config":{"operation_type":"CREATE"},"function_name":"f"}`, ""},
		{"triggers/t.json", `{"type":"AUTHENTICATION","config":{"operation_type":"SNEEZE"},"function_name":"writeCustomUserData"}`, `triggers/t.json: config.operation_type: expected CREATE, LOGIN or DELETE, got "SNEEZE"`},
		{"triggers/t.json", `{"type":"DATABASE","config":{"service_name":"x","database":"d","collection":"c","operation_types":["INSERT"]},"function_name":"writeCustomUserData"}`, `triggers/t.json: config.service_name: unknown data source "x"`},
		{"triggers/t.json", `{"type":"DATABASE","config":{"service_name":"mongodb-atlas","database":"d","collection":"c"},"function_name":"writeCustomUserData"}`, `triggers/t.json: config.operation_types: is missing`},
		{"triggers/t.json", `{"type":"DATABASE","config":{"service_name":"mongodb-atlas","database":"admin","collection":"c","operation_types":["INSERT"]},"function_name":"writeCustomUserData"}`, `triggers/t.json: config.database: the database "admin" is MongoDB's own`},
		{"triggers/t.json", `{"type":"DATABASE","config":{"service_name":"mongodb-atlas","database":"d","collection":"c","operation_types":["INSERT"],"match":3},"function_name":"writeCustomUserData"}`, `triggers/t.json: config.match: expected an object, got 3`},
		{"triggers/t.json", `{"name":"first","type":"AUTHENTICATION","config":{"operation_type":"CREATE"},"function_name":"writeCustomUserData"}`, `triggers/t.json: name: duplicate trigger "first"`},
		{rulesFile, `{"roles":[{"name":"r","apply_when":{},"read":false,"read":true}]}`,
			rulesFile + `: roles[0].read: duplicate key`},
		{"functions/config.json", `[{"name":"writeCustomUserData","private":true,"private":false}]`,
			"functions/config.json: [0].private: duplicate key"},
		{"values/a.json", `{"name":"a"}`, "values/a.json: value: is missing"},
		{"values/a.json", `{"name":3,"value":1}`, "values/a.json: name: expected a string"},
		{"values/a.json", `{"value":{"$oid":"x"}}`, "values/a.json: invalid extended JSON"},
	} {
		files := demoFiles(t)
		files["triggers/first.json"] = &fstest.MapFile{Data: []byte(`{"name":"first","type":"AUTHENTICATION","config":{"operation_type":"LOGIN"},"function_name":"writeCustomUserData"}`)}
		files["values/key.json"] = &fstest.MapFile{Data: []byte(`{"name":"key","value":"not-set","from_secret":true}`)}
		files[c.file] = &fstest.MapFile{Data: []byte(c.text)}
		_, err := Read(files, Options{Secret: secrets})
		if c.want == "" {
			if err != nil {
				t.Errorf("%s %s: %v", c.file, c.text, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: error %v, want %q", c.file, c.text, err, c.want)
		}
	}
	pipe := demoFiles(t)
	pipe["auth/providers.json"] = &fstest.MapFile{Mode: fs.ModeNamedPipe}
	if _, err := Read(pipe, Options{}); err == nil || err.Error() != "auth/providers.json: is not a regular file" {
		t.Errorf("a pipe: %v", err)
	}
	if _, err := Read(fstest.MapFS{}, Options{}); err == nil || !strings.Contains(err.Error(),
		"realm_config.json: is missing") {
		t.Errorf("an empty directory: %v", err)
	}
}

// The application that init writes starts, without any finding but Works.
func TestStarter(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "My first app!")
	id, err := WriteStarter(dir, "")
	if err != nil || id != "My-first-app" {
		t.Fatalf("%q %v", id, err)
	}
	a, findings := Examine(os.DirFS(dir), Options{})
	if a == nil || a.ID != id || len(a.Triggers) != 1 || len(a.Functions) != 2 ||
		a.Values["firstPlan"].StringValue() != "free" {
		t.Errorf("%+v", a)
	}
	for _, f := range findings {
		if f.Level != Works {
			t.Errorf("%s %s", f.Level, f)
		}
	}
	if _, err := WriteStarter(dir, ""); err == nil || !strings.Contains(err.Error(), "already has one") {
		t.Errorf("a second time: %v", err)
	}
	if _, err := WriteStarter(t.TempDir(), "a b"); err == nil {
		t.Error("an id with a space is accepted")
	}
	if id, err := WriteStarter(t.TempDir(), "own"); err != nil || id != "own" {
		t.Errorf("%q %v", id, err)
	}
}

// CheckProvider is called for enabled providers, and its error is reported at the provider.
func TestCheckProvider(t *testing.T) {
	files := demoFiles(t)
	files["auth/providers.json"] = &fstest.MapFile{Data: []byte(`{"custom-token":{"config":{"useJWKURI":true,"jwkURI":"https://a/k"}},"anon-user":{},"api-key":{"disabled":true}}`)}
	var checked []string
	_, err := Read(files, Options{CheckProvider: func(p Provider) error {
		if checked = append(checked, p.Type); p.Type == "custom-token" {
			return errors.New("a weak key")
		}
		return nil
	}})
	if err == nil || err.Error() != "auth/providers.json: custom-token: a weak key" || !slices.Equal(checked,
		[]string{"custom-token", "anon-user"}) {
		t.Errorf("%v, checked %v", err, checked)
	}
}

func TestForCollection(t *testing.T) {
	a, err := ForCollection("cluster", model.CustomDataConfig{Database: "shop", Collection: "user data",
		UserIDField: "owner"})
	if err != nil {
		t.Fatal(err)
	}
	if a.ID != "shop-user_data" || !a.CustomData.Enabled || a.CustomData.Service != "cluster" || len(a.Providers) != 0 {
		t.Errorf("%+v", a)
	}
	n := a.DataSources["cluster"].Rules(Namespace{"shop", "user data"})
	if n == nil || len(n.Roles) != 1 || n.Roles[0].Name != "owner" {
		t.Errorf("rules %+v", n)
	}
	_, err = ForCollection("cluster", model.CustomDataConfig{Database: "admin", Collection: "c", UserIDField: "owner"})
	if err == nil || !strings.Contains(err.Error(), "MongoDB's own") {
		t.Errorf("a reserved database: %v", err)
	}
}
