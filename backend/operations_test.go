package backend_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
)

// operationCase is a call of an operation and its exact response: the body in canonical extended JSON; or, for an
// error, "!", the status, the code and a part of the message.
type operationCase struct {
	call, arg, want string
	after           string // the documents after the call in relaxed extended JSON; empty: unchanged
}

// counts returns the response to updates and replacements.
func counts(matched, modified int) string {
	return fmt.Sprintf(`{"matchedCount":{"$numberInt":"%d"},"modifiedCount":{"$numberInt":"%d"}}`, matched, modified)
}

// operationCases are calls that each start with the documents {_id: 1…3, run: 1, name: "a"…"c"}.
func operationCases() []operationCase {
	const (
		one   = `{"_id":{"$numberInt":"1"},"run":{"$numberInt":"1"},"name":"a"}`
		two   = `{"_id":{"$numberInt":"2"},"run":{"$numberInt":"1"},"name":"b"}`
		three = `{"_id":{"$numberInt":"3"},"run":{"$numberInt":"1"},"name":"c"}`
		rest  = `,{"_id":2,"run":1,"name":"b"},{"_id":3,"run":1,"name":"c"}]`
	)
	return []operationCase{
		{"find", `{}`, "[" + one + "," + two + "," + three + "]", ""},
		{"find", `{"query":{"_id":{"$numberLong":"3"}}}`, "[" + three + "]", ""},
		{"find", `{"query":{"_id":{"$numberDouble":"3.0"}}}`, "[" + three + "]", ""},
		{"find", `{"query":{"_id":{"$in":[{"$numberLong":"3"},{"$numberDecimal":"1"}]}}}`, "[" + one + "," + three + "]", ""},
		{"find", `{"query":{"run":{"$numberLong":"1"}},"project":{"name":1,"_id":0},"sort":{"_id":-1},"limit":2}`,
			`[{"name":"c"},{"name":"b"}]`, ""},
		{"find", `{"query":null,"project":null,"sort":null,"limit":null}`, "[" + one + "," + two + "," + three + "]", ""},
		{"find", `{"limit":{"$numberLong":"1"}}`, "[" + one + "]", ""},
		{"findOne", `{"query":{"name":"b"}}`, two, ""},
		{"findOne", `{"query":{"name":"z"}}`, `null`, ""},
		{"count", `{}`, `{"$numberLong":"3"}`, ""},
		{"count", `{"query":{"name":"z"}}`, `{"$numberLong":"0"}`, ""},
		{"count", `{"limit":{"$numberLong":"2"}}`, `{"$numberLong":"2"}`, ""},
		{"aggregate", `{"pipeline":[{"$match":{"_id":{"$numberLong":"1"}}}]}`, "[" + one + "]", ""},
		{"aggregate", `{"pipeline":[{"$group":{"_id":null,"n":{"$sum":1}}}]}`, `[{"_id":null,"n":{"$numberInt":"3"}}]`, ""},
		{"insertOne", `{"document":{"_id":"x"}}`, `{"insertedId":"x"}`, `[{"_id":1,"run":1,"name":"a"}` +
			strings.TrimSuffix(rest, "]") + `,{"_id":"x"}]`},
		{"insertMany", `{"documents":[{"_id":4},{"_id":{"$oid":"5f1f298f757611faec901d0f"}}]}`,
			`{"insertedIds":[{"$numberInt":"4"},{"$oid":"5f1f298f757611faec901d0f"}]}`,
			`[{"_id":1,"run":1,"name":"a"}` + strings.TrimSuffix(rest, "]") +
				`,{"_id":4},{"_id":{"$oid":"5f1f298f757611faec901d0f"}}]`},
		{"insertMany", `{"documents":[]}`, `!400 MongoDBError: must provide at least one element`, ""},
		{"insertOne", `{"document":{"_id":1}}`, `!400 MongoDBError: insert in app.c0: Duplicate key error`, ""},
		{"insertOne", `{"document":{"_id":{"$numberLong":"1"}}}`, `!400 MongoDBError: insert in app.c0: Duplicate key error`,
			""},
		{"insertMany", `{"documents":[{"_id":4},{"_id":1},{"_id":5}]}`,
			`!400 MongoDBError: insert in app.c0: Duplicate key error`, `[{"_id":1,"run":1,"name":"a"}` +
				strings.TrimSuffix(rest, "]") + `,{"_id":4}]`},
		{"insertMany", `{"documents":[{"_id":4},{"_id":1},{"_id":5}],"ordered":false}`,
			`!400 MongoDBError: insert in app.c0: Duplicate key error`,
			`[{"_id":1,"run":1,"name":"a"}` + strings.TrimSuffix(rest, "]") + `,{"_id":4},{"_id":5}]`},
		{"updateOne", `{"query":{"name":"a"},"update":{"$set":{"name":"A"}},"upsert":false}`, counts(1, 1),
			`[{"_id":1,"run":1,"name":"A"}` + rest},
		{"updateOne", `{"query":{"name":"a"},"update":{"$set":{"name":"a"}}}`, counts(1, 0), ""},
		{"updateOne", `{"query":{"name":"z"},"update":{"$set":{"name":"A"}}}`, counts(0, 0), ""},
		{"updateOne", `{"query":{"_id":{"$numberLong":"1"}},"update":{"$inc":{"run":{"$numberLong":"1"}}}}`, counts(1, 1),
			`[{"_id":1,"run":2,"name":"a"}` + rest},
		{"updateOne", `{"query":{"_id":9},"update":{"$set":{"name":"A"}},"upsert":true}`,
			`{"matchedCount":{"$numberInt":"0"},"modifiedCount":{"$numberInt":"0"},"upsertedId":{"$numberInt":"9"}}`,
			`[{"_id":1,"run":1,"name":"a"}` + strings.TrimSuffix(rest, "]") + `,{"_id":9,"name":"A"}]`},
		{"updateOne", `{"query":{"_id":1},"update":{"$set":{"name":"A"}},"upsert":true}`, counts(1, 1),
			`[{"_id":1,"run":1,"name":"A"}` + rest},
		{"updateMany", `{"query":{"run":1},"update":{"$unset":{"run":1}}}`, counts(3, 3),
			`[{"_id":1,"name":"a"},{"_id":2,"name":"b"},{"_id":3,"name":"c"}]`},
		{"updateMany", `{"query":{"run":7},"update":{"$unset":{"run":1}}}`, counts(0, 0), ""},
		{"updateOne", `{"query":{"name":"a"},"update":{"name":"Alison"}}`, counts(1, 1), `[{"_id":1,"name":"Alison"}` + rest},
		{"updateMany", `{"query":{"run":1},"update":{"hiddenField":"x"}}`, counts(3, 3),
			`[{"_id":1,"hiddenField":"x"},{"_id":2,"hiddenField":"x"},{"_id":3,"hiddenField":"x"}]`},
		{"updateOne", `{"query":{"_id":1},"update":{}}`, counts(1, 1), `[{"_id":1}` + rest},
		{"updateOne", `{"query":{"_id":1},"update":{"$set":{"tags":[1,2]}},"arrayFilters":[]}`, counts(1, 1),
			`[{"_id":1,"run":1,"name":"a","tags":[1,2]}` + rest},
		{"findOneAndUpdate", `{"filter":{"name":"a"},"update":{"$set":{"name":"A"}}}`, one, `[{"_id":1,"run":1,"name":"A"}` +
			rest},
		{"findOneAndUpdate", `{"filter":{"name":"a"},"update":{"$set":{"name":"A"}},"returnNewDocument":true,"projection":{"name":1,"_id":0}}`, `{"name":"A"}`, `[{"_id":1,"run":1,"name":"A"}` + rest},
		{"findOneAndUpdate", `{"filter":{"run":1},"sort":{"_id":-1},"update":{"$set":{"name":"C"}},"projection":{"_id":1}}`,
			`{"_id":{"$numberInt":"3"}}`, `[{"_id":1,"run":1,"name":"a"},{"_id":2,"run":1,"name":"b"},{"_id":3,"run":1,"name":"C"}]`},
		{"findOneAndUpdate", `{"filter":{"name":"z"},"update":{"$set":{"name":"A"}}}`, `null`, ""},
		{"findOneAndUpdate", `{"filter":{"name":"z"},"update":{"$set":{"n":1}},"upsert":true,"returnNewDocument":true,"projection":{"_id":0,"n":1}}`, `{"n":{"$numberInt":"1"}}`, "?"},
		{"findOneAndUpdate", `{"filter":{"name":"z"},"update":{"$set":{"n":1}},"upsert":true}`, `null`, "?"},
		{"findOneAndUpdate", `{"filter":{"_id":9,"run":5},"update":{"name":"n","hiddenField":"h"},"upsert":true,"returnNewDocument":true}`, `{"_id":{"$numberInt":"9"},"name":"n","hiddenField":"h"}`, "?"},
		{"findOneAndReplace", `{"filter":{"name":"a"},"update":{"name":"A"}}`, one, `[{"_id":1,"name":"A"}` + rest},
		{"findOneAndReplace", `{"filter":{"name":"a"},"update":{"name":"A"},"returnNewDocument":true}`,
			`{"_id":{"$numberInt":"1"},"name":"A"}`, `[{"_id":1,"name":"A"}` + rest},
		{"findOneAndReplace", `{"filter":{"name":"a"}}`, one, `[{"_id":1}` + rest},
		{"findOneAndReplace", `{"filter":{"name":"z"}}`, `null`, ""},
		{"findOneAndReplace", `{"filter":{"name":"a"},"update":{"$set":{"name":"A"}}}`,
			`!400 MongoDBError: the replace operation document must not contain atomic operators`, ""},
		{"findOneAndDelete", `{"filter":{"run":1},"sort":{"name":-1},"projection":{"name":1}}`,
			`{"_id":{"$numberInt":"3"},"name":"c"}`, `[{"_id":1,"run":1,"name":"a"},{"_id":2,"run":1,"name":"b"}]`},
		{"findOneAndDelete", `{"filter":{"name":"z"}}`, `null`, ""},
		{"deleteOne", `{"query":{"run":1}}`, `{"deletedCount":{"$numberInt":"1"}}`,
			`[{"_id":2,"run":1,"name":"b"},{"_id":3,"run":1,"name":"c"}]`},
		{"deleteOne", `{"query":{"name":"z"}}`, `{"deletedCount":{"$numberInt":"0"}}`, ""},
		{"deleteMany", `{"query":{"_id":{"$gt":1}}}`, `{"deletedCount":{"$numberInt":"2"}}`,
			`[{"_id":1,"run":1,"name":"a"}]`},
		{"deleteMany", `{}`, `{"deletedCount":{"$numberInt":"3"}}`, `[]`},
		{"find", `{"query":{"$who":1}}`, `!400 MongoDBError: unknown top level operator: $who`, ""},
		{"count", `{"query":{"$who":1}}`, `!400 MongoDBError: unknown top level operator: $who`, ""},
		{"deleteMany", `{"query":{"$who":1}}`, `!400 MongoDBError: unknown top level operator: $who`, ""},
		{"updateOne", `{"query":{"$who":1},"update":{"$set":{"a":1}}}`, `!400 MongoDBError: unknown top level operator: $who`,
			""},
		{"updateOne", `{"query":{},"update":{"$who":{"a":1}}}`, `!400 MongoDBError: Unknown modifier: $who`, ""},
		{"updateMany", `{"query":{},"update":{"$who":{"a":1}}}`, `!400 MongoDBError: Unknown modifier: $who`, ""},
		{"findOneAndUpdate", `{"filter":{},"update":{"$who":{"a":1}}}`, `!400 MongoDBError: Unknown modifier: $who`, ""},
		{"aggregate", `{"pipeline":[{"$who":1}]}`, `!400 MongoDBError: Unrecognized pipeline stage name: '$who'`, ""},
		{"find", `{"query":7}`, `!400 InvalidParameter: find: query must be an object`, ""},
		{"find", `{"limit":-1}`, `!400 InvalidParameter: find: limit must be a non-negative integer`, ""},
		{"insertOne", `{}`, `!400 InvalidParameter: insertOne: document must be an object`, ""},
		{"updateOne", `{"query":{}}`, `!400 InvalidParameter: updateOne: update must be an object`, ""},
		{"who", `{}`, `!400 ServiceCommandNotFound: the data source has no function "who"`, ""},
	}
}

