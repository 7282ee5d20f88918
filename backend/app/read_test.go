package app

import (
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

// demoFiles is the demo application as a map that tests may change.
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
	a, err := Read(Demo(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if a.ID != "dossier-demo" || len(a.Notices) != 0 {
		t.Errorf("id %q, notices %v", a.ID, a.Notices)
	}
	if got := slices.Sorted(maps.Keys(a.Providers)); !slices.Equal(got, []string{"anon-user", "api-key", "local-userpass"}) {
		t.Errorf("providers %v", got)
	}
	if !a.Providers["local-userpass"].EmailPassword.AutoConfirm {
		t.Error("local-userpass is not confirmed automatically")
	}
	want := model.CustomDataConfig{Enabled: true, Service: "mongodb-atlas", Database: "app", Collection: "custom_user_data", UserIDField: "userId"}
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
	if a.Services["mongodb-atlas"].Rules(a.CustomDataNamespace()) == nil {
		t.Error("the custom data collection has no rules")
	}
	if a.Services["mongodb-atlas"].Rules(Namespace{"app", "elsewhere"}) != nil {
		t.Error("a collection without rules has some")
	}
}

// TestReadNames: every mistake is named by file and key.
func TestReadNames(t *testing.T) {
	const rulesFile = "data_sources/mongodb-atlas/app/custom_user_data/rules.json"
	for _, c := range []struct{ file, text, want string }{
		{"realm_config.json", ``, "realm_config.json: line 1: is not JSON"},
		{"realm_config.json", "{\n \"app_id\": x}", "realm_config.json: line 2: is not JSON"},
		{"realm_config.json", `[]`, "realm_config.json: wants an object at the top"},
		{"realm_config.json", `{"app_id":3}`, "realm_config.json: app_id: wants a text, has 3"},
		{"realm_config.json", `{"app_id":"a b"}`, `realm_config.json: app_id: wants letters`},
		{"realm_config.json", `{"name":"x"}`, `realm_config.json: app_id: wants letters`},
		{"auth/providers.json", `[]`, "auth/providers.json: wants an object"},
		{"auth/providers.json", `{"anon-user":3}`, "auth/providers.json: anon-user: wants an object, has 3"},
		{"auth/providers.json", `{"local-userpass":{"disabled":"x"}}`, `auth/providers.json: local-userpass.disabled: wants true or false, has "x"`},
		{"auth/providers.json", `{"local-userpass":{"config":{"autoConfirm":"yes"}}}`, `auth/providers.json: local-userpass.config.autoConfirm: wants true or false`},
		{"auth/providers.json", `{"telepathy":{}}`, `auth/providers.json: telepathy.type: the provider type "telepathy" is not known`},
		{"auth/providers.json", `{"a":{"type":"api-key"},"b":{"type":"api-key"}}`, `auth/providers.json: b: the provider type "api-key" is there twice`},
		{"auth/custom_user_data.json", `{"enabled":1}`, "auth/custom_user_data.json: enabled: wants true or false, has 1"},
		{"auth/custom_user_data.json", `{"enabled":true}`, "auth/custom_user_data.json: mongo_service_name: is missing"},
		{"auth/custom_user_data.json", `{"enabled":true,"mongo_service_name":"x","database_name":"d","collection_name":"c","user_id_field":"u"}`, `mongo_service_name: there is no data source "x"`},
		{"auth/custom_user_data.json", `{"enabled":true,"mongo_service_name":"mongodb-atlas","database_name":"d","collection_name":"c","user_id_field":"_id"}`, `user_id_field: wants a field at the top`},
		{"auth/custom_user_data.json", `{"enabled":true,"mongo_service_name":"mongodb-atlas","database_name":"dossier_x","collection_name":"c","user_id_field":"u"}`, `database_name: the database "dossier_x" is reserved`},
		{"auth/custom_user_data.json", `{"enabled":false,"on_user_creation_function_name":"nope"}`, `on_user_creation_function_name: there is no function "nope"`},
		{"data_sources/mongodb-atlas/config.json", `{}`, ""},
		{"data_sources/mongodb-atlas/config.json", `{"name":""}`, "data_sources/mongodb-atlas/config.json: name: is missing"},
		{"data_sources/other/rules.json", `{}`, "data_sources/other/config.json: is missing"},
		{"data_sources/other/config.json", `{"name":"mongodb-atlas"}`, `data_sources/other/config.json: name: the data source "mongodb-atlas" is there twice`},
		{"data_sources/mongodb-atlas/admin/x/rules.json", `{}`, `the database "admin" is MongoDB's own`},
		{rulesFile, `{"database":"x"}`, rulesFile + `: database: says "x", but the file lies under "app"`},
		{rulesFile, `{"collection":3}`, rulesFile + `: collection: says 3`},
		{rulesFile, `{"roles":[{"name":"r","apply_when":{"%foo":1}}]}`, rulesFile + `: roles[0].apply_when.%foo: the operator %foo is not known`},
		{rulesFile, `{"roles":[{"name":"r","apply_when":{"a":"%%values.nope"}}]}`, rulesFile + `: roles[0].apply_when.a: the variable %%values.nope is about a value that the application does not define`},
		{rulesFile, `{"roles":[{"name":"r","apply_when":{"%%environment.values.x":1}}]}`, `%%environment.values.x is about a value`},
		{"data_sources/mongodb-atlas/default_rule.json", `{"roles":[{"apply_when":true}]}`, "data_sources/mongodb-atlas/default_rule.json: roles[0].name: is missing"},
		{"functions/config.json", `{}`, "functions/config.json: wants an array"},
		{"functions/config.json", `[3]`, "functions/config.json: [0]: wants an object, has 3"},
		{"functions/config.json", `[{"name":"nope"}]`, "functions/config.json: [0].name: functions/nope.js is missing"},
		{"functions/config.json", `[{"name":"../x"}]`, "functions/config.json: [0].name: wants letters"},
		{"functions/config.json", `[{"name":"writeCustomUserData","private":"no"}]`, `functions/config.json: [0].private: wants true or false, has "no"`},
		{"functions/config.json", `[{"name":"writeCustomUserData"},{"name":"writeCustomUserData"}]`, `[1].name: the function "writeCustomUserData" is there twice`},
		{"functions/config.json", `[{"name":"writeCustomUserData","can_evaluate":{"%%root.a":1}}]`, `functions/config.json: [0].can_evaluate: the variable %%root is not known here`},
		{"values/a.json", `{"name":"a"}`, "values/a.json: value: is missing"},
		{"values/a.json", `{"name":3,"value":1}`, "values/a.json: name: wants a text"},
		{"values/a.json", `{"value":{"$oid":"x"}}`, "values/a.json: is not extended JSON"},
	} {
		files := demoFiles(t)
		files[c.file] = &fstest.MapFile{Data: []byte(c.text)}
		_, err := Read(files, Options{})
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
	if _, err := Read(fstest.MapFS{}, Options{}); err == nil || !strings.Contains(err.Error(), "realm_config.json: is missing") {
		t.Errorf("an empty directory: %v", err)
	}
}

// TestNotices: what is not supported is said by file and key, never passed over.
func TestNotices(t *testing.T) {
	files := demoFiles(t)
	for name, text := range map[string]string{
		"realm_config.json":                             `{"app_id":"x","security":{"allowed_request_origins":["https://a"]},"environment":"production"}`,
		"environments/production.json":                  `{"values":{"base":"u"}}`,
		"triggers/t.json":                               `{}`,
		"http_endpoints/config.json":                    `[]`,
		"auth/providers.json":                           `{"oauth2-google":{"disabled":false,"secret_config":{"clientSecret":"s"}},"anon-user":{},"local-userpass":{"config":{"runResetFunction":true}}}`,
		"auth/more.json":                                `{}`,
		"data_sources/mongodb-atlas/config.json":        `{"name":"mongodb-atlas","type":"datalake","config":{"sync":{"state":"enabled"}}}`,
		"data_sources/mongodb-atlas/d/c/relations.json": `{}`,
		"data_sources/mongodb-atlas/d/c/rules.json":     `{"roles":[{"name":"r","apply_when":{"a":"%%environment.values.base","b":"%%values.list"},"search":true}]}`,
		"functions/stray.js":                            `exports = () => 1`,
		"functions/as.js":                               `exports = () => 1`,
		"functions/package.json":                        `{}`,
		"functions/config.json":                         `[{"name":"writeCustomUserData"},{"name":"as","run_as_user_id":"x"}]`,
		"values/secret.json":                            `{"name":"secret","value":"x","from_secret":true}`,
		"values/list.json":                              `{"name":"list","value":["a"]}`,
		"notes.txt":                                     `x`,
		".mdb/meta.json":                                `{}`,
	} {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	a, err := Read(files, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, n := range a.Notices {
		got = append(got, n.File+"|"+n.Key)
	}
	slices.Sort(got)
	want := []string{
		"auth/more.json|", "auth/providers.json|local-userpass.config.runResetFunction", "auth/providers.json|oauth2-google", "auth/providers.json|oauth2-google.secret_config",
		"data_sources/mongodb-atlas/config.json|config.sync", "data_sources/mongodb-atlas/config.json|type",
		"data_sources/mongodb-atlas/d/c/relations.json|", "data_sources/mongodb-atlas/d/c/rules.json|roles[0].search",
		"functions/config.json|[1].run_as_user_id", "functions/package.json|", "functions/stray.js|",
		"http_endpoints/config.json|", "notes.txt|", "realm_config.json|security", "triggers/t.json|", "values/secret.json|from_secret",
	}
	if !slices.Equal(got, want) {
		t.Errorf("notices\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if !a.Providers["oauth2-google"].Disabled || a.Functions["as"] != nil || a.Functions["stray"] != nil {
		t.Error("what is not supported is on all the same")
	}
}

func TestWriteDemo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	if err := WriteDemo(dir); err != nil {
		t.Fatal(err)
	}
	a, err := Read(os.DirFS(dir), Options{})
	if err != nil || a.ID != "dossier-demo" {
		t.Fatalf("%+v %v", a, err)
	}
	if err := WriteDemo(dir); err == nil || !strings.Contains(err.Error(), "already holds an application") {
		t.Errorf("a second time: %v", err)
	}
}

func TestForCollection(t *testing.T) {
	a := ForCollection("cluster", model.CustomDataConfig{Database: "shop", Collection: "people data", UserIDField: "owner"})
	if a.ID != "shop-people_data" || !a.CustomData.Enabled || a.CustomData.Service != "cluster" || len(a.Providers) != 0 {
		t.Errorf("%+v", a)
	}
	n := a.Services["cluster"].Rules(Namespace{"shop", "people data"})
	if n == nil || len(n.Roles) != 1 || n.Roles[0].Name != "owner" {
		t.Errorf("rules %+v", n)
	}
	a = ForCollection("cluster", model.CustomDataConfig{Database: "admin", Collection: "c", UserIDField: "owner"})
	if a.CustomData.Enabled || len(a.Notices) != 1 || !strings.Contains(a.Notices[0].Text, "MongoDB's own") {
		t.Errorf("%+v %v", a.CustomData, a.Notices)
	}
}
