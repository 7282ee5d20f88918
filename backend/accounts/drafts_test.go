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

// note is a draft that sets one field.
func note(t *testing.T, text string) *model.Draft {
	t.Helper()
	d := model.NewDraft(nil, model.Owner{UserIDField: "userId", UserID: model.ValueOf("ann")})
	if err := d.Set(model.Path{"note"}, model.ValueOf(text)); err != nil {
		t.Fatal(err)
	}
	return d
}

// loads asks which note a process is given; empty: none.
func loads(t *testing.T, d accounts.Drafts, want string) {
	t.Helper()
	got, err := d.Load(account("ann").ID)
	text := ""
	if got != nil {
		text = got.Edits()[0].Value.StringValue()
	}
	if err != nil || text != want {
		t.Errorf("loaded %q, %v; want %q", text, err, want)
	}
}

func keeps(t *testing.T, d accounts.Drafts, text string) {
	t.Helper()
	if err := d.Save(account("ann").ID, note(t, text)); err != nil {
		t.Fatal(err)
	}
}

func drops(t *testing.T, d accounts.Drafts) {
	t.Helper()
	if err := errors.Join(d.Delete(account("ann").ID), d.Delete(account("ann").ID)); err != nil {
		t.Fatal(err)
	}
}

// TestAnotherWindow is no test of its own: it is the process that others start and kill. It keeps the note named in the environment and waits.
func TestAnotherWindow(t *testing.T) {
	text, dir := os.Getenv("WINDOW_NOTE"), os.Getenv("WINDOW_DIR")
	if dir == "" {
		return
	}
	s := newShelf(t)
	s.dir = dir
	d := s.open(t).Drafts()
	keeps(t, d, text)
	os.Stdout.WriteString("kept\n")
	bufio.NewReader(os.Stdin).ReadString('\n')
	loads(t, d, text)
}

// window starts another process that keeps a note; kill ends it as a power cut would.
func (s *shelf) window(t *testing.T, text string) (kill func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestAnotherWindow$")
	cmd.Env = append(os.Environ(), "WINDOW_NOTE="+text, "WINDOW_DIR="+s.dir)
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
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "kept\n" {
		t.Fatalf("%q, %v", line, err)
	}
	dead := false
	kill = func() {
		if !dead {
			dead = true
			cmd.Process.Kill()
			cmd.Wait()
			in.Close()
		}
	}
	t.Cleanup(kill)
	return kill
}

func TestDraftsSurviveAKill(t *testing.T) {
	s := newShelf(t)
	kill := s.window(t, "half a sen")
	d := s.open(t).Drafts()
	loads(t, d, "") // its window is still open
	kill()
	loads(t, d, "half a sen")
	loads(t, s.open(t).Drafts(), "") // it is d's now
	loads(t, d, "half a sen")
	drops(t, d)
	loads(t, d, "")
}

func TestEveryWindowHasItsOwnDraft(t *testing.T) {
	s := newShelf(t)
	a, b := s.open(t).Drafts(), s.open(t).Drafts()
	keeps(t, a, "of a")
	loads(t, b, "")
	keeps(t, b, "of b")
	loads(t, a, "of a")
	loads(t, b, "of b")
	drops(t, b)
	loads(t, a, "of a")
	loads(t, b, "")
}

func TestDraftsOfTheDeadAreOfferedOldestFirst(t *testing.T) {
	s := newShelf(t)
	first := s.window(t, "first")
	second := s.window(t, "second")
	second()
	first()
	d := s.open(t).Drafts()
	loads(t, d, "first")
	keeps(t, d, "first, and more")
	loads(t, d, "first, and more")
	drops(t, d)
	loads(t, d, "second")
	drops(t, d)
	loads(t, d, "")
}

func TestADraftOfAnEarlierVersionIsFound(t *testing.T) {
	s := newShelf(t)
	d := s.open(t).Drafts()
	keeps(t, d, "old")
	path := s.draft(t)
	if err := os.Rename(path, filepath.Join(filepath.Dir(path), "draft")); err != nil {
		t.Fatal(err)
	}
	loads(t, d, "old")
}

func (s *shelf) draft(t *testing.T) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(s.dir, "accounts", "*", "draft*"))
	if err != nil || len(paths) != 1 {
		t.Fatal(paths, err)
	}
	return paths[0]
}

func TestADamagedDraftIsMovedAside(t *testing.T) {
	s := newShelf(t)
	d := s.open(t).Drafts()
	keeps(t, d, "x")
	path := s.draft(t)
	if err := os.WriteFile(path, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Load(account("ann").ID); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a damaged draft: %v", err)
	}
	if kept, _ := filepath.Glob(path + ".damaged-*"); len(kept) != 1 {
		t.Errorf("kept %q", kept)
	}
	loads(t, d, "")
	keeps(t, d, "y")
	loads(t, d, "y")
}
