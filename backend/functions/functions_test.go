package functions

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/store"
)

// TestSeedFunction runs the function of the page unchanged (seed: Flutter page: "The Function creates the custom user
// data if it doesn't already exist and replaces all data in it if it does exist").
func TestSeedFunction(t *testing.T) {
	w := newFixture(t, nil, nil)
	got, err := w.call("writeCustomUserData",
		`{"favoriteFood":"pizza","lastUpdated":{"$date":{"$numberLong":"1700000000000"}},"n":{"$numberInt":"3"}}`)
	if err != nil || !strings.HasPrefix(got,
		`{"matchedCount":{"$numberInt":"0"},"modifiedCount":{"$numberInt":"0"},"upsertedId":{"$oid":`) {
		t.Fatalf("the first call returned %s, %v", got, err)
	}
	w.expect(`{"matchedCount":{"$numberInt":"1"},"modifiedCount":{"$numberInt":"1"}}`, "writeCustomUserData",
		`{"favoriteFood":"pasta"}`)
	stored := w.stored(`{"userId":"` + me + `"}`)
	for _, part := range []string{`"favoriteFood":"pasta"`, `"lastUpdated":{"$date":{"$numberLong":"1700000000000"}}`,
		`"n":{"$numberInt":"3"}`} {
		if !strings.Contains(stored, part) {
			t.Errorf("stored %s, %s is missing", stored, part)
		}
	}
	for _, foreign := range []string{`{"userId":"` + other + `"}`, `{"_id":1}`, `{"userId":{"$oid":"` + me + `"}}`} {
		if got := w.expectError(api.CodeFunctionExecutionError, "writeCustomUserData", foreign); !strings.Contains(got,
			"cannot be changed") && !strings.Contains(got, "_id") {
			t.Errorf("%s: %s", foreign, got)
		}
	}
	if again := w.stored(`{}`); again != stored {
		t.Errorf("a failed call left %s", again)
	}
}

// TestSeedFunctionAsSystem: as system the function writes without rules, also the user id field.
func TestSeedFunctionAsSystem(t *testing.T) {
	w := newFixture(t, map[string]string{"write system": `exports = async function(data) {
		return context.services.get("mongodb-atlas").db("app").collection("custom_user_data").updateOne({userId: context.user.id}, {$set: data}, {upsert: true});
	};`}, map[string]string{"data_sources/mongodb-atlas/app/custom_user_data/rules.json": `{"roles":[]}`})
	for _, c := range []struct{ data, filter, want string }{
		{`{"favoriteColor":"purple"}`, `{"userId":"` + me + `"}`, `"favoriteColor":"purple"`},
		{`{"userId":"` + other + `"}`, `{"userId":"` + other + `"}`, `"favoriteColor":"purple"`},
	} {
		if _, err := w.call("write", c.data); err != nil {
			t.Error(err)
		}
		if got := w.stored(c.filter); !strings.Contains(got, c.want) {
			t.Errorf("%s left %s, want %s", c.data, got, c.want)
		}
	}
	if got := w.expectError(api.CodeFunctionExecutionError, "writeCustomUserData",
		`{"favoriteColor":"red"}`); !strings.Contains(got, w.db.Localize("no role of app.custom_user_data applies")) {
		t.Errorf("the user function went past the rules: %s", got)
	}
}

