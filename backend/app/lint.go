package app

import (
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// ruleSet is the decoded rules of a collection or a default, for the lint.
type ruleSet struct {
	file   *file
	rules  bson.D
	schema *collectionReader // nil: none
}

// lintCollection checks a collection's rules and schema against each other.
func (r *reader) lintCollection(s *DataSource, c *collectionReader) {
	if c.schemaFile != nil && len(c.schema) > 0 {
		c.lintSchema()
	}
	if c.rulesFile == nil {
		return
	}
	c.lintUserIDTypes("", c.rules)
	rules := &ruleSet{file: c.rulesFile, rules: c.rules}
	if c.schemaFile != nil {
		rules.schema = c
	}
	r.ruleSets[s.Name+"/"+c.name.String()] = rules
}

// lintSchema reports a schema that refuses every document.
func (c *collectionReader) lintSchema() {
	f, key := c.schemaFile, func(name string) string { return joinKey(c.schemaAt, name) }
	if t := allowedTypes(c.schema); len(t) > 0 && !slices.Contains(t, "object") {
		f.suspicious(key("bsonType"), "refuses every document: the type is not object")
	}
	properties, _ := lookup(c.schema, "properties").(bson.D)
	if lookup(c.schema, "additionalProperties") != false || lookup(c.schema, "patternProperties") != nil {
		return
	}
	if lookup(properties, "_id") == nil {
		f.suspicious(key("additionalProperties"), "refuses every document: properties has no _id")
	}
	required, _ := lookup(c.schema, "required").(bson.A)
	for i, item := range required {
		if name, ok := item.(string); ok && name != "_id" && lookup(properties, name) == nil {
			f.suspicious(fmt.Sprintf("%s[%d]", key("required"), i),
				"refuses every document: %q is required, and additionalProperties refuses it", name)
		}
	}
}

// lintUserIDTypes finds comparisons of the user's id, which is a string, with a field of another type.
func (c *collectionReader) lintUserIDTypes(at string, v any) {
	switch x := v.(type) {
	case bson.A:
		for i, item := range x {
			c.lintUserIDTypes(fmt.Sprintf("%s[%d]", at, i), item)
		}
	case bson.D:
		for _, e := range x {
			key := joinKey(at, e.Key)
			if form := userIDType(e.Value, 0); form != "" && !strings.HasPrefix(e.Key, "%") && !strings.HasPrefix(e.Key, "$") {
				c.lintUserIDType(key, e.Key, form)
			}
			c.lintUserIDTypes(key, e.Value)
		}
	}
}

func (c *collectionReader) lintUserIDType(at, field, form string) {
	is := allowedTypes(c.fieldSchema(strings.Split(field, ".")))
	if len(is) == 0 || slices.Contains(is, form) {
		return
	}
	switch {
	case form == "string" && slices.Contains(is, "objectId"):
		c.rulesFile.suspicious(at, "is never true: %%%%user.id is a string, and %s is an objectId in the schema: "+
			`use {"%%stringToOid": "%%%%user.id"}`, field)
	case form == "objectId" && slices.Contains(is, "string"):
		c.rulesFile.suspicious(at, "is never true: %s is a string in the schema: use %q", field, "%%user.id")
	}
}

// userIDType returns the type in which a condition uses the user's id; empty: it does not use it.
func userIDType(v any, depth int) string {
	switch x := v.(type) {
	case string:
		if x == "%%user.id" {
			return "string"
		}
	case bson.D:
		if len(x) != 1 || depth > 1 {
			return ""
		}
		switch key := strings.TrimLeft(x[0].Key, "%$"); key {
		case "stringToOid":
			if x[0].Value == "%%user.id" {
				return "objectId"
			}
		case "eq":
			return userIDType(x[0].Value, depth+1)
		}
	}
	return ""
}

// lintRoles reports roles that never apply, because a role before them applies to every user and document.
func (r *reader) lintRoles(f *file, d bson.D) {
	list, _ := lookup(d, "roles").(bson.A)
	for i, item := range list {
		role, _ := item.(bson.D)
		if when := lookup(role, "apply_when"); when == nil || !alwaysTrue(when) {
			continue
		}
		for j := i + 1; j < len(list); j++ {
			f.suspicious(fmt.Sprintf("roles[%d]", j), "never applies: roles[%d] applies to every user and every document", i)
		}
		return
	}
}

// alwaysTrue reports whether a condition is true for every document.
func alwaysTrue(v any) bool {
	d, ok := v.(bson.D)
	if !ok {
		return v == true || v == "%%true"
	}
	for _, e := range d {
		if e.Key != "%%true" || !alwaysTrue(e.Value) {
			return false
		}
	}
	return true
}

// lintCustomData checks which access users have to their custom data.
func (r *reader) lintCustomData(f *file, at string) {
	c := r.app.CustomData
	n := r.app.CustomDataNamespace()
	source, key := r.ruleSets[c.Service+"/"+n.String()], joinKey(at, "collection_name")
	if source == nil {
		source = r.ruleSets[c.Service]
	}
	if source == nil && (r.unreadable("data_sources/") || r.unreadable("services/")) {
		return
	}
	if source == nil {
		f.suspicious(key, "%s has no rules: users see their custom data in the access token, and only functions that run "+
			"as system change it", n)
		return
	}
	if !grantsAccess(source.rules) {
		f.suspicious(key, "no role in %s allows reading or writing %s", source.file.name, n)
		return
	}
	if !mentionsField(source.rules, c.UserIDField) {
		source.file.suspicious("roles", "no condition uses %s: roles give access to the custom data of all users",
			c.UserIDField)
	}
	if schema := source.schema; schema != nil {
		schema.lintUserIDField(c.UserIDField)
	}
}

// lintUserIDField reports a schema that refuses every custom data document.
func (c *collectionReader) lintUserIDField(field string) {
	f, key := c.schemaFile, joinKey(c.schemaAt, "properties."+field)
	is := allowedTypes(c.fieldSchema([]string{field}))
	if len(is) > 0 && !slices.Contains(is, "string") && !slices.Contains(is, "objectId") {
		f.suspicious(key, "refuses every custom data document: a user's id is a string or an objectId, not %s",
			strings.Join(is, " or "))
	}
	properties, _ := lookup(c.schema, "properties").(bson.D)
	if lookup(c.schema, "additionalProperties") == false && lookup(properties, field) == nil {
		f.suspicious(key, "refuses every custom data document: properties has no user id field")
	}
}

// grantsAccess reports whether any role allows anything.
func grantsAccess(d bson.D) bool {
	list, _ := lookup(d, "roles").(bson.A)
	return slices.ContainsFunc(list, func(item any) bool {
		role, _ := item.(bson.D)
		for _, e := range role {
			switch e.Key {
			case "read", "write", "insert", "delete":
				if e.Value != false {
					return true
				}
			case "fields", "additional_fields":
				if !isEmpty(e.Value) {
					return true
				}
			}
		}
		return false
	})
}

// mentionsField reports whether a condition or a query uses a field.
func mentionsField(v any, field string) bool {
	isField := func(name string) bool {
		name = strings.TrimPrefix(name, "%%root.")
		return name == field || strings.HasPrefix(name, field+".")
	}
	switch x := v.(type) {
	case string:
		return strings.HasPrefix(x, "%%") && isField(x)
	case bson.A:
		return slices.ContainsFunc(x, func(item any) bool { return mentionsField(item, field) })
	case bson.D:
		return slices.ContainsFunc(x, func(e bson.E) bool {
			if e.Key == "fields" || e.Key == "name" || e.Key == "projection" {
				return false
			}
			return isField(e.Key) || mentionsField(e.Value, field)
		})
	}
	return false
}
