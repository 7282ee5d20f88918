package functions

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// riskyBuiltins finds what riskyBuiltinLimits limits, and ways to reach it indirectly, in a program's source.
// Installing these limits takes longer than most functions run, so they are installed only where needed.
var riskyBuiltins = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(
		`ArrayBuffer|(?:Int|Uint|Clamped|Float)\w*Array|BigInt|RegExp|Buffer|eval|Function|` +
			`constructor|globalThis|\bglobal\b|Reflect|require|\bthis\s*\[|\\u`,
	)
})

// builtinLimit wraps methods of a built-in object that could allocate more memory than the process has: a failed
// allocation ends a Go process. It also limits patterns, because the parser of regular expressions recurses for each
// bracket.
type builtinLimit struct {
	target  string
	methods []string
	wrapper string // a JavaScript function that returns the replacement of a method
	always  bool   // JavaScript calls the methods itself, such as to write an array as text
}

func builtinLimits() []builtinLimit {
	const checkLength = `(original, name) => function () {
    check(this.length, name);
    return invoke(original, this, arguments);
  }`
	array := strings.Fields("fill concat slice splice sort reverse map toLocaleString")
	copies := strings.Fields("toSorted toReversed toSpliced with")
	date := strings.Fields("toLocaleString toLocaleDateString toLocaleTimeString")
	return []builtinLimit{
		{target: "Array.prototype", methods: []string{"join", "toString"}, wrapper: checkLength, always: true},
		{target: "Array.prototype", methods: array, wrapper: checkLength},
		{target: "Array.prototype", methods: []string{"flat"}, wrapper: `(original, name) => function (depth) {
    check(this.length, name);
    return invoke(original, this, [depth > 1000 ? 1000 : depth]);
  }`},
		{target: "Array", methods: []string{"from"}, wrapper: `(original, name) => function (list) {
    check(list && list.length, "Array.from");
    return invoke(original, this, arguments);
  }`},
		{target: "Function.prototype", methods: []string{"apply"}, wrapper: `(original, name) => function (receiver, list) {
    return invoke(original, this, [receiver, checkedList(list, name)]);
  }`},
		{target: "Array.prototype", methods: copies, wrapper: `(original, name) => function () {
    return invoke(original, checkedList(this, name), arguments);
  }`},
		{target: "JSON", methods: []string{"stringify"}, wrapper: `(original, name) => function (value, names) {
    check(names && typeof names === "object" && names.length, name);
    return invoke(original, this, arguments);
  }`},
		{target: "String.prototype", methods: strings.Fields("repeat padStart padEnd"),
			wrapper: `(original, name) => function (count, fill) { // both are converted once: the check holds for the call
    const text = this === undefined || this === null ? this : toText(this);
    const size = +count;
    check(name === "repeat" ? text && text.length * size : size, name);
    return invoke(original, text, fill === undefined ? [size] : [size, fill]);
  }`},
		{target: "String.prototype", methods: strings.Fields("match matchAll search"),
			wrapper: `(original, name) => function (pattern) {
    if (typeof pattern === "string" && pattern.length > source) fail(name, source);
    return invoke(original, this, arguments);
  }`},
		{target: "Date.prototype", methods: date, wrapper: `(original, name) => function (locale, options) {
    const option = options === undefined ? locale : options;
    rejectOptions(option, name, "toISOString and the getUTC methods return the parts of a date");
    return invoke(original, this, []);
  }`},
		{target: "Number.prototype", methods: []string{"toLocaleString"},
			wrapper: `(original, name) => function (locale, options) {
    rejectOptions(options === undefined ? locale : options, name, "toFixed and toString format numbers");
    return invoke(original, this, []);
  }`},
		{target: "String.prototype", methods: []string{"localeCompare"},
			wrapper: `(original, name) => function (other, locale, options) {
    rejectOptions(options, name, "normalize both strings first, such as by toLowerCase");
    return invoke(original, this, [other]);
  }`},
	}
}

// limitsSource returns the program that installs the limits on the methods that a program uses.
func limitsSource(can reach) string {
	var body strings.Builder
	if can.usesAny("repeat", "padStart", "padEnd") {
		body.WriteString("  const toText = String;\n")
	}
	if can.usesAny("apply", "toSorted", "toReversed", "toSpliced", "with") {
		body.WriteString("  const { isArray } = Array, toObject = Object, { create } = Object;\n")
	}
	for _, l := range builtinLimits() {
		var used []string
		for _, m := range l.methods {
			if l.always || can.uses(m) {
				used = append(used, strconv.Quote(m))
			}
		}
		if len(used) > 0 {
			fmt.Fprintf(&body, "  wrap(%s, [%s], %s);\n", l.target, strings.Join(used, ", "), l.wrapper)
		}
	}
	if can.uses("queueMicrotask") {
		body.WriteString("  globalThis.queueMicrotask = (f) => { Promise.resolve().then(() => f()) };\n")
	}
	if can.all && !can.risky {
		body.WriteString(hideConstructors(can))
	}
	return limitsPrelude + body.String() + "})(16777216, 32768);"
}