// TestOperations compares exact responses: int32 counters, an int64 count, absent keys and MongoDB's messages. Each
// case runs on a collection where the database does the work, and on one where the service does, because the rules hide
// a field that no document has.
func TestOperations(t *testing.T) {
	b := newFixture(t, []ruleTable{{rules: open},
		{rules: `{"roles":[{"name":"all","apply_when":{"%%root.none":"%%root.never"},"read":false},{"name":"rest","apply_when":{},"read":true,"write":true,"insert":true,"delete":true}]}`}})
	for i := range 2 {
		for _, e := range operationCases() {
			b.checkOperation(collection(i), e)
		}
	}
	for name, want := range map[string]string{
		"insertOne": `{"error":"Cannot access member 'insertOne' of undefined`,
		"find":      `{"error":"Cannot access member 'find' of undefined`,
	} {
		status, body := b.call("who", "c0", name, `{}`)
		if status != http.StatusBadRequest || !strings.HasPrefix(body, want) || !strings.Contains(body,
			`"error_code":"FunctionExecutionError"`) {
			t.Errorf("unknown service: %d %s", status, body)
		}
	}
	for arg, want := range map[string]string{
		``: `InvalidParameter`, `{},{}`: `InvalidParameter`, `7`: `InvalidParameter`, `{}`: `MissingParameter`,
		`{"database":"admin","collection":"x"}`:                 `NoMatchingRuleFound`,
		`{"database":"app","collection":"c0","database":"app"}`: `BadRequest`,
	} {
		status, body := b.post(api.CallPath(b.h.AppID), b.token, `{"name":"find","arguments":[`+arg+
			`],"service":"mongodb-atlas"}`)
		if status < 400 || status >= 500 || !strings.Contains(body, `"error_code":"`+want+`"`) {
			t.Errorf("arguments [%s]: %d %s, want %s", arg, status, body, want)
		}
	}
}

