package api

import (
	"encoding/base64"
	"errors"
	"reflect"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// SDKs send canonical and relaxed extended JSON.
func TestParseCall(t *testing.T) {
	const text = `{"arguments":[1,2.5,1099511627776,{"$numberInt":"3"},{"$date":"1970-01-01T00:00:01Z"},{"$date":{"$numberLong":"1000"}},null,` +
		`{"$set":{"a":1}},{"a":{"$type":"string"}},{"a":{"$not":{"$type":"array"}}}],"name":"f"}`
	c, err := ParseCall([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`{"$numberInt":"1"}`, `{"$numberDouble":"2.5"}`, `{"$numberLong":"1099511627776"}`, `{"$numberInt":"3"}`,
		`{"$date":{"$numberLong":"1000"}}`, `{"$date":{"$numberLong":"1000"}}`, `null`, `{"$set":{"a":{"$numberInt":"1"}}}`,
		`{"a":{"$type":"string"}}`, `{"a":{"$not":{"$type":"array"}}}`,
	}
	if len(c.Arguments) != len(want) {
		t.Fatalf("%d arguments, want %d", len(c.Arguments), len(want))
	}
	for i, a := range c.Arguments {
		got, err := EncodeRawValue(a)
		if err != nil || string(got) != want[i] {
			t.Errorf("argument %d: %s, %v; want %s", i, got, err, want[i])
		}
	}
}

func TestParseCallErrors(t *testing.T) {
	for text, want := range map[string]string{
		``:                               "extended JSON",
		`[]`:                             "extended JSON",
		`{`:                              "extended JSON",
		`{}`:                             "'name' is a required string",
		`{"name":3}`:                     "'name'",
		`{"name":"f","arguments":{}}`:    "'arguments'",
		`{"name":"f","service":{"a":1}}`: "'service'",
		`{"name":"f","name":"g"}`:        "duplicate key 'name'",
		`{"name":"f","arguments":[{"query":{"a":1}},{"update":{"$set":{"a":1,"b":[{"c":1,"c":2}]}}}]}`: "duplicate key " +
			"'arguments.1.update.$set.b.0.c'",
	} {
		_, err := ParseCall([]byte(text))
		var e *Error
		if !errors.As(err, &e) || e.Status != 400 || !strings.Contains(e.Message, want) {
			t.Errorf("ParseCall(%s) = %v, want 400 with %q", text, err, want)
		}
	}
}

// A body of commas must not need a gigabyte: a value needs many times its text's memory.
func TestParseDocumentLimitsValues(t *testing.T) {
	for n, refused := range map[int]bool{maxValues: false, maxValues + 2: true} {
		_, err := ParseDocument([]byte(`{"name":"f","arguments":[[` + strings.Repeat("1,", n-1) + "1]]}"))
		if refused != (err != nil && strings.Contains(err.Error(), "more than")) {
			t.Errorf("%d values: %v", n, err)
		}
	}
	if _, err := ParseDocument([]byte(`{"text":"` + strings.Repeat(",", maxValues+2) + `"}`)); err != nil {
		t.Error(err)
	}
}

// A body of brackets must not overflow the stack: the parser is recursive.
func TestParseDocumentLimitsNesting(t *testing.T) {
	for _, n := range []int{251, 8 << 20} {
		for _, text := range []string{
			`{"a":` + strings.Repeat("[", n), `{"a":"\\","b":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}`,
			strings.Repeat(`{"a":`, n),
		} {
			if _, err := ParseDocument([]byte(text)); err == nil || !strings.Contains(err.Error(), "nested deeper") {
				t.Errorf("%.20s…, %d levels: %v", text, n, err)
			}
		}
	}
	deep := `{"quoted":"` + strings.Repeat(`[{\"`, 1000) + `","a":` + strings.Repeat("[", 240) + strings.Repeat("]", 240) +
		`}`
	if _, err := ParseDocument([]byte(deep)); err != nil {
		t.Error(err)
	}
}

func TestCallBodyRoundTrip(t *testing.T) {
	c, err := ParseCall([]byte(`{"name":"updateOne","arguments":[{"query":{"userId":"é+/"}}],"service":"mongodb-atlas"}`))
	if err != nil {
		t.Fatal(err)
	}
	body, err := c.Body()
	if err != nil {
		t.Fatal(err)
	}
	encoded := base64.StdEncoding.EncodeToString(body)
	for _, sent := range []string{encoded, strings.TrimRight(encoded, "="), strings.ReplaceAll(encoded, "+", " ")} {
		again, err := ParseStreamRequest(sent)
		if err != nil || again.Name != "updateOne" || again.Service != "mongodb-atlas" {
			t.Fatalf("ParseRequest = %+v, %v", again, err)
		}
		arg, err := again.Argument()
		if err != nil || arg.Lookup("query", "userId").StringValue() != "é+/" {
			t.Fatalf("argument %s, %v", arg, err)
		}
	}
	if _, err := ParseStreamRequest("%%%"); err == nil {
		t.Error("garbage passed for base64")
	}
	if _, err := (Call{Name: "find"}).Argument(); err == nil {
		t.Error("a service call without an argument passed")
	}
}

func TestValueAndDocument(t *testing.T) {
	if got, _ := EncodeRawValue(bson.RawValue{}); string(got) != `{"$undefined":true}` {
		t.Errorf("undefined is %s", got)
	}
	if got, _ := EncodeDocument(nil); string(got) != `{}` {
		t.Errorf("no document is %s", got)
	}
	doc, err := bson.Marshal(bson.D{{Key: "t", Value: bson.Timestamp{T: 7, I: 1}}, {Key: "s", Value: "a\xffb<"}})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := EncodeDocument(doc); err != nil || string(got) != `{"t":{"$timestamp":{"t":7,"i":1}},"s":"a\ufffdb<"}` {
		t.Errorf("%s, %v", got, err)
	}
}

func TestPathsAreEscaped(t *testing.T) {
	if got := LoginPath("a/b", "local-userpass"); got != "/api/client/v2.0/app/a%2Fb/auth/providers/local-userpass/login" {
		t.Error(got)
	}
}

// FuzzParseCall: no text causes a panic, and a parsed call is equal after encoding and parsing.
func FuzzParseCall(f *testing.F) {
	f.Add(`{"name":"f","arguments":[1,{"$oid":"5ed10d5dc085000e2c0099f2"},{"$date":"1970-01-01T00:00:01Z"}],"service":"s"}`)
	f.Add(`{"name":"f","arguments":[{"$regularExpression":{"pattern":"a","options":"i"}},{"$binary":{"base64":"AA==","subType":"04"}}]}`)
	f.Add(`{"arguments":null,"name":"x","service":null}`)
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCall([]byte(text))
		if err != nil {
			return
		}
		body, err := c.Body()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseCall(body)
		if err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		twice, err := again.Body()
		if err != nil || string(twice) != string(body) {
			t.Fatalf("%s became %s, %v", body, twice, err)
		}
	})
}

