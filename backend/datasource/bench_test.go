package datasource

import (
	"fmt"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/store"
)

// BenchmarkOwnCustomData reads and changes the caller's document among 10,000, in the embedded database with the index
// that dossier creates.
func BenchmarkOwnCustomData(b *testing.B) {
	w := newFixture(b, nil)
	c := w.db.Collection(custom)
	if err := c.EnsureIndex(w.ctx, store.Index{Keys: bson.D{{Key: "userId", Value: 1}}, Unique: true}); err != nil {
		b.Fatal(err)
	}
	docs := make([]bson.Raw, 10000)
	for i := range docs {
		docs[i] = raw(b, fmt.Sprintf(`{"_id":%d,"userId":"u%d","favoriteColor":"pink"}`, i, i))
	}
	docs[5000] = raw(b, `{"_id":5000,"userId":"`+me+`","favoriteColor":"pink"}`)
	if _, err := c.InsertMany(w.ctx, docs, true); err != nil {
		b.Fatal(err)
	}
	for name, call := range map[string][2]string{
		"find all I may see": {"find", `{}`},
		"findOne":            {"findOne", `{"query":{"userId":"` + me + `"}}`},
		"updateOne":          {"updateOne", `{"query":{"userId":"` + me + `"},"update":{"$inc":{"n":1}}}`},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := w.call(w.me, custom, call[0], call[1]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