// TestTypes: a value that a function returns unchanged keeps its type; a new value gets the smallest type.
func TestTypes(t *testing.T) {
	w := newFixture(t, map[string]string{
		"echo":  `exports = x => x`,
		"async": `exports = async function(x) { return await Promise.resolve(x) }`,
		"make":  `exports = text => eval(text)`,
	}, nil)
	for _, v := range []string{
		`null`, `true`, `"bonjour"`, `""`, `{"$numberInt":"3"}`, `{"$numberInt":"-2147483648"}`, `{"$numberLong":"3"}`,
		`{"$numberLong":"9223372036854775807"}`,
		`{"$numberDouble":"1.5"}`, `{"$numberDouble":"-0.0"}`, `{"$numberDouble":"NaN"}`, `{"$numberDouble":"Infinity"}`,
		`{"$numberDecimal":"0.10"}`,
		`{"$oid":"` + me + `"}`, `{"$date":{"$numberLong":"1704164645678"}}`,
		`{"$date":{"$numberLong":"-9223372036854775808"}}`,
		`{"$binary":{"base64":"AQI=","subType":"00"}}`, `{"$binary":{"base64":"AAAAAAAAAAAAAAAAAAAAAQ==","subType":"04"}}`,
		`{"$regularExpression":{"pattern":"a(","options":"ix"}}`, `{"$timestamp":{"t":4,"i":2}}`, `{"$minKey":1}`,
		`{"$maxKey":1}`,
		`{"$code":"x"}`, `{"$symbol":"s"}`, `{"$undefined":true}`, `{}`, `[]`,
		`{"a":{"$numberDouble":"3.0"},"b":[{"$numberDouble":"2.0"},{"$numberInt":"2"}],"c":{"d":{"$numberLong":"1"}},"__proto__":{"x":{"$numberInt":"1"}},"":null}`,
		`["x",["y",{"z":{"$numberDecimal":"1E+3"}}]]`,
	} {
		w.expect(v, "echo", v)
		w.expect(v, "async", v)
	}
	for text, want := range map[string]string{
		`undefined`:                              `{"$undefined":true}`,
		`1`:                                      `{"$numberInt":"1"}`,
		`1.0`:                                    `{"$numberInt":"1"}`,
		`2147483648`:                             `{"$numberLong":"2147483648"}`,
		`0.5`:                                    `{"$numberDouble":"0.5"}`,
		`1e300`:                                  `{"$numberDouble":"1E+300"}`,
		`10n`:                                    `{"$numberLong":"10"}`,
		`new Date(5)`:                            `{"$date":{"$numberLong":"5"}}`,
		`/a.b/gi`:                                `{"$regularExpression":{"pattern":"a.b","options":"i"}}`,
		`new Uint8Array([1,2])`:                  `{"$binary":{"base64":"AQI=","subType":"00"}}`,
		`new Number(4)`:                          `{"$numberInt":"4"}`,
		`new String("s")`:                        `"s"`,
		`new BSON.ObjectId("` + me + `")`:        `{"$oid":"` + me + `"}`,
		`BSON.ObjectId("` + me + `")`:            `{"$oid":"` + me + `"}`,
		`BSON.ObjectID("` + me + `").toString()`: `"` + me + `"`,
		`typeof new BSON.ObjectId().toHexString()`:                              `"string"`,
		`new BSON.ObjectId("` + me + `") instanceof BSON.ObjectId`:              `true`,
		`new BSON.ObjectId("` + me + `").equals("` + me + `")`:                  `true`,
		`BSON.Long.fromString("7")`:                                             `{"$numberLong":"7"}`,
		`BSON.Long("7") + 1`:                                                    `{"$numberInt":"8"}`,
		`new BSON.Double(7)`:                                                    `{"$numberDouble":"7.0"}`,
		`new BSON.Int32(7)`:                                                     `{"$numberInt":"7"}`,
		`BSON.Decimal128.fromString("1.10")`:                                    `{"$numberDecimal":"1.10"}`,
		`new BSON.UUID("00000000-0000-0000-0000-000000000001").toString()`:      `"00000000-0000-0000-0000-000000000001"`,
		`new BSON.Binary(new Uint8Array([1]), 5)`:                               `{"$binary":{"base64":"AQ==","subType":"05"}}`,
		`EJSON.parse('{"$oid":"` + me + `"}')`:                                  `{"$oid":"` + me + `"}`,
		`EJSON.stringify({a: new BSON.Long("1"), b: 1.5}, {relaxed: false})`:    `"{\"a\":{\"$numberLong\":\"1\"},\"b\":{\"$numberDouble\":\"1.5\"}}"`,
		`EJSON.stringify({a: new BSON.Long("1")})`:                              `"{\"a\":1}"`,
		`JSON.stringify({a: BSON.ObjectId("` + me + `")})`:                      `"{\"a\":\"` + me + `\"}"`,
		`({a: undefined})`:                                                      `{"a":{"$undefined":true}}`,
		`[undefined]`:                                                           `[{"$undefined":true}]`,
		`JSON.parse(" [1, {\"__proto__\": \"x\"}]", (k, v) => v === 1 ? 2 : v)`: `[{"$numberInt":"2"},{"__proto__":"x"}]`,
	} {
		w.expect(want, "make", fmt.Sprintf("%q", text))
	}
	for text, want := range map[string]string{
		`(() => 1)`:                "a function has no BSON type",
		`({a: {b: () => 1}})`:      "a: b: a function has no BSON type",
		`const a = {}; a.a = a; a`: "nested deeper than 100",
		`new Date(NaN)`:            "Invalid Date has no BSON type",
		`Symbol("x")`:              "has no BSON type",
		`[Promise.resolve(1)]`:     "await it",
		`2n ** 70n`:                "does not fit 64 bits",
		`({get a() { throw new Error("from a getter") }})`: "from a getter",
		`new BSON.ObjectId("x")`:                           "24 hexadecimal digits",
		`"x".repeat(17 << 20)`:                             "more than 16777216",
		`"x".repeat(1e12)`:                                 "is not allowed in a function",
		`new Uint8Array(1e12)`:                             "is not allowed in a function",
		`new (new Uint8Array(1).buffer.constructor)(1e15)`: "is not allowed in a function",
		`const l = []; l.length = 4294967295; l.fill(0)`:   "is not allowed in a function",
		`Array.from({length: 1e15})`:                       "is not allowed in a function",
		`const s = []; s.length = 4294967295; s`:           "is too long",
		`JSON.parse("[".repeat(16e6))`:                     "nested too deeply",
		`JSON.parse("{")`:                                  `"name":"SyntaxError"`,
	} {
		if got := w.expectError(api.CodeFunctionExecutionError, "make", fmt.Sprintf("%q", text)); !strings.Contains(got,
			want) {
			t.Errorf("%s: %s, want %q", text, got, want)
		}
	}
}

