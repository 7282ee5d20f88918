package query

import (
	"math"
	"regexp"
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

func schemaRequired(operand any) (func(v any) bool, error) {
	list, is := operand.(bson.A)
	if !is || len(list) == 0 {
		return nil, Errorf(TypeMismatch, "$jsonSchema keyword 'required' must be a non-empty array")
	}
	var names []string
	for _, item := range list {
		name, is := item.(string)
		if !is {
			return nil, Errorf(TypeMismatch, "$jsonSchema keyword 'required' must be an array of strings")
		}
		names = append(names, name)
	}
	return func(v any) bool {
		d, is := v.(bson.D)
		return !is || !slices.ContainsFunc(names, func(name string) bool { return isMissing(get(d, name)) })
	}, nil
}

func parseSchemas(key string, operand any) (map[string]schema, error) {
	d, is := operand.(bson.D)
	if !is && !isMissing(operand) {
		return nil, Errorf(TypeMismatch, "$jsonSchema keyword '%s' must be an object", key)
	}
	out := map[string]schema{}
	for _, e := range d {
		inner, is := e.Value.(bson.D)
		if !is {
			return nil, Errorf(TypeMismatch, "Nested schema for $jsonSchema property '%s' must be an object", e.Key)
		}
		s, err := parseSchema(inner)
		if err != nil {
			return nil, err
		}
		out[e.Key] = s
	}
	return out, nil
}

// schemaProperties parses properties, patternProperties and additionalProperties together, at the first of them.
func schemaProperties(all bson.D, e bson.E) (func(v any) bool, error) {
	for _, other := range all {
		if other.Key == e.Key {
			break
		}
		if other.Key == "properties" || other.Key == "patternProperties" || other.Key == "additionalProperties" {
			return func(any) bool { return true }, nil
		}
	}
	byName, err := parseSchemas("properties", get(all, "properties"))
	if err != nil {
		return nil, err
	}
	byPattern, err := parseSchemas("patternProperties", get(all, "patternProperties"))
	if err != nil {
		return nil, err
	}
	patterns := map[*regexp.Regexp]schema{}
	for pattern, s := range byPattern {
		re, err := compileRegex(pattern, "")
		if err != nil {
			return nil, err
		}
		patterns[re] = s
	}
	others, err := schemaOrBool("additionalProperties", get(all, "additionalProperties"))
	return func(v any) bool {
		d, _ := v.(bson.D)
		for _, p := range d {
			s, known := byName[p.Key]
			if known && !s.holds(p.Value) {
				return false
			}
			for re, s := range patterns {
				if re.MatchString(p.Key) {
					known = true
					if !s.holds(p.Value) {
						return false
					}
				}
			}
			if !known && !others(p.Value) {
				return false
			}
		}
		return true
	}, err
}

func schemaOrBool(key string, operand any) (func(v any) bool, error) {
	switch x := operand.(type) {
	case missing:
		return func(any) bool { return true }, nil
	case bool:
		return func(any) bool { return x }, nil
	case bson.D:
		s, err := parseSchema(x)
		return s.holds, err
	}
	return nil, Errorf(TypeMismatch, "$jsonSchema keyword '%s' must be either an object or a boolean", key)
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

// schemaDependencies parses dependencies: a field requires other fields or a schema.
func schemaDependencies(operand any) (func(v any) bool, error) {
	d, is := operand.(bson.D)
	if !is {
		return nil, Errorf(TypeMismatch, "$jsonSchema keyword 'dependencies' must be an object")
	}
	tests := map[string]func(v any) bool{}
	for _, e := range d {
		var err error
		switch x := e.Value.(type) {
		case bson.A:
			tests[e.Key], err = schemaRequired(x)
		case bson.D:
			var s schema
			s, err = parseSchema(x)
			tests[e.Key] = s.holds
		default:
			err = Errorf(TypeMismatch, "$jsonSchema keyword 'dependencies' must be an object with values that are objects or "+
				"arrays")
		}
		if err != nil {
			return nil, err
		}
	}
	return func(v any) bool {
		doc, _ := v.(bson.D)
		for name, test := range tests {
			if !isMissing(get(doc, name)) && !test(v) {
				return false
			}
		}
		return true
	}, nil
}
