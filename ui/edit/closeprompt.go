package edit

import (
	"fmt"
	"image"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/state"
)

// closePrompt asks before input is lost: because it could not be stored, or because the draft is to be discarded.
type closePrompt struct {
	e          *Editor
	draft      *model.Draft // what would be lost
	discarding bool         // the user wants to discard it
}

// discardDraft asks whether to discard the draft.
func (e *Editor) discardDraft(d *model.Draft) tea.Cmd {
	e.interrupted, e.stage = e.stage, &closePrompt{e: e, draft: d, discarding: true}
	return nil
}

// newClosePrompt returns the prompt for the editor's interrupted stage.
func newClosePrompt(e *Editor) *closePrompt { return &closePrompt{e: e, draft: keptDraft(e)} }

func (c *closePrompt) update(tea.Msg) tea.Cmd { return nil }

func (c *closePrompt) do(a keys.Action) tea.Cmd {
	switch a {
	case keys.Cancel:
		if c.discarding {
			return c.e.show(c.e.interrupted)
		}
		return c.e.close()
	case keys.Discard:
		notice := nav.Send(nav.Notify{Text: state.Public(c.e.Keys.Expand("the draft is discarded: " +
			"{document.undo-edit} brings it back"))})
		return tea.Batch(c.e.storeDraft(nil), notice, c.e.close())
	case keys.Accept:
		return c.e.show(c.e.interrupted)
	}
	return nil
}

func (c *closePrompt) draw(size image.Point) ([]string, *image.Point) {
	lines := append(c.lines(size.X), "")
	below, _ := c.e.interrupted.draw(image.Pt(size.X, max(0, size.Y-len(lines))))
	return append(lines, below...), nil
}

// lines returns the question and a summary of the draft.
func (c *closePrompt) lines(width int) []string {
	s := c.e.Styles
	question := "Close? The change is not saved and could not be kept: it will be lost."
	if c.discarding {
		question = "Discard the whole draft? Nothing of it is saved:"
	}
	var lines []string
	for _, w := range model.Show(question).Wrap(max(1, width-2)) {
		lines = append(lines, " "+s.Warn.Render(w.String()))
	}
	for _, t := range c.draft.PendingInputs() {
		lines = append(lines, c.e.draftLine(c.e.describeTyped(t), width))
	}
	edits := c.draft.Edits()
	const maxLines = 4
	for i, x := range edits {
		if i == maxLines {
			lines = append(lines, s.Muted.Render(fmt.Sprintf("   %s and %d more", s.Glyphs.Ellipsis, len(edits)-i)))
			break
		}
		summary := x.Path.String() + " removed"
		if !x.Unset {
			summary = x.Path.String() + ": " + c.e.display(nil, x.Value).String()
		}
		lines = append(lines, c.e.draftLine(summary, width))
	}
	return lines
}

// keptDraft returns the draft that is kept when the interrupted stage is closed.
func keptDraft(e *Editor) *model.Draft {
	current := e.interrupted
	if t, ok := current.(*kindPicker); ok {
		current = t.form
	}
	switch u := current.(type) {
	case *form:
		if u.changed() {
			return u.baseDraft().WithPendingInput(u.typed())
		}
	case *documentEditor:
		if u.dirty {
			return u.baseDraft().WithPendingInput(u.typed())
		}
	case *review:
		return u.plan.draft
	case *conflict:
		return u.stored
	}
	return e.draft
}

func (c *closePrompt) rows(width int) int {
	if n := c.e.interrupted.rows(width); n > 0 {
		return n + len(c.lines(width)) + 1
	}
	return 0
}
func (c *closePrompt) capturing() bool { return false }
func (c *closePrompt) scope() keys.Scope {
	if c.discarding {
		return keys.DiscardDraft
	}
	return keys.DiscardPrompt
}
func (c *closePrompt) title() string { return c.e.interrupted.title() }
func (c *closePrompt) unsaved() bool { return true }

func (e *Editor) draftLine(summary string, width int) string {
	return " " + e.Styles.Modified.Render(e.Styles.Glyphs.Modified) + " " +
		e.Styles.Text.Render(model.Show(summary).Clip(max(1, width-4)).String())
}

// describeTyped names the target of the input and shows its text, masked if necessary.
func (e *Editor) describeTyped(t model.PendingInput) string {
	if t.EditTarget == model.TargetDocument {
		return fmt.Sprintf("the text of the whole document, %d lines, not reviewed yet", strings.Count(t.Text, "\n")+1)
	}
	field := t.FieldPath().String()
	switch {
	case t.FieldPath() == nil:
		field = "a new field without a name"
	case t.EditTarget == model.TargetNewElement:
		field = "a new element of " + field
	case t.EditTarget == model.TargetNewField:
		field = "the new field " + field
	}
	if t.EditTarget == model.TargetName {
		return fmt.Sprintf("%s: the new name %q, typed, not accepted yet", field, t.Name)
	}
	if t.EditTarget == model.TargetPaste {
		field = "pasted JSON"
	}
	shown := e.State.ClipText(t.Text, maxLineBytes*4)
	return field + `: "` + shown.String() + `", typed, not accepted yet`
}
