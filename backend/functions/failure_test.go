package functions

import (
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
)

// TestFailuresAreLogged: the log entry has the function, its error, file and line.
func TestFailuresAreLogged(t *testing.T) {
	w := newFixture(t, map[string]string{
		"sync":   "exports = () => {\n  const o = {};\n  return o.a.b;\n}",
		"async":  "exports = async () => {\n  await null;\n  throw new RangeError('too much');\n}",
		"text":   "exports = () => {\n\n\n  throw 'text';\n}",
		"outer":  "exports = () => context.functions.execute('async')",
		"caught": "exports = () => { try { context.functions.execute('sync') } catch (e) { return 1 } }",
		"module": "exports = () => require('bad').f()",
		"never":  "exports = () => new Promise(() => {})",
		"parse":  "exports = () => {",
		"slow":   "exports = () => {\n  for (;;) { Math.max(1) }\n}",
		"stack":  "exports = () => {\n const f = () => f() + 1;\n return f() }",
		"stored": "exports = async () => {\n  await " +
			"context.services.get('mongodb-atlas').db('app').collection('none').findOne({});\n}",
		"forged": "exports = () => { const e = new Error('x'); e.stack = '\\tat a (functions/etc/passwd.js:7:1(1))'; " +
			"throw e }",
		"private": "exports = () => 1",
	}, map[string]string{"functions/node_modules/bad/index.js": "exports.f = () => {\n  throw new TypeError('within')\n}"})
	for name, want := range map[string]string{
		"sync":   `name=TypeError at=functions/sync.js:3 error_code=FunctionExecutionError error="{\"message\":\"Cannot access member 'b' of undefined`,
		"async":  `name=RangeError at=functions/async.js:3 error_code=FunctionExecutionError error="{\"message\":\"too much\"`,
		"text":   ` at=functions/text.js:4 error_code=FunctionExecutionError error=text`,
		"outer":  `within=async name=RangeError at=functions/async.js:3`,
		"module": `name=TypeError at=functions/node_modules/bad/index.js:2`,
		"never":  `at=functions/never.js error_code=FunctionExecutionError`,
		"parse":  `at=functions/parse.js error_code=FunctionSyntaxError error="`,
		"stack":  `at=functions/stack.js:2 error_code=FunctionExecutionError`,
		"stored": `at=functions/stored.js`,
		"forged": `at=functions/forged.js:1 `,
	} {
		w.log.Reset()
		_, err := w.call(name)
		if got := w.log.String(); err == nil || strings.Count(got, "\n") != 1 || !strings.Contains(got,
			`level=WARN msg="function failed" function=`+name+" for=call user="+me) || !strings.Contains(got, want) ||
			!strings.HasSuffix(got, "app="+w.functions.app.ID+"\n") {
			t.Errorf("%s: %v, log\n%swant %s", name, err, got, want)
		}
	}
	w.log.Reset()
	w.functions.options.Deadline = 50 * time.Millisecond
	w.expectError(api.CodeExecutionTimeLimitExceeded, "slow")
	if got := w.log.String(); !strings.Contains(got, "at=functions/slow.js:2 ") {
		t.Errorf("log %s", got)
	}
	w.functions.options.Deadline = defaultDeadline
	w.log.Reset()
	w.expect(`{"$numberInt":"1"}`, "caught")
	if got := w.log.String(); got != "" {
		t.Errorf("a caught error is logged: %s", got)
	}
}

// TestCredentialsAreNotLogged: the text of an error is not logged if the function received a password.
func TestCredentialsAreNotLogged(t *testing.T) {
	w := newFixture(t, map[string]string{
		"message private": "exports = ({password}) => {\n  throw new TypeError('not ' + password)\n}",
		"name private":    "exports = ({password}) => {\n  const e = new Error('x'); e.name = password; throw e\n}",
		"stack private": "exports = ({password}) => {\n  const e = new Error('x'); e.stack = '\\tat a (functions/' + " +
			"password + ':1:1(1))'; throw e\n}",
		"value private":   "exports = x => {\n  throw x\n}",
		"async private":   "exports = async x => {\n  await null; throw x\n}",
		"missing private": "exports = ({password}) => {\n  return context.functions.execute(password)\n}",
		"broken private":  "exports = ({password} => {",
	}, nil)
	for name, want := range map[string]string{
		"message": `name=TypeError at=functions/message.js:2`, "name": `at=functions/name.js:2`,
		"stack": `name=Error at=functions/stack.js:2`,
		"value": `at=functions/value.js:2`, "async": `at=functions/async.js`, "missing": `at=functions/missing.js:2`,
		"broken": `error_code=FunctionSyntaxError error="`,
	} {
		w.log.Reset()
		_, err := w.functions.Run(w.ctx, w.me, name, []bson.RawValue{raw(t, `{"v":{"password":"hunter2"}}`).Lookup("v")})
		w.functions.LogFailure(w.ctx, w.me, name, ForCredentials, err)
		if got := w.log.String(); err == nil || strings.Contains(got, "hunter2") || !strings.Contains(got,
			"for=authentication") || !strings.Contains(got, want) {
			t.Errorf("%s: %v, log\n%swant %s", name, err, got, want)
		}
	}
}
