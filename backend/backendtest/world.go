package backendtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"io/fs"
	"log/slog"
	"net"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend"
	"dossier/backend/app"
	"dossier/backend/embedded"
	"dossier/backend/store"
	"dossier/model"
)

// Options changes what Start does by itself.
type Options struct {
	Files       fs.FS         // the application directory; nil: the demo application
	TokenLife   time.Duration // 0: 30 minutes
	KeepAlive   time.Duration // 0: 15 s
	OperatorKey string        // not empty: the provider "operator"
	PublicURL   string
	Clock       *Clock                // nil: a new one
	Change      func(*app.App)        // changes the application before it is served; may be nil
	Wrap        func(*backend.Config) // changes the configuration before the service starts; may be nil
}

// World is a running service and what is around it.
type World struct {
	URL        string // the service's base address
	AppID      string
	App        *app.App
	Service    *backend.Service
	Deployment *store.Deployment
	Clock      *Clock
	Line       *Line // between the service and the database; a test may cut it
	Log        *Log

	options Options
}

// Start runs the service until the test ends.
func Start(t testing.TB) *World { return StartWith(t, Options{}) }

// StartWith is Start with other options.
func StartWith(t testing.TB, o Options) *World {
	t.Helper()
	if o.Clock == nil {
		o.Clock = NewClock()
	}
	if o.Files == nil {
		o.Files = app.Demo()
	}
	uri := os.Getenv("DOSSIER_TEST_URI")
	if uri != "" {
		o.Files = renamed(t, o.Files)
	}
	w := &World{Clock: o.Clock, options: o}
	w.connect(t, uri)
	return w.run(t)
}

// Again runs a second service on the same database, as another process would.
func (w *World) Again(t testing.TB) *World {
	t.Helper()
	second := &World{Clock: w.Clock, Deployment: w.Deployment, Line: w.Line, options: w.options}
	return second.run(t)
}

func (w *World) run(t testing.TB) *World {
	t.Helper()
	a, err := app.Read(w.options.Files)
	if err != nil {
		t.Fatalf("read the application: %v", err)
	}
	if w.options.Change != nil {
		w.options.Change(a)
	}
	w.App, w.AppID, w.Log = a, a.ID, &Log{}
	sources := map[string]*store.Deployment{}
	for name := range a.Services {
		sources[name] = w.Deployment
	}
	c := backend.Config{
		App: a, Accounts: w.Deployment, Sources: sources, Now: w.Clock.Now, Random: rand.Reader, Log: slog.New(slog.NewTextHandler(w.Log, nil)),
		TokenLife: w.options.TokenLife, KeepAlive: w.options.KeepAlive, OperatorKey: w.options.OperatorKey, PublicURL: w.options.PublicURL,
	}
	if w.options.Wrap != nil {
		w.options.Wrap(&c)
	}
	if w.Service, err = backend.Start(t.Context(), c); err != nil {
		t.Fatalf("start the service: %v", err)
	}
	listener := httptest.NewUnstartedServer(nil)
	listener.Config = w.Service.Server()
	listener.Start()
	t.Cleanup(func() {
		listener.CloseClientConnections()
		listener.Close()
		if err := w.Service.Close(context.Background()); err != nil {
			t.Errorf("close the service: %v", err)
		}
	})
	w.URL = listener.URL
	return w
}

// CustomData is the application's collection of custom user data.
func (w *World) CustomData() *store.Collection {
	c := w.App.CustomData
	return w.Deployment.Collection(c.Database, c.Collection)
}

// Accounts is a collection of the service's own database, such as "sessions".
func (w *World) Accounts(name string) *store.Collection {
	return w.Deployment.Collection(backend.AccountsDatabase(w.AppID), name)
}

// Person makes an account with custom data and returns its user id. The user id field is set here; nil fields: no document.
func (w *World) Person(t testing.TB, email, password string, fields bson.D) string {
	t.Helper()
	id, err := w.Service.Register(t.Context(), email, password)
	if err != nil {
		t.Fatalf("register %s: %v", email, err)
	}
	if fields != nil {
		w.PutCustomData(t, id, fields)
	}
	return id
}

// PutCustomData inserts a custom data document for a user id.
func (w *World) PutCustomData(t testing.TB, userID string, fields bson.D) {
	t.Helper()
	doc := append(bson.D{{Key: "_id", Value: bson.NewObjectID()}, {Key: w.App.CustomData.UserIDField, Value: userID}}, fields...)
	if _, err := w.CustomData().InsertOne(t.Context(), doc); err != nil {
		t.Fatalf("insert custom data: %v", err)
	}
}

// Config is where the custom data lives, for a client that is told so.
func (w *World) Config() model.CustomDataConfig { return w.App.CustomData }

// How long the service waits for the database, in tests that cut the line.
const (
	embeddedPatience = 250 * time.Millisecond
	remotePatience   = time.Second
)

// connect opens an embedded database, or the deployment at uri.
func (w *World) connect(t testing.TB, uri string) {
	t.Helper()
	o := store.Options{URI: uri, Timeout: remotePatience, AppName: "dossier tests"}
	w.Line = &Line{dialer: &net.Dialer{}}
	if uri == "" {
		db, err := embedded.Open("", embedded.Options{Now: w.Clock.Now})
		if err != nil {
			t.Fatalf("open the embedded database: %v", err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Errorf("close the embedded database: %v", err)
			}
		})
		o.URI, o.Timeout, w.Line.dialer = embedded.URI, embeddedPatience, db
	}
	o.Dialer = w.Line
	d, err := store.Connect(t.Context(), o)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	t.Cleanup(func() {
		if err := d.Close(context.Background()); err != nil {
			t.Errorf("disconnect: %v", err)
		}
	})
	w.Deployment = d
}

// renamed gives an application another id and its database another name, so that tests on a shared deployment do not meet.
func renamed(t testing.TB, files fs.FS) fs.FS {
	t.Helper()
	var b [6]byte
	if _, err := rand.Read(b[:]); err != nil {
		t.Fatal(err)
	}
	suffix := hex.EncodeToString(b[:])
	out := fstest.MapFS{}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		text = bytes.ReplaceAll(text, []byte(`"app"`), []byte(`"app_`+suffix+`"`))
		text = bytes.ReplaceAll(text, []byte(`"dossier-demo"`), []byte(`"dossier-demo-`+suffix+`"`))
		out[strings.ReplaceAll(name, "/app/", "/app_"+suffix+"/")] = &fstest.MapFile{Data: text, Mode: 0o444}
		return nil
	})
	if err != nil {
		t.Fatalf("copy the application: %v", err)
	}
	return out
}

// Log is what the service wrote.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write keeps a line.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String is everything written so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
