package backend_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/backendtest"
	"dossier/backend/store"
	"dossier/backend/storetest"
)

// strangerID is an id without a user.
const strangerID = "5f1f298f757611faec901d0f"

// ruleTable is a collection with its rules, and calls on it.
type ruleTable struct {
	about  string
	source string // the data source; empty: mongodb-atlas
	rules  string // roles and filters as in rules.json; empty: none
	schema string
	before string // the documents before each call, an array
	cases  []ruleCase
}

// ruleCase is one call. In its texts ME stands for the id of the signed-in user, STRANGER for
// another user's.
type ruleCase struct {
	call string // the operation
	arg  string // its argument, without database and collection
	// want is the response in relaxed extended JSON; or, for an error, "!", the status, the code and a part of the
	// message.
	want  string
	after string // the documents after the call; empty: unchanged byte by byte
}

const (
	changed1 = `{"matchedCount":1,"modifiedCount":1}`
	changed0 = `{"matchedCount":0,"modifiedCount":0}`
	deleted1 = `{"deletedCount":1}`
	deleted0 = `{"deletedCount":0}`
	noUpdate = `!403 NoMatchingRuleFound update not permitted: `
	noInsert = `!400 NoMatchingRuleFound insert not permitted: `
	noDelete = `!403 NoMatchingRuleFound delete not permitted: `
	refused  = `!400 MongoDBError `
)

// fixture is a service whose application has a collection for each table, and a signed-in user.
type fixture struct {
	*testing.T
	h     *backendtest.Harness
	me    string
	token string
}

// newFixture starts a service with the collections c0, c1, …, each with the rules of its table.
func newFixture(t *testing.T, tables []ruleTable) *fixture {
	t.Helper()
	files := map[string]string{
		"realm_config.json":               `{"app_id":"dossier-demo","name":"rules","environment":"testing"}`,
		"environments/testing.json":       `{"values":{"open":"yes"}}`,
		"values/team.json":                `{"name":"team","value":"blue"}`,
		"values/limits.json":              `{"name":"limits","value":{"max":5,"teams":["blue","red"]}}`,
		"data_sources/second/config.json": `{"name":"second","type":"mongodb-atlas"}`,
		"data_sources/second/default_rule.json": `{"roles":[{"name":"mine","apply_when":{"owner":"%%user.id"},"read":true,"write":true,"insert":true,"delete":true},
			{"name":"others","apply_when":{},"read":{"public":true}}]}`,
		"functions/config.json": functionsConfig(),
	}
	for name, source := range functionsForRules() {
		files["functions/"+name+".js"] = source
	}
	for i, r := range tables {
		dir := "data_sources/" + r.service() + "/app/" + collection(i)
		if r.rules != "" {
			files[dir+"/rules.json"] = r.rules
		}
		if r.schema != "" {
			files[dir+"/schema.json"] = r.schema
		}
	}
	b := &fixture{T: t, h: backendtest.StartWith(t, backendtest.Options{Files: fstest.MapFS(storetest.With(t, app.Demo(),
		files))})}
	b.me = b.h.CreateUser(t, "me@example.com", "password-of-me", bson.D{
		{Key: "team", Value: "blue"}, {Key: "level", Value: int64(3)}, {Key: "manages", Value: bson.A{"a", "b"}},
		{Key: "address", Value: bson.D{{Key: "city", Value: "Oslo"}}}, {Key: "trick", Value: bson.D{{Key: "$ne", Value: 1}}},
	})
	var l api.LoginResponse
	status, body := b.post(api.LoginPath(b.h.AppID, api.EmailPassword), "",
		`{"username":"me@example.com","password":"password-of-me"}`)
	if err := json.Unmarshal([]byte(body), &l); err != nil || status != http.StatusOK {
		t.Fatalf("sign in: %d %s", status, body)
	}
	b.token = l.AccessToken
	return b
}

func collection(i int) string { return "c" + strconv.Itoa(i) }

func (r ruleTable) service() string {
	if r.source == "" {
		return "mongodb-atlas"
	}
	return r.source
}

