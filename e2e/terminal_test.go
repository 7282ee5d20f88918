package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// terminal is dossier in a real terminal, through tmux.
type terminal struct {
	t      *testing.T
	socket string
}

// openTerminal starts dossier in a new tmux server.
func openTerminal(t *testing.T, h *home, width, height int, args ...string) *terminal {
	t.Helper()
	return openTmux(t, width, height, "env -i "+strings.Join(quoted(h.env), " ")+" COLORTERM=truecolor "+built(t)+" "+
		strings.Join(args, " ")+"; echo ended with $?; sleep 600")
}

// openShell opens an interactive shell with job control.
func openShell(t *testing.T, h *home) *terminal {
	t.Helper()
	return openTmux(t, 120, 36, "env -i "+strings.Join(quoted(h.env), " ")+
		" HISTFILE= PS1='$ ' bash --norc --noprofile -i")
}

// openTmux runs a command line in a new tmux server. Without tmux the test is skipped; with DOSSIER_REQUIRE_TMUX it
// fails.
func openTmux(t *testing.T, width, height int, line string) *terminal {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		if os.Getenv("DOSSIER_REQUIRE_TMUX") != "" {
			t.Fatal("tmux is not installed, and DOSSIER_REQUIRE_TMUX requires it")
		}
		t.Skip("tmux is not installed (.ci/run installs it)")
	}
	term := &terminal{t: t, socket: fmt.Sprintf("dossier-%d-%d", os.Getpid(), time.Now().UnixNano())}
	t.Cleanup(func() { _ = exec.Command("tmux", "-L", term.socket, "kill-server").Run() })
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
	screen := term.tmux("capture-pane", "-p")
	for deadline := time.Now().Add(patience); !strings.Contains(screen, text); screen = term.tmux("capture-pane", "-p") {
		if time.Now().After(deadline) {
			term.t.Fatalf("the screen never showed %q; it shows:\n%s", text, screen)
		}
		time.Sleep(30 * time.Millisecond)
	}
}

// buffer returns the newest text that tmux has on its clipboard; "" when there is none.
func (term *terminal) buffer() string {
	out, err := exec.Command("tmux", "-L", term.socket, "show-buffer").Output()
	if err != nil {
		return ""
	}
	return string(out)
}

// dontSee waits until the screen does not show the text.
func (term *terminal) dontSee(text string) {
	term.t.Helper()
	for deadline := time.Now().Add(patience); strings.Contains(term.tmux("capture-pane", "-p"), text); {
		if time.Now().After(deadline) {
			term.t.Fatalf("the screen still shows %q", text)
		}
		time.Sleep(30 * time.Millisecond)
	}
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

// TestEditInATerminal edits a value, reviews and saves it, quits, finds the new value after a restart, and changes the
// theme.
func TestEditInATerminal(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	term := openTerminal(t, h, 120, 36)
	term.see("favoriteColor")
	term.see("pink")
	term.press("/")
	term.typeText("favoriteColor")
	term.press("Enter", "e")
	term.see("› pink")
	term.press("C-u")
	term.typeText("purple")
	term.see("purple")
	term.press("C-s")
	term.see("updateOne(")
	term.press("Enter")
	term.see("pink → purple")
	term.press("q")
	term.see("ended with 0")

	again := openTerminal(t, h, 120, 36)
	again.see("favoriteColor")
	again.see("purple")
	again.press("T")
	again.see("ember")
	again.press("Down", "Enter")
	theme := filepath.Join(h.dir, "state", "dossier", "theme")
	until(t, "the theme is saved", func() bool { _, err := os.Stat(theme); return err == nil })
	again.press("q")
	again.see("ended with 0")
}
