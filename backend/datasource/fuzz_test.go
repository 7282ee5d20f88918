package datasource

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/store"
)

// FuzzCall: any call of a user who may change their own document and see part of the others ends without a panic and
// without an internal error; the other documents stay byte-identical, and their hidden fields do not appear in the
// result.
func FuzzCall(f *testing.F) {
	for _, s := range []string{
		`{"query":{"$or":[{"secret":{"$gt":""}},{"owner":"x"}]},"sort":{"secret":1},"project":{"s":"$secret"},"limit":3}`,
		`{"pipeline":[{"$match":{"n":{"$lt":5}}},{"$group":{"_id":"$owner","all":{"$push":"$$ROOT"}}},{"$unwind":"$all"},{"$replaceRoot":{"newRoot":"$all"}}]}`,
		`{"pipeline":[{"$set":{"a.b":{"$concat":["$secret","x"]}}},{"$project":{"a":1}},{"$count":"n"}]}`,
		`{"query":{},"update":{"$set":{"owner":"` + me + `","n":1},"$rename":{"secret":"n"}},"upsert":true}`,
		`{"query":{"list":1},"update":{"$push":{"list":{"$each":[3],"$slice":-2}},"$pull":{"rows":{"a":1}}},"arrayFilters":[{"x.secret":1}]}`,
		`{"query":{"_id":1},"update":{"owner":"` + me + `","whole":true}}`,
		`{"filter":{"owner":{"$ne":"` + me + `"}},"update":{"$inc":{"n":1}},"returnNewDocument":true,"upsert":true,"projection":{"secret":1}}`,
		`{"filter":{},"sort":{"n":-1}}`,
		`{"document":{"_id":1,"owner":"` + me + `","a":{"$numberDecimal":"1"},"a2":{"$date":"1970-01-01T00:00:00Z"}}}`,
		`{"documents":[{"owner":"` + me + `"},{"owner":"other"}],"ordered":false}`,
		`{"key":"secret","query":{"n":{"$in":[1,null]}}}`,
		`{"operations":[{"updateMany":{"filter":{},"update":{"$set":{"n":2}}}},{"deleteOne":{"filter":{"_id":2}}},{"replaceOne":{"filter":{"_id":1},"replacement":{}}}],"ordered":false}`,
	} {
		for i := range allOperations() {
			f.Add(uint8(i), s)
		}
	}
	const secret = "the hidden text"
	w := newFixture(f, map[string]string{rulesFile("shared"): `{"roles":[
		{"name":"own","apply_when":{"owner":"%%user.id"},"read":true,"write":{"owner":"%%user.id"},"insert":true,"delete":true},
		{"name":"peer","apply_when":{},"fields":{"secret":{"read":false,"write":false},"rows":{"fields":{"secret":{"read":false}}}},"additional_fields":{"read":true,"write":false}}]}`})
	w.ctx = context.Background()
	w.insert("shared", `{"_id":1,"owner":"other","n":1,"list":[1,2],"secret":"`+secret+`","rows":[{"a":1,"secret":"`+
		secret+`"}]}`, `{"_id":2,"owner":"another","n":2,"secret":{"a":"`+secret+`"}}`)
	others := w.otherUsersDocuments(f)
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		var d bson.D
		if bson.UnmarshalExtJSON([]byte(text), false, &d) != nil {
			return
		}
		arg, err := bson.Marshal(append(bson.D{{Key: "database", Value: w.db.Name()}, {Key: "collection", Value: "shared"}},
			d...))
		if err != nil {
			return
		}
		function := allOperations()[int(which)%len(allOperations())]
		got, err := w.sources.Run(w.ctx, w.me, service, function, arg)
		var e *api.Error
		if err != nil && (!errors.As(err, &e) || e.Status >= 500) {
			t.Fatalf("%s %s: %v", function, text, err)
		}
		if now := w.otherUsersDocuments(t); !bytes.Equal(now, others) {
			t.Fatalf("%s %s changed the others' documents", function, text)
		}
		if output := fmt.Sprint(got, err); strings.Contains(output, secret) {
			t.Fatalf("%s %s reveals %s", function, text, output)
		}
	})
}

// allOperations are the operations of clients and of functions.
func allOperations() []string {
	return append(slices.Sorted(maps.Keys(clientOperations())), slices.Sorted(maps.Keys(functionOperations()))...)
}

// otherUsersDocuments returns the documents of other users, and deletes those of the caller when there are many.
func (w *fixture) otherUsersDocuments(t testing.TB) []byte {
	t.Helper()
	docs, err := w.db.Collection("shared").Find(w.ctx, bson.D{}, store.Find{Sort: bson.D{{Key: "_id", Value: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	var out []byte
	for _, d := range docs {
		if owner, _ := d.Lookup("owner").StringValueOK(); owner != me {
			out = append(out, d...)
		}
	}
	if len(docs) > 20 {
		if _, err := w.db.Collection("shared").DeleteMany(w.ctx, bson.D{{Key: "owner", Value: me}}); err != nil {
			t.Fatal(err)
		}
	}
	return out
}
