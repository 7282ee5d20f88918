package model

import (
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestParseJSONDialects(t *testing.T) {
	for _, c := range []struct{ text, relaxed string }{
		{`7`, `7`},
		{`3000000000`, `{"$numberLong":"3000000000"}`},
		{`1.0`, `{"$numberDouble":"1.0"}`},
		{`1e2`, `{"$numberDouble":"100.0"}`},
		{`2.5`, `2.5`},
		{`{"$numberInt":"7"}`, `7`},
		{`{"$numberDouble":"-Infinity"}`, `{"$numberDouble":"-Infinity"}`},
		{`{"$oid":"5f1e000000000000000000aa"}`, `{"$oid":"5f1e000000000000000000aa"}`},
		{`{"$date":"2026-11-22T10:00:00Z"}`, `{"$date":"2026-11-22T10:00:00.000Z"}`},
		{`{"$date":"2026-11-22T10:00:00.5+0100"}`, `{"$date":"2026-11-22T09:00:00.500Z"}`},
		{`{"$date":{"$numberLong":"-1"}}`, `{"$date":{"$numberLong":"-1"}}`},
		{`{"$date":1795341600000}`, `{"$date":"2026-11-22T10:00:00.000Z"}`},
		{`{"$binary":{"base64":"SGk=","subType":"5"}}`, `{"$binary":{"base64":"SGk=","subType":"05"}}`},
		{`{"$type":"80","$binary":"SGk="}`, `{"$binary":{"base64":"SGk=","subType":"80"}}`},
		{`{"$binary":{"base64":"AQAAAA==","subType":"02"}}`, `{"$binary":{"base64":"AQAAAA==","subType":"02"}}`},
		{`{"$binary":{"subType":"04","base64":"b6RZ6u6KPKSJTtt34WA1Xg=="}}`,
			`{"$uuid":"6fa459ea-ee8a-3ca4-894e-db77e160355e"}`},
		{`{"$regex":"^a","$options":"i"}`, `{"$regularExpression":{"pattern":"^a","options":"i"}}`},
		{`{"$regex":"^a"}`, `{"$regex":"^a"}`},
		{`{"$timestamp":{"i":2,"t":1}}`, `{"$timestamp":{"t":1,"i":2}}`},
		{`{"$code":"f()"}`, `{"$code":"f()"}`},
		{`{"$scope":{"a":1},"$code":"f()"}`, `{"$code":"f()","$scope":{"a":1}}`},
		{`{"$symbol":"s"}`, `{"$symbol":"s"}`},
		{`{"$undefined":true}`, `{"$undefined":true}`},
		{`{"$minKey":1}`, `{"$minKey":1}`},
		{`{"$maxKey":1}`, `{"$maxKey":1}`},
		{`{"$numberDecimal":"1.50"}`, `{"$numberDecimal":"1.50"}`},
		{`{"$gt":{"$numberInt":"1"}}`, `{"$gt":1}`},
		{`{"a":1,"$oid":"not a wrapper: the first key decides"}`, `{"a":1, "$oid":"not a wrapper: the first key decides"}`},
		{`"\ud83d\udc4d\u00e9\/"`, `"👍é/"`},
		{` { "z" : [ ] , "a" : { } } `, `{"z":[], "a":{}}`},
	} {
		v, err := ParseJSON(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if got := JSON(v); got != c.relaxed {
			t.Errorf("%s was written as %s, want %s", c.text, got, c.relaxed)
		}
	}
}

func TestParseFaultsCarryPosition(t *testing.T) {
	for _, c := range []struct {
		text         string
		line, column int
	}{
		{"{\n \"é\":tru}", 2, 6},
		{"{\n \"address\": {\n  \"zip\": {\"$numberInt\": 5}}}", 3, 0}, // a field's value: Location names the field
		{`[1]`, 1, 1},
	} {
		_, err := ParseDocument(c.text)
		if f := AsFault("", err); f == nil || f.Line != c.line || f.Column != c.column {
			t.Errorf("%s: %+v, want line %d, column %d", c.text, f, c.line, c.column)
		}
	}
	_, err := ParsePath("a..b")
	if f := AsFault("", err); f == nil || f.Line != 0 || f.Column != 3 {
		t.Errorf("a..b: %+v, want column 3", f)
	}
}

func TestParseJSONErrorsNameLocation(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{``, "line 1, column 1: expected a value, got empty text"},
		{"{\n \"address\": {\n  \"zip\": {\"$numberInt\": 5}}}",
			"line 3, field address.zip: $numberInt: expected a whole number in quotes"},
		{`{"a":1,"a":2}`, "line 1, field a: duplicate key"},
		{`{"a":{"b.c":[0,{"$oid":"x"}]}}`, `line 1, field a.b\.c.1: $oid: expected 24 hexadecimal digits`},
		{`{"$oid":"5f1e000000000000000000aa","x":1}`, `$oid must be the only key of its object, found "x" too`},
		{`{"a":1,}`, "line 1, column 8: unexpected comma before the end of the object"},
		{`[1,]`, "line 1, column 4: unexpected comma before the end of the array"},
		{`{"a" 1}`, "line 1, column 6: expected a colon"},
		{`{a:1}`, "line 1, column 2: expected a key in double quotes"},
		{`{"é":tru}`, "line 1, column 6: expected a value"},
		{`01`, `"01" is not a valid JSON number`},
		{`+1`, "expected a value"},
		{`1.`, `"1." is not a valid JSON number`},
		{`.5`, "expected a value"},
		{`-`, `"-" is not a valid JSON number`},
		{`1 2`, "line 1, column 3: unexpected text after the end"},
		{`"a`, "line 1, column 1: missing closing quote"},
		{"\"a\nb\"", "unexpected control character"},
		{`"\ud83d"`, "incomplete surrogate pair"},
		{`"\x"`, "invalid escape sequence"},
		{"\"\xff\"", "not valid UTF-8"},
		{`{"a\u0000b":1}`, "a key cannot contain the character NUL"},
		{`{"n":9223372036854775808}`, "line 1, field n: 9223372036854775808 does not fit a long"},
		{`{"n":1e999}`, "line 1, field n: 1e999 does not fit a double"},
		{`{"$date":"yesterday"}`, "$date: expected a date in quotes"},
		{`{"$binary":"%","$type":"00"}`, "$binary with $type: expected base64"},
		{`{"$binary":{"base64":"SGk="}}`, "$binary: expected"},
		{`{"$binary":{"base64":"SGk=","subType":5}}`, "$binary: expected"},
		{`{"$binary":"SGk=","$type":"100"}`, "$binary with $type: expected"},
		{`{"$regularExpression":{"pattern":"a\u0000","options":""}}`, "$regularExpression: expected"},
		{`{"$regularExpression":"a"}`, "$regularExpression: expected"},
		{`{"$regex":"a","$options":1}`, "$regex with $options: expected two texts"},
		{`{"$code":"a","$scope":1}`, "$code with $scope: expected text in quotes and an object"},
		{`{"$dbPointer":{"$ref":"a","$id":"x"}}`, "$dbPointer: expected"},
		{`{"$uuid":"x"}`, "$uuid: expected 32 hexadecimal digits"},
		{`{"$numberLong":" 1"}`, "$numberLong: expected a whole number in quotes"},
		{`{"$numberDecimal":1}`, "$numberDecimal: expected"},
		{`{"$date":{"$numberDouble":"1.5"}}`, "$date: expected"},
		{`{"$date":"2026"}`, "$date: expected"},
		{`{"$symbol":1}`, "$symbol: expected text"},
		{`"\u12`, "invalid escape sequence"},
		{`"\`, "unexpected end of text in an escape sequence"},
		{`[1 2]`, "line 1, column 4: expected a comma or ]"},
		{`{"a":1 "b":2}`, "line 1, column 8: expected a comma or }"},
		{`{"a":`, "unexpected end of text, expected a value"},
		{`[`, "unexpected end of text, expected a value"},
		{`{"$timestamp":{"t":-1,"i":0}}`, "$timestamp: expected"},
		{`{"$undefined":false}`, "$undefined: expected true"},
		{`{"$minKey":2}`, "$minKey: expected 1"},
		{`{"$malformed":"02:AA=="}`, "$malformed: expected another type"},
		{strings.Repeat("[", 300) + strings.Repeat("]", 300), "nested more than 200 levels"},
	} {
		v, err := ParseJSON(c.text)
		switch {
		case err == nil:
			t.Errorf("%s was read as %s, want an error", c.text, JSON(v))
		case !strings.Contains(err.Error(), c.want):
			t.Errorf("%s: error %q, want it to contain %q", c.text, err, c.want)
		case FaultKindOf(err) != InvalidInput:
			t.Errorf("%s: %q, want invalid input", c.text, FaultKindOf(err))
		}
	}
	if _, err := ParseDocument(`[1]`); err == nil || !strings.Contains(err.Error(), "got type array") {
		t.Errorf("an array as a document: %v", err)
	}
}

func TestReadJSONIsLenient(t *testing.T) {
	const unusual = `{"a":{"$oid":"x"}, "a":{"$date":{}, "$x":1}, "n":{"$numberLong":"5"}}`
	doc, err := ReadDocument(unusual)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"$fields":[["a", {"$fields":[["$oid", "x"]]}], ["a", {"$fields":[["$date", {}], ["$x", 1]]}], ` +
		`["n", {"$numberLong":"5"}]]}`
	if got := JSON(bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: doc}); got != want {
		t.Errorf("got %s", got)
	}
	own := value(t, `{"$fields":[["$fields", []]]}`)
	if got, err := ReadJSON(CanonicalValue(own)); err != nil || !Identical(got, own) {
		t.Errorf("a service's %s was read as %s: %v", CanonicalValue(own), JSON(got), err)
	}
}

// TestJSONRepresentsEveryValue: what extended JSON cannot represent is written with wrappers of dossier, in text that
// can be edited.
func TestJSONRepresentsEveryValue(t *testing.T) {
	oddArray := bson.RawValue{Type: bson.TypeArray,
		Value: ValueOf(bson.D{{Key: "x", Value: 1}, {Key: "0", Value: 2}}).Value}
	for _, c := range []struct {
		v    any
		want string
	}{
		{bson.D{{Key: "$numberInt", Value: "1"}}, `{"$fields":[["$numberInt", "1"]]}`},
		{bson.D{{Key: "k", Value: 1}, {Key: "k", Value: 2.5}}, `{"$fields":[["k", 1], ["k", 2.5]]}`},
		{bson.D{{Key: "$regex", Value: "a"}, {Key: "$options", Value: "i"}},
			`{"$fields":[["$regex", "a"], ["$options", "i"]]}`},
		{bson.D{{Key: "a", Value: bson.D{{Key: "$fields", Value: bson.A{}}}}}, `{"a":{"$fields":[["$fields", []]]}}`},
		{bson.D{{Key: "$bson", Value: "x"}}, `{"$fields":[["$bson", "x"]]}`},
		{bson.D{{Key: "$or", Value: 1}}, `{"$or":1}`},
		{"a\xff", `{"$bson":"AgMAAABh/wA="}`},
		{bson.Symbol("\xff"), `{"$bson":"DgIAAAD/AA=="}`},
		{bson.D{{Key: "\xff", Value: 1}}, `{"$fields":[[{"$binary":{"base64":"/w==","subType":"00"}}, 1]]}`},
		{oddArray, `{"$bson":"BBMAAAAQeAABAAAAEDAAAgAAAAA="}`},
		{bson.CodeWithScope{Code: "x", Scope: bson.D{{Key: "$oid", Value: "y"}}},
			`{"$bson":"DxsAAAACAAAAeAARAAAAAiRvaWQAAgAAAHkAAA=="}`},
	} {
		v := ValueOf(c.v)
		if got := JSON(v); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
		for _, text := range []string{JSON(v), IndentJSON(v)} {
			if back, err := ParseJSON(text); err != nil || !Identical(v, back) {
				t.Errorf("%s was read back as %s: %v", text, JSON(back), err)
			}
			if back, err := ParseJSONOver(text, v); err != nil || !Identical(v, back) {
				t.Errorf("%s over itself was read as %s: %v", text, JSON(back), err)
			}
		}
	}
	for _, text := range []string{
		`{"$fields":1}`, `{"$fields":[["a"]]}`, `{"$fields":[["a",1,2]]}`, `{"$fields":[[1,1]]}`,
		`{"$fields":[["a\u0000",1]]}`,
		`{"$fields":[],"a":1}`, `{"$bson":1}`, `{"$bson":""}`, `{"$bson":"A"}`, `{"$bson":"EAEA"}`, `{"$bson":"mQ=="}`,
	} {
		if v, err := ParseJSON(text); err == nil {
			t.Errorf("%s was read as %s", text, JSON(v))
		}
	}
	const numbers = `{"$fields":[["a", 5], ["a", {"$bson":"BBMAAAAQeAABAAAAEDAAAgAAAAA="}], ["b", 6]]}`
	old := ValueOf(bson.D{{Key: "a", Value: 1.5}, {Key: "b", Value: 2.5}})
	if v, err := ParseJSONOver(numbers, old); err != nil || KindOf(v) != Object || !strings.Contains(JSON(v),
		`["b", {"$numberDouble":"6.0"}]`) {
		t.Errorf("over doubles: %s, %v", JSON(v), err)
	}
}

func TestCanonicalJSON(t *testing.T) {
	doc := document(t, `{"i":1,"d":1.0,"x":2.5,"at":{"$date":"2026-11-22T10:00:00Z"},"ts":{"$timestamp":{"t":1,"i":2}},
		"u":{"$uuid":"6fa459ea-ee8a-3ca4-894e-db77e160355e"},"l":{"$numberLong":"3"},"s":"a","n":null,"a":[true]}`)
	const want = `{"i":{"$numberInt":"1"},"d":{"$numberDouble":"1.0"},"x":{"$numberDouble":"2.5"},"at":{"$date":{"$numberLong":"1795341600000"}},` +
		`"ts":{"$timestamp":{"t":1,"i":2}},"u":{"$binary":{"base64":"b6RZ6u6KPKSJTtt34WA1Xg==","subType":"04"}},"l":{"$numberLong":"3"},"s":"a","n":null,"a":[true]}`
	if got := CanonicalJSON(doc); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestIndentJSON(t *testing.T) {
	const want = "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": {\n    \"c\": \"x\"\n  }\n}"
	if got := IndentJSON(value(t, `{"a":[1,{}],"b":{"c":"x"}}`)); got != want {
		t.Errorf("got %s", got)
	}
}

func TestJSONIsSafeToPrint(t *testing.T) {
	v := ValueOf("\x1b]8;;\u009b\u202e\u2066\x7f\u2028\U000e0041é")
	const want = `"\u001b]8;;\u009b\u202e\u2066\u007f\u2028\udb40\udc41é"`
	if got := JSON(v); got != want {
		t.Errorf("got %s", got)
	}
	if back := value(t, want); !Identical(v, back) {
		t.Errorf("read back as %q", Text(back))
	}
}

// FuzzJSON also checks that the driver's reader accepts the canonical format.
func FuzzJSON(f *testing.F) {
	for seed := range uint64(64) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		m := newGenerator(seed)
		for range 20 {
			v := m.object(4)
			texts := []string{JSON(v), IndentJSON(v)}
			encodable := len(UnencodableFields(v.Value)) == 0 && !strings.Contains(texts[0], `"$fields"`)
			if encodable {
				texts = append(texts, CanonicalJSON(v.Value))
			}
			for _, text := range texts {
				back, err := ParseJSON(text)
				if err != nil || !Identical(v, back) {
					t.Fatalf("%s was read back as %s: %v", text, JSON(back), err)
				}
			}
			if !encodable {
				continue
			}
			var d bson.D
			if err := bson.UnmarshalExtJSON([]byte(CanonicalJSON(v.Value)), true, &d); err != nil {
				t.Fatalf("the driver rejects %s: %v", CanonicalJSON(v.Value), err)
			}
		}
	})
}

func FuzzParseJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5,"x\u0041",null,true,{"$oid":"5f1e000000000000000000aa"}]}`, `{"$date":1}`,
		`[[`, `{"$binary":"","$type":"0"}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := ParseJSON(text)
		lenient, lenientErr := ReadJSON(text)
		if err != nil {
			if lenientErr == nil && documentWith(lenient).Validate() != nil {
				t.Fatalf("%q was read as invalid BSON", text)
			}
			return
		}
		if err := documentWith(v).Validate(); err != nil {
			t.Fatalf("%q was read as invalid BSON: %v", text, err)
		}
		if back, err := ParseJSON(JSON(v)); err != nil || !Identical(v, back) {
			t.Fatalf("%q was written as %q: %v", text, JSON(v), err)
		}
		if own := strings.Contains(text, "fields") || strings.Contains(text, "bson") || strings.Contains(text, `\u`); !own &&
			(lenientErr != nil || !Identical(v, lenient)) {
			t.Fatalf("ReadJSON(%q) = %s: %v", text, JSON(lenient), lenientErr)
		}
	})
}

func TestUnencodableFields(t *testing.T) {
	oid := bson.D{{Key: "$oid", Value: "5f1e000000000000000000aa"}}
	doc := ValueOf(bson.D{
		{Key: "fine", Value: bson.D{{Key: "$gt", Value: 1}}},
		{Key: "wrapperLike", Value: oid},
		{Key: "list", Value: bson.A{1, bson.D{{Key: "x", Value: oid}}}},
		{Key: "twice", Value: bson.D{{Key: "k", Value: 1}, {Key: "k", Value: 2}}},
		{Key: "bytes", Value: "\xff"},
		{Key: "pair", Value: bson.D{{Key: "$options", Value: "i"}, {Key: "$regex", Value: "a"}}},
		{Key: "code", Value: bson.CodeWithScope{Code: "x", Scope: bson.D{{Key: "y", Value: oid}}}},
	})
	var got []string
	for _, u := range UnencodableFields(doc.Value) {
		got = append(got, u.Path.String()+": "+u.Reason)
	}
	const want = "wrapperLike: an object that looks like the notation $oid, " +
		"list.1.x: an object that looks like the notation $oid, twice.k: a duplicate key, bytes: text that is not UTF-8, " +
		"pair: an object that looks like the notation $options, code: a value of type javascriptWithScope"
	if strings.Join(got, ", ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if got := UnencodableFields(nil); got != nil {
		t.Errorf("no document: %v", got)
	}
}

func TestJSONMalformedBSON(t *testing.T) {
	doc := bson.Raw("\x0e\x00\x00\x00\x10a\x00\x01\x00\x00\x00\x99b\x00")
	text := JSON(bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: doc})
	if !strings.Contains(text, "$malformed") {
		t.Errorf("got %s", text)
	}
	if _, err := ParseJSON(text); err == nil {
		t.Errorf("%s was read, want an error", text)
	}
}

func BenchmarkParseJSON(b *testing.B) {
	text := CanonicalJSON(largeDocument())
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := ParseDocument(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCanonicalJSON(b *testing.B) {
	doc := largeDocument()
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		CanonicalJSON(doc)
	}
}

func BenchmarkUnencodableFields(b *testing.B) {
	doc := largeDocument()
	for b.Loop() {
		UnencodableFields(doc)
	}
}
