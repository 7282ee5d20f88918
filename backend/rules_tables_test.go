package backend_test

import "fmt"

// roleTables: the role that applies to a document, and its document-level permissions.
func roleTables() []ruleTable {
	return []ruleTable{
		{
			about: "the first role that applies to a document counts",
			rules: `{"roles":[
				{"name":"chief","apply_when":{"%%user.custom_data.team":"blue","kind":"a"},"read":true,"write":true},
				{"name":"reader","apply_when":{"owner":"%%user.id"},"read":true,"write":false},
				{"name":"rest","apply_when":{"kind":"c"},"read":{"open":true}}]}`,
			before: `[{"_id":1,"kind":"a","owner":"STRANGER"},{"_id":2,"kind":"b","owner":"ME"},{"_id":3,"kind":"c","open":true},{"_id":4,"kind":"c","open":false},{"_id":5,"kind":"d"}]`,
			cases: []ruleCase{
				{"find", `{"project":{"_id":1}}`, `[{"_id":1},{"_id":2},{"_id":3}]`, ""},
				{"find", `{"query":{"_id":4}}`, `[]`, ""},
				{"findOne", `{"query":{"kind":"d"}}`, `null`, ""},
				{"count", `{}`, `3`, ""},
				{"updateOne", `{"query":{"_id":1},"update":{"$set":{"n":1}}}`, changed1,
					`[{"_id":1,"kind":"a","owner":"STRANGER","n":1},{"_id":2,"kind":"b","owner":"ME"},{"_id":3,"kind":"c","open":true},{"_id":4,"kind":"c","open":false},{"_id":5,"kind":"d"}]`},
				{"updateOne", `{"query":{"_id":2},"update":{"$set":{"n":1}}}`,
					noUpdate + `role "reader" of app.c0 has no write permission for field "n"`, ""},
				{"updateOne", `{"query":{"_id":3},"update":{"$set":{"n":1}}}`, noUpdate + `role "rest"`, ""},
				{"updateOne", `{"query":{"_id":4},"update":{"$set":{"n":1}}}`, changed0, ""},
				{"updateOne", `{"query":{"_id":5},"update":{"$set":{"n":1}}}`, changed0, ""},
				{"updateMany", `{"query":{},"update":{"$set":{"n":1}}}`, noUpdate, ""},
				{"deleteOne", `{"query":{"_id":1}}`, noDelete + `role "chief" of app.c0 has no delete permission`, ""},
				{"deleteMany", `{"query":{"kind":"d"}}`, deleted0, ""},
			},
		},
		{
			about: "a later role that allows more does not apply",
			rules: `{"roles":[{"name":"strict","apply_when":{"owner":"%%user.id"},"read":true,"write":false},
				{"name":"all","apply_when":{},"read":true,"write":true,"insert":true,"delete":true}]}`,
			before: `[{"_id":1,"owner":"ME"},{"_id":2,"owner":"STRANGER"}]`,
			cases: []ruleCase{
				{"updateOne", `{"query":{"_id":1},"update":{"$set":{"n":1}}}`, noUpdate, ""},
				{"updateOne", `{"query":{"_id":2},"update":{"$set":{"n":1}}}`, changed1,
					`[{"_id":1,"owner":"ME"},{"_id":2,"owner":"STRANGER","n":1}]`},
				{"updateOne", `{"query":{"_id":1},"update":{"$set":{"owner":"STRANGER"}}}`, noUpdate, ""},
				{"deleteMany", `{"query":{}}`, noDelete, ""},
				{"deleteOne", `{"query":{"_id":2}}`, deleted1, `[{"_id":1,"owner":"ME"}]`},
				{"insertOne", `{"document":{"_id":3,"owner":"ME"}}`, noInsert + `role "strict"`, ""},
				{"insertOne", `{"document":{"_id":3,"owner":"STRANGER"}}`, `{"insertedId":3}`,
					`[{"_id":1,"owner":"ME"},{"_id":2,"owner":"STRANGER"},{"_id":3,"owner":"STRANGER"}]`},
			},
		},
		{
			about: "read, write, insert and delete of the document, by expression",
			rules: `{"roles":[{"name":"own","apply_when":{"owner":"%%user.id"},"read":{"hidden":{"%ne":true}},"write":{"locked":{"%ne":true}},
				"insert":{"kind":{"%in":["note","task"]}},"delete":{"%%root.n":{"%lt":3}}}]}`,
			before: `[{"_id":1,"owner":"ME","n":1},{"_id":2,"owner":"ME","n":5,"locked":true},{"_id":3,"owner":"ME","n":1,"hidden":true},{"_id":4,"owner":"STRANGER","n":1}]`,
			cases: []ruleCase{
				{"find", `{"project":{"_id":1}}`, `[{"_id":1},{"_id":2}]`, ""},
				{"find", `{"query":{"hidden":true}}`, `[]`, ""},
				{"updateOne", `{"query":{"_id":2},"update":{"$set":{"x":1}}}`, noUpdate, ""},
				{"updateOne", `{"query":{"_id":2},"update":{"$set":{"locked":false}}}`, noUpdate, ""},
				{"updateOne", `{"query":{"_id":1},"update":{"$set":{"locked":true}}}`, noUpdate, ""},
				{"updateOne", `{"query":{"_id":3},"update":{"$set":{"x":1}}}`, changed0, ""},
				{"updateMany", `{"query":{},"update":{"$inc":{"n":1}}}`, noUpdate, ""},
				{"deleteOne", `{"query":{"_id":2}}`, noDelete, ""},
				{"deleteMany", `{"query":{"owner":"ME"}}`, noDelete, ""},
				{"deleteMany", `{"query":{"n":1}}`, deleted1,
					`[{"_id":2,"owner":"ME","n":5,"locked":true},{"_id":3,"owner":"ME","n":1,"hidden":true},{"_id":4,"owner":"STRANGER","n":1}]`},
				{"deleteOne", `{"query":{"_id":4}}`, deleted0, ""},
				{"insertOne", `{"document":{"_id":9,"owner":"ME","kind":"memo"}}`, noInsert, ""},
				{"insertOne", `{"document":{"_id":9,"owner":"STRANGER","kind":"note"}}`, noInsert + `no role of app.c2 applies`,
					""},
				{"insertOne", `{"document":{"_id":9,"owner":"ME","kind":"note","locked":true}}`, noInsert, ""},
				{"insertMany", `{"documents":[{"_id":8,"owner":"ME","kind":"note"},{"_id":9,"owner":"STRANGER","kind":"note"}]}`,
					noInsert, ""},
				{"insertOne", `{"document":{"_id":9,"owner":"ME","kind":"task"}}`, `{"insertedId":9}`,
					`[{"_id":1,"owner":"ME","n":1},{"_id":2,"owner":"ME","n":5,"locked":true},{"_id":3,"owner":"ME","n":1,"hidden":true},{"_id":4,"owner":"STRANGER","n":1},{"_id":9,"owner":"ME","kind":"task"}]`},
			},
		},
		{
			about:  "a role without permissions",
			rules:  `{"roles":[{"name":"none","apply_when":{}}]}`,
			before: `[{"_id":1}]`,
			cases: []ruleCase{
				{"find", `{}`, `[]`, ""},
				{"count", `{}`, `0`, ""},
				{"insertOne", `{"document":{"_id":2}}`, noInsert + `role "none" of app.c3 has no insert permission`, ""},
				{"updateOne", `{"query":{},"update":{"$set":{"a":1}}}`, changed0, ""},
				{"updateOne", `{"query":{"_id":2},"update":{"$set":{"a":1}},"upsert":true}`, noInsert, ""},
				{"deleteMany", `{"query":{}}`, deleted0, ""},
				{"findOneAndDelete", `{"filter":{}}`, `null`, ""},
				{"aggregate", `{"pipeline":[{"$group":{"_id":null,"n":{"$sum":1}}}]}`, `[]`, ""},
			},
		},
		{
			about:  "no rules for the collection",
			before: `[{"_id":1,"owner":"ME"}]`,
			cases: []ruleCase{
				{"find", `{}`, `!403 NoMatchingRuleFound find not permitted: there are no rules for mongodb-atlas.app.c4`, ""},
				{"insertOne", `{"document":{"owner":"ME"}}`, `!403 NoMatchingRuleFound insertOne not permitted`, ""},
				{"updateMany", `{"query":{},"update":{"$set":{"a":1}}}`, `!403 NoMatchingRuleFound updateMany not permitted`, ""},
				{"deleteMany", `{"query":{}}`, `!403 NoMatchingRuleFound deleteMany not permitted`, ""},
				{"aggregate", `{"pipeline":[]}`, `!403 NoMatchingRuleFound aggregate not permitted`, ""},
			},
		},
		{
			about:  "the default rule of a data source",
			source: "second",
			before: `[{"_id":1,"owner":"ME"},{"_id":2,"owner":"STRANGER","public":true},{"_id":3,"owner":"STRANGER"}]`,
			cases: []ruleCase{
				{"find", `{"project":{"_id":1}}`, `[{"_id":1},{"_id":2}]`, ""},
				{"updateMany", `{"query":{"owner":"ME"},"update":{"$set":{"n":1}}}`, changed1,
					`[{"_id":1,"owner":"ME","n":1},{"_id":2,"owner":"STRANGER","public":true},{"_id":3,"owner":"STRANGER"}]`},
				{"updateOne", `{"query":{"_id":2},"update":{"$set":{"public":false}}}`, noUpdate + `role "others"`, ""},
				{"deleteMany", `{"query":{"_id":3}}`, deleted0, ""},
				{"insertOne", `{"document":{"_id":4,"owner":"STRANGER"}}`, noInsert + `role "others"`, ""},
			},
		},
		{
			about:  "a collection's rules replace the default rule",
			source: "second",
			rules:  `{"roles":[{"name":"public","apply_when":{"public":true},"read":true}]}`,
			before: `[{"_id":1,"owner":"ME"},{"_id":2,"owner":"STRANGER","public":true}]`,
			cases: []ruleCase{
				{"find", `{"project":{"_id":1}}`, `[{"_id":2}]`, ""},
				{"updateOne", `{"query":{"_id":1},"update":{"$set":{"n":1}}}`, changed0, ""},
				{"insertOne", `{"document":{"_id":4,"owner":"ME"}}`, noInsert + `no role of app.c6 applies`, ""},
			},
		},
	}
}

