package query_test

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

func apply(t testing.TB, doc, filter, update, arrayFilters string) (bson.D, error) {
	t.Helper()
	f, err := query.ParseFilter(read(t, filter), env())
	if err != nil {
		return nil, err
	}
	u, err := query.ParseUpdate(value(t, update), list(t, arrayFilters), env())
	if err != nil {
		return nil, err
	}
	_, at := f.MatchAt(read(t, doc))
	return u.Apply(read(t, doc), at)
}

func TestUpdate(t *testing.T) {
	for _, c := range []struct{ doc, update, want string }{
		{`{"_id": 1, "z": 1}`, `{"$set": {"b": 1, "a": 2, "c.y": 3, "c.x": 4}}`,
			`{"_id": 1, "z": 1, "a": 2, "b": 1, "c": {"x": 4, "y": 3}}`},
		{`{"_id": 1, "a": [1]}`, `{"$set": {"a.3": 4}}`, `{"_id": 1, "a": [1, null, null, 4]}`},
		{`{"_id": 1, "a": 1, "b": 2, "l": [1, 2]}`, `{"$unset": {"a": "", "x.y": "", "l.0": ""}}`,
			`{"_id": 1, "b": 2, "l": [null, 2]}`},
		{`{"_id": 1, "a": 1}`, `{"$inc": {"a": 2, "b": 5, "c.d": 1.5}}`, `{"_id": 1, "a": 3, "b": 5, "c": {"d": 1.5}}`},
		{`{"_id": 1, "a": 2147483647}`, `{"$inc": {"a": 1}}`, `{"_id": 1, "a": {"$numberLong": "2147483648"}}`},
		{`{"_id": 1, "a": {"$numberDecimal": "0.1"}}`, `{"$inc": {"a": {"$numberDecimal": "0.2"}}}`,
			`{"_id": 1, "a": {"$numberDecimal": "0.3"}}`},
		{`{"_id": 1, "a": 2}`, `{"$mul": {"a": {"$numberLong": "3"}, "b": 7}}`,
			`{"_id": 1, "a": {"$numberLong": "6"}, "b": 0}`},
		{`{"_id": 1, "a": 5}`, `{"$min": {"a": 3, "b": 1}, "$max": {"c": 2}}`, `{"_id": 1, "a": 3, "b": 1, "c": 2}`},
		{`{"_id": 1, "a": 1, "b": 2}`, `{"$rename": {"a": "c.d", "x": "y"}}`, `{"_id": 1, "b": 2, "c": {"d": 1}}`},
		{`{"_id": 1}`, `{"$currentDate": {"d": true, "t": {"$type": "timestamp"}}}`,
			`{"_id": 1, "d": {"$date": {"$numberLong": "1700000000000"}}, "t": {"$timestamp": {"t": 1700000000, "i": 1}}}`},
		{`{"_id": 1, "a": [5, 1]}`, `{"$push": {"a": 3, "b": {"x": 1}}}`, `{"_id": 1, "a": [5, 1, 3], "b": [{"x": 1}]}`},
		{`{"_id": 1, "a": [5, 1]}`, `{"$push": {"a": {"$each": [3, 2], "$sort": -1, "$slice": -3}}}`,
			`{"_id": 1, "a": [3, 2, 1]}`},
		{`{"_id": 1, "a": [1, 2]}`, `{"$push": {"a": {"$each": [8, 9], "$position": 1}}}`, `{"_id": 1, "a": [1, 8, 9, 2]}`},
		{`{"_id": 1, "a": [{"k": 2}, {"k": 1}]}`, `{"$push": {"a": {"$each": [], "$sort": {"k": 1}}}}`,
			`{"_id": 1, "a": [{"k": 1}, {"k": 2}]}`},
		{`{"_id": 1, "a": [1]}`, `{"$addToSet": {"a": {"$each": [1.0, 2, 2]}, "b": 1}}`, `{"_id": 1, "a": [1, 2], "b": [1]}`},
		{`{"_id": 1, "a": [1, 2, 3], "b": [1]}`, `{"$pop": {"a": -1, "b": 1, "c": 1}}`, `{"_id": 1, "a": [2, 3], "b": []}`},
		{`{"_id": 1, "a": [1, 5, 9], "l": [{"k": 1, "x": 2}, {"k": 2}]}`, `{"$pull": {"a": {"$gte": 5}, "l": {"k": 1}}}`,
			`{"_id": 1, "a": [1], "l": [{"k": 2}]}`},
		{`{"_id": 1, "a": [1, 2, 1]}`, `{"$pullAll": {"a": [1]}}`, `{"_id": 1, "a": [2]}`},
		{`{"_id": 1, "a": 5}`, `{"$bit": {"a": {"and": 6}, "b": {"or": 3}}}`, `{"_id": 1, "a": 4, "b": 3}`},
		{`{"_id": 1, "a": 1}`, `{"b": 2}`, `{"_id": 1, "b": 2}`},
		{`{"_id": 1, "a": 1}`, `{"b": 2, "_id": 1}`, `{"_id": 1, "b": 2}`},
		{`{"_id": 1, "a": 1}`, `{"$setOnInsert": {"b": 2}}`, `{"_id": 1, "a": 1}`},
		{`{"_id": 1, "a": 1}`, `[{"$set": {"b": {"$add": ["$a", 1]}}}, {"$unset": "a"}]`, `{"_id": 1, "b": 2}`},
		{`{"_id": 1, "a": {"x": 2}}`, `[{"$replaceWith": "$a"}]`, `{"_id": 1, "x": 2}`},
	} {
		got, err := apply(t, c.doc, `{}`, c.update, `[]`)
		if err != nil {
			t.Errorf("%s: %v", c.update, err)
			continue
		}
		same(t, c.update, got, c.want)
	}
}

