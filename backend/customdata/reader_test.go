package customdata_test

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/backendtest"
	"dossier/backend/customdata"
	"dossier/model"
)

// Document returns the whole document with its _id and user id, and never another user's or another field's.
func TestDocumentIsTheWholeDocument(t *testing.T) {
	w := backendtest.Start(t)
	w.InsertCustomData(t, "ada", bson.D{{Key: "favoriteColor", Value: "pink"},
		{Key: "deep", Value: bson.D{{Key: "userId", Value: "grace"}}}})
	w.InsertCustomData(t, "grace", bson.D{{Key: "favoriteColor", Value: "blue"}})
	r := customdata.New(w.CustomDataConfig(), w.Deployment)
	doc, err := r.Document(t.Context(), "ada")
	if err != nil || doc.Lookup("favoriteColor").StringValue() != "pink" || doc.Lookup("userId").StringValue() != "ada" ||
		doc.Lookup("_id").Type != bson.TypeObjectID {
		t.Errorf("%s, %v", doc, err)
	}
	for _, id := range []string{"unknown", "", "pink"} {
		if doc, err := r.Document(t.Context(), id); doc != nil || err != nil {
			t.Errorf("%q has %s, %v", id, doc, err)
		}
	}
}

func TestDisabledCustomDataIsEmpty(t *testing.T) {
	w := backendtest.Start(t)
	w.InsertCustomData(t, "ada", bson.D{{Key: "favoriteColor", Value: "pink"}})
	off := w.CustomDataConfig()
	off.Enabled = false
	nowhere := w.CustomDataConfig()
	nowhere.Collection = ""
	for name, r := range map[string]*customdata.Reader{
		"disabled": customdata.New(off, w.Deployment), "no collection": customdata.New(nowhere, w.Deployment),
		"no deployment": customdata.New(w.CustomDataConfig(), nil), "nothing": customdata.New(model.CustomDataConfig{}, nil),
	} {
		if doc, err := r.Document(t.Context(), "ada"); doc != nil || err != nil {
			t.Errorf("%s: %s, %v", name, doc, err)
		}
	}
}
