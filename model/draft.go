package model

import "go.mongodb.org/mongo-driver/v2/bson"

// Scope says whose document a draft is about: the configured user id field and the id in the type it is stored with.
type Scope struct {
	UserIDField string
	UserID      bson.RawValue
}

// Edit is one touched field.
type Edit struct {
	Path  Path
	Value bson.RawValue // zero with Unset
	Unset bool
}

// Draft is a change being made to one document, never applied by itself. It starts from the document as it was when the editor opened.
type Draft struct {
	base  bson.Raw
	scope Scope
	edits []Edit
}

// NewDraft starts from the document as it is in the database; nil: there is none, and saving makes it (the only upsert).
func NewDraft(base bson.Raw, scope Scope) *Draft { panic("unwritten") }

// Base is the document the draft started from.
func (d *Draft) Base() bson.Raw { panic("unwritten") }

// Set wants the field to hold the value. Setting a field back to what it was takes the edit away. `_id` and the user id field are refused, and
// so is a path whose top-level key no update can name; deeper unnameable keys set the nearest nameable ancestor whole.
func (d *Draft) Set(p Path, v bson.RawValue) error { panic("unwritten") }

// Unset wants the field gone; an array element is taken out of its array, which is then set whole.
func (d *Draft) Unset(p Path) error { panic("unwritten") }

// Replace wants the document to be exactly this, but for `_id` and the user id field, which must be as they were; it becomes the fewest edits.
func (d *Draft) Replace(doc bson.Raw) error { panic("unwritten") }

// Revert takes the edit of a field away.
func (d *Draft) Revert(p Path) { panic("unwritten") }

// Edits lists the touched fields in the order they were first touched.
func (d *Draft) Edits() []Edit { panic("unwritten") }

// Empty reports whether nothing would change.
func (d *Draft) Empty() bool { panic("unwritten") }

// Result is the document as it will be.
func (d *Draft) Result() bson.Raw { panic("unwritten") }

// Changes lists what saving changes, field by field.
func (d *Draft) Changes() []Change { panic("unwritten") }

// Update is the one guarded updateOne that makes the change.
//
// The filter holds the user id in the type it is stored with, the `_id` of the base, and one guard a touched field: scalar → {$eq: old, $type: T, $not: {$type: "array"}};
// absent → {$exists: false}; null → {$type: "null"}; object or array → $eq whole (blind to 1 against 1.0 inside).
// Without a base it is an upsert by the user id alone, with the data in $setOnInsert.
func (d *Draft) Update() (Update, error) { panic("unwritten") }

// Inverse is the draft that undoes this one, to be saved against the document as it is after this one was.
func (d *Draft) Inverse(after bson.Raw) (*Draft, error) { panic("unwritten") }

// Rebase starts the same edits from another document: edits that it already satisfies fall away.
func (d *Draft) Rebase(base bson.Raw) *Draft { panic("unwritten") }

// MarshalText writes the draft (base, scope, edits) so that it survives the process; UnmarshalText reads it back.
func (d *Draft) MarshalText() ([]byte, error) { panic("unwritten") }

// UnmarshalText reads what MarshalText wrote and refuses anything else.
func (d *Draft) UnmarshalText(text []byte) error { panic("unwritten") }

// Update is one updateOne call.
type Update struct {
	Filter bson.Raw
	Update bson.Raw
	Upsert bool
	Edits  []Edit // what it is to achieve, to read back by
}

// String shows the call as it is sent: updateOne(filter, update) in extended JSON, on several lines.
func (u Update) String() string { panic("unwritten") }

// Holds reports whether a document already is as the update wants it.
func (u Update) Holds(doc bson.Raw) bool { panic("unwritten") }

// Conflict is one touched field that somebody else changed meanwhile: three values, of which any may be zero (absent).
type Conflict struct {
	Path   Path
	Base   bson.RawValue // what the edit started from
	Yours  bson.RawValue
	Theirs bson.RawValue
}

// Conflicts lists the touched fields whose value in theirs is neither the base's nor the wanted one.
func (d *Draft) Conflicts(theirs bson.Raw) []Conflict { panic("unwritten") }
