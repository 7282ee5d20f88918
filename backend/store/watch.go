package store

import (
	"context"
	"io"
	"slices"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Stream is a change stream. It is not safe for concurrent use.
type Stream struct {
	ctx        context.Context // values of the opening call; Close works after its cancellation
	collection *Collection
	stream     *mongo.ChangeStream
	release    func() // releases the stream's slot, once
}

// Watch opens a change stream on the collection; every event carries the current document at the time the event is
// read. A nil pipeline passes every event; resumeAfter is the `_id` of the last known event, nil starts now. The
// deployment answers a request for events after await without one; 0, or a ctx with a deadline: after about a second.
// It returns a Busy error if more streams would occupy the connections that other requests need.
func (c *Collection) Watch(
	ctx context.Context, pipeline any, resumeAfter bson.Raw, await time.Duration,
) (*Stream, error) {
	opts := options.ChangeStream().SetFullDocument(options.UpdateLookup)
	if _, limited := ctx.Deadline(); await > 0 && !limited { // the driver refuses to await longer than the deadline
		opts.SetMaxAwaitTime(await)
	}
	if resumeAfter != nil {
		opts.SetResumeAfter(resumeAfter)
	}
	if pipeline == nil {
		pipeline = bson.A{}
	}
	slots := c.deployment.streamSlots
	if !slots.TryAcquire(1) {
		return nil, &Error{Kind: Busy, Message: "watch: too many change streams are open"}
	}
	release := sync.OnceFunc(func() { slots.Release(1) })
	s, err := c.coll.Watch(ctx, pipeline, opts)
	if err != nil {
		release()
		return nil, c.explain("watch", err)
	}
	return &Stream{ctx: context.WithoutCancel(ctx), collection: c, stream: s, release: release}, nil
}

// Next waits for the next event. It returns io.EOF if the stream has ended (the collection was dropped).
func (s *Stream) Next(ctx context.Context) (bson.Raw, error) {
	if s.stream.Next(ctx) {
		return slices.Clone(s.stream.Current), nil
	}
	if err := s.stream.Err(); err != nil {
		return nil, s.collection.explain("watch", err)
	}
	if err := ctx.Err(); err != nil {
		return nil, s.collection.explain("watch", err)
	}
	return nil, io.EOF
}

// Poll waits for the next event up to the await time of Watch; it returns nil without an error if there
// is none yet, and io.EOF if the stream has ended (the collection was dropped).
func (s *Stream) Poll(ctx context.Context) (bson.Raw, error) {
	if s.stream.TryNext(ctx) {
		return slices.Clone(s.stream.Current), nil
	}
	if err := s.stream.Err(); err != nil {
		return nil, s.collection.explain("watch", err)
	}
	if s.stream.ID() == 0 {
		return nil, io.EOF
	}
	return nil, nil
}

// Token returns the resume token of the current position: after the last event, or later if the deployment reports that
// there were no events since. nil: unknown.
func (s *Stream) Token() bson.Raw { return slices.Clone(s.stream.ResumeToken()) }

// Close closes the stream; it waits at most a second for the server.
func (s *Stream) Close() {
	ctx, stop := context.WithTimeout(s.ctx, time.Second)
	defer stop()
	defer s.release()
	_ = s.stream.Close(ctx)
}
