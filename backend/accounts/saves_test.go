package accounts_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

func savedChange(t *testing.T, at time.Time, was, now string) model.SavedChange {
	t.Helper()
	base, err := bson.Marshal(bson.D{{Key: "_id", Value: 1}, {Key: "userId", Value: "ann"}, {Key: "note", Value: was},
		{Key: "other", Value: strings.Repeat("x", 1000)}})
	if err != nil {
		t.Fatal(err)
	}
	d := model.NewDraft(base, model.Owner{UserIDField: "userId", UserID: model.ValueOf("ann")})
	if err := d.Set(model.Path{"note"}, model.ValueOf(now)); err != nil {
		t.Fatal(err)
	}
	return model.SavedChange{At: at, Draft: d.Compact()}
}

// Saves of all processes are kept, newest first, in a private file of limited size.
func TestSavesAreKeptForALaterRun(t *testing.T) {
	s := newTestState(t)
	a, b := s.open(t).Drafts(), s.open(t).Drafts()
	start := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
	for i := range 60 {
		d := a
		if i%2 == 1 {
			d = b
		}
		if err := d.AddSave("account", savedChange(t, start.Add(time.Duration(i)*time.Second), "old", "new")); err != nil {
			t.Fatal(err)
		}
	}
	undone := savedChange(t, start.Add(59*time.Second), "old", "new")
	undone.Undone = savedChange(t, start, "new", "old").Draft
	if err := a.AddSave("account", undone); err != nil {
		t.Fatal(err)
	}
	got, err := s.open(t).Drafts().Saves("account")
	if err != nil || len(got) != 50 || !got[0].At.Equal(start.Add(59*time.Second)) || got[0].Undone == nil ||
		got[1].Undone != nil || got[0].Draft.Edits()[0].Value.StringValue() != "new" || !got[0].At.After(got[49].At) {
		t.Errorf("%d saves, %+v, %v", len(got), got[0], err)
	}
	files, _ := filepath.Glob(filepath.Join(s.dir, "accounts", "*", "saves"))
	if len(files) != 1 {
		t.Fatalf("files %v", files)
	}
	if info, err := os.Stat(files[0]); err != nil || info.Mode().Perm() != 0o600 || info.Size() > 50*600 {
		t.Errorf("%v, %v", info, err)
	}
	if err := a.AddSave("account", savedChange(t, start.Add(time.Hour), "old", strings.Repeat("x", 17<<20))); err != nil {
		t.Fatal(err)
	}
	if got, err = b.Saves("account"); err != nil || len(got) != 1 {
		t.Errorf("%d saves beside one of 17 MB, %v", len(got), err)
	}
}

func TestDamagedSavesAreMovedAside(t *testing.T) {
	s := newTestState(t)
	d := s.open(t).Drafts()
	save := savedChange(t, time.Unix(1, 0), "old", "new")
	if err := d.AddSave("account", save); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(s.dir, "accounts", "*", "saves"))
	if err := os.WriteFile(files[0], []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := d.Saves("account"); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
	if err := d.AddSave("account", save); err != nil {
		t.Error(err)
	}
}
