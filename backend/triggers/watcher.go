package triggers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"dossier/backend/app"
	"dossier/backend/store"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// historyLost is the code of a deployment that no longer knows the place a stream came to.
const historyLost = 286

var errLost = errors.New("another process has the lease")

// watcher is one database trigger in this process.
type watcher struct {
	all        *Triggers
	trigger    app.Trigger
	collection *store.Collection

	until  time.Time // how long the lease is ours; zero: it is not
	token  bson.Raw  // the place the stream has come to; nil: from now on
	stored bson.Raw  // the place in the lease
	stream *store.Stream
}

// begin tries once to get the lease and to watch; watch goes on with what is missing.
func (w *watcher) begin() {
	if err := w.hold(); err == nil {
		w.failed(w.open())
	} else {
		w.failed(err)
	}
}

// watch holds the lease and runs events, or waits for the lease, until the triggers are closed.
func (w *watcher) watch() {
	defer w.release()
	pause := w.all.o.PollInterval
	for w.all.watching.Err() == nil {
		err := w.step()
		switch {
		case err == nil:
			pause = w.all.o.PollInterval
			continue
		case errors.Is(err, errLost):
			pause = w.all.o.PollInterval
		default:
			w.failed(err)
			pause = min(2*pause, maxBackoff)
		}
		w.close()
		if !w.all.wait(pause) {
			return
		}
	}
}

// failed logs what is nobody's intention.
func (w *watcher) failed(err error) {
	if err != nil && !errors.Is(err, errLost) && w.all.watching.Err() == nil {
		w.all.o.Log.Warn("trigger waits: its changes cannot be watched", "trigger", w.trigger.Name, "error", err)
	}
}

// step gets what is missing, waits a moment for a change and runs it.
func (w *watcher) step() error {
	if w.all.o.Now().Add(w.all.o.Lease / 2).After(w.until) {
		if err := w.hold(); err != nil {
			return err
		}
	}
	if w.stream == nil {
		if err := w.open(); err != nil {
			return err
		}
	}
	raw, err := w.stream.Poll(w.all.watching)
	switch {
	case errors.Is(err, io.EOF): // the collection is gone, and its history with it
		w.token = nil
		w.close()
		return w.keep()
	case err != nil:
		return err
	case raw == nil:
		w.token = w.stream.Token()
		return nil
	case !w.all.o.Now().Before(w.until): // a deployment that hung kept it waiting until another may have the lease
		return errLost
	}
	if err := w.run(raw); err != nil {
		return err
	}
	w.token = raw.Lookup("_id").Document()
	return w.keep()
}

// hold gets or renews the lease, if nobody else has it, and learns the place the stream has come to. It stores ours.
func (w *watcher) hold() error {
	now := w.all.o.Now()
	ours := w.until.After(now)
	set := bson.D{{Key: "holder", Value: w.all.holder}, {Key: "until", Value: now.Add(w.all.o.Lease)}}
	if ours && w.token != nil {
		set = append(set, bson.E{Key: "token", Value: w.token})
	}
	free := bson.D{{Key: "_id", Value: w.trigger.Name}, {Key: "$or", Value: bson.A{
		bson.D{{Key: "holder", Value: w.all.holder}}, bson.D{{Key: "until", Value: bson.D{{Key: "$lte", Value: now}}}},
	}}}
	doc, err := w.all.leases.FindOneAndUpdate(w.all.watching, free, bson.D{{Key: "$set", Value: set}}, store.FindAnd{Upsert: true, ReturnNew: true})
	if store.KindOf(err) == store.Duplicate { // somebody else has it
		w.until = time.Time{}
		return errLost
	}
	if err != nil {
		return err
	}
	token, _ := doc.Lookup("token").DocumentOK()
	if !ours {
		w.token = token
		w.close()
	}
	w.until, w.stored = now.Add(w.all.o.Lease), token
	return nil
}

// keep stores the place the stream has come to, if the lease is still ours.
func (w *watcher) keep() error {
	if string(w.token) == string(w.stored) {
		return nil
	}
	change := bson.D{{Key: "$set", Value: bson.D{{Key: "token", Value: w.token}}}}
	if w.token == nil {
		change = bson.D{{Key: "$unset", Value: bson.D{{Key: "token", Value: ""}}}}
	}
	// An event that has run is noted even when the triggers are being closed meanwhile.
	done, err := w.all.leases.UpdateOne(w.all.running, bson.D{{Key: "_id", Value: w.trigger.Name}, {Key: "holder", Value: w.all.holder}}, change, store.Change{})
	if err != nil {
		return err
	}
	if done.Matched == 0 {
		w.until = time.Time{}
		return errLost
	}
	w.stored = w.token
	return nil
}

// open opens the stream where it was, and notes where that is before anything can happen.
func (w *watcher) open() error {
	stream, err := w.collection.Watch(w.all.watching, w.pipeline(), w.token)
	var e *store.Error
	if errors.As(err, &e) && e.Code == historyLost {
		w.all.o.Log.Error("trigger has missed changes: the deployment no longer knows those since it ran last", "trigger", w.trigger.Name)
		w.token = nil
		stream, err = w.collection.Watch(w.all.watching, w.pipeline(), nil)
	}
	if err != nil {
		return err
	}
	w.stream = stream
	if w.token == nil {
		w.token = stream.Token()
	}
	return w.keep()
}

// pipeline lets through what the trigger waits for.
func (w *watcher) pipeline() bson.A {
	t := w.trigger.Database
	kinds := bson.A{}
	for _, e := range t.Events {
		kinds = append(kinds, strings.ToLower(e))
	}
	stages := bson.A{bson.D{{Key: "$match", Value: bson.D{{Key: "operationType", Value: bson.D{{Key: "$in", Value: kinds}}}}}}}
	if t.Match != nil {
		stages = append(stages, bson.D{{Key: "$match", Value: t.Match}})
	}
	if t.Project != nil {
		stages = append(stages, bson.D{{Key: "$project", Value: t.Project}})
	}
	return stages
}

// run runs the function for a change. Only an event that could not be dealt with here fails: it is dealt with again.
func (w *watcher) run(raw bson.Raw) error {
	event := bson.D{}
	if err := bson.Unmarshal(raw, &event); err != nil {
		return fmt.Errorf("read a change: %w", err)
	}
	kind, _ := raw.Lookup("operationType").StringValueOK()
	if kind == "update" && !w.trigger.Database.FullDocument {
		event = without(event, "fullDocument")
	}
	argument, err := value(event)
	if err != nil {
		return fmt.Errorf("write a change: %w", err)
	}
	err = w.all.run(w.trigger, argument)
	if store.KindOf(err) == store.Unreachable || w.all.running.Err() != nil {
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

func (w *watcher) close() {
	if w.stream != nil {
		w.stream.Close()
		w.stream = nil
	}
}

// release lets others have the lease.
func (w *watcher) release() {
	w.close()
	if w.until.IsZero() {
		return
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(w.all.running), time.Second)
	defer stop()
	ours := bson.D{{Key: "_id", Value: w.trigger.Name}, {Key: "holder", Value: w.all.holder}}
	set := bson.D{{Key: "until", Value: w.all.o.Now()}, {Key: "holder", Value: ""}}
	if w.token != nil {
		set = append(set, bson.E{Key: "token", Value: w.token})
	}
	_, _ = w.all.leases.UpdateOne(ctx, ours, bson.D{{Key: "$set", Value: set}}, store.Change{}) // otherwise they wait for it to run out
}
