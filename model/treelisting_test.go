package model

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// listing lists the rows that a tree must show, without a Tree: by reading the whole document.
type listing struct {
	g        generator
	doc      bson.Raw
	expanded map[string]bool // by the quoted path
	ghosts   []Ghost
	order    Order
	changed  []Path
	only     []Path
	filtered bool
}

type listedField struct {
	key    string
	value  bson.RawValue
	origin Origin
}

// fields returns the fields of an object or array as they are shown.
func (l *listing) fields(v bson.RawValue, origin Origin, at Path) []listedField {
	var list []listedField
	own := map[string]bool{}
	for e, err := range elements(v.Value) {
		if err != nil {
			break
		}
		f := listedField{string(e.key), e.value, origin}
		if v.Type == bson.TypeArray {
			f.key = fmt.Sprint(len(list))
		}
		own[f.key] = true
		list = append(list, f)
	}
	for _, g := range l.ghosts {
		last := len(g.Path) - 1
		index, isIndex := arrayIndex(g.Path[last])
		missing := !own[g.Path[last]] && (v.Type != bson.TypeArray || isIndex && index >= len(list))
		if missing && g.Path[:last].Equal(at) {
			own[g.Path[last]] = true
			list = append(list, listedField{g.Path[last], g.Value, g.Origin})
		}
	}
	list = slices.DeleteFunc(list, func(f listedField) bool { return !l.shows(at.Child(f.key)) })
	if v.Type != bson.TypeArray {
		slices.SortStableFunc(list, func(a, b listedField) int { return l.compare(at, a, b) })
	}
	return list
}

// shows reports whether the filter shows a path.
func (l *listing) shows(p Path) bool {
	if !l.filtered {
		return true
	}
	nearest := Path{}
	for _, o := range l.only {
		if o.Within(p) {
			return true
		}
		if p.Within(o) && len(o) > len(nearest) {
			nearest = o
		}
	}
	return len(nearest) > 0 && !slices.ContainsFunc(l.only, func(o Path) bool {
		return o.Within(nearest) && len(o) > len(nearest)
	})
}

func (l *listing) compare(at Path, a, b listedField) int {
	switch l.order {
	case NameOrder:
		x, y := strings.ToLower(a.key), strings.ToLower(b.key)
		if c := strings.Compare(x, y); c != 0 {
			return c
		}
		return strings.Compare(a.key, b.key)
	case TypeOrder:
		return slices.Index(Kinds(), KindOf(a.value)) - slices.Index(Kinds(), KindOf(b.value))
	case ChangedFirst:
		return l.rank(at.Child(a.key)) - l.rank(at.Child(b.key))
	}
	return 0
}

func (l *listing) rank(p Path) int {
	if slices.ContainsFunc(l.changed, func(c Path) bool { return c.Within(p) }) {
		return 0
	}
	return 1
}

// rows appends the visible rows.
func (l *listing) rows(v bson.RawValue, origin Origin, at Path, rows *[]Row) {
	for _, f := range l.fields(v, origin, at) {
		p := at.Child(f.key)
		open := l.expanded[fmt.Sprintf("%q", p)] && isContainer(f.value)
		*rows = append(*rows, Row{Path: p, Depth: len(at), Key: f.key, Value: f.value, Expandable: isContainer(f.value),
			Expanded: open, IsElement: v.Type == bson.TypeArray, Origin: f.origin})
		if open {
			l.rows(f.value, f.origin, p, rows)
		}
	}
}