// limitsPrelude begins the program of limitsSource. The function rejectOptions exists because ignoring an option would
// return a wrong result.
const limitsPrelude = `(function (most, source) {
  // The constants hold what the program may replace.
  const invoke = Function.prototype.call.bind(Function.prototype.apply);
  function fail(name, limit) {
    throw new RangeError(name + ": more than " + limit + " is not allowed in a function");
  }
  function check(size, name) {
    if (size > most) fail(name, most);
  }
  function checkedList(list, name) { // the length of a list that is no array may differ when it is read again
    const value = list ? list.length : 0;
    check(value, name);
    return toObject(list) !== list || isArray(list) ? list : create(list, { length: { value } });
  }
  function wrap(target, names, replace) {
    for (let i = 0; i < names.length; i++) target[names[i]] = replace(target[names[i]], names[i]);
  }
  function rejectOptions(option, name, instead) {
    if (option === undefined) return;
    throw new TypeError(name + ": locales and options are not supported (there is no Intl): " + instead);
  }
`

// hideConstructors returns the part for programs that compute names and do not name a constructor: through the
// constructors of these values they would reach source and patterns created at run time, and BigInts from long strings,
// without limits.
func hideConstructors(can reach) string {
	values := []string{"function () {}", "async function () {}", "1n"}
	if can.generators {
		values = append(values, "function* () {}")
	}
	if can.patterns {
		values = append(values, "/x/")
	}
	return "  for (const value of [" + strings.Join(values, ", ") + "]) delete Object.getPrototypeOf(value).constructor;\n"
}

// riskyBuiltinLimits does the same as builtinLimits for what few functions use: typed arrays, source and patterns
// created at run time, and BigInts from long strings. Code that eval runs sees only the globals.
const riskyBuiltinLimits = `(function (most, source, digits) {
  const check = (size, name, limit) => {
    if (size > limit) throw new RangeError(name + ": more than " + limit + " is not allowed in a function");
  };
  const { construct } = Reflect;
  const bind = (name, original, guard) => {
    const limited = function (...args) {
      guard(args, name);
      if (!new.target) return original.apply(this, args);
      return construct(original, args, new.target === limited ? original : new.target);
    };
    for (const key of Reflect.ownKeys(original)) {
      if (key !== "prototype") Object.defineProperty(limited, key, Object.getOwnPropertyDescriptor(original, key));
    }
    Object.setPrototypeOf(limited, Object.getPrototypeOf(original));
    if (original.prototype) {
      limited.prototype = original.prototype;
      Object.defineProperty(original.prototype, "constructor", { value: limited, writable: true, configurable: true });
    }
    return limited;
  };
  const limitLength = (args, name) => {
    check(Number(typeof args[0] === "object" && args[0] ? args[0].length : args[0]), name, most);
  };
  for (const name of ["ArrayBuffer", "Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array",
    "Int32Array", "Uint32Array", "Float32Array", "Float64Array", "BigInt64Array", "BigUint64Array"]) {
    if (globalThis[name]) globalThis[name] = bind(name, globalThis[name], limitLength);
  }
  const limitText = (args, name) => { // objects are not converted: RegExp copies them, eval returns them
    let n = 0;
    for (const a of args) n += typeof a === "object" && a ? 0 : String(a).length;
    check(n, name, source);
  };
  const limitSource = (args, name) => {
    let n = 0;
    for (const a of args) n += String(a).length;
    check(n, name, source);
  };
  globalThis.RegExp = bind("RegExp", RegExp, limitText);
  globalThis.eval = bind("eval", eval, limitText);
  globalThis.Function = bind("Function", Function, limitSource);
  for (const f of [function* () {}, async function () {}]) {
    const proto = Object.getPrototypeOf(f);
    const value = bind("Function", proto.constructor, limitSource);
    Object.defineProperty(proto, "constructor", { value, configurable: true });
  }
  globalThis.BigInt = bind("BigInt", BigInt, (args) => {
    if (typeof args[0] === "string") check(args[0].length, "BigInt", digits);
  });
  for (const name of ["asIntN", "asUintN"]) {
    BigInt[name] = bind(name, BigInt[name], (args) => check(Number(args[0]), name, most));
  }
})(16777216, 32768, 100000);`
