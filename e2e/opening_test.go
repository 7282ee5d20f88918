//go:build unix

package e2e_test

import (
	"bytes"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"dossier/backend/embedded"
)

// newSignedInHome returns a machine on which dossier has run: the demo user is signed in.
func newSignedInHome(t *testing.T) *home {
	t.Helper()
	h := newUsedHome(t)
	h.ok("whoami")
	return h
}

// lockWorkspace locks the workspace's file as a process does that does not serve it. The returned function unlocks it.
func lockWorkspace(t *testing.T, h *home) func() {
	t.Helper()
	db, err := embedded.Open(workspaceFile(h.dir), embedded.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

// The first frame comes from the state directory. While the database cannot be opened the screen works, says so, and
// opens it when it can.
func TestTheScreenIsDrawnBeforeTheDatabaseIsOpen(t *testing.T) {
	t.Parallel()
	h := newSignedInHome(t)
	unlock := lockWorkspace(t, h)
	s := openScreen(t, h)
	s.see("as of ")
	s.see("favoriteColor")
	s.write("/favoriteColor\r")
	s.see("─ favoriteColor ─")
	s.see("service unreachable since")
	s.see("has locked")
	unlock()
	s.see("the service answers again")
	s.see("equals the database")
	s.see("─ favoriteColor ─")
	s.write("q")
	if code := s.end(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	s.restored()
}

func TestTheScreenEndsBeforeTheDatabaseIsOpen(t *testing.T) {
	t.Parallel()
	fastest := time.Hour
	for name, end := range map[string]func(*screen){
		"q":       func(s *screen) { s.write("q") },
		"ctrl+c":  func(s *screen) { s.write("\x03") },
		"SIGTERM": signalled(syscall.SIGTERM),
	} {
		h := newSignedInHome(t)
		unlock := lockWorkspace(t, h)
		s := openScreen(t, h)
		s.see("as of ")
		started := time.Now()
		end(s)
		if code := s.end(); code != 0 {
			t.Errorf("%s: exit code %d", name, code)
		}
		fastest = min(fastest, time.Since(started))
		s.restored()
		unlock()
	}
	if fastest > 2*time.Second { // the opening waits 3 s for the lock
		t.Errorf("the screen ended after %v", fastest)
	}
}

// A damaged file ends the screen with the error and the exit code of every command; the file is kept.
func TestTheScreenEndsWhenTheDatabaseIsDamaged(t *testing.T) {
	t.Parallel()
	h := newSignedInHome(t)
	damage := bytes.Repeat([]byte("not a database\n"), 2000)
	if err := os.WriteFile(workspaceFile(h.dir), damage, 0o600); err != nil {
		t.Fatal(err)
	}
	command := h.run("", "whoami")
	s := openScreen(t, h)
	if code := s.end(); code != command.code || code != 1 {
		t.Errorf("exit code %d, that of whoami is %d", code, command.code)
	}
	s.restored()
	line := strings.TrimSpace(command.err)
	if written := strings.TrimSpace(s.written()); !strings.Contains(written, line) {
		t.Errorf("the screen does not print %q:\n%q", line, written)
	}
	if now, err := os.ReadFile(workspaceFile(h.dir)); err != nil || !bytes.Equal(now, damage) {
		t.Errorf("the damaged file was changed: %v", err)
	}
}

// An application directory that cannot be read ends the command before the screen.
func TestTheScreenDoesNotStartWithAWrongApplication(t *testing.T) {
	t.Parallel()
	h := newSignedInHome(t)
	s := openScreen(t, h, "--app", "missing")
	if code := s.end(); code != 2 || strings.Contains(s.written(), "\x1b[?1049h") {
		t.Errorf("exit code %d\n%q", code, s.written())
	}
}
