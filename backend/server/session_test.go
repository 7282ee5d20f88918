package server_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/crypto/argon2"

	"dossier/backend"
	"dossier/backend/api"
	"dossier/backend/auth"
	"dossier/backend/backendtest"
	"dossier/backend/store"
)

// sessionDocument returns the only session document of a user.
func sessionDocument(t *testing.T, h *backendtest.Harness, userID string) bson.Raw {
	t.Helper()
	list, err := h.ServiceCollection("sessions").Find(t.Context(), bson.D{{Key: "user_id", Value: userID}}, store.Find{})
	if err != nil || len(list) != 1 {
		t.Fatalf("%d sessions, %v", len(list), err)
	}
	return list[0]
}

// A session document holds the snapshot of the device's access token, and only a hash of the refresh token.
func TestSessionDocument(t *testing.T) {
	h := backendtest.Start(t)
	id := h.CreateUser(t, "ada@example.com", "correct horse", bson.D{{Key: "favoriteColor", Value: "pink"}})
	a := login(t, h, "ada@example.com", "correct horse").session(t)
	row := sessionDocument(t, h, id)
	doc, err := h.CustomData().FindOne(t.Context(), bson.D{{Key: "userId", Value: id}}, store.Find{})
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(doc)
	if row.Lookup("snapshot", "digest").StringValue() != hex.EncodeToString(sum[:]) || row.Lookup("snapshot", "doc",
		"favoriteColor").StringValue() != "pink" {
		t.Errorf("snapshot %s", row.Lookup("snapshot"))
	}
	if at := row.Lookup("snapshot", "at").Time(); !at.Equal(h.Clock.Now()) {
		t.Errorf("snapshot at %s", at)
	}
	if row.Lookup("device", "sdkVersion").StringValue() != "2.0.1" || row.Lookup("device_id").StringValue() != a.Device {
		t.Errorf("device %s", row.Lookup("device"))
	}
	for _, secret := range []string{a.Refresh, strings.Trim(string(claims(t, a.Refresh)["jti"]), `"`)} {
		if strings.Contains(row.String(), secret) {
			t.Error("the document contains the refresh token")
		}
	}

	if _, err := h.CustomData().DeleteMany(t.Context(), bson.D{{Key: "userId", Value: id}}); err != nil {
		t.Fatal(err)
	}
	h.Clock.Advance(time.Minute)
	request(t, h, "POST", api.SessionPath, a.Refresh, "").expect(t, 201, "", "")
	row = sessionDocument(t, h, id)
	if _, err := row.LookupErr("snapshot", "doc"); err == nil || row.Lookup("snapshot", "digest").StringValue() != "" {
		t.Errorf("snapshot of nothing: %s", row.Lookup("snapshot"))
	}
	if at := row.Lookup("last_refresh_at").Time(); !at.Equal(h.Clock.Now()) {
		t.Errorf("refreshed at %s", at)
	}
}

func TestCustomDataTooLargeForAToken(t *testing.T) {
	h := backendtest.Start(t)
	id := h.CreateUser(t, "ada@example.com", "correct horse", bson.D{{Key: "big", Value: strings.Repeat("x", 1<<20)}})
	a := login(t, h, "ada@example.com", "correct horse").session(t)
	c := claims(t, a.Access)
	if _, there := c["user_data"]; there || string(c["dossier_user_data_too_large"]) != "true" {
		t.Errorf("too large: %s", c["dossier_user_data_too_large"])
	}
	if !sessionDocument(t, h, id).Lookup("snapshot", "too_large").Boolean() {
		t.Error("the session does not record that")
	}
	if _, err := h.CustomData().UpdateOne(t.Context(), bson.D{{Key: "userId", Value: id}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "big", Value: strings.Repeat("x", 700<<10)}}}}, store.Change{}); err != nil {
		t.Fatal(err)
	}
	access := request(t, h, "POST", api.SessionPath, a.Refresh, "").expect(t, 201, "",
		"").object(t)["access_token"].(string)
	if len(access) < 900<<10 {
		t.Errorf("the token has %d bytes", len(access))
	}
	request(t, h, "GET", api.ProfilePath, access, "").expect(t, 200, "", "")
}

