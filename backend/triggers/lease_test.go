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

// clock stands still until it is moved.
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

// log is what processes wrote.
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

// bench is a database with a watched collection and processes that wait for its changes.
type bench struct {
	t      *testing.T
	db     *storetest.Database
	clock  *clock
	log    *log
	things *store.Collection
}

func newBench(t *testing.T) *bench {
	db := storetest.Open(t, time.Now)
	return &bench{t: t, db: db, clock: &clock{now: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)}, log: &log{}, things: db.Collection("things")}
}

// watchable reports whether the deployment has change streams. On one that has none, triggers say so, and never run.
func (b *bench) watchable() bool {
	b.t.Helper()
	if b.db.Deployment.Can().ChangeStreams {
		return true
	}
	b.process(nil)
	if !strings.Contains(b.log.String(), "the deployment has no change streams") {
		b.t.Errorf("log %s", b.log)
	}
	return false
}

// process starts one; run gets the ids of the documents that came.
func (b *bench) process(run func(id int32) error) *Triggers {
	b.t.Helper()
	t := New(Options{
		Triggers: []app.Trigger{{Name: "new things", Function: "f", Database: &app.DatabaseTrigger{
			Service: "s", Namespace: app.Namespace{Database: b.db.Name(), Collection: "things"}, Events: []string{app.EventInsert},
		}}},
		RunFunction: func(_ context.Context, _ string, event bson.RawValue) error {
			return run(event.Document().Lookup("documentKey", "_id").Int32())
		},
		Sources: map[string]*store.Deployment{"s": b.db.Deployment}, Accounts: b.db.Deployment, Database: b.db.Localize("app"),
		Now: b.clock.Now, Log: slog.New(slog.NewTextHandler(b.log, nil)), PollInterval: time.Millisecond,
	})
	t.Start(b.t.Context())
	b.t.Cleanup(func() { t.Close(context.Background()) })
	return t
}

func (b *bench) add(id int32) {
	b.t.Helper()
	if _, err := b.things.InsertOne(b.t.Context(), bson.D{{Key: "_id", Value: id}}); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) next(ids <-chan int32, want int32) {
	b.t.Helper()
	select {
	case id := <-ids:
		if id != want {
			b.t.Fatalf("ran for %d, want %d", id, want)
		}
	case <-time.After(20 * time.Second):
		b.t.Fatalf("nothing ran for %d; log %s", want, b.log)
	}
}

// TestTakeover: when the process that has the lease hangs for longer than the lease, another goes on with the event that was not
// finished, and the first, awake again, no longer takes part.
func TestTakeover(t *testing.T) {
	b := newBench(t)
	if !b.watchable() {
		return
	}
	first, second := make(chan int32), make(chan int32, 10)
	awake := make(chan struct{})
	b.process(func(id int32) error {
		first <- id
		if id == 2 {
			<-awake
		}
		return nil
	})
	b.process(func(id int32) error { second <- id; return nil })
	b.add(1)
	b.next(first, 1)
	b.add(2)
	b.next(first, 2)
	b.clock.advance(lease + time.Second)
	b.next(second, 2)
	close(awake)
	for id := int32(3); id < 6; id++ {
		b.add(id)
		b.next(second, id)
	}
	select {
	case id := <-first:
		t.Errorf("the first process ran %d all the same", id)
	default:
	}
}

// TestLate: an event that comes when the lease has run out meanwhile is not run by whoever waited for it: it may be another's.
func TestLate(t *testing.T) {
	b := newBench(t)
	if !b.watchable() {
		return
	}
	ids := make(chan int32, 10)
	b.process(func(id int32) error { ids <- id; return nil })
	lend := func(holder string, until time.Time) {
		t.Helper()
		change := bson.D{{Key: "$set", Value: bson.D{{Key: "holder", Value: holder}, {Key: "until", Value: until}}}}
		if _, err := b.db.Deployment.Collection(b.db.Localize("app"), "triggers").UpdateOne(t.Context(), nil, change, store.Change{}); err != nil {
			t.Fatal(err)
		}
	}
	lend("another", b.clock.Now().Add(time.Hour))
	b.clock.advance(lease + time.Second)
	b.add(1)
	lend("", b.clock.Now())
	b.add(2)
	b.next(ids, 1)
	b.next(ids, 2)
}

