package triggers

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/app"
	"dossier/backend/auth"
	"dossier/backend/store"
	"dossier/model"
)

const (
	queueSize           = 1000 // of queued authentication events
	workers             = 4
	drainTimeout        = 10 * time.Second // for the queue at Close
	defaultLease        = 90 * time.Second // longer than a function's time limit
	defaultPollInterval = time.Second      // between attempts to acquire a lease
	maxBackoff          = 30 * time.Second // between attempts to open the change stream after a failure
)

// Options configure the triggers.
type Options struct {
	Triggers []app.Trigger
	// RunFunction calls a function as system.
	RunFunction  func(ctx context.Context, function string, event bson.RawValue) error
	UserValue    func(u model.User) (bson.RawValue, error) // a user as functions see it
	Sources      map[string]*store.Deployment              // by service name
	Accounts     *store.Deployment
	Database     string // the service's database
	Now          func() time.Time
	Log          *slog.Logger
	Lease        time.Duration // 0: 90 s
	PollInterval time.Duration // between attempts to acquire another process's lease; 0: 1 s
}

// Triggers run until they are closed.
type Triggers struct {
	o         Options
	processID string // identifies this process in leases
	leases    *store.Collection

	runContext   context.Context // for functions and stored tokens
	cancelRun    context.CancelFunc
	watchContext context.Context // for change streams and leases
	cancelWatch  context.CancelFunc
	goroutines   sync.WaitGroup

	mu     sync.Mutex
	closed bool
	queue  chan *authJob
}

// New returns triggers that are not started.
func New(o Options) *Triggers {
	if o.Lease == 0 {
		o.Lease = defaultLease
	}
	if o.PollInterval == 0 {
		o.PollInterval = defaultPollInterval
	}
	return &Triggers{o: o, processID: bson.NewObjectID().Hex(), leases: o.Accounts.Collection(o.Database, "triggers"),
		queue: make(chan *authJob, queueSize)}
}

// Start starts the triggers. Changes after it returned are seen, by this process or by the one that has the lease.
func (t *Triggers) Start(ctx context.Context) {
	t.runContext, t.cancelRun = context.WithCancel(context.WithoutCancel(ctx))
	t.watchContext, t.cancelWatch = context.WithCancel(t.runContext)
	for range workers {
		t.goroutines.Go(t.runQueue)
	}
	for _, trigger := range t.o.Triggers {
		if trigger.Disabled || trigger.Database == nil {
			continue
		}
		w := &watcher{triggers: t, trigger: trigger}
		switch d := t.o.Sources[trigger.Database.Service]; {
		case d == nil:
			t.o.Log.Warn("trigger disabled: no deployment for its data source", "trigger", trigger.Name, "source",
				trigger.Database.Service)
		case !d.Can().ChangeStreams:
			t.o.Log.Warn("trigger disabled: the deployment has no change streams", "trigger", trigger.Name, "deployment",
				d.Name())
		default:
			w.collection = d.Collection(trigger.Database.Namespace.Database, trigger.Database.Namespace.Collection)
			w.start()
			t.goroutines.Go(w.watch)
		}
	}
}

// Close waits for running and queued events, at most 10 s or as long as ctx lives, and releases the leases.
func (t *Triggers) Close(ctx context.Context) {
	t.mu.Lock()
	if t.closed {
		t.mu.Unlock()
		return
	}
	t.closed = true
	close(t.queue)
	t.mu.Unlock()
	if t.cancelRun == nil {
		return
	}
	t.cancelWatch()
	done := make(chan struct{})
	go func() { t.goroutines.Wait(); close(done) }()
	timer := time.NewTimer(drainTimeout)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	case <-ctx.Done():
	}
	t.cancelRun()
	<-done
}

// runFunction calls a trigger's function and logs a failure.
func (t *Triggers) runFunction(trigger app.Trigger, event bson.RawValue) error {
	err := t.o.RunFunction(t.runContext, trigger.Function, event)
	if err != nil {
		t.o.Log.Error("trigger failed", "trigger", trigger.Name, "function", trigger.Function, "error", err)
	}
	return err
}

// marshalValue encodes a document as a value.
func marshalValue(d any) (bson.RawValue, error) {
	kind, data, err := bson.MarshalValue(d)
	return bson.RawValue{Type: kind, Value: data}, err
}

// wait waits for d; false when the triggers are closed first.
func (t *Triggers) wait(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-t.watchContext.Done():
		return false
	}
}

// HandleAuthEvent queues an authentication event for its triggers; it does not block.
func (t *Triggers) HandleAuthEvent(e auth.Event) {
	for _, trigger := range t.o.Triggers {
		if !trigger.Disabled && trigger.Authentication != nil && matches(trigger.Authentication, e) {
			t.enqueue(&authJob{trigger: trigger, event: e})
		}
	}
}
