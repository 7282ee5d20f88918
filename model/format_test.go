package model

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// everyKind returns a document with a value of every kind.
func everyKind(t testing.TB) bson.Raw {
	t.Helper()
	price, err := bson.ParseDecimal128("12.50")
	if err != nil {
		t.Fatal(err)
	}
	id := bson.ObjectID{0x5f, 0x1f, 0x21, 0x6e, 0x82, 0xdf, 0x4a, 0x79, 0x79, 0xf9, 0xda, 0x93}
	return ValueOf(bson.D{
		{Key: "double", Value: 1.5}, {Key: "whole", Value: 3.0}, {Key: "nan", Value: math.NaN()},
		{Key: "negative zero", Value: math.Copysign(0, -1)}, {Key: "infinity", Value: math.Inf(-1)},
		{Key: "string", Value: "a \"quoted\"\n\u202e text 👍"}, {Key: "object", Value: bson.D{{Key: "a", Value: bson.D{}}}},
		{Key: "array", Value: bson.A{int32(1), bson.A{}, nil}}, {Key: "binary", Value: bson.Binary{Subtype: 2,
			Data: []byte{1}}},
		{Key: "uuid", Value: bson.Binary{Subtype: 4, Data: make([]byte, 16)}}, {Key: "objectId", Value: id},
		{Key: "bool", Value: true}, {Key: "date", Value: bson.DateTime(1767323045678)},
		{Key: "early", Value: bson.DateTime(-62167219200001)}, {Key: "null", Value: nil},
		{Key: "regex", Value: bson.Regex{Pattern: "a/b\\d", Options: "imsx"}}, {Key: "code", Value: bson.JavaScript("f()")},
		{Key: "symbol", Value: bson.Symbol("s")},
		{Key: "scope", Value: bson.CodeWithScope{Code: "f", Scope: bson.D{{Key: "x", Value: 1}}}},
		{Key: "int", Value: int32(-7)}, {Key: "timestamp", Value: bson.Timestamp{T: math.MaxUint32, I: 1}},
		{Key: "long", Value: int64(math.MaxInt64)}, {Key: "decimal", Value: price}, {Key: "min", Value: bson.MinKey{}},
		{Key: "max", Value: bson.MaxKey{}}, {Key: "__proto__", Value: 1}, {Key: "a.b", Value: 2}, {Key: "", Value: 3},
	}).Value
}

// readBack parses a text of a lossless format.
func readBack(f Format, text string) (bson.RawValue, error) {
	switch f {
	case Shell:
		return readShell(text)
	case Canonical: // by another reader than ours
		var d bson.Raw
		err := bson.UnmarshalExtJSON([]byte(`{"value":`+text+`}`), true, &d)
		if err != nil {
			return bson.RawValue{}, err
		}
		return d.LookupErr("value")
	}
	return ParseJSON(text)
}

func TestLosslessFormatsReadBack(t *testing.T) {
	doc := objectValue(everyKind(t))
	for _, f := range []Format{Relaxed, Canonical, Shell} {
		text, lost := f.Write(doc)
		if len(lost) > 0 {
			t.Errorf("%s loses %q", f, lost)
		}
		got, err := readBack(f, text)
		if err != nil {
			t.Fatalf("%s: %v\n%s", f, err, text)
		}
		for _, c := range Diff(doc.Value, got.Value) {
			t.Errorf("%s: %s was %s, is %s", f, c.Path, JSON(c.Old), JSON(c.New))
		}
	}
}

// TestFormatsSayWhatTheyLose: a text without losses reads back as the same value, for generated values.
func TestFormatsSayWhatTheyLose(t *testing.T) {
	for seed := range uint64(3000) {
		checkFormats(t, newGenerator(seed).value(3))
	}
}

func checkFormats(t *testing.T, v bson.RawValue) {
	t.Helper()
	for _, f := range []Format{Relaxed, Canonical, PlainJSON, Shell} {
		text, lost := f.Write(v)
		if strings.ContainsAny(text, "\x1b\x00\x7f\u0085\u202e\u2028") {
			t.Fatalf("%s writes control characters: %q", f, text)
		}
		if len(lost) > 0 && f != Relaxed {
			continue
		}
		got, err := ParseJSON(text)
		if f == Shell {
			got, err = readShell(text)
		}
		if err != nil || !Identical(v, got) {
			t.Fatalf("%s of %s reads back as %s (%v)\n%s", f, JSON(v), JSON(got), err, text)
		}
	}
}

func FuzzFormats(f *testing.F) {
	f.Add(`{"a":[1,{"$numberLong":"2"},{"$date":{"$numberLong":"9223372036854775807"}}],"2":1,"1":2}`)
	f.Add(`{"$fields":[["k",1],["k",2]]}`)
	f.Add(`{"$bson":"AmYAAABh/wA="}`)
	f.Fuzz(func(t *testing.T, text string) {
		if v, err := ParseJSON(text); err == nil {
			checkFormats(t, v)
		}
	})
}

