package triggers

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/app"
	"dossier/backend/auth"
	"dossier/backend/store"
	"dossier/backend/storetest"
	"dossier/model"
)

// clock is a clock that only the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// log collects the log output of all processes.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// fixture is a database with a watched collection.
type fixture struct {
	t      *testing.T
	db     *storetest.Database
	clock  *clock
	log    *log
	things *store.Collection
}

func newFixture(t *testing.T) *fixture {
	db := storetest.Open(t, time.Now)
	return &fixture{t: t, db: db, clock: &clock{now: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)}, log: &log{},
		things: db.Collection("things")}
}

// hasChangeStreams reports whether the deployment has change streams. Without them, triggers log a warning and never
// run.
func (f *fixture) hasChangeStreams() bool {
	f.t.Helper()
	if f.db.Deployment.Can().ChangeStreams {
		return true
	}
	f.process(nil)
	if !strings.Contains(f.log.String(), "the deployment has no change streams") {
		f.t.Errorf("log %s", f.log)
	}
	return false
}

// process starts the triggers of one process; run gets the ids of inserted documents.
func (f *fixture) process(run func(id int32) error) *Triggers {
	f.t.Helper()
	t := New(Options{
		Triggers: []app.Trigger{{Name: "new things", Function: "f", Database: &app.DatabaseTrigger{
			Service: "s", Namespace: app.Namespace{Database: f.db.Name(), Collection: "things"},
			Events: []string{app.EventInsert},
		}}},
		RunFunction: func(_ context.Context, _ string, event bson.RawValue) error {
			return run(event.Document().Lookup("documentKey", "_id").Int32())
		},
		Sources: map[string]*store.Deployment{"s": f.db.Deployment}, Accounts: f.db.Deployment,
		Database: f.db.Localize("app"),
		Now:      f.clock.Now, Log: slog.New(slog.NewTextHandler(f.log, nil)), PollInterval: time.Millisecond,
	})
	t.Start(f.t.Context())
	f.t.Cleanup(func() { t.Close(context.Background()) })
	return t
}

func (f *fixture) add(id int32) {
	f.t.Helper()
	if _, err := f.things.InsertOne(f.t.Context(), bson.D{{Key: "_id", Value: id}}); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) next(ids <-chan int32, want int32) {
	f.t.Helper()
	select {
	case id := <-ids:
		if id != want {
			f.t.Fatalf("ran for %d, want %d", id, want)
		}
	case <-time.After(20 * time.Second):
		f.t.Fatalf("nothing ran for %d; log %s", want, f.log)
	}
}

// When the process with the lease hangs for longer than the lease, another process runs the unfinished event, and the
// first does not run further events.
func TestTakeover(t *testing.T) {
	f := newFixture(t)
	if !f.hasChangeStreams() {
		return
	}
	first, second := make(chan int32), make(chan int32, 10)
	resume := make(chan struct{})
	f.process(func(id int32) error {
		first <- id
		if id == 2 {
			<-resume
		}
		return nil
	})
	f.process(func(id int32) error { second <- id; return nil })
	f.add(1)
	f.next(first, 1)
	f.add(2)
	f.next(first, 2)
	f.clock.advance(defaultLease + time.Second)
	f.next(second, 2)
	close(resume)
	for id := int32(3); id < 6; id++ {
		f.add(id)
		f.next(second, id)
	}
	select {
	case id := <-first:
		t.Errorf("the first process ran %d without the lease", id)
	default:
	}
}

// A change that arrives after the lease expired is not run without acquiring the lease again.
func TestChangeAfterLeaseExpired(t *testing.T) {
	f := newFixture(t)
	if !f.hasChangeStreams() {
		return
	}
	ids := make(chan int32, 10)
	f.process(func(id int32) error { ids <- id; return nil })
	setLease := func(holder string, until time.Time) {
		t.Helper()
		change := bson.D{{Key: "$set", Value: bson.D{{Key: "holder", Value: holder}, {Key: "until", Value: until}}}}
		if _, err := f.db.Deployment.Collection(f.db.Localize("app"), "triggers").UpdateOne(t.Context(), nil, change,
			store.Change{}); err != nil {
			t.Fatal(err)
		}
	}
	setLease("another", f.clock.Now().Add(time.Hour))
	f.clock.advance(defaultLease + time.Second)
	f.add(1)
	setLease("", f.clock.Now())
	f.add(2)
	f.next(ids, 1)
	f.next(ids, 2)
}