// fieldTables: permissions on fields, nested fields and additional fields.
func fieldTables() []ruleTable {
	return []ruleTable{
		{
			about: "permissions on fields",
			rules: `{"roles":[{"name":"peer","apply_when":{},"insert":true,"delete":true,
				"fields":{"name":{"read":true,"write":true},"pay":{"read":false,"write":false},"note":{"read":false,"write":true},
					"step":{"read":true,"write":{"%%this":{"%in":["a","b"]}}},"rank":{"read":true,"write":{"%%this":{"%gt":"%%prev"}}},
					"mail":{"read":{"%%root.owner":"%%user.id"},"write":{"%%root.owner":"%%user.id"}}},
				"additional_fields":{"read":true,"write":false}}]}`,
			before: `[{"_id":1,"owner":"ME","name":"n","pay":7,"note":"x","step":"a","rank":3,"mail":"m1","more":1},{"_id":2,"owner":"STRANGER","name":"o","pay":8,"mail":"m2"}]`,
			cases: []ruleCase{
				{"find", `{"query":{"_id":1}}`, `[{"_id":1,"owner":"ME","name":"n","step":"a","rank":3,"mail":"m1","more":1}]`, ""},
				{"find", `{"query":{"_id":2}}`, `[{"_id":2,"owner":"STRANGER","name":"o"}]`, ""},
				{"find", `{"query":{"pay":7}}`, `[]`, ""},
				{"find", `{"query":{"pay":{"$exists":false}},"project":{"_id":1}}`, `[{"_id":1},{"_id":2}]`, ""},
				{"find", `{"query":{"mail":"m2"}}`, `[]`, ""},
				{"find", `{"sort":{"pay":-1},"project":{"_id":1}}`, `[{"_id":1},{"_id":2}]`, ""},
				{"find", `{"project":{"pay":1,"stolen":"$pay"}}`, `[{"_id":1},{"_id":2}]`, ""},
				{"count", `{"query":{"pay":{"$gt":0}}}`, `0`, ""},
				{"aggregate", `{"pipeline":[{"$group":{"_id":null,"pay":{"$sum":"$pay"}}}]}`, `[{"_id":null,"pay":0}]`, ""},
				{"aggregate", `{"pipeline":[{"$match":{"pay":7}}]}`, `[]`, ""},
				{"updateOne", `{"query":{"_id":1},"update":{"$set":{"pay":9}}}`,
					noUpdate + `role "peer" of app.c7 has no write permission for field "pay"`, ""},
				{"updateOne", `{"query":{"_id":1},"update":{"$set":{"pay":7}}}`, noUpdate, ""},
				{"updateOne", `{"query":{"_id":1},"update":{"$unset":{"pay":1}}}`, noUpdate, ""},
				{"updateOne", `{"query":{"_id":1},"update":{"$rename":{"pay":"name"}}}`, noUpdate, ""},
				{"updateOne", `{"query":{"_id":1},"update":{"$inc":{"pay":1}}}`, noUpdate, ""},
				{"updateOne", `{"query":{"_id":1},"update":{"$set":{"name":"a","more":2}}}`,
					noUpdate + `role "peer" of app.c7 has no write permission for field "more"`, ""},
				{"updateOne", `{"query":{"_id":1},"update":{"$set":{"new":2}}}`, noUpdate, ""},
				{"updateOne", `{"query":{"_id":1},"update":{"$set":{"step":"c"}}}`, noUpdate, ""},
				{"updateOne", `{"query":{"_id":1},"update":{"$set":{"rank":3,"step":"a","more":1}}}`,
					`{"matchedCount":1,"modifiedCount":0}`, ""},
				{"updateOne", `{"query":{"_id":1},"update":{"$set":{"rank":2}}}`, noUpdate, ""},
				{"updateOne", `{"query":{"_id":2},"update":{"$set":{"mail":"mine"}}}`, noUpdate, ""},
				{"updateOne", `{"query":{"_id":1},"update":{"$set":{"note":"y","rank":4,"step":"b"}}}`, changed1,
					`[{"_id":1,"owner":"ME","name":"n","pay":7,"note":"y","step":"b","rank":4,"mail":"m1","more":1},{"_id":2,"owner":"STRANGER","name":"o","pay":8,"mail":"m2"}]`},
				{"updateOne", `{"query":{"_id":1},"update":{"name":"whole"}}`, noUpdate, ""},
				{"findOneAndUpdate", `{"filter":{"_id":2},"update":{"$set":{"name":"p"}},"returnNewDocument":true}`,
					`{"_id":2,"owner":"STRANGER","name":"p"}`,
					`[{"_id":1,"owner":"ME","name":"n","pay":7,"note":"x","step":"a","rank":3,"mail":"m1","more":1},{"_id":2,"owner":"STRANGER","name":"p","pay":8,"mail":"m2"}]`},
				{"findOneAndDelete", `{"filter":{"pay":8}}`, `null`, ""},
				{"findOneAndDelete", `{"filter":{"_id":2}}`, `{"_id":2,"owner":"STRANGER","name":"o"}`,
					`[{"_id":1,"owner":"ME","name":"n","pay":7,"note":"x","step":"a","rank":3,"mail":"m1","more":1}]`},
				{"insertOne", `{"document":{"_id":3,"name":"n","pay":1}}`,
					noInsert + `role "peer" of app.c7 has no write permission for field "pay"`, ""},
				{"insertOne", `{"document":{"_id":3,"name":"n","more":1}}`, noInsert, ""},
				{"insertOne", `{"document":{"_id":3,"name":"n","step":"z"}}`, noInsert, ""},
			},
		},
		{
			about: "permissions on fields inside others",
			rules: `{"roles":[{"name":"all","apply_when":{},"read":true,"write":true,"insert":true,"fields":{
				"address":{"fields":{"code":{"read":false,"write":false},"city":{"read":true,"write":{"%%this":{"%ne":"Rome"}}},"deep":{"write":false,"fields":{"own":{"write":true}}}}}}}]}`,
			before: `[{"_id":1,"address":{"code":"123","city":"Oslo","deep":{"own":1,"other":2}}},{"_id":2,"address":[{"code":"9","city":"Bonn"}]}]`,
			cases: []ruleCase{
				{"find", `{"query":{"_id":1}}`, `[{"_id":1,"address":{"city":"Oslo","deep":{"own":1,"other":2}}}]`, ""},
				{"find", `{"query":{"_id":2}}`, `[{"_id":2,"address":[{"city":"Bonn"}]}]`, ""},
				{"find", `{"query":{"address.code":"123"}}`, `[]`, ""},
				{"find", `{"query":{"address.code":{"$exists":true}}}`, `[]`, ""},
				{"updateOne", `{"query":{"_id":1},"update":{"$set":{"address.code":"1"}}}`,
					noUpdate + `role "all" of app.c8 has no write permission for field "address.code"`, ""},
				{"updateOne", `{"query":{"_id":1},"update":{"$unset":{"address":1}}}`, noUpdate, ""},
				{"updateOne", `{"query":{"_id":1},"update":{"$set":{"address":{"city":"Oslo"}}}}`, noUpdate, ""},
				{"updateOne", `{"query":{"_id":1},"update":{"$set":{"address.city":"Rome"}}}`, noUpdate, ""},
				{"updateOne", `{"query":{"_id":1},"update":{"$set":{"address.deep.other":3}}}`, noUpdate, ""},
				{"updateOne", `{"query":{"_id":2},"update":{"$set":{"address.0.code":"3"}}}`, noUpdate, ""},
				{"updateOne", `{"query":{"_id":1},"update":{"$set":{"address.city":"Bergen","address.deep.own":5}}}`, changed1,
					`[{"_id":1,"address":{"code":"123","city":"Bergen","deep":{"own":5,"other":2}}},{"_id":2,"address":[{"code":"9","city":"Bonn"}]}]`},
				{"insertOne", `{"document":{"_id":3,"address":{"city":"Rome"}}}`, noInsert, ""},
				{"insertOne", `{"document":{"_id":3,"address":{"code":"1"}}}`, noInsert, ""},
			},
		},
	}
}

