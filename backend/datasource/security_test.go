package datasource

import (
	"strings"
	"testing"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/rules"
)

// TestForbiddenOperators: operators that users may not use are found at any depth, and these calls change and return
// nothing.
func TestForbiddenOperators(t *testing.T) {
	w := newFixture(t, nil)
	w.insert(custom, `{"_id":1,"userId":"`+me+`","a":[{"b":1}]}`)
	for _, c := range []struct{ function, arg string }{
		{"find", `{"query":{"$where":"1"}}`},
		{"find", `{"query":{"$and":[{"$or":[{"$expr":{"$eq":[1,1]}}]}]}}`},
		{"find", `{"query":{"a":{"$elemMatch":{"b":{"$regex":"x"}}}}}`},
		{"find", `{"query":{"a":{"$not":{"$regularExpression":{"pattern":"x","options":""}}}}}`},
		{"find", `{"query":{"a":{"$in":[{"$regularExpression":{"pattern":"x","options":""}}]}}}`},
		{"find", `{"query":{"$nor":[{"$jsonSchema":{}}]}}`},
		{"find", `{"query":{"$text":{"$search":"x"}}}`},
		{"find", `{"query":{"a":{"$code":"x"}}}`},
		{"find", `{"project":{"x":{"$function":{"body":"x","args":[],"lang":"js"}}}}`},
		{"find", `{"project":{"a":{"$elemMatch":{"$where":"1"}}}}`},
		{"find", `{"query":{"a":{"$bitsAllSet":1}}}`},
		{"find", `{"query":{"a":{"$geoWithin":{}}}}`},
		{"findOne", `{"query":{"a":{"$near":[1,2]}}}`},
		{"count", `{"query":{"$where":"1"}}`},
		{"aggregate", `{"pipeline":[{"$lookup":{"from":"x","localField":"a","foreignField":"b","as":"c"}}]}`},
		{"aggregate", `{"pipeline":[{"$match":{}},{"$unionWith":"x"}]}`},
		{"aggregate", `{"pipeline":[{"$facet":{"x":[]}}]}`},
		{"aggregate", `{"pipeline":[{"$graphLookup":{}}]}`},
		{"aggregate", `{"pipeline":[{"$merge":"custom_user_data"}]}`},
		{"aggregate", `{"pipeline":[{"$out":"custom_user_data"}]}`},
		{"aggregate", `{"pipeline":[{"$match":{"$expr":true}}]}`},
		{"aggregate", `{"pipeline":[{"$match":{"a":{"$regularExpression":{"pattern":"x","options":""}}}}]}`},
		{"aggregate", `{"pipeline":[{"$group":{"_id":1,"x":{"$accumulator":{}}}}]}`},
		{"aggregate", `{"pipeline":[{"$set":{"x":{"$cond":[true,{"$setIsSubset":[[],[]]},1]}}}]}`},
		{"aggregate", `{"pipeline":[{"$collStats":{}}]}`},
		{"updateOne", `{"query":{"$where":"1"},"update":{"$set":{"a":1}}}`},
		{"updateOne", `{"query":{},"update":[{"$set":{"a":1}}]}`},
		{"updateOne", `{"query":{},"update":{"$pull":{"a":{"b":{"$regex":"x"}}}}}`},
		{"updateOne", `{"query":{},"update":{"$pull":{"a":{"$regularExpression":{"pattern":"x","options":""}}}}}`},
		{"updateOne", `{"query":{},"update":{"$set":{"a.$[x].b":1}},"arrayFilters":[{"$where":"1"}]}`},
		{"deleteOne", `{"query":{"$expr":true}}`},
		{"findOneAndUpdate", `{"filter":{"$expr":true},"update":{"$set":{"a":1}}}`},
		{"findOneAndDelete", `{"filter":{"$or":[{"$where":"1"}]}}`},
	} {
		if got := w.expectError(w.me, custom, c.function, c.arg, 400, api.CodeMongoDBError); !strings.Contains(got,
			"not available to users") && !strings.Contains(got, "not supported") {
			t.Errorf("%s %s: %q", c.function, c.arg, got)
		}
	}
	if got := w.stored(custom, `{}`); got != `{"_id":{"$numberInt":"1"},"userId":"`+me+
		`","a":[{"b":{"$numberInt":"1"}}]}` {
		t.Errorf("stored %s", got)
	}
	w.expect(w.system, custom, "count", `{"query":{"userId":{"$regex":"^5f1f2"}}}`, `{"$numberLong":"1"}`)
}

