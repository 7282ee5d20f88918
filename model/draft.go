package model

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Owner identifies the user a document belongs to: the configured user id field and the id, in the BSON type the
// document stores.
type Owner struct {
	UserIDField string
	UserID      bson.RawValue
	// the service transfers every value, and updates every key, as CheckResult.Exact; otherwise a draft refuses values
	// that extended JSON cannot represent and top-level keys that no path can name
	Exact bool
}

// path returns the path of the user id field, which the configuration gives in dot notation.
func (o Owner) path() Path { return strings.Split(o.UserIDField, ".") }

// Edit sets or unsets one field.
type Edit struct {
	Path  Path
	Value bson.RawValue // zero with Unset
	Unset bool
}

// Draft holds unsaved edits of one document. It starts from the document as it was when the editor opened (the base).
// No edit lies inside another, because MongoDB refuses both in one update: setting a field below an edited field
// changes the value of that edit. A Draft is not safe for concurrent use.
type Draft struct {
	base       bson.Raw
	owner      Owner
	edits      []Edit
	modifiedAt time.Time
	pending    []PendingInput // content of editors that was not accepted, one for each target, the newest last
}

// NewDraft returns a draft without edits. base is the document as it is in the database; nil: it does not exist, and
// saving creates it, which is the only case of an upsert.
func NewDraft(base bson.Raw, owner Owner) *Draft { return &Draft{base: base, owner: owner} }

// WithModifiedAt returns a copy of the draft with its time of modification set.
func (d *Draft) WithModifiedAt(t time.Time) *Draft {
	stamped := *d
	stamped.edits, stamped.modifiedAt = slices.Clone(d.edits), t
	return &stamped
}

// ModifiedAt returns the time set by WithModifiedAt, stored with millisecond precision; zero: not set.
func (d *Draft) ModifiedAt() time.Time { return d.modifiedAt }

// Base returns the document the draft started from; nil: there was none.
func (d *Draft) Base() bson.Raw { return d.base }

// Owner returns the owner of the document.
func (d *Draft) Owner() Owner { return d.owner }

// Set sets a field to a value. Setting a field to its value in the base removes the edit.
// It refuses `_id`, the user id field, a field below a scalar, an array index beyond the next new element, and a path
// whose top-level key no update can address. A deeper key that no update can address, and a new array element, set the
// nearest ancestor that an update can address as a whole.
func (d *Draft) Set(p Path, v bson.RawValue) error {
	if !wellFormed(v) || !v.Type.IsValid() {
		return fieldError(p, "the value is not valid BSON")
	}
	return d.addEdit(Edit{Path: slices.Clone(p), Value: v})
}

// Unset removes a field. An array element is removed from its array, which is then set as a whole.
func (d *Draft) Unset(p Path) error {
	return d.addEdit(Edit{Path: slices.Clone(p), Unset: true})
}

// addEdit applies one edit to the result and keeps the smallest set of edits that produces it.
func (d *Draft) addEdit(e Edit) error {
	if err := d.CheckProtected(e.Path); err != nil {
		return err
	}
	now := d.fieldResult(e.Path[0])
	path, err := d.updateTarget(now, e)
	if err != nil {
		return err
	}
	for _, known := range d.edits {
		if path.Within(known.Path) {
			path = known.Path
		}
	}
	old, existed := path.Lookup(d.base)
	value, present := path.Lookup(applyEdits(now, []Edit{e}, 0).Value)
	if !d.owner.Exact {
		if u := firstUnencodable(path, old, existed); u != nil {
			return fieldError(e.Path, "it is read-only: %s", u)
		}
		if u := firstUnencodable(path, value, present); u != nil {
			return fieldError(e.Path, "the change cannot be sent: %s", u)
		}
	}
	index := len(d.edits)
	for i := len(d.edits) - 1; i >= 0; i-- {
		if d.edits[i].Path.Within(path) {
			d.edits = slices.Delete(d.edits, i, i+1)
			index = i
		}
	}
	if existed != present || !Identical(old, value) {
		d.edits = slices.Insert(d.edits, min(index, len(d.edits)), Edit{Path: path, Value: value, Unset: !present})
	}
	return nil
}

func fieldError(p Path, format string, args ...any) error {
	return InvalidInputf("field "+p.String(), format, args...)
}

