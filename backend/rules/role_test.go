package rules

import (
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

func view(t *testing.T, rules string) *View {
	t.Helper()
	n, err := Read(doc(t, rules))
	if err != nil {
		t.Fatal(err)
	}
	return n.ViewFor(demoCaller(t), "app.users")
}

const fieldRules = `{"roles":[
	{"name":"owner","apply_when":{"owner":"%%user.id"},"insert":true,"delete":false,
	 "fields":{"owner":{"read":true},"secret":{"read":false,"write":false},"name":{"read":true,"write":true},
		"address":{"read":true,"write":true,"fields":{"code":{"read":false,"write":false}}},
		"step":{"read":true,"write":{"%%this":{"%in":["a","b"]}}},
		"version":{"read":true,"write":{"%%this":{"%gt":0},"%%prev":{"%lt":10}}}},
	 "additional_fields":{"read":{"public":true},"write":false}},
	{"name":"reader","apply_when":{"shared":true},"read":true,"write":false}]}`

// TestVisible: documents without a role and fields without a permission are left out, without an error.
func TestVisible(t *testing.T) {
	v := view(t, fieldRules)
	for _, c := range []struct {
		document, want string // "": not visible
	}{
		{`{"owner":"` + me + `","secret":1,"name":"n","x":2}`, `{"owner":"` + me + `","name":"n"}`},
		{`{"owner":"` + me + `","public":true,"x":2}`, `{"owner":"` + me + `","public":true,"x":2}`},
		{`{"owner":"` + me + `","address":{"code":"1","city":"c"}}`, `{"owner":"` + me + `","address":{"city":"c"}}`},
		{`{"owner":"` + me + `","address":[{"code":"1","city":"c"},{"code":"2"}]}`,
			`{"owner":"` + me + `","address":[{"city":"c"},{}]}`},
		{`{"owner":"` + other + `","secret":1}`, ``},
		{`{"owner":"` + other + `","shared":true,"secret":1}`, `{"owner":"` + other + `","shared":true,"secret":1}`},
		{`{"owner":"` + me + `","shared":true,"secret":1}`, `{"owner":"` + me + `"}`},
	} {
		visible, ok := v.Visible(doc(t, c.document))
		if c.want == "" {
			if ok {
				t.Errorf("%s is visible as %v", c.document, visible)
			}
			continue
		}
		if !ok || !query.Equal(visible, doc(t, c.want)) {
			t.Errorf("%s is visible as %v (%v), want %s", c.document, visible, ok, c.want)
		}
	}
	if filter, whole, none := v.DatabaseFilter(); whole || none || len(filter) == 0 {
		t.Errorf("query %v whole %v none %v: fields are hidden, so the filter is not complete", filter, whole, none)
	}
}

func TestCheckUpdate(t *testing.T) {
	v := view(t, fieldRules)
	own := `"owner":"` + me + `"`
	for _, c := range []struct {
		before, after, want string // "": allowed
	}{
		{`{` + own + `,"name":"a"}`, `{` + own + `,"name":"b"}`, ``},
		{`{` + own + `}`, `{` + own + `,"name":"b"}`, ``},
		{`{` + own + `,"name":"a"}`, `{` + own + `}`, ``},
		{`{` + own + `,"secret":1}`, `{` + own + `,"secret":1}`, ``},
		{`{` + own + `,"secret":1}`, `{` + own + `,"secret":2}`,
			`update not permitted: role "owner" of app.users has no write permission for field "secret"`},
		{`{` + own + `,"secret":1}`, `{` + own + `,"secret":{"$numberDouble":"1.0"}}`, `field "secret"`},
		{`{` + own + `,"secret":1}`, `{` + own + `}`, `field "secret"`},
		{`{` + own + `}`, `{"owner":"` + other + `"}`, `field "owner"`},
		{`{` + own + `}`, `{` + own + `,"more":1}`, `field "more"`},
		{`{` + own + `,"address":{"code":1,"city":"a"}}`, `{` + own + `,"address":{"code":1,"city":"b"}}`, ``},
		{`{` + own + `,"address":{"code":1,"city":"a"}}`, `{` + own + `,"address":{"code":2,"city":"a"}}`,
			`field "address.code"`},
		{`{` + own + `,"address":{"code":1,"city":"a"}}`, `{` + own + `,"address":{"city":"a"}}`, `field "address.code"`},
		{`{` + own + `,"address":{"code":1}}`, `{` + own + `}`, `field "address.code"`},
		{`{` + own + `,"address":[{"code":1}]}`, `{` + own + `,"address":[{"code":2}]}`, `field "address.code"`},
		{`{` + own + `}`, `{` + own + `,"step":"a"}`, ``},
		{`{` + own + `}`, `{` + own + `,"step":"c"}`, `field "step"`},
		{`{` + own + `,"version":9}`, `{` + own + `,"version":10}`, ``},
		{`{` + own + `,"version":10}`, `{` + own + `,"version":11}`, `field "version"`},
		{`{"owner":"` + other + `"}`, `{` + own + `}`, `update not permitted: no role of app.users applies to the document`},
		{`{"owner":"` + other + `","shared":true}`, `{"owner":"` + other + `","shared":true,"name":"x"}`,
			`role "reader" of app.users has no write permission for field "name"`},
	} {
		err := v.CheckUpdate(doc(t, c.before), doc(t, c.after))
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s to %s: %v, want %q", c.before, c.after, err, c.want)
		}
	}
}

