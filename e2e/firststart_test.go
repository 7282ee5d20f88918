package e2e_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// The tips of the first start are stored when they are shown: they do not come back, also not after a kill.
func TestTipsOfTheFirstStart(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	h.env = append(h.env, "DOSSIER_NO_TIPS=false")
	term := openTerminal(t, h, 120, 36)
	term.see("arrows move, e edits the selected field")
	tips := filepath.Join(h.dir, "state", "dossier", "tips")
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if text, err := os.ReadFile(tips); err == nil && string(text) == "edit\n" {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("stored %q, %v", text, err)
		}
	}
	term.tmux("kill-server")
	again := openTerminal(t, h, 120, 36)
	again.see("favoriteColor")
	again.dontSee("arrows move")
}

// A screen reader gets lines of text from the built program.
func TestScreenReaderInATerminal(t *testing.T) {
	t.Parallel()
	term := openTerminal(t, newUsedHome(t), 120, 36, "--screen-reader")
	term.see("pane: custom data")
	term.press("?")
	term.see("keys: / find, esc close")
	term.press("Escape")
	term.see("pane: custom data")
	term.press("q")
	term.see("ended with 0")
}
