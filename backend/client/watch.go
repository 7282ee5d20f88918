package client

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/model"
)

// The backoff between attempts to reopen a broken stream.
const (
	minBackoff = 500 * time.Millisecond
	maxBackoff = 30 * time.Second
)

// errStreamEnded reports that a connection ended and may be reopened.
var errStreamEnded = errors.New("the change stream ended")

// Watch calls notify for every change of the user's document until ctx ends, and returns nil then. When the connection
// breaks, it reports StreamInterrupted, reopens it with backoff and reports StreamResumed, followed by the current
// document as one replacement. It never refreshes the token, because watching must not refresh: after expiry it waits
// until another call has refreshed it. It returns permanent errors at once, such as a deployment without change
// streams.
func (u *User) Watch(ctx context.Context, notify func(model.ChangeEvent)) error {
	const op = "watch"
	coll, field, err := u.collection(op)
	if err != nil {
		return err
	}
	wait := minBackoff
	for connected, lost := false, false; ; {
		used, changed, ok := u.currentToken()
		if !ok {
			return signedOutFault(op)
		}
		err := u.stream(ctx, coll, field, used, func() {
			wait = minBackoff
			if lost {
				notify(model.ChangeEvent{Operation: model.StreamResumed})
			}
			lost = false
			if connected {
				u.sendCurrent(ctx, coll, field, used, notify)
			}
			connected = true
		}, notify)
		if ctx.Err() != nil {
			return nil
		}
		timer := time.NewTimer(wait)
		if _, refused := asUnauthorized(err); refused {
			timer.Stop() // only a new token helps
		} else if !errors.Is(err, errStreamEnded) && !mayHaveArrived(err) && model.FaultKindOf(err) != model.Throttled {
			timer.Stop()
			return err
		}
		if !lost {
			lost = true
			notify(model.ChangeEvent{Operation: model.StreamInterrupted})
		}
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
			wait = min(2*wait, maxBackoff)
		case <-changed:
			timer.Stop()
		}
	}
}

// currentToken returns the access token and a channel that is closed when the token changes; false once signed out.
func (u *User) currentToken() (Secret, <-chan struct{}, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.changed == nil {
		u.changed = make(chan struct{})
	}
	return u.tokens.Access, u.changed, !u.tokens.SignedOut
}

