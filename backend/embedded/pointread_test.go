package embedded_test

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// A find by _id or by a unique field takes a short path; the option skip leads to the ordinary one.
func TestPointReadRepliesLikeAnOrdinaryFind(t *testing.T) {
	db := connect(t, open(t)).Database("app")
	c := db.Collection("people")
	must(t, makeIndex(t, c, `{"email": 1}`, options.Index().SetUnique(true).SetSparse(true)))
	must(t, makeIndex(t, c, `{"rank": -1}`, options.Index().SetUnique(true).SetSparse(true)))
	must(t, makeIndex(t, c, `{"tags": 1}`, options.Index().SetUnique(true).SetSparse(true)))
	must(t, makeIndex(t, c, `{"o.k": 1}`, options.Index().SetUnique(true).SetSparse(true)))
	must(t, makeIndex(t, c, `{"code": 1}`, options.Index().SetUnique(true).SetPartialFilterExpression(doc(t,
		`{"active": true}`))))
	must(t, makeIndex(t, c, `{"team": 1}`, options.Index()))
	insertAll(t, c, `{"_id": 1, "email": "a", "rank": 1, "tags": ["x", "y"], "o": {"k": 5}, "code": "c", "active": false}`,
		`{"_id": "1", "email": "ab", "rank": 2.0, "team": 1}`, `{"_id": {"k": 1}, "email": 7, "team": 1}`,
		`{"_id": {"$oid": "507f1f77bcf86cd799439011"}, "email": null}`,
		`{"_id": {"$uuid": "00112233-4455-6677-8899-aabbccddeeff"}}`, `{"_id": null}`)
	for _, filter := range []string{`{"_id": 1}`, `{"_id": {"$numberLong": "1"}}`, `{"_id": 1.0}`, `{"_id": "1"}`,
		`{"_id": "2"}`, `{"_id": ""}`, `{"_id": {"k": 1}}`, `{"_id": {"$oid": "507f1f77bcf86cd799439011"}}`, `{"_id": null}`,
		`{"_id": {"$uuid": "00112233-4455-6677-8899-aabbccddeeff"}}`, `{"_id": {"$gt": 0}}`, `{"_id": 1, "email": "b"}`,
		`{"email": "a"}`, `{"email": "ab"}`, `{"email": ""}`, `{"email": 7}`, `{"email": null}`, `{"rank": 1}`,
		`{"rank": 2}`, `{"rank": 3}`, `{"tags": "y"}`, `{"o.k": 5}`, `{"code": "c"}`, `{"team": 1}`, `{"none": 1}`, `{}`} {
		for _, limit := range []int64{0, 1, -1} {
			command := bson.D{{Key: "find", Value: "people"}, {Key: "filter", Value: doc(t, filter)},
				{Key: "limit", Value: limit}}
			if limit < 0 {
				command = command[:2]
			}
			var short, ordinary bson.Raw
			var err error
			short, err = db.RunCommand(t.Context(), command).Raw()
			must(t, err)
			ordinary, err = db.RunCommand(t.Context(), append(command, bson.E{Key: "skip", Value: 0})).Raw()
			must(t, err)
			if got, want := show(t, short), show(t, ordinary); got != want {
				t.Errorf("%s limit %d:\n got %s\nwant %s", filter, limit, got, want)
			}
		}
	}
	short, err := db.RunCommand(t.Context(), doc(t, `{"find": "absent", "filter": {"_id": 1}}`)).Raw()
	must(t, err)
	if got, want := show(t, short), `{"cursor":{"firstBatch":[],"id":0,"ns":"app.absent"},"ok":1.0}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Budgets of allocations, counted in the whole process: the driver makes about 85 for a find.
func TestReadsAllocateLittle(t *testing.T) {
	c := newCollection(t)
	var docs []any
	for i := range 5000 {
		docs = append(docs, bson.D{{Key: "_id", Value: i}, {Key: "n", Value: i}, {Key: "name", Value: "x"}})
	}
	_, err := c.InsertMany(t.Context(), docs)
	must(t, err)
	for name, budget := range map[string]struct {
		allocations float64
		run         func() error
	}{
		"find by _id": {130, func() error { return c.FindOne(t.Context(), bson.D{{Key: "_id", Value: 77}}).Err() }},
		"scan of 5,000 documents": {400, func() error {
			_, err := c.CountDocuments(t.Context(), bson.D{{Key: "n", Value: bson.D{{Key: "$lt", Value: 9}}}})
			return err
		}},
	} {
		if n := testing.AllocsPerRun(100, func() { must(t, budget.run()) }); n > budget.allocations {
			t.Errorf("%s: %v allocations, want at most %v", name, n, budget.allocations)
		}
	}
}
