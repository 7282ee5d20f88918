package edit

import (
	"fmt"
	"slices"

	"dossier/model"
)

// The limits of the history of a draft: steps, and bytes of the values in them.
const (
	maxSteps     = 100
	maxStepBytes = 16 << 20
)

// step is one operation on the draft.
type step struct {
	before *model.Draft // nil: there was none
	fields string       // the fields that it changed, for notices
	typing bool         // only text that is not accepted changed
	bytes  int          // of the values of before that the draft after it does not have
}

// history holds the last operations on the draft of this run, to undo and redo them. The zero value is empty.
type history struct {
	undo, redo []step
	bytes      int // of undo
}

// record adds the step from one draft to the next; drafts that do not differ are no step. Typing into one field, and
// accepting what was typed, is a single step.
func (h *history) record(before, after *model.Draft) {
	s, changed := stepBetween(before, after)
	if !changed {
		return
	}
	h.redo = nil
	if n := len(h.undo); n > 0 && h.undo[n-1].typing && h.undo[n-1].fields == s.fields {
		h.undo[n-1].typing = s.typing
		return
	}
	h.undo = append(h.undo, s)
	h.bytes += s.bytes
	for len(h.undo) > maxSteps || h.bytes > maxStepBytes && len(h.undo) > 1 {
		h.bytes -= h.undo[0].bytes
		h.undo = slices.Delete(h.undo, 0, 1)
	}
}

// clear forgets all steps: they are saved, or belong to another document.
func (h *history) clear() { *h = history{} }

// stepBetween describes the step between two drafts; false: they do not differ.
func stepBetween(before, after *model.Draft) (step, bool) {
	s := step{before: before, typing: true}
	var fields []model.Path
	add := func(p model.Path) {
		if !slices.ContainsFunc(fields, p.Equal) {
			fields = append(fields, p)
		}
	}
	old, now := editsOf(before), editsOf(after)
	for _, lists := range [][2][]model.Edit{{old, now}, {now, old}} {
		for _, e := range lists[0] {
			if !slices.ContainsFunc(lists[1], func(o model.Edit) bool { return sameEdit(e, o) }) {
				s.typing = false
				s.bytes += len(e.Value.Value)
				add(e.Path)
			}
		}
	}
	oldInput, input := inputsOf(before), inputsOf(after)
	for _, lists := range [][2][]model.PendingInput{{oldInput, input}, {input, oldInput}} {
		for _, t := range lists[0] {
			if !slices.ContainsFunc(lists[1], func(o model.PendingInput) bool { return sameInput(t, o) }) {
				add(t.FieldPath())
			}
		}
	}
	switch {
	case len(fields) == 0:
		return step{}, false
	case len(fields) == 1 && len(fields[0]) == 0:
		s.fields = "text"
	case len(fields) == 1:
		s.fields = fields[0].String()
	case len(fields) == 2:
		s.fields = fields[0].String() + " and " + fields[1].String()
	default:
		s.fields = fmt.Sprintf("%d fields", len(fields))
	}
	return s, true
}

func editsOf(d *model.Draft) []model.Edit {
	if d == nil {
		return nil
	}
	return d.Edits()
}

func inputsOf(d *model.Draft) []model.PendingInput {
	if d == nil {
		return nil
	}
	return d.PendingInputs()
}

func sameEdit(a, b model.Edit) bool {
	return a.Unset == b.Unset && a.Path.Equal(b.Path) && model.Identical(a.Value, b.Value)
}

func sameInput(a, b model.PendingInput) bool {
	return a.SameTarget(b) && a.Name == b.Name && a.Kind == b.Kind && a.Text == b.Text
}
