package datasource

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"dossier/backend/api"
	"dossier/backend/query"
	"dossier/backend/rules"
	"dossier/backend/store"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// maxKnown is of how many documents a stream remembers that its caller may see them, to tell of their end.
const maxKnown = 10000

// Stream is the changes of one collection as its caller may see them.
type Stream struct {
	target *target
	source changes
	filter *query.Filter
	known  map[string]bool // documents the caller may see, by the bytes of _id
}

// changes is what a stream needs of the store's.
type changes interface {
	Next(ctx context.Context) (bson.Raw, error)
	Close()
}

// Watch opens a stream of change events. The argument has database, collection and either ids (of documents) or filter
// (a query on the event). Events hold what of the document may be seen; documents that may not be seen cause none. A
// document that goes out of the caller's sight is told as deleted. Where the deployment has no change streams the error
// says so.
func (s *Sources) Watch(ctx context.Context, caller rules.Caller, service string, arg bson.Raw) (*Stream, error) {
	a, err := readArguments(api.OpWatch, arg, "ids filter useCompactEvents")
	if err != nil {
		return nil, err
	}
	if compact, err := a.truth("useCompactEvents"); err != nil || compact {
		return nil, api.Errorf(http.StatusBadRequest, api.CodeInvalidParameter, "watch: useCompactEvents: only whole events are told") // older SDKs send false
	}
	t, err := s.target(caller, service, api.OpWatch, a)
	if err != nil {
		return nil, err
	}
	filter, err := t.eventFilter(a)
	if err != nil {
		return nil, explain(err)
	}
	source, err := t.coll.Watch(ctx, nil, nil)
	if err != nil {
		if store.KindOf(err) == store.Unsupported {
			return nil, &api.Error{Status: http.StatusBadRequest, Code: api.CodeServiceCommandNotFound, Message: "the data source has no change streams: " + err.Error(), Err: err}
		}
		return nil, explain(err)
	}
	w := &Stream{target: t, source: source, filter: filter, known: map[string]bool{}}
	if err := w.learnIn(ctx, s.limits, caller.User.ID); err != nil {
		source.Close()
		return nil, explain(err)
	}
	return w, nil
}

