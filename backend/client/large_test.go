package client_test

import (
	"context"
	"net/http"
	"runtime"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/backendtest"
	"dossier/backend/client"
	"dossier/model"
)

// allocated returns how many objects and bytes the process allocates while f runs.
func allocated(f func()) (objects, bytes uint64) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.Mallocs - before.Mallocs, after.TotalAlloc - before.TotalAlloc
}

// TestSaveBesideALargeArray: reading a document with an array of 500,000 elements, and saving another field of it,
// handles none of the elements one by one, neither in the client nor in the service and the embedded database.
func TestSaveBesideALargeArray(t *testing.T) {
	h := backendtest.Start(t)
	list := make(bson.A, 500_000)
	for i := range list {
		list[i] = int32(i)
	}
	h.CreateUser(t, "ann@example.com", "correct horse",
		bson.D{{Key: "favoriteColor", Value: "pink"}, {Key: "list", Value: list}})
	sdk := client.New(client.Options{BaseURL: h.URL, AppID: h.AppID, Now: h.Clock.Now, Timeout: time.Minute})
	user, err := sdk.SignIn(t.Context(), passwordCredential("ann@example.com", "correct horse"))
	if err != nil {
		t.Fatal(err)
	}
	const limit = 50_000
	var check model.CheckResult
	if n, _ := allocated(func() { check, err = user.Check(t.Context()) }); err != nil || !check.Exact || n > limit {
		t.Fatalf("the check allocates %d objects (exact %v, %v)", n, check.Exact, err)
	}
	d := model.NewDraft(check.Document, check.Owner("userId", user.ID()))
	if err := d.Set(model.Path{"favoriteColor"}, model.ValueOf("purple")); err != nil {
		t.Fatal(err)
	}
	update, err := d.Update()
	if err != nil || len(update.Filter)+len(update.Update.Value) > 1000 {
		t.Fatalf("the update takes %d bytes, %v", len(update.Filter)+len(update.Update.Value), err)
	}
	var saved model.WriteResult
	if n, _ := allocated(func() { saved, err = user.Save(t.Context(), update) }); err != nil || !saved.Saved || n > limit {
		t.Errorf("the save allocates %d objects (%+v, %v)", n, saved, err)
	}
	if n, _ := allocated(func() { _, err = user.Refresh(t.Context()) }); err != nil || n > limit {
		t.Errorf("the refresh allocates %d objects (%v)", n, err)
	}
	want := append(bson.D{{Key: "favoriteColor", Value: "purple"}}, bson.E{Key: "list", Value: list})
	if after, err := user.Check(t.Context()); err != nil || !sameFields(t, after.Document, want) {
		t.Errorf("the document differs in more than the saved field (%v)", err)
	}
}

// sameFields reports whether a document has the fields of another one, byte for byte.
func sameFields(t *testing.T, doc bson.Raw, fields bson.D) bool {
	t.Helper()
	raw, err := bson.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range fields {
		if got, want := doc.Lookup(e.Key), bson.Raw(raw).Lookup(e.Key); !got.Equal(want) {
			return false
		}
	}
	return true
}

// TestSaveThatTookAllItsTime: a save without a response in time is read back, although the time of the request is over.
func TestSaveThatTookAllItsTime(t *testing.T) {
	s := newStub(t)
	user := s.signIn(t)
	saved := document(t, `{"_id":"x","userId":"`+userID+`","favoriteColor":"purple"}`)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	s.call = func(w http.ResponseWriter, function string, _ bson.Raw) {
		if function == "updateOne" {
			<-ctx.Done()
			panic(http.ErrAbortHandler)
		}
		respond(w, 200, "["+model.CanonicalJSON(saved)+"]")
	}
	got, err := user.Save(ctx, setPurple(t, document(t, storedDocument)))
	if err != nil || !got.Saved {
		t.Errorf("%+v, %v", got, err)
	}
}
