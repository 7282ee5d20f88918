package functions

import (
	"strings"
	"testing"

	"dossier/backend/api"
)

// TestCollection: the methods of collections and cursors that only functions have, with the names of drivers and App
// Services.
func TestCollection(t *testing.T) {
	w := newFixture(t, map[string]string{
		"make system": `exports = async text => { const c = context.services.get("mongodb-atlas").db("app").collection("things");
			await c.deleteMany({}); await c.insertMany([1, 2, 3, 4].map(n => ({_id: n, n, tags: ["t" + n % 2]}))); return eval("(async (c) => " + text + ")")(c) }`,
		"user":          `exports = () => context.services.get("mongodb-atlas").db("app").collection("things").find({}).toArray()`,
		"cursor system": `exports = () => context.services.get("mongodb-atlas").db("app").collection("things").find({_id: 4}, {n: 1, _id: 0})`,
		"late system":   `exports = async () => { const cursor = context.services.get("mongodb-atlas").db("app").collection("things").find({}); await cursor.next(); await cursor.limit(1).next() }`,
	}, nil)
	for text, want := range map[string]string{
		`c.distinct("tags").then(all => all.sort())`:                                                                                          `["t0","t1"]`,
		`c.distinct("n", {n: {$gt: 2}})`:                                                                                                      `[{"$numberInt":"3"},{"$numberInt":"4"}]`,
		`c.countDocuments({n: {$gt: 1}}, {limit: 2})`:                                                                                         `{"$numberInt":"2"}`,
		`c.estimatedDocumentCount()`:                                                                                                          `{"$numberInt":"4"}`,
		`c.replaceOne({_id: 1}, {z: 1}).then(() => c.findOne({_id: 1}))`:                                                                      `{"_id":{"$numberInt":"1"},"z":{"$numberInt":"1"}}`,
		`c.replaceOne({_id: 9}, {z: 1}, {upsert: true}).then(r => r.upsertedId)`:                                                              `{"$numberInt":"9"}`,
		`c.findOneAndUpdate({_id: 1}, {$set: {n: 7}}, {returnDocument: "after"}).then(d => d.n)`:                                              `{"$numberInt":"7"}`,
		`c.findOneAndUpdate({_id: 1}, {$set: {n: 7}}, {returnDocument: "before"}).then(d => d.n)`:                                             `{"$numberInt":"1"}`,
		`c.findOneAndUpdate({_id: 8}, {$set: {n: 8}}, {upsert: true, returnNewDocument: true}).then(d => d._id)`:                              `{"$numberInt":"8"}`,
		`c.updateMany({_id: 1}, {$set: {"tags.$[t]": "new"}}, {arrayFilters: [{t: "t1"}]}).then(() => c.findOne({_id: 1})).then(d => d.tags)`: `["new"]`,
		`c.bulkWrite([{insertOne: {document: {_id: 5}}}, {updateOne: {filter: {_id: 1}, update: {$set: {n: 0}}}}, {deleteOne: {filter: {_id: 2}}}]).then(() => c.distinct("_id"))`: `[{"$numberInt":"1"},{"$numberInt":"3"},{"$numberInt":"4"},{"$numberInt":"5"}]`,
		`c.find({}, {_id: 1}).sort({_id: -1}).limit(2).map(d => d._id).toArray()`:                                                                                                  `[{"$numberInt":"4"},{"$numberInt":"3"}]`,
		`c.find({}).project({_id: 0, n: 1}).skip(3).toArray()`:                                                                                                                     `[{"n":{"$numberInt":"4"}}]`,
		`c.find({}, {}, {sort: {_id: -1}, limit: 1}).toArray().then(all => all[0]._id)`:                                                                                            `{"$numberInt":"4"}`,
		`c.aggregate([{$match: {n: {$gt: 1}}}]).sort({n: -1}).skip(1).limit(1).toArray().then(all => all[0].n)`:                                                                    `{"$numberInt":"3"}`,
		`{ const seen = []; await c.find({}).forEach(d => { seen.push(d.n); return d.n < 2 }); return seen }`:                                                                      `[{"$numberInt":"1"},{"$numberInt":"2"}]`,
		`{ const cursor = c.find({}); const seen = []; while (await cursor.hasNext()) seen.push((await cursor.next()).n); return seen.length }`:                                    `{"$numberInt":"4"}`,
		`c.find({n: {$gt: 2}}).count()`: `{"$numberInt":"2"}`,
		`c.find({_id: 1}, {_id: 1})`:    `[{"_id":{"$numberInt":"1"}}]`,
		`{ const cursor = c.find({}); await cursor.close(); return cursor.hasNext() }`: `false`,
		`Object.keys(c).includes("findOne") && typeof c.findOne + typeof c.nope`:       `"functionundefined"`,
	} {
		w.expect(want, "make", quote(text))
	}
	for text, want := range map[string]string{
		`c.replaceOne({_id: 1}, {$set: {a: 1}})`:              "must not contain atomic operators",
		`c.find({$who: 1}).toArray()`:                         "$who",
		`c.find({}).forEach(() => { throw new Error("me") })`: `"me`,
		`c.find({}).map(1)`:                                   "map: the argument must be a function",
		`c.insertOne({f: () => 1})`:                           "insertOne: document: f: a function has no BSON type",
		`c.bulkWrite([{drop: {}}])`:                           "operation",
		`c.nope()`:                                            "no member 'nope'",
	} {
		if got := w.expectError(api.CodeFunctionExecutionError, "make", quote(text)); !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %q", text, got, want)
		}
	}
	w.expect(`[{"n":{"$numberInt":"4"}}]`, "cursor")
	if got := w.expectError(api.CodeFunctionExecutionError, "late"); !strings.Contains(got, "cannot be changed after") {
		t.Error(got)
	}
	if got := w.expectError(api.CodeFunctionExecutionError, "user"); !strings.Contains(got, "find not permitted") {
		t.Errorf("the rules did not apply to a user function: %s", got)
	}
}
