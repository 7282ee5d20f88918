package datasource

import (
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/store"
)

// setField is the stage that sets a field by its name; the value is JSON.
func setField(name, value string) string {
	return `{"$replaceWith":{"$setField":{"field":{"$literal":"` + name + `"},"input":"$$ROOT","value":{"$literal":` +
		value + `}}}}`
}

func unsetField(name string) string {
	return `{"$replaceWith":{"$unsetField":{"field":{"$literal":"` + name + `"},"input":"$$ROOT"}}}`
}

// unchangedField is a filter's condition that a field still has a value of a type.
func unchangedField(name, kind, value string) string {
	field := `{"$getField":{"$literal":"` + name + `"}}`
	return `{"$expr":{"$and":[{"$eq":[{"$type":` + field + `},{"$literal":"` + kind + `"}]},{"$eq":[` + field +
		`,{"$literal":` + value + `}]}]}}`
}

// insertOrSkip inserts a document that some databases, such as FerretDB 1, do not store: on a shared database an error
// skips the test. The embedded database stores all.
func (w *fixture) insertOrSkip(t *testing.T, collection string, d bson.D) {
	t.Helper()
	switch _, err := w.db.Collection(collection).InsertOne(w.ctx, d); {
	case err == nil:
	case w.db.Shared:
		t.Skipf("the database does not store %v: %v", d, err)
	default:
		t.Fatal(err)
	}
}

// needsAnyNames skips a test on a database that stores no names with dots and dollar signs, such as FerretDB 1.
func needsAnyNames(t *testing.T, w *fixture) {
	t.Helper()
	w.insertOrSkip(t, "names", bson.D{{Key: "a.b", Value: 1}, {Key: "$c", Value: 1}})
}

// TestFieldsThatNoPathNames: users set and remove top-level fields whose names are empty, have a dot or start with a
// dollar sign, guarded by the old value, and under the rules.
func TestFieldsThatNoPathNames(t *testing.T) {
	w := newFixture(t, map[string]string{
		rulesFile("team"): `{"roles":[{"name":"peer","apply_when":{},"read":true,"write":true}]}`,
		rulesFile("hidden"): `{"roles":[{"name":"peer","apply_when":{},"fields":{"n":{"read":true,"write":true}},
			"additional_fields":{"read":false,"write":false}}]}`,
		rulesFile("shown"): `{"roles":[{"name":"peer","apply_when":{},"fields":{"n":{"read":true,"write":true}},
			"additional_fields":{"read":true,"write":false}}]}`})
	needsAnyNames(t, w)
	const before = `{"_id":{"$numberInt":"1"},"usb-c 3.1":"yes","pay.month":{"$numberInt":"9"},"$rank":{"$numberInt":"2"},"":"empty"}`
	for _, c := range []struct{ query, update, after string }{
		{unchangedField("usb-c 3.1", "string", `"yes"`), setField("usb-c 3.1", `"no"`), strings.Replace(before, "yes", "no",
			1)},
		{unchangedField("usb-c 3.1", "string", `"no"`), setField("usb-c 3.1", `"no"`), before},
		{`{}`, unsetField(""), strings.Replace(before, `,"":"empty"`, "", 1)},
		{`{}`, unsetField("usb-c 3.1") + "," + setField("new.one", `{"$exact":1}`),
			strings.Replace(strings.TrimSuffix(before, "}"), `,"usb-c 3.1":"yes"`, "", 1) +
				`,"new.one":{"$exact":{"$numberInt":"1"}}}`},
	} {
		if _, err := w.db.Collection("team").DeleteMany(w.ctx, bson.D{}); err != nil {
			t.Fatal(err)
		}
		w.insert("team", before)
		if _, err := w.call(w.me, "team", "updateOne", `{"query":`+c.query+`,"update":[`+c.update+`]}`); err != nil {
			t.Errorf("%s %s: %v", c.query, c.update, err)
		}
		if got := w.stored("team", `{}`); got != c.after {
			t.Errorf("%s %s left\n%s, want\n%s", c.query, c.update, got, c.after)
		}
	}
	for _, name := range []string{"hidden", "shown"} {
		before := strings.Replace(before, "}", `},"n":1`, 1)
		w.insert(name, before)
		before = w.stored(name, `{}`)
		for _, update := range []string{setField("$rank", "2"), setField("$rank", "9"), unsetField("usb-c 3.1"),
			unsetField("none.such")} {
			if name == "shown" && (update == setField("$rank", "2") || update == unsetField("none.such")) {
				continue // changes nothing, and reveals nothing that is not shown
			}
			w.expectError(w.me, name, "updateOne", `{"query":{},"update":[`+update+`]}`, 403, api.CodeNoMatchingRuleFound)
		}
		if got := w.stored(name, `{}`); got != before {
			t.Errorf("left %s", got)
		}
	}
	// A hidden field cannot be guessed: the right value does not match either.
	w.expect(w.me, "hidden", "count", `{"query":`+unchangedField("$rank", "int", "2")+`}`, `{"$numberLong":"0"}`)
	w.expect(w.me, "shown", "count", `{"query":`+unchangedField("$rank", "int", "2")+`}`, `{"$numberLong":"1"}`)
	w.insert(custom, `{"_id":1,"userId":"`+me+`"}`)
	for _, name := range []string{"userId", "_id"} {
		for _, update := range []string{setField(name, `"x"`), unsetField(name)} {
			if got, err := w.call(w.me, custom, "updateOne", `{"query":{},"update":[`+update+`]}`); err == nil &&
				update != unsetField("_id") {
				t.Errorf("%s: %v", update, got) // a pipeline without _id keeps it
			}
		}
	}
	if got := w.stored(custom, `{}`); got != `{"_id":{"$numberInt":"1"},"userId":"`+me+`"}` {
		t.Errorf("left %s", got)
	}
}