// A string user id takes precedence over an ObjectId, and the lowest _id among duplicates.
func TestCustomDataDocumentPrecedence(t *testing.T) {
	h := backendtest.Start(t)
	id := h.CreateUser(t, "ada@example.com", "correct horse", nil)
	oid, err := bson.ObjectIDFromHex(id)
	if err != nil {
		t.Fatal(err)
	}
	put := func(key int, userID any, name string) {
		doc := bson.D{{Key: "_id", Value: key}, {Key: "userId", Value: userID}, {Key: "name", Value: name}}
		if _, err := h.CustomData().InsertOne(t.Context(), doc); err != nil {
			t.Fatal(err)
		}
	}
	name := func() string {
		data := string(claims(t, login(t, h, "ada@example.com", "correct horse").session(t).Access)["user_data"])
		return data[strings.Index(data, `"name":`)+len(`"name":"`) : len(data)-2]
	}
	for _, step := range []struct {
		key    int
		userID any
		name   string
		want   string
	}{{5, oid, "object", "object"}, {3, oid, "earlier object", "earlier object"}, {9, id, "text", "text"},
		{8, id, "earlier text", "earlier text"}, {1, "other", "unrelated", "earlier text"}} {
		put(step.key, step.userID, step.name)
		if got := name(); got != step.want {
			t.Errorf("after %q: %q, want %q", step.name, got, step.want)
		}
	}
}

func TestThrottle(t *testing.T) {
	h := backendtest.Start(t)
	h.CreateUser(t, "ada@example.com", "correct horse", nil)
	for range 10 {
		login(t, h, "ada@example.com", "wrong horse").expect(t, 401, "InvalidPassword", "unauthorized")
	}
	other := h.StartSecond(t)
	refused := login(t, other, "ada@example.com", "correct horse").expect(t, 429, "", "too many failed sign-ins")
	if after, err := strconv.Atoi(refused.Header.Get("Retry-After")); err != nil || after < 1 {
		t.Errorf("Retry-After %q", refused.Header.Get("Retry-After"))
	}
	login(t, h, "grace@example.com", "wrong horse").expect(t, 401, "InvalidPassword", "unauthorized")
	h.Clock.Advance(time.Second)
	login(t, h, "ada@example.com", "wrong horse").expect(t, 401, "InvalidPassword", "unauthorized")
	h.Clock.Advance(time.Second)
	login(t, h, "ada@example.com", "correct horse").expect(t, 429, "", "try again in 1s")
	h.Clock.Advance(time.Second)
	login(t, h, "ada@example.com", "correct horse").session(t)
	login(t, h, "ada@example.com", "wrong horse").expect(t, 401, "InvalidPassword", "unauthorized")
	login(t, h, "ada@example.com", "correct horse").session(t)
	if log := h.Log.String(); strings.Contains(log, "horse") || strings.Contains(log, "ada@") {
		t.Error("the log holds credentials")
	}
}

// Concurrent attempts are counted like sequential ones.
func TestThrottleCountsConcurrentAttempts(t *testing.T) {
	h := backendtest.Start(t)
	h.CreateUser(t, "ada@example.com", "correct horse", nil)
	status := make([]int, 25)
	var wait sync.WaitGroup
	for i := range status {
		wait.Go(func() { status[i] = login(t, h, "ada@example.com", fmt.Sprintf("guess %d", i)).Status })
	}
	wait.Wait()
	count := map[int]int{}
	for _, s := range status {
		count[s]++
	}
	if count[401] > 11 || count[429] < 14 || count[401]+count[429] != len(status) {
		t.Errorf("responses %v", count)
	}
}

