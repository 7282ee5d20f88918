package query

import (
	"fmt"
	"regexp"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// SchemaMisfit says why a document does not fit a $jsonSchema, as "home.city: is required"; empty: it fits. It quotes no value, and of
// names only those that the schema or the document's top level has.
func SchemaMisfit(s, doc bson.D) string { return misfit(s, doc, "") }

func misfit(s bson.D, v any, at string) string {
	for _, e := range s {
		if titles(e.Key) {
			continue
		}
		ask, err := schemaKeyword(s, e)
		if err != nil || ask(v) {
			continue
		}
		switch e.Key {
		case "required":
			return misfitRequired(e.Value, v, at)
		case "properties", "patternProperties", "additionalProperties":
			return misfitProperties(s, v, at)
		case "items":
			return misfitItems(e.Value, v, at)
		case "bsonType", "type", "minimum", "maximum", "multipleOf", "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties":
			return placed(at, fmt.Sprintf("wants %s %s", e.Key, Show(e.Value)))
		}
		return placed(at, "does not fit "+e.Key)
	}
	return ""
}

func misfitRequired(operand, v any, at string) string {
	d, _ := v.(bson.D)
	list, _ := operand.(bson.A)
	for _, item := range list {
		if name, _ := item.(string); isMissing(get(d, name)) {
			return placed(inside(at, name), "is required")
		}
	}
	return placed(at, "does not fit required")
}

func misfitItems(operand, v any, at string) string {
	inner, _ := operand.(bson.D)
	list, _ := v.(bson.A)
	for _, item := range list {
		if words := misfit(inner, item, at+"[]"); words != "" {
			return words
		}
	}
	return placed(at, "does not fit items")
}

// misfitProperties finds the field that does not fit. Below the top level a name that the schema does not have may be data.
func misfitProperties(s bson.D, v any, at string) string {
	byName, _ := get(s, "properties").(bson.D)
	byPattern, _ := get(s, "patternProperties").(bson.D)
	fits, errNames := parseSchemas("properties", get(s, "properties"))
	others, errOthers := schemaOrBool("additionalProperties", get(s, "additionalProperties"))
	patterns, errPatterns := compiled(byPattern)
	if errNames != nil || errOthers != nil || errPatterns != nil {
		return placed(at, "does not fit properties")
	}
	further, _ := get(s, "additionalProperties").(bson.D)
	d, _ := v.(bson.D)
	for _, p := range d {
		place := at
		one, known := fits[p.Key]
		if known || at == "" {
			place = inside(at, p.Key)
		}
		if known && !one.holds(p.Value) {
			inner, _ := get(byName, p.Key).(bson.D)
			return misfit(inner, p.Value, place)
		}
		for i, re := range patterns {
			if !re.MatchString(p.Key) {
				continue
			}
			known = true
			inner, _ := byPattern[i].Value.(bson.D)
			if words := misfit(inner, p.Value, place); words != "" {
				return words
			}
		}
		switch {
		case known || others(p.Value):
		case further != nil:
			return misfit(further, p.Value, place)
		case at == "":
			return placed(place, "is not among the properties")
		default:
			return placed(place, "has a field that is not among the properties")
		}
	}
	return placed(at, "does not fit properties")
}

// compiled are the patterns that are keys, in their order.
func compiled(byPattern bson.D) ([]*regexp.Regexp, error) {
	out := make([]*regexp.Regexp, len(byPattern))
	for i, e := range byPattern {
		var err error
		if out[i], err = compileRegex(e.Key, ""); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// SchemaFault says where in a $jsonSchema the mistake is that keeps it from being understood: "properties.age"; empty: at its top.
func SchemaFault(s bson.D) string {
	for _, e := range s {
		if titles(e.Key) {
			continue
		}
		if _, err := schemaKeyword(s, e); err == nil {
			continue
		}
		switch x := e.Value.(type) {
		case bson.D:
			if e.Key == "properties" || e.Key == "patternProperties" || e.Key == "additionalProperties" {
				return faultOfProperties(s)
			}
			return inside(e.Key, SchemaFault(x))
		case bson.A:
			for i, item := range x {
				if inner, is := item.(bson.D); is && !understood(inner) {
					return inside(fmt.Sprintf("%s[%d]", e.Key, i), SchemaFault(inner))
				}
			}
		}
		return e.Key
	}
	return ""
}

// faultOfProperties looks at the three keywords that are read together.
func faultOfProperties(s bson.D) string {
	for _, key := range []string{"properties", "patternProperties"} {
		schemas, _ := get(s, key).(bson.D)
		for _, e := range schemas {
			if inner, is := e.Value.(bson.D); !is || !understood(inner) {
				return inside(inside(key, e.Key), SchemaFault(inner))
			}
		}
	}
	others, _ := get(s, "additionalProperties").(bson.D)
	return inside("additionalProperties", SchemaFault(others))
}

func understood(s bson.D) bool {
	_, err := parseSchema(s)
	return err == nil
}

func inside(at, name string) string { return strings.Trim(at+"."+name, ".") }

func placed(at, words string) string {
	if at == "" {
		return "it " + words
	}
	return at + ": " + words
}
