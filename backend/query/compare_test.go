package query_test

import (
	"bytes"
	"math"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// ordered lists values in MongoDB's order; the values of one row are equal.
func ordered(t testing.TB) [][]any {
	dec := func(s string) bson.Decimal128 {
		d, err := bson.ParseDecimal128(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	return [][]any{
		{bson.MinKey{}}, {bson.Undefined{}}, {nil},
		{math.NaN(), dec("NaN")}, {math.Inf(-1), dec("-Infinity")}, {-1e300}, {int64(math.MinInt64), -math.Exp2(63)},
		{int64(math.MinInt64 + 1)}, {-1.5, dec("-1.50")}, {int32(-1), -1.0, dec("-1")},
		{-math.SmallestNonzeroFloat64}, {int32(0), int64(0), 0.0, math.Copysign(0, -1), dec("0"), dec("0E+10"), dec("-0")},
		{math.SmallestNonzeroFloat64}, {dec("0.1")}, {0.1}, {0.5, dec("0.5")},
		{int32(1), int64(1), 1.0, dec("1.00")}, {dec("1.000000000000000000000000000000001")}, {1 + 0x1p-52},
		{int32(10), 10.0, dec("1E+1")}, {int32(11)}, {int32(100), dec("1E2")},
		{int64(1 << 53), float64(1 << 53)}, {int64(1<<53 + 1)}, {int64(math.MaxInt64)},
		{math.Exp2(63), dec("9223372036854775808")}, {1e300}, {dec("1E+6000")}, {math.Inf(1), dec("Infinity")},
		{""}, {"a", bson.Symbol("a")}, {"a\x00"}, {"a\x00b"}, {"a\x01"}, {"aa"}, {"b"}, {"ż"},
		{bson.D{}}, {bson.D{{Key: "a", Value: nil}}}, {bson.D{{Key: "a", Value: int32(1)}}, bson.D{{Key: "a", Value: 1.0}}},
		{bson.D{{Key: "a", Value: int32(1)}, {Key: "b", Value: int32(0)}}}, {bson.D{{Key: "b", Value: int32(0)}}},
		{bson.D{{Key: "a", Value: "x"}}},
		{bson.A{}}, {bson.A{int32(1)}}, {bson.A{int32(1), int32(2)}}, {bson.A{int32(2)}}, {bson.A{"a"}},
		{bson.Binary{Data: []byte{9}}}, {bson.Binary{Subtype: 4, Data: []byte{1}}}, {bson.Binary{Data: []byte{0, 0}}},
		{bson.ObjectID{1}}, {bson.ObjectID{2}}, {false}, {true}, {bson.DateTime(-5)}, {bson.DateTime(0)}, {bson.DateTime(5)},
		{bson.Timestamp{T: 1, I: 9}}, {bson.Timestamp{T: 2}}, {bson.Regex{Pattern: "a"}},
		{bson.Regex{Pattern: "a", Options: "i"}}, {bson.Regex{Pattern: "b"}},
		{bson.DBPointer{DB: "a"}}, {bson.DBPointer{DB: "b"}}, {bson.JavaScript("x")}, {bson.JavaScript("y")},
		{bson.CodeWithScope{Code: "x", Scope: bson.D{}}}, {bson.MaxKey{}},
	}
}

func TestCompareAndKeysAgree(t *testing.T) {
	rows := ordered(t)
	for i, row := range rows {
		for j, other := range rows {
			for _, a := range row {
				for _, b := range other {
					want := 0
					if i < j {
						want = -1
					} else if i > j {
						want = 1
					}
					if got := query.Compare(a, b); got != want {
						t.Errorf("Compare(%v, %v) = %d, want %d", a, b, got, want)
					}
					x, y := query.AppendKey(nil, a, false), query.AppendKey(nil, b, false)
					if got := bytes.Compare(x, y); got != want {
						t.Errorf("keys of %T %v and %T %v compare %d, want %d", a, a, b, b, got, want)
					}
					x, y = query.AppendKey(nil, a, true), query.AppendKey(nil, b, true)
					if got := bytes.Compare(x, y); got != -want {
						t.Errorf("descending keys of %v and %v compare %d, want %d", a, b, got, -want)
					}
					if want != 0 && (bytes.HasPrefix(x, y) || bytes.HasPrefix(y, x)) {
						t.Errorf("the key of %v is the beginning of the key of %v", a, b)
					}
				}
			}
		}
	}
}

func TestEveryTypeSurvivesDecodeAndEncode(t *testing.T) {
	doc := bson.D{{Key: "dup", Value: int32(1)}, {Key: "dup", Value: int32(2)},
		{Key: "", Value: bson.CodeWithScope{Code: "y", Scope: bson.D{{Key: "a", Value: int32(1)}}}}}
	for _, row := range ordered(t) {
		for _, v := range row {
			doc = append(doc, bson.E{Key: "a.b", Value: v}, bson.E{Key: "$l", Value: bson.A{v, bson.A{v}}})
		}
	}
	raw, err := bson.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := query.Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	back, err := query.Encode(tree)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(raw, back) {
		t.Error("the bytes are not the same")
	}
}

func TestIndexKeys(t *testing.T) {
	for _, c := range []struct {
		doc               string
		paths             []string
		want              string
		multikey, present bool
	}{
		{`{"a": 1}`, []string{"a"}, `[[1]]`, false, true},
		{`{}`, []string{"a"}, `[[null]]`, false, false},
		{`{"a": [1, 2]}`, []string{"a"}, `[[1], [2]]`, true, true},
		{`{"a": []}`, []string{"a"}, `[[{"$undefined": true}]]`, true, true},
		{`{"a": [{"b": 1}, {"b": 2}, 7]}`, []string{"a.b"}, `[[1], [2], [null]]`, true, true},
		{`{"a": [{"b": 1, "c": 5}, {"b": 2}]}`, []string{"a.b", "a.c"}, `[[1, 5], [2, null]]`, true, true},
		{`{"a": [1, 2], "b": 9}`, []string{"b", "a"}, `[[9, 1], [9, 2]]`, true, true},
		{`{"a": [7, 8]}`, []string{"a.1"}, `[[8]]`, false, true},
		{`{"a": {"b": {"c": 1}}}`, []string{"a.b.c", "a.x"}, `[[1, null]]`, false, true},
	} {
		keys, multikey, present, err := query.IndexKeys(read(t, c.doc), c.paths)
		if err != nil {
			t.Errorf("%s: %v", c.doc, err)
			continue
		}
		got := bson.A{}
		for _, k := range keys {
			got = append(got, bson.A(k))
		}
		same(t, c.doc, bson.D{{Key: "keys", Value: got}}, `{"keys": `+c.want+`}`)
		if multikey != c.multikey || present != c.present {
			t.Errorf("%s: multikey %v present %v", c.doc, multikey, present)
		}
	}
	_, _, _, err := query.IndexKeys(read(t, `{"a": [1, 2], "b": [3]}`), []string{"a", "b"})
	wantCode(t, "two arrays side by side", err, 171)
}
