package server_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/backendtest"
	"dossier/backend/store"
	"dossier/backend/storetest"
)

// startWithAllProviders starts a service with token and function providers too, and the user creation function
// onUserCreation if it is not empty.
func startWithAllProviders(t testing.TB, onUserCreation string) *backendtest.Harness {
	t.Helper()
	more := map[string]string{
		"functions/config.json":       `[{"name":"whoIsIt","private":true},{"name":"onUserCreation","private":true}]`,
		"functions/whoIsIt.js":        `exports = payload => ({ id: payload.who, name: payload.name });`,
		"functions/onUserCreation.js": onUserCreation,
	}
	key := []app.TokenKey{app.NewTokenKey(secret)}
	return backendtest.StartWith(t, backendtest.Options{Files: storetest.With(t, app.Demo(), more),
		EditApp: func(a *app.App) {
			a.Providers[api.CustomFunction] = app.Provider{Type: api.CustomFunction, Function: "whoIsIt"}
			a.Providers[api.CustomToken] = app.Provider{Type: api.CustomToken, Token: app.TokenIssuer{Algorithm: "HS256",
				Keys:     key,
				Metadata: []app.MetadataField{{Path: []string{"secret"}, Field: "secret"}}}}
			a.Providers["oauth2-google"] = app.Provider{Type: "oauth2-google", Token: app.TokenIssuer{Algorithm: "HS256",
				Keys: key, Audience: []string{a.ID}}}
			if onUserCreation != "" {
				a.OnUserCreation = "onUserCreation"
			}
		}})
}

func customToken(t testing.TB, h *backendtest.Harness, more map[string]any) string {
	t.Helper()
	return signToken(t, jose.HS256, []byte(secret), "", validClaims(h, more))
}

func linkIdentity(t testing.TB, h *backendtest.Harness, who session, provider string, fields map[string]any) response {
	t.Helper()
	return request(t, h, "POST", api.LoginPath(h.AppID, provider)+"?link=true", who.Access, loginBody(t, fields, ""))
}

// An anonymous user who links identities keeps the user id and the custom data.
func TestLinkExternalIdentities(t *testing.T) {
	h := startWithAllProviders(t, "")
	a := anonymous(t, h)
	h.InsertCustomData(t, a.ID, bson.D{{Key: "favoriteColor", Value: "pink"}})
	register(t, h, "ada@example.com", "correct horse").expect(t, 201, "", "")
	credentials := []struct {
		provider, id string
		fields       map[string]any
	}{
		{api.CustomToken, "ada", map[string]any{"token": customToken(t, h, map[string]any{"secret": "squirrel"})}},
		{api.CustomFunction, "ada!", map[string]any{"who": "ada!", "name": "Ada"}},
		{"oauth2-google", "1089", map[string]any{"id_token": customToken(t, h, map[string]any{"sub": "1089"})}},
		{api.EmailPassword, "", map[string]any{"username": "ada@example.com", "password": "correct horse"}},
	}
	for _, c := range credentials {
		for range 2 {
			linked := linkIdentity(t, h, a, c.provider, c.fields).session(t)
			if linked.ID != a.ID || linked.Refresh != "" || linked.Device != a.Device ||
				string(claims(t, linked.Access)["iss"]) != string(claims(t, a.Access)["iss"]) {
				t.Errorf("%s: linked %+v", c.provider, linked)
			}
			if data := string(claims(t, linked.Access)["user_data"]); !strings.Contains(data, `"favoriteColor":"pink"`) {
				t.Errorf("%s: custom data %s", c.provider, data)
			}
		}
	}
	for _, c := range credentials {
		if again := request(t, h, "POST", api.LoginPath(h.AppID, c.provider), "", loginBody(t, c.fields,
			c.provider)).session(t); again.ID != a.ID {
			t.Errorf("%s signs in as another user", c.provider)
		}
	}
	p := getProfile(t, h, a)
	var kinds []string
	for n, i := range p["identities"].([]any) {
		i := i.(map[string]any)
		kinds = append(kinds, i["provider_type"].(string))
		if n > 0 && credentials[n-1].id != "" && i["id"] != credentials[n-1].id {
			t.Errorf("identity %v", i)
		}
	}
	if want := []string{"anon-user", "custom-token", "custom-function", "oauth2-google",
		"local-userpass"}; !slices.Equal(kinds, want) {
		t.Errorf("identities %v, want %v", kinds, want)
	}
	data := p["data"].(map[string]any)
	if len(data) != 3 || data["secret"] != "squirrel" || data["name"] != "Ada" || data["email"] != "ada@example.com" {
		t.Errorf("data %v", data)
	}
	if n, err := h.CustomData().Count(t.Context(), bson.D{{Key: "userId", Value: a.ID}, {Key: "favoriteColor",
		Value: "pink"}}, 0); n != 1 || err != nil {
		t.Errorf("custom data documents: %d, %v", n, err)
	}
	// The data of the next sign-in replaces that of its own identity only.
	tokenLogin(t, h, customToken(t, h, nil)).session(t)
	if data := getProfile(t, h, a)["data"].(map[string]any); len(data) != 2 || data["name"] != "Ada" ||
		data["email"] != "ada@example.com" {
		t.Errorf("data %v", data)
	}
}

