package model

import (
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Update holds the arguments of one updateOne call.
type Update struct {
	Filter bson.Raw
	Update bson.RawValue // an object with update operators, or an array: a pipeline
	Upsert bool
	Edits  []Edit // the intended edits, see SatisfiedBy

	base  bson.Raw      // the document that the guards describe
	items []guardedItem // the array items that the edits lead into
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
// A position does not identify an array item, so an edit inside one is also guarded by the whole item, or by the short
// values of an item over 4 KiB.
//
// If an edited key is one that no path can name, the call sets and removes whole top-level fields by their names, in a
// pipeline of $setField and $unsetField, and the guards of such keys are conditions on $getField.
//
// Without a base it is an upsert that filters by the user id only and sets the fields with $setOnInsert.
func (d *Draft) Update() (Update, error) {
	switch {
	case d.Empty():
		return Update{}, InvalidInputf("", "there are no changes to save")
	case d.owner.UserIDField == "" || isAbsent(d.owner.UserID):
		return Update{}, InvalidInputf("", "the user id field or the user id is unknown; the document cannot be identified")
	}
	if n := d.resultSize(); n > MaxDocumentBytes {
		return Update{}, InvalidInputf("", "the document would have %d bytes (%.1f MB); a document holds at most %d (16 MiB)",
			n, float64(n)/1e6, MaxDocumentBytes)
	}
	if len(d.base) == 0 {
		return d.upsertUpdate()
	}
	filter, err := d.identityFilter()
	if err != nil {
		return Update{}, err
	}
	if d.canUpdateByName() && slices.ContainsFunc(d.edits, editsUnnameable) {
		return d.updateByName(filter), nil
	}
	items := d.guardedItems()
	d.guardItems(filter, items)
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
	return Update{Filter: filter.done(), Update: update.value(bson.TypeEmbeddedDocument), Edits: d.Edits(),
		base: d.base, items: items}, nil
}

// MaxDocumentBytes is the size of the largest document that a database stores.
const MaxDocumentBytes = 16 << 20

// resultSize returns the size of the document after the save in bytes, or an upper bound below the limit.
func (d *Draft) resultSize() int {
	const id = 1 + len("_id\x00") + 12 // of a new document
	bound := len(d.base) + id + len(d.owner.UserID.Value) + len(d.owner.UserIDField) + 16
	for _, e := range d.edits {
		bound += len(e.Value.Value) + 16
		for _, key := range e.Path {
			bound += len(key) + 16
		}
	}
	switch {
	case bound <= MaxDocumentBytes:
		return bound
	case len(d.base) == 0:
		return len(d.Result()) + id
	}
	return len(d.Result())
}

func editsUnnameable(e Edit) bool { return unnameableReason(e.Path[0]) != "" }

// updateByName returns the call that sets and removes whole top-level fields by their names.
func (d *Draft) updateByName(filter *builder) Update {
	result := d.Result()
	var stages, conditions bson.A
	done := map[string]bool{}
	byName := slices.Clone(d.edits) // as Result, which adds fields in this order
	slices.SortStableFunc(byName, func(a, b Edit) int { return compareKeys(a.Path[0], b.Path[0]) })
	for _, e := range byName {
		top := e.Path[:1]
		name := top[0]
		if done[name] {
			continue
		}
		done[name] = true
		if editsUnnameable(e) {
			conditions = append(conditions, guardByName(top, d.base)...)
		} else {
			filter.add(name, guard(top, d.base))
		}
		stage := bson.D{{Key: "$unsetField", Value: bson.D{{Key: "field", Value: literal(name)}, {Key: "input",
			Value: "$$ROOT"}}}}
		if v, ok := top.Lookup(result); ok {
			stage = bson.D{{Key: "$setField", Value: bson.D{{Key: "field", Value: literal(name)},
				{Key: "input", Value: "$$ROOT"}, {Key: "value", Value: literal(v)}}}}
		}
		stages = append(stages, bson.D{{Key: "$replaceWith", Value: stage}})
	}
	filter.add("$expr", ValueOf(bson.D{{Key: "$and", Value: conditions}}))
	return Update{Filter: filter.done(), Update: ValueOf(stages), Edits: d.Edits(), base: d.base,
		items: d.guardedItems()}
}

// GuardsItems reports whether the update has guards for array items that it changes a part of.
func (u Update) GuardsItems() bool { return len(u.items) > 0 }

func literal(v any) bson.D { return bson.D{{Key: "$literal", Value: v}} }

// guardByName is guard for a top-level key that no path can name, as operands of $and in $expr.
func guardByName(p Path, doc bson.Raw) bson.A {
	field := bson.D{{Key: "$getField", Value: literal(p[0])}}
	old, existed := p.Lookup(doc)
	kind := "missing"
	if existed {
		kind = typeAlias(old)
	}
	conditions := bson.A{bson.D{{Key: "$eq", Value: bson.A{bson.D{{Key: "$type", Value: field}}, literal(kind)}}}}
	if existed {
		conditions = append(conditions, bson.D{{Key: "$eq", Value: bson.A{field, literal(old)}}})
	}
	return conditions
}

// UnchangedFilter returns a filter that matches the document of the check while no field of it changes. It has no guard
// for what it cannot compare: repeated keys after the first and, if the check is not exact, keys that no path can name
// and values that extended JSON cannot represent.
func (r CheckResult) UnchangedFilter() bson.Raw {
	filter := newBuilder()
	var byName bson.A
	seen := map[string]bool{}
	for e, err := range elements(r.Document) {
		if err != nil {
			break
		}
		p := Path{string(e.key)}
		switch {
		case seen[p[0]]:
		case unnameableReason(p[0]) == "" && (r.Exact || firstUnencodable(p, e.value, true) == nil):
			filter.add(p[0], valueGuard(e.value))
		case r.Exact:
			byName = append(byName, guardByName(p, r.Document)...)
		}
		seen[p[0]] = true
	}
	if len(byName) > 0 {
		filter.add("$expr", ValueOf(bson.D{{Key: "$and", Value: byName}}))
	}
	return filter.done()
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
	return Update{Filter: filter.done(), Update: update.value(bson.TypeEmbeddedDocument), Upsert: true,
		Edits: d.Edits()}, nil
}

// guard returns the condition that a field still has its value in doc.
func guard(p Path, doc bson.Raw) bson.RawValue {
	old, existed := p.Lookup(doc)
	if !existed {
		return ValueOf(bson.D{{Key: "$exists", Value: false}})
	}
	return valueGuard(old)
}

// valueGuard returns the condition that a field still has a value.
func valueGuard(old bson.RawValue) bson.RawValue {
	if old.Type == bson.TypeNull || old.Type == bson.TypeUndefined {
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

// CheckEncodable returns an error if extended JSON cannot represent the call.
func (u Update) CheckEncodable() error {
	b := newBuilder()
	b.add("update", u.Update)
	for _, doc := range []bson.Raw{u.Filter, b.done()} {
		if fields := UnencodableFields(doc); len(fields) > 0 {
			return InvalidInputf("", "the change cannot be sent: %s", fields[0])
		}
	}
	return nil
}

// String returns the call, updateOne(filter, update), as extended JSON on several lines.
func (u Update) String() string {
	args := []string{IndentJSON(objectValue(u.Filter)), IndentJSON(u.Update)}
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
	for _, i := range u.items {
		if now, _ := i.path.Lookup(doc); !Identical(now, i.after) { // maybe another item is in its place
			return false
		}
	}
	return true
}

// UnchangedIn reports whether the edited fields of a document, and the array items around them, are as they were when
// the draft was started, and at least one of them has a value.
func (u Update) UnchangedIn(doc bson.Raw) bool {
	for _, i := range u.items {
		if now, _ := i.path.Lookup(doc); !Identical(now, i.before) {
			return false
		}
	}
	hasValue := false
	for _, e := range u.Edits {
		was, existed := e.Path.Lookup(u.base)
		if is, exists := e.Path.Lookup(doc); existed != exists || !Identical(was, is) {
			return false
		}
		hasValue = hasValue || existed
	}
	return hasValue
}

// satisfiedBy reports whether a document already has the state that the edit would produce.
func (e Edit) satisfiedBy(doc bson.Raw) bool {
	v, ok := e.Path.Lookup(doc)
	return ok != e.Unset && Identical(v, e.Value)
}
