package backendtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"io/fs"
	"log/slog"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend"
	"dossier/backend/app"
	"dossier/backend/auth"
	"dossier/backend/store"
	"dossier/backend/storetest"
	"dossier/model"
)

// Options changes what Start does by itself.
type Options struct {
	Files         fs.FS         // the application directory; nil: the demo application
	TokenLife     time.Duration // 0: 30 minutes
	KeepAlive     time.Duration // 0: 15 s
	OperatorKey   string        // not empty: the provider "operator"
	PublicURL     string
	ShortTimeouts bool                  // a test that cuts the line wants to know soon that nobody answers
	Clock         *Clock                // nil: a new one
	EditApp       func(*app.App)        // changes the application before it is served; may be nil
	EditConfig    func(*backend.Config) // changes the configuration before the service starts; may be nil
}

// Harness is a running service and what is around it.
type Harness struct {
	URL        string // the service's base address
	AppID      string
	App        *app.App
	Service    *backend.Service
	Deployment *store.Deployment
	Clock      *Clock
	Connection *storetest.Line // between the service and the database; a test may cut it
	Log        *Log

	options Options
}

// Start runs the service until the test ends.
func Start(t testing.TB) *Harness { return StartWith(t, Options{}) }

// StartWith is Start with other options.
func StartWith(t testing.TB, o Options) *Harness {
	t.Helper()
	if o.Clock == nil {
		o.Clock = NewClock()
	}
	if o.Files == nil {
		o.Files = app.Demo()
	}
	open := storetest.Open
	if o.ShortTimeouts {
		open = storetest.Impatient
	}
	db := open(t, o.Clock.Now)
	o.Files = db.Files(t, o.Files, nil)
	w := &Harness{Clock: o.Clock, Deployment: db.Deployment, Connection: db.Line, options: o}
	return w.run(t)
}

// StartSecond runs a second service on the same database, as another process would.
func (w *Harness) StartSecond(t testing.TB) *Harness {
	t.Helper()
	second := &Harness{Clock: w.Clock, Deployment: w.Deployment, Connection: w.Connection, options: w.options}
	return second.run(t)
}

func (w *Harness) run(t testing.TB) *Harness {
	t.Helper()
	a, err := app.Read(w.options.Files, app.Options{})
	if err != nil {
		t.Fatalf("read the application: %v", err)
	}
	if w.options.EditApp != nil {
		w.options.EditApp(a)
	}
	w.App, w.AppID, w.Log = a, a.ID, &Log{}
	sources := map[string]*store.Deployment{}
	for name := range a.DataSources {
		sources[name] = w.Deployment
	}
	c := backend.Config{
		App: a, ServiceDeployment: w.Deployment, Sources: sources, Now: w.Clock.Now, Random: rand.Reader, Log: slog.New(slog.NewTextHandler(w.Log, nil)),
		TokenLife: w.options.TokenLife, KeepAlive: w.options.KeepAlive, HashCost: auth.TestCost(), OperatorKey: w.options.OperatorKey, PublicURL: w.options.PublicURL,
	}
	if w.options.EditConfig != nil {
		w.options.EditConfig(&c)
	}
	if w.Service, err = backend.Start(t.Context(), c); err != nil {
		t.Fatalf("start the service: %v", err)
	}
	listener := httptest.NewUnstartedServer(nil)
	listener.Config = w.Service.HTTPServer()
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
func (w *Harness) CustomData() *store.Collection {
	c := w.App.CustomData
	return w.Deployment.Collection(c.Database, c.Collection)
}

// ServiceCollection is a collection of the service's own database, such as "sessions".
func (w *Harness) ServiceCollection(name string) *store.Collection {
	return w.Deployment.Collection(backend.ServiceDatabase(w.AppID), name)
}

// CreateUser makes an account with custom data and returns its user id. The user id field is set here; nil fields: no document.
func (w *Harness) CreateUser(t testing.TB, email, password string, fields bson.D) string {
	t.Helper()
	id, err := w.Service.Register(t.Context(), email, password)
	if err != nil {
		t.Fatalf("register %s: %v", email, err)
	}
	if fields != nil {
		w.InsertCustomData(t, id, fields)
	}
	return id
}

// InsertCustomData inserts a custom data document for a user id.
func (w *Harness) InsertCustomData(t testing.TB, userID string, fields bson.D) {
	t.Helper()
	doc := append(bson.D{{Key: "_id", Value: bson.NewObjectID()}, {Key: w.App.CustomData.UserIDField, Value: userID}}, fields...)
	if _, err := w.CustomData().InsertOne(t.Context(), doc); err != nil {
		t.Fatalf("insert custom data: %v", err)
	}
}

// CustomDataConfig is where the custom data lives, for a client that is told so.
func (w *Harness) CustomDataConfig() model.CustomDataConfig { return w.App.CustomData }

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