func TestDoublyWrappedNumbers(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":{"$minKey":{"$numberInt":"1"}}}`:                                           `{"a":{"$minKey":1}}`,
		`{"a":[{"$maxKey":{"$numberInt":"1"}}]}`:                                         `{"a":[{"$maxKey":1}]}`,
		`{"a":{"$timestamp":{"t":{"$numberLong":"4294967295"},"i":{"$numberInt":"1"}}}}`: `{"a":{"$timestamp":{"t":4294967295,"i":1}}}`,
		`{"a\"$minKey":{"$numberInt":"1"}}`:                                              `{"a\"$minKey":{"$numberInt":"1"}}`,
		`{"a":"\"$minKey\":{\"$numberInt\":\"1\"}"}`:                                     `{"a":"\"$minKey\":{\"$numberInt\":\"1\"}"}`,
	} {
		doc, err := ParseDocument([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, err := EncodeDocument(doc); err != nil || string(got) != want {
			t.Errorf("%s: read as %s, %v", text, got, err)
		}
	}
}

// TestValues: a value keeps its type through canonical and relaxed extended JSON and through BSON.
func TestValues(t *testing.T) {
	for _, c := range []struct {
		value              any
		canonical, relaxed string
	}{
		{nil, `null`, `null`},
		{int32(7), `{"$numberInt":"7"}`, `7`},
		{2.5, `{"$numberDouble":"2.5"}`, `2.5`},
		{"a}", `"a}"`, `"a}"`},
		{bson.D{}, `{}`, `{}`},
		{bson.D{{Key: "a", Value: bson.A{bson.Undefined{}, int64(1) << 60}}},
			`{"a":[{"$undefined":true},{"$numberLong":"1152921504606846976"}]}`,
			`{"a":[{"$undefined":true},1152921504606846976]}`},
	} {
		for canonical, want := range map[bool]string{true: c.canonical, false: c.relaxed} {
			got, err := EncodeValue(c.value, canonical)
			if err != nil || string(got) != want {
				t.Errorf("%v canonical=%v: %s, %v; want %s", c.value, canonical, got, err, want)
			}
			if back, err := DecodeValue(got); err != nil || !reflect.DeepEqual(back, c.value) {
				t.Errorf("%s reads back as %#v, %v; want %#v", got, back, err, c.value)
			}
		}
		raw, err := RawValue(c.value)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := EncodeRawValue(raw); err != nil || string(got) != c.canonical {
			t.Errorf("%v as BSON: %s, %v; want %s", c.value, got, err, c.canonical)
		}
	}
}

// FuzzParseBSONCall: a body in BSON is read or refused, and what is read is valid.
func FuzzParseBSONCall(f *testing.F) {
	call := Call{Name: "find", Service: "s", Arguments: []bson.RawValue{{Type: bson.TypeEmbeddedDocument,
		Value: []byte{5, 0, 0, 0, 0}}}}
	f.Add(call.BSON())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := ParseBSONCall(body)
		if err != nil {
			return
		}
		if c.Name == "" || c.Service == "" || bson.Raw(body).Validate() != nil {
			t.Errorf("%x was read as %+v", body, c)
		}
		if again, err := ParseBSONCall(c.BSON()); err != nil || again.Name != c.Name ||
			len(again.Arguments) != len(c.Arguments) {
			t.Errorf("%x was written and read as %+v: %v", body, again, err)
		}
	})
}