// CheckProtected returns an error for the fields that identify the document: `_id` and the user id field.
func (d *Draft) CheckProtected(p Path) error {
	if len(p) == 0 {
		return InvalidInputf("", "expected the path of a field, got an empty path")
	}
	if p[0] == "_id" {
		return fieldError(p[:1], "it can never be changed, because it identifies the document")
	}
	if id := d.owner.path(); p.Within(id) || id.Within(p) {
		return fieldError(id, "it can never be changed, because it identifies the user the document belongs to")
	}
	return nil
}

// updateTarget returns the field that an update sets or unsets to make an edit: the field itself, or the nearest
// ancestor that an update can address and that keeps arrays whole.
func (d *Draft) updateTarget(doc bson.RawValue, e Edit) (Path, error) {
	path := e.Path
	for i, key := range e.Path {
		if reason := unnameableReason(key); reason != "" {
			if i == 0 && !d.canUpdateByName() {
				return nil, fieldError(e.Path, "an update cannot address the key %q: it %s", key, reason)
			}
			path = e.Path[:max(i, 1)]
			break
		}
	}
	v := doc
	for i, key := range e.Path {
		parent := e.Path[:i]
		switch {
		case v.Type == bson.TypeArray:
			n, isIndex := arrayIndex(key)
			length := countFields(v.Value)
			switch {
			case e.Unset && (!isIndex || n >= length):
				return path, nil
			case !isIndex:
				return nil, fieldError(e.Path, "%s is an array: expected an index (0, 1, 2 …), got %q", parent, key)
			case n > length:
				return nil, fieldError(e.Path, "%s has %s; the next new one is %s", parent, countNoun(length, "item"),
					parent.Child(fmt.Sprint(length)))
			case n == length || e.Unset && i == len(e.Path)-1:
				return shorterPath(path, parent), nil
			}
		case !isContainer(v) && e.Unset:
			return path, nil
		case !isContainer(v):
			return nil, fieldError(e.Path, "%s is of type %s, which has no fields; set %s as a whole", parent, KindOf(v), parent)
		case countKey(v.Value, key) > 1:
			return nil, duplicateKeyError(e.Path[:i+1])
		}
		var ok bool
		if v, ok = childValue(v, key); !ok {
			return path, nil
		}
	}
	return path, nil
}

func shorterPath(p, q Path) Path {
	if len(p) < len(q) {
		return p
	}
	return q
}

// canUpdateByName reports whether an update can address a top-level key that no path can name: the service supports it,
// and there is a document.
func (d *Draft) canUpdateByName() bool { return d.owner.Exact && len(d.base) > 0 }

// duplicateKeyError is the error for a field whose object has several with its key.
func duplicateKeyError(p Path) error {
	message := "this key occurs more than once, and an update cannot choose one of them"
	if parent := p.Parent(); parent != nil {
		message += "; set " + parent.String() + " as a whole"
	}
	return fieldError(p, "%s", message)
}

// countKey returns how often a document has a top-level key.
func countKey(doc bson.Raw, key string) int {
	n := 0
	for e, err := range elements(doc) {
		if err != nil {
			break
		}
		if string(e.key) == key {
			n++
		}
	}
	return n
}

// firstUnencodable returns the first field at or below a path that extended JSON cannot represent; nil when there is
// none, or no value.
func firstUnencodable(path Path, v bson.RawValue, present bool) *Unencodable {
	if !present {
		return nil
	}
	b := newBuilder()
	b.add(path[len(path)-1], v)
	fields := UnencodableFields(b.done())
	if len(fields) == 0 {
		return nil
	}
	first := fields[0]
	first.Path = append(slices.Clone(path[:len(path)-1]), first.Path...)
	return &first
}

// Revert removes the edits of a field and of the fields below it. Inside a field that is set as a whole it restores the
// base value, and inside an array it reverts the changes of the items.
func (d *Draft) Revert(p Path) {
	if changes, ok := d.itemChanges(p); ok {
		for _, c := range slices.Backward(changes) {
			// A change that cannot be reverted alone stays as it is.
			_ = d.RevertChange(c)
		}
		return
	}
	d.edits = slices.DeleteFunc(d.edits, func(e Edit) bool { return e.Path.Within(p) })
	if !slices.ContainsFunc(d.edits, func(e Edit) bool { return p.Within(e.Path) }) {
		return
	}
	e := Edit{Path: slices.Clone(p)}
	var existed bool
	if e.Value, existed = p.Lookup(d.base); !existed {
		e.Unset = true
	}
	// A value that cannot be restored alone, such as an element beyond the end of a shortened array, stays as it is.
	_ = d.addEdit(e)
}

