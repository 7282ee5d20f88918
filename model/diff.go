package model

import (
	"bytes"
	"slices"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// ChangeKind classifies a Change.
type ChangeKind string

// The kinds of change.
const (
	Changed     ChangeKind = "changed"
	Added       ChangeKind = "added"
	Removed     ChangeKind = "removed"
	TypeChanged ChangeKind = "changed type"
	Moved       ChangeKind = "moved" // an array item
	Reordered   ChangeKind = "order of keys"
)

// AbsentText is shown in place of the value of a field that is absent.
const AbsentText = "(absent)"

// Change is one field that differs between two documents. Old or New is the zero value where the field is absent.
type Change struct {
	Path Path // in the new document; of a removed array item its index in the old one
	From Path // in the old document; nil: the same
	Kind ChangeKind
	Old  bson.RawValue
	New  bson.RawValue
	Item *Item // nil: not an array item that was added, removed or moved
}

// Item is the place of an array item that only one of two arrays has there.
type Item struct {
	Place int  // the index in the other array of the item that follows; of a moved item, where it was in the new one
	Taken bool // the other array has another item with the same index
}

// OldPath returns the path in the old document.
func (c Change) OldPath() Path {
	if c.From != nil {
		return c.From
	}
	return c.Path
}

// Diff returns the fields that differ between two documents, in the order of new, with removed fields at their old
// position. Objects are compared by field down to the deepest difference, arrays by items that belong together; arrays
// without such items as a whole. Either document may be nil (no document). A different order of keys is not a
// difference.
func Diff(old, new bson.Raw) []Change {
	var changes []Change
	diffFields(objectValue(old), objectValue(new), nil, &changes)
	return changes
}

// DiffSnapshot is Diff of a token's snapshot and the database's document. An access token carries a top-level `_id` of
// type ObjectId as its hex string, and other values as extended JSON represents them; these are not reported as
// differences.
func DiffSnapshot(snapshot, document bson.Raw) []Change {
	return slices.DeleteFunc(Diff(snapshot, document), func(c Change) bool {
		if c.Path.Equal(Path{"_id"}) && c.Old.Type == bson.TypeString && c.New.Type == bson.TypeObjectID {
			return Text(c.Old) == Text(c.New)
		}
		if isAbsent(c.Old) || isAbsent(c.New) {
			return false
		}
		changes := c.New.Type == bson.TypeRegex || firstUnencodable(c.Path, c.New, true) != nil // the driver sorts options
		return changes && Identical(c.Old, inExtendedJSON(c.New))
	})
}

// inExtendedJSON returns a value as it is after a service has written it as extended JSON with MongoDB's driver; zero
// if it cannot be read back.
func inExtendedJSON(v bson.RawValue) bson.RawValue {
	text, err := bson.MarshalExtJSON(bson.D{{Key: "v", Value: v}}, true, false)
	if err != nil {
		return bson.RawValue{}
	}
	doc, err := ReadDocument(string(text))
	if err != nil {
		return bson.RawValue{}
	}
	back, _ := Path{"v"}.Lookup(doc)
	return back
}

// diffFields appends the differences between the fields of two objects or the items of two arrays. It returns false
// and appends nothing when the values cannot be compared field by field.
func diffFields(old, new bson.RawValue, at Path, changes *[]Change) bool {
	pairs, ok := alignedDifferences(old, new)
	if ok && len(at) < maxDepth && (len(pairs) <= 1 || old.Type != bson.TypeArray) {
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
	if old.Type == bson.TypeArray {
		return diffItems(a.values(), b.values(), at, changes)
	}
	before := len(*changes)
	for _, f := range mergeFieldOrder(a, b) {
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
	// Of duplicate keys only the first was compared, so no difference found does not mean that there is none.
	return len(*changes) > before || okA && okB
}

// diffValue appends the differences between two values of a field that are not identical.
func diffValue(at Path, old, new bson.RawValue, changes *[]Change) {
	switch {
	case KindOf(old) != KindOf(new):
		*changes = append(*changes, Change{Path: at, Kind: TypeChanged, Old: old, New: new})
	case !isContainer(old) || !diffFields(old, new, at, changes):
		*changes = append(*changes, Change{Path: at, Kind: Changed, Old: old, New: new})
	}
}

// fieldPair is a field that two documents hold with different values.
type fieldPair struct {
	key      string
	old, new bson.RawValue
}

// alignedDifferences compares two objects or arrays that hold the same keys in the same order, the common case, without
// building an index. It returns false when the keys or their order differ.
func alignedDifferences(old, new bson.RawValue) ([]fieldPair, bool) {
	a, b := old.Value, new.Value
	if len(a) == 0 || len(b) == 0 || wellFramed(a) != nil || wellFramed(b) != nil {
		return nil, false
	}
	var pairs []fieldPair
	i, j, index := 4, 4, 0
	for ; i < len(a)-1 && j < len(b)-1; index++ {
		x, errX := elementAt(a, i)
		y, errY := elementAt(b, j)
		if errX != nil || errY != nil || !bytes.Equal(x.key, y.key) {
			return nil, false
		}
		if !Identical(x.value, y.value) {
			key := string(x.key)
			if old.Type == bson.TypeArray {
				key = strconv.Itoa(index)
			}
			pairs = append(pairs, fieldPair{key, x.value, y.value})
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

// fieldSet holds the fields of an object, or the elements of an array with their index as the key.
type fieldSet struct {
	list  []field
	byKey map[string]int
}

// fieldsOf reads the fields of an object or array. Of duplicate keys it keeps the first; it returns false when there
// are duplicate keys or the value is malformed.
func fieldsOf(v bson.RawValue) (fieldSet, bool) {
	var fs fieldSet
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

// values returns the values in their order.
func (fs fieldSet) values() []bson.RawValue {
	list := make([]bson.RawValue, len(fs.list))
	for i, f := range fs.list {
		list[i] = f.value
	}
	return list
}

func (fs fieldSet) find(key string) (bson.RawValue, bool) {
	if i, ok := fs.byKey[key]; ok {
		return fs.list[i].value, true
	}
	return bson.RawValue{}, false
}

// mergeFieldOrder returns the fields of both sets in the order of b. A field that only a has follows the field it
// followed in a.
func mergeFieldOrder(a, b fieldSet) []field {
	following := map[string][]field{} // fields that only a has, by the key of the field before them that b has too
	var leading []field               // fields that only a has and that no such field precedes
	anchor, anchored := "", false
	for _, f := range a.list {
		if _, both := b.byKey[f.key]; both {
			anchor, anchored = f.key, true
		} else if anchored {
			following[anchor] = append(following[anchor], f)
		} else {
			leading = append(leading, f)
		}
	}
	list := append(make([]field, 0, len(leading)+len(b.list)), leading...)
	for _, f := range b.list {
		list = append(append(list, f), following[f.key]...)
	}
	return list
}