// updateTables: permissions on updates, for every form of an update.
func updateTables() []ruleTable {
	return []ruleTable{
		{
			about:  "an update that removes the owner its rule requires",
			rules:  `{"roles":[{"name":"any","apply_when":{},"read":true,"write":{"owner":"%%user.id"},"insert":true,"delete":{"%%prevRoot.owner":"%%user.id"}}]}`,
			before: `[{"_id":1,"owner":"ME","n":1},{"_id":2,"owner":"STRANGER","n":1}]`,
			cases: []ruleCase{
				{"updateOne", `{"query":{"_id":2},"update":{"$set":{"owner":"ME"}}}`, noUpdate, ""},
				{"updateOne", `{"query":{"_id":1},"update":{"$set":{"owner":"STRANGER"}}}`, noUpdate, ""},
				{"updateOne", `{"query":{"_id":2},"update":{"owner":"ME"}}`, noUpdate, ""},
				{"findOneAndReplace", `{"filter":{"_id":2},"update":{"owner":"ME"}}`, noUpdate, ""},
				{"findOneAndReplace", `{"filter":{"_id":2}}`, noUpdate, ""},
				{"findOneAndUpdate", `{"filter":{"_id":2},"update":{"$set":{"owner":"ME"}}}`, noUpdate, ""},
				{"updateMany", `{"query":{},"update":{"$inc":{"n":1}}}`, noUpdate, ""},
				{"updateMany", `{"query":{},"update":{"n":1}}`, noUpdate, ""},
				{"deleteOne", `{"query":{"_id":2}}`, noDelete, ""},
				{"deleteMany", `{"query":{"n":1}}`, noDelete, ""},
				{"findOneAndDelete", `{"filter":{"n":1},"sort":{"_id":-1}}`, noDelete, ""},
				{"insertOne", `{"document":{"_id":3,"owner":"STRANGER"}}`, noInsert, ""},
				{"updateOne", `{"query":{"_id":3},"update":{"$set":{"owner":"STRANGER"}},"upsert":true}`, noInsert, ""},
				{"updateOne", `{"query":{"_id":1},"update":{"owner":"ME","k":2}}`, changed1,
					`[{"_id":1,"owner":"ME","k":2},{"_id":2,"owner":"STRANGER","n":1}]`},
				{"findOneAndReplace", `{"filter":{"_id":1},"update":{"owner":"ME"},"returnNewDocument":true}`,
					`{"_id":1,"owner":"ME"}`, `[{"_id":1,"owner":"ME"},{"_id":2,"owner":"STRANGER","n":1}]`},
				{"findOneAndUpdate", `{"filter":{"owner":"ME"},"update":{"$inc":{"n":4}},"projection":{"_id":0,"n":1}}`, `{"n":1}`,
					`[{"_id":1,"owner":"ME","n":5},{"_id":2,"owner":"STRANGER","n":1}]`},
				{"findOneAndDelete", `{"filter":{"n":1},"sort":{"_id":1},"projection":{"_id":1}}`, `{"_id":1}`,
					`[{"_id":2,"owner":"STRANGER","n":1}]`},
				{"updateOne", `{"query":{"_id":3},"update":{"$set":{"owner":"ME"}},"upsert":true}`,
					`{"matchedCount":0,"modifiedCount":0,"upsertedId":3}`,
					`[{"_id":1,"owner":"ME","n":1},{"_id":2,"owner":"STRANGER","n":1},{"_id":3,"owner":"ME"}]`},
				{"updateOne", `{"query":{"_id":1},"update":{"$set":{"_id":7}}}`, `!`, ""},
			},
		},
		{
			about: "insert and update are distinguished by %%prevRoot",
			rules: `{"roles":[{"name":"any","apply_when":{},"read":true,"insert":{"state":"new"},"delete":{"%not":{"state":"done"}},
				"write":{"%or":[{"%%prevRoot":{"%exists":false}},{"%%prevRoot.state":{"%in":["new","open"]},"state":{"%ne":"new"}}]},
				"fields":{"by":{"read":true,"write":{"%%prev":{"%exists":false},"%%this":"%%user.id"}}}}]}`,
			before: `[{"_id":1,"state":"new"},{"_id":2,"state":"open","by":"STRANGER"},{"_id":3,"state":"done"}]`,
			cases: []ruleCase{
				{"insertOne", `{"document":{"_id":4,"state":"new"}}`, `{"insertedId":4}`,
					`[{"_id":1,"state":"new"},{"_id":2,"state":"open","by":"STRANGER"},{"_id":3,"state":"done"},{"_id":4,"state":"new"}]`},
				{"insertOne", `{"document":{"_id":4,"state":"open"}}`, noInsert, ""},
				{"insertOne", `{"document":{"_id":4,"state":"new","by":"STRANGER"}}`, noInsert, ""},
				{"updateOne", `{"query":{"_id":1},"update":{"$set":{"state":"open"}}}`, changed1,
					`[{"_id":1,"state":"open"},{"_id":2,"state":"open","by":"STRANGER"},{"_id":3,"state":"done"}]`},
				{"updateOne", `{"query":{"_id":2},"update":{"$set":{"state":"new"}}}`, noUpdate, ""},
				{"updateOne", `{"query":{"_id":3},"update":{"$set":{"state":"open"}}}`, noUpdate, ""},
				{"updateOne", `{"query":{"_id":2},"update":{"$set":{"by":"ME"}}}`, noUpdate, ""},
				{"updateOne", `{"query":{"_id":2},"update":{"$unset":{"by":1}}}`, noUpdate, ""},
				{"updateOne", `{"query":{"_id":1},"update":{"$set":{"by":"STRANGER"}}}`, noUpdate, ""},
				{"updateOne", `{"query":{"_id":1},"update":{"$set":{"by":"ME"}}}`, changed1,
					`[{"_id":1,"state":"new","by":"ME"},{"_id":2,"state":"open","by":"STRANGER"},{"_id":3,"state":"done"}]`},
				{"updateMany", `{"query":{},"update":{"$set":{"state":"open"}}}`, noUpdate, ""},
				{"deleteOne", `{"query":{"_id":3}}`, noDelete, ""},
			},
		},
		{
			about:  "document filters narrow what may be seen and changed",
			rules:  `{"roles":[{"name":"any","apply_when":{},"document_filters":{"read":{"team":"blue"},"write":{"owner":"%%user.id"}},"read":true,"write":true,"insert":true,"delete":true}]}`,
			before: `[{"_id":1,"team":"blue","owner":"ME"},{"_id":2,"team":"blue","owner":"STRANGER"},{"_id":3,"team":"red","owner":"ME"}]`,
			cases: []ruleCase{
				{"find", `{"project":{"_id":1}}`, `[{"_id":1},{"_id":2}]`, ""},
				{"updateOne", `{"query":{"_id":2},"update":{"$set":{"n":1}}}`,
					noUpdate + `role "any" of app.c11 has a document_filters.write that excludes the document`, ""},
				{"updateOne", `{"query":{"_id":3},"update":{"$set":{"n":1}}}`, changed0, ""},
				{"updateOne", `{"query":{"_id":1},"update":{"$set":{"owner":"STRANGER"}}}`, noUpdate, ""},
				{"insertOne", `{"document":{"_id":4,"team":"blue","owner":"STRANGER"}}`, noInsert, ""},
				{"deleteMany", `{"query":{}}`, noDelete, ""},
				{"deleteMany", `{"query":{"owner":"ME"}}`, deleted1,
					`[{"_id":2,"team":"blue","owner":"STRANGER"},{"_id":3,"team":"red","owner":"ME"}]`},
			},
		},
		{
			about: "filters go before every query and hide fields",
			rules: `{"roles":[{"name":"all","apply_when":{},"read":true,"write":true,"insert":true,"delete":true}],"filters":[
				{"name":"team","apply_when":{"%%user.type":"normal"},"query":{"team":{"$in":["%%user.custom_data.team","green"]}},"projection":{"draft":0}},
				{"name":"never","apply_when":{"%%user.type":"server"},"query":{"team":"none"}}]}`,
			before: `[{"_id":1,"team":"blue","draft":"d1"},{"_id":2,"team":"red","draft":"d2"},{"_id":3,"team":"green"}]`,
			cases: []ruleCase{
				{"find", `{}`, `[{"_id":1,"team":"blue"},{"_id":3,"team":"green"}]`, ""},
				{"find", `{"query":{"team":"red"}}`, `[]`, ""},
				{"find", `{"query":{"$or":[{"team":"red"},{"draft":"d1"}]}}`, `[]`, ""},
				{"count", `{"query":{"draft":{"$exists":true}}}`, `0`, ""},
				{"aggregate", `{"pipeline":[{"$group":{"_id":"$team","drafts":{"$sum":{"$cond":["$draft",1,0]}}}},{"$sort":{"_id":1}}]}`, `[{"_id":"blue","drafts":0},{"_id":"green","drafts":0}]`, ""},
				{"updateMany", `{"query":{"team":"red"},"update":{"$set":{"n":1}}}`, changed0, ""},
				{"deleteMany", `{"query":{"_id":2}}`, deleted0, ""},
				{"findOneAndDelete", `{"filter":{"_id":2}}`, `null`, ""},
				{"deleteMany", `{"query":{}}`, `{"deletedCount":2}`, `[{"_id":2,"team":"red","draft":"d2"}]`},
			},
		},
		{
			about:  "a filter whose variable is undefined or not a plain value matches nothing",
			rules:  `{"roles":[{"name":"all","apply_when":{},"read":true,"write":true,"delete":true}],"filters":[{"name":"f","apply_when":{},"query":{"n":"%%user.custom_data.trick"}}]}`,
			before: `[{"_id":1,"n":2}]`,
			cases: []ruleCase{
				{"find", `{}`, `[]`, ""},
				{"updateMany", `{"query":{},"update":{"$set":{"n":1}}}`, changed0, ""},
				{"deleteMany", `{"query":{}}`, deleted0, ""},
			},
		},
		{
			about:  "a rule that compares two fields of the document",
			rules:  `{"roles":[{"name":"mine","apply_when":{"assignee":"%%root.creator"},"read":true,"write":true,"delete":true}]}`,
			before: `[{"_id":1,"assignee":"a","creator":"a"},{"_id":2,"assignee":"a","creator":"b"}]`,
			cases: []ruleCase{
				{"find", `{"project":{"_id":1}}`, `[{"_id":1}]`, ""},
				{"count", `{"query":{"assignee":"a"}}`, `1`, ""},
				{"aggregate", `{"pipeline":[{"$count":"n"}]}`, `[{"n":1}]`, ""},
				{"updateMany", `{"query":{},"update":{"$set":{"x":1}}}`, changed1,
					`[{"_id":1,"assignee":"a","creator":"a","x":1},{"_id":2,"assignee":"a","creator":"b"}]`},
				{"deleteMany", `{"query":{"_id":2}}`, deleted0, ""},
			},
		},
	}
}

