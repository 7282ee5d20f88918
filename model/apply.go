package model

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// ApplyEdits returns an object or array, the value of the field at a path, with edits of fields inside it.
func ApplyEdits(v bson.RawValue, at Path, edits []Edit) bson.RawValue {
	if len(edits) == 0 {
		return v
	}
	return applyEdits(v, edits, len(at))
}

// applyEdits applies the edits to an object or array and returns the result; the first depth keys of each edit's path
// lead to v. It works as MongoDB's $set and $unset do: missing parents become objects, missing array elements become
// null. One difference: unsetting an array element removes it from the array.
func applyEdits(v bson.RawValue, edits []Edit, depth int) bson.RawValue {
	groups := groupEdits(edits, depth)
	b := newBuilder()
	b.bytes = append(make([]byte, 0, len(v.Value)+64), b.bytes...)
	array, index, written := v.Type == bson.TypeArray, 0, 0
	write := func(key string, v bson.RawValue) {
		if array {
			key = strconv.Itoa(written)
		}
		b.add(key, v)
		written++
	}
	for e, err := range elements(v.Value) {
		if err != nil {
			break
		}
		key := string(e.key)
		if array {
			key = strconv.Itoa(index)
		}
		index++
		g := groups.take(key)
		if g == nil {
			write(key, e.value)
		} else if changed, ok := g.applyTo(e.value, depth); ok {
			write(key, changed)
		}
	}
	for _, g := range groups.remaining() {
		created, ok := g.applyTo(bson.RawValue{}, depth)
		if !ok {
			continue
		}
		if n, isIndex := arrayIndex(g.key); array && isIndex {
			for written < n {
				write("", ValueOf(nil))
			}
		}
		write(g.key, created)
	}
	return b.value(v.Type)
}

// editGroup holds the edits of one field and of the fields below it.
type editGroup struct {
	key   string
	edits []Edit
	taken bool
}

// applyTo returns the field's value after the group's edits; false when they remove it.
func (g *editGroup) applyTo(v bson.RawValue, depth int) (bson.RawValue, bool) {
	last := g.edits[len(g.edits)-1]
	if len(last.Path) == depth+1 {
		return last.Value, !last.Unset
	}
	if !isContainer(v) {
		hasSet := false
		for _, e := range g.edits {
			hasSet = hasSet || !e.Unset
		}
		if !hasSet {
			return v, !isAbsent(v)
		}
		v = bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: []byte(emptyDocument)}
	}
	return applyEdits(v, g.edits, depth+1), true
}

// editGroups are the groups of one object or array, by key and in the order of their first edit.
type editGroups struct {
	byKey map[string]*editGroup
	order []*editGroup
}

func groupEdits(edits []Edit, depth int) editGroups {
	groups := editGroups{byKey: make(map[string]*editGroup, len(edits))}
	for _, e := range edits {
		key := e.Path[depth]
		g := groups.byKey[key]
		if g == nil {
			g = &editGroup{key: key}
			groups.byKey[key] = g
			groups.order = append(groups.order, g)
		}
		g.edits = append(g.edits, e)
	}
	return groups
}

// take returns the group of a key on the first call for that key, nil later: of duplicate keys only the first is
// changed.
func (gs editGroups) take(key string) *editGroup {
	g := gs.byKey[key]
	if g == nil || g.taken {
		return nil
	}
	g.taken = true
	return g
}

// remaining returns the groups that take has not returned: their fields do not exist yet. They are in the order in
// which MongoDB adds fields: by name, and numbers by their values.
func (gs editGroups) remaining() []*editGroup {
	var groups []*editGroup
	for _, g := range gs.order {
		if !g.taken {
			groups = append(groups, g)
		}
	}
	slices.SortFunc(groups, func(a, b *editGroup) int { return compareKeys(a.key, b.key) })
	return groups
}

// compareKeys compares two keys as MongoDB orders the fields of an update.
func compareKeys(a, b string) int {
	if isDigits(a) && isDigits(b) {
		a, b := strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
		if c := cmp.Compare(len(a), len(b)); c != 0 {
			return c
		}
	}
	return cmp.Compare(a, b)
}

func isDigits(key string) bool { return key != "" && strings.Trim(key, "0123456789") == "" }
