package edit

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/nav"
	"dossier/ui/state"
)

// cancelled leaves an input without what was typed into it, which undo brings back. next is the draft without it.
func (e *Editor) cancelled(next *model.Draft, back stage) tea.Cmd {
	if e.HasUnsaved() {
		return e.leave()
	}
	var notice tea.Cmd
	if len(next.PendingInputs()) < len(inputsOf(e.autosave.current())) {
		text := e.Keys.Expand("not changed; {document.undo-edit} brings your text back")
		notice = nav.Send(nav.Notify{Text: state.Public(text), AboutDraft: true})
	}
	store := e.autosave.cancelled(next, e.Now)
	if back != nil {
		return tea.Batch(store, notice, e.show(back))
	}
	return tea.Batch(store, notice, e.close())
}

// cancelled stores a draft without an input that was left. The step before it, which typed the input, becomes the one
// that left it.
func (a *autosaver) cancelled(d *model.Draft, now time.Time) tea.Cmd {
	a.history.cancel(a.current(), d)
	return a.replace(d, now)
}

// cancel records that an input was left: undo restores it. The step before, which typed it, is forgotten unless it
// replaced other text.
func (h *history) cancel(typed, left *model.Draft) {
	s, changed := stepBetween(typed, left)
	if !changed {
		return
	}
	if last, ok := h.undo.pop(); ok && !(last.typing && last.sameInputs(s) && !differ(last.before, left)) {
		h.undo.push(last)
	}
	s.typing, s.left = false, true
	h.redo = stepList{}
	h.undo.push(s)
}

func differ(a, b *model.Draft) bool {
	_, changed := stepBetween(a, b)
	return changed
}
