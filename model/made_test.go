package model

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// made makes values of every kind out of a seed: the same seed, the same values.
type made struct{ *rand.Rand }

func newMade(seed uint64) made { return made{rand.New(rand.NewPCG(seed, 7))} }

func pick[T any](m made, of ...T) T { return of[m.IntN(len(of))] }

func (m made) text() string {
	runes := []rune("aZ09 _-.$:=\\\"'/{}[]<>&é漢👍\u200d\ufe0f\u202e\t\n\r\x1b\x00\u0085\u2028\ufffd\U000e0041")
	var b strings.Builder
	for range m.IntN(8) {
		b.WriteRune(pick(m, runes...))
	}
	return b.String()
}

func (m made) key() string { return strings.ReplaceAll(m.text(), "\x00", "") }

func (m made) scalar() bson.RawValue {
	var id bson.ObjectID
	data := make([]byte, m.IntN(20))
	for i := range data {
		data[i] = byte(m.Uint32())
		id[i%12] = data[i]
	}
	switch m.IntN(19) {
	case 0:
		return ValueOf(pick(m, 0, 1, -1.5, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), 1e21, 1e-7, 123456789, math.MaxFloat64, m.NormFloat64()))
	case 1:
		return ValueOf(bson.Binary{Subtype: pick[byte](m, 0, 2, 3, 5, 0x80), Data: data})
	case 2:
		return ValueOf(bson.Binary{Subtype: 4, Data: append(data, make([]byte, 16)...)[:16]})
	case 3:
		return ValueOf(bson.Undefined{})
	case 4:
		return ValueOf(id)
	case 5:
		return ValueOf(m.IntN(2) == 0)
	case 6:
		return ValueOf(bson.DateTime(pick(m, 0, -1, 1795341600000, lastDate, lastDate+1, firstDate, firstDate-1, math.MaxInt64, math.MinInt64)))
	case 7:
		return ValueOf(nil)
	case 8:
		return regexValue(m.key(), pick(m, "", "i", "xsmi", "weird/"))
	case 9:
		return ValueOf(bson.DBPointer{DB: m.text(), Pointer: id})
	case 10:
		return ValueOf(bson.JavaScript(m.text()))
	case 11:
		return ValueOf(bson.Symbol(m.text()))
	case 12:
		return codeValue(m.text(), m.object(2))
	case 13:
		return ValueOf(pick(m, int32(0), -1, math.MaxInt32, math.MinInt32))
	case 14:
		return ValueOf(bson.Timestamp{T: m.Uint32(), I: m.Uint32()})
	case 15:
		return ValueOf(pick(m, int64(0), -1, math.MaxInt64, math.MinInt64, 1<<53+1))
	case 16:
		d, _ := bson.ParseDecimal128(pick(m, "0", "-0", "1.50", "NaN", "Infinity", "-Infinity", "1E+6111", "1E-6176", "9999999999999999999999999999999999", "-0E-3"))
		return ValueOf(d)
	case 17:
		return pick(m, ValueOf(bson.MinKey{}), ValueOf(bson.MaxKey{}))
	}
	return ValueOf(m.text())
}

func (m made) value(depth int) bson.RawValue {
	switch m.IntN(5) {
	case 0:
		if depth > 0 {
			return m.object(depth - 1)
		}
	case 1:
		if depth > 0 {
			return m.array(depth - 1)
		}
	}
	return m.scalar()
}

// object has keys that differ from each other and are no wrapper's.
func (m made) object(depth int) bson.RawValue {
	b, used := newBuilder(), map[string]bool{}
	for range m.IntN(5) {
		if key := m.key(); !used[key] {
			used[key] = true
			b.add(key, m.value(depth))
		}
	}
	return b.value(bson.TypeEmbeddedDocument)
}

func (m made) array(depth int) bson.RawValue {
	var items []bson.RawValue
	for range m.IntN(4) {
		items = append(items, m.value(depth))
	}
	if items == nil {
		items = []bson.RawValue{}
	}
	return ValueOf(items)
}

// document makes a document out of extended JSON.
func document(t testing.TB, text string) bson.Raw {
	t.Helper()
	doc, err := ParseDocument(text)
	if err != nil {
		t.Fatalf("document of the test: %v", err)
	}
	return doc
}

func path(t testing.TB, text string) Path {
	t.Helper()
	p, err := ParsePath(text)
	if err != nil {
		t.Fatalf("path of the test: %v", err)
	}
	return p
}

func value(t testing.TB, text string) bson.RawValue {
	t.Helper()
	v, err := ParseJSON(text)
	if err != nil {
		t.Fatalf("value of the test: %v", err)
	}
	return v
}
