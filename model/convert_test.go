package model

import (
	"strings"
	"testing"
)

func TestConvert(t *testing.T) {
	for _, c := range []struct {
		from string // extended JSON
		to   Kind
		want string // canonical extended JSON; empty: no conversion
		lost string
	}{
		{`{"$numberDouble":"3.7"}`, Int, `{"$numberInt":"3"}`, "the fraction is lost"},
		{`{"$numberDouble":"-3.7"}`, Long, `{"$numberLong":"-3"}`, "the fraction is lost"},
		{`{"$numberDouble":"3.0"}`, Int, `{"$numberInt":"3"}`, ""},
		{`{"$numberLong":"9007199254740993"}`, Double, `{"$numberDouble":"9007199254740992.0"}`, "digits are lost"},
		{`{"$numberLong":"9007199254740993"}`, Int, ``, ""},
		{`{"$numberLong":"9007199254740993"}`, Decimal, `{"$numberDecimal":"9007199254740993"}`, ""},
		{`{"$numberDecimal":"0.1"}`, Double, `{"$numberDouble":"0.1"}`,
			"the decimal fraction becomes the nearest binary one"},
		{`{"$numberDouble":"0.1"}`, Decimal, `{"$numberDecimal":"0.1"}`, ""},
		{`{"$numberDouble":"NaN"}`, Int, ``, ""},
		{`{"$numberDouble":"NaN"}`, Decimal, `{"$numberDecimal":"NaN"}`, ""},
		{`"42"`, Int, `{"$numberInt":"42"}`, ""},
		{`"4.2"`, Int, `{"$numberInt":"4"}`, "the fraction is lost"},
		{`"1/2"`, Double, ``, ""}, {`"1e999999999"`, Double, ``, ""}, {`"many"`, Int, ``, ""},
		{`"0x10"`, Int, ``, ""}, {`"0b11"`, Long, ``, ""}, {`"1p3"`, Int, ``, ""}, {`"1_000"`, Double, ``, ""},
		{`"1_000"`, Decimal, ``, ""}, {`"0x1p-2"`, Double, ``, ""}, {`"inf"`, Double, ``, ""},
		{`"0.12345678901234567890123"`, Double, `{"$numberDouble":"0.12345678901234568"}`, "digits are lost"},
		{`"0.1"`, Double, `{"$numberDouble":"0.1"}`, ""}, {`"1e-400"`, Double, ``, ""}, {`"1e-99999"`, Double, ``, ""},
		{`"` + strings.Repeat("1", 120) + `"`, Double, `{"$numberDouble":"1.1111111111111112e119"}`, "digits are lost"},
		{`"` + strings.Repeat("1", 40) + `"`, Decimal, ``, ""},
		{`"Infinity"`, Double, `{"$numberDouble":"Infinity"}`, ""},
		{`{"$numberDecimal":"-0"}`, Double, `{"$numberDouble":"-0.0"}`, ""},
		{`"-0"`, Double, `{"$numberDouble":"-0.0"}`, ""},
		{`{"$numberDouble":"-0.0"}`, Int, `{"$numberInt":"0"}`, "the sign of zero is lost"},
		{`{"$numberDecimal":"0.1234567890123456789012"}`, Double, `{"$numberDouble":"0.12345678901234568"}`,
			"digits are lost"},
		{`"01067"`, Int, `{"$numberInt":"1067"}`, "leading zeros are lost"},
		{`"0.5"`, Double, `{"$numberDouble":"0.5"}`, ""},
		{`true`, Int, `{"$numberInt":"1"}`, ""},
		{`{"$numberInt":"7"}`, Bool, `true`, "the number is lost"},
		{`{"$numberInt":"0"}`, Bool, `false`, ""},
		{`"true"`, Bool, `true`, ""}, {`"yes"`, Bool, ``, ""},
		{`{"$numberInt":"7"}`, String, `"7"`, ""},
		{`{"$date":{"$numberLong":"1000"}}`, String, `"1970-01-01T00:00:01.000Z"`, ""},
		{`{"$date":{"$numberLong":"1500"}}`, Long, `{"$numberLong":"1500"}`, ""},
		{`{"$date":{"$numberLong":"1500"}}`, Timestamp, `{"$timestamp":{"t":1,"i":0}}`, "the milliseconds are lost"},
		{`{"$numberLong":"1500"}`, Date, `{"$date":{"$numberLong":"1500"}}`, ""},
		{`"1970-01-01T00:00:01Z"`, Date, `{"$date":{"$numberLong":"1000"}}`, ""},
		{`{"$oid":"000000010000000000000000"}`, Date, `{"$date":{"$numberLong":"1000"}}`, "all but the time is lost"},
		{`"000000010000000000000000"`, ObjectID, `{"$oid":"000000010000000000000000"}`, ""},
		{`["a","b","c"]`, String, `"[\"a\", \"b\", \"c\"]"`, ""},
		{`["7","b","c"]`, Int, `{"$numberInt":"7"}`, "2 items after the first are lost"},
		{`[]`, Int, ``, ""},
		{`["a"]`, Object, `{"0":"a"}`, ""}, {`"a"`, Object, `{"value":"a"}`, ""}, {`"a"`, Array, `["a"]`, ""},
		{`"a"`, Null, `null`, "the value is lost"}, {`null`, String, `""`, ""},
		{`{"a":{"$numberInt":"1"}}`, Date, ``, ""},
	} {
		v, ok := Path{"v"}.Lookup(document(t, `{"v":`+c.from+`}`))
		if !ok {
			t.Fatal(c.from)
		}
		got := Convert(v, c.to)
		if c.want == "" {
			if got.Reason == "" || !isAbsent(got.Value) {
				t.Errorf("%s to %s: %s, want no conversion", c.from, c.to, JSON(got.Value))
			}
			continue
		}
		want, _ := Path{"v"}.Lookup(document(t, `{"v":`+c.want+`}`))
		if !Identical(got.Value, want) || got.Lost != c.lost || KindOf(got.Value) != c.to {
			t.Errorf("%s to %s: %s, lost %q %s; want %s, lost %q", c.from, c.to, JSON(got.Value), got.Lost, got.Reason, c.want,
				c.lost)
		}
	}
}

