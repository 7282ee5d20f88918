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
		{`{"$binary":{"subType":"04","base64":"b6RZ6u6KPKSJTtt34WA1Xg=="}}`, `{"$uuid":"6fa459ea-ee8a-3ca4-894e-db77e160355e"}`},
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
			t.Errorf("%s is written %s, want %s", c.text, got, c.relaxed)
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

func TestParseJSONRefusesWithPlace(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{``, "line 1, column 1: there is nothing here"},
		{"{\n \"address\": {\n  \"zip\": {\"$numberInt\": 5}}}", "line 3, field address.zip: $numberInt wants a whole number in quotes"},
		{`{"a":1,"a":2}`, "line 1, field a: the key stands here a second time"},
		{`{"a":{"b.c":[0,{"$oid":"x"}]}}`, `line 1, field a.b\.c.1: $oid wants 24 hexadecimal digits`},
		{`{"$oid":"5f1e000000000000000000aa","x":1}`, `$oid stands alone in its object, but "x" stands beside it`},
		{`{"a":1,}`, "line 1, column 8: a comma stands before the end of the object"},
		{`[1,]`, "line 1, column 4: a comma stands before the end of the array"},
		{`{"a" 1}`, "line 1, column 6: a colon is wanted"},
		{`{a:1}`, "line 1, column 2: a key in double quotes is wanted"},
		{`{"é":tru}`, "line 1, column 6: no value begins like this"},
		{`01`, `"01" is no number`},
		{`+1`, "no value begins like this"},
		{`1.`, `"1." is no number`},
		{`.5`, "no value begins like this"},
		{`-`, `"-" is no number`},
		{`1 2`, "line 1, column 3: there is more text"},
		{`"a`, "line 1, column 1: the text that begins here has no closing quote"},
		{"\"a\nb\"", "a control character stands inside the text"},
		{`"\ud83d"`, "half a surrogate pair"},
		{`"\x"`, "no escape begins like this"},
		{"\"\xff\"", "not valid UTF-8"},
		{`{"a\u0000b":1}`, "a key cannot hold the character NUL"},
		{`{"n":9223372036854775808}`, "line 1, field n: 9223372036854775808 does not fit a long"},
		{`{"n":1e999}`, "line 1, field n: 1e999 does not fit a double"},
		{`{"$date":"yesterday"}`, "$date wants a moment in quotes"},
		{`{"$binary":"%","$type":"00"}`, "$binary with $type wants base64"},
		{`{"$binary":{"base64":"SGk="}}`, "$binary wants"},
		{`{"$binary":{"base64":"SGk=","subType":5}}`, "$binary wants"},
		{`{"$binary":"SGk=","$type":"100"}`, "$binary with $type wants"},
		{`{"$regularExpression":{"pattern":"a\u0000","options":""}}`, "$regularExpression wants"},
		{`{"$regularExpression":"a"}`, "$regularExpression wants"},
		{`{"$regex":"a","$options":1}`, "$regex with $options wants two texts"},
		{`{"$code":"a","$scope":1}`, "$code with $scope wants text in quotes and an object"},
		{`{"$dbPointer":{"$ref":"a","$id":"x"}}`, "$dbPointer wants"},
		{`{"$uuid":"x"}`, "$uuid wants 32 hexadecimal digits"},
		{`{"$numberLong":" 1"}`, "$numberLong wants a whole number in quotes"},
		{`{"$numberDecimal":1}`, "$numberDecimal wants"},
		{`{"$date":{"$numberDouble":"1.5"}}`, "$date wants"},
		{`{"$date":"2026"}`, "$date wants"},
		{`{"$symbol":1}`, "$symbol wants text"},
		{`"\u12`, "no escape begins like this"},
		{`"\`, "the text ends inside an escape"},
		{`[1 2]`, "line 1, column 4: a comma or ] is wanted"},
		{`{"a":1 "b":2}`, "line 1, column 8: a comma or } is wanted"},
		{`{"a":`, "the text ends where a value is wanted"},
		{`[`, "the text ends where a value is wanted"},
		{`{"$timestamp":{"t":-1,"i":0}}`, "$timestamp wants"},
		{`{"$undefined":false}`, "$undefined wants true"},
		{`{"$minKey":2}`, "$minKey wants 1"},
		{`{"$malformed":"02:AA=="}`, "$malformed wants nothing"},
		{strings.Repeat("[", 300) + strings.Repeat("]", 300), "nested more than 200 levels"},
	} {
		v, err := ParseJSON(c.text)
		switch {
		case err == nil:
			t.Errorf("%s was read as %s", c.text, JSON(v))
		case !strings.Contains(err.Error(), c.want):
			t.Errorf("%s: %q, want it to say %q", c.text, err, c.want)
		case FaultKindOf(err) != InvalidInput:
			t.Errorf("%s: %q, want bad input", c.text, FaultKindOf(err))
		}
	}
	if _, err := ParseDocument(`[1]`); err == nil || !strings.Contains(err.Error(), "got type array") {
		t.Errorf("an array as a document: %v", err)
	}
}

func TestReadJSONKeepsWhatIsOdd(t *testing.T) {
	const odd = `{"a":{"$oid":"x"}, "a":{"$date":{}, "$x":1}, "n":{"$numberLong":"5"}}`
	doc, err := ReadDocument(odd)
	if err != nil {
		t.Fatal(err)
	}
	if got := JSON(bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: doc}); got != odd {
		t.Errorf("read as %s", got)
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

// The driver's own reader must understand what is written, to the same bytes.
func FuzzJSON(f *testing.F) {
	for seed := range uint64(64) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		m := newMade(seed)
		for range 20 {
			v := m.object(4)
			if len(UnencodableFields(v.Value)) > 0 {
				continue
			}
			for _, text := range []string{JSON(v), IndentJSON(v), CanonicalJSON(v.Value)} {
				back, err := ParseJSON(text)
				if err != nil || !Identical(v, back) {
					t.Fatalf("%s came back as %s: %v", text, JSON(back), err)
				}
			}
			var d bson.D
			if err := bson.UnmarshalExtJSON([]byte(CanonicalJSON(v.Value)), true, &d); err != nil {
				t.Fatalf("the driver refuses %s: %v", CanonicalJSON(v.Value), err)
			}
		}
	})
}

func FuzzParseJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5,"x\u0041",null,true,{"$oid":"5f1e000000000000000000aa"}]}`, `{"$date":1}`, `[[`, `{"$binary":"","$type":"0"}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := ParseJSON(text)
		lenient, lenientErr := ReadJSON(text)
		if err != nil {
			if lenientErr == nil && document0(lenient).Validate() != nil {
				t.Fatalf("%q made bad BSON", text)
			}
			return
		}
		if err := document0(v).Validate(); err != nil {
			t.Fatalf("%q made bad BSON: %v", text, err)
		}
		if back, err := ParseJSON(JSON(v)); err != nil || !Identical(v, back) {
			t.Fatalf("%q became %q: %v", text, JSON(v), err)
		}
		if lenientErr != nil || !Identical(v, lenient) {
			t.Fatalf("read leniently, %q is %s: %v", text, JSON(lenient), lenientErr)
		}
	})
}

func TestUncarriable(t *testing.T) {
	oid := bson.D{{Key: "$oid", Value: "5f1e000000000000000000aa"}}
	doc := ValueOf(bson.D{
		{Key: "fine", Value: bson.D{{Key: "$gt", Value: 1}}},
		{Key: "imposter", Value: oid},
		{Key: "list", Value: bson.A{1, bson.D{{Key: "x", Value: oid}}}},
		{Key: "twice", Value: bson.D{{Key: "k", Value: 1}, {Key: "k", Value: 2}}},
		{Key: "bytes", Value: "\xff"},
		{Key: "pair", Value: bson.D{{Key: "$options", Value: "i"}, {Key: "$regex", Value: "a"}}},
		{Key: "code", Value: bson.CodeWithScope{Code: "x", Scope: bson.D{{Key: "y", Value: oid}}}},
	})
	var got []string
	for _, p := range UnencodableFields(doc.Value) {
		got = append(got, p.String())
	}
	if want := "imposter list.1.x twice.k bytes pair code"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if got := UnencodableFields(nil); got != nil {
		t.Errorf("no document has %v", got)
	}
}

func TestJSONOfMalformed(t *testing.T) {
	doc := bson.Raw("\x0e\x00\x00\x00\x10a\x00\x01\x00\x00\x00\x99b\x00")
	text := JSON(bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: doc})
	if !strings.Contains(text, "$malformed") {
		t.Errorf("written as %s", text)
	}
	if _, err := ParseJSON(text); err == nil {
		t.Errorf("%s was read back", text)
	}
}

func BenchmarkParseJSON(b *testing.B) {
	text := CanonicalJSON(large())
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := ParseDocument(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCanonicalJSON(b *testing.B) {
	doc := large()
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		CanonicalJSON(doc)
	}
}

func BenchmarkUncarriable(b *testing.B) {
	doc := large()
	for b.Loop() {
		UnencodableFields(doc)
	}
}
