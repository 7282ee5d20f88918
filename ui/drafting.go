package ui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/currentuser"
	"dossier/ui/edit"
	"dossier/ui/keys"
	"dossier/ui/layout"
	"dossier/ui/nav"
	"dossier/ui/state"
)

// startDraft holds the draft of the current user; without a user there is none. That of the user before is written.
func (m *Model) startDraft() tea.Cmd {
	write := m.flushDraft()
	m.document.SetInput(nil)
	m.draft = nil
	if u, _ := m.user.User(); u != nil {
		m.draft = edit.NewCurrentDraft(m.editConfig())
	}
	return func() tea.Msg {
		if err := write(); err != nil {
			return nav.Notify{Text: state.FaultMessage(model.AsFault("store the unsaved change", err))}
		}
		return nil
	}
}

// changeDraft carries out an action of the custom data pane that changes the draft; false: it is not one.
func (m *Model) changeDraft(a keys.Action) (tea.Cmd, bool) {
	if m.focus != layout.Document || m.draft == nil {
		return nil, false
	}
	m.focused() // is drawn anew
	chosen := m.document.Changeable()
	if a == keys.Discard {
		chosen = m.document.Chosen()
	}
	switch a {
	case keys.EditField:
		return m.editInRow(m.document.Selected()), true
	case keys.RenameField:
		return m.openInput(edit.Rename(m.editConfig(), m.document.Selected())), true
	case keys.AddField:
		within, at := m.document.Within()
		return m.edit(edit.AddAt(m.editConfig(), within, at)), true
	case keys.PasteJSON:
		within, _ := m.document.Within()
		return m.edit(edit.Paste(m.editConfig(), within, "")), true
	case keys.ChangeType:
		m.document.ClearChosen()
		return m.edit(edit.ChangeType(m.editConfig(), chosen)), true
	case keys.UndoEdit:
		return m.draft.Undo(), true
	case keys.RedoEdit:
		return m.draft.Redo(), true
	}
	o, ok := operationFor(a, chosen)
	if !ok {
		return nil, false
	}
	m.document.ClearChosen()
	return m.draft.Run(o), true
}

// operationFor returns the operation of an action on fields; false: it has none.
func operationFor(a keys.Action, fields []model.Path) (edit.Operation, bool) {
	switch a {
	case keys.RemoveField:
		return edit.RemoveFields(fields), true
	case keys.Discard:
		return edit.RevertFields(fields), true
	case keys.DuplicateField:
		return edit.DuplicateFields(fields), true
	case keys.MoveUp:
		return edit.MoveItem(fields[0], -1), true
	case keys.MoveDown:
		return edit.MoveItem(fields[0], +1), true
	}
	return edit.Operation{}, false
}

// editInRow opens the input of a field in its row.
func (m *Model) editInRow(p model.Path) tea.Cmd { return m.openInput(edit.InRow(m.editConfig(), p)) }

// openInput shows an editor in its row, or as a dialog if it does not fit.
func (m *Model) openInput(e *edit.Editor, start tea.Cmd) tea.Cmd {
	if !e.Done() && !m.cfg.ScreenReader && m.document.ShowsRow(e.Path()) {
		m.document.SetInput(e)
		return tea.Batch(start, m.settleInput())
	}
	if e.Done() {
		return start
	}
	e.ToDialog()
	return tea.Batch(m.open(e), start)
}

// settleInput follows the input in a row: when it ends, the next field or the review opens; when it does not fit its
// row any more, it becomes a dialog.
func (m *Model) settleInput() tea.Cmd {
	e := m.document.Input()
	switch {
	case e == nil:
		return nil
	case e.Done():
		m.document.SetInput(nil)
		m.focused()
		cmds := []tea.Cmd{m.afterInput(e)}
		for _, msg := range e.Rest() {
			cmds = append(cmds, m.update(msg, m.now), m.settleInput())
		}
		return tea.Batch(cmds...)
	case !e.FitsRow() || !m.document.ShowsRow(e.Path()):
		m.document.SetInput(nil)
		e.ToDialog()
		return m.open(e)
	}
	return nil
}

// afterInput opens what follows an input that was accepted: the review, or the input of the next field.
func (m *Model) afterInput(e *edit.Editor) tea.Cmd {
	if e.WantsReview() {
		return m.edit(edit.Review(m.editConfig()))
	}
	if next := m.document.Next(e.Step()); e.Step() != 0 && next != nil {
		return m.editInRow(next)
	}
	return nil
}

// pasteJSON opens the editor on text that was pasted into the custom data pane, if it is JSON.
func (m *Model) pasteJSON(text string) tea.Cmd {
	if m.focus != layout.Document || m.document.CapturesKeys() || m.draft == nil {
		return m.focused().Update(tea.PasteMsg{Content: text})
	}
	if why := m.preconditions().unavailable(keys.PasteJSON); why != "" {
		return m.withNotice(toastNotice(m.cfg.Keys.Expand(why), currentuser.Plain), nil)
	}
	if !edit.IsJSON(text) {
		return m.withNotice(toastNotice(m.cfg.Keys.Expand("the pasted text is not JSON: {document.edit} edits a field, "+
			"{document.paste-json} takes JSON"), currentuser.Plain), nil)
	}
	within, _ := m.document.Within()
	return m.edit(edit.Paste(m.editConfig(), within, text))
}

// keptDraft returns the newest draft; nil: there is none.
func (m *Model) keptDraft() *model.Draft {
	if m.draft == nil {
		return nil
	}
	return m.draft.Newest()
}

// flushDraft writes the newest draft to disk before the program ends.
func (m *Model) flushDraft() func() error {
	if m.draft == nil {
		return func() error { return nil }
	}
	return m.draft.Flush()
}

// updateDraft hands a message to the current draft.
func (m *Model) updateDraft(msg tea.Msg) tea.Cmd {
	if m.draft == nil {
		return nil
	}
	return m.draft.Update(msg)
}

// Farewell returns the text to print after the screen closed: edits are kept; empty: there is none.
func (m *Model) Farewell() string {
	switch d := m.state.Draft; {
	case d == nil:
		return ""
	case d.Count() == 1:
		return "1 unsaved edit is kept; the next start shows it"
	case d.Count() == 0:
		return "unsaved text is kept; the next start shows it"
	default:
		return fmt.Sprintf("%d unsaved edits are kept; the next start shows them", d.Count())
	}
}
