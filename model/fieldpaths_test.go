package model_test

import (
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

func TestFieldPaths(t *testing.T) {
	doc, err := bson.Marshal(bson.D{{Key: "a", Value: bson.D{{Key: "x.y", Value: 1}, {Key: "", Value: 2}}},
		{Key: "l", Value: bson.A{true, bson.D{{Key: "z", Value: 1}}}}})
	if err != nil {
		t.Fatal(err)
	}
	got := model.FieldPaths(doc, 0, nil)
	if want := []string{"a", `a.x\.y`, `a.""`, "l", "l.0", "l.1", "l.1.z"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	for _, text := range got {
		path, err := model.ParsePath(text)
		if _, found := path.Lookup(doc); err != nil || !found || path.String() != text {
			t.Errorf("%q is not a path of the document: %v", text, err)
		}
	}
	if got := model.FieldPaths(doc, 3, nil); len(got) != 3 {
		t.Errorf("limit 3: %q", got)
	}
	if got := model.FieldPaths(doc, 0, func() bool { return true }); len(got) != 0 {
		t.Errorf("stopped: %q", got)
	}
}
