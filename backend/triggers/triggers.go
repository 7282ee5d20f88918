package triggers

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"dossier/backend/app"
	"dossier/backend/auth"
	"dossier/backend/store"
	"dossier/model"

	"go.mongodb.org/mongo-driver/v2/bson"
)

const (
	maxWaiting = 1000 // authentication events
	workers    = 4
	drain      = 10 * time.Second // for what is left at Close
	lease      = 90 * time.Second // longer than a function may take, with time to spare
	poll       = time.Second      // between attempts to get a lease
	maxBackoff = 30 * time.Second // between attempts to watch after a failure
)

// Options say what triggers there are and what they need.
type Options struct {
	Triggers []app.Trigger
	// RunFunction runs a function as system.
	RunFunction  func(ctx context.Context, function string, event bson.RawValue) error
	UserValue    func(u model.User) (bson.RawValue, error) // a person as functions see them
	Sources      map[string]*store.Deployment              // by service name
	Accounts     *store.Deployment
	Database     string // of the accounts
	Now          func() time.Time
	Log          *slog.Logger
	Lease        time.Duration // 0: 90 s
	PollInterval time.Duration // how often a process asks for a lease that another has; 0: 1 s
}

// Triggers wait for events until they are closed.
type Triggers struct {
	o      Options
	holder string // names this process in leases
	leases *store.Collection

	running  context.Context // of the functions
	end      context.CancelFunc
	watching context.Context // of the waiting for changes
	stop     context.CancelFunc
	all      sync.WaitGroup

	mu     sync.Mutex
	closed bool
	queue  chan job
}

// New makes triggers; they wait for nothing before Start.
func New(o Options) *Triggers {
	if o.Lease == 0 {
		o.Lease = lease
	}
	if o.PollInterval == 0 {
		o.PollInterval = poll
	}
	return &Triggers{o: o, holder: bson.NewObjectID().Hex(), leases: o.Accounts.Collection(o.Database, "triggers"), queue: make(chan job, maxWaiting)}
}

// Start begins to wait. When it returns, changes from then on are seen, by this process or by the one that has the lease.
func (t *Triggers) Start(ctx context.Context) {
	t.running, t.end = context.WithCancel(context.WithoutCancel(ctx))
	t.watching, t.stop = context.WithCancel(t.running)
	for range workers {
		t.all.Go(t.work)
	}
	for _, trigger := range t.o.Triggers {
		if trigger.Disabled || trigger.Database == nil {
			continue
		}
		w := &watcher{all: t, trigger: trigger}
		switch d := t.o.Sources[trigger.Database.Service]; {
		case d == nil:
			t.o.Log.Warn("trigger never runs: there is no deployment for its data source", "trigger", trigger.Name, "source", trigger.Database.Service)
		case !d.Can().ChangeStreams:
			t.o.Log.Warn("trigger never runs: the deployment has no change streams", "trigger", trigger.Name, "deployment", d.Name())
		default:
			w.collection = d.Collection(trigger.Database.Namespace.Database, trigger.Database.Namespace.Collection)
			w.begin()
			t.all.Go(w.watch)
		}
	}
}

// Close waits until what runs and what waits has run, at most 10 s or as long as ctx lives, and gives the leases back.
func (t *Triggers) Close(ctx context.Context) {
	t.mu.Lock()
	if t.closed {
		t.mu.Unlock()
		return
	}
	t.closed = true
	close(t.queue)
	t.mu.Unlock()
	if t.end == nil {
		return
	}
	t.stop()
	done := make(chan struct{})
	go func() { t.all.Wait(); close(done) }()
	timer := time.NewTimer(drain)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	case <-ctx.Done():
	}
	t.end()
	<-done
}

// run runs a trigger's function and logs how that failed.
func (t *Triggers) run(trigger app.Trigger, event bson.RawValue) error {
	err := t.o.RunFunction(t.running, trigger.Function, event)
	if err != nil {
		t.o.Log.Error("trigger failed", "trigger", trigger.Name, "function", trigger.Function, "error", err)
	}
	return err
}

// value makes a value of a document.
func value(d any) (bson.RawValue, error) {
	kind, data, err := bson.MarshalValue(d)
	return bson.RawValue{Type: kind, Value: data}, err
}

// wait waits, unless the triggers are closed first: false.
func (t *Triggers) wait(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-t.watching.Done():
		return false
	}
}

// HandleAuthEvent is told of an authentication event; it does not wait.
func (t *Triggers) HandleAuthEvent(e auth.Event) {
	for _, trigger := range t.o.Triggers {
		if !trigger.Disabled && trigger.Authentication != nil && concerns(trigger.Authentication, e) {
			t.enqueue(job{trigger: trigger, event: e})
		}
	}
}