// eventFilter makes one query on events of the arguments.
func (t *target) eventFilter(a *arguments) (*query.Filter, error) {
	filter, err := a.object("filter")
	if err != nil {
		return nil, err
	}
	if err := t.allow(true, filter); err != nil {
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

// learnIn learns like any other call of the person; the stream itself takes no room.
func (w *Stream) learnIn(ctx context.Context, l limits, userID string) error {
	slots, err := l.acquire(ctx, userID)
	if err != nil {
		return err
	}
	defer slots.held.Release()
	w.target.slots = slots
	defer func() { w.target.slots = nil }()
	return w.learn(ctx)
}

// learn remembers which documents the caller may see now. It runs when the stream is open, so that nothing falls between.
func (w *Stream) learn(ctx context.Context) error {
	if w.target.view == nil {
		return nil
	}
	docs, err := w.target.read(ctx, question{project: bson.D{{Key: "_id", Value: 1}}, limit: maxKnown})
	for _, d := range docs {
		w.known[idKey(d.Lookup("_id"))] = true
	}
	return err
}

func idKey(id bson.RawValue) string { return string(rune(id.Type)) + string(id.Value) }

// Next waits for the next event that the caller may see. When the stream has ended for good the error is io.EOF.
func (w *Stream) Next(ctx context.Context) (bson.Raw, error) {
	for {
		raw, err := w.source.Next(ctx)
		if err != nil {
			return nil, explain(err)
		}
		event, err := query.Decode(raw)
		if err != nil {
			return nil, explain(err)
		}
		if w.target.view != nil {
			w.target.view = w.target.view.Again() // what functions said about an earlier event is old by now
			if event, err = w.cut(event, raw); err != nil {
				return nil, explain(err)
			}
		}
		if event != nil && w.filter.Match(event) {
			return query.Encode(event)
		}
	}
}

// Close ends the stream.
func (w *Stream) Close() { w.source.Close() }

// cut makes of an event what the caller may know of it; nil: nothing.
func (w *Stream) cut(event bson.D, raw bson.Raw) (bson.D, error) {
	kind, _ := query.Get(event, "operationType")
	switch kind {
	case "insert", "update", "replace":
		return w.changed(event, raw)
	case "delete":
		return w.gone(event, raw), nil
	case "drop", "rename", "dropDatabase", "invalidate":
		return only(event, "_id", "operationType", "clusterTime", "ns"), nil
	}
	return nil, nil
}

func (w *Stream) changed(event bson.D, raw bson.Raw) (bson.D, error) {
	whole, _ := query.Get(event, "fullDocument")
	doc, ok := whole.(bson.D)
	if !ok { // gone since; its end comes as an event of its own
		return nil, nil
	}
	seen, visible, err := w.visible(doc)
	if err != nil {
		return nil, err
	}
	if !visible {
		return w.gone(event, raw), nil
	}
	if len(w.known) < maxKnown {
		w.known[idKey(raw.Lookup("documentKey", "_id"))] = true
	}
	out := only(event, "_id", "operationType", "clusterTime", "wallTime", "ns", "documentKey")
	out = append(out, bson.E{Key: "fullDocument", Value: seen})
	if v, ok := query.Get(event, "updateDescription"); ok {
		description, _ := v.(bson.D)
		out = append(out, bson.E{Key: "updateDescription", Value: w.describe(description, seen)})
	}
	return out, nil
}

// visible cuts a document as a query would find it: rules and filters both.
func (w *Stream) visible(doc bson.D) (bson.D, bool, error) {
	filter, _, none := w.target.view.Query()
	if none {
		return nil, false, nil
	}
	rule, err := query.ParseFilter(filter, w.target.env)
	if err != nil || !rule.Match(doc) {
		return nil, false, err
	}
	return w.target.see(doc)
}

// gone tells that a document the caller could see is out of sight; of any other, nothing.
func (w *Stream) gone(event bson.D, raw bson.Raw) bson.D {
	key := idKey(raw.Lookup("documentKey", "_id"))
	if !w.known[key] {
		return nil
	}
	delete(w.known, key)
	out := only(event, "_id", "operationType", "clusterTime", "wallTime", "ns", "documentKey")
	for i := range out {
		if out[i].Key == "operationType" {
			out[i].Value = "delete"
		}
	}
	return out
}

// only keeps some fields of an event, and of its documentKey the _id alone: the rest is the shard key.
func only(event bson.D, keys ...string) bson.D {
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

// describe rebuilds an update's description from what is seen of the document now: the event's own words are from a
// moment ago, when the document may have been another's. The names of removed fields are told only where nothing is
// hidden.
func (w *Stream) describe(description, seen bson.D) bson.D {
	updated, _ := query.Get(description, "updatedFields")
	fields, _ := updated.(bson.D)
	kept := bson.D{}
	for _, e := range fields {
		if v, ok := at(seen, strings.Split(e.Key, ".")); ok {
			kept = append(kept, bson.E{Key: e.Key, Value: v})
		}
	}
	removed := any(bson.A{})
	if _, whole, _ := w.target.view.Query(); whole {
		if v, ok := query.Get(description, "removedFields"); ok {
			removed = v
		}
	}
	return bson.D{{Key: "updatedFields", Value: kept}, {Key: "removedFields", Value: removed}}
}

// at gives the value at a path of an update's description, where numbers count array items.
func at(v any, path []string) (any, bool) {
	if len(path) == 0 {
		return v, true
	}
	switch x := v.(type) {
	case bson.D:
		if inner, ok := query.Get(x, path[0]); ok {
			return at(inner, path[1:])
		}
	case bson.A:
		if i, err := strconv.Atoi(path[0]); err == nil && i >= 0 && i < len(x) {
			return at(x[i], path[1:])
		}
	}
	return nil, false
}
