package query_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// manyFields returns a document of n fields, and the same with one field changed, one removed and one added.
func manyFields(n int) (old, changed bson.D) {
	for i := range n {
		old = append(old, bson.E{Key: fmt.Sprintf("record%06d", i), Value: int32(i)})
	}
	changed = slices.Delete(slices.Clone(old), n/2, n/2+1)
	changed[3].Value = "changed"
	return old, append(changed, bson.E{Key: "added", Value: true})
}

// perField returns the time that run takes for one field of a document of n fields. The shortest of several runs
// counts, which depends on the load of the machine least.
func perField(n, many int, run func()) time.Duration {
	shortest := time.Hour
	for range 5 {
		start := time.Now()
		for range many / n {
			run()
		}
		shortest = min(shortest, time.Since(start))
	}
	return shortest / time.Duration(many)
}

// TestManyFields: each field is found once, so the time of one field does not grow with their number.
func TestManyFields(t *testing.T) {
	const few, many, maxGrowth = 1_000, 32_000, 10 // a search for each field takes 32 times as long
	for name, prepare := range map[string]func(old, changed bson.D) func(){
		"Describe": func(old, changed bson.D) func() { return func() { query.Describe(old, changed) } },
		"Match": func(old, _ bson.D) func() {
			f := unchangedFilter(t, old)
			return func() {
				if !f.Match(old) {
					t.Error("the filter does not match")
				}
			}
		},
	} {
		one, other := perField(few, many, prepare(manyFields(few))), perField(many, many, prepare(manyFields(many)))
		if other > maxGrowth*one {
			t.Errorf("%s: a field takes %s in a document of %d fields, %s in one of %d", name, one, few, other, many)
		}
	}
}

// unchangedFilter returns a filter with a guard for each field of a document.
func unchangedFilter(t *testing.T, d bson.D, more ...bson.E) *query.Filter {
	t.Helper()
	var guards bson.D
	for _, e := range d {
		guards = append(guards, bson.E{Key: e.Key, Value: bson.D{{Key: "$eq", Value: e.Value},
			{Key: "$type", Value: query.TypeName(e.Value)}, {Key: "$not", Value: bson.D{{Key: "$type", Value: "array"}}}}})
	}
	f, err := query.ParseFilter(append(guards, more...), query.Env{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestMatchManyConditions: many conditions on many fields match as few do.
func TestMatchManyConditions(t *testing.T) {
	old, changed := manyFields(100)
	list := append(slices.Clone(old), bson.E{Key: "list", Value: bson.A{bson.D{{Key: "x", Value: int32(1)}}, int32(2)}})
	absent := bson.E{Key: "absent", Value: nil}
	either := bson.E{Key: "$or", Value: bson.A{bson.D{{Key: "record000001", Value: int32(1)}},
		bson.D{{Key: "x", Value: int32(1)}}}}
	for i, c := range []struct {
		doc  bson.D
		more bson.D
		want bool
	}{
		{old, nil, true},
		{changed, nil, false},
		{old[1:], nil, false},
		{old, bson.D{absent}, true},
		{append(slices.Clone(old), bson.E{Key: "absent", Value: int32(1)}), bson.D{absent}, false},
		{list, bson.D{{Key: "list.x", Value: int32(1)}}, true},
		{list, bson.D{{Key: "list.x", Value: int32(2)}}, false},
		{list, bson.D{{Key: "list", Value: bson.D{{Key: "$size", Value: int32(2)}}}}, true},
		{old, bson.D{either}, true},
		{old, bson.D{{Key: "$nor", Value: bson.A{bson.D{either}}}}, false},
	} {
		if got := unchangedFilter(t, old, c.more...).Match(c.doc); got != c.want {
			t.Errorf("%d: with %v: %v, want %v", i, c.more, got, c.want)
		}
	}
}

// TestDescribeFieldsInAnyOrder: fields are found by name, wherever they are.
func TestDescribeFieldsInAnyOrder(t *testing.T) {
	old, changed := manyFields(1000)
	slices.Reverse(changed)
	same(t, "update description", query.Describe(old, changed), `{"updatedFields": {"added": true,
		"record000003": "changed"}, "removedFields": ["record000500"], "truncatedArrays": []}`)
	slices.Reverse(old)
	same(t, "reversed", query.Describe(old, old[1:]), `{"updatedFields": {}, "removedFields": ["record000999"],
		"truncatedArrays": []}`)
}

// BenchmarkDescribe measures the description of one changed field among as many as the largest document has.
func BenchmarkDescribe(b *testing.B) {
	old, changed := manyFields(67_000)
	b.ReportAllocs()
	for b.Loop() {
		query.Describe(old, changed)
	}
}
