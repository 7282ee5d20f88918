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

// TestDescribeManyFields: each field is found once, so the time of one field does not grow with their number. The
// shortest of several runs is compared, which depends on the load of the machine least.
func TestDescribeManyFields(t *testing.T) {
	const few, many, maxGrowth = 2_000, 64_000, 10 // a search for each field takes 32 times as long
	perField := func(n int) time.Duration {
		old, changed := manyFields(n)
		shortest := time.Hour
		for range 5 {
			start := time.Now()
			for range many / n {
				query.Describe(old, changed)
			}
			shortest = min(shortest, time.Since(start))
		}
		return shortest / many
	}
	if one, other := perField(few), perField(many); other > maxGrowth*one {
		t.Errorf("a field takes %s in a document of %d fields, %s in one of %d", one, few, other, many)
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