// Edits returns a copy of the edits, in the order in which the fields were first edited.
func (d *Draft) Edits() []Edit {
	edits := slices.Clone(d.edits)
	for i := range edits {
		edits[i].Path = slices.Clone(edits[i].Path)
	}
	return edits
}

// Empty reports whether the draft has no edits.
func (d *Draft) Empty() bool { return len(d.edits) == 0 }

// Result returns the document with the edits applied; a new document has no `_id` yet, the database assigns it.
func (d *Draft) Result() bson.Raw { return d.resultValue().Value }

func (d *Draft) resultValue() bson.RawValue {
	v := bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: d.base}
	edits := d.edits
	if len(d.base) == 0 {
		v.Value = []byte(emptyDocument)
		if d.owner.UserIDField != "" {
			v = applyEdits(v, []Edit{{Path: d.owner.path(), Value: d.owner.UserID}}, 0)
		}
	}
	if len(edits) == 0 {
		return v
	}
	return applyEdits(v, edits, 0)
}

// Changes returns the differences between the base and the result, and the objects in which the order of keys changed.
func (d *Draft) Changes() []Change {
	diff := Diff(d.base, d.Result())
	changes := slices.Clone(diff)
	for _, e := range d.edits {
		old, _ := e.Path.Lookup(d.base)
		changes = append(changes, reordered(diff, e.Path, old, e.Value)...)
	}
	return changes
}

// Inverse returns the draft that undoes this one. after is the document after this draft was saved. It fails when the
// document no longer exists or an edited field has changed again. Undoing the creation of a document leaves its `_id`
// and user id.
func (d *Draft) Inverse(after bson.Raw) (*Draft, error) {
	undo, changed, err := d.InverseOfUnchanged(after, d.owner)
	if err == nil && len(changed) > 0 {
		err = &Fault{Kind: Conflicting, Op: "undo", Message: fmt.Sprintf("%s was changed again after the save", changed[0]),
			Advice: "edit the field"}
	}
	if err != nil {
		return nil, err
	}
	return undo, nil
}

// topmostCreated returns the topmost ancestor that this draft created for a new field, or the field itself. An ancestor
// counts only while it holds what this draft wrote and nothing else.
func (d *Draft) topmostCreated(p Path, after bson.Raw) Path {
	result := d.Result()
	for n := 1; n < len(p); n++ {
		if _, existed := p[:n].Lookup(d.base); existed {
			continue
		}
		created, _ := p[:n].Lookup(result)
		if now, _ := p[:n].Lookup(after); Identical(created, now) {
			return slices.Clone(p[:n])
		}
	}
	return slices.Clone(p)
}

// Rebase returns a draft with the same edits and pending input on another base; edits that the base already satisfies
// are dropped. An edit inside an array item follows the item. Where the item, or the array or object around a field, is
// no longer as it was, that is set as a whole to its value in this draft's result.
func (d *Draft) Rebase(base bson.Raw) *Draft {
	rebased := NewDraft(base, d.owner).WithPendingInputs(d.InputsOn(base)...)
	for _, e := range d.placedIn(base) {
		if err := rebased.addEdit(e.Edit); err != nil { // keep the edit: no input is lost, and the database decides
			rebased.edits = append(rebased.edits, e.Edit)
		}
	}
	return rebased
}

// Conflict is an edited field that changed in the database since the base was read. Each value may be zero (absent).
type Conflict struct {
	Path   Path
	Base   bson.RawValue // the value the edit started from
	Yours  bson.RawValue
	Theirs bson.RawValue
}

// Conflicts returns the edited fields whose value in theirs is neither the base value nor the edit's value. Where
// Rebase sets an item, array or object as a whole, that is the field.
func (d *Draft) Conflicts(theirs bson.Raw) []Conflict {
	conflicts, _ := d.Compare(theirs)
	return conflicts
}
