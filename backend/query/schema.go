package query

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// schema is a parsed $jsonSchema.
type schema []func(v any) bool

func (s schema) holds(v any) bool {
	for _, test := range s {
		if !test(v) {
			return false
		}
	}
	return true
}

func (s schema) match(v any, _ *position) bool { return s.holds(v) }

func parseSchemaNode(v any) (node, error) {
	d, is := v.(bson.D)
	if !is {
		return nil, Errorf(TypeMismatch, "$jsonSchema must be an object")
	}
	return parseSchema(d)
}

func parseSchema(d bson.D) (schema, error) {
	var s schema
	for _, e := range d {
		if isAnnotation(e.Key) {
			continue
		}
		test, err := schemaKeyword(d, e)
		if err != nil {
			return nil, err
		}
		s = append(s, test)
	}
	return s, nil
}

// isAnnotation reports whether a keyword is an annotation without a constraint.
func isAnnotation(keyword string) bool {
	switch keyword {
	case "title", "description", "exclusiveMinimum", "exclusiveMaximum", "additionalItems":
		return true
	}
	return false
}

func schemaKeyword(all bson.D, e bson.E) (func(v any) bool, error) {
	switch e.Key {
	case "bsonType", "type":
		return schemaType(e)
	case "required":
		return schemaRequired(e.Value)
	case "properties", "patternProperties", "additionalProperties":
		return schemaProperties(all, e)
	case "minimum", "maximum", "multipleOf":
		return schemaNumber(all, e)
	case "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties":
		return schemaSize(e)
	case "pattern":
		return schemaPattern(e.Value)
	case "enum":
		list, is := e.Value.(bson.A)
		if !is || len(list) == 0 {
			return nil, Errorf(TypeMismatch, "$jsonSchema keyword 'enum' must be a non-empty array")
		}
		return func(v any) bool { return slices.ContainsFunc(list, func(x any) bool { return Equal(x, v) }) }, nil
	case "items":
		return schemaItems(all, e.Value)
	case "uniqueItems":
		if e.Value != true {
			return func(any) bool { return true }, nil
		}
		return func(v any) bool {
			list, is := v.(bson.A)
			return !is || !hasRepeats(list)
		}, nil
	case "allOf", "anyOf", "oneOf", "not":
		return schemaCombination(e)
	case "dependencies":
		return schemaDependencies(e.Value)
	}
	return nil, Errorf(FailedToParse, "Unknown $jsonSchema keyword: %s", e.Key)
}

func hasRepeats(list bson.A) bool {
	seen := &collect{list: bson.A{}, set: map[string]bool{}}
	for _, v := range list {
		seen.add(v)
	}
	return len(seen.list) < len(list)
}

func schemaType(e bson.E) (func(v any) bool, error) {
	operand := e.Value
	if e.Key == "type" {
		list, is := operand.(bson.A)
		if !is {
			list = bson.A{operand}
		}
		names := map[any]string{"boolean": "bool", "object": "object", "array": "array", "string": "string",
			"number": "number", "null": "null"}
		out := bson.A{}
		for _, item := range list {
			name, known := "", false
			if s, is := item.(string); is {
				name, known = names[s]
			}
			if !known {
				return nil, Errorf(BadValue, "$jsonSchema type '%s' is not currently supported.", strings.Trim(Format(item), `"`))
			}
			out = append(out, name)
		}
		operand = out
	}
	set, err := typeSet(operand)
	return func(v any) bool { return set[TypeName(v)] }, err
}

func schemaNumber(all bson.D, e bson.E) (func(v any) bool, error) {
	if !isNumber(e.Value) {
		return nil, Errorf(TypeMismatch, "$jsonSchema keyword '%s' must be a number", e.Key)
	}
	switch e.Key {
	case "minimum":
		strict := truthy(get(all, "exclusiveMinimum"))
		return func(v any) bool {
			return !isNumber(v) || Compare(v, e.Value) > 0 || !strict && Compare(v, e.Value) == 0
		}, nil
	case "maximum":
		strict := truthy(get(all, "exclusiveMaximum"))
		return func(v any) bool {
			return !isNumber(v) || Compare(v, e.Value) < 0 || !strict && Compare(v, e.Value) == 0
		}, nil
	}
	if Compare(e.Value, int32(0)) <= 0 {
		return nil, Errorf(FailedToParse, "$jsonSchema keyword 'multipleOf' must have a positive value")
	}
	return func(v any) bool { return !isNumber(v) || math.Mod(double(v), double(e.Value)) == 0 }, nil
}

func schemaSize(e bson.E) (func(v any) bool, error) {
	n, whole := WholeNumber(e.Value)
	if !whole || n < 0 {
		return nil, Errorf(FailedToParse, "$jsonSchema keyword '%s' must be a non-negative integer", e.Key)
	}
	kind := e.Key[3:]
	return func(v any) bool {
		size := n
		switch x := v.(type) {
		case string:
			if kind == "Length" {
				size = int64(utf8.RuneCountInString(x))
			}
		case bson.A:
			if kind == "Items" {
				size = int64(len(x))
			}
		case bson.D:
			if kind == "Properties" {
				size = int64(len(x))
			}
		}
		if strings.HasPrefix(e.Key, "min") {
			return size >= n
		}
		return size <= n
	}, nil
}

func schemaPattern(operand any) (func(v any) bool, error) {
	pattern, is := operand.(string)
	if !is {
		return nil, Errorf(TypeMismatch, "$jsonSchema keyword 'pattern' must be a string")
	}
	re, err := compileRegex(pattern, "")
	return func(v any) bool {
		s, is := v.(string)
		return !is || re.MatchString(s)
	}, err
}

func schemaItems(all bson.D, operand any) (func(v any) bool, error) {
	if d, is := operand.(bson.D); is {
		s, err := parseSchema(d)
		return func(v any) bool {
			list, _ := v.(bson.A)
			return !slices.ContainsFunc(list, func(e any) bool { return !s.holds(e) })
		}, err
	}
	list, is := operand.(bson.A)
	if !is {
		return nil, Errorf(TypeMismatch, "$jsonSchema keyword 'items' must be an array or an object")
	}
	schemas, err := schemaList("items", list)
	if err != nil {
		return nil, err
	}
	others, err := schemaOrBool("additionalItems", get(all, "additionalItems"))
	return func(v any) bool {
		list, _ := v.(bson.A)
		for i, e := range list {
			if i < len(schemas) && !schemas[i].holds(e) || i >= len(schemas) && !others(e) {
				return false
			}
		}
		return true
	}, err
}

func schemaList(key string, list bson.A) ([]schema, error) {
	var out []schema
	for _, item := range list {
		d, is := item.(bson.D)
		if !is {
			return nil, Errorf(TypeMismatch, "$jsonSchema keyword '%s' must be an array of objects", key)
		}
		s, err := parseSchema(d)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func schemaCombination(e bson.E) (func(v any) bool, error) {
	list, is := e.Value.(bson.A)
	if e.Key == "not" {
		list, is = bson.A{e.Value}, true
	}
	if !is || len(list) == 0 {
		return nil, Errorf(TypeMismatch, "$jsonSchema keyword '%s' must be a non-empty array", e.Key)
	}
	schemas, err := schemaList(e.Key, list)
	return func(v any) bool {
		n := 0
		for _, s := range schemas {
			if s.holds(v) {
				n++
			}
		}
		switch e.Key {
		case "allOf":
			return n == len(schemas)
		case "anyOf":
			return n > 0
		case "oneOf":
			return n == 1
		}
		return n == 0
	}, err
}
