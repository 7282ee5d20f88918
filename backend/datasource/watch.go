package datasource

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/query"
	"dossier/backend/rules"
	"dossier/backend/store"
)

// maxVisibleIDs is for how many visible documents a stream remembers the id, to report when they are deleted or become
// hidden.
const maxVisibleIDs = 10000

// Stream is a change stream of one collection, restricted to what its caller may see. One goroutine uses it at a time.
type Stream struct {
	target     *target
	source     changeStream
	filter     *query.Filter
	visibleIDs map[string]bool // visible documents, by the bytes of _id
}

// changeStream is the part of *store.Stream that this package uses.
type changeStream interface {
	Next(ctx context.Context) (bson.Raw, error)
	Close()
}

// awaitEvents is how long the deployment waits for an event before it answers without one; then it is requested again.
const awaitEvents = 30 * time.Second

// Watch opens a change stream. The argument has database, collection and optionally ids (of documents) or filter (a
// query on the event). Events contain the visible part of the document; hidden documents cause no events. A document
// that becomes hidden is reported as deleted. A deployment without change streams causes an error that says so.
func (s *Sources) Watch(ctx context.Context, caller rules.Caller, service string, arg bson.Raw) (*Stream, error) {
	a, err := readArguments(api.OpWatch, arg, []string{"ids", "filter", "useCompactEvents"})
	if err != nil {
		return nil, err
	}
	if compact, err := a.boolean("useCompactEvents"); err != nil || compact {
		// older SDKs send false
		return nil, api.Errorf(http.StatusBadRequest, api.CodeInvalidParameter, "watch: useCompactEvents is not supported")
	}
	t, err := s.target(caller, service, api.OpWatch, a)
	if err != nil {
		return nil, err
	}
	filter, err := t.eventFilter(a)
	if err != nil {
		return nil, clientError(err)
	}
	source, err := t.coll.Watch(ctx, nil, nil, awaitEvents)
	if err != nil {
		if store.KindOf(err) == store.Unsupported {
			return nil, &api.Error{Status: http.StatusBadRequest, Code: api.CodeServiceCommandNotFound,
				Message: "the data source has no change streams: " + err.Error(), Err: err}
		}
		return nil, clientError(err)
	}
	w := &Stream{target: t, source: source, filter: filter, visibleIDs: map[string]bool{}}
	if err := w.loadVisibleIDsInSlot(ctx, s.limits, caller.User.ID); err != nil {
		source.Close()
		return nil, clientError(err)
	}
	return w, nil
}

// eventFilter builds one query on events from the arguments.
func (t *target) eventFilter(a *arguments) (*query.Filter, error) {
	filter, err := a.object("filter")
	if err != nil {
		return nil, err
	}
	if err := t.checkAllowed(true, filter); err != nil {
		return nil, err
	}
	ids, err := a.array("ids")
	if err != nil {
		return nil, err
	}
	if ids != nil {
		filter = and(bson.D{{Key: "documentKey._id", Value: bson.D{{Key: "$in", Value: ids}}}}, filter)
	}
	return query.ParseFilter(filter, t.env)
}

// loadVisibleIDsInSlot holds a slot of the user while it reads; the open stream holds none.
func (w *Stream) loadVisibleIDsInSlot(ctx context.Context, l limits, userID string) error {
	slots, err := l.acquire(ctx, userID)
	if err != nil {
		return err
	}
	defer slots.held.Release()
	w.target.slots = slots
	defer func() { w.target.slots = nil }()
	return w.loadVisibleIDs(ctx)
}

// loadVisibleIDs remembers which documents the caller may see. It runs after the stream is open, so that no change is
// missed.
func (w *Stream) loadVisibleIDs(ctx context.Context) error {
	if w.target.view == nil {
		return nil
	}
	ids := querySpec{project: bson.D{{Key: "_id", Value: 1}}, limit: maxVisibleIDs}
	return w.target.read(ctx, ids, func(doc bson.Raw) { w.visibleIDs[idKey(doc.Lookup("_id"))] = true })
}

func idKey(id bson.RawValue) string { return string(rune(id.Type)) + string(id.Value) }

// Next waits for the next event that the caller may see. It returns io.EOF after the end of the stream.
func (w *Stream) Next(ctx context.Context) (bson.Raw, error) {
	for {
		raw, err := w.source.Next(ctx)
		if err != nil {
			return nil, clientError(err)
		}
		event, err := query.Decode(raw)
		if err != nil {
			return nil, clientError(err)
		}
		if w.target.view != nil {
			w.target.view = w.target.view.WithEmptyCache() // results of functions for an earlier event are outdated
			if event, err = w.restrictEvent(event, raw); err != nil {
				return nil, clientError(err)
			}
		}
		if event != nil && w.filter.Match(event) {
			return query.Encode(event)
		}
	}
}

