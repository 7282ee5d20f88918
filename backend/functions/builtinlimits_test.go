package functions

import (
	"strings"
	"testing"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
)

// TestBuiltinLimits: built-in operations that would exhaust memory or time fail.
func TestBuiltinLimits(t *testing.T) {
	w := newFixture(t, map[string]string{
		"make":   `exports = text => eval(text)`,
		"plain":  `exports = what => { const list = []; list[4e9] = 1; return what === "flat" ? list.flat() : list.map(x => x) }`,
		"search": `exports = text => "x".search(text)`,
	}, nil)
	for text, want := range map[string]string{
		`eval("[".repeat(1e6))`:                                        "eval: more than 32768",
		`new Function("[".repeat(1e6))`:                                "Function: more than 32768",
		`(() => {}).constructor("[".repeat(1e6))`:                      "Function: more than 32768",
		`(async () => {}).constructor("[".repeat(1e6))`:                "Function: more than 32768",
		`(function* () {}).constructor("a", "[".repeat(1e6))`:          "Function: more than 32768",
		`new RegExp("(".repeat(1e6))`:                                  "RegExp: more than 32768",
		`RegExp("(".repeat(1e6))`:                                      "RegExp: more than 32768",
		`"x".match("(".repeat(1e6))`:                                   "match: more than 32768",
		`BigInt("9".repeat(1e6))`:                                      "BigInt: more than 100000",
		`BigInt.asIntN(2 ** 53 - 1, 1n)`:                               "asIntN: more than",
		`Uint8Array.from({length: 1e12})`:                              "is not allowed in a function",
		`class Own extends Uint8Array {}; new Own(1e12)`:               "is not allowed in a function",
		`let a = []; for (let i = 0; i < 1e5; i++) a = [a]; String(a)`: "Maximum call stack size exceeded",
		`new ArrayBuffer(8).constructor(1)`:                            "TypeError",
	} {
		if got := w.expectError(api.CodeFunctionExecutionError, "make", quote(text)); !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{
		`eval("1 + 1")`:                        `{"$numberInt":"2"}`,
		`new Function("a", "return a + 1")(1)`: `{"$numberInt":"2"}`,
		`const list = []; list.length = 2 ** 32 - 1; ({[Object.getOwnPropertySymbols(BSON.ObjectId())[0]]: list})`: `{}`,
		`(() => {}) instanceof Function`:                                                           `true`,
		`/a/ instanceof RegExp && RegExp(/b/).test("b")`:                                           `true`,
		`BigInt("12") + BigInt.asUintN(8, 257n)`:                                                   `{"$numberLong":"13"}`,
		`let a = []; for (let i = 0; i < 5000; i++) a = [a]; a.flat(Infinity).length`:              `{"$numberInt":"1"}`,
		`class Own extends Uint8Array { twice() { return this.length * 2 } }; new Own(2).twice()`:  `{"$numberInt":"4"}`,
		`[Uint8Array.BYTES_PER_ELEMENT, Uint8Array.from([1]).map(x => x + 1)[0], Uint8Array.name]`: `[{"$numberInt":"1"},{"$numberInt":"2"},"Uint8Array"]`,
	} {
		w.expect(want, "make", quote(text))
	}
	for _, what := range []string{"flat", "map"} {
		if got := w.expectError(api.CodeFunctionExecutionError, "plain", quote(what)); !strings.Contains(got,
			"is not allowed in a function") {
			t.Errorf("%s: %s", what, got)
		}
	}
	if got := w.expectError(api.CodeFunctionExecutionError, "search",
		quote(strings.Repeat("(", 1e6))); !strings.Contains(got, "more than 32768") {
		t.Error(got)
	}
}

// FuzzRoundTrip: any BSON value that a function returns unchanged is byte-identical, or causes an error.
func FuzzRoundTrip(f *testing.F) {
	w := newFixture(f, map[string]string{"echo": `exports = x => x`, "spread": `exports = x => ({...x})`}, nil)
	for _, text := range []string{
		`{"a":{"$numberDouble":"3.0"},"b":[{"$numberLong":"1"}],"c":{"$date":{"$numberLong":"-1"}}}`,
		`{"":null,"__proto__":{"x":1}}`,
		`{"r":{"$regularExpression":{"pattern":"(","options":"x"}},"t":{"$timestamp":{"t":1,"i":2}},"u":{"$undefined":true},"k":{"$minKey":1}}`,
		`{"n":{"$numberDecimal":"NaN"},"b":{"$binary":{"base64":"AA==","subType":"02"}},"s":{"$code":"x","$scope":{"y":1}},"0":1,"length":2}`,
	} {
		f.Add([]byte(raw(f, text)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		doc := bson.Raw(data)
		if doc.Validate() != nil {
			return
		}
		var d bson.D
		if bson.Unmarshal(doc, &d) != nil {
			return
		}
		again, err := bson.Marshal(d) // errors in invalid BSON are not the function's
		if err != nil {
			return
		}
		arg := bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: again}
		out, err := w.functions.Call(w.ctx, w.me, "echo", []bson.RawValue{arg})
		if err != nil {
			return
		}
		if keys := map[string]bool{}; survivesRoundTrip(d, keys) && string(out.Value) != string(again) {
			t.Errorf("%s came back as %s", bson.Raw(again), out)
		}
		_, _ = w.functions.Call(w.ctx, w.me, "spread", []bson.RawValue{arg})
	})
}

// survivesRoundTrip reports whether an object can hold a document: no duplicate keys, no numeric keys (JavaScript sorts
// them first), and only valid UTF-8.
func survivesRoundTrip(v any, keys map[string]bool) bool {
	switch x := v.(type) {
	case bson.D:
		for _, e := range x {
			if keys[e.Key] || e.Key != "" && strings.Trim(e.Key, "0123456789") == "" || !utf8.ValidString(e.Key) ||
				!survivesRoundTrip(e.Value, map[string]bool{}) {
				return false
			}
			keys[e.Key] = true
		}
	case bson.A:
		for _, item := range x {
			if !survivesRoundTrip(item, map[string]bool{}) {
				return false
			}
		}
	case string:
		return utf8.ValidString(x)
	case bson.Symbol:
		return utf8.ValidString(string(x))
	}
	return true
}
