package model

import "go.mongodb.org/mongo-driver/v2/bson"

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
func Diff(old, new bson.Raw) []Change { panic("unwritten") }

// DiffSnapshot is Diff of a token's copy with the database's document, knowing that a token carries a top-level `_id` ObjectId as its plain hex string:
// that alone is no difference.
func DiffSnapshot(snapshot, document bson.Raw) []Change { panic("unwritten") }
