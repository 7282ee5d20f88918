package query_test

import (
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

func TestSchemaMisfit(t *testing.T) {
	schema := document(t, `{"bsonType":"object","required":["name"],"additionalProperties":false,"properties":{
		"name":{"bsonType":"string","maxLength":5},"age":{"bsonType":["int","long"],"minimum":0},"kind":{"enum":["x"]},"tags":{"items":{"bsonType":"string"}},
		"home":{"required":["city"],"additionalProperties":false,"properties":{"city":{"bsonType":"string"}}}},
		"patternProperties":{"^n_":{"bsonType":"int"}}}`)
	for doc, want := range map[string]string{
		`{"name":"a","age":3,"home":{"city":"c"},"n_1":1}`: "",
		`{"age":1}`:                                "name: is required",
		`{"name":7}`:                               `name: wants bsonType "string"`,
		`{"name":"abcdef"}`:                        "name: wants maxLength 5",
		`{"name":"a","age":-1}`:                    "age: wants minimum 0",
		`{"name":"a","age":"x"}`:                   "age: wants bsonType [",
		`{"name":"a","kind":"secret"}`:             "kind: does not fit enum",
		`{"name":"a","tags":["a",1]}`:              `tags[]: wants bsonType "string"`,
		`{"name":"a","home":{}}`:                   "home.city: is required",
		`{"name":"a","home":{"city":1}}`:           `home.city: wants bsonType "string"`,
		`{"name":"a","home":{"city":"c","pin":1}}`: "home: has a field that is not among the properties",
		`{"name":"a","extra":1}`:                   "extra: is not among the properties",
		`{"name":"a","n_1":"x"}`:                   `n_1: wants bsonType "int"`,
	} {
		got := query.SchemaMisfit(schema, document(t, doc))
		if want == "" && got != "" || !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q, want %q", doc, got, want)
		}
	}
}

func TestSchemaMisfitOfFurtherFields(t *testing.T) {
	schema := document(t, `{"properties":{"_id":{},"marks":{"additionalProperties":{"bsonType":"int"}}},"additionalProperties":{"bsonType":"string"}}`)
	for doc, want := range map[string]string{
		`{"_id":1,"note":"x"}`:                 "",
		`{"_id":1,"note":2}`:                   `note: wants bsonType "string"`,
		`{"_id":1,"marks":{"private":"text"}}`: `marks: wants bsonType "int"`,
	} {
		if got := query.SchemaMisfit(schema, document(t, doc)); got != want {
			t.Errorf("%s: %q, want %q", doc, got, want)
		}
	}
}

func TestSchemaFault(t *testing.T) {
	for schema, want := range map[string]string{
		`{"properties":{"a":{"bsonType":"int"}}}`:                              "",
		`{"bsonType":"ObjectID"}`:                                              "bsonType",
		`{"properties":{"a":{},"b":{"bsonType":"ObjectID"}}}`:                  "properties.b.bsonType",
		`{"additionalProperties":{"foo":1},"properties":{"a":{}}}`:             "additionalProperties.foo",
		`{"properties":{"a":{}},"additionalProperties":{"foo":1}}`:             "additionalProperties.foo",
		`{"properties":{"a":{"items":{"required":[]}}}}`:                       "properties.a.items.required",
		`{"anyOf":[{},{"properties":{"a":{"bsonType":"date","minimum":""}}}]}`: "anyOf[1].properties.a.minimum",
		`{"properties":{"a":3}}`:                                               "properties.a",
	} {
		if got := query.SchemaFault(document(t, schema)); got != want {
			t.Errorf("%s: %q, want %q", schema, got, want)
		}
	}
}

func document(t *testing.T, text string) bson.D {
	t.Helper()
	var d bson.D
	if err := bson.UnmarshalExtJSON([]byte(text), false, &d); err != nil {
		t.Fatal(err)
	}
	return d
}
