package triggers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/app"
	"dossier/backend/store"
)

// historyLost is the error code ChangeStreamHistoryLost: the oplog no longer has the resume token.
const historyLost = 286

// errNoLease means that another process has the lease.
var errNoLease = errors.New("another process has the lease")

// watcher runs one database trigger in this process.
type watcher struct {
	triggers   *Triggers
	trigger    app.Trigger
	collection *store.Collection

	leaseEnd    time.Time // zero: this process does not have the lease
	resumeToken bson.Raw  // of the last event that ran; nil: start with the next change
	storedToken bson.Raw  // the token in the lease document
	stream      *store.Stream
}

// start tries once to acquire the lease and to open the stream; watch retries.
func (w *watcher) start() {
	if err := w.acquireLease(); err == nil {
		w.logFailure(w.openStream())
	} else {
		w.logFailure(err)
	}
}

// watch acquires the lease and runs events, until the triggers are closed.
func (w *watcher) watch() {
	defer w.releaseLease()
	pause := w.triggers.o.PollInterval
	for w.triggers.watchContext.Err() == nil {
		err := w.step()
		switch {
		case err == nil:
			pause = w.triggers.o.PollInterval
			continue
		case errors.Is(err, errNoLease):
			pause = w.triggers.o.PollInterval
		default:
			w.logFailure(err)
			pause = min(2*pause, maxBackoff)
		}
		w.closeStream()
		if !w.triggers.wait(pause) {
			return
		}
	}
}

// logFailure logs an error, unless another process has the lease or the triggers are closing.
func (w *watcher) logFailure(err error) {
	if err != nil && !errors.Is(err, errNoLease) && w.triggers.watchContext.Err() == nil {
		w.triggers.o.Log.Warn("trigger is waiting: cannot open its change stream", "trigger", w.trigger.Name, "error", err)
	}
}

// step extends the lease, opens the stream if needed, and runs the next change if there is one.
func (w *watcher) step() error {
	if w.triggers.o.Now().Add(w.triggers.o.Lease / 2).After(w.leaseEnd) {
		if err := w.acquireLease(); err != nil {
			return err
		}
	}
	if w.stream == nil {
		if err := w.openStream(); err != nil {
			return err
		}
	}
	raw, err := w.stream.Poll(w.triggers.watchContext)
	switch {
	case errors.Is(err, io.EOF): // the collection was dropped, which invalidates the token
		w.resumeToken = nil
		w.closeStream()
		return w.storeToken()
	case err != nil:
		return err
	case raw == nil:
		w.resumeToken = w.stream.Token()
		return nil
	case !w.triggers.o.Now().Before(w.leaseEnd): // the poll took so long that another process may have the lease
		return errNoLease
	}
	if err := w.runEvent(raw); err != nil {
		return err
	}
	w.resumeToken = raw.Lookup("_id").Document()
	return w.storeToken()
}

// acquireLease acquires or extends the lease and reads the stored resume token, or stores ours.
func (w *watcher) acquireLease() error {
	now := w.triggers.o.Now()
	ours := w.leaseEnd.After(now)
	set := bson.D{{Key: "holder", Value: w.triggers.processID}, {Key: "until", Value: now.Add(w.triggers.o.Lease)}}
	if ours && w.resumeToken != nil {
		set = append(set, bson.E{Key: "token", Value: w.resumeToken})
	}
	free := bson.D{{Key: "_id", Value: w.trigger.Name}, {Key: "$or", Value: bson.A{
		bson.D{{Key: "holder", Value: w.triggers.processID}},
		bson.D{{Key: "until", Value: bson.D{{Key: "$lte", Value: now}}}},
	}}}
	doc, err := w.triggers.leases.FindOneAndUpdate(w.triggers.watchContext, free, bson.D{{Key: "$set", Value: set}},
		store.FindAnd{Upsert: true, ReturnNew: true})
	if store.KindOf(err) == store.Duplicate { // another process has it
		w.leaseEnd = time.Time{}
		return errNoLease
	}
	if err != nil {
		return err
	}
	token, _ := doc.Lookup("token").DocumentOK()
	if !ours {
		w.resumeToken = token
		w.closeStream()
	}
	w.leaseEnd, w.storedToken = now.Add(w.triggers.o.Lease), token
	return nil
}

