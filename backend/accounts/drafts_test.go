package accounts_test

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"dossier/backend/accounts"
	"dossier/model"
)

// newDraft returns a draft that sets the field note.
func newDraft(t *testing.T, text string) *model.Draft {
	t.Helper()
	d := model.NewDraft(nil, model.Owner{UserIDField: "userId", UserID: model.ValueOf("ann")})
	if err := d.Set(model.Path{"note"}, model.ValueOf(text)); err != nil {
		t.Fatal(err)
	}
	return d
}

// expectDraft loads a draft and checks its note; empty: no draft.
func expectDraft(t *testing.T, d accounts.Drafts, want string) {
	t.Helper()
	got, err := d.TakeOver(account("ann").ID)
	text := ""
	if got != nil {
		text = got.Edits()[0].Value.StringValue()
	}
	if err != nil || text != want {
		t.Errorf("loaded %q, %v; want %q", text, err, want)
	}
}

func saveDraft(t *testing.T, d accounts.Drafts, text string) {
	t.Helper()
	if err := d.Save(account("ann").ID, newDraft(t, text)); err != nil {
		t.Fatal(err)
	}
}

func deleteDraft(t *testing.T, d accounts.Drafts) {
	t.Helper()
	if err := errors.Join(d.Delete(account("ann").ID), d.Delete(account("ann").ID)); err != nil {
		t.Fatal(err)
	}
}

// TestDraftProcess is the program of the process that other tests start and kill: it saves a draft with the note in the
// environment and waits. Without the environment variables it does nothing.
func TestDraftProcess(t *testing.T) {
	text, dir := os.Getenv("DRAFT_NOTE"), os.Getenv("DRAFT_DIR")
	if dir == "" {
		return
	}
	s := newTestState(t)
	s.dir = dir
	d := s.open(t).Drafts()
	if saved, editing := strings.CutPrefix(text, "edit "); editing {
		openText(t, d, "as it was", saved)
	} else if saved, typed := strings.CutPrefix(text, "type and edit "); typed {
		if err := d.Save("account", draftWithInput(t, "typed before")); err != nil {
			t.Fatal(err)
		}
		openText(t, d, "typed before", saved)
	} else {
		saveDraft(t, d, text)
	}
	os.Stdout.WriteString("saved\n")
	bufio.NewReader(os.Stdin).ReadString('\n')
	expectDraft(t, d, text)
}

// startProcess starts another process that saves a draft; kill kills it.
func (s *testState) startProcess(t *testing.T, text string) (kill func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestDraftProcess$")
	cmd.Env = append(os.Environ(), "DRAFT_NOTE="+text, "DRAFT_DIR="+s.dir)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "saved\n" {
		t.Fatalf("%q, %v", line, err)
	}
	killed := false
	kill = func() {
		if !killed {
			killed = true
			cmd.Process.Kill()
			cmd.Wait()
			in.Close()
		}
	}
	t.Cleanup(kill)
	return kill
}

func TestDraftsSurviveKill(t *testing.T) {
	s := newTestState(t)
	kill := s.startProcess(t, "unfinished sen")
	d := s.open(t).Drafts()
	expectDraft(t, d, "") // its process is still running
	kill()
	expectDraft(t, d, "unfinished sen")
	expectDraft(t, s.open(t).Drafts(), "") // taken over by d
	expectDraft(t, d, "unfinished sen")
	deleteDraft(t, d)
	expectDraft(t, d, "")
}

func TestDraftPerProcess(t *testing.T) {
	s := newTestState(t)
	a, b := s.open(t).Drafts(), s.open(t).Drafts()
	saveDraft(t, a, "of a")
	expectDraft(t, b, "")
	saveDraft(t, b, "of b")
	expectDraft(t, a, "of a")
	expectDraft(t, b, "of b")
	deleteDraft(t, b)
	expectDraft(t, a, "of a")
	expectDraft(t, b, "")
}

func TestOrphanedDraftsOldestFirst(t *testing.T) {
	s := newTestState(t)
	first := s.startProcess(t, "first")
	second := s.startProcess(t, "second")
	second()
	first()
	d := s.open(t).Drafts()
	expectDraft(t, d, "first")
	saveDraft(t, d, "first, and more")
	expectDraft(t, d, "first, and more")
	deleteDraft(t, d)
	expectDraft(t, d, "second")
	deleteDraft(t, d)
	expectDraft(t, d, "")
}

func TestDraftOfEarlierVersion(t *testing.T) {
	s := newTestState(t)
	d := s.open(t).Drafts()
	saveDraft(t, d, "old")
	path := s.draftPath(t)
	if err := os.Rename(path, filepath.Join(filepath.Dir(path), "draft")); err != nil {
		t.Fatal(err)
	}
	expectDraft(t, d, "old")
}

func (s *testState) draftPath(t *testing.T) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(s.dir, "accounts", "*", "draft*"))
	if err != nil || len(paths) != 1 {
		t.Fatal(paths, err)
	}
	return paths[0]
}

func TestDamagedDraftIsMovedAside(t *testing.T) {
	s := newTestState(t)
	d := s.open(t).Drafts()
	saveDraft(t, d, "x")
	path := s.draftPath(t)
	if err := os.WriteFile(path, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := d.TakeOver(account("ann").ID); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a damaged draft: %v", err)
	}
	if renamed, _ := filepath.Glob(path + ".damaged-*"); len(renamed) != 1 {
		t.Errorf("renamed to %q", renamed)
	}
	expectDraft(t, d, "")
	saveDraft(t, d, "y")
	expectDraft(t, d, "y")
}
