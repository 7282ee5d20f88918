//go:build unix

package e2e_test

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestADraftSurvivesAKillAtEveryStep kills the program after each step of an edit; the next one has the draft and what
// was typed.
func TestADraftSurvivesAKillAtEveryStep(t *testing.T) {
	t.Parallel()
	const (
		tags = ":tags\r\x1b[C\x1b[C" // on the first item
		find = ":favoriteColor\r"
	)
	for name, c := range map[string]struct {
		keys, shown string // what is pressed, and what the screen then shows
		again, want string // what is pressed after the next start, and shown
	}{
		"typed in a row":        {find + "eX", "› pinkX", find + "e", "› pinkX"},
		"not valid":             {":loginCount\reX", "not a valid int", ":loginCount\re", "311X"},
		"accepted":              {find + "eX\r", "✎ 1 edit", "\x13", `"pink" → "pinkX"`},
		"two fields":            {find + "eX\tY", "✎ 1 edit, unsaved text", "", "MoreauY"},
		"a name":                {find + "RX", "› favoriteColorX", find + "R", "› favoriteColorX"},
		"renamed":               {find + "RX\r", "✎ 1 edit", "\x13", "favoriteColor → favoriteColorX"},
		"an item moved":         {tags + "J", "✎ 1 edit", "\x13", "tags"},
		"a duplicate":           {find + "P", "favoriteColorCopy", "\x13", "+ favoriteColorCopy"},
		"several fields":        {find + "xxd", "✎ 2 edits", "\x13", "− displayName"},
		"a type":                {":rating\rti\r", "✎ 1 edit", "\x13", "4.8 → 4"},
		"pasted, not accepted":  {"\x1b[200~{\"planet\": \x1b[201~", "expected a value", "p", `{"planet":`},
		"pasted":                {"\x1b[200~{\"planet\": 3}\x1b[201~\x1b\r", "✎ 1 edit", "\x13", "+ planet"},
		"an undone edit":        {find + "eX\rdz", "undone: favoriteColor", "\x13", `"pink" → "pinkX"`},
		"a new field":           {"akind\rold", "old", "\x13", "› old"},
		"while the review asks": {find + "eX\x13", "guarded by", "\x13", `"pink" → "pinkX"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newUsedHome(t)
			s := openScreen(t, h)
			s.see("favoriteColor")
			s.press(c.keys)
			s.see(c.shown)
			draftWritten(t, h)
			_ = s.cmd.Process.Signal(syscall.SIGKILL)
			s.end()
			s.close()
			s = openScreen(t, h)
			s.see("✎")
			s.press(c.again)
			s.see(c.want)
			_ = s.cmd.Process.Signal(syscall.SIGKILL)
			s.end()
			s.close()
		})
	}
}

// draftWritten waits until a draft is stored and its files have not changed for a while: the newest write is done.
func draftWritten(t *testing.T, h *home) {
	t.Helper()
	state := filepath.Join(h.dir, "state")
	until(t, "a draft is stored", func() bool {
		before := filesBelow(t, state)
		time.Sleep(300 * time.Millisecond)
		return strings.Contains(before, "dossier-draft-") && before == filesBelow(t, state)
	})
}

// press writes keys with a pause before each escape sequence, so that Esc is not taken for a part of the next key.
func (s *screen) press(keys string) {
	s.t.Helper()
	for i := 0; i < len(keys); {
		n := 1
		if keys[i] == 0x1b {
			time.Sleep(100 * time.Millisecond)
			for _, sequence := range []string{"\x1b[C", "\x1b[200~", "\x1b[201~", "\x1b\r"} {
				if len(keys)-i >= len(sequence) && keys[i:i+len(sequence)] == sequence {
					n = len(sequence)
				}
			}
		}
		s.write(keys[i : i+n])
		if keys[i] == 0x1b || keys[i] == '\r' {
			time.Sleep(100 * time.Millisecond)
		}
		i += n
	}
}

// TestTheDraftOfAKilledProcessSurvivesAnother: a process that runs at the same time neither takes over nor replaces the
// draft of one that is killed. The next process has it.
func TestTheDraftOfAKilledProcessSurvivesAnother(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	killed, other := openScreen(t, h), openScreen(t, h)
	killed.see("favoriteColor")
	other.see("favoriteColor")
	killed.press(":favoriteColor\reX\r")
	killed.see("✎ 1 edit")
	draftWritten(t, h)
	_ = killed.cmd.Process.Signal(syscall.SIGKILL)
	killed.end()
	killed.close()
	other.press("E")
	other.see("edit the whole document")
	other.press(" \x1b")
	time.Sleep(300 * time.Millisecond)
	_ = other.cmd.Process.Signal(syscall.SIGKILL)
	other.end()
	other.close()
	next := openScreen(t, h)
	next.see("✎")
	next.press("\x13")
	next.see(`"pink" → "pinkX"`)
	_ = next.cmd.Process.Signal(syscall.SIGKILL)
	next.end()
	next.close()
}
