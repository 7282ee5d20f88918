package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// copyPath presses the key that copies the selected path.
func copyPath(term *terminal) {
	term.t.Helper()
	term.see("favoriteColor")
	term.press("Y")
}

// TestCopyOverSSHGoesToTheTerminal copies in a session that looks remote. tmux takes the text with set-clipboard on.
func TestCopyOverSSHGoesToTheTerminal(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	h.env = append(h.env, "SSH_TTY=/dev/pts/9", "PATH="+toolDir(t, "xclip", `cat >"$HOME/xclip"`), "DISPLAY=:0")
	term := openTerminal(t, h, 120, 36)
	term.tmux("set-option", "-g", "set-clipboard", "on")
	copyPath(term)
	term.see("sent to the terminal: the path _id")
	until(t, "tmux takes the text", func() bool { return term.buffer() == "_id" })
	if _, err := os.Stat(filepath.Join(h.dir, "xclip")); err == nil {
		t.Error("a remote session used the clipboard of the machine it runs on")
	}
}

// TestCopyUsesTheSystemsClipboard copies in a local session with a clipboard tool; where the tool fails or has no
// display, the text goes to the terminal.
func TestCopyUsesTheSystemsClipboard(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ script, display, notice, taken string }{
		"the tool takes it": {`echo "$@" >"$HOME/args"; cat >"$HOME/taken"`, ":0", "copied the path _id", "_id"},
		"the tool fails":    {"echo cannot open display >&2; exit 1", ":0", "sent to the terminal: the path _id", ""},
		"no display":        {`cat >"$HOME/taken"`, "", "sent to the terminal: the path _id", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newUsedHome(t)
			h.env = append(h.env, "PATH="+toolDir(t, "xclip", row.script), "DISPLAY="+row.display)
			term := openTerminal(t, h, 120, 36)
			copyPath(term)
			term.see(row.notice)
			taken, _ := os.ReadFile(filepath.Join(h.dir, "taken"))
			if string(taken) != row.taken {
				t.Errorf("the clipboard has %q, want %q", taken, row.taken)
			}
			args, _ := os.ReadFile(filepath.Join(h.dir, "args"))
			if row.taken != "" && strings.TrimSpace(string(args)) != "-in -selection clipboard" {
				t.Errorf("the tool got the arguments %q", args)
			}
		})
	}
}

// toolDir returns a PATH with a shell script as its first program.
func toolDir(t *testing.T, name, script string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir + ":/usr/bin:/bin"
}
