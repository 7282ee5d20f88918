package model

import (
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// apply makes the edits in an object or array and returns it as it is then; depth is how much of the edits' paths leads here. It does what MongoDB does with
// $set and $unset, missing parents made as objects and missing elements as null; but an element that is unset is taken out of its array.
func apply(v bson.RawValue, edits []Edit, depth int) bson.RawValue {
	groups := groupEdits(edits, depth)
	b := newBuilder()
	b.bytes = append(make([]byte, 0, len(v.Value)+64), b.bytes...)
	array, place, kept := v.Type == bson.TypeArray, 0, 0
	put := func(key string, v bson.RawValue) {
		if array {
			key = strconv.Itoa(kept)
		}
		b.add(key, v)
		kept++
	}
	for e, err := range elements(v.Value) {
		if err != nil {
			break
		}
		key := string(e.key)
		if array {
			key = strconv.Itoa(place)
		}
		place++
		g := groups.take(key)
		if g == nil {
			put(key, e.value)
		} else if changed, ok := g.on(e.value, depth); ok {
			put(key, changed)
		}
	}
	for _, g := range groups.left() {
		made, ok := g.on(bson.RawValue{}, depth)
		if !ok {
			continue
		}
		if n, isIndex := index(g.key); array && isIndex {
			for kept < n {
				put("", ValueOf(nil))
			}
		}
		put(g.key, made)
	}
	return b.value(v.Type)
}

// editGroup is the edits that lead through one field.
type editGroup struct {
	key   string
	edits []Edit
	taken bool
}

// on is the field as it is after the group's edits; false when it is gone.
func (g *editGroup) on(v bson.RawValue, depth int) (bson.RawValue, bool) {
	last := g.edits[len(g.edits)-1]
	if len(last.Path) == depth+1 {
		return last.Value, !last.Unset
	}
	if !nested(v) {
		sets := false
		for _, e := range g.edits {
			sets = sets || !e.Unset
		}
		if !sets {
			return v, !absent(v)
		}
		v = bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: []byte(emptyDocument)}
	}
	return apply(v, g.edits, depth+1), true
}

// editGroups finds a group by its key and keeps them in order.
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

// take gives the group of a key the first time it is met, since of duplicate keys only the first is changed.
func (gs editGroups) take(key string) *editGroup {
	g := gs.byKey[key]
	if g == nil || g.taken {
		return nil
	}
	g.taken = true
	return g
}

// left lists the groups whose field was not met.
func (gs editGroups) left() []*editGroup {
	var left []*editGroup
	for _, g := range gs.order {
		if !g.taken {
			left = append(left, g)
		}
	}
	return left
}
