package server_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/backendtest"
	"dossier/backend/store"
	"dossier/backend/storetest"
)

// The seed's example: pink, updateOne, refreshCustomData, purple.
func TestUpdateOneThenRefreshShowsTheNewValue(t *testing.T) {
	h := backendtest.Start(t)
	id := h.CreateUser(t, "ada@example.com", "correct horse", bson.D{{Key: "favoriteColor", Value: "pink"}})
	a := login(t, h, "ada@example.com", "correct horse").session(t)
	path := api.CallPath(h.AppID)
	update := `{"name":"updateOne","arguments":[{"database":"` + h.CustomDataConfig().Database +
		`","collection":"custom_user_data","query":{"userId":"` + id +
		`"},"update":{"$set":{"favoriteColor":"purple"}}}],"service":"mongodb-atlas"}`
	got := request(t, h, "POST", path, a.Access, update).expect(t, 200, "", "")
	if got.Body != `{"matchedCount":{"$numberInt":"1"},"modifiedCount":{"$numberInt":"1"}}` ||
		got.Header.Get("Content-Type") != "application/json" {
		t.Errorf("updateOne: %s of type %s", got.Body, got.Header.Get("Content-Type"))
	}
	if data := string(claims(t, a.Access)["user_data"]); !strings.Contains(data, "pink") {
		t.Errorf("the token changed by itself: %s", data)
	}
	access := request(t, h, "POST", api.SessionPath, a.Refresh, "").expect(t, 201, "",
		"").object(t)["access_token"].(string)
	if data := string(claims(t, access)["user_data"]); !strings.Contains(data, `"favoriteColor":"purple"`) {
		t.Errorf("user_data %s", data)
	}

	written := request(t, h, "POST", path, a.Access,
		`{"name":"writeCustomUserData","arguments":[{"favoriteColor":"green","n":{"$numberLong":"7"}}]}`).expect(t, 200, "",
		"")
	if !strings.Contains(written.Body, `"matchedCount"`) {
		t.Errorf("the function returned %s", written.Body)
	}
	access = request(t, h, "POST", api.SessionPath, a.Refresh, "").expect(t, 201, "",
		"").object(t)["access_token"].(string)
	if data := string(claims(t, access)["user_data"]); !strings.Contains(data, `"favoriteColor":"green"`) {
		t.Errorf("user_data %s", data)
	}
}

// A function that runs as system sets the user id field of a prepared document; the same update is refused from the
// user.
func TestSystemFunctionSetsUserIDField(t *testing.T) {
	h := backendtest.StartWith(t, backendtest.Options{Files: storetest.With(t, app.Demo(), map[string]string{
		"functions/config.json": `[{"name":"claim","run_as_system":true}]`,
		"functions/claim.js": `exports = async function(code) {
			return context.services.get("mongodb-atlas").db("app").collection("custom_user_data")
				.updateOne({ code, userId: null }, { $set: { userId: context.user.id } });
		};`,
	})})
	if _, err := h.CustomData().InsertOne(t.Context(), bson.D{{Key: "code", Value: "c1"},
		{Key: "plan", Value: "gold"}}); err != nil {
		t.Fatal(err)
	}
	a := anonymous(t, h)
	path := api.CallPath(h.AppID)
	claimed := request(t, h, "POST", path, a.Access, `{"name":"claim","arguments":["c1"]}`).expect(t, 200, "", "")
	if claimed.Body != `{"matchedCount":{"$numberInt":"1"},"modifiedCount":{"$numberInt":"1"}}` {
		t.Errorf("claim: %s", claimed.Body)
	}
	access := request(t, h, "POST", api.SessionPath, a.Refresh, "").expect(t, 201, "",
		"").object(t)["access_token"].(string)
	if data := string(claims(t, access)["user_data"]); !strings.Contains(data, `"plan":"gold"`) {
		t.Errorf("user_data %s", data)
	}
	handOver := `{"name":"updateOne","arguments":[{"database":"` + h.CustomDataConfig().Database +
		`","collection":"custom_user_data","query":{},"update":{"$set":{"userId":"another-id"}}}],"service":"mongodb-atlas"}`
	request(t, h, "POST", path, access, handOver).expect(t, 403, "NoMatchingRuleFound", "cannot be changed")
}

