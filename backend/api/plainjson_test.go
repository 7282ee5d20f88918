package api

import (
	"bytes"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
)

// plainTexts are read without the driver's parser.
var plainTexts = []string{
	`{}`, ` { } `, `{"a":1}`, `{"a":-1,"b":[],"c":[1,"é",true,false,null,{"d":{}}]}`,
	`{"a":{"$oid":"5f9f1b9b9b9b9b9b9b9b9b9b"}}`,
	`{"a":{"$numberInt":"-2147483648"},"b":{"$numberLong":"9223372036854775807"}}`, `{"a":{ "$numberInt" : "5" } }`,
	`{"name":"updateOne","service":"mongodb-atlas","arguments":[{"database":"app","collection":"c","query":{"userId":"u"},"update":{"$set":{"count":7}}}]}`,
	`{"query":{"$or":[{"a":{"$gt":1}},{"b":{"$in":[1,2,3,4,5,6,7,8,9,10,11]}}]}}`, `{"a":0,"a":0}`, `{"":{"":""}}`,
}

// driverTexts are left to the driver's parser, which reads or refuses them.
var driverTexts = []string{
	``, `{`, `[]`, `1`, `{"a":1}x`, `{"a":01}`, `{"a":-0}`, `{"a":1.0}`, `{"a":1e1}`, `{"a":1234567890}`, `{"a":-}`,
	`{"a":"\n"}`,
	"{\"a\":\"\xff\"}", `{"a":{"$oid":"x"}}`, `{"a":{"$numberInt":"05"}}`, `{"a":{"$numberInt":"2147483648"}}`,
	`{"a":{"$numberInt":5}}`, `{"a":{"$numberDouble":"1"}}`, `{"a":{"$date":1}}`, `{"a":{"$date":{"$numberLong":"1"}}}`,
	`{"a":{"$minKey":1}}`, `{"a":{"$ref":"c","$id":1}}`, `{"a":{"$type":2}}`, `{"a":{"$regex":"x","$options":""}}`,
	`{"$oid":"x"}`,
	`{"a":{"$numberInt":"5","b":1}}`, `{"a":tru}`, `{"a":}`, `{"a" 1}`, `{"a":1,}`, `{"a":[1,]}`, `{"a":nullx}`, `{a:1}`,
}

// FuzzParsePlain: what parsePlain reads, the driver's parser reads as the same document.
func FuzzParsePlain(f *testing.F) {
	for _, text := range append(plainTexts, driverTexts...) {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, ok := parsePlain(text)
		if !ok {
			return
		}
		var want bson.Raw
		if err := bson.UnmarshalExtJSON(text, false, &want); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%q: got %s, want %s, %v", text, got, want, err)
		}
	})
}

func TestParsePlain(t *testing.T) {
	for _, text := range plainTexts {
		if _, ok := parsePlain([]byte(text)); !ok {
			t.Errorf("%s is not read", text)
		}
	}
	for _, text := range driverTexts {
		if doc, ok := parsePlain([]byte(text)); ok {
			t.Errorf("%s is read as %s", text, doc)
		}
	}
	text := []byte(plainTexts[7])
	if n := testing.AllocsPerRun(100, func() { _, _ = parsePlain(text) }); n > 30 {
		t.Errorf("a call takes %.0f allocations, want at most 30", n)
	}
}

// FuzzAppendPlain: what appendPlain writes, the driver writes in the same way.
func FuzzAppendPlain(f *testing.F) {
	for _, text := range append(plainTexts, driverTexts...) {
		f.Add([]byte(text))
	}
	f.Add([]byte(`{"a":{"$date":{"$numberLong":"-1"}},"b":"\u2028 é \u007f \u0000 \" \\ </script>","é":1,"":[null,{"$oid":"5f9f1b9b9b9b9b9b9b9b9b9b"}]}`))
	f.Add([]byte("\x09\x00\x00\x00\x08a\x00\x02\x00")) // a boolean that is neither
	f.Add([]byte(`{"a":{"$numberDouble":"1.5"},"\"":1}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var doc bson.Raw
		if bson.UnmarshalExtJSON(text, false, &doc) != nil {
			doc = text // also bytes that are no document
		}
		got, ok := appendPlain(nil, bsoncore.Value{Type: bsoncore.TypeEmbeddedDocument, Data: doc}, maxPlainNesting)
		if !ok {
			return
		}
		want, err := bson.MarshalExtJSON(doc, true, false)
		if want = bytes.ToValidUTF8(want, replacement); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: got %s, want %s, %v", doc, got, want, err)
		}
	})
}

func TestAppendPlain(t *testing.T) {
	doc, err := ParseDocument([]byte(`{"_id":{"$oid":"5f9f1b9b9b9b9b9b9b9b9b9b"},"name":"Zoë","n":1,"l":[true,null,{"$date":{"$numberLong":"1"}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"_id":{"$oid":"5f9f1b9b9b9b9b9b9b9b9b9b"},"name":"Zoë","n":{"$numberInt":"1"},"l":[true,null,{"$date":{"$numberLong":"1"}}]}`
	value := bsoncore.Value{Type: bsoncore.TypeEmbeddedDocument, Data: doc}
	if got, ok := appendPlain(nil, value, maxPlainNesting); !ok || string(got) != want {
		t.Errorf("got %s, %t", got, ok)
	}
	if n := testing.AllocsPerRun(100, func() { _, _ = EncodeDocument(doc) }); n > 10 {
		t.Errorf("a document takes %.0f allocations, want at most 10", n)
	}
}
