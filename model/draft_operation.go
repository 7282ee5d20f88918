package model

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// maxOrderedRename is the size of an object up to which renaming a field in it sets the object as a whole, which keeps
// the order of its fields, in bytes.
const maxOrderedRename = 64 << 10

// Clone returns a copy of the draft: an operation on it leaves d unchanged.
func (d *Draft) Clone() *Draft {
	c := *d
	c.edits, c.pending = slices.Clone(d.edits), slices.Clone(d.pending)
	return &c
}

// WithOwner returns a copy of the draft with another owner, such as one in the type that the database stores.
func (d *Draft) WithOwner(o Owner) *Draft {
	c := d.Clone()
	c.owner = o
	return c
}

// Lookup returns the value of a field in the result, at the cost of the field's own size; false when there is none.
func (d *Draft) Lookup(p Path) (bson.RawValue, bool) {
	if len(p) == 0 {
		return d.resultValue(), true
	}
	return LookupIn(d.fieldResult(p[0]), p)
}

// fieldResult returns the result reduced to the top-level fields with a key.
func (d *Draft) fieldResult(key string) bson.RawValue {
	if len(d.base) == 0 {
		return d.resultValue()
	}
	b := newBuilder()
	for e, err := range elements(d.base) {
		if err != nil {
			break
		}
		if string(e.key) == key {
			b.add(key, e.value)
		}
	}
	var edits []Edit
	for _, e := range d.edits {
		if e.Path[0] == key {
			edits = append(edits, e)
		}
	}
	v := b.value(bson.TypeEmbeddedDocument)
	if len(edits) == 0 {
		return v
	}
	return applyEdits(v, edits, 0)
}

// atomically runs steps of an operation: all or, after an error, none of them change the draft.
func (d *Draft) atomically(steps ...func(*Draft) error) error {
	next := d.Clone()
	for _, step := range steps {
		if err := step(next); err != nil {
			return err
		}
	}
	d.edits = next.edits
	return nil
}

func setStep(p Path, v bson.RawValue) func(*Draft) error {
	return func(d *Draft) error { return d.Set(p, v) }
}

func unsetStep(p Path) func(*Draft) error { return func(d *Draft) error { return d.Unset(p) } }

// UnsetAll removes several fields. Those inside another one of them are removed with it.
func (d *Draft) UnsetAll(paths []Path) error {
	var steps []func(*Draft) error
	for _, p := range LastFirst(paths) {
		steps = append(steps, unsetStep(p))
	}
	return d.atomically(steps...)
}

// LastFirst returns the paths without those inside another one, in an order in which the removal of an array element
// moves no element of a later path.
func LastFirst(paths []Path) []Path {
	var outer []Path
	for _, p := range paths {
		inside := func(q Path) bool { return len(q) < len(p) && p.Within(q) }
		if !slices.ContainsFunc(paths, inside) && !slices.ContainsFunc(outer, p.Equal) {
			outer = append(outer, p)
		}
	}
	slices.SortStableFunc(outer, func(a, b Path) int {
		for i := range min(len(a), len(b)) {
			n, isIndex := arrayIndex(a[i])
			m, alsoIndex := arrayIndex(b[i])
			switch {
			case a[i] == b[i]:
			case isIndex && alsoIndex:
				return cmp.Compare(m, n)
			default:
				return 0
			}
		}
		return 0
	})
	return outer
}

// Rename gives a field another name. Inside an object of at most 64 KiB the field keeps its position, and the object is
// set as a whole; in a larger one, and at the top level, the field is set under its new name, which moves it to the
// end. It returns the new path.
func (d *Draft) Rename(p Path, name string) (Path, error) {
	if err := d.CheckProtected(p); err != nil {
		return nil, err
	}
	parent, key := p[:len(p)-1], p[len(p)-1]
	renamed := Path(parent).Child(name)
	v, ok := d.Lookup(p)
	if !ok {
		return nil, fieldError(p, "it does not exist")
	}
	object, _ := d.Lookup(parent)
	switch {
	case object.Type == bson.TypeArray:
		return nil, fieldError(p, "an array item has a position, not a name")
	case name == key:
		return p, nil
	case strings.ContainsRune(name, 0):
		return nil, fieldError(p, "a name cannot contain the character NUL")
	case countKey(object.Value, name) > 0:
		return nil, fieldError(renamed, "a field with this name already exists")
	case countKey(object.Value, key) > 1:
		return nil, duplicateKeyError(p)
	}
	if err := d.CheckProtected(renamed); err != nil {
		return nil, err
	}
	if d.RenameKeepsPosition(p) && d.Set(parent, renamedField(object, key, name)) == nil {
		return renamed, nil
	}
	return renamed, d.atomically(unsetStep(p), setStep(renamed, v))
}

