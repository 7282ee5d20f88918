package functions

import (
	"strings"
	"testing"

	"dossier/backend/api"
)

// Whatever way a program takes to a built-in method or a global, the method is limited and the global exists.
func TestReach(t *testing.T) {
	limited := map[string]string{
		"named":          `exports = () => "x".repeat(1e9)`,
		"text":           `exports = () => "x"["repeat"](1e9)`,
		"computed":       `exports = () => "x"["rep" + "eat"](1e9)`,
		"argument":       `exports = (x, y) => "x"[y ?? ["repeat"][0]](1e9)`,
		"optional":       "exports = () => \"x\"?.[`repeat`](1e9)",
		"escaped":        `exports = () => "x".r\u0065peat(1e9)`,
		"pattern":        `exports = () => { const { repeat: f } = ""; return f.call("x", 1e9) }`,
		"text-pattern":   `exports = () => { const { "repeat": f } = ""; return f.call("x", 1e9) }`,
		"computed-key":   `exports = () => { const { ["rep" + "eat"]: f } = ""; return f.call("x", 1e9) }`,
		"short-pattern":  `exports = () => { const { repeat } = ""; return repeat.call("x", 1e9) }`,
		"parameter":      `exports = () => (({ repeat }) => repeat.call("x", 1e9))("")`,
		"descriptors":    `exports = () => Object.entries(Object.getOwnPropertyDescriptors(String.prototype)).forEach(([n, d]) => { if (n === "rep" + "eat") d.value.call("x", 1e9) })`,
		"names":          `exports = () => { for (const n of Object.getOwnPropertyNames(String.prototype)) if (n === "rep" + "eat") "x"[n](1e9) }`,
		"super":          `exports = () => { class A extends String { f(n) { return super[n](1e9) } } return new A("x").f("rep" + "eat") }`,
		"with":           `exports = () => { with ("x") { return repeat(1e9) } }`,
		"computed-class": `exports = () => { class A { static ["a"](s) { return s.padEnd(1e9) } } return A.a("x") }`,
		"nested":         `exports = () => { var f = function () { var g = () => "x".padStart(1e9); return g() }; return f() }`,
		"this":           `exports = () => { const g = (function () { return this })(); return g.String.prototype.repeat.call("x", 1e9) }`,
		"sum":            `exports = () => { const a = []; a.length = 4e9; return "" + a }`,
		"template":       "exports = () => { const a = []; a.length = 4e9; return `${a}` }",
		"key":            `exports = () => { const a = []; a.length = 4e9; return { a }.a == "" }`,
		"String":         `exports = () => { const a = []; a[4e9] = 1; return String(a) }`,
		"in-Go":          `exports = () => { const a = []; a[4e9] = 1; return context.values.get(a) }`,
		"of-an-argument": `exports = () => { const a = []; a[4e9] = 1; return Math.max(a) }`,
		"flat":           `exports = () => { const a = []; a[4e9] = 1; return a.flat() }`,
		"from":           `exports = () => Array.from({ length: 1e9 })`,
		"enumerable":     `exports = () => { Object.defineProperty(String.prototype, "rep" + "eat", { enumerable: true }); return Object.values(String.prototype)[0].call("x", 1e9) }`,
		"enumerables":    `exports = () => { Object.defineProperties(String.prototype, Object.fromEntries([["rep" + "eat", { enumerable: true }]])); const { ...rest } = String.prototype; return Object.values(rest)[0].call("x", 1e9) }`,
		"receiver":       `exports = () => { let f; Object.setPrototypeOf(Object.getPrototypeOf(() => 1), new Proxy({}, { get(t, k, r) { if (k === "toJSON") f = r } })); JSON.stringify(Object.create(String.prototype), ["rep" + "eat"]); return f.call("x", 1e9) }`,
		"super-receiver": `exports = () => { let f; const o = { m() { f = super.valueOf() } }; Object.getPrototypeOf(() => 1).toJSON = o.m; JSON.stringify(Object.create(String.prototype), ["rep" + "eat"]); return f.call("x", 1e9) }`,
		"sorted":         `exports = () => { const a = []; a.length = 4e9; return a.toSorted() }`,
		"spliced":        `exports = () => { const a = []; a.length = 4e9; return a.toSpliced(0, 1) }`,
		"reversed":       `exports = () => { const a = []; a.length = 4e9; return a.toReversed() }`,
		"replaced":       `exports = () => { const a = []; a.length = 4e9; return a.with(0, 1) }`,
		"apply":          `exports = () => (() => 1).apply(null, { length: 4e9 })`,
		"stringify":      `exports = () => { const a = []; a.length = 4e9; return JSON.stringify({}, a) }`,
		"two-lengths":    `exports = () => { let n = 0; return [].toSorted.call({ get length() { return n++ ? 4e9 : 1 } }).length === 1 && [].repeat || "x".repeat(1e9) }`,
		"two-arguments":  `exports = () => { let n = 0; return (() => 0).apply(null, { get length() { return n++ ? 4e9 : 1 } }) || "x".repeat(1e9) }`,
		"own-apply":      `exports = () => { let f; Object.getPrototypeOf(() => 1).apply = function () { f = this }; "x".repeat(1); return f ? f.call("x", 1e9) : "x".repeat(1e9) }`,
		"two-counts":     `exports = () => { let n = 0; const s = "x".repeat({ valueOf: () => n++ ? 2e7 : 1 }); return s.length > 1 ? "" : s.repeat(1e9) }`,
		"own-String":     `exports = () => { String = () => ""; return "x".repeat(1e9) }`,
		"typed":          `exports = function () { const g = this; return new g["Uint8" + "Array"](1e9) }`,
		"super-typed":    `exports = () => { const { m } = { m() { return super.valueOf() } }; return new (m()["Uint8" + "Array"])(1e9) }`,
	}
	globals := map[string]string{
		"timer":    `exports = async () => new Promise(done => setTimeout(() => done(typeof setTimeout), 0))`,
		"typeof":   `exports = () => typeof btoa`,
		"method":   `exports = () => typeof (function () { return this })().setTimeout`,
		"by-name":  `exports = () => typeof (function () { return this })()["set" + "Timeout"]`,
		"eval":     `exports = () => typeof eval("set" + "Timeout")`,
		"URL":      `exports = () => typeof URL`,
		"Buffer":   `exports = () => typeof Buffer`,
		"task":     `exports = () => typeof queueMicrotask`,
		"EJSON":    `exports = () => typeof EJSON.parse`,
		"own-code": `exports = () => typeof new Function("return atob")()`,
	}
	sources := map[string]string{
		"deep-JSON":     `exports = () => JSON.parse("[" + new Array(1e6).fill("[").join("") + "1")`,
		"computed-JSON": `exports = () => JSON["par" + "se"](new Array(1e6).fill("[").join(""))`,
	}
	for _, all := range []map[string]string{limited, globals} {
		for name, source := range all {
			sources[name] = source
		}
	}
	w := newFixture(t, sources, nil)
	for name := range limited {
		got := w.expectError(api.CodeFunctionExecutionError, name)
		if !strings.Contains(got, "is not allowed in a function") {
			t.Errorf("%s: %s", name, got)
		}
	}
	for name := range globals {
		w.expect(`"function"`, name)
	}
	for _, name := range []string{"deep-JSON", "computed-JSON"} {
		if got := w.expectError(api.CodeFunctionExecutionError, name); !strings.Contains(got, "is nested too deeply") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// The limits leave the results of lists that are no arrays unchanged.
func TestLimitedLists(t *testing.T) {
	w := newFixture(t, map[string]string{"f": `exports = function () {
		const list = { 0: 3, 1: 1, length: 2 };
		const sum = function () { return [].slice.call(arguments).reduce((a, b) => a + b, 0) };
		const pass = function () { return sum.apply(null, arguments) };
		return [sum.apply(null, list), sum.apply(null), sum.apply(null, null), pass(1, 2), [].toSorted.call(list).join(),
			[].with.call("ab", 0, "c").join(""), [2, 1].toSorted().join(), list.length].join(" ") }`}, nil)
	w.expect(`"4 0 0 3 1,3 cb 1,2 2"`, "f")
}

// A program that computes a name does not reach constructors of source, patterns and BigInts by it.
func TestHiddenConstructors(t *testing.T) {
	sources := map[string]string{}
	for name, value := range map[string]string{"function": "(() => 1)", "async": "(async () => 1)",
		"generator": "(function* () {})", "method": "({ *m() {} }).m", "pattern": "/x/", "number": "1n"} {
		sources[name] = `exports = () => ` + value + `["const" + "ructor"] === Object`
	}
	sources["entries"] = `exports = () => { const p = Object.getPrototypeOf(/x/); Object.defineProperty(p, "const" + "ructor",
		{ enumerable: true }); return Object.values(p).every(v => v === undefined) }`
	sources["match"] = `exports = k => [..."a1b2".matchAll(/[0-9]/g)].length === 2 && "a1b".split(/1/)[k ?? 1] === "b"`
	w := newFixture(t, sources, nil)
	for name := range sources {
		w.expect(`true`, name)
	}
}

// A program that names what it uses gets only that.
func TestReachOfNamedProgram(t *testing.T) {
	p := compile("f.js", `exports = async (id) => {
		const people = context.services.get("mongodb-atlas").db("app").collection("people");
		const list = await people.find({ "_id": id }).toArray();
		return list.map(d => d.name)[0];
	}`)
	if p.err != nil || p.reach.all {
		t.Fatalf("%+v", p)
	}
	for name, want := range map[string]bool{"context": true, "map": true, "repeat": false, "setTimeout": false,
		"JSON": false, "people": true} {
		if p.reach.uses(name) != want {
			t.Errorf("%s is used: %t", name, !want)
		}
	}
	for source, all := range map[string]bool{`exports = a => a[0]`: false, `exports = a => a["b"]`: false,
		`exports = (a, b) => a[b]`: true, `exports = function () { return this.x }`: true,
		`exports = () => Object.values({ a: 1 })`: false, `exports = o => JSON.stringify(o, ["a"])`: false, `exports = () => eval("1")`: true,
		`exports = b => ({ [b]: 1 })`: true} {
		if p := compile("f.js", source); p.err != nil || p.reach.all != all {
			t.Errorf("%s: %t, %v", source, p.reach.all, p.err)
		}
	}
}
