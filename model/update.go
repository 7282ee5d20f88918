package model

import (
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Update holds the arguments of one updateOne call.
type Update struct {
	Filter bson.Raw
	Update bson.Raw
	Upsert bool
	Edits  []Edit // the intended edits, see SatisfiedBy
}

// Update returns the guarded updateOne call that saves the draft.
//
// The filter holds the user id in its stored type, the `_id` of the base, and one guard (a condition on the old value)
// for each edited field:
//   - scalar: {$eq: old, $type: T, $not: {$type: "array"}}
//   - absent: {$exists: false}
//   - null or undefined: {$type: …}, because no query may compare with undefined
//   - object or array: $eq with the whole value, which does not distinguish 1 from 1.0 inside it
//
// Without a base it is an upsert that filters by the user id only and sets the fields with $setOnInsert.
func (d *Draft) Update() (Update, error) {
	switch {
	case d.Empty():
		return Update{}, InvalidInputf("", "there are no changes to save")
	case d.owner.UserIDField == "" || isAbsent(d.owner.UserID):
		return Update{}, InvalidInputf("", "the user id field or the user id is unknown; the document cannot be identified")
	}
	if len(d.base) == 0 {
		return d.upsertUpdate()
	}
	filter, err := d.identityFilter()
	if err != nil {
		return Update{}, err
	}
	set, unset := newBuilder(), newBuilder()
	sets, unsets := 0, 0
	for _, e := range d.edits {
		name, err := e.Path.DotNotation()
		if err != nil {
			return Update{}, fieldError(e.Path, "%v", err)
		}
		filter.add(name, guard(e.Path, d.base))
		if e.Unset {
			unset.add(name, ValueOf(""))
			unsets++
		} else {
			set.add(name, e.Value)
			sets++
		}
	}
	update := newBuilder()
	if sets > 0 {
		update.add("$set", set.value(bson.TypeEmbeddedDocument))
	}
	if unsets > 0 {
		update.add("$unset", unset.value(bson.TypeEmbeddedDocument))
	}
	return Update{Filter: filter.done(), Update: update.done(), Edits: d.Edits()}, nil
}

// identityFilter returns a filter builder with the conditions that identify the document.
func (d *Draft) identityFilter() (*builder, error) {
	filter := newBuilder()
	owner, _ := d.owner.path().Lookup(d.base)
	if !Identical(owner, d.owner.UserID) {
		return nil, InvalidInputf("field "+d.owner.UserIDField, "the document belongs to user %q, not to %q", Text(owner),
			Text(d.owner.UserID))
	}
	filter.add(d.owner.UserIDField, d.owner.UserID)
	if d.owner.UserIDField == "_id" {
		return filter, nil
	}
	id, ok := Path{"_id"}.Lookup(d.base)
	if !ok {
		return nil, InvalidInputf("field _id", "the document has no _id, so it cannot be identified")
	}
	filter.add("_id", id)
	return filter, nil
}

// upsertUpdate returns the call that creates the document.
func (d *Draft) upsertUpdate() (Update, error) {
	filter, data := newBuilder(), newBuilder()
	filter.add(d.owner.UserIDField, d.owner.UserID)
	for _, e := range d.edits {
		name, err := e.Path.DotNotation()
		if err != nil {
			return Update{}, fieldError(e.Path, "%v", err)
		}
		if !e.Unset {
			data.add(name, e.Value)
		}
	}
	update := newBuilder()
	update.add("$setOnInsert", data.value(bson.TypeEmbeddedDocument))
	return Update{Filter: filter.done(), Update: update.done(), Upsert: true, Edits: d.Edits()}, nil
}

// guard returns the condition that a field still has its value in doc.
func guard(p Path, doc bson.Raw) bson.RawValue {
	old, existed := p.Lookup(doc)
	switch {
	case !existed:
		return ValueOf(bson.D{{Key: "$exists", Value: false}})
	case old.Type == bson.TypeNull, old.Type == bson.TypeUndefined:
		return ValueOf(bson.D{{Key: "$type", Value: typeAlias(old)}})
	}
	b := newBuilder()
	b.add("$eq", old)
	if !isContainer(old) {
		b.add("$type", ValueOf(typeAlias(old)))
		b.add("$not", ValueOf(bson.D{{Key: "$type", Value: "array"}}))
	}
	return b.value(bson.TypeEmbeddedDocument)
}

// typeAlias returns the alias of a value's type for $type.
func typeAlias(v bson.RawValue) string {
	if v.Type == bson.TypeBinary {
		return "binData"
	}
	return string(KindOf(v))
}

// String returns the call, updateOne(filter, update), as extended JSON on several lines.
func (u Update) String() string {
	args := []string{IndentJSON(objectValue(u.Filter)), IndentJSON(objectValue(u.Update))}
	if u.Upsert {
		args = append(args, `{"upsert": true}`)
	}
	return "updateOne(\n" + indent(strings.Join(args, ",\n")) + "\n)"
}

// indent indents each line by two spaces.
func indent(lines string) string {
	return "  " + strings.ReplaceAll(lines, "\n", "\n  ")
}

// SatisfiedBy reports whether a document already has the state that the update would produce.
func (u Update) SatisfiedBy(doc bson.Raw) bool {
	if len(doc) == 0 {
		return false
	}
	for _, e := range u.Edits {
		if !e.satisfiedBy(doc) {
			return false
		}
	}
	return true
}

// satisfiedBy reports whether a document already has the state that the edit would produce.
func (e Edit) satisfiedBy(doc bson.Raw) bool {
	v, ok := e.Path.Lookup(doc)
	return ok != e.Unset && Identical(v, e.Value)
}