// A refused link changes no identities, and its error is not one after which SDKs refresh the access token.
func TestLinkConflicts(t *testing.T) {
	h := startWithAllProviders(t, "")
	token := map[string]any{"token": customToken(t, h, nil)}
	owner := tokenLogin(t, h, customToken(t, h, nil)).session(t)
	functionLogin(t, h, `{"who":"ada!"}`).session(t)
	h.CreateUser(t, "ada@example.com", "correct horse", nil)
	b := anonymous(t, h)
	for _, c := range []struct {
		provider string
		fields   map[string]any
	}{
		{api.CustomToken, token},
		{api.CustomFunction, map[string]any{"who": "ada!"}},
		{api.EmailPassword, map[string]any{"username": "ada@example.com", "password": "correct horse"}},
		{api.CustomToken, map[string]any{"token": "x.y.z"}},
		{api.CustomFunction, map[string]any{"who": ""}},
		{"oauth2-google", map[string]any{"id_token": customToken(t, h, map[string]any{"aud": "other"})}},
	} {
		if got := linkIdentity(t, h, b, c.provider, c.fields).expect(t, 401, "AuthError",
			""); got.object(t)["error"] != "invalid user link request" {
			t.Errorf("%s %v: %s", c.provider, c.fields, got.Body)
		}
	}
	if list := getProfile(t, h, b)["identities"].([]any); len(list) != 1 {
		t.Errorf("identities %v", list)
	}
	if again := tokenLogin(t, h, customToken(t, h, nil)).session(t); again.ID != owner.ID {
		t.Error("the identity belongs to another user")
	}
	linkIdentity(t, h, b, api.CustomToken, nil).expect(t, 400, "MissingParameter", "'token'")
	for _, provider := range []string{api.Anonymous, api.APIKey, api.Operator} {
		if got := linkIdentity(t, h, b, provider, nil); got.Status != 400 && got.Status != 404 {
			t.Errorf("%s: %d %s", provider, got.Status, got.Body)
		}
	}

	// Of two users who link the same identity at the same time, one gets it.
	users := []session{anonymous(t, h), anonymous(t, h), anonymous(t, h), anonymous(t, h)}
	statuses := make([]int, len(users))
	var all sync.WaitGroup
	for n, who := range users {
		all.Go(func() {
			statuses[n] = linkIdentity(t, h, who, api.CustomToken,
				map[string]any{"token": customToken(t, h, map[string]any{"sub": "eve"})}).Status
		})
	}
	all.Wait()
	if slices.Sort(statuses); !slices.Equal(statuses, []int{200, 401, 401, 401}) {
		t.Errorf("statuses %v", statuses)
	}
}

