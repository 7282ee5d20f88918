package model

import (
	"math"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestParseText(t *testing.T) {
	for _, c := range []struct {
		kind  Kind
		typed string
		text  string // Text of the parsed value
	}{
		{Int, "-2147483648", "-2147483648"},
		{Int, " 7 ", "7"},
		{Long, "9223372036854775807", "9223372036854775807"},
		{Double, "1", "1.0"},
		{Double, "-0", "-0.0"},
		{Double, "1e300", "1e+300"},
		{Double, "NaN", "NaN"},
		{Double, "-Infinity", "-Infinity"},
		{Decimal, "1.50", "1.50"},
		{Decimal, "NaN", "NaN"},
		{Bool, "true", "true"},
		{Date, "2026-11-22", "2026-11-22T00:00:00.000Z"},
		{Date, "2026-11-22T10:00:00Z", "2026-11-22T10:00:00.000Z"},
		{Date, "2026-11-22T10:00:00.250+01:30", "2026-11-22T08:30:00.250Z"},
		{Date, "2020-02-28 10:00", "2020-02-28T10:00:00.000Z"},
		{Date, "2020-02-28 10:00:07", "2020-02-28T10:00:07.000Z"},
		{Date, "2020-02-28T10:00:07.250", "2020-02-28T10:00:07.250Z"},
		{Date, "2020-02-28 10:00 +01:00", "2020-02-28T09:00:00.000Z"},
		{Date, "2020-02-28 10:00+0100", "2020-02-28T09:00:00.000Z"},
		{Date, "2020-02-28 10:00:07Z", "2020-02-28T10:00:07.000Z"},
		{Date, "1795341600000", "2026-11-22T10:00:00.000Z"},
		{Date, "253402300800000", "253402300800000"},
		{ObjectID, "5F1E000000000000000000AA", "5f1e000000000000000000aa"},
		{UUID, "6fa459ea-ee8a-3ca4-894e-db77e160355e", "6fa459ea-ee8a-3ca4-894e-db77e160355e"},
		{UUID, "6FA459EAEE8A3CA4894EDB77E160355E", "6fa459ea-ee8a-3ca4-894e-db77e160355e"},
		{Binary, "SGVsbG8=", "00:SGVsbG8="},
		{Binary, "80:SGVsbG8=", "80:SGVsbG8="},
		{Binary, "", "00:"},
		{Regex, "/a/b+$/im", "/a/b+$/im"},
		{Timestamp, "4294967295:1", "4294967295:1"},
		{Null, "null", "null"},
		{Null, "", "null"},
		{Undefined, "undefined", "undefined"},
		{MinKey, "minKey", "minKey"},
		{MaxKey, "maxKey", "maxKey"},
		{String, " spaces stay ", " spaces stay "},
		{Symbol, "s", "s"},
		{JavaScript, "return 1", "return 1"},
		{CodeWithScope, `{"$code":"x","$scope":{"a":1}}`, `{"$code":"x","$scope":{"a":1}}`},
		{DBPointer, `{"$dbPointer":{"$ref":"a.b","$id":{"$oid":"5f1e000000000000000000aa"}}}`,
			`{"$dbPointer":{"$ref":"a.b","$id":{"$oid":"5f1e000000000000000000aa"}}}`},
		{Object, `{"zip":1.0}`, `{"zip":{"$numberDouble":"1.0"}}`},
		{Array, `[1,2.5]`, `[1, 2.5]`},
	} {
		v, err := Parse(c.kind, c.typed)
		if err != nil {
			t.Errorf("Parse(%s, %q): %v", c.kind, c.typed, err)
			continue
		}
		if got := KindOf(v); got != c.kind {
			t.Errorf("Parse(%s, %q) has kind %s", c.kind, c.typed, got)
		}
		if got := Text(v); got != c.text {
			t.Errorf("Text of %s %q = %s, want %s", c.kind, c.typed, got, c.text)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct {
		kind  Kind
		typed string
		hint  string
	}{
		{Int, "2147483648", "a whole number from -2147483648 to 2147483647"},
		{Int, "1.0", "a whole number"},
		{Int, "", "type int: expected a whole number"},
		{Long, "1e3", "a whole number"},
		{Long, "9223372036854775808", "a whole number"},
		{Double, "0x1p4", "a number such as"},
		{Double, "1_000", "a number such as"},
		{Double, "1e400", "that a double can hold"},
		{Double, "1e-400", "that a double can hold"},
		{Decimal, "12345678901234567890123456789012345", "at most 34 digits"},
		{Bool, "yes", "true or false"},
		{Date, "2026", "a date such as"},
		{Date, "2026-11-22T10", "a time such as"},
		{Date, "2026-11-22 10:00 CET", "a time such as"},
		{Date, "2026-02-30", "a date such as"},
		{Date, "2026-11-22T10:00:00.0001Z", "at most three digits after the seconds"},
		{ObjectID, "123", "24 hexadecimal digits"},
		{UUID, "xyz", "32 hexadecimal digits"},
		{Binary, "%%", "base64 such as"},
		{Binary, "SGVsbG8", "base64 such as"},
		{Binary, "04:AAAAAAAAAAAAAAAAAAAAAA==", "of type uuid"},
		{Regex, "abc", "between slashes"},
		{Regex, "/a/q", "options out of ilmsux"},
		{Timestamp, "5", "seconds:ordinal"},
		{Timestamp, "4294967296:0", "seconds:ordinal"},
		{Null, "nil", "the word null"},
		{Object, "[]", "expected type object, got type array"},
		{String, "\xff", "valid UTF-8"},
		{Kind("number"), "1", `unknown type "number" (available: string, int`},
	} {
		v, err := Parse(c.kind, c.typed)
		if err == nil {
			t.Errorf("Parse(%s, %q) = %s, want an error", c.kind, c.typed, Text(v))
			continue
		}
		if !strings.Contains(err.Error(), c.hint) {
			t.Errorf("Parse(%s, %q): error %q, want it to contain %q", c.kind, c.typed, err, c.hint)
		}
		if FaultKindOf(err) != InvalidInput {
			t.Errorf("Parse(%s, %q) is %q, want invalid input", c.kind, c.typed, FaultKindOf(err))
		}
	}
}

func FuzzTextParse(f *testing.F) {
	for seed := range uint64(64) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		g := newGenerator(seed)
		for range 30 {
			v := g.value(3)
			if len(UnencodableFields(documentWith(v))) > 0 {
				continue
			}
			back, err := Parse(KindOf(v), Text(v))
			if err != nil || !Identical(v, back) {
				t.Fatalf("%s %q was parsed as %q: %v", KindOf(v), Text(v), Text(back), err)
			}
		}
	})
}

// documentWith returns a document with the single field v.
func documentWith(v bson.RawValue) bson.Raw {
	b := newBuilder()
	b.add("v", v)
	return b.done()
}

func FuzzParse(f *testing.F) {
	f.Add(uint8(0), "1")
	f.Add(uint8(6), "2026-11-22")
	f.Add(uint8(13), "/a/i")
	f.Fuzz(func(t *testing.T, n uint8, text string) {
		kind := Kinds()[int(n)%len(Kinds())]
		v, err := Parse(kind, text)
		if err != nil {
			return
		}
		if KindOf(v) != kind {
			t.Fatalf("Parse(%s, %q) has kind %s", kind, text, KindOf(v))
		}
		if kind == String && Text(v) != text {
			t.Fatalf("the string %q was parsed as %q", text, Text(v))
		}
		if err := documentWith(v).Validate(); err != nil {
			t.Fatalf("Parse(%s, %q) returned invalid BSON: %v", kind, text, err)
		}
	})
}

func TestIdentical(t *testing.T) {
	nan := ValueOf(math.NaN())
	for _, c := range []struct {
		a, b      bson.RawValue
		identical bool
	}{
		{ValueOf(int32(1)), ValueOf(1.0), false},
		{ValueOf(int32(1)), ValueOf(int64(1)), false},
		{nan, value(t, `{"$numberDouble":"NaN"}`), true},
		{ValueOf(bson.D{{Key: "a", Value: nan}, {Key: "b", Value: 1}}), value(t, `{"a":{"$numberDouble":"NaN"},"b":1}`),
			true},
		{ValueOf(bson.D{{Key: "a", Value: nan}, {Key: "b", Value: 1}}), value(t, `{"a":{"$numberDouble":"NaN"},"b":2}`),
			false},
		{value(t, `{"a":1,"b":2}`), value(t, `{"b":2,"a":1}`), false},
		{value(t, `{"$numberDecimal":"1.0"}`), value(t, `{"$numberDecimal":"1.00"}`), false},
		{ValueOf(0.0), ValueOf(math.Copysign(0, -1)), false},
		{bson.RawValue{}, bson.RawValue{}, true},
		{bson.RawValue{}, ValueOf(nil), false},
	} {
		if got := Identical(c.a, c.b); got != c.identical {
			t.Errorf("Identical(%s, %s) = %v", Text(c.a), Text(c.b), got)
		}
	}
}

func TestPreview(t *testing.T) {
	long := strings.Repeat("é", 100_000)
	for _, c := range []struct {
		v    bson.RawValue
		want string
	}{
		{value(t, `{}`), "{0 fields}"},
		{value(t, `{"a":1}`), "{1 field}"},
		{value(t, `[1,2]`), "[2 items]"},
		{value(t, `"a\nb"`), "a\nb"},
		{value(t, `1.5`), "1.5"},
		{ValueOf(long), strings.Repeat("é", previewBytes/2) + "…"},
		{bson.RawValue{Type: bson.TypeString, Value: []byte{9}}, "malformed BSON of type 0x02"},
		{bson.RawValue{}, ""},
	} {
		if got := Preview(c.v); got != c.want {
			t.Errorf("Preview = %q, want %q", got, c.want)
		}
	}
}

func TestParseKind(t *testing.T) {
	for _, k := range Kinds() {
		if got, err := ParseKind(string(k)); err != nil || got != k {
			t.Errorf("ParseKind(%q) = %q, %v", k, got, err)
		}
	}
	if _, err := ParseKind("text"); err == nil || !strings.Contains(err.Error(), "objectId") {
		t.Errorf("ParseKind of an unknown name: %v", err)
	}
	if KindOf(bson.RawValue{}) != "" {
		t.Error("the zero value has a kind")
	}
}

func TestLacksTimeZone(t *testing.T) {
	for text, want := range map[string]bool{
		"2020-02-28": true, "2020-02-28 10:00": true, "2020-02-28T10:00:07.25": true,
		"2020-02-28 10:00Z": false, "2020-02-28 10:00 +01:00": false, "2020-02-28T10:00:00-0130": false,
		"1795341600000": false,
	} {
		if LacksTimeZone(text) != want {
			t.Errorf("LacksTimeZone(%q) = %v", text, !want)
		}
	}
}
