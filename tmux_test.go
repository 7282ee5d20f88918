package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// terminal is dossier in a real terminal, through tmux.
type terminal struct {
	t      *testing.T
	socket string
}

// openTerminal starts dossier in a tmux of its own. Without tmux the test is skipped, unless DOSSIER_REQUIRE_TMUX says that it must be there.
func openTerminal(t *testing.T, h *home, width, height int, args ...string) *terminal {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		if os.Getenv("DOSSIER_REQUIRE_TMUX") != "" {
			t.Fatal("tmux is required here and not installed")
		}
		t.Skip("tmux is not installed: .ci/run installs it")
	}
	term := &terminal{t: t, socket: fmt.Sprintf("dossier-%d-%d", os.Getpid(), time.Now().UnixNano())}
	t.Cleanup(func() { _ = exec.Command("tmux", "-L", term.socket, "kill-server").Run() })
	line := "env -i " + strings.Join(quoted(h.env), " ") + " COLORTERM=truecolor " + binary + " " + strings.Join(args, " ") + "; echo ended with $?; sleep 60"
	term.tmux("new-session", "-d", "-x", fmt.Sprint(width), "-y", fmt.Sprint(height), line)
	return term
}

func quoted(list []string) (out []string) {
	for _, s := range list {
		out = append(out, "'"+s+"'")
	}
	return out
}

func (term *terminal) tmux(args ...string) string {
	term.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-L", term.socket}, args...)...).CombinedOutput()
	if err != nil {
		term.t.Fatalf("tmux %v: %v: %s", args, err, out)
	}
	return string(out)
}

// see waits until the screen shows the text.
func (term *terminal) see(text string) {
	term.t.Helper()
	var screen string
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(30 * time.Millisecond) {
		if screen = term.tmux("capture-pane", "-p"); strings.Contains(screen, text) {
			return
		}
	}
	term.t.Fatalf("never saw %q; the screen:\n%s", text, screen)
}

// press sends keys by their tmux names.
func (term *terminal) press(keys ...string) {
	term.t.Helper()
	for _, k := range keys {
		term.tmux("send-keys", k)
	}
}

// typeText sends text as it is.
func (term *terminal) typeText(text string) {
	term.t.Helper()
	term.tmux("send-keys", "-l", text)
}

// TestEditInATerminalSurvivesARestart is the product's main job, by hand: see the value, change it, see old → new, quit, come back.
func TestEditInATerminalSurvivesARestart(t *testing.T) {
	h := newHome(t)
	term := openTerminal(t, h, 120, 36)
	term.see("favoriteColor")
	term.see("pink")
	term.press("/")
	term.typeText("favoriteColor")
	term.press("Enter", "e")
	term.see("edit favoriteColor")
	term.see("value ›")
	term.press("C-u")
	term.typeText("purple")
	term.see("purple")
	term.press("Enter")
	term.see("updateOne(")
	term.press("Enter")
	term.see("pink → purple")
	term.press("q")
	term.see("ended with 0")

	again := openTerminal(t, h, 120, 36)
	again.see("favoriteColor")
	again.see("purple")
	again.press("q")
	again.see("ended with 0")
}
