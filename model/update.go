package model

import (
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Update is one updateOne call.
type Update struct {
	Filter bson.Raw
	Update bson.Raw
	Upsert bool
	Edits  []Edit // what it is to achieve, to read back by
}

// Update is the one guarded updateOne that makes the change.
//
// The filter holds the user id in the type it is stored with, the `_id` of the base, and one guard a touched field: scalar → {$eq: old, $type: T, $not: {$type: "array"}};
// absent → {$exists: false}; null → {$type: "null"}; object or array → $eq whole (blind to 1 against 1.0 inside).
// Undefined is guarded as null is, since no query may compare with it.
// Without a base it is an upsert by the user id alone, with the data in $setOnInsert.
func (d *Draft) Update() (Update, error) {
	switch {
	case d.Empty():
		return Update{}, InvalidInputf("", "nothing is changed, so there is nothing to save")
	case d.owner.UserIDField == "" || absent(d.owner.UserID):
		return Update{}, InvalidInputf("", "the field with the user id, or the id, is not known, so the document cannot be named")
	}
	if len(d.base) == 0 {
		return d.upsert()
	}
	filter, err := d.identity()
	if err != nil {
		return Update{}, err
	}
	set, unset := newBuilder(), newBuilder()
	sets, unsets := 0, 0
	for _, e := range d.edits {
		name, err := e.Path.DotNotation()
		if err != nil {
			return Update{}, refuseField(e.Path, "%v", err)
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

// identity begins the filter with what says which document it is.
func (d *Draft) identity() (*builder, error) {
	filter := newBuilder()
	owner, _ := d.owner.path().Lookup(d.base)
	if !Identical(owner, d.owner.UserID) {
		return nil, InvalidInputf("field "+d.owner.UserIDField, "the document belongs to %q, not to %q", Text(owner), Text(d.owner.UserID))
	}
	filter.add(d.owner.UserIDField, d.owner.UserID)
	if d.owner.UserIDField == "_id" {
		return filter, nil
	}
	id, ok := Path{"_id"}.Lookup(d.base)
	if !ok {
		return nil, InvalidInputf("field _id", "the document has no _id, so it cannot be named")
	}
	filter.add("_id", id)
	return filter, nil
}

// upsert makes the document where there is none.
func (d *Draft) upsert() (Update, error) {
	filter, data := newBuilder(), newBuilder()
	filter.add(d.owner.UserIDField, d.owner.UserID)
	for _, e := range d.edits {
		name, err := e.Path.DotNotation()
		if err != nil {
			return Update{}, refuseField(e.Path, "%v", err)
		}
		if !e.Unset {
			data.add(name, e.Value)
		}
	}
	update := newBuilder()
	update.add("$setOnInsert", data.value(bson.TypeEmbeddedDocument))
	return Update{Filter: filter.done(), Update: update.done(), Upsert: true, Edits: d.Edits()}, nil
}

// guard is the condition that a field is still as it is in a document.
func guard(p Path, doc bson.Raw) bson.RawValue {
	old, existed := p.Lookup(doc)
	switch {
	case !existed:
		return ValueOf(bson.D{{Key: "$exists", Value: false}})
	case old.Type == bson.TypeNull, old.Type == bson.TypeUndefined:
		return ValueOf(bson.D{{Key: "$type", Value: alias(old)}})
	}
	b := newBuilder()
	b.add("$eq", old)
	if !nested(old) {
		b.add("$type", ValueOf(alias(old)))
		b.add("$not", ValueOf(bson.D{{Key: "$type", Value: "array"}}))
	}
	return b.value(bson.TypeEmbeddedDocument)
}

// alias is the name $type knows a value's type by.
func alias(v bson.RawValue) string {
	if v.Type == bson.TypeBinary {
		return "binData"
	}
	return string(KindOf(v))
}

// String shows the call as it is sent: updateOne(filter, update) in extended JSON, on several lines.
func (u Update) String() string {
	args := []string{IndentJSON(objectOf(u.Filter)), IndentJSON(objectOf(u.Update))}
	if u.Upsert {
		args = append(args, `{"upsert": true}`)
	}
	return "updateOne(\n" + indented(strings.Join(args, ",\n")) + "\n)"
}

// indented moves lines two spaces to the right.
func indented(lines string) string {
	return "  " + strings.ReplaceAll(lines, "\n", "\n  ")
}

// SatisfiedBy reports whether a document already is as the update wants it.
func (u Update) SatisfiedBy(doc bson.Raw) bool {
	if len(doc) == 0 {
		return false
	}
	for _, e := range u.Edits {
		if !e.holds(doc) {
			return false
		}
	}
	return true
}

// holds reports whether the document has what the edit wants.
func (e Edit) holds(doc bson.Raw) bool {
	v, ok := e.Path.Lookup(doc)
	return ok != e.Unset && Identical(v, e.Value)
}
