package edit_test

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

func schemaOf(text string) model.Hints {
	schema, err := model.ParseDocument(text)
	must(err)
	return model.SchemaHints(schema)
}

// A schema's allowed values are choices; a type or a value that it refuses is said before the save.
func TestHintsOfASchema(t *testing.T) {
	d := newHarness(t, field("plan", "free"), field("n", int32(1)))
	d.user.hints = schemaOf(`{"required": ["plan"], "properties": {"plan": {"enum": ["free", "pro", "team"]},
		"n": {"bsonType": "int", "minimum": 1}}}`)
	d.field("plan").see(`schema: required; one of "free", "pro", "team" (ctrl+n)`).dontSee("refuse")
	d.typeText("x").see("the schema does not allow this value")
	d.press("ctrl+n").see("› free").press("ctrl+n").see("› pro").dontSee("refuse").press("ctrl+p", "ctrl+p").see("› team")
	d.press("ctrl+s").press("enter").holds("plan", "team")
	d.field("n").see("schema: int; at least 1").press("ctrl+t", "home", "enter").see("the schema allows no string here")
	d.pressWhileOpen("esc", "esc", "esc")
	d.remove("plan").see("The schema requires plan: the service will refuse the save.")
}

// Without a schema the hints are a sample of other documents.
func TestHintsOfASample(t *testing.T) {
	var docs []bson.Raw
	for i := range 10 {
		docs = append(docs, document(field("color", []string{"pink", "teal"}[i%2]), field("n", int32(i))))
	}
	d := newHarness(t, field("color", "amber"), field("n", "text"))
	d.user.hints = model.SampleHints(docs)
	d.field("color").see(`string in all 10 values looked at; often "pink", "teal" (ctrl+n)`)
	d.press("ctrl+n").see("› pink").pressWhileOpen("esc", "esc")
	d.field("n").see("int in all 10 values looked at", "no other document has the type string here")
}

func TestMaskedHintsShowNoValue(t *testing.T) {
	d := newHarness(t, field("color", "amber"))
	d.user.hints = schemaOf(`{"properties": {"color": {"enum": ["pink"], "bsonType": "string", "pattern": "^secret"}}}`)
	d.state.Masked = true
	d.field("color").see("schema: string").dontSee("pink", "secret").press("ctrl+n").see("no values to choose from")
}
