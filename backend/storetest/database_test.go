package storetest_test

import (
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/storetest"
)

// Two tests do not share data, and the data of a test is removed when it ends.
func TestEveryTestHasItsOwn(t *testing.T) {
	first := storetest.Open(t, time.Now)
	var name string
	t.Run("second", func(t *testing.T) {
		second := storetest.Open(t, time.Now)
		name = second.Name()
		for _, d := range []*storetest.Database{first, second} {
			if _, err := d.Collection("people").InsertOne(t.Context(), bson.D{{Key: "_id", Value: 1}}); err != nil {
				t.Error(err)
			}
		}
	})
	names, err := first.Deployment.Databases(t.Context())
	if err != nil || !slices.Contains(names, first.Name()) {
		t.Errorf("%v, %v", names, err)
	}
	if first.Shared == (name == first.Name()) || first.Shared && slices.Contains(names, name) {
		t.Errorf("the databases %q and %q, of which %v are left", first.Name(), name, names)
	}
}

func TestFilesSayTheTestsOwnNames(t *testing.T) {
	d := storetest.Open(t, time.Now)
	files := fstest.MapFS{
		"data_sources/s/app/c/rules.json": {Data: []byte(`{"database":"app","happy":"app_id"}`)},
		"realm_config.json":               {Data: []byte(`{"app_id":"dossier-demo"}`)},
	}
	got, err := d.Files(t, files, map[string]string{"functions/f.js": `db("app")`}).ReadFile("functions/f.js")
	if want := `db("` + d.Name() + `")`; err != nil || string(got) != want {
		t.Errorf("a further file says %s, %v; want %s", got, err, want)
	}
	all := d.Files(t, files, nil)
	rules := all["data_sources/s/"+d.Name()+"/c/rules.json"]
	if rules == nil || string(rules.Data) != `{"database":"`+d.Name()+`","happy":"app_id"}` {
		t.Errorf("files %v", all)
	}
	if text := string(all["realm_config.json"].Data); (text == `{"app_id":"dossier-demo"}`) == d.Shared {
		t.Errorf("the application is %s", text)
	}
}
