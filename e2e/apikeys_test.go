package e2e_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestAPIKeyOnTheScreen creates an API key on the screen. The key is in no file: neither while it is
// shown nor afterwards.
func TestAPIKeyOnTheScreen(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	term := openTerminal(t, h, 120, 36)
	term.see("favoriteColor")
	term.press("A")
	term.see("No API keys")
	term.press("a")
	term.typeText("build")
	term.press("Enter")
	term.see("It is shown only now")
	key := regexp.MustCompile(`[A-Za-z0-9_-]{64}`).FindString(term.tmux("capture-pane", "-p"))
	if key == "" {
		t.Fatal("no key on the screen")
	}
	noFileHas(t, h.dir, key)
	term.press("Enter")
	term.see("cannot be shown again")
	term.press("d")
	term.see("enabled")
	term.dontSee(key)
	term.press("Escape")
	term.dontSee("API keys")
	term.press("q")
	noFileHas(t, h.dir, key)
}

// noFileHas fails the test if a file below a directory contains a text.
func noFileHas(t *testing.T, dir, text string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil // files come and go while the program runs
		}
		if content, err := os.ReadFile(path); err == nil && bytes.Contains(content, []byte(text)) {
			t.Errorf("%s contains the key", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
