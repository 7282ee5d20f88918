package edit

import (
	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/nav"
	"dossier/ui/state"
)

// Next is what follows when an input is accepted or left.
type Next int

// What follows.
const (
	keepInDraft Next = iota
	reviewDraft
	editNext
	editPrevious
)

// accepted stores a draft with an accepted edit of a field and continues: back in the review that the input was opened
// from, or in the document, which selects the field.
func (e *Editor) accepted(next *model.Draft, then Next, back stage, field model.Path) tea.Cmd {
	first := e.draft.Empty() && !next.Empty()
	unchanged := len(editsOf(e.draft)) == 0 && next.Empty()
	e.draft = next
	store := e.storeDraft(next)
	if _, ofReview := back.(*review); ofReview && !next.Empty() || then == reviewDraft && !e.inRow && !next.Empty() {
		return tea.Batch(store, e.review(next))
	}
	e.next = then
	if next.Empty() && then == reviewDraft {
		e.next = keepInDraft
	}
	if e.Select != nil {
		e.Select(field)
	}
	var notice tea.Cmd
	switch {
	case unchanged:
		notice = nav.Send(nav.Notify{Text: state.Public("the database already holds this value: " + field.String())})
	case first && e.next != reviewDraft:
		notice = draftHint(e.Keys)
	}
	return tea.Batch(store, notice, e.close())
}

// discarded stores a draft without an input that the user discards, and leaves the input.
func (e *Editor) discarded(next *model.Draft, back stage, notice string) tea.Cmd {
	e.draft = next
	store := e.storeDraft(next)
	if _, ofReview := back.(*review); ofReview && !next.Empty() {
		return tea.Batch(store, e.review(next))
	}
	if back, ofConflict := back.(*conflict); ofConflict {
		return tea.Batch(store, e.show(back))
	}
	return tea.Batch(store, nav.Send(nav.Notify{Text: state.Public(notice)}), e.close())
}

// Done reports whether the editor is closed: it takes no more input.
func (e *Editor) Done() bool { return e.done }

// Rest returns the key presses and pastes that came after the one that closed the editor, while it read the document.
func (e *Editor) Rest() []tea.Msg { return e.rest }

// WantsReview reports whether the review of the draft follows.
func (e *Editor) WantsReview() bool { return e.next == reviewDraft }

// Step returns +1 or -1 if the input of the next or previous field follows; 0: none.
func (e *Editor) Step() int {
	return map[Next]int{editNext: +1, editPrevious: -1}[e.next]
}

// PressInRow handles a key press of an input in a row, which is not a dialog: the stage gets every key.
func (e *Editor) PressInRow(press tea.KeyPressMsg) tea.Cmd {
	if e.stage.capturing() {
		return e.stage.update(press)
	}
	if a, ok := e.Keys.Resolve(press, e.stage.scope()); ok {
		return e.stage.do(a)
	}
	return nil
}

// Leave ends an input in a row that the user clicked away from; what was typed is kept, not accepted.
func (e *Editor) Leave() tea.Cmd { return e.leave() }