// TestChangeCannotGrantItself: a user cannot satisfy a write rule about the owner by becoming the owner in the same
// change.
func TestChangeCannotGrantItself(t *testing.T) {
	v := view(t, `{"roles":[{"name":"any","apply_when":{},"read":true,"write":{"owner":"%%user.id"},"insert":true}]}`)
	before, after := doc(t, `{"owner":"`+other+`"}`), doc(t, `{"owner":"`+me+`"}`)
	if err := v.CheckUpdate(before, after); err == nil {
		t.Error("a change of the owner granted itself")
	}
	if err := v.CheckUpdate(after, before); err == nil {
		t.Error("the owner was changed although the rule applies after the change too")
	}
	v = view(t, `{"roles":[{"name":"any","apply_when":{},"read":true,"write":{"%%prevRoot.owner":"%%user.id"}}]}`)
	if err := v.CheckUpdate(after, before); err != nil {
		t.Errorf("a rule about the document before the change: %v", err)
	}
}

func TestCheckInsertAndDelete(t *testing.T) {
	v := view(t, fieldRules)
	for document, want := range map[string]string{
		`{"_id":1,"name":"x"}`:                    "no role of app.users applies",
		`{"_id":1,"owner":"` + me + `"}`:          `no write permission for field "owner"`,
		`{"_id":1,"owner":"` + me + `","x":1}`:    `no write permission for field "owner"`,
		`{"owner":"` + other + `","shared":true}`: `insert not permitted: role "reader" of app.users has no insert permission`,
	} {
		if err := v.CheckInsert(doc(t, document)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("insert %s: %v, want %q", document, err, want)
		}
	}
	if err := v.CheckDelete(doc(t, `{"owner":"`+me+`"}`)); err == nil || !strings.Contains(err.Error(),
		`role "owner" of app.users has no delete permission`) {
		t.Errorf("delete: %v", err)
	}
	v = view(t, `{"roles":[{"name":"owner","apply_when":{"owner":"%%user.id"},"read":true,"write":true,"insert":true,"delete":true}]}`)
	own := doc(t, `{"_id":1,"owner":"`+me+`","x":1}`)
	if err := v.CheckInsert(own); err != nil {
		t.Error(err)
	}
	if err := v.CheckDelete(own); err != nil {
		t.Error(err)
	}
	if err := v.CheckInsert(doc(t, `{"owner":"`+other+`"}`)); err == nil {
		t.Error("inserted a document of another user")
	}
}

