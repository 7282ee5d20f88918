package model

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

var testOwner = Owner{UserIDField: "userId", UserID: ValueOf("u1")}

const testDocument = `{"_id":{"$oid":"5f1e000000000000000000aa"},"userId":"u1","favoriteColor":"pink","age":30,
	"note":null,"address":{"zip":"10115","geo":{"lat":52.5,"a.b":1}},"tags":["a","b"],
	"pets":[{"name":"Rex","old":true},{"name":"Tom"}]}`

func newDraft(t *testing.T) *Draft { return NewDraft(document(t, testDocument), testOwner) }

// editField sets a field to a JSON value; an empty one unsets the field.
func editField(t *testing.T, d *Draft, at, json string) {
	t.Helper()
	err := error(nil)
	if json == "" {
		err = d.Unset(path(t, at))
	} else {
		err = d.Set(path(t, at), value(t, json))
	}
	if err != nil {
		t.Fatalf("%s = %s: %v", at, json, err)
	}
}

func wantJSON(t *testing.T, what string, got bson.Raw, want string) {
	t.Helper()
	if g, w := JSON(objectValue(got)), JSON(value(t, want)); g != w {
		t.Errorf("%s: got\n%s\nwant\n%s", what, g, w)
	}
}

func TestDraftUpdateGuards(t *testing.T) {
	const ids = `"userId":"u1","_id":{"$oid":"5f1e000000000000000000aa"},`
	for _, c := range []struct{ name, path, json, guard, update string }{
		{"scalar", "favoriteColor", `"purple"`, `"favoriteColor":{"$eq":"pink","$type":"string","$not":{"$type":"array"}}`,
			`{"$set":{"favoriteColor":"purple"}}`},
		{"scalar to another type", "age", `30.0`, `"age":{"$eq":30,"$type":"int","$not":{"$type":"array"}}`,
			`{"$set":{"age":30.0}}`},
		{"absent", "city", `"Berlin"`, `"city":{"$exists":false}`, `{"$set":{"city":"Berlin"}}`},
		{"absent, deep", "a.b.c", `1`, `"a.b.c":{"$exists":false}`, `{"$set":{"a.b.c":1}}`},
		{"null", "note", `"x"`, `"note":{"$type":"null"}`, `{"$set":{"note":"x"}}`},
		{"nested", "address.zip", `"10117"`, `"address.zip":{"$eq":"10115","$type":"string","$not":{"$type":"array"}}`,
			`{"$set":{"address.zip":"10117"}}`},
		{"unset", "age", ``, `"age":{"$eq":30,"$type":"int","$not":{"$type":"array"}}`, `{"$unset":{"age":""}}`},
		{"object", "pets.0", `1`, `"pets.0":{"$eq":{"name":"Rex","old":true}}`, `{"$set":{"pets.0":1}}`},
		{"array", "tags", `[]`, `"tags":{"$eq":["a","b"]}`, `{"$set":{"tags":[]}}`},
		{"element", "tags.1", `"c"`, `"tags.1":{"$eq":"b","$type":"string","$not":{"$type":"array"}}`,
			`{"$set":{"tags.1":"c"}}`},
		{"element removed", "tags.0", ``, `"tags":{"$eq":["a","b"]}`, `{"$set":{"tags":["b"]}}`},
		{"element added", "tags.2", `"c"`, `"tags":{"$eq":["a","b"]}`, `{"$set":{"tags":["a","b","c"]}}`},
		{"field of an element", "pets.0.old", ``, `"pets.0":{"$eq":{"name":"Rex","old":true}},
			"pets.0.old":{"$eq":true,"$type":"bool","$not":{"$type":"array"}}`,
			`{"$unset":{"pets.0.old":""}}`},
		{"key with a dot", `address.geo.a\.b`, `2`, `"address.geo":{"$eq":{"lat":52.5,"a.b":1}}`,
			`{"$set":{"address.geo":{"lat":52.5,"a.b":2}}}`},
		{"key with a dollar", `address.$x`, `2`, `"address":{"$eq":{"zip":"10115","geo":{"lat":52.5,"a.b":1}}}`,
			`{"$set":{"address":{"zip":"10115","geo":{"lat":52.5,"a.b":1},"$x":2}}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDraft(t)
			editField(t, d, c.path, c.json)
			u, err := d.Update()
			if err != nil {
				t.Fatal(err)
			}
			wantJSON(t, "the filter", u.Filter, "{"+ids+c.guard+"}")
			wantJSON(t, "the update", u.Update.Value, c.update)
			if u.Upsert || u.SatisfiedBy(d.Base()) || !u.SatisfiedBy(d.Result()) {
				t.Errorf("upsert %v, satisfied before %v, after %v", u.Upsert, u.SatisfiedBy(d.Base()), u.SatisfiedBy(d.Result()))
			}
		})
	}
}

func TestDraftGuardTypes(t *testing.T) {
	for json, want := range map[string]string{
		`{"$uuid":"6fa459ea-ee8a-3ca4-894e-db77e160355e"}`: "binData", `{"$binary":{"base64":"","subType":"00"}}`: "binData",
		`{"$oid":"5f1e000000000000000000aa"}`: "objectId", `{"$date":"2026-11-22T00:00:00Z"}`: "date",
		`{"$numberLong":"1"}`: "long", `1.5`: "double",
		`{"$numberDecimal":"1"}`: "decimal", `{"$timestamp":{"t":1,"i":1}}`: "timestamp",
		`{"$regularExpression":{"pattern":"a","options":""}}`: "regex",
		`{"$code":"x"}`: "javascript", `{"$symbol":"x"}`: "symbol", `{"$minKey":1}`: "minKey",
		`{"$undefined":true}`: "undefined",
	} {
		d := NewDraft(document(t, `{"_id":1,"userId":"u1","f":`+json+`}`), testOwner)
		editField(t, d, "f", `0`)
		u, err := d.Update()
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := (Path{"f", "$type"}).Lookup(u.Filter); Text(got) != want {
			t.Errorf("%s: the guard is %s", json, JSON(objectValue(u.Filter)))
		}
		if _, compared := (Path{"f", "$eq"}).Lookup(u.Filter); compared == (want == "undefined") {
			t.Errorf("%s: the guard is %s", json, JSON(objectValue(u.Filter)))
		}
	}
}

func TestDraftUpsert(t *testing.T) {
	d := NewDraft(nil, testOwner)
	editField(t, d, "favoriteColor", `"pink"`)
	editField(t, d, "address.zip", `"10115"`)
	u, err := d.Update()
	if err != nil {
		t.Fatal(err)
	}
	wantJSON(t, "the filter", u.Filter, `{"userId":"u1"}`)
	wantJSON(t, "the update", u.Update.Value, `{"$setOnInsert":{"favoriteColor":"pink","address.zip":"10115"}}`)
	wantJSON(t, "the result", d.Result(), `{"userId":"u1","address":{"zip":"10115"},"favoriteColor":"pink"}`)
	if !u.Upsert || u.SatisfiedBy(nil) {
		t.Errorf("upsert %v, satisfied without a document %v", u.Upsert, u.SatisfiedBy(nil))
	}
	const want = "updateOne(\n  {\n    \"userId\": \"u1\"\n  },\n  {\n    \"$setOnInsert\": {\n      \"favoriteColor\": " +
		"\"pink\",\n      \"address.zip\": \"10115\"\n    }\n  },\n  {\"upsert\": true}\n)"
	if u.String() != want {
		t.Errorf("String() =\n%s", u)
	}
}

func TestDraftRejectsFields(t *testing.T) {
	d := newDraft(t)
	for _, c := range []struct {
		path Path
		want string
	}{
		{Path{"_id"}, "field _id: it can never be changed"},
		{Path{"_id", "x"}, "field _id: it can never be changed"},
		{Path{"userId"}, "field userId: it can never be changed"},
		{Path{"userId", "x"}, "field userId: it can never be changed"},
		{Path{}, "expected the path of a field"},
		{Path{"a.b"}, `field a\.b: an update cannot address the key "a.b": it contains a dot`},
		{Path{"$set"}, "starts with a dollar sign"},
		{Path{""}, "is empty"},
		{Path{"tags", "4"}, "tags has 2 items; the next new one is tags.2"},
		{Path{"tags", "x"}, "tags is an array: expected an index (0, 1, 2 …), got \"x\""},
		{Path{"age", "x"}, "age is of type int, which has no fields; set age as a whole"},
		{Path{"note", "x"}, "note is of type null"},
	} {
		err := d.Set(c.path, ValueOf(1))
		if err == nil || !strings.Contains(err.Error(), c.want) || FaultKindOf(err) != InvalidInput {
			t.Errorf("Set(%q): %v, want %s", []string(c.path), err, c.want)
		}
	}
	if err := d.Set(Path{"x"}, bson.RawValue{}); err == nil || !strings.Contains(err.Error(), "not valid BSON") {
		t.Errorf("setting a zero value: %v", err)
	}
	wrapperLike := ValueOf(bson.D{{Key: "$oid", Value: "x"}})
	if err := d.Set(Path{"address", "ref"}, wrapperLike); err == nil || !strings.Contains(err.Error(),
		"address.ref holds an object that looks like the notation $oid, which the extended JSON of this service cannot") {
		t.Errorf("setting an unencodable value: %v", err)
	}
	if !d.Empty() {
		t.Errorf("rejected fields left the edits %v", d.Edits())
	}
	if _, err := d.Update(); err == nil || !strings.Contains(err.Error(), "no changes to save") {
		t.Errorf("updating without edits: %v", err)
	}
	nested := NewDraft(nil, Owner{UserIDField: "owner.id", UserID: ValueOf("u1")})
	for _, p := range []Path{{"owner"}, {"owner", "id"}} {
		if err := nested.Set(p, ValueOf(1)); err == nil {
			t.Errorf("%s was set, want an error", p)
		}
	}
	if err := nested.Set(Path{"owner", "name"}, ValueOf("x")); err != nil {
		t.Error(err)
	}
}

func TestDraftUpdateRejectsForeignDocument(t *testing.T) {
	for base, want := range map[string]string{
		`{"_id":1,"userId":"u2"}`: `the document belongs to user "u2", not to "u1"`,
		`{"userId":"u1"}`:         "the document has no _id",
	} {
		d := NewDraft(document(t, base), testOwner)
		editField(t, d, "a", `1`)
		if _, err := d.Update(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", base, err)
		}
	}
	d := NewDraft(nil, Owner{})
	if err := d.Set(Path{"a"}, ValueOf(1)); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Update(); err == nil || !strings.Contains(err.Error(), "is unknown") {
		t.Errorf("without an owner: %v", err)
	}
	d = NewDraft(document(t, `{"_id":"u1"}`), Owner{UserIDField: "_id", UserID: ValueOf("u1")})
	editField(t, d, "a", `1`)
	u, err := d.Update()
	if err != nil {
		t.Fatal(err)
	}
	wantJSON(t, "the filter", u.Filter, `{"_id":"u1","a":{"$exists":false}}`)
}

func describeEdits(d *Draft) string {
	var all []string
	for _, e := range d.Edits() {
		s := e.Path.String() + "=" + JSON(e.Value)
		if e.Unset {
			s = "-" + e.Path.String()
		}
		all = append(all, s)
	}
	return strings.Join(all, " ")
}

func TestDraftMinimizesEdits(t *testing.T) {
	for _, c := range []struct {
		name    string
		changes [][2]string
		want    string
	}{
		{"set and set back", [][2]string{{"age", "31"}, {"age", "30"}}, ""},
		{"added and removed", [][2]string{{"x", "1"}, {"x", ""}}, ""},
		{"removed and restored", [][2]string{{"age", ""}, {"age", "30"}}, ""},
		{"removing absent fields", [][2]string{{"x", ""}, {"x.y", ""}, {"age.y", ""}, {"tags.9", ""}, {"tags.x", ""}},
			""},
		{"in the order of the first edit", [][2]string{{"age", "31"}, {"favoriteColor", `"red"`}, {"age", "32"}},
			`age=32 favoriteColor="red"`},
		{"below an edited field", [][2]string{{"address", `{"zip":"1"}`}, {"address.city", `"B"`}},
			`address={"zip":"1", "city":"B"}`},
		{"above edited fields", [][2]string{{"address.zip", `"1"`}, {"age", "1"}, {"address.geo.lat", "1.5"},
			{"address", "5"}}, `address=5 age=1`},
		{"below a removed field", [][2]string{{"address", ""}, {"address.zip", `"1"`}}, `address={"zip":"1"}`},
		{"two elements", [][2]string{{"tags.0", `"x"`}, {"tags.1", `"y"`}}, `tags.0="x" tags.1="y"`},
		{"elements set, then one removed", [][2]string{{"tags.0", `"x"`}, {"tags.1", ""}}, `tags=["x"]`},
		{"one removed, then an element set", [][2]string{{"tags.1", ""}, {"tags.0", `"x"`}}, `tags=["x"]`},
		{"two elements added", [][2]string{{"tags.2", `"c"`}, {"tags.3", `"d"`}}, `tags=["a", "b", "c", "d"]`},
		{"element added and removed", [][2]string{{"tags.2", `"c"`}, {"tags.2", ""}}, ``},
		{"key with a dot set back", [][2]string{{`address.geo.a\.b`, "2"}, {`address.geo.a\.b`, "1"}}, ``},
		{"two fields of a new object", [][2]string{{"new.a", "1"}, {"new.b", "2"}}, `new.a=1 new.b=2`},
	} {
		d := newDraft(t)
		for _, ch := range c.changes {
			editField(t, d, ch[0], ch[1])
		}
		if got := describeEdits(d); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestDraftRevert(t *testing.T) {
	for _, c := range []struct {
		changes [][2]string
		revert  string
		want    string
	}{
		{[][2]string{{"age", "31"}, {"note", "1"}}, "age", "note=1"},
		{[][2]string{{"address.zip", `"1"`}, {"address.geo.lat", "1.5"}}, "address", ""},
		{[][2]string{{"address", `{"zip":"1","x":1}`}}, "address.zip", `address={"zip":"10115", "x":1}`},
		{[][2]string{{"address", `{"zip":"1","x":1}`}}, "address.x", `address={"zip":"1"}`},
		{[][2]string{{`address.geo.a\.b`, `5`}}, `address.geo.a\.b`, ""},
		{[][2]string{{"age", "31"}}, "nothing", "age=31"},
	} {
		d := newDraft(t)
		for _, ch := range c.changes {
			editField(t, d, ch[0], ch[1])
		}
		d.Revert(path(t, c.revert))
		if got := describeEdits(d); got != c.want {
			t.Errorf("%v without %s: %s, want %s", c.changes, c.revert, got, c.want)
		}
	}
}

func TestDraftReplace(t *testing.T) {
	const ids = `"_id":{"$oid":"5f1e000000000000000000aa"},"userId":"u1",`
	d := newDraft(t)
	editField(t, d, "discarded", "1")
	err := d.Replace(document(t, `{`+ids+`"favoriteColor":"purple","age":30,"address":{"geo":{"lat":52.5,"a.b":2},"zip":"10115"},"tags":["a","c"],"pets":[{"name":"Rex"}],"new":{}}`))
	if err != nil {
		t.Fatal(err)
	}
	const want = `favoriteColor="purple" -note address.geo={"lat":52.5, "a.b":2} tags.1="c" pets=[{"name":"Rex"}] new={}`
	if got := describeEdits(d); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for doc, want := range map[string]string{
		`{"userId":"u1"}`:         "field _id: it can never be changed",
		`{"_id":1,"userId":1}`:    "field _id: it can never be changed",
		`{` + ids + `"a.b":1}`:    "contains a dot",
		`{` + ids + `"":1}`:       "is empty",
		`{` + ids[:41] + `}`:      "field userId: it can never be changed",
		`{` + ids + `"x":1}` + "": "",
	} {
		raw, err := ParseDocument(doc)
		if err != nil {
			t.Fatalf("%s: %v", doc, err)
		}
		err = d.Replace(raw)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", doc, err, want)
		}
	}
	if err := d.Replace(d.Base()); err != nil || !d.Empty() {
		t.Errorf("replaced by its base: %v %s", err, describeEdits(d))
	}
	created := NewDraft(nil, testOwner)
	if err := created.Replace(document(t, `{"a":1,"b":{"c":2}}`)); err != nil ||
		describeEdits(created) != `a=1 b={"c":2}` {
		t.Errorf("new document: %v %s", err, describeEdits(created))
	}
	if err := created.Replace(document(t, `{"userId":"u1","a":1}`)); err != nil || describeEdits(created) != `a=1` {
		t.Errorf("new document with the user id: %v %s", err, describeEdits(created))
	}
	for _, doc := range []string{`{"userId":"u2","a":1}`, `{"_id":1,"a":1}`} {
		if err := created.Replace(document(t, doc)); err == nil {
			t.Errorf("%s was accepted, want an error", doc)
		}
	}
}

func TestDraftConflictsAndRebase(t *testing.T) {
	d := newDraft(t)
	editField(t, d, "favoriteColor", `"purple"`)
	editField(t, d, "age", `31`)
	editField(t, d, "city", `"Berlin"`)
	editField(t, d, "note", ``)
	editField(t, d, "address.zip", `"10117"`)
	theirs := document(t, `{"_id":{"$oid":"5f1e000000000000000000aa"},"userId":"u1","favoriteColor":"green","age":31,"note":null,"city":"Bonn","address":7,"tags":["a","b"]}`)
	var got []string
	for _, c := range d.Conflicts(theirs) {
		got = append(got, c.Path.String()+": "+Text(c.Base)+"|"+Text(c.Yours)+"|"+Text(c.Theirs))
	}
	if want := "favoriteColor: pink|purple|green, city: |Berlin|Bonn, " +
		`address: {"zip":"10115", "geo":{"lat":52.5, "a.b":1}}|{"zip":"10117", "geo":{"lat":52.5, "a.b":1}}|7`; strings.Join(got,
		", ") != want {
		t.Errorf("conflicts: %v", got)
	}
	rebased := d.Rebase(theirs)
	const want = `favoriteColor="purple" city="Berlin" -note address={"zip":"10117", "geo":{"lat":52.5, "a.b":1}}`
	if got := describeEdits(rebased); got != want {
		t.Errorf("rebased: %s\nwant     %s", got, want)
	}
	if conflicts := rebased.Conflicts(theirs); len(conflicts) > 0 {
		t.Errorf("conflicts after rebasing: %v", conflicts)
	}
	const onNothing = `favoriteColor="purple" age=31 city="Berlin" address.zip="10117"`
	if got := describeEdits(d.Rebase(nil)); got != onNothing {
		t.Errorf("rebased on no document: %s", got)
	}
	if n := len(d.Conflicts(nil)); n != 3 { // unsetting note is satisfied, city was absent in the base too
		t.Errorf("without a document: %d conflicts, want 3", n)
	}
}

func TestDraftInverse(t *testing.T) {
	d := newDraft(t)
	for _, ch := range [][2]string{{"favoriteColor", `"purple"`}, {"city", `"Berlin"`}, {"note", ""}, {"tags.0", ""},
		{"address.zip", "1"}} {
		editField(t, d, ch[0], ch[1])
	}
	after := d.Result()
	undo, err := d.Inverse(after)
	if err != nil {
		t.Fatal(err)
	}
	if changes := Diff(d.Base(), undo.Result()); len(changes) > 0 {
		t.Errorf("the undone document differs: %v", changes)
	}
	later := NewDraft(after, testOwner)
	editField(t, later, "city", `"Bonn"`)
	if _, err := d.Inverse(later.Result()); FaultKindOf(err) != Conflicting || !strings.Contains(err.Error(),
		"city was changed again") {
		t.Errorf("undoing a field that changed again: %v", err)
	}
	if _, err := d.Inverse(nil); FaultKindOf(err) != Conflicting {
		t.Errorf("undoing without a document: %v", err)
	}
	created := NewDraft(nil, testOwner)
	editField(t, created, "a", "1")
	undo, err = created.Inverse(document(t, `{"_id":1,"userId":"u1","a":1}`))
	if err != nil || describeEdits(undo) != "-a" {
		t.Errorf("undoing a new document: %s %v", describeEdits(undo), err)
	}
}

func TestDraftMarshalText(t *testing.T) {
	d := newDraft(t)
	editField(t, d, "favoriteColor", `"purple"`)
	editField(t, d, "note", "")
	editField(t, d, `address.geo.a\.b`, `{"x":null}`)
	for _, d := range []*Draft{d, d.WithModifiedAt(time.Date(2026, 3, 14, 10, 42, 0, 0, time.UTC)),
		NewDraft(nil, testOwner),
		NewDraft(nil, Owner{}), newDraft(t)} {
		text, err := d.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var decoded Draft
		if err := decoded.UnmarshalText(text); err != nil {
			t.Fatal(err)
		}
		if !decoded.ModifiedAt().Equal(d.ModifiedAt()) || describeEdits(&decoded) != describeEdits(d) ||
			string(decoded.Base()) != string(d.Base()) ||
			decoded.owner.UserIDField != d.owner.UserIDField || !Identical(decoded.owner.UserID, d.owner.UserID) {
			t.Errorf("%s was decoded as %s", describeEdits(d), describeEdits(&decoded))
		}
	}
	text, _ := d.MarshalText()
	for _, bad := range []string{"", "{}", "dossier-draft-2:AAAA", draftPrefix, draftPrefix + "%",
		string(text[:len(text)-8]), strings.Replace(string(text), "A", "B", 1)} {
		decoded := *d
		if err := decoded.UnmarshalText([]byte(bad)); err == nil && describeEdits(&decoded) == describeEdits(d) {
			t.Errorf("%.40q was decoded, want an error", bad)
		} else if err != nil && FaultKindOf(err) != InvalidInput {
			t.Errorf("%.40q: %v", bad, err)
		}
	}
}

func TestDraftStoresPendingInput(t *testing.T) {
	d := newDraft(t)
	editField(t, d, "note", "")
	pending := PendingInput{EditTarget: TargetNewField, Path: Path{"address"}, Name: "z", Kind: Int, Text: "77x\xff"}
	other := PendingInput{EditTarget: TargetField, Path: Path{"note"}, Kind: Int, Text: "7"}
	newer := PendingInput{EditTarget: TargetField, Path: Path{"note"}, Kind: Int, Text: "77"}
	withPending := d.WithPendingInput(other).WithPendingInput(pending).WithPendingInput(newer)
	if len(d.PendingInputs()) > 0 || d.NothingToKeep() {
		t.Error("WithPendingInput changed the draft itself")
	}
	text, err := withPending.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	var decoded Draft
	if err := decoded.UnmarshalText(text); err != nil {
		t.Fatal(err)
	}
	if got := decoded.PendingInputs(); !reflect.DeepEqual(got, []PendingInput{pending, newer}) ||
		describeEdits(&decoded) != describeEdits(d) {
		t.Errorf("decoded %+v with %s", got, describeEdits(&decoded))
	}
	if got := decoded.Rebase(nil).WithoutPendingInput(newer).PendingInputs(); !reflect.DeepEqual(got,
		[]PendingInput{pending}) {
		t.Errorf("without the newer input: %+v", got)
	}
	if none := NewDraft(nil, testOwner); !none.NothingToKeep() || none.WithPendingInput(pending).NothingToKeep() ||
		!none.WithPendingInputs().NothingToKeep() {
		t.Error("NothingToKeep ignores pending input, or counts none as some")
	}
}

func TestDraftUnmarshalRejectsNestedEdits(t *testing.T) {
	bad := Draft{owner: testOwner, edits: []Edit{{Path: Path{"a"}, Value: ValueOf(1)}, {Path: Path{"a", "b"},
		Unset: true}}}
	text, err := bad.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	if err := new(Draft).UnmarshalText(text); err == nil || !strings.Contains(err.Error(), "it edits both a and a.b") {
		t.Errorf("UnmarshalText: %v", err)
	}
}

func TestDraftChanges(t *testing.T) {
	d := newDraft(t)
	editField(t, d, "favoriteColor", `"purple"`)
	editField(t, d, "address", `{"zip":"1","geo":{"lat":52.5,"a.b":1}}`)
	var got []string
	for _, c := range d.Changes() {
		got = append(got, c.Path.String()+" "+string(c.Kind))
	}
	if strings.Join(got, ", ") != "favoriteColor changed, address.zip changed" {
		t.Errorf("changes: %v", got)
	}
}

func TestCheckResultOwner(t *testing.T) {
	oid := `{"$oid":"5f1e000000000000000000bb"}`
	for _, c := range []struct{ field, doc, want string }{
		{"userId", `{"userId":` + oid + `}`, oid},
		{"owner.id", `{"owner":{"id":` + oid + `}}`, oid},
		{"userId", `{}`, `"5f1e000000000000000000bb"`},
	} {
		got := CheckResult{Document: document(t, c.doc)}.Owner(c.field, "5f1e000000000000000000bb")
		if got.UserIDField != c.field || JSON(got.UserID) != c.want {
			t.Errorf("%s of %s: %s %s", c.field, c.doc, got.UserIDField, JSON(got.UserID))
		}
		if d := NewDraft(nil, got); !Identical(d.Owner().UserID, got.UserID) {
			t.Errorf("the draft's owner is %s", JSON(d.Owner().UserID))
		}
	}
}
