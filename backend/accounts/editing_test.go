package accounts_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/accounts"
	"dossier/model"
)

// draftWithInput returns a draft with text that is typed into a field.
func draftWithInput(t *testing.T, text string) *model.Draft {
	t.Helper()
	base, err := bson.Marshal(bson.D{{Key: "_id", Value: 1}, {Key: "userId", Value: "ada"},
		{Key: "note", Value: "stored"}})
	if err != nil {
		t.Fatal(err)
	}
	return model.NewDraft(base, model.Owner{UserIDField: "userId", UserID: model.ValueOf("ada")}).WithPendingInput(
		model.PendingInput{EditTarget: model.TargetField, Path: model.Path{"note"}, Kind: model.String, Text: text})
}

// openText opens a text for an editor, and saves another text as the editor does.
func openText(t *testing.T, d accounts.Drafts, was, saved string) string {
	t.Helper()
	path, err := d.OpenText("account", draftWithInput(t, was))
	if err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(path); err != nil || string(content) != was+"\n" {
		t.Fatalf("the editor reads %q, %v", content, err)
	}
	if err := os.WriteFile(path, []byte(saved+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTextForAnEditor(t *testing.T) {
	d := newTestState(t).open(t).Drafts()
	path := openText(t, d, "as it was", "two\nlines\n")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v", info.Mode(), err)
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("got %v, %v", info.Mode(), err)
	}
	if got, err := d.ReadText(path); err != nil || got != "two\nlines\n" {
		t.Errorf("got %q, %v", got, err)
	}
	if draft, err := d.TakeOver("account"); err != nil || draft != nil {
		t.Errorf("taken over while it is open: %v, %v", draft, err)
	}
	if err := d.CloseText("account"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Dir(path)); !os.IsNotExist(err) {
		t.Errorf("the directory is left: %v", err)
	}
}

// What an editor saved before its dossier was killed is the input of the field at the next start.
func TestTextOfAKilledProcessIsTakenOver(t *testing.T) {
	s := newTestState(t)
	kill := s.startProcess(t, "edit half a sentence")
	d := s.open(t).Drafts()
	kill()
	draft, err := d.TakeOver("account")
	if err != nil || draft == nil {
		t.Fatalf("got %v, %v", draft, err)
	}
	inputs := draft.PendingInputs()
	if len(inputs) != 1 || inputs[0].Text != "half a sentence" || inputs[0].Path.String() != "note" {
		t.Errorf("got %+v", inputs)
	}
	left, _ := filepath.Glob(filepath.Join(s.dir, "accounts", "*", "editing-*"))
	if len(left) != 0 {
		t.Errorf("left: %s", strings.Join(left, ", "))
	}
	if again, err := d.TakeOver("account"); err != nil || len(again.PendingInputs()) != 1 {
		t.Errorf("got %v, %v", again, err)
	}
}

// The editor started from what was typed before, which is stored as input of the same field: what it saved replaces it.
func TestTextOfAKilledProcessReplacesTheInputItStartedFrom(t *testing.T) {
	s := newTestState(t)
	kill := s.startProcess(t, "type and edit saved by the editor")
	d := s.open(t).Drafts()
	kill()
	draft, err := d.TakeOver("account")
	if err != nil || draft == nil {
		t.Fatalf("got %v, %v", draft, err)
	}
	if inputs := draft.PendingInputs(); len(inputs) != 1 || inputs[0].Text != "saved by the editor" {
		t.Errorf("got %+v", inputs)
	}
}

func TestUnchangedTextOfAKilledProcessIsRemoved(t *testing.T) {
	s := newTestState(t)
	kill := s.startProcess(t, "edit as it was")
	d := s.open(t).Drafts()
	kill()
	if draft, err := d.TakeOver("account"); err != nil || draft != nil {
		t.Errorf("got %v, %v", draft, err)
	}
}