func TestPositionalUpdate(t *testing.T) {
	for _, c := range []struct{ doc, filter, update, filters, want string }{
		{`{"_id": 1, "a": [1, 5, 9]}`, `{"a": 5}`, `{"$set": {"a.$": 0}}`, `[]`, `{"_id": 1, "a": [1, 0, 9]}`},
		{`{"_id": 1, "a": [{"k": 1}, {"k": 2}]}`, `{"a.k": 2}`, `{"$set": {"a.$.v": 7}}`, `[]`,
			`{"_id": 1, "a": [{"k": 1}, {"k": 2, "v": 7}]}`},
		{`{"_id": 1, "a": [{"k": 1}, {"k": 2}]}`, `{"a": {"$elemMatch": {"k": 2}}}`, `{"$unset": {"a.$.k": 1}}`, `[]`,
			`{"_id": 1, "a": [{"k": 1}, {}]}`},
		{`{"_id": 1, "a": [1, 2]}`, `{}`, `{"$inc": {"a.$[]": 10}}`, `[]`, `{"_id": 1, "a": [11, 12]}`},
		{`{"_id": 1, "a": [{"k": 1, "l": [1, 5]}, {"k": 2, "l": [7]}]}`, `{}`, `{"$set": {"a.$[x].l.$[y]": 0}}`,
			`[{"x.k": 1}, {"y": {"$gt": 2}}]`, `{"_id": 1, "a": [{"k": 1, "l": [1, 0]}, {"k": 2, "l": [7]}]}`},
	} {
		got, err := apply(t, c.doc, c.filter, c.update, c.filters)
		if err != nil {
			t.Errorf("%s: %v", c.update, err)
			continue
		}
		same(t, c.update, got, c.want)
	}
}