// Deleting a user deletes all identities and keeps the custom data; the same token then creates a new user.
func TestDeleteRemovesIdentities(t *testing.T) {
	h := startWithAllProviders(t, "")
	a := tokenLogin(t, h, customToken(t, h, nil)).session(t)
	register(t, h, "ada@example.com", "correct horse").expect(t, 201, "", "")
	linkIdentity(t, h, a, api.EmailPassword, map[string]any{"username": "ada@example.com",
		"password": "correct horse"}).session(t)
	linkIdentity(t, h, a, api.CustomFunction, map[string]any{"who": "ada!"}).session(t)
	h.InsertCustomData(t, a.ID, bson.D{{Key: "favoriteColor", Value: "pink"}})
	request(t, h, "DELETE", api.DeletePath, a.Access, "").expect(t, 204, "", "")
	for _, name := range []string{"users", "identities", "passwords", "sessions"} {
		if n, err := h.ServiceCollection(name).Count(t.Context(), nil, 0); err != nil || n != 0 {
			t.Errorf("%d %s are left, %v", n, name, err)
		}
	}
	if n, err := h.CustomData().Count(t.Context(), bson.D{{Key: "userId", Value: a.ID}}, 0); err != nil || n != 1 {
		t.Errorf("custom data documents: %d, %v", n, err)
	}
	if again := tokenLogin(t, h, customToken(t, h, nil)).session(t); again.ID == a.ID {
		t.Error("a deleted user's id came back")
	} else if data, there := claims(t, again.Access)["user_data"]; there {
		t.Errorf("a new user has the old custom data %s", data)
	}
}

// A sign-in that starts before the user exists and ends after another sign-in created the user and the user was deleted
// creates neither the user again nor a session.
func TestDeletionWinsOverSignIn(t *testing.T) {
	h := startWithAllProviders(t, `exports = async function(user) {
		const notes = context.services.get("mongodb-atlas").db("app").collection("notes");
		if (await notes.findOne({ _id: "slow" })) { return; }
		await notes.insertOne({ _id: "slow" });
		while (!(await notes.findOne({ _id: "go on" }))) { /* the other sign-in is quicker */ }
	};`)
	notes := h.Deployment.Collection(h.App.CustomData.Database, "notes")
	slow := make(chan response, 1)
	go func() { slow <- tokenLogin(t, h, customToken(t, h, nil)) }()
	waitFor(t, func() bool {
		doc, err := notes.FindOne(t.Context(), bson.D{{Key: "_id", Value: "slow"}}, store.Find{})
		if err != nil {
			t.Fatal(err)
		}
		return doc != nil
	})
	h.Clock.Advance(2 * time.Minute)
	quick := tokenLogin(t, h, customToken(t, h, nil)).session(t)
	request(t, h, "DELETE", api.DeletePath, quick.Access, "").expect(t, 204, "", "")
	if _, err := notes.InsertOne(t.Context(), bson.D{{Key: "_id", Value: "go on"}}); err != nil {
		t.Fatal(err)
	}
	(<-slow).expect(t, 401, "AuthError", "unauthorized")
	for _, name := range []string{"users", "identities", "sessions"} {
		if n, err := h.ServiceCollection(name).Count(t.Context(), nil, 0); err != nil || n != 0 {
			t.Errorf("%d %s after the deletion, %v", n, name, err)
		}
	}
	if again := tokenLogin(t, h, customToken(t, h, nil)).session(t); again.ID == quick.ID {
		t.Error("a deleted user's id came back")
	}
}