// Every value becomes a value of the type, or there is a reason why not.
func TestConvertGenerated(t *testing.T) {
	for seed := range uint64(3000) {
		g := newGenerator(seed)
		v := g.value(2)
		for _, kind := range Kinds() {
			c := Convert(v, kind)
			switch {
			case c.Reason != "" && isAbsent(c.Value):
			case c.Reason != "" || !wellFormed(c.Value) || KindOf(c.Value) != kind:
				t.Fatalf("seed %d: %s %s to %s: %s %s %q", seed, KindOf(v), JSON(v), kind, KindOf(c.Value), JSON(c.Value),
					c.Reason)
			case c.Lost == "" && isNumeric(kind) && isNumeric(KindOf(v)) && KindOf(v) != kind:
				back := Convert(c.Value, KindOf(v))
				n, _ := numberOf(v)
				m, _ := numberOf(back.Value)
				if n != nil && (m == nil || n.Cmp(m) != 0) {
					t.Fatalf("seed %d: %s to %s loses something: %s", seed, JSON(v), kind, JSON(back.Value))
				}
			}
		}
	}
}

// A reason why there is no conversion does not repeat the value.
func TestReasonsOfConversionsAreShort(t *testing.T) {
	for _, text := range []string{`{"$numberDouble":"1e300"}`, `"1e300"`, `"` + strings.Repeat("9", 300) + `"`} {
		for _, kind := range []Kind{Int, Long, Decimal} {
			if c := Convert(value(t, text), kind); len(c.Reason) > 60 {
				t.Errorf("%s to %s: %s", text, kind, c.Reason)
			}
		}
	}
}
