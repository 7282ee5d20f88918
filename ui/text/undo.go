package text

import (
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
)

// The limits of what can be undone. The newest step is always kept.
const (
	maxSteps     = 1000
	maxStepBytes = 64 << 20 // the lines of all steps, most of which share memory with the text
)

// stepKind decides which steps are undone together.
type stepKind int

const (
	otherStep stepKind = iota // a paste, a line break, a deleted word: undone alone
	typedStep                 // typed characters up to the next word
	eraseStep                 // characters deleted one after the other
)

// position is a line and a byte offset in it.
type position struct{ row, offset int }

// step is a change: some lines became others.
type step struct {
	kind          stepKind
	row           int // the first of the lines
	old, new      []string
	before, after position // of the cursor
}

func (s step) bytes() (n int) {
	for _, line := range s.old {
		n += len(line)
	}
	for _, line := range s.new {
		n += len(line)
	}
	return n
}

// history is the steps that can be undone and redone. The zero value is empty.
type history struct {
	done, undone []step
	bytes        int // of all steps that were added
}

// add records a step, together with the last one if both belong to a word, or to a run of deleted characters. It
// forgets the oldest steps beyond the limits.
func (h *history) add(s step) {
	for _, undone := range h.undone {
		h.bytes -= undone.bytes()
	}
	h.undone = nil
	if n := len(h.done) - 1; n >= 0 && joins(h.done[n], s) {
		h.bytes -= h.done[n].bytes()
		h.done[n].new, h.done[n].after = s.new, s.after
		h.bytes += h.done[n].bytes()
		return
	}
	h.done = append(h.done, s)
	h.bytes += s.bytes()
	for len(h.done) > 1 && (len(h.done) > maxSteps || h.bytes > maxStepBytes) {
		h.bytes -= h.done[0].bytes()
		h.done[0] = step{} // its lines are free now
		h.done = h.done[1:]
	}
}

// joins reports whether a step continues the last one.
func joins(last, next step) bool {
	if last.kind == otherStep || last.kind != next.kind || last.row != next.row || last.after != next.before {
		return false
	}
	if next.kind == eraseStep {
		return true
	}
	r, _ := utf8.DecodeRuneInString(next.new[0][next.before.offset:])
	previous, _ := utf8.DecodeLastRuneInString(next.old[0][:next.before.offset])
	return unicode.IsSpace(r) || !unicode.IsSpace(previous)
}

// undo takes the last step back and returns it; false: there is none.
func (h *history) undo() (step, bool) {
	if len(h.done) == 0 {
		return step{}, false
	}
	s := h.done[len(h.done)-1]
	h.done, h.undone = h.done[:len(h.done)-1], append(h.undone, s)
	return s, true
}

// redo carries the step out again that was undone last.
func (h *history) redo() (step, bool) {
	if len(h.undone) == 0 {
		return step{}, false
	}
	s := h.undone[len(h.undone)-1]
	h.undone, h.done = h.undone[:len(h.undone)-1], append(h.done, s)
	return s, true
}

// inverse returns the step that takes a step back.
func (s step) inverse() step {
	s.old, s.new, s.before, s.after = s.new, s.old, s.after, s.before
	return s
}

// undoKey returns the step that a key takes back or carries out again; isKey: it is such a key.
func (h *history) undoKey(press tea.KeyPressMsg) (s step, ok, isKey bool) {
	switch press.String() {
	case "ctrl+_", "ctrl+/":
		s, ok = h.undo()
		return s.inverse(), ok, true
	case "alt+_", "alt+/", "ctrl+y":
		s, ok = h.redo()
		return s, ok, true
	}
	return step{}, false, false
}

// kindOf returns the kind of the step that a key makes.
func kindOf(press tea.KeyPressMsg) stepKind {
	switch press.String() {
	case "backspace", "ctrl+h", "shift+backspace", "delete", "ctrl+d":
		return eraseStep
	}
	if utf8.RuneCountInString(press.Text) == 1 {
		return typedStep
	}
	return otherStep
}
