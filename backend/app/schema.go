package app

import (
	"errors"

	"dossier/backend/query"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// maxSchema is how deep a schema may nest.
const maxSchema = 50

// takeSchema reads schema.json. What the layout says beyond $jsonSchema is put in its words, or noted.
func (c *collection) takeSchema(f *file, at string, d bson.D) {
	c.schemaFile, c.schemaAt = f, at
	c.schema = plainSchema(f, at, d, 0)
	if len(c.schema) == 0 {
		return
	}
	c.Schema, _ = f.raw(at, c.schema)
	decoded, err := query.Decode(c.Schema)
	if err == nil {
		_, err = query.ParseFilter(bson.D{{Key: "$jsonSchema", Value: decoded}}, query.Env{})
	}
	if err != nil {
		f.missing(under(at, query.SchemaErrorPath(decoded)), "is not understood, so that nobody writes to the collection under its rules: %s", words(err))
		return
	}
	f.works(at, "the schema of %s", c.name)
}

// words are an error without the name of its code.
func words(err error) string {
	var known *query.Error
	if errors.As(err, &known) {
		return known.Message
	}
	return err.Error()
}

// plainSchema leaves out what only titles a schema and puts types in the words of $jsonSchema.
func plainSchema(f *file, at string, d bson.D, depth int) bson.D {
	out := make(bson.D, 0, len(d))
	for _, e := range d {
		key := under(at, e.Key)
		switch e.Key {
		case "title", "description", "id", "_id", "$schema", "$id":
		case "validate":
			f.ignore(key, e.Value)
		case "bsonType":
			if v, restricts := plainType(e.Value); restricts {
				out = append(out, bson.E{Key: e.Key, Value: v})
			}
		case "properties", "patternProperties":
			if inner, ok := e.Value.(bson.D); ok && depth < maxSchema {
				e.Value = plainProperties(f, key, inner, depth)
			}
			out = append(out, e)
		case "items", "additionalProperties", "not":
			if inner, ok := e.Value.(bson.D); ok && depth < maxSchema {
				e.Value = plainSchema(f, key, inner, depth+1)
			}
			out = append(out, e)
		case "required":
			if !empty(e.Value) { // an export may say that nothing is
				out = append(out, e)
			}
		default:
			out = append(out, e)
		}
	}
	return out
}

func plainProperties(f *file, at string, d bson.D, depth int) bson.D {
	out := make(bson.D, 0, len(d))
	for _, e := range d {
		if inner, ok := e.Value.(bson.D); ok {
			e.Value = plainSchema(f, under(at, e.Key), inner, depth+1)
		}
		out = append(out, e)
	}
	return out
}

// plainType gives $jsonSchema's word for a type of the layout; false where it is any type.
func plainType(v any) (any, bool) {
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
			plain, restricts := plainType(item)
			if _, list := item.(bson.A); list || !restricts {
				return nil, restricts
			}
			out = append(out, plain)
		}
		return out, true
	}
	return v, true
}

// at gives what a schema says about the field at a path; nil: nothing.
func (c *collection) at(path []string) bson.D {
	d := c.schema
	for _, name := range path {
		properties, _ := find(d, "properties").(bson.D)
		d, _ = find(properties, name).(bson.D)
	}
	return d
}

// find gives a key's value; nil: there is none.
func find(d bson.D, key string) any {
	for _, e := range d {
		if e.Key == key {
			return e.Value
		}
	}
	return nil
}

// types gives the types that a schema lets a value have; none: any.
func types(d bson.D) []string {
	for _, key := range []string{"bsonType", "type"} {
		switch v := find(d, key).(type) {
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
