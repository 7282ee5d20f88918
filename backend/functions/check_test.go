package functions

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// TestLoader: whether a function's require will work is known before it is called.
func TestLoader(t *testing.T) {
	shipped := fstest.MapFS{}
	for name, text := range map[string]string{
		"node_modules/good/index.js":   "exports.x = Buffer.from('a'); console.log(1)",
		"node_modules/asks/index.js":   "exports.x = require('./x')",
		"node_modules/asks/x.js":       "\nrequire('stream')",
		"node_modules/throws/index.js": "\nthrow new TypeError('at load')",
		"node_modules/waits/index.js":  "const p = new Promise(() => {})",
		"beside.js":                    "",
	} {
		shipped[name] = &fstest.MapFile{Data: []byte(text)}
	}
	load := Loader(t.Context(), time.Now)
	for name, want := range map[string]string{
		"good": "", "crypto": "", "node:buffer": "", "waits": "",
		"axios":    `require("axios"): there is no such module in functions/node_modules`,
		"fs":       `require("fs"): this module of Node's own is not part of the service`,
		"asks":     `require("stream") in functions/node_modules/asks/x.js:2: this module of Node's own is not part of the service`,
		"throws":   `at load (functions/node_modules/throws/index.js:2)`,
		"./beside": `require("./beside"): `, "../beside": "",
	} {
		err := load(shipped, "functions/deep/f.js", name)
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	if err := load(nil, "functions/f.js", "axios"); err == nil {
		t.Error("without modules there is one")
	}
}

// TestLanguages: a date, a number and an order that would not be those asked for are errors.
func TestLanguages(t *testing.T) {
	w := newWorld(t, map[string]string{"make": `exports = text => eval(text)`}, nil)
	for text, want := range map[string]string{
		`typeof new Date(0).toLocaleString()`: `"string"`, `(5).toLocaleString()`: `"5"`, `"a".localeCompare("b")`: `{"$numberInt":"-1"}`, `"a".localeCompare("b", "en")`: `{"$numberInt":"-1"}`,
		`[1, 2].toLocaleString()`: `"1,2"`,
	} {
		w.want(want, "make", quote(text))
	}
	for _, text := range []string{
		`new Date(0).toLocaleDateString("en-US", {timeZone: "America/New_York"})`, `new Date(0).toLocaleTimeString("de")`, `new Date(0).toLocaleString(undefined, {})`,
		`(1234.5).toLocaleString("en-US")`, `"a".localeCompare("B", undefined, {sensitivity: "base"})`,
	} {
		if got := w.fail("FunctionExecutionError", "make", quote(text)); !strings.Contains(got, "languages and options are not part of the service") {
			t.Errorf("%s: %s", text, got)
		}
	}
	if got := w.fail("FunctionExecutionError", "make", quote(`null.x`)); !strings.Contains(got, "of undefined or null") {
		t.Error(got)
	}
}