func TestFormatsNameTheirLosses(t *testing.T) {
	for _, c := range []struct {
		format Format
		value  any
		lost   string
	}{
		{PlainJSON, bson.ObjectID{}, "the type objectId"},
		{PlainJSON, int64(1<<53 + 1), "the type long, digits of long numbers, in readers that use floating point"},
		{PlainJSON, math.NaN(), "NaN and Infinity"},
		{PlainJSON, bson.A{int32(1), "x", true, nil, 1.5}, ""},
		{Shell, bson.D{{Key: "b", Value: 1}, {Key: "1", Value: 2}}, "the order of keys that are numbers"},
		{Shell, bson.DateTime(math.MaxInt64), "dates outside the range of JavaScript"},
		{Shell, bson.Regex{Pattern: "a", Options: "weird/"}, "the options of a regular expression"},
		{Shell, bson.Undefined{}, "the type undefined"},
		{Canonical, bson.D{{Key: "$oid", Value: "x"}}, "an object that looks like the notation $oid"},
	} {
		if _, lost := c.format.Write(ValueOf(c.value)); !strings.HasPrefix(strings.Join(lost, ", "), c.lost) ||
			(c.lost == "") != (len(lost) == 0) {
			t.Errorf("%s of %v loses %q, want %q", c.format, c.value, lost, c.lost)
		}
	}
}

// TestShellLiterals compares the literals with those of the documentation of mongosh.
func TestShellLiterals(t *testing.T) {
	text, _ := Shell.Write(objectValue(everyKind(t)))
	for _, line := range []string{
		`  double: 1.5,`, `  whole: Double(3),`, `  nan: NaN,`, `  "negative zero": Double(-0),`,
		`  binary: BinData(2, "AQ=="),`, `  uuid: UUID("00000000-0000-0000-0000-000000000000"),`,
		`  objectId: ObjectId("5f1f216e82df4a7979f9da93"),`, `  date: ISODate("2026-01-02T03:04:05.678Z"),`,
		`  early: new Date(-62167219200001),`, `  regex: BSONRegExp("a/b\\d", "imsx"),`, `  code: Code("f()"),`,
		`  symbol: BSONSymbol("s"),`, `  int: -7,`, `  timestamp: Timestamp({ t: 4294967295, i: 1 }),`,
		`  long: NumberLong("9223372036854775807"),`, `  decimal: NumberDecimal("12.50"),`, `  min: MinKey(),`,
		`  ["__proto__"]: 1,`, `  "a.b": 2,`,
	} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("no line %q in\n%s", line, text)
		}
	}
}

// TestShellLiteralsInMongosh evaluates generated literals with the library of mongosh in a directory of node modules
// that DOSSIER_NODE_MODULES names.
func TestShellLiteralsInMongosh(t *testing.T) {
	modules := os.Getenv("DOSSIER_NODE_MODULES")
	if modules == "" {
		t.Skip("DOSSIER_NODE_MODULES is not set")
	}
	values := []bson.RawValue{objectValue(everyKind(t))}
	for seed := range uint64(2000) {
		values = append(values, newGenerator(seed).value(3))
	}
	var literals []string
	var want []bson.RawValue
	for _, v := range values {
		if text, lost := Shell.Write(v); len(lost) == 0 {
			literals, want = append(literals, JSON(ValueOf(text))), append(want, v)
		}
	}
	script := `const bson = require("bson"), {constructShellBson} = require("@mongosh/shell-bson")
const context = require("vm").createContext({...constructShellBson({bsonLibrary: bson, printWarning() {}})})
for (const literal of [` + strings.Join(literals, ",") + `]) {
  const value = require("vm").runInContext("({value: " + literal + "})", context)
  console.log(Buffer.from(bson.serialize(value)).toString("base64"))
}`
	cmd := exec.Command("node", "-")
	cmd.Env, cmd.Stdin, cmd.Stderr = append(os.Environ(), "NODE_PATH="+modules), strings.NewReader(script), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Fields(string(out)) {
		data, err := base64.StdEncoding.DecodeString(line)
		if err != nil {
			t.Fatal(err)
		}
		if got := bson.Raw(data).Lookup("value"); CanonicalValue(got) != CanonicalValue(want[i]) {
			t.Errorf("%s\nbecame %s\nof %s", literals[i], JSON(got), JSON(want[i]))
		}
	}
}

// readShell parses the literals that Shell writes.
func readShell(text string) (v bson.RawValue, err error) {
	r := &shellReader{text: text}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("at %d: %v", r.at, p)
		}
	}()
	v = r.value()
	if r.space(); r.at != len(text) {
		panic("trailing text")
	}
	return v, nil
}

// shellReader panics on text that it does not know.
type shellReader struct {
	text string
	at   int
}

func (r *shellReader) space() {
	for r.at < len(r.text) && (r.text[r.at] == ' ' || r.text[r.at] == '\n') {
		r.at++
	}
}

