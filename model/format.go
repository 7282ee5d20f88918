package model

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Format is a notation of values as text, for the clipboard and for files.
type Format string

// The formats.
const (
	Relaxed   Format = "extended JSON"           // as IndentJSON writes it
	Canonical Format = "canonical extended JSON" // every value in its wrapper
	PlainJSON Format = "plain JSON"              // without wrappers: most types are lost
	Shell     Format = "mongosh"                 // literals of MongoDB's shell, such as ObjectId("…")
)

// Write returns a value on several lines, indented by two spaces per level, and what the format does not represent of
// it, a few words each; nil: the text reads back as an identical value. Control and bidi characters are escaped.
func (f Format) Write(v bson.RawValue) (text string, lost []string) {
	switch f {
	case Canonical:
		return writer{indent: true, canonical: true}.text(v), unencodableReasons(v, "")
	case PlainJSON:
		n := &plainNotation{}
		n.checkFrame(v)
		return writer{indent: true, notation: n}.text(v), n.lost
	case Shell:
		n := &shellNotation{}
		n.checkFrame(v)
		return writer{indent: true, notation: n}.text(v), n.lost
	}
	return IndentJSON(v), unencodableReasons(v, ", in a notation that only dossier reads")
}

// maxReasons is the number of different losses that are listed.
const maxReasons = 6

// unencodableReasons returns what extended JSON cannot represent of a value, each reason once with a suffix.
func unencodableReasons(v bson.RawValue, suffix string) []string {
	var l losses
	b := newBuilder()
	b.add("value", v)
	for _, u := range UnencodableFields(b.done()) {
		l.add(u.Reason + suffix)
	}
	return l.lost
}

// losses collects what a format does not represent, each once.
type losses struct{ lost []string }

func (l *losses) add(what string) {
	if len(l.lost) < maxReasons && !slices.Contains(l.lost, what) {
		l.lost = append(l.lost, what)
	}
}

// checkFrame records that the BSON of a value is malformed or too deep.
func (l *losses) checkFrame(v bson.RawValue) {
	if !wellFormedDeep(v, 0) {
		l.add("malformed BSON")
	}
}

// checkText records text that is not UTF-8.
func (l *losses) checkText(text string) {
	if !utf8.ValidString(text) {
		l.add("text that is not UTF-8")
	}
}

// notation writes the keys and the scalars of a format other than extended JSON.
type notation interface {
	// begin is called before the fields of an object or the elements of an array.
	begin(v bson.RawValue)
	key(w *writer, key []byte)
	scalar(w *writer, v bson.RawValue, depth int)
}

// checkKeys records keys that occur more than once, and keys of an array that are not its indexes.
func (l *losses) checkKeys(v bson.RawValue) {
	if v.Type == bson.TypeArray {
		if !hasIndexKeys(v) {
			l.add("keys of an array that are not its indexes")
		}
		return
	}
	keys := keySet{}
	for e, err := range elements(v.Value) {
		if err != nil {
			return
		}
		if !keys.add(string(e.key)) {
			l.add("duplicate keys")
		}
		l.checkText(string(e.key))
	}
}

// plainNotation writes plain JSON: numbers as numbers, other types as text.
type plainNotation struct{ losses }

func (n *plainNotation) begin(v bson.RawValue)     { n.checkKeys(v) }
func (n *plainNotation) key(w *writer, key []byte) { quote(w, key) }

func (n *plainNotation) scalar(w *writer, v bson.RawValue, _ int) {
	switch kind := KindOf(v); kind {
	case String:
		n.checkText(v.StringValue())
		w.quote(v.StringValue())
	case Null:
		w.put("null")
	case Bool, Int:
		w.put(Text(v))
	case Long:
		const exact = 1 << 53
		n.add("the type long")
		if i := v.Int64(); i > exact || i < -exact {
			n.add("digits of long numbers, in readers that use floating point")
		}
		w.put(Text(v))
	case Double:
		if f := v.Double(); math.IsNaN(f) || math.IsInf(f, 0) {
			n.add("NaN and Infinity")
			w.put("null")
			return
		}
		w.put(Text(v))
	case Undefined:
		n.add("the type undefined")
		w.put("null")
	default:
		n.add("the type " + string(kind))
		n.checkText(Text(v))
		w.quote(Text(v))
	}
}

// shellNotation writes literals of mongosh.
type shellNotation struct{ losses }

// begin records what an object of JavaScript cannot hold: duplicate keys, and keys like array indexes after others.
func (n *shellNotation) begin(v bson.RawValue) {
	n.checkKeys(v)
	if v.Type == bson.TypeArray {
		return
	}
	other, last := false, -1
	for e, err := range elements(v.Value) {
		if err != nil {
			return
		}
		index, isIndex := arrayIndex(string(e.key))
		if isIndex && (other || index < last) {
			n.add("the order of keys that are numbers")
			return
		}
		other, last = other || !isIndex, index
	}
}

