package datasource

import (
	"fmt"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// insertManyFields stores a document of the user with n objects as fields.
func insertManyFields(w *fixture, n int) {
	w.t.Helper()
	d := bson.D{{Key: "_id", Value: int32(n)}, {Key: "userId", Value: me}, {Key: "size", Value: int32(n)}}
	for i := range n {
		d = append(d, bson.E{Key: fmt.Sprintf("record%06d", i), Value: bson.D{{Key: "count", Value: int32(i)}}})
	}
	if _, err := w.db.Collection(custom).InsertOne(w.ctx, d); err != nil {
		w.t.Fatal(err)
	}
}

// TestChangeInADocumentOfManyFields: a change that needs the whole document finds each of its fields once, so the time
// of one field does not grow with their number. The shortest of several runs is compared, which depends on the load of
// the machine least.
func TestChangeInADocumentOfManyFields(t *testing.T) {
	const few, many, maxGrowth = 1_000, 32_000, 10 // a search for each field takes 32 times as long
	w := newFixture(t, map[string]string{rulesFile(custom): `{"roles":[{"name":"own","apply_when":
		{"userId":"%%user.id"},"read":true,"write":true,"fields":{"record000001":{"fields":{"count":{"write":true}}}}}]}`})
	perField := func(n int) time.Duration {
		insertManyFields(w, n)
		shortest := time.Hour
		for run := range 3 {
			start := time.Now()
			for i := range many / n {
				if _, err := w.call(w.me, custom, "findOneAndUpdate", fmt.Sprintf(`{"filter":{"size":%d},
					"projection":{"size":1},"update":{"$set":{"record000003.count":%d}}}`, n, 100_000*(run+1)+i)); err != nil {
					t.Fatal(err)
				}
			}
			shortest = min(shortest, time.Since(start))
		}
		return shortest / many
	}
	if one, other := perField(few), perField(many); other > maxGrowth*one {
		t.Errorf("a field takes %s in a document of %d fields, %s in one of %d", one, few, other, many)
	}
}