func (b *fixture) checkOperation(name string, e operationCase) {
	b.Helper()
	const have = `[{"_id":1,"run":1,"name":"a"},{"_id":2,"run":1,"name":"b"},{"_id":3,"run":1,"name":"c"}]`
	b.setDocuments(name, have)
	status, body := b.call("mongodb-atlas", name, e.call, e.arg)
	if want, fails := strings.CutPrefix(strings.ReplaceAll(e.want, "app.c0", b.database()+"."+name), "!"); fails {
		var f api.ErrorResponse
		head, text, _ := strings.Cut(want, ": ")
		if err := json.Unmarshal([]byte(body), &f); err != nil || fmt.Sprintf("%d %s", status, f.ErrorCode) != head ||
			!strings.Contains(f.Error, text) {
			b.Errorf("%s %s\n  got %d %s\n want %s", e.call, e.arg, status, body, want)
		}
	} else if status != http.StatusOK || body != e.want {
		b.Errorf("%s %s\n  got %d %s\n want %s", e.call, e.arg, status, body, e.want)
	}
	if e.after == "?" {
		return
	}
	want := e.after
	if want == "" {
		want = have
	}
	if _, left := b.documents(name); left != want {
		b.Errorf("%s %s\n left %s\n want %s", e.call, e.arg, left, want)
	}
}

