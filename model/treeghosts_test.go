package model

import (
	"testing"
)

// TestGhostRows: fields of other documents are shown at the place they have there, with the rows inside them.
func TestGhostRows(t *testing.T) {
	doc := document(t, `{"a":1,"b":{"x":1,"z":2},"c":[{"p":1}],"d":true}`)
	database := document(t, `{"zero":0,"a":1,"a1":{"n":[1]},"a2":2,"b":{"x":1,"y":7,"z":2},"c":[{"p":1},"more"],"e":5}`)
	tree := NewTree(doc)
	tree.ExpandAll()
	var ghosts []Ghost
	added := document(t, `{"new":"n","x":9}`)
	for _, name := range []string{"a2", "new"} {
		v, _ := Path{"new"}.Lookup(added)
		ghosts = append(ghosts, Ghost{Path: Path{name}, Value: v, Origin: InDraft})
	}
	nine, _ := Path{"x"}.Lookup(added)
	ghosts = append(ghosts, Ghost{Path: Path{"a1", "m"}, Value: nine, Origin: InDraft},
		Ghost{Path: Path{"in", "side"}, Value: nine, Origin: InDraft})
	for _, c := range Diff(doc, database) {
		ghosts = append(ghosts, AddedFields(c, InDatabase, database)...)
	}
	tree.SetGhosts(ghosts)
	wantRows(t, tree, " zero: 0", " a: 1", "+a1: {1 field}", "-b: {2 fields}", "   x: 1", "   y: 7", "   z: 2",
		"-c: [1 item]", "  -0: {1 field}", "     p: 1", "   1: more", " e: 5", " d: true", " a2: n", " new: n",
		"+in: {0 fields}")
	tree.ExpandTo(Path{"in", "side"})
	tree.ExpandTo(Path{"a1", "n", "0"})
	if got := tree.Row(tree.RowOf(Path{"a1", "m"})); got.Origin != InDraft || Preview(got.Value) != "9" {
		t.Errorf("a field of the draft in an object of the database is %+v", got)
	}
	if got := tree.Row(tree.RowOf(Path{"a1", "n", "0"})); got.Origin != InDatabase || got.Depth != 2 {
		t.Errorf("an element inside a ghost is %+v", got)
	}
	tree.SetDocument(database, ghosts)
	wantRows(t, tree, " zero: 0", " a: 1", "-a1: {1 field}", "  -n: [1 item]", "     0: 1", "   m: 9", " a2: 2",
		"-b: {3 fields}", "   x: 1", "   y: 7", "   z: 2", "-c: [2 items]", "  -0: {1 field}", "     p: 1",
		"   1: more", " e: 5", " new: n", "-in: {0 fields}", "   side: 9")
	tree.SetGhosts(nil)
	if tree.Len() != 15 || tree.ExpandTo(Path{"new"}) >= 0 {
		t.Errorf("without ghosts: %d rows", tree.Len())
	}
}

// BenchmarkGhosts sets ghosts in a document of 100,000 fields.
func BenchmarkGhosts(b *testing.B) {
	doc := largeDocument()
	source := append(append([]byte{}, doc...), 0)
	ghosts := []Ghost{{Path: Path{"new"}, Value: ValueOf(1), Origin: InDatabase, Source: source},
		{Path: Path{"field000007", "new"}, Value: ValueOf(1), Origin: InDatabase, Source: source}}
	tree := NewTree(doc)
	for b.Loop() {
		tree.SetGhosts(ghosts)
	}
}