// TestDatabaseFilter: roles and filters become one filter for the database where it can express the whole rule.
func TestDatabaseFilter(t *testing.T) {
	for _, c := range []struct {
		rules       string
		whole, none bool
		in, out     []string
	}{
		{`{"roles":[{"name":"o","apply_when":{"owner":"%%user.id"},"read":true}]}`, true, false,
			[]string{`{"owner":"` + me + `"}`}, []string{`{"owner":"x"}`, `{}`}},
		{`{"roles":[{"name":"o","apply_when":{"owner":"%%user.id"},"read":{"open":true}}]}`, true, false,
			[]string{`{"owner":"` + me + `","open":true}`}, []string{`{"owner":"` + me + `"}`, `{"open":true}`}},
		{`{"roles":[{"name":"o","apply_when":{"owner":"%%user.id"},"read":false},{"name":"p","apply_when":{},"read":true}]}`,
			true, false,
			[]string{`{"owner":"x"}`, `{}`}, []string{`{"owner":"` + me + `"}`}},
		{`{"roles":[{"name":"o","apply_when":{"%%user.type":"server"},"read":true}]}`, true, true, nil, []string{`{}`}},
		{`{"roles":[]}`, true, true, nil, []string{`{}`}},
		{`{"roles":[{"name":"o","apply_when":{"%%user.type":"normal"},"document_filters":{"read":{"open":true}},"read":true}]}`, true, false,
			[]string{`{"open":true}`}, []string{`{}`}},
		{`{"roles":[{"name":"o","apply_when":{},"document_filters":{},"read":true}]}`, true, true, nil, []string{`{}`}},
		{`{"roles":[{"name":"o","apply_when":{"a":"%%root.b"},"read":true}]}`, false, false, []string{`{"a":1,"b":1}`}, nil},
		{`{"roles":[{"name":"o","apply_when":{},"read":true}],"filters":[{"name":"f","apply_when":{},"query":{"team":"%%user.custom_data.team"}}]}`, true, false,
			[]string{`{"team":"blue"}`}, []string{`{"team":"red"}`}},
		{`{"roles":[{"name":"o","apply_when":{},"read":true}],"filters":[{"name":"f","apply_when":{"%%user.type":"server"},"query":{"team":"x"}}]}`, true, false,
			[]string{`{"team":"red"}`}, nil},
		{`{"roles":[{"name":"o","apply_when":{},"read":true}],"filters":[{"name":"f","apply_when":{},"projection":{"x":0}}]}`,
			false, false, []string{`{}`}, nil},
		// A value in a user's custom data must not become an operator of the filter.
		{`{"roles":[{"name":"o","apply_when":{},"read":true}],"filters":[{"name":"f","apply_when":{},"query":{"team":"%%user.custom_data.trick"}}]}`, true, true, nil, nil},
		{`{"roles":[{"name":"o","apply_when":{},"read":true}],"filters":[{"name":"f","apply_when":{},"query":{"team":"%%user.custom_data.pattern"}}]}`, true, true, nil, nil},
		{`{"roles":[{"name":"o","apply_when":{},"read":true}],"filters":[{"name":"f","apply_when":{},"query":{"team":"%%user.custom_data.nope"}}]}`, true, true, nil, nil},
		// Nor must it become a field in an aggregation expression.
		{`{"roles":[{"name":"o","apply_when":{},"read":true}],"filters":[{"name":"f","apply_when":{},"query":{"$expr":{"$eq":["$team","%%user.custom_data.field"]}}}]}`, true, false,
			[]string{`{"team":"$team"}`}, []string{`{"team":"red"}`}},
		{`{"roles":[{"name":"o","apply_when":{},"read":true}],"filters":[{"name":"f","apply_when":{},"query":{"$expr":{"$in":["$team",{"$literal":"%%user.custom_data.manages"}]}}}]}`, true, false,
			[]string{`{"team":"a@b.c"}`}, []string{`{"team":"red"}`}},
	} {
		v := view(t, c.rules)
		filter, whole, none := v.DatabaseFilter()
		if whole != c.whole || none != c.none {
			t.Errorf("%s: query %v whole %v none %v", c.rules, filter, whole, none)
			continue
		}
		for _, in := range c.in {
			if !matches(t, filter, in) {
				t.Errorf("%s: query %v leaves out %s", c.rules, filter, in)
			}
		}
		for _, out := range c.out {
			if !none && matches(t, filter, out) {
				t.Errorf("%s: query %v lets in %s", c.rules, filter, out)
			}
		}
	}
}

func matches(t *testing.T, filter bson.D, text string) bool {
	t.Helper()
	f, err := query.ParseFilter(filter, query.Env{})
	if err != nil {
		t.Fatalf("%v: %v", filter, err)
	}
	return f.Match(doc(t, text))
}