// TestOtherPipelinesAreRefused: users may use no other expressions in an update or a filter.
func TestOtherPipelinesAreRefused(t *testing.T) {
	w := newFixture(t, nil)
	w.insert(custom, `{"_id":1,"userId":"`+me+`","a":1}`)
	literal := setField("a", "1")
	for _, update := range []string{
		"", `{"$set":{"a":2}}`, literal + `,{"$unset":"a"}`,
		strings.Replace(literal, "$$ROOT", "$$CURRENT", 1), strings.Replace(literal, `{"$literal":1}`, `"$userId"`, 1),
		strings.Replace(literal, `{"$literal":"a"}`, `"a"`, 1), strings.Replace(literal, "$replaceWith", "$replaceRoot", 1),
		strings.Replace(literal, `"input"`, `"more":1,"input"`, 1),
		strings.Replace(literal, `{"$literal":1}`, `{"$literal":1,"$add":[1]}`, 1),
		`{"$replaceWith":{"$setField":{"field":{"$literal":"a"},"input":"$$ROOT"}}}`,
	} {
		w.expectError(w.me, custom, "updateOne", `{"query":{},"update":[`+update+`]}`, 400, api.CodeMongoDBError)
	}
	w.expectError(w.me, custom, "updateOne", `{"query":{},"update":[`+literal+`],"upsert":true}`, 400,
		api.CodeMongoDBError)
	condition := unchangedField("a", "int", "1")
	for _, query := range []string{
		`{"$expr":{"$and":[]}}`, `{"$expr":{"$eq":["$a",1]}}`, `{"$and":[` + condition + `]}`,
		strings.Replace(condition, `{"$literal":1}`, `"$userId"`, 1), strings.Replace(condition, `{"$literal":"int"}`, `"$a"`,
			1),
		strings.Replace(condition, `{"$literal":"a"}`, `"a"`, 1), strings.Replace(condition, `"$type"`, `"$toString"`, 1),
	} {
		if got := w.expectError(w.me, custom, "find", `{"query":`+query+`}`, 400,
			api.CodeMongoDBError); !strings.Contains(got, "$expr") {
			t.Errorf("%s: %s", query, got)
		}
	}
}

