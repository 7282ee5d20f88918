package server_test

import (
	"strings"
	"testing"

	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/backendtest"
	"dossier/backend/storetest"
)

// startWithCustomFunction starts a service whose custom-function provider runs the source.
func startWithCustomFunction(t testing.TB, source string) *backendtest.Harness {
	t.Helper()
	files := storetest.With(t, app.Demo(), map[string]string{
		"functions/config.json": `[{"name":"writeCustomUserData"},{"name":"whoIsIt","private":true}]`,
		"functions/whoIsIt.js":  source,
	})
	return backendtest.StartWith(t, backendtest.Options{Files: files, ShortTimeouts: true, EditApp: func(a *app.App) {
		a.Providers[api.CustomFunction] = app.Provider{Type: api.CustomFunction, Function: "whoIsIt"}
	}})
}

func functionLogin(t testing.TB, h *backendtest.Harness, body string) response {
	t.Helper()
	return request(t, h, "POST", api.LoginPath(h.AppID, api.CustomFunction), "", body)
}

// The function gets the payload with its BSON types, without the fields that SDKs add.
func TestCustomFunctionGetsThePayload(t *testing.T) {
	h := startWithCustomFunction(t, `exports = async function(payload, second) {
		if (!context.runningAsSystem() || second !== undefined) { throw new Error("called otherwise"); }
		const text = Object.keys(payload).sort().join() + " " + (payload.n + 1) + " " + (payload.when instanceof Date && payload.when.getTime())
			+ " " + payload.id.toString() + " " + JSON.stringify(payload.list);
		await context.services.get("mongodb-atlas").db("app").collection("seen").insertOne(payload);
		return { id: payload.username, name: text };
	};`)
	for sdk, body := range map[string]string{
		"web": `{"username":"ada","n":{"$numberInt":"41"},"when":{"$date":{"$numberLong":"1704164645678"}},"id":{"$oid":"5ed10d5dc085000e2c0099f2"},"list":[true,null,"x"],
			"options":{"device":{"sdkVersion":"2.0.1","platform":"node","platformVersion":"20.20.2"}}}`,
		"core":    `{"id":{"$oid":"5ed10d5dc085000e2c0099f2"},"list":[true,null,"x"],"n":{"$numberLong":"41"},"when":{"$date":{"$numberLong":"1704164645678"}},"username":"ada","options":{"device":{"appId":"x","sdk":"RealmJS"}}}`,
		"relaxed": `{"username":"ada","n":41,"when":{"$date":"2024-01-02T03:04:05.678Z"},"id":{"$oid":"5ed10d5dc085000e2c0099f2"},"list":[true,null,"x"]}`,
	} {
		p := getProfile(t, h, functionLogin(t, h, body).session(t))
		want := "id,list,n,username,when 42 1704164645678 5ed10d5dc085000e2c0099f2 [true,null,\"x\"]"
		identity := p["identities"].([]any)[0].(map[string]any)
		if p["data"].(map[string]any)["name"] != want || identity["id"] != "ada" ||
			identity["provider_type"] != "custom-function" {
			t.Errorf("%s: %v, want the name %q", sdk, p, want)
		}
	}
	if n, err := h.ServiceCollection("users").Count(t.Context(), nil, 0); err != nil || n != 1 {
		t.Errorf("%d users, %v", n, err)
	}
}

// A function that returns an id, or an object with an id, signs in; any other result is refused.
func TestCustomFunctionResult(t *testing.T) {
	h := startWithCustomFunction(t, `exports = function(payload) {
		switch (payload.case) {
		case "id": return "id-" + payload.who;
		case "object": return { id: "id-" + payload.who, name: "Ada" };
		case "promise": return Promise.resolve({ id: "id-" + payload.who });
		case "nothing": return;
		case "null": return null;
		case "empty": return "";
		case "false": return false;
		case "number": return 7;
		case "array": return ["x"];
		case "no id": return { name: "Ada" };
		case "a number as id": return { id: 7 };
		case "long": return "x".repeat(1025);
		case "long name": return { id: "x", name: "x".repeat(4097) };
		case "throw": throw new Error("the password " + payload.who + " is wrong");
		case "reject": return Promise.reject("no");
		case "loop": return Promise.resolve().then(() => { throw 1; });
		}
	};`)
	id := functionLogin(t, h, `{"case":"id","who":"ada"}`).session(t)
	if data := getProfile(t, h, id)["data"].(map[string]any); len(data) != 0 {
		t.Errorf("data %v", data)
	}
	for _, way := range []string{"object", "promise", "id"} {
		if a := functionLogin(t, h, `{"case":"`+way+`","who":"ada"}`).session(t); a.ID != id.ID {
			t.Errorf("%s signs in as another user", way)
		} else if data := getProfile(t, h, a)["data"].(map[string]any); (data["name"] == "Ada") != (way == "object") {
			t.Errorf("%s: data %v", way, data)
		}
	}
	if other := functionLogin(t, h, `{"case":"id","who":"bob"}`).session(t); other.ID == id.ID {
		t.Error("two ids are one user")
	}
	for _, way := range []string{"nothing", "null", "empty", "false", "number", "array", "no id", "a number as id", "long",
		"long name", "throw", "reject", "loop"} {
		got := functionLogin(t, h, `{"case":"`+way+`","who":"hunter2"}`).expect(t, 401, "AuthError", "unauthorized")
		if got.object(t)["error"] != "unauthorized" {
			t.Errorf("%s: the client learns %s", way, got.Body)
		}
	}
	functionLogin(t, h, ``).expect(t, 401, "AuthError", "unauthorized")
	log := h.Log.String()
	if !strings.Contains(log, `the function \"whoIsIt\" failed: FunctionExecutionError`) || !strings.Contains(log,
		"returned a value of type") ||
		!strings.Contains(log, `msg="function failed" function=whoIsIt for=authentication name=Error at=functions/whoIsIt.js:16 `) ||
		strings.Contains(log, "hunter2") {
		t.Errorf("log %s", log)
	}
}

// A function whose database is unreachable causes 503, not a refused sign-in.
func TestCustomFunctionWithoutDatabase(t *testing.T) {
	h := startWithCustomFunction(t, `exports = async function() {
		await context.services.get("mongodb-atlas").db("app").collection("people").findOne({});
		return "ada";
	};`)
	functionLogin(t, h, `{}`).session(t)
	h.Connection.Cut()
	functionLogin(t, h, `{}`).expect(t, 503, "", "database")
	reconnect(t, h)
	functionLogin(t, h, `{}`).session(t)
}

func TestCustomFunctionMissing(t *testing.T) {
	h := backendtest.StartWith(t, backendtest.Options{EditApp: func(a *app.App) {
		a.Providers[api.CustomFunction] = app.Provider{Type: api.CustomFunction}
	}})
	functionLogin(t, h, `{}`).expect(t, 404, "AuthProviderNotFound", "it has no function")
}