// functionsForRules returns the functions that the tables' rules call.
func functionsForRules() map[string]string {
	return map[string]string{
		"yes":     `exports = () => true`,
		"no":      `exports = () => false`,
		"nothing": `exports = () => {}`,
		"fail":    `exports = () => { throw new Error("broken") }`,
		"same":    `exports = (a, b) => a === b`,
		"team":    `exports = async () => context.user.custom_data.team`,
		"teams":   `exports = () => ["blue", "red"]`,
		"small":   `exports = (doc, most) => doc.n < most`,
		"listed":  `exports = async id => (await context.services.get("mongodb-atlas").db("app").collection("lists").count({id})) > 0`,
		"ask": `exports = async () => {
			const asked = context.services.get("mongodb-atlas").db("app").collection("asked");
			await asked.insertOne({by: context.user.id});
			return true;
		}`,
		"loop":    `exports = async name => (await context.services.get("mongodb-atlas").db("app").collection(name).count({})) > 0`,
		"guarded": `exports = () => "in"`,
		"closed":  `exports = () => "in"`,
		"cursor": `exports = async name => {
			const c = context.services.get("mongodb-atlas").db("app").collection(name);
			const all = await c.find({}, {_id: 1}).sort({_id: -1}).toArray();
			const one = c.find({}).sort({_id: 1}).limit(1);
			return {all: all.map(d => d._id), first: (await one.next())._id, over: await one.next() == null, n: await c.count({})};
		}`,
	}
}

// functionsConfig returns functions/config.json: all but three are private, two run as system, and two have a
// can_evaluate that calls another function.
func functionsConfig() string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(functionsForRules())) {
		public, who := false, "{}"
		switch name {
		case "cursor":
			public = true
		case "guarded":
			public, who = true, `{"%%true":{"%function":{"name":"listed","arguments":["%%user.id"]}}}`
		case "closed":
			public, who = true, `{"%not":{"%function":{"name":"fail"}}}`
		}
		list = append(list, fmt.Sprintf(`{"name":%q,"private":%v,"run_as_system":%v,"can_evaluate":%s}`, name, !public,
			name == "ask" || name == "listed", who))
	}
	return "[" + strings.Join(list, ",") + "]"
}

// post sends a body and returns status and response, whose content type must be exactly the one that SDKs accept.
func (b *fixture) post(path, token, body string) (int, string) {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, b.h.URL+path, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "node")
	r.Header.Set("X-Team", "blue")
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.Fatal(err)
	}
	if got := res.Header.Get("Content-Type"); got != "application/json" {
		b.Errorf("%s: content type %q", path, got)
	}
	return res.StatusCode, string(text)
}

// call sends an operation as SDKs do.
func (b *fixture) call(service, name, function, arg string) (int, string) {
	b.Helper()
	inner := strings.TrimPrefix(strings.TrimSpace(arg), "{")
	if inner != "}" {
		inner = "," + inner
	}
	argument := fmt.Sprintf(`{"database":%q,"collection":%q%s`, b.database(), name, inner)
	return b.post(api.CallPath(b.h.AppID), b.token, fmt.Sprintf(`{"name":%q,"arguments":[%s],"service":%q}`, function,
		argument, service))
}

func (b *fixture) database() string { return b.h.App.CustomData.Database }

func (b *fixture) collection(name string) *store.Collection {
	return b.h.Deployment.Collection(b.database(), name)
}

// setDocuments replaces the documents of a collection.
func (b *fixture) setDocuments(name, documents string) {
	b.Helper()
	if _, err := b.collection(name).DeleteMany(b.Context(), bson.D{}); err != nil {
		b.Fatal(err)
	}
	var list struct{ V []bson.Raw }
	if err := bson.UnmarshalExtJSON([]byte(`{"v":`+b.expand(documents)+`}`), false, &list); err != nil {
		b.Fatalf("%s: %v", documents, err)
	}
	if len(list.V) == 0 {
		return
	}
	if _, err := b.collection(name).InsertMany(b.Context(), list.V, true); err != nil {
		b.Fatal(err)
	}
}

