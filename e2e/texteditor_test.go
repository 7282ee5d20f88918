package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// openOnColor starts dossier with an editor, and opens favoriteColor in it.
func openOnColor(t *testing.T, h *home, script string) *terminal {
	t.Helper()
	h.env = append(h.env, "PATH="+toolDir(t, "editor", script), "EDITOR=editor --wait", "VISUAL=")
	term := openTerminal(t, h, 120, 36)
	term.see("favoriteColor")
	term.press("/")
	term.typeText("favoriteColor")
	term.press("Enter", "C-e")
	return term
}

// The editor gets a private file and the terminal; what it saves is reviewed.
func TestTheUsersEditorHasTheTerminal(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	term := openOnColor(t, h, `ls -l "$2" >"$HOME/mode"; printf '%s\n' "$@" >"$HOME/args"
echo "this is the editor"; read answer; printf '%s\n' "$answer" >"$2"`)
	term.see("this is the editor")
	term.dontSee("custom data")
	term.typeText("chartreuse")
	term.press("Enter")
	term.see("chartreuse")
	term.press("Enter")
	term.see("saved")
	mode, _ := os.ReadFile(filepath.Join(h.dir, "mode"))
	args, _ := os.ReadFile(filepath.Join(h.dir, "args"))
	path, isText := strings.CutPrefix(strings.TrimSpace(string(args)), "--wait\n")
	if !strings.HasPrefix(string(mode), "-rw-------") || !isText || !strings.HasSuffix(path, "field.txt") {
		t.Errorf("the editor got %q with mode %q", args, mode)
	}
	until(t, "the file is deleted", func() bool { _, err := os.Stat(path); return os.IsNotExist(err) })
	end(term)
}

// An interrupt is the editor's, and an editor that fails changes nothing.
func TestAnInterruptedEditorChangesNothing(t *testing.T) {
	t.Parallel()
	term := openOnColor(t, newUsedHome(t), `echo "this is the editor"; exec sleep 600`)
	term.see("this is the editor")
	term.press("C-c")
	term.see("nothing was changed")
	end(term)
}

// What an editor saved before it was killed is input that is not accepted.
func TestAnEditorThatIsKilled(t *testing.T) {
	t.Parallel()
	term := openOnColor(t, newUsedHome(t), `echo chartreuse >"$2"; kill -9 $$`)
	term.see("what it saved is here")
	term.see("chartreuse")
	term.press("C-s")
	term.see("chartreuse")
	term.press("Enter")
	term.see("saved")
	end(term)
}

// What the editor saved before dossier was killed is there at the next start.
func TestAKillWhileTheEditorRuns(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	term := openOnColor(t, h, `echo chartreuse >"$2"; p=$PPID
case "$(ps -o comm= -p $p)" in sh|dash) p=$(ps -o ppid= -p $p);; esac
echo $p >"$HOME/parent"; echo "this is the editor"; exec sleep 600`)
	term.see("this is the editor")
	parent, err := os.ReadFile(filepath.Join(h.dir, "parent"))
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("kill", "-9", strings.TrimSpace(string(parent))).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	again := openTerminal(t, h, 120, 36)
	again.see("unsaved change")
	again.press("C-s")
	again.see("chartreuse")
	end(again)
}

// end quits, so that nothing writes into the home any more.
func end(term *terminal) {
	term.t.Helper()
	term.press("C-c")
	time.Sleep(time.Second)
	if !strings.Contains(term.tmux("capture-pane", "-p"), "ended with") { // it asks
		term.press("C-c")
	}
	term.see("ended with")
}
