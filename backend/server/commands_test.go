package server_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/backendtest"
)

// A request needs as few database commands as its work has steps, and one that only reads writes nothing: no time of
// use, no counter and no lease.
func TestDatabaseCommandsOfRequests(t *testing.T) {
	h := backendtest.StartWith(t, backendtest.Options{EditApp: func(a *app.App) {
		source := fmt.Sprintf(`exports = async () => {
			const c = context.services.get("mongodb-atlas").db(%q).collection(%q);
			return await c.findOne({ userId: context.user.id });
		}`, a.CustomData.Database, a.CustomData.Collection)
		a.Functions["read"] = &app.Function{Name: "read", Source: source,
			CanEvaluate: a.Functions["writeCustomUserData"].CanEvaluate}
	}})
	id := h.CreateUser(t, "ada@example.com", "correct horse", bson.D{{Key: "count", Value: int32(1)}})
	ada := login(t, h, "ada@example.com", "correct horse").session(t)
	created := request(t, h, "POST", api.APIKeysPath, ada.Refresh, `{"name":"k"}`).expect(t, 201, "", "").object(t)
	byKey := request(t, h, "POST", api.LoginPath(h.AppID, api.APIKey), "",
		`{"key":"`+created["key"].(string)+`"}`).session(t)
	call := func(operation, rest string) func() {
		c := h.CustomDataConfig()
		body := fmt.Sprintf(`{"name":%q,"service":"mongodb-atlas","arguments":[{"database":%q,"collection":%q,%s}]}`,
			operation, c.Database, c.Collection, rest)
		return func() { request(t, h, "POST", api.CallPath(h.AppID), ada.Access, body).expect(t, 200, "", "") }
	}
	authenticated := func(commands map[string]int) map[string]int { // the session and its user are read in any case
		sum := maps.Clone(commands)
		if sum == nil {
			sum = map[string]int{}
		}
		if h.Deployment.Can().Embedded {
			sum["find"] += 2
		} else {
			sum["aggregate"]++
		}
		return sum
	}
	query := fmt.Sprintf(`"query":{"userId":%q}`, id)
	get := func(path, token string) func() {
		return func() { request(t, h, "GET", path, token, "").expect(t, 200, "", "") }
	}
	for len(h.Connection.Commands(func() { time.Sleep(50 * time.Millisecond) })) > 0 {
		t.Log("waiting for the background work of the start") // such as the removal of expired documents
	}
	for name, c := range map[string]struct {
		do   func()
		want map[string]int
	}{
		"location":           {get(api.LocationPath(h.AppID), ""), nil},
		"profile":            {get(api.ProfilePath, ada.Access), authenticated(nil)},
		"profile by API key": {get(api.ProfilePath, byKey.Access), authenticated(map[string]int{"find": 1})},
		"API keys":           {get(api.APIKeysPath, ada.Refresh), authenticated(map[string]int{"find": 1})},
		"find":               {call("find", query), authenticated(map[string]int{"find": 1})},
		"findOne":            {call("findOne", query), authenticated(map[string]int{"find": 1})},
		"count":              {call("count", query), authenticated(map[string]int{"aggregate": 1})},
		"aggregate":          {call("aggregate", `"pipeline":[]`), authenticated(map[string]int{"aggregate": 1})},
		"update of nothing": {call("updateOne", query+`,"update":{"$unset":{"absent":""}}`),
			authenticated(map[string]int{"find": 1})},
		"update": {call("updateOne", query+`,"update":{"$inc":{"count":1}}`), authenticated(map[string]int{"find": 1,
			"update": 1})},
		"a function that reads": {func() {
			request(t, h, "POST", api.CallPath(h.AppID), ada.Access, `{"name":"read","arguments":[]}`).expect(t, 200, "", "")
		}, authenticated(map[string]int{"find": 1})},
		"refresh": {func() { request(t, h, "POST", api.SessionPath, ada.Refresh, "").expect(t, 201, "", "") },
			authenticated(map[string]int{"find": 1, "update": 1})},
	} {
		if got := h.Connection.Commands(c.do); !maps.Equal(got, c.want) {
			t.Errorf("%s: commands %v, want %v", name, got, c.want)
		}
	}
}