func (n *shellNotation) key(w *writer, key []byte) {
	switch {
	case string(key) == "__proto__": // as a plain key it would set the prototype
		w.put(`["__proto__"]`)
	case isIdentifier(key):
		w.put(string(key))
	default:
		quote(w, key)
	}
}

// isIdentifier reports whether a key needs no quotes in JavaScript. It knows ASCII only.
func isIdentifier(key []byte) bool {
	for i, c := range key {
		if c != '_' && c != '$' && (c|0x20 < 'a' || c|0x20 > 'z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return len(key) > 0
}

// The dates that a Date of JavaScript holds, in milliseconds since 1970.
const maxShellDate = 8_640_000_000_000_000

func (n *shellNotation) scalar(w *writer, v bson.RawValue, depth int) {
	switch KindOf(v) {
	case String:
		n.checkText(v.StringValue())
		w.quote(v.StringValue())
	case Null, Bool, Int:
		w.put(Text(v))
	case Double:
		w.put(shellDouble(v))
	case Long:
		w.call("NumberLong", Text(v))
	case Decimal:
		w.call("NumberDecimal", Text(v))
	case ObjectID:
		w.call("ObjectId", Text(v))
	case UUID:
		w.call("UUID", Text(v))
	case Date:
		n.date(w, v.DateTime())
	case Binary:
		_, encoded, _ := strings.Cut(Text(v), ":")
		subtype, _ := v.Binary()
		w.put("BinData(", strconv.Itoa(int(subtype)), `, "`, encoded, `")`)
	case Timestamp:
		t, i := v.Timestamp()
		w.put(fmt.Sprintf("Timestamp({ t: %d, i: %d })", t, i))
	case Regex:
		n.regex(w, v)
	case MinKey:
		w.put("MinKey()")
	case MaxKey:
		w.put("MaxKey()")
	default:
		n.deprecated(w, v, depth)
	}
}

// deprecated writes the types that new documents do not have.
func (n *shellNotation) deprecated(w *writer, v bson.RawValue, depth int) {
	switch KindOf(v) {
	case Symbol:
		n.checkText(v.Symbol())
		w.call("BSONSymbol", v.Symbol())
	case JavaScript:
		n.checkText(v.JavaScript())
		w.call("Code", v.JavaScript())
	case CodeWithScope:
		code, scope := v.CodeWithScope()
		n.checkText(code)
		w.put("Code(")
		w.quote(code)
		w.put(", ")
		w.value(objectValue(scope), depth+1)
		w.put(")")
	case DBPointer:
		n.add("the type dbPointer")
		ref, id := v.DBPointer()
		n.checkText(ref)
		w.put("DBRef(")
		w.quote(ref)
		w.put(", ")
		w.call("ObjectId", id.Hex())
		w.put(")")
	default:
		n.add("the type undefined")
		w.put("undefined")
	}
}

// call writes name("text").
func (w *writer) call(name, text string) {
	w.put(name, "(")
	w.quote(text)
	w.put(")")
}

func (n *shellNotation) date(w *writer, ms int64) {
	switch {
	case ms >= firstDate && ms <= lastDate:
		w.call("ISODate", dateText(ms))
		return
	case ms < -maxShellDate, ms > maxShellDate:
		n.add("dates outside the range of JavaScript")
	}
	w.put("new Date(", strconv.FormatInt(ms, 10), ")")
}

// shellFlags are the options of a regular expression that mongosh accepts.
const shellFlags = "ilmsux"

func (n *shellNotation) regex(w *writer, v bson.RawValue) {
	pattern, options := v.Regex()
	n.checkText(pattern + options)
	flags := []byte(options)
	slices.Sort(flags)
	if flags = slices.Compact(flags); string(flags) != options || strings.Trim(options, shellFlags) != "" {
		n.add("the options of a regular expression")
		flags = slices.DeleteFunc(flags, func(c byte) bool { return strings.IndexByte(shellFlags, c) < 0 })
	}
	w.put("BSONRegExp(")
	w.quote(pattern)
	w.put(", ")
	w.quote(string(flags))
	w.put(")")
}

// shellDouble returns a double. A number without a fraction could be an int: it is wrapped.
func shellDouble(v bson.RawValue) string {
	f := v.Double()
	switch {
	case math.IsNaN(f), math.IsInf(f, 0), f != math.Trunc(f):
		return Text(v)
	case f == 0 && math.Signbit(f):
		return "Double(-0)"
	}
	return "Double(" + strings.TrimSuffix(Text(v), ".0") + ")"
}
