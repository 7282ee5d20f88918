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

// Options configure StartWith.
type Options struct {
	Files         fs.FS         // the application directory; nil: the demo application
	TokenLife     time.Duration // 0: 30 minutes
	KeepAlive     time.Duration // 0: 15 s
	OperatorKey   string        // not empty: the provider "operator"
	PublicURL     string
	ShortTimeouts bool                  // database operations fail soon after Connection is cut
	Clock         *Clock                // nil: a new one
	EditApp       func(*app.App)        // changes the application before it is served; may be nil
	EditConfig    func(*backend.Config) // changes the configuration before the service starts; may be nil
}

// Harness is a running service with its database, clock and log.
type Harness struct {
	URL        string // the service's base address
	AppID      string
	App        *app.App
	Service    *backend.Service
	Deployment *store.Deployment
	Clock      *Clock
	Connection *storetest.Line // from the service to the database; a test may cut it
	Log        *Log

	options Options
}

// Start runs a service until the test ends.
func Start(t testing.TB) *Harness { return StartWith(t, Options{}) }

// StartWith is Start with options.
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
	h := &Harness{Clock: o.Clock, Deployment: db.Deployment, Connection: db.Line, options: o}
	return h.run(t)
}

// StartSecond runs a second service on the same database, as a second process does.
func (h *Harness) StartSecond(t testing.TB) *Harness {
	t.Helper()
	second := &Harness{Clock: h.Clock, Deployment: h.Deployment, Connection: h.Connection, options: h.options}
	return second.run(t)
}

func (h *Harness) run(t testing.TB) *Harness {
	t.Helper()
	a, err := app.Read(h.options.Files, app.Options{})
	if err != nil {
		t.Fatalf("read the application: %v", err)
	}
	if h.options.EditApp != nil {
		h.options.EditApp(a)
	}
	h.App, h.AppID, h.Log = a, a.ID, &Log{}
	sources := map[string]*store.Deployment{}
	for name := range a.DataSources {
		sources[name] = h.Deployment
	}
	c := backend.Config{
		App: a, ServiceDeployment: h.Deployment, Sources: sources, Now: h.Clock.Now, Random: rand.Reader,
		Log:       slog.New(slog.NewTextHandler(h.Log, nil)),
		TokenLife: h.options.TokenLife, KeepAlive: h.options.KeepAlive, HashCost: auth.TestCost(),
		OperatorKey: h.options.OperatorKey, PublicURL: h.options.PublicURL,
	}
	if h.options.EditConfig != nil {
		h.options.EditConfig(&c)
	}
	if h.Service, err = backend.Start(t.Context(), c); err != nil {
		t.Fatalf("start the service: %v", err)
	}
	listener := httptest.NewUnstartedServer(nil)
	listener.Config = h.Service.HTTPServer()
	listener.Start()
	t.Cleanup(func() {
		listener.CloseClientConnections()
		listener.Close()
		if err := h.Service.Close(context.Background()); err != nil {
			t.Errorf("close the service: %v", err)
		}
	})
	h.URL = listener.URL
	return h
}

// CustomData returns the application's collection of custom user data.
func (h *Harness) CustomData() *store.Collection {
	c := h.App.CustomData
	return h.Deployment.Collection(c.Database, c.Collection)
}

// ServiceCollection returns a collection of the service's database, such as "sessions".
func (h *Harness) ServiceCollection(name string) *store.Collection {
	return h.Deployment.Collection(backend.ServiceDatabase(h.AppID), name)
}

// CreateUser creates a user with custom data and returns the user id. It adds the user id field to fields; nil fields
// create no document.
func (h *Harness) CreateUser(t testing.TB, email, password string, fields bson.D) string {
	t.Helper()
	id, err := h.Service.Register(t.Context(), email, password)
	if err != nil {
		t.Fatalf("register %s: %v", email, err)
	}
	if fields != nil {
		h.InsertCustomData(t, id, fields)
	}
	return id
}

// InsertCustomData inserts the custom data document of a user id.
func (h *Harness) InsertCustomData(t testing.TB, userID string, fields bson.D) {
	t.Helper()
	doc := append(bson.D{{Key: "_id", Value: bson.NewObjectID()}, {Key: h.App.CustomData.UserIDField, Value: userID}},
		fields...)
	if _, err := h.CustomData().InsertOne(t.Context(), doc); err != nil {
		t.Fatalf("insert custom data: %v", err)
	}
}

// CustomDataConfig returns where the custom data is stored, for a client that is configured with it.
func (h *Harness) CustomDataConfig() model.CustomDataConfig { return h.App.CustomData }

// Log collects what the service logs. It is safe for concurrent use.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write appends a line.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String returns everything logged so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