func TestReadErrors(t *testing.T) {
	for rules, want := range map[string]string{
		`{"roles":3}`:                   `roles: expected an array, found 3`,
		`{"roles":[3]}`:                 `roles[0]: expected an object`,
		`{"roles":[{"name":"x"}]}`:      `roles[0].apply_when: is missing`,
		`{"roles":[{"apply_when":{}}]}`: `roles[0].name: is missing`,
		`{"rolls":[]}`:                  `rolls: unknown key`,
		`{"roles":[{"name":"x","apply_when":{},"red":1}]}`:                                 `roles[0].red: unknown key in a role`,
		`{"roles":[{"name":"x","apply_when":{"%%prevRoot.a":1}}]}`:                         `roles[0].apply_when: the variable %%prevRoot is not available here`,
		`{"roles":[{"name":"x","apply_when":{},"write":{"%%this":1}}]}`:                    `%%this is not available here`,
		`{"roles":[{"name":"x","apply_when":{},"fields":{"a.b":{"read":true}}}]}`:          `fields.a.b: is not a field name`,
		`{"roles":[{"name":"x","apply_when":{},"fields":{"a":{"reed":true}}}]}`:            `fields.a.reed: unknown key`,
		`{"roles":[{"name":"x","apply_when":{},"additional_fields":{"fields":{"a":{}}}}]}`: `additional_fields.fields: unknown key`,
		`{"roles":[{"name":"x","apply_when":{},"document_filters":{"reed":true}}]}`:        `document_filters.reed: unknown key`,
		`{"filters":[{"name":"f","apply_when":{"a":1}}]}`:                                  `filters[0].apply_when: the variable %%root is not available here`,
		`{"filters":[{"name":"f","apply_when":{},"query":{"a":"%%user.x"}}]}`:              `filters[0].query.a: unknown variable %%user.x`,
		`{"filters":[{"name":"f","apply_when":{},"query":{"a":"%%root.x"}}]}`:              `is not available without a document`,
		`{"filters":[{"name":"f","apply_when":{},"query":{"%and":[]}}]}`:                   `filters[0].query.%and: unknown operator in a filter query`,
		`{"filters":[{"name":"f","apply_when":{},"query":{"%function":{"name":"f"}}}]}`:    `filters[0].query.%function: is a value, expected a field name`,
		`{"filters":[{"name":"f","apply_when":{},"query":{"%stringToOid":"%%user.id"}}]}`:  `filters[0].query.%stringToOid: is a value, expected a field name`,
	} {
		if _, err := Read(doc(t, rules)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", rules, err, want)
		}
	}
	n, err := Read(doc(t, `{"roles":[{"name":"x","apply_when":{},"search":true}]}`))
	if err != nil || len(n.Ignored) != 1 || n.Ignored[0] != "roles[0].search" {
		t.Errorf("search: %v %v", n, err)
	}
}

// TestFields: Fields returns every field that a rule or a filter reads.
func TestFields(t *testing.T) {
	v := view(t, `{"roles":[{"name":"o","apply_when":{"owner":"%%user.id"},"read":true,"write":{"%%prevRoot.state.name":{"%ne":"%%root.next"}},
		"document_filters":{"read":true,"write":{"locked":false}},"fields":{"a":{"write":{"%%root.b":1,"%%this":2}}}}],
		"filters":[{"name":"f","apply_when":{},"query":{"open.x":true}}]}`)
	names, whole := v.Fields()
	if whole || len(names) != 6 {
		t.Errorf("fields %v, whole %v", names, whole)
	}
	for _, name := range []string{"owner", "state", "next", "locked", "b", "open"} {
		if !names[name] {
			t.Errorf("%s is not among %v", name, names)
		}
	}
	if _, whole := view(t, `{"roles":[{"name":"o","apply_when":{"%%root":{"%exists":true}}}]}`).Fields(); !whole {
		t.Error("a rule about the whole document does not read all of it")
	}
}

// TestOwnDocumentUsesIndex: an id as string or ObjectId becomes one condition that an index on the field can serve.
func TestOwnDocumentUsesIndex(t *testing.T) {
	v := view(t, `{"roles":[{"name":"owner","apply_when":{"%or":[{"userId":"%%user.id"},{"userId":{"%stringToOid":"%%user.id"}}]},"read":true}]}`)
	filter, whole, none := v.DatabaseFilter()
	want := doc(t, `{"userId":{"$in":["`+me+`",{"$oid":"`+me+`"}]}}`)
	if !whole || none || !query.Equal(filter, want) {
		t.Errorf("query %v", filter)
	}
}
