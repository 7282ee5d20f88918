package embedded_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"dossier/backend/embedded"
)

func TestCommandErrors(t *testing.T) {
	client := connect(t, open(t))
	db := client.Database("app")
	insertAll(t, db.Collection("people"), `{"_id": 1}`)
	for command, want := range map[string]struct {
		code int
		text string
	}{
		`{"noSuchThing": 1}`:                                                      {59, "no such command: 'noSuchThing'"},
		`{"collMod": "people"}`:                                                   {59, "collMod"},
		`{"find": "people", "foo": 1}`:                                            {40415, "find.foo"},
		`{"find": "people", "collation": {"locale": "en"}}`:                       {238, "collation"},
		`{"find": "people", "filter": {"a": {"$foo": 1}}}`:                        {2, "unknown operator: $foo"},
		`{"find": "people", "filter": 1}`:                                         {14, "filter"},
		`{"find": "people", "limit": -1.5}`:                                       {14, "limit"},
		`{"find": "people", "skip": -1}`:                                          {51024, "skip"},
		`{"find": ""}`:                                                            {73, "Invalid namespace"},
		`{"find": "people", "hint": "nope"}`:                                      {2, "hint"},
		`{"find": 5}`:                                                             {73, "collection name"},
		`{"getMore": {"$numberLong": "77"}, "collection": "people"}`:              {43, "cursor id 77 not found"},
		`{"aggregate": "people", "pipeline": [{"$foo": 1}], "cursor": {}}`:        {40324, "'$foo'"},
		`{"aggregate": "people", "pipeline": []}`:                                 {9, "'cursor' option is required"},
		`{"create": "people"}`:                                                    {48, "already exists"},
		`{"create": "capped", "capped": true, "size": 100}`:                       {238, "capped"},
		`{"listIndexes": "nothing"}`:                                              {26, "ns does not exist"},
		`{"dropIndexes": "nothing", "index": "*"}`:                                {26, "ns not found"},
		`{"update": "people", "updates": []}`:                                     {16, "Write batch sizes"},
		`{"insert": "people", "documents": [{"a": 1}], "startTransaction": true}`: {20, "Transaction"},
		`{"insert": "people", "documents": [{"a": 1}], "writeConcern": {"w": 2}}`: {2, "'w' > 1"},
		`{"findAndModify": "people", "query": {}}`:                                {9, "Either an update or remove=true"},
		`{"insert": "people", "documents": [1]}`:                                  {14, "documents"},
	} {
		err := db.RunCommand(t.Context(), doc(t, command)).Err()
		if codeOf(err) != want.code || !strings.Contains(fmt.Sprint(err), want.text) {
			t.Errorf("%s: %v, want %d %q", command, err, want.code, want.text)
		}
	}
}

func TestCursorReturnsBatches(t *testing.T) {
	c := newCollection(t)
	var docs []string
	for i := range 250 {
		docs = append(docs, fmt.Sprintf(`{"_id": %d, "n": %d}`, i, 250-i))
	}
	insertAll(t, c, docs...)
	for name, o := range map[string]*options.FindOptionsBuilder{
		"default": options.Find(), "small": options.Find().SetBatchSize(7),
		"sorted":  options.Find().SetSort(doc(t, `{"n": 1}`)).SetBatchSize(10),
		"limited": options.Find().SetLimit(250).SetBatchSize(249),
	} {
		cursor, err := c.Find(t.Context(), doc(t, `{}`), o)
		must(t, err)
		var all []bson.M
		must(t, cursor.All(t.Context(), &all))
		if len(all) != 250 {
			t.Errorf("%s: %d documents", name, len(all))
		}
	}
	cursor, err := c.Find(t.Context(), doc(t, `{}`), options.Find().SetBatchSize(2))
	must(t, err)
	id := cursor.ID()
	must(t, cursor.Close(t.Context()))
	if err := c.Database().RunCommand(t.Context(), bson.D{{Key: "getMore", Value: id},
		{Key: "collection", Value: "people"}}).Err(); codeOf(err) != 43 {
		t.Errorf("getMore of a killed cursor: %v", err)
	}
}

// A cursor continues at its position although documents before and after it change.
func TestCursorContinuesDuringChanges(t *testing.T) {
	c := newCollection(t)
	for i := range 20 {
		insertAll(t, c, fmt.Sprintf(`{"_id": %d}`, i*10))
	}
	cursor, err := c.Find(t.Context(), doc(t, `{}`), options.Find().SetBatchSize(5))
	must(t, err)
	var got []int32
	for cursor.Next(t.Context()) {
		got = append(got, cursor.Current.Lookup("_id").Int32())
		if len(got) == 3 {
			_, err := c.DeleteMany(t.Context(), doc(t, `{"_id": {"$in": [0, 40, 60]}}`))
			must(t, err)
			insertAll(t, c, `{"_id": 5}`, `{"_id": 75}`)
		}
	}
	must(t, cursor.Err())
	if want := "[0 10 20 30 40 50 70 75 80"; !strings.HasPrefix(fmt.Sprint(got), want) || len(got) != 20 {
		t.Errorf("got %v", got)
	}
}