// During a deletion, also an interrupted one, identities cannot be linked; everything else works, and the deletion can
// be repeated.
func TestInterruptedDeletion(t *testing.T) {
	h := startWithAllProviders(t, "")
	a := tokenLogin(t, h, customToken(t, h, nil)).session(t)
	if err := h.Service.Directory().MarkDeleted(t.Context(), a.ID); err != nil {
		t.Fatal(err)
	}
	linkIdentity(t, h, a, api.CustomFunction, map[string]any{"who": "ada!"}).expect(t, 401, "AuthError",
		"invalid user link request")
	if again := tokenLogin(t, h, customToken(t, h, nil)).session(t); again.ID != a.ID {
		t.Error("signed in as another user")
	}
	request(t, h, "DELETE", api.DeletePath, a.Access, "").expect(t, 204, "", "")
	if b := functionLogin(t, h, `{"who":"ada!"}`).session(t); b.ID == a.ID {
		t.Error("the identity still belongs to the deleted user")
	}
}

// The operator can use the id of a deleted user again.
func TestOperatorUsesDeletedID(t *testing.T) {
	h := backendtest.StartWith(t, backendtest.Options{OperatorKey: "open sesame"})
	for range 2 {
		a := request(t, h, "POST", api.LoginPath(h.AppID, api.Operator), "",
			`{"key":"open sesame","user_id":"ada"}`).session(t)
		request(t, h, "DELETE", api.DeletePath, a.Access, "").expect(t, 204, "", "")
	}
}

// waitFor waits until a condition holds.
func waitFor(t testing.TB, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for !done() {
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatal("the condition did not become true")
		}
	}
}

// An identity that was linked while its user was being deleted becomes unclaimed.
func TestIdentityLeftAfterDeletionIsUnclaimed(t *testing.T) {
	h := startWithAllProviders(t, "")
	a := tokenLogin(t, h, customToken(t, h, nil)).session(t)
	request(t, h, "DELETE", api.DeletePath, a.Access, "").expect(t, 204, "", "")
	b := functionLogin(t, h, `{"who":"bob"}`).session(t)
	left := bson.D{{Key: "$set", Value: bson.D{{Key: "user_id", Value: a.ID}}}}
	if done, err := h.ServiceCollection("identities").UpdateOne(t.Context(),
		bson.D{{Key: "_id", Value: "custom-function:bob"}}, left, store.Change{}); err != nil || done.Matched != 1 {
		t.Fatal(done, err)
	}
	again := functionLogin(t, h, `{"who":"bob"}`).session(t)
	if again.ID == a.ID || again.ID == b.ID {
		t.Errorf("signed in as %s", again.ID)
	}
	if third := functionLogin(t, h, `{"who":"bob"}`).session(t); third.ID != again.ID {
		t.Errorf("signed in as %s, then as %s", again.ID, third.ID)
	}
}

// Concurrent sign-ins, links and deletions leave no records without a user.
func TestConcurrentDeletionAndSignIn(t *testing.T) {
	h := startWithAllProviders(t, "")
	for range 12 {
		a := tokenLogin(t, h, customToken(t, h, nil)).session(t)
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() { tokenLogin(t, h, customToken(t, h, nil)) })
		}
		all.Go(func() { linkIdentity(t, h, a, api.CustomFunction, map[string]any{"who": "ada!"}) })
		all.Go(func() { request(t, h, "DELETE", api.DeletePath, a.Access, "").expect(t, 204, "", "") })
		all.Wait()
		users, err := h.ServiceCollection("users").Distinct(t.Context(), "_id", bson.D{})
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, id := range users {
			ids = append(ids, id.StringValue())
		}
		if slices.Contains(ids, a.ID) {
			t.Error("the deleted record is there again")
		}
		for name, of := range map[string]bson.A{"sessions": {}, "identities": {""}} {
			for _, id := range ids {
				of = append(of, id)
			}
			if n, err := h.ServiceCollection(name).Count(t.Context(),
				bson.D{{Key: "user_id", Value: bson.D{{Key: "$nin", Value: of}}}}, 0); err != nil || n != 0 {
				t.Errorf("%d %s of deleted users are left, %v", n, name, err)
			}
		}
	}
}
