package query_test

import (
	"strings"
	"testing"

	"dossier/backend/query"
)

func TestMatch(t *testing.T) {
	const doc = `{"_id": 1, "n": 5, "f": 2.5, "s": "Hello\nWorld", "z": null, "b": true, "big": {"$numberLong": "9007199254740993"},
		"dec": {"$numberDecimal": "1.50"}, "nan": {"$numberDouble": "NaN"}, "d": {"$date": "2024-01-01T00:00:00Z"},
		"a": [1, 5, 9], "e": [], "nn": [[1, 2], [3]], "o": {"x": 1, "y": "q"},
		"l": [{"k": 1, "v": [1, 2]}, {"k": 2}, {"k": 3, "v": [9]}], "m": [1, null, {"k": null}], "min": {"$minKey": 1}}`
	yes := []string{
		`{}`, `{"n": 5}`, `{"n": 5.0}`, `{"n": {"$numberDecimal": "5"}}`, `{"dec": 1.5}`, `{"n": {"$gt": 2, "$lt": 6}}`,
		`{"n": {"$ne": 4}}`,
		`{"n": {"$in": [1, 5]}}`, `{"n": {"$nin": [1, 2]}}`, `{"missing": null}`, `{"z": null}`, `{"z": {"$exists": true}}`,
		`{"missing": {"$exists": false}}`, `{"n": {"$type": "int"}}`, `{"n": {"$type": 16}}`, `{"n": {"$type": "number"}}`,
		`{"f": {"$type": ["string", "double"]}}`,
		`{"a": 5}`, `{"a": [1, 5, 9]}`, `{"a": {"$type": "array"}}`, `{"a": {"$type": "int"}}`, `{"a": {"$size": 3}}`,
		`{"e": {"$size": 0}}`, `{"a.1": 5}`,
		`{"a": {"$gt": 8}}`, `{"a": {"$gt": 4, "$lt": 2}}`, `{"a": {"$elemMatch": {"$gt": 4, "$lt": 6}}}`,
		`{"a": {"$all": [1, 9]}}`, `{"a": {"$not": {"$gt": 9}}}`,
		`{"nn": [1, 2]}`, `{"nn.0": [1, 2]}`, `{"nn.0.0": 1}`, `{"nn.0": {"$size": 2}}`, `{"nn.0": {"$ne": 1}}`,
		`{"l.0.v": 1}`, `{"nn": {"$elemMatch": {"$elemMatch": {"$eq": 3}}}}`, `{"o": {"x": 1, "y": "q"}}`, `{"o.x": 1}`,
		`{"o.missing": null}`, `{"n.x": null}`,
		`{"l.k": 2}`, `{"l.v": 9}`, `{"l.v": null}`, `{"l.1.k": 2}`, `{"l": {"$elemMatch": {"k": 1, "v": 2}}}`,
		`{"l.v": {"$size": 1}}`,
		`{"m": null}`, `{"m.k": null}`, `{"s": {"$regex": "^hello", "$options": "i"}}`,
		`{"s": {"$regularExpression": {"pattern": "^World$", "options": "m"}}}`,
		`{"s": {"$in": [{"$regularExpression": {"pattern": "o.W", "options": "s"}}]}}`,
		`{"s": {"$not": {"$regularExpression": {"pattern": "xyz", "options": ""}}}}`,
		`{"n": {"$mod": [4, 1]}}`, `{"n": {"$bitsAllSet": 5}}`, `{"n": {"$bitsAnyClear": [1]}}`,
		`{"$or": [{"n": 1}, {"n": 5}]}`, `{"$nor": [{"n": 1}, {"n": 2}]}`,
		`{"$and": [{"n": 5}, {"b": true}]}`, `{"n": 5, "$comment": "why"}`, `{"nan": {"$numberDouble": "NaN"}}`,
		`{"nan": {"$gte": {"$numberDouble": "NaN"}}}`,
		`{"big": {"$gt": 9007199254740992.0}}`, `{"d": {"$lt": {"$date": "2024-01-02T00:00:00Z"}}}`,
		`{"min": {"$minKey": 1}}`, `{"n": {"$gt": {"$minKey": 1}}}`,
		`{"$expr": {"$gt": ["$n", "$f"]}}`, `{"$expr": {"$eq": [{"$size": "$a"}, 3]}}`,
		`{"$jsonSchema": {"required": ["n"], "properties": {"n": {"bsonType": "int", "minimum": 5}, "a": {"items": {"bsonType": "int"}}}}}`,
	}
	no := []string{
		`{"n": 6}`, `{"n": "5"}`, `{"n": {"$gt": "a"}}`, `{"n": {"$gt": 5}}`, `{"n": null}`, `{"z": {"$exists": false}}`,
		`{"a": {"$size": 2}}`, `{"a": [1, 5]}`,
		`{"a": {"$elemMatch": {"$gt": 5, "$lt": 9}}}`, `{"a": {"$ne": 5}}`, `{"a": {"$nin": [9]}}`, `{"nn": 1}`,
		`{"nn.0": 1}`, `{"o": {"y": "q", "x": 1}}`, `{"e": null}`, `{"e.x": null}`,
		`{"a.x": null}`, `{"l": {"$elemMatch": {"k": 2, "v": 2}}}`, `{"s": {"$regex": "^world"}}`, `{"n": {"$mod": [4, 0]}}`,
		`{"nan": {"$lt": 5}}`, `{"big": 9007199254740992.0}`,
		`{"a": {"$all": []}}`, `{"b": 1}`, `{"$expr": {"$lt": ["$n", "$f"]}}`,
		`{"$jsonSchema": {"properties": {"n": {"maximum": 4}}}}`, `{"$nor": [{"n": 5}]}`,
		`{"missing": {"$type": "null"}}`, `{"n": {"$lt": null}}`, `{"missing": {"$gt": 1}}`,
	}
	for want, filters := range map[bool][]string{true: yes, false: no} {
		for _, filter := range filters {
			f, err := query.ParseFilter(read(t, filter), env())
			if err != nil {
				t.Errorf("%s: %v", filter, err)
				continue
			}
			if f.Match(read(t, doc)) != want {
				t.Errorf("%s: match is %v", filter, !want)
			}
		}
	}
}

