package server_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/backendtest"
	"dossier/backend/store"
)

// callInBSON sends a call in BSON and returns the status, the content type and the body of the response.
func callInBSON(t *testing.T, h *backendtest.Harness, access string, body []byte) (int, string, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "POST", h.URL+api.CallPath(h.AppID), bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", api.BSONType)
	req.Header.Set("Authorization", "Bearer "+access)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header.Get("Content-Type"), text
}

func rawDocument(t *testing.T, d bson.D) bson.RawValue {
	t.Helper()
	raw, err := bson.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: raw}
}

// TestCallsInBSON: the location announces them, results have the same type, errors are JSON.
func TestCallsInBSON(t *testing.T) {
	h := backendtest.Start(t)
	unusual := bson.D{{Key: "$numberInt", Value: "1"}}
	id := h.CreateUser(t, "ada@example.com", "correct horse", bson.D{{Key: "v", Value: unusual}})
	access := login(t, h, "ada@example.com", "correct horse").session(t).Access
	if location := request(t, h, "GET", api.LocationPath(h.AppID), "", ""); !strings.Contains(location.Body,
		`"dossier":{"bson":true}`) {
		t.Errorf("location %s", location.Body)
	}
	argument := func(more ...bson.E) bson.RawValue {
		return rawDocument(t, append(bson.D{{Key: "database", Value: h.CustomDataConfig().Database},
			{Key: "collection", Value: "custom_user_data"}}, more...))
	}
	call := func(name string, more ...bson.E) []byte {
		return api.Call{Name: name, Service: "mongodb-atlas", Arguments: []bson.RawValue{argument(more...)}}.BSON()
	}
	status, kind, body := callInBSON(t, h, access, call("updateOne",
		bson.E{Key: "query", Value: bson.D{{Key: "v", Value: bson.D{{Key: "$eq", Value: unusual}}}}},
		bson.E{Key: "update", Value: bson.D{{Key: "$set",
			Value: bson.D{{Key: "w", Value: bson.D{{Key: "$oid", Value: "x"}}}}}}}))
	if result, ok := api.ParseBSONResult(body); status != 200 || kind != api.BSONType || !ok ||
		result.Document().Lookup("matchedCount").Int32() != 1 {
		t.Errorf("updateOne: %d %s %s", status, kind, body)
	}
	_, _, body = callInBSON(t, h, access, call("findOne"))
	result, _ := api.ParseBSONResult(body)
	doc, _ := result.DocumentOK()
	if doc.Lookup("userId").StringValue() != id || doc.Lookup("w", "$oid").StringValue() != "x" || doc.Lookup("v",
		"$numberInt").StringValue() != "1" {
		t.Errorf("findOne: %x", body)
	}
	twice := bson.D{{Key: "query", Value: bson.D{}}, {Key: "query", Value: bson.D{}}}
	for name, tc := range map[string]struct {
		body []byte
		text string
	}{
		"empty":    {nil, "the length of a document is wrong"},
		"not BSON": {[]byte(`{"name":"find"}`), "the length of a document is wrong"},
		"cut":      {call("find")[:40], "the length of a document is wrong"},
		"malformed inside": {bytes.Replace(call("find"), []byte("\x02name\x00\x05"), []byte("\x02name\x00\x55"), 1),
			"malformed"},
		"deep":            {deepCall(1000), "too many nested levels"},
		"a function":      {api.Call{Name: "writeCustomUserData"}.BSON(), "'service' is required"},
		"a duplicate key": {call("find", twice...), "duplicate key 'arguments.0.query'"},
		"a duplicate operator": {call("find", bson.E{Key: "query", Value: bson.D{{Key: "$set", Value: twice}}}),
			"duplicate key"},
		"a forbidden expression": {call("find", bson.E{Key: "query", Value: bson.D{{Key: "$where", Value: "1"}}}),
			"not available to users"},
	} {
		status, kind, body := callInBSON(t, h, access, tc.body)
		if status != 400 || kind != api.ContentType || !strings.Contains(string(body), tc.text) {
			t.Errorf("%s: %d %s %s", name, status, kind, body)
		}
	}
	if status, _, body := callInBSON(t, h, access, bytes.Repeat([]byte("x"), api.MaxCallBody+1)); status != 413 {
		t.Errorf("a large body: %d %s", status, body)
	}
}

// deepCall is a call with nested objects.
func deepCall(levels int) []byte {
	body := []byte{5, 0, 0, 0, 0}
	for range levels {
		body = append(append([]byte{byte(len(body) + 8), byte((len(body) + 8) >> 8), 0, 0, 3, 'a', 0}, body...), 0)
	}
	return body
}

// TestWatchInBSON: a change event carries the document as it is stored.
func TestWatchInBSON(t *testing.T) {
	h := backendtest.Start(t)
	id := h.CreateUser(t, "ada@example.com", "correct horse", bson.D{{Key: "n", Value: 1}})
	access := login(t, h, "ada@example.com", "correct horse").session(t).Access
	call := api.Call{Name: "watch", Service: "mongodb-atlas", Arguments: []bson.RawValue{rawDocument(t, bson.D{
		{Key: "database", Value: h.CustomDataConfig().Database}, {Key: "collection", Value: "custom_user_data"}})}}
	path := api.CallPath(h.AppID) + "?dossier_request=" +
		strings.ReplaceAll(base64.StdEncoding.EncodeToString(call.BSON()), "+", "%2B")
	req, err := http.NewRequestWithContext(t.Context(), "GET", h.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+access)
	res, err := http.DefaultClient.Do(req)
	if err != nil || res.StatusCode != 200 {
		t.Skipf("no change streams: %v", err)
	}
	defer res.Body.Close()
	set := bson.D{{Key: "$set", Value: bson.D{{Key: "v", Value: bson.D{{Key: "$numberInt", Value: "1"}}}}}}
	if _, err := h.CustomData().UpdateOne(t.Context(), bson.D{{Key: "userId", Value: id}}, set,
		store.Change{}); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 4096)
	n, err := res.Body.Read(line)
	data, found := strings.CutPrefix(strings.TrimSpace(string(line[:n])), "data: ")
	event, decodeErr := base64.StdEncoding.DecodeString(data)
	if err != nil || !found || decodeErr != nil || !api.ValidBSON(event) ||
		bson.Raw(event).Lookup("fullDocument", "v", "$numberInt").StringValue() != "1" {
		t.Errorf("event %q, %v %v", line[:n], err, decodeErr)
	}
	request(t, h, "GET", api.CallPath(h.AppID)+"?dossier_request=!", access, "").expect(t, 400, "BadRequest", "base64")
}