// RenameKeepsPosition reports whether a field that is renamed keeps its position.
func (d *Draft) RenameKeepsPosition(p Path) bool {
	parent := p[:len(p)-1]
	if len(parent) == 0 {
		return false
	}
	object, _ := d.Lookup(parent)
	return len(object.Value) <= maxOrderedRename && d.Clone().Set(parent, object) == nil
}

// renamedField returns an object in which a field has another name, at the same position.
func renamedField(object bson.RawValue, key, name string) bson.RawValue {
	b := newBuilder()
	for e, err := range elements(object.Value) {
		if err != nil {
			break
		}
		if k := string(e.key); k == key {
			b.add(name, e.value)
		} else {
			b.add(k, e.value)
		}
	}
	return b.value(object.Type)
}

// Duplicate copies a field: an array element to the position after it, another field to the end of its object under a
// name that is free. It returns the path of the copy.
func (d *Draft) Duplicate(p Path) (Path, error) {
	if len(p) == 0 {
		return nil, d.CheckProtected(p)
	}
	v, ok := d.Lookup(p)
	if !ok {
		return nil, fieldError(p, "it does not exist")
	}
	parent := p[:len(p)-1]
	container, _ := d.Lookup(parent)
	if n, isIndex := arrayIndex(p[len(p)-1]); container.Type == bson.TypeArray && isIndex {
		return Path(parent).Child(strconv.Itoa(n + 1)), d.Insert(parent, n+1, v)
	}
	target := Path(parent).Child(freeName(container, p[len(p)-1]))
	return target, d.Set(target, v)
}

// freeName returns a name for the copy of a field that no other field of the object has.
func freeName(object bson.RawValue, key string) string {
	suffix := "Copy"
	for _, separator := range []string{"_", "-", " "} {
		if strings.Contains(key, separator) {
			suffix = separator + "copy"
		}
	}
	name := key + suffix
	for n := 2; countKey(object.Value, name) > 0; n++ {
		name = fmt.Sprint(key, suffix, n)
	}
	return name
}

// Insert adds an element to an array before the one with the index, or at its end. Unless it is the end, the array is
// set as a whole, because the elements after it change their positions.
func (d *Draft) Insert(array Path, index int, v bson.RawValue) error {
	items, err := d.items(array)
	if err != nil {
		return err
	}
	if index < 0 || index > len(items) {
		return fieldError(array, "it has %s: expected a position from 0 to %d, got %d", countNoun(len(items), "item"),
			len(items), index)
	}
	return d.Set(array, arrayOf(slices.Insert(items, index, v)))
}

// Move moves an array element by some positions, negative towards the start. The array is set as a whole. It returns
// the new path of the element.
func (d *Draft) Move(p Path, by int) (Path, error) {
	if len(p) == 0 {
		return nil, d.CheckProtected(p)
	}
	array := p[:len(p)-1]
	if container, _ := d.Lookup(array); container.Type != bson.TypeArray {
		return nil, InvalidInputf("", "%s is not an array item: the order of other fields has no meaning", p)
	}
	items, err := d.items(array)
	if err != nil {
		return nil, err
	}
	from, isIndex := arrayIndex(p[len(p)-1])
	if !isIndex || from >= len(items) {
		return nil, fieldError(p, "it does not exist")
	}
	to := min(max(0, from+by), len(items)-1)
	switch {
	case to == from && by < 0:
		return nil, fieldError(p, "it is already the first item")
	case to == from:
		return nil, fieldError(p, "it is already the last item")
	}
	v := items[from]
	items = slices.Insert(slices.Delete(items, from, from+1), to, v)
	return Path(array).Child(strconv.Itoa(to)), d.Set(array, arrayOf(items))
}

// items returns the elements of an array in the result.
func (d *Draft) items(array Path) ([]bson.RawValue, error) {
	v, ok := d.Lookup(array)
	if !ok || v.Type != bson.TypeArray || len(array) == 0 {
		return nil, fieldError(array, "it is not an array")
	}
	var items []bson.RawValue
	for e, err := range elements(v.Value) {
		if err != nil {
			return nil, fieldError(array, "%v", err)
		}
		items = append(items, e.value)
	}
	return items, nil
}

func arrayOf(items []bson.RawValue) bson.RawValue {
	size := 5
	for _, v := range items {
		size += len(v.Value) + 8
	}
	b := &builder{bytes: make([]byte, 4, size)}
	for i, v := range items {
		b.add(strconv.Itoa(i), v)
	}
	return b.value(bson.TypeArray)
}

// Merge adds the fields of an object to the object at a path; the empty path is the document. Fields that exist are
// replaced.
func (d *Draft) Merge(within Path, object bson.RawValue) error {
	var steps []func(*Draft) error
	for e, err := range elements(object.Value) {
		if err != nil {
			return fieldError(within, "%v", err)
		}
		steps = append(steps, setStep(within.Child(string(e.key)), e.value))
	}
	return d.atomically(steps...)
}
