package query_test

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

func TestProjection(t *testing.T) {
	const doc = `{"_id": 1, "a": 1, "b": {"x": 1, "y": 2}, "l": [{"k": 1, "v": 1}, {"k": 2, "v": 2}, 7], "n": [1, 2, 3]}`
	for spec, want := range map[string]string{
		`{"a": 1}`:                                  `{"_id": 1, "a": 1}`,
		`{"b.y": 1, "_id": 0}`:                      `{"b": {"y": 2}}`,
		`{"b": {"y": 1}, "a": true, "_id": 0}`:      `{"a": 1, "b": {"y": 2}}`,
		`{"b": 0, "l": 0, "n": 0}`:                  `{"_id": 1, "a": 1}`,
		`{"b.x": 0, "l.k": 0, "n": 0}`:              `{"_id": 1, "a": 1, "b": {"y": 2}, "l": [{"v": 1}, {"v": 2}, 7]}`,
		`{"l.k": 1, "_id": 0}`:                      `{"l": [{"k": 1}, {"k": 2}]}`,
		`{"_id": 1}`:                                `{"_id": 1}`,
		`{"n": {"$slice": 2}, "l": 0, "b": 0}`:      `{"_id": 1, "a": 1, "n": [1, 2]}`,
		`{"n": {"$slice": [-2, 1]}, "_id": 1}`:      `{"_id": 1, "n": [2]}`,
		`{"l": {"$elemMatch": {"k": 2}}, "a": 1}`:   `{"_id": 1, "a": 1, "l": [{"k": 2, "v": 2}]}`,
		`{"n.$": 1}`:                                `{"_id": 1, "n": [2]}`,
		`{"s": {"$add": ["$a", "$b.y"]}, "_id": 0}`: `{"s": 3}`,
		`{"b.z": {"$literal": 5}, "_id": 0}`:        `{"b": {"z": 5}}`,
	} {
		p, err := query.ParseProjection(read(t, spec), env())
		if err != nil {
			t.Errorf("%s: %v", spec, err)
			continue
		}
		got, err := p.Apply(read(t, doc), 1)
		if err != nil {
			t.Errorf("%s: %v", spec, err)
			continue
		}
		same(t, spec, got, want)
	}
	for spec, code := range map[string]int32{
		`{"a": 1, "b": 0}`: 31254, `{"a": 0, "b": 1}`: 31253, `{"a": 1, "a.b": 1}`: 31249, `{"a.b": 1, "a": 1}`: 31250,
		`{"a": {}}`: 51270, `{"a": {"$foo": 1}}`: 168,
	} {
		_, err := query.ParseProjection(read(t, spec), env())
		wantCode(t, spec, err, code)
	}
}

func TestSort(t *testing.T) {
	docs := []string{`{"v": [3, 9]}`, `{"v": 5}`, `{}`, `{"v": "a"}`, `{"v": []}`, `{"v": [1, 20]}`, `{"v": null}`}
	for spec, want := range map[string][]int{`{"v": 1}`: {4, 2, 6, 5, 0, 1, 3}, `{"v": -1}`: {3, 5, 0, 1, 2, 6, 4}} {
		p, err := query.ParsePipeline(bson.A{bson.D{{Key: "$sort", Value: read(t, spec)}}}, env())
		if err != nil {
			t.Fatal(err)
		}
		i := 0
		for d, err := range p.Run(stream(t, docs...)) {
			if err != nil {
				t.Fatal(err)
			}
			same(t, spec, d, docs[want[i]])
			i++
		}
	}
}

func stream(t testing.TB, docs ...string) query.Documents {
	return func(yield func(bson.D, error) bool) {
		for _, d := range docs {
			if !yield(read(t, d), nil) {
				return
			}
		}
	}
}

