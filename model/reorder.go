package model

import (
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// reordered returns the objects at and inside a field whose common keys have another order. Items of arrays are
// compared by their positions, if the number of items is the same. A field that known changes show as a whole is left
// out.
func reordered(known []Change, at Path, old, new bson.RawValue) []Change {
	if old.Type != new.Type || !isContainer(old) || Identical(old, new) || len(at) >= maxDepth {
		return nil
	}
	was, unique := fieldsOf(old)
	is, alsoUnique := fieldsOf(new)
	if !unique || !alsoUnique || old.Type == bson.TypeArray && len(was.list) != len(is.list) ||
		slices.ContainsFunc(known, func(c Change) bool { return at.Within(c.PathInNew()) }) {
		return nil
	}
	last, isOrdered := -1, true
	var inside []Change
	for _, f := range is.list {
		i, ok := was.byKey[f.key]
		if !ok {
			continue
		}
		isOrdered = isOrdered && i > last
		last = i
		inside = append(inside, reordered(known, at.Child(f.key), was.list[i].value, f.value)...)
	}
	if isOrdered {
		return inside
	}
	return append([]Change{{Path: slices.Clone(at), Kind: Reordered, Old: old, New: new}}, inside...)
}

// Keys returns the names of the fields of an object.
func Keys(object bson.RawValue) []string {
	fields, _ := fieldsOf(object)
	var keys []string
	for _, f := range fields.list {
		keys = append(keys, f.key)
	}
	return keys
}

// inOrderOf returns an object with its common keys in the order that they have in another one, before the others.
func inOrderOf(v, order bson.RawValue) bson.RawValue {
	b := newBuilder()
	for e, err := range elements(order.Value) {
		if err != nil {
			break
		}
		if now, ok := childValue(v, string(e.key)); ok {
			b.add(string(e.key), now)
		}
	}
	for e, err := range elements(v.Value) {
		if err != nil {
			break
		}
		if countKey(order.Value, string(e.key)) == 0 {
			b.add(string(e.key), e.value)
		}
	}
	return b.value(v.Type)
}
