package query

import (
	"errors"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Short pipelines whose values exceed the memory budget are stopped, whatever operator makes them large.
func TestBudgetStopsLargeValues(t *testing.T) {
	double := func(op string) string {
		return `[{"$project":{"x":{"$reduce":{"input":{"$range":[0,60]},"initialValue":` + map[string]string{"$concat": `"x"`,
			"$concatArrays": `[1]`}[op] +
			`,"in":{"` + op + `":["$$value","$$value"]}}}}}]`
	}
	stages := func(n int, one string) string {
		out := "[" + one
		for range n {
			out += "," + one
		}
		return out + "]"
	}
	thousand := `{"$range":[0,1000]}`
	million := `{"$range":[0,1000000]}`
	for name, pipeline := range map[string]string{
		"a text doubled":    double("$concat"),
		"an array doubled":  double("$concatArrays"),
		"a tree doubled":    `[{"$project":{"x":{"$reduce":{"input":{"$range":[0,60]},"initialValue":1,"in":["$$value","$$value"]}}}}]`,
		"an object doubled": `[{"$project":{"x":{"$reduce":{"input":{"$range":[0,60]},"initialValue":1,"in":{"a":"$$value","b":"$$value"}}}}}]`,
		"a tree too deep": `[{"$project":{"x":{"$reduce":{"input":` + million +
			`,"initialValue":1,"in":["$$value"]}}}}]`,
		"a loop in a loop": `[{"$project":{"x":{"$map":{"input":` + million +
			`,"in":{"$size":{"$map":{"input":` + thousand + `,"in":1}}}}}}}]`,
		"rows multiplied": `[{"$set":{"a":` + thousand + `}},{"$unwind":"$a"},{"$set":{"b":` + thousand +
			`}},{"$unwind":"$b"},{"$set":{"c":` + thousand + `}},{"$unwind":"$c"},{"$count":"n"}]`,
		"the document in itself":         stages(60, `{"$set":{"a":"$$ROOT","b":"$$ROOT"}}`),
		"the document in a group":        stages(60, `{"$group":{"_id":1,"a":{"$push":"$$ROOT"},"b":{"$push":"$$ROOT"}}}`),
		"a great document in each stage": `[{"$set":{"a":` + million + `}},` + stages(900, `{"$set":{"a.b":1}}`)[1:],
		"a value in every element": `[{"$set":{"a":{"$map":{"input":` + million +
			`,"in":{"b":1}}}}},{"$set":{"a.c":"$a"}}]`,
		"a text in every letter": `[{"$set":{"t":{"$reduce":{"input":{"$range":[0,20]},"initialValue":"xxxxxxxx","in":{"$concat":["$$value","$$value"]}}}}},
			{"$project":{"x":{"$replaceAll":{"input":"$t","find":"x","replacement":"$t"}}}}]`,
		"a condition that cannot be worked out": `[{"$match":{"$expr":{"$eq":[1,{"$size":{"$map":{"input":` + million +
			`,"in":{"$size":{"$map":{"input":` + thousand + `,"in":1}}}}}}]}}}]`,
	} {
		t.Run(name, func(t *testing.T) {
			var d bson.D
			if err := bson.UnmarshalExtJSON([]byte(`{"p":`+pipeline+`}`), false, &d); err != nil {
				t.Fatal(err)
			}
			p, err := ParsePipeline(d[0].Value.(bson.A), Env{})
			if err != nil {
				t.Fatal(err)
			}
			for _, err = range p.Run(func(yield func(bson.D, error) bool) {
				yield(bson.D{{Key: "_id", Value: int32(1)}},
					nil)
			}) {
				if err != nil {
					break
				}
			}
			var e *Error
			if !errors.As(err, &e) || e.Code != ExceededMemoryLimit {
				t.Errorf("error %v", err)
			}
		})
	}
}

// A projection has one budget for all documents.
func TestProjectionBudgetCoversAllDocuments(t *testing.T) {
	spec := bson.D{{Key: "x", Value: bson.D{{Key: "$size",
		Value: bson.D{{Key: "$range", Value: bson.A{int32(0), int32(1000000)}}}}}}}
	p, err := ParseProjection(spec, Env{})
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if _, err = p.Apply(bson.D{}, -1); err != nil {
			break
		}
	}
	var e *Error
	if !errors.As(err, &e) || e.Code != ExceededMemoryLimit {
		t.Errorf("error %v", err)
	}
}