// TestClosedDatabases: even functions that run as system cannot access the databases of accounts.
func TestClosedDatabases(t *testing.T) {
	w := newFixture(t, map[string]string{"data_sources/" + service +
		"/default_rule.json": `{"roles":[{"name":"all","apply_when":{},"read":true}]}`})
	for _, database := range []string{"dossier_dossier-demo", "DOSSIER_x", "admin", "config", "local", "Admin"} {
		for _, caller := range []rules.Caller{w.me, w.system} {
			b, err := bson.Marshal(bson.D{{Key: "database", Value: database}, {Key: "collection", Value: "users"}})
			if err != nil {
				t.Fatal(err)
			}
			if got, err := w.sources.Call(w.ctx, caller, service, "find", b); err == nil || !strings.Contains(err.Error(),
				"closed to applications") {
				t.Errorf("%s (system %v): %v %v", database, caller.System, got, err)
			}
		}
	}
}

// TestIDsCannotChange: no operation of a user changes _id or the user id field of custom data.
func TestIDsCannotChange(t *testing.T) {
	const before = `{"_id":{"$numberInt":"1"},"userId":"` + me +
		`","n":{"$numberInt":"1"},"list":[{"$numberInt":"1"},{"$numberInt":"2"}],"x":"` + other + `"}`
	for _, c := range []struct{ function, arg string }{
		{"updateOne", `{"query":{},"update":{"$set":{"userId":"` + other + `"}}}`},
		{"updateOne", `{"query":{},"update":{"$set":{"userId":{"$oid":"` + me + `"}}}}`},
		{"updateOne", `{"query":{},"update":{"$set":{"userId":["` + me + `"]}}}`},
		{"updateOne", `{"query":{},"update":{"$unset":{"userId":1}}}`},
		{"updateOne", `{"query":{},"update":{"$rename":{"userId":"owner"}}}`},
		{"updateOne", `{"query":{},"update":{"$rename":{"x":"userId"}}}`},
		{"updateOne", `{"query":{},"update":{"n":2}}`},
		{"updateOne", `{"query":{},"update":{"userId":"` + other + `","n":2}}`},
		{"updateOne", `{"query":{},"update":{"$min":{"userId":"0"}}}`},
		{"updateOne", `{"query":{},"update":{"$max":{"userId":"z"}}}`},
		{"updateOne", `{"query":{},"update":{"$currentDate":{"userId":true}}}`},
		{"updateMany", `{"query":{},"update":{"$set":{"userId":"` + other + `"}}}`},
		{"updateMany", `{"query":{},"update":{"userId":"` + other + `"}}`},
		{"updateOne", `{"query":{},"update":{"$set":{"_id":2}}}`},
		{"updateOne", `{"query":{},"update":{"_id":2,"userId":"` + me + `"}}`},
		{"updateOne", `{"query":{},"update":{"$set":{"userId.a":1}}}`},
		{"updateOne", `{"query":{},"update":{"$push":{"userId":1}}}`},
		{"findOneAndUpdate", `{"filter":{},"update":{"$set":{"userId":"` + other + `"}}}`},
		{"findOneAndReplace", `{"filter":{},"update":{"userId":"` + other + `"}}`},
		{"findOneAndReplace", `{"filter":{}}`},
		// new documents for another user
		{"updateOne", `{"query":{"userId":"` + me + `","q":1},"update":{"$set":{"userId":"` + other + `"}},"upsert":true}`},
		{"updateOne", `{"query":{"userId":"` + me + `","q":1},"update":{"$setOnInsert":{"userId":"` + other +
			`"}},"upsert":true}`},
		{"updateOne", `{"query":{"userId":"` + me + `","q":1},"update":{"userId":"` + other + `"},"upsert":true}`},
		{"updateOne", `{"query":{"userId":"` + me + `","q":1},"update":{"$unset":{"userId":1}},"upsert":true}`},
		{"updateOne", `{"query":{"q":1},"update":{"$set":{"userId":"` + other + `"}},"upsert":true}`},
		{"updateMany", `{"query":{"userId":{"$in":["` + me + `"]},"q":1},"update":{"$set":{"userId":"` + other +
			`"}},"upsert":true}`},
		{"findOneAndUpdate", `{"filter":{"userId":"` + me + `","q":1},"update":{"$set":{"userId":"` + other +
			`"}},"upsert":true}`},
		{"updateOne", `{"query":{"userId":{"$in":[3]}},"update":{"$set":{"a":1}},"upsert":true}`},
	} {
		w := newFixture(t, nil)
		w.insert(custom, `{"_id":1,"userId":"`+me+`","n":1,"list":[1,2],"x":"`+other+`"}`)
		if got, err := w.call(w.me, custom, c.function, c.arg); err == nil {
			t.Errorf("%s %s succeeded: %v", c.function, c.arg, got)
		}
		if got := w.stored(custom, `{"_id":1}`); got != before {
			t.Errorf("%s %s left %s", c.function, c.arg, got)
		}
		if n, err := w.db.Collection(custom).Count(w.ctx, bson.D{}, 0); err != nil || n != 1 {
			t.Errorf("%s %s left %d documents (%v)", c.function, c.arg, n, err)
		}
	}
}

