package query_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// MatchStored agrees with Match wherever it knows the result, and knows it for plain values.
func TestMatchStoredAgreesWithMatch(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	pick := func(list ...string) string { return list[random.IntN(len(list))] }
	value := func() string {
		return pick("1", "2", "-3", `{"$numberLong": "2"}`, `{"$numberLong": "9007199254740993"}`, "2.0", "2.5", "-0.0",
			`{"$numberDouble": "NaN"}`, `{"$numberDouble": "Infinity"}`, `{"$numberDecimal": "2"}`, `"a"`, `"ab"`, `"a\u0000b"`,
			`""`, `{"$symbol": "a"}`, "null", "true", "false", `{"$oid": "507f1f77bcf86cd799439011"}`,
			`{"$oid": "507f1f77bcf86cd799439012"}`, `{"$date": "2024-01-01T00:00:00Z"}`, `{"$date": "1960-01-01T00:00:00Z"}`,
			`[1, 2]`, `["a"]`, `[]`, `{"x": 1}`, `{"$minKey": 1}`, `{"$maxKey": 1}`, `{"$undefined": true}`)
	}
	known := 0
	for range 40000 {
		doc := decode(t, fmt.Sprintf(`{"a": %s, "b": %s, "a": %s}`, value(), value(), value()))
		if random.IntN(5) == 0 {
			doc = doc[1:2]
		}
		var conditions []string
		for range 1 + random.IntN(2) {
			field, op := pick("a", "b", "c"), pick("$eq", "$gt", "$gte", "$lt", "$lte")
			conditions = append(conditions, pick(fmt.Sprintf(`%q: %s`, field, value()),
				fmt.Sprintf(`%q: {%q: %s}`, field, op, value()), fmt.Sprintf(`%q: {%q: %s, "$lt": %s}`, field, op, value(), value())))
		}
		text := "{" + strings.Join(conditions, ", ") + "}"
		f, err := query.ParseFilter(decode(t, text), query.Env{})
		if err != nil {
			continue
		}
		raw, err := query.Encode(doc)
		if err != nil {
			t.Fatal(err)
		}
		stored, ok := f.MatchStored(raw)
		if !ok {
			continue
		}
		known++
		tree, err := query.Decode(raw)
		if err != nil {
			t.Fatal(err)
		}
		if match, at := f.MatchAt(tree); match != stored || match && at >= 0 {
			t.Fatalf("%s on %v: MatchStored %v, MatchAt %v, %d", text, doc, stored, match, at)
		}
	}
	if known < 5000 {
		t.Errorf("only %d results were known", known)
	}
}

func decode(t *testing.T, json string) bson.D {
	t.Helper()
	var d bson.D
	if err := bson.UnmarshalExtJSON([]byte(json), false, &d); err != nil {
		t.Fatalf("%s: %v", json, err)
	}
	return d
}