// open allows every user everything.
const open = `{"roles":[{"name":"all","apply_when":{},"read":true,"write":true,"insert":true,"delete":true}]}`

// readTables: the forms of queries.
func readTables() []ruleTable {
	const mine = `{"roles":[{"name":"own","apply_when":{"owner":"%%user.id"},"read":true,"write":true}]}`
	const have = `[{"_id":1,"owner":"ME","n":3,"tags":["a","b"]},{"_id":2,"owner":"STRANGER","n":9,"tags":["c"]},{"_id":3,"owner":"ME","n":1,"tags":["b"]},{"_id":4,"owner":"ME","n":2,"tags":[]}]`
	return []ruleTable{
		{
			about: "reading under a rule that the database evaluates", rules: mine, before: have,
			cases: []ruleCase{
				{"find", `{"sort":{"n":1},"limit":2,"project":{"n":1,"_id":0}}`, `[{"n":1},{"n":2}]`, ""},
				{"find", `{"sort":{"n":-1},"skip":1,"limit":1,"project":{"n":1}}`, `[{"_id":4,"n":2}]`, ""},
				{"find", `{"query":{"$or":[{"owner":"STRANGER"},{"n":{"$gte":2}}]},"project":{"_id":1}}`, `[{"_id":1},{"_id":4}]`,
					""},
				{"find", `{"query":{"owner":{"$ne":"ME"}}}`, `[]`, ""},
				{"find", `{"query":{"tags":"b"},"project":{"_id":1}}`, `[{"_id":1},{"_id":3}]`, ""},
				{"findOne", `{"sort":{"n":-1},"project":{"n":1,"_id":0}}`, `{"n":3}`, ""},
				{"count", `{"query":{"n":{"$gt":1}}}`, `2`, ""},
				{"count", `{"query":{},"limit":1}`, `1`, ""},
				{"aggregate", `{"pipeline":[{"$group":{"_id":null,"most":{"$max":"$n"},"n":{"$sum":1}}}]}`,
					`[{"_id":null,"most":3,"n":3}]`, ""},
				{"aggregate", `{"pipeline":[{"$unwind":"$tags"},{"$group":{"_id":"$tags","n":{"$sum":1}}},{"$sort":{"_id":1}}]}`,
					`[{"_id":"a","n":1},{"_id":"b","n":2}]`, ""},
				{"aggregate", `{"pipeline":[{"$match":{"owner":"STRANGER"}}]}`, `[]`, ""},
				{"aggregate", `{"pipeline":[{"$set":{"m":{"$add":["$n",1]}}},{"$unset":["tags","owner"]},{"$sort":{"_id":-1}},{"$skip":1},{"$limit":1}]}`, `[{"_id":3,"n":1,"m":2}]`, ""},
				{"aggregate", `{"pipeline":[{"$replaceRoot":{"newRoot":{"k":"$n"}}},{"$sort":{"k":1}},{"$project":{"k":1}}]}`,
					`[{"k":1},{"k":2},{"k":3}]`, ""},
				{"aggregate", `{"pipeline":[{"$count":"all"}]}`, `[{"all":3}]`, ""},
			},
		},
		{
			about: "the same, where fields are hidden", before: have,
			rules: `{"roles":[{"name":"own","apply_when":{"owner":"%%user.id"},"fields":{"tags":{"read":false}},"additional_fields":{"read":true}}]}`,
			cases: []ruleCase{
				{"find", `{"sort":{"n":1},"limit":2}`, `[{"_id":3,"owner":"ME","n":1},{"_id":4,"owner":"ME","n":2}]`, ""},
				{"find", `{"query":{"tags":"b"}}`, `[]`, ""},
				{"count", `{"query":{"tags":{"$size":2}}}`, `0`, ""},
				{"aggregate", `{"pipeline":[{"$unwind":"$tags"}]}`, `[]`, ""},
				{"aggregate", `{"pipeline":[{"$project":{"_id":0,"n":1,"tags":1,"size":{"$ifNull":["$tags","none"]}}},{"$sort":{"n":1}},{"$limit":1}]}`, `[{"n":1,"size":"none"}]`, ""},
				{"updateOne", `{"query":{"tags":"b"},"update":{"$set":{"n":5}}}`, changed0, ""},
				{"updateOne", `{"query":{"_id":1},"update":{"$push":{"tags":"z"}}}`, noUpdate, ""},
				{"updateOne", `{"query":{"_id":1},"update":{"$set":{"tags.$[x]":1}},"arrayFilters":[{"x":"a"}]}`, noUpdate, ""},
			},
		},
	}
}

