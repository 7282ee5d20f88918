package state_test

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/state"
)

func TestDraftHasOldAndNewValues(t *testing.T) {
	base, err := bson.Marshal(bson.D{{Key: "a", Value: "x"}, {Key: "b", Value: int32(1)},
		{Key: "list", Value: bson.A{"p", "q"}}})
	if err != nil {
		t.Fatal(err)
	}
	d := model.NewDraft(base, model.Owner{UserIDField: "uid"})
	for _, err := range []error{d.Set(model.Path{"a"}, model.ValueOf("y")), d.Unset(model.Path{"b"}),
		d.Set(model.Path{"new"}, model.ValueOf(true)), d.Unset(model.Path{"list", "0"})} {
		if err != nil {
			t.Fatal(err)
		}
	}
	s := state.DraftOf(d)
	want := []string{"a changed x y", "b removed 1 ", "new added  true", "list.0 removed p "}
	for i, c := range s.Changes {
		got := c.Path.String() + " " + string(c.Kind) + " " + model.Text(c.Old) + " " + model.Text(c.New)
		if i >= len(want) || got != want[i] {
			t.Errorf("change %d is %q", i, got)
		}
	}
	if len(s.Changes) != len(want) || s.Count() != len(want) {
		t.Errorf("%d changes, counted as %d", len(s.Changes), s.Count())
	}
	if _, ok := s.EditOf(model.Path{"other"}); ok {
		t.Error("a field that the draft does not edit has an edit")
	}
	other := d.WithPendingInputs()
	if err := other.Set(model.Path{"a"}, model.ValueOf("z")); err != nil || s.Equal(state.DraftOf(other)) {
		t.Errorf("drafts with different values are equal; %v", err)
	}
}