// A process that starts later continues where the last one stopped, and takes the released lease.
func TestRestartContinues(t *testing.T) {
	f := newFixture(t)
	if !f.hasChangeStreams() {
		return
	}
	ids := make(chan int32, 10)
	run := func(id int32) error { ids <- id; return nil }
	first := f.process(run)
	f.add(1)
	f.next(ids, 1)
	first.Close(context.Background())
	f.add(2)
	f.add(3)
	f.process(run)
	f.next(ids, 2)
	f.next(ids, 3)
}

// An event whose function could not reach the database runs again; one whose function failed otherwise does not.
func TestRetryWhenUnreachable(t *testing.T) {
	f := newFixture(t)
	if !f.hasChangeStreams() {
		return
	}
	ids := make(chan int32, 10)
	failures := map[int32][]error{
		1: {&store.Error{Kind: store.Unreachable, Message: "connection refused"}},
		2: {&store.Error{Kind: store.Other, Message: "the function threw"}},
	}
	f.process(func(id int32) error {
		ids <- id
		if left := failures[id]; len(left) > 0 {
			failures[id] = left[1:]
			return left[0]
		}
		return nil
	})
	for id := int32(1); id <= 3; id++ {
		f.add(id)
	}
	for _, id := range []int32{1, 1, 2, 3} {
		f.next(ids, id)
	}
	if log := f.log.String(); !strings.Contains(log, "the function threw") || !strings.Contains(log,
		`trigger="new things"`) {
		t.Errorf("log %s", log)
	}
}

// Close waits for a running function and releases the lease with the resume token.
func TestCloseWaits(t *testing.T) {
	f := newFixture(t)
	if !f.hasChangeStreams() {
		return
	}
	started, done := make(chan int32), make(chan struct{})
	finished := false
	p := f.process(func(id int32) error {
		started <- id
		<-done
		finished = true
		return nil
	})
	f.add(1)
	f.next(started, 1)
	time.AfterFunc(20*time.Millisecond, func() { close(done) })
	p.Close(context.Background())
	if !finished {
		t.Error("Close did not wait for the function")
	}
	doc, err := f.db.Deployment.Collection(f.db.Localize("app"), "triggers").FindOne(t.Context(), nil, store.Find{})
	if err != nil || doc.Lookup("holder").StringValue() != "" || len(doc.Lookup("token").Value) == 0 {
		t.Errorf("left %s, %v", doc, err)
	}
}

// Events that do not fit into the queue are dropped with an error in the log, and the caller does not block.
func TestQueueIsBounded(t *testing.T) {
	f := newFixture(t)
	release := make(chan struct{})
	var mu sync.Mutex
	ran := 0
	p := New(Options{
		Triggers: []app.Trigger{
			{Name: "in", Function: "f", Authentication: &app.AuthenticationTrigger{Event: app.EventLogin}},
			{Name: "off", Function: "f", Disabled: true, Authentication: &app.AuthenticationTrigger{Event: app.EventLogin}},
			{Name: "nowhere", Function: "f", Database: &app.DatabaseTrigger{Service: "gone"}},
		},
		RunFunction: func(context.Context, string, bson.RawValue) error {
			<-release
			mu.Lock()
			defer mu.Unlock()
			ran++
			return nil
		},
		UserValue: func(model.User) (bson.RawValue, error) { return marshalValue(bson.D{}) },
		Accounts:  f.db.Deployment, Database: f.db.Localize("app"), Now: f.clock.Now,
		Log: slog.New(slog.NewTextHandler(f.log, nil)),
	})
	p.Start(t.Context())
	for range queueSize + workers + 10 {
		p.HandleAuthEvent(auth.Event{Name: app.EventLogin, Provider: "anon-user"})
	}
	p.HandleAuthEvent(auth.Event{Name: app.EventCreate, Provider: "anon-user"})
	dropped := strings.Count(f.log.String(), "the event queue is full")
	close(release)
	p.Close(context.Background())
	p.Close(context.Background())
	p.HandleAuthEvent(auth.Event{Name: app.EventLogin, Provider: "anon-user"})
	if dropped < 10 || ran+dropped != queueSize+workers+10 {
		t.Errorf("%d ran and %d were dropped", ran, dropped)
	}
	for _, want := range []string{"the service is closing", `trigger=nowhere`} {
		if !strings.Contains(f.log.String(), want) {
			t.Errorf("the log has no %q", want)
		}
	}
}
