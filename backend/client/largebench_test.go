package client_test

import (
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/backendtest"
	"dossier/backend/client"
	"dossier/model/testdocument"
)

// largeDocumentUser signs in a user with a document of one long text.
func largeDocumentUser(tb testing.TB, size int) *client.User {
	tb.Helper()
	h := backendtest.Start(tb)
	h.CreateUser(tb, "ann@example.com", "correct horse",
		bson.D{{Key: "text", Value: testdocument.LongText(size, false)}})
	sdk := client.New(client.Options{BaseURL: h.URL, AppID: h.AppID, Now: h.Clock.Now, Timeout: time.Minute})
	user, err := sdk.SignIn(tb.Context(), passwordCredential("ann@example.com", "correct horse"))
	if err != nil {
		tb.Fatal(err)
	}
	return user
}

// TestCheckCopiesALargeDocumentFewTimes: between the database and the client a document is copied four times: by the
// database out of its file, by the driver, by the service into the result, and by the client.
func TestCheckCopiesALargeDocumentFewTimes(t *testing.T) {
	const size, copies, others = 15_000_000, 4, 2_000_000
	user := largeDocumentUser(t, size)
	if _, err := user.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, bytes := allocated(func() {
		if check, err := user.Check(t.Context()); err != nil || !check.Exact || len(check.Document) < size {
			t.Errorf("%d bytes, exact %v, %v", len(check.Document), check.Exact, err)
		}
	})
	if bytes > copies*size+others {
		t.Errorf("a check of %d bytes allocates %d bytes", size, bytes)
	}
}

// BenchmarkCheckSixteenMegabytes measures reading a large document from the database to the client. The bytes allocated
// are those of the client, the service and the embedded database together.
func BenchmarkCheckSixteenMegabytes(b *testing.B) {
	user := largeDocumentUser(b, 15_000_000)
	b.ReportAllocs()
	for b.Loop() {
		if check, err := user.Check(b.Context()); err != nil || !check.Exact {
			b.Fatal(err, check.Exact)
		}
	}
}
