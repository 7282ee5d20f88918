package embedded_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.etcd.io/bbolt"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"dossier/backend/embedded"
)

// Each benchmark runs as "bbolt", with the same documents in a bucket of their own, and as "driver", through the
// driver: compare the two of one run. "connection" is without the driver: from the bytes of a message to those of the
// reply.

const benchmarkSize = 100000

func benchmarkID(i int) string { return fmt.Sprintf("user%06d", i*7919%benchmarkSize) }

func benchmarkDocument(i int) bson.D {
	return bson.D{
		{Key: "_id", Value: fmt.Sprintf("user%06d", i)}, {Key: "email", Value: fmt.Sprintf("p%d@example.org", i)},
		{Key: "team", Value: i % 20}, {Key: "n", Value: i}, {Key: "plain", Value: i},
		{Key: "pad", Value: strings.Repeat("x", 300)}}
}

// benchmarkDatabase returns a database with a collection of 100,000 documents, an index on email and one on (team, n).
func benchmarkDatabase(b *testing.B) (*embedded.Database, *mongo.Collection) {
	b.Helper()
	db := open(b)
	c := connect(b, db).Database("app").Collection("people")
	_, err := c.Indexes().CreateMany(b.Context(), []mongo.IndexModel{{Keys: doc(b, `{"email": 1}`)},
		{Keys: doc(b, `{"team": 1, "n": -1}`)}})
	must(b, err)
	docs := make([]any, 0, 10000)
	for i := range benchmarkSize {
		docs = append(docs, benchmarkDocument(i))
		if len(docs) == cap(docs) {
			_, err := c.InsertMany(b.Context(), docs)
			must(b, err)
			docs = docs[:0]
		}
	}
	return db, c
}

// benchmarkBolt returns a bbolt file with the same documents by _id, and their ids by team and n.
func benchmarkBolt(b *testing.B) *bbolt.DB {
	b.Helper()
	db, err := bbolt.Open(filepath.Join(b.TempDir(), "raw.db"), 0o600,
		&bbolt.Options{FreelistType: bbolt.FreelistMapType})
	must(b, err)
	b.Cleanup(func() { db.Close() })
	for first := 0; first < benchmarkSize; first += 10000 {
		must(b, db.Update(func(tx *bbolt.Tx) error {
			docs, err := tx.CreateBucketIfNotExists([]byte("people"))
			must(b, err)
			index, err := tx.CreateBucketIfNotExists([]byte("team"))
			must(b, err)
			for i := first; i < first+10000; i++ {
				raw, err := bson.Marshal(benchmarkDocument(i))
				must(b, err)
				id := fmt.Appendf(nil, "user%06d", i)
				must(b, docs.Put(id, raw))
				must(b, index.Put(teamKey(i%20, i), id))
			}
			return nil
		}))
	}
	return db
}

func teamKey(team, n int) []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(team)), uint32(n))
}

func BenchmarkFindByID(b *testing.B) {
	b.Run("bbolt", func(b *testing.B) {
		db := benchmarkBolt(b)
		for i := 0; b.Loop(); i++ {
			must(b, db.View(func(tx *bbolt.Tx) error {
				if len(bytes.Clone(tx.Bucket([]byte("people")).Get([]byte(benchmarkID(i))))) == 0 {
					b.Fatal("not found")
				}
				return nil
			}))
		}
	})
	b.Run("driver", func(b *testing.B) {
		_, c := benchmarkDatabase(b)
		for i := 0; b.Loop(); i++ {
			must(b, c.FindOne(b.Context(), bson.D{{Key: "_id", Value: benchmarkID(i)}}).Err())
		}
	})
}

// BenchmarkFindByIDOverConnection is BenchmarkFindByID without the driver.
func BenchmarkFindByIDOverConnection(b *testing.B) {
	db, _ := benchmarkDatabase(b)
	conn, err := db.DialContext(b.Context(), "", "")
	must(b, err)
	defer conn.Close()
	reply := make([]byte, 4096)
	for i := 0; b.Loop(); i++ {
		command, err := bson.Marshal(bson.D{{Key: "find", Value: "people"},
			{Key: "filter", Value: bson.D{{Key: "_id", Value: benchmarkID(i)}}}, {Key: "$db", Value: "app"}})
		must(b, err)
		message := make([]byte, 21, 21+len(command))
		binary.LittleEndian.PutUint32(message, uint32(21+len(command)))
		binary.LittleEndian.PutUint32(message[12:], 2013)
		_, err = conn.Write(append(message, command...))
		must(b, err)
		if n, err := conn.Read(reply); err != nil || n < 400 {
			b.Fatalf("%d bytes, %v", n, err)
		}
	}
}

func BenchmarkFindByIndex(b *testing.B) {
	_, c := benchmarkDatabase(b)
	for i := 0; b.Loop(); i++ {
		must(b, c.FindOne(b.Context(), bson.D{{Key: "email", Value: fmt.Sprintf("p%d@example.org",
			i*7919%benchmarkSize)}}).Err())
	}
}

