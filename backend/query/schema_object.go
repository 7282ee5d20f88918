package query

import (
	"regexp"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

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
