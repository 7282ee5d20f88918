package edit

import (
	"fmt"
	"image"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
)

// offer shows the change that was typed before and not saved.
type offer struct {
	e     *Editor
	old   *model.Draft // as it was kept
	again *model.Draft // the same edits on the document as it is now
}

func (o *offer) update(tea.Msg) tea.Cmd { return nil }

func (o *offer) do(a keys.Action) tea.Cmd {
	switch a {
	case keys.Accept:
		if clashes := o.old.Conflicts(o.again.Base()); len(clashes) > 0 {
			return o.e.show(newConflict(o.e, o.again, clashes))
		}
		o.e.draft = o.again
		return o.e.task.start(o.e)
	case keys.Drop:
		return tea.Batch(o.e.keep(nil), o.e.task.start(o.e))
	case keys.Cancel:
		return o.e.close()
	}
	return nil
}

func (o *offer) draw(size image.Point) ([]string, *image.Point) {
	s := o.e.Styles
	changes := o.again.Changes()
	var lines []string
	for _, l := range model.Show(o.since()).Wrap(max(1, size.X-2)) {
		lines = append(lines, " "+s.Strong.Render(l.String()))
	}
	lines = append(lines, "")
	for i, c := range changes {
		if i == 5 {
			lines = append(lines, s.Muted.Render(fmt.Sprintf("   %s and %d more", s.Glyphs.Ellipsis, len(changes)-i)))
			break
		}
		lines = append(lines, o.e.change(c, size.X-3, 0)...)
	}
	return lines, nil
}

// since says from when the change is, where that is known.
func (o *offer) since() string {
	if o.old.Time().IsZero() {
		return "A change from before was not saved and is kept:"
	}
	return "An unsaved change from " + o.e.Record.Clock(o.old.Time()) + " is kept:"
}

func (o *offer) rows(int) int      { return 16 }
func (o *offer) capturing() bool   { return false }
func (o *offer) scope() keys.Scope { return keys.Kept }
func (o *offer) title() string     { return "unsaved change" }
func (o *offer) unsaved() bool     { return false }

// leaving asks what is to become of what was typed. Esc again closes and keeps it.
type leaving struct{ e *Editor }

func (l *leaving) update(tea.Msg) tea.Cmd { return nil }

func (l *leaving) do(a keys.Action) tea.Cmd {
	switch a {
	case keys.Cancel:
		return l.e.close()
	case keys.Drop:
		return tea.Batch(l.e.keep(nil), l.e.close())
	case keys.Accept:
		return l.e.show(l.e.under)
	}
	return nil
}

func (l *leaving) draw(size image.Point) ([]string, *image.Point) {
	s := l.e.Styles
	question := "Close? The change is not saved, but kept for the next time."
	if h, ok := l.e.under.(interface{ half() bool }); ok && h.half() {
		question = "Close? What stands there now is not valid and would be lost; the last valid change is kept."
	}
	var lines []string
	for _, w := range model.Show(question).Wrap(max(1, size.X-2)) {
		lines = append(lines, " "+s.Warn.Render(w.String()))
	}
	lines = append(lines, "")
	below, _ := l.e.under.draw(image.Pt(size.X, max(0, size.Y-len(lines))))
	return append(lines, below...), nil
}

func (l *leaving) rows(width int) int {
	if n := l.e.under.rows(width); n > 0 {
		return n + 3
	}
	return 0
}
func (l *leaving) capturing() bool   { return false }
func (l *leaving) scope() keys.Scope { return keys.Leaving }
func (l *leaving) title() string     { return l.e.under.title() }
func (l *leaving) unsaved() bool     { return true }
