package model

import (
	"slices"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// maxAligned is the product of the numbers of items up to which the differing parts of two arrays are aligned. Longer
// parts are compared by position.
const maxAligned = 250_000

// itemPair is an item of an old and a new array that belong together, by their indexes; -1: the other array has none.
type itemPair struct{ old, new int }

// alignItems returns which items of two arrays belong together, in the order of the new array: equal ones of the
// longest common subsequence, and between those the ones at the same place. Items that only the old array has stand
// before the next one of the new array.
func alignItems(a, b []bson.RawValue) []itemPair {
	first, endA, endB := 0, len(a), len(b)
	for first < min(endA, endB) && Identical(a[first], b[first]) {
		first++
	}
	for endA > first && endB > first && Identical(a[endA-1], b[endB-1]) {
		endA, endB = endA-1, endB-1
	}
	pairs := make([]itemPair, 0, len(b))
	for i := range first {
		pairs = append(pairs, itemPair{i, i})
	}
	i, j := first, first
	for _, p := range append(commonItems(a[first:endA], b[first:endB]), itemPair{endA - first, endB - first}) {
		pairs = append(pairs, pairBetween(a, b, i, first+p.old, j, first+p.new)...)
		if i, j = first+p.old, first+p.new; i < endA {
			pairs = append(pairs, itemPair{i, j})
			i, j = i+1, j+1
		}
	}
	for n := range len(a) - endA {
		pairs = append(pairs, itemPair{endA + n, endB + n})
	}
	return pairs
}

// commonItems returns the longest common subsequence; none if the arrays are too long for it.
func commonItems(a, b []bson.RawValue) []itemPair {
	if len(a) == 0 || len(b) == 0 || len(a) > maxAligned/len(b) {
		return nil
	}
	ids := map[string]uint32{}
	number := func(list []bson.RawValue) []uint32 {
		numbers := make([]uint32, len(list))
		for i, v := range list {
			key := itemKey(v)
			if _, known := ids[key]; !known {
				ids[key] = uint32(len(ids))
			}
			numbers[i] = ids[key]
		}
		return numbers
	}
	x, y := number(a), number(b)
	width := len(y) + 1
	longest := make([]uint16, (len(x)+1)*width) // of the rests from i and j on; at most 500 items are common
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if x[i] == y[j] {
				longest[i*width+j] = longest[(i+1)*width+j+1] + 1
			} else {
				longest[i*width+j] = max(longest[(i+1)*width+j], longest[i*width+j+1])
			}
		}
	}
	var common []itemPair
	for i, j := 0, 0; i < len(x) && j < len(y); {
		switch {
		case x[i] == y[j]:
			common = append(common, itemPair{i, j})
			i, j = i+1, j+1
		case longest[(i+1)*width+j] >= longest[i*width+j+1]:
			i++
		default:
			j++
		}
	}
	return common
}

// pairBetween pairs the items between two equal ones: by position if there are as many in both arrays, or too many to
// align, otherwise objects and arrays with others that share half of their fields.
func pairBetween(a, b []bson.RawValue, i, endI, j, endJ int) (pairs []itemPair) {
	asMany, tooMany := endI-i == endJ-j, endJ > j && endI-i > maxAligned/(endJ-j)
	for ; j < endJ; j++ {
		match := -1
		switch {
		case asMany || tooMany && i < endI:
			match = i
		case !tooMany:
			match = slices.IndexFunc(a[i:endI], func(v bson.RawValue) bool { return sharesFields(v, b[j]) })
			if match >= 0 {
				match += i
			}
		}
		if match < 0 {
			pairs = append(pairs, itemPair{-1, j})
			continue
		}
		for ; i < match; i++ {
			pairs = append(pairs, itemPair{i, -1})
		}
		pairs = append(pairs, itemPair{match, j})
		i = match + 1
	}
	for ; i < endI; i++ {
		pairs = append(pairs, itemPair{i, -1})
	}
	return pairs
}

// sharesFields reports whether two objects or arrays share half of their fields at least.
func sharesFields(a, b bson.RawValue) bool {
	if a.Type != b.Type || !isContainer(a) {
		return false
	}
	x, _ := fieldsOf(a)
	same, count := 0, len(x.list)
	y, _ := fieldsOf(b)
	for _, f := range y.list {
		if v, ok := x.find(f.key); ok && Identical(v, f.value) {
			same++
		}
	}
	return same > 0 && 2*same >= max(count, len(y.list))
}

