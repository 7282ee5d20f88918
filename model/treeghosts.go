package model

import (
	"slices"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Ghost is a field of another document: of the database, or of a draft. A Tree shows it as a row of its own, a ghost
// row, if its own document has no such field.
type Ghost struct {
	Path   Path
	Value  bson.RawValue
	Origin Origin   // InDatabase, InDraft or RemovedByDraft
	Source bson.Raw // the document that has the field; nil, or without it: the row is the last of its object

	Replaces bool // the value is shown in place of that of the document, if it has the field
	after    int  // of an array item: the index of the item that it follows
}

// SetGhosts replaces the fields that the tree shows beside those of its document. Each is shown after the field that it
// follows in its source, in an array after the last element. Of several with one path the first one is shown; an object
// that a ghost is in and that no document has is shown as an empty object. Expanded rows stay expanded. The cost grows
// with the number of ghosts and of the fields of the expanded objects that they are in.
func (t *Tree) SetGhosts(ghosts []Ghost) {
	if slices.EqualFunc(ghosts, t.given, Ghost.same) {
		return
	}
	t.rebuild(func() { t.setGhosts(ghosts) })
}

func (t *Tree) setGhosts(ghosts []Ghost) { t.given, t.ghosts = ghosts, ghostTree(ghosts) }

// same reports whether two ghosts are shown alike.
func (g Ghost) same(o Ghost) bool {
	return g.Origin == o.Origin && g.Replaces == o.Replaces && g.after == o.after && sameBytes(g.Source, o.Source) &&
		g.Path.Equal(o.Path) && Identical(g.Value, o.Value)
}

// ghostTree returns the ghosts by their paths; nil when there are none.
func ghostTree(ghosts []Ghost) *PathSet {
	if len(ghosts) == 0 {
		return nil
	}
	tree := &PathSet{}
	for i := range ghosts {
		if at := tree.add(ghosts[i].Path); at.ghost == nil {
			at.ghost = &ghosts[i]
		}
	}
	tree.addParents()
	return tree
}

// addParents adds an empty object for each path without a ghost: it is shown if no document has an object there.
func (t *PathSet) addParents() {
	for _, inner := range t.fields {
		inner.addParents()
		if inner.ghost != nil {
			continue
		}
		for _, child := range inner.fields {
			inner.ghost = &Ghost{Value: bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: []byte(emptyDocument)},
				Origin: child.ghost.Origin}
		}
	}
}

// AddedFields returns the fields that a change adds, as ghosts: the field itself, or the items that an array gets and
// that the change has as a whole.
func AddedFields(c Change, origin Origin, source bson.Raw) []Ghost {
	if isAbsent(c.Old) {
		return []Ghost{{Path: c.PathInOld(), Value: c.New, Origin: origin, Source: source, after: c.after()}}
	}
	if c.Old.Type != c.New.Type || c.Old.Type != bson.TypeArray || c.Item != nil || countFields(c.Old.Value) > 0 {
		return nil
	}
	var ghosts []Ghost
	for e, err := range elements(c.New.Value) {
		if err != nil {
			break
		}
		ghosts = append(ghosts, Ghost{Path: c.OldPath().Child(strconv.Itoa(len(ghosts))), Value: e.value, Origin: origin,
			Source: source})
	}
	return ghosts
}

// RemovedField returns a field that a draft removes from the value around it, as a ghost.
func RemovedField(c Change, source bson.Raw) Ghost {
	return Ghost{Path: c.PathInNew(), Value: c.Old, Origin: RemovedByDraft, Source: source, after: c.after()}
}

// PathInOld returns the path of the row that shows a change beside the fields of the old document. An added array item
// whose index another item has is named "+" and its index.
func (c Change) PathInOld() Path {
	if c.Kind == Added {
		return c.named(c.OldPath(), "+")
	}
	return c.OldPath()
}

// PathInNew returns the path of the row that shows a change beside the fields of the new document. A removed array item
// whose index another item has is named "-" and its index.
func (c Change) PathInNew() Path {
	if c.Kind == Removed {
		return c.named(c.Path, "-")
	}
	return c.Path
}