func TestCursorOfDroppedCollectionFails(t *testing.T) {
	c := newCollection(t)
	insertAll(t, c, `{"_id": 1}`, `{"_id": 2}`, `{"_id": 3}`)
	cursor, err := c.Find(t.Context(), doc(t, `{}`), options.Find().SetBatchSize(2))
	must(t, err)
	must(t, c.Drop(t.Context()))
	insertAll(t, c, `{"_id": 9}`)
	var all []bson.M
	if err := cursor.All(t.Context(), &all); codeOf(err) != 175 {
		t.Errorf("got %v, %v", all, err)
	}
}

func TestParallelIncrementsAreAllCounted(t *testing.T) {
	c := newCollection(t)
	insertAll(t, c, `{"_id": 1, "n": 0}`)
	var wait sync.WaitGroup
	for range 50 {
		wait.Go(func() {
			for range 10 {
				if _, err := c.UpdateOne(t.Context(), bson.M{"_id": 1}, bson.M{"$inc": bson.M{"n": 1}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	if got := findOne(t, c, `{}`); got != `{"_id":1,"n":500}` {
		t.Errorf("got %s", got)
	}
}

// Writes that share a transaction with a failing write are kept.
func TestFailingWriteDoesNotRollBackOthers(t *testing.T) {
	c := newCollection(t)
	insertAll(t, c, `{"_id": "taken"}`)
	var wait sync.WaitGroup
	for i := range 60 {
		wait.Go(func() {
			if i%3 == 0 {
				err := c.FindOneAndUpdate(t.Context(), bson.M{"_id": "taken"}, bson.M{"$set": bson.M{"_id": i}}).Err()
				if codeOf(err) != 66 {
					t.Errorf("%d: %v", i, err)
				}
				return
			}
			if _, err := c.InsertOne(t.Context(), bson.M{"_id": i}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	n, err := c.CountDocuments(t.Context(), bson.M{})
	must(t, err)
	if n != 41 {
		t.Errorf("%d documents", n)
	}
}

func TestRetriedWriteAppliesOnce(t *testing.T) {
	c := newCollection(t)
	insertAll(t, c, `{"_id": 1, "a": 0}`)
	command := doc(t, `{"update": "people", "updates": [{"q": {"_id": 1}, "u": {"$inc": {"a": 1}}}], "lsid": {"id": {"$binary": {"base64": "MDEyMzQ1Njc4OWFiY2RlZg==", "subType": "04"}}}, "txnNumber": {"$numberLong": "7"}}`)
	for range 3 {
		must(t, c.Database().RunCommand(t.Context(), command).Err())
	}
	if got := findOne(t, c, `{}`); got != `{"_id":1,"a":1}` {
		t.Errorf("got %s", got)
	}
	command[len(command)-1].Value = int64(6)
	if err := c.Database().RunCommand(t.Context(), command).Err(); codeOf(err) != 225 {
		t.Errorf("an older number: %v", err)
	}
}

func TestUnacknowledgedWriteGetsNoReply(t *testing.T) {
	db := open(t)
	client, err := mongo.Connect(options.Client().ApplyURI(embedded.URI).SetDialer(db).SetMaxPoolSize(1))
	must(t, err)
	defer client.Disconnect(context.Background())
	quiet := client.Database("app").Collection("people",
		options.Collection().SetWriteConcern(writeconcern.Unacknowledged()))
	for i := range 5 {
		if _, err := quiet.InsertOne(t.Context(), bson.M{"_id": i}); err != nil {
			t.Fatal(err)
		}
	}
	n, err := client.Database("app").Collection("people").CountDocuments(t.Context(), bson.M{})
	must(t, err)
	if n != 5 {
		t.Errorf("%d documents", n)
	}
}

func TestDocumentLimits(t *testing.T) {
	c := newCollection(t)
	if _, err := c.InsertOne(t.Context(), bson.M{"v": strings.Repeat("x", 17<<20)}); err == nil {
		t.Error("17 MB accepted")
	}
	if _, err := c.InsertOne(t.Context(), bson.M{"_id": bson.A{1}}); codeOf(err) != 53 {
		t.Errorf("array _id: %v", err)
	}
	var deep any = 1
	for range 190 {
		deep = bson.M{"k": deep}
	}
	if _, err := c.InsertOne(t.Context(), bson.M{"v": deep}); codeOf(err) != 15 {
		t.Errorf("190 levels: %v", err)
	}
	must(t, makeIndex(t, c, `{"s": 1}`, options.Index()))
	if _, err := c.InsertOne(t.Context(), bson.M{"s": strings.Repeat("x", 20000)}); codeOf(err) != 17280 {
		t.Errorf("a long key: %v", err)
	}
	big := strings.Repeat("x", 15<<20)
	_, err := c.InsertOne(t.Context(), bson.M{"_id": 1, "v": big})
	must(t, err)
	_, err = c.UpdateOne(t.Context(), bson.M{"_id": 1}, bson.M{"$set": bson.M{"w": big[:2<<20]}})
	if codeOf(err) != 10334 {
		t.Errorf("grown over the limit: %v", err)
	}
}

func TestValidator(t *testing.T) {
	db := connect(t, open(t)).Database("app")
	must(t, db.CreateCollection(t.Context(), "people", options.CreateCollection().SetValidator(doc(t,
		`{"$jsonSchema": {"required": ["a"], "properties": {"a": {"bsonType": "string"}}}}`))))
	c := db.Collection("people")
	insertAll(t, c, `{"_id": 1, "a": "x"}`)
	if _, err := c.InsertOne(t.Context(), doc(t, `{"a": 1}`)); codeOf(err) != 121 {
		t.Errorf("insert: %v", err)
	}
	if _, err := c.UpdateOne(t.Context(), doc(t, `{"_id": 1}`), doc(t, `{"$unset": {"a": 1}}`)); codeOf(err) != 121 {
		t.Errorf("update: %v", err)
	}
}

func TestExpiredDocumentsAreRemoved(t *testing.T) {
	var clock struct {
		sync.Mutex
		now time.Time
	}
	clock.now = time.Unix(1700000000, 0)
	db, err := embedded.Open("", embedded.Options{Sweep: time.Millisecond, Now: func() time.Time {
		clock.Lock()
		defer clock.Unlock()
		return clock.now
	}})
	must(t, err)
	defer db.Close()
	c := connect(t, db).Database("app").Collection("people")
	must(t, makeIndex(t, c, `{"at": 1}`, options.Index().SetExpireAfterSeconds(60)))
	s := watch(t, c, mongo.Pipeline{doc(t, `{"$match": {"operationType": "delete"}}`)})
	insertAll(t, c, `{"_id": "old", "at": {"$date": {"$numberLong": "1700000000000"}}}`,
		`{"_id": "new", "at": {"$date": {"$numberLong": "1700000900000"}}}`, `{"_id": "none"}`, `{"_id": "text", "at": "x"}`)
	clock.Lock()
	clock.now = clock.now.Add(61 * time.Second)
	clock.Unlock()
	if id := next(t, s).Lookup("documentKey", "_id").StringValue(); id != "old" {
		t.Errorf("%s went", id)
	}
	n, err := c.CountDocuments(t.Context(), bson.M{})
	must(t, err)
	if n != 3 {
		t.Errorf("%d are left", n)
	}
}

// An invalid message ends its connection and nothing else.
func TestGarbageOnTheWire(t *testing.T) {
	db := open(t)
	c := connect(t, db).Database("app").Collection("people")
	insertAll(t, c, `{"_id": 1}`)
	header := func(length, op uint32, body ...byte) []byte {
		b := binary.LittleEndian.AppendUint32(nil, length)
		b = binary.LittleEndian.AppendUint32(b, 1)
		b = binary.LittleEndian.AppendUint32(b, 0)
		return append(binary.LittleEndian.AppendUint32(b, op), body...)
	}
	for name, b := range map[string][]byte{
		"too short":       header(3, 2013),
		"too long":        header(1<<31, 2013),
		"unknown op":      header(16, 2010),
		"no section":      header(20, 2013, 0, 0, 0, 0),
		"cut section":     header(25, 2013, 0, 0, 0, 0, 0, 99, 0, 0, 0),
		"unknown flag":    header(20, 2013, 4, 0, 0, 0),
		"unknown section": header(26, 2013, 0, 0, 0, 0, 7, 5, 0, 0, 0, 0),
		"wrong checksum":  header(30, 2013, 1, 0, 0, 0, 0, 5, 0, 0, 0, 0, 1, 2, 3, 4),
	} {
		conn, err := db.DialContext(t.Context(), "tcp", "x")
		must(t, err)
		must(t, conn.SetDeadline(time.Now().Add(5*time.Second)))
		if _, err := conn.Write(b); err != nil && !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := io.ReadAll(conn); err != nil {
			t.Errorf("%s: the connection did not end: %v", name, err)
		}
	}
	if got := findOne(t, c, `{}`); got != `{"_id":1}` {
		t.Errorf("got %s", got)
	}
}

func TestServeOnLoopback(t *testing.T) {
	db := open(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	ended := make(chan error)
	go func() { ended <- db.Serve(l) }()
	client, err := mongo.Connect(options.Client().ApplyURI("mongodb://" + l.Addr().String()))
	must(t, err)
	insertAll(t, client.Database("app").Collection("people"), `{"_id": 1}`)
	must(t, client.Disconnect(t.Context()))
	if got := findOne(t, connect(t, db).Database("app").Collection("people"), `{}`); got != `{"_id":1}` {
		t.Errorf("got %s", got)
	}
	must(t, db.Close())
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("serve ended with %v", err)
	}
	if _, err := db.DialContext(t.Context(), "", ""); !errors.Is(err, net.ErrClosed) {
		t.Errorf("dial after close: %v", err)
	}
}
