package model

import (
	"slices"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// maxCompared is the size of the values of an edit up to which they are compared by fields and items, in bytes.
const maxCompared = 256 << 10

// DiffEdit returns the differences that setting a field to a value makes, as Diff does. Either value may be zero (no
// field). Values of more than 256 KiB are not compared by fields and items.
func DiffEdit(p Path, old, new bson.RawValue) []Change {
	var changes []Change
	switch {
	case isAbsent(old):
		return []Change{{Path: p, Kind: Added, New: new}}
	case isAbsent(new):
		return []Change{{Path: p, Kind: Removed, Old: old}}
	case len(old.Value)+len(new.Value) > maxCompared && KindOf(old) == KindOf(new):
		return []Change{{Path: p, Kind: Changed, Old: old, New: new}}
	}
	diffValue(p, old, new, &changes)
	return changes
}

// itemChanges returns the changes to revert for a field that is inside an array that the draft sets: those at and
// inside it, otherwise those of the items that were moved with it or over it. False: it is not in such an array, or the
// array is compared as a whole.
func (d *Draft) itemChanges(p Path) (changes []Change, ok bool) {
	i := slices.IndexFunc(d.edits, func(e Edit) bool { return len(e.Path) < len(p) && p.Within(e.Path) })
	if i < 0 {
		return nil, false
	}
	e := d.edits[i]
	for n := len(e.Path); n < len(p); n++ {
		v, _ := LookupIn(e.Value, p[len(e.Path):n])
		ok = ok || v.Type == bson.TypeArray
	}
	if !ok {
		return nil, false
	}
	old, _ := e.Path.Lookup(d.base)
	all := DiffEdit(e.Path, old, e.Value)
	for _, c := range all {
		if c.PathInNew().Within(p) {
			changes = append(changes, c)
		}
	}
	if len(changes) > 0 {
		return changes, true
	}
	for _, c := range all {
		switch isInside := p.Within(c.PathInNew()); {
		case c.Item == nil && isInside:
			return nil, false
		case c.Kind == Moved && (isInside || c.movedOver(p)):
			changes = append(changes, c)
		case c.Kind == Added && isInside: // the other fields of the new item stay
			changes = append(changes, Change{Path: p, Kind: Added})
		}
	}
	return changes, true
}

// movedOver reports whether an array item was moved from one side of a field, or of the item around it, to the other.
func (c Change) movedOver(p Path) bool {
	n := len(c.Path) - 1
	if len(p) <= n || !p.Within(c.Path[:n]) {
		return false
	}
	from, _ := arrayIndex(c.From[n])
	to, _ := arrayIndex(c.Path[n])
	at, _ := arrayIndex(p[n])
	return min(from, to) <= at && at <= max(from, to)
}

// RevertChange takes a change that Changes returns out of the draft. Inside an array the other items keep their order.
func (d *Draft) RevertChange(c Change) error {
	array := c.Path[:len(c.Path)-1]
	switch {
	case c.Item != nil && c.Kind == Added:
		return d.Unset(c.Path)
	case c.Item != nil && c.Kind == Removed:
		return d.Insert(array, c.Item.Place, c.Old)
	case c.Item != nil:
		return d.moveBack(c)
	case c.Kind == Added:
		return d.Unset(c.Path)
	case c.Kind == Reordered:
		now, _ := d.Lookup(c.Path)
		return d.Set(c.Path, inOrderOf(now, c.Old))
	}
	return d.Set(c.Path, c.Old)
}

// moveBack moves an array item to the place where it was.
func (d *Draft) moveBack(c Change) error {
	array := c.Path[:len(c.Path)-1]
	items, err := d.items(array)
	if err != nil {
		return err
	}
	to, now := c.Item.Place, 0
	if now, err = strconv.Atoi(c.Path[len(array)]); err != nil || now >= len(items) {
		return fieldError(c.Path, "it does not exist")
	}
	if to > now {
		to--
	}
	v := items[now]
	items = slices.Delete(items, now, now+1)
	return d.Set(array, arrayOf(slices.Insert(items, min(to, len(items)), v)))
}
