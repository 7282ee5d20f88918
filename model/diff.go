package model

import (
	"bytes"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// ChangeKind is how a field differs.
type ChangeKind string

// The kinds of change.
const (
	Changed     ChangeKind = "changed"
	Added       ChangeKind = "added"
	Removed     ChangeKind = "removed"
	TypeChanged ChangeKind = "changed type"
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
	if pairs, ok := aligned(old, new); ok && len(at) < maxDepth {
		for _, p := range pairs {
			diffValue(at.Child(p.key), p.old, p.new, changes)
		}
		return true
	}
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
		p := at.Child(f.key)
		switch {
		case !existed:
			*changes = append(*changes, Change{Path: p, Kind: Added, New: to})
		case !present:
			*changes = append(*changes, Change{Path: p, Kind: Removed, Old: from})
		case !Identical(from, to):
			diffValue(p, from, to, changes)
		}
	}
	// Duplicate keys, of which only the first was compared, may hide a difference of a top-level document.
	return len(*changes) > before || okA && okB
}

// diffValue adds what differs between two values of a field that are not the same.
func diffValue(at Path, old, new bson.RawValue, changes *[]Change) {
	switch {
	case KindOf(old) != KindOf(new):
		*changes = append(*changes, Change{Path: at, Kind: TypeChanged, Old: old, New: new})
	case !nested(old) || !diffFields(old, new, at, changes):
		*changes = append(*changes, Change{Path: at, Kind: Changed, Old: old, New: new})
	}
}

// pair is a field that two documents hold with different values.
type pair struct {
	key      string
	old, new bson.RawValue
}

// aligned compares two objects or arrays that hold the same keys in the same order, which most do, without sorting them out; false when they do not.
func aligned(old, new bson.RawValue) ([]pair, bool) {
	a, b := old.Value, new.Value
	if len(a) == 0 || len(b) == 0 || wellFramed(a) != nil || wellFramed(b) != nil {
		return nil, false
	}
	var pairs []pair
	i, j, place := 4, 4, 0
	for ; i < len(a)-1 && j < len(b)-1; place++ {
		x, errX := elementAt(a, i)
		y, errY := elementAt(b, j)
		if errX != nil || errY != nil || !bytes.Equal(x.key, y.key) {
			return nil, false
		}
		if !Identical(x.value, y.value) {
			key := string(x.key)
			if old.Type == bson.TypeArray {
				key = strconv.Itoa(place)
			}
			pairs = append(pairs, pair{key, x.value, y.value})
		}
		i, j = x.end, y.end
	}
	return pairs, i == len(a)-1 && j == len(b)-1
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