// schemaTables: a collection's schema.json validates the document that would be stored.
func schemaTables() []ruleTable {
	const misfit = `!400 SchemaValidationFailedWrite schema validation failed`
	return []ruleTable{{
		about: "a schema", rules: open, before: `[{"_id":1,"name":"a","age":3}]`,
		schema: `{"title":"person","bsonType":"object","required":["name"],"additionalProperties":false,"properties":{
			"_id":{},"name":{"bsonType":"string","minLength":1,"maxLength":5},"age":{"bsonType":"int","minimum":0,"maximum":150},
			"kind":{"enum":["x","y"]},"tags":{"bsonType":"array","items":{"bsonType":"string"},"maxItems":2,"uniqueItems":true},
			"home":{"bsonType":"object","required":["city"],"properties":{"city":{"bsonType":"string"}}}}}`,
		cases: []ruleCase{
			{"insertOne", `{"document":{"_id":2,"name":"b","age":150,"kind":"y","tags":["p","q"],"home":{"city":"c"}}}`,
				`{"insertedId":2}`, `[{"_id":1,"name":"a","age":3},{"_id":2,"name":"b","age":150,"kind":"y","tags":["p","q"],"home":{"city":"c"}}]`},
			{"insertOne", `{"document":{"_id":2,"age":1}}`, misfit, ""},
			{"insertOne", `{"document":{"_id":2,"name":7}}`, misfit, ""},
			{"insertOne", `{"document":{"_id":2,"name":""}}`, misfit, ""},
			{"insertOne", `{"document":{"_id":2,"name":"abcdef"}}`, misfit, ""},
			{"insertOne", `{"document":{"_id":2,"name":"b","age":{"$numberLong":"3"}}}`, misfit, ""},
			{"insertOne", `{"document":{"_id":2,"name":"b","age":-1}}`, misfit, ""},
			{"insertOne", `{"document":{"_id":2,"name":"b","extra":1}}`, misfit, ""},
			{"insertOne", `{"document":{"_id":2,"name":"b","kind":"z"}}`, misfit, ""},
			{"insertOne", `{"document":{"_id":2,"name":"b","tags":["a","a"]}}`, misfit, ""},
			{"insertOne", `{"document":{"_id":2,"name":"b","tags":[1]}}`, misfit, ""},
			{"insertOne", `{"document":{"_id":2,"name":"b","home":{}}}`, misfit, ""},
			{"insertMany", `{"documents":[{"_id":2,"name":"b"},{"_id":3}]}`, misfit, ""},
			{"updateOne", `{"query":{"_id":1},"update":{"$set":{"age":151}}}`, misfit, ""},
			{"updateOne", `{"query":{"_id":1},"update":{"$unset":{"name":1}}}`, misfit, ""},
			{"updateOne", `{"query":{"_id":1},"update":{"age":4}}`, misfit, ""},
			{"updateOne", `{"query":{"_id":5},"update":{"$set":{"age":4}},"upsert":true}`, misfit, ""},
			{"findOneAndUpdate", `{"filter":{"_id":1},"update":{"$set":{"kind":"q"}}}`, misfit, ""},
			{"updateOne", `{"query":{"_id":1},"update":{"$inc":{"age":1}}}`, changed1, `[{"_id":1,"name":"a","age":4}]`},
		},
	}}
}

