package auth

import (
	"context"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"

	"dossier/backend/directory"
)

// The limits on reads of sessions. Every authenticated request needs one, so requests that arrive while
// maxSessionReads are in progress share the next one. There are several, so that one without a reply holds up no
// others.
const (
	maxSessionReads    = 8
	maxSessionsPerRead = 64
	sessionReadTimeout = 15 * time.Second
)

// sessionReader reads sessions together with their users. It caches nothing: each read begins after its request, so
// that it sees every change before the request, of other processes too. It is safe for concurrent use.
type sessionReader struct {
	aggregate func(ctx context.Context, pipeline any) ([]bson.Raw, error) // of the collection of sessions

	mu      sync.Mutex
	waiting []*sessionRead
	running int
}

// sessionRead is the read of one session.
type sessionRead struct {
	id   string
	done chan struct{} // closed when doc and err are set
	doc  bson.Raw      // nil: no such session
	err  error
}

// read returns what decodeSession decodes; nil: no such session.
func (r *sessionReader) read(ctx context.Context, id string) (bson.Raw, error) {
	own := &sessionRead{id: id}
	r.mu.Lock()
	if r.running == maxSessionReads {
		own.done = make(chan struct{})
		r.waiting = append(r.waiting, own)
		r.mu.Unlock()
		select {
		case <-own.done:
			return own.doc, own.err
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	r.running++
	r.mu.Unlock()
	defer r.next(ctx)
	r.readAll(ctx, []*sessionRead{own})
	return own.doc, own.err
}

// next ends a read, and starts one for the requests that wait. It does not end with the context of the read before it.
func (r *sessionReader) next(ctx context.Context) {
	r.mu.Lock()
	batch := r.waiting[:min(len(r.waiting), maxSessionsPerRead)]
	if r.waiting = r.waiting[len(batch):]; len(batch) == 0 {
		r.running--
	}
	r.mu.Unlock()
	if len(batch) == 0 {
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sessionReadTimeout)
		defer cancel()
		defer r.next(ctx)
		r.readAll(ctx, batch)
		for _, one := range batch {
			close(one.done)
		}
	}()
}

// readAll reads several sessions at once.
func (r *sessionReader) readAll(ctx context.Context, batch []*sessionRead) {
	docs, err := r.aggregate(ctx, sessionPipeline(batch))
	for _, one := range batch {
		one.err = err
		for _, doc := range docs {
			if id, ok := doc.Lookup("_id").StringValueOK(); ok && id == one.id {
				one.doc = doc
			}
		}
	}
}

// sessionPipeline returns the pipeline that reads sessions with their users.
func sessionPipeline(batch []*sessionRead) bsoncore.Array {
	ids := bsoncore.NewArrayBuilder()
	for _, one := range batch {
		ids.AppendString(one.id)
	}
	condition := bsoncore.NewDocumentBuilder().AppendArray("$in", ids.Build()).Build()
	filter := bsoncore.NewDocumentBuilder().AppendDocument("_id", condition).Build()
	match := bsoncore.NewDocumentBuilder().AppendDocument("$match", filter).Build()
	stages := bsoncore.NewArrayBuilder().AppendDocument(match)
	for _, stage := range stagesAfterMatch() {
		stages.AppendDocument(stage)
	}
	return stages.Build()
}

// usersField is the field with the user of a session that is read.
const usersField = "users"

// stagesAfterMatch returns the stages after the selection of sessions.
var stagesAfterMatch = sync.OnceValue(func() []bsoncore.Document {
	return []bsoncore.Document{
		encodeStage("$project", bson.D{{Key: "user_id", Value: 1}, {Key: "provider_type", Value: 1},
			{Key: "identity_id", Value: 1}, {Key: "device_id", Value: 1}, {Key: "refresh_sha256", Value: 1},
			{Key: "epoch", Value: 1}, {Key: "expires_at", Value: 1}}),
		encodeStage("$lookup", bson.D{{Key: "from", Value: directory.UsersCollection},
			{Key: "localField", Value: "user_id"}, {Key: "foreignField", Value: "_id"}, {Key: "as", Value: usersField}}),
	}
})

// encodeStage encodes a constant stage of a pipeline.
func encodeStage(name string, operand bson.D) bsoncore.Document {
	doc, err := bson.Marshal(bson.D{{Key: name, Value: operand}})
	if err != nil {
		panic(err)
	}
	return doc
}
