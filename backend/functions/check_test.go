package functions

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// TestLoader: Loader reports whether a function's require will succeed.
func TestLoader(t *testing.T) {
	shipped := fstest.MapFS{}
	for name, text := range map[string]string{
		"node_modules/good/index.js":    "exports.x = Buffer.from('a'); console.log(1)",
		"node_modules/imports/index.js": "exports.x = require('./x')",
		"node_modules/imports/x.js":     "\nrequire('stream')",
		"node_modules/throws/index.js":  "\nthrow new TypeError('at load')",
		"node_modules/waits/index.js":   "const p = new Promise(() => {})",
		"beside.js":                     "",
	} {
		shipped[name] = &fstest.MapFile{Data: []byte(text)}
	}
	load := Loader(t.Context(), time.Now)
	for name, want := range map[string]string{
		"good": "", "crypto": "", "node:buffer": "", "waits": "",
		"axios":    `require("axios"): module not found in functions/node_modules`,
		"fs":       `require("fs"): this Node.js module is not supported`,
		"imports":  `require("stream") in functions/node_modules/imports/x.js:2: this Node.js module is not supported`,
		"throws":   `at load (functions/node_modules/throws/index.js:2)`,
		"./beside": `require("./beside"): `, "../beside": "",
	} {
		err := load(shipped, "functions/deep/f.js", name)
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	if err := load(nil, "functions/f.js", "axios"); err == nil {
		t.Error("a module was found without modules")
	}
}

// TestGlobals: the globals that exist, and those that do not.
func TestGlobals(t *testing.T) {
	w := newFixture(t, map[string]string{"make": `exports = text => eval(text)`}, nil)
	for names, want := range map[string]string{
		"atob btoa Buffer clearTimeout Proxy queueMicrotask require setImmediate setInterval setTimeout URL " +
			"URLSearchParams WeakMap": `"function"`,
		"BSON console context EJSON global globalThis Reflect utils": `"object"`,
		"AbortController Atomics Blob crypto fetch FinalizationRegistry FormData Headers Intl Iterator performance process " +
			"SharedArrayBuffer" +
			" structuredClone TextDecoder TextEncoder WeakRef WebAssembly context.users " +
			"context.services.get('mongodb-atlas').startSession console.table Array.fromAsync Object.groupBy": `"undefined"`,
	} {
		for _, name := range strings.Fields(names) {
			if got, err := w.call("make", quote("typeof "+name)); err != nil || got != want {
				t.Errorf("typeof %s is %s (%v), want %s", name, got, err, want)
			}
		}
	}
	for source, want := range map[string]string{
		`class A { #p = 1; get p() { return this.#p } }; new A().p`: `{"$numberInt":"1"}`,
		`let x = null; x ??= {a: 1}; x?.a ?? 2`:                     `{"$numberInt":"1"}`,
		`[...(function* () { yield 1 })()]`:                         `[{"$numberInt":"1"}]`,
		`/(?<=a)(?<n>b)/.exec("ab").groups.n`:                       `"b"`, `typeof 1n`: `"bigint"`,
		`/\p{L}/u.test("é")`: `false`, // doctor warns about this
	} {
		w.expect(want, "make", quote(source))
	}
	for _, source := range []string{"async function* f() {}", "async () => { for await (const x of []); }", "import('x')",
		"import x from 'y'", "/a/v", "/a/d"} {
		if got := w.expectError("FunctionExecutionError", "make", quote(source)); !strings.Contains(got, "SyntaxError") {
			t.Errorf("%s: %s", source, got)
		}
	}
}

// TestLocales: options that would change a date, a number or an order cause errors.
func TestLocales(t *testing.T) {
	w := newFixture(t, map[string]string{"make": `exports = text => eval(text)`}, nil)
	for text, want := range map[string]string{
		`typeof new Date(0).toLocaleString()`: `"string"`, `(5).toLocaleString()`: `"5"`,
		`"a".localeCompare("b")`: `{"$numberInt":"-1"}`, `"a".localeCompare("b", "en")`: `{"$numberInt":"-1"}`,
		`[1, 2].toLocaleString()`: `"1,2"`,
	} {
		w.expect(want, "make", quote(text))
	}
	_, offset := time.Unix(0, 0).Local().Zone()
	// local time is that of the machine
	w.expect(fmt.Sprintf(`{"$numberInt":"%d"}`, -offset/60), "make", quote(`new Date(0).getTimezoneOffset()`))
	for _, text := range []string{
		`new Date(0).toLocaleDateString("en-US", {timeZone: "America/New_York"})`, `new Date(0).toLocaleTimeString("de")`,
		`new Date(0).toLocaleString(undefined, {})`,
		`(1234.5).toLocaleString("en-US")`, `"a".localeCompare("B", undefined, {sensitivity: "base"})`,
	} {
		if got := w.expectError("FunctionExecutionError", "make", quote(text)); !strings.Contains(got,
			"locales and options are not supported") {
			t.Errorf("%s: %s", text, got)
		}
	}
	if got := w.expectError("FunctionExecutionError", "make", quote(`null.x`)); !strings.Contains(got,
		"of undefined or null") {
		t.Error(got)
	}
}