// take skips spaces and then a text, if it is there.
func (r *shellReader) take(want string) bool {
	r.space()
	if !strings.HasPrefix(r.text[r.at:], want) {
		return false
	}
	r.at += len(want)
	return true
}

func (r *shellReader) must(want string) {
	if !r.take(want) {
		panic("expected " + want)
	}
}

// word reads letters, digits and signs.
func (r *shellReader) word() string {
	r.space()
	from := r.at
	for r.at < len(r.text) && (isIdentifier([]byte("a"+r.text[r.at:r.at+1])) || strings.IndexByte("+-.",
		r.text[r.at]) >= 0) {
		r.at++
	}
	return r.text[from:r.at]
}

func (r *shellReader) quoted() string {
	r.must(`"`)
	var b bytes.Buffer
	for ; r.text[r.at] != '"'; r.at++ {
		if r.text[r.at] != '\\' {
			b.WriteByte(r.text[r.at])
			continue
		}
		r.at++
		switch c := r.text[r.at]; c {
		case 'n', 'r', 't':
			b.WriteByte(map[byte]byte{'n': '\n', 'r': '\r', 't': '\t'}[c])
		case 'u':
			unit := func() rune {
				n, err := strconv.ParseUint(r.text[r.at+1:r.at+5], 16, 16)
				if err != nil {
					panic(err)
				}
				r.at += 4
				return rune(n)
			}
			char := unit()
			if utf16.IsSurrogate(char) {
				r.at += 2
				char = utf16.DecodeRune(char, unit())
			}
			b.Write(utf8.AppendRune(nil, char))
		default:
			b.WriteByte(c)
		}
	}
	r.at++
	return b.String()
}

func (r *shellReader) value() bson.RawValue {
	switch {
	case r.take("{"):
		return r.object()
	case r.take("["):
		b := newBuilder()
		for i := 0; !r.take("]"); i++ {
			b.add(strconv.Itoa(i), r.value())
			r.take(",")
		}
		return b.value(bson.TypeArray)
	case strings.HasPrefix(r.text[r.at:], `"`):
		return ValueOf(r.quoted())
	case r.take("new Date("):
		ms, err := strconv.ParseInt(r.word(), 10, 64)
		if err != nil {
			panic(err)
		}
		r.must(")")
		return ValueOf(bson.DateTime(ms))
	}
	switch name := r.word(); {
	case r.take("("):
		v := r.call(name)
		r.must(")")
		return v
	case name == "null":
		return ValueOf(nil)
	case name == "true", name == "false":
		return ValueOf(name == "true")
	default:
		if n, err := strconv.ParseInt(name, 10, 32); err == nil {
			return ValueOf(int32(n))
		}
		f, err := strconv.ParseFloat(name, 64)
		if err != nil {
			panic(err)
		}
		return ValueOf(f)
	}
}

func (r *shellReader) object() bson.RawValue {
	b := newBuilder()
	for !r.take("}") {
		key := ""
		switch {
		case r.take("["):
			key = r.quoted()
			r.must("]")
		case strings.HasPrefix(r.text[r.at:], `"`):
			key = r.quoted()
		default:
			key = r.word()
		}
		r.must(":")
		b.add(key, r.value())
		r.take(",")
	}
	return b.value(bson.TypeEmbeddedDocument)
}

func (r *shellReader) call(name string) bson.RawValue {
	of := func(k Kind) bson.RawValue {
		v, err := Parse(k, r.quoted())
		if err != nil {
			panic(err)
		}
		return v
	}
	switch name {
	case "Double":
		f, err := strconv.ParseFloat(r.word(), 64)
		if err != nil {
			panic(err)
		}
		return ValueOf(f)
	case "BinData":
		subtype := r.word()
		n, _ := strconv.Atoi(subtype)
		r.must(",")
		data, err := base64.StdEncoding.DecodeString(r.quoted())
		if err != nil {
			panic(err)
		}
		return ValueOf(bson.Binary{Subtype: byte(n), Data: data})
	case "Timestamp":
		r.must("{ t: ")
		t, _ := strconv.ParseUint(r.word(), 10, 32)
		r.must(", i: ")
		i, _ := strconv.ParseUint(r.word(), 10, 32)
		r.must("}")
		return ValueOf(bson.Timestamp{T: uint32(t), I: uint32(i)})
	case "BSONRegExp":
		pattern := r.quoted()
		r.must(",")
		return regexValue(pattern, r.quoted())
	case "Code":
		code := r.quoted()
		if r.take(",") {
			return codeValue(code, r.value())
		}
		return ValueOf(bson.JavaScript(code))
	case "MinKey":
		return ValueOf(bson.MinKey{})
	case "MaxKey":
		return ValueOf(bson.MaxKey{})
	}
	kinds := map[string]Kind{"NumberLong": Long, "NumberDecimal": Decimal, "ObjectId": ObjectID, "UUID": UUID,
		"ISODate": Date, "BSONSymbol": Symbol}
	return of(kinds[name])
}
