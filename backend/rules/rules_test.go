package rules

import (
	"errors"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
	"dossier/model"
)

const (
	me    = "5f1f216e82df4a7979f9da93"
	other = "5f1f298f757611faec901d0f"
)

// doc parses extended JSON.
func doc(t testing.TB, text string) bson.D {
	t.Helper()
	var d bson.D
	if err := bson.UnmarshalExtJSON([]byte(text), false, &d); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return d
}

func rawDoc(t testing.TB, text string) bson.Raw {
	t.Helper()
	b, err := bson.Marshal(doc(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func demoCaller(t testing.TB) Caller {
	return Caller{
		User: model.User{
			ID: me, Type: "normal", Data: rawDoc(t, `{"email":"me@example.com"}`),
			Identities: []model.Identity{{ID: "i1", ProviderType: "local-userpass"}},
		},
		CustomData: rawDoc(t, `{"team":"blue","manages":["a@b.c","d@e.f"],"level":{"$numberLong":"3"},"trick":{"$ne":1},"field":"$team","pattern":{"$regularExpression":{"pattern":".*","options":""}}}`),
		Values: map[string]bson.RawValue{"admins": rawDoc(t, `{"v":["`+me+`"]}`).Lookup("v"),
			"limits": rawDoc(t, `{"v":{"max":5}}`).Lookup("v")},
		Request: rawDoc(t, `{"remoteIPAddress":"10.1.2.3","httpUserAgent":"node","requestHeaders":{"X-Team":["blue","red"]}}`),
		Call:    testFunctions,
		Environment: Environment{Tag: "production", Values: map[string]bson.RawValue{"open": rawDoc(t,
			`{"v":true}`).Lookup("v")}},
	}
}

// testFunctions is an application with three functions.
func testFunctions(name string, args []any) (any, error) {
	switch name {
	case "yes":
		return true, nil
	case "echo":
		return args[0], nil
	case "list":
		return bson.A(args), nil
	}
	return nil, errors.New("function not found")
}

// TestExpression evaluates conditions for one caller and one document, directly and as a database filter. The filter
// must match whenever the condition holds, and if it is exact they must agree.
func TestExpression(t *testing.T) {
	const document = `{"_id":{"$oid":"` + me + `"},"owner":"` + me + `","team":"blue","n":3,"price":{"$numberDecimal":"3.0"},
		"tags":["x","y"],"team_members":[{"id":"p1","roles":["r"]},{"id":"` + me + `"}],"nothing":null,"sub":{"a":{"b":1}},"members":["` + me + `"],
		"uuid":{"$binary":{"base64":"AAAAAAAAAAAAAAAAAAAAAQ==","subType":"04"}},"hexid":"` + me + `"}`
	for _, c := range []struct {
		expression string
		want       bool
	}{
		{`{}`, true},
		{`{"owner":"%%user.id"}`, true},
		{`{"owner":"` + other + `"}`, false},
		{`{"%%root.owner":"%%user.id"}`, true},
		{`{"%%user.id":"%%root.owner"}`, true},
		{`{"_id":{"%stringToOid":"%%user.id"}}`, true},
		{`{"_id":{"$stringToOid":"%%user.id"}}`, true},
		{`{"_id":"%%user.id"}`, false},
		{`{"hexid":{"%oidToString":"%%root._id"}}`, true},
		{`{"uuid":{"%stringToUuid":"00000000-0000-0000-0000-000000000001"}}`, true},
		{`{"uuid":{"%stringToUuid":"00000000-0000-0000-0000-00000000000"}}`, false},
		{`{"%%root.uuid":{"%exists":true}}`, true},
		{`{"n":3}`, true},
		{`{"n":{"$numberLong":"3"}}`, true},
		{`{"n":3.0}`, true},
		{`{"price":3}`, true},
		{`{"n":"3"}`, false},
		{`{"n":{"%gt":2,"%lte":3}}`, true},
		{`{"n":{"%gt":2,"%lt":3}}`, false},
		{`{"n":{"%gte":"%%user.custom_data.level"}}`, true},
		{`{"n":{"$gt":"2"}}`, false},
		{`{"tags":"x"}`, true},
		{`{"tags":["x","y"]}`, true},
		{`{"tags":{"%in":["y","q"]}}`, true},
		{`{"tags":{"%nin":["y","q"]}}`, false},
		{`{"owner":{"%in":["%%user.id"]}}`, true},
		{`{"%%user.id":{"%in":"%%root.members"}}`, true},
		{`{"%%user.id":{"%in":"%%values.admins"}}`, true},
		{`{"%%user.id":{"%nin":"%%values.admins"}}`, false},
		{`{"members":"%%user.id"}`, true},
		{`{"team_members.id":"%%user.id"}`, true},
		{`{"team_members.1.id":"%%user.id"}`, true},
		{`{"team_members.0.id":"%%user.id"}`, false},
		{`{"team_members.roles":"r"}`, true},
		{`{"%%user.data.email":"me@example.com"}`, true},
		{`{"%%user.data.phone":{"%exists":true}}`, false},
		{`{"%%user.data.phone":{"%exists":false}}`, true},
		{`{"%%user.type":"normal"}`, true},
		{`{"%%user.identities.provider_type":"local-userpass"}`, true},
		{`{"%%user.identities.providerType":"anon-user"}`, false},
		{`{"team":"%%user.custom_data.team"}`, true},
		{`{"%%user.custom_data.manages":"a@b.c"}`, true},
		{`{"owner":"%%user.custom_data.manages"}`, false},
		{`{"%%environment.tag":"production"}`, true},
		{`{"%%environment.values.open":true}`, true},
		{`{"n":{"%lt":"%%values.limits.max"}}`, true},
		// An undefined variable matches nothing, in particular not an absent field.
		{`{"absent":"%%user.custom_data.nope"}`, false},
		{`{"nothing":"%%user.custom_data.nope"}`, false},
		{`{"owner":{"%ne":"%%user.custom_data.nope"}}`, true},
		{`{"owner":{"%in":"%%user.custom_data.nope"}}`, false},
		{`{"absent":null}`, true},
		{`{"nothing":null}`, true},
		{`{"owner":null}`, false},
		{`{"sub.a.b":1}`, true},
		{`{"sub.a.c":{"%exists":true}}`, false},
		{`{"nothing":{"%exists":true}}`, true},
		// A string in a user's custom data stays a value.
		{`{"owner":"%%user.custom_data.trick"}`, false},
		{`{"owner":"%%user.custom_data.pattern"}`, false},
		{`{"%or":[{"owner":"x"},{"team":"blue"}]}`, true},
		{`{"%and":[{"owner":"%%user.id"},{"team":"red"}]}`, false},
		{`{"owner":"%%user.id","team":"red"}`, false},
		{`{"%not":{"team":"red"}}`, true},
		{`{"%not":{"%not":{"team":"red"}}}`, false},
		{`{"n":{"%not":{"%gt":5}}}`, true},
		{`{"n":{"%or":[{"%gt":5},{"%lt":4}]}}`, true},
		{`{"n":{"%and":[{"%gt":5},{"%lt":4}]}}`, false},
		{`{"%%true":{"team":"blue"}}`, true},
		{`{"%%false":{"team":"blue"}}`, false},
		{`{"%%true":true}`, true},
		{`{"%%true":false}`, false},
		{`{"%%prevRoot":{"%exists":false}}`, true},
		{`{"%%root":{"%exists":true}}`, true},
		{`{"owner":"%%root.hexid"}`, true},
		{`{"owner":"%%root.team"}`, false},
		{`{"%not":{"owner":"%%root.team"}}`, true},
		{`{"owner":{"%ne":"%%root.team"}}`, true},
		{`{"hexid":{"%oidToString":{"%stringToOid":"%%user.id"}}}`, true},
		{`{"uuid":{"%stringToUuid":{"%uuidToString":"%%root.uuid"}}}`, true},
		{`{"%%request.remoteIPAddress":"10.1.2.3"}`, true},
		{`{"%%request.remoteIPAddress":{"%in":["10.1.2.4"]}}`, false},
		{`{"%%request.requestHeaders.X-Team":"blue"}`, true},
		{`{"team":"%%request.requestHeaders.X-Team"}`, true},
		{`{"%%request.httpReferrer":{"%exists":true}}`, false},
		{`{"%function":{"name":"yes"}}`, true},
		{`{"$function":{"name":"yes","arguments":[]}}`, true},
		{`{"%%true":{"%function":{"name":"yes"}}}`, true},
		{`{"%%false":{"%function":{"name":"yes"}}}`, false},
		{`{"%not":{"%function":{"name":"yes"}}}`, false},
		{`{"%%true":{"%function":{"name":"echo","arguments":["true"]}}}`, false},
		{`{"owner":{"%function":{"name":"echo","arguments":["%%user.id"]}}}`, true},
		{`{"owner":{"%ne":{"%function":{"name":"echo","arguments":["%%user.id"]}}}}`, false},
		{`{"_id":{"%stringToOid":{"%function":{"name":"echo","arguments":["%%user.id"]}}}}`, true},
		{`{"team":{"%function":{"name":"list","arguments":["blue","red"]}}}`, true},
		{`{"team":{"%in":{"%function":{"name":"list","arguments":["%%user.custom_data.team"]}}}}`, true},
		{`{"team":{"%in":["x",{"%function":{"name":"echo","arguments":["blue"]}}]}}`, true},
		{`{"n":{"%lt":{"%function":{"name":"echo","arguments":["%%values.limits.max"]}}}}`, true},
		{`{"sub":{"%function":{"name":"echo","arguments":["%%root.sub"]}}}`, true},
		{`{"sub":{"%function":{"name":"echo","arguments":[{"a":{"b":"%%root.n"}}]}}}`, false},
		{`{"sub":{"%function":{"name":"echo","arguments":[{"a":{"b":{"%function":{"name":"echo","arguments":[1]}}}}]}}}`,
			true},
		{`{"team_members.id":{"%in":{"%function":{"name":"echo","arguments":["%%root.team_members.id"]}}}}`, true},
		// A function that returns nothing is undefined, as a variable may be.
		{`{"absent":{"%function":{"name":"echo","arguments":["%%root.absent"]}}}`, false},
		{`{"nothing":{"%function":{"name":"echo","arguments":["%%root.absent"]}}}`, false},
		// What depends on a function that fails does not hold, nor does its negation; the rest does.
		{`{"%function":{"name":"fail"}}`, false},
		{`{"%not":{"%function":{"name":"fail"}}}`, false},
		{`{"%not":{"%not":{"%function":{"name":"fail"}}}}`, false},
		{`{"%%false":{"%function":{"name":"fail"}}}`, false},
		{`{"%%false":{"%not":{"%function":{"name":"fail"}}}}`, false},
		{`{"owner":{"%ne":{"%function":{"name":"fail"}}}}`, false},
		{`{"owner":{"%nin":{"%function":{"name":"fail"}}}}`, false},
		{`{"owner":{"%nin":["x",{"%function":{"name":"fail","arguments":["%%root.n"]}}]}}`, false},
		{`{"%%user.id":{"%nin":[{"%function":{"name":"fail"}}]}}`, false},
		{`{"owner":{"%not":{"%eq":{"%stringToOid":{"%function":{"name":"fail"}}}}}}`, false},
		{`{"%function":{"name":"yes","arguments":[{"%function":{"name":"fail"}}]}}`, false},
		{`{"%or":[{"%function":{"name":"fail"}},{"team":"blue"}]}`, true},
		{`{"%or":[{"%function":{"name":"fail"}},{"team":"red"}]}`, false},
		{`{"%not":{"%or":[{"%function":{"name":"fail"}},{"team":"red"}]}}`, false},
		{`{"%not":{"%or":[{"team":"red"},{"%function":{"name":"fail","arguments":["%%root.n"]}}]}}`, false},
		{`{"%and":[{"%function":{"name":"fail"}},{"team":"blue"}]}`, false},
		{`{"%not":{"%and":[{"%function":{"name":"fail"}},{"team":"blue"}]}}`, false},
		{`{"%not":{"%and":[{"%function":{"name":"fail"}},{"team":"red"}]}}`, true},
	} {
		e, err := Compile(doc(t, c.expression), "x")
		if err != nil {
			t.Errorf("%s: %v", c.expression, err)
			continue
		}
		caller, document := demoCaller(t), doc(t, document)
		if got := e.holds(&evalContext{caller: &caller, root: document}); got != c.want {
			t.Errorf("%s: holds = %v, want %v", c.expression, got, c.want)
		}
		checkQueryAgrees(t, e, &caller, document, c.want)
	}
}

func checkQueryAgrees(t *testing.T, e *Expression, c *Caller, document bson.D, holds bool) {
	t.Helper()
	q := e.databaseFilter(c)
	matches := !q.none
	if matches && len(q.filter) > 0 {
		f, err := query.ParseFilter(q.filter, query.Env{})
		if err != nil {
			t.Fatalf("%v: %v", q.filter, err)
		}
		matches = f.Match(document)
	}
	if holds && !matches || q.exact && holds != matches {
		t.Errorf("query %v (none %v, exact %v) matches = %v, but it holds = %v", q.filter, q.none, q.exact, matches, holds)
	}
}

// TestCompileErrors: the error names the unknown operator, variable or key.
func TestCompileErrors(t *testing.T) {
	for expression, want := range map[string]string{
		`{"%foo":1}`:                                      `x.%foo: unknown operator %foo in place of a field name`,
		`{"a":{"%foo":1}}`:                                `x.a.%foo: unknown operator %foo for a value`,
		`{"$where":"1"}`:                                  `unknown operator $where in place of a field name`,
		`{"%function":{"name":3}}`:                        `x.%function.name: is missing`,
		`{"%function":"f"}`:                               `x.%function: expected an object with name and arguments, found "f"`,
		`{"%function":{"name":"f","args":[]}}`:            `x.%function.args: unknown key`,
		`{"%function":{"name":"f","arguments":"%%root"}}`: `x.%function.arguments: expected an array`,
		`{"%%true":{"%function":{"name":"f","arguments":["%%nope"]}}}`: `%function.arguments[0]: unknown variable %%nope`,
		`{"%function":{"name":"f","arguments":[{"a":{"$where":1}}]}}`:  `arguments[0].a: unknown operator %where in an argument of a function`,
		`{"%function":{"name":"f","arguments":[{"$code":"1"}]}}`:       `code is not supported`,
		`{"a":{"%function":{"name":"f"},"%ne":1}}`:                     `unknown operator %function for a value`,
		`{"%%user.id%%":"x"}`:            `unknown variable %%user.id%%`,
		`{"a":"%%user.id%%"}`:            `unknown variable %%user.id%%`,
		`{"a":"%%user.password"}`:        `unknown variable %%user.password`,
		`{"a":"%%request"}`:              `unknown variable %%request`,
		`{"a":"%%request.password"}`:     `unknown variable %%request.password`,
		`{"a":"%%request.httpMethod.x"}`: `unknown variable %%request.httpMethod.x`,
		`{"a":"%%user"}`:                 `unknown variable %%user`,
		`{"a":"%%values"}`:               `unknown variable %%values`,
		`{"a":{"b":1}}`:                  `x.a.b: an object as a value is not supported`,
		`{"a":{}}`:                       `x.a: an empty object`,
		`{"a":{"%in":3}}`:                `x.a.%in: expected an array`,
		`{"a":{"%exists":1}}`:            `x.a.%exists: expected true or false`,
		`{"a":{"%eq":{"b":1}}}`:          `an object as a value is not supported`,
		`{"a":{"$regularExpression":{"pattern":"x","options":""}}}`: `a regular expression is not supported`,
		`{"%and":{}}`:                       `x.%and: expected an array`,
		`{"%or":[]}`:                        `x.%or: expected an array of conditions, found an empty array`,
		`{"%or":[3]}`:                       `x.%or[0]: expected true, false or an object, found 3`,
		`{"a..b":1}`:                        `"a..b" is not a field path`,
		`{"a":{"%stringToOid":{"%oid":1}}}`: `an object as a value is not supported`,
		`{"a":{"%stringToOid":"%%user.id","%ne":1}}`: `unknown operator %stringToOid for a value`,
	} {
		_, err := Compile(doc(t, expression), "x")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", expression, err, want)
		}
	}
	deep := strings.Repeat(`{"%not":`, 100) + `true` + strings.Repeat(`}`, 100)
	if _, err := Compile(doc(t, deep), "x"); err == nil || !strings.Contains(err.Error(), "nested deeper") {
		t.Errorf("nested a hundred times: %v", err)
	}
}

// FuzzCompile: compiling and evaluating any text ends without a panic, and the filter agrees with the evaluation.
func FuzzCompile(f *testing.F) {
	for _, s := range []string{
		`{"owner":"%%user.id"}`, `{"%or":[{"a":{"%in":["%%user.id",1]}},{"%%prevRoot":{"%exists":true}}]}`,
		`{"a":{"%not":{"%gt":3}}}`, `{"%%true":{"b.c":null}}`, `{"%%this":{"%ne":"%%prev"}}`,
		`{"%not":{"%or":[{"%function":{"name":"fail","arguments":["%%root.a"]}},{"a":{"%function":{"name":"echo","arguments":[{"x":"%%this"}]}}}]}}`,
		`{"owner":{"%stringToOid":{"%oidToString":{"%function":{"name":"yes"}}}},"%and":[{"%%request.httpMethod":"x"},{"%function":{"name":"fail"}}]}`,
	} {
		f.Add(s)
	}
	document := doc(f, `{"owner":"`+me+`","a":[1,{"b":2}],"b":{"c":null},"n":3}`)
	caller := demoCaller(f)
	f.Fuzz(func(t *testing.T, text string) {
		var d bson.D
		if bson.UnmarshalExtJSON([]byte(text), false, &d) != nil {
			return
		}
		e, err := Compile(d, "x")
		if err != nil {
			return
		}
		holds := e.holds(&evalContext{caller: &caller, root: document})
		q := e.databaseFilter(&caller)
		matches := !q.none
		if matches && len(q.filter) > 0 {
			filter, err := query.ParseFilter(q.filter, query.Env{})
			if err != nil {
				t.Fatalf("%s: query %v: %v", text, q.filter, err)
			}
			matches = filter.Match(document)
		}
		if holds && !matches || q.exact && holds != matches {
			t.Fatalf("%s: query %v exact %v matches %v, holds %v", text, q.filter, q.exact, matches, holds)
		}
	})
}
