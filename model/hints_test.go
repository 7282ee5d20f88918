package model

import (
	"fmt"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func hintText(h Hint) string {
	text := ""
	for _, t := range h.Types {
		text += fmt.Sprintf("%s %d%% ", t.Kind, t.Percent)
	}
	for _, v := range h.Values {
		text += JSON(v) + " "
	}
	return fmt.Sprintf("%s| required %v | %s | %d", text, h.Required, h.Rule, h.Sampled)
}

func TestSchemaHints(t *testing.T) {
	hints := SchemaHints(document(t, `{"bsonType": "object", "required": ["plan"], "properties": {
		"plan": {"enum": ["free", "pro"]}, "n": {"bsonType": ["int", "long"], "minimum": 1, "maximum": 9},
		"id": {"bsonType": "binData"}, "tags": {"bsonType": "array", "items": {"bsonType": "string", "pattern": "^a"}},
		"address": {"bsonType": "object", "required": ["zip"], "properties": {"zip": {"type": "string"}}}}}`))
	doc := document(t, `{"tags": ["a"], "address": {"zip": "1"}}`)
	for p, want := range map[string]string{
		"plan":        `"free" "pro" | required true |  | 0`,
		"n":           "int 100% long 100% | required false | at least 1, at most 9 | 0",
		"tags.0":      "string 100% | required false | matches ^a | 0",
		"address.zip": "string 100% | required true |  | 0",
	} {
		h, ok := hints.Of(path(t, p), doc)
		if got := hintText(h); !ok || got != want {
			t.Errorf("%s: got %s, want %s", p, got, want)
		}
	}
	if _, ok := hints.Of(path(t, "unknown"), doc); ok {
		t.Error("a hint of an unknown field")
	}
	if h, _ := hints.Of(path(t, "id"), doc); !h.Allows(UUID) || h.Allows(String) {
		t.Errorf("got %s", hintText(h))
	}
}

func TestSampleHints(t *testing.T) {
	var docs []bson.Raw
	for i := range 50 {
		plan := []string{`"free"`, `"free"`, `"pro"`}[i%3]
		if i == 0 {
			plan = "7"
		}
		docs = append(docs, document(t, fmt.Sprintf(`{"plan": %s, "email": "u%d@example.com", "tags": ["a", %d], "o": {"x": 1}}`,
			plan, i, i)))
	}
	hints := SampleHints(docs)
	for p, want := range map[string]string{
		"plan":   `string 98% int 2% "free" "pro" | required false |  | 50`,
		"email":  "string 100% | required false |  | 50",
		"tags.1": "int 50% string 50% | required false |  | 100",
		"o.x":    "int 100% 1 | required false |  | 50",
	} {
		h, ok := hints.Of(path(t, p), docs[0])
		if got := hintText(h); !ok || got != want {
			t.Errorf("%s: got %s, want %s", p, got, want)
		}
	}
}
