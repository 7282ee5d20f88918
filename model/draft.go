package model

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Owner says whose document a draft is about: the configured user id field and the id in the type it is stored with.
type Owner struct {
	UserIDField string
	UserID      bson.RawValue
}

// path is where the user id stands: the configuration names it as a query does, levels parted by dots.
func (s Owner) path() Path { return strings.Split(s.UserIDField, ".") }

// Edit is one touched field.
type Edit struct {
	Path  Path
	Value bson.RawValue // zero with Unset
	Unset bool
}

// Draft is a change being made to one document, never applied by itself. It starts from the document as it was when the editor opened.
// No edit lies inside another: a field set below an edited one changes that edit's value, as MongoDB would refuse both in one update.
type Draft struct {
	base       bson.Raw
	owner      Owner
	edits      []Edit
	modifiedAt time.Time
	pending    *PendingInput // what stood in the editor and was not accepted
}

// NewDraft starts from the document as it is in the database; nil: there is none, and saving makes it (the only upsert).
func NewDraft(base bson.Raw, scope Owner) *Draft { return &Draft{base: base, owner: scope} }

// WithModifiedAt is the draft as it stood at a time, which is kept with it; d stays as it is.
func (d *Draft) WithModifiedAt(t time.Time) *Draft {
	stamped := *d
	stamped.edits, stamped.modifiedAt = slices.Clone(d.edits), t
	return &stamped
}

// ModifiedAt is when the draft stood like this, in milliseconds of UTC; zero: nobody said.
func (d *Draft) ModifiedAt() time.Time { return d.modifiedAt }

// Base is the document the draft started from.
func (d *Draft) Base() bson.Raw { return d.base }

// Owner says whose document the draft is about.
func (d *Draft) Owner() Owner { return d.owner }

// Set wants the field to hold the value. Setting a field back to what it was takes the edit away. `_id` and the user id field are refused, and
// so is a path whose top-level key no update can name; deeper unnameable keys set the nearest nameable ancestor whole. So does a new element at
// the end of an array; one further on is refused, and so is a field below a value that has none.
func (d *Draft) Set(p Path, v bson.RawValue) error {
	if !whole(v) || !v.Type.IsValid() {
		return refuseField(p, "the value is no BSON")
	}
	return d.edit(Edit{Path: slices.Clone(p), Value: v})
}

// Unset wants the field gone; an array element is taken out of its array, which is then set whole.
func (d *Draft) Unset(p Path) error {
	return d.edit(Edit{Path: slices.Clone(p), Unset: true})
}

// edit makes one change to the result and keeps the fewest edits that lead there.
func (d *Draft) edit(e Edit) error {
	if err := d.protected(e.Path); err != nil {
		return err
	}
	now := d.resultValue()
	at, err := target(now, e)
	if err != nil {
		return err
	}
	for _, known := range d.edits {
		if at.Within(known.Path) {
			at = known.Path
		}
	}
	wanted, present := at.Lookup(apply(now, []Edit{e}, 0).Value)
	if odd := uncarriableIn(at, wanted); present && odd != nil {
		return refuseField(e.Path, "the change would write %s, which extended JSON cannot carry", odd)
	}
	place := len(d.edits)
	for i := len(d.edits) - 1; i >= 0; i-- {
		if d.edits[i].Path.Within(at) {
			d.edits = slices.Delete(d.edits, i, i+1)
			place = i
		}
	}
	if old, existed := at.Lookup(d.base); existed != present || !Identical(old, wanted) {
		d.edits = slices.Insert(d.edits, min(place, len(d.edits)), Edit{Path: at, Value: wanted, Unset: !present})
	}
	return nil
}

func refuseField(p Path, format string, args ...any) error {
	return InvalidInputf("field "+p.String(), format, args...)
}

// protected refuses the fields that say whose document it is.
func (d *Draft) protected(p Path) error {
	if len(p) == 0 {
		return InvalidInputf("", "no field is named")
	}
	if p[0] == "_id" {
		return refuseField(p[:1], "it never changes, since it says which document this is")
	}
	if id := d.owner.path(); p.Within(id) || id.Within(p) {
		return refuseField(id, "it never changes, since it says whose document this is")
	}
	return nil
}

// target finds the field that an update has to name to make an edit: the field itself, or the nearest ancestor that can be named and keeps arrays whole.
func target(doc bson.RawValue, e Edit) (Path, error) {
	at := e.Path
	for i, key := range e.Path {
		if why := unnameable(key); why != "" {
			if i == 0 {
				return nil, refuseField(e.Path, "no update can name the key %q: it %s", key, why)
			}
			at = e.Path[:i]
			break
		}
	}
	v := doc
	for i, key := range e.Path {
		up := e.Path[:i]
		switch {
		case v.Type == bson.TypeArray:
			n, isIndex := index(key)
			length := countFields(v.Value)
			switch {
			case e.Unset && (!isIndex || n >= length):
				return at, nil
			case !isIndex:
				return nil, refuseField(e.Path, "%s is an array, whose elements are named 0, 1, 2 …", up)
			case n > length:
				return nil, refuseField(e.Path, "%s has %s; a new one is named %s", up, counted(length, "item"), up.Child(fmt.Sprint(length)))
			case n == length || e.Unset && i == len(e.Path)-1:
				return shorter(at, up), nil
			}
		case !nested(v) && e.Unset:
			return at, nil
		case !nested(v):
			return nil, refuseField(e.Path, "%s is of type %s, which has no fields; set %s as a whole", up, KindOf(v), up)
		}
		var ok bool
		if v, ok = child(v, key); !ok {
			return at, nil
		}
	}
	return at, nil
}