func TestFilterErrors(t *testing.T) {
	for filter, want := range map[string]struct {
		code int32
		text string
	}{
		`{"n": {"$foo": 1}}`:                      {2, "unknown operator: $foo"},
		`{"$foo": 1}`:                             {2, "unknown top level operator: $foo"},
		`{"$where": "1"}`:                         {2, "$where"},
		`{"n": {"$in": 1}}`:                       {2, "$in needs an array"},
		`{"n": {"$in": [{"$gt": 1}]}}`:            {2, "cannot nest $ under $in"},
		`{"$or": []}`:                             {2, "nonempty array"},
		`{"$or": 1}`:                              {2, "must be an array"},
		`{"n": {"$not": 1}}`:                      {2, "$not needs a regex or a document"},
		`{"n": {"$not": {}}}`:                     {2, "$not cannot be empty"},
		`{"n": {"$mod": [0, 1]}}`:                 {2, "divisor cannot be 0"},
		`{"n": {"$size": -1}}`:                    {2, "non-negative"},
		`{"n": {"$type": "integer"}}`:             {2, "Unknown type name alias: integer"},
		`{"n": {"$regex": "("}}`:                  {51091, "Regular expression is invalid"},
		`{"n": {"$regex": "(?=a)"}}`:              {51091, "Regular expression is invalid"},
		`{"n": {"$regex": "a", "$options": "q"}}`: {51108, "invalid flag"},
		`{"n": {"$options": "i"}}`:                {2, "$options needs a $regex"},
		`{"n": {"$near": [1, 2]}}`:                {2, "$near is not supported"},
		`{"$expr": {"$foo": 1}}`:                  {168, "Unrecognized expression '$foo'"},
		`{"$jsonSchema": {"foo": 1}}`:             {9, "Unknown $jsonSchema keyword: foo"},
		`{"n": {"$elemMatch": 1}}`:                {2, "$elemMatch needs an Object"},
		`{"n": {"$gt": {"$undefined": true}}}`:    {2, "cannot compare to undefined"},
	} {
		_, err := query.ParseFilter(read(t, filter), env())
		wantCode(t, filter, err, want.code)
		if err != nil && !strings.Contains(err.Error(), want.text) {
			t.Errorf("%s: %q does not say %q", filter, err, want.text)
		}
	}
}

func TestPredicatesAreNecessary(t *testing.T) {
	f, err := query.ParseFilter(read(t, `{"a": 1, "b": {"$gt": 2, "$in": [3, 4]}, "$or": [{"c": 1}, {"c": 2}], "$and": [{"d": {"$regex": "^ab"}}], "e": {"$not": {"$gt": 1}}}`), env())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range f.Predicates() {
		got = append(got, p.Path+p.Op)
	}
	if want := "a$eq b$gt b$in d$regex"; strings.Join(got, " ") != want {
		t.Errorf("got %v want %s", got, want)
	}
}
