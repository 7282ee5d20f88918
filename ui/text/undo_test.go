package text_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"dossier/ui/text"
)

func typeInto(field interface{ HandleKey(tea.KeyPressMsg) bool }, typed string) {
	for _, r := range typed {
		if r == '\n' {
			field.HandleKey(key("enter"))
			continue
		}
		field.HandleKey(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

// TestUndoTakesBackWords: typed text goes word by word, a paste and a line break as a whole.
func TestUndoTakesBackWords(t *testing.T) {
	a := text.NewArea("")
	typeInto(&a, "one two")
	a.HandleKey(key("enter"))
	a.Paste("pasted\rlines")
	for range 3 {
		a.HandleKey(key("backspace"))
	}
	want := []string{"one two\npasted\nlines", "one two\n", "one two", "one ", "", ""}
	for i, text := range want {
		if changed := a.HandleKey(key("ctrl+_")); a.Value() != text || changed != (i < len(want)-1) {
			t.Errorf("undone %d times: %q, changed %v, want %q", i+1, a.Value(), changed, text)
		}
	}
	for range len(want) {
		a.HandleKey(key("alt+_"))
	}
	if row, offset := a.Position(); a.Value() != "one two\npasted\nli" || row != 2 || offset != 2 || a.ByteLen() != 17 {
		t.Errorf("redone: %q at (%d, %d), %d bytes", a.Value(), row, offset, a.ByteLen())
	}
	a.HandleKey(key("ctrl+_"))
	typeInto(&a, "!")
	if a.HandleKey(key("alt+_")) {
		t.Error("after a change nothing can be redone")
	}
	l := text.NewLine("start")
	typeInto(&l, " more")
	l.HandleKey(key("ctrl+w"))
	l.HandleKey(key("ctrl+_"))
	if l.Value() != "start more" {
		t.Errorf("the line has %q", l.Value())
	}
	l.HandleKey(key("ctrl+_"))
	if l.HandleKey(key("ctrl+_")); l.Value() != "start" || l.Offset() != 5 {
		t.Errorf("the line has %q, cursor at %d", l.Value(), l.Offset())
	}
}

// A hidden text that was deleted does not come back: its length would show.
func TestHiddenTextIsNotUndone(t *testing.T) {
	l := text.NewLine("secret")
	l.Mask, l.Hidden = "•", true
	l.HandleKey(key("ctrl+u"))
	if l.HandleKey(key("ctrl+_")) || l.Value() != "" {
		t.Errorf("the line has %q", l.Value())
	}
}

// TestUndoIsExact: after any keys, undoing all restores the first text, and redoing all the last one.
func TestUndoIsExact(t *testing.T) {
	keys := strings.Fields("a b é 漢 space enter enter backspace delete ctrl+w ctrl+u ctrl+k alt+d left right up down " +
		"home end " +
		"ctrl+_ alt+_")
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 1))
		a, l := text.NewArea("first line\n  second\n\nlast"), text.NewLine("a line of text")
		first, firstLine := a.Value(), l.Value()
		for range 60 {
			k := keys[random.IntN(len(keys))]
			switch random.IntN(10) {
			case 0:
				a.Paste("x\ry\r\rz")
				l.Paste("words and words")
			case 1:
				a.MoveTo(random.IntN(5), random.IntN(5)/2)
			default:
				a.HandleKey(key(k))
				l.HandleKey(key(k))
			}
			if a.ByteLen() != len(a.Value()) {
				t.Fatalf("seed %d, %s: %d bytes of %q", seed, k, a.ByteLen(), a.Value())
			}
		}
		for a.HandleKey(key("alt+_")) {
		}
		for l.HandleKey(key("alt+_")) {
		}
		last, lastLine := a.Value(), l.Value()
		for a.HandleKey(key("ctrl+_")) {
		}
		for l.HandleKey(key("ctrl+_")) {
		}
		if a.Value() != first || l.Value() != firstLine {
			t.Fatalf("seed %d: undone to %q and %q", seed, a.Value(), l.Value())
		}
		for a.HandleKey(key("alt+_")) {
		}
		for l.HandleKey(key("alt+_")) {
		}
		if a.Value() != last || l.Value() != lastLine {
			t.Fatalf("seed %d: redone to %q and %q, want %q and %q", seed, a.Value(), l.Value(), last, lastLine)
		}
	}
}
