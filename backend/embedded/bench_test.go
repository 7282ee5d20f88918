package embedded_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"dossier/backend/embedded"
)

const benchmarkSize = 100000

// many returns a collection of 100,000 documents with an index on email and one on (team, n).
func many(b *testing.B) *mongo.Collection {
	b.Helper()
	c := newCollection(b)
	_, err := c.Indexes().CreateMany(b.Context(), []mongo.IndexModel{{Keys: doc(b, `{"email": 1}`)},
		{Keys: doc(b, `{"team": 1, "n": -1}`)}})
	must(b, err)
	docs := make([]any, 0, 10000)
	for i := range benchmarkSize {
		docs = append(docs, bson.D{
			{Key: "_id", Value: fmt.Sprintf("user%06d", i)}, {Key: "email", Value: fmt.Sprintf("p%d@example.org", i)},
			{Key: "team", Value: i % 20}, {Key: "n", Value: i}, {Key: "plain", Value: i},
			{Key: "pad", Value: strings.Repeat("x", 300)}})
		if len(docs) == cap(docs) {
			_, err := c.InsertMany(b.Context(), docs)
			must(b, err)
			docs = docs[:0]
		}
	}
	return c
}

func BenchmarkFindByID(b *testing.B) {
	c := many(b)
	for i := 0; b.Loop(); i++ {
		must(b, c.FindOne(b.Context(), bson.D{{Key: "_id", Value: fmt.Sprintf("user%06d", i*7919%benchmarkSize)}}).Err())
	}
}

func BenchmarkFindByIndex(b *testing.B) {
	c := many(b)
	for i := 0; b.Loop(); i++ {
		must(b, c.FindOne(b.Context(), bson.D{{Key: "email", Value: fmt.Sprintf("p%d@example.org",
			i*7919%benchmarkSize)}}).Err())
	}
}

func BenchmarkSortedPageByIndex(b *testing.B) {
	c := many(b)
	for i := 0; b.Loop(); i++ {
		cursor, err := c.Find(b.Context(), bson.D{{Key: "team", Value: i % 20}},
			options.Find().SetSort(bson.D{{Key: "n", Value: -1}}).SetLimit(50))
		must(b, err)
		var page []bson.Raw
		must(b, cursor.All(b.Context(), &page))
		if len(page) != 50 {
			b.Fatalf("%d on the page", len(page))
		}
	}
}

func BenchmarkUpdateByID(b *testing.B) {
	c := many(b)
	for i := 0; b.Loop(); i++ {
		_, err := c.UpdateOne(b.Context(), bson.D{{Key: "_id", Value: fmt.Sprintf("user%06d", i*7919%benchmarkSize)}},
			bson.D{{Key: "$set", Value: bson.D{{Key: "plain", Value: -i}}}})
		must(b, err)
	}
}

func BenchmarkUpdateWithoutSync(b *testing.B) {
	db, err := embedded.Open("", embedded.Options{Now: time.Now})
	must(b, err)
	defer db.Close()
	c := connect(b, db).Database("app").Collection("people")
	docs := make([]any, 0, benchmarkSize)
	for i := range benchmarkSize {
		docs = append(docs, bson.D{{Key: "_id", Value: i}, {Key: "plain", Value: i},
			{Key: "pad", Value: strings.Repeat("x", 300)}})
	}
	_, err = c.InsertMany(b.Context(), docs)
	must(b, err)
	for i := 0; b.Loop(); i++ {
		_, err := c.UpdateOne(b.Context(), bson.D{{Key: "_id", Value: i * 7919 % benchmarkSize}},
			bson.D{{Key: "$set", Value: bson.D{{Key: "plain", Value: -i}}}})
		must(b, err)
	}
}

func BenchmarkScan(b *testing.B) {
	c := many(b)
	for b.Loop() {
		n, err := c.CountDocuments(b.Context(), bson.D{{Key: "plain", Value: bson.D{{Key: "$lt", Value: 100}}}})
		must(b, err)
		if n != 100 {
			b.Fatalf("counted %d", n)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "open.db")
	db, err := embedded.Open(path, embedded.Options{Now: time.Now})
	must(b, err)
	c := connect(b, db).Database("app").Collection("people")
	docs := make([]any, 0, benchmarkSize)
	for i := range benchmarkSize {
		docs = append(docs, bson.D{{Key: "_id", Value: i}, {Key: "pad", Value: strings.Repeat("x", 300)}})
	}
	_, err = c.InsertMany(b.Context(), docs)
	must(b, err)
	must(b, db.Close())
	for b.Loop() {
		db, err := embedded.Open(path, embedded.Options{Now: time.Now})
		must(b, err)
		must(b, db.Close())
	}
}