// TestUnchangedNumbers: a number in a document keeps its type if the function does not change it.
func TestUnchangedNumbers(t *testing.T) {
	w := newFixture(t, map[string]string{"touch": `exports = d => { d.changed = d.changed + 1; d.list.push(4); return d }`}, nil)
	w.expect(`{"kept":{"$numberDouble":"3.0"},"changed":{"$numberInt":"4"},"list":[{"$numberDouble":"1.0"},{"$numberInt":"4"}]}`,
		"touch", `{"kept":{"$numberDouble":"3.0"},"changed":{"$numberDouble":"3.0"},"list":[{"$numberDouble":"1.0"}]}`)
}

func TestErrors(t *testing.T) {
	w := newFixture(t, map[string]string{
		"throws":          `exports = async function() { throw new TypeError("boom") }`,
		"now":             `exports = function() { throw new Error("boom") }`,
		"text":            `exports = () => { throw "plain" }`,
		"object":          `exports = () => { throw {code: 3} }`,
		"nothing":         `exports = () => { throw undefined }`,
		"loud":            `exports = () => { throw new Proxy({}, {get() { throw new Error("x") }, getPrototypeOf() { throw 1 }}) }`,
		"syntax":          `exports = function( {`,
		"empty":           ``,
		"commonjs":        `module.exports = async () => "yes"`,
		"never":           `exports = () => new Promise(() => {})`,
		"require":         `const x = require("fs"); exports = () => 1`,
		"http":            `exports = async () => context.http.get({url: "http://example.com"})`,
		"top":             `throw new Error("at the top")`,
		"private private": `exports = () => 1`,
		`cond if {"%%user.custom_data.favoriteColor":"green"}`: `exports = () => 1`,
		`ok if {"%%user.custom_data.favoriteColor":"pink"}`:    `exports = () => 1`,
		"deep":    `function f(n) { return f(n + 1) + 1 } exports = () => f(0)`,
		"missing": `exports = async () => context.services.get("nope").db("x")`,
		"denied":  `exports = async () => { try { await context.services.get("mongodb-atlas").db("app").collection("x").find().toArray() } catch (e) { return e.name + " " + e.code + " " + e.message } }`,
		"option":  `exports = async () => context.services.get("mongodb-atlas").db("app").collection("x").updateOne({}, {}, {hint: 1})`,
	}, nil)
	const failed = api.CodeFunctionExecutionError
	for _, c := range []struct{ name, code, want string }{
		{"throws", failed, `{"message":"boom","name":"TypeError"}`},
		{"now", failed, `{"message":"boom","name":"Error"}`},
		{"text", failed, `plain`},
		{"object", failed, `{"code":3}`},
		{"nothing", failed, `undefined`},
		{"loud", failed, `the function "loud" crashed the runtime`},
		{"empty", failed, `does not export a function`},
		{"never", failed, `returned a promise that never settles`},
		{"require", failed, `this Node.js module is not supported`},
		{"http", failed, `are not allowed; allow the host with --http-host`},
		{"top", failed, `{"message":"at the top","name":"Error"}`},
		{"deep", failed, `Maximum call stack size exceeded`},
		{"missing", failed, `{"message":"Cannot access member 'db' of undefined or null","name":"TypeError"}`},
		{"option", failed, `the option hint is not supported`},
		{"cond", failed, `rule not matched for function "cond"`},
		{"syntax", api.CodeFunctionSyntaxError, `functions/syntax.js`},
		{"private", api.CodeFunctionNotFound, `function not found: 'private'`},
		{"unknown", api.CodeFunctionNotFound, `function not found: 'unknown'`},
	} {
		if got := w.expectError(c.code, c.name); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	w.expect(`"yes"`, "commonjs")
	w.expect(`{"$numberInt":"1"}`, "ok")
	w.expect(w.db.Localize(`"Error NoMatchingRuleFound find not permitted: there are no rules for mongodb-atlas.app.x"`),
		"denied")
	if v, err := w.functions.Run(w.ctx, w.me, "private", nil); err != nil || v.Int32() != 1 {
		t.Errorf("the service itself: %v %v", v, err)
	}
}

func TestContext(t *testing.T) {
	w := newFixture(t, map[string]string{
		"user":            `exports = () => context.user`,
		"asSystem system": `exports = () => [context.runningAsSystem(), context.user.id, context.user.data]`,
		"asUser":          `exports = () => context.runningAsSystem()`,
		"values":          `exports = () => [context.values.get("list"), context.values.get("nope"), context.environment.tag, context.environment.values.base]`,
		"add private":     `exports = (a, b) => a + b`,
		"later private":   `exports = async x => x * 2`,
		"bad private":     `exports = () => { throw new Error("inner") }`,
		"calls":           `exports = async () => [context.functions.execute("add", 1, 2), await context.functions.execute("later", 4), typeof context.functions.execute("later", 1).then]`,
		"catches":         `exports = () => { try { context.functions.execute("bad") } catch (e) { return e.message } }`,
		"loop":            `exports = () => context.functions.execute("loop")`,
		"outer system":    `exports = () => context.functions.execute("asUser")`,
		"fresh":           `globalThis.n = (globalThis.n || 0) + 1; exports = () => globalThis.n`,
		"files":           "exports = () => 1\n//# sourceMappingURL=/etc/passwd",
	}, map[string]string{
		"values/list.json": `{"name":"list","value":[1,"a"]}`, "environments/production.json": `{"values":{"base":"u"}}`,
		"realm_config.json": `{"app_id":"dossier-demo","environment":"production"}`,
	})
	w.expect(`{"id":"`+me+`","type":"normal","data":{"email":"me@example.com"},"custom_data":{"favoriteColor":"pink"},"identities":[{"id":"i","provider_type":"local-userpass","data":{}}]}`, "user")
	w.expect(`[true,"`+me+`",{}]`, "asSystem")
	w.expect(`false`, "asUser")
	w.expect(`[[{"$numberInt":"1"},"a"],{"$undefined":true},"production","u"]`, "values")
	w.expect(`[{"$numberInt":"3"},{"$numberInt":"8"},"function"]`, "calls")
	w.expect(`"{\"message\":\"inner\",\"name\":\"Error\"}"`, "catches")
	w.expect(`true`, "outer")
	w.expect(`{"$numberInt":"1"}`, "fresh")
	w.expect(`{"$numberInt":"1"}`, "fresh")
	w.expect(`{"$numberInt":"1"}`, "files")
	if got := w.expectError(api.CodeFunctionExecutionError, "loop"); !strings.Contains(got, "deeper than 10") {
		t.Error(got)
	}
}

// TestServices calls every method of a collection.
func TestServices(t *testing.T) {
	w := newFixture(t, map[string]string{"all system": `exports = async function() {
		const c = context.services.get("mongodb-atlas").db("app").collection("things");
		const out = [];
		out.push((await c.insertOne({_id: 1, n: 1})).insertedId);
		out.push((await c.insertMany([{_id: 2, n: 2}, {_id: 3, n: 3}])).insertedIds);
		out.push(await c.count(), await c.count({n: {$gt: 1}}));
		out.push(await c.find({}, {n: 1, _id: 0}).sort({n: -1}).skip(1).limit(1).toArray());
		const cursor = c.find({n: {$lt: 3}});
		out.push((await cursor.next()).n, await cursor.hasNext(), (await cursor.toArray()).length, await cursor.next());
		out.push(await c.findOne({n: 9}), (await c.findOne({}, {n: 1}, {sort: {n: -1}})).n);
		out.push(await c.updateOne({_id: 1}, {$inc: {n: 10}}), (await c.updateMany({}, {$set: {m: 1}})).modifiedCount);
		out.push((await c.updateOne({_id: 9}, {$set: {n: 9}}, {upsert: true})).upsertedId);
		out.push((await c.findOneAndUpdate({_id: 1}, {$set: {n: 0}}, {returnNewDocument: true, projection: {n: 1, _id: 0}})).n);
		out.push((await c.findOneAndReplace({_id: 1}, {z: 1})).n, (await c.findOneAndDelete({_id: 1})).z);
		out.push(await c.aggregate([{$group: {_id: null, sum: {$sum: "$n"}}}]).toArray());
		out.push((await c.deleteOne({_id: 2})).deletedCount, (await c.deleteMany({})).deletedCount);
		const both = await Promise.all([c.insertOne({_id: 5}), c.insertOne({_id: 6})]);
		out.push(both.length);
		try { await c.insertOne({_id: 5}) } catch (e) { out.push(e.message.includes("Duplicate key error"), e instanceof Error) }
		out.push(await c.updateOne({_id: undefined}, {$set: {x: 1}}));
		return out;
	}`}, nil)
	w.expect(`[{"$numberInt":"1"},[{"$numberInt":"2"},{"$numberInt":"3"}],{"$numberInt":"3"},{"$numberInt":"2"},`+
		`[{"n":{"$numberInt":"2"}}],{"$numberInt":"1"},true,{"$numberInt":"1"},{"$undefined":true},null,{"$numberInt":"3"},`+
		`{"matchedCount":{"$numberInt":"1"},"modifiedCount":{"$numberInt":"1"}},{"$numberInt":"3"},{"$numberInt":"9"},`+
		`{"$numberInt":"0"},{"$numberInt":"0"},{"$numberInt":"1"},[{"_id":null,"sum":{"$numberInt":"14"}}],`+
		`{"$numberInt":"1"},{"$numberInt":"2"},{"$numberInt":"2"},true,true,{"matchedCount":{"$numberInt":"0"},"modifiedCount":{"$numberInt":"0"}}]`, "all")
}

// TestDeadline: endless JavaScript is interrupted, wherever it runs.
func TestDeadline(t *testing.T) {
	w := newFixture(t, map[string]string{
		"loop":   `exports = () => { for (;;) {} }`,
		"jobs":   `exports = async () => { for (;;) await null }`,
		"chain":  `exports = () => { function again() { return Promise.resolve().then(again) } return again() }`,
		"top":    `for (;;) {}`,
		"getter": `exports = () => ({get x() { for (;;) {} }})`,
		"caught": `exports = () => { for (;;) { try { for (;;) {} } catch (e) {} finally { for (;;) {} } } }`,
		"thrown": `exports = () => { throw {get x() { for (;;) {} }} }`,
		"nested": `exports = () => context.functions.execute("loop")`,
	}, nil)
	w.functions.options.Deadline = 50 * time.Millisecond
	for _, name := range []string{"loop", "jobs", "chain", "top", "getter", "caught", "thrown", "nested"} {
		if got := w.expectError(api.CodeExecutionTimeLimitExceeded, name); got != "execution time limit exceeded" {
			t.Errorf("%s: %q", name, got)
		}
	}
	w.functions.options.Deadline = time.Minute
	ctx, cancel := context.WithCancel(w.ctx)
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := w.functions.Call(ctx, w.me, "loop", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a canceled call: %v", err)
	}
}

// TestMemoryLimit: a function that allocates without end is stopped.
func TestMemoryLimit(t *testing.T) {
	w := newFixture(t, map[string]string{"allocate": `exports = () => { const all = []; for (;;) all.push(new Array(1000).fill("x")) }`}, nil)
	w.functions.maxGrowth = 64 << 20
	if got := w.expectError(api.CodeFunctionExecutionError, "allocate"); !strings.Contains(got, "too much memory") {
		t.Error(got)
	}
}

func TestConsole(t *testing.T) {
	w := newFixture(t, map[string]string{
		"talk":  `exports = () => { console.log("hello", {a: 1}, [1], 2, new Error("e"), () => 1, undefined); console.error("x".repeat(5000)) }`,
		"flood": `exports = () => { for (let i = 0; i < 1000; i++) console.log(i) }`,
	}, nil)
	w.expect(`{"$undefined":true}`, "talk")
	log := w.log.String()
	if !strings.Contains(log, `text="hello {\"a\":1} [1] 2 Error: e [function] undefined"`) || !strings.Contains(log,
		"user="+me) || len(log) > 2000 {
		t.Errorf("log %s", log)
	}
	for _, want := range []string{"level=INFO msg=\"function output\" function=talk user=" + me + " console=log",
		"level=ERROR msg=\"function output\" function=talk user=" + me + " console=error"} {
		if !strings.Contains(log, want) {
			t.Errorf("log %s, want %s", log, want)
		}
	}
	if strings.Count(log, " level=") != strings.Count(log, "\n") {
		t.Errorf("a line has two levels: %s", log)
	}
	w.log.Reset()
	w.expect(`{"$undefined":true}`, "flood")
	if n := strings.Count(w.log.String(), "\n"); n != maxConsoleLines+1 {
		t.Errorf("%d lines", n)
	}
}

// TestDatabaseDown: an unreachable database is reported as such, not as an error of the function.
func TestDatabaseDown(t *testing.T) {
	w := newFixture(t, nil, nil)
	if err := w.db.Deployment.Close(w.ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := w.call("writeCustomUserData", `{"a":1}`); store.KindOf(err) != store.Unreachable {
		t.Errorf("error %v", err)
	}
}

// TestParallel: calls share no state; calls without a free slot wait.
func TestParallel(t *testing.T) {
	w := newFixture(t, map[string]string{"sum": `let n = 0; exports = async x => { for (let i = 0; i < 1000; i++) { n += x; if (i % 100 == 0) await null } return n }`}, nil)
	errs := make(chan error)
	const calls = 3 * maxCalls
	for i := range calls {
		go func() {
			v, err := w.functions.Call(w.ctx, w.me, "sum", []bson.RawValue{{Type: bson.TypeInt32, Value: []byte{byte(i), 0, 0,
				0}}})
			if err == nil && v.Int32() != int32(i*1000) {
				err = fmt.Errorf("call %d returned %v", i, v)
			}
			errs <- err
		}()
	}
	for range calls {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

// Every call has globals of its own.
func TestCallsDoNotShareGlobals(t *testing.T) {
	w := newFixture(t, map[string]string{"count": `exports = () => {
		String.prototype.seen = (String.prototype.seen || 0) + 1;
		globalThis.calls = (globalThis.calls || 0) + 1;
		context.calls = (context.calls || 0) + 1;
		console.calls = (console.calls || 0) + 1;
		return "".seen + globalThis.calls + context.calls + console.calls;
	}`}, nil)
	var calls sync.WaitGroup
	for range 4 {
		calls.Go(func() {
			for range 20 {
				w.expect(`{"$numberInt":"4"}`, "count")
			}
		})
	}
	calls.Wait()
}

// A call creates only the built-ins and globals that its function uses: all of them would take 1,100 allocations.
func TestAllocationsOfCall(t *testing.T) {
	w := newFixture(t, map[string]string{"nothing": `exports = () => 1`}, nil)
	got := testing.AllocsPerRun(100, func() { w.expect(`{"$numberInt":"1"}`, "nothing") })
	if got > 400 {
		t.Errorf("a call takes %.0f allocations, want at most 400", got)
	}
}
