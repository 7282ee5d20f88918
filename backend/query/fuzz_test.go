package query_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// bytesOf encodes extended JSON as BSON for a corpus.
func bytesOf(f *testing.F, json string) []byte {
	var raw bson.Raw
	if err := bson.UnmarshalExtJSON([]byte(json), false, &raw); err != nil {
		f.Fatal(err)
	}
	return raw
}

// FuzzDecode checks that any input is either rejected or decoded to a tree that encodes, compares with itself and has a
// key.
func FuzzDecode(f *testing.F) {
	f.Add(bytesOf(f, `{"a": 1, "b": {"c": [1, "x", null, {"$numberDecimal": "1.5"}]}, "d": {"$code": "x", "$scope": {"y": 1}}, "e": {"$binary": {"base64": "AQID", "subType": "00"}}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		tree, err := query.Decode(b)
		if err != nil {
			return
		}
		again, err := query.Encode(tree)
		if err != nil {
			t.Fatalf("decoded but does not encode: %v", err)
		}
		back, err := query.Decode(again)
		if err != nil || query.Compare(tree, back) != 0 {
			t.Fatalf("not the same after encoding: %v", err)
		}
		if !bytes.Equal(query.AppendKey(nil, tree, false), query.AppendKey(nil, back, false)) {
			t.Fatal("equal documents with different keys")
		}
	})
}

// generator builds documents from fuzzer input: field names, operators, values of every type.
type generator struct{ b []byte }

func (m *generator) next(n int) int {
	if len(m.b) == 0 {
		return 0
	}
	c := int(m.b[0])
	m.b = m.b[1:]
	return c % n
}

func (m *generator) document(names []string, depth int) bson.D {
	d := bson.D{}
	for range m.next(4) {
		d = append(d, bson.E{Key: names[m.next(len(names))], Value: m.value(depth + 1)})
	}
	return d
}

func (m *generator) value(depth int) any {
	if kind := m.next(10); kind < 3 && depth < 6 {
		return m.document(words(), depth)
	} else if kind < 5 && depth < 6 {
		a := bson.A{}
		for range m.next(4) {
			a = append(a, m.value(depth+1))
		}
		return a
	}
	values := []any{
		int32(1), int32(-1), int64(1 << 62), 1.5, math.NaN(), math.Inf(1), "a", "$a", "$$ROOT", "$$this", "$$KEEP", "^a", "",
		"i", "int", "or", true, false, nil,
		bson.DateTime(5), bson.ObjectID{1}, bson.Regex{Pattern: "^a", Options: "i"}, bson.Binary{Data: []byte{1}},
		bson.MinKey{}, bson.MaxKey{}, bson.Undefined{},
		bson.Timestamp{T: 1}, bson.NewDecimal128(0x3040000000000000, 15), bson.JavaScript("x"), bson.Symbol("a"),
		bson.DBPointer{DB: "d"},
		bson.CodeWithScope{Code: "x", Scope: bson.D{}}, int32(0), int32(2), "$o.x", "b.$", "a.$[]",
	}
	return values[m.next(len(values))]
}

// words are the keys of generated documents.
func words() []string {
	return strings.Fields(`
		_id a b a.b a.0 o o.x a.$ a.$[] a.$[e] e e.a k v $set $unset $inc $mul $min $max $rename $setOnInsert
		$currentDate $push $addToSet $pop $pull $pullAll $bit $each $slice $sort $position and or xor $type $eq $ne
		$gt $gte $lt $lte $in $nin $not $and $or $nor $exists $regex $options $mod $size $all $elemMatch $expr
		$jsonSchema $comment $bitsAllSet $bitsAnyClear required properties bsonType items enum minimum allOf not
		pattern additionalProperties dependencies $match $group $project $addFields $unwind $count $limit $skip
		$replaceRoot newRoot $sortByCount $facet $sample size $redact $sum $avg $first $last $mergeObjects $add
		$subtract $multiply $divide $round $pow $abs $cond if then else $switch branches case default $ifNull $let
		vars in $map input as $filter cond $reduce initialValue $concat $toUpper $substrCP $split $indexOfCP $trim
		$replaceAll find replacement $regexMatch regex $toString $toInt $toDate $convert to onError $dateToString date
		format $arrayElemAt $concatArrays $reverseArray $range $setUnion $setDifference $objectToArray $arrayToObject
		$getField $setField $unsetField $literal $sortArray sortBy path includeArrayIndex preserveNullAndEmptyArrays`)
}

// FuzzQuery checks that a filter, update, projection or pipeline of any shape never panics, never changes its input
// document, and returns only values that BSON can encode.
func FuzzQuery(f *testing.F) {
	f.Add([]byte("\x02\x00\x05\x01\x02"), []byte("\x01\x0e\x00\x01\x02\x05\x06"))
	f.Add([]byte("\x03\x01\x03\x03\x02\x05\x01"), []byte("\x02\x50\x00\x02\x03\x05\x09"))
	f.Fuzz(try)
}

// The same checks with pseudo-random input from a fixed seed.
func TestQueryRandomInput(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 5000 {
		a, b := make([]byte, 40), make([]byte, 60)
		for i := range b {
			a[i%40], b[i] = byte(random.Uint32()), byte(random.Uint32())
		}
		try(t, a, b)
	}
}

// try applies every operation of the package to a document built from a with an operator document built from b.
func try(t *testing.T, a, b []byte) {
	names := strings.Fields("_id a b o e k v")
	doc := tree(t, (&generator{a}).document(names, 0))
	m := &generator{b}
	operation := tree(t, m.document(words(), 0))
	filters := bson.A{tree(t, m.document(names, 4))}
	before := query.AppendKey(nil, doc, false)
	at := -1
	if filter, err := query.ParseFilter(operation, env()); err == nil {
		_, at = filter.MatchAt(doc)
	}
	for _, list := range []bson.A{nil, filters} {
		if update, err := query.ParseUpdate(operation, list, env()); err == nil {
			after, err := update.Apply(doc, at)
			encodes(t, after, err)
		}
	}
	if p, err := query.ParseProjection(operation, env()); err == nil {
		out, err := p.Apply(doc, at)
		encodes(t, out, err)
	}
	runStage(t, doc, operation)
	if !bytes.Equal(before, query.AppendKey(nil, doc, false)) {
		t.Fatalf("%v changed the document itself", operation)
	}
}

// tree decodes a document.
func tree(t *testing.T, d bson.D) bson.D {
	raw, err := query.Encode(d)
	if err != nil {
		t.Fatal(err)
	}
	out, err := query.Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func encodes(t *testing.T, d bson.D, err error) {
	if err != nil {
		return
	}
	if _, err := query.Encode(d); err != nil {
		t.Fatalf("made what does not encode: %v", err)
	}
}

func runStage(t *testing.T, doc, operation bson.D) {
	p, err := query.ParsePipeline(bson.A{operation}, env())
	if err != nil {
		return
	}
	for out, err := range p.Run(func(yield func(bson.D, error) bool) { yield(doc, nil) }) {
		if err != nil {
			return
		}
		encodes(t, out, nil)
	}
}
