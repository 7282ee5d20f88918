package storetest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
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

// Timeouts: server selection of an impatient test, and cleanup.
const (
	embeddedPatience = 500 * time.Millisecond
	remotePatience   = time.Second
	directPatience   = 30 * time.Second
)

// Database is the database of one test.
type Database struct {
	Deployment *store.Deployment
	Line       *Line // between the test and the database
	Shared     bool  // a deployment that other tests use too, not an embedded database

	uri              string // of the deployment; empty for an embedded database
	own              *embedded.Database
	reconnectOptions store.Options // options of the first connection
	suffix           string        // suffix of the test's database names; empty for an embedded database
}

// Open connects until the test ends. now is the clock of an embedded database; a deployment has its own.
func Open(t testing.TB, now func() time.Time) *Database {
	t.Helper()
	return open(t, now, store.DefaultTimeout, store.DefaultTimeout)
}

// Impatient is Open with a short timeout, for tests that cut the line.
func Impatient(t testing.TB, now func() time.Time) *Database {
	t.Helper()
	return open(t, now, embeddedPatience, remotePatience)
}

func open(t testing.TB, now func() time.Time, near, far time.Duration) *Database {
	t.Helper()
	d := &Database{Line: &Line{dialer: &net.Dialer{}}}
	o := store.Options{URI: os.Getenv("DOSSIER_TEST_URI"), Dialer: d.Line, Timeout: far, AppName: "dossier tests"}
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
		o.URI, o.Timeout, d.Line.dialer, d.own = embedded.URI, near, db, db
	} else {
		var b [6]byte
		if _, err := rand.Read(b[:]); err != nil {
			t.Fatal(err)
		}
		d.Shared, d.uri, d.suffix = true, o.URI, hex.EncodeToString(b[:])
		t.Cleanup(func() { d.drop(t) })
	}
	d.reconnectOptions = o
	d.Deployment = connect(t, o)
	return d
}

func connect(t testing.TB, o store.Options) *store.Deployment {
	t.Helper()
	d, err := store.Connect(t.Context(), o)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	t.Cleanup(func() {
		if err := d.Close(context.Background()); err != nil {
			t.Errorf("disconnect: %v", err)
		}
	})
	return d
}

// Reconnect connects once more, with options in the connection string ("w=1&appName=x").
func (d *Database) Reconnect(t testing.TB, more string) *store.Deployment {
	t.Helper()
	o := d.reconnectOptions
	separator := "?"
	if strings.Contains(o.URI, "?") {
		separator = "&"
	}
	o.URI += separator + more
	return connect(t, o)
}

// URI returns a connection string that bypasses the line; an embedded database listens on loopback from then on.
func (d *Database) URI(t testing.TB) string {
	t.Helper()
	if d.Shared {
		return d.uri
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = d.own.Serve(l) }() // until the database is closed
	return "mongodb://" + l.Addr().String() + "/?directConnection=true"
}

// drop removes the test's databases, and no others.
func (d *Database) drop(t testing.TB) {
	d.direct(t, func(ctx context.Context, client *mongo.Client) error {
		names, err := client.ListDatabaseNames(ctx, bson.D{})
		for _, name := range names {
			if strings.HasSuffix(name, d.suffix) {
				err = errors.Join(err, client.Database(name).Drop(ctx))
			}
		}
		return err
	})
}

// FerretDB reports whether the deployment is FerretDB, so that a test can state where it differs from MongoDB.
func (d *Database) FerretDB(t testing.TB) bool {
	t.Helper()
	is := false
	if d.Shared {
		d.direct(t, func(ctx context.Context, client *mongo.Client) error {
			info, err := client.Database("admin").RunCommand(ctx, bson.D{{Key: "buildInfo", Value: 1}}).Raw()
			is = info.Lookup("ferretdb").Type != 0
			return err
		})
	}
	return is
}

// direct connects to the deployment without the line and the store.
func (d *Database) direct(t testing.TB, f func(context.Context, *mongo.Client) error) {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), directPatience)
	defer stop()
	client, err := mongo.Connect(options.Client().ApplyURI(d.uri))
	if err == nil {
		err = errors.Join(f(ctx, client), client.Disconnect(ctx))
	}
	if err != nil {
		t.Errorf("ask the deployment directly: %v", err)
	}
}

// Name returns the name of the test's database for documents: "app", or a unique one that starts with it.
func (d *Database) Name() string { return d.Localize("app") }

// Collection returns a collection of the test's database for documents.
func (d *Database) Collection(name string) *store.Collection {
	return d.Deployment.Collection(d.Name(), name)
}

var shared = regexp.MustCompile(`\b(context\.app|app|dossier-demo)\b`)

// Localize replaces "app" (database) and "dossier-demo" (application) in a text, such as a rule, an argument or a
// message, by the test's own names. For an embedded database, which only this test uses, the text is unchanged.
func (d *Database) Localize(text string) string {
	if !d.Shared {
		return text
	}
	return shared.ReplaceAllStringFunc(text, func(name string) string {
		switch name {
		case "app":
			return "app_" + d.suffix
		case "context.app": // no name, but what a function says
			return name
		}
		return name + "-" + d.suffix
	})
}