func BenchmarkPageByIndex(b *testing.B) {
	b.Run("bbolt", func(b *testing.B) {
		db := benchmarkBolt(b)
		for i := 0; b.Loop(); i++ {
			must(b, db.View(func(tx *bbolt.Tx) error {
				people, cursor := tx.Bucket([]byte("people")), tx.Bucket([]byte("team")).Cursor()
				cursor.Seek(teamKey(i%20+1, 0))
				page := 0
				for k, id := cursor.Prev(); k != nil && page < 50; k, id = cursor.Prev() {
					page += min(1, len(bytes.Clone(people.Get(id))))
				}
				if i%20 < 19 && page != 50 {
					b.Fatalf("%d on the page", page)
				}
				return nil
			}))
		}
	})
	b.Run("driver", func(b *testing.B) {
		_, c := benchmarkDatabase(b)
		for i := 0; b.Loop(); i++ {
			cursor, err := c.Find(b.Context(), bson.D{{Key: "team", Value: i % 20}},
				options.Find().SetSort(bson.D{{Key: "n", Value: -1}}).SetLimit(50))
			must(b, err)
			page := 0
			for cursor.Next(b.Context()) {
				page += min(1, len(cursor.Current))
			}
			if page != 50 || cursor.Err() != nil {
				b.Fatalf("%d on the page, %v", page, cursor.Err())
			}
		}
	})
}

func BenchmarkUpdateByID(b *testing.B) {
	b.Run("bbolt", func(b *testing.B) {
		db := benchmarkBolt(b)
		for i := 0; b.Loop(); i++ {
			must(b, updateBolt(db, i))
		}
	})
	b.Run("driver", func(b *testing.B) {
		_, c := benchmarkDatabase(b)
		for i := 0; b.Loop(); i++ {
			must(b, updateOne(b, c, i))
		}
	})
}

// updateBolt replaces a document by one of the same size.
func updateBolt(db *bbolt.DB, i int) error {
	return db.Update(func(tx *bbolt.Tx) error {
		people := tx.Bucket([]byte("people"))
		raw := bytes.Clone(people.Get([]byte(benchmarkID(i))))
		raw[len(raw)-2]++
		return people.Put([]byte(benchmarkID(i)), raw)
	})
}

func updateOne(b *testing.B, c *mongo.Collection, i int) error {
	_, err := c.UpdateOne(b.Context(), bson.D{{Key: "_id", Value: benchmarkID(i)}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "plain", Value: -i - 1}}}})
	return err
}

// BenchmarkUpdateFrom64 updates from 64 goroutines, which share transactions.
func BenchmarkUpdateFrom64(b *testing.B) {
	b.Run("bbolt", func(b *testing.B) {
		db := benchmarkBolt(b)
		from64(b, func(i int) error {
			return db.Batch(func(tx *bbolt.Tx) error {
				people := tx.Bucket([]byte("people"))
				raw := bytes.Clone(people.Get([]byte(benchmarkID(i))))
				raw[len(raw)-2]++
				return people.Put([]byte(benchmarkID(i)), raw)
			})
		})
	})
	b.Run("driver", func(b *testing.B) {
		db, c := benchmarkDatabase(b)
		before := db.Commits()
		from64(b, func(i int) error { return updateOne(b, c, i) })
		b.ReportMetric(float64(db.Commits()-before)/float64(b.N), "commits/op")
	})
}

// from64 calls run b.N times with different numbers, from 64 goroutines.
func from64(b *testing.B, run func(i int) error) {
	var next atomic.Int64
	var wait sync.WaitGroup
	b.ResetTimer()
	for range 64 {
		wait.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				if err := run(int(i)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wait.Wait()
	b.StopTimer()
}

func BenchmarkScan(b *testing.B) {
	b.Run("bbolt", func(b *testing.B) {
		db := benchmarkBolt(b)
		for b.Loop() {
			n := 0
			must(b, db.View(func(tx *bbolt.Tx) error {
				return tx.Bucket([]byte("people")).ForEach(func(_, v []byte) error {
					if bson.Raw(v).Lookup("plain").Int32() < 100 {
						n++
					}
					return nil
				})
			}))
			if n != 100 {
				b.Fatalf("counted %d", n)
			}
		}
	})
	b.Run("driver", func(b *testing.B) {
		_, c := benchmarkDatabase(b)
		for b.Loop() {
			n, err := c.CountDocuments(b.Context(), bson.D{{Key: "plain", Value: bson.D{{Key: "$lt", Value: 100}}}})
			must(b, err)
			if n != 100 {
				b.Fatalf("counted %d", n)
			}
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	for _, n := range []int{10, 100000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "open.db")
			db, err := embedded.Open(path, embedded.Options{Now: time.Now})
			must(b, err)
			docs := make([]any, n)
			for i := range docs {
				docs[i] = benchmarkDocument(i)
			}
			_, err = connect(b, db).Database("app").Collection("people").InsertMany(b.Context(), docs)
			must(b, err)
			must(b, db.Close())
			for b.Loop() {
				db, err := embedded.Open(path, embedded.Options{Now: time.Now})
				must(b, err)
				must(b, db.Close())
			}
		})
	}
}