// TestGeneratedIDs: the response to an insert without _id contains the generated one.
func TestGeneratedIDs(t *testing.T) {
	b := newFixture(t, []ruleTable{{rules: open}})
	for _, c := range []struct{ call, arg, key string }{
		{"insertOne", `{"document":{"a":1}}`, "insertedId"},
		{"insertMany", `{"documents":[{"a":1}]}`, "insertedIds"},
		{"updateOne", `{"query":{"a":1},"update":{"$set":{"b":1}},"upsert":true}`, "upsertedId"},
		{"updateMany", `{"query":{"a":1},"update":{"$set":{"b":1}},"upsert":true}`, "upsertedId"},
		{"updateOne", `{"query":{"a":1},"update":{"b":1},"upsert":true}`, "upsertedId"},
	} {
		b.setDocuments("c0", `[]`)
		status, body := b.call("mongodb-atlas", "c0", c.call, c.arg)
		_, left := b.documents("c0")
		var response map[string]json.RawMessage
		var stored []struct {
			ID json.RawMessage `json:"_id"`
		}
		if err := json.Unmarshal([]byte(body), &response); err != nil || json.Unmarshal([]byte(left), &stored) != nil ||
			len(stored) != 1 {
			t.Fatalf("%s: %d %s left %s", c.call, status, body, left)
		}
		id := strings.Trim(string(response[c.key]), "[]")
		if id != string(stored[0].ID) || !strings.HasPrefix(id, `{"$oid":`) {
			t.Errorf("%s: response %s, documents %s", c.call, body, left)
		}
	}
}

