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

// How long an impatient test waits for its database, and how long cleaning up may take.
const (
	embeddedPatience = 500 * time.Millisecond
	remotePatience   = time.Second
	directPatience   = 30 * time.Second
)

// Database is where one test keeps its documents.
type Database struct {
	Deployment *store.Deployment
	Line       *Line // between the test and the database
	Shared     bool  // it is in a deployment that others use too, not an embedded database

	uri    string // of the deployment; empty for an embedded database
	own    *embedded.Database
	again  store.Options // how it was connected to
	suffix string        // what the names of the test's databases end in; empty in an embedded database
}

// Open connects until the test ends. now is the clock of an embedded database; a deployment has its own.
func Open(t testing.TB, now func() time.Time) *Database {
	t.Helper()
	return open(t, now, store.DefaultTimeout, store.DefaultTimeout)
}

// Impatient is Open for tests that cut the line: they notice soon that nobody answers.
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
	d.again = o
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

// Again connects once more, with options in the connection string ("w=1&appName=x").
func (d *Database) Again(t testing.TB, more string) *store.Deployment {
	t.Helper()
	o := d.again
	separator := "?"
	if strings.Contains(o.URI, "?") {
		separator = "&"
	}
	o.URI += separator + more
	return connect(t, o)
}

// URI is a connection string to the database, for who connects without its line; an embedded one listens on loopback from then on.
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
	d.around(t, func(ctx context.Context, client *mongo.Client) error {
		names, err := client.ListDatabaseNames(ctx, bson.D{})
		for _, name := range names {
			if strings.HasSuffix(name, d.suffix) {
				err = errors.Join(err, client.Database(name).Drop(ctx))
			}
		}
		return err
	})
}

// FerretDB reports whether the deployment is FerretDB, so that a test can name what it does unlike MongoDB.
func (d *Database) FerretDB(t testing.TB) bool {
	t.Helper()
	is := false
	if d.Shared {
		d.around(t, func(ctx context.Context, client *mongo.Client) error {
			info, err := client.Database("admin").RunCommand(ctx, bson.D{{Key: "buildInfo", Value: 1}}).Raw()
			is = info.Lookup("ferretdb").Type != 0
			return err
		})
	}
	return is
}

// around asks the deployment directly: the line may be cut, and the store does not do what only tests want.
func (d *Database) around(t testing.TB, f func(context.Context, *mongo.Client) error) {
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

// Name is the name of the test's database for documents: "app", or one like it that nobody else has.
func (d *Database) Name() string { return d.Own("app") }

// Collection is a collection of the test's database for documents.
func (d *Database) Collection(name string) *store.Collection {
	return d.Deployment.Collection(d.Name(), name)
}

var shared = regexp.MustCompile(`\b(context\.app|app|dossier-demo)\b`)

// Own puts the test's own names into a text that says "app" for the database and "dossier-demo" for the application, such as a rule, an
// argument or a message. An embedded database is the test's alone, and its text stays as it is.
func (d *Database) Own(text string) string {
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
