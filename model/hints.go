package model

import (
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Hint is what is known about the values of one field: from a schema, which a save enforces, or from a sample of other
// documents.
type Hint struct {
	Path     Path            // an array's items have the key ItemKey
	Types    []TypeShare     // the allowed types, or the sampled ones, most frequent first; empty: any
	Values   []bson.RawValue // the allowed values, or frequent ones; empty: any
	Required bool
	Rule     string // other rules of a schema in words; may be empty
	Sampled  int    // the number of sampled values; 0: the hint is from a schema
}

// TypeShare is a type and its share of the sampled values in percent; of a schema 100.
type TypeShare struct {
	Kind    Kind
	Percent int
}

// ItemKey stands for every item of an array in the path of a hint.
const ItemKey = "[]"

// Allows reports whether the hint names the type. Without types every type is.
func (h Hint) Allows(k Kind) bool {
	if k == UUID && h.Allows(Binary) && h.Sampled == 0 {
		return true
	}
	return len(h.Types) == 0 || slices.ContainsFunc(h.Types, func(t TypeShare) bool { return t.Kind == k })
}

// Hints are the hints of the fields of a document.
type Hints []Hint

// Of returns the hint of a field in a document; false: there is none.
func (hs Hints) Of(p Path, doc bson.Raw) (Hint, bool) {
	general := make(Path, len(p))
	for i, key := range p {
		general[i] = key
		if parent, ok := p[:i].Lookup(doc); i > 0 && ok && parent.Type == bson.TypeArray {
			general[i] = ItemKey
		}
	}
	i := slices.IndexFunc(hs, func(h Hint) bool { return h.Path.Equal(general) })
	if i < 0 {
		return Hint{}, false
	}
	return hs[i], true
}

// The limits of hints.
const (
	maxHintDepth  = 8
	maxHints      = 1000
	maxHintValues = 100
)

// SchemaHints returns the hints of a $jsonSchema.
func SchemaHints(schema bson.Raw) Hints {
	var hints Hints
	schemaHints(schema, nil, &hints)
	return hints
}

func schemaHints(schema bson.Raw, at Path, hints *Hints) {
	if len(at) > maxHintDepth || len(*hints) >= maxHints {
		return
	}
	required := map[string]bool{}
	if names, ok := schema.Lookup("required").ArrayOK(); ok {
		values, _ := names.Values()
		for _, v := range values {
			name, _ := v.StringValueOK()
			required[name] = true
		}
	}
	if items, ok := schema.Lookup("items").DocumentOK(); ok {
		addSchemaHint(items, at.Child(ItemKey), false, hints)
	}
	properties, _ := schema.Lookup("properties").DocumentOK()
	fields, _ := properties.Elements()
	for _, f := range fields {
		if inner, ok := f.Value().DocumentOK(); ok {
			addSchemaHint(inner, at.Child(f.Key()), required[f.Key()], hints)
		}
	}
}

func addSchemaHint(schema bson.Raw, at Path, required bool, hints *Hints) {
	h := Hint{Path: at, Required: required, Rule: schemaRule(schema)}
	for _, key := range []string{"bsonType", "type"} {
		for _, name := range namesOf(schema.Lookup(key)) {
			for _, k := range schemaKinds(name) {
				h.Types = append(h.Types, TypeShare{k, 100})
			}
		}
	}
	if values, ok := schema.Lookup("enum").ArrayOK(); ok {
		h.Values, _ = values.Values()
		h.Values = h.Values[:min(len(h.Values), maxHintValues)]
	}
	if h.Required || h.Rule != "" || len(h.Types)+len(h.Values) > 0 {
		*hints = append(*hints, h)
	}
	schemaHints(schema, at, hints)
}

// namesOf returns a string, or the strings of an array.
func namesOf(v bson.RawValue) (names []string) {
	if name, ok := v.StringValueOK(); ok {
		return []string{name}
	}
	if list, ok := v.ArrayOK(); ok {
		values, _ := list.Values()
		for _, item := range values {
			if name, ok := item.StringValueOK(); ok {
				names = append(names, name)
			}
		}
	}
	return names
}

// schemaKinds returns the kinds of a type of $jsonSchema.
func schemaKinds(name string) []Kind {
	switch name {
	case "number":
		return []Kind{Int, Long, Double, Decimal}
	case "integer":
		return []Kind{Int, Long}
	case "boolean":
		return []Kind{Bool}
	case "binData":
		return []Kind{Binary}
	}
	if slices.Contains(Kinds(), Kind(name)) {
		return []Kind{Kind(name)}
	}
	return nil
}

// schemaRule returns the rules of a schema about a value in words.
func schemaRule(schema bson.Raw) string {
	var rules []string
	for _, rule := range []struct{ key, form string }{
		{"pattern", "matches %s"}, {"minLength", "at least %s characters"}, {"maxLength", "at most %s characters"},
		{"minimum", "at least %s"}, {"maximum", "at most %s"}, {"minItems", "at least %s items"},
		{"maxItems", "at most %s items"}, {"multipleOf", "a multiple of %s"},
	} {
		if v := schema.Lookup(rule.key); !isAbsent(v) {
			rules = append(rules, fmt.Sprintf(rule.form, Text(v)))
		}
	}
	return strings.Join(rules, ", ")
}