func shorter(p, q Path) Path {
	if len(p) < len(q) {
		return p
	}
	return q
}

// uncarriableIn names the first field at or below a path that extended JSON cannot carry; nil when all can be.
func uncarriableIn(at Path, v bson.RawValue) Path {
	b := newBuilder()
	b.add(at[len(at)-1], v)
	if odd := UnencodableFields(b.done()); len(odd) > 0 {
		return append(slices.Clone(at[:len(at)-1]), odd[0]...)
	}
	return nil
}

// Revert takes the edit of a field away, and of all below it. Inside a field that is set whole it restores what the document had.
func (d *Draft) Revert(p Path) {
	d.edits = slices.DeleteFunc(d.edits, func(e Edit) bool { return e.Path.Within(p) })
	if !slices.ContainsFunc(d.edits, func(e Edit) bool { return p.Within(e.Path) }) {
		return
	}
	e := Edit{Path: slices.Clone(p)}
	var existed bool
	if e.Value, existed = p.Lookup(d.base); !existed {
		e.Unset = true
	}
	// What cannot be put back alone, such as an element beyond a shortened array, stays as it is.
	_ = d.edit(e)
}

// Edits lists the touched fields in the order they were first touched.
func (d *Draft) Edits() []Edit {
	edits := slices.Clone(d.edits)
	for i := range edits {
		edits[i].Path = slices.Clone(edits[i].Path)
	}
	return edits
}

// Empty reports whether nothing would change.
func (d *Draft) Empty() bool { return len(d.edits) == 0 }

// Result is the document as it will be; where there is none yet, without the `_id` that the database will give it.
func (d *Draft) Result() bson.Raw { return d.resultValue().Value }

func (d *Draft) resultValue() bson.RawValue {
	v := bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: d.base}
	edits := d.edits
	if len(d.base) == 0 {
		v.Value = []byte(emptyDocument)
		if d.owner.UserIDField != "" {
			v = apply(v, []Edit{{Path: d.owner.path(), Value: d.owner.UserID}}, 0)
		}
	}
	if len(edits) == 0 {
		return v
	}
	return apply(v, edits, 0)
}

// Changes lists what saving changes, field by field.
func (d *Draft) Changes() []Change { return Diff(d.base, d.Result()) }

// Inverse is the draft that undoes this one, to be saved against the document as it is after this one was. It fails when the document is gone or
// a field is no longer as this draft left it. What made the document leaves it with its ids alone.
func (d *Draft) Inverse(after bson.Raw) (*Draft, error) {
	if len(after) == 0 {
		return nil, &Fault{Kind: Conflicting, Op: "undo", Message: "the document is gone"}
	}
	undo := NewDraft(after, d.owner)
	for _, e := range d.edits {
		if !e.holds(after) {
			return nil, &Fault{Kind: Conflicting, Op: "undo", Message: fmt.Sprintf("%s was changed again since", e.Path), Advice: "look at it and set it by hand"}
		}
		old, existed := e.Path.Lookup(d.base)
		back := Edit{Path: slices.Clone(e.Path), Value: old, Unset: !existed}
		if !existed {
			back.Path = d.madeAt(e.Path, after)
		}
		if err := undo.edit(back); err != nil {
			return nil, err
		}
	}
	return undo, nil
}

// madeAt is the uppermost field that had to be made for a new field and that holds nothing but what this draft put there.
func (d *Draft) madeAt(p Path, after bson.Raw) Path {
	result := d.Result()
	for n := 1; n < len(p); n++ {
		if _, existed := p[:n].Lookup(d.base); existed {
			continue
		}
		made, _ := p[:n].Lookup(result)
		if now, _ := p[:n].Lookup(after); Identical(made, now) {
			return slices.Clone(p[:n])
		}
	}
	return slices.Clone(p)
}

// Rebase starts the same edits from another document: edits that it already satisfies fall away. Where the field has no place there any more
// (its parent became a value without fields), the parent is set whole to what this draft makes of it.
func (d *Draft) Rebase(base bson.Raw) *Draft {
	moved := NewDraft(base, d.owner)
	result := d.Result()
	for _, e := range d.edits {
		err := moved.edit(Edit{Path: slices.Clone(e.Path), Value: e.Value, Unset: e.Unset})
		for up := e.Path.Parent(); err != nil && up != nil; up = up.Parent() {
			if v, ok := up.Lookup(result); ok {
				err = moved.Set(up, v)
			}
		}
		if err != nil { // nothing typed is lost: the database decides
			moved.edits = append(moved.edits, e)
		}
	}
	return moved
}

// Conflict is one touched field that somebody else changed meanwhile: three values, of which any may be zero (absent).
type Conflict struct {
	Path   Path
	Base   bson.RawValue // what the edit started from
	Yours  bson.RawValue
	Theirs bson.RawValue
}

// Conflicts lists the touched fields whose value in theirs is neither the base's nor the wanted one.
func (d *Draft) Conflicts(theirs bson.Raw) []Conflict {
	var conflicts []Conflict
	for _, e := range d.edits {
		base, _ := e.Path.Lookup(d.base)
		now, _ := e.Path.Lookup(theirs)
		if !Identical(now, base) && !Identical(now, e.Value) {
			conflicts = append(conflicts, Conflict{Path: slices.Clone(e.Path), Base: base, Yours: e.Value, Theirs: now})
		}
	}
	return conflicts
}
