package model

import (
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// SavedChange is a save that can be undone, and redone after that.
type SavedChange struct {
	At     time.Time // of the save, in milliseconds; it identifies the save
	Draft  *Draft    // what was saved, see Compact
	Undone *Draft    // what undid it; nil: it is not undone
}

// InForce returns the draft whose inverse undoes the save or, if it is undone, redoes it.
func (s SavedChange) InForce() *Draft {
	if s.Undone != nil {
		return s.Undone
	}
	return s.Draft
}

// Size returns the approximate size of the values that the save holds, in bytes.
func (s SavedChange) Size() int {
	n := 0
	for _, d := range []*Draft{s.Draft, s.Undone} {
		if d == nil {
			continue
		}
		n += len(d.base)
		for _, e := range d.edits {
			n += len(e.Value.Value)
		}
	}
	return n
}

// The limits of the saves of an account that can be undone, in this run and later ones.
const (
	maxSaves     = 50
	maxSaveBytes = 16 << 20 // of their values
)

// NewestSaves returns the first saves of a list, newest first, within the limits. The newest one always stays.
func NewestSaves(list []SavedChange) []SavedChange {
	bytes := 0
	for i, s := range list {
		if bytes += s.Size(); i >= maxSaves || i > 0 && bytes > maxSaveBytes {
			return list[:i]
		}
	}
	return list
}

// WithSave returns a list of saves, newest first, with one that replaces the save of the same time.
func WithSave(list []SavedChange, s SavedChange) []SavedChange {
	list = slices.DeleteFunc(slices.Clone(list), func(known SavedChange) bool { return known.At.Equal(s.At) })
	i := slices.IndexFunc(list, func(known SavedChange) bool { return known.At.Before(s.At) })
	if i < 0 {
		i = len(list)
	}
	return slices.Insert(list, i, s)
}

// Compact returns a copy of the draft for its inverse only: its base has the ids and the edited top-level fields, and
// there is no pending input.
func (d *Draft) Compact() *Draft {
	c := &Draft{owner: d.owner, edits: d.Edits(), modifiedAt: d.modifiedAt}
	if len(d.base) == 0 {
		return c
	}
	kept := map[string]bool{"_id": true, d.owner.path()[0]: true}
	for _, e := range d.edits {
		kept[e.Path[0]] = true
	}
	b := newBuilder()
	for e, err := range elements(d.base) {
		if err != nil {
			break
		}
		if key := string(e.key); kept[key] {
			b.add(key, e.value)
		}
	}
	c.base = b.done()
	return c
}

// InverseOfUnchanged returns the draft that undoes the edits whose fields still have the saved values, and the fields
// that changed again, which it leaves alone. after is the document as it is, of the owner. It fails when the document
// does not exist.
func (d *Draft) InverseOfUnchanged(after bson.Raw, owner Owner) (undo *Draft, changed []Path, err error) {
	if len(after) == 0 {
		return nil, nil, &Fault{Kind: Conflicting, Op: "undo", Message: "the document no longer exists"}
	}
	undo = NewDraft(after, owner)
	var otherItems []Path // array items that are no longer as they were saved
	for _, i := range d.guardedItems() {
		if now, _ := i.path.Lookup(after); !Identical(now, i.after) {
			otherItems = append(otherItems, i.path)
		}
	}
	for _, e := range d.edits {
		if !e.satisfiedBy(after) || slices.ContainsFunc(otherItems, func(p Path) bool { return e.Path.Within(p) }) {
			changed = append(changed, slices.Clone(e.Path))
			continue
		}
		old, existed := e.Path.Lookup(d.base)
		inverse := Edit{Path: slices.Clone(e.Path), Value: old, Unset: !existed}
		if !existed {
			inverse.Path = d.topmostCreated(e.Path, after)
		}
		if err := undo.addEdit(inverse); err != nil {
			return nil, nil, err
		}
	}
	return undo, changed, nil
}