func TestPipeline(t *testing.T) {
	docs := []string{
		`{"_id": 1, "g": "a", "n": 1, "t": ["x", "y"]}`, `{"_id": 2, "g": "b", "n": 2, "t": []}`,
		`{"_id": 3, "g": "a", "n": 3.5}`, `{"_id": 4, "g": "b", "n": null, "t": "z"}`,
	}
	e := env()
	e.Collection = func(_ string, filter bson.D) query.Documents {
		f, err := query.ParseFilter(filter, env())
		return func(yield func(bson.D, error) bool) {
			for d := range stream(t, docs...) {
				if err != nil || f.Match(d) && !yield(d, err) {
					return
				}
			}
		}
	}
	for pipeline, want := range map[string][]string{
		`[{"$match": {"g": "a"}}, {"$project": {"n": 1, "_id": 0}}]`:                                                                                 {`{"n": 1}`, `{"n": 3.5}`},
		`[{"$group": {"_id": "$g", "s": {"$sum": "$n"}, "c": {"$sum": 1}, "m": {"$max": "$n"}, "a": {"$avg": "$n"}, "all": {"$push": "$n"}}}]`:       {`{"_id": "a", "s": 4.5, "c": 2, "m": 3.5, "a": 2.25, "all": [1, 3.5]}`, `{"_id": "b", "s": 2, "c": 2, "m": 2, "a": 2.0, "all": [2, null]}`},
		`[{"$group": {"_id": null, "f": {"$first": "$n"}, "l": {"$last": "$n"}, "s": {"$addToSet": "$g"}, "n": {"$count": {}}}}]`:                    {`{"_id": null, "f": 1, "l": null, "s": ["a", "b"], "n": 4}`},
		`[{"$unwind": "$t"}, {"$project": {"t": 1}}]`:                                                                                                {`{"_id": 1, "t": "x"}`, `{"_id": 1, "t": "y"}`, `{"_id": 4, "t": "z"}`},
		`[{"$unwind": {"path": "$t", "preserveNullAndEmptyArrays": true, "includeArrayIndex": "i"}}, {"$project": {"t": 1, "i": 1}}, {"$limit": 3}]`: {`{"_id": 1, "t": "x", "i": {"$numberLong": "0"}}`, `{"_id": 1, "t": "y", "i": {"$numberLong": "1"}}`, `{"_id": 2, "i": null}`},
		`[{"$sort": {"n": -1}}, {"$skip": 1}, {"$limit": 1}, {"$set": {"d": {"$multiply": ["$n", 2]}, "t.z": 1}}, {"$unset": ["g", "n"]}]`:           {`{"_id": 2, "t": [], "d": 4}`},
		`[{"$count": "n"}]`:        {`{"n": 4}`},
		`[{"$sortByCount": "$g"}]`: {`{"_id": "a", "count": 2}`, `{"_id": "b", "count": 2}`},
		`[{"$limit": 1}, {"$lookup": {"from": "c", "localField": "g", "foreignField": "g", "as": "p"}}, {"$project": {"p._id": 1}}]`: {`{"_id": 1, "p": [{"_id": 1}, {"_id": 3}]}`},
		`[{"$limit": 1}, {"$replaceRoot": {"newRoot": {"x": "$n", "y": "$missing"}}}]`:                                               {`{"x": 1}`},
		`[{"$facet": {"a": [{"$count": "n"}], "b": [{"$limit": 1}, {"$project": {"g": 1}}]}}]`:                                       {`{"a": [{"n": 4}], "b": [{"_id": 1, "g": "a"}]}`},
	} {
		p, err := query.ParsePipeline(list(t, pipeline), e)
		if err != nil {
			t.Errorf("%s: %v", pipeline, err)
			continue
		}
		i := 0
		for d, err := range p.Run(stream(t, docs...)) {
			if err != nil {
				t.Errorf("%s: %v", pipeline, err)
				break
			}
			if i < len(want) {
				same(t, pipeline, d, want[i])
			}
			i++
		}
		if i != len(want) {
			t.Errorf("%s: %d documents, want %d", pipeline, i, len(want))
		}
	}
	for pipeline, code := range map[string]int32{
		`[{"$foo": 1}]`: 40324, `[{"$out": "x"}]`: 238, `[{"$limit": 0}]`: 15958, `[{"$group": {"n": {"$sum": 1}}}]`: 15955,
		`[{"$group": {"_id": 1, "n": {"$foo": 1}}}]`: 15952, `[{"$match": {}, "$sort": {}}]`: 40323,
		`[{"$unwind": "t"}]`:                 28818,
		`[{"$project": {"x": {"$foo": 1}}}]`: 168, `[{"$count": ""}]`: 40156, `[{"$sort": {}}]`: 15976,
	} {
		_, err := query.ParsePipeline(list(t, pipeline), e)
		wantCode(t, pipeline, err, code)
	}
}

