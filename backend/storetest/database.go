package storetest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"dossier/backend/embedded"
	"dossier/backend/store"
)

// How long a test waits for its database, which is also how long it takes to notice that the line is cut.
const (
	embeddedPatience = 250 * time.Millisecond
	remotePatience   = time.Second
	droppingPatience = 30 * time.Second
)

// Database is where one test keeps its documents.
type Database struct {
	Deployment *store.Deployment
	Line       *Line // between the test and the database
	Shared     bool  // it is in a deployment that others use too, not an embedded database

	suffix string // what the names of the test's databases end in; empty in an embedded database
}

// Open connects until the test ends. now is the clock of an embedded database; a deployment has its own.
func Open(t testing.TB, now func() time.Time) *Database {
	t.Helper()
	d := &Database{Line: &Line{dialer: &net.Dialer{}}}
	o := store.Options{URI: os.Getenv("DOSSIER_TEST_URI"), Dialer: d.Line, Timeout: remotePatience, AppName: "dossier tests"}
	if o.URI == "" {
		db, err := embedded.Open("", embedded.Options{Now: now})
		if err != nil {
			t.Fatalf("open the embedded database: %v", err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Errorf("close the embedded database: %v", err)
			}
		})
		o.URI, o.Timeout, d.Line.dialer = embedded.URI, embeddedPatience, db
	} else {
		var b [6]byte
		if _, err := rand.Read(b[:]); err != nil {
			t.Fatal(err)
		}
		d.Shared, d.suffix = true, hex.EncodeToString(b[:])
		t.Cleanup(func() { d.drop(t, o.URI) })
	}
	var err error
	if d.Deployment, err = store.Connect(t.Context(), o); err != nil {
		t.Fatalf("connect: %v", err)
	}
	t.Cleanup(func() {
		if err := d.Deployment.Close(context.Background()); err != nil {
			t.Errorf("disconnect: %v", err)
		}
	})
	return d
}

// drop removes the test's databases, and no others. It goes around the line, which may be cut.
func (d *Database) drop(t testing.TB, uri string) {
	ctx, stop := context.WithTimeout(context.Background(), droppingPatience)
	defer stop()
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		t.Errorf("connect to drop the test's databases: %v", err)
		return
	}
	defer client.Disconnect(ctx)
	names, err := client.ListDatabaseNames(ctx, bson.D{})
	if err != nil {
		t.Errorf("list the databases to drop: %v", err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, d.suffix) {
			if err := client.Database(name).Drop(ctx); err != nil {
				t.Errorf("drop the database %s: %v", name, err)
			}
		}
	}
}

// Name is the name of the test's database for documents: "app", or one like it that nobody else has.
func (d *Database) Name() string { return d.Own("app") }

// Collection is a collection of the test's database for documents.
func (d *Database) Collection(name string) *store.Collection {
	return d.Deployment.Collection(d.Name(), name)
}

var shared = regexp.MustCompile(`\b(app|dossier-demo)\b`)

// Own puts the test's own names into a text that says "app" for the database and "dossier-demo" for the application, such as a rule, an
// argument or a message. An embedded database is the test's alone, and its text stays as it is.
func (d *Database) Own(text string) string {
	if !d.Shared {
		return text
	}
	return shared.ReplaceAllStringFunc(text, func(name string) string {
		if name == "app" {
			return "app_" + d.suffix
		}
		return name + "-" + d.suffix
	})
}