// functionTables: rules that call functions.
func functionTables() []ruleTable {
	role := func(applyWhen string) string {
		return fmt.Sprintf(`{"roles":[{"name":"f","apply_when":%s,"read":true,"write":true,"insert":true,"delete":true}]}`,
			applyWhen)
	}
	const have = `[{"_id":1,"owner":"ME","n":1,"team":"blue"},{"_id":2,"owner":"STRANGER","n":9,"team":"green"}]`
	both := []ruleCase{{"find", `{"project":{"_id":1}}`, `[{"_id":1},{"_id":2}]`, ""}}
	first := []ruleCase{
		{"find", `{"project":{"_id":1}}`, `[{"_id":1}]`, ""},
		{"updateMany", `{"query":{"_id":2},"update":{"$set":{"n":1}}}`, changed0, ""},
		{"deleteMany", `{"query":{"_id":2}}`, deleted0, ""},
	}
	none := []ruleCase{
		{"find", `{}`, `[]`, ""},
		{"updateMany", `{"query":{},"update":{"$set":{"n":1}}}`, changed0, ""},
		{"insertOne", `{"document":{"_id":3,"owner":"ME","n":1,"team":"blue"}}`, noInsert, ""},
		{"deleteMany", `{"query":{}}`, deleted0, ""},
	}
	var out []ruleTable
	for _, t := range []struct {
		applyWhen string
		cases     []ruleCase
	}{
		{`{"%function":{"name":"yes"}}`, both},
		{`{"%%true":{"%function":{"name":"yes","arguments":[]}}}`, both},
		{`{"%not":{"$function":{"name":"no"}}}`, both},
		{`{"%%false":{"%function":{"name":"no"}}}`, both},
		{`{"%%true":{"%function":{"name":"listed","arguments":["%%user.id"]}}}`, both},
		{`{"%function":{"name":"no"}}`, none},
		{`{"%function":{"name":"nothing"}}`, none},
		{`{"%%true":{"%function":{"name":"listed","arguments":["%%user.type"]}}}`, none},
		{`{"%%true":{"%function":{"name":"same","arguments":["%%root.owner","%%user.id"]}}}`, first},
		{`{"%%true":{"%function":{"name":"small","arguments":["%%root",5]}}}`, first},
		{`{"%function":{"name":"small","arguments":[{"n":"%%root.n"},"%%values.limits.max"]}}`, first},
		{`{"team":{"%function":{"name":"team"}}}`, first},
		{`{"team":{"%in":{"%function":{"name":"teams"}}}}`, first},
		{`{"team":{"%function":{"name":"teams"}}}`, first},
		{`{"owner":"%%user.id","%function":{"name":"yes"}}`, first},
		{`{"%or":[{"owner":"%%user.id"},{"%function":{"name":"fail"}}]}`, first},
		// A function that fails denies access, for every operation.
		{`{"%function":{"name":"fail"}}`, none},
		{`{"%not":{"%function":{"name":"fail"}}}`, none},
		{`{"%%false":{"%function":{"name":"fail"}}}`, none},
		{`{"%not":{"%function":{"name":"fail","arguments":["%%root"]}}}`, none},
		{`{"team":{"%ne":{"%function":{"name":"fail"}}}}`, none},
		{`{"team":{"%nin":["x",{"%function":{"name":"fail"}}]}}`, none},
	} {
		out = append(out, ruleTable{about: t.applyWhen, rules: role(t.applyWhen), before: have, cases: t.cases})
	}
	return append(out, ruleTable{
		about: "a role whose function fails does not give way to the next",
		rules: `{"roles":[{"name":"blocked","apply_when":{"%function":{"name":"fail","arguments":["%%root.n"]}},"read":false},
			{"name":"all","apply_when":{},"read":true,"write":true,"insert":true,"delete":true}]}`,
		before: have, cases: none,
	}, ruleTable{
		about: "functions in permissions",
		rules: `{"roles":[{"name":"f","apply_when":{},"read":true,"write":{"%function":{"name":"small","arguments":["%%root",5]}},"insert":{"%not":{"%function":{"name":"fail"}}},
			"delete":{"%%true":{"%function":{"name":"same","arguments":["%%root.owner","%%user.id"]}}},
			"fields":{"team":{"read":{"%%this":{"%function":{"name":"team"}}},"write":{"%not":{"%function":{"name":"fail"}}}}}}]}`,
		before: have,
		cases: []ruleCase{
			{"find", `{}`, `[{"_id":1,"owner":"ME","n":1,"team":"blue"},{"_id":2,"owner":"STRANGER","n":9}]`, ""},
			{"find", `{"query":{"team":"green"}}`, `[]`, ""},
			{"updateOne", `{"query":{"_id":1},"update":{"$set":{"n":7}}}`, noUpdate, ""},
			{"updateOne", `{"query":{"_id":2},"update":{"$set":{"n":1}}}`, noUpdate, ""},
			{"updateOne", `{"query":{"_id":1},"update":{"$set":{"team":"red"}}}`, noUpdate, ""},
			{"updateOne", `{"query":{"_id":1},"update":{"$set":{"n":4}}}`, changed1,
				`[{"_id":1,"owner":"ME","n":4,"team":"blue"},{"_id":2,"owner":"STRANGER","n":9,"team":"green"}]`},
			{"insertOne", `{"document":{"_id":3,"n":1}}`, noInsert + `role "f" of`, ""},
			{"deleteOne", `{"query":{"_id":2}}`, noDelete, ""},
			{"deleteOne", `{"query":{"_id":1}}`, deleted1, `[{"_id":2,"owner":"STRANGER","n":9,"team":"green"}]`},
		},
	}, ruleTable{
		about: "functions in filters",
		rules: `{"roles":[{"name":"all","apply_when":{},"read":true,"write":true,"insert":true,"delete":true}],
			"filters":[{"name":"f","apply_when":{"%function":{"name":"yes"}},"query":{"team":{"$in":{"%function":{"name":"teams"}}}}}]}`,
		before: have, cases: first,
	}, ruleTable{
		about:  "a filter whose function fails",
		rules:  `{"roles":[{"name":"all","apply_when":{},"read":true,"write":true,"delete":true}],"filters":[{"name":"f","apply_when":{"%function":{"name":"fail"}},"query":{"team":"blue"}}]}`,
		before: have,
		cases: []ruleCase{
			{"find", `{}`, `[]`, ""},
			{"updateMany", `{"query":{},"update":{"$set":{"n":1}}}`, changed0, ""},
			{"deleteMany", `{"query":{}}`, deleted0, ""},
		},
	})
}