// Two processes that start at the same time on an empty database share one signing key and accept each other's tokens.
func TestTwoProcessesShareOneDatabase(t *testing.T) {
	h := backendtest.Start(t)
	processes := make([]*backendtest.Harness, 4)
	if _, err := h.ServiceCollection("keys").DeleteMany(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	for i := range processes {
		processes[i] = h.StartSecond(t)
	}
	a := anonymous(t, processes[0])
	for _, other := range processes {
		request(t, other, "GET", api.ProfilePath, a.Access, "").expect(t, 200, "", "")
		request(t, other, "POST", api.SessionPath, a.Refresh, "").expect(t, 201, "", "")
	}
	register(t, processes[1], "ada@example.com", "correct horse").expect(t, 201, "", "")
	responses := make([]response, len(processes))
	var wait sync.WaitGroup
	for i, other := range processes {
		wait.Go(func() { responses[i] = login(t, other, "ada@example.com", "correct horse") })
	}
	wait.Wait()
	for _, got := range responses {
		if id := got.session(t).ID; id != responses[0].session(t).ID {
			t.Errorf("concurrent sign-ins of one user returned %s and another id", id)
		}
	}
	if n, err := h.ServiceCollection("users").Count(t.Context(), bson.D{{Key: "data.email", Value: "ada@example.com"}},
		0); n != 1 || err != nil {
		t.Errorf("%d accounts, %v", n, err)
	}
}

// A password hash with other parameters is accepted, and replaced at the sign-in.
func TestOldHashIsReplacedAtSignIn(t *testing.T) {
	h := backendtest.StartWith(t, backendtest.Options{EditConfig: func(c *backend.Config) {
		c.HashCost = auth.HashCost{}
	}})
	id := h.CreateUser(t, "ada@example.com", "correct horse", nil)
	salt := []byte("0123456789abcdef")
	b64 := base64.RawStdEncoding
	old := "$argon2id$v=19$m=1024,t=1,p=2$" + b64.EncodeToString(salt) + "$" +
		b64.EncodeToString(argon2.IDKey([]byte("correct horse"), salt, 1, 1024, 2, 32))
	key := bson.D{{Key: "_id", Value: "local-userpass:ada@example.com"}}
	if done, err := h.ServiceCollection("passwords").UpdateOne(t.Context(), key,
		bson.D{{Key: "$set", Value: bson.D{{Key: "hash", Value: old}}}}, store.Change{}); err != nil || done.Matched != 1 {
		t.Fatal(done, err)
	}
	login(t, h, "ada@example.com", "wrong horse").expect(t, 401, "InvalidPassword", "unauthorized")
	for range 2 {
		if a := login(t, h, "ada@example.com", "correct horse").session(t); a.ID != id {
			t.Errorf("signed in as %s", a.ID)
		}
	}
	row, err := h.ServiceCollection("passwords").FindOne(t.Context(), key, store.Find{})
	if err != nil || !strings.HasPrefix(row.Lookup("hash").StringValue(), "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("kept %s, %v", row.Lookup("hash"), err)
	}
}

// A later sign-in removes expired sessions.
func TestExpiredSessionsAreRemoved(t *testing.T) {
	h := backendtest.Start(t)
	anonymous(t, h)
	login(t, h, "unknown@example.com", "wrong horse").expect(t, 401, "InvalidPassword", "unauthorized")
	h.Clock.Advance(61 * 24 * time.Hour)
	fresh := anonymous(t, h)
	removed := func() bool {
		rows, err := h.ServiceCollection("sessions").Find(t.Context(), nil, store.Find{})
		if err != nil {
			t.Fatal(err)
		}
		n, err := h.ServiceCollection("throttles").Count(t.Context(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		return len(rows) == 1 && rows[0].Lookup("user_id").StringValue() == fresh.ID && n == 0
	}
	waitFor(t, removed) // a sign-in removes them in the background
}