// diffItems appends the differences between two arrays, item by item. It returns false and appends nothing if no item
// belongs to one of the other array.
func diffItems(old, new []bson.RawValue, at Path, changes *[]Change) bool {
	pairs := alignItems(old, new)
	preferCopies(old, new, pairs)
	pairs = splitMoved(old, new, pairs)
	if !slices.ContainsFunc(pairs, func(p itemPair) bool { return p.old >= 0 && p.new >= 0 }) {
		return false
	}
	moved := movedItems(old, new, pairs)
	places := placesOf(pairs)
	next, nextOld := 0, 0 // the indexes of the items that follow
	for _, p := range pairs {
		var c Change
		switch _, isMoved := moved[p]; {
		case p.new < 0 && isMoved:
			nextOld++
			continue
		case p.new < 0:
			nextOld++
			c = Change{Path: at.Child(strconv.Itoa(p.old)), Kind: Removed, Old: old[p.old],
				Item: &Item{Place: next, Taken: p.old < len(new)}}
		case p.old < 0 && isMoved:
			next++
			from := moved[p]
			c = Change{Path: at.Child(strconv.Itoa(p.new)), From: at.Child(strconv.Itoa(from)), Kind: Moved, Old: old[from],
				New: new[p.new], Item: &Item{Place: places[from]}}
		case p.old < 0:
			next++
			c = Change{Path: at.Child(strconv.Itoa(p.new)), Kind: Added, New: new[p.new],
				Item: &Item{Place: nextOld, Taken: p.new < len(old)}}
		default:
			next, nextOld = p.new+1, p.old+1
			if !Identical(old[p.old], new[p.new]) {
				diffItem(old, new, p, at, changes)
			}
			continue
		}
		*changes = append(*changes, c)
	}
	return true
}

// placesOf returns where items of the old array that have no pair would be in the new one, by their old indexes.
func placesOf(pairs []itemPair) map[int]int {
	places, next := map[int]int{}, 0
	for _, p := range pairs {
		if p.new >= 0 {
			next = p.new + 1
		} else {
			places[p.old] = next
		}
	}
	return places
}

// diffItem appends the differences between two items that belong together.
func diffItem(old, new []bson.RawValue, p itemPair, at Path, changes *[]Change) {
	before, path := len(*changes), at.Child(strconv.Itoa(p.new))
	diffValue(path, old[p.old], new[p.new], changes)
	if p.old == p.new {
		return
	}
	for i := range (*changes)[before:] {
		c := &(*changes)[before+i]
		from := slices.Clone(c.OldPath())
		from[len(at)] = strconv.Itoa(p.old)
		c.From = from
	}
}

// preferCopies makes the last of equal items the one that was added or removed, because a copy follows its original.
func preferCopies(old, new []bson.RawValue, pairs []itemPair) {
	for k := range max(0, len(pairs)-1) {
		p, next := &pairs[k], &pairs[k+1]
		if next.old < 0 || next.new < 0 || !Identical(old[next.old], new[next.new]) {
			continue
		}
		switch {
		case p.old < 0 && Identical(new[p.new], new[next.new]):
			p.old, next.old = next.old, -1
		case p.new < 0 && Identical(old[p.old], old[next.old]):
			p.new, next.new = next.new, -1
		}
	}
}

// itemKey returns a text that equal items have in common.
func itemKey(v bson.RawValue) string { return string(v.Type) + string(v.Value) }

// splitMoved divides the pairs of items that differ of which one was moved.
func splitMoved(old, new []bson.RawValue, pairs []itemPair) []itemPair {
	olds, news := map[string]bool{}, map[string]bool{} // of the items that have no equal one at their place
	for _, p := range pairs {
		if p.old >= 0 && p.new >= 0 && Identical(old[p.old], new[p.new]) {
			continue
		}
		if p.old >= 0 {
			olds[itemKey(old[p.old])] = true
		}
		if p.new >= 0 {
			news[itemKey(new[p.new])] = true
		}
	}
	split := make([]itemPair, 0, len(pairs))
	for _, p := range pairs {
		if p.old >= 0 && p.new >= 0 && !Identical(old[p.old], new[p.new]) &&
			(news[itemKey(old[p.old])] || olds[itemKey(new[p.new])]) {
			split = append(split, itemPair{p.old, -1}, itemPair{-1, p.new})
			continue
		}
		split = append(split, p)
	}
	return split
}

// movedItems returns the pairs of equal items of which one array has none at the place of the other, with the old index
// for the new item.
func movedItems(old, new []bson.RawValue, pairs []itemPair) map[itemPair]int {
	var moved map[itemPair]int
	removed := map[string][]int{}
	for _, p := range pairs {
		if p.new < 0 {
			k := itemKey(old[p.old])
			removed[k] = append(removed[k], p.old)
		}
	}
	if len(removed) == 0 {
		return nil
	}
	for _, p := range pairs {
		if p.old >= 0 {
			continue
		}
		k := itemKey(new[p.new])
		if from := removed[k]; len(from) > 0 {
			if moved == nil {
				moved = map[itemPair]int{}
			}
			moved[p], moved[itemPair{from[0], -1}] = from[0], from[0]
			removed[k] = from[1:]
		}
	}
	return moved
}