// TestFiftyThousand: a query returns at most 50,000 documents.
func TestFiftyThousand(t *testing.T) {
	b := newFixture(t, []ruleTable{{rules: open}})
	docs := make([]bson.Raw, 50001)
	for i := range docs {
		d, err := bson.Marshal(bson.D{{Key: "_id", Value: int32(i)}})
		if err != nil {
			t.Fatal(err)
		}
		docs[i] = d
	}
	for part := range slices.Chunk(docs, 25000) { // FerretDB's maximum
		if _, err := b.collection("c0").InsertMany(t.Context(), part, false); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ call, arg string }{{"find", `{"sort":{"_id":1}}`}, {"find", `{"limit":60000}`},
		{"aggregate", `{"pipeline":[]}`}} {
		status, body := b.call("mongodb-atlas", "c0", c.call, c.arg)
		if n := strings.Count(body, `"_id"`); status != http.StatusOK || n != 50000 {
			t.Errorf("%s %s: %d documents (status %d)", c.call, c.arg, n, status)
		}
	}
	if _, body := b.call("mongodb-atlas", "c0", "count", `{}`); body != `{"$numberLong":"50001"}` {
		t.Errorf("count: %s", body)
	}
}

// TestHundredAtOnce: a user's concurrent calls wait for free slots and all succeed: reads, writes and pipelines.
func TestHundredAtOnce(t *testing.T) {
	b := newFixture(t, []ruleTable{{rules: open}})
	b.setDocuments("c0", `[{"_id":1,"n":0}]`)
	var wait sync.WaitGroup
	for i := range 100 {
		wait.Go(func() {
			call, arg := "updateOne", `{"query":{"_id":1},"update":{"$inc":{"n":1}}}`
			if i%4 == 1 {
				call, arg = "find", `{}`
			} else if i%4 == 3 {
				call, arg = "aggregate", `{"pipeline":[{"$count":"n"}]}`
			}
			if status, body := b.call("mongodb-atlas", "c0", call, arg); status != http.StatusOK {
				t.Errorf("%s: %d %s", call, status, body)
			}
		})
	}
	wait.Wait()
	if _, left := b.documents("c0"); left != `[{"_id":1,"n":50}]` {
		t.Errorf("left %s", left)
	}
}
