package model

import (
	"slices"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// itemOf returns the outermost array item that a path leads into, nil if there is none. Its position does not identify
// it, because other items may be inserted or removed; its values do.
func itemOf(p Path, doc bson.Raw) Path {
	for n := 1; n < len(p)-1; n++ {
		if v, _ := p[:n].Lookup(doc); v.Type == bson.TypeArray {
			return p[:n+1]
		}
	}
	return nil
}

// placedEdit is an edit at its place in another document, with the value that it started from.
type placedEdit struct {
	Edit
	base bson.RawValue
}

// placedIn returns the edits as they are made to another document:
//   - An edit inside an array item follows the item to its position.
//   - Inside an item that is no longer there as it was, it sets the item, or the array if the number of items changed.
//   - Where the document has no array or object for the edit any more, it sets the whole of it.
func (d *Draft) placedIn(doc bson.Raw) []placedEdit {
	result := d.Result()
	var placed []placedEdit
	for _, e := range d.edits {
		p := d.place(e, doc, result)
		if slices.ContainsFunc(placed, func(x placedEdit) bool { return p.Path.Within(x.Path) }) {
			continue
		}
		placed = slices.DeleteFunc(placed, func(x placedEdit) bool { return x.Path.Within(p.Path) })
		placed = append(placed, p)
	}
	return placed
}

// place returns the place of one edit; result is the document with the edits.
func (d *Draft) place(e Edit, doc, result bson.Raw) placedEdit {
	base, _ := e.Path.Lookup(d.base)
	placed := placedEdit{Edit{Path: slices.Clone(e.Path), Value: e.Value, Unset: e.Unset}, base}
	whole := Path(nil)
	if item := itemOf(e.Path, d.base); item != nil {
		at, known := d.itemIn(item, doc)
		if !known && (!e.Unset || at != nil) {
			whole = at
		} else if known {
			placed.Path = append(slices.Clone(at), e.Path[len(item):]...)
		}
	} else if array := e.Path.Parent(); array != nil && !e.Unset {
		was, _ := array.Lookup(d.base)
		if now, _ := array.Lookup(doc); was.Type == bson.TypeArray && now.Type != bson.TypeArray {
			whole = array
		}
	}
	if whole == nil {
		if NewDraft(doc, d.owner).addEdit(placed.Edit) == nil {
			return placed
		}
		whole = e.Path.Parent()
	}
	for ; whole != nil; whole = whole.Parent() {
		v, ok := whole.Lookup(result)
		if ok && NewDraft(doc, d.owner).Set(whole, v) == nil {
			was, _ := whole.Lookup(d.base)
			return placedEdit{Edit{Path: slices.Clone(whole), Value: v}, was}
		}
	}
	return placed
}

// itemIn returns the path of an item of the base in another document, and whether it is there as it was. Otherwise it
// returns the path that a draft has to set as a whole: the item if another value may be in its place, or the array.
func (d *Draft) itemIn(item Path, doc bson.Raw) (Path, bool) {
	was, _ := item.Lookup(d.base)
	now, _ := item.Lookup(doc)
	if Identical(was, now) {
		return item, true
	}
	array := item.Parent()
	before, _ := array.Lookup(d.base)
	after, _ := array.Lookup(doc)
	known, positions := positionsOf(before, was), positionsOf(after, was)
	switch {
	case after.Type == bson.TypeArray && len(known) == 1 && len(positions) == 1:
		return array.Child(strconv.Itoa(positions[0])), true
	case after.Type != bson.TypeArray, countFields(before.Value) != countFields(after.Value),
		len(positionsOf(before, now)) > 0: // another item is in its place
		return array, false
	}
	return item, false
}

// positionsOf returns the indexes of the items of an array that are identical to a value.
func positionsOf(array, v bson.RawValue) []int {
	var positions []int
	i := 0
	for e, err := range elements(array.Value) {
		if err != nil {
			break
		}
		if Identical(e.value, v) {
			positions = append(positions, i)
		}
		i++
	}
	return positions
}

// Compare returns the edits as they are made to another document: the conflicts, whose value there is neither the one
// that the edit started from nor the edit's, and the others. A field is named as Rebase sets it, see there.
func (d *Draft) Compare(theirs bson.Raw) (conflicts, merged []Conflict) {
	for _, e := range d.placedIn(theirs) {
		now, _ := e.Path.Lookup(theirs)
		c := Conflict{Path: e.Path, Base: e.base, Yours: e.Value, Theirs: now}
		if !Identical(now, e.base) && !Identical(now, e.Value) {
			conflicts = append(conflicts, c)
		} else {
			merged = append(merged, c)
		}
	}
	return conflicts, merged
}

// guardedItem is an array item that an update changes a part of.
type guardedItem struct {
	path          Path
	before, after bson.RawValue
}

// guardedItems returns the items that the edits lead into.
func (d *Draft) guardedItems() []guardedItem {
	var items []guardedItem
	known := map[string]bool{}
	for _, e := range d.edits {
		p := itemOf(e.Path, d.base)
		if p == nil || known[p.String()] {
			continue
		}
		known[p.String()] = true
		i := guardedItem{path: slices.Clone(p)}
		i.before, _ = p.Lookup(d.base)
		i.after, _ = d.Lookup(p)
		items = append(items, i)
	}
	return items
}

// Sizes of the guards of items, in bytes: of one that is compared as a whole, of all of them, and of a value in a
// larger item.
const (
	maxItemGuard  = 4 << 10
	maxItemGuards = 1 << 20
	maxPartGuard  = 256
)

// guardItems adds conditions to a filter that the items are still the ones that were edited: the whole item up to 4 KiB
// (less if there are many), of a larger one its short values, the types of others and the numbers of items.
func (d *Draft) guardItems(filter *builder, items []guardedItem) {
	if len(items) == 0 {
		return
	}
	budget := min(maxItemGuard, max(maxPartGuard, maxItemGuards/len(items)))
	for _, i := range items {
		d.guardItem(filter, i.path, i.before, &budget)
		budget = min(maxItemGuard, max(maxPartGuard, maxItemGuards/len(items)))
	}
}

// guardItem adds the conditions of one value, as many as the budget allows.
func (d *Draft) guardItem(filter *builder, at Path, v bson.RawValue, budget *int) {
	name, err := at.DotNotation()
	if err != nil || *budget <= 0 {
		return
	}
	isEdited := slices.ContainsFunc(d.edits, func(e Edit) bool { return e.Path.Equal(at) }) // it has a guard
	leads := slices.ContainsFunc(d.edits, func(e Edit) bool { return e.Path.Within(at) })
	canCompare := d.owner.Exact || firstUnencodable(at, v, true) == nil
	size := len(v.Value)
	switch {
	case isEdited:
	case canCompare && (size <= maxPartGuard || leads && size <= *budget):
		filter.add(name, valueGuard(v))
		*budget -= size
	case leads && isContainer(v):
		for i, e := range indexedElements(v) {
			d.guardItem(filter, at.Child(i), e, budget)
		}
	case v.Type == bson.TypeArray:
		filter.add(name, ValueOf(bson.D{{Key: "$size", Value: int32(countFields(v.Value))}}))
		*budget -= len(name)
	default:
		filter.add(name, ValueOf(bson.D{{Key: "$type", Value: typeAlias(v)}}))
		*budget -= len(name)
	}
}

// indexedElements yields the fields of an object, or the items of an array by their indexes.
func indexedElements(v bson.RawValue) func(yield func(string, bson.RawValue) bool) {
	return func(yield func(string, bson.RawValue) bool) {
		index := 0
		for e, err := range elements(v.Value) {
			key := string(e.key)
			if v.Type == bson.TypeArray {
				key = strconv.Itoa(index)
			}
			if index++; err != nil || !yield(key, e.value) {
				return
			}
		}
	}
}
