package store_test

import (
	"encoding/binary"
	"io"
	"net"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/store"
	"dossier/backend/storetest"
)

// member answers as one of a replica set that is made up: whatever is looked for, it has the documents of batch.
func member(t *testing.T, hello func() bson.D, batch bson.A) string {
	return listener(t, func(c net.Conn) {
		for {
			var head [16]byte
			if _, err := io.ReadFull(c, head[:]); err != nil {
				return
			}
			body := make([]byte, binary.LittleEndian.Uint32(head[:])-16)
			if _, err := io.ReadFull(c, body); err != nil {
				return
			}
			// The first greeting is an OP_QUERY: flags, a name, two numbers, the command. The rest is OP_MSG: flags, a zero, the command.
			query := binary.LittleEndian.Uint32(head[12:]) == 2004
			command := bson.Raw(body[5:])
			if query {
				command = bson.Raw(body[4+len("admin.$cmd\x00")+8:])
			}
			answer := bson.D{{Key: "cursor", Value: bson.D{{Key: "id", Value: int64(0)}, {Key: "ns", Value: "app.people"}, {Key: "firstBatch", Value: batch}}}}
			if first, err := command.IndexErr(0); err == nil && (first.Key() == "hello" || first.Key() == "isMaster") {
				answer = hello()
			}
			text, err := bson.Marshal(append(answer, bson.E{Key: "ok", Value: 1}))
			if err != nil {
				return
			}
			reply, prefix := uint32(2013), 5
			if query {
				reply, prefix = 1, 20
			}
			out := make([]byte, 16+prefix)
			if query {
				out[32] = 1 // one document
			}
			copy(out[8:12], head[4:8])
			binary.LittleEndian.PutUint32(out[12:], reply)
			binary.LittleEndian.PutUint32(out, uint32(len(out)+len(text)))
			if _, err := c.Write(append(out, text...)); err != nil {
				return
			}
		}
	})
}

// A member that lags behind would not know a session that was just opened.
func TestReadsGoToThePrimary(t *testing.T) {
	var primary, secondary string
	hello := func(writable bool) func() bson.D {
		return func() bson.D {
			return bson.D{
				{Key: "isWritablePrimary", Value: writable}, {Key: "ismaster", Value: writable}, {Key: "secondary", Value: !writable}, {Key: "helloOk", Value: true},
				{Key: "setName", Value: "rs"}, {Key: "setVersion", Value: 1}, {Key: "hosts", Value: bson.A{primary, secondary}}, {Key: "primary", Value: primary},
				{Key: "minWireVersion", Value: 0}, {Key: "maxWireVersion", Value: 21}, {Key: "maxBsonObjectSize", Value: 16 << 20},
				{Key: "maxMessageSizeBytes", Value: 48 << 20}, {Key: "maxWriteBatchSize", Value: 100000}, {Key: "logicalSessionTimeoutMinutes", Value: 30},
			}
		}
	}
	gate := make(chan struct{})
	waiting := func(f func() bson.D) func() bson.D { return func() bson.D { <-gate; return f() } }
	primary = member(t, waiting(hello(true)), bson.A{bson.D{{Key: "_id", Value: "newest"}}})
	secondary = member(t, waiting(hello(false)), bson.A{})
	close(gate)
	d, err := store.Connect(t.Context(), store.Options{URI: "mongodb://" + primary + "," + secondary + "/?replicaSet=rs&readPreference=secondary"})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close(t.Context())
	doc, err := d.Collection("app", "people").FindOne(t.Context(), nil, store.Find{})
	if err != nil || doc == nil {
		t.Errorf("read %s, %v", doc, err)
	}
}

// A write that is not acknowledged does not say whether it did anything.
func TestWritesAreAcknowledged(t *testing.T) {
	db := storetest.Open(t, time.Now)
	c := db.Again(t, "w=0").Collection(db.Name(), "people")
	if _, err := c.InsertOne(t.Context(), bson.D{{Key: "_id", Value: 1}}); err != nil {
		t.Fatal(err)
	}
	if done, err := c.UpdateOne(t.Context(), bson.D{{Key: "_id", Value: 1}}, bson.D{{Key: "$set", Value: bson.D{{Key: "n", Value: 1}}}}, store.Change{}); done.Matched != 1 || err != nil {
		t.Errorf("%+v, %v", done, err)
	}
}