// storeToken stores the resume token, if this process still has the lease.
func (w *watcher) storeToken() error {
	if string(w.resumeToken) == string(w.storedToken) {
		return nil
	}
	change := bson.D{{Key: "$set", Value: bson.D{{Key: "token", Value: w.resumeToken}}}}
	if w.resumeToken == nil {
		change = bson.D{{Key: "$unset", Value: bson.D{{Key: "token", Value: ""}}}}
	}
	// With runContext: the token of a completed event is stored while the triggers are closing.
	done, err := w.triggers.leases.UpdateOne(w.triggers.runContext, bson.D{{Key: "_id", Value: w.trigger.Name},
		{Key: "holder", Value: w.triggers.processID}}, change, store.Change{})
	if err != nil {
		return err
	}
	if done.Matched == 0 {
		w.leaseEnd = time.Time{}
		return errNoLease
	}
	w.storedToken = w.resumeToken
	return nil
}

// openStream opens the stream at the resume token, and stores its first token before an event can run.
func (w *watcher) openStream() error {
	stream, err := w.collection.Watch(w.triggers.watchContext, w.pipeline(), w.resumeToken, 0)
	var e *store.Error
	if errors.As(err, &e) && e.Code == historyLost {
		w.triggers.o.Log.Error("trigger missed changes: the deployment's change history starts after its last run", "trigger",
			w.trigger.Name)
		w.resumeToken = nil
		stream, err = w.collection.Watch(w.triggers.watchContext, w.pipeline(), nil, 0)
	}
	if err != nil {
		return err
	}
	w.stream = stream
	if w.resumeToken == nil {
		w.resumeToken = stream.Token()
	}
	return w.storeToken()
}

// pipeline filters the changes for the trigger.
func (w *watcher) pipeline() bson.A {
	t := w.trigger.Database
	kinds := bson.A{}
	for _, e := range t.Events {
		kinds = append(kinds, strings.ToLower(e))
	}
	stages := bson.A{bson.D{{Key: "$match",
		Value: bson.D{{Key: "operationType", Value: bson.D{{Key: "$in", Value: kinds}}}}}}}
	if t.Match != nil {
		stages = append(stages, bson.D{{Key: "$match", Value: t.Match}})
	}
	if t.Project != nil {
		stages = append(stages, bson.D{{Key: "$project", Value: t.Project}})
	}
	return stages
}

// runEvent calls the function for a change. It fails only when the event must be retried: the database cannot be
// reached or the triggers are closing.
func (w *watcher) runEvent(raw bson.Raw) error {
	event := bson.D{}
	if err := bson.Unmarshal(raw, &event); err != nil {
		return fmt.Errorf("decode a change event: %w", err)
	}
	kind, _ := raw.Lookup("operationType").StringValueOK()
	if kind == "update" && !w.trigger.Database.FullDocument {
		event = without(event, "fullDocument")
	}
	argument, err := marshalValue(event)
	if err != nil {
		return fmt.Errorf("encode a change event: %w", err)
	}
	err = w.triggers.runFunction(w.trigger, argument)
	if store.KindOf(err) == store.Unreachable || w.triggers.runContext.Err() != nil {
		return err
	}
	return nil
}

func without(d bson.D, key string) bson.D {
	out := bson.D{}
	for _, e := range d {
		if e.Key != key {
			out = append(out, e)
		}
	}
	return out
}

func (w *watcher) closeStream() {
	if w.stream != nil {
		w.stream.Close()
		w.stream = nil
	}
}

// releaseLease makes the lease available to other processes.
func (w *watcher) releaseLease() {
	w.closeStream()
	if w.leaseEnd.IsZero() {
		return
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(w.triggers.runContext), time.Second)
	defer stop()
	ours := bson.D{{Key: "_id", Value: w.trigger.Name}, {Key: "holder", Value: w.triggers.processID}}
	set := bson.D{{Key: "until", Value: w.triggers.o.Now()}, {Key: "holder", Value: ""}}
	if w.resumeToken != nil {
		set = append(set, bson.E{Key: "token", Value: w.resumeToken})
	}
	// on failure the lease expires
	_, _ = w.triggers.leases.UpdateOne(ctx, ours, bson.D{{Key: "$set", Value: set}}, store.Change{})
}
