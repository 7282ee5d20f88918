package model_test

import (
	"fmt"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// TestUnchangedFilterOfManyFields: the guard of a field is made from the field that was read, so its time does not grow
// with the number of fields. The shortest of several runs is compared, which depends on the load of the machine least.
func TestUnchangedFilterOfManyFields(t *testing.T) {
	const few, many, maxGrowth = 1_000, 32_000, 10 // a search for each field takes 32 times as long
	perField := func(n int) time.Duration {
		var fields bson.D
		for i := range n {
			fields = append(fields, bson.E{Key: fmt.Sprintf("record%06d", i), Value: int32(i)})
		}
		raw, err := bson.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		shortest := time.Hour
		for range 3 {
			start := time.Now()
			for range many / n {
				model.CheckResult{Document: raw, Exact: true}.UnchangedFilter()
			}
			shortest = min(shortest, time.Since(start))
		}
		return shortest / many
	}
	if one, other := perField(few), perField(many); other > maxGrowth*one {
		t.Errorf("a field takes %s in a document of %d fields, %s in one of %d", one, few, other, many)
	}
}