func (c Change) named(p Path, sign string) Path {
	if c.Item == nil || !c.Item.Taken {
		return p
	}
	return p[: len(p)-1 : len(p)-1].Child(sign + p[len(p)-1])
}

// after returns Ghost.after for an item that only one array has.
func (c Change) after() int {
	if c.Item == nil {
		return 0
	}
	return c.Item.Place - 1
}

// ghostField is a ghost in a branch.
type ghostField struct {
	key   string
	ghost *Ghost
	after int // the index of the field that it follows; -1: it is shown before the first field
}

// placeGhosts sets the ghosts of a branch, in the order in which they are shown.
func (b *branch) placeGhosts(path func() Path) {
	missing := b.missingFields()
	if len(missing) == 0 {
		return
	}
	end, placed := b.fields.count-1, map[string]bool{}
	place := func(key string, after int) {
		placed[key] = true
		b.ghosts = append(b.ghosts, ghostField{key, missing[key], after})
	}
	if !b.fields.array {
		b.placeAsInSources(missing, path(), place)
	}
	for _, key := range b.levels.ghosts.keys {
		switch g := missing[key]; {
		case g == nil || placed[key]:
		case b.fields.array && isItemName(key):
			place(key, min(g.after, end))
		default:
			place(key, end)
		}
	}
	slices.SortStableFunc(b.ghosts, func(x, y ghostField) int { return x.after - y.after })
}

// missingFields returns the ghosts inside a branch whose fields it does not have, by key.
func (b *branch) missingFields() map[string]*Ghost {
	missing := map[string]*Ghost{}
	for key, at := range b.levels.ghosts.fields {
		index, isIndex := arrayIndex(key)
		if at.ghost != nil && (!b.fields.array || isIndex && index >= b.fields.count || isItemName(key)) {
			missing[key] = at.ghost
		}
	}
	if len(missing) == 0 || b.fields.array {
		return missing
	}
	for index := range b.fields.count {
		delete(missing, string(b.fields.at(index).key))
	}
	return missing
}

// isItemName reports whether a key names an item that only another array has, see Change.PathInOld.
func isItemName(key string) bool {
	if key == "" || key[0] != '+' && key[0] != '-' {
		return false
	}
	_, ok := arrayIndex(key[1:])
	return ok
}

// placeAsInSources places each missing field after the field that it follows in its source.
func (b *branch) placeAsInSources(missing map[string]*Ghost, path Path, place func(key string, after int)) {
	type follower struct{ key, before string }
	var followers []follower
	var sources []bson.Raw
	indexes := map[string]int{} // of the fields that ghosts follow
	for _, key := range b.levels.ghosts.keys {
		g := missing[key]
		if g == nil || slices.ContainsFunc(sources, func(s bson.Raw) bool { return sameBytes(s, g.Source) }) {
			continue
		}
		sources = append(sources, g.Source)
		var before []byte
		for e, err := range elements(objectIn(g.Source, path)) {
			if err != nil {
				break
			}
			switch m := missing[string(e.key)]; {
			case m == nil:
				before = e.key
			case sameBytes(m.Source, g.Source) && before == nil:
				place(string(e.key), -1)
			case sameBytes(m.Source, g.Source):
				followers = append(followers, follower{string(e.key), string(before)})
				indexes[string(before)] = b.fields.count - 1
			}
		}
	}
	if len(followers) == 0 {
		return
	}
	for index := range b.fields.count {
		key := b.fields.at(index).key
		if _, follows := indexes[string(key)]; follows { // of duplicate keys the last
			indexes[string(key)] = index
		}
	}
	for _, f := range followers {
		place(f.key, indexes[f.before])
	}
}

// objectIn returns the object at a path of a document; nil when there is none.
func objectIn(doc bson.Raw, path Path) []byte {
	if len(path) == 0 {
		return doc
	}
	if v, ok := path.Lookup(doc); ok && v.Type == bson.TypeEmbeddedDocument {
		return v.Value
	}
	return nil
}

// sameBytes reports whether two documents share their memory.
func sameBytes(a, b bson.Raw) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}