func TestCallRefusals(t *testing.T) {
	h := backendtest.Start(t)
	a := anonymous(t, h)
	path := api.CallPath(h.AppID)
	request(t, h, "POST", path, "", `{"name":"f"}`).expect(t, 401, "", "expected Authorization header")
	request(t, h, "POST", path, a.Refresh, `{"name":"f"}`).expect(t, 401, "InvalidSession", "incorrect token type")
	request(t, h, "POST", path, a.Access, `{"name":`).expect(t, 400, "BadRequest", "extended JSON")
	request(t, h, "POST", path, a.Access, `{"arguments":[]}`).expect(t, 400, "MissingParameter", "'name'")
	request(t, h, "POST", path, a.Access, `{"name":"find","service":"mongodb-atlas","arguments":[]}`).expect(t, 400,
		"InvalidParameter", "exactly one argument")
	if got := request(t, h, "POST", path, a.Access, `{"name":"no_such_function","arguments":[]}`); got.Status != 404 &&
		got.Status != 400 || !strings.Contains(got.Body, "function not found") {
		t.Errorf("an unknown function: %d %s", got.Status, got.Body)
	}
	if got := request(t, h, "POST", path, a.Access,
		`{"name":"find","service":"elsewhere","arguments":[{"database":"app","collection":"c"}]}`); got.Status == 401 ||
		got.Status < 400 || got.Status >= 500 {
		t.Errorf("an unknown service: %d %s", got.Status, got.Body)
	}
	request(t, h, "POST", path, a.Access, strings.Repeat(" ", api.MaxCallBody+1)).expect(t, 413, "BadRequest",
		"larger than")
	watch := base64.StdEncoding.EncodeToString([]byte(`{"name":"find","arguments":[{}],"service":"mongodb-atlas"}`))
	request(t, h, "GET", path+"?baas_request="+url.QueryEscape(watch), a.Access, "").expect(t, 400, "BadRequest",
		"only watch")
	request(t, h, "GET", path+"?baas_request=!", a.Access, "").expect(t, 400, "BadRequest", "base64")
	request(t, h, "GET", path, "null", "").expect(t, 401, "InvalidSession", "malformed")
}

// watchPath returns the path of a streaming call that watches the custom data.
func watchPath(h *backendtest.Harness) string {
	text := `{"name":"watch","arguments":[{"database":"` + h.CustomDataConfig().Database +
		`","collection":"custom_user_data"}],"service":"mongodb-atlas"}`
	return api.CallPath(h.AppID) + "?baas_request=" + url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(text)))
}

// watchUnsupported reports whether the deployment has no change streams, and checks the error response to watch then.
func watchUnsupported(t *testing.T, h *backendtest.Harness) bool {
	t.Helper()
	if h.Deployment.Can().ChangeStreams {
		return false
	}
	got := request(t, h, "GET", watchPath(h), anonymous(t, h).Access, "").expect(t, 400, "ServiceCommandNotFound",
		"has no change streams")
	if got.Header.Get("Content-Type") != "application/json" {
		t.Errorf("the refusal is of type %s", got.Header.Get("Content-Type"))
	}
	return true
}

// openStream opens a change stream of the custom data and returns its lines.
func openStream(t *testing.T, h *backendtest.Harness, query string, header http.Header) *bufio.Scanner {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", h.URL+watchPath(h)+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%d %s", res.StatusCode, res.Header)
	}
	return bufio.NewScanner(res.Body)
}

// nextEvent returns the next line that is neither empty nor a comment.
func nextEvent(t *testing.T, lines *bufio.Scanner) string {
	t.Helper()
	for lines.Scan() {
		if line := lines.Text(); line != "" && line != ":" {
			return line
		}
	}
	t.Fatalf("the stream ended: %v", lines.Err())
	return ""
}

