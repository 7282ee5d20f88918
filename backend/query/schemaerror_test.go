package query_test

import (
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

func TestSchemaViolation(t *testing.T) {
	schema := document(t, `{"bsonType":"object","required":["name"],"additionalProperties":false,"properties":{
		"name":{"bsonType":"string","maxLength":5},"age":{"bsonType":["int","long"],"minimum":0},"kind":{"enum":["x"]},"tags":{"items":{"bsonType":"string"}},
		"home":{"required":["city"],"additionalProperties":false,"properties":{"city":{"bsonType":"string"}}}},
		"patternProperties":{"^n_":{"bsonType":"int"}}}`)
	for doc, want := range map[string]string{
		`{"name":"a","age":3,"home":{"city":"c"},"n_1":1}`: "",
		`{"age":1}`:                                "name: is required",
		`{"name":7}`:                               `name: requires bsonType "string"`,
		`{"name":"abcdef"}`:                        "name: requires maxLength 5",
		`{"name":"a","age":-1}`:                    "age: requires minimum 0",
		`{"name":"a","age":"x"}`:                   "age: requires bsonType [",
		`{"name":"a","kind":"secret"}`:             "kind: does not fit enum",
		`{"name":"a","tags":["a",1]}`:              `tags[]: requires bsonType "string"`,
		`{"name":"a","home":{}}`:                   "home.city: is required",
		`{"name":"a","home":{"city":1}}`:           `home.city: requires bsonType "string"`,
		`{"name":"a","home":{"city":"c","pin":1}}`: "home: contains a field that is not in properties",
		`{"name":"a","extra":1}`:                   "extra: is not in properties",
		`{"name":"a","n_1":"x"}`:                   `n_1: requires bsonType "int"`,
	} {
		got := query.SchemaViolation(schema, document(t, doc))
		if want == "" && got != "" || !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q, want %q", doc, got, want)
		}
	}
}

func TestSchemaViolationOfAdditionalFields(t *testing.T) {
	schema := document(t, `{"properties":{"_id":{},"marks":{"additionalProperties":{"bsonType":"int"}}},"additionalProperties":{"bsonType":"string"}}`)
	for doc, want := range map[string]string{
		`{"_id":1,"note":"x"}`:                 "",
		`{"_id":1,"note":2}`:                   `note: requires bsonType "string"`,
		`{"_id":1,"marks":{"private":"text"}}`: `marks: requires bsonType "int"`,
	} {
		if got := query.SchemaViolation(schema, document(t, doc)); got != want {
			t.Errorf("%s: %q, want %q", doc, got, want)
		}
	}
}

func TestSchemaErrorPath(t *testing.T) {
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
		if got := query.SchemaErrorPath(document(t, schema)); got != want {
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
