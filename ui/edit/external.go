package edit

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/nav"
	"dossier/ui/request"
	"dossier/ui/state"
)

// maxEditingTime limits the time that a text is open in the user's editor.
const maxEditingTime = 30 * 24 * time.Hour

// editedText is what the user's editor saved.
type editedText struct {
	text    string
	changed bool
	accept  bool         // a valid text is accepted without another key press
	fault   *model.Fault // why the editor failed, perhaps after it saved the text; nil: it did not
}

// textTask opens a task's stage, and its text in the user's editor.
type textTask struct{ task }

func (t textTask) start(e *Editor) tea.Cmd {
	return t.thenEdit(e, t.task.start(e))
}

// thenEdit opens the text of the stage, as soon as it is written.
func (t textTask) thenEdit(e *Editor, start tea.Cmd) tea.Cmd {
	if p, ok := e.stage.(*preparing); ok {
		p.edits = true
		return start
	}
	return tea.Batch(start, e.editText(true))
}

// textStage is a stage whose text can be edited in the user's editor.
type textStage interface {
	stage
	// pendingInput returns the text and its target.
	pendingInput() model.PendingInput
	// baseDraft returns the draft that autosave stores with the text.
	baseDraft() *model.Draft
	// replaceText replaces the text; with accept, a valid text is accepted.
	replaceText(text string, accept bool) tea.Cmd
	// refuseText shows why there is no text from the editor.
	refuseText(message string)
	// textBlocked explains why the text cannot be edited in another program; empty: it can.
	textBlocked() string
}

// editText opens the text of the stage in the user's editor.
func (e *Editor) editText(accept bool) tea.Cmd {
	s, ok := e.stage.(textStage)
	if !ok {
		return nil
	}
	reason := s.textBlocked()
	switch {
	case e.requests.Busy():
		reason = "the review opens"
	case e.TextEditor == nil:
		reason = "there is no editor for texts here"
	}
	if reason != "" {
		s.refuseText(reason)
		return nil
	}
	editor, account, input := e.TextEditor, e.User.Account().ID, s.pendingInput()
	draft := s.baseDraft().WithPendingInput(input)
	cmd := request.Start(e.external, func(ctx context.Context) (editedText, error) {
		text, err := editor.Edit(ctx, account, draft)
		return editedText{text: text, changed: text != input.Text, accept: accept && err == nil,
			fault: model.AsFault("edit the text", err)}, ctx.Err()
	})
	if e.Release == nil {
		return cmd
	}
	return e.Release(cmd)
}

// takeText takes what the user's editor saved.
func (e *Editor) takeText(m request.Response[editedText]) tea.Cmd {
	if !request.Accept(e.external, m) {
		return nil
	}
	edited := m.Value
	s, ok := e.stage.(textStage)
	switch {
	case m.Err != nil || !ok: // the editor was ended, or its dialog is gone: the file stays for the next start
		return nil
	case !edited.changed:
		s.refuseText("the editor left the text as it was")
		if edited.fault != nil {
			s.refuseText(e.State.FaultText(edited.fault) + "; nothing was changed")
		}
		return e.closeText()
	}
	editor, account := e.TextEditor, e.User.Account().ID
	e.autosave.deleteAfterNext(func() error { return editor.Close(account) })
	cmd := s.replaceText(edited.text, edited.accept)
	if edited.fault != nil {
		s.refuseText(e.State.FaultText(edited.fault) + "; what it saved is here, not accepted yet")
	}
	return cmd
}

// closeText deletes the editor's file, outside the event loop.
func (e *Editor) closeText() tea.Cmd {
	editor, account := e.TextEditor, e.User.Account().ID
	return func() tea.Msg {
		if err := editor.Close(account); err != nil {
			return nav.Notify{Text: state.FaultMessage(model.AsFault("delete the edited file", err))}
		}
		return nil
	}
}

func (f *form) pendingInput() model.PendingInput { return f.typed() }
func (f *form) refuseText(message string)        { f.message = message }

func (f *form) textBlocked() string {
	switch {
	case !f.e.State.Shows(f.path):
		return f.e.Keys.Expand("a masked value cannot be edited in another program: {document.reveal-value} reveals it, " +
			"{everywhere.mask} shows all")
	case !f.input.captures():
		return "there is no text to edit: a value of type " + string(f.input.kind) + " is chosen here"
	}
	return ""
}

func (f *form) replaceText(content string, accept bool) tea.Cmd {
	f.setInput(f.input.kind, content)
	f.input.dirty, f.nameFocused, f.message = true, false, ""
	cmd := f.validate()
	switch {
	case accept || f.validator.fault != nil && !f.validator.pending():
		f.then = reviewDraft
		return tea.Batch(cmd, f.accept())
	}
	return cmd
}

func (ed *documentEditor) pendingInput() model.PendingInput { return ed.typed() }
func (ed *documentEditor) refuseText(message string)        { ed.message = message }
func (ed *documentEditor) textBlocked() string              { return "" } // it does not open while data is masked

func (ed *documentEditor) replaceText(content string, accept bool) tea.Cmd {
	ed.setText(content)
	ed.message = ""
	cmd := ed.validate()
	if accept || ed.validator.fault != nil && !ed.validator.pending() {
		return tea.Batch(cmd, ed.accept())
	}
	return cmd
}
