package model

import (
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// ChangeKind is how a field differs.
type ChangeKind string

// The kinds of change.
const (
	Changed ChangeKind = "changed"
	Added   ChangeKind = "added"
	Removed ChangeKind = "removed"
	Retyped ChangeKind = "changed type"
)

// Change is one field that differs between two documents. Old or New is zero where the field is absent.
type Change struct {
	Path Path
	Kind ChangeKind
	Old  bson.RawValue
	New  bson.RawValue
}

// Diff lists what differs from old to new by field, in document order (new's order, removed fields where they stood), the deepest differing fields of objects;
// arrays of equal length by element, else whole. Either may be nil: no document. The order of keys alone is no difference.
func Diff(old, new bson.Raw) []Change {
	var changes []Change
	diffFields(objectOf(old), objectOf(new), nil, &changes)
	return changes
}

// DiffSnapshot is Diff of a token's copy with the database's document, knowing that a token carries a top-level `_id` ObjectId as its plain hex string:
// that alone is no difference.
func DiffSnapshot(snapshot, document bson.Raw) []Change {
	changes := Diff(snapshot, document)
	for i, c := range changes {
		if c.Path.Equal(Path{"_id"}) && c.Old.Type == bson.TypeString && c.New.Type == bson.TypeObjectID && Text(c.Old) == Text(c.New) {
			return append(changes[:i], changes[i+1:]...)
		}
	}
	return changes
}

// diffFields adds what differs between the fields of two objects or two arrays of equal length; it reports false, adding nothing, when that cannot be said by field.
func diffFields(old, new bson.RawValue, at Path, changes *[]Change) bool {
	a, okA := fieldsOf(old)
	b, okB := fieldsOf(new)
	if at != nil && (!okA || !okB) || len(at) >= maxDepth {
		return false
	}
	if old.Type == bson.TypeArray && len(a.list) != len(b.list) {
		return false
	}
	before := len(*changes)
	for _, f := range merged(a, b) {
		from, existed := a.find(f.key)
		to, present := b.find(f.key)
		c := Change{Path: at.Child(f.key), Old: from, New: to}
		switch {
		case existed && present && Same(from, to):
			continue
		case !existed:
			c.Kind = Added
		case !present:
			c.Kind = Removed
		case KindOf(from) != KindOf(to):
			c.Kind = Retyped
		case nested(from) && diffFields(from, to, c.Path, changes):
			continue
		default:
			c.Kind = Changed
		}
		*changes = append(*changes, c)
	}
	// Duplicate keys, of which only the first was compared, may hide a difference of a top-level document.
	return len(*changes) > before || okA && okB
}

// field is one key with its value.
type field struct {
	key   string
	value bson.RawValue
}

// fields are an object's fields, found by key; an array's by place.
type fields struct {
	list  []field
	byKey map[string]int
}

// fieldsOf reads the fields of an object or array; of duplicate keys the first, and false then or when the value is malformed.
func fieldsOf(v bson.RawValue) (fields, bool) {
	var fs fields
	ok := true
	fs.byKey = map[string]int{}
	for e, err := range elements(v.Value) {
		if err != nil {
			return fs, false
		}
		key := string(e.key)
		if v.Type == bson.TypeArray {
			key = strconv.Itoa(len(fs.list))
		}
		if _, known := fs.byKey[key]; known {
			ok = false
			continue
		}
		fs.byKey[key] = len(fs.list)
		fs.list = append(fs.list, field{key, e.value})
	}
	return fs, ok
}

func (fs fields) find(key string) (bson.RawValue, bool) {
	if i, ok := fs.byKey[key]; ok {
		return fs.list[i].value, true
	}
	return bson.RawValue{}, false
}

// merged lists the fields of both in the order of the second, those that only the first has after the one they stood behind.
func merged(a, b fields) []field {
	behind := map[string][]field{} // by the key of b that they stand behind, "" with none
	var first []field
	anchor, anchored := "", false
	for _, f := range a.list {
		if _, both := b.byKey[f.key]; both {
			anchor, anchored = f.key, true
		} else if anchored {
			behind[anchor] = append(behind[anchor], f)
		} else {
			first = append(first, f)
		}
	}
	list := append(make([]field, 0, len(first)+len(b.list)), first...)
	for _, f := range b.list {
		list = append(append(list, f), behind[f.key]...)
	}
	return list
}
