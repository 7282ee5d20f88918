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
	for _, c := range []struct {
		path     model.Path
		old, now string
	}{
		{model.Path{"a"}, "x", "y"}, {model.Path{"b"}, "1", ""}, {model.Path{"new"}, "", "true"},
		{model.Path{"list", "0"}, "p", "q"}, {model.Path{"list", "1"}, "q", ""},
	} {
		e, ok := s.EditOf(c.path)
		if old, now := model.Text(e.OldValue(c.path)), model.Text(e.NewValue(c.path)); !ok || old != c.old || now != c.now {
			t.Errorf("%s: %q → %q, want %q → %q", c.path, old, now, c.old, c.now)
		}
	}
	if _, ok := s.EditOf(model.Path{"other"}); ok {
		t.Error("a field that the draft does not edit has an edit")
	}
	other := d.WithPendingInputs()
	if err := other.Set(model.Path{"a"}, model.ValueOf("z")); err != nil || s.Equal(state.DraftOf(other)) {
		t.Errorf("drafts with different values are equal; %v", err)
	}
}