// TestSystemFunctionsSetTheUserIDField: a function that runs as system makes, claims and hands over custom data; the
// database keeps the _id.
func TestSystemFunctionsSetTheUserIDField(t *testing.T) {
	w := newFixture(t, nil)
	w.insert(custom, `{"_id":1,"email":"ada@example.com"}`)
	for _, c := range []struct{ function, arg, stored string }{
		{"updateOne", `{"query":{"email":"ada@example.com"},"update":{"$set":{"userId":"` + me + `"}}}`,
			`{"_id":{"$numberInt":"1"},"email":"ada@example.com","userId":"` + me + `"}`},
		{"findOneAndUpdate", `{"filter":{"_id":1},"update":{"$set":{"userId":"` + other + `"}}}`,
			`{"_id":{"$numberInt":"1"},"email":"ada@example.com","userId":"` + other + `"}`},
		{"updateMany", `{"query":{"_id":1},"update":[{"$set":{"userId":"` + me + `"}}]}`,
			`{"_id":{"$numberInt":"1"},"email":"ada@example.com","userId":"` + me + `"}`},
		{"findOneAndReplace", `{"filter":{"_id":1},"update":{"userId":null}}`, `{"_id":{"$numberInt":"1"},"userId":null}`},
	} {
		if got, err := w.call(w.system, custom, c.function, c.arg); err != nil {
			t.Errorf("%s %s: %v %v", c.function, c.arg, got, err)
		}
		if got := w.stored(custom, `{"_id":1}`); got != c.stored {
			t.Errorf("%s %s left %s, want %s", c.function, c.arg, got, c.stored)
		}
	}
	const upsert = `{"query":{"_id":2},"update":{"$set":{"userId":"` + me + `"}},"upsert":true}`
	if got, err := w.call(w.system, custom, "updateOne", upsert); err != nil {
		t.Errorf("%s: %v %v", upsert, got, err)
	}
	if got, want := w.stored(custom, `{"_id":2}`), `{"_id":{"$numberInt":"2"},"userId":"`+me+`"}`; got != want {
		t.Errorf("%s left %s", upsert, got)
	}
	w.expectError(w.system, custom, "updateOne", `{"query":{"_id":2},"update":{"$set":{"_id":3}}}`, 400,
		api.CodeMongoDBError)
}

