package functions

import (
	"context"
	"strings"
	"testing"
	"time"

	"dossier/backend/api"
	"dossier/backend/rules"
	"dossier/model"
)

// TestAsync: promises and timers settle as in other runtimes. An error of another function can be caught: thrown by a
// synchronous one, rejected by an async one.
func TestAsync(t *testing.T) {
	w := newFixture(t, map[string]string{
		"bad private":   `exports = () => { throw new Error("inner") }`,
		"later private": `exports = async () => { throw new TypeError("inner") }`,
		"twice private": `exports = async x => x * 2`,
		"make":          `exports = async text => eval(text)`,
	}, nil)
	for text, want := range map[string]string{
		`(async () => { try { await context.functions.execute("later") } catch (e) { return e.message } })()`:                                  `"{\"message\":\"inner\",\"name\":\"TypeError\"}"`,
		`context.functions.execute("later").catch(e => "caught " + (e instanceof Error))`:                                                      `"caught true"`,
		`(() => { try { context.functions.execute("bad") } catch (e) { return "thrown" } })()`:                                                 `"thrown"`,
		`(async () => { try { await context.functions.execute("bad") } catch (e) { return e.code } })()`:                                       `"FunctionExecutionError"`,
		`(async () => { try { await context.functions.execute("missing") } catch (e) { return e.code } })()`:                                   `"FunctionNotFound"`,
		`Promise.all([1, 2, 3].map(x => context.functions.execute("twice", x)))`:                                                               `[{"$numberInt":"2"},{"$numberInt":"4"},{"$numberInt":"6"}]`,
		`Promise.all([context.functions.execute("twice", 1), context.functions.execute("later")]).catch(e => "rejected")`:                      `"rejected"`,
		`Promise.allSettled([context.functions.execute("later"), 1]).then(all => all.map(x => x.status))`:                                      `["rejected","fulfilled"]`,
		`Promise.race([new Promise(done => setTimeout(done, 20000, "slow")), new Promise(done => setTimeout(done, 1, "fast"))])`:               `"fast"`,
		`new Promise(done => { const seen = []; setTimeout(() => { seen.push("b"); done(seen) }, 2); setTimeout(x => seen.push(x), 1, "a") })`: `["a","b"]`,
		`new Promise(done => { let n = 0; const id = setInterval(() => { if (++n === 3) { clearInterval(id); done(n) } }, 1) })`:               `{"$numberInt":"3"}`,
		`new Promise(done => { const id = setTimeout(() => done("cleared"), 1); clearTimeout(id); setImmediate(done, "kept") })`:               `"kept"`,
		`(async () => { const seen = []; queueMicrotask(() => seen.push(1)); seen.push(0); await null; return seen })()`:                       `[{"$numberInt":"0"},{"$numberInt":"1"}]`,
		`(setTimeout(() => { throw new Error("never") }, 1), "no promise, no wait")`:                                                           `"no promise, no wait"`,
	} {
		w.expect(want, "make", quote(text))
	}
	for text, want := range map[string]string{
		`new Promise(() => setTimeout(() => { throw new Error("in a timer") }, 1))`: "in a timer",
		`new Promise(() => setTimeout(() => {}, 1))`:                                "returned a promise that never settles",
		`setTimeout("alert(1)")`: "the argument of a timer must be a " +
			"function",
		`for (;;) setTimeout(() => {})`:      "too many timers",
		`context.functions.execute("later")`: "inner",
		`undefined.insertOne({})`:            `{"message":"Cannot access member 'insertOne' of undefined or null","name":"TypeError"}`,
	} {
		if got := w.expectError(api.CodeFunctionExecutionError, "make", quote(text)); !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %q", text, got, want)
		}
	}
	w.functions.options.Deadline = 50 * time.Millisecond
	for _, text := range []string{`new Promise(done => setTimeout(done, 10000))`,
		`new Promise(() => setInterval(() => {}, 1))`} {
		w.expectError(api.CodeExecutionTimeLimitExceeded, "make", quote(text))
	}
}

// TestRunAs: a function that names a user runs as that user with their permissions; an unknown user is an error.
func TestRunAs(t *testing.T) {
	const who = `exports = (...args) => [context.user.id, context.user.custom_data, context.runningAsSystem(), args.length]`
	w := newFixture(t, map[string]string{
		`other as {"run_as_user_id":"` + other + `"}`:                                              who,
		`missing as {"run_as_user_id":"unknown"}`:                                                  who,
		`self as {"run_as_user_id":"` + me + `"}`:                                                  who,
		`authed as {"run_as_authed_user":true}`:                                                    who,
		`script as {"run_as_user_id_script_source":"exports = (x) => x"}`:                          who,
		`oid as {"run_as_user_id_script_source":"exports = async (x) => BSON.ObjectId(x)"}`:        who,
		`throws as {"run_as_user_id_script_source":"exports = () => { throw new Error('who?') }"}`: who,
		`none as {"run_as_user_id_script_source":"exports = () => {}"}`:                            who,
		`bad as {"run_as_user_id_script_source":"exports = ("}`:                                    who,
		"inner": who,
		`outer as {"run_as_user_id":"` + other + `"}`:               `exports = () => context.functions.execute("inner")`,
		`both as {"run_as_system":true,"run_as_user_id":"unknown"}`: `exports = () => context.runningAsSystem()`,
	}, nil)
	w.functions.options.CallerByUserID = func(_ context.Context, id string) (*rules.Caller, error) {
		if id != other {
			return nil, nil
		}
		return &rules.Caller{User: model.User{ID: other, Type: "normal"}, CustomData: raw(t, `{"color":"red"}`),
			System: true}, nil
	}
	otherUser, currentUser := `["`+other+`",{"color":"red"},false,{"$numberInt":"`,
		`["`+me+`",{"favoriteColor":"pink"},false,{"$numberInt":"`
	w.expect(otherUser+`1"}]`, "other", `1`)
	w.expect(otherUser+`0"}]`, "outer")
	w.expect(otherUser+`1"}]`, "script", `"`+other+`"`)
	w.expect(otherUser+`1"}]`, "oid", `"`+other+`"`)
	w.expect(currentUser+`0"}]`, "self")
	w.expect(currentUser+`0"}]`, "authed")
	w.expect(currentUser+`1"}]`, "script", `"`+me+`"`)
	w.expect(`true`, "both")
	for name, want := range map[string]string{
		"missing": `runs as the user "unknown", who does not exist`, "throws": "who?", "none": "did not return a user id",
	} {
		if got := w.expectError(api.CodeFunctionExecutionError, name); !strings.Contains(got, want) {
			t.Errorf("%s: %s", name, got)
		}
	}
	w.expectError(api.CodeFunctionSyntaxError, "bad")
}

func quote(text string) string {
	b, err := stringify(text, true)
	if err != nil {
		panic(err)
	}
	return b
}
