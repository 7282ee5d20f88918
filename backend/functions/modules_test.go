package functions

import (
	"strings"
	"testing"

	"dossier/backend/api"
)

// TestModules: require finds only the modules that the application ships and the supported Node modules.
func TestModules(t *testing.T) {
	w := newFixture(t, map[string]string{"make": `exports = text => eval(text)`,
		"deep/in": `exports = () => require("plain")(1)`}, map[string]string{
		"functions/node_modules/plain/index.js":                     `module.exports = x => x + 1`,
		"functions/node_modules/main/package.json":                  `{"name":"main","version":"1.2.3","main":"lib/start"}`,
		"functions/node_modules/main/lib/start.js":                  `const own = require("./own"); exports.value = own.value + require("../data.json").n + require("plain")(0)`,
		"functions/node_modules/main/lib/own.js":                    `exports.value = 10`,
		"functions/node_modules/main/data.json":                     `{"n": 100}`,
		"functions/node_modules/newer/package.json":                 `{"name":"newer","exports":{".":{"import":"./x.mjs","require":{"default":"./x.cjs.js"}}}}`,
		"functions/node_modules/newer/x.cjs.js":                     `exports.name = __filename + " " + __dirname`,
		"functions/node_modules/@scope/pack/index.js":               `exports.at = "scope"`,
		"functions/node_modules/cycle/index.js":                     `exports.early = 1; exports.other = require("./other"); exports.late = 2`,
		"functions/node_modules/cycle/other.js":                     `const c = require("./index"); exports.saw = [c.early, c.late]`,
		"functions/node_modules/count/index.js":                     `globalThis.loads = (globalThis.loads || 0) + 1; exports.loads = globalThis.loads`,
		"functions/node_modules/nested/index.js":                    `module.exports = require("inner")`,
		"functions/node_modules/nested/node_modules/inner/index.js": `module.exports = "the nested one"`,
		"functions/node_modules/esm/index.js":                       `export default 1`,
		"functions/node_modules/imports/index.js":                   `exports.x = require("./lib/x")`,
		"functions/node_modules/imports/lib/x.js":                   "\nexports.y = require('stream')",
		"functions/node_modules/imports/other.js":                   `require("axios")`,
		"functions/node_modules/throws/index.js":                    `throw new TypeError("at load")`,
		"functions/node_modules/optional/index.js":                  `try { require("nope") } catch (e) { exports.code = e.code }`,
		"functions/node_modules/root/index.js":                      `exports.global = Function("return this")() === globalThis && global === globalThis`,
		"functions/node_modules/large/index.js":                     "/*" + strings.Repeat("x", maxModule) + "*/",
	})
	for text, want := range map[string]string{
		`require("plain")(1)`:                              `{"$numberInt":"2"}`,
		`require("main").value`:                            `{"$numberInt":"111"}`,
		`require("main/lib/own").value`:                    `{"$numberInt":"10"}`,
		`require("main/package.json").version`:             `"1.2.3"`,
		`require("newer").name`:                            `"functions/node_modules/newer/x.cjs.js functions/node_modules/newer"`,
		`require("@scope/pack").at`:                        `"scope"`,
		`require("cycle")`:                                 `{"early":{"$numberInt":"1"},"other":{"saw":[{"$numberInt":"1"},{"$undefined":true}]},"late":{"$numberInt":"2"}}`,
		`[require("count").loads, require("count").loads]`: `[{"$numberInt":"1"},{"$numberInt":"1"}]`,
		`require("nested")`:                                `"the nested one"`,
		`require("optional").code`:                         `"MODULE_NOT_FOUND"`,
		`require("root").global`:                           `true`,
		`require("crypto").createHash("sha256").update("a").update(Buffer.from("b")).digest("hex")`: `"fb8e20fc2e4c3f248c60c39bd652f3c1347298bb977b8b4d5903b85055620603"`,
		`require("node:crypto").createHmac("sha1", "k").update("m").digest("base64")`:               `"dytxyKKZfnaL4B2XEeSk80ok7zM="`,
		`require("crypto").randomBytes(8).length + require("crypto").randomUUID().length`:           `{"$numberInt":"44"}`,
		`require("crypto").timingSafeEqual(Buffer.from("a"), Buffer.from("b"))`:                     `false`,
		`require("util").format("%s %d", "a", 1)`:                                                   `"a 1"`,
		`new URL("https://a.example/p?q=1#h").searchParams.get("q")`:                                `"1"`,
		`require("timers").setTimeout === setTimeout`:                                               `true`,
		`Buffer.from("héllo").toString("base64")`:                                                   `"aMOpbGxv"`,
		`Buffer.concat([Buffer.from("a"), Buffer.alloc(1, "b")])`:                                   `{"$binary":{"base64":"YWI=","subType":"00"}}`,
		`[Buffer.isBuffer(Buffer.alloc(1)), Buffer.isBuffer("x")]`:                                  `[true,false]`,
		`[atob("aGk="), btoa("hi"), btoa(atob("/+8="))]`:                                            `["hi","aGk=","/+8="]`,
	} {
		w.expect(want, "make", quote(text))
		w.expect(want, "make", quote(text)) // from the cache
	}
	w.expect(`{"$numberInt":"2"}`, "deep/in")
	for text, want := range map[string]string{
		`require("nope")`:                        `module not found in functions/node_modules`,
		`require("fs")`:                          `this Node.js module is not supported`,
		`require("node:fs/promises")`:            `this Node.js module is not supported`,
		`require("../../../etc/passwd")`:         `module not found`,
		`require("/etc/passwd")`:                 `module not found`,
		`require("plain/../../../secret")`:       `module not found`,
		`require("imports")`:                     `require(\"stream\") in functions/node_modules/imports/lib/x.js:2: this Node.js module is not supported`,
		`require("imports/other")`:               `require(\"axios\") in functions/node_modules/imports/other.js:1: module not found in functions/node_modules`,
		`require("esm")`:                         `functions/node_modules/esm/index.js`,
		`require("throws")`:                      `{"message":"at load","name":"TypeError"}`,
		`require("large")`:                       `more than 4194304`,
		`require("crypto").createHash("rot13")`:  `unknown `,
		`require("crypto").randomBytes(1e12)`:    `the size must be 0 to`,
		`Buffer.alloc(1e12)`:                     `is not allowed in a function`,
		`Buffer.from({length: 1e12})`:            `is not allowed in a function`,
		`Buffer.concat([Buffer.alloc(1)], 1e12)`: `is not allowed in a function`,
	} {
		if got := w.expectError(api.CodeFunctionExecutionError, "make", quote(text)); !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %q", text, got, want)
		}
	}
}