// expressionTables: every variable and operator, with a document that matches and one that does not, which is then
// neither read nor changed.
func expressionTables() []ruleTable {
	var out []ruleTable
	for _, e := range []struct{ expression, holds, fails string }{
		{`{"f":"%%user.id"}`, `"ME"`, `"STRANGER"`},
		{`{"%%user.id":"%%root.f"}`, `"ME"`, `null`},
		{`{"f":"%%user.type"}`, `"normal"`, `"server"`},
		{`{"f":"%%user.data.email"}`, `"me@example.com"`, `"you@example.com"`},
		{`{"f":"%%user.custom_data.team"}`, `"blue"`, `"red"`},
		{`{"f":"%%user.custom_data.address.city"}`, `"Oslo"`, `{"city":"Oslo"}`},
		{`{"f":"%%user.custom_data.manages"}`, `"a"`, `"c"`},
		{`{"%%user.custom_data.manages":"%%root.f"}`, `"b"`, `"c"`},
		{`{"f":"%%user.custom_data.nothing"}`, ``, `null`},
		{`{"f":"%%user.custom_data.trick"}`, ``, `2`},
		{`{"f":"%%user.identities.provider_type"}`, `"local-userpass"`, `"anon-user"`},
		{`{"f":"%%user.identities.providerType"}`, `"local-userpass"`, `"anon-user"`},
		{`{"f":"%%values.team"}`, `"blue"`, `"red"`},
		{`{"f":{"%lt":"%%values.limits.max"}}`, `4`, `5`},
		{`{"f":{"%in":"%%values.limits.teams"}}`, `"red"`, `"green"`},
		{`{"f":"%%environment.tag"}`, `"testing"`, `"production"`},
		{`{"f":"%%environment.values.open"}`, `"yes"`, `"no"`},
		{`{"f":"%%request.remoteIPAddress"}`, `"127.0.0.1"`, `"10.0.0.1"`},
		{`{"f":"%%request.httpUserAgent"}`, `"node"`, `"curl"`},
		{`{"f":"%%request.httpMethod"}`, `"POST"`, `"GET"`},
		{`{"f":"%%request.requestHeaders.X-Team"}`, `"blue"`, `"red"`},
		{`{"f":"%%request.requestHeaders.Authorization"}`, ``, `null`},
		{`{"%%root.f":"x"}`, `"x"`, `"y"`},
		{`{"%%root":{"%exists":true},"f":1}`, `1`, `2`},
		{`{"%%true":{"f":1}}`, `1`, `2`},
		{`{"%%false":{"f":1}}`, `2`, `1`},
		{`{"f":"%%true"}`, `true`, `false`},
		{`{"f":{"%eq":1}}`, `{"$numberLong":"1"}`, `"1"`},
		{`{"f":{"$eq":{"$numberDouble":"1"}}}`, `1`, `{"$numberDouble":"1.5"}`},
		{`{"f":{"%ne":1}}`, `2`, `1`},
		{`{"f":{"$ne":null}}`, `0`, `null`},
		{`{"f":{"%gt":1}}`, `2`, `1`},
		{`{"f":{"$gt":"a"}}`, `"b"`, `5`},
		{`{"f":{"%gte":2}}`, `2`, `1`},
		{`{"f":{"$gte":2}}`, `3`, `"3"`},
		{`{"f":{"%lt":2,"%gt":0}}`, `1`, `0`},
		{`{"f":{"$lt":2}}`, `1`, `2`},
		{`{"f":{"%lte":2}}`, `2`, `3`},
		{`{"f":{"$lte":2}}`, `2`, `null`},
		{`{"f":{"%in":[1,"%%user.id"]}}`, `["ME","x"]`, `["x"]`},
		{`{"f":{"$in":["a","b"]}}`, `"b"`, `"c"`},
		{`{"f":{"%nin":["a"]}}`, `"b"`, `["a","b"]`},
		{`{"f":{"$nin":["a"]}}`, `null`, `"a"`},
		{`{"%%user.id":{"%in":"%%root.f"}}`, `["x","ME"]`, `["x"]`},
		{`{"f.x":{"%exists":true}}`, `{"x":null}`, `{"y":1}`},
		{`{"f.x":{"$exists":false}}`, `{}`, `{"x":1}`},
		{`{"%and":[{"f.a":1},{"f.b":2}]}`, `{"a":1,"b":2}`, `{"a":1}`},
		{`{"$and":[{"f":{"$gt":0}},{"f":{"$lt":2}}]}`, `1`, `2`},
		{`{"%or":[{"f":1},{"f":2}]}`, `2`, `3`},
		{`{"$or":[{"f":"%%user.id"},{"f":null}]}`, `null`, `"x"`},
		{`{"%not":{"f":1}}`, `2`, `1`},
		{`{"$not":{"%or":[{"f":1},{"f":2}]}}`, `3`, `2`},
		{`{"f":{"%not":{"%gt":3}}}`, `3`, `4`},
		{`{"f":{"%or":[{"%lt":1},{"%gt":5}]}}`, `0`, `3`},
		{`{"f":{"%stringToOid":"%%user.id"}}`, `{"$oid":"ME"}`, `"ME"`},
		{`{"f":{"$stringToOid":"%%user.id"}}`, `{"$oid":"ME"}`, `{"$oid":"STRANGER"}`},
		{`{"f.s":{"%oidToString":"%%root.f.o"}}`, `{"o":{"$oid":"ME"},"s":"ME"}`, `{"o":{"$oid":"ME"},"s":"STRANGER"}`},
		{`{"f":{"%stringToUuid":"00000000-0000-0000-0000-000000000001"}}`,
			`{"$binary":{"base64":"AAAAAAAAAAAAAAAAAAAAAQ==","subType":"04"}}`, `"00000000-0000-0000-0000-000000000001"`},
		{`{"f.s":{"%uuidToString":"%%root.f.u"}}`,
			`{"u":{"$binary":{"base64":"AAAAAAAAAAAAAAAAAAAAAQ==","subType":"04"}},"s":"00000000-0000-0000-0000-000000000001"}`,
			`{"u":"00000000-0000-0000-0000-000000000001","s":"00000000-0000-0000-0000-000000000001"}`},
		{`{"f":{"%oidToString":{"%stringToOid":"%%user.id"}}}`, `"ME"`, `{"$oid":"ME"}`},
		{`{"f.a":"%%user.id"}`, `[{"a":"x"},{"a":"ME"}]`, `[{"a":"x"}]`},
		{`{"f":null}`, `null`, `0`},
		{`{"f":[1,2]}`, `[1,2]`, `[2,1]`},
	} {
		document := func(id int, f string) string { return fmt.Sprintf(`{"_id":%d,"f":%s}`, id, f) }
		r := ruleTable{about: e.expression, rules: fmt.Sprintf(`{"roles":[{"name":"x","apply_when":%s,"read":true,"write":true,"insert":true}]}`, e.expression)}
		r.before = "[" + document(2, e.fails) + "]"
		shown, marked, left := `[]`, changed0, ""
		if e.holds != "" {
			r.before = "[" + document(1, e.holds) + "," + document(2, e.fails) + "]"
			shown, marked, left = `[{"_id":1}]`, changed1, fmt.Sprintf(`[{"_id":1,"f":%s,"n":1},%s]`, e.holds,
				document(2, e.fails))
		}
		r.cases = []ruleCase{
			{"find", `{"project":{"_id":1}}`, shown, ""},
			{"updateMany", `{"query":{},"update":{"$set":{"n":1}}}`, marked, left},
			{"insertOne", `{"document":` + document(3, e.fails) + `}`, noInsert + "no role of", ""},
		}
		out = append(out, r)
	}
	return out
}