// stream opens one connection and reads it to its end. It calls opened when the service has accepted the request.
func (u *User) stream(ctx context.Context, coll Collection, field string, used Secret, opened func(),
	notify func(model.ChangeEvent)) error {
	const op = "watch"
	base, err := u.client.base(ctx, op)
	if err != nil {
		return err
	}
	inBSON, err := u.client.speaksBSON(ctx, op)
	if err != nil {
		return err
	}
	query, err := u.watchQuery(coll, field, inBSON)
	if err != nil {
		return model.AsFault(op, err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	slow := time.AfterFunc(u.client.options.Timeout, func() { cancel(context.DeadlineExceeded) })
	res, err := u.client.roundTrip(ctx, request{method: http.MethodGet, base: base,
		path: api.CallPath(u.client.options.AppID), query: query, bearer: used, stream: true})
	if !slow.Stop() && err == nil {
		res.Body.Close()
		err = context.DeadlineExceeded
	}
	if err != nil {
		return &model.Fault{Kind: model.Unreachable, Op: op, Message: "the service does not answer",
			Err: &uncertain{err: err}}
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(res.Body, 1<<20))
		return responseFault(op, res, body)
	}
	if kind := res.Header.Get("Content-Type"); kind != "" && !strings.HasPrefix(kind, "text/event-stream") {
		return &model.Fault{Kind: model.Failed, Op: op, Message: "the service does not support change streams"}
	}
	opened()
	err = readEvents(res.Body, func(m sseEvent) error { return u.dispatch(m, inBSON, notify) })
	if f := (*model.Fault)(nil); errors.As(err, &f) {
		return err
	}
	return errStreamEnded
}

// parseEvent reads a change event: extended JSON, or BSON in base64.
func parseEvent(data string, inBSON bool) (bson.Raw, error) {
	if !inBSON {
		v, err := parseValue([]byte(data))
		return v.Value, err
	}
	event, err := base64.StdEncoding.DecodeString(data)
	if err == nil && !api.ValidBSON(event) {
		err = errors.New("the event is not BSON")
	}
	return event, err
}

// dispatch handles one event: it records the document for the staleness and calls notify.
func (u *User) dispatch(m sseEvent, inBSON bool, notify func(model.ChangeEvent)) error {
	switch m.event {
	case "error":
		failure := parseFailure([]byte(m.data))
		f := &model.Fault{Kind: model.Failed, Op: "watch", Message: failure.Error, Code: failure.ErrorCode}
		switch failure.ErrorCode {
		case api.CodeInvalidSession:
			f.Err = &unauthorized{failure.ErrorCode, failure.Error}
		case api.CodeInternalServerError:
			f.Err = &uncertain{err: errStreamEnded}
		}
		return f
	case "", "message":
	default:
		return nil
	}
	event, err := parseEvent(m.data, inBSON)
	if err != nil {
		return errStreamEnded
	}
	operation, _ := model.Path{"operationType"}.Lookup(event)
	e := model.ChangeEvent{}
	if e.Operation, _ = operation.StringValueOK(); e.Operation == "" {
		return nil
	}
	full, _ := model.Path{"fullDocument"}.Lookup(event)
	e.Document, _ = full.DocumentOK()
	key, _ := model.Path{"documentKey", "_id"}.Lookup(event)
	switch {
	case !u.isSnapshotDocument(key):
		e.Document = nil // another document with the same user id: the caller checks which one counts
	case e.Document != nil || e.Operation == "delete":
		wall, _ := model.Path{"wallTime"}.Lookup(event)
		u.recordEvent(observation{doc: e.Document, documents: -1, changedAt: timeOf(wall)}, &e)
	}
	notify(e)
	return nil
}

// timeOf returns the time of a date; zero if the value is none.
func timeOf(v bson.RawValue) time.Time {
	if _, ok := v.DateTimeOK(); !ok {
		return time.Time{}
	}
	return v.Time().UTC()
}

// isSnapshotDocument reports whether an `_id` is that of the snapshot's document. Other documents with the same user id
// are not compared with the snapshot.
func (u *User) isSnapshotDocument(id bson.RawValue) bool {
	snapshotID, ok := model.Path{"_id"}.Lookup(u.CustomData())
	if !ok || model.Identical(snapshotID, id) {
		return true
	}
	hex, isString := snapshotID.StringValueOK()
	oid, isObjectID := id.ObjectIDOK()
	return isString && isObjectID && hex == oid.Hex()
}

// sendCurrent reports the current document after an interruption. It uses the given token and ignores errors: the
// stream reports them.
func (u *User) sendCurrent(ctx context.Context, coll Collection, field string, used Secret,
	notify func(model.ChangeEvent)) {
	arg, err := api.RawValue(bson.D{
		{Key: "database", Value: coll.database.name}, {Key: "collection", Value: coll.name},
		{Key: "query", Value: userFilter(field, u.ID())},
		{Key: "sort", Value: userOrder(field)}, {Key: "limit", Value: 1},
	})
	if err != nil {
		return
	}
	r := request{method: http.MethodPost, path: api.CallPath(u.client.options.AppID), bearer: used}
	if r.bson, err = u.client.speaksBSON(ctx, "watch"); err != nil {
		return
	}
	r.body, err = encodeCall(api.Call{Name: "find", Arguments: []bson.RawValue{arg}, Service: coll.database.service.name},
		r.bson)
	if err != nil {
		return
	}
	response, err := u.client.send(ctx, "watch", r)
	if err != nil {
		return
	}
	v, err := parseResult(response, r.bson)
	if err != nil {
		return
	}
	docs, err := documents(v)
	if err != nil {
		return
	}
	e := model.ChangeEvent{Operation: "delete"}
	if len(docs) > 0 {
		e = model.ChangeEvent{Operation: "replace", Document: docs[0]}
	}
	u.recordEvent(observation{doc: e.Document, documents: -1}, &e)
	notify(e)
}

// watchQuery returns the query of the watch request. It filters by user id, and by the snapshot's `_id` because the
// event of a deletion has no other field.
func (u *User) watchQuery(coll Collection, field string, inBSON bool) (url.Values, error) {
	match := bson.A{userFilter("fullDocument."+field, u.ID())}
	id, _ := model.Path{"_id"}.Lookup(u.CustomData())
	switch id.Type {
	case 0:
	case bson.TypeString: // a token carries an ObjectId as its hex string
		match = append(match, bson.D{{Key: "documentKey._id", Value: bson.D{{Key: "$in", Value: idForms(id.StringValue())}}}})
	default:
		match = append(match, bson.D{{Key: "documentKey._id", Value: id}})
	}
	arg, err := api.RawValue(bson.D{
		{Key: "database", Value: coll.database.name}, {Key: "collection", Value: coll.name},
		{Key: "filter", Value: bson.D{{Key: "$or", Value: match}}},
	})
	if err != nil {
		return nil, err
	}
	body, err := encodeCall(api.Call{Name: "watch", Arguments: []bson.RawValue{arg},
		Service: coll.database.service.name}, inBSON)
	if err != nil {
		return nil, err
	}
	name := "baas_request"
	if inBSON {
		name = "dossier_request"
	}
	return url.Values{name: {base64.StdEncoding.EncodeToString(body)}}, nil
}