// TestChangedFieldThatNoPathNames: another writer changes the field between the check and the write.
func TestChangedFieldThatNoPathNames(t *testing.T) {
	w := newFixture(t, nil)
	needsAnyNames(t, w)
	w.insert(custom, `{"_id":1,"userId":"`+me+`","a.b":1}`)
	w.interfere(custom, func() {
		stages := bson.A{doc(t, setField("a.b", "5"))}
		if _, err := w.db.Collection(custom).UpdateOne(w.ctx, bson.D{}, stages, store.Change{}); err != nil {
			t.Error(err)
		}
	})
	w.expect(w.me, custom, "updateOne", `{"query":`+unchangedField("a.b", "int", "1")+`,"update":[`+setField("a.b", "2")+
		`]}`,
		`{"matchedCount":{"$numberInt":"0"},"modifiedCount":{"$numberInt":"0"}}`)
	if got := w.stored(custom, `{}`); !strings.Contains(got, `"a.b":{"$numberInt":"5"}`) {
		t.Errorf("the change of another writer was overwritten: %s", got)
	}
}

// TestLiteralsInGuards: $eq compares patterns, code and documents that look like operators as they are.
func TestLiteralsInGuards(t *testing.T) {
	w := newFixture(t, nil)
	for _, value := range []string{
		`{"$regularExpression":{"pattern":"^a","options":"i"}}`, `{"$code":"return 1"}`,
		`{"deep":[{"$regularExpression":{"pattern":"x","options":""}}]}`,
	} {
		t.Run(value, func(t *testing.T) {
			if _, err := w.db.Collection(custom).DeleteMany(w.ctx, bson.D{}); err != nil {
				t.Fatal(err)
			}
			w.insertOrSkip(t, custom, doc(t, `{"_id":1,"userId":"`+me+`","v":`+value+`,"text":"abc"}`))
			w.expect(w.me, custom, "updateOne", `{"query":{"v":{"$eq":`+value+`}},"update":{"$set":{"n":1,"copy":`+value+
				`}}}`, `{"matchedCount":{"$numberInt":"1"},"modifiedCount":{"$numberInt":"1"}}`)
			w.expect(w.me, custom, "count", `{"query":{"copy":{"$eq":`+value+`}}}`, `{"$numberLong":"1"}`)
			w.expect(w.me, custom, "count", `{"query":{"text":{"$eq":`+value+`}}}`, `{"$numberLong":"0"}`)
		})
	}
}

// TestDuplicatesElsewhere: a document with a duplicate key can be changed elsewhere; the duplicates stay as they are.
func TestDuplicatesElsewhere(t *testing.T) {
	w := newFixture(t, nil)
	before := bson.D{{Key: "_id", Value: 1}, {Key: "userId", Value: me}, {Key: "n", Value: 1},
		{Key: "o", Value: bson.D{{Key: "x", Value: 1}, {Key: "x", Value: 2}, {Key: "y", Value: 3}}}}
	w.insertOrSkip(t, custom, before)
	const one = `{"matchedCount":{"$numberInt":"1"},"modifiedCount":{"$numberInt":"1"}}`
	w.expect(w.me, custom, "updateOne", `{"query":{},"update":{"$set":{"n":2}}}`, one)
	w.expect(w.me, custom, "updateOne", `{"query":{},"update":{"$set":{"o.y":4}}}`, one)
	w.expect(w.me, custom, "findOneAndUpdate", `{"filter":{},"update":{"$set":{"new":1}},"projection":{"_id":1}}`,
		`{"_id":{"$numberInt":"1"}}`)
	w.expectError(w.me, custom, "updateOne", `{"query":{},"update":{"$set":{"o.x":4}}}`, 400, api.CodeMongoDBError)
	raw, err := w.db.Collection(custom).FindOne(w.ctx, bson.D{}, store.Find{})
	if err != nil {
		t.Fatal(err)
	}
	before[2].Value, before[3].Value = 2, bson.D{{Key: "x", Value: 1}, {Key: "x", Value: 2}, {Key: "y", Value: 4}}
	if want, err := bson.Marshal(append(before, bson.E{Key: "new", Value: 1})); err != nil || string(want) != string(raw) {
		t.Errorf("left %s, want %s (%v)", raw, bson.Raw(want), err)
	}
}
