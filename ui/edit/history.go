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
	before *model.Draft         // nil: there was none
	fields string               // the fields that it changed, for notices
	typing bool                 // only text that is not accepted changed
	inputs []model.PendingInput // the inputs that changed
	left   bool                 // an input was left without accepting it
	bytes  int                  // of the values and texts that one of the two drafts does not have
}

// stepList holds steps, the newest last. The oldest ones beyond the limits are forgotten; the newest one always stays.
type stepList struct {
	steps []step
	bytes int
}

func (l *stepList) push(s step) {
	l.steps = append(l.steps, s)
	l.bytes += s.bytes
	for len(l.steps) > maxSteps || l.bytes > maxStepBytes && len(l.steps) > 1 {
		l.bytes -= l.steps[0].bytes
		l.steps = slices.Delete(l.steps, 0, 1)
	}
}

// pop removes and returns the newest step; false: there is none.
func (l *stepList) pop() (step, bool) {
	n := len(l.steps)
	if n == 0 {
		return step{}, false
	}
	s := l.steps[n-1]
	l.steps, l.bytes = slices.Delete(l.steps, n-1, n), l.bytes-s.bytes
	return s, true
}

// history holds the last operations on the draft of this run, to undo and redo them. The zero value is empty.
type history struct{ undo, redo stepList }

// record adds the step from one draft to the next; drafts that do not differ are no step. Typing into one field, and
// accepting what was typed, is a single step.
func (h *history) record(before, after *model.Draft) {
	s, changed := stepBetween(before, after)
	if !changed {
		return
	}
	h.redo = stepList{}
	if last, ok := h.undo.pop(); ok && last.typing && last.sameInputs(s) {
		s.before = last.before
	} else if ok {
		h.undo.push(last)
	}
	h.undo.push(s)
}

// step moves the newest step of one list of the history to the other; now is the draft that the step led to. False:
// there is no step.
func (h *history) step(from, to *stepList, now *model.Draft) (step, bool) {
	last, ok := from.pop()
	if ok {
		to.push(step{before: now, fields: last.fields, inputs: last.inputs, left: last.left, bytes: last.bytes})
	}
	return last, ok
}

// seal ends the newest step: what another input types is a step of its own.
func (h *history) seal() {
	if n := len(h.undo.steps); n > 0 {
		h.undo.steps[n-1].typing = false
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
	for _, t := range changedInputs(inputsOf(before), inputsOf(after)) {
		s.inputs, s.bytes = append(s.inputs, t), s.bytes+len(t.Text)
		if p := t.FieldPath(); p != nil {
			add(p)
		}
	}
	switch {
	case len(fields) == 0 && len(s.inputs) == 0:
		return step{}, false
	case len(fields) == 0:
		s.fields = describeTarget(s.inputs[0].EditTarget)
	case len(fields) == 2:
		s.fields = fields[0].String() + " and " + fields[1].String()
	case len(fields) <= maxNamed:
		s.fields = pathNames(fields)
	default:
		s.fields = fmt.Sprintf("%d fields", len(fields))
	}
	return s, true
}

// changedInputs returns the inputs of a draft that differ from those of the one before, and those that it lacks: one of
// each target.
func changedInputs(before, after []model.PendingInput) (changed []model.PendingInput) {
	for _, list := range [][2][]model.PendingInput{{after, before}, {before, after}} {
		for _, t := range list[0] {
			same := func(o model.PendingInput) bool { return sameInput(t, o) }
			if !slices.ContainsFunc(list[1], same) && !slices.ContainsFunc(changed, t.SameTarget) {
				changed = append(changed, t)
			}
		}
	}
	return changed
}

// sameInputs reports whether two steps change the same inputs, and at least one.
func (s step) sameInputs(o step) bool {
	return len(s.inputs) > 0 && slices.EqualFunc(s.inputs, o.inputs, model.PendingInput.SameTarget)
}

// describeTarget names an input that has no field yet.
func describeTarget(t model.EditTarget) string {
	switch t {
	case model.TargetDocument:
		return "the text of the document"
	case model.TargetPaste:
		return "pasted JSON"
	}
	return "a new field"
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
