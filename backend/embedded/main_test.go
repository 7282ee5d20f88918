package embedded_test

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"dossier/backend/embedded"
)

// expose serves a database on a loopback address until interrupted, for use by other programs:
// go test ./backend/embedded -run '^$' -expose 127.0.0.1:27999.
var expose = flag.String("expose", "", "serve a temporary database on this address instead of testing")

func TestMain(m *testing.M) {
	flag.Parse()
	switch {
	case *expose != "":
		os.Exit(serve(*expose))
	case os.Getenv(crashFile) != "":
		os.Exit(writeUntilKilled(os.Getenv(crashFile)))
	}
	os.Exit(m.Run())
}

func serve(address string) int {
	db, err := embedded.Open("", embedded.Options{Now: time.Now})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt)
	go func() { <-stop; db.Close() }()
	fmt.Println("serving", l.Addr(), db.Serve(l))
	return 0
}

// open returns a database in a new file.
func open(t testing.TB) *embedded.Database {
	t.Helper()
	db, err := embedded.Open(filepath.Join(t.TempDir(), "test.db"), embedded.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// connect returns a driver client of a database.
func connect(t testing.TB, db *embedded.Database) *mongo.Client {
	t.Helper()
	// The server selection timeout is how long the driver waits after the database is closed.
	c, err := mongo.Connect(options.Client().ApplyURI(embedded.URI).SetDialer(db).SetServerSelectionTimeout(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Disconnect(context.Background()) })
	return c
}

// newCollection returns an empty collection in a new database.
func newCollection(t testing.TB) *mongo.Collection {
	t.Helper()
	return connect(t, open(t)).Database("app").Collection("people")
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func insertAll(t testing.TB, c *mongo.Collection, docs ...string) {
	t.Helper()
	var all []any
	for _, d := range docs {
		all = append(all, doc(t, d))
	}
	_, err := c.InsertMany(t.Context(), all)
	must(t, err)
}

// findOne returns a document as relaxed extended JSON, which preserves field order.
func findOne(t testing.TB, c *mongo.Collection, filter string) string {
	t.Helper()
	raw, err := c.FindOne(t.Context(), doc(t, filter)).Raw()
	must(t, err)
	return show(t, raw)
}

func show(t testing.TB, v any) string {
	t.Helper()
	out, err := bson.MarshalExtJSON(v, false, false)
	must(t, err)
	return string(out)
}

// doc parses extended JSON.
func doc(t testing.TB, json string) bson.D {
	t.Helper()
	var d bson.D
	if err := bson.UnmarshalExtJSON([]byte(json), false, &d); err != nil {
		t.Fatalf("%s: %v", json, err)
	}
	return d
}
