package model

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// renderRows returns the rows as the screen shows them.
func renderRows(t *Tree) []string {
	var rows []string
	for i := range t.Len() {
		r := t.Row(i)
		sign := " "
		if r.Expandable {
			sign = "+"
		}
		if r.Expanded {
			sign = "-"
		}
		rows = append(rows, strings.Repeat("  ", r.Depth)+sign+r.Key+": "+Preview(r.Value))
	}
	return rows
}

func wantRows(t *testing.T, tree *Tree, want ...string) {
	t.Helper()
	if got := renderRows(tree); !slices.Equal(got, want) {
		t.Errorf("the rows are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

const sample = `{"name":"Zoë","address":{"zip":"10115","geo":{"lat":52.5}},"tags":["a",{"b":1}],"empty":{},"last":true}`

func TestTree(t *testing.T) {
	tree := NewTree(document(t, sample))
	collapsed := []string{" name: Zoë", "+address: {2 fields}", "+tags: [2 items]", "+empty: {0 fields}", " last: true"}
	wantRows(t, tree, collapsed...)
	tree.Toggle(2)
	tree.Toggle(1)
	tree.Toggle(3)
	wantRows(t, tree, " name: Zoë", "-address: {2 fields}", "   zip: 10115", "  -geo: {1 field}", "     lat: 52.5",
		"-tags: [2 items]", "   0: a", "  +1: {1 field}", "+empty: {0 fields}", " last: true")
	for row, parent := range []int{-1, -1, 1, 1, 3, -1, 5, 5, -1, -1} {
		if got := tree.Parent(row); got != parent {
			t.Errorf("Parent(%d) = %d, want %d", row, got, parent)
		}
	}
	if r := tree.Row(7); r.Path.String() != "tags.1" || !r.IsElement || r.Depth != 1 {
		t.Errorf("row 7 is %+v", r)
	}
	tree.Toggle(0) // a scalar
	tree.Toggle(8) // expanded and empty
	if r := tree.Row(8); !r.Expanded || tree.Len() != 10 {
		t.Errorf("an empty object: %+v in %d rows", r, tree.Len())
	}
	tree.Toggle(1)
	wantRows(t, tree, " name: Zoë", "+address: {2 fields}", "-tags: [2 items]", "   0: a", "  +1: {1 field}",
		"-empty: {0 fields}", " last: true")
	tree.CollapseAll()
	wantRows(t, tree, collapsed...)
}

func TestTreeExpandAll(t *testing.T) {
	tree := NewTree(document(t, sample))
	tree.ExpandAll()
	wantRows(t, tree, " name: Zoë", "-address: {2 fields}", "   zip: 10115", "  -geo: {1 field}", "     lat: 52.5",
		"-tags: [2 items]", "   0: a", "  -1: {1 field}", "     b: 1", "-empty: {0 fields}", " last: true")
	tree.ExpandLevels(2)
	wantRows(t, tree, " name: Zoë", "-address: {2 fields}", "   zip: 10115", "  +geo: {1 field}", "-tags: [2 items]",
		"   0: a", "  +1: {1 field}", "-empty: {0 fields}", " last: true")
	tree.ExpandLevels(1)
	wantRows(t, tree, " name: Zoë", "+address: {2 fields}", "+tags: [2 items]", "+empty: {0 fields}", " last: true")
}

func TestTreeExpandTo(t *testing.T) {
	tree := NewTree(document(t, sample))
	for _, c := range []struct {
		path string
		row  int
	}{{"address.geo.lat", 4}, {"tags.1.b", 8}, {"last", 10}, {"tags.2", -1}, {"name.x", -1}, {"nope", -1}} {
		if got := tree.ExpandTo(path(t, c.path)); got != c.row {
			t.Errorf("ExpandTo(%s) = %d, want %d", c.path, got, c.row)
		} else if got >= 0 && tree.Row(got).Path.String() != c.path {
			t.Errorf("row %d is %s, want %s", got, tree.Row(got).Path, c.path)
		}
	}
	if tree.Len() != 10+1 {
		t.Errorf("%d rows: ExpandTo of a missing field expanded a row", tree.Len())
	}
}

func TestTreeSetDocument(t *testing.T) {
	tree := NewTree(document(t, sample))
	tree.ExpandAll()
	renderRows(tree) // reads the rows
	tree.SetDocument(document(t, `{"tags":[{"x":1},{"b":2}],"new":{},"address":{"geo":7,"zip":"10117"}}`), nil)
	wantRows(t, tree, "-tags: [2 items]", "  +0: {1 field}", "  -1: {1 field}", "     b: 2", "+new: {0 fields}",
		"-address: {2 fields}", "   geo: 7", "   zip: 10117")
	if got := tree.Row(3).Path.String(); got != "tags.1.b" {
		t.Errorf("row 3 is %s", got)
	}
	tree.SetDocument(nil, nil)
	wantRows(t, tree)
	if tree.Document() != nil || tree.Err() != nil {
		t.Errorf("without a document: %v %v", tree.Document(), tree.Err())
	}
}

// TestTreeForgetsWhatItCanReadAgain: branches that are dropped and read again show the same rows; what was collapsed
// stays collapsed.
func TestTreeForgetsWhatItCanReadAgain(t *testing.T) {
	const rowsOfAField = 5 // the object, its name, its tags, two tags
	tree := NewTree(largeDocument())
	tree.ExpandAll()
	collapsed := []int{99_000, 8_000, 7}
	for pass := range 3 {
		for i := 0; i < tree.Len(); i += 4 {
			tree.Row(i)
		}
		if pass == 0 {
			for _, field := range collapsed {
				tree.Toggle(field*rowsOfAField + 2)
			}
		}
	}
	if want := 100_000*rowsOfAField - 2*len(collapsed); tree.Len() != want || len(tree.recent) > maxRecent+1 {
		t.Errorf("%d rows, want %d; %d branches are kept", tree.Len(), want, len(tree.recent))
	}
	for _, field := range collapsed {
		path := Path{fmt.Sprintf("field%06d", field), "tags"}
		if row := tree.Row(tree.RowOf(path)); row.Expanded || !row.Path.Equal(path) {
			t.Errorf("%s is expanded again: %v", path, row)
		}
	}
}

func TestTreeMalformedBSON(t *testing.T) {
	doc := bson.Raw("\x12\x00\x00\x00\x10a\x00\x01\x00\x00\x00\x02b\x00\xff\xff\xff\x00")
	tree := NewTree(doc)
	wantRows(t, tree, " a: 1")
	if err := tree.Err(); err == nil || !strings.Contains(err.Error(), `invalid value of "b" at byte 14`) {
		t.Errorf("the error is %v", err)
	}
	outer := newBuilder()
	outer.add("x", bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: doc})
	tree = NewTree(outer.done())
	if tree.Err() != nil {
		t.Errorf("collapsed, the error is %v", tree.Err())
	}
	tree.Toggle(0)
	wantRows(t, tree, "-x: {1 field}", "   a: 1")
	if err := tree.Err(); err == nil || !strings.Contains(err.Error(), "inside x") {
		t.Errorf("expanded, the error is %v", err)
	}
}

// largeDocument returns a document with 100,000 fields, each an object.
func largeDocument() bson.Raw {
	b := newBuilder()
	for i := range 100_000 {
		b.add(fmt.Sprintf("field%06d", i), ValueOf(bson.D{{Key: "name", Value: fmt.Sprintf("user %d", i)},
			{Key: "tags", Value: bson.A{1, "two"}}}))
	}
	return b.done()
}

func BenchmarkNewTreeAnd40Rows(b *testing.B) {
	doc := largeDocument()
	b.ReportMetric(float64(len(doc))/1e6, "MB")
	for b.Loop() {
		tree := NewTree(doc)
		for i := range 40 {
			tree.Row(i)
		}
	}
}

func BenchmarkRowExpanded(b *testing.B) {
	tree := NewTree(largeDocument())
	tree.ExpandAll()
	for i := 0; b.Loop(); i += 7919 {
		tree.Row(i % tree.Len())
	}
}

func BenchmarkToggle(b *testing.B) {
	tree := NewTree(largeDocument())
	for b.Loop() {
		tree.Toggle(50_000)
	}
}

func BenchmarkToggleExpanded(b *testing.B) {
	tree := NewTree(largeDocument())
	tree.ExpandAll()
	for b.Loop() {
		tree.Toggle(0)
	}
}

func BenchmarkExpandAll(b *testing.B) {
	tree := NewTree(largeDocument())
	for b.Loop() {
		tree.ExpandAll()
	}
}