// documents returns a collection's documents as BSON and as relaxed extended JSON.
func (b *fixture) documents(name string) (raw []byte, text string) {
	b.Helper()
	docs, err := b.collection(name).Find(b.Context(), bson.D{}, store.Find{Sort: bson.D{{Key: "_id", Value: 1}}})
	if err != nil {
		b.Fatal(err)
	}
	var texts []string
	for _, d := range docs {
		raw = append(raw, d...)
		t, err := bson.MarshalExtJSON(d, false, false)
		if err != nil {
			b.Fatal(err)
		}
		texts = append(texts, string(t))
	}
	return raw, "[" + strings.Join(texts, ",") + "]"
}

func (b *fixture) expand(text string) string {
	return strings.NewReplacer("STRANGER", strangerID, "ME", b.me, "app.c", b.database()+".c").Replace(text)
}

// relaxed converts a response from canonical to relaxed extended JSON.
func relaxed(text string, canonical bool) string {
	var d bson.D
	if err := bson.UnmarshalExtJSON([]byte(`{"v":`+text+`}`), canonical, &d); err != nil {
		return err.Error() + ": " + text
	}
	out, err := bson.MarshalExtJSON(d, false, false)
	if err != nil {
		return err.Error()
	}
	return strings.TrimSuffix(strings.TrimPrefix(string(out), `{"v":`), "}")
}

// check sends one call of a table and compares the response and the stored documents.
func (b *fixture) check(r ruleTable, name string, a ruleCase) {
	b.Helper()
	b.setDocuments(name, r.before)
	before, _ := b.documents(name)
	status, body := b.call(r.service(), name, a.call, b.expand(a.arg))
	after, text := b.documents(name)
	where := fmt.Sprintf("%s: %s %s", r.about, a.call, a.arg)
	if words, denied := strings.CutPrefix(b.expand(a.want), "!"); denied {
		var f api.ErrorResponse
		if err := json.Unmarshal([]byte(body), &f); err != nil || status < 400 {
			b.Errorf("%s\n went through: %s", where, body)
		} else if got := fmt.Sprintf("%d %s %s", status, f.ErrorCode, f.Error); !strings.HasPrefix(got, words) {
			b.Errorf("%s\n  got %s\n want %s", where, got, words)
		}
		if a.after != "" {
			b.Errorf("%s: a refusal leaves everything", where)
		}
	} else if got := relaxed(body, true); status != http.StatusOK || got != relaxed(b.expand(a.want), false) {
		b.Errorf("%s\n  got %d %s\n want %s", where, status, got, a.want)
	}
	switch {
	case a.after == "" && !bytes.Equal(before, after):
		b.Errorf("%s\n changed the documents to %s", where, text)
	case a.after != "" && text != relaxed(b.expand(a.after), false):
		b.Errorf("%s\n  left %s\n want %s", where, text, a.after)
	}
}

// TestRules sends every call of the tables to a running service.
func TestRules(t *testing.T) {
	tables := slices.Concat(roleTables(), fieldTables(), updateTables(), readTables(), schemaTables(), functionTables(),
		expressionTables(), forbiddenTables())
	b := newFixture(t, tables)
	b.setDocuments("lists", `[{"id":"ME"}]`)
	requests, refusals := 0, 0
	for i, r := range tables {
		for _, a := range r.cases {
			b.check(r, collection(i), a)
			requests++
			if strings.HasPrefix(a.want, "!") {
				refusals++
			}
		}
	}
	if log := b.h.Log.String(); !strings.Contains(log, `msg="function failed" function=fail for=rule`) ||
		!strings.Contains(log, "broken") {
		t.Error("the log does not contain the failed function and the reason")
	}
	if requests < 500 || refusals < 220 {
		t.Errorf("%d requests, %d of them refused: the tables have lost some", requests, refusals)
	}
	t.Logf("%d requests, %d of them refused", requests, refusals)
}

