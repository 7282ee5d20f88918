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

func (p *draftPrompt) update(tea.Msg) tea.Cmd { return nil }

func (p *draftPrompt) do(a keys.Action) tea.Cmd {
	switch a {
	case keys.Accept:
		if conflicts := p.stored.Conflicts(p.rebased.Base()); len(conflicts) > 0 {
			c := newConflict(p.e, p.stored, p.rebased, conflicts)
			cmd := p.e.show(c)
			if p.typed != nil {
				return tea.Batch(cmd, c.resume(*p.typed))
			}
			return cmd
		}
		p.e.draft = p.rebased
		if p.typed != nil {
			return p.e.resume(*p.typed)
		}
		return p.e.task.start(p.e)
	case keys.Discard:
		return tea.Batch(p.e.storeDraft(nil), p.e.task.start(p.e))
	case keys.Cancel:
		return p.e.close()
	}
	return nil
}

func (p *draftPrompt) draw(size image.Point) ([]string, *image.Point) { return p.lines(size.X), nil }

func (p *draftPrompt) lines(width int) []string {
	s := p.e.Styles
	var lines []string
	for _, l := range model.Show(p.heading()).Wrap(max(1, width-2)) {
		lines = append(lines, " "+s.Strong.Render(l.String()))
	}
	lines = append(lines, "")
	if p.typed != nil {
		lines = append(lines, p.e.draftLine(p.e.describeTyped(*p.typed), width))
	}
	const maxLines = 5
	for i, c := range p.changes {
		if i == maxLines {
			lines = append(lines, s.Muted.Render(fmt.Sprintf("   %s and %d more", s.Glyphs.Ellipsis, len(p.changes)-i)))
			break
		}
		lines = append(lines, p.e.changeLines(c, width-3, 0)...)
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
	shown := e.State.Text(t.Text).Clip(maxLineBytes * 4)
	return field + `: "` + shown.String() + `", typed and not accepted yet`
}

// heading names the time of the draft, where it is known.
func (p *draftPrompt) heading() string {
	if p.stored.ModifiedAt().IsZero() {
		return "An unsaved change is kept:"
	}
	return "An unsaved change from " + p.e.State.FormatTime(p.stored.ModifiedAt()) + " is kept:"
}

func (p *draftPrompt) rows(width int) int { return len(p.lines(width)) + 1 }
func (p *draftPrompt) capturing() bool    { return false }
func (p *draftPrompt) scope() keys.Scope  { return keys.DraftPrompt }
func (p *draftPrompt) title() string      { return "unsaved change" }
func (p *draftPrompt) unsaved() bool      { return false }

// closePrompt asks what to do with unsaved input. A second Esc closes the editor and keeps the draft.
type closePrompt struct{ e *Editor }

func (c *closePrompt) update(tea.Msg) tea.Cmd { return nil }

func (c *closePrompt) do(a keys.Action) tea.Cmd {
	switch a {
	case keys.Cancel:
		return c.e.close()
	case keys.Discard:
		return tea.Batch(c.e.storeDraft(nil), c.e.close())
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
	question := "Close? The change is not saved. It is kept for the next time:"
	if c.e.autosave.failed {
		question = "Close? The change is not saved and could not be kept: it will be lost."
	}
	var lines []string
	for _, w := range model.Show(question).Wrap(max(1, width-2)) {
		lines = append(lines, " "+s.Warn.Render(w.String()))
	}
	current := c.e.interrupted
	if t, ok := current.(*kindPicker); ok {
		current = t.form
	}
	draft := c.e.draft
	switch u := current.(type) {
	case *form:
		if u.changed() {
			lines = append(lines, c.e.draftLine(c.e.describeTyped(u.typed()), width))
		}
	case *documentEditor:
		if u.dirty {
			summary := fmt.Sprintf("the text of the whole document, %d lines, not accepted yet", u.area.LineCount())
			lines = append(lines, c.e.draftLine(summary, width))
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
			summary = x.Path.String() + ": " + c.e.display(nil, x.Value).String()
		}
		lines = append(lines, c.e.draftLine(summary, width))
	}
	return lines
}

func (c *closePrompt) rows(width int) int {
	if n := c.e.interrupted.rows(width); n > 0 {
		return n + len(c.lines(width)) + 1
	}
	return 0
}
func (c *closePrompt) capturing() bool   { return false }
func (c *closePrompt) scope() keys.Scope { return keys.DiscardPrompt }
func (c *closePrompt) title() string     { return c.e.interrupted.title() }
func (c *closePrompt) unsaved() bool     { return true }
