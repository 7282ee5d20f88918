package rules

import (
	"errors"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// viewWithFunctions returns a view whose function calls are counted: "fail" fails, all others return their first
// argument.
func viewWithFunctions(t *testing.T, rules string) (*View, map[string]int) {
	t.Helper()
	n, err := Read(doc(t, rules))
	if err != nil {
		t.Fatal(err)
	}
	calls := map[string]int{}
	c := demoCaller(t)
	c.Call = func(name string, args []any) (any, error) {
		calls[name]++
		if name == "fail" {
			return nil, errors.New("no")
		}
		return args[0], nil
	}
	return n.ViewFor(c, "app.users"), calls
}

// TestFunctionResultsAreCached: a call that depends on the caller only is made once, one that depends on the document
// once for each value; a view with an empty cache calls again.
func TestFunctionResultsAreCached(t *testing.T) {
	v, calls := viewWithFunctions(t, `{"roles":[{"name":"a","apply_when":{"%%user.id":{"%function":{"name":"caller","arguments":["%%user.id"]}}},
		"read":{"n":{"%function":{"name":"document","arguments":["%%root.n"]}}},"fields":{"x":{"read":{"%%false":{"%function":{"name":"fail"}}}}}}]}`)
	for range 2 {
		if filter, whole, none := v.DatabaseFilter(); whole || none || len(filter) != 0 {
			t.Errorf("query %v %v %v", filter, whole, none)
		}
		for i := range 100 {
			visible, ok := v.Visible(bson.D{{Key: "_id", Value: int32(i)}, {Key: "n", Value: int32(i % 7)},
				{Key: "x", Value: int32(1)}})
			if !ok || len(visible) != 2 {
				t.Fatalf("%v %v", visible, ok)
			}
		}
	}
	if calls["caller"] != 1 || calls["document"] != 7 || calls["fail"] != 1 {
		t.Errorf("calls %v", calls)
	}
	v.WithEmptyCache().Role(bson.D{})
	if calls["caller"] != 2 {
		t.Errorf("calls %v", calls)
	}
}

// TestTooManyFunctionCalls: the function calls for one request are limited, and exceeding the limit is reported.
func TestTooManyFunctionCalls(t *testing.T) {
	v, calls := viewWithFunctions(t, `{"roles":[{"name":"a","apply_when":{"n":{"%function":{"name":"f","arguments":["%%root.n"]}}},"read":true}]}`)
	for i := range maxFunctionCalls + 5 {
		_, ok := v.Visible(bson.D{{Key: "n", Value: int32(i)}})
		if ok != (i < maxFunctionCalls) || (v.Err() == nil) != ok {
			t.Fatalf("document %d is visible: %v, error %v", i, ok, v.Err())
		}
	}
	if calls["f"] != maxFunctionCalls {
		t.Errorf("calls %v", calls)
	}
}

// TestFailedFunctionsDeny: a failed function grants nothing, neither through the next role nor through a filter that
// does not apply.
func TestFailedFunctionsDeny(t *testing.T) {
	const all = `{"name":"all","apply_when":{},"read":true,"write":true,"insert":true,"delete":true}`
	fail := func(argument string) string { return `{"%function":{"name":"fail","arguments":[` + argument + `]}}` }
	for _, argument := range []string{`1`, `"%%root._id"`} {
		failing := fail(argument)
		for _, rules := range []string{
			`{"roles":[{"name":"some","apply_when":` + failing + `,"read":true},` + all + `]}`,
			`{"roles":[{"name":"some","apply_when":{"%not":` + failing + `},"read":true},` + all + `]}`,
			`{"roles":[{"name":"some","apply_when":{},"read":{"%not":` + failing + `},"insert":{"%not":` + failing +
				`},"delete":{"%not":` + failing + `},"write":true}]}`,
			`{"roles":[{"name":"some","apply_when":{},"read":true,"write":true,"insert":true,"delete":true,
				"document_filters":{"read":{"%not":` + failing + `},"write":{"%not":` + failing + `}}}]}`,
		} {
			v, _ := viewWithFunctions(t, rules)
			d := doc(t, `{"_id":1,"n":1}`)
			if _, ok := v.Visible(d); ok {
				t.Errorf("%s makes a document visible", rules)
			}
			if filter, whole, none := v.DatabaseFilter(); whole && !none {
				t.Errorf("%s has the database filter %v without further checks", rules, filter)
			}
			if v.CheckInsert(d) == nil || v.CheckDelete(d) == nil {
				t.Errorf("%s allows an insert or a delete", rules)
			}
		}
	}
	for _, filter := range []string{
		`{"name":"f","apply_when":` + fail(`1`) + `,"query":{"open":true}}`,
		`{"name":"f","apply_when":{"%not":` + fail(`1`) + `},"query":{"open":true}}`,
		`{"name":"f","apply_when":{},"query":{"open":{"$ne":` + fail(`1`) + `}}}`,
	} {
		v, _ := viewWithFunctions(t, `{"roles":[`+all+`],"filters":[`+filter+`]}`)
		if f, _, none := v.DatabaseFilter(); !none {
			t.Errorf("%s has the database filter %v", filter, f)
		}
	}
	v, _ := viewWithFunctions(t, `{"roles":[`+all+
		`],"filters":[{"name":"f","apply_when":{},"query":{"team":{"%function":{"name":"f","arguments":["%%user.custom_data.team"]}}}}]}`)
	if f, whole, _ := v.DatabaseFilter(); !whole || !query.Equal(f, doc(t, `{"team":"blue"}`)) {
		t.Errorf("a filter's function: %v %v", f, whole)
	}
}

// FuzzRead: reading and evaluating any rules file ends without a panic. The database filter matches every visible
// document and, where it is complete, no other.
func FuzzRead(f *testing.F) {
	for _, s := range []string{
		fieldRules, `{}`, `{"roles":[{"name":"a","apply_when":true}],"filters":[{"name":"f","apply_when":{},"query":{"a":"%%user.id"},"projection":{"x":0}}]}`,
		`{"roles":[{"name":"a","apply_when":{"%function":{"name":"fail","arguments":["%%root"]}},"read":true},{"name":"b","apply_when":{"owner":"%%user.id"},"read":true}]}`,
		`{"roles":[{"name":"a","apply_when":{"%not":{"%function":{"name":"fail"}}},"read":true},{"name":"b","apply_when":{},"read":{"n":{"%gt":2}}}]}`,
		`{"roles":[{"name":"a","apply_when":{},"document_filters":{"read":{"a":1},"write":false},"read":true,"fields":{"n":{"write":{"%%prev":1}}}}]}`,
	} {
		f.Add(s)
	}
	document := doc(f, `{"_id":1,"owner":"`+me+`","a":[1,{"b":2}],"b":{"c":null},"n":3}`)
	caller := demoCaller(f)
	f.Fuzz(func(t *testing.T, text string) {
		var d bson.D
		if bson.UnmarshalExtJSON([]byte(text), false, &d) != nil {
			return
		}
		n, err := Read(d)
		if err != nil {
			return
		}
		v := n.ViewFor(caller, "app.users")
		visible, ok := v.Visible(document)
		after := append(append(bson.D{}, document...), bson.E{Key: "x", Value: true})
		denied := v.CheckUpdate(document, after)
		if r := v.Role(document); r == nil && (ok || denied == nil || v.CheckDelete(document) == nil ||
			v.CheckInsert(document) == nil) {
			t.Fatalf("%s: no role applies, but something is allowed", text)
		}
		_ = v.CheckUpdatePath(document, []string{"a", "$[]", "b"})
		v.Fields()
		if len(v.filters) > 0 || v.deniesAll { // a filter's query may be invalid
			v.DatabaseFilter()
			return
		}
		filter, whole, none := v.DatabaseFilter()
		matches := false
		if !none {
			parsed, err := query.ParseFilter(filter, query.Env{})
			if err != nil {
				t.Fatalf("%s: query %v: %v", text, filter, err)
			}
			matches = parsed.Match(document)
		}
		if ok && !matches || whole && matches && (!ok || len(visible) != len(document)) {
			t.Fatalf("%s: query %v (whole %v) matches %v, but %v is visible: %v", text, filter, whole, matches, visible, ok)
		}
	})
}