// forbiddenTables: operators and stages that clients may not use.
func forbiddenTables() []ruleTable {
	const notForUsers = " is not available to users"
	var cases []ruleCase
	for _, query := range []string{
		`{"$where":"1"}`, `{"$expr":true}`, `{"$jsonSchema":{}}`, `{"$text":{"$search":"x"}}`, `{"a":{"$regex":"x"}}`,
		`{"a":{"$geoWithin":{}}}`, `{"a":{"$geoIntersects":{}}}`, `{"a":{"$near":[1,2]}}`, `{"a":{"$nearSphere":[1,2]}}`,
		`{"a":{"$bitsAllSet":1}}`, `{"a":{"$bitsAllClear":1}}`, `{"a":{"$bitsAnySet":1}}`, `{"a":{"$bitsAnyClear":1}}`,
		`{"$and":[{"$nor":[{"$where":"1"}]}]}`, `{"a":{"$elemMatch":{"b":{"$regex":"x"}}}}`,
		`{"a":{"$regularExpression":{"pattern":"x","options":""}}}`,
	} {
		cases = append(cases, ruleCase{"find", `{"query":` + query + `}`, refused, ""}, ruleCase{"deleteMany",
			`{"query":` + query + `}`, refused, ""})
	}
	for _, stage := range []string{"$lookup", "$unionWith", "$graphLookup", "$facet", "$collStats", "$indexStats",
		"$geoNear", "$search"} {
		cases = append(cases, ruleCase{"aggregate", `{"pipeline":[{"` + stage + `":{}}]}`, refused + stage + notForUsers, ""})
	}
	cases = append(cases, []ruleCase{
		{"aggregate", `{"pipeline":[{"$out":"c0"}]}`, refused + `$out is not supported`, ""},
		{"aggregate", `{"pipeline":[{"$merge":"c0"}]}`, refused + `$merge is not supported`, ""},
		{"aggregate", `{"pipeline":[{"$match":{"$expr":true}}]}`, refused + `$expr` + notForUsers, ""},
		{"aggregate", `{"pipeline":[{"$set":{"x":{"$function":{"body":"1","args":[],"lang":"js"}}}}]}`,
			refused + `$function` + notForUsers, ""},
		{"aggregate", `{"pipeline":[{"$group":{"_id":1,"x":{"$accumulator":{}}}}]}`, refused + `$accumulator` + notForUsers,
			""},
		{"aggregate", `{"pipeline":[{"$set":{"x":{"$setIsSubset":[[],[]]}}}]}`, refused + `$setIsSubset` + notForUsers, ""},
		{"updateOne", `{"query":{},"update":[{"$set":{"a":1}}]}`, refused + `an update by a pipeline` + notForUsers, ""},
		{"updateOne", `{"query":{"$where":"1"},"update":{"$set":{"a":1}}}`, refused, ""},
		{"updateMany", `{"query":{},"update":{"$pull":{"a":{"$regex":"x"}}}}`, refused, ""},
		{"updateMany", `{"query":{},"update":{"$set":{"a.$[x]":1}},"arrayFilters":[{"$expr":true}]}`, refused, ""},
		{"findOneAndUpdate", `{"filter":{"$expr":true},"update":{"$set":{"a":1}}}`, refused, ""},
		{"findOneAndDelete", `{"filter":{"$where":"1"}}`, refused, ""},
		{"count", `{"query":{"$where":"1"}}`, refused, ""},
		{"distinct", `{"key":"a"}`, `!400 ServiceCommandNotFound the data source has no function "distinct"`, ""},
		{"bulkWrite", `{"operations":[]}`, `!400 ServiceCommandNotFound`, ""},
		{"countDocuments", `{}`, `!400 ServiceCommandNotFound`, ""},
		{"replaceOne", `{"query":{},"update":{}}`, `!400 ServiceCommandNotFound`, ""},
		{"drop", `{}`, `!400 ServiceCommandNotFound`, ""},
		{"find", `{"hint":{"a":1}}`, `!400 InvalidParameter find: hint is not supported`, ""},
	}...)
	return []ruleTable{{about: "forbidden operators and stages", rules: open, before: `[{"_id":1,"a":[{"b":"x"}]}]`,
		cases: cases}}
}