func TestExpressions(t *testing.T) {
	const doc = `{"n": 5, "f": 2.5, "s": "żółć", "a": [3, 1, 2], "l": [{"q": 1}, {"q": 2}], "d": {"$date": "2024-03-05T06:07:08.009Z"}, "o": {"k": 1}, "z": null}`
	for x, want := range map[string]string{
		`{"$add": ["$n", 1]}`: `6`, `{"$add": ["$d", 1000]}`: `{"$date": "2024-03-05T06:07:09.009Z"}`,
		`{"$subtract": ["$n", "$f"]}`: `2.5`, `{"$divide": ["$n", 2]}`: `2.5`,
		`{"$mod": ["$n", 3]}`: `2`, `{"$abs": -4}`: `4`, `{"$floor": "$f"}`: `2.0`, `{"$round": [2.345, 2]}`: `2.35`,
		`{"$pow": [2, 10]}`:                           `1024`,
		`{"$cond": [{"$gt": ["$n", 4]}, "hi", "lo"]}`: `"hi"`, `{"$ifNull": ["$z", "$gone", 7]}`: `7`,
		`{"$switch": {"branches": [{"case": false, "then": 1}], "default": 2}}`: `2`,
		`{"$and": [1, "$n"]}`: `true`, `{"$or": [0, null]}`: `false`, `{"$not": [0]}`: `true`, `{"$cmp": [1, 2]}`: `-1`,
		`{"$concat": ["a", "$s"]}`: `"ażółć"`, `{"$concat": ["a", "$z"]}`: `null`, `{"$toUpper": "$s"}`: `"ŻÓŁĆ"`,
		`{"$strLenCP": "$s"}`: `4`, `{"$substrCP": ["$s", 1, 2]}`: `"ół"`,
		`{"$split": ["a,b", ","]}`: `["a", "b"]`, `{"$trim": {"input": " x "}}`: `"x"`, `{"$indexOfCP": ["$s", "ł"]}`: `2`,
		`{"$replaceAll": {"input": "aXbX", "find": "X", "replacement": "-"}}`:   `"a-b-"`,
		`{"$regexMatch": {"input": "User1", "regex": "^user", "options": "i"}}`: `true`,
		`{"$toString": "$n"}`: `"5"`, `{"$toInt": "12"}`: `12`,
		`{"$toDate": "2024-01-01"}`: `{"$date": "2024-01-01T00:00:00Z"}`, `{"$type": "$gone"}`: `"missing"`,
		`{"$convert": {"input": "x", "to": "int", "onError": -1}}`: `-1`,
		`{"$size": "$a"}`: `3`, `{"$arrayElemAt": ["$a", -1]}`: `2`, `{"$first": "$a"}`: `3`, `{"$in": [1, "$a"]}`: `true`,
		`{"$slice": ["$a", 1, 5]}`: `[1, 2]`, `{"$reverseArray": "$a"}`: `[2, 1, 3]`,
		`{"$range": [0, 5, 2]}`: `[0, 2, 4]`, `{"$map": {"input": "$a", "in": {"$multiply": ["$$this", 2]}}}`: `[6, 2, 4]`,
		`{"$filter": {"input": "$a", "as": "x", "cond": {"$gt": ["$$x", 1]}}}`:                     `[3, 2]`,
		`{"$reduce": {"input": "$l.q", "initialValue": 0, "in": {"$add": ["$$value", "$$this"]}}}`: `3`,
		`{"$sortArray": {"input": "$a", "sortBy": 1}}`:                                             `[1, 2, 3]`,
		`{"$setUnion": [[1, 2], [2, 3]]}`:                                                          `[1, 2, 3]`,
		`{"$mergeObjects": ["$o", {"j": 2}]}`:                                                      `{"k": 1, "j": 2}`,
		`{"$objectToArray": "$o"}`:                                                                 `[{"k": "k", "v": 1}]`,
		`{"$arrayToObject": [[["a", 1]]]}`:                                                         `{"a": 1}`,
		`{"$getField": "n"}`:                                                                       `5`,
		`{"$getField": {"field": {"$literal": "$n.x"}, "input": {"$setField": {"field": {"$literal": "$n.x"}, "input": "$o", "value": 2}}}}`: `2`,
		`{"$setField": {"field": "k", "input": "$o", "value": {"$literal": "$n"}}}`:                                                          `{"k": "$n"}`,
		`{"$setField": {"field": "k.l", "input": "$o", "value": 1}}`:                                                                         `{"k": 1, "k.l": 1}`,
		`{"$setField": {"field": "k", "input": "$o", "value": "$$REMOVE"}}`:                                                                  `{}`,
		`{"$unsetField": {"field": "k", "input": "$o"}}`:                                                                                     `{}`, `{"$unsetField": {"field": "x", "input": "$o"}}`: `{"k": 1}`,
		`{"$setField": {"field": "k", "input": "$missing", "value": 1}}`: `null`,
		`{"$let": {"vars": {"x": 2}, "in": {"$add": ["$$x", "$n"]}}}`:    `7`,
		`{"$max": "$a"}`: `3`, `{"$sum": ["$n", "$f"]}`: `7.5`, `{"$literal": "$n"}`: `"$n"`, `"$$ROOT.n"`: `5`,
		`{"$year": "$d"}`: `2024`, `{"$dateToString": {"date": "$d", "format": "%Y-%m-%d %H:%M:%S.%L"}}`: `"2024-03-05 06:07:08.009"`, `{"$toLong": "$$NOW"}`: `{"$numberLong": "1700000000000"}`,
	} {
		p, err := query.ParseProjection(bson.D{{Key: "v", Value: value(t, x)}}, env())
		if err != nil {
			t.Errorf("%s: %v", x, err)
			continue
		}
		got, err := p.Apply(read(t, doc), -1)
		if err != nil {
			t.Errorf("%s: %v", x, err)
			continue
		}
		same(t, x, got, `{"v": `+want+`}`)
	}
}
