package edit

import (
	"fmt"
	"image"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/style"
)

// draftPrompt offers a stored draft that was not saved.
type draftPrompt struct {
	e       *Editor
	stored  *model.Draft // as it was stored
	rebased *model.Draft // the same edits on the current document
	changes []model.Change
	typed   *model.PendingInput // input that was not accepted; nil: none
}

func (o *draftPrompt) update(tea.Msg) tea.Cmd { return nil }

func (o *draftPrompt) do(a keys.Action) tea.Cmd {
	switch a {
	case keys.Accept:
		if conflicts := o.stored.Conflicts(o.rebased.Base()); len(conflicts) > 0 {
			c := newConflict(o.e, o.stored, o.rebased, conflicts)
			cmd := o.e.show(c)
			if o.typed != nil {
				return tea.Batch(cmd, c.resume(*o.typed))
			}
			return cmd
		}
		o.e.draft = o.rebased
		if o.typed != nil {
			return o.e.resume(*o.typed)
		}
		return o.e.task.start(o.e)
	case keys.Discard:
		return tea.Batch(o.e.storeDraft(nil), o.e.task.start(o.e))
	case keys.Cancel:
		return o.e.close()
	}
	return nil
}

func (o *draftPrompt) draw(size image.Point) ([]string, *image.Point) { return o.lines(size.X), nil }

func (o *draftPrompt) lines(width int) []string {
	s := o.e.Styles
	var lines []string
	for _, l := range model.Show(o.heading()).Wrap(max(1, width-2)) {
		lines = append(lines, " "+s.Strong.Render(l.String()))
	}
	lines = append(lines, "")
	if o.typed != nil {
		lines = append(lines, o.e.draftLine(o.e.describeTyped(*o.typed), width))
	}
	const maxLines = 5
	for i, c := range o.changes {
		if i == maxLines {
			lines = append(lines, s.Muted.Render(fmt.Sprintf("   %s and %d more", s.Glyphs.Ellipsis, len(o.changes)-i)))
			break
		}
		lines = append(lines, o.e.changeLines(c, width-3, 0)...)
	}
	return lines
}

func (e *Editor) draftLine(summary string, width int) string {
	return " " + e.Styles.Modified.Render(e.Styles.Glyphs.Modified) + " " +
		style.Draw(e.Styles.Text, model.Show(summary).Clip(max(1, width-4)).String())
}

// describeTyped names the target of the input and shows its text, masked if necessary.
func (e *Editor) describeTyped(t model.PendingInput) string {
	if t.EditTarget == model.TargetDocument {
		return fmt.Sprintf("the text of the whole document, %d lines, not accepted yet", strings.Count(t.Text, "\n")+1)
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
	shown := model.Clip(t.Text, maxLineBytes*4)
	if e.State.Masked {
		shown = shown.Mask()
	}
	return field + `: "` + shown.String() + `", typed and not accepted yet`
}

// heading names the time of the draft, where it is known.
func (o *draftPrompt) heading() string {
	if o.stored.ModifiedAt().IsZero() {
		return "An unsaved change is kept:"
	}
	return "An unsaved change from " + o.e.State.FormatTime(o.stored.ModifiedAt()) + " is kept:"
}

func (o *draftPrompt) rows(width int) int { return len(o.lines(width)) + 1 }
func (o *draftPrompt) capturing() bool    { return false }
func (o *draftPrompt) scope() keys.Scope  { return keys.DraftPrompt }
func (o *draftPrompt) title() string      { return "unsaved change" }
func (o *draftPrompt) unsaved() bool      { return false }

// closePrompt asks what to do with unsaved input. A second Esc closes the editor and keeps the draft.
type closePrompt struct{ e *Editor }

func (l *closePrompt) update(tea.Msg) tea.Cmd { return nil }

func (l *closePrompt) do(a keys.Action) tea.Cmd {
	switch a {
	case keys.Cancel:
		return l.e.close()
	case keys.Discard:
		return tea.Batch(l.e.storeDraft(nil), l.e.close())
	case keys.Accept:
		return l.e.show(l.e.interrupted)
	}
	return nil
}

func (l *closePrompt) draw(size image.Point) ([]string, *image.Point) {
	lines := append(l.lines(size.X), "")
	below, _ := l.e.interrupted.draw(image.Pt(size.X, max(0, size.Y-len(lines))))
	return append(lines, below...), nil
}

// lines returns the question and a summary of the draft.
func (l *closePrompt) lines(width int) []string {
	s := l.e.Styles
	question := "Close? The change is not saved. It is kept for the next time:"
	if l.e.autosave.failed {
		question = "Close? The change is not saved and could not be kept: it will be lost."
	}
	var lines []string
	for _, w := range model.Show(question).Wrap(max(1, width-2)) {
		lines = append(lines, " "+s.Warn.Render(w.String()))
	}
	current := l.e.interrupted
	if t, ok := current.(*kindPicker); ok {
		current = t.form
	}
	draft := l.e.draft
	switch u := current.(type) {
	case *form:
		if u.changed() {
			lines = append(lines, l.e.draftLine(l.e.describeTyped(u.typed()), width))
		}
	case *documentEditor:
		if u.dirty {
			summary := fmt.Sprintf("the text of the whole document, %d lines, not accepted yet", u.area.LineCount())
			lines = append(lines, l.e.draftLine(summary, width))
		}
	case *review:
		draft = u.plan.draft
	case *conflict:
		draft = u.stored
	}
	edits := draft.Edits()
	const maxLines = 4
	for i, x := range edits {
		if i == maxLines {
			lines = append(lines, s.Muted.Render(fmt.Sprintf("   %s and %d more", s.Glyphs.Ellipsis, len(edits)-i)))
			break
		}
		summary := x.Path.String() + " removed"
		if !x.Unset {
			summary = x.Path.String() + ": " + l.e.display(x.Value).String()
		}
		lines = append(lines, l.e.draftLine(summary, width))
	}
	return lines
}

func (l *closePrompt) rows(width int) int {
	if n := l.e.interrupted.rows(width); n > 0 {
		return n + len(l.lines(width)) + 1
	}
	return 0
}
func (l *closePrompt) capturing() bool   { return false }
func (l *closePrompt) scope() keys.Scope { return keys.DiscardPrompt }
func (l *closePrompt) title() string     { return l.e.interrupted.title() }
func (l *closePrompt) unsaved() bool     { return true }