// TestGoesOn: a process that starts later goes on where the last one stopped, and takes the lease that was given back.
func TestGoesOn(t *testing.T) {
	b := newBench(t)
	if !b.watchable() {
		return
	}
	ids := make(chan int32, 10)
	run := func(id int32) error { ids <- id; return nil }
	first := b.process(run)
	b.add(1)
	b.next(ids, 1)
	first.Close(context.Background())
	b.add(2)
	b.add(3)
	b.process(run)
	b.next(ids, 2)
	b.next(ids, 3)
}

// TestAgainWhenUnreachable: an event whose function did not reach the database runs again; one whose function failed does not.
func TestAgainWhenUnreachable(t *testing.T) {
	b := newBench(t)
	if !b.watchable() {
		return
	}
	ids := make(chan int32, 10)
	failures := map[int32][]error{
		1: {&store.Error{Kind: store.Unreachable, Message: "nobody answers"}},
		2: {&store.Error{Kind: store.Other, Message: "the function threw"}},
	}
	b.process(func(id int32) error {
		ids <- id
		if f := failures[id]; len(f) > 0 {
			failures[id] = f[1:]
			return f[0]
		}
		return nil
	})
	for id := int32(1); id <= 3; id++ {
		b.add(id)
	}
	for _, id := range []int32{1, 1, 2, 3} {
		b.next(ids, id)
	}
	if log := b.log.String(); !strings.Contains(log, "the function threw") || !strings.Contains(log, `trigger="new things"`) {
		t.Errorf("log %s", log)
	}
}

// TestCloseWaits: what runs is finished, and the lease is given back with the place it came to.
func TestCloseWaits(t *testing.T) {
	b := newBench(t)
	if !b.watchable() {
		return
	}
	started, done := make(chan int32), make(chan struct{})
	finished := false
	p := b.process(func(id int32) error {
		started <- id
		<-done
		finished = true
		return nil
	})
	b.add(1)
	b.next(started, 1)
	time.AfterFunc(20*time.Millisecond, func() { close(done) })
	p.Close(context.Background())
	if !finished {
		t.Error("closed in the middle of a function")
	}
	doc, err := b.db.Deployment.Collection(b.db.Localize("app"), "triggers").FindOne(t.Context(), nil, store.Find{})
	if err != nil || doc.Lookup("holder").StringValue() != "" || len(doc.Lookup("token").Value) == 0 {
		t.Errorf("left %s, %v", doc, err)
	}
}

// TestFull: what does not fit any more is dropped with a word in the log, and nobody waits.
func TestFull(t *testing.T) {
	b := newBench(t)
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
		UserValue: func(model.User) (bson.RawValue, error) { return value(bson.D{}) },
		Accounts:  b.db.Deployment, Database: b.db.Localize("app"), Now: b.clock.Now, Log: slog.New(slog.NewTextHandler(b.log, nil)),
	})
	p.Start(t.Context())
	for range maxWaiting + workers + 10 {
		p.HandleAuthEvent(auth.Event{Name: app.EventLogin, Provider: "anon-user"})
	}
	p.HandleAuthEvent(auth.Event{Name: app.EventCreate, Provider: "anon-user"})
	lost := strings.Count(b.log.String(), "too many events wait")
	close(release)
	p.Close(context.Background())
	p.Close(context.Background())
	p.HandleAuthEvent(auth.Event{Name: app.EventLogin, Provider: "anon-user"})
	if lost < 10 || ran+lost != maxWaiting+workers+10 {
		t.Errorf("%d ran and %d were lost", ran, lost)
	}
	for _, want := range []string{"the service is being closed", `trigger=nowhere`} {
		if !strings.Contains(b.log.String(), want) {
			t.Errorf("the log does not say %q", want)
		}
	}
}
