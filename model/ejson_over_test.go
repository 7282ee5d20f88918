package model_test

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// A number written without a wrapper keeps the type of the number that it replaces; a wrapper changes the type.
func TestNumbersKeepTheirTypes(t *testing.T) {
	price, err := bson.ParseDecimal128("12.50")
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name      string
		old       any
		text, new string
	}{
		{"a double", 4.8, `5`, `5.0`},
		{"a negative zero", 4.8, `-0`, `-0.0`},
		{"a wrapper is explicit", 4.8, `{"$numberInt": "5"}`, `5`},
		{"a double cannot hold it", 4.8, `9007199254740993`, `{"$numberLong":"9007199254740993"}`},
		{"a long", int64(1), `5`, `{"$numberLong":"5"}`},
		{"a long cannot hold it", int64(1), `5.5`, `5.5`},
		{"an int", int32(1), `5`, `5`},
		{"an int cannot hold it", int32(1), `5.0`, `5.0`},
		{"a decimal", price, `12.60`, `{"$numberDecimal":"12.60"}`},
		{"a string is no number", "4.8", `5`, `5`},
		{"fields by name", bson.D{{Key: "a", Value: 4.8}, {Key: "b", Value: bson.D{{Key: "c", Value: int64(1)}}}},
			`{"b":{"c":2,"d":3},"a":5,"e":{"$date":0},"f":6}`,
			`{"b":{"c":{"$numberLong":"2"},"d":3},"a":5.0,"e":{"$date":"1970-01-01T00:00:00Z"},"f":6}`},
		{"elements by index", bson.A{4.8, int32(7), bson.D{{Key: "n", Value: 1.5}}}, `[5,8,{"n":2}]`, `[5.0,8,{"n":2.0}]`},
		{"a removed element moves the others", bson.A{4.8, int32(7)}, `[7]`, `[7]`},
		{"a new element among doubles", bson.A{4.8, 3.1}, `[4.8,3.1,5]`, `[4.8,3.1,5.0]`},
		{"a new element among others", bson.A{4.8, "x"}, `[4.8,"x",5]`, `[4.8,"x",5]`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			v, err := model.ParseJSONOver(c.text, model.ValueOf(c.old))
			if err != nil {
				t.Fatal(err)
			}
			if want, err := model.ParseJSON(c.new); err != nil || !model.Identical(v, want) {
				t.Errorf("%s over %s is %s, want %s", c.text, model.JSON(model.ValueOf(c.old)), model.JSON(v), c.new)
			}
		})
	}
}

// What is written as it was read is unchanged.
func FuzzParseOverIsAnInverse(f *testing.F) {
	for _, text := range []string{`[1,2.0,{"a":{"$numberLong":"1"}}]`, `{"a":1,"b":[1.5],"c":{"$numberDecimal":"1"}}`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := model.ParseJSON(text)
		if err != nil {
			return
		}
		again, err := model.ParseJSONOver(model.JSON(v), v)
		if err != nil || !model.Identical(v, again) {
			t.Errorf("%s became %s, %v", model.JSON(v), model.JSON(again), err)
		}
		if over, err := model.ParseJSONOver(text, model.ValueOf(1.5)); err != nil {
			t.Errorf("over a number: %v, %v", over, err)
		}
	})
}
