package client_test

import (
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend"
	"dossier/backend/app"
	"dossier/backend/backendtest"
	"dossier/backend/storetest"
	"dossier/model"
)

const schemaFile = "data_sources/mongodb-atlas/app/custom_user_data/schema.json"

const planSchema = `{"title": "user", "bsonType": "object", "required": ["userId"], "properties": {
	"userId": {"bsonType": "string"}, "plan": {"bsonType": "string", "enum": ["free", "pro"]}}}`

// hintsOf starts a service, stores documents of ten users and returns the hints that one of them gets.
func hintsOf(t *testing.T, o backendtest.Options) model.Hints {
	t.Helper()
	h, user, _ := startUser(t, o)
	for range 10 {
		h.InsertCustomData(t, bson.NewObjectID().Hex(), bson.D{{Key: "plan", Value: "team"}})
	}
	hints, err := user.Hints(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return hints
}

func TestHintsOfTheSchema(t *testing.T) {
	hints := hintsOf(t, backendtest.Options{Files: storetest.With(t, app.Demo(),
		map[string]string{schemaFile: planSchema}),
		EditConfig: func(c *backend.Config) { c.SampleHints = true }})
	plan, ok := hints.Of(model.Path{"plan"}, nil)
	if !ok || plan.Sampled != 0 || len(plan.Values) != 2 || plan.Values[1].StringValue() != "pro" ||
		plan.Types[0].Kind != model.String {
		t.Errorf("plan: %+v", plan)
	}
	if id, ok := hints.Of(model.Path{"userId"}, nil); !ok || !id.Required {
		t.Errorf("userId: %+v", id)
	}
}

// Only a workspace of the user's own samples the documents of all users.
func TestHintsOfASample(t *testing.T) {
	if hints := hintsOf(t, backendtest.Options{}); len(hints) != 0 {
		t.Errorf("an application tells its users %+v", hints)
	}
	hints := hintsOf(t, backendtest.Options{EditConfig: func(c *backend.Config) { c.SampleHints = true }})
	plan, ok := hints.Of(model.Path{"plan"}, nil)
	if !ok || plan.Sampled != 10 || len(plan.Values) != 1 || plan.Values[0].StringValue() != "team" ||
		plan.Types[0] != (model.TypeShare{Kind: model.String, Percent: 100}) {
		t.Errorf("plan: %+v", plan)
	}
}

// The documents are sampled at most once a minute.
func TestASampleIsKeptForAMinute(t *testing.T) {
	h, user, _ := startUser(t, backendtest.Options{EditConfig: func(c *backend.Config) { c.SampleHints = true }})
	sampled := func() int {
		t.Helper()
		hints, err := user.Hints(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		plan, _ := hints.Of(model.Path{"plan"}, nil)
		return plan.Sampled
	}
	insert := func() {
		for range 10 {
			h.InsertCustomData(t, bson.NewObjectID().Hex(), bson.D{{Key: "plan", Value: "team"}})
		}
	}
	insert()
	if n := sampled(); n != 10 {
		t.Errorf("%d documents are sampled", n)
	}
	insert()
	if n := sampled(); n != 10 {
		t.Errorf("%d documents are sampled a moment later", n)
	}
	h.Clock.Advance(time.Minute)
	if n := sampled(); n != 20 {
		t.Errorf("%d documents are sampled a minute later", n)
	}
}

// A schema may name fields that the rules hide.
func TestNoHintsBesideRulesForFields(t *testing.T) {
	const rules = `{"database": "app", "collection": "custom_user_data", "roles": [{"name": "owner",
		"apply_when": {"userId": "%%user.id"}, "read": true, "write": true, "fields": {"secret": {"read": false, "write": false}},
		"additional_fields": {}}]}`
	hints := hintsOf(t, backendtest.Options{Files: storetest.With(t, app.Demo(), map[string]string{schemaFile: planSchema,
		"data_sources/mongodb-atlas/app/custom_user_data/rules.json": rules})})
	if len(hints) != 0 {
		t.Errorf("got %+v", hints)
	}
}

// A save that the schema refuses names the field and the rule.
func TestASaveRefusedByTheSchema(t *testing.T) {
	_, user, _ := startUser(t, backendtest.Options{Files: storetest.With(t, app.Demo(),
		map[string]string{schemaFile: planSchema})})
	check, err := user.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for value, want := range map[any]string{"gold": "enum", int32(1): "string"} {
		d := model.NewDraft(check.Document, check.Owner("userId", user.ID()))
		if err := d.Set(model.Path{"plan"}, model.ValueOf(value)); err != nil {
			t.Fatal(err)
		}
		update, err := d.Update()
		if err != nil {
			t.Fatal(err)
		}
		_, err = user.Save(t.Context(), update)
		if err == nil || !strings.Contains(err.Error(), "plan") || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v", value, err)
		}
	}
}
