package app

import (
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// ruled is rules as they stand, for a look at what they say.
type ruled struct {
	file   *file
	rules  bson.D
	schema *collection // nil: none
}

// advise looks at a collection's rules and schema together.
func (r *reader) advise(s *DataSource, c *collection) {
	if c.schemaFile != nil && len(c.schema) > 0 {
		c.adviseSchema()
	}
	if c.rulesFile == nil {
		return
	}
	c.compare("", c.rules)
	rules := &ruled{file: c.rulesFile, rules: c.rules}
	if c.schemaFile != nil {
		rules.schema = c
	}
	r.ruled[s.Name+"/"+c.name.String()] = rules
}

// adviseSchema names what makes a schema refuse every document.
func (c *collection) adviseSchema() {
	f, key := c.schemaFile, func(name string) string { return under(c.schemaAt, name) }
	if t := types(c.schema); len(t) > 0 && !slices.Contains(t, "object") {
		f.suspect(key("bsonType"), "refuses every document: it is no object")
	}
	properties, _ := find(c.schema, "properties").(bson.D)
	if find(c.schema, "additionalProperties") != false || find(c.schema, "patternProperties") != nil {
		return
	}
	if find(properties, "_id") == nil {
		f.suspect(key("additionalProperties"), "refuses every document: _id is not among the properties")
	}
	required, _ := find(c.schema, "required").(bson.A)
	for i, item := range required {
		if name, ok := item.(string); ok && name != "_id" && find(properties, name) == nil {
			f.suspect(fmt.Sprintf("%s[%d]", key("required"), i), "refuses every document: %q is required, and additionalProperties does not let it in", name)
		}
	}
}

// compare looks for the user's id, which is a text, beside a field of another type.
func (c *collection) compare(at string, v any) {
	switch x := v.(type) {
	case bson.A:
		for i, item := range x {
			c.compare(fmt.Sprintf("%s[%d]", at, i), item)
		}
	case bson.D:
		for _, e := range x {
			key := under(at, e.Key)
			if form := userID(e.Value, 0); form != "" && !strings.HasPrefix(e.Key, "%") && !strings.HasPrefix(e.Key, "$") {
				c.compareField(key, e.Key, form)
			}
			c.compare(key, e.Value)
		}
	}
}

func (c *collection) compareField(at, field, form string) {
	is := types(c.at(strings.Split(field, ".")))
	if len(is) == 0 || slices.Contains(is, form) {
		return
	}
	switch {
	case form == "string" && slices.Contains(is, "objectId"):
		c.rulesFile.suspect(at, `never holds: %%%%user.id is a text, and the schema says that %s is an objectId: {"%%stringToOid": "%%%%user.id"}`, field)
	case form == "objectId" && slices.Contains(is, "string"):
		c.rulesFile.suspect(at, "never holds: the schema says that %s is a text: %q", field, "%%user.id")
	}
}

// userID tells in which type a condition has the user's id; "": it does not speak of it.
func userID(v any, depth int) string {
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
			return userID(x[0].Value, depth+1)
		}
	}
	return ""
}

// adviseRoles names roles that can never be chosen: a role before them applies to everybody and every document.
func (r *reader) adviseRoles(f *file, d bson.D) {
	list, _ := find(d, "roles").(bson.A)
	for i, item := range list {
		role, _ := item.(bson.D)
		if when := find(role, "apply_when"); when == nil || !always(when) {
			continue
		}
		for j := i + 1; j < len(list); j++ {
			f.suspect(fmt.Sprintf("roles[%d]", j), "is never chosen: roles[%d] applies to everybody and every document", i)
		}
		return
	}
}

// always tells a condition that holds whatever it is put to.
func always(v any) bool {
	d, ok := v.(bson.D)
	if !ok {
		return v == true || v == "%%true"
	}
	for _, e := range d {
		if e.Key != "%%true" || !always(e.Value) {
			return false
		}
	}
	return true
}

// adviseCustomData looks at what people may do with their custom data.
func (r *reader) adviseCustomData(f *file, at string) {
	c := r.app.CustomData
	n := r.app.CustomDataNamespace()
	source, place := r.ruled[c.Service+"/"+n.String()], under(at, "collection_name")
	if source == nil {
		source = r.ruled[c.Service]
	}
	if source == nil && (r.broken("data_sources/") || r.broken("services/")) {
		return
	}
	if source == nil {
		f.suspect(place, "there are no rules for %s: people see their custom data in the token, and only functions that run as system change it", n)
		return
	}
	if !gives(source.rules) {
		f.suspect(place, "no role of %s lets anybody read or write %s", source.file.name, n)
		return
	}
	if !speaks(source.rules, c.UserIDField) {
		source.file.suspect("roles", "nothing speaks of %s: whoever a role applies to sees and changes what it allows of everybody's custom data", c.UserIDField)
	}
	if schema := source.schema; schema != nil {
		schema.adviseUserID(c.UserIDField)
	}
}

// adviseUserID names a schema that no custom data document fits.
func (c *collection) adviseUserID(field string) {
	f, key := c.schemaFile, under(c.schemaAt, "properties."+field)
	is := types(c.at([]string{field}))
	if len(is) > 0 && !slices.Contains(is, "string") && !slices.Contains(is, "objectId") {
		f.suspect(key, "no document of custom data fits: a user's id is a text or an objectId, not %s", strings.Join(is, " or "))
	}
	properties, _ := find(c.schema, "properties").(bson.D)
	if find(c.schema, "additionalProperties") == false && find(properties, field) == nil {
		f.suspect(key, "no document of custom data fits: the user id field is not among the properties")
	}
}

// gives tells whether any role lets anybody do anything.
func gives(d bson.D) bool {
	list, _ := find(d, "roles").(bson.A)
	return slices.ContainsFunc(list, func(item any) bool {
		role, _ := item.(bson.D)
		for _, e := range role {
			switch e.Key {
			case "read", "write", "insert", "delete":
				if e.Value != false {
					return true
				}
			case "fields", "additional_fields":
				if !empty(e.Value) {
					return true
				}
			}
		}
		return false
	})
}

// speaks tells whether a condition or a query is about a field.
func speaks(v any, field string) bool {
	about := func(word string) bool {
		word = strings.TrimPrefix(word, "%%root.")
		return word == field || strings.HasPrefix(word, field+".")
	}
	switch x := v.(type) {
	case string:
		return strings.HasPrefix(x, "%%") && about(x)
	case bson.A:
		return slices.ContainsFunc(x, func(item any) bool { return speaks(item, field) })
	case bson.D:
		return slices.ContainsFunc(x, func(e bson.E) bool {
			if e.Key == "fields" || e.Key == "name" || e.Key == "projection" {
				return false
			}
			return about(e.Key) || speaks(e.Value, field)
		})
	}
	return false
}
