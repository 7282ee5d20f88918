package state

import (
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// DraftEdit is one field that the draft changes.
type DraftEdit struct {
	Path model.Path
	Old  bson.RawValue // in the database when the edit began; zero: absent, the edit adds the field
	New  bson.RawValue // zero: the edit removes the field
}

// Draft describes the kept draft of the current user: what was edited or typed and is not saved.
type Draft struct {
	Edits  []DraftEdit  // accepted edits, in the order in which the fields were first edited; none inside another
	Fields []model.Path // edited fields and fields with typed text
	Inputs []model.Path // fields with typed text
	// what the edits change, as the review lists it; of a rename both the removed and the added field
	Changes    []model.Change
	Renames    []Rename
	Unnamed    int         // new fields without a name, and new array elements
	IsDocument bool        // there is text of the whole document
	Typed      []TypedText // text of fields that is not accepted
}

// Rename is a field that the draft gives another name.
type Rename struct{ From, To model.Path }

// TypedText is text that was typed for a field and is not accepted.
type TypedText struct {
	Path model.Path
	Text bson.RawValue // a string, at most its first maxTypedBytes
}

// maxTypedBytes is the size of a typed text that is kept for its row, in bytes.
const maxTypedBytes = 256

// DraftOf describes a draft; nil if it has nothing to keep.
func DraftOf(d *model.Draft) *Draft {
	if d == nil || d.NothingToKeep() {
		return nil
	}
	k := &Draft{}
	add := func(p model.Path) {
		if !slices.ContainsFunc(k.Fields, p.Equal) {
			k.Fields = append(k.Fields, p)
		}
	}
	for _, e := range d.Edits() {
		old, _ := e.Path.Lookup(d.Base())
		k.Edits = append(k.Edits, DraftEdit{Path: e.Path, Old: old, New: e.Value})
		k.Changes = append(k.Changes, model.DiffEdit(e.Path, old, e.Value)...)
		add(e.Path)
	}
	left, renamed := model.PairRenames(k.Changes)
	for i, to := range renamed {
		k.Renames = append(k.Renames, Rename{left[i].Path, to})
	}
	for _, t := range d.PendingInputs() {
		switch p := t.FieldPath(); {
		case t.EditTarget == model.TargetDocument:
			k.IsDocument = true
		case p == nil || t.EditTarget == model.TargetNewElement:
			k.Unnamed++
		default:
			add(p)
			if t.EditTarget == model.TargetField {
				text := strings.ToValidUTF8(t.Text[:min(len(t.Text), maxTypedBytes)], "")
				k.Typed = append(k.Typed, TypedText{p, model.ValueOf(text)})
			}
			k.Inputs = append(k.Inputs, p)
		}
	}
	return k
}

// EditCount returns the number of edits as the review lists them: a rename is one, and each item of an array.
func (d *Draft) EditCount() int { return len(d.Changes) - len(d.Renames) }

// Count returns the number of changes and of texts in the draft. A rename is one, and a text for a changed field.
func (d *Draft) Count() int {
	n := d.EditCount() + d.Unnamed
	for _, p := range d.Inputs {
		if !slices.ContainsFunc(d.Changes, func(c model.Change) bool { return c.Path.Equal(p) }) {
			n++
		}
	}
	return n
}

// SameTexts reports whether two drafts have the same typed texts; nil: no draft.
func (d *Draft) SameTexts(o *Draft) bool {
	if d == nil || o == nil {
		return d == o
	}
	return slices.EqualFunc(d.Typed, o.Typed, func(a, b TypedText) bool {
		return a.Path.Equal(b.Path) && model.Identical(a.Text, b.Text)
	})
}

// TypedIn returns the text that was typed for a field and is not accepted; false: none.
func (d *Draft) TypedIn(p model.Path) (bson.RawValue, bool) {
	if d == nil {
		return bson.RawValue{}, false
	}
	i := slices.IndexFunc(d.Typed, func(t TypedText) bool { return t.Path.Equal(p) })
	if i < 0 {
		return bson.RawValue{}, false
	}
	return d.Typed[i].Text, true
}

// Equal reports whether two drafts change the same, whatever their typed texts are; nil: no draft.
func (d *Draft) Equal(o *Draft) bool {
	if d == nil || o == nil {
		return d == o
	}
	return d.Unnamed == o.Unnamed && d.IsDocument == o.IsDocument &&
		slices.EqualFunc(d.Fields, o.Fields, model.Path.Equal) && slices.EqualFunc(d.Edits, o.Edits, DraftEdit.equal)
}

func (e DraftEdit) equal(o DraftEdit) bool {
	return e.Path.Equal(o.Path) && model.Identical(e.Old, o.Old) && model.Identical(e.New, o.New)
}

// EditOf returns the edit of a field, or of the nearest field that contains it; false: the draft does not edit it.
func (d *Draft) EditOf(p model.Path) (DraftEdit, bool) {
	if d == nil {
		return DraftEdit{}, false
	}
	i := slices.IndexFunc(d.Edits, func(e DraftEdit) bool { return p.Within(e.Path) })
	if i < 0 {
		return DraftEdit{}, false
	}
	return d.Edits[i], true
}

// Inside returns the edits of the fields inside a field, of a document: of all fields; nil: no draft, or none.
func (d *Draft) Inside(p model.Path) []model.Edit {
	if d == nil {
		return nil
	}
	var edits []model.Edit
	for _, e := range d.Edits {
		if len(e.Path) > len(p) && e.Path.Within(p) {
			edits = append(edits, model.Edit{Path: e.Path, Value: e.New, Unset: e.New.IsZero()})
		}
	}
	return edits
}

// RenamedTo returns the new path of a field that the draft renames; nil: it does not.
func (d *Draft) RenamedTo(from model.Path) model.Path {
	for _, r := range d.Renames {
		if r.From.Equal(from) {
			return r.To
		}
	}
	return nil
}

// RenamedFrom returns the old path of a field that has its name from the draft; nil: it has not.
func (d *Draft) RenamedFrom(to model.Path) model.Path {
	for _, r := range d.Renames {
		if r.To.Equal(to) {
			return r.From
		}
	}
	return nil
}
