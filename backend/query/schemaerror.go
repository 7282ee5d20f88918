package query

import (
	"fmt"
	"regexp"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// SchemaViolation returns why a document violates a $jsonSchema, such as "home.city: is required"; empty if it is
// valid. It contains no values, and only field names that are in the schema or at the top level of the document.
func SchemaViolation(s, doc bson.D) string { return violation(s, doc, "") }

func violation(s bson.D, v any, at string) string {
	for _, e := range s {
		if isAnnotation(e.Key) {
			continue
		}
		holds, err := schemaKeyword(s, e)
		if err != nil || holds(v) {
			continue
		}
		switch e.Key {
		case "required":
			return requiredViolation(e.Value, v, at)
		case "properties", "patternProperties", "additionalProperties":
			return propertiesViolation(s, v, at)
		case "items":
			return itemsViolation(e.Value, v, at)
		case "bsonType", "type", "minimum", "maximum", "multipleOf", "minLength", "maxLength", "minItems", "maxItems",
			"minProperties", "maxProperties":
			return withPath(at, fmt.Sprintf("requires %s %s", e.Key, Format(e.Value)))
		}
		return withPath(at, "does not fit "+e.Key)
	}
	return ""
}

func requiredViolation(operand, v any, at string) string {
	d, _ := v.(bson.D)
	list, _ := operand.(bson.A)
	for _, item := range list {
		if name, _ := item.(string); isMissing(get(d, name)) {
			return withPath(joinPath(at, name), "is required")
		}
	}
	return withPath(at, "does not fit required")
}

func itemsViolation(operand, v any, at string) string {
	inner, _ := operand.(bson.D)
	list, _ := v.(bson.A)
	for _, item := range list {
		if reason := violation(inner, item, at+"[]"); reason != "" {
			return reason
		}
	}
	return withPath(at, "does not fit items")
}

// propertiesViolation finds the invalid field. Below the top level, a name that is not in the schema may be user data.
func propertiesViolation(s bson.D, v any, at string) string {
	byName, _ := get(s, "properties").(bson.D)
	byPattern, _ := get(s, "patternProperties").(bson.D)
	fits, errNames := parseSchemas("properties", get(s, "properties"))
	others, errOthers := schemaOrBool("additionalProperties", get(s, "additionalProperties"))
	patterns, errPatterns := compilePatterns(byPattern)
	if errNames != nil || errOthers != nil || errPatterns != nil {
		return withPath(at, "does not fit properties")
	}
	further, _ := get(s, "additionalProperties").(bson.D)
	d, _ := v.(bson.D)
	for _, p := range d {
		place := at
		one, known := fits[p.Key]
		if known || at == "" {
			place = joinPath(at, p.Key)
		}
		if known && !one.holds(p.Value) {
			inner, _ := get(byName, p.Key).(bson.D)
			return violation(inner, p.Value, place)
		}
		for i, re := range patterns {
			if !re.MatchString(p.Key) {
				continue
			}
			known = true
			inner, _ := byPattern[i].Value.(bson.D)
			if reason := violation(inner, p.Value, place); reason != "" {
				return reason
			}
		}
		switch {
		case known || others(p.Value):
		case further != nil:
			return violation(further, p.Value, place)
		case at == "":
			return withPath(place, "is not in properties")
		default:
			return withPath(place, "contains a field that is not in properties")
		}
	}
	return withPath(at, "does not fit properties")
}

// compilePatterns compiles the keys of patternProperties, in their order.
func compilePatterns(byPattern bson.D) ([]*regexp.Regexp, error) {
	out := make([]*regexp.Regexp, len(byPattern))
	for i, e := range byPattern {
		var err error
		if out[i], err = compileRegex(e.Key, ""); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// SchemaErrorPath returns the location of the error in an invalid $jsonSchema, such as "properties.age"; empty: top
// level.
func SchemaErrorPath(s bson.D) string {
	for _, e := range s {
		if isAnnotation(e.Key) {
			continue
		}
		if _, err := schemaKeyword(s, e); err == nil {
			continue
		}
		switch x := e.Value.(type) {
		case bson.D:
			if e.Key == "properties" || e.Key == "patternProperties" || e.Key == "additionalProperties" {
				return propertiesErrorPath(s)
			}
			return joinPath(e.Key, SchemaErrorPath(x))
		case bson.A:
			for i, item := range x {
				if inner, is := item.(bson.D); is && !isValidSchema(inner) {
					return joinPath(fmt.Sprintf("%s[%d]", e.Key, i), SchemaErrorPath(inner))
				}
			}
		}
		return e.Key
	}
	return ""
}

// propertiesErrorPath checks the three keywords that are parsed together.
func propertiesErrorPath(s bson.D) string {
	for _, key := range []string{"properties", "patternProperties"} {
		schemas, _ := get(s, key).(bson.D)
		for _, e := range schemas {
			if inner, is := e.Value.(bson.D); !is || !isValidSchema(inner) {
				return joinPath(joinPath(key, e.Key), SchemaErrorPath(inner))
			}
		}
	}
	others, _ := get(s, "additionalProperties").(bson.D)
	return joinPath("additionalProperties", SchemaErrorPath(others))
}

func isValidSchema(s bson.D) bool {
	_, err := parseSchema(s)
	return err == nil
}

func joinPath(at, name string) string { return strings.Trim(at+"."+name, ".") }

func withPath(at, reason string) string {
	if at == "" {
		return "it " + reason
	}
	return at + ": " + reason
}