// Close ends the stream.
func (w *Stream) Close() { w.source.Close() }

// restrictEvent reduces an event to what the caller may see; nil: nothing.
func (w *Stream) restrictEvent(event bson.D, raw bson.Raw) (bson.D, error) {
	kind, _ := query.Get(event, "operationType")
	switch kind {
	case "insert", "update", "replace":
		return w.changeEvent(event, raw)
	case "delete":
		return w.deleteEvent(event, raw), nil
	case "drop", "rename", "dropDatabase", "invalidate":
		return pickFields(event, "_id", "operationType", "clusterTime", "ns"), nil
	}
	return nil, nil
}

func (w *Stream) changeEvent(event bson.D, raw bson.Raw) (bson.D, error) {
	whole, _ := query.Get(event, "fullDocument")
	doc, ok := whole.(bson.D)
	if !ok { // deleted meanwhile; a delete event follows
		return nil, nil
	}
	visible, ok, err := w.visiblePart(doc)
	if err != nil {
		return nil, err
	}
	if !ok {
		return w.deleteEvent(event, raw), nil
	}
	if len(w.visibleIDs) < maxVisibleIDs {
		w.visibleIDs[idKey(raw.Lookup("documentKey", "_id"))] = true
	}
	out := pickFields(event, "_id", "operationType", "clusterTime", "wallTime", "ns", "documentKey")
	out = append(out, bson.E{Key: "fullDocument", Value: visible})
	if v, ok := query.Get(event, "updateDescription"); ok {
		description, _ := v.(bson.D)
		out = append(out, bson.E{Key: "updateDescription", Value: w.updateDescription(description, visible)})
	}
	return out, nil
}

// visiblePart reduces a document as a query does: by rules and by filters.
func (w *Stream) visiblePart(doc bson.D) (bson.D, bool, error) {
	filter, _, none := w.target.view.DatabaseFilter()
	if none {
		return nil, false, nil
	}
	rule, err := query.ParseFilter(filter, w.target.env)
	if err != nil || !rule.Match(doc) {
		return nil, false, err
	}
	return w.target.visiblePart(doc)
}

// deleteEvent reports a document that becomes hidden as deleted; nil if it was not visible before.
func (w *Stream) deleteEvent(event bson.D, raw bson.Raw) bson.D {
	key := idKey(raw.Lookup("documentKey", "_id"))
	if !w.visibleIDs[key] {
		return nil
	}
	delete(w.visibleIDs, key)
	out := pickFields(event, "_id", "operationType", "clusterTime", "wallTime", "ns", "documentKey")
	for i := range out {
		if out[i].Key == "operationType" {
			out[i].Value = "delete"
		}
	}
	return out
}

// pickFields keeps the given fields of an event, and of documentKey only _id: the rest is the shard key.
func pickFields(event bson.D, keys ...string) bson.D {
	out := make(bson.D, 0, len(keys)+2)
	for _, key := range keys {
		v, ok := query.Get(event, key)
		if !ok {
			continue
		}
		if d, is := v.(bson.D); is && key == "documentKey" {
			id, _ := query.Get(d, "_id")
			v = bson.D{{Key: "_id", Value: id}}
		}
		out = append(out, bson.E{Key: key, Value: v})
	}
	return out
}

// updateDescription builds an update description from what is visible of the document now. The values in the event are
// older, and the document may have had another owner then. Removed field names are reported only where no field is
// hidden.
func (w *Stream) updateDescription(description, visible bson.D) bson.D {
	updated, _ := query.Get(description, "updatedFields")
	fields, _ := updated.(bson.D)
	kept := bson.D{}
	for _, e := range fields {
		if v, ok := valueAt(visible, strings.Split(e.Key, ".")); ok {
			kept = append(kept, bson.E{Key: e.Key, Value: v})
		}
	}
	removed := any(bson.A{})
	if _, whole, _ := w.target.view.DatabaseFilter(); whole {
		if v, ok := query.Get(description, "removedFields"); ok {
			removed = v
		}
	}
	return bson.D{{Key: "updatedFields", Value: kept}, {Key: "removedFields", Value: removed}}
}

// valueAt returns the value at a path of an update description, in which numbers are indexes of array items.
func valueAt(v any, path []string) (any, bool) {
	if len(path) == 0 {
		return v, true
	}
	switch x := v.(type) {
	case bson.D:
		if inner, ok := query.Get(x, path[0]); ok {
			return valueAt(inner, path[1:])
		}
	case bson.A:
		if i, err := strconv.Atoi(path[0]); err == nil && i >= 0 && i < len(x) {
			return valueAt(x[i], path[1:])
		}
	}
	return nil, false
}
