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

// Stream is a change stream.
type Stream struct {
	ctx        context.Context // the values of the call that opened it; closing outlives its cancellation
	collection *Collection
	stream     *mongo.ChangeStream
	leave      func() // gives the stream's place back, once
}

// Watch opens a change stream on the collection; every event carries the whole document as it is when the event is read.
// A nil pipeline lets every event through; resumeAfter is the `_id` of an event to continue behind, nil: from now on. It fails as
// Busy when so many streams are open that further ones would take the connections that everything else needs.
func (c *Collection) Watch(ctx context.Context, pipeline any, resumeAfter bson.Raw) (*Stream, error) {
	opts := options.ChangeStream().SetFullDocument(options.UpdateLookup)
	if resumeAfter != nil {
		opts.SetResumeAfter(resumeAfter)
	}
	if pipeline == nil {
		pipeline = bson.A{}
	}
	places := c.deployment.places
	select {
	case places <- struct{}{}:
	default:
		return nil, &Error{Kind: Busy, Message: "watch: too many change streams are open"}
	}
	leave := sync.OnceFunc(func() { <-places })
	s, err := c.coll.Watch(ctx, pipeline, opts)
	if err != nil {
		leave()
		return nil, c.explain("watch", err)
	}
	return &Stream{ctx: context.WithoutCancel(ctx), collection: c, stream: s, leave: leave}, nil
}

// Next waits for the next event. When the stream has ended for good (the collection was dropped), the error is io.EOF.
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

// Poll waits for the next event as long as the deployment cares to, about a second; nil without an error: there is none yet.
// When the stream has ended for good (the collection was dropped), the error is io.EOF.
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

// Token is the place the stream has come to, for resumeAfter: behind the last event, or further where the deployment says that
// there was nothing since. nil: it is not known.
func (s *Stream) Token() bson.Raw { return slices.Clone(s.stream.ResumeToken()) }

// Close ends the stream; it waits at most a second for the server.
func (s *Stream) Close() {
	ctx, stop := context.WithTimeout(s.ctx, time.Second)
	defer stop()
	defer s.leave()
	_ = s.stream.Close(ctx)
}