// check compares a tree with the listing, and a tree that is restored from its folding.
func (l *listing) check(t *testing.T, tree *Tree, after string) {
	t.Helper()
	var want []Row
	l.rows(bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: l.doc}, InDocument, nil, &want)
	if len(want) != tree.Len() {
		t.Fatalf("after %s: %d rows, want %d", after, tree.Len(), len(want))
	}
	l.expanded = map[string]bool{} // what a change hides is collapsed when it is shown again
	for _, w := range want {
		l.expanded[fmt.Sprintf("%q", w.Path)] = w.Expanded
	}
	for _, i := range l.g.Perm(len(want)) {
		got, w := tree.Row(i), want[i]
		if !got.Path.Equal(w.Path) || got.Depth != w.Depth || got.Key != w.Key || got.Expandable != w.Expandable ||
			got.Expanded != w.Expanded || got.Origin != w.Origin || !Identical(got.Value, w.Value) {
			t.Fatalf("after %s: row %d is %+v, want %+v", after, i, got, w)
		}
		if row := tree.ExpandTo(w.Path); row != i {
			t.Fatalf("after %s: %q is in row %d, ExpandTo returns %d", after, w.Path, i, row)
		}
		if row := tree.RowOf(w.Path); row != i {
			t.Fatalf("after %s: %q is in row %d, RowOf returns %d", after, w.Path, i, row)
		}
		parent := -1
		for n := range i {
			if w.Path[:len(w.Path)-1].Equal(want[n].Path) {
				parent = n
			}
		}
		if next := tree.Sibling(i, +1); next >= 0 && tree.Sibling(next, -1) != i {
			t.Fatalf("after %s: the row after %d is %d, the one before it is not %d", after, i, next, i)
		}
		l.checkNext(t, tree, after, i, want)
		if row := tree.Parent(i); row != parent {
			t.Fatalf("after %s: the parent of row %d is %d, want %d", after, i, row, parent)
		}
	}
}

// TestTreeMatchesPlainListing operates a tree at random, with ghosts, orders and filters, and compares it with a plain
// listing of the same rows.
func TestTreeMatchesPlainListing(t *testing.T) {
	for seed := range uint64(150) {
		g := newGenerator(seed)
		doc := withoutDuplicates(bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: g.object(5).Value}).Value
		l := &listing{g: g, doc: doc, expanded: map[string]bool{}}
		tree := NewTree(doc)
		for range 30 {
			l.check(t, tree, fmt.Sprintf("seed %d, %s", seed, l.step(tree)))
		}
	}
}

// step changes a tree and the listing.
func (l *listing) step(tree *Tree) string {
	switch l.g.IntN(9) {
	case 0:
		l.ghosts = l.newGhosts()
		tree.SetGhosts(l.ghosts)
		return fmt.Sprintf("ghosts %v", l.ghosts)
	case 1:
		l.order, l.changed = Order(l.g.IntN(4)), l.somePaths()
		tree.SetOrder(l.order, NewPathSet(l.changed))
		return fmt.Sprintf("order %d, changed %q", l.order, l.changed)
	case 2:
		l.only, l.filtered = l.somePaths(), true
		tree.SetFilter(l.only)
		l.expanded = map[string]bool{}
		for _, p := range l.only {
			for n := 1; n < len(p); n++ {
				l.expanded[fmt.Sprintf("%q", p[:n])] = true
			}
		}
		return fmt.Sprintf("filter %q", l.only)
	case 3:
		tree.ClearFilter()
		l.filtered = false
		return "no filter"
	case 4:
		levels := 1 + l.g.IntN(5)
		tree.ExpandLevels(levels)
		l.expanded = map[string]bool{}
		for _, p := range l.allPaths() {
			if len(p) < levels {
				l.expanded[fmt.Sprintf("%q", p)] = true
			}
		}
		return fmt.Sprintf("expand %d levels", levels)
	case 5:
		tree.SetDocument(l.doc, l.ghosts)
		return "the same document"
	}
	if tree.Len() == 0 {
		return "nothing"
	}
	i := l.g.IntN(tree.Len())
	row := tree.Row(i)
	at := fmt.Sprintf("%q", row.Path)
	if row.Expandable {
		l.expanded[at] = !row.Expanded
		for inner := range l.expanded {
			if row.Expanded && strings.HasPrefix(inner, strings.TrimSuffix(at, "]")+" ") {
				delete(l.expanded, inner)
			}
		}
	}
	tree.Toggle(i)
	return "toggling " + at
}

