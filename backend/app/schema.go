package app

import (
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// maxSchemaDepth is how deep a schema may nest.
const maxSchemaDepth = 50

// readSchema reads schema.json. Extensions of the layout are converted to $jsonSchema or reported.
func (c *collectionReader) readSchema(f *file, at string, d bson.D) {
	c.schemaFile, c.schemaAt = f, at
	c.schema = convertSchema(f, at, d, 0)
	if len(c.schema) == 0 {
		return
	}
	c.Schema, _ = f.encode(at, c.schema)
	decoded, err := query.Decode(c.Schema)
	if err == nil {
		_, err = query.ParseFilter(bson.D{{Key: "$jsonSchema", Value: decoded}}, query.Env{})
	}
	if err != nil {
		f.unsupported(joinKey(at, query.SchemaErrorPath(decoded)),
			"is not valid $jsonSchema, so writes under the rules are refused: %s", errorText(err))
		return
	}
	f.works(at, "the schema of %s", c.name)
}

// errorText is an error's text without the name of its code.
func errorText(err error) string {
	var queryErr *query.Error
	if errors.As(err, &queryErr) {
		return queryErr.Message
	}
	return err.Error()
}

// convertSchema removes annotations from a schema and converts its types to those of $jsonSchema.
func convertSchema(f *file, at string, d bson.D, depth int) bson.D {
	out := make(bson.D, 0, len(d))
	for _, e := range d {
		key := joinKey(at, e.Key)
		switch e.Key {
		case "title", "description", "id", "_id", "$schema", "$id":
		case "validate":
			f.ignored(key, e.Value)
		case "bsonType":
			if v, restricts := convertType(e.Value); restricts {
				out = append(out, bson.E{Key: e.Key, Value: v})
			}
		case "properties", "patternProperties":
			if inner, ok := e.Value.(bson.D); ok && depth < maxSchemaDepth {
				e.Value = convertProperties(f, key, inner, depth)
			}
			out = append(out, e)
		case "items", "additionalProperties", "not":
			if inner, ok := e.Value.(bson.D); ok && depth < maxSchemaDepth {
				e.Value = convertSchema(f, key, inner, depth+1)
			}
			out = append(out, e)
		case "required":
			if !isEmpty(e.Value) { // $jsonSchema refuses an empty array
				out = append(out, e)
			}
		default:
			out = append(out, e)
		}
	}
	return out
}

func convertProperties(f *file, at string, d bson.D, depth int) bson.D {
	out := make(bson.D, 0, len(d))
	for _, e := range d {
		if inner, ok := e.Value.(bson.D); ok {
			e.Value = convertSchema(f, joinKey(at, e.Key), inner, depth+1)
		}
		out = append(out, e)
	}
	return out
}

// convertType returns the $jsonSchema type of a layout type; false: any type.
func convertType(v any) (any, bool) {
	switch x := v.(type) {
	case string:
		switch x {
		case "mixed":
			return nil, false
		case "uuid":
			return "binData", true
		case "float":
			return "double", true
		}
	case bson.A:
		out := make(bson.A, 0, len(x))
		for _, item := range x {
			plain, restricts := convertType(item)
			if _, list := item.(bson.A); list || !restricts {
				return nil, restricts
			}
			out = append(out, plain)
		}
		return out, true
	}
	return v, true
}

// fieldSchema returns the schema of the field at a path; nil: none.
func (c *collectionReader) fieldSchema(path []string) bson.D {
	d := c.schema
	for _, name := range path {
		properties, _ := lookup(d, "properties").(bson.D)
		d, _ = lookup(properties, name).(bson.D)
	}
	return d
}

// lookup returns the value of a key; nil: missing.
func lookup(d bson.D, key string) any {
	for _, e := range d {
		if e.Key == key {
			return e.Value
		}
	}
	return nil
}

// allowedTypes returns the types that a schema allows; none: any.
func allowedTypes(d bson.D) []string {
	for _, key := range []string{"bsonType", "type"} {
		switch v := lookup(d, key).(type) {
		case string:
			return []string{v}
		case bson.A:
			var out []string
			for _, item := range v {
				if s, ok := item.(string); ok {
					out = append(out, s)
				}
			}
			return out
		}
	}
	return nil
}