func TestUpdateErrors(t *testing.T) {
	for _, c := range []struct {
		doc, update, filters string
		code                 int32
	}{
		{`{"_id": 1}`, `{"$set": {"a": 1}, "$inc": {"a": 1}}`, `[]`, 40},
		{`{"_id": 1}`, `{"$set": {"a": 1, "a.b": 1}}`, `[]`, 40},
		{`{"_id": 1}`, `{"$set": {"_id": 2}}`, `[]`, 66},
		{`{"_id": 1}`, `{"$unset": {"_id": 1}}`, `[]`, 66},
		{`{"_id": 1}`, `{"_id": 2}`, `[]`, 66},
		{`{"_id": 1}`, `{"$foo": {"a": 1}}`, `[]`, 9},
		{`{"_id": 1}`, `{"$set": {"a": 1}, "b": 1}`, `[]`, 9},
		{`{"_id": 1}`, `{"$set": 1}`, `[]`, 9},
		{`{"_id": 1}`, `{"$set": {"a..b": 1}}`, `[]`, 56},
		{`{"_id": 1}`, `{"$set": {"a.$b": 1}}`, `[]`, 52},
		{`{"_id": 1}`, `{"a": 1, "$b": 1}`, `[]`, 52},
		{`{"_id": 1, "a": 1}`, `{"$set": {"a.b": 1}}`, `[]`, 28},
		{`{"_id": 1, "a": [1]}`, `{"$set": {"a.b": 1}}`, `[]`, 28},
		{`{"_id": 1, "a": "x"}`, `{"$inc": {"a": 1}}`, `[]`, 14},
		{`{"_id": 1}`, `{"$inc": {"a": "x"}}`, `[]`, 14},
		{`{"_id": 1, "a": {"$numberLong": "9223372036854775807"}}`, `{"$inc": {"a": 1}}`, `[]`, 2},
		{`{"_id": 1, "a": 1}`, `{"$push": {"a": 1}}`, `[]`, 2},
		{`{"_id": 1, "a": 1}`, `{"$addToSet": {"a": 1}}`, `[]`, 2},
		{`{"_id": 1, "a": 1}`, `{"$pull": {"a": 1}}`, `[]`, 2},
		{`{"_id": 1, "a": 1}`, `{"$pop": {"a": 1}}`, `[]`, 14},
		{`{"_id": 1, "a": []}`, `{"$pop": {"a": 2}}`, `[]`, 9},
		{`{"_id": 1, "a": [1]}`, `{"$set": {"a.$": 1}}`, `[]`, 2},
		{`{"_id": 1, "a": [1]}`, `{"$set": {"a.$[x]": 1}}`, `[]`, 2},
		{`{"_id": 1, "a": [1]}`, `{"$set": {"a": 1}}`, `[{"x": 1}]`, 9},
		{`{"_id": 1, "a": 1}`, `{"$set": {"a.$[]": 1}}`, `[]`, 2},
		{`{"_id": 1}`, `{"$rename": {"a": "a"}}`, `[]`, 2},
		{`{"_id": 1}`, `{"$currentDate": {"a": "x"}}`, `[]`, 2},
		{`{"_id": 1}`, `{"$bit": {"a": {"nand": 1}}}`, `[]`, 2},
		{`{"_id": 1}`, `[{"$match": {}}]`, `[]`, 72},
	} {
		_, err := apply(t, c.doc, `{}`, c.update, c.filters)
		wantCode(t, c.update+" of "+c.doc, err, c.code)
	}
}

func TestUpsertDocument(t *testing.T) {
	for _, c := range []struct{ filter, update, want string }{
		{`{"k": {"$in": ["v"]}, "n": {"$in": [1, 2]}, "o": {"$in": []}}`, `{"$set": {"a": 1}}`, `{"k": "v", "a": 1}`},
		{`{"k": {"$in": [{"$regularExpression": {"pattern": "v", "options": ""}}]}}`, `{"$set": {"a": 1}}`, `{"a": 1}`},
		{`{"k": "v", "n": {"$gt": 1}, "o.p": 2}`, `{"$set": {"a": 1}, "$setOnInsert": {"b": 2}}`,
			`{"k": "v", "o": {"p": 2}, "a": 1, "b": 2}`},
		{`{"k": 1, "_id": 7}`, `{"$set": {"a": 1}}`, `{"_id": 7, "k": 1, "a": 1}`},
		{`{"_id": 7, "k": 1}`, `{"a": 1}`, `{"_id": 7, "a": 1}`},
		{`{"$and": [{"a": {"$eq": 1}}, {"$or": [{"b": 2}]}]}`, `{"$inc": {"n": 1}}`, `{"a": 1, "b": 2, "n": 1}`},
	} {
		f, err := query.ParseFilter(read(t, c.filter), env())
		if err != nil {
			t.Fatal(err)
		}
		u, err := query.ParseUpdate(value(t, c.update), nil, env())
		if err != nil {
			t.Fatal(err)
		}
		got, err := u.Insert(f)
		if err != nil {
			t.Errorf("%s: %v", c.filter, err)
			continue
		}
		same(t, c.filter, got, c.want)
	}
	f, err := query.ParseFilter(read(t, `{"$and": [{"a": 1}, {"a": 2}]}`), env())
	if err != nil {
		t.Fatal(err)
	}
	u, err := query.ParseUpdate(value(t, `{"$set": {"b": 1}}`), nil, env())
	if err != nil {
		t.Fatal(err)
	}
	_, err = u.Insert(f)
	wantCode(t, "two values for one field", err, 54)
}

func TestDescribe(t *testing.T) {
	got := query.Describe(read(t, `{"_id": 1, "a": 1, "b": {"x": 1, "y": 2}, "l": [1, 2, 3], "gone": 1}`),
		read(t, `{"_id": 1, "a": 2, "b": {"x": 1, "y": 3}, "l": [1, 9], "new": 1}`))
	same(t, "update description", got, `{"updatedFields": {"a": 2, "b.y": 3, "l.1": 9, "new": 1}, "removedFields": ["gone"], "truncatedArrays": [{"field": "l", "newSize": 2}]}`)
}
