package model

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// generator generates values of all kinds; the same seed generates the same values.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) generator { return generator{rand.New(rand.NewPCG(seed, 7))} }

func oneOf[T any](g generator, of ...T) T { return of[g.IntN(len(of))] }

func (g generator) text() string {
	runes := []rune("aZ09 _-.$:=\\\"'/{}[]<>&é漢👍\u200d\ufe0f\u202e\t\n\r\x1b\x00\u0085\u2028\ufffd\U000e0041")
	var b strings.Builder
	for range g.IntN(8) {
		b.WriteRune(oneOf(g, runes...))
	}
	return b.String()
}

func (g generator) key() string { return strings.ReplaceAll(g.text(), "\x00", "") }

func (g generator) scalar() bson.RawValue {
	var id bson.ObjectID
	data := make([]byte, g.IntN(20))
	for i := range data {
		data[i] = byte(g.Uint32())
		id[i%12] = data[i]
	}
	switch g.IntN(19) {
	case 0:
		return ValueOf(oneOf(g, 0, 1, -1.5, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), 1e21, 1e-7,
			123456789,
			math.MaxFloat64, g.NormFloat64()))
	case 1:
		return ValueOf(bson.Binary{Subtype: oneOf[byte](g, 0, 2, 3, 5, 0x80), Data: data})
	case 2:
		return ValueOf(bson.Binary{Subtype: 4, Data: append(data, make([]byte, 16)...)[:16]})
	case 3:
		return ValueOf(bson.Undefined{})
	case 4:
		return ValueOf(id)
	case 5:
		return ValueOf(g.IntN(2) == 0)
	case 6:
		return ValueOf(bson.DateTime(oneOf(g, 0, -1, 1795341600000, lastDate, lastDate+1, firstDate, firstDate-1,
			math.MaxInt64, math.MinInt64)))
	case 7:
		return ValueOf(nil)
	case 8:
		return regexValue(g.key(), oneOf(g, "", "i", "xsmi", "weird/"))
	case 9:
		return ValueOf(bson.DBPointer{DB: g.text(), Pointer: id})
	case 10:
		return ValueOf(bson.JavaScript(g.text()))
	case 11:
		return ValueOf(bson.Symbol(g.text()))
	case 12:
		return codeValue(g.text(), g.object(2))
	case 13:
		return ValueOf(oneOf(g, int32(0), -1, math.MaxInt32, math.MinInt32))
	case 14:
		return ValueOf(bson.Timestamp{T: g.Uint32(), I: g.Uint32()})
	case 15:
		return ValueOf(oneOf(g, int64(0), -1, math.MaxInt64, math.MinInt64, 1<<53+1))
	case 16:
		d, _ := bson.ParseDecimal128(oneOf(g, "0", "-0", "1.50", "NaN", "Infinity", "-Infinity", "1E+6111", "1E-6176",
			"9999999999999999999999999999999999", "-0E-3"))
		return ValueOf(d)
	case 17:
		return oneOf(g, ValueOf(bson.MinKey{}), ValueOf(bson.MaxKey{}))
	}
	return ValueOf(g.text())
}

func (g generator) value(depth int) bson.RawValue {
	switch g.IntN(5) {
	case 0:
		if depth > 0 {
			return g.object(depth - 1)
		}
	case 1:
		if depth > 0 {
			return g.array(depth - 1)
		}
	}
	return g.scalar()
}

// object returns an object with distinct keys.
func (g generator) object(depth int) bson.RawValue {
	b, used := newBuilder(), map[string]bool{}
	for range g.IntN(5) {
		if key := g.key(); !used[key] {
			used[key] = true
			b.add(key, g.value(depth))
		}
	}
	return b.value(bson.TypeEmbeddedDocument)
}

func (g generator) array(depth int) bson.RawValue {
	var items []bson.RawValue
	for range g.IntN(4) {
		items = append(items, g.value(depth))
	}
	if items == nil {
		items = []bson.RawValue{}
	}
	return ValueOf(items)
}

// document parses extended JSON.
func document(t testing.TB, text string) bson.Raw {
	t.Helper()
	doc, err := ParseDocument(text)
	if err != nil {
		t.Fatalf("test document: %v", err)
	}
	return doc
}

func path(t testing.TB, text string) Path {
	t.Helper()
	p, err := ParsePath(text)
	if err != nil {
		t.Fatalf("test path: %v", err)
	}
	return p
}

func value(t testing.TB, text string) bson.RawValue {
	t.Helper()
	v, err := ParseJSON(text)
	if err != nil {
		t.Fatalf("test value: %v", err)
	}
	return v
}