// allPaths returns the paths of all fields and ghosts, whatever is shown.
func (l *listing) allPaths() []Path {
	all := &listing{doc: l.doc, ghosts: l.ghosts, expanded: map[string]bool{}}
	var paths []Path
	var add func(v bson.RawValue, at Path)
	add = func(v bson.RawValue, at Path) {
		for _, f := range all.fields(v, InDocument, at) {
			p := at.Child(f.key)
			paths = append(paths, p)
			if isContainer(f.value) {
				add(f.value, p)
			}
		}
	}
	add(bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: l.doc}, nil)
	return paths
}

// somePaths returns the paths of some of all fields and ghosts, and one that does not exist.
func (l *listing) somePaths() []Path {
	some := []Path{{"there", "is", "no such field"}}
	for _, p := range l.allPaths() {
		if l.g.IntN(6) == 0 {
			some = append(some, p)
		}
	}
	return some
}

// newGhosts returns ghosts inside some objects and arrays, and inside each other.
func (l *listing) newGhosts() []Ghost {
	ghosts := []Ghost{{Path: Path{"ghost"}, Value: withoutDuplicates(l.g.object(3)), Origin: InDatabase}}
	b := newBuilder()
	b.add("ghost", ghosts[0].Value)
	inGhost := bson.Raw(b.done())
	for i, p := range append(l.allPaths(), Path{"ghost"}) {
		v, ok := p.Lookup(l.doc)
		if !ok {
			v, ok = p.Lookup(inGhost)
		}
		if ok && isContainer(v) && l.g.IntN(2) == 0 {
			key := fmt.Sprintf("added%d", i)
			if v.Type == bson.TypeArray {
				key = fmt.Sprint(countFields(v.Value))
			}
			value := oneOf(l.g, l.g.scalar(), withoutDuplicates(l.g.object(2)))
			ghosts = append(ghosts, Ghost{Path: p.Child(key), Value: value, Origin: InDraft})
		}
	}
	return ghosts
}

// withoutDuplicates returns a value with only the first of the fields with one key: the paths of the others are not
// unique.
func withoutDuplicates(v bson.RawValue) bson.RawValue {
	if !isContainer(v) {
		return v
	}
	b, known := newBuilder(), map[string]bool{}
	for e := range elements(v.Value) {
		if key := string(e.key); v.Type == bson.TypeArray || !known[key] {
			known[key] = true
			b.add(key, withoutDuplicates(e.value))
		}
	}
	return b.value(v.Type)
}

// checkNext compares Next in the set of the changed paths: with all rows expanded, it is the next row in the set.
func (l *listing) checkNext(t *testing.T, tree *Tree, after string, from int, rows []Row) {
	t.Helper()
	set := NewPathSet(l.changed)
	in := func(r Row) bool { return slices.ContainsFunc(l.changed, r.Path.Equal) }
	collapsedInside := func(r Row) bool {
		return !r.Expanded && slices.ContainsFunc(l.changed, func(c Path) bool {
			return len(c) > len(r.Path) &&
				c.Within(r.Path)
		})
	}
	for _, by := range []int{+1, -1} {
		got, ok := tree.Next(set, from, by)
		for i := from; ; i += by {
			if i < 0 || i >= len(rows) {
				if ok {
					t.Fatalf("after %s: from row %d by %d the next is %q, want none", after, from, by, got)
				}
				break
			}
			if collapsedInside(rows[i]) && (i != from || by > 0) { // one of its fields, or the row itself
				break
			}
			if i != from && in(rows[i]) {
				if !ok || !got.Equal(rows[i].Path) {
					t.Fatalf("after %s: from row %d by %d the next is %q, want %q", after, from, by, got, rows[i].Path)
				}
				break
			}
		}
	}
}