// TestRuleFunctionsAreCached: in a find, a rule's function runs once when its arguments depend on the caller only, else
// once for each different argument, up to a limit that has its own error.
func TestRuleFunctionsAreCached(t *testing.T) {
	b := newFixture(t, []ruleTable{
		{rules: `{"roles":[{"name":"a","apply_when":{"%function":{"name":"ask"}},"fields":{"secret":{"read":{"%function":{"name":"ask"}}}},"additional_fields":{"read":true}}]}`},
		{rules: `{"roles":[{"name":"a","apply_when":{"%function":{"name":"ask","arguments":["%%root.n"]}},"read":true}]}`},
	})
	var list []string
	for i := range 1001 {
		list = append(list, fmt.Sprintf(`{"_id":%d,"n":%d,"secret":1}`, i, i))
	}
	for i, most := range map[int]int{0: 1, 1: 1000} {
		b.setDocuments("asked", `[]`)
		b.setDocuments(collection(i), "["+strings.Join(list, ",")+"]")
		status, body := b.call("mongodb-atlas", collection(i), "count", `{"query":{"secret":1}}`)
		switch {
		case i == 0 && (status != http.StatusOK || body != `{"$numberLong":"1001"}`):
			t.Errorf("%d %s", status, body)
		case i == 1 && (status != http.StatusBadRequest || !strings.Contains(body, "more than 1000 function calls") ||
			!strings.Contains(body, `"ReadSizeLimitExceeded"`)):
			t.Errorf("%d %s", status, body)
		}
		if n, err := b.collection("asked").Count(t.Context(), bson.D{}, 0); err != nil || n != int64(most) {
			t.Errorf("asked %d times, want %d (%v)", n, most, err)
		}
	}
}

// TestCanEvaluateCallsFunction: can_evaluate may call a function; an error of that function denies the call.
func TestCanEvaluateCallsFunction(t *testing.T) {
	b := newFixture(t, nil)
	for _, c := range []struct {
		listed, name, want string
		status             int
	}{
		{`[{"id":"ME"}]`, "guarded", `"in"`, 200},
		{`[{"id":"STRANGER"}]`, "guarded", `rule not matched for function`, 400},
		{`[{"id":"ME"}]`, "closed", `rule not matched for function`, 400},
	} {
		b.setDocuments("lists", c.listed)
		if status, body := b.post(api.CallPath(b.h.AppID), b.token, fmt.Sprintf(`{"name":%q,"arguments":[]}`,
			c.name)); status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s: %d %s, want %d %s", c.name, status, body, c.status, c.want)
		}
	}
}

// TestRecursiveRules: rules whose functions depend on the same rules end, and deny access.
func TestRecursiveRules(t *testing.T) {
	b := newFixture(t, []ruleTable{{rules: `{"roles":[{"name":"a","apply_when":{"%function":{"name":"loop","arguments":["c0"]}},"read":true,"write":true}]}`},
		{rules: `{"roles":[{"name":"a","apply_when":{"%not":{"%function":{"name":"loop","arguments":["c1"]}}},"read":true,"write":true}]}`}})
	b.setDocuments("c0", `[{"_id":1}]`)
	if status, body := b.call("mongodb-atlas", "c0", "find", `{}`); status != http.StatusOK || body != `[]` {
		t.Errorf("%d %s", status, body)
	}
	b.setDocuments("c1", `[{"_id":1}]`)
	if status, _ := b.call("mongodb-atlas", "c1", "find", `{}`); status != http.StatusOK {
		t.Errorf("a rule that negates itself: %d", status)
	}
}

// TestCursorsUnderRules: every way in which a function iterates a cursor yields only what its caller may read.
func TestCursorsUnderRules(t *testing.T) {
	b := newFixture(t, []ruleTable{{rules: `{"roles":[{"name":"own","apply_when":{"owner":"%%user.id"},"read":true}]}`}})
	b.setDocuments("c0", `[{"_id":1,"owner":"STRANGER"},{"_id":2,"owner":"ME"},{"_id":3,"owner":"ME"},{"_id":4}]`)
	status, body := b.post(api.CallPath(b.h.AppID), b.token, `{"name":"cursor","arguments":["c0"]}`)
	if got, want := relaxed(body, true), `{"all":[3,2],"first":2,"over":true,"n":2}`; status != http.StatusOK ||
		got != want {
		t.Errorf("%d %s, want %s", status, body, want)
	}
}

