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

// The pauses between attempts to open a broken watch again.
const (
	firstPause   = 500 * time.Millisecond
	longestPause = 30 * time.Second
)

// errUnwatched ends one connection of a watch that may be opened again.
var errUnwatched = errors.New("the stream of changes ended")

// Watch tells of every change of the person's document until ctx ends, and returns nil then. A broken connection is told of (EventLost) and opened again
// (EventBack), and what was missed meanwhile is told as one replacement. It never renews a token, because looking must not refresh: once the token has expired it waits until another call has renewed it.
// A refusal for good, such as a deployment without change events, is returned at once.
func (p *User) Watch(ctx context.Context, tell func(model.ChangeEvent)) error {
	const op = "watch"
	coll, field, err := p.collection(op)
	if err != nil {
		return err
	}
	wait := firstPause
	for connected, lost := false, false; ; {
		used, changed, ok := p.current()
		if !ok {
			return signedOut(op)
		}
		err := p.stream(ctx, coll, field, used, func() {
			wait = firstPause
			if lost {
				tell(model.ChangeEvent{Operation: model.StreamResumed})
			}
			lost = false
			if connected {
				p.catchUp(ctx, coll, field, used, tell)
			}
			connected = true
		}, tell)
		if ctx.Err() != nil {
			return nil
		}
		timer := time.NewTimer(wait)
		if _, refused := is401(err); refused {
			timer.Stop() // only another token helps
		} else if !errors.Is(err, errUnwatched) && !mayHaveArrived(err) && model.FaultKindOf(err) != model.Throttled {
			timer.Stop()
			return err
		}
		if !lost {
			lost = true
			tell(model.ChangeEvent{Operation: model.StreamInterrupted})
		}
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
			wait = min(2*wait, longestPause)
		case <-changed:
			timer.Stop()
		}
	}
}

// current gives the access token and a channel that closes when it changes; false once signed out.
func (p *User) current() (Secret, <-chan struct{}, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.changed == nil {
		p.changed = make(chan struct{})
	}
	return p.tokens.Access, p.changed, !p.tokens.SignedOut
}

// stream is one connection of a watch. opened is called when the service has accepted it.
func (p *User) stream(ctx context.Context, coll Collection, field string, used Secret, opened func(), tell func(model.ChangeEvent)) error {
	const op = "watch"
	base, err := p.client.base(ctx, op)
	if err != nil {
		return err
	}
	query, err := p.watchQuery(coll, field)
	if err != nil {
		return model.AsFault(op, err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	slow := time.AfterFunc(p.client.o.Timeout, func() { cancel(context.DeadlineExceeded) })
	res, err := p.client.open(ctx, request{method: http.MethodGet, base: base, path: api.CallPath(p.client.o.AppID), query: query, bearer: used, stream: true})
	if !slow.Stop() && err == nil {
		res.Body.Close()
		err = context.DeadlineExceeded
	}
	if err != nil {
		return &model.Fault{Kind: model.Unreachable, Op: op, Message: "the service does not answer", Err: &lost{err}}
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(res.Body, 1<<20))
		return refused(op, res, body)
	}
	if kind := res.Header.Get("Content-Type"); kind != "" && !strings.HasPrefix(kind, "text/event-stream") {
		return &model.Fault{Kind: model.Failed, Op: op, Message: "the service does not tell of changes"}
	}
	opened()
	err = events(res.Body, func(m message) error { return p.dispatch(m, used, tell) })
	if f := (*model.Fault)(nil); errors.As(err, &f) {
		return err
	}
	return errUnwatched
}

// dispatch tells of one event and notes what it says about the snapshot.
func (p *User) dispatch(m message, used Secret, tell func(model.ChangeEvent)) error {
	switch m.event {
	case "error":
		said := failureOf([]byte(m.data))
		f := &model.Fault{Kind: model.Failed, Op: "watch", Message: said.Error, Code: said.ErrorCode}
		switch said.ErrorCode {
		case api.CodeInvalidSession:
			f.Err = &unauthorized{said.ErrorCode, said.Error}
		case api.CodeInternalServerError:
			f.Err = &lost{errUnwatched}
		}
		return f
	case "", "message":
	default:
		return nil
	}
	v, err := parseValue([]byte(m.data))
	if err != nil {
		return errUnwatched
	}
	operation, _ := model.Path{"operationType"}.Lookup(v.Value)
	e := model.ChangeEvent{}
	if e.Operation, _ = operation.StringValueOK(); e.Operation == "" {
		return nil
	}
	full, _ := model.Path{"fullDocument"}.Lookup(v.Value)
	e.Document, _ = full.DocumentOK()
	key, _ := model.Path{"documentKey", "_id"}.Lookup(v.Value)
	if p.counts(key) && (e.Document != nil || e.Operation == "delete") {
		p.saw(e.Document, p.client.o.Now(), used)
	}
	tell(e)
	return nil
}

// counts reports whether an `_id` is that of the document the snapshot was taken of; a further document with the same user id says nothing about the snapshot.
func (p *User) counts(id bson.RawValue) bool {
	taken, ok := model.Path{"_id"}.Lookup(p.CustomData())
	if !ok || model.Identical(taken, id) {
		return true
	}
	hex, text := taken.StringValueOK()
	oid, object := id.ObjectIDOK()
	return text && object && hex == oid.Hex()
}

// catchUp tells what the document is after a gap, with the token as it is: a refusal is left to the watch.
func (p *User) catchUp(ctx context.Context, coll Collection, field string, used Secret, tell func(model.ChangeEvent)) {
	arg, err := api.RawValue(bson.D{
		{Key: "database", Value: coll.database.name}, {Key: "collection", Value: coll.name}, {Key: "query", Value: ownFilter(field, p.ID())},
		{Key: "sort", Value: ownOrder(field)}, {Key: "limit", Value: 1},
	})
	if err != nil {
		return
	}
	body, err := api.Call{Name: "find", Arguments: []bson.RawValue{arg}, Service: coll.database.service.name}.Body()
	if err != nil {
		return
	}
	answer, err := p.client.send(ctx, "watch", request{method: http.MethodPost, path: api.CallPath(p.client.o.AppID), bearer: used, body: body})
	if err != nil {
		return
	}
	v, err := parseValue(answer)
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
	p.saw(e.Document, p.client.o.Now(), used)
	tell(e)
}

// watchQuery is the streaming call: the person's document by user id, and by the `_id` the snapshot knows, since a deletion says no more.
func (p *User) watchQuery(coll Collection, field string) (url.Values, error) {
	match := bson.A{ownFilter("fullDocument."+field, p.ID())}
	id, _ := model.Path{"_id"}.Lookup(p.CustomData())
	switch id.Type {
	case 0:
	case bson.TypeString: // a token carries an ObjectId as its hex text
		match = append(match, bson.D{{Key: "documentKey._id", Value: bson.D{{Key: "$in", Value: bothForms(id.StringValue())}}}})
	default:
		match = append(match, bson.D{{Key: "documentKey._id", Value: id}})
	}
	arg, err := api.RawValue(bson.D{
		{Key: "database", Value: coll.database.name}, {Key: "collection", Value: coll.name}, {Key: "filter", Value: bson.D{{Key: "$or", Value: match}}},
	})
	if err != nil {
		return nil, err
	}
	body, err := api.Call{Name: "watch", Arguments: []bson.RawValue{arg}, Service: coll.database.service.name}.Body()
	if err != nil {
		return nil, err
	}
	return url.Values{"baas_request": {base64.StdEncoding.EncodeToString(body)}}, nil
}
