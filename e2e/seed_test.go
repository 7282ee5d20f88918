package e2e_test

import (
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/app"
	"dossier/backend/backendtest"
	"dossier/backend/client"
	"dossier/backend/store"
	"dossier/model"
)

// These tests follow two documentation pages, "Access Custom User Data" of the Web SDK and "Custom User Data" of the
// Flutter SDK. Each quotes a sentence and uses the client, over HTTP, with the service on the embedded database (or on
// DOSSIER_TEST_URI).

const seedPassword = "seed-password"

// seedUser starts a service and signs in a user with the pages' custom data.
func seedUser(t *testing.T, o backendtest.Options) (*backendtest.Harness, *client.User) {
	t.Helper()
	w := backendtest.StartWith(t, o)
	w.CreateUser(t, "seed@example.com", seedPassword, bson.D{{Key: "description", Value: "a test document for user"},
		{Key: "favoriteColor", Value: "pink"}})
	return w, signIn(t, w, "seed@example.com")
}

func seedClient(w *backendtest.Harness) *client.Client {
	return client.New(client.Options{BaseURL: w.URL, AppID: w.AppID, Now: w.Clock.Now})
}

func signIn(t *testing.T, w *backendtest.Harness, email string) *client.User {
	t.Helper()
	p, err := seedClient(w).SignIn(t.Context(), model.Credential{
		Provider: "local-userpass", Fields: bson.D{{Key: "username", Value: email}, {Key: "password", Value: seedPassword}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// color returns the favourite colour in a document; "" without one.
func color(doc bson.Raw) string {
	s, _ := doc.Lookup("favoriteColor").StringValueOK()
	return s
}

// setColor changes the document in the database, without the service.
func setColor(t *testing.T, w *backendtest.Harness, userID, color string) {
	t.Helper()
	filter := bson.D{{Key: w.CustomDataConfig().UserIDField, Value: userID}}
	update := bson.D{{Key: "$set", Value: bson.D{{Key: "favoriteColor", Value: color}}}}
	if c, err := w.CustomData().UpdateOne(t.Context(), filter, update, store.Change{}); err != nil || c.Matched != 1 {
		t.Fatalf("set the colour: %+v, %v", c, err)
	}
}

// writeColor is the pages' updateOne: `{ userId: … }, { $set: { favoriteColor: "purple" } }`.
func writeColor(t *testing.T, w *backendtest.Harness, p *client.User, color string) (client.UpdateResult, error) {
	t.Helper()
	c := w.CustomDataConfig()
	return p.MongoClient(c.Service).Database(c.Database).Collection(c.Collection).UpdateOne(t.Context(),
		bson.D{{Key: c.UserIDField, Value: p.ID()}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "favoriteColor", Value: color}}}}, false)
}

// removeRules removes every rule of the custom data collection.
func removeRules(a *app.App) {
	for _, s := range a.DataSources {
		s.Namespaces, s.Default = nil, nil
	}
}

// "The code examples in this page use the following user object": id, type, data, custom_data, identities [{id,
// provider_type}].
func TestSeedUserObject(t *testing.T) {
	t.Parallel()
	_, p := seedUser(t, backendtest.Options{})
	user, err := p.Profile(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(user.ID) != 24 || user.ID != p.ID() || user.Type != "normal" {
		t.Errorf("id %q, type %q", user.ID, user.Type)
	}
	if email, _ := user.Data.Lookup("email").StringValueOK(); email != "seed@example.com" {
		t.Errorf("data: %s", user.Data)
	}
	if len(user.Identities) != 1 || user.Identities[0].ProviderType != "local-userpass" || user.Identities[0].ID == "" {
		t.Errorf("identities: %+v", user.Identities)
	}
	if color(p.CustomData()) != "pink" {
		t.Errorf("custom data: %s", p.CustomData())
	}
}

// "Realm references a MongoDB collection in your linked cluster to find the custom data for a given user but does not
// add or update any custom user data documents."
func TestSeedServiceReferencesButNeverWrites(t *testing.T) {
	t.Parallel()
	w := backendtest.Start(t)
	w.CreateUser(t, "seed@example.com", seedPassword, nil)
	p := signIn(t, w, "seed@example.com")
	if _, err := p.RefreshCustomData(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Profile(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	n, err := w.CustomData().Count(t.Context(), bson.D{}, 0)
	if err != nil || n != 0 {
		t.Errorf("signing in, refreshing and checking left %d documents (%v), expected none", n, err)
	}
}

// "To use custom user data, you must first Enable Custom User Data."
func TestSeedMustBeEnabled(t *testing.T) {
	t.Parallel()
	_, p := seedUser(t, backendtest.Options{EditApp: func(a *app.App) { a.CustomData.Enabled = false }})
	if p.CustomData() != nil {
		t.Errorf("custom data is disabled, but the token contains %s", p.CustomData())
	}
	if doc, err := p.RefreshCustomData(t.Context()); doc != nil || err != nil {
		t.Errorf("refresh while disabled: %s, %v", doc, err)
	}
	if user, err := p.Profile(t.Context()); err != nil || user.App.CustomData.Enabled {
		t.Errorf("enabled in the profile: %+v, %v", user.App, err)
	}
}

// "You can access a read-only copy of a logged in user's custom data directly from the Realm.User.customData property."
func TestSeedCustomDataIsAReadOnlyCopy(t *testing.T) {
	t.Parallel()
	w, p := seedUser(t, backendtest.Options{})
	doc := p.CustomData()
	for i := range doc {
		doc[i] = 0
	}
	if color(p.CustomData()) != "pink" {
		t.Error("a write to the returned copy changed the user's custom data")
	}
	setColor(t, w, p.ID(), "teal")
	if got := color(p.CustomData()); got != "pink" {
		t.Errorf("the snapshot follows the collection: %q", got)
	}
}

// "App Services fetches a new copy of the data whenever a user refreshes their access token, such as when they log in."
func TestSeedSnapshotIsTakenAtLoginAndRefresh(t *testing.T) {
	t.Parallel()
	w, p := seedUser(t, backendtest.Options{})
	setColor(t, w, p.ID(), "teal")
	if got := color(signIn(t, w, "seed@example.com").CustomData()); got != "teal" {
		t.Errorf("after a login: %q", got)
	}
	setColor(t, w, p.ID(), "navy")
	if _, err := p.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := color(p.CustomData()); got != "navy" {
		t.Errorf("after a refresh: %q", got)
	}
}

// "To manually fetch the latest version of a user's custom data, call User.refreshCustomData()." and, on the Flutter
// page: "refreshCustomData() returns the updated custom data object. Now when you access User.customData it's the value
// returned".
func TestSeedRefreshCustomDataReturnsTheLatest(t *testing.T) {
	t.Parallel()
	w, p := seedUser(t, backendtest.Options{})
	setColor(t, w, p.ID(), "teal")
	doc, err := p.RefreshCustomData(t.Context())
	if err != nil || color(doc) != "teal" || color(p.CustomData()) != "teal" {
		t.Errorf("returned %q, holds %q, %v", color(doc), color(p.CustomData()), err)
	}
}

// "If the token is not refreshed, the SDK waits 30 minutes and then refreshes it on the next call to the backend, so
// custom user data could be stale for up to 30 minutes plus the time until the next SDK call to the backend occurs."
func TestSeedStaleForThirtyMinutesPlusTheTimeUntilTheNextCall(t *testing.T) {
	t.Parallel()
	w, p := seedUser(t, backendtest.Options{})
	setColor(t, w, p.ID(), "teal")
	state := func() model.State {
		s := p.Session()
		return model.Staleness{IssuedAt: s.Snapshot.IssuedAt, ExpiresAt: s.Snapshot.ExpiresAt,
			StaleSince: s.StaleSince}.StateAt(w.Clock.Now())
	}
	w.Clock.Advance(29*time.Minute + 59*time.Second)
	if _, err := p.Profile(t.Context()); err != nil {
		t.Fatal(err)
	}
	if color(p.CustomData()) != "pink" || p.Session().Refreshes != 0 {
		t.Error("a call before thirty minutes refreshed the token")
	}
	w.Clock.Advance(45 * time.Minute)
	if color(p.CustomData()) != "pink" || state() != model.Due {
		t.Errorf("long after thirty minutes and without a call: %q, %s", color(p.CustomData()), state())
	}
	if _, err := p.Profile(t.Context()); err != nil {
		t.Fatal(err)
	}
	if color(p.CustomData()) != "teal" || p.Session().Refreshes != 1 || state() != model.Unchecked {
		t.Errorf("after the next call: %q, %d refreshes, %s", color(p.CustomData()), p.Session().Refreshes, state())
	}
	if p.Session().Previous == nil || color(p.Session().Previous.CustomData) != "pink" {
		t.Error("the previous snapshot is lost")
	}
}

// "You can modify a user's custom data by updating the underlying document in your app's custom data collection."
// The output is "old favoriteColor: pink", "new favoriteColor: purple".
func TestSeedModifyByUpdateOneThenRefresh(t *testing.T) {
	t.Parallel()
	w, p := seedUser(t, backendtest.Options{})
	if color(p.CustomData()) != "pink" {
		t.Errorf("old favoriteColor: %s", color(p.CustomData()))
	}
	got, err := writeColor(t, w, p, "purple")
	if err != nil || got.MatchedCount != 1 || got.ModifiedCount != 1 {
		t.Fatalf("updateOne: %+v, %v", got, err)
	}
	if color(p.CustomData()) != "pink" {
		t.Error("the snapshot changed before the refresh")
	}
	if _, err := p.RefreshCustomData(t.Context()); err != nil || color(p.CustomData()) != "purple" {
		t.Errorf("new favoriteColor: %s, %v", color(p.CustomData()), err)
	}
}

// "To modify the custom data field from a client or user function, write permission to the collection in which custom
// data is stored must be configured."
func TestSeedWritePermissionMustBeConfigured(t *testing.T) {
	t.Parallel()
	w, p := seedUser(t, backendtest.Options{EditApp: removeRules})
	_, err := writeColor(t, w, p, "purple")
	if model.FaultKindOf(err) != model.PermissionDenied || !strings.Contains(err.Error(),
		w.CustomDataConfig().Collection) {
		t.Errorf("the client's write: %v", err)
	}
	if _, err := p.Call(t.Context(), "writeCustomUserData",
		args(t, bson.D{{Key: "favoriteColor", Value: "purple"}})); err == nil {
		t.Error("a user function wrote without permission")
	}
	if color(p.CustomData()) != "pink" {
		t.Error("reading the snapshot in the token needs no permission")
	}
}

// "If you prefer to restrict client write access to custom data from your application, you can still modify the object
// from a system function."
func TestSeedSystemFunctionMayWrite(t *testing.T) {
	t.Parallel()
	w, p := seedUser(t, backendtest.Options{EditApp: func(a *app.App) {
		removeRules(a)
		a.Functions["writeCustomUserData"].RunAsSystem = true
	}})
	if _, err := writeColor(t, w, p, "purple"); model.FaultKindOf(err) != model.PermissionDenied {
		t.Errorf("the client's write: %v", err)
	}
	if _, err := p.Call(t.Context(), "writeCustomUserData",
		args(t, bson.D{{Key: "favoriteColor", Value: "purple"}})); err != nil {
		t.Fatal(err)
	}
	if doc, err := p.RefreshCustomData(t.Context()); err != nil || color(doc) != "purple" {
		t.Errorf("after the system function: %q, %v", color(doc), err)
	}
}

// "Currently you can only read custom user data with the Flutter SDK" and "The Function creates the custom user data if
// it doesn't already exist": `user.functions.call("writeCustomUserData", [updatedCustomUserData])`, then
// `user.refreshCustomData()`.
func TestSeedFunctionCreatesTheData(t *testing.T) {
	t.Parallel()
	w := backendtest.Start(t)
	w.CreateUser(t, "seed@example.com", seedPassword, nil)
	p := signIn(t, w, "seed@example.com")
	if p.CustomData() != nil {
		t.Fatal("there is custom data already")
	}
	data := bson.D{{Key: "favoriteFood", Value: "pizza"},
		{Key: "lastUpdated", Value: bson.NewDateTimeFromTime(w.Clock.Now())}}
	for range 2 {
		if _, err := p.Functions().Call(t.Context(), "writeCustomUserData", data); err != nil {
			t.Fatal(err)
		}
	}
	doc, err := p.RefreshCustomData(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if food, _ := doc.Lookup("favoriteFood").StringValueOK(); food != "pizza" {
		t.Errorf("custom data: %s", doc)
	}
	if when, ok := doc.Lookup("lastUpdated").TimeOK(); !ok || !when.Equal(w.Clock.Now()) {
		t.Errorf("lastUpdated arrived as %s", doc.Lookup("lastUpdated"))
	}
	if n, err := w.CustomData().Count(t.Context(), bson.D{}, 0); err != nil || n != 1 {
		t.Errorf("%d documents, %v", n, err)
	}
}

// "You can create, update, or delete custom user data using one of the other Realm SDKs, with Atlas Functions, or by
// directly querying Atlas."
func TestSeedCreateUpdateDeleteBySDKFunctionAndDatabase(t *testing.T) {
	t.Parallel()
	w, p := seedUser(t, backendtest.Options{})
	c := w.CustomDataConfig()
	own := p.MongoClient(c.Service).Database(c.Database).Collection(c.Collection)
	id := bson.D{{Key: c.UserIDField, Value: p.ID()}}
	if n, err := own.DeleteOne(t.Context(), id); n != 1 || err != nil {
		t.Fatalf("delete: %d, %v", n, err)
	}
	if doc, err := p.RefreshCustomData(t.Context()); doc != nil || err != nil {
		t.Fatalf("after delete: %s, %v", doc, err)
	}
	if _, err := own.InsertOne(t.Context(), append(id, bson.E{Key: "favoriteColor", Value: "green"})); err != nil {
		t.Fatalf("create: %v", err)
	}
	setColor(t, w, p.ID(), "teal")
	reading, err := p.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if changes := model.DiffSnapshot(p.CustomData(), reading.Document); len(changes) == 0 {
		t.Error("a change by another program is missing in the comparison")
	}
	if p.Session().StaleSince.IsZero() {
		t.Error("a change by another program does not mark the snapshot stale")
	}
}

// "Work with Multiple Users", "Link User Identities" and "User Metadata", which both pages lead on to.
func TestSeedMultipleUsersLinkAndMetadata(t *testing.T) {
	t.Parallel()
	w := backendtest.Start(t)
	c := seedClient(w)
	anonymous, err := c.SignIn(t.Context(), model.Credential{Provider: "anon-user"})
	if err != nil {
		t.Fatal(err)
	}
	w.CreateUser(t, "other@example.com", seedPassword, bson.D{{Key: "favoriteColor", Value: "blue"}})
	other := signIn(t, w, "other@example.com")
	if other.ID() == anonymous.ID() || color(other.CustomData()) != "blue" || anonymous.CustomData() != nil {
		t.Error("two users at once are mixed up")
	}
	if err := c.Register(t.Context(), "linked@example.com", seedPassword); err != nil {
		t.Fatal(err)
	}
	if err := anonymous.Link(t.Context(), model.Credential{
		Provider: "local-userpass", Fields: bson.D{{Key: "username", Value: "linked@example.com"},
			{Key: "password", Value: seedPassword}},
	}); err != nil {
		t.Fatal(err)
	}
	if again := signIn(t, w, "linked@example.com"); again.ID() != anonymous.ID() {
		t.Errorf("the linked identity signs in %s, expected %s", again.ID(), anonymous.ID())
	}
	user, err := anonymous.Profile(t.Context())
	if err != nil || len(user.Identities) != 2 {
		t.Errorf("identities: %+v, %v", user.Identities, err)
	}
	if email, _ := user.Data.Lookup("email").StringValueOK(); email != "linked@example.com" {
		t.Errorf("metadata: %s", user.Data)
	}
}

// args returns the arguments of a function call.
func args(t *testing.T, values ...any) (out []bson.RawValue) {
	t.Helper()
	for _, v := range values {
		out = append(out, model.ValueOf(v))
	}
	return out
}

// A document may contain values that look like extended JSON; its user can still work with it.
func TestCustomDataThatLooksLikeExtendedJSON(t *testing.T) {
	t.Parallel()
	w := backendtest.Start(t)
	w.CreateUser(t, "odd@example.com", seedPassword, bson.D{
		{Key: "ref", Value: bson.D{{Key: "$oid", Value: "not an id"}}}, {Key: "favoriteColor", Value: "pink"},
	})
	p := signIn(t, w, "odd@example.com")
	if _, err := writeColor(t, w, p, "purple"); err != nil {
		t.Fatal(err)
	}
	if doc, err := p.RefreshCustomData(t.Context()); err != nil || color(doc) != "purple" {
		t.Errorf("after the save: %q, %v", color(doc), err)
	}
}