// TestDuplicateKeys: with a duplicate field two programs could read different owners.
func TestDuplicateKeys(t *testing.T) {
	w := newFixture(t, nil)
	arg, err := bson.Marshal(bson.D{{Key: "database", Value: w.db.Name()}, {Key: "collection", Value: custom},
		{Key: "document", Value: bson.D{{Key: "userId", Value: me}, {Key: "userId", Value: other}}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.sources.Call(w.ctx, w.me, service, "insertOne", arg); err == nil || !strings.Contains(err.Error(),
		`duplicate field "userId"`) {
		t.Errorf("insert: %v", err)
	}
	twice, err := bson.Marshal(bson.D{{Key: "database", Value: w.db.Name()}, {Key: "collection", Value: "a"},
		{Key: "collection", Value: custom}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.sources.Call(w.ctx, w.me, service, "find", twice); err == nil || !strings.Contains(err.Error(),
		"duplicate key") {
		t.Errorf("arguments: %v", err)
	}
}

// TestHiddenFieldsDoNotLeak: queries cannot match, sort, group, project or count by hidden fields.
func TestHiddenFieldsDoNotLeak(t *testing.T) {
	w := newFixture(t, map[string]string{
		rulesFile("staff"): `{"roles":[{"name":"owner","apply_when":{"owner":"%%user.id"},"read":true,"write":true},
			{"name":"peer","apply_when":{"team":"blue"},"fields":{"salary":{"read":false,"write":false}},"additional_fields":{"read":true,"write":true}}]}`,
	})
	w.insert("staff",
		`{"_id":1,"owner":"`+me+`","team":"blue","name":"me","salary":50}`,
		`{"_id":2,"owner":"b","team":"blue","name":"bea","salary":100}`,
		`{"_id":3,"owner":"c","team":"blue","name":"cem","salary":10}`,
		`{"_id":4,"owner":"d","team":"red","name":"dan","salary":70}`)
	for _, c := range []struct{ function, arg, want string }{
		{"find", `{"query":{"salary":100}}`, `[]`},
		{"find", `{"query":{"salary":{"$gt":0}},"project":{"_id":1}}`, `[{"_id":{"$numberInt":"1"}}]`},
		{"find", `{"query":{"salary":{"$ne":100}},"project":{"name":1,"_id":0}}`,
			`[{"name":"me"},{"name":"bea"},{"name":"cem"}]`},
		{"find", `{"sort":{"salary":1},"project":{"_id":1}}`,
			`[{"_id":{"$numberInt":"2"}},{"_id":{"$numberInt":"3"}},{"_id":{"$numberInt":"1"}}]`},
		{"find", `{"sort":{"name":1},"limit":2,"project":{"salary":1,"name":1,"_id":0}}`, `[{"name":"bea"},{"name":"cem"}]`},
		{"find", `{"query":{"_id":2},"project":{"stolen":"$salary","name":1,"_id":0}}`, `[{"name":"bea"}]`},
		{"findOne", `{"query":{"name":"dan"}}`, `null`},
		{"count", `{}`, `{"$numberLong":"3"}`},
		{"count", `{"query":{"salary":{"$exists":true}}}`, `{"$numberLong":"1"}`},
		{"aggregate", `{"pipeline":[{"$group":{"_id":null,"sum":{"$sum":"$salary"},"n":{"$sum":1}}}]}`,
			`[{"_id":null,"sum":{"$numberInt":"50"},"n":{"$numberInt":"3"}}]`},
		{"aggregate", `{"pipeline":[{"$sort":{"salary":-1}},{"$limit":1},{"$project":{"name":1,"_id":0}}]}`,
			`[{"name":"me"}]`},
		{"aggregate", `{"pipeline":[{"$match":{"salary":100}}]}`, `[]`},
		{"aggregate", `{"pipeline":[{"$replaceRoot":{"newRoot":{"x":"$$ROOT.salary"}}},{"$match":{"x":100}}]}`, `[]`},
		{"aggregate", `{"pipeline":[{"$set":{"copy":"$salary"}},{"$match":{"copy":{"$exists":true}}},{"$count":"n"}]}`,
			`[{"n":{"$numberInt":"1"}}]`},
		{"updateOne", `{"query":{"salary":100},"update":{"$set":{"x":1}}}`,
			`{"matchedCount":{"$numberInt":"0"},"modifiedCount":{"$numberInt":"0"}}`},
		{"updateMany", `{"query":{"team":"blue"},"update":{"$set":{"seen":true}}}`,
			`{"matchedCount":{"$numberInt":"3"},"modifiedCount":{"$numberInt":"3"}}`},
		{"findOneAndUpdate", `{"filter":{"_id":2},"update":{"$set":{"name":"Bea"}},"returnNewDocument":true}`,
			`{"_id":{"$numberInt":"2"},"owner":"b","team":"blue","name":"Bea","seen":true}`},
	} {
		w.expect(w.me, "staff", c.function, c.arg, c.want)
	}
	w.expectError(w.me, "staff", "updateOne", `{"query":{"_id":2},"update":{"$set":{"salary":1}}}`, 403,
		api.CodeNoMatchingRuleFound)
	w.expectError(w.me, "staff", "updateOne", `{"query":{"_id":2},"update":{"$rename":{"salary":"name"}}}`, 403,
		api.CodeNoMatchingRuleFound)
	w.expectError(w.me, "staff", "updateOne", `{"query":{"_id":2},"update":{"name":"gone"}}`, 403,
		api.CodeNoMatchingRuleFound)
	w.expectError(w.me, "staff", "updateOne", `{"query":{"_id":2},"update":{"$inc":{"salary":0.5}}}`, 403,
		api.CodeNoMatchingRuleFound)
	if got := w.stored("staff", `{"_id":4}`); strings.Contains(got, "seen") {
		t.Errorf("a hidden document was changed: %s", got)
	}
}

// TestFilters: a filter narrows every query and hides fields before the caller's query is evaluated.
func TestFilters(t *testing.T) {
	w := newFixture(t, map[string]string{
		rulesFile("posts"): `{"roles":[{"name":"all","apply_when":{},"read":true,"write":true,"delete":true}],
			"filters":[{"name":"open","apply_when":{"%%user.type":"normal"},"query":{"open":true},"projection":{"draft":0}}]}`,
	})
	w.insert("posts", `{"_id":1,"open":true,"draft":"d1","t":"a"}`, `{"_id":2,"open":false,"draft":"d2","t":"b"}`)
	w.expect(w.me, "posts", "find", `{}`, `[{"_id":{"$numberInt":"1"},"open":true,"t":"a"}]`)
	w.expect(w.me, "posts", "find", `{"query":{"draft":"d1"}}`, `[]`)
	w.expect(w.me, "posts", "count", `{"query":{"draft":{"$exists":true}}}`, `{"$numberLong":"0"}`)
	w.expect(w.me, "posts", "deleteMany", `{"query":{"t":"b"}}`, `{"deletedCount":{"$numberInt":"0"}}`)
	w.expect(w.me, "posts", "aggregate", `{"pipeline":[{"$project":{"draft":1,"_id":0}}]}`, `[{}]`)
}

// TestRuleNotExpressibleAsQuery: a rule that compares two fields of a document is applied although no filter expresses
// it.
func TestRuleNotExpressibleAsQuery(t *testing.T) {
	w := newFixture(t, map[string]string{
		rulesFile("tasks"): `{"roles":[{"name":"mine","apply_when":{"assignee":"%%root.creator"},"read":true,"write":true}]}`,
	})
	w.insert("tasks", `{"_id":1,"assignee":"a","creator":"a"}`, `{"_id":2,"assignee":"a","creator":"b"}`)
	w.expect(w.me, "tasks", "find", `{"project":{"_id":1}}`, `[{"_id":{"$numberInt":"1"}}]`)
	w.expect(w.me, "tasks", "aggregate", `{"pipeline":[{"$count":"n"}]}`, `[{"n":{"$numberInt":"1"}}]`)
	w.expect(w.me, "tasks", "updateMany", `{"query":{},"update":{"$set":{"x":1}}}`,
		`{"matchedCount":{"$numberInt":"1"},"modifiedCount":{"$numberInt":"1"}}`)
}

// TestLongErrorMessages: an error that quotes a large document is truncated.
func TestLongErrorMessages(t *testing.T) {
	w := newFixture(t, nil)
	w.insert(custom, `{"_id":1,"userId":"`+me+`","a":["`+strings.Repeat("é", 5000)+`"]}`)
	for _, caller := range []rules.Caller{w.me, w.system} {
		if got := w.expectError(caller, custom, "updateOne", `{"query":{},"update":{"$set":{"a.b":1}}}`, 400,
			api.CodeMongoDBError); len(got) > maxMessage+3 || !utf8.ValidString(got) {
			t.Errorf("%d bytes", len(got))
		}
	}
}

// TestLongPaths: a path of a million segments is rejected, also from system functions.
func TestLongPaths(t *testing.T) {
	w := newFixture(t, nil)
	path := strings.Repeat("a.", 1<<20) + "a"
	for _, caller := range []rules.Caller{w.me, w.system} {
		for _, c := range []struct{ function, arg string }{
			{"updateOne", `{"query":{},"update":{"$set":{"` + path + `":1}}}`},
			{"find", `{"query":{"$or":[{"` + path + `":1}]}}`},
			{"find", `{"project":{"` + path + `":1}}`},
			{"aggregate", `{"pipeline":[{"$set":{"` + path + `":1}}]}`},
		} {
			if got := w.expectError(caller, custom, c.function, c.arg, 400, api.CodeMongoDBError); !strings.Contains(got,
				"more than 200 segments") {
				t.Errorf("%s: %.100s", c.function, got)
			}
		}
	}
}

// TestCustomDataHasOneOwner: a user cannot insert a document that another user writes to, to read what that user
// writes.
func TestCustomDataHasOneOwner(t *testing.T) {
	w := newFixture(t, nil)
	for _, id := range []string{`["` + me + `","` + other + `"]`, `["` + me + `"]`, `{"a":"` + me + `"}`, `null`, `7`} {
		document := `{"_id":1,"userId":` + id + `}`
		for _, c := range []struct{ function, arg string }{
			{"insertOne", `{"document":` + document + `}`},
			{"insertMany", `{"documents":[` + document + `]}`},
			{"updateOne", `{"query":{"userId":"` + me + `"},"update":` + document + `,"upsert":true}`},
		} {
			if got, err := w.call(w.me, custom, c.function, c.arg); err == nil {
				t.Errorf("%s %s succeeded: %v", c.function, c.arg, got)
			}
		}
	}
	if got := w.stored(custom, `{}`); got != "" {
		t.Errorf("stored %s", got)
	}
}

// TestRenamesDoNotReveal: a field with write but no read permission, by a role or a filter, is not readable under a new
// name.
func TestRenamesDoNotReveal(t *testing.T) {
	w := newFixture(t, map[string]string{rulesFile("letters"): `{"roles":[{"name":"all","apply_when":{},
		"fields":{"pin":{"read":false,"write":true},"deep":{"read":true,"fields":{"pin":{"read":false,"write":true}}}},"additional_fields":{"read":true,"write":true}}],
		"filters":[{"name":"f","apply_when":{},"projection":{"draft":0}}]}`})
	const letter = `{"_id":1,"pin":7,"deep":{"pin":8,"n":1},"draft":"d","open":1}`
	w.insert("letters", letter)
	for _, name := range []string{"pin", "deep.pin", "draft"} {
		w.expectError(w.me, "letters", "updateOne", `{"query":{},"update":{"$rename":{"`+name+`":"shown"}}}`, 403,
			api.CodeNoMatchingRuleFound)
	}
	w.expect(w.me, "letters", "updateOne", `{"query":{},"update":{"$rename":{"open":"closed","none":"other"},"$set":{"pin":9}}}`, `{"matchedCount":{"$numberInt":"1"},"modifiedCount":{"$numberInt":"1"}}`)
}

// TestFilteredFieldsCannotBeGuessed: updates that leave a filtered field unchanged do not reveal its value.
func TestFilteredFieldsCannotBeGuessed(t *testing.T) {
	for projection, hidden := range map[string][]string{
		`{"draft":0,"deep.x":0}`: {"draft", "deep.x", "deep"}, `{"draft":0,"deep":{"x":0}}`: {"draft", "deep.x"},
		`{"open":1,"deep.y":1}`: {"draft", "deep.x", "deep"},
	} {
		w := newFixture(t, map[string]string{rulesFile("posts"): `{"roles":[{"name":"all","apply_when":{},"read":true,"fields":{"mine":{"write":true}}}],
			"filters":[{"name":"f","apply_when":{},"projection":` + projection + `}]}`})
		w.insert("posts", `{"_id":1,"draft":7,"deep":{"x":7,"y":1},"open":1}`)
		for _, name := range hidden {
			for _, update := range []string{`{"$max":{"` + name + `":0}}`, `{"$max":{"` + name + `":9}}`, `{"$unset":{"` + name +
				`":1}}`} {
				if got := w.expectError(w.me, "posts", "updateOne", `{"query":{"_id":1},"update":`+update+`}`, 403,
					api.CodeNoMatchingRuleFound); !strings.Contains(got, "no write permission") {
					t.Errorf("%s under %s: %s", update, projection, got)
				}
			}
		}
		w.expectError(w.me, "posts", "updateOne", `{"query":{"_id":1},"update":{"draft":7,"deep":{"x":7,"y":1},"open":1}}`,
			403, api.CodeNoMatchingRuleFound)
		w.expectError(w.me, "posts", "updateOne", `{"query":{"_id":1},"update":{"open":1}}`, 403, api.CodeNoMatchingRuleFound)
		if strings.Contains(projection, ".") {
			w.expect(w.me, "posts", "updateOne", `{"query":{"_id":1},"update":{"$max":{"open":1,"deep.y":1}}}`,
				`{"matchedCount":{"$numberInt":"1"},"modifiedCount":{"$numberInt":"0"}}`)
		}
	}
}

// TestHiddenFieldsCannotBeGuessed: an update that leaves a hidden field unchanged, or that cannot be applied to it,
// does not reveal its value: a wrong guess and a right one get the same response.
func TestHiddenFieldsCannotBeGuessed(t *testing.T) {
	w := newFixture(t, map[string]string{rulesFile("guess"): `{"roles":[{"name":"own","apply_when":{"owner":"%%user.id"},"read":true,"write":true,
		"fields":{"hidden":{"read":false,"write":false},"deep":{"fields":{"hidden":{"read":false,"write":false}}},"rows":{"fields":{"hidden":{"read":false,"write":false}}},"shown":{"write":false}}}]}`})
	const before = `{"_id":1,"owner":"` + me + `","hidden":"secret","deep":{"hidden":7,"n":1},"list":[1],"shown":3}`
	w.insert("guess", before)
	for _, c := range []struct{ right, wrong string }{
		{`{"$set":{"hidden":"secret"}}`, `{"$set":{"hidden":"guess"}}`},
		{`{"$set":{"deep.hidden":7}}`, `{"$set":{"deep.hidden":8}}`},
		{`{"$set":{"deep":{"hidden":7,"n":1}}}`, `{"$set":{"deep":{"hidden":8,"n":1}}}`},
		{`{"$max":{"hidden":"a"}}`, `{"$max":{"hidden":"z"}}`},
		{`{"$min":{"deep.hidden":8}}`, `{"$min":{"deep.hidden":6}}`},
		{`{"$inc":{"deep.hidden":0}}`, `{"$inc":{"hidden":1}}`},
		{`{"$unset":{"nothing.there":1,"hidden":1}}`, `{"$unset":{"hidden":1}}`},
		{`{"$rename":{"hidden":"list"}}`, `{"$rename":{"hidden":"list"}}`},
		{`{"$pull":{"hidden":1}}`, `{"$pull":{"deep.hidden":1}}`},
		{`{"owner":"` + me + `","hidden":"secret","deep":{"hidden":7,"n":1},"list":[1],"shown":3}`,
			`{"owner":"` + me + `","hidden":"guess","deep":{"hidden":7,"n":1},"list":[1],"shown":3}`},
	} {
		for _, update := range []string{c.right, c.wrong} {
			message := w.expectError(w.me, "guess", "updateOne", `{"query":{"_id":1},"update":`+update+`}`, 403,
				api.CodeNoMatchingRuleFound)
			if strings.Contains(message, "secret") || !strings.Contains(message, "no write permission") {
				t.Errorf("%s: %q", update, message)
			}
		}
	}
	w.insert("guess", `{"_id":2,"owner":"`+me+`","rows":[{"hidden":1,"n":1},{"hidden":2,"n":2}]}`)
	for _, arg := range []string{
		`{"query":{"_id":2},"update":{"$set":{"rows.$[x].n":3}},"arrayFilters":[{"x.hidden":2}]}`,
		`{"query":{"_id":2},"update":{"$set":{"rows.$[x].n":3}},"arrayFilters":[{"x":{"hidden":2,"n":2}}]}`,
		`{"query":{"_id":2},"update":{"$set":{"rows.$[x].n":3}},"arrayFilters":[{"$or":[{"x.hidden":{"$gt":1}}]}]}`,
		`{"query":{"$or":[{"rows.hidden":2},{"_id":2}]},"update":{"$set":{"rows.$.n":3}}}`,
		`{"query":{"_id":2},"update":{"$set":{"rows.1.hidden":2}}}`,
		`{"query":{"_id":2},"update":{"$max":{"rows.$[].hidden":0}}}`,
		`{"query":{"_id":2},"update":{"$pull":{"rows":{"hidden":2}}}}`,
		`{"query":{"_id":2},"update":{"$rename":{"rows":"list"}}}`,
	} {
		w.expectError(w.me, "guess", "updateOne", arg, 403, api.CodeNoMatchingRuleFound)
	}
	// A replacement without a hidden field does not reveal whether the field exists.
	w.insert("guess", `{"_id":3,"owner":"`+me+`","shown":1}`)
	if present, missing := w.expectError(w.me, "guess", "updateOne", `{"query":{"_id":1},"update":{"owner":"`+me+`"}}`,
		403, api.CodeNoMatchingRuleFound),
		w.expectError(w.me, "guess", "findOneAndReplace", `{"filter":{"_id":3},"update":{"owner":"`+me+`","shown":1}}`, 403,
			api.CodeNoMatchingRuleFound); present != missing {
		t.Errorf("%q and %q", present, missing)
	}
	w.expect(w.me, "guess", "updateOne", `{"query":{"_id":1,"list":1},"update":{"$set":{"list.$":2}}}`,
		`{"matchedCount":{"$numberInt":"1"},"modifiedCount":{"$numberInt":"1"}}`)
	w.expect(w.me, "guess", "updateOne", `{"query":{"_id":1},"update":{"$inc":{"list.$[x]":1}},"arrayFilters":[{"x":2}]}`,
		`{"matchedCount":{"$numberInt":"1"},"modifiedCount":{"$numberInt":"1"}}`)
	w.expect(w.me, "guess", "updateOne", `{"query":{"_id":1},"update":{"$set":{"deep.n":2,"shown":3},"$push":{"list":2}}}`,
		`{"matchedCount":{"$numberInt":"1"},"modifiedCount":{"$numberInt":"1"}}`)
}