func TestWatch(t *testing.T) {
	h := backendtest.StartWith(t, backendtest.Options{KeepAlive: 20 * time.Millisecond})
	if watchUnsupported(t, h) {
		return
	}
	id := h.CreateUser(t, "ada@example.com", "correct horse", bson.D{{Key: "note", Value: "old"}})
	a := login(t, h, "ada@example.com", "correct horse").session(t)
	byHeader := openStream(t, h, "", http.Header{"Authorization": {"Bearer " + a.Access}, "Accept": {"text/event-stream"}})
	byQuery := openStream(t, h, "&baas_at="+url.QueryEscape(a.Access), http.Header{})
	set := bson.D{{Key: "$set", Value: bson.D{{Key: "note", Value: "100%\r\nnew"}}}}
	if _, err := h.CustomData().UpdateOne(t.Context(), bson.D{{Key: "userId", Value: id}}, set,
		store.Change{}); err != nil {
		t.Fatal(err)
	}
	for _, lines := range []*bufio.Scanner{byHeader, byQuery} {
		line := nextEvent(t, lines)
		data, ok := strings.CutPrefix(line, "data: ")
		if !ok || strings.ContainsAny(data, "\r\n") {
			t.Fatalf("event %q", line)
		}
		data = strings.NewReplacer("%25", "%", "%0A", "\n", "%0D", "\r").Replace(data)
		var event struct {
			Operation string `json:"operationType"`
			Full      struct {
				Note string `json:"note"`
			} `json:"fullDocument"`
		}
		if err := json.Unmarshal([]byte(data), &event); err != nil || event.Operation != "update" ||
			event.Full.Note != "100%\r\nnew" {
			t.Errorf("event %s: %v", data, err)
		}
	}

	// A stream ends with its session, with an error event.
	request(t, h, "DELETE", api.SessionPath, a.Refresh, "").expect(t, 204, "", "")
	for _, lines := range []*bufio.Scanner{byHeader, byQuery} {
		if line := nextEvent(t, lines); line != "event: error" {
			t.Errorf("line %q", line)
		}
		if line := nextEvent(t, lines); !strings.Contains(line, `"error_code":"InvalidSession"`) {
			t.Errorf("line %q", line)
		}
		if lines.Scan(); lines.Scan() {
			t.Errorf("after the error %q", lines.Text())
		}
	}
	if log := h.Log.String(); strings.Contains(log, a.Access) || strings.Contains(log, "baas_at") || strings.Contains(log,
		a.Refresh) {
		t.Error("the log holds a token")
	}
}

// Close ends the streams, so that the shutdown does not wait for them.
func TestClosingEndsStreams(t *testing.T) {
	h := backendtest.Start(t)
	if watchUnsupported(t, h) {
		return
	}
	a := anonymous(t, h)
	lines := openStream(t, h, "", http.Header{"Authorization": {"Bearer " + a.Access}})
	if err := h.Service.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() {
		t.Errorf("unexpected line %q of the stream", lines.Text())
	}
	if err := lines.Err(); err != nil {
		t.Errorf("the stream failed: %v", err)
	}
	request(t, h, "GET", api.ProfilePath, a.Access, "").expect(t, 200, "", "")
}

// Each stream keeps a connection to the database. The limit per user leaves connections for other users.
func TestManyStreams(t *testing.T) {
	h := backendtest.Start(t)
	if watchUnsupported(t, h) {
		return
	}
	const maxStreams, users = 50, 5
	var last session
	for range users {
		last = anonymous(t, h)
		for range maxStreams {
			openStream(t, h, "", http.Header{"Authorization": {"Bearer " + last.Access}})
		}
	}
	request(t, h, "GET", watchPath(h), last.Access, "").expect(t, 429, "", "too many streams")
	for range 3 {
		anonymous(t, h)
		request(t, h, "GET", api.ProfilePath, last.Access, "").expect(t, 200, "", "")
	}
}