// TestWatchUnderRules: a change stream contains readable documents only, with their readable fields.
func TestWatchUnderRules(t *testing.T) {
	b := newFixture(t, []ruleTable{{rules: `{"roles":[{"name":"own","apply_when":{"owner":"%%user.id","%function":{"name":"small","arguments":["%%root",5]}},
		"fields":{"secret":{"read":false}},"additional_fields":{"read":true}}]}`}})
	b.setDocuments("c0", `[{"_id":1,"owner":"ME","n":1,"secret":"s1"},{"_id":2,"owner":"STRANGER","n":1}]`)
	lines := b.watch("c0")
	if lines == nil {
		return
	}
	change := func(filter, update string) {
		t.Helper()
		if _, err := b.collection("c0").UpdateOne(t.Context(), b.document(filter), b.document(update),
			store.Change{}); err != nil {
			t.Fatal(err)
		}
	}
	// An event contains the document at the time the event is read, so each is read before the next change.
	for _, c := range []struct{ filter, update, want string }{
		{`{"_id":2}`, `{"$set":{"x":1}}`, ``},
		{`{"_id":1}`, `{"$set":{"x":1,"secret":"s2"}}`, `update {"_id":1,"owner":"ME","n":1,"x":1}`},
		{`{"_id":2}`, `{"$set":{"owner":"ME"}}`, `update {"_id":2,"owner":"ME","n":1,"x":1}`},
		{`{"_id":2}`, `{"$set":{"n":9}}`, `delete {"_id":2}`},
		{`{"_id":2}`, `{"$set":{"x":2}}`, ``},
		{`{"_id":1}`, `{"$set":{"last":true}}`, `update {"_id":1,"owner":"ME","n":1,"x":1,"last":true}`},
	} {
		change(c.filter, c.update)
		if c.want == "" {
			continue
		}
		if got := lines(); got != b.expand(c.want) {
			t.Errorf("%s told %s, want %s", c.update, got, b.expand(c.want))
		}
	}
}

func (b *fixture) document(text string) bson.D {
	b.Helper()
	var d bson.D
	if err := bson.UnmarshalExtJSON([]byte(b.expand(text)), false, &d); err != nil {
		b.Fatal(err)
	}
	return d
}

// watch opens a change stream and returns a function that reads one event: its kind and the document or its key. If the
// deployment has no change streams, it checks the error and returns nil.
func (b *fixture) watch(name string) func() string {
	b.Helper()
	call := fmt.Sprintf(`{"name":"watch","arguments":[{"database":%q,"collection":%q}],"service":"mongodb-atlas"}`,
		b.database(), name)
	address := b.h.URL + api.CallPath(b.h.AppID) + "?baas_request=" +
		url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(call)))
	ctx, stop := context.WithTimeout(b.Context(), 20*time.Second)
	b.Cleanup(stop)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+b.token)
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = res.Body.Close() })
	if !b.h.Deployment.Can().ChangeStreams {
		if text, err := io.ReadAll(res.Body); err != nil || !strings.Contains(string(text), "has no change streams") {
			b.Errorf("watching a deployment without change streams: %d %s %v", res.StatusCode, text, err)
		}
		return nil
	}
	lines := bufio.NewScanner(res.Body)
	return func() string {
		for lines.Scan() {
			text, ok := strings.CutPrefix(lines.Text(), "data: ")
			if !ok {
				continue
			}
			var event struct {
				OperationType string
				DocumentKey   json.RawMessage
				FullDocument  json.RawMessage
			}
			if err := json.Unmarshal([]byte(text), &event); err != nil {
				b.Fatalf("%s: %v", text, err)
			}
			if event.FullDocument == nil {
				event.FullDocument = event.DocumentKey
			}
			return event.OperationType + " " + relaxed(string(event.FullDocument), true)
		}
		b.Fatalf("the stream ended: %v", lines.Err())
		return ""
	}
}
