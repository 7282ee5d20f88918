package store_test

import (
	"encoding/binary"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/store"
	"dossier/backend/storetest"
)

// member simulates a server: it replies to a handshake with hello and to everything else with answer.
func member(t *testing.T, hello func() bson.D, answer bson.D) string {
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
			// The handshake is an OP_QUERY: flags, a name, two numbers, the command. The rest is OP_MSG: flags, a zero, the
			// command.
			query := binary.LittleEndian.Uint32(head[12:]) == 2004
			command := bson.Raw(body[5:])
			if query {
				command = bson.Raw(body[4+len("admin.$cmd\x00")+8:])
			}
			reply := answer
			if first, err := command.IndexErr(0); err == nil && (first.Key() == "hello" || first.Key() == "isMaster") {
				reply = hello()
			}
			text, err := bson.Marshal(reply)
			if err != nil {
				return
			}
			kind, prefix := uint32(2013), 5
			if query {
				kind, prefix = 1, 20
			}
			out := make([]byte, 16+prefix)
			if query {
				out[32] = 1 // one document
			}
			copy(out[8:12], head[4:8])
			binary.LittleEndian.PutUint32(out[12:], kind)
			binary.LittleEndian.PutUint32(out, uint32(len(out)+len(text)))
			if _, err := c.Write(append(out, text...)); err != nil {
				return
			}
		}
	})
}

// greeting is the hello reply of the members.
func greeting(writable bool) bson.D {
	return bson.D{
		{Key: "ok", Value: 1}, {Key: "isWritablePrimary", Value: writable}, {Key: "ismaster", Value: writable},
		{Key: "secondary", Value: !writable}, {Key: "helloOk", Value: true},
		{Key: "minWireVersion", Value: 0}, {Key: "maxWireVersion", Value: 21}, {Key: "maxBsonObjectSize", Value: 16 << 20},
		{Key: "maxMessageSizeBytes", Value: 48 << 20}, {Key: "maxWriteBatchSize", Value: 100000},
		{Key: "logicalSessionTimeoutMinutes", Value: 30},
	}
}

// found is the reply to a find.
func found(docs ...any) bson.D {
	return bson.D{{Key: "ok", Value: 1}, {Key: "cursor", Value: bson.D{{Key: "id", Value: int64(0)},
		{Key: "ns", Value: "app.people"}, {Key: "firstBatch", Value: append(bson.A{}, docs...)}}}}
}

// A secondary with replication lag would not find a session that was just created.
func TestReadsGoToThePrimary(t *testing.T) {
	var primary, secondary string
	gate := make(chan struct{})
	hello := func(writable bool) func() bson.D {
		return func() bson.D {
			<-gate
			return append(greeting(writable), bson.E{Key: "setName", Value: "rs"}, bson.E{Key: "setVersion", Value: 1},
				bson.E{Key: "hosts", Value: bson.A{primary, secondary}}, bson.E{Key: "primary", Value: primary})
		}
	}
	primary = member(t, hello(true), found(bson.D{{Key: "_id", Value: "newest"}}))
	secondary = member(t, hello(false), found())
	close(gate)
	doc, err := read(t, primary+","+secondary+"/?replicaSet=rs&readPreference=secondary")
	if err != nil || doc == nil {
		t.Errorf("read %s, %v", doc, err)
	}
}

// An unacknowledged write does not report its result.
func TestWritesAreAcknowledged(t *testing.T) {
	db := storetest.Open(t, time.Now)
	c := db.Reconnect(t, "w=0").Collection(db.Name(), "people")
	if _, err := c.InsertOne(t.Context(), bson.D{{Key: "_id", Value: 1}}); err != nil {
		t.Fatal(err)
	}
	if done, err := c.UpdateOne(t.Context(), bson.D{{Key: "_id", Value: 1}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "n", Value: 1}}}}, store.Change{}); done.Matched != 1 || err != nil {
		t.Errorf("%+v, %v", done, err)
	}
}

func TestServerErrorMessages(t *testing.T) {
	for _, c := range []struct {
		code    int
		message string
		kind    store.Kind
		want    string
	}{
		{13, "Command find requires authentication", store.BadCredentials, "requires a user and a password"},
		{13, "not authorized on app to execute command { find: \"people\", filter: { secret: 1 } }", store.NotPermitted,
			"may not read in app.people"},
		{112, "WriteConflict", store.Busy, "cannot read in app.people now"},
		{1, "deadlock detected", store.Busy, "cannot read in app.people now"},
		{16908292, "deadlock detected", store.Busy, "cannot read in app.people now"},
		{16908741, "terminating connection", store.Other, "terminating"},
		{1, "an internal error", store.Other, "an internal error"},
		{51091, "Regular expression is invalid", store.BadQuery, "Regular expression"},
	} {
		server := member(t, func() bson.D { return greeting(true) }, bson.D{{Key: "ok", Value: 0},
			{Key: "code", Value: c.code}, {Key: "errmsg", Value: c.message}})
		_, err := read(t, server)
		if store.KindOf(err) != c.kind || err == nil || !strings.Contains(err.Error(), c.want) ||
			strings.Contains(err.Error(), "secret") {
			t.Errorf("%d %s: %s: %v", c.code, c.message, store.KindOf(err), err)
		}
	}
}

// read connects and reads one document.
func read(t *testing.T, servers string) (bson.Raw, error) {
	t.Helper()
	d, err := store.Connect(t.Context(), store.Options{URI: "mongodb://" + servers})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close(t.Context())
	return d.Collection("app", "people").FindOne(t.Context(), nil, store.Find{})
}

// Each host of a connection string is reported with what it did.
func TestConnectErrorNamesEachHost(t *testing.T) {
	single := member(t, func() bson.D { return greeting(true) }, bson.D{{Key: "ok", Value: 1}})
	dead := closedPort(t)
	var secondary string
	secondary = member(t, func() bson.D {
		return append(greeting(false), bson.E{Key: "setName", Value: "rs0"},
			bson.E{Key: "hosts", Value: bson.A{secondary}}, bson.E{Key: "setVersion", Value: 1},
			bson.E{Key: "me", Value: secondary})
	}, bson.D{{Key: "ok", Value: 1}})
	for uri, want := range map[string]string{
		"mongodb://" + single + "," + dead + "/": single + ": a single server, which cannot be combined with other " +
			"hosts: name it alone; " + dead + ": connection refused, no MongoDB server listens there",
		"mongodb://" + single + "/?replicaSet=rs0":    single + `: not a member of replica set "rs0"`,
		"mongodb://" + secondary + "/?replicaSet=rs0": secondary + ": a secondary, and no primary is available",
	} {
		_, err := store.Connect(t.Context(), store.Options{URI: uri, Timeout: time.Second})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n got %v\nwant %s", uri, err, want)
		}
	}
}
